;;; test-ghash.scm -- claims about (hob utils ghash).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob utils ghash)
             (hob utils hashmap)
             (srfi srfi-1)
             (srfi srfi-9)
             (testing))

(define (text object)
  (call-with-output-string (lambda (port) (write object port))))

;; Objects that, like references, are equal? only to themselves: no two have
;; the same cell.
(define-record-type <token>
  (wrap-token cell)
  token?
  (cell token-cell))

(define (make-token) (wrap-token (make-variable #f)))

(define (left-after-removing-all n)
  (let* ((tokens (map (lambda (_) (make-token)) (iota n)))
         (full (fold (lambda (token set) (gset-add set token))
                     (make-gset) tokens))
         (empty (fold (lambda (token set) (gset-remove set token))
                      full tokens)))
    (list (gset-length full)
          (gset-length empty)
          (length (gset->list empty)))))

(test-suite "ghash"
  (test-group "ghash"
    (let* ((one (make-token))
           (two (make-token))
           (map (ghash (one 1) (two 2) ("name" 3))))
      (test-equal "references are told apart, strings are not" '(1 2 3)
                  (list (ghash-ref map one)
                        (ghash-ref map two)
                        (ghash-ref map (string-copy "name"))))
      (test-equal "an unknown reference gives the default" 'default
                  (ghash-ref map (make-token) 'default))
      (test-equal "length counts keys" 3 (ghash-length map))
      (test-equal "a removed key is gone, the others stay" '(#f #t 2)
                  (let ((map (ghash-remove map one)))
                    (list (ghash-has-key? map one)
                          (ghash-has-key? map two)
                          (ghash-length map))))
      (test-assert "a key with the value #f is there"
        (ghash-has-key? (ghash-set map "f" #f) "f"))
      (test-equal "the maps of hashmap and ghash are the same"
                  '(#t #t 1)
                  (list (ghash? (make-hashmap))
                        (hashmap? map)
                        (hashmap-ref map one))))
    (test-assert "ghashes with equal contents are equal?"
      (equal? (ghash ('a 1) ("b" 2))
              (ghash-set (ghash-set (make-ghash) "b" 2) 'a 1)))
    (test-equal "fold calls with key, value and result" '("a" 1 init)
                (ghash-fold list 'init (ghash ("a" 1))))
    (test-equal "for-each calls with key and value" '((1 2))
                (let ((calls '()))
                  (ghash-for-each (lambda call (set! calls (cons call calls)))
                                  (ghash (1 2)))
                  calls))
    (test-assert "a hash table's entries become a ghash"
      (let ((table (make-hash-table)))
        (hash-set! table "a" 1)
        (hash-set! table 'b 2)
        (equal? (ghash ("a" 1) ('b 2))
                (hash-table->ghash table))))
    (test-equal "a ghash prints as the map it is" "#<hashmap \"a\": 1>"
                (text (ghash ("a" 1)))))

  (test-group "gset"
    (let ((set (make-gset 'a "b" 3 'a)))
      (test-equal "an item is a member once" 3 (gset-length set))
      (test-equal "member? compares by equal?" '(#t #t #f)
                  (map (lambda (item) (gset-member? set item))
                       (list (string #\b) 3 'c)))
      (test-eq "adding a member gives the same set" set
               (gset-add set (string #\b)))
      (test-eq "removing what is no member gives the same set" set
               (gset-remove set 'c))
      (test-equal "the old set stays as it was" '(4 2 3)
                  (list (gset-length (gset-add set 'c))
                        (gset-length (gset-remove set 'a))
                        (gset-length set)))
      (test-assert "gset->list has each member"
        (lset= equal? '(a "b" 3) (gset->list set)))
      (test-equal "gset? knows sets from maps" '(#t #f)
                  (list (gset? set) (gset? (make-ghash)))))
    (test-equal "fold calls with item and result" '(1 init)
                (gset-fold list 'init (make-gset 1)))
    (test-equal "for-each calls with each item" 6
                (let ((sum 0))
                  (gset-for-each (lambda (item) (set! sum (+ sum item)))
                                 (make-gset 1 2 3))
                  sum))
    (test-assert "sets with equal members are equal?"
      (equal? (make-gset 1 "b" 'c)
              (gset-remove (make-gset 'd 'c (string #\b) 1) 'd)))
    (test-assert "sets with different members are not equal?"
      (not (equal? (make-gset 1 2) (make-gset 1 3))))
    (test-equal "a set can be a member of a set" 1
                (gset-length (make-gset (make-gset 1 2) (make-gset 2 1))))
    (test-equal "an empty set prints" "#<gset>" (text (make-gset)))
    (test-equal "a set prints its members" "#<gset \"a\">"
                (text (make-gset "a"))))

  (test-equal "W5 500 objects added and removed leave none" '(500 0 0)
              (left-after-removing-all 500))
  (test-equal "W5 5000 objects added and removed leave none" '(5000 0 0)
              (left-after-removing-all 5000)))
