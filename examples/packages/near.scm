;;; (packages near) -- names like a name that somebody mistyped.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The nearest have the same letters in another order; then come names that are
;;; one or two letters away, then names that begin with what was typed.
;;;
;;; Code:

(define-module (packages near)
  #:use-module (srfi srfi-1)
  #:export (near-names))

(define farthest 2)

;; One more row of the table of distances: from the first I + 1 letters of the
;; one name, the last of which is LETTER, to the beginnings of the other.
(define (next-row i letter other above)
  (let loop ((j 0) (row (list (1+ i))) (above above))
    (if (= j (string-length other))
        (reverse row)
        (loop (1+ j)
              (cons (min (1+ (car row))
                         (1+ (cadr above))
                         (if (char=? letter (string-ref other j))
                             (car above)
                             (1+ (car above))))
                    row)
              (cdr above)))))

;; How many letters must be put in, left out or replaced to make A of B; #f when
;; they are too many.
(define (distance a b)
  (let loop ((i 0) (row (iota (1+ (string-length b)))))
    (cond
     ((> (apply min row) farthest) #f)
     ((= i (string-length a))
      (let ((distance (last row)))
        (and (<= distance farthest) distance)))
     (else (loop (1+ i) (next-row i (string-ref a i) b row))))))

(define (letters name)
  (sort (string->list name) char<?))

(define (nearness name wanted)
  (cond
   ((and (= (string-length name) (string-length wanted))
         (equal? (letters name) (letters wanted)))
    0)
   ((and (<= (abs (- (string-length name) (string-length wanted))) farthest)
         (distance name wanted)))
   ((string-prefix? wanted name) (1+ farthest))
   (else #f)))

(define (near-names names wanted count)
  "Return those of @var{names} that are nearest to @var{wanted}, @var{count} at
most, the nearest first."
  (let ((found (filter-map (lambda (name)
                             (let ((nearness (nearness name wanted)))
                               (and nearness (cons nearness name))))
                           names)))
    (map cdr
         (list-head (stable-sort found (lambda (a b) (< (car a) (car b))))
                    (min count (length found))))))
