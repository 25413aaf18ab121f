;;; test-actor-lib-joiners.scm -- claims about (hob actor-lib joiners).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib joiners)
             (hob core)
             (hob vat)
             (testing)
             (waiting))

(define vat (spawn-vat))
(define other (spawn-vat))

(define (^echo bcom) (lambda (word) word))
(define near (with-vat vat (spawn ^echo)))
(define far (with-vat other (spawn ^echo)))

(define (broken problem)
  (call-with-values spawn-promise-and-resolver
    (lambda (promise resolver)
      ($ resolver 'break problem)
      promise)))

(define (unsettled)
  (call-with-values spawn-promise-and-resolver
    (lambda (promise resolver) promise)))

;; Seconds until PROC of N promises, that settle one by one, is settled, with
;; what RIGHT? holds for.
(define (seconds proc n right?)
  (let* ((start (get-internal-real-time))
         (outcome (settled vat
                           (lambda ()
                             (proc (map (lambda (i) (<- near i)) (iota n))))
                           60))
         (end (get-internal-real-time)))
    (unless (right? (cadr outcome) n)
      (error "wrong outcome:" outcome))
    (/ (- end start)
       (exact->inexact internal-time-units-per-second))))

;; How much longer ten times as many take.
(define (growth proc right?)
  (seconds proc 100 right?)
  (let* ((few (seconds proc 2000 right?))
         (many (seconds proc 20000 right?)))
    (format #t "2000 promises: ~,3f s, 20000: ~,3f s\n" few many)
    (/ many few)))

(test-suite "actor-lib joiners"
  (test-group "all-of"
    (test-equal "all values come, in order" '(fulfilled (1 2 3))
                (settled-in vat (all-of (<- far 1) 2 (<- near 3))))
    (test-equal "of nothing there is the empty list at once" '(fulfilled ())
                (settled-in vat (all-of)))
    (test-equal "objects are values" '(fulfilled #t)
                (settled-in vat (on (all-of near)
                                    (lambda (list) (eq? near (car list)))
                                    #:promise? #t)))
    (test-equal "the first problem breaks it, though others wait"
                '(broken oops)
                (settled-in vat (all-of (unsettled) (broken 'oops))))
    (test-equal "all-of* takes a list" '(fulfilled (a b))
                (settled-in vat (all-of* (list (<- near 'a) 'b))))
    (test-equal "it waits for all" 'waiting
                (settled vat (lambda () (all-of (<- near 1) (unsettled))) .2))
    (test-raises "what is no list is refused" (const #t)
      (with-vat vat (all-of* 'promise)))
    (test-assert "ten times as many promises take ten times as long"
      (< (growth all-of* (lambda (values n) (equal? values (iota n))))
         30)))

  (test-group "race"
    (test-equal "the first to be fulfilled wins" '(fulfilled fast)
                (settled-in vat (race (unsettled) (<- near 'fast))))
    (test-equal "the first to break wins too" '(broken oops)
                (settled-in vat (race (unsettled) (broken 'oops))))
    (test-equal "the others are not heard of" '(fulfilled 1)
                (settled-in vat (race (<- near 1) (<- near 2)
                                      (on (<- near 'late)
                                          raise-exception
                                          #:promise? #t))))
    (test-equal "a race of nobody never ends" 'waiting
                (settled vat race .2))
    (test-assert "ten times as many promises take ten times as long"
      (< (growth race* (lambda (value n) (zero? value))) 30))))
