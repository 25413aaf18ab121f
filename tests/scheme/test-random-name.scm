;;; test-random-name.scm -- claims about (hob utils random-name).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob exceptions)
             (hob utils random-name)
             (testing))

(define (from-seed length)
  (random-name length #:random-state (seed->random-state 42)))

(test-suite "random-name"
  (test-equal "a name has the length asked for" '(0 1 30)
              (map (lambda (n) (string-length (random-name n))) '(0 1 30)))
  (test-assert "it has letters and digits only"
    (string-every (lambda (char)
                    (and (char-set-contains? char-set:ascii char)
                         (or (char-alphabetic? char) (char-numeric? char))))
                  (random-name 1000)))
  (test-assert "two names differ"
    (not (equal? (random-name 20) (random-name 20))))
  (test-equal "from the same random state come the same names" (from-seed 20)
              (from-seed 20))
  (test-raises "a negative length is refused" hob-error? (random-name -1))
  (test-raises "so is what is no length" hob-error? (random-name 'x)))
