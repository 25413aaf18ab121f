;;; test-await.scm -- claims about waiting in the middle of a behaviour.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob core)
             (hob exceptions)
             (hob persistence-store memory)
             (hob vat)
             (ice-9 exceptions)
             (testing)
             (waiting))

(define a (spawn-vat #:name "a"))
(define b (spawn-vat #:name "b"))

(define (^echo bcom)
  (lambda args args))

(define (^fails bcom)
  (lambda args (throw 'failed args)))

(define echo (with-vat a (spawn ^echo)))
(define far-echo (with-vat b (spawn ^echo)))
(define far-fails (with-vat b (spawn ^fails)))

(define-syntax-rule (with-promise (promise resolver) body ...)
  (call-with-values spawn-promise-and-resolver
    (lambda (promise resolver) body ...)))

;; An object that runs the procedure that it is sent.
(define (^runs bcom)
  (lambda (thunk) (thunk)))
(define runs (with-vat a (spawn ^runs)))

(define notes '())
(define (note . items) (set! notes (append notes items)))

;; What BODY, which awaits in an activation of its own, notes, until COUNT are.
(define-syntax-rule (noted count body ...)
  (begin
    (set! notes '())
    (with-vat a ($ runs (lambda () body ...)))
    (wait-until (lambda () (>= (length notes) count)))
    notes))

(define (kind-of thunk)
  (with-exception-handler exception-kind thunk #:unwind? #t))

;; What THUNK raises, as it is.
(define (catch-raised thunk)
  (with-exception-handler identity thunk #:unwind? #t))

(define (raised-in-turn thunk)
  (catch-raised (lambda () (with-vat a ($ runs thunk)))))

(test-suite "await"
  (test-group "gives"
    (test-equal "the value of a near promise" '(awaited (1))
                (noted 2 (note 'awaited (await (<- echo 1)))))
    (test-equal "the value of a far promise" '((1))
                (noted 1 (note (await (<- far-echo 1)))))
    (test-equal "what is no promise at once, in a later turn" '(1)
                (noted 1 (note (await 1))))
    (test-equal "<<- sends and awaits" '((1 2))
                (noted 1 (note (<<- far-echo 1 2))))
    (test-equal "several, one after the other" '((1) (2) (3))
                (noted 3
                  (note (<<- far-echo 1))
                  (note (<<- echo 2))
                  (note (<<- far-echo 3))))
    (test-equal "in a loop" (iota 200)
                (noted 200
                  (for-each (lambda (n)
                              (note (car (<<- far-echo n))))
                            (iota 200))))
    (test-equal "a promise that is resolved later" '(before 5)
                (begin
                  (set! notes '())
                  (let ((resolver
                         (with-vat a
                           (with-promise (promise resolver)
                             ($ runs (lambda () (note (await promise))))
                             resolver))))
                    (note 'before)
                    (with-vat a ($ resolver 'fulfill 5))
                    notes))))

  (test-group "its caller"
    (test-equal "with $ gets a symbol" '*awaited*
                (with-vat a ($ runs (lambda () (await (<- echo 1))))))
    (test-equal "goes on, and is not suspended" '(called resumed)
                (noted 2
                  ($ runs (lambda () (await (<- echo 1)) (note 'resumed)))
                  (note 'called)))
    (test-equal "gets a promise with #:promise?" '(fulfilled (1 2))
                (settled-in a
                  ($ runs (lambda ()
                            (append (await (<- far-echo 1) #:promise? #t)
                                    '(2))))))
    (test-equal "with <- gets what it said first" '(fulfilled *awaited*)
                (settled-in a
                  (<- runs (lambda () (await (<- echo 1)) 'done))))
    (test-equal "with <- and #:promise? gets the end" '(fulfilled done)
                (settled-in a
                  (<- runs (lambda ()
                             (await (<- far-echo 1) #:promise? #t)
                             (await (<- far-echo 2) #:promise? #t)
                             (await (<- echo 3) #:promise? #t)
                             'done))))
    (test-equal "the promise is for what the rest says, when it awaits without"
                '(fulfilled *awaited*)
                (settled-in a
                  (<- runs (lambda ()
                             (await (<- far-echo 1) #:promise? #t)
                             (await (<- far-echo 2))
                             'done))))
    (test-equal "of with-vat gets the symbol, and the rest runs" '(*awaited* 1)
                (begin
                  (set! notes '())
                  (let ((answer (with-vat a (note (car (<<- echo 1))))))
                    (cons answer notes))))
    (test-equal "of an actormap gets the symbol" '*awaited*
                (let* ((am (make-actormap))
                       (cell (actormap-spawn! am ^cell)))
                  (actormap-run! am (lambda () (await (<- cell)))))))

  (test-group "a broken promise"
    (test-equal "raises its problem" 'failed
                (car (noted 1
                       (note (kind-of (lambda () (<<- far-fails)))))))
    (test-equal "raises any object" '(caught 42)
                (noted 2
                  (note 'caught
                        (catch-raised
                         (lambda ()
                           (await (with-promise (promise resolver)
                                    ($ resolver 'break 42)
                                    promise)))))))
    (test-equal "and the activation may wait again" '(failed (1))
                (noted 2
                  (note (kind-of (lambda () (<<- far-fails))))
                  (note (<<- far-echo 1))))
    (test-equal "uncaught breaks the promise of the rest" '(broken failed)
                (let ((outcome
                       (settled-in a
                         (<- runs (lambda ()
                                    (await (<- far-fails) #:promise? #t)
                                    'not-reached)))))
                  (list (car outcome) (exception-kind (cadr outcome)))))
    (test-equal "runs what dynamic-wind guards" '(in out in failed out)
                (noted 5
                  (dynamic-wind
                    (lambda () (note 'in))
                    (lambda ()
                      (note (kind-of (lambda () (<<- far-fails)))))
                    (lambda () (note 'out))))))

  (test-group "what goes on later"
    (test-equal "is a turn of its own: its error undoes only itself" '(1 0)
                (let ((one (with-vat a (spawn ^cell 0)))
                      (two (with-vat a (spawn ^cell 0))))
                  (set! notes '())
                  (with-vat a
                    ($ runs (lambda ()
                              ($ one 1)
                              (<<- echo)
                              ($ two 2)
                              (error "undone")))
                    #t)
                  (with-vat a (list ($ one) ($ two)))))
    (test-equal "keeps parameters and handlers" '(inner caught)
                (let ((parameter (make-parameter 'outer)))
                  (noted 2
                    (parameterize ((parameter 'inner))
                      (catch 'oops
                        (lambda ()
                          (<<- echo 1)
                          (note (parameter))
                          (throw 'oops))
                        (lambda _ (note 'caught)))))))
    (test-equal "may become, if nobody changed the object meanwhile" 'new
                (letrec* ((^late (lambda (bcom value)
                                   (case-lambda
                                     (() value)
                                     ((new)
                                      (<<- far-echo)
                                      (bcom (^late bcom new))))))
                          (late (with-vat a (spawn ^late 'old))))
                  (with-vat a ($ late 'new))
                  (wait-until (lambda ()
                                (eq? 'new (with-vat a ($ late)))))
                  (with-vat a ($ late))))
    (test-equal "W39: may not become if somebody did" '(broken first)
                (letrec* ((^late (lambda (bcom value)
                                   (case-lambda
                                     (() value)
                                     ((new)
                                      (bcom (^late bcom new)))
                                     ((new wait)
                                      (await wait #:promise? #t)
                                      (bcom (^late bcom new))))))
                          (late (with-vat a (spawn ^late 'old)))
                          (pair (with-vat a
                                  (with-promise (promise resolver)
                                    (cons ($ late 'second promise)
                                          resolver)))))
                  (with-vat a ($ late 'first))
                  (with-vat a ($ (cdr pair) 'fulfill #t))
                  (list (car (settled a (lambda () (car pair))))
                        (with-vat a ($ late)))))
    (test-equal "other activations of the object run meanwhile" '(1 2 resumed)
                (let ((resolver #f))
                  (noted 3
                    (with-promise (promise resolver)
                      (<-np runs (lambda () (await promise) (note 'resumed)))
                      (<-np runs (lambda () (note 1)))
                      (<-np runs (lambda ()
                                   (note 2)
                                   ($ resolver 'fulfill #t)))))))
    (test-equal "sees the turns in between" '(0 7)
                (let ((cell (with-vat a (spawn ^cell 0))))
                  (noted 2
                    (note ($ cell))
                    (<-np cell 7)
                    (<<- echo)
                    (note ($ cell))))))

  (test-group "works in"
    (test-equal "a handler of on" '((1))
                (noted 1 (on 1 (lambda (n) (note (<<- far-echo n))))))
    (test-equal "a handler of on, whose promise is for the end" '(fulfilled (1))
                (settled-in a
                  (on 1
                      (lambda (n) (await (<- far-echo n) #:promise? #t))
                      #:promise? #t)))
    (test-equal "a catch handler and a finally" '((c) (f))
                (noted 2
                  (with-promise (promise resolver)
                    (on promise
                        #:catch (lambda (_) (note (<<- echo 'c)))
                        #:finally (lambda () (note (<<- echo 'f))))
                    ($ resolver 'break 'x))))
    (test-equal "a constructor: who spawns waits" '(waiting (1) spawned (1))
                (noted 4
                  (on #t (lambda (_) (note 'waiting)))
                  (let ((object (spawn (lambda (bcom)
                                         (let ((value (<<- far-echo 1)))
                                           (note value)
                                           (lambda () value))))))
                    (note 'spawned ($ object)))))
    (test-equal "map and for-each of Scheme" '((1) (2) (3))
                (noted 3
                  (apply note (map (lambda (n) (<<- far-echo n)) '(1 2 3)))))
    (test-equal "nested calls, each its own" '(inner (2) outer (1))
                (noted 4
                  ($ (spawn ^runs)
                     (lambda ()
                       ($ (spawn ^runs)
                          (lambda () (note 'inner (<<- echo 2))))
                       (note 'outer (<<- echo 1)))))))

  (test-group "does not work"
    (test-raises "outside of a turn" no-turn? (await 1))
    (test-assert "in a callback of sort, and says so"
      (let ((problem (raised-in-turn
                      (lambda ()
                        (sort '(3 1 2)
                              (lambda (x y) (<<- echo) (< x y)))))))
        (and (hob-error? problem)
             (string-contains (exception-message problem) "sort")
             #t)))
    (test-assert "in a callback of hash-for-each, and says so"
      (let ((problem (raised-in-turn
                      (lambda ()
                        (let ((table (make-hash-table)))
                          (hashq-set! table 1 2)
                          (hash-for-each (lambda (key value) (<<- echo))
                                         table))))))
        (and (hob-error? problem)
             (string-contains (exception-message problem) "written in C")
             #t)))
    (test-equal "and the vat goes on after it" '((1))
                (noted 1 (note (<<- echo 1))))
    (test-assert "in a constructor while a vat is opened, and says so"
      (let* ((^waits (lambda (bcom)
                       (let ((value (await 1)))
                         (lambda () value))))
             (problem (catch-raised
                       (lambda ()
                         (spawn-persistent-vat
                          (make-persistence-env `((waits ,^waits)))
                          (lambda () (spawn ^waits))
                          (make-memory-store))))))
        (and (hob-error? problem)
             (string-contains (exception-message problem) "await")
             #t)))))
