;;; (hob exceptions) -- what Hob raises when something cannot be done.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Every error that a program may want to tell apart has a type:
;;;
;;;     &error
;;;       &hob-error
;;;         &turn-error                     stack
;;;         &not-callable                   target-description
;;;         &no-such-method                 method, known
;;;         &no-turn
;;;         &cycle-in-promise-resolution
;;;         &seal-error
;;;         &vat-error                      vat-name
;;;           &vat-halted
;;;         &persistence-error              object-name, kind, path
;;;           &kinds-missing                missing
;;;         &storage-error                  code, offset
;;;
;;; Each is raised by a procedure of its own, which takes where it happened
;;; (the origin, a symbol or #f), the fields, and a message with irritants as
;;; 'format' takes them.  The message is for the person at the terminal: what
;;; was tried, on which object, what was wrong, what to do about it.  A field
;;; that is not known is #f.
;;;
;;; What is raised carries &message, &irritants and &origin, and also a key,
;;; the name of the type without its "&": so 'catch' finds it by that key, and
;;; Guile prints it as the sentence it is rather than as a list of fields.
;;;
;;; Rule 6: irritants and fields are shown to whoever reads the error.  Put in
;;; descriptions, never a resolver or an unsealer.
;;;
;;; Code:

(define-module (hob exceptions)
  #:use-module (ice-9 exceptions)
  #:export (&hob-error
            hob-error?
            raise-hob-error

            &turn-error
            turn-error?
            turn-error-stack
            raise-turn-error

            &not-callable
            not-callable?
            not-callable-target-description
            raise-not-callable

            &no-such-method
            no-such-method?
            no-such-method-method
            no-such-method-known
            raise-no-such-method

            &no-turn
            no-turn?
            raise-no-turn

            &cycle-in-promise-resolution
            cycle-in-promise-resolution?
            raise-cycle-in-promise-resolution

            &seal-error
            seal-error?
            raise-seal-error

            &vat-error
            vat-error?
            vat-error-vat-name
            raise-vat-error

            &vat-halted
            vat-halted?
            raise-vat-halted

            &persistence-error
            persistence-error?
            persistence-error-object-name
            persistence-error-kind
            persistence-error-path
            raise-persistence-error

            &kinds-missing
            kinds-missing?
            kinds-missing-missing
            raise-kinds-missing

            exception-object?
            interrupt?

            &storage-error
            storage-error?
            storage-error-code
            storage-error-offset
            raise-storage-error))

;;; Printing.  Guile hands a printer the key and (ORIGIN MESSAGE IRRITANTS
;;; FIELDS), with FIELDS an alist from names to values.

(define (print-hob-error port key args default-printer)
  (define (print origin message irritants fields)
    (when origin
      (format port "In procedure ~a: " origin))
    (apply format port message irritants)
    (for-each (lambda (field)
                ;; What the message says need not be said again.
                (unless (member (cdr field) irritants)
                  (print-field port (car field) (cdr field))))
              fields))
  (if (= (length args) 4)
      (apply print args)
      (default-printer)))

(define (print-field port name value)
  (case name
    ;; A stack prints as an address, and the debugger shows it better.
    ((stack) #f)
    ((missing) (for-each (lambda (kind) (print-missing port kind)) value))
    (else
     (when value
       (format port "\n  ~a: ~a" name value)))))

(define (print-missing port name+version+count)
  (apply format port "\n  missing: ~a, version ~a, objects: ~a"
         name+version+count))

;;; Types.

(define (type-key type)
  (let ((name (symbol->string (record-type-name type))))
    (string->symbol (string-trim name #\&))))

(define (make-error-type name parent fields)
  (let ((type (make-exception-type name parent fields)))
    (set-exception-printer! (type-key type) print-hob-error)
    type))

(define-syntax-rule (define-error-type type parent predicate
                      (field accessor) ...)
  (begin
    (define type (make-error-type 'type parent '(field ...)))
    (define predicate (exception-predicate type))
    (define accessor
      (exception-accessor type (record-accessor type 'field)))
    ...))

(define make-exception-with-key
  (record-constructor &exception-with-kind-and-args))

;; FIELDS are the values of all of TYPE's fields, the parent's first.
(define (signal type fields origin message irritants)
  (raise-exception
   (make-exception
    (apply (record-constructor type) fields)
    (make-exception-with-origin origin)
    (make-exception-with-message message)
    (make-exception-with-irritants irritants)
    (make-exception-with-key
     (type-key type)
     (list origin message irritants
           (map cons (record-type-fields type) fields))))))

(define-error-type &hob-error &error
  hob-error?)

(define (raise-hob-error origin message . irritants)
  "Raise an error of Hob that no other type here describes."
  (signal &hob-error '() origin message irritants))

(define-error-type &turn-error &hob-error
  turn-error?
  (stack turn-error-stack))

(define (raise-turn-error origin stack message . irritants)
  "Raise the error of a turn that failed and was undone.  @var{stack} is the
Scheme stack at the failure, or @code{#f}."
  (signal &turn-error (list stack) origin message irritants))

(define-error-type &not-callable &hob-error
  not-callable?
  (target-description not-callable-target-description))

(define (raise-not-callable origin target-description message . irritants)
  "Raise the error of a call to what cannot be called in this way.
@var{target-description} is text about the target, not the target."
  (signal &not-callable (list target-description)
          origin message irritants))

(define-error-type &no-such-method &hob-error
  no-such-method?
  (method no-such-method-method)
  (known no-such-method-known))

(define (raise-no-such-method origin method known message . irritants)
  "Raise the error of a call to @var{method}, which is none of the methods in
the list @var{known}."
  (signal &no-such-method (list method known) origin message irritants))

(define-error-type &no-turn &hob-error
  no-turn?)

(define (raise-no-turn origin message . irritants)
  "Raise the error of doing outside of a turn what only a turn may do."
  (signal &no-turn '() origin message irritants))

(define-error-type &cycle-in-promise-resolution &hob-error
  cycle-in-promise-resolution?)

(define (raise-cycle-in-promise-resolution origin message . irritants)
  "Raise the error of fulfilling a promise with itself, directly or through
other promises."
  (signal &cycle-in-promise-resolution '() origin message irritants))

(define-error-type &seal-error &hob-error
  seal-error?)

(define (raise-seal-error origin message . irritants)
  "Raise the error of opening what is no box of this unsealer."
  (signal &seal-error '() origin message irritants))

(define-error-type &vat-error &hob-error
  vat-error?
  (vat-name vat-error-vat-name))

(define (raise-vat-error origin vat-name message . irritants)
  "Raise the error of something that the vat @var{vat-name} cannot do."
  (signal &vat-error (list vat-name) origin message irritants))

(define-error-type &vat-halted &vat-error
  vat-halted?)

(define (raise-vat-halted origin vat-name message . irritants)
  "Raise the error of asking something of the vat @var{vat-name} after it was
halted."
  (signal &vat-halted (list vat-name) origin message irritants))

(define-error-type &persistence-error &hob-error
  persistence-error?
  (object-name persistence-error-object-name)
  (kind persistence-error-kind)
  (path persistence-error-path))

(define (raise-persistence-error origin object-name kind path
                                 message . irritants)
  "Raise the error of an object that cannot be saved or restored.  @var{path}
says where in the object's portrait the value at fault is."
  (signal &persistence-error (list object-name kind path)
          origin message irritants))

(define-error-type &kinds-missing &persistence-error
  kinds-missing?
  (missing kinds-missing-missing))

(define (raise-kinds-missing origin missing message . irritants)
  "Raise the error of a store with objects of kinds that the environment does
not have.  @var{missing} is a list of @code{(name version count)}, one for each
such kind."
  (signal &kinds-missing (list #f #f #f missing) origin message irritants))

(define-error-type &storage-error &hob-error
  storage-error?
  (code storage-error-code)
  (offset storage-error-offset))

(define (raise-storage-error origin code offset message . irritants)
  "Raise the error of a store that cannot be read or written.  @var{code} is
the error's name or number, @var{offset} the place in the file."
  (signal &storage-error (list code offset) origin message irritants))

;;; What is no error of Hob, nor of a turn.

;; Guile's own `exception?' fails on an instance of a class, which may be raised
;; too.
(define (exception-object? object)
  "Return @code{#t} if @var{object} is an exception; total."
  (and (record? object) (exception? object)))

(define (interrupt? object)
  "Return @code{#t} if @var{object} was raised by Ctrl-C or by @code{exit}."
  (and (exception-object? object)
       (memq (exception-kind object) '(signal quit))
       #t))
