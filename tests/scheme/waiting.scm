;;; (waiting) -- what a test waits for on other threads.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Vats run messages on threads of the runtime, so a test has to wait for what
;;; they do, but not for ever.
;;;
;;; Code:

(define-module (waiting)
  #:use-module (hob core)
  #:use-module (hob vat)
  #:use-module (ice-9 atomic)
  #:export (wait-until
            settled
            settled-in))

(define* (wait-until happened? #:optional (seconds 10))
  "Call @var{happened?} again and again until it is true or @var{seconds} have
passed; return what it gave."
  (let ((end (+ (get-internal-real-time)
                (inexact->exact
                 (round (* seconds internal-time-units-per-second))))))
    (let loop ()
      (or (happened?)
          (and (< (get-internal-real-time) end)
               (begin
                 (usleep 500)
                 (loop)))))))

(define* (settled vat thunk #:optional (seconds 10))
  "Run @var{thunk} in @var{vat} and wait for the promise that it returns.
Return @code{(fulfilled VALUE)}, @code{(broken PROBLEM)}, or @code{waiting}."
  (let ((outcome (make-atomic-box #f)))
    (with-vat vat
      (on (thunk)
          (lambda (value) (atomic-box-set! outcome (list 'fulfilled value)))
          #:catch
          (lambda (problem) (atomic-box-set! outcome (list 'broken problem)))))
    (or (wait-until (lambda () (atomic-box-ref outcome)) seconds)
        'waiting)))

(define-syntax-rule (settled-in vat body ...)
  "What the promise that BODY returns, in a turn of VAT, comes to."
  (settled vat (lambda () body ...)))
