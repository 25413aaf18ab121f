;;; (hob actor-lib on) -- shorter ways to wait for promises.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Each form here is `on' in other clothes.  What runs when the promises are
;;; fulfilled runs in a later turn; what is no promise counts as fulfilled.
;;;
;;; Code:

(define-module (hob actor-lib on)
  #:use-module (hob actor-lib joiners)
  #:use-module (hob core)
  #:use-module (ice-9 match)
  #:export (let-on
            let*-on
            on-each
            on-map
            on-filter
            on-match))

(define-syntax-rule (let-on ((id vow) ...) body0 body ...)
  "Wait for every @var{vow}, then evaluate the body with each @var{id} bound to
a value.  Return a promise for the value of the body."
  (on (all-of vow ...)
      (lambda (results) (apply (lambda (id ...) body0 body ...) results))
      #:promise? #t))

(define-syntax let*-on
  (syntax-rules ()
    "Like @code{let-on}, but wait for one @var{vow} after the other; a later
one may use the @var{id}s before it."
    ((_ () body0 body ...)
     (let-on () body0 body ...))
    ((_ ((id vow)) body0 body ...)
     (on vow
         (lambda (id) body0 body ...)
         #:promise? #t))
    ((_ ((id vow) more ...) body0 body ...)
     (on vow
         (lambda (id) (let*-on (more ...) body0 body ...))
         #:promise? #t))))

(define (on-each proc vow)
  "Call @var{proc} with each element of the list that @var{vow} promises."
  (on vow (lambda (list) (for-each proc list))))

(define (on-map proc vow)
  "Return a promise for the list of what @var{proc} returns for each element of
the list that @var{vow} promises."
  (on vow
      (lambda (list) (map proc list))
      #:promise? #t))

(define (on-filter pred vow)
  "Return a promise for the elements of the list that @var{vow} promises for
which @var{pred} holds."
  (on vow
      (lambda (list) (filter pred list))
      #:promise? #t))

(define-syntax-rule (on-match vow clause ...)
  "Match the value of @var{vow} as @code{match} does; return a promise for what
the clause returns.  It breaks when no clause matches."
  (on vow
      (match-lambda clause ...)
      #:promise? #t))
