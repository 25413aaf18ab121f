;;; test-weak-box.scm -- claims about (hob utils weak-box).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob utils weak-box)
             (srfi srfi-1)
             (testing))

;; A collector that is conservative may keep any one value.
(define (boxes-of-nothing-else n)
  (map (lambda (i) (make-weak-box (make-vector 100 i))) (iota n)))

(define (full boxes)
  (count weak-box-value boxes))

(test-suite "weak-box"
  (test-equal "a value that something else holds stays" '(#t (1 2))
              (let* ((value (list 1 2))
                     (box (make-weak-box value)))
                (gc)
                (list (eq? value (weak-box-value box)) value)))
  (test-equal "a value that cannot go away stays" 5
              (begin
                (gc)
                (weak-box-value (make-weak-box 5))))
  (test-assert "values that nothing else holds go away"
    (let ((boxes (boxes-of-nothing-else 100)))
      (gc)
      (gc)
      (< (full boxes) 50)))
  (test-equal "only boxes are boxes" '(#t #f)
              (map weak-box? (list (make-weak-box 1) 1))))
