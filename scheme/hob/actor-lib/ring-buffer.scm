;;; (hob actor-lib ring-buffer) -- the newest items of a sequence.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; When the buffer is full a new item takes the place of the oldest.  Item 0
;;; is the oldest.  The items stand in a ^vector, so that of a large buffer
;;; only the place that changed is saved.
;;;
;;; Code:

(define-module (hob actor-lib ring-buffer)
  #:use-module (hob actor-lib common)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:export (^ring-buffer
            ring-buffer-env))

(define (check-capacity capacity)
  (unless (and (exact-integer? capacity) (positive? capacity))
    (raise-hob-error '^ring-buffer "the capacity of a ring buffer is a \
positive exact integer, not ~s" capacity)))

(define (check-index i length)
  (unless (and (exact-integer? i) (< -1 i length))
    (raise-hob-error '^ring-buffer "index out of bounds: ~s, in a ring buffer \
with ~a items" i length)))

(define (check-amount amount)
  (unless (and (exact-integer? amount) (>= amount 0))
    (raise-hob-error '^ring-buffer "~s is no number of items" amount)))

;; START is the place of the oldest item in the ^vector SLOTS.
(define-actor (^ring bcom slots capacity start length)
  (define (place i)
    (modulo (+ start i) capacity))
  (define (ref i)
    ($ slots 'ref (place i)))
  (define (items from to)
    (map ref (iota (- to from) from)))
  (define (become start length)
    (bcom (^ring bcom slots capacity start length)))
  (define (put item)
    ($ slots 'set (place length) item)
    (if (= length capacity)
        (become (place 1) length)
        (become start (1+ length))))
  (define (take)
    (when (zero? length)
      (raise-hob-error '^ring-buffer "the ring buffer is empty"))
    (let ((item (ref 0)))
      ;; What is taken out must be neither kept alive nor saved.
      ($ slots 'set start #f)
      (bcom (^ring bcom slots capacity (place 1) (1- length)) item)))
  (define (resize new-capacity)
    (check-capacity new-capacity)
    (let ((kept (items (max 0 (- length new-capacity)) length)))
      (bcom (^ring bcom (spawn-slots new-capacity kept)
                   new-capacity 0 (min length new-capacity)))))
  (methods
   ((empty?) (zero? length))
   ((full?) (= length capacity))
   ((capacity) capacity)
   ((length) length)
   ((put item) (put item))
   ((take) (take))
   ((ref i)
    (check-index i length)
    (ref i))
   ((head amount)
    (check-amount amount)
    (items 0 (min amount length)))
   ((tail amount)
    (check-amount amount)
    (items (- length (min amount length)) length))
   ((resize new-capacity) (resize new-capacity))
   ((clear)
    ($ slots 'fill #f)
    (become 0 0))))

(define (spawn-slots capacity items)
  (let ((slots (spawn ^vector capacity)))
    (for-each (lambda (i item) ($ slots 'set i item))
              (iota (length items))
              items)
    slots))

(define (^ring-buffer bcom capacity)
  "A buffer for @var{capacity} items with the methods @code{empty?},
@code{full?}, @code{capacity}, @code{length}, @code{put}, which takes an item,
@code{take}, which gives the oldest, @code{ref}, which takes an index,
@code{head} and @code{tail}, which give so many of the oldest or newest,
@code{resize}, which takes a capacity, and @code{clear}."
  (check-capacity capacity)
  (spawn-named '^ring-buffer ^ring (spawn-slots capacity '()) capacity 0 0))

(define ring-buffer-env
  (persistence-env-compose
   common-env
   (namespace-env (hob actor-lib ring-buffer)
                  ^ring)))
