;;; (hob actor-lib pubsub) -- one message to many objects.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Subscribers are told in the order in which they subscribed.  The map has the
;;; number of each, so that one can be found and removed however many there are.
;;;
;;; Code:

(define-module (hob actor-lib pubsub)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob utils assert-type)
  #:use-module (hob utils hashmap)
  #:use-module (srfi srfi-1)
  #:export (^pubsub
            pubsub-env))

;; NUMBERS maps each subscriber to a number, all below NEXT.
(define (in-order numbers)
  (map car
       (sort (hashmap-fold acons '() numbers)
             (lambda (a b) (< (cdr a) (cdr b))))))

(define (publish numbers args)
  (for-each (lambda (subscriber) (apply <-np subscriber args))
            (in-order numbers)))

(define (spawn-subscribers subscribers)
  (spawn-named '^pubsub ^subscribers
               (fold add-subscriber (make-hashqmap)
                     subscribers (iota (length subscribers)))
               (length subscribers)))

(define (add-subscriber subscriber number numbers)
  (assert-type subscriber live-refr?)
  (if (hashmap-ref numbers subscriber)
      numbers
      (hashmap-set numbers subscriber number)))

(define-actor (^subscribers bcom numbers next)
  #:portrait (lambda () (in-order numbers))
  #:restore (lambda (version . subscribers) (spawn-subscribers subscribers))
  (methods
   ((subscribe subscriber)
    (bcom (^subscribers bcom (add-subscriber subscriber next numbers)
                        (1+ next))))
   ((unsubscribe subscriber)
    (bcom (^subscribers bcom (hashmap-remove numbers subscriber) next)))
   ((publish #:rest args)
    (publish numbers args)
    #t)
   ((subscribers) (in-order numbers))))

(define (^pubsub bcom . subscribers)
  "An object that sends what its method @code{publish} is called with to its
@var{subscribers}; the other methods are @code{subscribe} and
@code{unsubscribe}, which take a reference, and @code{subscribers}."
  (spawn-subscribers subscribers))

(define pubsub-env
  (namespace-env (hob actor-lib pubsub)
                 ^subscribers))
