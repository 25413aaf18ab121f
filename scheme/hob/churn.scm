;;; (hob churn) -- the loop that drives turns.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; C hands out what to run and keeps the books; this loop runs it.  One
;;; handler stands around the loop, not around each turn: a failure undoes the
;;; turn where it was raised, leaves the loop, and the loop is entered again.
;;;
;;; A thunk that somebody runs in an idle vat is run on the thread of who asked,
;;; and is not unwound when it fails: it is undone, the vat is given back, and
;;; the exception goes on to the handlers of who asked.  So a debugger sees the
;;; frames of the behaviour, and Ctrl-C leaves a vat that works.
;;;
;;; An interrupt may come between any two steps here.  So each step that changes
;;; the books is one primitive, and whoever owns a vat gives it back however it
;;; is left.
;;;
;;; Rule 3: answers are given to whoever waits only after the churn is saved.
;;;
;;; Code:

(define-module (hob churn)
  #:use-module (hob exceptions)
  #:use-module (hob keeper)
  #:use-module (hob objects)
  #:use-module (hob primitives)
  #:use-module (hob promises)
  #:use-module (ice-9 exceptions)
  #:use-module (srfi srfi-9)
  #:export (make-space
            space?
            space-handle
            space-name
            space-keeper
            set-space-keeper!
            space-porter
            set-space-porter!
            finish-churn
            run-idle
            run-queued
            drive
            turn-backtrace
            call-from-c))

;; A vat or an actormap as the driver knows it.  KEEPER is what keeps its
;; objects in a store, or #f.
(define-record-type <space>
  (make-space-record handle name delivery keeper porter)
  space?
  (handle space-handle)
  (name space-name)
  (delivery space-delivery)
  (keeper space-keeper set-space-keeper!)
  (porter space-porter set-space-porter!))

(define (make-space name mailbox-limit only?)
  "Return a new space; one that is @var{only?} a space never runs by itself."
  (let* ((handle (%make-vat name mailbox-limit only?))
         (space (make-space-record handle name (make-vector 7 #f) #f #f)))
    (%set-vat-data! handle space)
    space))

;;; Backtraces.

;; The last exceptions of turns that nobody could see fail, with the stacks they
;; had.  No weak table: a stack refers to its exception, which would never go.
(define backtraces (make-vector 32 #f))
(define next-backtrace 0)

(define (remember-backtrace! exception)
  (when (or (struct? exception) (pair? exception))
    (vector-set! backtraces next-backtrace
                 (cons exception (make-stack #t 3)))
    (set! next-backtrace
          (modulo (1+ next-backtrace) (vector-length backtraces)))))

(define (turn-backtrace exception)
  "Return the stack on which @var{exception} was raised in a turn that ran for
nobody who could see it, else @code{#f}.  @code{display-backtrace} shows it.
Only those of the last few dozen failures are kept."
  (assq-ref (filter pair? (vector->list backtraces)) exception))

;;; Turns.

;; Values of the enum hob_step.
(define step-ready 1)
(define step-turn 2)
(define step-halt 3)

(define turn-tag (make-prompt-tag 'turn))

(define (unhandled problem)
  (abort-to-prompt turn-tag problem))

(define (run-delivery delivery)
  (case (vector-ref delivery 0)
    ((0)
     (let ((behavior (vector-ref delivery 2))
           (target (vector-ref delivery 1))
           (args (vector-ref delivery 3)))
       (if behavior
           (activate target behavior (apply behavior args))
           (call-with-arguments target args))))
    ((1)
     (run-handler (vector-ref delivery 1) (vector-ref delivery 3)
                  (vector-ref delivery 4) (vector-ref delivery 5)
                  (vector-ref delivery 6) unhandled))
    (else
     (run-thunk (vector-ref delivery 2)))))

;; The turn in DELIVERY and those after it; gives the step that is no turn.
(define (run-turns delivery)
  (let loop ()
    (%turn-commit! (run-delivery delivery))
    (let ((step (%turn-next! delivery)))
      (if (eq? step step-turn)
          (loop)
          step))))

;; An interrupt ends the churn, not one turn of it, and goes on to who waits.
(define (fail-turn problem)
  (%turn-abort! problem)
  (and (interrupt? problem) problem))

;; The same; or an interrupt; or #f when a turn failed and the next may run.
(define (try-turns delivery)
  (call-with-prompt turn-tag
    (lambda ()
      (with-exception-handler
          (lambda (exception)
            (remember-backtrace! exception)
            (abort-to-prompt turn-tag exception))
        (lambda ()
          (run-turns delivery))))
    (lambda (_ problem)
      (fail-turn problem))))

;; Runs what is near until nothing is left; the step that ended it, or the
;; interrupt.
(define (run-near delivery)
  (let again ()
    (let ((step (%turn-next! delivery)))
      (if (eq? step step-turn)
          (or (try-turns delivery) (again))
          step))))

;;; Thunks that somebody waits for.

;; A thunk may have many values.  One that awaits gives its caller one.
(define (thunk-results thunk)
  (let ((results (activate #f #f (call-with-values thunk list))))
    (if (list? results) results (list results))))

;; The outcome of a thunk: a list of values, or why there are none.
(define-record-type <outcome>
  (make-outcome values problem failed?)
  outcome?
  (values outcome-values)
  (problem outcome-problem)
  (failed? outcome-failed?))

(define (failure problem)
  (make-outcome '() problem #t))

;; What the thunk that began the churn in progress came to, by thread: a vat's
;; driver is one thread, and drives one churn at a time.
(define current-outcome (make-unbound-fluid))

(define (run-thunk thunk)
  (fluid-set! current-outcome (failure #f))
  (with-exception-handler
      (lambda (exception)
        (fluid-set! current-outcome (failure exception))
        (raise-exception exception))
    (lambda ()
      (fluid-set! current-outcome
                  (make-outcome (thunk-results thunk) #f #f))
      *unspecified*)))

(define (give-outcome outcome)
  (if (outcome-failed? outcome)
      (raise-exception (outcome-problem outcome))
      (apply values (outcome-values outcome))))

;;; The end of a churn.

(define (halted-problem space)
  (with-exception-handler
      (lambda (exception) exception)
    (lambda ()
      (raise-vat-halted 'vat (space-name space) "the vat ~a was halted"
                        (space-name space)))
    #:unwind? #t))

(define (commit-churn space step)
  (cond
   ((eq? step step-halt) (raise-exception (halted-problem space)))
   ((not (integer? step)) (raise-exception step))
   ((space-keeper space)
    => (lambda (keeper)
         (save-and-commit! keeper (space-handle space)
                           (and (%churn-ticket) #t))))
   (else (%churn-commit!))))

;; Gives #f, or the problem after which the churn was undone.
(define (end-churn space step)
  (with-exception-handler
      (lambda (exception)
        (%churn-abort! exception)
        exception)
    (lambda ()
      (commit-churn space step)
      #f)
    #:unwind? #t))

(define (finish-churn space)
  "Run what the first turn of a churn of @var{space} caused, and end the churn.
Return why it was undone, or @code{#f}."
  (end-churn space (run-near (space-delivery space))))

;;; Driving.

;; Gives the problem after which it was undone, or #f.
(define (run-one-churn space)
  (let ((ticket (%churn-ticket)))
    (with-fluids ((current-outcome #f))
      (let* ((problem (finish-churn space))
             (outcome (fluid-ref current-outcome)))
        (when ticket
          (%finish-ticket! ticket
                           (if problem
                               (failure problem)
                               (or outcome (failure #f)))))
        problem))))

(define (drive space budget)
  "Run churns of @var{space}, which this thread owns, until its mailbox is
empty or @var{budget} are done.  Return why the last was undone, or @code{#f}."
  (let loop ((left budget) (problem #f))
    (cond
     ((and (positive? left)
           (eq? step-ready (%churn-begin! (space-handle space))))
      (loop (1- left) (run-one-churn space)))
     (else
      (when (space-keeper space)
        (release-held (space-handle space)))
      problem))))

;; Call RUN while this thread owns SPACE by OWN!; #f when it is not to be had.
;; A churn that is in progress when RUN is left is undone.
(define (call-owning own! space run)
  (let* ((grip (make-vector 1 #f))
         (left? #f)
         (let-go (lambda ()
                   (%let-go! (space-handle space) grip))))
    (dynamic-wind
      (lambda ()
        (when left?
          (raise-hob-error 'call-with-vat "a turn that was left cannot be \
entered again by its continuation")))
      (lambda ()
        (and (own! (space-handle space) grip)
             (with-exception-handler
                 (lambda (exception)
                   (let-go)
                   (raise-exception exception))
               (lambda ()
                 (let ((result (run)))
                   (let-go)
                   result)))))
      (lambda ()
        (set! left? #t)
        (let-go)))))

(define (outcome-of ticket space)
  (or (%ticket-result ticket)
      (failure (halted-problem space))))

;; Whoever interrupts a churn of somebody else that this thread runs on the way
;; means this thread.
(define (help-on! space)
  (let ((problem (call-owning %own! space
                              (lambda ()
                                (drive space 1)))))
    (when (interrupt? problem)
      (raise-exception problem))))

(define (wait-for ticket space)
  (let loop ()
    (cond
     ((%ticket-done? ticket)
      (give-outcome (outcome-of ticket space)))
     (else
      (help-on! space)
      (%ticket-wait ticket 20)
      (loop)))))

(define (check-running space)
  (unless (%running? (space-handle space))
    (raise-vat-halted 'call-with-vat (space-name space)
                      "the vat ~a is not running: start it first"
                      (space-name space))))

(define (run-queued space thunk)
  "Run @var{thunk} in @var{space} when its turn comes, on whatever thread."
  (check-running space)
  (let ((ticket (%push-thunk (space-handle space) thunk)))
    (with-exception-handler
        (lambda (exception)
          (%ticket-cancel! ticket)
          (raise-exception exception))
      (lambda ()
        (wait-for ticket space)))))

(define (run-idle space thunk finish otherwise)
  "Run @var{thunk} as a turn of @var{space} on this thread, then @var{finish},
which has to end the churn and to return a problem or @code{#f}; return the
values of @var{thunk}.  When the space is not idle call @var{otherwise}."
  (let ((outcome
         (call-owning %own-idle! space
                      (lambda ()
                        (%churn-open! (space-handle space))
                        (let* ((results (thunk-results thunk))
                               (problem (finish space)))
                          (make-outcome results problem (and problem #t)))))))
    (if outcome
        (give-outcome outcome)
        (otherwise))))

;;; From C.

(define (call-from-c refr args)
  (with-exception-handler
      (lambda (exception) (cons #f exception))
    (lambda () (cons #t (call-with-arguments refr args)))
    #:unwind? #t))
