;;; (hob actor-lib io) -- what blocks, on a thread of its own.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; An ^io object guards a resource, say a socket.  Called with a procedure it
;;; gives a promise; the procedure is called with the resource on a thread of
;;; its own, one after the other, and may block.  There is no turn on that
;;; thread: a procedure computes a value and touches no objects.  When one
;;; fails its promise breaks, and the next one is called (W20).
;;;
;;; What a procedure does cannot be undone.  So it is called only after the
;;; churn that asked for it is committed (rules 1 and 3): the request leaves as
;;; a message to another vat, and is handed to the thread there.
;;;
;;; The thread ends with 'halt, and not before.
;;;
;;; Code:

(define-module (hob actor-lib io)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob exceptions)
  #:use-module (hob utils worker)
  #:use-module (hob vat)
  #:use-module (ice-9 threads)
  #:use-module (srfi srfi-9)
  #:export (^io
            ^read-write-io))

;;; Resources.

;; INIT and CLEANUP are called with VALUE, or are #f: INIT before any of the
;; USERS, which are workers, and CLEANUP after all of them.  FAILURE is the
;; outcome of an INIT that failed.  The last three fields belong to who holds
;; the mutex.
(define-record-type <resource>
  (make-resource-record value init cleanup mutex ready? failure users)
  resource?
  (value resource-value)
  (init resource-init)
  (cleanup resource-cleanup)
  (mutex resource-mutex)
  (ready? resource-ready? set-resource-ready!)
  (failure resource-failure set-resource-failure!)
  (users resource-users set-resource-users!))

(define (make-resource value init cleanup users)
  (make-resource-record value init cleanup (make-mutex) #f #f users))

;; What to call a resolver with after (PROC VALUE).
(define (outcome-of proc value)
  (with-exception-handler
      (lambda (problem) (list 'break problem))
    (lambda ()
      (call-with-values (lambda () (proc value))
        (case-lambda
          (() (list 'fulfill *unspecified*))
          ((first . _) (list 'fulfill first)))))
    #:unwind? #t))

(define (get-ready! resource)
  (with-mutex (resource-mutex resource)
    (unless (resource-ready? resource)
      (set-resource-ready! resource #t)
      (when (resource-init resource)
        (let ((outcome (outcome-of (resource-init resource)
                                   (resource-value resource))))
          (when (eq? (car outcome) 'break)
            (set-resource-failure! resource outcome)))))))

(define (leave! resource)
  (with-mutex (resource-mutex resource)
    (set-resource-users! resource (1- (resource-users resource)))
    (when (and (zero? (resource-users resource))
               (resource-cleanup resource)
               (not (resource-failure resource)))
      (outcome-of (resource-cleanup resource) (resource-value resource)))))

(define (outcome-on resource proc)
  (or (resource-failure resource)
      (outcome-of proc (resource-value resource))))

;;; Requests.

(define outside (delay (spawn-vat #:name "io")))

(define (after-commit thunk)
  (call-with-vat (force outside) thunk)
  *unspecified*)

;; The vat may be halted, or the value one that no message can carry.
(define (answer! resolver outcome)
  (with-exception-handler
      (lambda (problem)
        (unless (eq? (car outcome) 'break)
          (answer! resolver
                   (list 'break problem))))
    (lambda ()
      (apply <-np-extern resolver outcome))
    #:unwind? #t))

(define (start resource worker)
  (after-commit
   (lambda ()
     (worker-add! worker (lambda () (get-ready! resource))))))

(define (request resource worker proc)
  (call-with-values spawn-promise-and-resolver
    (lambda (promise resolver)
      (after-commit
       (lambda ()
         (worker-add! worker
                      (lambda ()
                        (answer! resolver (outcome-on resource proc))))))
      promise)))

(define (halt resource worker)
  (after-commit
   (lambda ()
     (worker-add! worker (lambda () (leave! resource)))
     (worker-end! worker))))

(define (halted . _)
  (raise-hob-error 'io "IO access halted!"))

(define (check-procedure who object)
  (unless (procedure? object)
    (raise-hob-error who "~a expects a procedure or 'halt, and was called with \
~a" who (format #f "~s" object))))

;;; Objects.

(define* (^io bcom value #:key init cleanup)
  "An object that calls procedures with @var{value} on a thread of its own.
Called with a procedure it gives a promise for what that returns; called with
@code{halt} it ends.  @var{init} and @var{cleanup} are called with @var{value},
on that thread, before and after all others."
  (define resource (make-resource value init cleanup 1))
  (define worker (make-worker))
  (start resource worker)
  (lambda (proc)
    (cond
     ((eq? proc 'halt)
      (halt resource worker)
      (bcom halted))
     (else
      (check-procedure '^io proc)
      (request resource worker proc)))))

(define* (^read-write-io bcom value #:key init cleanup)
  "An object as of @code{^io} with two threads, for its methods @code{read} and
@code{write}, which take a procedure; the method @code{halt} ends both."
  (define resource (make-resource value init cleanup 2))
  (define reader (make-worker))
  (define writer (make-worker))
  (define (ask worker proc)
    (check-procedure '^read-write-io proc)
    (request resource worker proc))
  (start resource reader)
  (start resource writer)
  (methods
   ((read proc) (ask reader proc))
   ((write proc) (ask writer proc))
   ((halt)
    (halt resource reader)
    (halt resource writer)
    (bcom halted))))
