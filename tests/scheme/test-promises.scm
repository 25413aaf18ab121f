;;; test-promises.scm -- claims about messages and promises.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob core)
             (hob exceptions)
             (hob vat)
             (ice-9 exceptions)
             (testing)
             (waiting))

(define a (spawn-vat #:name "a"))
(define b (spawn-vat #:name "b"))

;; What BODY wrote down, with `note', by the end of its churn in vat a.
(define notes '())
(define (note . items) (set! notes (append notes items)))
(define-syntax-rule (noted body ...)
  (begin
    (set! notes '())
    (with-vat a body ...)
    notes))

;; The same when other vats take part: waits for COUNT notes.
(define-syntax-rule (noted-later count body ...)
  (begin
    (noted body ...)
    (wait-until (lambda () (>= (length notes) count)))
    notes))

(define-syntax-rule (with-promise (promise resolver) body ...)
  (call-with-values spawn-promise-and-resolver
    (lambda (promise resolver) body ...)))

(define (^fails bcom)
  (lambda _ (throw 'failed)))

(define (^echo bcom)
  (lambda args args))

(define (^maker bcom)
  (lambda args (spawn ^cell args)))

(define-syntax-rule (on-both promise)
  (on promise
      (lambda (value) (note 'fulfilled value))
      #:catch (lambda (problem) (note 'broken problem))))

(define far-echo (with-vat b (spawn ^echo)))
(define far-fails (with-vat b (spawn ^fails)))
(define far-maker (with-vat b (spawn ^maker)))

(define (cycle? outcome)
  (and (eq? 'broken (car outcome))
       (cycle-in-promise-resolution? (cadr outcome))))

(define (kind outcome)
  (list (car outcome) (exception-kind (cadr outcome))))

(test-suite "promises"
  (test-group "sending"
    (test-equal "<- gives a promise for the answer" '(fulfilled (1 2))
                (noted (on-both (<- (spawn ^echo) 1 2))))
    (test-equal "<-np answers nothing" *unspecified*
                (with-vat a (<-np (spawn ^echo) 1)))
    (test-equal "a message is handled after the turn that sent it"
                '(sent handled)
                (noted (<-np (spawn (lambda (bcom)
                                      (lambda () (note 'handled)))))
                       (note 'sent)))
    (test-equal "near messages are handled in order" (iota 20)
                (noted (let ((noter (spawn (lambda (bcom) note))))
                         (for-each (lambda (n) (<-np noter n)) (iota 20)))))
    (test-equal "far messages are handled in order" (iota 100)
                (let ((noter (with-vat b (spawn (lambda (bcom) note)))))
                  (noted-later 100
                    (for-each (lambda (n) (<-np noter n)) (iota 100)))))
    (test-equal "far messages of several churns too" (iota 100)
                (let ((noter (with-vat b (spawn (lambda (bcom) note)))))
                  (set! notes '())
                  (for-each (lambda (n) (with-vat a (<-np noter n)))
                            (iota 100))
                  (wait-until (lambda () (= (length notes) 100)))
                  notes))
    (test-raises "what is no reference takes no messages" hob-error?
      (with-vat a (<- 'x 1)))
    (test-raises "nor one without a promise" hob-error?
      (with-vat a (<-np 'x 1)))
    (test-raises "outside of a turn nothing is sent" no-turn?
      (<- far-echo 1))
    (test-equal "<-np-extern sends from outside" '(1 2)
                (begin
                  (set! notes '())
                  (<-np-extern (with-vat b (spawn (lambda (bcom) note))) 1 2)
                  (wait-until (lambda () (= (length notes) 2)))
                  notes)))

  (test-group "pipelining"
    (test-equal "a message to a promise goes to what it is fulfilled with"
                '(fulfilled (1))
                (noted (on-both (<- (<- (spawn ^maker) 1)))))
    (test-equal "across vats" '(fulfilled (1))
                (settled-in a (<- (<- far-maker 1))))
    (test-equal "messages wait in a promise in order" '(1 2 3)
                (noted (with-promise (promise resolver)
                         (<-np promise 1)
                         (<-np promise 2)
                         (<-np promise 3)
                         ($ resolver 'fulfill
                            (spawn (lambda (bcom) note))))))
    (test-equal "a promise fulfilled with a value answers with it"
                '(fulfilled 7)
                (noted (with-promise (promise resolver)
                         (on-both (<- promise 'anything))
                         ($ resolver 'fulfill 7))))
    (test-equal "a broken promise breaks what hangs on it"
                '(broken failed)
                (noted (on (<- (<- (<- (spawn ^fails)) 1) 2)
                           note
                           #:catch
                           (lambda (problem)
                             (note 'broken (exception-kind problem))))))
    (test-equal "also across vats" '(broken failed)
                (kind (settled-in a (<- (<- far-fails) 1)))))

  (test-group "on"
    (test-equal "a handler runs in a later turn" '(first later)
                (noted (on 1 (lambda (_) (note 'later)))
                       (note 'first)))
    (test-equal "what is no promise counts as fulfilled" '(fulfilled 3)
                (noted (on-both 3)))
    (test-equal "an object is what it is fulfilled with" '(#t)
                (noted (let ((object (spawn ^echo)))
                         (on object
                             (lambda (value) (note (eq? value object)))))))
    (test-equal "it says nothing back" *unspecified*
                (with-vat a (on 1 identity)))
    (test-equal "the catch handler gets the problem" '(broken (a problem))
                (noted (with-promise (promise resolver)
                         (on-both promise)
                         ($ resolver 'break '(a problem)))))
    (test-equal "W41: finally is called without an argument, and last"
                '(value 1 finally)
                (noted (on 1
                           (lambda (value) (note 'value value))
                           #:finally (lambda args
                                       (apply note 'finally args)))))
    (test-equal "finally is called when it breaks, too" '(caught finally)
                (noted (with-promise (promise resolver)
                         (on promise
                             #:catch (lambda _ (note 'caught))
                             #:finally (lambda () (note 'finally)))
                         ($ resolver 'break 'x))))
    (test-equal "the catch handler does not see the handler's own error" '()
                (noted (on 1
                           (lambda (_) (error "own"))
                           #:catch (lambda _ (note 'caught)))))
    (test-equal "#:promise? gives a promise for the handler's value"
                '(fulfilled 2)
                (noted (on-both (on 1 1+ #:promise? #t))))
    (test-equal "which the handler's error breaks" '(broken own)
                (noted (on (on 1 (lambda (_) (throw 'own)) #:promise? #t)
                           note
                           #:catch
                           (lambda (problem)
                             (note 'broken (exception-kind problem))))))
    (test-equal "and the catch handler's value fulfils" '(fulfilled 5)
                (noted (with-promise (promise resolver)
                         (on-both (on promise
                                      #:catch (const 5) #:promise? #t))
                         ($ resolver 'break 'x))))
    (test-equal "without handlers it comes to the same" '(fulfilled 1 broken x)
                (noted (with-promise (promise resolver)
                         (on-both (on 1 #:promise? #t))
                         (on-both (on promise #:promise? #t))
                         ($ resolver 'break 'x))))
    (test-equal "without a handler for it a problem goes on" '(broken x)
                (noted (with-promise (promise resolver)
                         (on-both (on promise list #:promise? #t))
                         ($ resolver 'break 'x))))
    (test-equal "without a handler for it a value goes on" '(fulfilled 1)
                (noted (on-both (on 1 #:catch list #:promise? #t))))
    (test-equal "a handler's promise is followed" '(fulfilled (9))
                (noted (let ((echo (spawn ^echo)))
                         (on-both (on 9 (lambda (n) (<- echo n))
                                      #:promise? #t)))))
    (test-equal "handlers may be objects, near or far"
                '(fulfilled (1) fulfilled (2))
                (append
                 (settled-in a (on 1 (spawn ^echo) #:promise? #t))
                 (settled-in a (on 2 far-echo #:promise? #t))))
    (test-equal "handlers of one promise run in the order they were given"
                '(1 2 3)
                (noted (with-promise (promise resolver)
                         (for-each (lambda (n)
                                     (on promise (lambda (_) (note n))))
                                   '(1 2 3))
                         ($ resolver 'fulfill #t))))
    (test-raises "anything else is no handler" hob-error?
      (with-vat a (on 1 'handler)))
    (test-raises "an unknown keyword is refused" error?
      (with-vat a (on 1 list #:ctach list)))
    (test-equal "a handler's error undoes its own turn only" '(1 #f)
                (let ((one (with-vat a (spawn ^cell)))
                      (two (with-vat a (spawn ^cell))))
                  (with-vat a
                    (on 1 (lambda (n) ($ one n)))
                    (on 1 (lambda (n) ($ two n) (error "own"))))
                  (with-vat a (list ($ one) ($ two)))))
    (test-equal "a handler cannot become" 'broken
                (car (settled-in a
                       (<- (spawn (lambda (bcom)
                                    (lambda ()
                                      (on 1 (lambda (_) (bcom list))
                                          #:promise? #t)))))))))

  (test-group "listen-to"
    (test-equal "the listener hears of fulfilment" '(fulfill 1)
                (noted (with-promise (promise resolver)
                         (listen-to promise (spawn (lambda (bcom) note)))
                         ($ resolver 'fulfill 1))))
    (test-equal "and of breakage" '(break x)
                (noted (with-promise (promise resolver)
                         (listen-to promise (spawn (lambda (bcom) note)))
                         ($ resolver 'break 'x))))
    (test-equal "what is no promise is fulfilled" '(fulfill 5)
                (noted (listen-to 5 (spawn (lambda (bcom) note)))))
    (test-equal "of far promises too" '(fulfill (1 2))
                (noted-later 2
                  (listen-to (<- far-echo 1 2)
                             (spawn (lambda (bcom) note))
                             #:wants-partial? #t)))
    (test-raises "only a reference listens" hob-error?
      (with-vat a (listen-to 1 list))))

  (test-group "settling"
    (test-equal "by a message to the resolver" '(fulfilled 3)
                (noted (with-promise (promise resolver)
                         (on-both promise)
                         (<-np resolver 'fulfill 3))))
    (test-equal "from another vat" '(fulfilled 3)
                (settled-in a
                  (with-promise (promise resolver)
                    (with-vat b (<-np resolver 'fulfill 3))
                    promise)))
    (test-equal "a promise follows another" '(fulfilled 1 broken x)
                (noted (with-promise (one resolve-one)
                         (with-promise (two resolve-two)
                           (on-both one)
                           ($ resolve-one 'fulfill two)
                           ($ resolve-two 'fulfill 1)))
                       (with-promise (one resolve-one)
                         (with-promise (two resolve-two)
                           (on-both one)
                           ($ resolve-one 'fulfill two)
                           ($ resolve-two 'break 'x)))))
    (test-equal "one that follows is settled: its resolver can do no more"
                '(#f fulfilled 1)
                (noted (with-promise (one resolve-one)
                         (with-promise (two resolve-two)
                           ($ resolve-one 'fulfill two)
                           (note ($ resolve-one 'fulfill 'other))
                           (on-both one)
                           ($ resolve-two 'fulfill 1)))))
    (test-equal "a long chain of promises settles" '(fulfilled end)
                (noted (let loop ((n 20000) (promise 'end))
                         (if (zero? n)
                             (on-both promise)
                             (with-promise (next resolver)
                               ($ resolver 'fulfill promise)
                               (loop (1- n) next))))))
    (test-equal "so does one made from the other end" '(fulfilled end)
                (noted (with-promise (first resolver)
                         (on-both first)
                         (let loop ((n 20000) (resolver resolver))
                           (if (zero? n)
                               ($ resolver 'fulfill 'end)
                               (with-promise (next next-resolver)
                                 ($ resolver 'fulfill next)
                                 (loop (1- n) next-resolver))))))))

  (test-group "cycles"
    (test-assert "W22: a promise fulfilled with itself breaks"
      (cycle? (settled-in a
                (with-promise (promise resolver)
                  ($ resolver 'fulfill promise)
                  promise))))
    (test-assert "W22: so do two fulfilled with each other"
      (let ((promises
             (with-vat a
               (with-promise (one resolve-one)
                 (with-promise (two resolve-two)
                   ($ resolve-one 'fulfill two)
                   ($ resolve-two 'fulfill one)
                   (list one two))))))
        (and (cycle? (settled-in a (car promises)))
             (cycle? (settled-in a (cadr promises))))))
    (test-assert "W22: so do two of different vats"
      (let* ((one (with-vat a (call-with-values spawn-promise-and-resolver
                                cons)))
             (two (with-vat b (call-with-values spawn-promise-and-resolver
                                cons))))
        (with-vat a ($ (cdr one) 'fulfill (car two)))
        (with-vat b ($ (cdr two) 'fulfill (car one)))
        (and (cycle? (settled-in a (car one)))
             (cycle? (settled-in b (car two))))))
    (test-assert "W22: so does a message that answers with its own answer"
      (cycle? (settled-in a
                (let ((cell (spawn ^cell)))
                  ($ cell (<- cell))
                  ($ cell)))))
    (test-equal "the vat goes on after a cycle" '(fulfilled (1))
                (settled-in a (<- (spawn ^echo) 1)))))
