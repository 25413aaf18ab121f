;;; test-memory.scm -- claims about what is collected.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; With HOB_LONG=1 ten times as many turns run, a million of them.

(use-modules (hob)
             (hob actor-lib cell)
             (hob persistence-store memory)
             (stores)
             (system base compile)
             (testing)
             (waiting))

(define scale (if (getenv "HOB_LONG") 10 1))

(define (live-bytes)
  (gc) (gc) (gc)
  (let ((stats (gc-stats)))
    (- (assq-ref stats 'heap-size) (assq-ref stats 'heap-free-size))))

;; How many bytes more live after THUNK was called once to warm up, and again: the
;; least of several tries, since what the collector calls in use moves by itself.
;; A leak shows in each of them.
(define (growth thunk)
  (define (try)
    (let ((before (live-bytes)))
      (thunk)
      (- (live-bytes) before)))
  (thunk)
  (let loop ((tries 5))
    (let ((more (try)))
      (if (or (< more megabyte) (= tries 1))
          more
          (loop (1- tries))))))

(define megabyte (expt 2 20))

;; Collected for the most part: the collector is conservative, and what goes through
;; a guardian and refers to each other takes several collections.
(define (mostly-collected? guardian count)
  (let loop ((n 0) (tries 30))
    (cond
     ((guardian) (loop (1+ n) tries))
     ((> n (quotient count 2)) #t)
     ((zero? tries) #f)
     (else
      (gc)
      (loop n (1- tries))))))

(define-syntax-rule (times (n) body ...)
  (let ((end n))
    (let loop ((i 0))
      (when (< i end)
        body ...
        (loop (1+ i))))))

;; Compiled: a test file is interpreted, which is slow for loops.
(define-syntax-rule (compiled form)
  (compile 'form #:env (current-module)))

(define vat (spawn-vat))
(define far (spawn-vat))
(define cell (with-vat vat (spawn ^cell 0)))
(define far-cell (with-vat far (spawn ^cell 0)))

(define spawn-and-drop
  (compiled
   (lambda (count guardian)
     (let loop ((n count))
       (unless (zero? n)
         (with-vat vat
           (let loop ((m 1000))
             (unless (zero? m)
               (guardian (spawn ^cell m))
               (loop (1- m)))))
         (loop (- n 1000)))))))

(define run-turns
  (compiled
   (lambda (count)
     (let loop ((n count))
       (unless (zero? n)
         (with-vat vat
           (let loop ((m 1000))
             (unless (zero? m)
               (<-np cell m)
               (loop (1- m)))))
         (loop (- n 1000)))))))

(define one-long-churn
  (compiled
   (lambda (count)
     (with-vat vat
       (letrec ((counter
                 (spawn (lambda (bcom)
                          (lambda (n)
                            (unless (zero? n)
                              ($ cell n)
                              (<-np counter (1- n))))))))
         (<-np counter count))))))

(define ask-far
  (compiled
   (lambda (count)
     (let loop ((n count))
       (unless (zero? n)
         (settled vat (lambda ()
                        (let loop ((m 100) (promise #f))
                          (if (zero? m)
                              promise
                              (loop (1- m) (<- far-cell))))))
         (loop (- n 100)))))))

(define fail-turns
  (compiled
   (lambda (count)
     (let ((raiser (with-vat vat
                     (spawn (lambda (bcom) (lambda () (error "on purpose")))))))
       (let loop ((n count))
         (unless (zero? n)
           (with-vat vat
             (let loop ((m 100))
               (unless (zero? m)
                 (<- raiser)
                 (loop (1- m)))))
           (loop (- n 100))))))))

(define await-often
  (compiled
   (lambda (count)
     (let ((waiter (with-vat vat
                     (spawn (lambda (bcom)
                              (lambda () (await (<- cell))))))))
       (let loop ((n count))
         (unless (zero? n)
           (with-vat vat
             (let loop ((m 100))
               (unless (zero? m)
                 ($ waiter)
                 (loop (1- m)))))
           (loop (- n 100))))))))

(define (drop-vats count guardian)
  (times (count)
    (let ((vat (spawn-vat)))
      (with-vat vat (spawn ^cell))
      (guardian vat))))

(test-suite "memory"
  (test-assert "objects that nobody refers to are collected"
    (let ((guardian (make-guardian)))
      (spawn-and-drop 100000 guardian)
      (mostly-collected? guardian 100000)))
  (test-assert "objects that refer to each other in a ring are collected"
    (let ((guardian (make-guardian)))
      (with-vat vat
        (times (10000)
          (let ((one (spawn ^cell)) (two (spawn ^cell)))
            ($ one two)
            ($ two one)
            (guardian one))))
      (mostly-collected? guardian 10000)))
  (test-assert "promises and their resolvers are collected"
    (let ((guardian (make-guardian)))
      (with-vat vat
        (times (10000)
          (guardian (spawn-promise-and-resolver))))
      (mostly-collected? guardian 10000)))
  (test-assert "vats that nobody refers to are collected"
    (let ((guardian (make-guardian)))
      (drop-vats 200 guardian)
      (mostly-collected? guardian 200)))
  (test-assert "many turns leave the heap flat"
    (> megabyte (growth (lambda () (run-turns (* scale 100000))))))
  (test-assert "one long churn does, too"
    (> megabyte (growth (lambda () (one-long-churn (* scale 50000))))))
  (test-assert "messages to other vats and their answers do"
    (> megabyte (growth (lambda () (ask-far (* scale 5000))))))
  (test-assert "turns that fail do"
    (> megabyte (growth (lambda () (fail-turns (* scale 2000))))))
  (test-assert "activations that wait do"
    (> megabyte (growth (lambda () (await-often (* scale 5000))))))
  (test-assert "objects of a persistent vat that are dropped are collected"
    (let ((guardian (make-guardian)))
      (running (vat root)
          (cell-env (lambda () (spawn ^cell)) (make-memory-store))
        (times (2000)
          (with-vat vat
            (let ((child (spawn ^cell)))
              (guardian child)
              ($ root child))))
        (mostly-collected? guardian 2000))))
  (test-assert "restored objects that are dropped are collected"
    (let ((guardian (make-guardian))
          (store (make-memory-store)))
      (running (vat root)
          (cell-env (lambda () (spawn ^cell (map (lambda (n) (spawn ^cell n))
                                                 (iota 2000))))
                    store)
        #t)
      (running (vat root) (cell-env (const #f) store)
        (with-vat vat
          (for-each guardian ($ root))
          ($ root #f))
        (mostly-collected? guardian 2000)))))
