;;; (hob actor-lib sealers) -- boxes that are objects, and last.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A triplet of objects: the sealer puts a value in a box, the unsealer takes
;;; it out, and the third says whether something is a box of this sealer.  A
;;; box is an object that keeps the value sealed by the triplet's procedures,
;;; by default those of (hob utils simple-sealers).  Procedures are not stored,
;;; so a triplet is saved as the name of what made them, which has to be known
;;; beforehand.
;;;
;;; What is offered as a box is called only when it is known to be an object of
;;; the kind of our boxes.  Anything else is no box, and learns nothing (rule
;;; 6).
;;;
;;; Code:

(define-module (hob actor-lib sealers)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:use-module ((hob objects) #:select (constructor-identity))
  #:use-module ((hob primitives) #:select (%object-constructor))
  #:use-module (hob utils simple-sealers)
  #:export (default-sealers-alist
            make-spawn-sealer-triplet
            spawn-sealer-triplet
            sealers-env))

(define default-sealers-alist
  (list (cons '((hob utils simple-sealers) simple) make-sealer-triplet)))

(define (near-object? object)
  (and (local-object-refr? object) (near-refr? object)))

(define (of-kind? object constructor)
  (and (near-object? object)
       (eq? (constructor-identity (%object-constructor object))
            (constructor-identity constructor))))

;; An error shows what things look like and not the things.
(define (no-box object)
  (raise-seal-error 'unseal "Not a sealed object: ~a"
                    (format #f "~s" object)))

(define (unknown-maker known)
  (raise-persistence-error 'spawn-sealer-triplet #f #f #f
                           "#:make-sealer-triplet is none of the known \
ones: ~s" (map car known)))

(define (maker-name make known)
  (let ((entry (find-entry make known)))
    (if entry
        (car entry)
        (unknown-maker known))))

(define (find-entry make known)
  (or-map (lambda (entry) (and (eq? (cdr entry) make) entry))
          known))

(define (known-maker name known)
  (or (assoc-ref known name)
      (unknown-maker known)))

;; Now for an object, later for a promise of one.
(define (when-known object proc)
  (if (promise-refr? object)
      (on object proc #:promise? #t)
      (proc object)))

(define* (make-spawn-sealer-triplet namespace known-sealers
                                    #:optional
                                    (default-make-sealer-triplet
                                     make-sealer-triplet))
  "Return two values: a procedure like @code{spawn-sealer-triplet}, and an
environment for what it spawns, with names in @var{namespace}.
@var{known-sealers} is an alist from names, any data, to procedures like
@code{make-sealer-triplet}, one of which is @var{default-make-sealer-triplet}."
  (define-actor (^sealer-triplet bcom maker name)
    (call-with-values (lambda () ((known-maker maker known-sealers) name))
      (lambda (seal unseal sealed?)
        (methods
         (seal seal)
         (unseal unseal)
         (sealed? sealed?)))))

  (define-actor (^sealed bcom triplet value)
    (lambda () ($ triplet 'seal value)))

  (define (box? object)
    (of-kind? object ^sealed))

  (define-actor (^sealer bcom triplet)
    (lambda (value)
      (spawn-named 'sealed-value ^sealed triplet value)))

  (define-actor (^unsealer bcom triplet)
    (define (unseal object)
      (if (box? object)
          ($ triplet 'unseal ($ object))
          (no-box object)))
    (lambda (object) (when-known object unseal)))

  (define-actor (^sealed? bcom triplet)
    (define (sealed? object)
      (and (box? object)
           ($ triplet 'sealed? ($ object))))
    (lambda (object) (when-known object sealed?)))

  (define* (spawn-sealer-triplet #:optional name
                                 #:key
                                 (make-sealer-triplet
                                  default-make-sealer-triplet))
    (let ((triplet (spawn ^sealer-triplet
                          (maker-name make-sealer-triplet known-sealers)
                          name)))
      (values (spawn-named 'sealer ^sealer triplet)
              (spawn-named 'unsealer ^unsealer triplet)
              (spawn-named 'sealed? ^sealed? triplet))))

  (values spawn-sealer-triplet
          (make-persistence-env
           (list (list (list namespace '^sealer-triplet) ^sealer-triplet)
                 (list (list namespace '^sealed) ^sealed)
                 (list (list namespace '^sealer) ^sealer)
                 (list (list namespace '^unsealer) ^unsealer)
                 (list (list namespace '^sealed?) ^sealed?)))))

(define-values (spawn-sealer-triplet sealers-env)
  (make-spawn-sealer-triplet '(hob actor-lib sealers) default-sealers-alist))

(set-procedure-property!
 spawn-sealer-triplet 'documentation
 "Return three values: a sealer, which takes a value and gives a box; an
unsealer, which takes a box, or a promise for one, and gives the value, or a
promise for it; and an object that says whether what it is called with is a box
of this sealer.  @var{name} is shown when a box is printed.  The procedures
come from @var{make-sealer-triplet}.")
