;;; (hob actor-lib facet) -- some methods of an object, and no others.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Who holds a facet can call the methods that it was made with.  It gives no
;;; other way to the object behind it (rule 6).
;;;
;;; Code:

(define-module (hob actor-lib facet)
  #:use-module (hob actor-lib opportunistic)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:export (^facet
            facet
            facet-env))

(define (check-arguments refr methods)
  (unless (live-refr? refr)
    (raise-hob-error '^facet "a facet is of an object, and ~s is no reference"
                     refr))
  (unless (and-map symbol? methods)
    (raise-hob-error '^facet "the methods of a facet are symbols, not ~s"
                     methods)))

(define (denied method methods)
  (if (symbol? method)
      (raise-no-such-method 'facet method methods
                            "Access to method ~s denied; this facet gives ~s"
                            method methods)
      (raise-hob-error 'facet "Requires symbol-based method dispatch, and was \
called with ~a" (format #f "~s" method))))

(define-actor (^facet bcom refr #:rest methods)
  "An object that passes on to @var{refr} calls of @var{methods}, symbols."
  (check-arguments refr methods)
  (lambda* (#:optional method . args)
    (unless (memq method methods)
      (denied method methods))
    (apply run-$/<- refr method args)))

(define (facet refr . methods)
  "Spawn a facet of @var{refr} with @var{methods}.  It has the debug name of
@var{refr}."
  (apply spawn-named (or (refr-name refr) '^facet) ^facet refr methods))

(define facet-env
  (namespace-env (hob actor-lib facet)
                 ^facet))
