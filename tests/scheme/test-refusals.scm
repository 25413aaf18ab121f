;;; test-refusals.scm -- what cannot be done is an error, not a hang or a lie.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob exceptions)
             (hob persistence-store gdbm)
             (hob persistence-store memory)
             (hob utils hashmap)
             (testing))

(define-actor (^box bcom #:optional value)
  (case-lambda
    (() value)
    ((new) (bcom (^box bcom new)))))

(define env (namespace-env (test refusals) ^box))

(define (raised thunk)
  (with-exception-handler
      (lambda (exception) exception)
    (lambda () (thunk) #f)
    #:unwind? #t))

(define (problem-of vat vow)
  "What breaks VOW, a procedure that gives a promise in VAT."
  (let ((problem #f))
    (with-vat vat
      (on (vow) (const #f) #:catch (lambda (e) (set! problem e))))
    (let loop ((tries 0))
      (cond
       (problem problem)
       ((< tries 500) (usleep 10000) (loop (1+ tries)))
       (else #f)))))

(define (circle)
  (let ((list (list 1 2)))
    (set-cdr! (cdr list) list)
    list))

(test-suite "refusals"
  (test-group "circular data"
    (let ((a (spawn-vat #:name "a"))
          (b (spawn-vat #:name "b")))
      (define box (with-vat b (spawn ^box 'unchanged)))
      (test-assert "a far message with it is refused, and says where"
        (let ((problem (raised (lambda () (with-vat a (<- box (circle)))))))
          (and (persistence-error? problem)
               (equal? (persistence-error-path problem) "[0]"))))
      (test-eq "the vat that was not reached is as before"
        'unchanged (with-vat b ($ box)))
      (test-assert "a far answer with it breaks the promise"
        (problem-of a (lambda ()
                        (<- (with-vat b (spawn ^box (circle)))))))
      (test-assert "within a vat it may go round"
        (with-vat b ($ box (circle)) (pair? ($ box))))))

  (test-group "stores"
    (let ((store (make-memory-store)))
      (store-close! store)
      (test-raises "a closed store is not opened again by a vat" storage-error?
                   (spawn-persistent-vat env (lambda () (spawn ^box)) store))
      (test-raises "a closed store is not closed again" storage-error?
                   (store-close! store))))

  (test-group "raising what is no exception"
    (let ((a (spawn-vat #:name "a"))
          (map (make-hashmap)))
      (define raiser
        (with-vat a (spawn (lambda (bcom) (lambda (problem)
                                            (raise-exception problem))))))
      (test-eq "a map breaks the promise as it is"
        map (problem-of a (lambda () (<- raiser map))))
      (test-eq "a reference breaks the promise as it is"
        raiser (problem-of a (lambda () (<- raiser raiser))))
      (test-eq "who calls with-vat gets it as it is"
        map (raised (lambda () (with-vat a ($ raiser map)))))))

  (test-group "portraits"
    (define-values (vat root)
      (spawn-persistent-vat env (lambda () (spawn ^box 1))
                            (make-memory-store)))
    (test-raises "vat-take-portrait! during a turn is an error" hob-error?
                 (with-vat vat (vat-take-portrait! vat)))
    (test-raises "and of a vat that is not persistent" persistence-error?
                 (vat-take-portrait! (spawn-vat)))
    (test-eqv "the vat goes on" 1 (with-vat vat ($ root)))))
