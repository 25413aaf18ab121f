;;; (hob abstract-types) -- values that Scheme has no type of its own for.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Messages and stored objects may hold two kinds of values that other
;;; languages have and Scheme has not.  A tagged value is data with a label
;;; that says what the data means.  Zilch is a second null: it is what a
;;; language with both a "null" and an "undefined" sends for the second one.
;;;
;;; Code:

(define-module (hob abstract-types)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (zilch
            zilch?
            <tagged>
            make-tagged
            make-tagged*
            tagged?
            tagged-label
            tagged-data))

(define-record-type <zilch>
  (make-zilch)
  zilch-record?)

(set-record-type-printer!
 <zilch>
 (lambda (object port)
   (display "#<zilch>" port)))

;; The only one there is, so that eq? finds it.
(define zilch (make-zilch))

(define (zilch? object)
  "Return @code{#t} if @var{object} is @code{zilch}, the second null value."
  (eq? object zilch))

;; Two tagged values are equal? when their labels and data are, as it is with
;; all records.
(define-record-type <tagged>
  (make-tagged label data)
  tagged?
  (label tagged-label)
  (data tagged-data))

(define (make-tagged* label . data)
  "Return a tagged value with @var{label} whose data is the list @var{data}."
  (make-tagged label data))

(set-record-type-printer!
 <tagged>
 (lambda (tagged port)
   (display "#<tagged " port)
   (write (tagged-label tagged) port)
   (display " " port)
   (write (tagged-data tagged) port)
   (display ">" port)))
