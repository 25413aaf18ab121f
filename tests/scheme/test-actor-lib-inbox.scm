;;; test-actor-lib-inbox.scm -- claims about (hob actor-lib inbox).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib inbox)
             (hob core)
             (hob exceptions)
             (hob vat)
             (ice-9 exceptions)
             (restarting)
             (testing)
             (waiting))

(define vat (spawn-vat))

(define-syntax-rule (with-inbox (read write stop) body ...)
  (call-with-values (lambda () (with-vat vat (spawn-inbox)))
    (lambda (read write stop) body ...)))

(define (closed? exception)
  (and (hob-error? exception)
       (equal? "Inbox is closed" (exception-message exception))))

;; What PROMISES come to, each after all turns before it.
(define (outcomes . promises)
  (map (lambda (promise) (settled vat (const promise) .2))
       promises))

(test-suite "actor-lib inbox"
  (test-equal "messages are read in the order in which they were written"
              '(a b)
              (with-inbox (read write stop)
                (with-vat vat ($ write 'a) ($ write 'b))
                (with-vat vat (let ((first ($ read)))
                                (list first ($ read))))))
  (test-equal "readers that wait get the next messages, in their order"
              '((fulfilled a) (fulfilled b) waiting)
              (with-inbox (read write stop)
                (let* ((one (with-vat vat ($ read)))
                       (two (with-vat vat ($ read)))
                       (three (with-vat vat ($ read))))
                  (with-vat vat ($ write 'a) ($ write 'b))
                  (outcomes one two three))))
  (test-equal "a far reader waits too" '(fulfilled a)
              (with-inbox (read write stop)
                (let* ((other (spawn-vat))
                       (promise (with-vat other (<- read))))
                  (with-vat vat ($ write 'a))
                  (settled other (const promise)))))
  (test-equal "stopping breaks what readers wait for"
              '((broken inbox-closed) (broken inbox-closed))
              (with-inbox (read write stop)
                (let* ((one (with-vat vat ($ read)))
                       (two (with-vat vat ($ read))))
                  (with-vat vat ($ stop))
                  (outcomes one two))))
  (test-raises "after stopping nothing can be written" closed?
    (with-inbox (read write stop)
      (with-vat vat ($ stop))
      (with-vat vat ($ write 'a))))
  (test-raises "nor read, even what was written before" closed?
    (with-inbox (read write stop)
      (with-vat vat ($ write 'a) ($ stop))
      (with-vat vat ($ read))))
  (test-raises "nor stopped again" closed?
    (with-inbox (read write stop)
      (with-vat vat ($ stop))
      (with-vat vat ($ stop))))
  (test-equal "a turn that fails reads nothing" 'a
              (with-inbox (read write stop)
                (with-vat vat ($ write 'a))
                (false-if-exception
                 (with-vat vat ($ read) (error "undo this")))
                (with-vat vat ($ read))))
  (test-equal "after a restart it has its messages" '(b c)
              (after-restart inbox-env spawn-inbox
                             (lambda (read write stop)
                               ($ write 'a)
                               ($ write 'b)
                               ($ write 'c)
                               ($ read))
                             (lambda (read write stop)
                               (let ((first ($ read)))
                                 (list first ($ read))))))
  (test-equal "readers that waited are no hindrance to a restart" 'a
              (after-restart inbox-env spawn-inbox
                             (lambda (read write stop)
                               ($ read)
                               ($ read))
                             (lambda (read write stop)
                               ($ write 'a)
                               ($ read))))
  (test-raises "after a restart it is still stopped" closed?
    (after-restart inbox-env spawn-inbox
                   (lambda (read write stop)
                     ($ write 'a)
                     ($ stop))
                   (lambda (read write stop) ($ read)))))
