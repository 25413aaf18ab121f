;;; test-abstract-types.scm -- claims about (hob abstract-types).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob abstract-types)
             (testing))

(define (text object)
  (call-with-output-string (lambda (port) (write object port))))

(test-suite "abstract-types"
  (test-equal "zilch is zilch and nothing else is" '(#t #f #f #f)
              (map zilch? (list zilch '() #f (make-tagged 'zilch '()))))
  (test-equal "zilch prints by its name" "#<zilch>" (text zilch))
  (test-equal "a tagged value has a label and data" '(label "data")
              (let ((tagged (make-tagged 'label "data")))
                (list (tagged-label tagged) (tagged-data tagged))))
  (test-equal "make-tagged* takes the data as arguments" '(1 2)
              (tagged-data (make-tagged* 'label 1 2)))
  (test-equal "tagged? knows tagged values" '(#t #f #f)
              (map tagged? (list (make-tagged 'a 1) '(a 1) zilch)))
  (test-equal "equal? compares label and data" '(#t #f #f)
              (map (lambda (other)
                     (equal? (make-tagged "label" '(1 "x")) other))
                   (list (make-tagged (string-copy "label")
                                      (list 1 (string #\x)))
                         (make-tagged "other" '(1 "x"))
                         (make-tagged "label" '(1 "y")))))
  (test-equal "a tagged value prints with label and data"
              "#<tagged label (1 \"x\")>"
              (text (make-tagged* 'label 1 "x"))))
