;;; test-actor-lib-ticker.scm -- claims about (hob actor-lib ticker).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob actor-lib ticker)
             (hob core)
             (hob define-actor)
             (hob exceptions)
             (restarting)
             (testing))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

;; Adds its name and what it is ticked with to LOG; does what DO says first.
(define-actor (^noter bcom ticky name log #:optional do)
  (lambda args
    (when do
      (do ticky))
    ($ log (append ($ log) (list (cons name args))))))

(define (join ticker name log . do)
  ($ ticker 'to-tick
     (lambda (ticky) (apply spawn ^noter ticky name log do))))

;; What PROC, called with a ticker, a log and a procedure to join, leaves in the
;; log.
(define (logged proc)
  (turn (let ((ticker (spawn-ticker))
              (log (spawn ^cell '())))
          (proc ticker
                (lambda (name . do) (apply join ticker name log do)))
          ($ log))))

(define (names refrs)
  (map refr-name refrs))

(define (spawn-named-for ticker name)
  ($ ticker 'to-tick (lambda (ticky) (spawn-named name ^cell))))

(define env
  (persistence-env-compose ticker-env
                           cell-env
                           (namespace-env (tests ticker) ^noter)))

(test-suite "actor-lib ticker"
  (test-group "ticking"
    (test-equal "all who joined are called with the arguments, newest first"
                '((b 1 2) (a 1 2))
                (logged (lambda (ticker join)
                          (join 'a)
                          (join 'b)
                          ($ ticker 'tick 1 2))))
    (test-equal "and again in each tick" '((a 1) (a 2))
                (logged (lambda (ticker join)
                          (join 'a)
                          ($ ticker 'tick 1)
                          ($ ticker 'tick 2))))
    (test-equal "who joins during a tick is called in the next"
                '((a 1) (new 2) (a 2))
                (logged (lambda (ticker join)
                          (let ((first? (spawn ^cell #t)))
                            (join 'a (lambda (ticky)
                                       (when ($ first?)
                                         ($ first? #f)
                                         (join 'new))))
                            ($ ticker 'tick 1)
                            ($ ticker 'tick 2)))))
    (test-equal "one can join by the ticky of another" '((child))
                (turn (let ((ticker (spawn-ticker))
                            (log (spawn ^cell '())))
                        ($ ticker 'to-tick
                           (lambda (ticky)
                             (join ticky 'child log)
                             (spawn ^cell)))
                        ($ ticker 'tick)
                        ($ log))))
    (test-equal "who dies is not called again" '((a 1))
                (logged (lambda (ticker join)
                          (join 'a (lambda (ticky) ($ ticky 'die)))
                          ($ ticker 'tick 1)
                          ($ ticker 'tick 2))))
    (test-equal "not even in the tick in progress" '((killer))
                (logged (lambda (ticker join)
                          (let ((victim (spawn ^cell)))
                            ($ ticker 'to-tick
                               (lambda (ticky)
                                 ($ victim ticky)
                                 (spawn ^cell 'victim)))
                            (join 'killer (lambda (_) ($ ($ victim) 'die)))
                            ($ ticker 'tick)))))
    (test-equal "an error in one undoes the whole tick" '()
                (let* ((am (make-actormap))
                       (log (actormap-spawn! am ^cell '()))
                       (ticker (actormap-run! am spawn-ticker)))
                  (actormap-run! am
                                 (lambda ()
                                   (join ticker 'bad log
                                         (lambda (_) (error "on purpose")))
                                   (join ticker 'good log)))
                  (false-if-exception (actormap-poke! am ticker 'tick))
                  (actormap-peek am log))))

  (test-group "who takes part"
    (test-equal "to-tick gives the object" 'bullet
                (turn (refr-name (spawn-named-for (spawn-ticker) 'bullet))))
    (test-equal "get-ticked has those who were called" '(() (b a))
                (turn (let ((ticker (spawn-ticker)))
                        (spawn-named-for ticker 'a)
                        (spawn-named-for ticker 'b)
                        (let ((before ($ ticker 'get-ticked)))
                          ($ ticker 'tick 'x)
                          (list before (names ($ ticker 'get-ticked)))))))
    (test-equal "foldr goes through them, on demand with the new ones"
                '((b a) (c b a))
                (turn (let ((ticker (spawn-ticker)))
                        (spawn-named-for ticker 'a)
                        (spawn-named-for ticker 'b)
                        ($ ticker 'tick 'x)
                        (spawn-named-for ticker 'c)
                        (map names
                             (list ($ ticker 'foldr cons '())
                                   ($ ticker 'foldr cons '()
                                      #:include-new? #t))))))
    (test-equal "the dead are not among them" '((a) (c a))
                (turn (let ((ticker (spawn-ticker))
                            (tickies (spawn ^cell '())))
                        (define (add name)
                          ($ ticker 'to-tick
                             (lambda (ticky)
                               ($ tickies (acons name ticky ($ tickies)))
                               (spawn-named name ^cell))))
                        (define (kill name)
                          ($ (assq-ref ($ tickies) name) 'die))
                        (add 'a)
                        (add 'b)
                        ($ ticker 'tick 'x)
                        (add 'c)
                        (add 'd)
                        (kill 'b)
                        (kill 'd)
                        (list (names ($ ticker 'get-ticked))
                              (names ($ ticker 'foldr cons '()
                                        #:include-new? #t))))))
    (test-equal "a ticky says whether its object is dead" '(#f #t)
                (turn (let ((ticky (spawn ^cell)))
                        ($ (spawn-ticker) 'to-tick
                           (lambda (new) ($ ticky new) (spawn ^cell)))
                        (let ((before ($ ($ ticky) 'dead?)))
                          ($ ($ ticky) 'die)
                          (list before ($ ($ ticky) 'dead?))))))
    (test-raises "only references can be ticked" hob-error?
      (turn ($ (spawn-ticker) 'to-tick (const 'nothing)))))

  (test-equal "after a restart the living are called, the dead are not"
              '((new 2) (b 2))
              (after-restart env
                             (lambda ()
                               (values (spawn-ticker) (spawn ^cell '())
                                       (spawn ^cell)))
                             (lambda (ticker log ticky)
                               ($ ticker 'to-tick
                                  (lambda (mine)
                                    ($ ticky mine)
                                    (spawn ^noter mine 'a log)))
                               (join ticker 'b log)
                               ($ ticker 'tick 1)
                               ($ ($ ticky) 'die)
                               (join ticker 'new log)
                               ($ log '()))
                             (lambda (ticker log ticky)
                               ($ ticker 'tick 2)
                               ($ log)))))
