;;; (hob utils simple-sealers) -- boxes that only their unsealer opens.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A triplet is three procedures: one seals values into boxes, one takes
;;; them out again, one recognises the boxes of this triplet.  Who holds a box
;;; but not its unsealer learns nothing about the value, and who holds the
;;; unsealer knows that the value came through the sealer ("rule 6": authority
;;; is only what is given).
;;;
;;; The value lives in a closure that gives it up to the triplet's brand, and
;;; the brand never leaves the triplet.  It is no field of the box, because
;;; 'equal?' and 'hash' look into the fields of records, and a guess at the
;;; value could then be tested without the unsealer.
;;;
;;; Code:

(define-module (hob utils simple-sealers)
  #:use-module (hob exceptions)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-sealer-triplet))

;; OPEN is called with a brand and a value to return for the wrong one.
(define-record-type <sealed>
  (make-sealed name open)
  sealed-box?
  (name sealed-name)
  (open sealed-open))

(set-record-type-printer!
 <sealed>
 (lambda (sealed port)
   (display "#<sealed" port)
   (when (sealed-name sealed)
     (display " " port)
     (display (sealed-name sealed) port))
   (display ">" port)))

(define* (make-sealer-triplet #:optional name)
  "Return three procedures, @code{seal}, @code{unseal} and @code{sealed?}.
@code{(seal value)} gives a box that shows nothing of @var{value};
@code{(unseal box)} gives the value back and raises a @code{&seal-error} for
anything but a box of this @code{seal}; @code{(sealed? object)} tells whether
@var{object} is such a box.  Boxes print with @var{name}, if given."
  (define brand (list 'brand))
  (define not-ours (list 'not-ours))
  (define (contents box)
    ((sealed-open box) brand not-ours))
  (define (seal value)
    (make-sealed name
                 (lambda (offered otherwise)
                   (if (eq? offered brand) value otherwise))))
  (define (unseal box)
    (unless (sealed-box? box)
      (raise-seal-error 'unseal "Not a sealed object: ~S" box))
    (let ((value (contents box)))
      (when (eq? value not-ours)
        (raise-seal-error 'unseal "Wrong unsealer for object: ~S" box))
      value))
  (define (sealed? object)
    (and (sealed-box? object)
         (not (eq? (contents object) not-ours))))
  (values seal unseal sealed?))
