;;; test-actor-lib-sealers.scm -- claims about (hob actor-lib sealers).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib sealers)
             (hob core)
             (hob exceptions)
             (hob utils simple-sealers)
             (hob vat)
             (ice-9 exceptions)
             (restarting)
             (srfi srfi-11)
             (testing)
             (waiting))

(define-syntax-rule (with-triplets (((seal unseal sealed?) triplet) ...)
                                   body ...)
  (actormap-run! (make-actormap)
                 (lambda ()
                   (let*-values (((seal unseal sealed?) triplet) ...)
                     body ...))))

;; A maker of triplets that are known by another name.
(define (make-noted-triplet name)
  (call-with-values (lambda () (make-sealer-triplet name))
    (lambda (seal unseal sealed?)
      (values (lambda (value) (seal (list 'noted value)))
              unseal
              sealed?))))

(define-values (spawn-noted-triplet noted-env)
  (make-spawn-sealer-triplet '(tests noted)
                             (list (cons 'noted make-noted-triplet))
                             make-noted-triplet))

;; Answers each call, and notes it.
(define (^spy bcom cell)
  (lambda args
    ($ cell (cons args ($ cell)))
    'answer))

(test-suite "actor-lib sealers"
  (test-group "sealing"
    (test-equal "the unsealer gives what was sealed" '(secret 5)
                (with-triplets (((seal unseal sealed?)
                                 (spawn-sealer-triplet)))
                  ($ unseal ($ seal '(secret 5)))))
    (test-equal "a box is a reference that shows nothing"
                '(#t #f "#<sealed>" "#<object sealed-value>")
                (with-triplets (((seal unseal sealed?)
                                 (spawn-sealer-triplet)))
                  (let ((box ($ seal 'secret)))
                    (list (live-refr? box)
                          (equal? box ($ seal 'secret))
                          (format #f "~s" ($ box))
                          (format #f "~s" box)))))
    (test-raises "another unsealer refuses it" seal-error?
      (with-triplets (((seal unseal sealed?) (spawn-sealer-triplet))
                      ((seal2 unseal2 sealed2?) (spawn-sealer-triplet)))
        ($ unseal2 ($ seal 'secret))))
    (test-equal "sealed? knows the boxes of its sealer" '(#t #f)
                (with-triplets (((seal unseal sealed?) (spawn-sealer-triplet))
                                ((seal2 unseal2 sealed2?)
                                 (spawn-sealer-triplet)))
                  (let ((box ($ seal 'secret)))
                    (list ($ sealed? box) ($ sealed2? box)))))
    (test-equal "nothing else is a box" '(#f #f #f)
                (with-triplets (((seal unseal sealed?)
                                 (spawn-sealer-triplet)))
                  (map (lambda (object) ($ sealed? object))
                       (list 'secret ($ ($ seal 'secret)) (spawn ^cell)))))
    (test-raises "what is no box cannot be opened" seal-error?
      (with-triplets (((seal unseal sealed?) (spawn-sealer-triplet)))
        ($ unseal 'secret)))
    (test-equal "what is offered as a box is not called" '()
                (with-triplets (((seal unseal sealed?)
                                 (spawn-sealer-triplet)))
                  (let* ((calls (spawn ^cell '()))
                         (spy (spawn ^spy calls)))
                    ($ sealed? spy)
                    (false-if-exception ($ unseal spy))
                    ($ calls))))
    (test-equal "who opens a box that is none learns nothing of the seal" '()
                (with-triplets (((seal unseal sealed?)
                                 (spawn-sealer-triplet)))
                  (with-exception-handler
                      (lambda (exception)
                        (filter live-refr? (exception-irritants exception)))
                    (lambda () ($ unseal (spawn ^cell)))
                    #:unwind? #t))))

  (test-group "promises"
    (test-equal "a promise of a box is a promise of its value"
                '((fulfilled secret) (fulfilled #t))
                (let ((vat (spawn-vat)))
                  (call-with-values (lambda () (with-vat vat
                                                 (spawn-sealer-triplet)))
                    (lambda (seal unseal sealed?)
                      (list (settled-in vat ($ unseal (<- seal 'secret)))
                            (settled-in vat ($ sealed? (<- seal 'x))))))))
    (test-equal "a promise of something else breaks" '(broken #t)
                (let ((vat (spawn-vat)))
                  (call-with-values (lambda () (with-vat vat
                                                 (spawn-sealer-triplet)))
                    (lambda (seal unseal sealed?)
                      (let ((outcome
                             (settled-in vat
                               ($ unseal (<- (spawn ^cell 'secret))))))
                        (list (car outcome)
                              (seal-error? (cadr outcome))))))))
    (test-equal "a box of another vat is none of ours" #f
                (let ((far (with-vat (spawn-vat)
                             (call-with-values spawn-sealer-triplet
                               (lambda (seal . _) ($ seal 'secret))))))
                  (with-triplets (((seal unseal sealed?)
                                   (spawn-sealer-triplet)))
                    ($ sealed? far)))))

  (test-group "other makers"
    (test-equal "a triplet is made by the maker" '(noted secret)
                (with-triplets (((seal unseal sealed?)
                                 (spawn-noted-triplet 'name)))
                  ($ unseal ($ seal 'secret))))
    (test-raises "a maker that is not known is refused" persistence-error?
      (with-triplets (((seal unseal sealed?)
                       (spawn-sealer-triplet
                        #:make-sealer-triplet make-noted-triplet)))
        'spawned))
    (test-equal "environments of two namespaces can be composed" #t
                (begin
                  (persistence-env-compose sealers-env noted-env)
                  #t)))

  (test-group "after a restart"
    (test-equal "a triplet opens its boxes, and new ones" '(secret new #f)
                (after-restart
                 (persistence-env-compose sealers-env cell-env)
                 (lambda ()
                   (let-values (((seal unseal sealed?)
                                 (spawn-sealer-triplet))
                                ((seal2 unseal2 sealed2?)
                                 (spawn-sealer-triplet)))
                     (values seal unseal sealed2? (spawn ^cell))))
                 (lambda (seal unseal sealed2? box)
                   ($ box ($ seal 'secret)))
                 (lambda (seal unseal sealed2? box)
                   (list ($ unseal ($ box))
                         ($ unseal ($ seal 'new))
                         ($ sealed2? ($ box))))))
    (test-equal "so does one of another maker" '(noted secret)
                (after-restart
                 (persistence-env-compose noted-env cell-env)
                 (lambda ()
                   (let-values (((seal unseal sealed?) (spawn-noted-triplet)))
                     (values seal unseal (spawn ^cell))))
                 (lambda (seal unseal box)
                   ($ box ($ seal 'secret)))
                 (lambda (seal unseal box)
                   ($ unseal ($ box)))))))
