;;; (hob actor-lib nonce-registry) -- objects by numbers that nobody can guess.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Who knows an object's number can fetch the object, so a number is as good
;;; as a reference and travels where references cannot.  It is 32 random bytes.
;;;
;;; Who measures how long wrong guesses take must not find a number byte by
;;; byte.  Therefore numbers are looked up by their first half only, and the
;;; whole is compared in a time that depends on nothing but its length: the
;;; second half, 16 bytes, cannot be found in that way.
;;;
;;; Code:

(define-module (hob actor-lib nonce-registry)
  #:use-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob utils assert-type)
  #:use-module (hob utils hashmap)
  #:use-module (hob utils keyed-error)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-1)
  #:export (spawn-nonce-registry-and-locator
            nonce-registry-env))

;;; Numbers.

(define number-size 32)

(define (random-number)
  (call-with-input-file "/dev/urandom"
    (lambda (port)
      (setvbuf port 'none)
      (get-bytevector-n port number-size))
    #:binary #t))

(define (first-half number)
  (let* ((size (quotient (bytevector-length number) 2))
         (half (make-bytevector size)))
    (bytevector-copy! number 0 half 0 size)
    half))

;; Looks at every byte, whatever it finds.
(define (same-number? a b)
  (and (= (bytevector-length a) (bytevector-length b))
       (let loop ((i 0) (difference 0))
         (if (= i (bytevector-length a))
             (zero? difference)
             (loop (1+ i)
                   (logior difference
                           (logxor (bytevector-u8-ref a i)
                                   (bytevector-u8-ref b i))))))))

;;; Entries.  REFRS maps the first half of a number to an alist from whole
;;; numbers to references, NUMBERS a reference to its number.

(define (entries-near refrs number)
  (hashmap-ref refrs (first-half number) '()))

(define (find-entry refrs number)
  (find (match-lambda ((other . _) (same-number? other number)))
        (entries-near refrs number)))

(define (without refrs number)
  (let ((half (first-half number))
        (others (remove (match-lambda
                          ((other . _) (same-number? other number)))
                        (entries-near refrs number))))
    (if (null? others)
        (hashmap-remove refrs half)
        (hashmap-set refrs half others))))

(define (with refrs number refr)
  (let ((others (without refrs number)))
    (hashmap-set others (first-half number)
                 (acons number refr (entries-near others number)))))

;; A number means one object: who had it before loses it.
(define (without-owner numbers refrs number)
  (match (find-entry refrs number)
    ((_ . owner) (hashmap-remove numbers owner))
    (#f numbers)))

(define (entries refrs)
  (hashmap-fold (lambda (_ entries rest) (append entries rest))
                '()
                refrs))

(define (no-such-key)
  ;; Without the number, which may be a good one with a slip in it.
  (raise-keyed-error 'no-such-key 'fetch
                     "No object is registered with this number"))

(define (fetch refrs number default)
  (assert-type number bytevector?)
  (match (find-entry refrs number)
    ((_ . refr) refr)
    (#f (default))))

;;; Objects.

(define-actor (^nonce-registry bcom refrs numbers)
  #:portrait (lambda () (list (entries refrs)))
  #:restore (lambda (version entries)
              (spawn ^nonce-registry
                     (fold (match-lambda*
                             (((number . refr) refrs)
                              (with refrs number refr)))
                           (make-hashmap) entries)
                     (fold (match-lambda*
                             (((number . refr) numbers)
                              (hashmap-set numbers refr number)))
                           (make-hashqmap) entries)))
  (define (add refr number)
    (assert-type number bytevector?)
    (bcom (^nonce-registry bcom
                           (with refrs number refr)
                           (hashmap-set (without-owner numbers refrs number)
                                        refr number))
          number))
  (methods
   ((register refr #:optional number)
    (assert-type refr live-refr?)
    (or (hashmap-ref numbers refr)
        (add refr (or number (random-number)))))
   ((fetch number #:optional (default no-such-key))
    (fetch refrs number
           (if (eq? default no-such-key)
               no-such-key
               (lambda () default))))))

(define-actor (^nonce-locator bcom registry)
  (methods
   ((fetch number) ($ registry 'fetch number))))

(define (spawn-nonce-registry-and-locator)
  "Return two values: a registry with the methods @code{register}, which takes
a reference and perhaps a number, a bytevector, and gives the number that the
reference has, and @code{fetch}, which takes a number and perhaps a default and
gives the reference; and a locator, which has only @code{fetch}, without
default."
  (let ((registry (spawn-named 'nonce-registry ^nonce-registry
                               (make-hashmap) (make-hashqmap))))
    (values registry
            (spawn-named 'nonce-locator ^nonce-locator registry))))

(define nonce-registry-env
  (namespace-env (hob actor-lib nonce-registry)
                 ^nonce-registry ^nonce-locator))
