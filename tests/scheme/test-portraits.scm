;;; test-portraits.scm -- claims about the data that portraits may have.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob abstract-types)
             (hob actor-lib cell)
             (hob exceptions)
             (hob utils ghash)
             (hob utils hashmap)
             (ice-9 exceptions)
             (ice-9 match)
             (rnrs bytevectors)
             (srfi srfi-1)
             (srfi srfi-4)
             (srfi srfi-4 gnu)
             (srfi srfi-9)
             (stores)
             (testing))

(define (^holder bcom data)
  (portraitize (case-lambda
                 (() data)
                 ((new) (bcom (^holder bcom new))))
               (lambda () (list data))))

(define env
  (persistence-env-compose
   cell-env
   (make-persistence-env `((holder ,^holder)))))

(define (no-roots)
  (error "the store should have had the roots"))

;; DATA after a restart.
(define (restored open data)
  (running (vat holder) (env (lambda () (spawn ^holder #f)) (open))
    (with-vat vat ($ holder data)))
  (running (vat holder) (env no-roots (open))
    (with-vat vat ($ holder))))

;; 'equal?' that tells types apart that it does not.
(define (same? a b)
  (match (list a b)
    (((? hashmap?) (? hashmap?))
     (and (eq? (hashmap-kind a) (hashmap-kind b))
          (same-entries? a b)))
    (((? gset?) (? gset?))
     (same-members? (gset->list a) (gset->list b)))
    (((? tagged?) (? tagged?))
     (and (same? (tagged-label a) (tagged-label b))
          (same? (tagged-data a) (tagged-data b))))
    (((a . rest-a) (b . rest-b))
     (and (same? a b) (same? rest-a rest-b)))
    (((? vector?) (? vector?))
     (same? (vector->list a) (vector->list b)))
    (((? bytevector?) (? bytevector?))
     (and (eq? (array-type a) (array-type b)) (bytevector=? a b)))
    (((? number?) (? number?))
     (and (eq? (exact? a) (exact? b)) (eqv? a b)))
    (_ (and (eq? (null? a) (null? b))
            (or (eq? a b)
                (and (not (eq? a #nil)) (not (eq? b #nil))
                     (equal? a b)))))))

(define (entries map)
  (hashmap-fold acons '() map))

(define (same-entries? a b)
  (same-members? (entries a) (entries b)))

(define (same-members? a b)
  (and (= (length a) (length b))
       (every (lambda (member) (any (lambda (other) (same? member other)) b))
              a)))

(define-syntax-rule (kept claim data)
  ;; DATA, which is evaluated once, comes back the same on every store.
  (each-store claim #t (open)
    (let* ((value data)
           (back (restored open value)))
      (or (same? value back)
          (list 'came-back-as back)))))

(define-record-type <point>
  (make-point x)
  point?
  (x point-x))

(define (circular-list)
  (let ((items (list 1 2 3)))
    (set-cdr! (cddr items) items)
    items))

(define (circular-vector)
  (let ((items (vector 1 2 (list 'inner #f))))
    (set-car! (cdr (vector-ref items 2)) items)
    items))

(define-syntax-rule (refused claim path? data)
  ;; DATA is refused with its place, and the state stays.
  (each-store claim '(#t #t before) (open)
    (let ((value data))
      (running (vat holder)
          (env (lambda () (spawn ^holder 'before)) (open))
        (with-exception-handler
            (lambda (exception)
              (list (persistence-error? exception)
                    (let ((path (persistence-error-path exception)))
                      (or (and (string? path) (path? path))
                          path))
                    (with-vat vat ($ holder))))
          (lambda ()
            (with-vat vat ($ holder value))
            'accepted)
          #:unwind? #t)))))

(define (at text)
  (lambda (path) (string=? path text)))

;;; Random data.

(define (random-data state depth)
  (define (pick . makers)
    ((list-ref makers (random (length makers) state))))
  (define (several)
    (map (lambda (_) (random-data state (1- depth)))
         (iota (random 5 state))))
  (define (text)
    (list->string
     (map (lambda (_) (random-character state)) (iota (random 8 state)))))
  (define (atom)
    (pick (lambda () (- (random 2000 state) 1000))
          (lambda () (- (random (expt 2 200) state) (expt 2 199)))
          (lambda () (/ (- (random 2000 state) 1000)
                        (1+ (random 100 state))))
          (lambda () (- (random:normal state)))
          (lambda () (make-rectangular (random:normal state)
                                       (random:normal state)))
          (lambda () (zero? (random 2 state)))
          text
          (lambda () (string->symbol (text)))
          (lambda () (symbol->keyword (string->symbol (text))))
          (lambda () (random-character state))
          (lambda ()
            (u8-list->bytevector (map (lambda (_) (random 256 state))
                                      (iota (random 20 state)))))
          (lambda ()
            (list->bitvector (map (lambda (_) (zero? (random 2 state)))
                                  (iota (random 70 state)))))
          (lambda () (apply f64vector (map (lambda (_) (random:normal state))
                                           (iota (random 5 state)))))
          (lambda () '())
          (lambda () *unspecified*)
          (lambda () zilch)))
  (define (map-with key)
    (lambda (map)
      (fold (lambda (_ map)
              (hashmap-set map (key) (random-data state (1- depth))))
            map
            (iota (random 4 state)))))
  (if (zero? depth)
      (atom)
      (pick atom
            several
            (lambda () (append (several) (atom)))
            (lambda () (list->vector (several)))
            (lambda () (make-tagged (string->symbol (text))
                                    (random-data state (1- depth))))
            (lambda () ((map-with text) (make-hashmap)))
            (lambda () ((map-with (lambda () (string->symbol (text))))
                        (make-hashqmap)))
            (lambda () ((map-with (lambda () (random 1000 state)))
                        (make-hashvmap)))
            (lambda () (apply make-gset
                              (map (lambda (_) (text))
                                   (iota (random 4 state))))))))

(define (random-character state)
  (let ((code (if (zero? (random 4 state))
                  (random #x10ffff state)
                  (random 128 state))))
    (if (<= #xd800 code #xdfff)
        #\x
        (integer->char code))))

(test-suite "portraits"
  (test-group "numbers"
    (kept "integers of any size"
          (list 0 1 -1 (expt 2 62) (- (expt 2 62)) (expt 2 63)
                (- (expt 2 63)) (expt 2 64) (expt 10 400) (- (expt 10 400))))
    (kept "doubles" (list 0.0 -0.0 1.5 -1e300 5e-324 1.7976931348623157e308))
    (kept "infinities and what is no number" (list +inf.0 -inf.0 +nan.0))
    (kept "W38: exact rationals"
          (list 1/2 -7/3 (/ (expt 10 100) 7) (/ -1 (expt 2 70))))
    (kept "W38: complex numbers" (list 1.0+2.5i -1.0-0.0i +inf.0+1.0i)))

  (test-group "atoms"
    (kept "booleans" '(#t #f))
    (kept "W38: #nil" (list #nil (list #nil) (vector #nil '() #f)))
    (kept "the unspecified value and zilch" (list *unspecified* zilch))
    (kept "the end-of-file object" (list the-eof-object))
    (kept "strings" (list "" "abc" "with \x00; NUL" "λ 漢字 😀"
                          (make-string 100000 #\x)))
    (kept "symbols" (list 'a (string->symbol "") (string->symbol "a b")
                          'λ (string->symbol "with \x00;")))
    (kept "keywords" (list #:a (symbol->keyword (string->symbol "a b"))))
    (kept "characters" (list #\a #\nul #\x10ffff #\λ #\xd7ff #\xe000)))

  (test-group "vectors of one type"
    (kept "bytevectors" (list #vu8() #vu8(1 2 255) (make-bytevector 70000 7)))
    (kept "W38: typed vectors"
          (list (u8vector 1 2) (s8vector -1) (u16vector 1 65535)
                (s16vector -1 2) (u32vector 4294967295) (s32vector -1)
                (u64vector 18446744073709551615) (s64vector -1)
                (f32vector 1.5 -0.5) (f64vector 0.1 -1e300)
                (c32vector 1.0+2.0i) (c64vector -1.0+0.1i)
                (u16vector) (f64vector)))
    (kept "W38: bitvectors"
          (list (bitvector) (bitvector #t) (bitvector #t #f #t)
                (make-bitvector 1000 #t))))

  (test-group "structures"
    (kept "lists, proper and dotted" '((1 2 3) (1 2 . 3) (1 . 2) () (())))
    (kept "vectors" (list #() #(1 #(2 #(3))) (make-vector 1000 'x)))
    (kept "tagged values"
          (list (make-tagged 'label 1)
                (make-tagged "label" '(1 2))
                (make-tagged 'nested (make-tagged 'inner #(1)))))
    (kept "tagged values with labels that Hob uses itself"
          (list (make-tagged 'hob:complex '(1.0 2.0))
                (make-tagged 'hob:nil '())
                (make-tagged 'hob:tagged '(a b))
                (make-tagged 'hob:anything 1)
                (make-tagged 'vector '(1 2))
                (make-tagged 'near '(1))
                (make-tagged 'far '(#vu8(1) 1))
                (make-tagged 'promise '(unresolved))
                (make-tagged 'error '(1 2))
                (make-tagged 'error '(-3 "text"))))
    (kept "W38: maps of all three kinds"
          (let ((fill (lambda (map)
                        (fold (lambda (n map) (hashmap-set map n (* n n)))
                              map (iota 50)))))
            (list (make-hashmap) (make-hashqmap) (make-hashvmap)
                  (fill (make-hashmap)) (fill (make-hashqmap))
                  (fill (make-hashvmap)))))
    (kept "maps with keys of every sort"
          (fold (lambda (key map) (hashmap-set map key 'value))
                (make-hashmap)
                (list 1 "a" 'a #\a 1.5 1/2 '(1 (2)) #(1) #:a #t '() #vu8(1))))
    (kept "maps in maps"
          (hashmap ("a" (hashmap ("b" (hashmap ("c" '(1))))))))
    (kept "sets" (list (make-gset) (make-gset 1 "a" 'b '(1 2))))
    (each-store "lists of 200000 items" #t (open)
      (equal? (iota 200000) (restored open (iota 200000))))
    (each-store "lists nested 100000 deep" 100000 (open)
      (let loop ((depth 0)
                 (data (restored open
                                 (let loop ((n 100000) (data '()))
                                   (if (zero? n)
                                       data
                                       (loop (1- n) (list data)))))))
        (if (null? data)
            depth
            (loop (1+ depth) (car data)))))
    (kept "an object's arguments stay apart from each other"
          (let ((shared (list 1 2)))
            (list shared shared))))

  (test-group "references"
    (each-store "in every structure, the same object each time" #t (open)
      (running (vat holder) (env (lambda () (spawn ^holder #f)) (open))
        (with-vat vat
          (let ((child (spawn ^cell 7)))
            ($ holder
               (list child
                     (cons 'dotted child)
                     (vector child)
                     (make-tagged 'tag child)
                     (hashmap ("key" child))
                     (hashmap (child 'value))
                     (make-gset child)
                     (list (list (vector (cons "key" child)))))))))
      (running (vat holder) (env no-roots (open))
        (with-vat vat
          (match ($ holder)
            ((child (_ . dotted) #(in-vector) tagged in-map as-key set
                    ((#((_ . deep)))))
             (and (eqv? 7 ($ child))
                  (every (lambda (other) (eq? other child))
                         (list dotted in-vector (tagged-data tagged)
                               (hashmap-ref in-map "key") deep
                               (car (gset->list set))))
                  (eq? 'value (hashmap-ref as-key child))))))))
    (each-store "what only stands in a dotted pair is not lost" 5 (open)
      (running (vat holder) (env (lambda () (spawn ^holder #f)) (open))
        (with-vat vat
          ($ holder (list (cons "key" (spawn ^cell 5)))))
        (for-each (lambda (_) (with-vat vat ($ holder ($ holder))))
                  (iota 10)))
      (running (vat holder) (env no-roots (open))
        (with-vat vat ($ (cdar ($ holder)))))))

  (test-group "what is refused"
    (refused "procedures" (at "[0][1]") (list 1 car))
    (refused "records" (at "[0]") (make-point 1))
    (refused "hash tables" (at "[0]") (make-hash-table))
    (refused "ports" (at "[0][0]") (list (current-output-port)))
    (refused "exceptions" (at "[0][0]") (list (make-error)))
    (refused "W38: uninterned symbols" (at "[0][0]")
             (list (make-symbol "name")))
    (refused "arrays of more than one dimension" (at "[0]")
             (make-array 0 2 2))
    (refused "a version inside of data" (at "[0][0]") (list (versioned 1 2)))
    (refused "maps with procedures of a user" (at "[0]")
             (make-hashmap string-hash string=?))
    (refused "with the path: in a vector in a list" (at "[0][2][1]")
             (list 1 2 (vector 3 car)))
    (refused "with the path: in a tail" (at "[0]<tail>") (cons 1 car))
    (refused "with the path: in a map" (at "[0].name")
             (hashmap ('name car)))
    (refused "with the path: in a tagged value" (at "[0]<datum>")
             (make-tagged 'tag car))
    (refused "W37: a circular list, with the path" (at "[0][0]")
             (list (circular-list)))
    (refused "W37: a circular structure, with a path"
             (lambda (path) (string-prefix? "[0]" path))
             (circular-vector))
    (refused "W37: a list that ends in itself" (at "[0]") (circular-list))
    (refused "W37: a tree that contains itself deep inside"
             (lambda (path) (string-prefix? "[0]" path))
             (let* ((leaf (list 'x #f))
                    (tree (let loop ((n 1000) (tree leaf))
                            (if (zero? n) tree
                                (loop (1- n) (vector 'level tree))))))
               (set-car! (cdr leaf) tree)
               tree)))

  (test-group "random data"
    (let ((state (test-random-state)))
      (kept "comes back"
            (map (lambda (_) (random-data state 4)) (iota 300))))))
