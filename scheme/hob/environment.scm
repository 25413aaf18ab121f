;;; (hob environment) -- which constructor a name in a store means.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Code is not stored.  A record in a store names its kind, and an environment
;;; says what the name means in this program, and the other way round.  A name
;;; that would mean two things is refused (W34).
;;;
;;; Code:

(define-module (hob environment)
  #:use-module (hob exceptions)
  #:use-module (hob objects)
  #:use-module (hob primitives)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-persistence-env
            persistence-env-compose
            persistence-env?
            namespace-env
            environment-handle
            environment-spec
            object-spec-name
            object-spec-constructor
            object-spec-rehydrator
            versioned
            versioned?
            versioned-version
            versioned-data))

;;; Versions.

(define-record-type <versioned>
  (versioned version data)
  versioned?
  (version versioned-version)
  (data versioned-data))

(set-procedure-property!
 versioned 'documentation
 "Return @var{data}, a portrait or a restored reference, tagged with its
@var{version}.")

;;; Environments.

(define-record-type <object-spec>
  (make-object-spec name constructor own-rehydrator)
  object-spec?
  (name object-spec-name)
  (constructor object-spec-constructor)
  (own-rehydrator object-spec-own-rehydrator))

(define-record-type <persistence-env>
  (make-env by-name by-constructor)
  persistence-env?
  (by-name env-by-name)
  (by-constructor env-by-constructor))

(set-record-type-printer!
 <persistence-env>
 (lambda (env port)
   (format port "#<persistence-env of ~a kinds>"
           (hash-count (const #t) (env-by-name env)))))

;; A constructor's own rehydrator comes first: it is redefined with it.
(define (object-spec-rehydrator spec)
  "The procedure that restores an object of @var{spec} from a version and
data, or @code{#f}: the constructor is called with the data."
  (let ((constructor (object-spec-constructor spec)))
    (or (and (redefinable? constructor)
             (redefinable-rehydrator constructor))
        (object-spec-own-rehydrator spec))))

(define (same-spec? a b)
  (and (eq? (constructor-identity (object-spec-constructor a))
            (constructor-identity (object-spec-constructor b)))
       (eq? (object-spec-own-rehydrator a) (object-spec-own-rehydrator b))))

(define (add-spec! env spec)
  (let* ((name (object-spec-name spec))
         (older (hash-ref (env-by-name env) name)))
    (cond
     ((not older)
      (hash-set! (env-by-name env) name spec)
      (hashq-set! (env-by-constructor env)
                  (constructor-identity (object-spec-constructor spec))
                  spec))
     ((not (same-spec? older spec))
      (raise-persistence-error 'make-persistence-env #f name #f
                               "the environment has another kind under the \
name ~s: give one of them another name, or a namespace" name)))))

(define (bad-spec spec)
  (raise-persistence-error 'make-persistence-env #f #f #f
                           "~s is no specification of a kind: it is a list \
(NAME CONSTRUCTOR), or (NAME CONSTRUCTOR REHYDRATOR)" spec))

(define (list->spec spec)
  (match spec
    ((name (? procedure? constructor))
     (make-object-spec name constructor #f))
    ((name (? procedure? constructor) (? procedure? rehydrator))
     (make-object-spec name constructor rehydrator))
    (_ (bad-spec spec))))

(define (add-env! env other)
  (unless (persistence-env? other)
    (raise-persistence-error 'make-persistence-env #f #f #f
                             "~s is not a persistence environment" other))
  (hash-for-each (lambda (_ spec) (add-spec! env spec))
                 (env-by-name other)))

(define* (make-persistence-env #:optional (specs '()) #:key (extends '()))
  "Return an environment of the kinds in @var{specs}, each a list of a name
(any data), a constructor and perhaps a rehydrator, and of all kinds of the
environments @var{extends} (one, or a list)."
  (let ((env (make-env (make-hash-table) (make-hash-table))))
    (for-each (lambda (other) (add-env! env other))
              (if (list? extends) extends (list extends)))
    (for-each (lambda (spec) (add-spec! env (list->spec spec)))
              specs)
    env))

(define (persistence-env-compose . envs)
  "Return an environment of all kinds of @var{envs}."
  (make-persistence-env '() #:extends envs))

(define-syntax-rule (namespace-env namespace constructor ...)
  "An environment of @var{constructor}s, identifiers; each is named by the list
of @var{namespace}, which is not evaluated, and its identifier."
  (make-persistence-env
   (list (list '(namespace constructor) constructor) ...)))

(define (environment-spec env constructor)
  "The specification that @var{env} has for @var{constructor}, or @code{#f}."
  (hashq-ref (env-by-constructor env) (constructor-identity constructor)))

(define (environment-handle env)
  "The environment as C knows it."
  (let ((handle (%make-environment)))
    (hash-for-each (lambda (name spec)
                     (%environment-add! handle name spec))
                   (env-by-name env))
    handle))
