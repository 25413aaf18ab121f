;;; (packages failure) -- what the user of packages.scm is told.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A failure is a sentence for the person at the terminal.  Whatever else goes
;;; wrong on the way (a store in use, a file that cannot be read) is turned into
;;; such a sentence where it arrives, at the end of the program.
;;;
;;; Code:

(define-module (packages failure)
  #:use-module (hob exceptions)
  #:use-module (ice-9 control)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:export (fail
            call-with-failures))

(define &failure (make-exception-type '&failure &error '()))
(define make-failure (record-constructor &failure))
(define failure? (exception-predicate &failure))

(define (fail text . args)
  "Give up with the sentence that @code{format} makes of @var{text}."
  (raise-exception
   (make-exception (make-failure)
                   (make-exception-with-message
                    (apply format #f text args)))))

(define (sentence exception)
  ;; #f when it is a mistake of this program.
  (cond
   ((failure? exception) (exception-message exception))
   ((hob-error? exception)
    (apply format #f (exception-message exception)
           (exception-irritants exception)))
   ((eq? (exception-kind exception) 'system-error)
    (apply format #f (cadr (exception-args exception))
           (caddr (exception-args exception))))
   (else #f)))

(define (call-with-failures thunk tell)
  "Call @var{thunk}.  When it gives up call @var{tell} with the sentence that
says why."
  (let ((told
         (let/ec return
           (with-exception-handler
               (lambda (exception)
                 (let ((text (and (exception? exception)
                                  (sentence exception))))
                   (if text
                       (return text)
                       (raise-exception exception))))
             (lambda ()
               (thunk)
               #f)))))
    (when told
      (tell told))))
