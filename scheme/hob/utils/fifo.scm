;;; (hob utils fifo) -- immutable queues.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; First in, first out.  A queue is never changed, so an object may keep one
;;; as its state and be taken back to an older one when a turn fails.
;;;
;;; FRONT holds the oldest items, oldest first, and BACK the newest, newest
;;; first.  An item moves from back to front once, so each operation costs the
;;; same whatever the length, taken over all of them.
;;;
;;; Code:

(define-module (hob utils fifo)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (empty-fifo
            fifo?
            fifo-empty?
            fifo-length
            fifo-add
            fifo-take
            fifo->list
            list->fifo))

(define-record-type <fifo>
  (make-fifo front back length)
  fifo?
  (front fifo-front)
  (back fifo-back)
  (length fifo-length))

(set-procedure-property! fifo-length 'documentation
                         "Return how many items a queue has.")

(define empty-fifo (make-fifo '() '() 0))

(define (fifo-empty? fifo)
  "Return @code{#t} if @var{fifo} has no items."
  (zero? (fifo-length fifo)))

(define (fifo-add fifo item)
  "Return a queue of the items of @var{fifo} and then @var{item}."
  (make-fifo (fifo-front fifo)
             (cons item (fifo-back fifo))
             (1+ (fifo-length fifo))))

(define (fifo-take fifo)
  "Return two values: the oldest item of @var{fifo}, which must have one, and a
queue of the others."
  (let ((front (if (null? (fifo-front fifo))
                   (reverse (fifo-back fifo))
                   (fifo-front fifo)))
        (back (if (null? (fifo-front fifo))
                  '()
                  (fifo-back fifo))))
    (values (car front)
            (make-fifo (cdr front) back (1- (fifo-length fifo))))))

(define (fifo->list fifo)
  "Return the items of @var{fifo}, oldest first."
  (append (fifo-front fifo) (reverse (fifo-back fifo))))

(define (list->fifo items)
  "Return a queue of @var{items}, whose first is the oldest."
  (make-fifo items '() (length items)))

(set-record-type-printer!
 <fifo>
 (lambda (fifo port)
   (display "#<fifo" port)
   (for-each (lambda (item)
               (display " " port)
               (write item port))
             (fifo->list fifo))
   (display ">" port)))
