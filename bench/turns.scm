;;; turns.scm -- what turns of Scheme objects cost.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; One line a figure: name, value, unit, and the ratio to the floor, a call of
;;; an unknown closure.  Medians of several rounds.

(use-modules (hob)
             (ice-9 format))

(define rounds 7)
(define calls 300000)

(define-syntax-rule (repeat count body ...)
  (let loop ((i 0))
    (when (< i count)
      body ...
      (loop (1+ i)))))

(define (nanoseconds thunk)
  (let ((start (get-internal-run-time)))
    (thunk)
    (/ (* 1e9 (- (get-internal-run-time) start))
       internal-time-units-per-second)))

(define (median numbers)
  (list-ref (sort numbers <) (quotient (length numbers) 2)))

(define (measure count thunk)
  (/ (median (map (lambda (_) (nanoseconds thunk)) (iota rounds)))
     count))

(define (^reader bcom value)
  (lambda () value))

(define (^counter bcom n)
  (lambda () (bcom (^counter bcom (1+ n)) n)))

(define (^pinger bcom)
  (lambda (self n)
    (unless (zero? n)
      (<-np self self (1- n)))))

(define (^asker bcom)
  (lambda (self n)
    (unless (zero? n)
      (<- self self (1- n)))))

(define vat (spawn-vat))
(define reader (with-vat vat (spawn ^reader 1)))
(define counter (with-vat vat (spawn ^counter 0)))
(define pinger (with-vat vat (spawn ^pinger)))
(define asker (with-vat vat (spawn ^asker)))
(define actormap (make-actormap))
(define poked (actormap-spawn! actormap ^counter 0))

;; Out of the compiler's sight.
(define closures (vector (^reader #f 1)))

(define floor-time
  (measure calls (lambda () (repeat calls ((vector-ref closures 0))))))

(define (report name count thunk)
  (let ((time (measure count thunk)))
    (format #t "~a ~,1f ns ~,1f~%" name time (/ time floor-time))))

(format #t "scheme-floor-call ~,1f ns 1.0~%" floor-time)
(report "call-read" calls
        (lambda () (with-vat vat (repeat calls ($ reader)))))
(report "call-become" calls
        (lambda () (with-vat vat (repeat calls ($ counter)))))
(report "spawn" calls
        (lambda () (with-vat vat (repeat calls (spawn ^reader 1)))))
(report "send-only-ping" calls
        (lambda () (with-vat vat (<-np pinger pinger calls))))
(report "send-ping" calls
        (lambda () (with-vat vat (<- asker asker calls))))
(report "with-vat" 50000
        (lambda () (repeat 50000 (with-vat vat #t))))
(report "with-vat-raising" 20000
        (lambda ()
          (repeat 20000
                  (false-if-exception (with-vat vat (raise-exception 42))))))
(report "actormap-poke" 100000
        (lambda () (repeat 100000 (actormap-poke! actormap poked))))
(report "actormap-peek" 100000
        (lambda () (repeat 100000 (actormap-peek actormap poked))))
