;;; (hob vat) -- vats, persistent or not.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A vat holds objects that change one turn at a time.  An idle vat runs what
;;; `with-vat' asks on the thread that asks; messages of other vats are run by
;;; the runtime's own threads, so a vat that blocks stops no other.
;;;
;;; A persistent vat saves, at the end of each churn, what the churn changed of
;;; the objects that its roots reach; nothing leaves before (rule 3).
;;;
;;; Code:

(define-module (hob vat)
  #:use-module (hob churn)
  #:use-module (hob environment)
  #:use-module (hob exceptions)
  #:use-module (hob hooks)
  #:use-module (hob keeper)
  #:use-module (hob objects)
  #:use-module (hob primitives)
  #:use-module (hob promises)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (spawn-vat
            vat?
            vat-name
            vat-running?
            vat-halt!
            vat-start!
            call-with-vat
            with-vat
            spawn-persistent-vat
            vat-take-portrait!))

(define-record-type <vat>
  (make-vat-record space)
  vat?
  (space vat-space))

(set-record-type-printer!
 <vat>
 (lambda (vat port)
   (format port "#<vat ~a>" (vat-name vat))))

(define (vat-handle vat)
  (space-handle (vat-space vat)))

(define (vat-name vat)
  "Return the name that @var{vat} was given."
  (space-name (vat-space vat)))

(define (name->string name)
  (if (string? name) name (format #f "~a" name)))

(define (make-new-vat name mailbox-limit)
  (make-vat-record
   (make-space (name->string name) (or mailbox-limit 0) #f)))

;;; Running something in a vat.

(define (run-in-space space thunk)
  (run-idle space thunk finish-churn
            (lambda () (run-queued space thunk))))

(define (^porter bcom)
  (lambda (thunk) (thunk)))

;; The porter runs thunks that come from turns of other vats.
(define (make-porter! vat)
  (let ((space (vat-space vat)))
    (set-space-porter! space
                       (run-in-space space (lambda () (spawn ^porter))))))

(define (check-vat who object)
  (unless (vat? object)
    (raise-hob-error who "~s is not a vat" object)))

(define (call-with-vat vat thunk)
  "Run @var{thunk} as a turn of @var{vat}, and return its values when the churn
that it begins is over and saved; raise what it raises, with the turn undone.
Called during a turn, return a promise for its first value."
  (check-vat 'call-with-vat vat)
  (if (%in-turn?)
      (<- (space-porter (vat-space vat)) thunk)
      (run-in-space (vat-space vat) thunk)))

(define-syntax-rule (with-vat vat body ...)
  "Evaluate @var{body} as a turn of @var{vat}; see @code{call-with-vat}."
  (call-with-vat vat (lambda () body ...)))

;;; Vats.

(define* (spawn-vat #:key (name "unnamed") mailbox-limit)
  "Return a new vat that is running.  When more than @var{mailbox-limit}
messages wait in it, who sends to it is held up."
  (let ((vat (make-new-vat name mailbox-limit)))
    (make-porter! vat)
    vat))

(define (vat-running? vat)
  "Return @code{#t} if @var{vat} takes messages."
  (check-vat 'vat-running? vat)
  (%running? (vat-handle vat)))

(define (vat-halt! vat)
  "Stop @var{vat}.  A churn in progress is undone at its next turn.  Messages
that wait wait for @code{vat-start!}; later ones break their promises."
  (check-vat 'vat-halt! vat)
  (let loop ()
    (unless (%halt! (vat-handle vat))
      (loop))))

(define (vat-start! vat)
  "Let @var{vat} run again; nothing when it does."
  (check-vat 'vat-start! vat)
  (%start! (vat-handle vat)))

;;; Persistent vats.

(define (first-roots! keeper version roots)
  (%keeper-set-roots! (keeper-handle keeper) version roots)
  roots)

(define (no-upgrade stored version)
  (raise-persistence-error 'spawn-persistent-vat #f #f #f
                           "the roots were saved at version ~s, this program \
has version ~s, and there is no #:upgrade" stored version))

(define (wrong-upgrade given version)
  (raise-persistence-error 'spawn-persistent-vat #f #f #f
                           "#:upgrade returned roots of version ~s, and this \
program has version ~s" given version))

(define (upgrade-roots! keeper stored version upgrade roots)
  (unless upgrade
    (no-upgrade stored version))
  (call-with-values (lambda () (apply upgrade stored roots))
    (lambda (new-version new-roots)
      (unless (equal? new-version version)
        (wrong-upgrade new-version version))
      (first-roots! keeper version new-roots))))

(define (restore-roots! keeper version upgrade)
  (let* ((handle (keeper-handle keeper))
         (roots (%keeper-roots handle))
         (stored (%keeper-roots-version handle)))
    (restore-all! keeper)
    (if (equal? stored version)
        roots
        (upgrade-roots! keeper stored version upgrade roots))))

(define (open-roots! vat store env key version roots-thunk upgrade)
  (let* ((space (vat-space vat))
         (keeper (open-keeper (space-handle space) store env key)))
    (set-space-keeper! space keeper)
    (if (%keeper-fresh? (keeper-handle keeper))
        (first-roots! keeper version
                      (call-with-values roots-thunk list))
        (restore-roots! keeper version upgrade))))

(define (check-persist-on persist-on)
  (unless (memq persist-on '(churn #f))
    (raise-persistence-error 'spawn-persistent-vat #f #f #f
                             "#:persist-on is ~s; it is 'churn, or #f to save \
with vat-take-portrait! only" persist-on)))

(define* (spawn-persistent-vat env roots-thunk store
                               #:key (persist-on 'churn) (name "unnamed")
                               (version 0) upgrade mailbox-limit
                               (key "main"))
  "Return a vat whose objects are kept in @var{store}, and the roots.  When the
store has the vat (under @var{key}, for a store of several), it is restored
with the kinds of @var{env}; else @var{roots-thunk} makes the roots, and they
are saved.  When the roots were saved at another @var{version}, @var{upgrade}
is called with it and the roots and returns @var{version} and a list of roots.
Unless @var{persist-on} is @code{'churn} only @code{vat-take-portrait!} saves."
  (check-persist-on persist-on)
  (let* ((vat (make-new-vat name mailbox-limit))
         (roots (open-vat! vat store env key version roots-thunk upgrade)))
    (make-porter! vat)
    (unless persist-on
      (set-keeper-manual! (space-keeper (vat-space vat)) #t))
    (apply values vat roots)))

;; A vat that could not be opened must not be found running.
(define (open-vat! vat . args)
  (with-exception-handler
      (lambda (exception)
        (%halt! (vat-handle vat))
        (raise-exception exception))
    (lambda ()
      ;; A vat is opened in one turn: its constructors cannot wait for others.
      (run-in-space (vat-space vat)
                    (lambda ()
                      (%call-unsuspendable
                       (lambda () (apply open-roots! vat args))))))))

(define (vat-take-portrait! vat)
  "Save all objects that the roots of @var{vat} reach, changed or not."
  (check-vat 'vat-take-portrait! vat)
  (when (%in-turn?)
    (raise-hob-error 'vat-take-portrait! "vat-take-portrait! during a turn: \
call it from outside"))
  (let ((keeper (space-keeper (vat-space vat))))
    (unless keeper
      (raise-persistence-error 'vat-take-portrait! #f #f #f
                               "the vat ~a is not a persistent one"
                               (vat-name vat)))
    (run-in-space (vat-space vat)
                  (lambda ()
                    (save-everything! keeper (vat-handle vat))))
    *unspecified*))
