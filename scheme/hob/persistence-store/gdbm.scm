;;; (hob persistence-store gdbm) -- a store on disk.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A folder with a journal and two GDBM files.  After any crash it opens at
;;; exactly a committed churn.
;;;
;;; Code:

(define-module (hob persistence-store gdbm)
  #:use-module (hob exceptions)
  #:use-module (hob hooks)
  #:use-module (hob primitives)
  #:export (make-gdbm-store
            store-close!
            store-checkpoint!
            store-information))

(define (durability->number durability)
  (case durability
    ((durable) 0)
    ((grouped) 1)
    ((relaxed) 2)
    (else
     (raise-storage-error 'make-gdbm-store #f #f
                          "#:durability is ~s; it is durable, grouped or \
relaxed" durability))))

(define* (make-gdbm-store directory #:key (durability 'durable) must-exist?)
  "Return the store in @var{directory}, which is made when it is not there
(unless @var{must-exist?}).  @var{durability} is @code{'durable}, a sync for
each churn; @code{'grouped}, several churns share a sync and what they send
waits for it; or @code{'relaxed}, no sync: @code{kill -9} loses nothing, a power
cut the last moments."
  error-code->exception
  (%gdbm-store directory (durability->number durability) must-exist? #f))

(define (store-close! store)
  "Make all of @var{store} durable and give it back, so that another process
can open it.  Halt its vats first."
  (%store-close! store))

(define (store-checkpoint! store)
  "Bring the GDBM file of @var{store} forward now."
  (%store-checkpoint! store))

(define (store-information store)
  "Return an association list of what there is to know about @var{store}."
  (%store-information store))
