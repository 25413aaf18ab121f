;;; (restarting) -- what is left of objects after a restart.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A vat on a memory store is halted, and another one takes up what the store
;;; has.
;;;
;;; Code:

(define-module (restarting)
  #:use-module (hob core)
  #:use-module (hob persistence-store memory)
  #:use-module (hob vat)
  #:export (restart
            after-restart))

(define (restart env make-roots change)
  "Spawn a vat with the roots that @var{make-roots} returns, call @var{change}
with them in it, and halt it.  Return the vat that comes up instead, and its
roots."
  (let ((store (make-memory-store)))
    (define (start)
      (call-with-values
          (lambda () (spawn-persistent-vat env make-roots store))
        list))
    (let ((first (start)))
      (call-with-vat (car first) (lambda () (apply change (cdr first))))
      (vat-halt! (car first))
      (apply values (start)))))

(define (after-restart env make-roots change look)
  "Do as @code{restart} and return what @var{look} returns, called with the
roots in the new vat."
  (call-with-values (lambda () (restart env make-roots change))
    (lambda (vat . roots)
      (call-with-vat vat (lambda () (apply look roots))))))
