;;; (hob utils worker) -- a thread that does one job after the other.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; For what may block: a job that waits for a file or a socket stops its
;;; worker and nobody else.  The thread starts with the first job and ends when
;;; it is told to, not when the worker is forgotten.
;;;
;;; Code:

(define-module (hob utils worker)
  #:use-module (hob utils fifo)
  #:use-module (ice-9 threads)
  #:use-module (srfi srfi-9)
  #:export (make-worker
            worker?
            worker-add!
            worker-end!))

;; All fields but the first two belong to who holds the mutex.
(define-record-type <worker>
  (make-worker-record mutex added jobs started?)
  worker?
  (mutex worker-mutex)
  (added worker-added)
  (jobs worker-jobs set-worker-jobs!)
  (started? worker-started? set-worker-started!))

(define (make-worker)
  "Return a worker without a job."
  (make-worker-record (make-mutex) (make-condition-variable) empty-fifo #f))

(define (next-job! worker)
  (with-mutex (worker-mutex worker)
    (let wait ()
      (when (fifo-empty? (worker-jobs worker))
        (wait-condition-variable (worker-added worker) (worker-mutex worker))
        (wait)))
    (call-with-values (lambda () (fifo-take (worker-jobs worker)))
      (lambda (job others)
        (set-worker-jobs! worker others)
        job))))

;; A job that fails must not take the others with it.
(define (run job)
  (with-exception-handler
      (const #f)
    job
    #:unwind? #t))

(define (work worker)
  (let ((job (next-job! worker)))
    (when job
      (run job)
      (work worker))))

(define (start! worker)
  (set-worker-started! worker #t)
  (call-with-new-thread (lambda () (work worker))))

(define (add! worker job)
  (with-mutex (worker-mutex worker)
    (set-worker-jobs! worker (fifo-add (worker-jobs worker) job))
    (unless (worker-started? worker)
      (start! worker))
    (signal-condition-variable (worker-added worker))))

(define (worker-add! worker job)
  "Let @var{worker} call @var{job}, a thunk, after the jobs that it has.  An
error that the job does not handle is lost."
  (add! worker job))

(define (worker-end! worker)
  "Let the thread of @var{worker} end after the jobs that it has."
  (add! worker #f))
