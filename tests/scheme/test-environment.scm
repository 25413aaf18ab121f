;;; test-environment.scm -- claims about what names in a store mean.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob actor-lib cell)
             (hob environment)
             (hob exceptions)
             (ice-9 exceptions)
             (testing))

(define (^one bcom) (portraitize (const 1) list))
(define (^two bcom) (portraitize (const 2) list))

(define (rehydrate version . data)
  (spawn ^one))

(define (message exception)
  (apply format #f (exception-message exception)
         (exception-irritants exception)))

(define-syntax-rule (raised body ...)
  (with-exception-handler identity
    (lambda () body ... 'nothing)
    #:unwind? #t))

(define (names-clash? exception name)
  (and (persistence-error? exception)
       (equal? name (persistence-error-kind exception))
       (string-contains (message exception) "another kind")
       #t))

(define (name-of env constructor)
  (and=> (environment-spec env constructor) object-spec-name))

(test-suite "environment"
  (test-equal "a kind is found by its constructor" '(one two #f)
              (let ((env (make-persistence-env `((one ,^one) (two ,^two)))))
                (map (lambda (constructor) (name-of env constructor))
                     (list ^one ^two ^cell))))
  (test-equal "a name may be any data" '("one" (a (b 1)))
              (let ((env (make-persistence-env `(("one" ,^one)
                                                 ((a (b 1)) ,^two)))))
                (list (name-of env ^one) (name-of env ^two))))
  (test-equal "namespace-env joins the namespace and the identifier"
              '((my module) ^one)
              (name-of (namespace-env (my module) ^one) ^one))
  (test-equal "an environment may be empty" #f
              (name-of (make-persistence-env) ^one))
  (test-equal "a rehydrator stands beside the constructor" (list rehydrate #f)
              (let ((env (make-persistence-env `((one ,^one ,rehydrate)
                                                 (two ,^two)))))
                (list (object-spec-rehydrator (environment-spec env ^one))
                      (object-spec-rehydrator (environment-spec env ^two)))))
  (test-assert "an actor's own comes first"
    (not (eq? rehydrate
              (object-spec-rehydrator
               (environment-spec
                (make-persistence-env `((cell ,^cell ,rehydrate)))
                ^cell)))))
  (test-equal "#:extends takes one environment, or a list"
              '((one two) (one two ((hob actor-lib cell) ^cell)))
              (let ((one (make-persistence-env `((one ,^one))))
                    (two `((two ,^two))))
                (list (let ((env (make-persistence-env two #:extends one)))
                        (map (lambda (c) (name-of env c)) (list ^one ^two)))
                      (let ((env (make-persistence-env
                                  two #:extends (list one cell-env))))
                        (map (lambda (c) (name-of env c))
                             (list ^one ^two ^cell))))))
  (test-equal "persistence-env-compose joins any number"
              '(#f (one) (one two))
              (let ((one (make-persistence-env `((one ,^one))))
                    (two (make-persistence-env `((two ,^two)))))
                (list (name-of (persistence-env-compose) ^one)
                      (list (name-of (persistence-env-compose one) ^one))
                      (let ((env (persistence-env-compose one two one)))
                        (map (lambda (c) (name-of env c))
                             (list ^one ^two))))))
  (test-equal "the environments that are joined stay as they were" #f
              (let ((one (make-persistence-env `((one ,^one))))
                    (two (make-persistence-env `((two ,^two)))))
                (persistence-env-compose one two)
                (name-of one ^two)))

  (test-group "names that would mean two things (W34)"
    (test-assert "W34: are refused in one list"
      (names-clash? (raised (make-persistence-env `((a ,^one) (a ,^two))))
                    'a))
    (test-assert "W34: are refused when environments are joined"
      (names-clash? (raised (persistence-env-compose
                             (make-persistence-env `((a ,^one)))
                             (make-persistence-env `((a ,^two)))))
                    'a))
    (test-assert "W34: are refused in what is extended"
      (names-clash? (raised (make-persistence-env
                             `((a ,^one))
                             #:extends (make-persistence-env `((a ,^two)))))
                    'a))
    (test-assert "W34: names are compared as data"
      (names-clash? (raised (make-persistence-env
                             (list (list (list 'a "b") ^one)
                                   (list (list 'a "b") ^two))))
                    '(a "b")))
    (test-assert "W34: another rehydrator is another meaning"
      (names-clash? (raised (make-persistence-env
                             `((a ,^one) (a ,^one ,rehydrate))))
                    'a))
    (test-equal "W34: the same meaning twice is fine" 'a
                (name-of (make-persistence-env `((a ,^one) (a ,^one)))
                         ^one)))

  (test-group "mistakes"
    (for-each
     (lambda (spec)
       (test-raises (format #f "~s is no specification" spec)
         persistence-error?
         (make-persistence-env (list spec))))
     `(a (a) (a b) (a ,^one b) (a ,^one ,rehydrate c) ,^one))
    (test-raises "what is no environment cannot be extended"
      persistence-error?
      (make-persistence-env '() #:extends 'env))
    (test-raises "nor composed" persistence-error?
      (persistence-env-compose cell-env '((a b)))))

  (test-equal "it is written with the number of its kinds"
              "#<persistence-env of 2 kinds>"
              (format #f "~a" (make-persistence-env `((one ,^one)
                                                      (two ,^two))))))
