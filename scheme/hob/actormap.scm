;;; (hob actormap) -- objects without a vat.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; An actormap holds objects as a vat does, and never runs by itself: whoever
;;; has it runs a turn when they want.  For tests, games, and to look at objects
;;; without changing them.  References of one actormap are far to another.
;;;
;;; Code:

(define-module (hob actormap)
  #:use-module (hob churn)
  #:use-module (hob exceptions)
  #:use-module (hob objects)
  #:use-module (hob primitives)
  #:use-module (srfi srfi-9)
  #:export (make-actormap
            make-whactormap
            actormap?
            whactormap?
            actormap-spawn!
            actormap-spawn-named!
            actormap-peek
            actormap-poke!
            actormap-run
            actormap-run!))

(define-record-type <actormap>
  (make-actormap-record space)
  actormap?
  (space actormap-space))

(define (make-actormap)
  "Return an actormap with no objects."
  (make-actormap-record (make-space "actormap" 0 #t)))

(define make-whactormap make-actormap)
(define whactormap? actormap?)

;; Messages of the turn are dropped: nobody would run them.
(define (commit space)
  (%churn-drop!)
  (%churn-commit!)
  #f)

(define (discard space)
  (%turn-undo!)
  (commit space))

(define (busy who)
  (raise-hob-error who "the actormap is running a turn already"))

(define (run who actormap thunk finish)
  (let ((space (actormap-space actormap)))
    (run-idle space thunk finish (lambda () (busy who)))))

(define (actormap-spawn! actormap constructor . args)
  "Spawn an object in @var{actormap}."
  (run 'actormap-spawn! actormap
       (lambda () (apply spawn constructor args))
       commit))

(define (actormap-spawn-named! actormap name constructor . args)
  "Spawn an object with the debug name @var{name} in @var{actormap}."
  (run 'actormap-spawn-named! actormap
       (lambda () (apply spawn-named name constructor args))
       commit))

(define (actormap-peek actormap refr . args)
  "Return what @var{refr} answers to @var{args}, and undo what that changed."
  (run 'actormap-peek actormap
       (lambda () (call-with-arguments refr args))
       discard))

(define (actormap-poke! actormap refr . args)
  "Return what @var{refr} answers to @var{args}.  What that changed stays;
messages that it sent are dropped."
  (run 'actormap-poke! actormap
       (lambda () (call-with-arguments refr args))
       commit))

(define (actormap-run actormap thunk)
  "Run @var{thunk} as a turn and undo what it changed."
  (run 'actormap-run actormap thunk discard))

(define* (actormap-run! actormap thunk #:key reckless?)
  "Run @var{thunk} as a turn, whose values are returned."
  reckless?
  (run 'actormap-run! actormap thunk commit))
