;;; (hob actor-lib opportunistic) -- calling what is near, messaging the rest.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The answer is a value for a near object and a promise otherwise.  A promise
;;; is sent a message even if it stands for a near object: how a program goes
;;; on should not depend on whether a promise happens to be settled.
;;;
;;; Code:

(define-module (hob actor-lib opportunistic)
  #:use-module (hob core)
  #:export (select-$/<-
            run-$/<-))

(define (select-$/<- refr)
  "Return @code{$} if @var{refr} is a near object, else @code{<-}."
  (if (and (local-object-refr? refr) (near-refr? refr))
      $
      <-))

(define (run-$/<- refr . args)
  "Call @var{refr} with @var{args} if it is a near object, else send it a
message and return a promise."
  (apply (select-$/<- refr) refr args))
