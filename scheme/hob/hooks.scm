;;; (hob hooks) -- what C has to call.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; C knows codes; a program wants to match exceptions.  C knows maps and sets;
;;; Guile's are those of (hob utils ghash) and (hob utils hashmap).  This module
;;; joins them, once, when it is loaded.
;;;
;;; Code:

(define-module (hob hooks)
  #:use-module (hob abstract-types)
  #:use-module (hob churn)
  #:use-module (hob exceptions)
  #:use-module (hob keeper)
  #:use-module (hob primitives)
  #:use-module (hob utils ghash)
  #:use-module (hob utils hashmap)
  #:use-module (ice-9 match)
  #:export (error-code->exception))

;;; Errors.

;; Numbers of enum hob_code.
(define (raise-error code text offset problem path)
  (case code
    ((-3 -2) (raise-hob-error #f "~a" text))
    ((-7) (if (string-prefix? "a promise" text)
              (raise-cycle-in-promise-resolution #f "~a" text)
              (raise-persistence-error #f #f #f path "~a" text)))
    ((-6 -17) (raise-persistence-error #f #f #f path "~a" text))
    ((-10) (raise-not-callable #f #f "~a" text))
    ((-11) (raise-no-turn #f "No current syscaller: ~a works only during a \
turn, as with-vat and actormap-run! give one" text))
    ((-12) (raise-vat-halted #f #f "~a" text))
    ((-16 -18) (if (pair? problem)
                   (raise-kinds-missing #f problem "~a" text)
                   (raise-persistence-error #f #f #f #f "~a" text)))
    ((-14 -19 -20 -21) (raise-storage-error #f code offset "~a" text))
    ((-8 -9) (if problem
                 (raise-exception problem)
                 (raise-hob-error #f "~a" text)))
    (else (raise-hob-error #f "~a" text))))

(define (error-code->exception fields)
  "The exception for FIELDS, a list of a code and a text; else @code{#f}."
  (match fields
    (((? exact-integer? code) (? string? text))
     (with-exception-handler
         (lambda (exception) exception)
       (lambda () (raise-error code text 0 #f #f))
       #:unwind? #t))
    (_ #f)))

;;; Maps and sets.

(define (map->pairs map)
  (let ((kind (hashmap-kind map)))
    (and (not (eq? kind 'custom))
         (cons (case kind
                 ((equal) 'equal)
                 ((eqv) 'hashv)
                 (else 'hashq))
               (hashmap-fold (lambda (key value rest)
                               (cons* key value rest))
                             '()
                             map)))))

(define (pairs->map kind pairs)
  (let loop ((pairs pairs)
             (map (case kind
                    ((hashq) (make-hashqmap))
                    ((hashv) (make-hashvmap))
                    (else (make-hashmap)))))
    (match pairs
      (() map)
      ((key value . rest)
       (loop rest (hashmap-set map key value)))
      (_ #f))))

(%set-hooks!
 (list drive
       call-from-c
       raise-error
       map->pairs
       pairs->map
       gset->list
       (lambda (members) (apply make-gset members))
       (struct-vtable (make-hashmap))
       (struct-vtable (make-gset))
       (struct-vtable (make-tagged 'label 'data))
       zilch
       make-tagged
       error-code->exception
       print-briefly))
