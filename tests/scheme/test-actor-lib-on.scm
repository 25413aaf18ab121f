;;; test-actor-lib-on.scm -- claims about (hob actor-lib on) and
;;; (hob actor-lib let-on).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules ((hob actor-lib let-on) #:prefix older:)
             (hob actor-lib cell)
             (hob actor-lib on)
             (hob core)
             (hob vat)
             (ice-9 exceptions)
             (testing)
             (waiting))

(define vat (spawn-vat))

(define (^echo bcom) (lambda (word) word))
(define near (with-vat vat (spawn ^echo)))
(define far (with-vat (spawn-vat) (spawn ^echo)))

(define (^fails bcom)
  (lambda (problem) (raise-exception problem)))
(define fails (with-vat vat (spawn ^fails)))

(define (broken-with-kind outcome)
  (list (car outcome) (exception-kind (cadr outcome))))

(test-suite "actor-lib on"
  (test-group "let-on"
    (test-equal "it waits for all its promises" '(fulfilled 6)
                (settled-in vat (let-on ((a (<- near 1))
                                         (b (<- far 2))
                                         (c 3))
                                  (+ a b c))))
    (test-equal "it may have none" '(fulfilled 5)
                (settled-in vat (let-on () 5)))
    (test-equal "the body may begin with definitions" '(fulfilled 3)
                (settled-in vat (let-on ((a (<- near 1)))
                                  (define b 2)
                                  (+ a b))))
    (test-equal "a body that gives a promise is waited for"
                '(fulfilled (again 1))
                (settled-in vat (let-on ((a (<- near 1)))
                                  (<- far (list 'again a)))))
    (test-equal "a broken promise breaks it" '(broken oops)
                (settled-in vat (let-on ((a (<- near 1))
                                         (b (<- fails 'oops)))
                                  a)))
    (test-equal "so does an error in the body" '(broken misc-error)
                (broken-with-kind
                 (settled-in vat (let-on ((a (<- near 1)))
                                   (error "on purpose"))))))

  (test-group "let*-on"
    (test-equal "a later promise may use an earlier value"
                '(fulfilled (1 2 3))
                (settled-in vat (let*-on ((a (<- near 1))
                                          (b (<- far (+ a 1)))
                                          (c (+ b 1)))
                                  (list a b c))))
    (test-equal "it may have none" '(fulfilled 5)
                (settled-in vat (let*-on () 5)))
    (test-equal "after a promise that breaks nothing is sent"
                '((broken oops) #f)
                (let* ((told (with-vat vat (spawn ^cell #f)))
                       (outcome
                        (settled-in vat (let*-on ((a (<- fails 'oops))
                                                  (b (<- told #t)))
                                          b))))
                  (list outcome (with-vat vat ($ told))))))

  (test-group "lists"
    (test-equal "on-each calls with each element, in order" '(3 2 1)
                (let ((seen (with-vat vat (spawn ^cell '()))))
                  (with-vat vat
                    (on-each (lambda (n) ($ seen (cons n ($ seen))))
                             (<- near '(1 2 3))))
                  (with-vat vat ($ seen))))
    (test-equal "on-map gives what came of each" '(fulfilled (2 3 4))
                (settled-in vat (on-map 1+ (<- far '(1 2 3)))))
    (test-equal "on-filter gives those that it holds for" '(fulfilled (1 3))
                (settled-in vat (on-filter odd? (<- far '(1 2 3)))))
    (test-equal "a list needs no promise" '(fulfilled (2))
                (settled-in vat (on-map 1+ '(1))))
    (test-equal "what is no list breaks it" '(broken wrong-type-arg)
                (broken-with-kind (settled-in vat (on-map 1+ 'x)))))

  (test-group "on-match"
    (test-equal "the clause that matches gives the value" '(fulfilled 3)
                (settled-in vat (on-match (<- far '(1 2))
                                  ((a) 'one)
                                  ((a b) (+ a b)))))
    (test-equal "without one the promise breaks" '(broken match-error)
                (broken-with-kind
                 (settled-in vat (on-match (<- near '(1 2)) ((a) a))))))

  (test-equal "(hob actor-lib let-on) has the same forms"
              '((fulfilled 3) (fulfilled 3))
              (list (settled-in vat
                      (older:let-on ((a (<- near 1)) (b 2)) (+ a b)))
                    (settled-in vat
                      (older:let*-on ((a (<- near 1)) (b (+ a 1)))
                        (+ a b))))))
