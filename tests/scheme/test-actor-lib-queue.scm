;;; test-actor-lib-queue.scm -- claims about (hob actor-lib queue).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib queue)
             (hob core)
             (hob exceptions)
             (restarting)
             (testing))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (enqueue-all queue items)
  (for-each (lambda (item) ($ queue 'enqueue item)) items))

(define (dequeue-all queue)
  (if ($ queue 'empty?)
      '()
      (let ((item ($ queue 'dequeue)))
        (cons item (dequeue-all queue)))))

(test-suite "actor-lib queue"
  (test-equal "a new queue is empty" '(#t 0)
              (turn (let ((queue (spawn ^queue)))
                      (list ($ queue 'empty?) ($ queue 'length)))))
  (test-equal "items come out in the order in which they went in"
              '(2 (a b) (c))
              (turn (let ((queue (spawn ^queue)))
                      (enqueue-all queue '(a b))
                      (let* ((length ($ queue 'length))
                             (first (dequeue-all queue)))
                        (enqueue-all queue '(c))
                        (list length first (dequeue-all queue))))))
  (test-raises "nothing can be taken out of an empty one" hob-error?
    (turn ($ (spawn ^queue) 'dequeue)))
  (test-equal "a turn that fails takes nothing out" '(a b)
              (let* ((am (make-actormap))
                     (queue (actormap-spawn! am ^queue)))
                (actormap-run! am (lambda () (enqueue-all queue '(a b))))
                (false-if-exception
                 (actormap-run! am (lambda ()
                                     ($ queue 'dequeue)
                                     (error "undo this"))))
                (actormap-run! am (lambda () (dequeue-all queue)))))
  (test-equal "after a restart it has the same items" '(b c d)
              (after-restart queue-env
                             (lambda () (spawn ^queue))
                             (lambda (queue)
                               (enqueue-all queue '(a b c))
                               ($ queue 'dequeue))
                             (lambda (queue)
                               ($ queue 'enqueue 'd)
                               (dequeue-all queue)))))
