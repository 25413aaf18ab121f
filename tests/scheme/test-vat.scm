;;; test-vat.scm -- claims about vats and with-vat.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob core)
             (hob exceptions)
             (hob vat)
             (ice-9 control)
             (ice-9 exceptions)
             (ice-9 threads)
             (system base compile)
             (testing)
             (waiting))

(define a (spawn-vat #:name "a"))
(define b (spawn-vat #:name "b"))

(define (^counter bcom n)
  (case-lambda
    (() n)
    ((more) (bcom (^counter bcom (+ n more)) (+ n more)))))

(define-syntax-rule (raised body ...)
  (with-exception-handler identity
    (lambda () body ... 'nothing)
    #:unwind? #t))

(define (values->list thunk)
  (call-with-values thunk list))

;; In a thread, so that a test that hangs fails; 'hangs after SECONDS.
(define* (within seconds thunk)
  (join-thread (call-with-new-thread thunk)
               (+ seconds (current-time))
               'hangs))

;; Procedure names on the stack of a handler of who calls with-vat.
(define (frames-at-raise thunk)
  (let/ec return
    (with-exception-handler
        (lambda (exception)
          (let ((stack (make-stack #t)))
            (return (map (lambda (index)
                           (frame-procedure-name (stack-ref stack index)))
                         (iota (stack-length stack))))))
      thunk)))

;; Compiled, or its frames had no names.
(define ^deep
  (compile '(lambda (bcom)
              (define (behaviour-that-fails x)
                (+ 1 (car x)))
              behaviour-that-fails)
           #:to 'value))

(test-suite "vat"
  (test-group "with-vat"
    (test-equal "gives the value" 3 (with-vat a (+ 1 2)))
    (test-equal "gives many values" '(1 2 3)
                (values->list (lambda () (with-vat a (values 1 2 3)))))
    (test-equal "gives no value" '()
                (values->list (lambda () (with-vat a (values)))))
    (test-equal "many values when the vat is busy, too" '(1 2 3)
                (let ((thread (call-with-new-thread
                               (lambda () (with-vat a (usleep 50000))))))
                  (usleep 10000)
                  (values->list (lambda () (with-vat a (values 1 2 3))))))
    (test-equal "an object is changed by it" '(1 3)
                (let ((counter (with-vat a (spawn ^counter 0))))
                  (list (with-vat a ($ counter 1))
                        (with-vat a ($ counter 2)))))
    (test-equal "call-with-vat is the same with a thunk" 5
                (call-with-vat a (const 5)))
    (test-equal "in a turn of another vat it gives a promise"
                '(#t (fulfilled 7))
                (list (with-vat a (promise-refr? (with-vat b 7)))
                      (settled-in a (with-vat b 7))))
    (test-equal "in a turn of the same vat, too" '(#t (fulfilled 7))
                (list (with-vat a (promise-refr? (with-vat a 7)))
                      (settled-in a (with-vat a 7))))
    (test-equal "that promise is for the first value" '(fulfilled 1)
                (settled-in a (with-vat b (values 1 2 3))))
    (test-equal "that promise breaks with what was raised" '(broken oops)
                (let ((outcome (settled-in a (with-vat b (throw 'oops)))))
                  (list (car outcome) (exception-kind (cadr outcome)))))
    (test-equal "that works while an actormap runs in the turn" 2
                (with-vat a (let ((am (make-actormap)))
                              (actormap-run! am (const 2)))))
    (test-raises "something else is no vat" hob-error? (with-vat 'a 1)))

  (test-group "what is raised in it"
    (test-assert "is raised in the caller, as the object it was"
      (let ((exception (make-error)))
        (eq? exception (raised (with-vat a (raise-exception exception))))))
    (test-assert "also when the vat was busy"
      (let ((exception (make-error))
            (thread (call-with-new-thread
                     (lambda () (with-vat a (usleep 50000))))))
        (usleep 10000)
        (eq? exception (raised (with-vat a (raise-exception exception))))))
    (test-assert "shows a handler of the caller the frames of the behaviour"
      (let* ((idle (spawn-vat))
             (frames (frames-at-raise
                      (lambda () (with-vat idle ($ (spawn ^deep) 'x))))))
        (and (memq 'behaviour-that-fails frames) #t)))
    (test-assert "has its stack in turn-backtrace when the vat was busy"
      (let ((busy (call-with-new-thread
                   (lambda () (with-vat a (usleep 50000))))))
        (usleep 10000)
        (let ((problem (raised (with-vat a ($ (spawn ^deep) 'x)))))
          (join-thread busy)
          (stack? (turn-backtrace problem)))))
    (test-assert "shows them for actormaps, too"
      (let ((frames (frames-at-raise
                     (lambda ()
                       (actormap-run! (make-actormap)
                                      (lambda () ($ (spawn ^deep) 'x)))))))
        (and (memq 'behaviour-that-fails frames) #t)))
    (test-equal "leaves the vat usable for a handler that does not leave" 1
                (let/ec return
                  (let ((counter (with-vat a (spawn ^counter 0))))
                    (with-exception-handler
                        (lambda (_)
                          (return (with-vat a ($ counter 1))))
                      (lambda ()
                        (with-vat a ($ counter 10) (error "mine")))))))
    (test-equal "leaves the vat usable" '(0 1)
                (let ((counter (with-vat a (spawn ^counter 0))))
                  (raised (with-vat a ($ counter 1) (error "mine")))
                  (list (with-vat a ($ counter)) (with-vat a ($ counter 1)))))
    (test-equal "may be caught within" '(caught 1)
                (let ((counter (with-vat a (spawn ^counter 0))))
                  (list (with-vat a
                          ($ counter 1)
                          (catch #t
                            (lambda () (error "mine"))
                            (const 'caught)))
                        (with-vat a ($ counter)))))
    (test-equal "may be one that a handler within comes back from" '(12)
                (with-vat a
                  (with-exception-handler
                      (const 2)
                    (lambda ()
                      (list (+ 10 (raise-continuable 'two)))))))
    (test-equal "cannot be come back from by a handler outside" '(refused 0)
                (let ((counter (with-vat a (spawn ^counter 0))))
                  (list (if (exception?
                             (raised
                              (with-exception-handler
                                  (const 2)
                                (lambda ()
                                  (with-vat a
                                    ($ counter 1)
                                    (+ 10 (raise-continuable 'two)))))))
                            'refused
                            'came-back)
                        (with-vat a ($ counter))))))

  (test-group "leaving it"
    (test-equal "by an escape undoes the turn and leaves the vat usable"
                '(left 0 1)
                (let* ((counter (with-vat a (spawn ^counter 0)))
                       (how (let/ec leave
                              (with-vat a ($ counter 1) (leave 'left)))))
                  (list how
                        (with-vat a ($ counter))
                        (with-vat a ($ counter 1)))))
    (test-equal "by an escape drops its messages" 0
                (let ((counter (with-vat a (spawn ^counter 0)))
                      (far (with-vat b (spawn ^counter 0))))
                  (let/ec leave
                    (with-vat a (<-np counter 1) (<-np far 1) (leave #t)))
                  (usleep 10000)
                  (+ (with-vat a ($ counter)) (with-vat b ($ far)))))
    (test-equal "and coming back is refused" '(#t 1)
                (let* ((again #f)
                       (left? #f)
                       (counter (with-vat a (spawn ^counter 0)))
                       (problem
                        (raised
                         (let/ec leave
                           (with-vat a
                             (call/cc (lambda (k) (set! again k)))
                             ($ counter 5)
                             (leave #t)))
                         (unless left?
                           (set! left? #t)
                           (again #f)))))
                  (list (hob-error? problem)
                        (with-vat a ($ counter 1))))))

  (test-group "halting"
    (test-equal "a new vat runs, a halted one does not" '(#t #f #t)
                (let ((vat (spawn-vat)))
                  (list (vat-running? vat)
                        (begin (vat-halt! vat) (vat-running? vat))
                        (begin (vat-start! vat) (vat-running? vat)))))
    (test-equal "W23: a halted vat can be started again, with its objects" 3
                (let* ((vat (spawn-vat))
                       (counter (with-vat vat (spawn ^counter 1))))
                  (vat-halt! vat)
                  (vat-start! vat)
                  (within 5 (lambda () (with-vat vat ($ counter 2))))))
    (test-assert "with-vat on a halted vat raises and names it"
      (let ((vat (spawn-vat #:name "halted")))
        (vat-halt! vat)
        (let ((problem (raised (with-vat vat 1))))
          (and (vat-halted? problem)
               (equal? "halted" (vat-error-vat-name problem))))))
    (test-equal "W23: messages to a halted vat break their promises"
                '(broken #t)
                (let* ((vat (spawn-vat))
                       (counter (with-vat vat (spawn ^counter 0))))
                  (vat-halt! vat)
                  (let ((outcome (settled-in a (<- counter 1))))
                    (list (car outcome) (vat-halted? (cadr outcome))))))
    (test-equal "and are not handled later" 0
                (let* ((vat (spawn-vat))
                       (counter (with-vat vat (spawn ^counter 0))))
                  (vat-halt! vat)
                  (settled-in a (<- counter 1))
                  (vat-start! vat)
                  (with-vat vat ($ counter))))
    (test-raises "<-np-extern to a halted vat raises" vat-halted?
      (let* ((vat (spawn-vat))
             (counter (with-vat vat (spawn ^counter 0))))
        (vat-halt! vat)
        (<-np-extern counter 1)))
    (test-equal "messages that wait when it halts are handled after its start"
                1
                (let* ((vat (spawn-vat))
                       (counter (with-vat vat (spawn ^counter 0)))
                       (holder (call-with-new-thread
                                (lambda ()
                                  (raised (with-vat vat (usleep 50000)))))))
                  (usleep 10000)
                  (<-np-extern counter 1)
                  (vat-halt! vat)
                  (vat-start! vat)
                  (wait-until (lambda ()
                                (= 1 (with-vat vat ($ counter)))))
                  (with-vat vat ($ counter))))
    (test-assert "who waits for a vat that halts is told"
      (let ((vat (spawn-vat)))
        (call-with-new-thread (lambda () (raised (with-vat vat (sleep 1)))))
        (usleep 10000)
        (let ((waiter (call-with-new-thread
                       (lambda () (raised (with-vat vat 1))))))
          (usleep 10000)
          (vat-halt! vat)
          (vat-halted? (join-thread waiter (+ 5 (current-time)) #f)))))
    (test-equal "a vat may halt itself: its churn is undone" '(#f 0)
                (let* ((vat (spawn-vat))
                       (counter (with-vat vat (spawn ^counter 0))))
                  (raised (with-vat vat ($ counter 1) (vat-halt! vat)))
                  (list (vat-running? vat)
                        (begin
                          (vat-start! vat)
                          (with-vat vat ($ counter))))))
    (test-equal "halting and starting twice is fine" 1
                (let ((vat (spawn-vat)))
                  (vat-halt! vat) (vat-halt! vat)
                  (vat-start! vat) (vat-start! vat)
                  (with-vat vat 1)))
    (test-equal "promises go on after the halt of their vat" '(fulfilled 5)
                (let* ((vat (spawn-vat))
                       (slow (with-vat b (spawn (lambda (bcom)
                                                  (lambda ()
                                                    (usleep 30000)
                                                    5)))))
                       (answer (with-vat vat (<- slow))))
                  (vat-halt! vat)
                  (usleep 60000)
                  (vat-start! vat)
                  (settled vat (const answer)))))

  (test-group "several at a time"
    (test-equal "W29: a vat that blocks stops no other" #t
                (let ((slow (with-vat b (spawn (lambda (bcom)
                                                 (lambda () (sleep 2))))))
                      (start (get-internal-real-time)))
                  (with-vat a (<-np slow))
                  (let* ((other (spawn-vat))
                         (quick (with-vat other (spawn ^counter 1))))
                    (settled-in a (<- quick))
                    (< (- (get-internal-real-time) start)
                       internal-time-units-per-second))))
    (test-equal "W29: nor do ten of them" #t
                (let ((start (get-internal-real-time)))
                  (for-each (lambda (_)
                              (<-np-extern
                               (with-vat (spawn-vat)
                                 (spawn (lambda (bcom)
                                          (lambda () (sleep 2)))))))
                            (iota 10))
                  (settled-in a (<- (with-vat (spawn-vat)
                                      (spawn ^counter 1))))
                  (< (- (get-internal-real-time) start)
                     internal-time-units-per-second)))
    (test-equal "threads that ask at the same time each have their turn" 400
                (let ((counter (with-vat a (spawn ^counter 0))))
                  (for-each join-thread
                            (map (lambda (_)
                                   (call-with-new-thread
                                    (lambda ()
                                      (for-each (lambda (_)
                                                  (with-vat a ($ counter 1)))
                                                (iota 100)))))
                                 (iota 4)))
                  (with-vat a ($ counter))))
    (test-equal "two vats call each other" '(fulfilled done)
                (letrec* ((^ping (lambda (bcom other)
                                   (lambda (n)
                                     (if (zero? n)
                                         'done
                                         (<- ($ other) (1- n))))))
                          (cell-a (with-vat a (spawn ^cell)))
                          (cell-b (with-vat b (spawn ^cell)))
                          (ping (with-vat a (spawn ^ping cell-a)))
                          (pong (with-vat b (spawn ^ping cell-b))))
                  (with-vat a ($ cell-a pong))
                  (with-vat b ($ cell-b ping))
                  (settled-in a (<- ping 300)))))

  (test-group "back-pressure"
    (test-equal "W45: who sends from outside waits while the mailbox is full"
                '(#t 200)
                (let* ((vat (spawn-vat #:mailbox-limit 10))
                       (counter (with-vat vat (spawn ^counter 0)))
                       (most 0)
                       (slow (with-vat vat
                               (spawn (lambda (bcom)
                                        (lambda ()
                                          (usleep 200)
                                          ($ counter 1))))))
                       (sent 0))
                  (for-each (lambda (_)
                              (<-np-extern slow)
                              (set! sent (1+ sent))
                              (set! most
                                    (max most
                                         (- sent (with-vat vat
                                                   ($ counter))))))
                            (iota 200))
                  (wait-until (lambda ()
                                (= 200 (with-vat vat ($ counter)))))
                  (list (< most 30) (with-vat vat ($ counter)))))
    (test-equal "W45: a vat that floods another is held up, and loses nothing"
                '(#t 3000)
                (let* ((receiver (spawn-vat #:mailbox-limit 50))
                       (sender (spawn-vat))
                       (counter (with-vat receiver (spawn ^counter 0)))
                       (slow (with-vat receiver
                               (spawn (lambda (bcom)
                                        (lambda ()
                                          (usleep 100)
                                          ($ counter 1))))))
                       (sent 0)
                       (most 0)
                       (flood (with-vat sender
                                (spawn (lambda (bcom)
                                         (lambda ()
                                           (for-each (lambda (_)
                                                       (<-np slow))
                                                     (iota 10))
                                           (set! sent (+ sent 10))))))))
                  (for-each (lambda (_) (<-np-extern flood)) (iota 300))
                  (wait-until
                   (lambda ()
                     (let ((handled (with-vat receiver ($ counter))))
                       (set! most (max most (- sent handled)))
                       (= 3000 handled))))
                  (list (< most 200) (with-vat receiver ($ counter)))))
    (test-equal "two vats that flood each other do not stop" '(500 500)
                (let* ((one (spawn-vat #:mailbox-limit 5))
                       (two (spawn-vat #:mailbox-limit 5))
                       (count-one (with-vat one (spawn ^counter 0)))
                       (count-two (with-vat two (spawn ^counter 0)))
                       (flood (lambda (vat target)
                                (<-np-extern
                                 (with-vat vat
                                   (spawn (lambda (bcom)
                                            (lambda ()
                                              (for-each (lambda (_)
                                                          (<-np target 1))
                                                        (iota 500))))))))))
                  (flood one count-two)
                  (flood two count-one)
                  (wait-until
                   (lambda ()
                     (and (= 500 (with-vat one ($ count-one)))
                          (= 500 (with-vat two ($ count-two))))))
                  (list (with-vat one ($ count-one))
                        (with-vat two ($ count-two))))))

  (test-equal "a name may be anything, and is shown" '("a" "b c" "(1)")
              (map vat-name (list (spawn-vat #:name 'a)
                                  (spawn-vat #:name "b c")
                                  (spawn-vat #:name '(1)))))
  (test-equal "a vat is written with its name" "#<vat a>"
              (format #f "~s" a)))
