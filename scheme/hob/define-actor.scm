;;; (hob define-actor) -- actors that portray and restore themselves.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;;   (define-actor (^cell bcom #:optional value)
;;;     (case-lambda
;;;       (() value)
;;;       ((new) (bcom (^cell bcom new)))))
;;;
;;; The arguments of the constructor are the object's state: together they are
;;; its portrait, and the constructor called with them restores it.  So they are
;;; constant: `set!' on one would be neither undone when the turn fails nor
;;; saved, and is refused.
;;;
;;; Options stand before the docstring and the body:
;;;
;;;   #:version DATA     of the portraits, 0 when there is none
;;;   #:portrait THUNK   gives the portrait instead
;;;   #:upgrade PROC     (PROC version data ...) gives a new version, and data
;;;   #:restore PROC     (PROC version data ...) gives the restored reference
;;;   #:self ID          is bound to the object's own reference
;;;   #:frozen           the constructor is a plain procedure
;;;
;;; Evaluated again at top level, a definition replaces the code of objects that
;;; are there: each changes when it next becomes.
;;;
;;; Code:

(define-module (hob define-actor)
  #:use-module (hob environment)
  #:use-module (hob exceptions)
  #:use-module (hob objects)
  #:use-module (srfi srfi-11)
  #:export (define-actor))

;;; Portraits.

(define (with-version version data)
  (cond
   ((not (versioned? data)) (versioned version data))
   ((equal? (versioned-version data) version) data)
   (else
    (raise-persistence-error 'define-actor #f #f #f
                             "#:version and #:portrait version conflict: ~s \
and ~s" version (versioned-version data)))))

;; The body is a thunk, because the compiler of Guile 3.0.8 fails ("$rec
;; continuation", "not found") on an argument that has a recursive procedure in
;; one branch.
(define (add-portrait constructor body portrait)
  (let ((made (body)))
    (if (procedure? made)
        (portraitize-for constructor made portrait)
        made)))

;;; Restoring.

(define (upgraded version upgrade data continue)
  (call-with-values (lambda () (apply upgrade version data))
    (lambda (new-version new-data)
      (let ((restored (continue new-version new-data)))
        (if (or (versioned? restored) (equal? version new-version))
            restored
            (versioned new-version restored))))))

(define (make-rehydrator spawn-again restore upgrade)
  (define (continue version data)
    (if restore
        (apply restore version data)
        (spawn-again data)))
  (lambda (version . data)
    (if upgrade
        (upgraded version upgrade data continue)
        (continue version data))))

;;; Syntax.

(eval-when (expand load eval)
  (define (option-keyword? form)
    (memq (syntax->datum form)
          '(#:version #:portrait #:upgrade #:restore #:self #:frozen)))

  (define (formals whole formals)
    ;; Required, optional, keyword and rest arguments, as identifiers.
    (let loop ((rest formals) (mode 'required)
               (required '()) (optional '()) (keys '()) (tail #f))
      (syntax-case rest ()
        (() (list (reverse required) (reverse optional) (reverse keys) tail))
        ((head . more)
         (let ((name (syntax-case #'head ()
                       ((id . _) #'id)
                       (id #'id))))
           (case (syntax->datum #'head)
             ((#:optional)
              (loop #'more 'optional required optional keys tail))
             ((#:key) (loop #'more 'key required optional keys tail))
             ((#:allow-other-keys)
              (loop #'more mode required optional keys tail))
             ((#:rest)
              (syntax-case #'more ()
                ((id . more)
                 (loop #'more mode required optional keys #'id))
                (_ (syntax-violation 'define-actor
                                     "#:rest wants an identifier" whole))))
             (else
              (case mode
                ((required)
                 (loop #'more mode (cons name required) optional keys tail))
                ((optional)
                 (loop #'more mode required (cons name optional) keys tail))
                (else
                 (loop #'more mode required optional (cons name keys)
                       tail)))))))
        (_ (syntax-violation 'define-actor
                             "a dotted argument list: use #:rest" whole)))))

  ;; The arguments with which the constructor would be called again.  With a
  ;; rest argument that has the keywords too.
  (define (portrait-of required optional keys tail)
    (with-syntax (((positional ...) (append required optional)))
      (if tail
          #`(cons* positional ... #,tail)
          (with-syntax (((key ...)
                         (apply append
                                (map (lambda (id)
                                       (list (datum->syntax
                                              id (symbol->keyword
                                                  (syntax->datum id)))
                                             id))
                                     keys))))
            #'(list positional ... key ...)))))

  (define (parse-options whole forms)
    (let loop ((forms forms) (options '()))
      (syntax-case forms ()
        ((head . rest)
         (keyword? (syntax->datum #'head))
         (cond
          ((not (option-keyword? #'head))
           (syntax-violation 'define-actor "invalid keyword" whole #'head))
          ((assq (syntax->datum #'head) options)
           (syntax-violation 'define-actor "an option given twice" whole
                             #'head))
          ((eq? (syntax->datum #'head) '#:frozen)
           (loop #'rest (acons '#:frozen #'#t options)))
          (else
           (syntax-case #'rest ()
             ((value . rest)
              (loop #'rest
                    (acons (syntax->datum #'head) #'value options)))
             (_ (syntax-violation 'define-actor "an option without a value"
                                  whole #'head))))))
        (_ (values options forms)))))

  ;; A docstring or a vector of properties, and the body.
  (define (split-body whole forms)
    (syntax-case forms ()
      ((head second . rest)
       (let ((datum (syntax->datum #'head)))
         (or (string? datum)
             (and (vector? datum)
                  (and-map pair? (vector->list datum)))))
       (values (list #'head) #'(second . rest)))
      ((_ . _) (values '() forms))
      (_ (syntax-violation 'define-actor "no body" whole)))))

;; In BODY the identifiers are constants.
(define-syntax with-constants
  (lambda (x)
    (syntax-case x ()
      ((_ (id ...) body ...)
       (with-syntax (((value ...) (generate-temporaries #'(id ...))))
         #'(let ((value id) ...)
             (let-syntax
                 ((id (make-variable-transformer
                       (lambda (use)
                         (syntax-case use (set!)
                           ((set! _ . _)
                            (syntax-violation
                             'define-actor
                             "set! on an argument of an actor would be neither \
undone nor saved: use bcom, or a cell" use))
                           ((_ . args) #'(value . args))
                           (_ #'value)))))
                  ...)
               body ...)))))))

(define-syntax define-actor
  (lambda (x)
    (syntax-case x ()
      ((_ (name bcom . arguments) form ...)
       (let-values (((options forms) (parse-options x #'(form ...))))
         (let-values (((doc body) (split-body x forms)))
           (define (option keyword)
             (and=> (assq keyword options) cdr))
           (when (and (option '#:frozen) (option '#:restore))
             (syntax-violation 'define-actor
                               "Can't combine #:frozen and #:restore" x))
           (when (and (option '#:frozen) (option '#:upgrade))
             (syntax-violation 'define-actor
                               "Can't combine #:frozen and #:upgrade: a frozen \
constructor has no place for it" x))
           (let* ((parts (formals x #'arguments))
                  (ids (append (list-ref parts 0) (list-ref parts 1)
                               (list-ref parts 2)
                               (if (list-ref parts 3)
                                   (list (list-ref parts 3))
                                   '())))
                  (data (if (option '#:portrait)
                            #`(#,(option '#:portrait))
                            (apply portrait-of parts))))
             (with-syntax (((id ...) ids)
                           ((doc ...) doc)
                           ((body ...) body)
                           (self (or (option '#:self)
                                     (car (generate-temporaries '(self)))))
                           (portrait (if (option '#:version)
                                         #`(with-version #,(option '#:version)
                                                         #,data)
                                         data))
                           (restore (or (option '#:restore) #'#f))
                           (upgrade (or (option '#:upgrade) #'#f)))
               (with-syntax ((constructor
                              #`(lambda* (bcom . arguments)
                                  doc ...
                                  (with-constants (id ...)
                                    #,(if (option '#:self)
                                          #'(let ((self (self-of bcom)))
                                              (add-portrait
                                               name (lambda () body ...)
                                               (lambda () portrait)))
                                          #'(add-portrait
                                             name (lambda () body ...)
                                             (lambda () portrait)))))))
                 (if (option '#:frozen)
                     #'(define name constructor)
                     #'(begin
                         (define name
                           (make-redefinable
                            'name constructor
                            (make-rehydrator
                             (lambda (data)
                               (apply spawn-named 'name name data))
                             restore upgrade)))
                         (register-redefinable! (current-module)
                                                'name name))))))))))))
