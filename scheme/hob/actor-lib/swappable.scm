;;; (hob actor-lib swappable) -- an object that can be another one later.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The proxy passes on what it is called with to its target; the swapper sets
;;; the target.
;;;
;;; Code:

(define-module (hob actor-lib swappable)
  #:use-module (hob actor-lib cell)
  #:use-module (hob actor-lib opportunistic)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob utils assert-type)
  #:export (swappable
            swappable-env))

(define-actor (^proxy bcom target)
  (lambda args
    (apply run-$/<- ($ target) args)))

(define-actor (^swapper bcom target)
  (lambda (new-target)
    (assert-type new-target local-refr?)
    ($ target new-target)))

(define (name-for target)
  (string->symbol (format #f "swappable: ~a" (refr-name target))))

(define* (swappable initial-target #:optional (name (name-for initial-target)))
  "Return two values: a proxy for @var{initial-target}, with the debug name
@var{name}, and a swapper, which is called with the target to come."
  (assert-type initial-target local-refr?)
  (let ((target (spawn ^cell initial-target)))
    (values (spawn-named name ^proxy target)
            (spawn-named 'swapper ^swapper target))))

(define swappable-env
  (persistence-env-compose
   cell-env
   (namespace-env (hob actor-lib swappable)
                  ^proxy ^swapper)))
