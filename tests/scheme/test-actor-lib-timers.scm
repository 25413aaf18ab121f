;;; test-actor-lib-timers.scm -- claims about (hob actor-lib timers).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib joiners)
             (hob actor-lib timers)
             (hob core)
             (hob exceptions)
             (hob vat)
             (ice-9 threads)
             (testing)
             (waiting))

(define vat (spawn-vat))

(define (now)
  (/ (get-internal-real-time)
     (exact->inexact internal-time-units-per-second)))

;; The outcome of what THUNK returns, and after how many seconds it came.
(define (timed thunk)
  (let* ((start (now))
         (outcome (settled vat thunk)))
    (list outcome (- (now) start))))

(define (within? low high outcome+seconds)
  (and (eq? 'fulfilled (caar outcome+seconds))
       (<= low (cadr outcome+seconds) high)))

(define (note! log value)
  ($ log (append ($ log) (list value))))

;; The order in which timers of SECONDS ring.
(define (order-of seconds)
  (let ((log (with-vat vat (spawn ^cell '()))))
    (settled vat
             (lambda ()
               (all-of* (map (lambda (s)
                               (on (timeout s s)
                                   (lambda (s) (note! log s))
                                   #:promise? #t))
                             seconds))))
    (with-vat vat ($ log))))

(test-suite "actor-lib timers"
  ;; First, as long as there is no other timer to wait for.
  (test-assert "a time beyond what the system counts hinders no other"
    (begin
      (with-vat vat (timeout 1e300))
      (usleep 20000)
      (within? .02 1 (timed (lambda () (timeout .02))))))
  (test-assert "a promise is fulfilled when its time has come, not before"
    (within? .1 1 (timed (lambda () (timeout .1)))))
  (test-equal "with #t, or with what was given"
              '((fulfilled #t) (fulfilled tea))
              (list (settled-in vat (timeout 0))
                    (settled-in vat (timeout 0 'tea))))
  (test-equal "a time in the past has come" '(fulfilled #t)
              (settled-in vat (timeout -5)))
  (test-equal "seconds may be exact" '(fulfilled #t)
              (settled-in vat (timeout 1/100)))
  (test-equal "timers ring in the order of their times" '(.02 .05 .08 .11)
              (order-of '(.08 .02 .11 .05)))
  (test-assert "one that is set later may ring earlier"
    (begin
      (with-vat vat (timeout 60))
      (within? .05 1 (timed (lambda () (timeout .05))))))
  (test-assert "1000 timers do not take 1000 threads"
    (let ((before (length (all-threads))))
      (with-vat vat
        (for-each (lambda (i) (timeout (+ 30 (/ i 1000))))
                  (iota 1000)))
      ;; The runtime has some, which come and go.
      (< (- (length (all-threads)) before) 20)))
  (test-assert "5000 timers at once do not take long"
    (within? .05 5
             (timed (lambda ()
                      (all-of* (map (lambda (i) (timeout .05))
                                    (iota 5000)))))))
  (test-equal "the timer of a turn that failed disturbs nobody"
              '(fulfilled after)
              (begin
                (false-if-exception
                 (with-vat vat (timeout 0) (error "undo this")))
                (settled-in vat (timeout .02 'after))))
  (test-equal "nor does that of a vat that was halted" '(fulfilled after)
              (let ((halted (spawn-vat)))
                (with-vat halted (timeout .01))
                (vat-halt! halted)
                (settled-in vat (timeout .05 'after))))
  (test-equal "nor that of an actormap, which never hears of it"
              '(fulfilled after)
              (begin
                (actormap-run! (make-actormap) (lambda () (timeout 0)))
                (settled-in vat (timeout .05 'after))))
  (test-equal "an endless time never comes" 'waiting
              (settled vat (lambda () (timeout (inf))) .1))
  (test-raises "what is no number of seconds is refused" hob-error?
    (with-vat vat (timeout 'soon)))
  (test-raises "not a number is none" hob-error?
    (with-vat vat (timeout (nan)))))
