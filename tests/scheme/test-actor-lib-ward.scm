;;; test-actor-lib-ward.scm -- claims about (hob actor-lib ward).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib methods)
             (hob actor-lib sealers)
             (hob actor-lib ward)
             (hob core)
             (hob define-actor)
             (hob exceptions)
             (hob vat)
             (ice-9 exceptions)
             (restarting)
             (testing)
             (waiting))

;; A lock with a warded method that resets it.
(define-actor (^lock bcom warden #:optional (tries 0))
  (ward warden
        (methods
         ((reset) (bcom (^lock bcom warden) 'reset))
         ((name) 'hidden))
        #:extends
        (methods
         ((try code) (bcom (^lock bcom warden (1+ tries)) tries))
         ((name) 'shown))))

(define (^echo bcom warden)
  (ward warden
        (lambda args (cons 'hidden args))
        #:extends (lambda args (cons 'shown args))))

(define (^only-hidden bcom warden)
  (ward warden list))

;; Keeps what it is called with in CELL, and passes it on to TARGET.
(define-actor (^thief bcom cell target)
  (lambda args
    ($ cell args)
    (apply $ target args)))

(define-syntax-rule (with-pair (warden incanter option ...) body ...)
  (actormap-run! (make-actormap)
                 (lambda ()
                   (call-with-values
                       (lambda () (spawn-warding-pair option ...))
                     (lambda (warden incanter) body ...)))))

(define (shattered? exception)
  (and (seal-error? exception)
       (equal? "Seal already shattered!" (exception-message exception))))

(define (spawn-far-pair)
  (with-vat (spawn-vat) (spawn-warding-pair #:async? #t)))

;; A counter whose warden may be far.
(define-actor (^counter bcom warden n)
  (ward warden
        (methods
         ((add more) (bcom (^counter bcom warden (+ n more)) 'added)))
        #:async? #t
        #:extends
        (methods
         ((get) n))))

(define env
  (persistence-env-compose ward-env
                           cell-env
                           (namespace-env (tests ward) ^lock ^thief)))

(test-suite "actor-lib ward"
  (test-group "warding"
    (test-equal "others have the extended behaviour" '(0 1 shown)
                (with-pair (warden incanter)
                  (let* ((lock (spawn ^lock warden))
                         (first ($ lock 'try 'x))
                         (second ($ lock 'try 'y)))
                    (list first second ($ lock 'name)))))
    (test-equal "through the incanter there is the warded one"
                '(reset hidden 0)
                (with-pair (warden incanter)
                  (let ((lock (spawn ^lock warden)))
                    ($ lock 'try 'x)
                    (let* ((first ($ incanter lock 'reset))
                           (second ($ incanter lock 'name)))
                      (list first second ($ lock 'try 'x))))))
    (test-raises "and not the extended one" no-such-method?
      (with-pair (warden incanter)
        ($ incanter (spawn ^lock warden) 'try 'x)))
    (test-raises "without it the warded method is none" no-such-method?
      (with-pair (warden incanter)
        ($ (spawn ^lock warden) 'reset)))
    (test-raises "another incanter does not help" no-such-method?
      (with-pair (warden incanter)
        (call-with-values spawn-warding-pair
          (lambda (_ other)
            ($ other (spawn ^lock warden) 'reset)))))
    (test-raises "where nothing is extended there is nothing else" hob-error?
      (with-pair (warden incanter)
        ($ (spawn ^only-hidden warden) 'x)))
    (test-equal "any arguments go through, none too"
                '((hidden) (hidden 1 2) (shown) (shown 1 2))
                (with-pair (warden incanter)
                  (let ((echo (spawn ^echo warden)))
                    (list ($ incanter echo) ($ incanter echo 1 2)
                          ($ echo) ($ echo 1 2)))))
    (test-equal "an object as the first argument is no box, nor called"
                '(shown #t)
                (with-pair (warden incanter)
                  (let* ((cell (spawn ^cell))
                         (answer ($ (spawn ^echo warden) cell)))
                    (list (car answer) (eq? cell (cadr answer))))))
    (test-equal "wards can be put around each other" '(a b c)
                (with-pair (warden incanter)
                  (call-with-values spawn-warding-pair
                    (lambda (warden2 incanter2)
                      (let ((object
                             (spawn (lambda (bcom)
                                      (ward warden (methods ((a) 'a))
                                            #:extends
                                            (ward warden2
                                                  (methods ((b) 'b))
                                                  #:extends
                                                  (methods ((c) 'c))))))))
                        (list ($ incanter object 'a)
                              ($ incanter2 object 'b)
                              ($ object 'c)))))))
    (test-equal "a reference can be extended" '((hidden) 5)
                (with-pair (warden incanter)
                  (let* ((cell (spawn ^cell 5))
                         (object (spawn (lambda (bcom)
                                          (ward warden (const '(hidden))
                                                #:extends cell)))))
                    (list ($ incanter object) ($ object)))))
    (test-equal "warden->ward-proc takes both behaviours" '(h s)
                (with-pair (warden incanter)
                  (let ((object (spawn (lambda (bcom)
                                         ((warden->ward-proc warden)
                                          (const 'h) (const 's))))))
                    (list ($ incanter object) ($ object)))))
    (test-equal "a sealer triplet of one's own can be used" '(hidden 1)
                (with-pair (warden incanter
                                   #:sealer-triplet
                                   (call-with-values spawn-sealer-triplet
                                     list))
                  ($ incanter (spawn ^echo warden) 1)))
    (test-raises "what is no triplet is refused" hob-error?
      (with-pair (warden incanter #:sealer-triplet 'triplet) #t)))

  (test-group "enchanting"
    (test-equal "an enchanted object has the warded behaviour" '(hidden 1)
                (with-pair (warden incanter)
                  ($ (enchant incanter (spawn ^echo warden)) 1))))

  (test-group "replay"
    (test-raises "a box that was used cannot be used again" shattered?
      (with-pair (warden incanter)
        (let* ((cell (spawn ^cell))
               (lock (spawn ^lock warden)))
          ($ incanter (spawn ^thief cell lock) 'reset)
          (apply $ lock ($ cell)))))
    (test-raises "not on another object either" shattered?
      (with-pair (warden incanter)
        (let ((cell (spawn ^cell)))
          ($ incanter (spawn ^thief cell (spawn ^lock warden)) 'reset)
          (apply $ (spawn ^lock warden) ($ cell)))))
    (test-raises "nor wrapped in another box" no-such-method?
      (with-pair (warden incanter)
        (let ((cell (spawn ^cell))
              (lock (spawn ^lock warden)))
          ($ incanter (spawn ^thief cell lock) 'reset)
          (let ((contents ($ (car ($ cell)))))
            ($ lock (spawn (lambda (bcom) (lambda () contents))))))))
    (test-equal "a box shows nothing of the arguments" "#<sealed>"
                (with-pair (warden incanter)
                  (let ((cell (spawn ^cell)))
                    ($ incanter (spawn ^thief cell (spawn ^echo warden))
                       'secret)
                    (format #f "~s" ($ (car ($ cell))))))))

  (test-group "by messages"
    (test-equal "an incanter that is async gives a promise"
                '(fulfilled (hidden 1))
                (let ((vat (spawn-vat)))
                  (settled-in vat
                    (call-with-values
                        (lambda () (spawn-warding-pair #:async? #t))
                      (lambda (warden incanter)
                        ($ incanter (spawn ^echo warden) 1))))))
    (test-equal "warden and incanter may be far, and the object become"
                '((fulfilled added) 5)
                (call-with-values spawn-far-pair
                  (lambda (warden incanter)
                    (let* ((vat (spawn-vat))
                           (counter (with-vat vat (spawn ^counter warden 2)))
                           (outcome (settled-in vat
                                      (<- incanter counter 'add 3))))
                      (list outcome
                            (with-vat vat ($ counter 'get)))))))
    (test-equal "enchanting can be async too" '(fulfilled added)
                (call-with-values spawn-far-pair
                  (lambda (warden incanter)
                    (let* ((vat (spawn-vat))
                           (counter (with-vat vat (spawn ^counter warden 2))))
                      (settled-in vat
                        ($ (enchant incanter counter #:async? #t)
                           'add 3)))))))

  (test-group "after a restart"
    (test-equal "warden and incanter still belong together"
                '(reset 0 reset)
                (after-restart env
                               (lambda ()
                                 (call-with-values spawn-warding-pair
                                   (lambda (warden incanter)
                                     (let ((lock (spawn ^lock warden)))
                                       (values incanter lock
                                               (enchant incanter lock))))))
                               (lambda (incanter lock enchanted)
                                 ($ lock 'try 'x))
                               (lambda (incanter lock enchanted)
                                 (let* ((first ($ incanter lock 'reset))
                                        (tries ($ lock 'try 'x)))
                                   (list first tries ($ enchanted 'reset))))))
    (test-raises "a box that was used is still used up" shattered?
      (after-restart env
                     (lambda ()
                       (call-with-values spawn-warding-pair
                         (lambda (warden incanter)
                           (let ((cell (spawn ^cell))
                                 (lock (spawn ^lock warden)))
                             (values incanter lock cell
                                     (spawn ^thief cell lock))))))
                     (lambda (incanter lock cell thief)
                       ($ incanter thief 'reset))
                     (lambda (incanter lock cell thief)
                       (apply $ lock ($ cell)))))))
