;;; packages.scm -- Debian's package graph as a persistent vat.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Each package is an object; what it needs are references to other objects.
;;; They are in a store on disk, with their cycles, and with packages that are
;;; needed and not there.  Each counts how often it was asked for.
;;;
;;;     guile packages.scm load
;;;     guile packages.scm query bash
;;;     guile packages.scm path bash libc6
;;;     guile packages.scm stats
;;;     guile packages.scm crash
;;;
;;; Where to read on: packages/graph.scm has the objects, packages/store.scm
;;; opens their vat, packages/ask.scm asks them, and packages/crash.scm kills
;;; the process again and again and looks at what is left.
;;;
;;; Code:

(add-to-load-path (dirname (canonicalize-path (car (command-line)))))

(use-modules (hob)
             (hob persistence-store gdbm)
             (ice-9 format)
             (ice-9 match)
             (packages ask)
             (packages control-file)
             (packages crash)
             (packages display)
             (packages failure)
             (packages graph)
             (packages store)
             (srfi srfi-1))

(define usage "\
Usage: guile packages.scm [OPTION]... COMMAND

  load           put the packages of this machine into the store
  query NAME     version, what it needs, what needs it, times asked
  path A B       the shortest way from A to B through what packages need
  stats          figures about the graph and its store
  crash          load into a store of its own and be killed again and again;
                 check each time that exactly the acknowledged batches are there

  --store DIR    the store, a folder (packages-store)
  --from FILE    a list of packages, packed or not; may be given more than once
                 (/var/lib/dpkg/status)
  --batch N      packages that are saved together (50)
  --durability D durable, grouped or relaxed (durable)
  --kills N      how often crash kills (10)
  --all          query shows all, however many
  --help         show this
")

;;; The command line.

(define (misused text . args)
  (format (current-error-port) "packages: ~?\n\n~a" text args usage)
  (exit 2))

(define (number-option name text)
  (let ((number (string->number text)))
    (if (and (exact-integer? number) (positive? number))
        number
        (misused "--~a ~a: this is not a number above 0" name text))))

(define (durability-option text)
  (if (member text '("durable" "grouped" "relaxed"))
      (string->symbol text)
      (misused "--durability ~a: it is durable, grouped or relaxed" text)))

;; What the text after an option means.
(define options-known
  `(("--store" . ,identity)
    ("--from" . ,identity)
    ("--batch" . ,(lambda (text) (number-option "batch" text)))
    ("--kills" . ,(lambda (text) (number-option "kills" text)))
    ("--durability" . ,durability-option)))

(define (split-option arg)
  (let ((place (and (string-prefix? "--" arg) (string-index arg #\=))))
    (if place
        (list (substring arg 0 place) (substring arg (1+ place)))
        (list arg))))

;; Options may stand anywhere.  Gives an alist, from the last to the first; the
;; words of the command are under `word'.
(define (parse-command-line args)
  (let loop ((args (append-map split-option args)) (options '()))
    (define (take known name rest)
      (when (null? rest)
        (misused "~a needs a value" name))
      (loop (cdr rest)
            (acons (string->symbol (substring name 2))
                   (known (car rest))
                   options)))
    (match args
      (() options)
      (((or "--help" "-h") . _) (display usage) (exit 0))
      (("--all" . rest) (loop rest (acons 'all #t options)))
      ((arg . rest)
       (cond
        ((assoc-ref options-known arg)
         => (lambda (known) (take known arg rest)))
        ((string-prefix? "-" arg) (misused "there is no option ~a" arg))
        (else (loop rest (acons 'word arg options))))))))

(define* (option-value options name #:optional default)
  (or (assq-ref options name) default))

(define (all-values options name)
  (reverse
   (filter-map (lambda (pair) (and (eq? (car pair) name) (cdr pair)))
               options)))

(define (store-folder options)
  (option-value options 'store "packages-store"))

(define (files-of options)
  (let ((files (all-values options 'from)))
    (if (null? files)
        '("/var/lib/dpkg/status")
        files)))

(define (durability options)
  (option-value options 'durability 'durable))

(define (batch-size options)
  (option-value options 'batch 50))

;;; load

(define (progress-part files)
  (and (control-files-size files)
       (/ (control-files-read files) (max 1 (control-files-size files)))))

;; Gives how many were new, changed, the same, and how many batches it took.
(define (load-all vat directory batches files size)
  (let ((progress (start-progress)))
    (let loop ((outcomes '()) (done 0))
      (let ((descriptions (read-packages files size)))
        (cond
         ((null? descriptions)
          (end-progress progress)
          (values (count-outcomes outcomes) done))
         (else
          (let ((more (with-vat vat
                        (load-batch directory batches descriptions))))
            (show-progress progress
                           (counted (* (1+ done) size) "package")
                           (progress-part files))
            (loop (append more outcomes) (1+ done)))))))))

(define (count-outcomes outcomes)
  (map (lambda (kind)
         (count (lambda (outcome) (eq? outcome kind)) outcomes))
       '(new changed same)))

(define (command-load options)
  (let ((files (open-control-files (files-of options)))
        (started (seconds-now)))
    (call-with-graph (store-folder options)
      (lambda (vat directory batches store)
        (call-with-values
            (lambda ()
              (load-all vat directory batches files (batch-size options)))
          (lambda (counts done)
            (format #t "~a in ~a, ~,1f s: ~{~a new, ~a changed, ~a as \
before~}\n"
                    (counted (apply + counts) "package")
                    (counted done "batch" "batches")
                    (- (seconds-now) started)
                    (map with-commas counts)))))
      #:durability (durability options))))

;;; Asking

(define (call-with-stored-graph options procedure)
  (call-with-graph (store-folder options) procedure
                   #:durability (durability options)
                   #:must-exist? #t))

(define (command-query options name)
  (call-with-stored-graph options
    (lambda (vat directory batches store)
      (query vat directory name (option-value options 'all)))))

(define (command-path options from to)
  (call-with-stored-graph options
    (lambda (vat directory batches store)
      (path vat directory from to))))

(define (command-stats options)
  (call-with-stored-graph options
    (lambda (vat directory batches store)
      (stats vat directory batches (store-information store)))))

;;; crash

(define (command-crash options)
  (crash (string-append (string-trim-right (store-folder options) #\/) "-crash")
         (files-of options)
         (batch-size options)
         (durability options)
         (option-value options 'kills 10)))

(define (command-life options acknowledged . death)
  (apply live (store-folder options) (files-of options) (batch-size options)
         (durability options) (string->number acknowledged) death))

;;; Everything

(define (run command args options)
  (match (cons command args)
    (("load") (command-load options))
    (("query" name) (command-query options name))
    (("path" from to) (command-path options from to))
    (("stats") (command-stats options))
    (("crash") (command-crash options))
    ;; What `crash' starts, and kills.
    (("life" acknowledged . death)
     (apply command-life options acknowledged death))
    (((or "load" "query" "path" "stats" "crash") . _)
     (misused "~a takes other arguments" command))
    (_ (misused "there is no command ~a" command))))

(define (main args)
  (let* ((options (parse-command-line args))
         (words (all-values options 'word)))
    (when (null? words)
      (misused "a command is needed"))
    (call-with-failures
     (lambda ()
       (run (car words) (cdr words) options))
     (lambda (sentence)
       (force-output)
       (format (current-error-port) "packages: ~a\n" sentence)
       (exit 1)))))

(main (cdr (command-line)))
