;;; (hob actor-lib common) -- sets, maps and vectors.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A set and a map are saved as a whole when they changed.  Of a vector only the
;;; elements that changed are saved: each has a cell of its own.
;;;
;;; Code:

(define-module (hob actor-lib common)
  #:use-module (hob actor-lib cell)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob exceptions)
  #:use-module (hob utils ghash)
  #:use-module (hob utils hashmap)
  #:use-module (srfi srfi-1)
  #:export (^seteq
            ^ghash
            ^vector
            common-env))

;;; Sets.

(define absent (list 'absent))

(define (add-member member members)
  (hashmap-set members member #t))

(define (members->list members)
  (hashmap-fold (lambda (member _ rest) (cons member rest))
                '()
                members))

(define (list->members list)
  (fold add-member (make-hashvmap) list))

(define-actor (^members bcom members)
  #:portrait (lambda () (members->list members))
  #:restore (lambda (version . list) (spawn ^members (list->members list)))
  (methods
   ((add member) (bcom (^members bcom (add-member member members))))
   ((remove member) (bcom (^members bcom (hashmap-remove members member))))
   ((member? member) (hashmap-ref members member #f))
   ((as-list) (members->list members))))

(define (^seteq bcom . members)
  "A set of @var{members}, told apart by @code{eqv?}, with the methods
@code{add}, @code{remove} and @code{member?}, which take a member, and
@code{as-list}."
  (spawn-named '^seteq ^members (list->members members)))

;;; Maps.

(define (check-map map)
  (unless (hashmap? map)
    (raise-hob-error '^ghash "~s is no map: make one with ghash or hashmap"
                     map)))

(define-actor (^ghash bcom #:optional (map (make-ghash)))
  "A map, to begin with @var{map}, with the methods @code{ref}, which takes a key
and perhaps a default, @code{set}, @code{remove}, @code{has-key?}, and
@code{data}, which gives an immutable map."
  (cond
   ((hash-table? map) (^ghash bcom (hash-table->ghash map)))
   (else
    (check-map map)
    (methods
     ((ref key #:optional default) (hashmap-ref map key default))
     ((set key value) (bcom (^ghash bcom (hashmap-set map key value))))
     ((remove key) (bcom (^ghash bcom (hashmap-remove map key))))
     ((has-key? key) (not (eq? absent (hashmap-ref map key absent))))
     ((data) map)))))

;;; Vectors.

(define (spawn-cells count value)
  (let ((cells (make-vector count)))
    (do ((i 0 (1+ i)))
        ((= i count) cells)
      (vector-set! cells i (spawn ^cell value)))))

(define (resized cells size fill)
  (let* ((kept (min size (vector-length cells)))
         (new (spawn-cells (- size kept) fill))
         (all (make-vector size)))
    (vector-move-left! cells 0 kept all 0)
    (vector-move-left! new 0 (vector-length new) all kept)
    all))

(define (check-size size)
  ;; What make-vector says of it.
  (make-vector size))

(define-actor (^cells bcom cells)
  (methods
   ((ref i) ($ (vector-ref cells i)))
   ((set i value) ($ (vector-ref cells i) value))
   ((length) (vector-length cells))
   ((as-list) (map $ (vector->list cells)))
   ((resize size #:optional fill)
    (check-size size)
    (bcom (^cells bcom (resized cells size fill))))
   ((fill value)
    (for-each (lambda (cell) ($ cell value))
              (vector->list cells)))))

(define* (^vector bcom size #:optional fill)
  "A vector of @var{size} elements, each @var{fill} to begin with, with the
methods @code{ref}, @code{set}, @code{length}, @code{as-list}, @code{fill}, which
takes a value, and @code{resize}, which takes a size and what new elements
are."
  (spawn-named '^vector ^cells (spawn-cells size fill)))

(define common-env
  (persistence-env-compose
   cell-env
   (namespace-env (hob actor-lib common)
                  ^members ^ghash ^cells)))
