;;; (packages expected) -- what loaded packages must have made of the graph.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; What the graph has to be is computed from the descriptions, with plain hash
;;; tables and names instead of references, and compared with the objects one by
;;; one: version, needs, and the references back.
;;;
;;; Code:

(define-module (packages expected)
  #:use-module (hob)
  #:use-module (packages control-file)
  #:use-module (packages failure)
  #:use-module (packages graph)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (check-graph))

;;; What there has to be.

(define-record-type <expected>
  (make-expected version needs provides needers providers)
  expected?
  (version expected-version set-expected-version!)
  (needs expected-needs set-expected-needs!)
  (provides expected-provides set-expected-provides!)
  (needers expected-needers set-expected-needers!)
  (providers expected-providers set-expected-providers!))

(define (expected-named graph name)
  (or (hash-ref graph name)
      (hash-set! graph name (make-expected #f '() '() '() '()))))

(define (expect-description! graph description)
  (let ((expected (expected-named graph (description-name description))))
    (set-expected-version! expected (description-version description))
    (set-expected-needs! expected (description-needs description))
    (set-expected-provides! expected
                            (delete-duplicates
                             (description-provides description)))
    (for-each (lambda (name) (expected-named graph name))
              (append (concatenate (description-needs description))
                      (description-provides description)))))

;; A description that is replaced by a later one leaves no references back.
(define (expect-references-back! graph)
  (hash-for-each
   (lambda (name expected)
     (for-each (lambda (other)
                 (let ((other (expected-named graph other)))
                   (set-expected-needers!
                    other (cons name (expected-needers other)))))
               (delete-duplicates (concatenate (expected-needs expected))))
     (for-each (lambda (other)
                 (let ((other (expected-named graph other)))
                   (set-expected-providers!
                    other (cons name (expected-providers other)))))
               (expected-provides expected)))
   graph))

(define (expected-graph descriptions)
  (let ((graph (make-hash-table)))
    (for-each (lambda (description) (expect-description! graph description))
              descriptions)
    (expect-references-back! graph)
    graph))

;;; What there is.

(define (name-of package)
  ($ package 'name))

(define (same-names? packages names)
  (equal? (sort (map name-of packages) string<?)
          (sort names string<?)))

(define (whole? package expected)
  (and (equal? ($ package 'version) (expected-version expected))
       (equal? (map (lambda (alternatives) (map name-of alternatives))
                    ($ package 'needs))
               (expected-needs expected))
       (same-names? ($ package 'provides) (expected-provides expected))
       (same-names? ($ package 'needers) (expected-needers expected))
       (same-names? ($ package 'providers) (expected-providers expected))))

(define (check-package package graph)
  (let* ((name (name-of package))
         (expected (hash-ref graph name)))
    (unless expected
      (fail "the package ~a is there, and no loaded batch has it" name))
    (unless (whole? package expected)
      (fail "the package ~a is not what the loaded batches make it" name))))

(define (check-graph directory descriptions)
  "Fail unless the graph of @var{directory} is what loading
@var{descriptions} makes."
  (let ((packages (all-packages directory))
        (graph (expected-graph descriptions)))
    (unless (= (length packages) (hash-count (const #t) graph))
      (fail "there are ~a packages, and should be ~a"
            (length packages) (hash-count (const #t) graph)))
    (for-each (lambda (package) (check-package package graph))
              packages)))
