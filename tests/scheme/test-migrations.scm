;;; test-migrations.scm -- claims about (hob migrations).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob core)
             (hob define-actor)
             (hob exceptions)
             (hob migrations)
             (hob persistence-store memory)
             (hob vat)
             (ice-9 exceptions)
             (testing))

(define upgrade
  (migrations
   ((2 a b) (list a b 'two))
   ((3 a b c) (list c))
   ((4 c) (list c 'four))))

(define (upgraded . args)
  (call-with-values (lambda () (apply upgrade args)) list))

(define (says? . parts)
  (lambda (exception)
    (and (persistence-error? exception)
         (let ((text (apply format #f (exception-message exception)
                            (exception-irritants exception))))
           (and-map (lambda (part) (string-contains text part)) parts))
         #t)))

(define-syntax-rule (test-refused name clause ...)
  ;; Claim that migrations of the CLAUSEs are a syntax error.
  (test-raises name
    (lambda (exception) (eq? 'syntax-error (exception-kind exception)))
    (eval '(migrations clause ...) (resolve-module '(hob migrations)))))

;; Two programs, the second of which knows what the first does not.
(define-actor (^note-1 bcom text)
  #:version 1
  (lambda () (list text)))

(define-actor (^note-3 bcom text tags author)
  #:version 3
  #:upgrade (migrations
             ((2 text) (list text '()))
             ((3 text tags) (list text tags "unknown")))
  (lambda () (list text tags author)))

(define (open store constructor . args)
  (call-with-values
      (lambda ()
        (spawn-persistent-vat (make-persistence-env
                               (list (list 'note constructor)))
                              (lambda () (apply spawn constructor args))
                              store))
    list))

;; What CONSTRUCTORs make of what the first of them stored, and their vats.
(define (read-in-turn store . constructors)
  (map (lambda (constructor)
         (let* ((vat+note (open store constructor "hello"))
                (answer (with-vat (car vat+note) ($ (cadr vat+note)))))
           (vat-halt! (car vat+note))
           answer))
       constructors))

(test-suite "migrations"
  (test-group "upgrading"
    (test-equal "each clause makes a version from the one before"
                '(4 (two four)) (upgraded 1 'x 'y))
    (test-equal "it begins with the version that the data has"
                '(4 (z four)) (upgraded 2 'x 'y 'z))
    (test-equal "data of the newest version stays" '(4 (x y))
                (upgraded 4 'x 'y))
    (test-equal "arguments may be patterns" '(1 (1 2 3))
                (call-with-values
                    (lambda ()
                      ((migrations ((1 (a . b) #(c)) (list a b c)))
                       0 '(1 . 2) #(3)))
                  list)))

  (test-group "data that it cannot upgrade"
    (test-raises "W35: newer data than the code" (says? "version 5" "4")
      (upgraded 5 'x))
    (test-raises "older data than the lowest clause takes"
      (says? "version 0 older than minimum 1")
      (upgraded 0 'x 'y))
    (test-raises "too little data" (says? "version 2" "(a b)" "has 1")
      (upgraded 1 'x))
    (test-raises "too much data" (says? "(a b c)" "has 4")
      (upgraded 2 'x 'y 'z 'more))
    (test-raises "a version that is no number" (says? "no version")
      (upgraded "1" 'x 'y))
    (test-raises "a clause that returns no list" (says? "version 1" "no list")
      ((migrations ((1 a) 'oops)) 0 'x)))

  (test-group "clauses that cannot be meant"
    (test-refused "a gap" ((1 a) (list a)) ((3 a) (list a)))
    (test-refused "an order that counts down"
                  ((2 a) (list a)) ((1 a) (list a)))
    (test-refused "one version twice" ((1 a) (list a)) ((1 a) (list a)))
    (test-refused "a version that is no exact integer" ((1.0 a) (list a)))
    (test-refused "a version that is an expression" (((+ 1 1) a) (list a)))
    (test-refused "no clause")
    (test-refused "a clause without a body" ((1 a))))

  (test-group "stored objects"
    (test-equal "an object of an older program is upgraded, and stays so"
                '(("hello") ("hello" () "unknown") ("hello" () "unknown"))
                (read-in-turn (make-memory-store)
                              ^note-1 ^note-3 ^note-3))
    (test-raises "W35: an older program refuses a newer object"
      (says? "knows versions")
      (let ((store (make-memory-store)))
        (define-actor (^note-2 bcom text tags)
          #:version 2
          #:upgrade (migrations ((2 text) (list text '())))
          (lambda () (list text tags)))
        (read-in-turn store ^note-1 ^note-3 ^note-2)))))
