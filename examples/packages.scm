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
;;; opens the vat, packages/crash.scm kills the process again and again and looks
;;; at what is left.
;;;
;;; Code:

(add-to-load-path (dirname (canonicalize-path (car (command-line)))))

(use-modules (hob)
             (hob persistence-store gdbm)
             (ice-9 format)
             (ice-9 match)
             (packages control-file)
             (packages crash)
             (packages display)
             (packages failure)
             (packages graph)
             (packages store)
             (packages walks)
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
  --from FILE    a list of packages; may be given more than once
                 (/var/lib/dpkg/status); one packed file is as good as another
  --batch N      packages that are saved together (50)
  --durability HOW   durable, grouped or relaxed (durable)
  --kills N      how often crash kills (10)
  --all          query shows all, however many
  --help
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
        (begin (seconds-now)))
    (call-with-graph (store-folder options)
      (lambda (vat directory batches store)
        (call-with-values
            (lambda ()
              (load-all vat directory batches files (batch-size options)))
          (lambda (counts done)
            (format #t "~a in ~a, ~,1f s: ~{~a new, ~a changed, ~a as before~}\n"
                    (counted (apply + counts) "package")
                    (counted done "batch" "batches")
                    (- (seconds-now) begin)
                    (map with-commas counts)))))
      #:durability (option-value options 'durability 'durable))))

;;; Asking

(define (call-with-stored-graph options procedure)
  (call-with-graph (store-folder options) procedure
                   #:durability (option-value options 'durability 'durable)
                   #:must-exist? #t))

(define (name-of package)
  ($ package 'name))

(define (names-of packages)
  (sort (map name-of packages) string<?))

;; How many letters must be put in, left out or replaced to make A of B.
(define (distance a b)
  (let ((columns (string-length b)))
    (let next-row ((i 0) (above (iota (1+ columns))))
      (if (= i (string-length a))
          (last above)
          (let next-column ((j 0) (row (list (1+ i))) (above above))
            (if (= j columns)
                (next-row (1+ i) (reverse row))
                (next-column
                 (1+ j)
                 (cons (min (1+ (car row))
                            (1+ (cadr above))
                            (+ (car above)
                               (if (char=? (string-ref a i) (string-ref b j))
                                   0 1)))
                       row)
                 (cdr above))))))))

(define (near? name wanted)
  (or (string-prefix? wanted name)
      (and (<= (abs (- (string-length name) (string-length wanted))) 2)
           (<= (distance name wanted) 2))))

(define (near-names directory wanted)
  (let ((found (filter (lambda (name) (near? name wanted))
                       (names-of (all-packages directory)))))
    (sort found (lambda (a b)
                  (< (distance a wanted) (distance b wanted))))))

(define (package-or-fail directory name)
  (or (find-package directory name)
      (match (near-names directory name)
        (() (fail "there is no package ~a, and none with a similar name" name))
        (names
         (fail "there is no package ~a; did you mean ~{~a~^, ~}?" name
               (list-head names (min 5 (length names))))))))

;;; query

(define some 40)

(define (display-packages title names all?)
  (unless (null? names)
    (format #t "  ~a (~a):\n" title (with-commas (length names)))
    (let ((more (- (length names) some)))
      (display-list
       (if (or all? (<= more 0))
           names
           (append (list-head names some)
                   (list (format #f "and ~a more (--all shows them)"
                                 (with-commas more)))))))))

(define (relation-text alternatives)
  (string-join (map name-of alternatives) " | "))

;; What `query' shows: data, and no references, as it leaves the vat.
(define (facts package)
  (list ($ package 'ask)
        ($ package 'version)
        (map relation-text ($ package 'needs))
        (names-of ($ package 'provides))
        (names-of ($ package 'needers))
        (names-of ($ package 'providers))))

(define (state-text version providers)
  (cond
   (version version)
   ((null? providers) "not there: no list that was loaded describes it")
   (else "not there itself, but provided by others")))

(define (display-facts name all? asked version needs provides needers providers)
  (format #t "~a ~a\n" name
          (if version
              version
              (string-append "is " (state-text version providers))))
  (display-packages "needs" needs all?)
  (display-packages "provides" provides all?)
  (display-packages "is needed by" needers all?)
  (display-packages "is provided by" providers all?)
  (format #t "  was asked for ~a\n" (counted asked "time")))

(define (command-query options name)
  (call-with-stored-graph options
    (lambda (vat directory batches store)
      (apply display-facts name (option-value options 'all)
             (with-vat vat
               (facts (package-or-fail directory name)))))))

;;; path

(define (step-text step)
  (format #f "  ~a ~a"
          (match (cdr step)
            ('needs "needs")
            ('accepts "needs, or has an alternative to,")
            ('provided-by "is provided by"))
          (name-of (car step))))

(define (command-path options from to)
  (call-with-stored-graph options
    (lambda (vat directory batches store)
      (let ((steps (with-vat vat
                     (and=> (shortest-path (package-or-fail directory from)
                                           (package-or-fail directory to))
                            (lambda (steps) (map step-text steps))))))
        (if steps
            (format #t "~a~{\n~a~}\n~a\n" from steps
                    (counted (length steps) "step"))
            (format #t "There is no way from ~a to ~a.\n" from to))))))

;;; stats

(define (most-needed packages)
  (let ((counted (sort (map (lambda (package)
                              (cons (length ($ package 'needers))
                                    (name-of package)))
                            packages)
                       (lambda (a b) (> (car a) (car b))))))
    (list-head counted (min 10 (length counted)))))

(define (figures directory batches)
  (let* ((packages (all-packages directory))
         (there (filter (lambda (package) ($ package 'version)) packages)))
    `((batches . ,($ batches))
      (there . ,(length there))
      (placeholders . ,(- (length packages) (length there)))
      (provided . ,(count (lambda (package)
                            (and (not ($ package 'version))
                                 (pair? ($ package 'providers))))
                          packages))
      (references . ,(apply + (map (lambda (package)
                                     (apply + (map length ($ package 'needs))))
                                   packages)))
      (cycle . ,(names-of (largest-cycle packages)))
      (needed . ,(most-needed packages)))))

(define (mebibytes bytes)
  (format #f "~,1f MiB" (/ bytes 1048576)))

(define (display-graph-figures figures)
  (define (figure name) (assq-ref figures name))
  (format #t "~a, loaded in ~a\n"
          (counted (figure 'there) "package")
          (counted (figure 'batches) "batch" "batches"))
  (format #t "~a for what is needed and not there; others provide ~a of them\n"
          (counted (figure 'placeholders) "placeholder")
          (with-commas (figure 'provided)))
  (format #t "~a to what is needed\n" (counted (figure 'references) "reference"))
  (display-packages "the largest cycle" (figure 'cycle) #f)
  (format #t "  the most needed:\n")
  (for-each (match-lambda
              ((needers . name)
               (format #t "    ~7@a ~a\n" (with-commas needers) name)))
            (figure 'needed)))

(define (display-store-figures information)
  (define (figure name) (assq-ref information name))
  (format #t "store: ~a records, ~a of data; ~a of files, ~a of journal\n"
          (with-commas (figure 'records))
          (mebibytes (figure 'live-bytes))
          (mebibytes (figure 'file-bytes))
          (mebibytes (figure 'journal-bytes))))

(define (command-stats options)
  (call-with-stored-graph options
    (lambda (vat directory batches store)
      (display-graph-figures (with-vat vat (figures directory batches)))
      (display-store-figures (store-information store)))))

;;; crash

(define (command-crash options)
  (crash (string-append (string-trim-right (store-folder options) #\/) "-crash")
         (files-of options)
         (batch-size options)
         (option-value options 'kills 10)))

(define (command-life options acknowledged . death)
  (apply live (store-folder options) (files-of options) (batch-size options)
         (string->number acknowledged) death))

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
