;;; test-values.scm -- claims about data that goes to other vats.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob abstract-types)
             (hob actor-lib cell)
             (hob utils ghash)
             (hob utils hashmap)
             (ice-9 exceptions)
             (ice-9 match)
             (rnrs bytevectors)
             (srfi srfi-4)
             (srfi srfi-9)
             (testing)
             (waiting))

(define a (spawn-vat #:name "a"))
(define b (spawn-vat #:name "b"))

(define (^echo bcom)
  (lambda (value) value))

(define echo (with-vat b (spawn ^echo)))
(define near-echo (with-vat a (spawn ^echo)))

;; VALUE after it went to vat b and came back.
(define (sent value)
  (match (settled-in a (<- echo value))
    (('fulfilled value) value)))

;; VALUE after it went to an object of its own vat.
(define (sent-near value)
  (match (settled-in a (<- near-echo value))
    (('fulfilled value) value)))

(define-record-type <point>
  (make-point x)
  point?
  (x point-x set-point-x!))

(define (circular-list)
  (let ((circular (list 1 2)))
    (set-cdr! (cdr circular) circular)
    circular))

(define everything
  (list 1 -1 (expt 10 50) 1/3 0.1 -0.0 +inf.0 1.0+2.0i
        #t #f '() *unspecified* zilch #nil
        "text" (string #\nul #\λ) 'symbol (string->symbol "odd symbol")
        #:keyword #\a #\x10ffff
        #vu8(1 2) (f64vector 1.5) (s16vector -1) (bitvector #t #f)
        '(1 (2 . 3)) #(1 #(2))))

(test-suite "values"
  (test-equal "data arrives at a far object as it was" everything
              (sent everything))
  (test-equal "what is no number stays so" '(#t #f)
              (list (nan? (sent +nan.0)) (eqv? 0.0 (sent -0.0))))
  (test-equal "maps, sets and tagged values arrive" '(1 2 #t #f label (1 2))
              (match (sent (list (hashmap ("a" 1))
                                 (hashmap-set (make-hashqmap) 'b 2)
                                 (make-gset 'x)
                                 (make-tagged 'label '(1 2))))
                ((map qmap set tagged)
                 (list (hashmap-ref map "a")
                       (hashmap-ref qmap 'b)
                       (gset-member? set 'x)
                       (gset-member? set 'y)
                       (tagged-label tagged)
                       (tagged-data tagged)))))
  (test-equal "the kind of a map is kept" '(equal eq eqv)
              (map (lambda (map) (hashmap-kind (sent map)))
                   (list (make-hashmap) (make-hashqmap) (make-hashvmap))))
  (test-equal "a tagged value with a label of Hob's own is no other value"
              '((hob:complex (1.0 2.0)) (error (-3 "text")))
              (map (lambda (tagged)
                     (let ((back (sent tagged)))
                       (list (tagged-label back) (tagged-data back))))
                   (list (make-tagged 'hob:complex '(1.0 2.0))
                         (make-tagged 'error '(-3 "text")))))

  (test-group "what can be changed is copied for another vat (rule 7)"
    (test-equal "a list" '(#f (1 2) (changed 2))
                (let* ((original (list 1 2))
                       (copy (sent original)))
                  (set-car! original 'changed)
                  (list (eq? original copy) copy original)))
    (test-equal "already when it is sent" '(1 2)
                (let ((original (list 1 2)))
                  (match (settled-in a
                           (let ((answer (<- echo original)))
                             (set-car! original 'changed)
                             answer))
                    (('fulfilled value) value))))
    (test-equal "a vector in a list" '(#(1 2) #(changed 2))
                (let* ((original (vector 1 2))
                       (copy (car (sent (list original)))))
                  (vector-set! original 0 'changed)
                  (list copy original)))
    (test-equal "a string" '("text" "Text")
                (let* ((original (string-copy "text"))
                       (copy (sent original)))
                  (string-set! original 0 #\T)
                  (list copy original)))
    (test-equal "a bytevector" '(#vu8(1 2) #vu8(9 2))
                (let* ((original (bytevector-copy #vu8(1 2)))
                       (copy (sent original)))
                  (bytevector-u8-set! original 0 9)
                  (list copy original)))
    (test-equal "what a resolver of another vat is given" '(1 2)
                (let ((original (list 1 2)))
                  (match (settled-in a
                           (call-with-values spawn-promise-and-resolver
                             (lambda (promise resolver)
                               (with-vat b
                                 (<-np resolver 'fulfill original)
                                 (set-car! original 'changed))
                               promise)))
                    (('fulfilled value) value))))
    (test-equal "not within a vat: there it is the same object" '(#t #t)
                (let ((list-sent (list 1 2))
                      (string-sent (string-copy "text")))
                  (list (eq? list-sent (sent-near list-sent))
                        (eq? string-sent (sent-near string-sent))))))

  (test-group "what is no data"
    (test-assert "goes to another vat as it is: procedures"
      (eq? car (sent car)))
    (test-assert "records"
      (let ((point (make-point 1)))
        (eq? point (sent point))))
    (test-assert "exceptions, with what they have"
      (let ((exception (make-exception (make-error)
                                       (make-exception-with-message "m"))))
        (eq? exception (sent exception))))
    (test-assert "hash tables, and in a list"
      (let ((table (make-hash-table)))
        (eq? table (car (sent (list table))))))
    (test-assert "uninterned symbols"
      (let ((symbol (make-symbol "name")))
        (eq? symbol (sent symbol))))
    (test-raises "W37: a list that contains itself is refused, with the path"
      (lambda (exception)
        (string-contains (format #f "~s" (exception-irritants exception))
                         "[0]"))
      (sent (circular-list)))
    (test-equal "W37: so is an answer that does: the caller's promise breaks"
                '(broken #t)
                (match (settled-in a
                         (<- (with-vat b
                               (spawn (lambda (bcom) circular-list)))))
                  ((how problem) (list how (exception? problem)))))
    (test-assert "within a vat it goes as it is"
      (let ((circular (circular-list)))
        (eq? circular (sent-near circular)))))

  (test-group "references"
    (test-assert "arrive as the same object"
      (let ((cell (with-vat a (spawn ^cell))))
        (eq? cell (sent cell))))
    (test-assert "also in structures"
      (let ((cell (with-vat a (spawn ^cell))))
        (match (sent (list (vector cell) (cons 1 cell)
                           (make-tagged 'tag cell)
                           (hashmap ("key" cell))))
          ((#(one) (_ . two) three four)
           (and (eq? cell one) (eq? cell two)
                (eq? cell (tagged-data three))
                (eq? cell (hashmap-ref four "key")))))))
    (test-equal "a reference to a third vat can be called from there" 5
                (let* ((c (spawn-vat))
                       (cell (sent (with-vat c (spawn ^cell 5)))))
                  (match (settled-in a (<- cell))
                    (('fulfilled value) value))))
    (test-equal "a promise inside of data stays a promise" '(#t 3)
                (match (settled-in a
                         (call-with-values spawn-promise-and-resolver
                           (lambda (promise resolver)
                             (<-np resolver 'fulfill 3)
                             (<- echo (list promise)))))
                  (('fulfilled (promise))
                   (list (promise-refr? promise)
                         (cadr (settled-in a promise)))))))

  (test-group "size"
    (test-equal "long lists" 300000 (length (sent (iota 300000))))
    (test-equal "deep lists" 100000
                (let loop ((depth 0)
                           (data (sent (let loop ((n 100000) (data '()))
                                         (if (zero? n)
                                             data
                                             (loop (1- n) (list data)))))))
                  (if (null? data)
                      depth
                      (loop (1+ depth) (car data)))))
    (test-equal "long strings" 1000000
                (string-length (sent (make-string 1000000 #\λ))))))
