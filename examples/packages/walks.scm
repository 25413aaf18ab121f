;;; (packages walks) -- ways and cycles in the graph of packages.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; References to one object are eq?, so that a hash table by identity knows
;;; packages.
;;; Neither walk recurses: a chain of packages may be as long as it likes.
;;;
;;; Both procedures are for use during a turn.
;;;
;;; Code:

(define-module (packages walks)
  #:use-module (hob)
  #:use-module (ice-9 q)
  #:use-module (packages graph)
  #:export (shortest-path
            largest-cycle))

;;; The shortest way, by breadth-first search.

;; REACHED has for each package the one before it and how it is reached.
(define (way-back to reached)
  (let loop ((package to) (way '()))
    (let ((step (hashq-ref reached package)))
      (if (pair? step)
          (loop (car step) (acons package (cdr step) way))
          way))))

(define (shortest-path from to)
  "Return the steps from package @var{from} to @var{to}, pairs of a package and
how it is reached from the one before; @code{#f} when there is no way."
  (let ((reached (make-hash-table))
        (waiting (make-q)))
    (define (visit package)
      (for-each (lambda (relation)
                  (unless (hashq-ref reached (car relation))
                    (hashq-set! reached (car relation)
                                (cons package (cdr relation)))
                    (enq! waiting (car relation))))
                (package-relations package)))
    (hashq-set! reached from 'start)
    (enq! waiting from)
    (let loop ()
      (cond
       ((q-empty? waiting) #f)
       (else
        (let ((package (deq! waiting)))
          (cond
           ((eq? package to) (way-back to reached))
           (else
            (visit package)
            (loop)))))))))

;;; The largest cycle: Tarjan's strongly connected components.

;; One vector of neighbours for each package, all as numbers.
(define (neighbours packages)
  (let ((numbers (make-hash-table (vector-length packages))))
    (let loop ((i 0))
      (when (< i (vector-length packages))
        (hashq-set! numbers (vector-ref packages i) i)
        (loop (1+ i))))
    (vector-map* (lambda (package)
                   (map (lambda (relation)
                          (hashq-ref numbers (car relation)))
                        (package-relations package)))
                 packages)))

(define (vector-map* procedure vector)
  (list->vector (map procedure (vector->list vector))))

;; Calls COMPONENT with a list of numbers for each component.
(define (for-each-component component neighbours)
  (define count (vector-length neighbours))
  (define index (make-vector count #f))
  (define low (make-vector count #f))
  (define pending (make-vector count #f))
  (define next-index 0)
  (define stack '())
  (define (enter! node)
    (vector-set! index node next-index)
    (vector-set! low node next-index)
    (vector-set! pending node #t)
    (set! next-index (1+ next-index))
    (set! stack (cons node stack)))
  (define (lower! node number)
    (when (< number (vector-ref low node))
      (vector-set! low node number)))
  (define (pop-to! node)
    (let loop ((members '()))
      (let ((top (car stack)))
        (set! stack (cdr stack))
        (vector-set! pending top #f)
        (if (eqv? top node)
            (cons top members)
            (loop (cons top members))))))
  (define (leave! node)
    (when (eqv? (vector-ref low node) (vector-ref index node))
      (component (pop-to! node))))
  ;; CALLS is a list of a node and what is left of its neighbours.
  (define (walk calls)
    (unless (null? calls)
      (let ((node (caar calls))
            (left (cdar calls)))
        (cond
         ((null? left)
          (leave! node)
          (unless (null? (cdr calls))
            (lower! (caadr calls) (vector-ref low node)))
          (walk (cdr calls)))
         ((not (vector-ref index (car left)))
          (enter! (car left))
          (walk (cons* (cons (car left) (vector-ref neighbours (car left)))
                       (cons node (cdr left))
                       (cdr calls))))
         (else
          (when (vector-ref pending (car left))
            (lower! node (vector-ref index (car left))))
          (walk (cons (cons node (cdr left)) (cdr calls))))))))
  (let loop ((node 0))
    (when (< node count)
      (unless (vector-ref index node)
        (enter! node)
        (walk (list (cons node (vector-ref neighbours node)))))
      (loop (1+ node)))))

(define (largest-cycle packages)
  "Return a list of those of @var{packages}, a list, that make the largest set
of which each is reached from each; the empty list when there is no cycle."
  (let ((packages (list->vector packages))
        (largest '())
        (size 1))
    (for-each-component (lambda (component)
                          (let ((found (length component)))
                            (when (> found size)
                              (set! largest component)
                              (set! size found))))
                        (neighbours packages))
    (map (lambda (number) (vector-ref packages number)) largest)))
