;;; test-methods.scm -- claims about (hob actor-lib methods).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib methods)
             (hob exceptions)
             (ice-9 exceptions)
             (testing))

(define (text object)
  (call-with-output-string (lambda (port) (write object port))))

(define (message exception)
  (apply format #f (exception-message exception)
         (exception-irritants exception)))

;; The message of what THUNK raises.
(define (complaint thunk)
  (with-exception-handler message thunk #:unwind? #t))

(define (arity-error? exception)
  (eq? 'wrong-number-of-args (exception-kind exception)))

(define (counting-calls)
  (define calls 0)
  (define (made) (set! calls (1+ calls)) list)
  (define object (methods (called (made))))
  (object 'called 1)
  (object 'called 2)
  calls)

(define example
  (methods
   ((none) 'none)
   ((one a) (list 'one a))
   ((three a b c) (list a b c))
   ((default a #:optional (b (* 2 a))) (list a b))
   ((rest . all) all)
   ((one-and-rest a . others) (list a others))
   ((keyword #:key (size 1) colour) (list size colour))
   ((mixed a #:optional b #:key c #:rest all) (list a b c all))
   (procedure vector)
   ;; Names that the macro's own code uses too.
   ((list method) (list 'list method))
   ((otherwise arguments) (list 'otherwise arguments))))

(test-suite "methods"
  (test-group "arguments"
    (test-equal "none" 'none (example 'none))
    (test-equal "one" '(one 1) (example 'one 1))
    (test-equal "three" '(1 2 3) (example 'three 1 2 3))
    (test-equal "optional, given and not" '((1 5) (1 2))
                (list (example 'default 1 5) (example 'default 1)))
    (test-equal "rest, of any length" '(() (1) (1 2 3 4 5))
                (list (example 'rest)
                      (example 'rest 1)
                      (example 'rest 1 2 3 4 5)))
    (test-equal "one and rest" '((1 ()) (1 (2 3)))
                (list (example 'one-and-rest 1)
                      (example 'one-and-rest 1 2 3)))
    (test-equal "keywords, in any order" '((1 #f) (2 red))
                (list (example 'keyword)
                      (example 'keyword #:colour 'red #:size 2)))
    (test-equal "all together" '((1 #f #f ()) (1 2 3 (#:c 3)))
                (list (example 'mixed 1)
                      (example 'mixed 1 2 #:c 3)))
    (test-equal "a procedure as the method" '(#() #(1) #(1 2 3 4))
                (list (example 'procedure)
                      (example 'procedure 1)
                      (example 'procedure 1 2 3 4)))
    (test-equal "a method's name is not bound in its body"
                '((list 1) (otherwise 2))
                (list (example 'list 1) (example 'otherwise 2)))
    (test-equal "a procedure expression is evaluated once" 1
                (counting-calls))
    (test-equal "a body may begin with definitions" 3
                ((methods ((sum a) (define b 2) (+ a b))) 'sum 1)))

  (test-group "mistakes"
    (test-equal "an unknown method is named, and so are the known ones"
                "No such method: c; the methods are (a b)"
                (complaint (lambda () ((methods ((a) 1) ((b) 2)) 'c))))
    (test-equal "an unknown method's error can be asked" '(c (a b))
                (with-exception-handler
                    (lambda (exception)
                      (list (no-such-method-method exception)
                            (no-such-method-known exception)))
                  (lambda () ((methods ((a) 1) ((b) 2)) 'c 1 2))
                  #:unwind? #t))
    (test-raises "what is no symbol is no method" no-such-method?
      (example "one" 1))
    (test-equal "without a method the methods are listed"
                (string-append "A method's name is needed as the first"
                               " argument; one of (a b)")
                (complaint (lambda () ((methods ((a) 1) ((b) 2))))))
    (test-equal "a wrong number of arguments is told with the right ones"
                "Method a takes the arguments (x #:optional y) and was given 0"
                (complaint (lambda ()
                             ((methods ((a x #:optional y) x)) 'a))))
    (test-raises "too many arguments are refused" arity-error?
      (example 'none 1))
    (test-raises "too few arguments before a rest are refused" arity-error?
      (example 'one-and-rest))
    (test-raises "two methods of one name do not compile" syntax-error?
      (eval '(methods ((a) 1) ((a b) 2)) (current-module)))
    (test-raises "a clause without a body does not compile" syntax-error?
      (eval '(methods (a)) (current-module))))

  (test-group "extend-methods"
    (let* ((parent (methods ((a . any) 'parent-a)
                            ((b x) (list 'parent-b x))))
           (child (extend-methods parent ((a) 'child-a) ((c) 'child-c))))
      (test-equal "own methods come first, the parent has the others"
                  '(child-a (parent-b 1) child-c)
                  (list (child 'a) (child 'b 1) (child 'c)))
      (test-raises "an own method's mistake is not the parent's"
        arity-error?
        (child 'a 1))
      (test-equal "what neither has is the parent's to refuse"
                  "No such method: d; the methods are (a b)"
                  (complaint (lambda () (child 'd))))
      (test-raises "a call without a method does not reach the parent"
        arity-error?
        ((extend-methods list ((a) 1)))))
    (test-equal "without a parent it is like methods"
                "No such method: b; the methods are (a)"
                (complaint (lambda () ((extend-methods #f ((a) 1)) 'b))))
    (test-equal "a body sees its own variable named parent" 5
                (let ((parent 5))
                  ((extend-methods #f ((get) parent)) 'get)))
    (test-raises "another thing as the parent is refused at once"
      assertion-failure?
      (extend-methods 'parent ((a) 1)))))
