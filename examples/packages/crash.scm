;;; (packages crash) -- kill the process while it loads, and look what is left.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; `crash' starts this program again and again with the hidden command `life'.
;;; A life opens the store, checks what is in it, and loads on from there.  When
;;; `with-vat' has returned it tells through a pipe that the batch is saved, and
;;; somewhere on the way it kills its own process with SIGKILL:
;;;
;;;     building   after some packages of a batch
;;;     saving     from another thread, at a random moment of the save
;;;     saved      when the batch is saved and nobody was told yet
;;;
;;; A batch that was acknowledged must be there, and no batch may be there in
;;; part.  One that was in flight may be there or not: then it is there whole.
;;; So the store has to hold what the first K batches make, for a K that is the
;;; number acknowledged or one more; (packages expected) says what they make.
;;;
;;; Code:

(define-module (packages crash)
  #:use-module (hob)
  #:use-module (ice-9 format)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (ice-9 popen)
  #:use-module (ice-9 rdelim)
  #:use-module (ice-9 threads)
  #:use-module (packages control-file)
  #:use-module (packages display)
  #:use-module (packages expected)
  #:use-module (packages failure)
  #:use-module (packages graph)
  #:use-module (packages store)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (crash
            live))

;;; A life.

(define (tell word number)
  (format #t "~a ~a\n" word number)
  (force-output))

(define (check-number found acknowledged)
  (unless (<= acknowledged found (1+ acknowledged))
    (fail "~a were acknowledged, and ~a are there"
          (counted acknowledged "batch" "batches") found)))

(define (die)
  (kill (getpid) SIGKILL))

(define (die-after microseconds)
  (call-with-new-thread
   (lambda ()
     (usleep microseconds)
     (die))))

;; Load a batch, and die of it.  HOW is building, saving or saved; MOMENT, below
;; 1000, chooses among the moments of it.
(define (load-and-die vat directory batches descriptions how moment)
  (let ((started (seconds-now))
        (last (1+ (quotient (* moment (length descriptions)) 1000))))
    (with-vat vat
      (load-batch directory batches descriptions
                  (lambda (number)
                    (when (and (eq? how 'building) (= number last))
                      (die))))
      (when (eq? how 'saving)
        (die-after (guess-of-save started moment)))))
  ;; When the thread comes too late for the save it is death after the save.
  (if (eq? how 'saving)
      (sleep 60)
      (die)))

;; A save takes about as long as building the batch did, and a sync.
(define (guess-of-save started moment)
  (inexact->exact
   (round (* 1000 moment (+ (- (seconds-now) started) 0.006)))))

(define (load-rest vat directory batches rest number size death)
  (unless (null? rest)
    (let ((descriptions (list-head rest (min size (length rest)))))
      (match death
        ((1 how moment)
         (load-and-die vat directory batches descriptions how moment))
        (_
         (with-vat vat
           (load-batch directory batches descriptions))
         (tell 'batch number)
         (load-rest vat directory batches
                    (list-tail rest (length descriptions))
                    (1+ number) size
                    (match death
                      ((after how moment) (list (1- after) how moment))
                      (() '()))))))))

(define (parse-death words)
  (match words
    ((after how moment)
     (list (string->number after) (string->symbol how)
           (string->number moment)))
    (() '())))

(define (live folder files size durability acknowledged . death)
  "Check that @var{folder} holds the @var{acknowledged} batches, or one more,
and load the rest of @var{files}.  @var{death}, words of the command line, says
in which batch from here on to die, how, and when; without it live to the end."
  (let ((descriptions (read-packages (open-control-files files) (inf))))
    (call-with-graph folder
      (lambda (vat directory batches store)
        (let* ((found (with-vat vat ($ batches)))
               (loaded (min (* found size) (length descriptions))))
          (check-number found acknowledged)
          (with-vat vat
            (check-graph directory (list-head descriptions loaded)))
          (tell 'found found)
          (load-rest vat directory batches (list-tail descriptions loaded)
                     (1+ found) size (parse-death death))))
      #:durability durability)))

;;; Lives, one after the other.

(define (remove-store folder)
  (when (file-exists? folder)
    (for-each (lambda (name)
                (delete-file (string-append folder "/" name)))
              (scandir folder (lambda (name)
                                (not (member name '("." ".."))))))
    (rmdir folder)))

;; The children find Hob where this process found it.
(define (pass-load-paths)
  (setenv "GUILE_LOAD_PATH" (string-join %load-path ":"))
  (setenv "GUILE_LOAD_COMPILED_PATH" (string-join %load-compiled-path ":")))

(define (guile)
  (if (file-exists? "/proc/self/exe")
      (readlink "/proc/self/exe")
      "guile"))

(define (start-life folder files size durability acknowledged death)
  (apply open-pipe* OPEN_READ (guile) "--no-auto-compile"
         (car (command-line))
         (append (list "--store" folder "--batch" (number->string size)
                       "--durability" (symbol->string durability))
                 (append-map (lambda (file) (list "--from" file)) files)
                 (list "life" (number->string acknowledged))
                 (map (lambda (part) (format #f "~a" part)) death))))

;; What a life said: which batch it found to be the last, and which it
;; acknowledged last.
(define (listen pipe acknowledged)
  (let loop ((found #f) (acknowledged acknowledged))
    (let ((line (read-line pipe)))
      (if (eof-object? line)
          (values found acknowledged)
          (match (string-split line #\space)
            (("found" number)
             (loop (string->number number) (string->number number)))
            (("batch" number)
             (loop found (string->number number))))))))

;; Where to die so that KILLS deaths are spread over LEFT batches.
(define (choose-death left kills)
  (let ((stride (max 1 (quotient (* 2 left) kills)))
        (how (list-ref '(building saving saved) (random 3))))
    (list (1+ (random (min left stride)))
          how
          (random 1000))))

(define (report-life number found acknowledged death died?)
  (format #t "  life ~2@a: ~a there, whole; ~a\n" number
          (counted found "batch" "batches")
          (match (and died? death)
            (#f "loaded what was left")
            ((_ 'building _)
             (format #f "killed building batch ~a" (1+ acknowledged)))
            ((_ 'saving _)
             (format #f "killed saving batch ~a" (1+ acknowledged)))
            ((_ 'saved _)
             (format #f "killed when batch ~a was saved, before it was told"
                     (1+ acknowledged))))))

;; Did it die as it was to?  It may also find that nothing is left to load.
(define (died? number found now total status death)
  (cond
   ((and found (pair? death) (eqv? SIGKILL (status:term-sig status))) #t)
   ((and found (= now total) (eqv? 0 (status:exit-val status))) #f)
   (else
    (fail "life ~a ended with ~:[exit ~a~;signal ~:*~a~*~]; it found ~a"
          number (status:term-sig status) (status:exit-val status)
          (if found (counted found "batch" "batches") "nothing")))))

;; Gives how often there was a death, and how often a batch was found that was
;; not acknowledged.
(define (live-and-die folder files size durability total kills)
  (let next ((number 1) (acknowledged 0) (kills kills) (extra 0))
    (let* ((death (if (or (= kills 0) (= acknowledged total))
                      '()
                      (choose-death (- total acknowledged) kills)))
           (pipe (start-life folder files size durability acknowledged death)))
      (let*-values (((found now) (listen pipe acknowledged))
                    ((status) (close-pipe pipe)))
        (let ((died? (died? number found now total status death))
              (extra (if (> found acknowledged) (1+ extra) extra)))
          (report-life number found now death died?)
          (if died?
              (next (1+ number) now (1- kills) extra)
              (values (1- number) extra)))))))

(define (seed)
  (set! *random-state* (random-state-from-platform)))

(define (crash folder files size durability kills)
  "Load @var{files} into a new store in @var{folder}, with @var{kills} deaths on
the way."
  (let ((total (ceiling-quotient
                (length (read-packages (open-control-files files) (inf)))
                size)))
    (seed)
    (remove-store folder)
    (pass-load-paths)
    (format #t "loading ~a of ~a into ~a\n"
            (counted total "batch" "batches") (counted size "package")
            folder)
    (let-values (((deaths extra)
                  (live-and-die folder files size durability total kills)))
      (format #t "~a, ~a: after each exactly the acknowledged batches were \
there, ~a with the one in flight, whole: OK\n"
              (counted deaths "kill")
              (counted total "batch" "batches")
              (counted extra "time")))))
