;;; test-interrupt.scm -- claims about Ctrl-C.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Each claim runs in a Guile of its own, which is killed if it hangs.  There
;;; SIGINT raises an exception as it does at Guile's REPL.

(use-modules (ice-9 popen)
             (ice-9 textual-ports)
             (testing))

(define preamble
  '(begin
     (use-modules (hob) (hob actor-lib cell) (hob persistence-store memory)
                  (ice-9 exceptions) (ice-9 threads))
     (sigaction SIGINT
       (lambda (number)
         (scm-error 'signal #f "User interrupt" '() (list number))))

     ;; Raises SIGINT every 50 ms, from a thread that no vat uses.
     (define interrupting? #t)
     (define interrupter
       (call-with-new-thread
        (lambda ()
          (let loop ()
            (usleep 50000)
            (when interrupting?
              (kill (getpid) SIGINT))
            (loop)))))
     (define-syntax-rule (interrupted body ...)
       (let ((how (with-exception-handler
                      (lambda (exception)
                        (set! interrupting? #f)
                        (if (exception? exception)
                            (exception-kind exception)
                            exception))
                    (lambda ()
                      (set! interrupting? #t)
                      body ...)
                    #:unwind? #t)))
         (set! interrupting? #f)
         how))
     (set! interrupting? #f)

     (define (^loops bcom cell)
       (lambda ()
         ($ cell 'changed)
         (let loop () (loop))))
     (define (^endless bcom cell self)
       (lambda ()
         ($ cell 'changed)
         (<-np ($ self))))
     (define (spawn-endless cell)
       (let* ((self (spawn ^cell))
              (endless (spawn ^endless cell self)))
         ($ self endless)
         endless))

     (define vat (spawn-vat))
     (define cell (with-vat vat (spawn ^cell 'as-before)))))

(define (arguments program)
  (append (append-map (lambda (directory) (list "-L" directory)) %load-path)
          (append-map (lambda (directory) (list "-C" directory))
                      %load-compiled-path)
          (list "--no-auto-compile" "-c"
                (format #f "~s" `(begin ,preamble ,@program)))))

;; What PROGRAM, a list of forms, displays; the last form's value is written.
(define (output-of program)
  (let* ((last (car (last-pair program)))
         (forms (append (list-head program (1- (length program)))
                        `((write ,last) (force-output) (primitive-exit 0))))
         (port (apply open-pipe* OPEN_READ
                      "timeout" "-s" "KILL" "30"
                      (or (getenv "GUILE") "guile")
                      (arguments forms)))
         (text (get-string-all port))
         (status (close-pipe port)))
    (if (eqv? 0 (status:exit-val status))
        (with-input-from-string text read)
        (list 'exit status text))))

(define append-map (@ (srfi srfi-1) append-map))

(define-syntax-rule (in-a-guile form ...)
  (output-of '(form ...)))

(test-suite "interrupt"
  (test-equal "a behaviour that loops in with-vat is undone, the vat works"
              '(signal as-before new)
              (in-a-guile
               (define how (interrupted
                            (with-vat vat ($ (spawn ^loops cell)))))
               (list how
                     (with-vat vat ($ cell))
                     (with-vat vat ($ cell 'new) ($ cell)))))
  (test-equal "so is a churn of near messages without end"
              '(signal as-before new)
              (in-a-guile
               (define how (interrupted
                            (with-vat vat ($ (spawn-endless cell)))))
               (list how
                     (with-vat vat ($ cell))
                     (with-vat vat ($ cell 'new) ($ cell)))))
  (test-equal "so is a near message that loops" '(signal as-before new)
              (in-a-guile
               (define how (interrupted
                            (with-vat vat (<-np (spawn ^loops cell)))))
               (list how
                     (with-vat vat ($ cell))
                     (with-vat vat ($ cell 'new) ($ cell)))))
  (test-equal "and one whose promise has a handler for every problem"
              '(signal as-before)
              (in-a-guile
               (define how
                 (interrupted
                  (with-vat vat
                    (on (<- (spawn ^loops cell)) list
                        #:catch (lambda _ ($ cell 'caught))))))
               (list how (with-vat vat ($ cell)))))
  (test-equal "a behaviour may catch it" '(caught (caught changed))
              (in-a-guile
               (define answer #f)
               (define how
                 (interrupted
                  (with-vat vat
                    (set! answer
                          (catch 'signal
                            (lambda () ($ (spawn ^loops cell)))
                            (lambda _ (list 'caught ($ cell))))))
                  'caught))
               (list how answer)))
  (test-equal "who waits for a busy vat stops waiting" '(signal 1)
              (in-a-guile
               (define busy
                 (call-with-new-thread
                  (lambda () (with-vat vat (usleep 500000)))))
               (usleep 20000)
               (define how (interrupted (with-vat vat ($ cell 'late))))
               (join-thread busy)
               (list how (with-vat vat 1))))
  (test-equal "what waited is not run later" 'as-before
              (in-a-guile
               (define busy
                 (call-with-new-thread
                  (lambda () (with-vat vat (usleep 500000)))))
               (usleep 20000)
               (interrupted (with-vat vat ($ cell 'late)))
               (join-thread busy)
               (with-vat vat ($ cell))))
  (test-equal "who waits for a vat with an endless churn stops waiting"
              '(signal as-before)
              (in-a-guile
               (define endless (with-vat vat (spawn-endless cell)))
               (<-np-extern endless)
               (usleep 20000)
               (define how (interrupted (with-vat vat 1)))
               (vat-halt! vat)
               (vat-start! vat)
               (list how (with-vat vat ($ cell)))))
  (test-equal "who waits for room in a mailbox stops waiting" 'signal
              (in-a-guile
               (define full (spawn-vat #:mailbox-limit 2))
               (define slow (with-vat full
                              (spawn (lambda (bcom) (lambda () (sleep 2))))))
               (interrupted
                (let loop ()
                  (<-np-extern slow)
                  (loop)))))
  (test-equal "who halts a vat whose turn has no end stops waiting"
              '(signal #f)
              (in-a-guile
               (<-np-extern (with-vat vat (spawn ^loops cell)))
               (usleep 20000)
               (define how (interrupted (vat-halt! vat)))
               (list how (vat-running? vat))))
  (test-equal "an actormap works after it" '(signal as-before new)
              (in-a-guile
               (define am (make-actormap))
               (define cell (actormap-spawn! am ^cell 'as-before))
               (define how
                 (interrupted
                  (actormap-run! am (lambda () ($ (spawn ^loops cell))))))
               (list how
                     (actormap-peek am cell)
                     (begin
                       (actormap-poke! am cell 'new)
                       (actormap-peek am cell)))))
  (test-equal "a portrait that loops is left, and the churn undone"
              '(signal as-before new)
              (in-a-guile
               (define (^box bcom value portrait)
                 (portraitize
                  (case-lambda
                    (() value)
                    ((value portrait) (bcom (^box bcom value portrait))))
                  portrait))
               (define good (lambda () (list 1 2)))
               (define bad (lambda () (let loop () (loop))))
               (call-with-values
                   (lambda ()
                     (spawn-persistent-vat
                      (namespace-env (test) ^box)
                      (lambda () (spawn ^box 'as-before good))
                      (make-memory-store)))
                 (lambda (vat box)
                   (define how (interrupted (with-vat vat ($ box 'x bad))))
                   (list how
                         (with-vat vat ($ box))
                         (with-vat vat ($ box 'new good) ($ box)))))))
  (test-equal "an interrupt at any moment leaves a vat that works"
              '(#t #t)
              (in-a-guile
               ;; One every 0 to 2 ms; none while one is handled.
               (define armed? #f)
               (sigaction SIGINT
                 (lambda (number)
                   (when armed?
                     (set! armed? #f)
                     (scm-error 'signal #f "User interrupt" '() '()))))
               (define interrupts 0)
               (define counter
                 (call-with-values
                     (lambda ()
                       (define-actor (^counter bcom #:optional (n 0))
                         (case-lambda
                           (() n)
                           ((more) (bcom (^counter bcom (+ n more))))))
                       (spawn-persistent-vat
                        (namespace-env (test) ^counter)
                        (lambda () (spawn ^counter))
                        (make-memory-store)))
                   cons))
               (call-with-new-thread
                (lambda ()
                  (usleep 50000)
                  (let loop ()
                    (usleep (random 2000))
                    (kill (getpid) SIGINT)
                    (loop))))
               (define end (+ (get-internal-real-time)
                              (* 3 internal-time-units-per-second)))
               (define (work)
                 (with-vat (car counter)
                   ($ (cdr counter) 1)
                   (on (<- (cdr counter) 1)
                       (lambda _ ($ (cdr counter) 1))))
                 (with-vat vat
                   (<-np (cdr counter) 3)
                   ($ cell 1)
                   (on (<- cell) list))
                 (work))
               (let loop ()
                 (catch 'signal
                   (lambda ()
                     (set! armed? #t)
                     (work))
                   (lambda _ (set! interrupts (1+ interrupts))))
                 (when (< (get-internal-real-time) end)
                   (loop)))
               ;; Each churn counted by threes or not at all.
               (list (< 100 interrupts)
                     (zero? (remainder
                             (with-vat (car counter) ($ (cdr counter)))
                             3)))))
  (test-equal "exit in a handler ends the program" '(exit 7)
              (let ((outcome (in-a-guile
                              (with-vat vat
                                (on #t (lambda (_) (exit 7))))
                              'goes-on)))
                (and (pair? outcome)
                     (list (car outcome)
                           (status:exit-val (cadr outcome)))))))
