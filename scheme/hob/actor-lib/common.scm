;;; (hob actor-lib common) -- sets, maps and vectors.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A set and a map are saved as a whole when they changed.  Of a vector only
;;; the elements that changed are saved: each has a cell of its own.
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
  #:use-module (hob utils ordered-set)
  #:export (^seteq
            ^ghash
            ^vector
            common-env))

;;; Sets.

(define-actor (^set bcom set)
  #:portrait (lambda () (ordered-set->list set))
  #:restore (lambda (version . list) (spawn ^set (list->ordered-set list)))
  (methods
   ((add member) (bcom (^set bcom (ordered-set-add set member))))
   ((remove member) (bcom (^set bcom (ordered-set-remove set member))))
   ((member? member) (ordered-set-member? set member))
   ((as-list) (ordered-set->list set))))

(define (^seteq bcom . members)
  "A set of @var{members}, told apart by @code{eqv?}, with the methods
@code{add}, @code{remove} and @code{member?}, which take a member, and
@code{as-list}, in the order in which they were added."
  (spawn-named '^seteq ^set (list->ordered-set members)))

;;; Maps.

(define (->map object)
  (cond
   ((hashmap? object) object)
   ((hash-table? object) (hash-table->ghash object))
   (else
    (raise-hob-error '^ghash "~s is no map: make one with ghash or hashmap"
                     object))))

(define-actor (^map bcom map)
  (methods
   ((ref key #:optional default) (hashmap-ref map key default))
   ((set key value) (bcom (^map bcom (hashmap-set map key value))))
   ((remove key) (bcom (^map bcom (hashmap-remove map key))))
   ((has-key? key) (ghash-has-key? map key))
   ((data) map)))

(define* (^ghash bcom #:optional (map (make-ghash)))
  "A map, to begin with @var{map}, with the methods @code{ref}, which takes a
key and perhaps a default, @code{set}, @code{remove}, @code{has-key?}, and
@code{data}, which gives an immutable map."
  (spawn-named '^ghash ^map (->map map)))

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
methods @code{ref}, @code{set}, @code{length}, @code{as-list}, @code{fill},
which takes a value, and @code{resize}, which takes a size and what new
elements are."
  (spawn-named '^vector ^cells (spawn-cells size fill)))

(define common-env
  (persistence-env-compose
   cell-env
   (namespace-env (hob actor-lib common)
                  ^set ^map ^cells)))
