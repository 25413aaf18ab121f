;;; (hob actor-lib cell) -- a place for one value.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Called without arguments a cell gives its value, with one it takes it.
;;;
;;; Code:

(define-module (hob actor-lib cell)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:export (^cell
            cell->read-only
            cell->write-only
            define-cell
            cell-env))

(define-actor (^cell bcom #:optional value)
  "A place for one value, @code{#f} to begin with."
  (case-lambda
    (() value)
    ((new-value) (bcom (^cell bcom new-value)))))

(define-actor (^read-only-cell bcom cell)
  (lambda () ($ cell)))

(define-actor (^write-only-cell bcom cell)
  (lambda (new-value) ($ cell new-value)))

(define (cell->read-only cell)
  "Return a reference that can only read @var{cell}."
  (spawn ^read-only-cell cell))

(define (cell->write-only cell)
  "Return a reference that can only set @var{cell}."
  (spawn ^write-only-cell cell))

(define-syntax define-cell
  (syntax-rules ()
    "Define @var{id} as a new cell."
    ((_ id) (define id (spawn-named 'id ^cell)))
    ((_ id value) (define id (spawn-named 'id ^cell value)))))

(define cell-env
  (namespace-env (hob actor-lib cell)
                 ^cell ^read-only-cell ^write-only-cell))
