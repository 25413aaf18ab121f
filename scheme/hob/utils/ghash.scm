;;; (hob utils ghash) -- maps and sets whose keys may be references.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A ghash is a hash map that tells references apart by identity and all
;;; other keys by their contents.  'equal?' does just that: two references
;;; are 'equal?' only when they are the same one, and a reference's hash never
;;; changes.  A ghash therefore is a map of (hob utils hashmap) and whatever
;;; works on those works on it; the names here are kept for programs that use
;;; them.
;;;
;;; A gset is a set with the same notion of sameness: a record around a map
;;; from each member to #t.
;;;
;;; Code:

(define-module (hob utils ghash)
  #:use-module (hob utils hashmap)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-ghash
            ghash
            ghash?
            ghash-set
            ghash-ref
            ghash-remove
            ghash-length
            ghash-has-key?
            ghash-fold
            ghash-for-each
            hash-table->ghash

            make-gset
            gset?
            gset-add
            gset-remove
            gset-length
            gset-member?
            gset->list
            gset-fold
            gset-for-each))

(define (make-ghash)
  "Return an empty map that compares references by @code{eq?} and other keys
by @code{equal?}."
  (make-hashmap))

(define-syntax-rule (ghash (key value) ...)
  ;; A map from each KEY to its VALUE.
  (hashmap (key value) ...))

(define ghash? hashmap?)
(define ghash-set hashmap-set)
(define ghash-ref hashmap-ref)
(define ghash-remove hashmap-remove)
(define ghash-length hashmap-count)
(define ghash-fold hashmap-fold)
(define ghash-for-each hashmap-for-each)

(define absent (list 'absent))

(define (ghash-has-key? map key)
  "Return @code{#t} if @var{map} has a value for @var{key}, be it @code{#f}."
  (not (eq? absent (hashmap-ref map key absent))))

(define (hash-table->ghash table)
  "Return a map with the keys and values that the hash table @var{table} has
now."
  (hash-fold (lambda (key value map) (hashmap-set map key value))
             (make-ghash)
             table))

(define-record-type <gset>
  (members->gset members)
  gset?
  (members gset-members))

(define (make-gset . items)
  "Return a set of @var{items}, which are compared as the keys of a map from
@code{make-ghash} are."
  (let loop ((items items) (members (make-ghash)))
    (if (null? items)
        (members->gset members)
        (loop (cdr items) (hashmap-set members (car items) #t)))))

;; SET itself when its members stay the same.
(define (gset-with-members set members)
  (if (eq? members (gset-members set))
      set
      (members->gset members)))

(define (gset-add set item)
  "Return a set of @var{item} and the members of @var{set}; this is @var{set}
itself if @var{item} is one of them."
  (gset-with-members set (hashmap-set (gset-members set) item #t)))

(define (gset-remove set item)
  "Return a set of the members of @var{set} but @var{item}; this is @var{set}
itself if @var{item} is not one of them."
  (gset-with-members set (hashmap-remove (gset-members set) item)))

(define (gset-length set)
  "Return how many members @var{set} has."
  (hashmap-count (gset-members set)))

(define (gset-member? set item)
  "Return @code{#t} if @var{item} is a member of @var{set}."
  (hashmap-ref (gset-members set) item #f))

(define (gset-fold proc init set)
  "Call @code{(@var{proc} item result)} for each member of @var{set}, in no
order to rely on.  @var{result} is @var{init} first, then what the call before
returned; the last one is returned."
  (hashmap-fold (lambda (item _ result) (proc item result))
                init
                (gset-members set)))

(define (gset-for-each proc set)
  "Call @code{(@var{proc} item)} for each member of @var{set}, in no order to
rely on."
  (hashmap-for-each (lambda (item _) (proc item))
                    (gset-members set)))

(define (gset->list set)
  "Return a list of the members of @var{set}, in no order to rely on."
  (gset-fold cons '() set))

(set-record-type-printer!
 <gset>
 (lambda (set port)
   (display "#<gset" port)
   (gset-for-each (lambda (item)
                    (display " " port)
                    (write item port))
                  set)
   (display ">" port)))
