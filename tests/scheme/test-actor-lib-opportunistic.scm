;;; test-actor-lib-opportunistic.scm -- claims about
;;; (hob actor-lib opportunistic).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib opportunistic)
             (hob core)
             (hob vat)
             (testing)
             (waiting))

(define (^echo bcom)
  (lambda words words))

(define vat (spawn-vat))
(define near (with-vat vat (spawn ^echo)))
(define far (with-vat (spawn-vat) (spawn ^echo)))

(test-suite "actor-lib opportunistic"
  (test-equal "a near object is called" (list #t '(1 2))
              (with-vat vat
                (list (eq? $ (select-$/<- near))
                      (run-$/<- near 1 2))))
  (test-assert "a far object is sent a message"
    (with-vat vat (eq? <- (select-$/<- far))))
  (test-equal "and answers with a promise" '(fulfilled (1 2))
              (settled-in vat (run-$/<- far 1 2)))
  (test-assert "a promise is sent a message, even if it stands for near"
    (with-vat vat
      (call-with-values spawn-promise-and-resolver
        (lambda (promise resolver)
          ($ resolver 'fulfill near)
          (eq? <- (select-$/<- promise)))))))
