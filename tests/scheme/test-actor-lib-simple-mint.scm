;;; test-actor-lib-simple-mint.scm -- claims about (hob actor-lib simple-mint).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib methods)
             (hob actor-lib sealers)
             (hob actor-lib simple-mint)
             (hob core)
             (hob exceptions)
             (ice-9 exceptions)
             (restarting)
             (testing))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (balances . purses)
  (map (lambda (purse) ($ purse 'get-balance)) purses))

;; What is left of two purses, with 100 and 5, after PROC failed with them.
(define (after-failing proc)
  (let* ((am (make-actormap))
         (mint (actormap-spawn! am ^mint))
         (alice (actormap-poke! am mint 'new-purse 100))
         (bob (actormap-poke! am mint 'new-purse 5))
         (kind (with-exception-handler exception-kind
                 (lambda ()
                   (actormap-run! am (lambda () (proc alice bob)))
                   'nothing)
                 #:unwind? #t)))
    (cons kind (actormap-peek am (actormap-spawn! am ^balances alice bob)))))

(define (^balances bcom . purses)
  (lambda () (apply balances purses)))

;; Pretends to be a rich purse.
(define (^forged-purse bcom decrement)
  (methods
   ((get-balance) 1000000)
   ((get-decr) decrement)))

(define (seal value)
  (call-with-values spawn-sealer-triplet
    (lambda (seal . _) ($ seal value))))

(test-suite "actor-lib simple-mint"
  (test-group "moving money"
    (test-equal "a new purse has its balance, a sprout of it none" '(100 0)
                (turn (let ((purse ($ (spawn ^mint) 'new-purse 100)))
                        (balances purse ($ purse 'sprout)))))
    (test-equal "a deposit moves money from purse to purse" '(70 30)
                (turn (let* ((alice ($ (spawn ^mint) 'new-purse 100))
                             (bob ($ alice 'sprout)))
                        ($ bob 'deposit 30 alice)
                        (balances alice bob))))
    (test-equal "withdraw puts it in a new purse" '(60 40)
                (turn (let* ((alice ($ (spawn ^mint) 'new-purse 100))
                             (purse (withdraw 40 alice)))
                        (balances alice purse))))
    (test-equal "a deposit into the same purse changes nothing" '(100)
                (turn (let ((alice ($ (spawn ^mint) 'new-purse 100)))
                        ($ alice 'deposit 30 alice)
                        (balances alice))))
    (test-equal "all of it can go, and none of it" '(0 100)
                (turn (let* ((alice ($ (spawn ^mint) 'new-purse 100))
                             (bob ($ alice 'sprout)))
                        ($ bob 'deposit 100 alice)
                        ($ bob 'deposit 0 alice)
                        (balances alice bob)))))

  (test-group "what is refused, and changes nothing"
    (test-equal "more than there is" '(mint-error 100 5)
                (after-failing (lambda (alice bob)
                                 ($ bob 'deposit 101 alice))))
    (test-equal "less than nothing" '(mint-error 100 5)
                (after-failing (lambda (alice bob)
                                 ($ bob 'deposit -1 alice))))
    (test-raises "the error says what was wrong with the amount"
      (lambda (exception)
        (equal? "invalid deposit amount: -1" (exception-message exception)))
      (turn (let ((alice ($ (spawn ^mint) 'new-purse 100)))
              ($ ($ alice 'sprout) 'deposit -1 alice))))
    (test-equal "what is no whole amount" '(mint-error 100 5)
                (after-failing (lambda (alice bob)
                                 ($ bob 'deposit 1/2 alice))))
    (test-equal "withdrawing too much" '(mint-error 100 5)
                (after-failing (lambda (alice bob) (withdraw 101 alice))))
    (test-equal "money of another mint" '(seal-error 100 5)
                (after-failing
                 (lambda (alice bob)
                   ($ bob 'deposit 1 ($ (spawn ^mint) 'new-purse 1000)))))
    (test-equal "a forged purse" '(seal-error 100 5)
                (after-failing
                 (lambda (alice bob)
                   ($ bob 'deposit 1
                      (spawn ^forged-purse (seal (spawn ^cell)))))))
    (test-equal "a new purse with less than nothing" '(mint-error 100 5)
                (after-failing
                 (lambda (alice bob) ($ (spawn ^mint) 'new-purse -1))))
    (test-equal "the means to take money, for who has no purse of the mint"
                '(wrong-number-of-args 100 5)
                (after-failing
                 (lambda (alice bob) ($ ($ alice 'get-decr) 10)))))

  (test-equal "after a restart the money is where it was, and moves"
              '((70 30) (60 40))
              (after-restart mint-env
                             (lambda ()
                               (let ((alice ($ (spawn ^mint) 'new-purse 100)))
                                 (values alice ($ alice 'sprout))))
                             (lambda (alice bob)
                               ($ bob 'deposit 30 alice))
                             (lambda (alice bob)
                               (let ((before (balances alice bob)))
                                 ($ bob 'deposit 10 alice)
                                 (list before (balances alice bob)))))))
