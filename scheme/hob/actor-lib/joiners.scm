;;; (hob actor-lib joiners) -- many promises as one.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Values are gathered by waiting for one promise after the other, so that all
;;; there is to know stands in the arguments of a handler that waits, and a
;;; turn that fails loses nothing.  Besides, each promise breaks the result as
;;; soon as it breaks.  Both cost the same for each promise.
;;;
;;; Code:

(define-module (hob actor-lib joiners)
  #:use-module (hob core)
  #:export (all-of
            all-of*
            race
            race*))

;; Settles with RESOLVER when PROMISES have, after VALUES, newest first.
(define (gather promises values resolver)
  (cond
   ((null? promises)
    ($ resolver 'fulfill (reverse values)))
   ((promise-refr? (car promises))
    (on (car promises)
        (lambda (value)
          (gather (cdr promises) (cons value values) resolver))))
   (else
    (gather (cdr promises) (cons (car promises) values) resolver))))

(define (break-with promise resolver)
  (when (promise-refr? promise)
    (on promise
        #:catch (lambda (problem) ($ resolver 'break problem)))))

(define (all-of* promises)
  "Return a promise for the list of the values of @var{promises}, in their
order. It breaks when the first of them breaks."
  (call-with-values spawn-promise-and-resolver
    (lambda (result resolver)
      (for-each (lambda (promise) (break-with promise resolver))
                promises)
      (gather promises '() resolver)
      result)))

(define (all-of . promises)
  "Return a promise for the list of the values of @var{promises}; see
@code{all-of*}."
  (all-of* promises))

(define (race* promises)
  "Return a promise that settles as the first of @var{promises} to settle;
never if there is none."
  (call-with-values spawn-promise-and-resolver
    (lambda (result resolver)
      (for-each (lambda (promise)
                  (on promise
                      (lambda (value) ($ resolver 'fulfill value))
                      #:catch
                      (lambda (problem) ($ resolver 'break problem))))
                promises)
      result)))

(define (race . promises)
  "Return a promise that settles as the first of @var{promises} to settle."
  (race* promises))
