;;; test-fifo.scm -- claims about (hob utils fifo).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob utils fifo)
             (srfi srfi-1)
             (testing))

(define (add-all fifo items)
  (fold (lambda (item fifo) (fifo-add fifo item)) fifo items))

(define (take-all fifo)
  (if (fifo-empty? fifo)
      '()
      (call-with-values (lambda () (fifo-take fifo))
        (lambda (item others)
          (cons item (take-all others))))))

(define (seconds thunk)
  (let ((start (get-internal-run-time)))
    (thunk)
    (/ (- (get-internal-run-time) start)
       (exact->inexact internal-time-units-per-second))))

;; Random additions and removals, beside a list that does the same.
(define (agrees-with-a-list? steps state)
  (let loop ((left steps) (fifo empty-fifo) (items '()))
    (cond
     ((zero? left) (equal? items (fifo->list fifo)))
     ((not (= (length items) (fifo-length fifo))) #f)
     ((and (pair? items) (zero? (random 2 state)))
      (call-with-values (lambda () (fifo-take fifo))
        (lambda (item others)
          (and (eq? item (car items))
               (loop (1- left) others (cdr items))))))
     (else
      (loop (1- left) (fifo-add fifo left) (append items (list left)))))))

(test-suite "fifo"
  (test-equal "items come out in the order in which they went in" '(1 2 3)
              (take-all (add-all empty-fifo '(1 2 3))))
  (test-equal "an older queue is not changed" '((1) (1 2) (2))
              (let* ((one (fifo-add empty-fifo 1))
                     (two (fifo-add one 2))
                     (rest (call-with-values (lambda () (fifo-take two))
                             (lambda (_ rest) rest))))
                (map fifo->list (list one two rest))))
  (test-equal "a list becomes a queue and back" '(3 a b c d)
              (let ((fifo (list->fifo '(a b c))))
                (cons (fifo-length fifo) (fifo->list (fifo-add fifo 'd)))))
  (test-assert "it does what a list does, in any order of steps"
    (agrees-with-a-list? 2000 (test-random-state)))
  (test-assert "taking 100000 items takes no longer for each"
    (< (seconds (lambda ()
                  (let loop ((fifo (list->fifo (iota 100000))))
                    (unless (fifo-empty? fifo)
                      (call-with-values (lambda () (fifo-take fifo))
                        (lambda (_ others) (loop others)))))))
       5)))
