;;; (hob promises) -- messages, promises, and waiting for them.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; What settles a promise runs no handler: each handler is a turn of its own,
;;; later.  `await' suspends the activation that it is called in; the rest of
;;; it runs in a later turn, as a handler would.
;;;
;;; Code:

(define-module (hob promises)
  #:use-module (hob exceptions)
  #:use-module (hob objects)
  #:use-module (hob primitives)
  #:use-module (ice-9 control)
  #:export (<-
            <-np
            <-np-extern
            on
            listen-to
            spawn-promise-and-resolver
            await
            <<-
            live-refr?
            local-refr?
            local-object-refr?
            local-promise-refr?
            promise-refr?
            near-refr?
            far-refr?
            refr-name
            run-handler))

;;; Predicates.

(define (live-refr? object)
  "Return @code{#t} if @var{object} is a reference to an object or promise."
  (%refr? object))

(define (local-refr? object)
  "Return @code{#t} if @var{object} is a reference into a vat of this process."
  (%refr? object))

(define (promise-refr? object)
  "Return @code{#t} if @var{object} is a reference to a promise."
  (%promise? object))

(define (local-promise-refr? object)
  "Return @code{#t} if @var{object} is a reference to a promise of a vat of
this process."
  (%promise? object))

(define (local-object-refr? object)
  "Return @code{#t} if @var{object} is a reference to an object of a vat of
this process."
  (and (%refr? object) (not (%promise? object))))

(define (near-refr? object)
  "Return @code{#t} if @var{object} is a reference into the vat whose turn this
is."
  (and (%refr? object) (%near? object)))

(define (far-refr? object)
  "Return @code{#t} if @var{object} is a reference into another vat."
  (and (%refr? object) (not (%near? object))))

(define (refr-name object)
  "Return the debug name of the object that @var{object} refers to, else
@code{#f}."
  (%refr-name object))

;;; Messages.

(define (check-target who object)
  (unless (%refr? object)
    (raise-hob-error who "Don't know how to send a message to: ~s, which is \
not a reference" object)))

(define (<- refr . args)
  "Send a message; return a promise for the answer."
  (check-target '<- refr)
  (%send/promise refr args))

(define (<-np refr . args)
  "Send a message whose answer nobody waits for."
  (check-target '<-np refr)
  (%send refr args))

(define (<-np-extern refr . args)
  "Send a message from outside of any turn.  Wait while the mailbox is full."
  (check-target '<-np-extern refr)
  (let loop ()
    (unless (%post refr args)
      (loop))))

;;; Promises.

(define (spawn-promise-and-resolver)
  "Return two values: a promise, and the object that settles it with
@code{'fulfill} and a value, or @code{'break} and a problem."
  (let ((pair (%make-promise)))
    (values (car pair) (cdr pair))))

(define (check-handler handler)
  (unless (or (not handler) (procedure? handler) (%refr? handler))
    (raise-hob-error 'on "Invalid handler for on: ~s is neither a procedure \
nor a reference" handler)))

(define* (on vow #:optional fulfilled #:key catch finally promise?)
  "Call @var{fulfilled} with the value of @var{vow}, or the @var{catch} handler
with the problem, in a later turn when it settles; then @var{finally} without
arguments.  With @var{promise?} return a promise for what the handler returns."
  (check-handler fulfilled)
  (check-handler catch)
  (check-handler finally)
  (let ((result (%listen vow fulfilled catch #f promise?)))
    (when finally
      (%listen vow #f #f finally #f))
    (if promise? result *unspecified*)))

(define* (listen-to refr listener #:key wants-partial?)
  "Send @var{listener} @code{'fulfill} and the value, or @code{'break} and the
problem, when @var{refr} settles.  What is no promise counts as fulfilled.  A
promise that comes to follow another is not settled yet, so there is nothing to
tell of it: @var{wants-partial?} is accepted and changes nothing."
  wants-partial?
  (check-target 'listen-to listener)
  (%listen-object refr listener))

(define (call-handler handler . args)
  (if (procedure? handler)
      (apply handler args)
      (apply <- handler args)))

;; What a notification comes to: the driver calls it in a turn of its own.
;; BROKEN is called with the problem when nobody handles it.
(define (run-handler broken? value fulfilled catch finally broken)
  (cond
   (finally
    (activate #f #f (call-handler finally)))
   (broken?
    (if catch
        (activate #f #f (call-handler catch value))
        (broken value)))
   (fulfilled
    (activate #f #f (call-handler fulfilled value)))
   (else value)))

;;; Waiting.

(define (resume refr behavior continuation thunk)
  (activate refr behavior (continuation thunk)))

;; The caller of a suspended activation gets a symbol, or the promise if asked.
(define (suspend refr behavior continuation vow promise?)
  (let ((result
         (on vow
             (lambda (value)
               (resume refr behavior continuation (lambda () value)))
             #:catch
             (lambda (problem)
               (resume refr behavior continuation
                       (lambda () (raise-exception problem))))
             #:promise? promise?)))
    (if promise? result '*awaited*)))

(set-suspension-handler! suspend)

(define (suspendable?)
  (suspendable-continuation? await-tag))

(define* (await vow #:key promise?)
  "Suspend this activation until @var{vow} settles; return its value, or raise
its problem.  Who called the activation with @code{$} gets the symbol
@code{*awaited*}, or with @var{promise?} a promise for its result."
  (unless (%in-turn?)
    (raise-no-turn 'await "await works only during a turn"))
  (unless (suspendable?)
    (raise-hob-error 'await "await cannot suspend here: a procedure written in \
C (such as sort or hash-for-each) stands between the behavior and this call; \
or a vat is being opened, whose constructors cannot wait"))
  ((abort-to-prompt await-tag vow promise?)))

(define (<<- refr . args)
  "Send a message and await the answer."
  (await (apply <- refr args)))
