;;; (hob utils ring-buffer) -- the newest items of a sequence.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A ring buffer is a mutable vector of fixed size in which a new item takes
;;; the place of the oldest when it is full.  Item 0 is the oldest.
;;;
;;; It is no state for an object, since a turn that fails would not undo what
;;; was put into it; for that there is (hob actor-lib ring-buffer).
;;;
;;; Code:

(define-module (hob utils ring-buffer)
  #:use-module (hob exceptions)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-ring-buffer
            ring-buffer?
            ring-buffer-empty?
            ring-buffer-full?
            ring-buffer-capacity
            ring-buffer-length
            ring-buffer-put!
            ring-buffer-get!
            ring-buffer-ref
            ring-buffer-resize!
            ring-buffer-clear!))

;; START is the place of the oldest item in the vector SLOTS.
(define-record-type <ring-buffer>
  (make-ring slots start length)
  ring-buffer?
  (slots ring-slots set-ring-slots!)
  (start ring-start set-ring-start!)
  (length ring-buffer-length set-ring-length!))

(set-procedure-property! ring-buffer-length 'documentation
                         "Return how many items a ring buffer has.")

(set-record-type-printer!
 <ring-buffer>
 (lambda (ring port)
   (format port "#<ring-buffer ~a of ~a>"
           (ring-buffer-length ring) (ring-buffer-capacity ring))))

(define (check-capacity who capacity)
  (unless (and (exact-integer? capacity) (positive? capacity))
    (raise-hob-error who "the capacity of a ring buffer is a positive exact \
integer, not ~s" capacity)))

(define (make-ring-buffer capacity)
  "Return an empty ring buffer for @var{capacity} items."
  (check-capacity 'make-ring-buffer capacity)
  (make-ring (make-vector capacity #f) 0 0))

(define (ring-buffer-capacity ring)
  "Return how many items @var{ring} can have."
  (vector-length (ring-slots ring)))

(define (ring-buffer-empty? ring)
  "Return @code{#t} if @var{ring} has no items."
  (zero? (ring-buffer-length ring)))

(define (ring-buffer-full? ring)
  "Return @code{#t} if the next item takes the place of the oldest."
  (= (ring-buffer-length ring) (ring-buffer-capacity ring)))

;; Where item I is, or would be.
(define (place ring i)
  (modulo (+ (ring-start ring) i) (ring-buffer-capacity ring)))

(define (ring-buffer-put! ring item)
  "Put @var{item} into @var{ring}, in place of the oldest when it is full."
  (let ((full? (ring-buffer-full? ring)))
    (vector-set! (ring-slots ring)
                 (place ring (ring-buffer-length ring))
                 item)
    (if full?
        (set-ring-start! ring (place ring 1))
        (set-ring-length! ring (1+ (ring-buffer-length ring))))))

(define (ring-buffer-get! ring)
  "Take the oldest item out of @var{ring} and return it."
  (when (ring-buffer-empty? ring)
    (raise-hob-error 'ring-buffer-get! "the ring buffer is empty"))
  (let ((item (ring-buffer-ref ring 0)))
    ;; What is taken out must not be kept alive.
    (vector-set! (ring-slots ring) (ring-start ring) #f)
    (set-ring-start! ring (place ring 1))
    (set-ring-length! ring (1- (ring-buffer-length ring)))
    item))

(define (ring-buffer-ref ring i)
  "Return item @var{i} of @var{ring}; 0 is the oldest."
  (unless (and (exact-integer? i) (< -1 i (ring-buffer-length ring)))
    (raise-hob-error 'ring-buffer-ref "index out of bounds: ~s, in a ring \
buffer with ~a items" i (ring-buffer-length ring)))
  (vector-ref (ring-slots ring) (place ring i)))

(define (ring-buffer-resize! ring capacity)
  "Make room in @var{ring} for @var{capacity} items, of which the newest stay."
  (check-capacity 'ring-buffer-resize! capacity)
  (let* ((kept (min capacity (ring-buffer-length ring)))
         (dropped (- (ring-buffer-length ring) kept))
         (slots (make-vector capacity #f)))
    (do ((i 0 (1+ i)))
        ((= i kept))
      (vector-set! slots i (ring-buffer-ref ring (+ dropped i))))
    (set-ring-slots! ring slots)
    (set-ring-start! ring 0)
    (set-ring-length! ring kept)))

(define (ring-buffer-clear! ring)
  "Take all items out of @var{ring}."
  (vector-fill! (ring-slots ring) #f)
  (set-ring-start! ring 0)
  (set-ring-length! ring 0))
