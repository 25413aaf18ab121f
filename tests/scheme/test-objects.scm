;;; test-objects.scm -- claims about spawning, calling and becoming.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob core)
             (hob exceptions)
             (ice-9 exceptions)
             (ice-9 match)
             (testing))

;; Objects need a turn and no vat.
(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

(define (^counter bcom n)
  (case-lambda
    (() n)
    ((more) (bcom (^counter bcom (+ n more)) (+ n more)))))

(define (^constant bcom value)
  (lambda () value))

(define (^becomes bcom)
  (lambda args (apply bcom args)))

(define (message exception)
  (apply format #f (exception-message exception)
         (exception-irritants exception)))

;; The message of what THUNK raises.
(define (complaint thunk)
  (with-exception-handler message thunk #:unwind? #t))

(define (says? . parts)
  (lambda (exception)
    (and (hob-error? exception)
         (and-map (lambda (part) (string-contains (message exception) part))
                  parts)
         #t)))

(test-suite "objects"
  (test-group "spawning"
    (test-equal "a constructor's result is the behaviour" 7
                (turn ($ (spawn ^constant 7))))
    (test-equal "spawn is a procedure too" '(1 2)
                (turn (map (lambda (object) ($ object))
                           (map spawn (list ^constant ^constant) '(1 2)))))
    (test-equal "an identifier is the debug name" '^constant
                (turn (refr-name (spawn ^constant 1))))
    (test-equal "without one it is the procedure's name" '^constant
                (turn (refr-name (apply spawn (list ^constant 1)))))
    (test-equal "spawn-named takes any name" '(a "b" (c 1) #f)
                (turn (map (lambda (name)
                             (refr-name (spawn-named name ^constant 1)))
                           '(a "b" (c 1) #f))))
    (test-equal "a constructor may return another object" '(#t 1)
                (turn (let* ((object (spawn ^constant 1))
                             (same (spawn (lambda (bcom) object))))
                        (list (eq? object same) ($ same)))))
    (test-equal "a constructor may spawn" 5
                (turn ($ ($ (spawn (lambda (bcom)
                                     (let ((inner (spawn ^constant 5)))
                                       (lambda () inner))))))))
    (test-raises "a constructor that returns something else is named"
      (says? "^wrong" "neither a behavior")
      (turn (let ((^wrong (lambda (bcom) 3)))
              (spawn ^wrong))))
    (test-raises "what is no procedure is no constructor" error?
      (turn (spawn 3)))
    (test-raises "outside of a turn nothing is spawned" no-turn?
      (spawn ^constant 1)))

  (test-group "predicates"
    (let* ((am (make-actormap))
           (other (make-actormap))
           (object (actormap-spawn! am ^constant 1)))
      (define (kinds value)
        (map (lambda (is?) (is? value))
             (list live-refr? local-refr? local-object-refr? promise-refr?
                   local-promise-refr?)))
      (test-equal "of an object" '(#t #t #t #f #f) (kinds object))
      (test-equal "of a promise" '(#t #t #f #t #t)
                  (kinds (actormap-run am (lambda () (<- object)))))
      (test-equal "of anything else" '(#f #f #f #f #f) (kinds 'x))
      (test-equal "near and far here" '(#t #f #f #f)
                  (actormap-run am (lambda ()
                                     (list (near-refr? object)
                                           (far-refr? object)
                                           (near-refr? 1)
                                           (far-refr? 1)))))
      (test-equal "references of another actormap are far (W41)" '(#f #t)
                  (actormap-run other (lambda ()
                                        (list (near-refr? object)
                                              (far-refr? object)))))
      (test-raises "near and far need a turn" no-turn? (near-refr? object))
      (test-equal "what is no reference is not near, anywhere" #f
                  (near-refr? 1))
      (test-equal "a reference is written with its name"
                  "#<object ^constant>" (format #f "~s" object))
      (test-equal "only an object has a debug name" #f (refr-name 3))))

  (test-group "calling"
    (test-equal "with any number of arguments"
                '(() (1) (1 2) (1 2 3) (1 2 3 4) (1 2 3 4 5))
                (turn (let ((object (spawn (lambda (bcom) list))))
                        (list ($ object) ($ object 1) ($ object 1 2)
                              ($ object 1 2 3) ($ object 1 2 3 4)
                              (apply $ object '(1 2 3 4 5))))))
    (test-equal "an answer may be unspecified" *unspecified*
                (turn ($ (spawn ^constant *unspecified*))))
    (test-raises "not outside of a turn" no-turn?
      ($ (actormap-spawn! (make-actormap) ^constant 1)))
    (test-raises "not what is no reference" not-callable? (turn ($ 'x 1)))
    (test-raises "not what is far" (says? "^constant" "same vat" "<-")
      (let ((far (actormap-spawn! (make-actormap) ^constant 1)))
        (turn ($ far))))
    (test-raises "not a promise that is not resolved"
      (says? "not resolved")
      (turn ($ (spawn-promise-and-resolver))))
    (test-raises "a broken promise raises its problem"
      (lambda (problem) (equal? problem '(the problem)))
      (turn (call-with-values spawn-promise-and-resolver
              (lambda (promise resolver)
                ($ resolver 'break '(the problem))
                ($ promise)))))
    (test-equal "a promise fulfilled with an object stands for it" '(2 2)
                (turn (let ((counter (spawn ^counter 1)))
                        (call-with-values spawn-promise-and-resolver
                          (lambda (promise resolver)
                            ($ resolver 'fulfill counter)
                            (list ($ promise 1) ($ counter)))))))
    (test-equal "a promise fulfilled with a value gives it" '(7 7)
                (turn (call-with-values spawn-promise-and-resolver
                        (lambda (promise resolver)
                          ($ resolver 'fulfill 7)
                          (list ($ promise) ($ promise 1 2))))))
    (test-raises "a promise fulfilled with a far object does not"
      not-callable?
      (let ((far (actormap-spawn! (make-actormap) ^constant 1)))
        (turn (call-with-values spawn-promise-and-resolver
                (lambda (promise resolver)
                  ($ resolver 'fulfill far)
                  ($ promise)))))))

  (test-group "becoming"
    (test-equal "the next call meets the new behaviour" '(1 3 6)
                (turn (let ((counter (spawn ^counter 1)))
                        (list ($ counter) ($ counter 2) ($ counter 3)))))
    (test-equal "bcom without a value answers with the unspecified one"
                (list *unspecified* 1)
                (turn (let ((object (spawn ^becomes)))
                        (list ($ object (lambda () 1)) ($ object)))))
    (test-equal "(bcom #f value) changes nothing and answers" '(2 3)
                (turn (let ((object (spawn ^becomes)))
                        (list ($ object #f 2) ($ object #f 3)))))
    (test-equal "a request that is not returned has no effect" '(kept kept)
                (turn (let ((object (spawn (lambda (bcom)
                                             (lambda ()
                                               (bcom (const 'lost))
                                               'kept)))))
                        (list ($ object) ($ object)))))
    (test-raises "what is no behaviour is refused"
      (says? "^becomes" "not a procedure")
      (turn ($ (spawn ^becomes) 3)))
    (test-raises "a reference is no behaviour" (says? "not a procedure")
      (turn ($ (spawn ^becomes) (spawn ^constant 1))))
    (test-raises "nobody becomes by another object's bcom"
      (says? "^victim" "bcom of another object")
      (turn (let* ((stolen #f)
                   (^thief (lambda (bcom) (set! stolen bcom) list))
                   (^victim (lambda (bcom)
                              (lambda (bcom) (bcom (const 'stolen))))))
              (spawn ^thief)
              ($ (spawn ^victim) stolen))))
    (test-equal "another's request is data until it is returned" '(a b)
                (turn (let* ((stolen #f)
                             (^thief (lambda (bcom)
                                       (set! stolen bcom)
                                       (lambda () 'a)))
                             (thief (spawn ^thief))
                             (holder (spawn ^becomes)))
                        (stolen (const 'changed))
                        (list ($ thief) ($ holder #f 'b)))))
    (test-equal "a request shows nothing of its object" "#<become>"
                (turn (let ((shown #f))
                        ($ (spawn (lambda (bcom)
                                    (lambda ()
                                      (set! shown
                                            (format #f "~s" (bcom list)))
                                      #t))))
                        shown)))
    (test-raises "W39: a call that was overtaken may not become"
      (says? "^overtaken" "called again and changed")
      (turn (letrec* ((^overtaken
                       (lambda (bcom n)
                         (match-lambda*
                           (() (bcom (^overtaken bcom (1+ n))))
                           ((#:twice)
                            ($ object)
                            (bcom (^overtaken bcom (1+ n)))))))
                      (object (spawn ^overtaken 0)))
              ($ object #:twice))))
    (test-equal "W39: a call that was overtaken may read" '(1 1)
                (turn (letrec* ((^overtaken
                                 (lambda (bcom n)
                                   (match-lambda*
                                     (() (bcom (^overtaken bcom (1+ n))))
                                     ((#:read) n)
                                     ((#:twice)
                                      ($ object)
                                      ($ object #:read)))))
                                (object (spawn ^overtaken 0)))
                        (list ($ object #:twice) ($ object #:read))))))

  (test-group "errors"
    (test-equal "no authority stands in the irritants" '()
                (let ((am (make-actormap)))
                  (with-exception-handler
                      (lambda (exception)
                        (filter live-refr? (exception-irritants exception)))
                    (lambda ()
                      (actormap-run! am
                                     (lambda ()
                                       ($ (spawn ^becomes)
                                          (spawn ^constant 1)))))
                    #:unwind? #t)))
    (test-equal "W41: an unknown method of a resolver is an error"
                "a resolver takes (fulfill VALUE) and (break PROBLEM), and \
was called with (explode 1)"
                (complaint
                 (lambda ()
                   (turn (call-with-values spawn-promise-and-resolver
                           (lambda (promise resolver)
                             ($ resolver 'explode 1)))))))
    (test-raises "W41: so is a method without its value" hob-error?
      (turn (call-with-values spawn-promise-and-resolver
              (lambda (promise resolver)
                ($ resolver 'fulfill)))))
    (test-equal "who settles second is told" '(#t #f #f)
                (turn (call-with-values spawn-promise-and-resolver
                        (lambda (promise resolver)
                          (list ($ resolver 'fulfill 1)
                                ($ resolver 'fulfill 2)
                                ($ resolver 'break 3))))))
    (test-equal "an object spawned in a turn that failed cannot be called"
                "the object ^constant cannot be called with $: the turn that \
spawned it was undone"
                (complaint
                 (lambda ()
                   (let ((am (make-actormap)) (escaped #f))
                     (false-if-exception
                      (actormap-run! am
                                     (lambda ()
                                       (set! escaped (spawn ^constant 1))
                                       (error "undone"))))
                     (actormap-peek am escaped)))))))
