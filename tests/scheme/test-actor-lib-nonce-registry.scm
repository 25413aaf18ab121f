;;; test-actor-lib-nonce-registry.scm -- claims about
;;; (hob actor-lib nonce-registry).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib nonce-registry)
             (hob core)
             (hob exceptions)
             (ice-9 exceptions)
             (restarting)
             (rnrs bytevectors)
             (srfi srfi-1)
             (testing))

(define-syntax-rule (with-registry (registry locator) body ...)
  (actormap-run! (make-actormap)
                 (lambda ()
                   (call-with-values spawn-nonce-registry-and-locator
                     (lambda (registry locator) body ...)))))

(define (register-new registry)
  ($ registry 'register (spawn ^cell)))

(define a-number (make-bytevector 32 7))

(define (unknown? exception)
  (and (hob-error? exception)
       (eq? 'no-such-key (exception-kind exception))))

(define (type-error? exception)
  (eq? 'type-error (exception-kind exception)))

;; A-NUMBER with another byte I.
(define (nearly i)
  (let ((number (bytevector-copy a-number)))
    (bytevector-u8-set! number i 0)
    number))

(define env (persistence-env-compose nonce-registry-env cell-env))

(define (make-roots)
  (call-with-values spawn-nonce-registry-and-locator
    (lambda (registry locator)
      (values registry locator (spawn ^cell) (spawn ^cell '())))))

(test-suite "actor-lib nonce-registry"
  (test-group "registering"
    (test-equal "a number is 32 bytes" 32
                (with-registry (registry locator)
                  (bytevector-length (register-new registry))))
    (test-equal "no two objects have the same" 100
                (with-registry (registry locator)
                  (length (delete-duplicates
                           (map (lambda (_) (register-new registry))
                                (iota 100))))))
    (test-assert "one object has one number"
      (with-registry (registry locator)
        (let* ((cell (spawn ^cell))
               (number ($ registry 'register cell)))
          (equal? number ($ registry 'register cell)))))
    (test-equal "the number may be given" '(#t #t)
                (with-registry (registry locator)
                  (let ((cell (spawn ^cell)))
                    (list (equal? a-number
                                  ($ registry 'register cell a-number))
                          (eq? cell ($ locator 'fetch a-number))))))
    (test-equal "a number that is given again means the newer object only"
                '(#t #f)
                (with-registry (registry locator)
                  (let ((older (spawn ^cell))
                        (newer (spawn ^cell)))
                    ($ registry 'register older a-number)
                    ($ registry 'register newer a-number)
                    (list (eq? newer ($ registry 'fetch a-number))
                          (equal? a-number
                                  ($ registry 'register older))))))
    (test-raises "only references can be registered" type-error?
      (with-registry (registry locator) ($ registry 'register 'object)))
    (test-raises "only bytevectors are numbers" type-error?
      (with-registry (registry locator)
        ($ registry 'register (spawn ^cell) "number"))))

  (test-group "fetching"
    (test-equal "registry and locator give the object of a number" '(#t #t)
                (with-registry (registry locator)
                  (let* ((cell (spawn ^cell))
                         (number ($ registry 'register cell)))
                    (list (eq? cell ($ registry 'fetch number))
                          (eq? cell ($ locator 'fetch number))))))
    (test-equal "a number is found by its bytes" #t
                (with-registry (registry locator)
                  (let* ((cell (spawn ^cell))
                         (number ($ registry 'register cell)))
                    (eq? cell ($ locator 'fetch (bytevector-copy number))))))
    (test-equal "a number with any other byte is another number"
                (make-list 32 'none)
                (with-registry (registry locator)
                  ($ registry 'register (spawn ^cell) a-number)
                  (map (lambda (i) ($ registry 'fetch (nearly i) 'none))
                       (iota 32))))
    (test-equal "so is one that is shorter or longer" '(none none)
                (with-registry (registry locator)
                  ($ registry 'register (spawn ^cell) a-number)
                  (map (lambda (n)
                         ($ registry 'fetch (make-bytevector n 7) 'none))
                       '(33 31))))
    (test-equal "numbers that begin alike are kept apart" '(#t #t)
                (with-registry (registry locator)
                  (let ((one (spawn ^cell))
                        (two (spawn ^cell)))
                    ($ registry 'register one (nearly 30))
                    ($ registry 'register two (nearly 31))
                    (list (eq? one ($ registry 'fetch (nearly 30)))
                          (eq? two ($ registry 'fetch (nearly 31)))))))
    (test-raises "an unknown number is an error with the key no-such-key"
      unknown?
      (with-registry (registry locator) ($ registry 'fetch a-number)))
    (test-raises "from the locator too" unknown?
      (with-registry (registry locator) ($ locator 'fetch a-number)))
    (test-equal "unless there is a default, be it #f" '(none #f)
                (with-registry (registry locator)
                  (list ($ registry 'fetch a-number 'none)
                        ($ registry 'fetch a-number #f))))
    (test-raises "the locator registers nothing" no-such-method?
      (with-registry (registry locator)
        ($ locator 'register (spawn ^cell)))))

  (test-group "after a restart"
    (test-equal "a number means the same object" '(#t #t)
                (after-restart env make-roots
                               (lambda (registry locator cell number)
                                 ($ number ($ registry 'register cell)))
                               (lambda (registry locator cell number)
                                 (let ((again ($ registry 'register cell)))
                                   (list (eq? cell
                                              ($ locator 'fetch ($ number)))
                                         (equal? again ($ number)))))))))
