;;; (hob actor-lib pushdown) -- a stack of objects of which the top one answers.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The states of a game or of a dialogue, for instance: who holds the
;;; forwarder talks to the state on top, who holds the stack says which that
;;; is.
;;;
;;; Code:

(define-module (hob actor-lib pushdown)
  #:use-module (hob actor-lib cell)
  #:use-module (hob actor-lib methods)
  #:use-module (hob actor-lib opportunistic)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:use-module (hob utils assert-type)
  #:use-module (ice-9 match)
  #:export (spawn-pushdown-pair
            pushdown-env))

(define (empty who)
  (raise-hob-error who "Empty stack"))

(define (push! cell refr)
  (assert-type refr live-refr?)
  ($ cell (cons refr ($ cell))))

(define (pop! cell)
  (match ($ cell)
    (() (empty 'pop))
    ((top . rest)
     ($ cell rest)
     top)))

(define (top cell)
  (match ($ cell)
    (() #f)
    ((top . _) top)))

(define-actor (^pd-stack bcom cell)
  (methods
   ((push refr) (push! cell refr))
   ((spawn-push constructor #:rest args)
    (let ((refr (apply spawn constructor (top cell) args)))
      (push! cell refr)
      refr))
   ((pop) (pop! cell))
   ((empty?) (null? ($ cell)))))

(define-actor (^pd-forwarder bcom cell)
  (lambda args
    (apply run-$/<- (or (top cell) (empty 'pd-forwarder)) args)))

(define* (spawn-pushdown-pair #:optional initial-refr)
  "Return two values: a stack with the methods @code{push}, @code{spawn-push},
which takes a constructor and arguments and calls it with its @code{bcom}, the
top or @code{#f}, and these, @code{pop} and @code{empty?}; and a forwarder that
passes on what it is called with to the top."
  (let ((cell (spawn ^cell '())))
    (when initial-refr
      (push! cell initial-refr))
    (values (spawn ^pd-stack cell)
            (spawn ^pd-forwarder cell))))

(define pushdown-env
  (persistence-env-compose
   cell-env
   (namespace-env (hob actor-lib pushdown)
                  ^pd-stack ^pd-forwarder)))
