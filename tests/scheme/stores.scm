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

;; A procedure that gives the store, opened anew at each call.
(define (reuse store)
  (lambda () store))

(define (gdbm-opener path)
  (let ((store #f))
    (case-lambda
      (()
       (when store
         (store-close! store))
       (set! store (make-gdbm-store path))
       store)
      ((close)
       (when store
         (store-close! store))
       (delete-folder path)))))

(define (call-with-each-store proc)
  "Call @var{proc} with the name of a kind of store and a thunk that opens it,
for each kind."
  (proc "memory" (reuse (make-memory-store)))
  (let* ((path (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp")
                                       "/hob-test-XXXXXX")))
         (open (gdbm-opener path)))
    (dynamic-wind
      (const #t)
      (lambda () (proc "gdbm" open))
      (lambda () (open 'close)))))

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
