;;; (hob actor-lib methods) -- behaviours that dispatch on a method's name.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;;     (methods
;;;      ((balance) amount)
;;;      ((deposit n #:optional note) (bcom (^purse bcom (+ amount n))))
;;;      (withdraw withdraw-procedure))
;;;
;;; is a procedure whose first argument names the method and which passes the
;;; other arguments on.  'extend-methods' adds methods to those of another
;;; procedure or object.
;;;
;;; A behaviour is made anew at each become and called at each message, so
;;; both must be cheap.  The procedure therefore has one clause for each
;;; number of arguments that some method takes; a call in that number makes no
;;; list, and a method with fixed arguments is compiled into the clause and
;;; needs no closure of its own.  All other calls go through 'otherwise', which
;;; has the arguments in a list:
;;;
;;;     (case-lambda
;;;       ((method) (case method ((balance) ...) (else (otherwise ...))))
;;;       ((method a) (case method ((deposit) ...) ...))
;;;       ((method a b) ...)
;;;       ((method . arguments) (otherwise method arguments)))
;;;
;;; Code:

(define-module (hob actor-lib methods)
  #:use-module (hob core)
  #:use-module (hob exceptions)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (methods
            extend-methods))

;;; What happens when no clause fits.

(define (no-method-given signatures)
  (scm-error 'wrong-number-of-args #f
             "A method's name is needed as the first argument; one of ~A"
             (list (map car signatures)) #f))

(define (wrong-arguments signature arguments)
  (scm-error 'wrong-number-of-args #f
             "Method ~A takes the arguments ~S and was given ~A"
             (list (car signature) (cdr signature) (length arguments)) #f))

;; SIGNATURES is an alist from the names of the methods to their formals.
(define (not-handled method arguments signatures)
  (let ((signature (assq method signatures)))
    (if signature
        (wrong-arguments signature arguments)
        (let ((known (map car signatures)))
          (raise-no-such-method #f method known
                                "No such method: ~S; the methods are ~A"
                                method known)))))

(define (pass-on parent method arguments signatures)
  (cond
   ((or (not parent) (assq method signatures))
    (not-handled method arguments signatures))
   ((procedure? parent) (apply parent method arguments))
   ((near-refr? parent) (apply $ parent method arguments))
   (else (apply <- parent method arguments))))

(define (check-parent parent)
  (unless (or (not parent) (procedure? parent) (live-refr? parent))
    (scm-error 'wrong-type-arg 'extend-methods
               "Neither a procedure nor a reference nor #f: ~S"
               (list parent) (list parent))))

;; So that the compiler does not see which procedure it is: that of Guile 3.0.8
;; fails ("not found") on a call with a wrong number of arguments, and when it
;; finds that a test in the procedure was made before the call.
(define (hidden procedure) procedure)

;;; The clauses, at expansion.
;;;
;;; A method takes LEAST arguments or more.  Its SHAPE is 'fixed if it takes
;;; MOST at most, 'keys if it takes keywords, and 'any otherwise; then MOST
;;; only says up to which number there should be clauses for it.

(eval-when (expand load eval)
  (define-record-type <method>
    (make-method name formals procedure temporary least most shape)
    method?
    (name method-name)
    (formals method-formals)
    (procedure method-procedure)
    (temporary method-temporary)
    (least method-least)
    (most method-most)
    (shape method-shape))

  ;; Gives LEAST, MOST and SHAPE of lambda* formals.
  (define (formals-arity formals)
    (let loop ((formals formals) (least 0) (most 0) (optional? #f))
      (syntax-case formals ()
        (() (list least most 'fixed))
        ((next . rest)
         (case (syntax->datum #'next)
           ((#:optional) (loop #'rest least most #t))
           ((#:rest) (list least most 'any))
           ((#:key #:allow-other-keys) (list least most 'keys))
           (else
            (loop #'rest
                  (if optional? least (1+ least))
                  (1+ most)
                  optional?))))
        (_ (list least most 'any)))))

  (define (parse-clause clause)
    (define temporary (car (generate-temporaries '(method))))
    (syntax-case clause ()
      (((name . formals) body0 body ...)
       (identifier? #'name)
       (apply make-method
              #'name #'formals
              #'(let ((name (lambda* formals body0 body ...))) name)
              temporary
              (formals-arity #'formals)))
      ((name procedure)
       (identifier? #'name)
       (make-method #'name #'arguments #'(hidden procedure)
                    temporary 0 2 'any))
      (_
       (syntax-violation
        'methods "expected (name procedure) or ((name . formals) body ...)"
        clause))))

  (define (check-names methods)
    (let loop ((names (map method-name methods)) (seen '()))
      (unless (null? names)
        (let ((name (syntax->datum (car names))))
          (when (memq name seen)
            (syntax-violation 'methods "two methods of one name" (car names)))
          (loop (cdr names) (cons name seen))))))

  ;; The numbers of arguments that get a clause of their own.
  (define (clause-counts methods)
    (define (counts method)
      (if (eq? 'keys (method-shape method))
          '()
          (iota (1+ (- (method-most method) (method-least method)))
                (method-least method))))
    (sort (delete-duplicates (append-map counts methods)) <))

  (define (takes? method count)
    (case (method-shape method)
      ((fixed) (<= (method-least method) count (method-most method)))
      ((any) (<= (method-least method) count))
      (else #f)))

  ;; Names that look well when the procedure is printed.
  (define (argument-names count)
    (map (lambda (i)
           (datum->syntax #'method (symbol-append 'argument
                                                  (number->symbol i))))
         (iota count 1)))

  (define (number->symbol n)
    (string->symbol (number->string n)))

  (define (counted-clause methods count)
    (define able
      (filter (lambda (method) (takes? method count)) methods))
    (with-syntax (((argument ...) (argument-names count))
                  ((name ...) (map method-name able))
                  ((temporary ...) (map method-temporary able)))
      #'((method argument ...)
         (case method
           ((name) (temporary argument ...)) ...
           (else (otherwise method (list argument ...)))))))

  ;; The body of 'otherwise': methods without fixed arguments are called, the
  ;; rest is NOT-OURS.
  (define (otherwise-body methods not-ours)
    (define open
      (remove (lambda (method) (eq? 'fixed (method-shape method))) methods))
    (with-syntax (((name ...) (map method-name open))
                  ((temporary ...) (map method-temporary open)))
      (if (null? open)
          not-ours
          #`(case method
              ((name) (apply temporary arguments)) ...
              (else #,not-ours)))))

  ;; HANDLER is a procedure to call with method, arguments and signatures if
  ;; no method fits.
  (define (dispatcher clauses handler)
    (define methods (map parse-clause clauses))
    (check-names methods)
    (with-syntax ((((name . formals) ...)
                   (map (lambda (method)
                          (cons (method-name method)
                                (method-formals method)))
                        methods)))
      (with-syntax (((temporary ...) (map method-temporary methods))
                    ((procedure ...) (map method-procedure methods))
                    ((clause ...)
                     (map (lambda (count) (counted-clause methods count))
                          (clause-counts methods)))
                    (body
                     (otherwise-body
                      methods
                      #`(#,handler method arguments
                                   '((name . formals) ...)))))
        #'(let ((temporary procedure) ...)
            (define (otherwise method arguments)
              body)
            (define methods
              (case-lambda
                (() (no-method-given '((name . formals) ...)))
                clause ...
                ((method . arguments) (otherwise method arguments))))
            (hidden methods))))))

(define-syntax methods
  (lambda (form)
    "Return a procedure that calls the method its first argument names with
the other arguments.  A clause is @code{((name . formals) body ...)}, with
formals as of @code{lambda*}, or @code{(name procedure)}."
    (syntax-case form ()
      ((_ clause ...)
       (dispatcher #'(clause ...) #'not-handled)))))

(define-syntax extend-methods
  (lambda (form)
    "Return a procedure like that of @code{methods} which passes on calls of
other methods to @var{parent}.  That may be a procedure; or a reference, which
is called with @code{$} if it is near and sent to with @code{<-} otherwise; or
@code{#f} for no parent."
    (syntax-case form ()
      ((_ parent-expression clause ...)
       (with-syntax ((body
                      (dispatcher
                       #'(clause ...)
                       #'(lambda (method arguments signatures)
                           (pass-on parent method arguments signatures)))))
         #'(let ((parent parent-expression))
             (check-parent parent)
             body))))))
