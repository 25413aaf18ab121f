;;; (hob actor-lib timers) -- promises that time fulfils.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; One thread serves all timers of the process.  It sleeps until the earliest
;;; is due, or until an earlier one is set.  A timer is not stored: after a
;;; restart nobody waits for it.
;;;
;;; Code:

(define-module (hob actor-lib timers)
  #:use-module (hob core)
  #:use-module (hob exceptions)
  #:use-module (ice-9 match)
  #:use-module (ice-9 threads)
  #:use-module (srfi srfi-9)
  #:export (timeout))

;; DUE is in microseconds since the epoch.
(define-record-type <timer>
  (make-timer due resolver result)
  timer?
  (due timer-due)
  (resolver timer-resolver)
  (result timer-result))

(define (now)
  (match (gettimeofday)
    ((seconds . microseconds)
     (+ (* 1000000 seconds) microseconds))))

;;; A pairing heap: () or (EARLIEST HEAP ...).

(define (meld a b)
  (cond
   ((null? a) b)
   ((null? b) a)
   ((<= (timer-due (car a)) (timer-due (car b)))
    (cons* (car a) b (cdr a)))
   (else
    (cons* (car b) a (cdr b)))))

;; Two by two, then all into one.  Not recursive: there may be many heaps.
(define (meld-all heaps)
  (let pair-up ((heaps heaps) (pairs '()))
    (match heaps
      ((a b . rest) (pair-up rest (cons (meld a b) pairs)))
      ((a) (pair-up '() (cons a pairs)))
      (() (meld-in-turn pairs)))))

(define (meld-in-turn heaps)
  (let loop ((heaps heaps) (all '()))
    (if (null? heaps)
        all
        (loop (cdr heaps) (meld (car heaps) all)))))

;;; What waits.  Whoever holds the mutex may change the heap.

(define mutex (make-mutex))
(define changed (make-condition-variable))
(define heap '())

;; No longer than this at a time: the clock may be set, and a time may be later
;; than the system knows.
(define longest-wait 1000000)

(define (wait-until due)
  (let ((until (min due (+ (now) longest-wait))))
    (wait-condition-variable changed mutex
                             (cons (quotient until 1000000)
                                   (remainder until 1000000)))))

(define (next-due!)
  (with-mutex mutex
    (let loop ()
      (match heap
        (()
         (wait-condition-variable changed mutex)
         (loop))
        ((timer . heaps)
         (cond
          ((<= (timer-due timer) (now))
           (set! heap (meld-all heaps))
           timer)
          (else
           (wait-until (timer-due timer))
           (loop))))))))

;; Nobody hears of a timer whose vat was halted, or whose turn was undone.
(define (ring timer)
  (with-exception-handler
      (const #f)
    (lambda ()
      (<-np-extern (timer-resolver timer) 'fulfill (timer-result timer)))
    #:unwind? #t))

(define (serve)
  (ring (next-due!))
  (serve))

(define thread (delay (call-with-new-thread serve)))

(define (set-timer! timer)
  (force thread)
  (with-mutex mutex
    (set! heap (meld (list timer) heap))
    (signal-condition-variable changed)))

(define (check-seconds seconds)
  (unless (and (real? seconds) (not (nan? seconds)))
    (raise-hob-error 'timeout "~s is no number of seconds" seconds)))

(define (due-in seconds)
  (+ (now)
     (inexact->exact (ceiling (* 1000000 (max 0 seconds))))))

(define* (timeout seconds #:optional (result #t))
  "Return a promise that is fulfilled with @var{result} after
@var{seconds}, a real number."
  (check-seconds seconds)
  (call-with-values spawn-promise-and-resolver
    (lambda (promise resolver)
      (unless (inf? (max 0 seconds))
        (set-timer! (make-timer (due-in seconds) resolver result)))
      promise)))
