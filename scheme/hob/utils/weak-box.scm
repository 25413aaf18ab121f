;;; (hob utils weak-box) -- a place whose value may go away.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A weak box does not keep its value alive.
;;;
;;; Code:

(define-module (hob utils weak-box)
  #:use-module (ice-9 weak-vector)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-weak-box
            weak-box?
            weak-box-value))

(define-record-type <weak-box>
  (wrap slot)
  weak-box?
  (slot weak-box-slot))

(set-record-type-printer!
 <weak-box>
 (lambda (box port)
   (format port "#<weak-box ~s>" (weak-box-value box))))

(define (make-weak-box value)
  "Return a box that holds @var{value} as long as something else does."
  (wrap (weak-vector value)))

(define (weak-box-value box)
  "Return the value of @var{box}, or @code{#f} when it is gone."
  (weak-vector-ref (weak-box-slot box) 0))
