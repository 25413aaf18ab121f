;;; (hob actor-lib queue) -- a queue.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; First in, first out.  Operations cost the same whatever the length, but the
;;; queue is saved as a whole when it changed.
;;;
;;; Code:

(define-module (hob actor-lib queue)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:use-module (hob utils fifo)
  #:export (^queue
            queue-env))

(define (take fifo)
  (when (fifo-empty? fifo)
    (raise-hob-error 'dequeue "the queue is empty"))
  (fifo-take fifo))

(define-actor (^fifo bcom fifo)
  #:portrait (lambda () (list (fifo->list fifo)))
  #:restore (lambda (version items) (spawn ^fifo (list->fifo items)))
  (methods
   ((length) (fifo-length fifo))
   ((empty?) (fifo-empty? fifo))
   ((enqueue item) (bcom (^fifo bcom (fifo-add fifo item))))
   ((dequeue)
    (call-with-values (lambda () (take fifo))
      (lambda (item others)
        (bcom (^fifo bcom others) item))))))

(define (^queue bcom)
  "An empty queue with the methods @code{length}, @code{empty?},
@code{enqueue}, which takes an item, and @code{dequeue}, which gives the oldest
one."
  (spawn-named '^queue ^fifo empty-fifo))

(define queue-env
  (namespace-env (hob actor-lib queue)
                 ^fifo))
