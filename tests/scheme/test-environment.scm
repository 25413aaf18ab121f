;;; test-environment.scm -- claims about persistence environments.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob exceptions)
             (hob persistence-store memory)
             (testing))

(define-actor (^one bcom) (lambda () 1))
(define-actor (^two bcom) (lambda () 2))
(define (^plain bcom) (lambda () 'plain))
(define (restore-plain version . data) (spawn ^plain))

(define ones (namespace-env (test one) ^one))
(define twos (namespace-env (test two) ^two))

(define (answers env constructor)
  "What a root made by CONSTRUCTOR answers after a restart."
  (let ((store (make-memory-store)))
    (define (open)
      (spawn-persistent-vat env (lambda () (spawn constructor)) store))
    (call-with-values open
      (lambda (vat root) (vat-halt! vat)))
    (call-with-values open
      (lambda (vat root) (with-vat vat ($ root))))))

(test-suite "environment"
  (test-eqv "composed, an environment has the kinds of each"
    2 (answers (persistence-env-compose ones twos) ^two))
  (test-eqv "one that extends others has their kinds and its own"
    1 (answers (make-persistence-env `((two ,^two)) #:extends ones) ^one))
  (test-eqv "and may extend a list of them"
    2 (answers (make-persistence-env '() #:extends (list ones twos)) ^two))

  (test-raises "W34 a name given to two kinds is refused" persistence-error?
               (make-persistence-env `((same ,^one) (same ,^two))))
  (test-raises "W34 also between environments that are composed"
               persistence-error?
               (persistence-env-compose
                (make-persistence-env `((same ,^one)))
                (make-persistence-env `((same ,^two)))))
  (test-raises "W34 also between one and what it extends" persistence-error?
               (make-persistence-env `((same ,^one))
                                     #:extends (make-persistence-env
                                                `((same ,^two)))))
  (test-raises "W34 a rehydrator that differs makes another kind"
               persistence-error?
               (make-persistence-env
                `((same ,^plain) (same ,^plain ,restore-plain))))
  (test-eqv "the same kind by two ways is no conflict"
    1 (answers (persistence-env-compose ones (persistence-env-compose ones twos))
               ^one))

  (test-raises "a specification that is no list is refused" persistence-error?
               (make-persistence-env '(^one)))
  (test-raises "a constructor that is no procedure is refused"
               persistence-error?
               (make-persistence-env '((one 1))))
  (test-raises "what is extended has to be an environment" persistence-error?
               (make-persistence-env '() #:extends 'ones))
  (test-raises "a name that cannot be stored is refused" persistence-error?
               (answers (make-persistence-env `((,(lambda () 1) ,^one))) ^one)))
