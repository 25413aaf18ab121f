;;; test-actor-lib-facet.scm -- claims about (hob actor-lib facet).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib common)
             (hob actor-lib facet)
             (hob actor-lib methods)
             (hob core)
             (hob exceptions)
             (hob vat)
             (ice-9 exceptions)
             (restarting)
             (testing)
             (waiting))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (^lamp bcom)
  (methods
   ((on) 'on)
   ((dim amount) (list 'dim amount))
   ((break) 'broken)))

(define (spawn-facet . args)
  (apply spawn ^facet (spawn ^lamp) args))

(define (denied? exception)
  (and (no-such-method? exception)
       (equal? '(on dim) (no-such-method-known exception))))

(test-suite "actor-lib facet"
  (test-equal "the methods given are passed on" '(on (dim 3))
              (turn (let ((facet (spawn-facet 'on 'dim)))
                      (list ($ facet 'on) ($ facet 'dim 3)))))
  (test-raises "another method is denied" denied?
    (turn ($ (spawn-facet 'on 'dim) 'break)))
  (test-raises "a facet without methods denies all" no-such-method?
    (turn ($ (spawn-facet) 'on)))
  (test-raises "a call without a method is an error" hob-error?
    (turn ($ (spawn-facet 'on))))
  (test-raises "a string is no method" hob-error?
    (turn ($ (spawn-facet 'on) "on")))
  (test-equal "no reference gets into the irritants" '()
              (with-exception-handler
                  (lambda (exception)
                    (filter live-refr? (exception-irritants exception)))
                (lambda ()
                  (turn ($ (spawn-facet 'on) (spawn ^lamp))))
                #:unwind? #t))
  (test-raises "methods are symbols" hob-error? (turn (spawn-facet "on")))
  (test-raises "a facet is of a reference" hob-error?
    (turn (spawn ^facet 'lamp 'on)))
  (test-equal "facet gives the name of what is behind it" '(bob ^facet)
              (turn (list (refr-name (facet (spawn-named 'bob ^lamp) 'on))
                          (refr-name (spawn-facet 'on)))))
  (test-equal "a far object is sent a message" '(fulfilled (dim 4))
              (let ((vat (spawn-vat))
                    (lamp (with-vat (spawn-vat) (spawn ^lamp))))
                (settled-in vat ($ (facet lamp 'dim) 'dim 4))))
  (test-equal "after a restart it gives and denies the same" '((b) denied)
              (after-restart
               (persistence-env-compose facet-env common-env)
               (lambda () (facet (spawn ^seteq 'a) 'remove 'add 'as-list))
               (lambda (facet)
                 ($ facet 'add 'b)
                 ($ facet 'remove 'a))
               (lambda (facet)
                 (list ($ facet 'as-list)
                       (with-exception-handler
                           (lambda (exception)
                             (if (no-such-method? exception)
                                 'denied
                                 exception))
                         (lambda () ($ facet 'member? 'b))
                         #:unwind? #t))))))
