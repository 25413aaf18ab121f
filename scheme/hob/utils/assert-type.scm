;;; (hob utils assert-type) -- a claim about the type of an argument.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The error says what was written, not what came: the value may be a
;;; reference that whoever reads the error should not have (rule 6).
;;;
;;; Code:

(define-module (hob utils assert-type)
  #:use-module (hob utils keyed-error)
  #:export (assert-type))

(define (wrong-type value-text predicate-text)
  (raise-keyed-error 'type-error #f "wrong type for ~s, expected ~s"
                     value-text predicate-text))

(define-syntax-rule (assert-type value predicate)
  "Raise an error with the key @code{type-error} unless @var{predicate} holds
for @var{value}."
  (unless (predicate value)
    (wrong-type 'value 'predicate)))
