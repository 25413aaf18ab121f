;;; (hob objects) -- objects: spawning, calling, becoming.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A near call asks C for the behaviour (%enter), calls it, and looks at what
;;; came back.  Almost always that is a plain value.  It may be a request
;;; instead: what `bcom' made, to become something else, or what `await' left
;;; behind, a suspended activation.
;;;
;;; Each activation runs under a prompt, so that `await' suspends it alone.
;;; Only Scheme frames stand between the prompt and the behaviour.
;;;
;;; Rule 6: only the object's own `bcom' makes a request that is honoured, and
;;; only as the result of its own behaviour.
;;;
;;; Code:

(define-module (hob objects)
  #:use-module (hob exceptions)
  #:use-module (hob primitives)
  #:use-module (ice-9 format)
  #:use-module ((oop goops) #:select (define-method))
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:replace (spawn)
  #:export (spawn-named
            $
            call-with-arguments
            call-resolver
            activate
            await-tag
            portraitize
            portraitize-for
            portraitized-behavior?
            portraitized-behavior-behavior
            portraitized-behavior-self-portrait
            make-redefinable
            redefinable?
            redefinable-name
            redefinable-rehydrator
            register-redefinable!
            constructor-identity
            self-of
            set-suspension-handler!
            set-waker!))

;;; Behaviours with a portrait.

;; CONSTRUCTOR is what restores an object from the portrait; #f: the one that
;; spawned it.
(define-record-type <portraitized-behavior>
  (portraitize-for constructor behavior self-portrait)
  portraitized-behavior?
  (constructor portraitized-behavior-constructor)
  (behavior portraitized-behavior-behavior)
  (self-portrait portraitized-behavior-self-portrait))

(define (portraitize behavior self-portrait)
  "Return @var{behavior} together with @var{self-portrait}, a thunk that gives
the data from which the object can be restored."
  (portraitize-for #f behavior self-portrait))

;;; Constructors that can be redefined.

;; What environments know a constructor by.  All definitions of one actor at
;; top level share it, so that live objects see the newest.
(define-record-type <redefinable-core>
  (make-core name procedure rehydrator holders)
  core?
  (name core-name)
  (procedure core-procedure set-core-procedure!)
  (rehydrator core-rehydrator set-core-rehydrator!)
  (holders core-holders set-core-holders!))

;; Applicable: slot 0 is the procedure, slot 1 the core.
(define <redefinable>
  (make-struct/no-tail <applicable-struct-vtable>
                       (make-struct-layout "pwpw")
                       (lambda (object port)
                         (format port "#<actor ~a>" (redefinable-name object)))))

(define-inlinable (redefinable? object)
  (and (struct? object) (eq? (struct-vtable object) <redefinable>)))

(define (redefinable-core object) (struct-ref object 1))
(define (redefinable-name object) (core-name (redefinable-core object)))
(define (redefinable-rehydrator object)
  (core-rehydrator (redefinable-core object)))

(define (make-redefinable name procedure rehydrator)
  "Return an applicable object for the constructor @var{procedure}.
@var{rehydrator}, called with a version and the data of a portrait, gives the
restored object; @code{#f} spawns the constructor with the data."
  (let* ((core (make-core name procedure rehydrator '()))
         (object (make-struct/no-tail <redefinable> procedure core)))
    (set-core-holders! core (list object))
    object))

(define (adopt-core! object core)
  (let ((new (redefinable-core object)))
    (set-core-procedure! core (core-procedure new))
    (set-core-rehydrator! core (core-rehydrator new))
    (struct-set! object 1 core)
    (set-core-holders! core (cons object (core-holders core)))
    (for-each (lambda (holder)
                (struct-set! holder 0 (core-procedure new)))
              (core-holders core))))

(define (register-redefinable! module name object)
  "Called after @var{name} was defined as @var{object}.  At the top level of
@var{module} the new definition takes the place of an older one: objects and
environments that have the older one see the new code.  A local definition
stands alone."
  (let ((variable (module-local-variable module name)))
    (when (and variable (variable-bound? variable)
               (eq? (variable-ref variable) object))
      (let ((older (module-ref (actors-of module) name #f)))
        (if (and older (not (eq? older object)))
            (adopt-core! object (redefinable-core older))
            (module-define! (actors-of module) name object))))))

;; A module remembers its actors in a hidden submodule, which goes away with it.
(define (actors-of module)
  (or (module-ref module '%hob-actors #f)
      (let ((actors (make-module)))
        (module-define! module '%hob-actors actors)
        actors)))

(define (constructor-identity constructor)
  "What environments look @var{constructor} up by."
  (if (redefinable? constructor)
      (redefinable-core constructor)
      constructor))

;;; Becoming.

(define-record-type <become>
  (make-become refr behavior value)
  become?
  (refr become-refr)
  (behavior become-behavior)
  (value become-value))

(set-record-type-printer!
 <become>
 (lambda (object port)
   (display "#<become>" port)))

;; Known to this module and, through `self-of', to define-actor: it asks a bcom
;; whose it is.
(define self-token (list 'self))

(define-inlinable (make-bcom refr)
  (case-lambda
    ((behavior)
     (if (eq? behavior self-token)
         refr
         (make-become refr behavior *unspecified*)))
    ((behavior value)
     (make-become refr behavior value))))

(define (self-of bcom)
  "The reference of the object that @var{bcom} belongs to."
  (bcom self-token))

(define (describe refr)
  (let ((name (%refr-name refr)))
    (if name
        (format #f "the object ~a" name)
        "an object without a name")))

;; Rule 6: an error shows what things look like and not the things.
(define (text-of object)
  (format #f "~s" object))

(define (wrong-behavior refr behavior)
  (raise-hob-error 'bcom "~a was to become ~a, which is not a procedure"
                   (describe refr) (text-of behavior)))

(define (check-becoming refr behavior request)
  (unless (eq? (%follow (become-refr request)) refr)
    (raise-hob-error 'bcom "~a returned a bcom of another object: \
New behavior sealed with wrong become capability" (describe refr)))
  (unless (eq? (%enter refr) behavior)
    (raise-hob-error 'bcom "~a was called again and changed while this call \
ran, so this call cannot change it too" (describe refr))))

(define (become! refr behavior request)
  (let ((next (become-behavior request)))
    (when next
      (unless refr
        (raise-hob-error 'bcom "a handler has no behavior to change"))
      (check-becoming refr behavior request)
      (cond
       ((portraitized-behavior? next)
        (%object-become! refr
                         (portraitized-behavior-behavior next)
                         (portraitized-behavior-self-portrait next)
                         (portraitized-behavior-constructor next)))
       ;; Without a portrait of its own: the old one would be of what it was.
       ((procedure? next) (%object-become! refr next #f #f))
       (else (wrong-behavior refr next))))
    (become-value request)))

;;; Suspended activations.

(define await-tag (make-prompt-tag 'await))

;; What `await' leaves behind: the rest of the activation, what it waits for,
;; and whether its caller wants a promise.
(define-record-type <suspension>
  (make-suspension continuation vow promise?)
  suspension?
  (continuation suspension-continuation)
  (vow suspension-vow)
  (promise? suspension-promise?))

;; (hob promises) says how to go on: it needs `on', which needs `activate'.
(define suspension-handler #f)
(define (set-suspension-handler! procedure)
  "PROCEDURE is called with the object, its behaviour, the continuation, the
vow and whether a promise is wanted."
  (set! suspension-handler procedure))

(define (take-effect refr behavior request)
  (if (become? request)
      (become! refr behavior request)
      (suspension-handler refr behavior
                          (suspension-continuation request)
                          (suspension-vow request)
                          (suspension-promise? request))))

(define-syntax-rule (activate-thunk refr behavior thunk)
  "Call THUNK as an activation of REFR, whose behaviour is BEHAVIOR."
  (let ((result (call-with-prompt await-tag thunk make-suspension)))
    (if (or (become? result) (suspension? result))
        (take-effect refr behavior result)
        result)))

(define-syntax-rule (activate refr behavior call)
  "Evaluate CALL as an activation of REFR, whose behaviour is BEHAVIOR."
  (activate-thunk refr behavior (lambda () call)))

;;; References, as people see them.

(define (write-refr refr port)
  (let ((name (%refr-name refr)))
    (format port "#<~a~@[ ~a~]>"
            (if (%promise? refr) "promise" "object") name)))

(define-method (write (refr <refr>) port) (write-refr refr port))
(define-method (display (refr <refr>) port) (write-refr refr port))

;;; Spawning.

(define (install! refr made constructor name)
  (cond
   ((procedure? made)
    (%object-install! refr made #f constructor))
   ((portraitized-behavior? made)
    (%object-install! refr
                      (portraitized-behavior-behavior made)
                      (portraitized-behavior-self-portrait made)
                      constructor))
   ((%refr? made) made)
   (else
    (raise-hob-error 'spawn "the constructor ~a returned ~a, which is neither \
a behavior (a procedure) nor a reference" (or name constructor)
                     (text-of made)))))

(define (spawn-named name constructor . args)
  "Spawn an object as @code{spawn} does, with the debug name @var{name}."
  (let* ((refr (%object-begin name (constructor-identity constructor)))
         (made (apply constructor (make-bcom refr) args)))
    (install! refr made constructor name)))

(define (spawn-procedure constructor . args)
  "Spawn an object: call @var{constructor} with a new @code{bcom} and
@var{args}; what it returns is the object's behaviour.  Return a reference."
  (let ((name (if (redefinable? constructor)
                  (redefinable-name constructor)
                  (procedure-name constructor))))
    (apply spawn-named name constructor args)))

(define-syntax spawn
  (lambda (x)
    (syntax-case x ()
      ((_ constructor arg ...)
       (identifier? #'constructor)
       #'(let* ((made-by constructor)
                (refr (%object-begin 'constructor
                                     (constructor-identity made-by))))
           (install! refr (made-by (make-bcom refr) arg ...)
                     made-by 'constructor)))
      ((_ constructor arg ...)
       #'(spawn-procedure constructor arg ...))
      (id
       (identifier? #'id)
       #'spawn-procedure))))

;;; Calling.

;; (hob keeper) says how to wake what is asleep.
(define waker #f)
(define (set-waker! procedure)
  "PROCEDURE wakes the reference it is called with."
  (set! waker procedure))

(define (not-callable refr why)
  (raise-not-callable '$ (describe refr) "~a cannot be called with $: ~a"
                      (describe refr) why))

(define (call-resolver resolver args)
  "Settle the promise of @var{resolver} as the method in @var{args} says."
  (cond
   ((and (pair? args) (pair? (cdr args)) (null? (cddr args))
         (memq (car args) '(fulfill break)))
    (%settle resolver (eq? (car args) 'break) (cadr args)))
   (else
    (raise-hob-error '$ "a resolver takes (fulfill VALUE) and \
(break PROBLEM), and was called with ~a" (text-of args)))))

(define (raise-broken promise)
  (raise-exception (cdr (%promise-look promise))))

(define (call-slowly refr args)
  (let ((target (%follow refr)))
    (case (%classify target)
      ((host) (call-with-arguments target args))
      ((c) (%call-c target args))
      ((resolver) (call-resolver target args))
      ((asleep) (waker target) (call-with-arguments target args))
      ((far) (not-callable target "Not in the same vat: send it a message \
with <-"))
      ((unresolved) (not-callable target "the promise is not resolved: use on, \
or send a message"))
      ((broken) (raise-broken target))
      ((dead) (not-callable target "the turn that spawned it was undone"))
      (else
       (if (%refr? refr)
           target
           (raise-not-callable '$ (text-of refr)
                               "Not a live reference: ~a cannot be called \
with $" (text-of refr)))))))

(define (call-with-arguments refr args)
  "Call @var{refr} as @code{$} does, with the list @var{args}."
  (let ((behavior (%enter refr)))
    (if behavior
        (activate refr behavior (apply behavior args))
        (call-slowly refr args))))

(define-syntax-rule (call-fixed refr arg ...)
  (let ((behavior (%enter refr)))
    (if behavior
        (activate refr behavior (behavior arg ...))
        (call-slowly refr (list arg ...)))))

(define $
  (case-lambda
    "Call the near object @var{refr} with @var{args} now and return what it
answers.  A promise that is fulfilled stands for what it is fulfilled with."
    ;; The behavior is the thunk: this makes no closure.
    ((refr)
     (let ((behavior (%enter refr)))
       (if behavior
           (activate-thunk refr behavior behavior)
           (call-slowly refr '()))))
    ((refr a) (call-fixed refr a))
    ((refr a b) (call-fixed refr a b))
    ((refr a b c) (call-fixed refr a b c))
    ((refr . args) (call-with-arguments refr args))))
