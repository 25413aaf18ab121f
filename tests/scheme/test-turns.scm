;;; test-turns.scm -- claims about turns and churns: what fails, what stays.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob core)
             (hob exceptions)
             (hob vat)
             (ice-9 exceptions)
             (ice-9 threads)
             (srfi srfi-1)
             (testing)
             (waiting))

(define a (spawn-vat #:name "a"))
(define b (spawn-vat #:name "b"))

(define (new-cells vat count)
  (with-vat vat (map (lambda (_) (spawn ^cell 0)) (iota count))))

(define (values-of vat cells)
  (with-vat vat (map (lambda (cell) ($ cell)) cells)))

(define-syntax-rule (raised body ...)
  ;; What BODY raised, as it is.
  (with-exception-handler identity
    (lambda () body ... 'nothing)
    #:unwind? #t))

;; Sets the cell to its argument, then runs the procedure.
(define (^sets bcom cell)
  (lambda (value then)
    ($ cell value)
    (then)))

(define (fail) (throw 'failed))

(test-suite "turns"
  (test-group "a turn that fails"
    (test-equal "changes nothing" '(0 0)
                (let ((cells (new-cells a 2)))
                  (raised (with-vat a
                            (for-each (lambda (cell) ($ cell 1)) cells)
                            (fail)))
                  (values-of a cells)))
    (test-equal "takes back changes on changes" '(5)
                (let ((cells (new-cells a 1)))
                  (with-vat a ($ (car cells) 5))
                  (raised (with-vat a
                            ($ (car cells) 6)
                            ($ (car cells) 7)
                            (fail)))
                  (values-of a cells)))
    (test-assert "takes back what it spawned"
      (let ((escaped #f))
        (raised (with-vat a (set! escaped (spawn ^cell)) (fail)))
        (not-callable? (raised (with-vat a ($ escaped))))))
    (test-equal "a message to what it spawned breaks" 'broken
                (let ((escaped #f))
                  (raised (with-vat a (set! escaped (spawn ^cell)) (fail)))
                  (car (settled-in a (<- escaped)))))
    (test-equal "takes back its near and its far messages" '((0) (0))
                (let ((near (new-cells a 1))
                      (far (new-cells b 1)))
                  (raised (with-vat a
                            (<-np (car near) 1)
                            (<-np (car far) 1)
                            (<- (car near) 2)
                            (<- (car far) 2)
                            (fail)))
                  (usleep 20000)
                  (list (values-of a near) (values-of b far))))
    (test-equal "takes back that a promise was settled" '(fulfilled later)
                (let* ((pair (with-vat a
                               (call-with-values spawn-promise-and-resolver
                                 cons))))
                  (raised (with-vat a ($ (cdr pair) 'fulfill 'early) (fail)))
                  (with-vat a ($ (cdr pair) 'fulfill 'later))
                  (settled-in a (car pair))))
    (test-equal "takes back that a handler was given" '()
                (let* ((notes '())
                       (pair (with-vat a
                               (call-with-values spawn-promise-and-resolver
                                 cons))))
                  (raised (with-vat a
                            (on (car pair)
                                (lambda (_) (set! notes '(called))))
                            (fail)))
                  (with-vat a ($ (cdr pair) 'fulfill 1))
                  notes))
    (test-equal "a promise that escapes from it is broken" 'broken
                (let ((escaped #f))
                  (raised (with-vat a
                            (set! escaped (spawn-promise-and-resolver))
                            (fail)))
                  (car (settled-in a escaped))))
    (test-equal "breaks the promise of who sent the message" '(broken failed)
                (let* ((cell (car (new-cells a 1)))
                       (outcome (settled-in a
                                  (<- (spawn ^sets cell) 1 fail))))
                  (list (car outcome) (exception-kind (cadr outcome)))))
    (test-equal "one that is caught inside keeps what it did until then"
                '(1)
                (let ((cells (new-cells a 1)))
                  (with-vat a
                    (catch 'failed
                      (lambda ()
                        ($ (spawn ^sets (car cells)) 1 fail))
                      (const #f)))
                  (values-of a cells))))

  (test-group "a churn"
    (test-equal "a later turn that fails leaves the earlier ones" '(1 0 3)
                (let ((cells (new-cells a 3)))
                  (with-vat a
                    ($ (car cells) 1)
                    (<-np (spawn ^sets (cadr cells)) 2 fail)
                    (<-np (spawn ^sets (caddr cells)) 3 (const #t)))
                  (values-of a cells)))
    (test-equal "a first turn that fails leaves no later ones" '(0 0)
                (let ((cells (new-cells a 2)))
                  (raised (with-vat a
                            ($ (car cells) 1)
                            (<-np (cadr cells) 2)
                            (fail)))
                  (values-of a cells)))
    (test-equal "is over when with-vat returns" 100
                (let ((cell (car (new-cells a 1))))
                  (with-vat a
                    (let loop ((n 0))
                      (on #t (lambda (_)
                               (when (< n 100)
                                 ($ cell (1+ n))
                                 (loop (1+ n)))))))
                  (with-vat a ($ cell))))
    (test-equal "far messages leave at its end" '(turn near far)
                (let* ((notes '())
                       (note (lambda (x) (set! notes (cons x notes))))
                       (noter (with-vat b (spawn (lambda (bcom) note)))))
                  (with-vat a
                    (<-np noter 'far)
                    (on #t (lambda (_) (usleep 10000) (note 'near)))
                    (note 'turn))
                  (wait-until (lambda () (= 3 (length notes))))
                  (reverse notes))))

  (test-group "what fails again and again"
    (test-equal "W20: an object whose calls raise still answers others" 'fine
                (let ((object (with-vat a
                                (spawn (lambda (bcom)
                                         (lambda (fails?)
                                           (if fails? (fail) 'fine)))))))
                  (for-each (lambda (_)
                              (settled-in a (<- object #t)))
                            (iota 100))
                  (cadr (settled-in a (<- object #f)))))
    (test-equal "W20: so does one in another vat" '(broken fulfilled)
                (let ((object (with-vat b
                                (spawn (lambda (bcom)
                                         (lambda (fails?)
                                           (if fails? (fail) 'fine)))))))
                  (list (car (last (map (lambda (_)
                                          (settled-in a (<- object #t)))
                                        (iota 100))))
                        (car (settled-in a (<- object #f)))))))

  (test-group "what is raised"
    (test-equal "W21: by a far call may be any object, and reaches the caller"
                '((broken 42) (broken (a . pair)) (broken #f))
                (let ((raiser (with-vat b
                                (spawn (lambda (bcom) raise-exception)))))
                  (map (lambda (object)
                         (settled-in a (<- raiser object)))
                       '(42 (a . pair) #f))))
    (test-equal "W21: other changes in its churn stay" '((broken 42) (1 0 1))
                (let* ((cells (new-cells b 3))
                       (object
                        (with-vat b
                          (spawn
                           (lambda (bcom)
                             (lambda ()
                               ($ (car cells) 1)
                               (<-np (spawn ^sets (cadr cells)) 1
                                     (lambda () (raise-exception 42)))
                               (<-np (caddr cells) 1)
                               (<- (spawn ^sets (cadr cells)) 1
                                   (lambda () (raise-exception 42))))))))
                       (outcome (settled-in a (<- object))))
                  (list outcome (values-of b cells))))
    (test-equal "W21: it reaches who waits for with-vat"
                '(42 "text" (list) #f)
                (map (lambda (object)
                       (raised (with-vat a (raise-exception object))))
                     '(42 "text" (list) #f)))
    (test-equal "by throw, error, scm-error and raise of R7RS"
                '(key misc-error my-key symbol)
                (list (exception-kind (raised (with-vat a (throw 'key 1 2))))
                      (exception-kind (raised (with-vat a (error "x" 1))))
                      (exception-kind
                       (raised (with-vat a
                                 (scm-error 'my-key "who" "~a" '(1) #f))))
                      (raised (with-vat a
                                ((@ (srfi srfi-34) raise) 'symbol)))))
    (test-assert "an exception arrives as the object that it was"
      (let ((exception (make-exception (make-error)
                                       (make-exception-with-message "mine"))))
        (and (eq? exception (raised (with-vat a (raise-exception exception))))
             (eq? exception
                  (cadr (settled-in a
                          (on 1 (lambda (_) (raise-exception exception))
                              #:promise? #t))))
             (eq? exception
                  (cadr (settled-in a
                          (<- (with-vat b
                                (spawn (lambda (bcom)
                                         (lambda ()
                                           (raise-exception exception)))))))))
             #t)))
    (test-assert "turn-backtrace gives the stack of what failed for nobody"
      (let ((problem (cadr (settled-in a
                             (on 1 (lambda (_) (car 'x)) #:promise? #t)))))
        (stack? (turn-backtrace problem))))
    (test-equal "and nothing for another exception" #f
                (turn-backtrace (make-error))))

  (test-group "a churn that never ends"
    (test-equal "W28: is stopped by vat-halt!, and all of it undone"
                '(stopped (0))
                (let* ((vat (spawn-vat #:name "endless"))
                       (cells (new-cells vat 1))
                       (endless #f))
                  (with-vat vat
                    (letrec ((self (spawn (lambda (bcom)
                                            (lambda ()
                                              ($ (car cells) 1)
                                              (<-np self))))))
                      (set! endless self)))
                  (<-np-extern endless)
                  (usleep 20000)
                  (let ((thread (call-with-new-thread
                                 (lambda () (vat-halt! vat) 'stopped))))
                    (let ((how (join-thread thread (+ 5 (current-time))
                                            'endless)))
                      (vat-start! vat)
                      (list how (values-of vat cells))))))
    (test-equal "W28: does not stop other vats" '(1 2 3)
                (let* ((vat (spawn-vat #:name "endless"))
                       (endless #f))
                  (with-vat vat
                    (letrec ((self (spawn (lambda (bcom)
                                            (lambda () (<-np self))))))
                      (set! endless self)))
                  (<-np-extern endless)
                  (let ((answers
                         (map (lambda (n)
                                (cadr (settled-in a
                                        (<- (with-vat b
                                              (spawn (lambda (bcom)
                                                       (const n))))))))
                              '(1 2 3))))
                    (vat-halt! vat)
                    answers)))
    (test-assert "W28: who waits for it hears that the vat was halted"
      (let* ((vat (spawn-vat #:name "endless"))
             (waiter (call-with-new-thread
                      (lambda ()
                        (raised
                         (with-vat vat
                           (letrec ((self (spawn (lambda (bcom)
                                                   (lambda ()
                                                     (<-np self))))))
                             ($ self))))))))
        (usleep 20000)
        (vat-halt! vat)
        (vat-halted? (join-thread waiter (+ 5 (current-time)) #f))))))
