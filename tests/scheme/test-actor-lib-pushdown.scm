;;; test-actor-lib-pushdown.scm -- claims about (hob actor-lib pushdown).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib pushdown)
             (hob core)
             (hob define-actor)
             (hob exceptions)
             (hob vat)
             (restarting)
             (testing)
             (waiting))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (^state bcom name)
  (lambda args (cons name args)))

;; Says what it was spawned with.
(define (^later bcom . args)
  (lambda () args))

(define-syntax-rule (with-pair (stack forwarder initial ...) body ...)
  (turn (call-with-values (lambda () (spawn-pushdown-pair initial ...))
          (lambda (stack forwarder) body ...))))

(test-suite "actor-lib pushdown"
  (test-equal "the top answers for the forwarder" '((a 1) (b 2) (a 3))
              (with-pair (stack forwarder)
                ($ stack 'push (spawn ^state 'a))
                (let ((first ($ forwarder 1)))
                  ($ stack 'push (spawn ^state 'b))
                  (let ((second ($ forwarder 2)))
                    ($ stack 'pop)
                    (list first second ($ forwarder 3))))))
  (test-equal "pop gives the top" '(#t #t)
              (with-pair (stack forwarder)
                (let ((a (spawn ^state 'a)))
                  ($ stack 'push a)
                  (list (eq? a ($ stack 'pop)) ($ stack 'empty?)))))
  (test-equal "an object may be there from the beginning" '(#f (a))
              (with-pair (stack forwarder (spawn ^state 'a))
                (list ($ stack 'empty?) ($ forwarder))))
  (test-equal "spawn-push spawns with the top, and pushes" '(#t (1 2))
              (with-pair (stack forwarder)
                (let ((a (spawn ^state 'a)))
                  ($ stack 'push a)
                  ($ stack 'spawn-push ^later 1 2)
                  (list (eq? a (car ($ forwarder)))
                        (cdr ($ forwarder))))))
  (test-equal "spawn-push gives the new top" #t
              (with-pair (stack forwarder)
                (eq? ($ stack 'spawn-push ^later) ($ stack 'pop))))
  (test-equal "the first to be spawned has #f below it" '(#f)
              (with-pair (stack forwarder)
                ($ stack 'spawn-push ^later)
                ($ forwarder)))
  (test-raises "an empty stack has no top to pop" hob-error?
    (with-pair (stack forwarder) ($ stack 'pop)))
  (test-raises "and none to answer" hob-error?
    (with-pair (stack forwarder) ($ forwarder)))
  (test-raises "only references can be pushed" hob-error?
    (with-pair (stack forwarder) ($ stack 'push 'a)))
  (test-equal "a far top is sent a message" '(fulfilled (far 1))
              (let ((far (with-vat (spawn-vat) (spawn ^state 'far))))
                (settled-in (spawn-vat)
                  (call-with-values (lambda () (spawn-pushdown-pair far))
                    (lambda (stack forwarder) ($ forwarder 1))))))
  (test-equal "after a restart the stack is the same" '(b a #t)
              (after-restart pushdown-env
                             spawn-pushdown-pair
                             (lambda (stack forwarder)
                               ($ stack 'push (spawn ^cell 'a))
                               ($ stack 'push (spawn ^cell 'b)))
                             (lambda (stack forwarder)
                               (let ((top ($ forwarder)))
                                 ($ stack 'pop)
                                 (let ((next ($ forwarder)))
                                   ($ stack 'pop)
                                   (list top next ($ stack 'empty?))))))))
