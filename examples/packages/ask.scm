;;; (packages ask) -- what can be asked of the graph, and how answers look.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Each question is one turn of the vat, which gathers plain data: names and
;;; numbers.  References could leave the turn too, but outside of one nobody can
;;; call what they refer to.
;;;
;;; Code:

(define-module (packages ask)
  #:use-module (hob)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (packages display)
  #:use-module (packages failure)
  #:use-module (packages graph)
  #:use-module (packages near)
  #:use-module (packages walks)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (query
            path
            stats))

(define (name-of package)
  ($ package 'name))

(define (names-of packages)
  (sort (map name-of packages) string<?))

(define (package-or-fail directory name)
  (or (find-package directory name)
      (match (near-names (names-of (all-packages directory)) name 5)
        (() (fail "there is no package ~a, and none with a similar name" name))
        (names
         (fail "there is no package ~a; did you mean ~{~a~^, ~}?"
               name names)))))

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
                   (list (format #f "and ~a more" (with-commas more)))))))))

(define (relation-text alternatives)
  (string-join (map name-of alternatives) " | "))

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
   ((null? providers) "is not there: no list that was loaded describes it")
   (else "is not there itself, but others provide it")))

(define (query vat directory name all?)
  "Display what there is to know about the package @var{name}, and count that it
was asked for."
  (match (with-vat vat
           (facts (package-or-fail directory name)))
    ((asked version needs provides needers providers)
     (format #t "~a ~a\n" name (state-text version providers))
     (display-packages "needs" needs all?)
     (display-packages "provides" provides all?)
     (display-packages "is needed by" needers all?)
     (display-packages "is provided by" providers all?)
     (format #t "  was asked for ~a\n" (counted asked "time")))))

;;; path

(define (step-text step)
  (match step
    ((package . how)
     (string-append (match how
                      ('needs "needs ")
                      ('accepts "needs, among alternatives, ")
                      ('provided-by "is provided by "))
                    (name-of package)))))

(define (path vat directory from to)
  "Display the shortest way from the package @var{from} to @var{to}."
  (let ((steps (with-vat vat
                 (and=> (shortest-path (package-or-fail directory from)
                                       (package-or-fail directory to))
                        (lambda (steps) (map step-text steps))))))
    (if steps
        (format #t "~a\n~{  ~a\n~}~a\n" from steps
                (counted (length steps) "step"))
        (format #t "there is no way from ~a to ~a\n" from to))))

;;; stats

(define (most-needed packages)
  (let ((all (sort (map (lambda (package)
                          (cons (length ($ package 'needers))
                                (name-of package)))
                        packages)
                   (lambda (a b)
                     (or (> (car a) (car b))
                         (and (= (car a) (car b))
                              (string<? (cdr a) (cdr b))))))))
    (list-head all (min 10 (length all)))))

(define (reference-count package)
  (apply + (map length ($ package 'needs))))

(define (figures directory batches)
  (let-values (((there missing)
                (partition (lambda (package) ($ package 'version))
                           (all-packages directory))))
    (list ($ batches)
          (length there)
          (length missing)
          (count (lambda (package) (pair? ($ package 'providers))) missing)
          (apply + (map reference-count there))
          (names-of (largest-cycle (append there missing)))
          (most-needed (append there missing)))))

(define (mebibytes bytes)
  (format #f "~,1f MiB" (/ bytes 1048576)))

(define (display-most-needed most-needed)
  (format #t "  needed by most:\n")
  (for-each (match-lambda
              ((needers . name)
               (format #t "    ~7@a ~a\n" (with-commas needers) name)))
            most-needed))

(define (display-store information)
  (define (figure name) (assq-ref information name))
  (format #t "store: ~a, ~a of data; files ~a, journal ~a\n"
          (counted (figure 'records) "record")
          (mebibytes (figure 'live-bytes))
          (mebibytes (figure 'file-bytes))
          (mebibytes (figure 'journal-bytes))))

(define (stats vat directory batches information)
  "Display figures about the graph, and about its store from @var{information}."
  (match (with-vat vat (figures directory batches))
    ((batches there missing provided references cycle most-needed)
     (format #t "~a, loaded in ~a\n" (counted there "package")
             (counted batches "batch" "batches"))
     (format #t "~a, needed or provided and not there; others provide ~a\n"
             (counted missing "placeholder") (with-commas provided))
     (format #t "~a to what is needed\n" (counted references "reference"))
     (if (null? cycle)
         (format #t "no cycle\n")
         (display-packages "the largest cycle" cycle #f))
     (display-most-needed most-needed)
     (display-store information))))
