;;; test-ring-buffer.scm -- claims about (hob utils ring-buffer).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob exceptions)
             (hob utils ring-buffer)
             (srfi srfi-1)
             (testing))

(define (filled capacity . items)
  (let ((ring (make-ring-buffer capacity)))
    (for-each (lambda (item) (ring-buffer-put! ring item)) items)
    ring))

(define (items ring)
  (map (lambda (i) (ring-buffer-ref ring i))
       (iota (ring-buffer-length ring))))

(define (after proc ring . args)
  (apply proc ring args)
  (items ring))

(define (shape ring)
  (list (ring-buffer-capacity ring)
        (ring-buffer-length ring)
        (ring-buffer-empty? ring)
        (ring-buffer-full? ring)))

;; Random steps, beside a list that does the same.
(define (agrees-with-a-list? steps state)
  (let ((ring (make-ring-buffer 5)))
    (let loop ((left steps) (expected '()) (capacity 5))
      (define (newest items n)
        (take-right items (min n (length items))))
      (cond
       ((not (equal? expected (items ring))) #f)
       ((zero? left) #t)
       (else
        (case (random 4 state)
          ((0)
           (let ((new (1+ (random 9 state))))
             (ring-buffer-resize! ring new)
             (loop (1- left) (newest expected new) new)))
          ((1)
           (if (null? expected)
               (loop (1- left) expected capacity)
               (and (eqv? (car expected) (ring-buffer-get! ring))
                    (loop (1- left) (cdr expected) capacity))))
          (else
           (ring-buffer-put! ring left)
           (loop (1- left)
                 (newest (append expected (list left)) capacity)
                 capacity))))))))

(test-suite "ring-buffer"
  (test-equal "a new one is empty" '(3 0 #t #f)
              (shape (make-ring-buffer 3)))
  (test-equal "item 0 is the oldest" '(a b c) (items (filled 3 'a 'b 'c)))
  (test-equal "with all items it is full" '(3 3 #f #t)
              (shape (filled 3 'a 'b 'c)))
  (test-equal "another item takes the place of the oldest" '(c d e)
              (items (filled 3 'a 'b 'c 'd 'e)))
  (test-equal "get! takes the oldest out" '(b (c d))
              (let* ((ring (filled 3 'a 'b 'c 'd))
                     (item (ring-buffer-get! ring)))
                (list item (items ring))))
  (test-equal "a smaller one keeps the newest" '(c d)
              (after ring-buffer-resize! (filled 3 'a 'b 'c 'd) 2))
  (test-equal "a larger one keeps all and has room" '(b c d e)
              (let ((ring (filled 3 'a 'b 'c 'd)))
                (ring-buffer-resize! ring 5)
                (ring-buffer-put! ring 'e)
                (items ring)))
  (test-equal "clear! leaves the capacity" '(3 0 #t #f)
              (let ((ring (filled 3 'a 'b)))
                (ring-buffer-clear! ring)
                (shape ring)))
  (test-assert "it does what a list does, in any order of steps"
    (agrees-with-a-list? 3000 (test-random-state)))
  (test-raises "nothing can be taken out of an empty one" hob-error?
    (ring-buffer-get! (make-ring-buffer 3)))
  (test-raises "an index beyond the items is refused" hob-error?
    (ring-buffer-ref (filled 3 'a) 1))
  (test-raises "so is a negative index" hob-error?
    (ring-buffer-ref (filled 3 'a 'b 'c) -1))
  (test-raises "W25: capacity 0 is refused" hob-error? (make-ring-buffer 0))
  (test-equal "W25: resizing to 0 is refused and changes nothing"
              '(refused (a b))
              (let ((ring (filled 3 'a 'b)))
                (list (with-exception-handler
                          (lambda (exception)
                            (if (hob-error? exception) 'refused exception))
                        (lambda () (ring-buffer-resize! ring 0))
                        #:unwind? #t)
                      (items ring)))))
