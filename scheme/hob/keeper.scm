;;; (hob keeper) -- saving and restoring the objects of a vat.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; C knows which objects changed, finds references in portraits, and makes one
;;; batch of it; the portraits and the constructors are run here.
;;;
;;; An error at any point of a save leaves store, memory and tables as they
;;; were before the churn (rule 4).  From the moment the batch is handed to the
;;; store until the churn is committed nothing may interrupt: else memory could
;;; be undone while the store is not.
;;;
;;; Code:

(define-module (hob keeper)
  #:use-module (hob environment)
  #:use-module (hob exceptions)
  #:use-module (hob objects)
  #:use-module (hob primitives)
  #:use-module (ice-9 exceptions)
  #:autoload (ice-9 pretty-print) (truncated-print)
  #:use-module (srfi srfi-9)
  #:export (open-keeper
            keeper-handle
            keeper-environment
            set-keeper-manual!
            restore-all!
            save-and-commit!
            save-everything!
            release-held
            print-briefly))

(define-record-type <keeper>
  (make-keeper handle environment manual?)
  keeper?
  (handle keeper-handle)
  (environment keeper-environment)
  (manual? keeper-manual? set-keeper-manual!))

(define (open-keeper vat-handle store env key)
  "Join a vat to its part of @var{store}."
  (make-keeper (%keeper-open vat-handle store (environment-handle env) key)
               env #f))

(define (describe refr)
  (or (%refr-name refr) "without a name"))

(define (print-briefly object)
  "What @var{object} looks like, or @code{#f}."
  (false-if-exception
   (call-with-output-string
     (lambda (port)
       (truncated-print object port #:width 60)))))

;;; Saving.

(define (spec-for keeper refr)
  (let ((constructor (%object-constructor refr)))
    (or (environment-spec (keeper-environment keeper) constructor)
        (raise-persistence-error 'save (describe refr) constructor #f
                                 "Don't know how to persist object ~a: its \
constructor ~a is not in the environment of the vat"
                                 (describe refr) constructor))))

(define (no-portrait refr name)
  (raise-persistence-error 'save (describe refr) name #f
                           "the object ~a of kind ~s has no portrait: its \
behavior is a plain procedure. Use define-actor, or portraitize"
                           (describe refr) name))

(define (bad-portrait refr name data)
  (raise-persistence-error 'save (describe refr) name #f
                           "the portrait of ~a, of kind ~s, is ~a; it has to \
be a list of the arguments that restore the object"
                           (describe refr) name (print-briefly data)))

(define (message-text exception)
  (apply format #f (exception-message exception)
         (exception-irritants exception)))

;; What C tells of where the data is at fault, with what this side knows.
(define (save-portrait! handle refr name version data)
  (unless (list? data)
    (bad-portrait refr name data))
  (with-exception-handler
      (lambda (exception)
        (if (persistence-error? exception)
            (raise-persistence-error 'save (describe refr) name
                                     (persistence-error-path exception)
                                     "~a" (message-text exception))
            (raise-exception exception)))
    (lambda ()
      (%save-object! handle refr name version data))
    #:unwind? #t))

(define (save-object! keeper refr)
  (let* ((name (object-spec-name (spec-for keeper refr)))
         (portrait (or (%object-portrait refr) (no-portrait refr name)))
         (data (portrait))
         (handle (keeper-handle keeper)))
    (if (versioned? data)
        (save-portrait! handle refr name
                        (versioned-version data) (versioned-data data))
        (save-portrait! handle refr name 0 data))))

(define (save-walk! keeper everything?)
  (let ((handle (keeper-handle keeper)))
    (%save-begin! handle everything?)
    (let loop ()
      (let ((refr (%save-next! handle)))
        (when refr
          (save-object! keeper refr)
          (loop))))))

(define (save-changes! keeper everything?)
  (with-exception-handler
      (lambda (exception)
        (%save-abort! (keeper-handle keeper))
        (raise-exception exception))
    (lambda ()
      (save-walk! keeper everything?))
    #:unwind? #t))

;; A failed sync is final: nobody knows what the store will be found at.
(define (wait-or-stop! keeper vat-handle ticket)
  (with-exception-handler
      (lambda (exception)
        (%halt! vat-handle)
        (raise-exception exception))
    (lambda ()
      (%keeper-wait! (keeper-handle keeper) ticket))
    #:unwind? #t))

(define (finish-and-commit! keeper vat-handle awaited?)
  (let ((ticket (%save-finish! (keeper-handle keeper))))
    (cond
     ((and (%keeper-grouped? (keeper-handle keeper)) (not awaited?))
      (%churn-hold! ticket))
     (else
      (unless (zero? ticket)
        (wait-or-stop! keeper vat-handle ticket))
      (%churn-commit!)))))

(define (save-and-commit! keeper vat-handle awaited?)
  "Save what the churn in progress changed, and commit it.  Unless somebody
waits for it, a store that groups its syncs may keep back what it sent."
  (cond
   ((keeper-manual? keeper) (%churn-commit!))
   (else
    (save-changes! keeper #f)
    (call-with-blocked-asyncs
     (lambda ()
       (finish-and-commit! keeper vat-handle awaited?))))))

(define (save-everything! keeper vat-handle)
  "Save all that the roots reach, and wait for it."
  (save-changes! keeper #t)
  (call-with-blocked-asyncs
   (lambda ()
     (let ((ticket (%save-finish! (keeper-handle keeper))))
       (unless (zero? ticket)
         (wait-or-stop! keeper vat-handle ticket))))))

(define (release-held vat-handle)
  "Wait for what is kept back, and release it."
  ;; On failure the vat is halted already, and whoever waits hears of that.
  (with-exception-handler
      (lambda (exception)
        (unless (hob-error? exception)
          (raise-exception exception)))
    (lambda ()
      (%churn-flush!))
    #:unwind? #t))

;;; Restoring.

;; FAILED? also when a constructor caught what another object's failure raised.
(define-record-type <restore>
  (make-restore keeper failed?)
  restore?
  (keeper restore-keeper)
  (failed? restore-failed? set-restore-failed?!))

(define (restore-problem refr name version exception)
  (raise-persistence-error
   'restore (describe refr) name #f
   "cannot restore the object ~a of kind ~s, version ~s: ~a"
   (describe refr) name version
   (call-with-output-string
     (lambda (port)
       (if (exception-object? exception)
           (print-exception port #f (exception-kind exception)
                            (exception-args exception))
           (write exception port))))))

(define (default-rehydrator spec)
  (let ((constructor (object-spec-constructor spec)))
    (lambda (version . data)
      (apply spawn-named #f constructor data))))

;; An object may be restored in the middle of another, which is still to be
;; spawned or was spawned already.
(define (expect-again! expected)
  (if expected
      (%object-expect! (car expected) (cdr expected))
      (%object-expect! #f #f)))

(define (call-rehydrator spec refr version data)
  (let* ((rehydrate (or (object-spec-rehydrator spec)
                        (default-rehydrator spec)))
         (outer (%object-expect! refr
                                 (constructor-identity
                                  (object-spec-constructor spec))))
         (result (apply rehydrate version data)))
    (expect-again! outer)
    result))

(define (wake-with! keeper refr spec version data name)
  (let* ((result (call-rehydrator spec refr version data))
         (upgraded? (versioned? result))
         (restored (if upgraded? (versioned-data result) result)))
    (unless (eq? restored refr)
      (%keeper-move-in! (keeper-handle keeper) refr restored))
    (when (and upgraded?
               (not (equal? (versioned-version result) version)))
      (%keeper-upgraded! (keeper-handle keeper) refr name version))))

;; So is the error of an object that this one needed.
(define (names-an-object? exception)
  (and (persistence-error? exception)
       (persistence-error-object-name exception)
       #t))

(define (wake! restore refr)
  (let* ((keeper (restore-keeper restore))
         (record (%wake-record (keeper-handle keeper) refr)))
    (when record
      (let ((spec (vector-ref record 0))
            (version (vector-ref record 1))
            (data (vector-ref record 2))
            (name (vector-ref record 3)))
        (with-exception-handler
            (lambda (exception)
              (set-restore-failed?! restore #t)
              (if (or (names-an-object? exception)
                      (interrupt? exception))
                  (raise-exception exception)
                  (restore-problem refr name version exception)))
          (lambda ()
            (wake-with! keeper refr spec version data name))
          #:unwind? #t)))))

;; The restore in progress on this thread.
(define restoring (make-unbound-fluid))

(set-waker!
 (lambda (refr)
   (wake! (fluid-ref restoring) refr)))

(define (restore-all! keeper)
  "Wake every object that the roots reach."
  (let ((restore (make-restore keeper #f)))
    (with-fluids ((restoring restore))
      (let loop ()
        (let ((refr (%next-asleep (keeper-handle keeper))))
          (when refr
            (wake! restore refr)
            (loop)))))
    (when (restore-failed? restore)
      (raise-persistence-error
       'restore #f #f #f
       "an object could not be restored, and another's constructor, which \
called it, caught the error"))))
