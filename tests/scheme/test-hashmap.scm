;;; test-hashmap.scm -- claims about (hob utils hashmap).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob utils hashmap)
             (ice-9 exceptions)
             (srfi srfi-1)
             (testing))

(define (text object)
  (call-with-output-string (lambda (port) (write object port))))

(define (entries map)
  (sort (hashmap-fold (lambda (key value result)
                        (cons (cons key value) result))
                      '() map)
        (lambda (a b) (< (cdr a) (cdr b)))))

(define* (build keys #:optional (map (make-hashmap)))
  (fold (lambda (key map) (hashmap-set map key #t)) map keys))

(define (remove-all keys map)
  (fold (lambda (key map) (hashmap-remove map key)) map keys))

;; How many of KEYS are not found to be in MAP exactly if PRESENT? says so.
(define (wrong-look-ups map keys present?)
  (count (lambda (key)
           (not (eq? (present? key) (hashmap-ref map key #f))))
         keys))

(define (shuffle items state)
  (map cdr
       (sort (map (lambda (item) (cons (random:uniform state) item)) items)
             (lambda (a b) (< (car a) (car b))))))

(define (string-keys n)
  (map (lambda (i) (string-append "key-" (number->string i))) (iota n)))

;;; Hashes that make for trouble.

(define (constant-hash key size) 7)

(define (poor-hash key size)
  (modulo (hash key size) 61))

;; Keys that differ in the last five bits only.
(define (late-hash key size)
  (ash (modulo key 32) 55))

(define (first-hash key size) key)

;;; The model: a map and a hash table that must say the same after the same
;;; random operations.  Gives the number of disagreements.

(define (disagreements map keys operations state)
  (define table (make-hash-table))
  (define key-count (vector-length keys))
  (define wrong 0)
  (define (claim holds?)
    (unless holds? (set! wrong (1+ wrong))))
  (define (check-contents map)
    (claim (= (hashmap-count map) (hash-count (const #t) table)))
    (claim (hashmap-fold (lambda (key value same?)
                           (and same? (eqv? value (hash-ref table key))))
                         #t map))
    (claim (equal? map
                   (hash-fold (lambda (key value map)
                                (hashmap-set map key value))
                              (fold (lambda (key map)
                                      (hashmap-remove map key))
                                    map (vector->list keys))
                              table))))
  (let loop ((i 0) (map map))
    (if (= i operations)
        (check-contents map)
        (let ((key (vector-ref keys (random key-count state))))
          (case (random 4 state)
            ((0 1)
             (claim (eqv? (hash-ref table key 'absent)
                          (hashmap-ref map key 'absent)))
             (loop (1+ i) map))
            ((2)
             (hash-set! table key i)
             (loop (1+ i) (hashmap-set map key i)))
            (else
             (hash-remove! table key)
             (loop (1+ i) (hashmap-remove map key)))))))
  wrong)

(define (mixed-keys n)
  (let ((keys (make-vector n)))
    (do ((i 0 (1+ i)))
        ((= i n) keys)
      (vector-set! keys i
                   (case (modulo i 4)
                     ((0) i)
                     ((1) (string-append "key-" (number->string i)))
                     ((2) (list i 'x "y"))
                     (else (string->symbol (number->string i))))))))

(test-suite "hashmap"
  (define state (test-random-state))

  (test-group "looking up"
    (let ((map (hashmap ("a" 1) ('b 2) (3 #f))))
      (test-equal "a key gives its value" '(1 2 #f)
                  (list (hashmap-ref map (string-copy "a"))
                        (hashmap-ref map 'b)
                        (hashmap-ref map 3 'default)))
      (test-equal "a key that is not there gives #f" #f
                  (hashmap-ref map "c"))
      (test-equal "a key that is not there gives the default" 'default
                  (hashmap-ref map "c" 'default))
      (test-equal "a map knows its count" 3 (hashmap-count map)))
    (test-equal "the later of two equal keys wins" '(("a" . 2))
                (entries (hashmap ("a" 1) ((string-copy "a") 2))))
    (test-raises "looking up in what is no map is a type error"
      assertion-failure?
      (hashmap-ref '() 1)))

  (test-group "setting and removing"
    (let ((map (hashmap ("a" 1) ("b" 2))))
      (test-equal "setting replaces a value" '(("b" . 2) ("a" . 3))
                  (entries (hashmap-set map "a" 3)))
      (test-equal "removing takes one key away" '(("b" . 2))
                  (entries (hashmap-remove map "a")))
      (test-equal "the old map stays as it was" '(("a" . 1) ("b" . 2))
                  (entries map))
      (test-eq "setting what is set gives the same map" map
               (hashmap-set map (string-copy "a") 1))
      (test-eq "removing what is not there gives the same map" map
               (hashmap-remove map "c"))
      (test-assert "setting an equal? but other value replaces the old one"
        (let ((value (list 1)))
          (eq? value
               (hashmap-ref (hashmap-set (hashmap ("a" (list 1))) "a" value)
                            "a"))))
      (test-equal "the last key can be removed" 0
                  (hashmap-count (remove-all '("a" "b") map)))))

  (test-group "kinds"
    (test-equal "a map knows how it compares keys" '(equal eqv eq custom)
                (map hashmap-kind
                     (list (make-hashmap) (make-hashvmap) (make-hashqmap)
                           (make-hashmap constant-hash equal?))))
    (test-equal "the standard procedures give the standard kinds"
                '(equal eqv eq)
                (map hashmap-kind
                     (list (make-hashmap hash equal?)
                           (make-hashmap hashv eqv?)
                           (make-hashmap hashq eq?))))
    (test-eq "a map gives its hash procedure" constant-hash
             (hashmap-hash (make-hashmap constant-hash)))
    (test-eq "a map gives its equivalence" equal?
             (hashmap-equiv (make-hashmap constant-hash)))
    (test-equal "a hashqmap tells equal strings apart" '(1 #f)
                (let* ((key (string #\a))
                       (map (hashqmap (key 1))))
                  (list (hashmap-ref map key)
                        (hashmap-ref map (string #\a)))))
    (test-equal "a hashvmap finds big numbers, not equal strings" '(1 #f)
                (let ((map (hashvmap ((expt 10 30) 1) ("a" 2))))
                  (list (hashmap-ref map (expt 10 30))
                        (hashmap-ref map (string #\a)))))
    (test-equal "a map can ignore case" 1
                (hashmap-ref (hashmap-set (make-hashmap string-hash-ci
                                                        string-ci=?)
                                          "Key" 1)
                             "kEY")))

  (test-group "walks"
    (test-equal "fold calls with key, value and result" '("a" 1 init)
                (hashmap-fold list 'init (hashmap ("a" 1))))
    (test-equal "fold of an empty map is the initial value" 'init
                (hashmap-fold list 'init (make-hashmap)))
    (test-equal "fold meets each of 5000 keys once" (iota 5000)
                (sort (hashmap-fold (lambda (key value keys)
                                      (cons key keys))
                                    '() (build (iota 5000)))
                      <))
    (test-equal "for-each calls with key and value" '((b 2) (a 1))
                (let ((calls '()))
                  (hashmap-for-each (lambda (key value)
                                      (set! calls
                                            (cons (list key value) calls)))
                                    (hashmap ('a 1) ('b 2)))
                  (sort calls (lambda (x y) (> (cadr x) (cadr y)))))))

  (test-group "colliding hashes"
    (let ((map (build (iota 50) (make-hashmap constant-hash equal?))))
      (test-equal "50 keys of one hash are all found" 0
                  (wrong-look-ups map (iota 50) (const #t)))
      (test-eq "removing another key of that hash changes nothing" map
               (hashmap-remove map 50))
      (test-eq "setting one of them again changes nothing" map
               (hashmap-set map 49 #t))
      (test-equal "one of them can be replaced" 'new
                  (hashmap-ref (hashmap-set map 30 'new) 30))
      (test-equal "49 of them can be removed, the last stays" '(1 #t)
                  (let ((one (remove-all (iota 49) map)))
                    (list (hashmap-count one) (hashmap-ref one 49))))
      (test-equal "all of them can be removed" 0
                  (hashmap-count (remove-all (iota 50) map)))
      (test-assert "the order they came in does not matter to equal?"
        (equal? map (build (reverse (iota 50))
                           (make-hashmap constant-hash equal?)))))
    (let* ((keys (iota 32))
           (map (build keys (make-hashmap late-hash equal?))))
      (test-equal "keys that differ in the last bits are found" 0
                  (wrong-look-ups map keys (const #t)))
      (test-equal "a key whose way ends early is not found" 'default
                  (hashmap-ref (make-hashmap late-hash equal?) 3 'default))
      (test-equal "all but one can be removed, and it is found" #t
                  (hashmap-ref (remove-all (cdr keys) map) 0)))
    (test-equal "a hash may be negative or big" '(1 2)
                (let ((map (fold (lambda (key map) (hashmap-set map key key))
                                 (make-hashmap (lambda (key size)
                                                 (* key -1 (expt 10 40))))
                                 '(1 2))))
                  (list (hashmap-ref map 1) (hashmap-ref map 2)))))

  (test-group "equality"
    (test-assert "maps with equal? keys and values are equal?"
      (equal? (hashmap ("a" (list 1)) ("b" 2))
              (hashmap ((string #\b) 2) ((string #\a) (list 1)))))
    (test-assert "a different value makes maps differ"
      (not (equal? (hashmap ("a" 1)) (hashmap ("a" 2)))))
    (test-assert "a different key makes maps differ"
      (not (equal? (hashmap ("a" #f)) (hashmap ("b" #f)))))
    (test-assert "one key more makes maps differ"
      (not (equal? (hashmap ("a" 1)) (hashmap ("a" 1) ("b" 2)))))
    (test-assert "maps of different kinds differ"
      (not (equal? (hashqmap ('a 1)) (hashvmap ('a 1)))))
    (test-assert "maps inside lists and vectors are compared too"
      (equal? (list (vector (hashmap ("a" 1))))
              (list (vector (hashmap ((string #\a) 1))))))
    (test-assert "maps with the same procedures of their own can be equal?"
      (equal? (build '("A") (make-hashmap string-hash-ci string-ci=?))
              (build '("a") (make-hashmap string-hash-ci string-ci=?))))
    (test-equal "a map can be a key" 1
                (hashmap-ref (hashmap ((hashmap ("a" 1) ("b" 2)) 1))
                             (hashmap-remove
                              (hashmap ("b" 2) ("c" 3) ("a" 1)) "c")))
    (test-assert "what was removed leaves no trace in the hash"
      (let* ((keys (iota 2000))
             (map (build keys))
             (half (build (iota 1000))))
        (= (hash (remove-all (iota 1000 1000) map) 1000000007)
           (hash half 1000000007)))))

  (test-group "printing"
    (test-equal "an empty map prints" "#<hashmap>" (text (make-hashmap)))
    (test-equal "write shows keys and values as write does"
                "#<hashmap \"a\": (1 \"x\")>"
                (text (hashmap ("a" '(1 "x")))))
    (test-equal "the kind shows" '("#<hashqmap a: 1>" "#<hashvmap 1: 2>")
                (list (text (hashqmap ('a 1)))
                      (text (hashvmap (1 2)))))
    (test-equal "entries are separated by commas" "#<hashmap 1: 1, 2: 2>"
                (text (hashmap-set (hashmap-set (make-hashmap first-hash eqv?)
                                                1 1)
                                   2 2)))
    (test-equal "display shows strings without quotes" "#<hashmap a: b>"
                (with-output-to-string
                  (lambda () (display (hashmap ("a" "b")))))))

  (test-group "W5 random removals"
    (for-each
     (lambda (n)
       (let* ((keys (shuffle (string-keys n) state))
              (gone (take keys (quotient n 2)))
              (stay (drop keys (quotient n 2)))
              (map (remove-all gone (build keys))))
         (test-equal (format #f "W5 half of ~a string keys removed" n) 0
                     (+ (wrong-look-ups map stay (const #t))
                        (wrong-look-ups map gone (const #f))))
         (test-equal (format #f "W5 half of ~a string keys counted" n)
                     (length stay)
                     (hashmap-fold (lambda (key value n) (1+ n)) 0 map))
         (test-assert (format #f "W5 as if only ~a were set" (length stay))
           (equal? map (build stay)))
         (test-equal (format #f "W5 the other half of ~a too" n) 0
                     (hashmap-count (remove-all stay map)))))
     '(2000 4000))
    (test-equal "W5 random removals agree with a model" 0
                (disagreements (make-hashmap) (mixed-keys 10000)
                               1000000 state))
    (test-equal "W5 random removals agree with a model, poor hash" 0
                (disagreements (make-hashmap poor-hash equal?)
                               (mixed-keys 10000) 20000 state))
    (test-equal "W5 random removals agree with a model, few keys" 0
                (disagreements (make-hashmap late-hash equal?)
                               (list->vector (iota 100)) 20000 state))))
