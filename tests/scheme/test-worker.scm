;;; test-worker.scm -- claims about (hob utils worker).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob utils worker)
             (ice-9 atomic)
             (ice-9 threads)
             (testing)
             (waiting))

;; What JOBS, procedures of a procedure that notes something, note.
(define (noted count . jobs)
  (let ((notes (make-atomic-box '()))
        (worker (make-worker)))
    (define (note! value)
      (atomic-box-set! notes (cons value (atomic-box-ref notes))))
    (for-each (lambda (job)
                (worker-add! worker (lambda () (job note!))))
              jobs)
    (worker-end! worker)
    (wait-until (lambda () (= count (length (atomic-box-ref notes)))))
    (reverse (atomic-box-ref notes))))

(define (thread-of-job note!)
  (note! (current-thread)))

(test-suite "worker"
  (test-equal "jobs are done one after the other" '(1 2 3)
              (noted 3
                     (lambda (note!) (usleep 20000) (note! 1))
                     (lambda (note!) (note! 2))
                     (lambda (note!) (note! 3))))
  (test-equal "a job that fails does not keep the next from being done"
              '(before after)
              (noted 2
                     (lambda (note!) (note! 'before) (error "on purpose"))
                     (lambda (note!) (raise-exception 42))
                     (lambda (note!) (note! 'after))))
  (test-equal "all jobs are done on one thread, and not on this" '(#t #f)
              (let ((threads (noted 2 thread-of-job thread-of-job)))
                (list (eq? (car threads) (cadr threads))
                      (eq? (car threads) (current-thread)))))
  (test-assert "the thread ends when it is told to, after its jobs"
    (let ((thread (make-atomic-box #f))
          (worker (make-worker)))
      (worker-add! worker
                   (lambda () (atomic-box-set! thread (current-thread))))
      (worker-end! worker)
      (wait-until (lambda ()
                    (and (atomic-box-ref thread)
                         (thread-exited? (atomic-box-ref thread))))))))
