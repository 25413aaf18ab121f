;;; (packages store) -- opening and closing the store of the graph.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A store has one owner at a time.  So it is opened for one command, and given
;;; back however the command ends.
;;;
;;; Code:

(define-module (packages store)
  #:use-module (hob)
  #:use-module (hob persistence-store gdbm)
  #:use-module (packages failure)
  #:use-module (packages graph)
  #:use-module (srfi srfi-11)
  #:export (call-with-graph))

(define (open-store folder durability must-exist?)
  (when (and must-exist? (not (file-exists? folder)))
    (fail "there is no store in ~a: make one with the command load" folder))
  (make-gdbm-store folder #:durability durability
                   #:must-exist? must-exist?))

(define (call-with-vat-of store procedure)
  (let ((vat #f))
    (dynamic-wind
      (const #f)
      (lambda ()
        (let-values (((opened directory batches)
                      (spawn-persistent-vat graph-env spawn-graph store
                                            #:name "packages")))
          (set! vat opened)
          (procedure vat directory batches store)))
      (lambda ()
        (when vat
          (vat-halt! vat))))))

(define* (call-with-graph folder procedure
                          #:key (durability 'durable) must-exist?)
  "Open the store in @var{folder} and call @var{procedure} with the vat, the two
roots (see @code{spawn-graph}) and the store.  Close it afterwards."
  (let ((store (open-store folder durability must-exist?)))
    (dynamic-wind
      (const #f)
      (lambda () (call-with-vat-of store procedure))
      (lambda () (store-close! store)))))
