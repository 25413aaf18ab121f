;;; (hob actor-lib ticker) -- objects that are called together, again and again.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; An object joins with `to-tick', and gets a ticky, by which it leaves:
;;;
;;;   ($ ticker 'to-tick (lambda (ticky) (spawn ^bullet ticky)))
;;;   ($ ticker 'tick)
;;;
;;; Who joins during a tick is called from the next one on, the newest first;
;;; who dies is not called again, not even in the tick in progress.
;;;
;;; The state is in cells and not in the ticker's behaviour, because an object
;;; that is being ticked may call the ticker, and a behaviour that was
;;; overtaken cannot become.
;;;
;;; Code:

(define-module (hob actor-lib ticker)
  #:use-module (hob actor-lib cell)
  #:use-module (hob actor-lib methods)
  #:use-module (hob actor-lib opportunistic)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob utils assert-type)
  #:use-module (srfi srfi-1)
  #:export (spawn-ticker
            ticker-env))

;;; Who takes part is a list of pairs (TICKY . REFR).

(define (alive? member)
  (not ($ (car member) 'dead?)))

(define-actor (^ticky bcom ticker dead?)
  (methods
   ((die) ($ dead? #t))
   ((dead?) ($ dead?))
   ((to-tick give-ticky) ($ ticker 'to-tick give-ticky))))

(define (join! ticker new give-ticky)
  (let* ((ticky (spawn ^ticky ticker (spawn ^cell #f)))
         (refr (give-ticky ticky)))
    (assert-type refr live-refr?)
    ($ new (alist-cons ticky refr ($ new)))
    refr))

(define (tick! ticked new args)
  (let ((members (append ($ new) ($ ticked))))
    ($ new '())
    ($ ticked members)
    (for-each (lambda (member)
                (when (alive? member)
                  (apply run-$/<- (cdr member) args)))
              members)
    ($ ticked (filter alive? ($ ticked)))))

(define-actor (^ticker bcom ticked new)
  #:self self
  (define (ticked-refrs)
    (map cdr (filter alive? ($ ticked))))
  (define (new-refrs)
    (map cdr (filter alive? ($ new))))
  (methods
   ((to-tick give-ticky) (join! self new give-ticky))
   ((get-ticked) (ticked-refrs))
   ((tick #:rest args) (tick! ticked new args))
   ((foldr proc init #:key include-new?)
    (fold-right proc init
                (if include-new?
                    (append (new-refrs) (ticked-refrs))
                    (ticked-refrs))))))

(define (spawn-ticker)
  "Return an object with the methods @code{to-tick}, which takes a procedure
that is called with a ticky and returns the object to be ticked; @code{tick},
which calls all such objects with what it is called with; @code{get-ticked},
which lists them; and @code{foldr}, which takes a procedure of an object and a
result, and a first result, and with @code{#:include-new?} includes who was not
ticked yet.  A ticky has the methods @code{die}, @code{dead?} and
@code{to-tick}."
  (spawn ^ticker (spawn ^cell '()) (spawn ^cell '())))

(define ticker-env
  (persistence-env-compose
   cell-env
   (namespace-env (hob actor-lib ticker)
                  ^ticker ^ticky)))
