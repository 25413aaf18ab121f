;;; (hob actor-lib pubsub) -- one message to many objects.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Subscribers are told in the order in which they subscribed.
;;;
;;; Code:

(define-module (hob actor-lib pubsub)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob utils assert-type)
  #:use-module (hob utils ordered-set)
  #:export (^pubsub
            pubsub-env))

(define (check-subscriber subscriber)
  (assert-type subscriber live-refr?))

(define (publish subscribers args)
  (for-each (lambda (subscriber) (apply <-np subscriber args))
            (ordered-set->list subscribers)))

(define (spawn-subscribers subscribers)
  (for-each check-subscriber subscribers)
  (spawn-named '^pubsub ^subscribers (list->ordered-set subscribers)))

(define-actor (^subscribers bcom set)
  #:portrait (lambda () (ordered-set->list set))
  #:restore (lambda (version . list) (spawn-subscribers list))
  (methods
   ((subscribe subscriber)
    (check-subscriber subscriber)
    (bcom (^subscribers bcom (ordered-set-add set subscriber))))
   ((unsubscribe subscriber)
    (bcom (^subscribers bcom (ordered-set-remove set subscriber))))
   ((publish #:rest args)
    (publish set args)
    #t)
   ((subscribers) (ordered-set->list set))))

(define (^pubsub bcom . subscribers)
  "An object that sends what its method @code{publish} is called with to its
@var{subscribers}; the other methods are @code{subscribe} and
@code{unsubscribe}, which take a reference, and @code{subscribers}."
  (spawn-subscribers subscribers))

(define pubsub-env
  (namespace-env (hob actor-lib pubsub)
                 ^subscribers))
