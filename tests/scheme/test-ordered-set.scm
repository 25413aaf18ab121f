;;; test-ordered-set.scm -- claims about (hob utils ordered-set).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob utils ordered-set)
             (srfi srfi-1)
             (testing))

(define (remove-all set members)
  (fold (lambda (member set) (ordered-set-remove set member)) set members))

(test-suite "ordered-set"
  (let ((set (list->ordered-set '(c a b a))))
    (test-equal "members are listed once, in the order they came" '(c a b)
                (ordered-set->list set))
    (test-equal "a new one comes last, an old one stays where it is" '(c a b d)
                (ordered-set->list (ordered-set-add (ordered-set-add set 'd)
                                                    'a)))
    (test-equal "one that is removed and added again comes last" '(a b c)
                (ordered-set->list
                 (ordered-set-add (ordered-set-remove set 'c) 'c)))
    (test-equal "an older set is not changed" '(c a b)
                (begin
                  (ordered-set-remove set 'a)
                  (ordered-set->list set)))
    (test-equal "only members are members" '(#t #f)
                (list (ordered-set-member? set 'a)
                      (ordered-set-member? set 'd))))
  (test-equal "numbers are told apart by value, strings by identity"
              '(#t #t #f)
              (let ((set (list->ordered-set (list 1.5 (expt 2 80) "a"))))
                (map (lambda (member) (ordered-set-member? set member))
                     (list (/ 3 2.0) (* 2 (expt 2 79)) (string #\a)))))
  (test-equal "W5: of 5000 members that were removed none is left" '(5000 0)
              (let ((set (list->ordered-set (iota 5000))))
                (list (length (ordered-set->list set))
                      (length (ordered-set->list
                               (remove-all set (iota 5000)))))))
  (test-equal "W5: removing every other one keeps the rest, in order"
              (filter even? (iota 2000))
              (ordered-set->list
               (remove-all (list->ordered-set (iota 2000))
                           (filter odd? (iota 2000))))))
