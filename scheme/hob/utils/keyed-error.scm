;;; (hob utils keyed-error) -- errors that programs catch by a key of their own.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Some errors of the library are known to programs by a key, as in
;;;
;;;     (catch 'no-such-key
;;;       (lambda () ($ registry 'fetch number))
;;;       (lambda (key text) ...))
;;;
;;; Such an error is a &hob-error like all others and has that key besides.
;;; The handler of 'catch' gets the key and one text.
;;;
;;; Code:

(define-module (hob utils keyed-error)
  #:use-module (hob exceptions)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:export (raise-keyed-error))

(define make-hob-error (record-constructor &hob-error))

(define make-exception-with-key
  (record-constructor &exception-with-kind-and-args))

;; Others may throw the same key with other arguments.
(define (print-text port key args default-printer)
  (match args
    (((? string? text)) (display text port))
    (_ (default-printer))))

(define (raise-keyed-error key origin message . arguments)
  "Raise a @code{&hob-error} that @code{catch} finds by @var{key}.  Its text is
@var{message} with @var{arguments}, as of @code{format}; @var{origin} says
where it happened."
  (let ((text (apply format #f message arguments)))
    (set-exception-printer! key print-text)
    (raise-exception
     (make-exception (make-hob-error)
                     (make-exception-with-origin origin)
                     (make-exception-with-message text)
                     (make-exception-with-irritants '())
                     (make-exception-with-key key (list text))))))
