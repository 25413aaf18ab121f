;;; (hob utils ordered-set) -- immutable sets that remember who came first.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The order in which a hash map lists references depends on where they are in
;;; memory, and differs from run to run.  An ordered set lists its members in
;;; the order in which they were added, so that a program does the same after a
;;; restart.
;;;
;;; Each member has a number, and the numbers go up.  Adding and removing cost
;;; the same however many members there are; listing them sorts.
;;;
;;; Code:

(define-module (hob utils ordered-set)
  #:use-module (hob utils hashmap)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (empty-ordered-set
            ordered-set?
            ordered-set-member?
            ordered-set-add
            ordered-set-remove
            ordered-set->list
            list->ordered-set))

;; All of NUMBERS are below NEXT.
(define-record-type <ordered-set>
  (make-ordered-set numbers next)
  ordered-set?
  (numbers ordered-set-numbers)
  (next ordered-set-next))

(define empty-ordered-set (make-ordered-set (make-hashvmap) 0))

(define (ordered-set-member? set member)
  "Return @code{#t} if @var{member} is, in the sense of @code{eqv?}, in
@var{set}."
  (and (hashmap-ref (ordered-set-numbers set) member) #t))

(define (ordered-set-add set member)
  "Return a set of the members of @var{set} and @var{member}, which comes last
if it was none of them."
  (if (ordered-set-member? set member)
      set
      (make-ordered-set (hashmap-set (ordered-set-numbers set) member
                                     (ordered-set-next set))
                        (1+ (ordered-set-next set)))))

(define (ordered-set-remove set member)
  "Return a set of the members of @var{set} without @var{member}."
  (make-ordered-set (hashmap-remove (ordered-set-numbers set) member)
                    (ordered-set-next set)))

(define (ordered-set->list set)
  "Return the members of @var{set} in the order in which they were added."
  (map car
       (sort (hashmap-fold acons '() (ordered-set-numbers set))
             (lambda (a b) (< (cdr a) (cdr b))))))

(define (list->ordered-set members)
  "Return a set of @var{members}, the first of which was added first."
  (fold (lambda (member set) (ordered-set-add set member))
        empty-ordered-set
        members))

(set-record-type-printer!
 <ordered-set>
 (lambda (set port)
   (display "#<ordered-set" port)
   (for-each (lambda (member)
               (display " " port)
               (write member port))
             (ordered-set->list set))
   (display ">" port)))
