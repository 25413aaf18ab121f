;;; (testing) -- runs a file of SRFI-64 tests as one program.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A test file is one 'test-suite'.  It prints each failed claim with the
;;; value that was expected and the one that came, then one line of counts,
;;; and exits with 0 only if all claims held.  No log file is written.
;;;
;;; 'test-error' of SRFI-64 takes any error for the right one, so it is not
;;; given on; use 'test-raises'.
;;;
;;; Code:

(define-module (testing)
  #:use-module (srfi srfi-64)
  #:export (test-suite
            test-raises
            test-random-state)
  #:re-export (test-assert
               test-equal
               test-eqv
               test-eq
               test-approximate
               test-group))

(define-syntax-rule (test-suite name body ...)
  ;; Run the tests in BODY and exit.
  (run-suite name (lambda () body ...)))

(define-syntax-rule (test-raises name predicate expression)
  ;; Claim that EXPRESSION raises an exception that PREDICATE holds for.
  (test-equal name
    'raised
    (outcome predicate (lambda () expression))))

(define (outcome predicate thunk)
  (with-exception-handler
      (lambda (exception)
        (if (predicate exception)
            'raised
            (list 'raised-other
                  (exception-kind exception)
                  (exception-args exception))))
    (lambda ()
      (list 'returned (thunk)))
    #:unwind? #t))

(define (test-random-state)
  "Return a random state made from the environment variable HOB_SEED, or from
the clock without it, and say from which seed."
  (let ((seed (or (and=> (getenv "HOB_SEED") string->number)
                  (logand (get-internal-real-time) #x7fffffff))))
    (format #t "seed: HOB_SEED=~a\n" seed)
    (seed->random-state seed)))

(define (run-suite name thunk)
  (let ((runner (make-runner)))
    (test-with-runner runner
      (test-begin name)
      (thunk)
      (test-end name))
    (let ((failed (failures runner)))
      (format #t "~a: ~a passed, ~a failed\n"
              name (test-runner-pass-count runner) failed)
      (exit (zero? failed)))))

(define (make-runner)
  (let ((runner (test-runner-null)))
    (test-runner-on-test-end! runner print-if-failed)
    (test-runner-on-bad-end-name! runner
      (lambda (runner begun ended)
        (error "test group ends with another name:" begun ended)))
    runner))

(define (failures runner)
  (+ (test-runner-fail-count runner)
     (test-runner-xpass-count runner)))

(define (print-if-failed runner)
  (unless (test-passed? runner)
    (format #t "FAILED: ~a\n" (test-runner-test-name runner))
    (print-property runner 'source-file)
    (print-property runner 'source-line)
    (print-property runner 'expected-value)
    (print-property runner 'actual-value)
    (print-property runner 'actual-error)))

(define (print-property runner property)
  (let ((entry (assq property (test-result-alist runner))))
    (when entry
      (format #t "  ~a: ~s\n" property (cdr entry)))))
