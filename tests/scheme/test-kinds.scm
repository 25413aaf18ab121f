;;; test-kinds.scm -- what an object is saved as.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob exceptions)
             (hob persistence-store memory)
             (srfi srfi-11)
             (testing))

(define-actor (^egg bcom age)
  (case-lambda
    (() (list 'egg age))
    ((name) (bcom (^bird bcom name (* 2 age))))))

(define-actor (^bird bcom name weight)
  #:version 7
  (case-lambda
    (() (list 'bird name weight))
    ((more) (bcom (^bird bcom name (+ weight more))))))

(define env (namespace-env (test kinds) ^egg ^bird))

(define (open env store)
  (spawn-persistent-vat env (lambda () (spawn ^egg 3)) store))

(define (stored-kinds store)
  "What STORE counts, as the error of a program that knows no kind lists it."
  (with-exception-handler kinds-missing-missing
    (lambda () (open (make-persistence-env) store))
    #:unwind? #t))

(test-suite "kinds"
  (let ((store (make-memory-store)))
    (define-values (vat root) (open env store))
    (test-equal "an object is counted under the kind that spawned it"
      '((((test kinds) ^egg) 0 1)) (begin (vat-halt! vat) (stored-kinds store))))

  (let ((store (make-memory-store)))
    (define-values (vat root) (open env store))
    (with-vat vat ($ root 'wren))
    (with-vat vat ($ root 1))
    (vat-halt! vat)
    (test-equal "one that became another kind is counted under that, once"
      '((((test kinds) ^bird) 7 1)) (stored-kinds store))
    (let-values (((vat root) (open env store)))
      (test-equal "and comes back as what it became"
        '(bird wren 7) (with-vat vat ($ root)))
      (vat-halt! vat)))

  (let ((store (make-memory-store)))
    (define-values (vat root)
      (spawn-persistent-vat env (lambda () (spawn ^egg 3)) store
                            #:persist-on #f))
    (with-vat vat ($ root 'wren))
    (vat-take-portrait! vat)
    (vat-halt! vat)
    (test-equal "also when a portrait of everything is taken later"
      '((((test kinds) ^bird) 7 1)) (stored-kinds store)))

  (let ((store (make-memory-store)))
    (define-values (vat root)
      (spawn-persistent-vat (namespace-env (test kinds) ^egg)
                            (lambda () (spawn ^egg 3)) store))
    (test-raises "becoming a kind that the environment lacks fails the save"
                 persistence-error?
                 (with-vat vat ($ root 'wren)))
    (test-equal "and the object is what it was"
      '(egg 3) (with-vat vat ($ root)))))
