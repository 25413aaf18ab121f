;;; test-define-actor.scm -- claims about define-actor.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob)
             (hob actor-lib cell)
             (hob actor-lib methods)
             (hob exceptions)
             (hob persistence-store memory)
             (ice-9 exceptions)
             (ice-9 match)
             (stores)
             (system base compile)
             (testing)
             (waiting))

(define (no-roots)
  (error "the store should have had the roots"))

(define-syntax-rule (raised body ...)
  (with-exception-handler identity
    (lambda () body ... 'nothing)
    #:unwind? #t))

(define (message exception)
  (apply format #f (exception-message exception)
         (exception-irritants exception)))

(define (says? exception . parts)
  (and (exception? exception)
       (and-map (lambda (part) (string-contains (message exception) part))
                parts)
       #t))

(define-syntax-rule (turn body ...)
  (actormap-run! (make-actormap) (lambda () body ...)))

;; Is FORM refused when it is expanded, with all of PARTS in the message?
(define (refused? form . parts)
  (catch 'syntax-error
    (lambda ()
      (macroexpand form)
      'accepted)
    (lambda (key who what where form subform . rest)
      (and (and-map (lambda (part) (string-contains what part)) parts)
           #t))))

(define (named . constructors)
  (make-persistence-env
   (map (lambda (constructor)
          (list (procedure-name* constructor) constructor))
        constructors)))

(define (procedure-name* constructor)
  (string->symbol (format #f "~a" constructor)))

(define-actor (^robot bcom #:optional (name "Robbie") #:key (legs 2) colour)
  "A robot."
  (case-lambda
    (() (list name legs colour))
    ((new-colour)
     (bcom (^robot bcom name #:legs legs #:colour new-colour)))))

(define-actor (^items bcom first #:rest items)
  (case-lambda
    (() (cons first items))
    ((more) (bcom (apply ^items bcom first more items)))))

(define-actor (^keyed bcom #:key a (b 2) #:allow-other-keys #:rest all)
  (lambda () (list a b all)))

(define-actor (^selfish bcom #:optional (n 0))
  #:self me
  (match-lambda*
    (() me)
    (('next) (bcom (^selfish bcom (1+ n))))
    (('count) n)
    (('through-me) ($ me 'count))))

(define-actor (^constructs-with-self bcom registry)
  #:self me
  (<-np registry me)
  (lambda () me))

(define-actor (^lambda-becomes bcom n)
  (case-lambda
    (() n)
    ((new) (bcom (lambda _ new)))))

(define-actor (^frozen bcom n)
  #:frozen
  (lambda () n))

;; Each version of an actor is defined when a test needs it.
(define (define-version! form)
  (compile form #:env (current-module)))

(test-suite "define-actor"
  (test-group "definition"
    (test-equal "a constructor that is applicable" '("Robbie" 2 #f)
                (turn ($ (spawn ^robot))))
    (test-equal "and named" '^robot
                (turn (refr-name (spawn ^robot))))
    (test-equal "with optional and keyword arguments" '("R2" 3 red)
                (turn ($ (spawn ^robot "R2" #:legs 3 #:colour 'red))))
    (test-equal "it is written with its name" "#<actor ^robot>"
                (format #f "~a" ^robot))
    (test-assert "with #:frozen it is a plain procedure"
      (and (procedure? ^frozen) (eq? '^frozen (procedure-name ^frozen))))
    (test-equal "a constructor may give another object" #t
                (turn
                 (let* ((cell (spawn ^cell))
                        (^same (let ()
                                 (define-actor (^same bcom object) object)
                                 ^same)))
                   (eq? cell (spawn ^same cell)))))
    (test-equal "a body may begin with definitions" 6
                (turn
                 (let ()
                   (define-actor (^body bcom n)
                     "Documented."
                     (define m (* 2 n))
                     (define (sum) (+ n m))
                     (lambda () (sum)))
                   ($ (spawn ^body 2)))))
    (test-equal "an argument may be called, and shadowed" '(3 8)
                (turn
                 (let ()
                   (define-actor (^body bcom f n)
                     (lambda ()
                       (list (f n) (let ((n 4)) (* 2 n)))))
                   ($ (spawn ^body 1+ 2)))))
    (test-equal "W42: a local one may have the name of one at top level"
                '(local ("Robbie" 2 #f))
                (turn
                 (list (let ()
                         (define-actor (^robot bcom) (lambda () 'local))
                         ($ (spawn ^robot)))
                       ($ (spawn ^robot)))))
    (test-equal "W42: and leaves it as it was" '("Robbie" 2 #f)
                (begin
                  (let ()
                    (define-actor (^robot bcom) (lambda () 'local))
                    ^robot)
                  (turn ($ (spawn ^robot)))))
    (test-assert "a body with a recursive procedure in one branch compiles"
      (procedure?
       (compile '(let ()
                   (define-actor (^x bcom stopped?)
                     (define (stop!) (bcom (^x bcom #t)))
                     (if stopped?
                         (lambda _ #f)
                         (let ()
                           (define (behaviour . args)
                             (if (null? args) (stop!) behaviour))
                           behaviour)))
                   (lambda () (spawn ^x #f)))
                #:env (current-module))))
    (test-assert "and so does one with methods that are procedures"
      (procedure?
       (compile '(let ()
                   (define-actor (^x bcom stopped?)
                     (define (stop!) (bcom (^x bcom #t)))
                     (define (set what) (bcom (^x bcom what)))
                     (if stopped?
                         (lambda _ #f)
                         (methods (stop! stop!) (set set)
                                  ((both) (stop!) (set 1)))))
                   (lambda () (spawn ^x #f)))
                #:env (current-module)))))

  (test-group "what is refused at expansion"
    (test-equal "W17: set! on an argument" #t
                (refused? '(define-actor (^x bcom n)
                             (lambda () (set! n 1)))
                          "set!" "bcom"))
    (test-equal "W17: on an optional, keyword or rest argument" '(#t #t #t)
                (map (lambda (formals)
                       (refused? `(define-actor (^x bcom ,@formals)
                                    (lambda () (set! n 1)))
                                 "set!"))
                     '((#:optional n) (#:key n) (#:rest n))))
    (test-equal "W17: #:frozen with #:upgrade" #t
                (refused? '(define-actor (^x bcom n)
                             #:frozen
                             #:upgrade (lambda (v n) (values 1 (list n)))
                             (lambda () n))
                          "#:frozen" "#:upgrade"))
    (test-equal "#:frozen with #:restore" #t
                (refused? '(define-actor (^x bcom n)
                             #:restore list #:frozen
                             (lambda () n))
                          "#:frozen" "#:restore"))
    (test-equal "a dotted argument list" #t
                (refused? '(define-actor (^x bcom . rest) list) "#:rest"))
    (test-equal "an option that is none" #t
                (refused? '(define-actor (^x bcom) #:verzion 1 list)
                          "invalid keyword"))
    (test-equal "an option twice" #t
                (refused? '(define-actor (^x bcom) #:version 1 #:version 2
                             list)
                          "twice"))
    (test-equal "no body" #t (refused? '(define-actor (^x bcom)) "no body"))
    (test-equal "options and no body" #t
                (refused? '(define-actor (^x bcom) #:frozen) "no body")))

  (test-group "the default portrait"
    (each-store "has optional and keyword arguments"
                '(("R2" 3 blue) ("R2" 3 blue))
      (open)
      (let ((env (named ^robot)))
        (running (vat robot)
            (env (lambda () (spawn ^robot "R2" #:legs 3 #:colour 'red))
                 (open))
          (with-vat vat ($ robot 'blue)))
        (map (lambda (_)
               (running (vat robot) (env no-roots (open))
                 (with-vat vat ($ robot))))
             '(1 2))))
    (each-store "W17: #:rest comes back flat, over several restarts"
                '((1 2 3) (1 0 2 3) (1 0 0 2 3) (1 0 0 0 2 3))
      (open)
      (let ((env (named ^items)))
        (map (lambda (n)
               (running (vat items)
                   (env (lambda () (spawn ^items 1 2 3)) (open))
                 (unless (zero? n)
                   (with-vat vat ($ items 0)))
                 (with-vat vat ($ items))))
             '(0 1 2 3))))
    (each-store "keywords with a rest come back as they were"
                '((1 2 (#:a 1 #:c 3)) (1 2 (#:a 1 #:c 3)))
      (open)
      (let ((env (named ^keyed)))
        (map (lambda (_)
               (running (vat keyed)
                   (env (lambda () (spawn ^keyed #:a 1 #:c 3)) (open))
                 (with-vat vat ($ keyed))))
             '(1 2))))
    (each-store "W17: bcom to a plain lambda is refused at the save"
                '(#t 1)
      (open)
      (running (vat object)
          ((named ^lambda-becomes) (lambda () (spawn ^lambda-becomes 1))
           (open))
        (let ((problem (raised (with-vat vat ($ object 2)))))
          (list (says? problem "^lambda-becomes" "plain procedure"
                       "define-actor")
                (with-vat vat ($ object))))))
    (test-equal "without a store it is fine" '(1 2)
                (turn (let ((object (spawn ^lambda-becomes 1)))
                        (list ($ object)
                              (begin ($ object 2) ($ object)))))))

  (test-group "a frozen actor"
    (each-store "is saved and restored" '(7 7)
      (open)
      (map (lambda (_)
             (running (vat object)
                 ((named ^frozen) (lambda () (spawn ^frozen 7)) (open))
               (with-vat vat ($ object))))
           '(1 2)))
    (each-store "with versions, if its portraits have them" '(5 5)
      (open)
      (define-actor (^object bcom n)
        #:frozen #:version 3
        (lambda () n))
      (let ((env (make-persistence-env `((object ,^object)))))
        (map (lambda (_)
               (running (vat object)
                   (env (lambda () (spawn ^object 5)) (open))
                 (with-vat vat ($ object))))
             '(1 2)))))

  (test-group "#:self"
    (test-equal "is the object's own reference" '(#t 0)
                (turn (let ((object (spawn ^selfish)))
                        (list (eq? object ($ object))
                              ($ object 'through-me)))))
    (test-equal "is another for another object" #f
                (turn (eq? ($ (spawn ^selfish)) ($ (spawn ^selfish)))))
    (test-equal "is there while the constructor runs" 'called
                (let ((heard #f))
                  (with-vat (spawn-vat)
                    (let ((object (spawn ^constructs-with-self
                                         (spawn (lambda (bcom)
                                                  (lambda (me)
                                                    (set! heard me)))))))
                      (on #t (lambda (_)
                               (when (eq? heard object)
                                 (set! heard 'called))))))
                  heard))
    (each-store "W17: such an object is saved and restored"
                '((#t 1 1) (#t 2 2) (#t 3 3))
      (open)
      (map (lambda (_)
             (running (vat object)
                 ((named ^selfish) (lambda () (spawn ^selfish)) (open))
               (with-vat vat ($ object 'next))
               (with-vat vat
                 (list (eq? object ($ object))
                       ($ object 'count)
                       ($ object 'through-me)))))
           '(1 2 3)))
    (each-store "it is the same when a constructor is called by another one"
                #t
      (open)
      (let* ((^asks (lambda (bcom selfish)
                      (let ((answer ($ selfish)))
                        (portraitize (lambda () answer)
                                     (lambda () (list selfish))))))
             (env (persistence-env-compose
                   (named ^selfish)
                   (make-persistence-env `((asks ,^asks))))))
        (running (vat asks selfish)
            (env (lambda ()
                   (let ((selfish (spawn ^selfish)))
                     (values (spawn ^asks selfish) selfish)))
                 (open))
          #t)
        (running (vat asks selfish) (env no-roots (open))
          (with-vat vat (eq? selfish ($ asks)))))))

  (test-group "#:portrait, #:version, #:restore, #:upgrade"
    (each-store "#:portrait gives the data instead" '(20 20 20)
      (open)
      (define-actor (^doubled bcom n #:optional scale)
        #:portrait (lambda () (list (/ n 2) 2))
        (let ((n (if scale (* n scale) n)))
          (lambda () n)))
      (let ((env (make-persistence-env `((doubled ,^doubled)))))
        (map (lambda (_)
               (running (vat object)
                   (env (lambda () (spawn ^doubled 20)) (open))
                 (with-vat vat ($ object))))
             '(1 2 3))))
    (each-store "#:restore is called with the version and the data"
                '((7 1 2) (restored 1 2))
      (open)
      (define seen #f)
      (define-actor (^object bcom a b #:optional how)
        #:version 7
        #:portrait (lambda () (list a b))
        #:restore (lambda (version a b)
                    (set! seen (list version a b))
                    (spawn ^object a b 'restored))
        (lambda () (list how a b)))
      (let ((env (make-persistence-env `((object ,^object)))))
        (running (vat object) (env (lambda () (spawn ^object 1 2)) (open))
          #t)
        (let ((now (running (vat object) (env no-roots (open))
                     (with-vat vat ($ object)))))
          (list seen now))))
    (each-store "#:restore may give an object that was spawned before it"
                '((#t 5) (#t 6))
      (open)
      (define-actor (^object bcom n)
        #:self me
        #:restore (lambda (version n)
                    (let ((cell (spawn ^cell n)))
                      (spawn ^object (1+ ($ cell)))))
        (lambda () (list (eq? me ($ holder)) n)))
      (define holder #f)
      (let ((env (persistence-env-compose
                  cell-env
                  (make-persistence-env `((object ,^object))))))
        (map (lambda (_)
               (running (vat root object)
                   (env (lambda ()
                          (let ((object (spawn ^object 5)))
                            (values (spawn ^cell object) object)))
                        (open))
                 (set! holder root)
                 (with-vat vat ($ object))))
             '(1 2))))
    (each-store "#:restore may call others first" '(#t #t)
      (open)
      (define-actor (^object bcom other n)
        #:self me
        #:restore (lambda (version other n)
                    ($ other)
                    (spawn ^object other n))
        (lambda () me))
      (let ((env (persistence-env-compose
                  (named ^selfish)
                  (make-persistence-env `((object ,^object))))))
        (map (lambda (_)
               (running (vat object)
                   (env (lambda () (spawn ^object (spawn ^selfish) 5))
                        (open))
                 (with-vat vat (eq? object ($ object)))))
             '(1 2))))
    (each-store "#:restore that gives no object is told" '(#t 1)
      (open)
      (define wrong? #f)
      (define-actor (^object bcom n)
        #:restore (lambda (version n)
                    (if wrong? 'nothing (spawn ^object n)))
        (lambda () n))
      (let ((env (make-persistence-env `((object ,^object)))))
        (running (vat object) (env (lambda () (spawn ^object 1)) (open)) #t)
        (set! wrong? #t)
        (let ((problem (raised (spawn-persistent-vat env no-roots (open)))))
          (set! wrong? #f)
          (list (says? problem "no new object")
                (running (vat object) (env no-roots (open))
                  (with-vat vat ($ object)))))))
    (each-store "#:upgrade brings old data to the new version, once"
                '(((0 (1))) (2 1) (2 1))
      (open)
      (define calls '())
      (define (env-of constructor)
        (make-persistence-env `((object ,constructor))))
      (let ()
        (define-actor (^object bcom n) (lambda () n))
        (running (vat object)
            ((env-of ^object) (lambda () (spawn ^object 1)) (open))
          #t))
      (let ()
        (define-actor (^object bcom n more)
          #:version 2
          #:upgrade (lambda (version . data)
                      (case version
                        ((2) (values 2 data))
                        (else
                         (set! calls (cons (list version data) calls))
                         (values 2 (cons 2 data)))))
          (lambda () (list n more)))
        (let* ((first (running (vat object)
                          ((env-of ^object) no-roots (open))
                        (with-vat vat ($ object))))
               (second (running (vat object)
                           ((env-of ^object) no-roots (open))
                         (with-vat vat ($ object)))))
          (list calls first second))))
    (each-store "#:upgrade and #:restore together" '((upgraded 1) (same 1))
      (open)
      (define (env-of constructor)
        (make-persistence-env `((object ,constructor))))
      (let ()
        (define-actor (^object bcom n) (lambda () n))
        (running (vat object)
            ((env-of ^object) (lambda () (spawn ^object 1)) (open))
          #t))
      (let ()
        (define-actor (^object bcom how n)
          #:version 1
          #:portrait (lambda () (list 'same n))
          #:upgrade (lambda (version . data)
                      (if (eqv? version 0)
                          (values 1 (cons 'upgraded data))
                          (values version data)))
          #:restore (lambda (version how n)
                      (unless (eqv? version 1) (error "not upgraded"))
                      (spawn ^object how n))
          (lambda () (list how n)))
        (map (lambda (_)
               (running (vat object) ((env-of ^object) no-roots (open))
                 (with-vat vat ($ object))))
             '(1 2))))
    (each-store "a failed #:upgrade leaves the store" '(#t 1)
      (open)
      (define (env-of constructor)
        (make-persistence-env `((object ,constructor))))
      (define-actor (^old bcom n) (lambda () n))
      (define-actor (^new bcom n)
        #:version 1
        #:upgrade (lambda (version n) (error "cannot upgrade"))
        (lambda () n))
      (running (vat object) ((env-of ^old) (lambda () (spawn ^old 1)) (open))
        #t)
      (list (says? (raised (spawn-persistent-vat (env-of ^new) no-roots
                                                 (open)))
                   "cannot upgrade" "version 0")
            (running (vat object) ((env-of ^old) no-roots (open))
              (with-vat vat ($ object)))))
    (each-store "#:version may be any data" '((1 2) ("v" 3))
      (open)
      (define seen #f)
      (define-actor (^object bcom)
        #:version '("v" 3)
        #:restore (lambda (version)
                    (set! seen version)
                    (spawn ^object))
        (lambda () '(1 2)))
      (let ((env (make-persistence-env `((object ,^object)))))
        (running (vat object) (env (lambda () (spawn ^object)) (open)) #t)
        (let ((answer (running (vat object) (env no-roots (open))
                        (with-vat vat ($ object)))))
          (list answer seen))))
    (each-store "a #:portrait that is versioned otherwise is refused" '(#t 0)
      (open)
      (define-actor (^object bcom)
        #:version 1
        #:portrait (lambda () (versioned 2 '()))
        (lambda () 1))
      (define-actor (^plain bcom) (lambda () 0))
      (list (says? (raised (spawn-persistent-vat
                            (make-persistence-env `((object ,^object)))
                            (lambda () (spawn ^object)) (open)))
                   "version conflict" "1" "2")
            (running (vat object)
                ((make-persistence-env `((plain ,^plain)))
                 (lambda () (spawn ^plain)) (open))
              (with-vat vat ($ object)))))
    (each-store "portraitize and a rehydrator of the environment" '(1 (3 2))
      (open)
      (define (^plain bcom n)
        (portraitize (lambda () n)
                     (lambda () (versioned 3 (list 1 1)))))
      (define seen #f)
      (let ((env (make-persistence-env
                  `((plain ,^plain
                           ,(lambda (version . data)
                              (set! seen (list version (apply + data)))
                              (spawn ^plain 1)))))))
        (running (vat object) (env (lambda () (spawn ^plain 0)) (open)) #t)
        (let ((answer (running (vat object) (env no-roots (open))
                        (with-vat vat ($ object)))))
          (list answer seen))))
    (each-store "a rehydrator may itself say that it upgraded" '(2 2)
      (open)
      (define versions '())
      (define (^plain bcom n)
        (portraitize (lambda () n)
                     (lambda () (versioned n (list n)))))
      (let ((env (make-persistence-env
                  `((plain ,^plain
                           ,(lambda (version n)
                              (set! versions (cons version versions))
                              (if (= version 1)
                                  (versioned 2 (spawn ^plain 2))
                                  (spawn ^plain n))))))))
        (running (vat object) (env (lambda () (spawn ^plain 1)) (open)) #t)
        (running (vat object) (env no-roots (open)) #t)
        (list (running (vat object) (env no-roots (open))
                (with-vat vat ($ object)))
              (car versions)))))

  (test-group "defining it again"
    (test-equal "at top level changes objects when they next become"
                '(old old new)
                (begin
                  (define-version!
                    '(define-actor (^redefined bcom)
                       (lambda args
                         (if (null? args) 'old (bcom (^redefined bcom))))))
                  (let* ((vat (spawn-vat))
                         (^redefined (module-ref (current-module)
                                                 '^redefined))
                         (object (with-vat vat (spawn ^redefined)))
                         (before (with-vat vat ($ object))))
                    (define-version!
                      '(define-actor (^redefined bcom)
                         (lambda args
                           (if (null? args) 'new (bcom (^redefined bcom))))))
                    (let ((between (with-vat vat ($ object))))
                      (with-vat vat ($ object 'become))
                      (list before between (with-vat vat ($ object)))))))
    (test-equal "what was in an environment before is restored by new code"
                '(old new)
                (let ((store (make-memory-store))
                      (version (lambda (name)
                                 `(define-actor (^again bcom)
                                    (lambda () ',name)))))
                  (define-version! (version 'old))
                  (let* ((^again (module-ref (current-module) '^again))
                         (env (make-persistence-env `((again ,^again))))
                         (before (running (vat object)
                                     (env (lambda () (spawn ^again)) store)
                                   (with-vat vat ($ object)))))
                    (define-version! (version 'new))
                    (list before
                          (running (vat object) (env no-roots store)
                            (with-vat vat ($ object)))))))
    (test-equal "objects of the new definition are known to the environment"
                'new
                (let ((store (make-memory-store))
                      (version (lambda (name)
                                 `(define-actor (^known bcom)
                                    (lambda () ',name)))))
                  (define-version! (version 'old))
                  (let ((env (make-persistence-env
                              `((known ,(module-ref (current-module)
                                                    '^known))))))
                    (define-version! (version 'new))
                    (let ((^known (module-ref (current-module) '^known)))
                      (running (vat object)
                          (env (lambda () (spawn ^known)) store)
                        (with-vat vat ($ object)))))))))
