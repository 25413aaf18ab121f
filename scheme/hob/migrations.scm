;;; (hob migrations) -- from old portraits to new ones, a version at a time.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;;   (define-actor (^note bcom text tags author)
;;;     #:version 2
;;;     #:upgrade (migrations
;;;                ((1 text) (list text '()))
;;;                ((2 text tags) (list text tags "unknown")))
;;;     ...)
;;;
;;; Clause n makes data of version n from data of version n - 1.  The versions
;;; count up by one: a gap, or clauses in another order, would skip a step
;;; without a word, and is a syntax error.  What the clauses cannot upgrade is
;;; an error when it is met: data older than the first clause, data newer than
;;; the last (W35: this program is older than the one that saved it, and would
;;; lose what it does not know), or another number of data than a clause takes.
;;;
;;; Code:

(define-module (hob migrations)
  #:use-module (hob exceptions)
  #:use-module (ice-9 match)
  #:export (migrations))

(define (cannot-migrate message . arguments)
  (apply raise-persistence-error 'migrations #f #f #f message arguments))

(define (wrong-data version formals data)
  (cannot-migrate "the migration to version ~a takes the data ~s of version \
~a, and that has ~a" version formals (1- version)
                   (if (list? data)
                       (format #f "~a" (length data))
                       "no list")))

(define (checked version data)
  (unless (list? data)
    (cannot-migrate "the migration to version ~a returned ~s, which is no list \
of data" version data))
  data)

(define (check-version version first last)
  (cond
   ((not (exact-integer? version))
    (cannot-migrate "~s is no version; migrations know exact integers"
                    version))
   ((< version (1- first))
    (cannot-migrate "Data version ~a older than minimum ~a"
                    version (1- first)))
   ((> version last)
    (cannot-migrate "the data has version ~a, and this program knows versions \
up to ~a" version last))))

;; STEPS is a vector of procedures from the data of a version to that of the
;; next.
(define (make-migration first steps)
  (let ((last (+ first (vector-length steps) -1)))
    (lambda (version . data)
      (check-version version first last)
      (let loop ((version version) (data data))
        (if (= version last)
            (values version data)
            (let ((next (1+ version)))
              (loop next
                    (checked next
                             ((vector-ref steps (- next first)) data)))))))))

(eval-when (expand load eval)
  (define (check-versions form versions)
    (define (fail message version)
      (syntax-violation 'migrations message form version))
    (when (null? versions)
      (fail "there is no migration" #f))
    (let loop ((versions versions) (before #f))
      (unless (null? versions)
        (let ((version (syntax->datum (car versions))))
          (unless (exact-integer? version)
            (fail "a version is an exact integer" (car versions)))
          (when (and before (<= version before))
            (fail "the versions have to count up" (car versions)))
          (when (and before (> version (1+ before)))
            (fail "there is a gap before this version" (car versions)))
          (loop (cdr versions) version))))))

(define-syntax migrations
  (lambda (form)
    "Return a procedure for @code{#:upgrade}: called with a version and data of
it, it returns the newest version and the data of that.  A clause is
@code{((version argument ...) body ...)}; its body returns a list.  Arguments
are identifiers, or patterns of @code{match}."
    (syntax-case form ()
      ((_ ((version argument ...) body0 body ...) ...)
       (begin
         (check-versions form #'(version ...))
         (with-syntax (((first . _) #'(version ...)))
           #'(make-migration
              first
              (vector
               (lambda (data)
                 (match data
                   ((argument ...) body0 body ...)
                   (_ (wrong-data version '(argument ...) data))))
               ...))))))))
