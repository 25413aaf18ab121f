;;; (hob persistence-store memory) -- a store in this process.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; For tests, and for vats that are stopped and started again within one
;;; process.
;;;
;;; Code:

(define-module (hob persistence-store memory)
  #:use-module (hob hooks)
  #:use-module (hob primitives)
  #:export (make-memory-store))

(define (make-memory-store)
  "Return an empty store that lasts as long as this process."
  error-code->exception
  (%memory-store))
