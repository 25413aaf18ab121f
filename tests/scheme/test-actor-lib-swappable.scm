;;; test-actor-lib-swappable.scm -- claims about (hob actor-lib swappable).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib swappable)
             (hob core)
             (hob exceptions)
             (hob vat)
             (restarting)
             (testing)
             (waiting))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (^named bcom name)
  (lambda args (cons name args)))

(define-syntax-rule (with-swappable (proxy swapper arg ...) body ...)
  (turn (call-with-values (lambda () (swappable arg ...))
          (lambda (proxy swapper) body ...))))

(test-suite "actor-lib swappable"
  (test-equal "the proxy follows the swapper" '((a 1) (b 2))
              (with-swappable (proxy swapper (spawn ^named 'a))
                (let ((before ($ proxy 1)))
                  ($ swapper (spawn ^named 'b))
                  (list before ($ proxy 2)))))
  (test-equal "the proxy has a name, of the first target or as given"
              '("swappable: ^named" bob)
              (list (with-swappable (proxy swapper (spawn ^named 'a))
                      (symbol->string (refr-name proxy)))
                    (with-swappable (proxy swapper (spawn ^named 'a) 'bob)
                      (refr-name proxy))))
  (test-raises "the target is a reference" hob-error?
    (with-swappable (proxy swapper (spawn ^named 'a))
      ($ swapper 'b)))
  (test-equal "the error has the key type-error" 'caught
              (catch 'type-error
                (lambda () (with-swappable (proxy swapper 'a) 'nothing))
                (const 'caught)))
  (test-equal "a far target is sent a message" '(fulfilled (far 3))
              (let ((far (with-vat (spawn-vat) (spawn ^named 'far))))
                (settled-in (spawn-vat)
                  (call-with-values (lambda () (swappable far))
                    (lambda (proxy swapper) ($ proxy 3))))))
  (test-equal "after a restart the target is the last one" '(b c)
              (after-restart swappable-env
                             (lambda () (swappable (spawn ^cell 'a)))
                             (lambda (proxy swapper)
                               ($ swapper (spawn ^cell 'b)))
                             (lambda (proxy swapper)
                               (let ((before ($ proxy)))
                                 ($ swapper (spawn ^cell 'c))
                                 (list before ($ proxy)))))))
