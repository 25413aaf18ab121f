;;; test-actor-lib-ring-buffer.scm -- claims about (hob actor-lib ring-buffer).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib ring-buffer)
             (hob core)
             (hob exceptions)
             (restarting)
             (srfi srfi-1)
             (testing))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (put-all ring items)
  (for-each (lambda (item) ($ ring 'put item)) items))

(define (filled capacity . items)
  (let ((ring (spawn ^ring-buffer capacity)))
    (put-all ring items)
    ring))

(define (items ring)
  ($ ring 'head ($ ring 'capacity)))

(define (shape ring)
  (map (lambda (method) ($ ring method)) '(capacity length empty? full?)))

;; Random steps, beside a list that does the same.
(define (agrees-with-a-list? steps state)
  (define ring (spawn ^ring-buffer 4))
  (define (newest items n)
    (take-right items (min n (length items))))
  (let loop ((left steps) (expected '()) (capacity 4))
    (cond
     ((not (equal? expected (items ring))) #f)
     ((zero? left) #t)
     (else
      (case (random 5 state)
        ((0)
         (let ((new (1+ (random 6 state))))
           ($ ring 'resize new)
           (loop (1- left) (newest expected new) new)))
        ((1)
         (if (null? expected)
             (loop (1- left) expected capacity)
             (and (eqv? (car expected) ($ ring 'take))
                  (loop (1- left) (cdr expected) capacity))))
        (else
         ($ ring 'put left)
         (loop (1- left)
               (newest (append expected (list left)) capacity)
               capacity)))))))

(test-suite "actor-lib ring-buffer"
  (test-equal "a new one is empty" '(3 0 #t #f)
              (turn (shape (spawn ^ring-buffer 3))))
  (test-equal "with all items it is full" '(3 3 #f #t)
              (turn (shape (filled 3 'a 'b 'c))))
  (test-equal "another item takes the place of the oldest" '(c d e)
              (turn (items (filled 3 'a 'b 'c 'd 'e))))
  (test-equal "ref counts from the oldest" '(b c d)
              (turn (let ((ring (filled 3 'a 'b 'c 'd)))
                      (map (lambda (i) ($ ring 'ref i)) '(0 1 2)))))
  (test-equal "head and tail give the oldest and the newest"
              '(() (b c) (c d) (b c d))
              (turn (let ((ring (filled 3 'a 'b 'c 'd)))
                      (list ($ ring 'head 0) ($ ring 'head 2)
                            ($ ring 'tail 2) ($ ring 'tail 9)))))
  (test-equal "take takes the oldest out" '(b (c d))
              (turn (let* ((ring (filled 3 'a 'b 'c 'd))
                           (item ($ ring 'take)))
                      (list item (items ring)))))
  (test-equal "resizing keeps the newest" '((c d) (c d e))
              (turn (let ((ring (filled 3 'a 'b 'c 'd)))
                      ($ ring 'resize 2)
                      (let ((small (items ring)))
                        ($ ring 'resize 4)
                        ($ ring 'put 'e)
                        (list small (items ring))))))
  (test-equal "clear leaves the capacity" '(3 0 #t #f)
              (turn (let ((ring (filled 3 'a 'b)))
                      ($ ring 'clear)
                      (shape ring))))
  (test-assert "it does what a list does, in any order of steps"
    (turn (agrees-with-a-list? 500 (test-random-state))))
  (test-raises "nothing can be taken out of an empty one" hob-error?
    (turn ($ (spawn ^ring-buffer 3) 'take)))
  (test-raises "an index beyond the items is refused" hob-error?
    (turn ($ (filled 3 'a) 'ref 1)))
  (test-raises "a negative number of items is refused" hob-error?
    (turn ($ (filled 3 'a) 'head -1)))
  (test-raises "capacity 0 is refused" hob-error?
    (turn (spawn ^ring-buffer 0)))
  (test-raises "so is resizing to it" hob-error?
    (turn ($ (filled 3 'a) 'resize 0)))
  (test-equal "after a restart it has the same items and room"
              '((c d) 3 (d e f))
              (after-restart ring-buffer-env
                             (lambda () (spawn ^ring-buffer 2))
                             (lambda (ring)
                               (put-all ring '(a b c))
                               ($ ring 'resize 3)
                               ($ ring 'put 'd)
                               ($ ring 'take))
                             (lambda (ring)
                               (let ((before (items ring)))
                                 (put-all ring '(e f))
                                 (list before
                                       ($ ring 'capacity)
                                       (items ring)))))))
