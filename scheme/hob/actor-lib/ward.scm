;;; (hob actor-lib ward) -- methods that only some may call.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A warden and an incanter are made together.  An object that wards a
;;; behaviour with the warden shows it only to who calls through the incanter;
;;; for others it has another behaviour, or none.
;;;
;;; The incanter calls the object with one box, in which the warden finds the
;;; arguments.  An object that is called so could keep the box and use it
;;; again, on itself or on another object of the same warden.  Therefore what
;;; is in the box is a ticket that gives the arguments once.
;;;
;;; Code:

(define-module (hob actor-lib ward)
  #:use-module (hob actor-lib opportunistic)
  #:use-module (hob actor-lib sealers)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:use-module (ice-9 match)
  #:export (spawn-warding-pair
            ward
            enchant
            warden->ward-proc
            ward-env))

;;; Tickets.

(define (shattered)
  (raise-seal-error 'ward "Seal already shattered!"))

(define-actor (^ticket bcom args used?)
  (lambda ()
    (when used?
      (shattered))
    (bcom (^ticket bcom '() #t) args)))

;;; Wardens and incanters.

;; Gives the list of arguments in a box of ours, else #f.
(define-actor (^warden bcom unsealer sealed?)
  (define (open object)
    (and ($ sealed? object)
         ($ ($ unsealer object))))
  (lambda (object)
    (if (promise-refr? object)
        (on object open #:promise? #t)
        (open object))))

(define-actor (^incanter bcom sealer async?)
  (lambda (target . args)
    ((if async? <- $)
     target
     ($ sealer (spawn ^ticket args #f)))))

(define (check-triplet triplet)
  (unless (and (list? triplet)
               (= (length triplet) 3)
               (and-map live-refr? triplet))
    (raise-hob-error 'spawn-warding-pair "#:sealer-triplet is a list of a \
sealer, an unsealer and an object that knows boxes, not ~s" triplet)))

(define* (spawn-warding-pair #:key async?
                             (sealer-triplet
                              (call-with-values spawn-sealer-triplet list)))
  "Return two values: a warden, for @code{ward}, and an incanter, which is
called with an object and arguments and calls the object's warded behaviour
with these; by a message, for a promise, if @var{async?}.  @var{sealer-triplet}
is a list of what @code{spawn-sealer-triplet} returns."
  (check-triplet sealer-triplet)
  (match sealer-triplet
    ((sealer unsealer sealed?)
     (values (spawn-named 'warden ^warden unsealer sealed?)
             (spawn-named 'incanter ^incanter sealer async?)))))

;;; Warding.

(define (nothing-extended . _)
  (raise-hob-error 'ward "Not sealed args and no extended behavior"))

(define (behavior-of who object)
  (cond
   ((procedure? object) object)
   ((live-refr? object) (lambda args (apply run-$/<- object args)))
   ((not object) nothing-extended)
   (else (raise-hob-error who "~s is neither a behavior nor a reference"
                          object))))

(define (check-warden warden)
  (unless (live-refr? warden)
    (raise-hob-error 'ward "~s is no warden" warden)))

(define* (ward warden behavior #:key extends async?)
  "Return a behavior that is @var{behavior} for who calls through the incanter
that belongs to @var{warden}, and @var{extends}, a behavior or a reference, for
others.  With @var{async?} the warden is asked by a message, so that it may be
in another vat; the caller may then get a promise."
  (check-warden warden)
  (let ((hidden (behavior-of 'ward behavior))
        (shown (behavior-of 'ward extends)))
    (define (dispatch hidden-args args)
      (if hidden-args
          (apply hidden hidden-args)
          (apply shown args)))
    (define (ask first)
      (if async?
          (await (<- warden first) #:promise? #t)
          ($ warden first)))
    (match-lambda*
      (((? live-refr? first) . rest)
       (dispatch (ask first) (cons first rest)))
      (args (apply shown args)))))

(define (warden->ward-proc warden)
  "Return a procedure that takes a behavior to be warded by @var{warden} and
one that it extends."
  (lambda (behavior extends)
    (ward warden behavior #:extends extends)))

;;; Enchanting.

(define-actor (^incantified bcom incanter target async?)
  (lambda args
    (apply (if async? <- $) incanter target args)))

(define* (enchant incanter target #:key async?)
  "Return an object that calls the warded behaviour of @var{target} through
@var{incanter}; with @var{async?} by a message."
  (spawn-named 'incantified ^incantified incanter target async?))

(define ward-env
  (persistence-env-compose
   sealers-env
   (namespace-env (hob actor-lib ward)
                  ^warden ^incanter ^ticket ^incantified)))
