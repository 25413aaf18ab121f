;;; test-cell.scm -- claims about (hob actor-lib cell).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob actor-lib cell)
             (stores)
             (testing))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (no-roots)
  (error "the store should have had the roots"))

(define (arity-error? exception)
  (eq? 'wrong-number-of-args (exception-kind exception)))

(test-suite "cell"
  (test-equal "a cell is empty at first" #f (turn ($ (spawn ^cell))))
  (test-equal "or has what it is made with" '(1 #f ())
              (turn (map (lambda (value) ($ (spawn ^cell value)))
                         '(1 #f ()))))
  (test-equal "it gives what was put in last" '(#t 3)
              (turn (let ((cell (spawn ^cell 1)))
                      ($ cell 2)
                      (list (unspecified? ($ cell 3)) ($ cell)))))
  (test-raises "it takes one value" arity-error?
    (turn ($ (spawn ^cell) 1 2)))
  (test-equal "define-cell defines one" '(#f 5 my-cell)
              (turn (let ()
                      (define-cell empty)
                      (define-cell my-cell 5)
                      (list ($ empty) ($ my-cell) (refr-name my-cell)))))

  (test-group "facets"
    (test-equal "a read-only one reads" '(1 2)
                (turn (let* ((cell (spawn ^cell 1))
                             (reader (cell->read-only cell)))
                        (list ($ reader) (begin ($ cell 2) ($ reader))))))
    (test-raises "and does not write" arity-error?
      (turn ($ (cell->read-only (spawn ^cell)) 1)))
    (test-equal "a write-only one writes" 7
                (turn (let ((cell (spawn ^cell 1)))
                        ($ (cell->write-only cell) 7)
                        ($ cell))))
    (test-raises "and does not read" arity-error?
      (turn ($ (cell->write-only (spawn ^cell))))))

  (each-store "cells and facets are restored, and belong together"
              '((1 1) (2 2))
    (open)
    (let ((roots (lambda ()
                   (let ((cell (spawn ^cell 0)))
                     (values cell
                             (cell->read-only cell)
                             (cell->write-only cell))))))
      (map (lambda (n)
             (running (vat cell reader writer)
                 (cell-env (if (= n 1) roots no-roots) (open))
               (with-vat vat ($ writer n))
               (with-vat vat (list ($ cell) ($ reader)))))
           '(1 2)))))
