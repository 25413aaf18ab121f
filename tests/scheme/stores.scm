;;; (stores) -- stores to test on, and vats that are started again from them.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A claim about persistence has to hold on every store.  'each-store' makes
;;; one test of it for each.
;;;
;;; Code:

(define-module (stores)
  #:use-module (hob persistence-store gdbm)
  #:use-module (hob persistence-store memory)
  #:use-module (hob vat)
  #:use-module (ice-9 ftw)
  #:use-module (testing)
  #:export (each-store
            call-with-each-store
            running
            delete-folder))

(define (delete-folder path)
  "Delete the folder @var{path} and what is in it."
  (for-each (lambda (name)
              (delete-file (string-append path "/" name)))
            (scandir path (lambda (name) (not (member name '("." ".."))))))
  (rmdir path))

;; Procedures that give a store, opened anew at each call, or delete it.

(define (memory-opener)
  (let ((store (make-memory-store)))
    (case-lambda
      (() store)
      ((delete) #t))))

(define (new-folder)
  (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp")
                          "/hob-test-XXXXXX")))

(define (gdbm-opener durability)
  (let ((path (new-folder))
        (store #f))
    (define (close!)
      (when store
        (store-close! store)))
    (case-lambda
      (()
       (close!)
       (set! store (make-gdbm-store path #:durability durability))
       store)
      ((delete)
       (close!)
       (delete-folder path)))))

(define (call-with-each-store proc)
  "Call @var{proc} with the name of a kind of store and a thunk that opens it,
for each kind."
  (for-each (lambda (name open)
              (dynamic-wind
                (const #t)
                (lambda () (proc name open))
                (lambda () (open 'delete))))
            '("memory" "gdbm" "gdbm, grouped")
            (list (memory-opener)
                  (gdbm-opener 'durable)
                  (gdbm-opener 'grouped))))

(define-syntax-rule (each-store claim expected (open) body ...)
  ;; BODY is EXPECTED on each kind of store, which (OPEN) opens.
  (call-with-each-store
   (lambda (kind open)
     (test-equal (string-append kind ": " claim)
       expected
       (let () body ...)))))

(define-syntax-rule (running (vat . roots) (argument ...) body ...)
  ;; Spawn a persistent vat with the ARGUMENTs, do BODY, and halt it.
  (call-with-values
      (lambda () (spawn-persistent-vat argument ...))
    (lambda (vat . roots)
      (call-with-values (lambda () body ...)
        (lambda results
          (vat-halt! vat)
          (apply values results))))))
