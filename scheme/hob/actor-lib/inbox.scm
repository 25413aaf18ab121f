;;; (hob actor-lib inbox) -- messages that wait, or readers that do.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The writer puts messages in; the reader takes the oldest one out, or
;;; promises one when there is none; the stopper ends both.  Either messages
;;; wait or readers, never both.
;;;
;;; Messages that wait are saved.  Readers that wait are not: a promise that is
;;; not settled ends with the process.
;;;
;;; Code:

(define-module (hob actor-lib inbox)
  #:use-module (hob actor-lib methods)
  #:use-module (hob actor-lib queue)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:use-module (hob utils fifo)
  #:export (spawn-inbox
            inbox-env))

(define (check-open stopped?)
  (when stopped?
    (raise-hob-error 'inbox "Inbox is closed")))

(define (break-all resolvers)
  (for-each (lambda (resolver) ($ resolver 'break 'inbox-closed))
            (fifo->list resolvers)))

;; RESOLVERS are those of the readers that wait.
(define-actor (^inbox bcom messages stopped? #:optional (resolvers empty-fifo))
  #:portrait (lambda () (list messages stopped?))
  (define (read)
    (if ($ messages 'empty?)
        (call-with-values spawn-promise-and-resolver
          (lambda (promise resolver)
            (bcom (^inbox bcom messages #f (fifo-add resolvers resolver))
                  promise)))
        ($ messages 'dequeue)))
  (define (write message)
    (if (fifo-empty? resolvers)
        ($ messages 'enqueue message)
        (call-with-values (lambda () (fifo-take resolvers))
          (lambda (resolver others)
            ($ resolver 'fulfill message)
            (bcom (^inbox bcom messages #f others))))))
  (define (stop!)
    (break-all resolvers)
    ;; Nobody can read what is left.
    (bcom (^inbox bcom #f #t)))
  (methods
   ((read) (check-open stopped?) (read))
   ((write message) (check-open stopped?) (write message))
   ((stop!) (check-open stopped?) (stop!))))

(define-actor (^inbox-reader bcom inbox)
  (lambda () ($ inbox 'read)))

(define-actor (^inbox-writer bcom inbox)
  (lambda (message) ($ inbox 'write message)))

(define-actor (^inbox-stop! bcom inbox)
  (lambda () ($ inbox 'stop!)))

(define (spawn-inbox)
  "Return three values: a reader, which gives the oldest message or a promise
for the next; a writer, which takes a message; and a stopper, after which
nothing can be read or written, and promises for a message break with
@code{inbox-closed}."
  (let ((inbox (spawn ^inbox (spawn ^queue) #f)))
    (values (spawn ^inbox-reader inbox)
            (spawn ^inbox-writer inbox)
            (spawn ^inbox-stop! inbox))))

(define inbox-env
  (persistence-env-compose
   queue-env
   (namespace-env (hob actor-lib inbox)
                  ^inbox ^inbox-reader ^inbox-writer ^inbox-stop!)))
