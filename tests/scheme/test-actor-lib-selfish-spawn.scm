;;; test-actor-lib-selfish-spawn.scm -- claims about
;;; (hob actor-lib selfish-spawn).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib selfish-spawn)
             (hob core)
             (testing))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (^narcissus bcom self . args)
  (lambda () (cons self args)))

(define (^counter bcom self n)
  (case-lambda
    (() (bcom (^counter bcom self (1+ n)) n))
    ((twice) (list ($ self) ($ self)))))

(test-suite "actor-lib selfish-spawn"
  (test-equal "an object gets its own reference, and its arguments" '(#t (1 2))
              (turn (let ((object (selfish-spawn ^narcissus 1 2)))
                      (list (eq? object (car ($ object)))
                            (cdr ($ object))))))
  (test-equal "it can call itself and become" '((5 6) 7)
              (turn (let ((counter (selfish-spawn ^counter 5)))
                      (list ($ counter 'twice) ($ counter))))))
