;;; runner.scm -- how the Scheme suites report.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Loaded before each suite.  SRFI-64 would write what it knows of a failure to a
;;; file of its own in the current folder; here it goes to the output, which
;;; `make check` keeps beside the suite and shows.  A suite with a failure ends the
;;; process with status 1, whether its file thinks of that or not.

(use-modules (srfi srfi-64))

(set! test-log-to-file #f)

(define (report-test runner)
  (test-on-test-end-simple runner)
  (when (memq (test-result-kind runner) '(fail xpass))
    (for-each (lambda (fact)
                (format #t "    ~a: ~s~%" (car fact) (cdr fact)))
              (test-result-alist runner))))

(define (report-suite runner)
  (test-on-final-simple runner)
  (unless (zero? (+ (test-runner-fail-count runner)
                    (test-runner-xpass-count runner)))
    (force-output)
    (exit 1)))

(test-runner-factory
 (lambda ()
   (let ((runner (test-runner-simple)))
     (test-runner-on-test-end! runner report-test)
     (test-runner-on-final! runner report-suite)
     runner)))
