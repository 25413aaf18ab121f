;;; test-actor-lib-io.scm -- claims about (hob actor-lib io).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib io)
             (hob core)
             (hob exceptions)
             (hob persistence-store memory)
             (hob vat)
             (ice-9 atomic)
             (ice-9 exceptions)
             (ice-9 threads)
             (srfi srfi-1)
             (testing)
             (waiting))

(define vat (spawn-vat))

;; A list to which threads add, newest first.
(define (make-notes) (make-atomic-box '()))
(define (notes-of notes) (reverse (atomic-box-ref notes)))
(define (note! notes value)
  (let* ((seen (atomic-box-ref notes))
         (found (atomic-box-compare-and-swap! notes seen (cons value seen))))
    (unless (eq? found seen)
      (note! notes value))))

(define (notes-when count notes)
  (wait-until (lambda () (= count (length (atomic-box-ref notes)))))
  (notes-of notes))

(define (spawn-io . args)
  (with-vat vat (apply spawn ^io args)))

(define (outcome io proc)
  (settled vat (lambda () ($ io proc))))

(define (halted? exception)
  (and (hob-error? exception)
       (equal? "IO access halted!" (exception-message exception))))

(test-suite "actor-lib io"
  (test-group "requests"
    (test-equal "a procedure gets the resource, and its value comes back"
                '(fulfilled #t)
                (let* ((resource (current-error-port))
                       (io (spawn-io resource)))
                  (outcome io (lambda (value) (eq? value resource)))))
    (test-equal "of many values the first, of none none"
                (list '(fulfilled 1) (list 'fulfilled *unspecified*))
                (let ((io (spawn-io 'resource)))
                  (list (outcome io (const 1))
                        (outcome io (lambda (_) (values))))))
    (test-equal "W20: after a procedure that fails the next is called"
                '(misc-error (fulfilled 5))
                (let* ((io (spawn-io 5))
                       (first (outcome io (lambda (_) (error "no")))))
                  (list (exception-kind (cadr first))
                        (outcome io identity))))
    (test-equal "W20: it may raise what is no exception"
                '((broken 42) (fulfilled 5))
                (let* ((io (spawn-io 5))
                       (first (outcome io (lambda (_) (raise-exception 42)))))
                  (list first (outcome io identity))))
    (test-equal "procedures are called one after the other" '(1 2 3)
                (let ((io (spawn-io 'resource))
                      (notes (make-notes)))
                  (with-vat vat
                    ($ io (lambda (_) (usleep 20000) (note! notes 1)))
                    ($ io (lambda (_) (note! notes 2))))
                  (with-vat vat
                    ($ io (lambda (_) (note! notes 3))))
                  (notes-when 3 notes)))
    (test-equal "all on one thread, which is nobody else's" '(#t #f)
                (let ((notes (make-notes)))
                  (define (note-thread _) (note! notes (current-thread)))
                  (let ((io (spawn-io 'resource)))
                    (outcome io note-thread)
                    (outcome io note-thread))
                  (let ((threads (notes-of notes)))
                    (list (eq? (car threads) (cadr threads))
                          (eq? (car threads) (current-thread))))))
    (test-equal "W29: one that blocks stops neither its vat nor another ^io"
                '(vat other (fulfilled slow))
                (let* ((notes (make-notes))
                       (go (make-atomic-box #f))
                       (io (spawn-io 'slow))
                       (slow (with-vat vat
                               ($ io (lambda (value)
                                       (wait-until (lambda ()
                                                     (atomic-box-ref go)))
                                       value)))))
                  (note! notes (with-vat vat 'vat))
                  (note! notes (cadr (outcome (spawn-io 'other) identity)))
                  (atomic-box-set! go #t)
                  (append (notes-of notes)
                          (list (settled vat (const slow))))))
    (test-equal "there is no turn in which to touch objects" #t
                (let ((problem (cadr (outcome (spawn-io 'resource)
                                              (lambda (_) (spawn ^cell))))))
                  (no-turn? problem)))
    (test-equal "a value that cannot travel breaks the promise" 'broken
                (car (outcome (spawn-io 'resource)
                              (lambda (_) (circular-list 1)))))
    (test-raises "only procedures and 'halt are taken" hob-error?
      (let ((io (spawn-io 'resource)))
        (with-vat vat ($ io 'read)))))

  (test-group "what cannot be undone"
    (test-equal "a turn that fails has called nothing" '(after)
                (let ((io (spawn-io 'resource))
                      (notes (make-notes)))
                  (false-if-exception
                   (with-vat vat
                     ($ io (lambda (_) (note! notes 'undone)))
                     (error "undo this")))
                  (outcome io (lambda (_) (note! notes 'after)))
                  (notes-of notes)))
    (test-equal "a turn that fails does not halt" '(fulfilled 5)
                (let ((io (spawn-io 5)))
                  (false-if-exception
                   (with-vat vat ($ io 'halt) (error "undo this")))
                  (outcome io identity)))
    (test-equal "a churn that cannot be saved has called nothing" '(after)
                (let ((notes (make-notes))
                      (store (make-memory-store)))
                  (call-with-values
                      (lambda ()
                        (spawn-persistent-vat cell-env
                                              (lambda () (spawn ^cell))
                                              store))
                    (lambda (vat root)
                      (let ((io (with-vat vat (spawn ^io 'resource))))
                        (false-if-exception
                         (with-vat vat
                           ($ root (lambda () 'not-storable))
                           ($ io (lambda (_) (note! notes 'unsaved)))))
                        (settled vat
                                 (lambda ()
                                   ($ io (lambda (_)
                                           (note! notes 'after))))))
                      (notes-of notes))))))

  (test-group "beginning and end"
    (test-equal "init comes first, cleanup last, each with the resource"
                '((init 5) (call 5) (cleanup 5))
                (let* ((notes (make-notes))
                       (noter (lambda (what)
                                (lambda (value)
                                  (note! notes (list what value)))))
                       (io (spawn-io 5 #:init (noter 'init)
                                     #:cleanup (noter 'cleanup))))
                  (with-vat vat
                    ($ io (noter 'call))
                    ($ io 'halt))
                  (notes-when 3 notes)))
    (test-equal "an init that fails breaks all requests, and is the last"
                '((broken no) (broken no) ())
                (let* ((notes (make-notes))
                       (io (spawn-io 5 #:init (lambda (_)
                                                (raise-exception 'no))
                                     #:cleanup (lambda (_)
                                                 (note! notes 'cleanup))))
                       (one (outcome io identity))
                       (two (outcome io identity)))
                  (with-vat vat ($ io 'halt))
                  (usleep 20000)
                  (list one two (notes-of notes))))
    (test-raises "after halt it takes no requests" halted?
      (let ((io (spawn-io 5)))
        (with-vat vat ($ io 'halt))
        (with-vat vat ($ io identity))))
    (test-assert "after halt its thread is gone"
      (let* ((notes (make-notes))
             (io (spawn-io 5)))
        (outcome io (lambda (_) (note! notes (current-thread))))
        (with-vat vat ($ io 'halt))
        (wait-until (lambda ()
                      (thread-exited? (car (notes-of notes))))))))

  (test-group "reading and writing"
    (test-equal "a reader that waits does not hold up the writer"
                '((fulfilled hello) (fulfilled written))
                (let* ((wire (make-atomic-box #f))
                       (io (with-vat vat (spawn ^read-write-io wire)))
                       (read (with-vat vat
                               ($ io 'read
                                  (lambda (wire)
                                    (wait-until
                                     (lambda () (atomic-box-ref wire)))))))
                       (write (settled vat
                                       (lambda ()
                                         ($ io 'write
                                            (lambda (wire)
                                              (atomic-box-set! wire 'hello)
                                              'written))))))
                  (list (settled vat (const read)) write)))
    (test-equal "init and cleanup are called once, around both"
                '(init call call cleanup)
                (let* ((notes (make-notes))
                       (noter (lambda (what)
                                (lambda (_) (usleep 5000) (note! notes what))))
                       (io (with-vat vat
                             (spawn ^read-write-io 5
                                    #:init (noter 'init)
                                    #:cleanup (noter 'cleanup)))))
                  (with-vat vat
                    ($ io 'read (noter 'call))
                    ($ io 'write (noter 'call))
                    ($ io 'halt))
                  (notes-when 4 notes)
                  (usleep 50000)
                  (notes-of notes)))
    (test-raises "after halt it takes no requests" halted?
      (let ((io (with-vat vat (spawn ^read-write-io 5))))
        (with-vat vat ($ io 'halt))
        (with-vat vat ($ io 'read identity))))))
