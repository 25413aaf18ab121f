;;; (hob actor-lib selfish-spawn) -- objects that know themselves.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Kept for programs that use it.  The option #:self of define-actor does the
;;; same, and such an object can be saved; one spawned here cannot, since its
;;; constructor is data to it.
;;;
;;; Code:

(define-module (hob actor-lib selfish-spawn)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:export (selfish-spawn))

(define-actor (^selfish bcom constructor #:rest args)
  #:self self
  (apply constructor bcom self args))

(define (selfish-spawn constructor . args)
  "Spawn an object whose @var{constructor} is called with its @code{bcom}, its
own reference, and @var{args}."
  (apply spawn ^selfish constructor args))
