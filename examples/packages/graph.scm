;;; (packages graph) -- the graph of packages, as persistent objects.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;;     directory ──> bucket ──> package ──> packages that it needs
;;;                                 └──────> shelf ──> packages that need it
;;;
;;; There is one object for each name.  What something needs and no file
;;; describes has an object too, without a version: a placeholder, until a file
;;; that describes it is loaded.  So cycles need no care: the object is there
;;; before it is described.
;;;
;;; A changed object is written whole.  Therefore nothing that grows without end
;;; is kept in one object: the directory is many buckets, and what needs a
;;; package stands on shelves of bounded size.  Loading fifty packages writes
;;; what these fifty touch, also when there are sixty thousand.
;;;
;;; All procedures here are for use during a turn.
;;;
;;; Code:

(define-module (packages graph)
  #:use-module (hob)
  #:use-module (hob actor-lib cell)
  #:use-module (hob actor-lib methods)
  #:use-module (packages control-file)
  #:use-module (srfi srfi-1)
  #:export (graph-env
            spawn-graph
            find-package
            all-packages
            load-batch
            package-relations))

;;; Shelves: references to packages, most of them rarely touched.

(define shelf-size 64)

(define-actor (^shelf bcom #:optional (packages '()) older)
  "A set of packages.  A full shelf goes behind a new one, and is not touched
again."
  (methods
   ((add package)
    (if (< (length packages) shelf-size)
        (bcom (^shelf bcom (cons package packages) older))
        (bcom (^shelf bcom (list package) (spawn ^shelf packages older)))))
   ((remove package)
    (cond
     ((memq package packages)
      (bcom (^shelf bcom (delq package packages) older)))
     (older ($ older 'remove package))))
   ((packages)
    (if older
        (append packages ($ older 'packages))
        packages))))

;; SHELF may be #f.  Gives the shelf, whose own record alone may have changed.
(define (put-on shelf package)
  (cond
   (shelf ($ shelf 'add package) shelf)
   (else (spawn ^shelf (list package)))))

(define (on-shelf shelf)
  (if shelf ($ shelf 'packages) '()))

;;; Packages.

(define-actor (^package bcom name #:optional version (needs '()) (provides '())
                        needers providers (asked 0))
  "A package.  NEEDS is a list of lists of alternatives, PROVIDES a list; both
hold packages.  What needs it and what provides it stands on the shelves NEEDERS
and PROVIDERS."
  (methods
   ((name) name)
   ((version) version)
   ((needs) needs)
   ((provides) provides)
   ((needers) (on-shelf needers))
   ((providers) (on-shelf providers))
   ((asked) asked)
   ((ask)
    (bcom (^package bcom name version needs provides needers providers
                    (1+ asked))
          (1+ asked)))
   ((describe version needs provides)
    (bcom (^package bcom name version needs provides needers providers asked)))
   ((add-needer package)
    (let ((shelf (put-on needers package)))
      (unless (eq? shelf needers)
        (bcom (^package bcom name version needs provides shelf providers
                        asked)))))
   ((add-provider package)
    (let ((shelf (put-on providers package)))
      (unless (eq? shelf providers)
        (bcom (^package bcom name version needs provides needers shelf
                        asked)))))
   ((remove-needer package) ($ needers 'remove package))
   ((remove-provider package) ($ providers 'remove package))))

;;; The directory.

;; Of sixty thousand names some fifteen share a bucket.
(define bucket-count 4096)

;; What is stored depends on it, so it must be the same for ever; string-hash
;; promises no such thing.
(define (bucket-number name count)
  (string-fold (lambda (char sum)
                 (modulo (+ (* 31 sum) (char->integer char)) count))
               0 name))

(define-actor (^bucket bcom #:optional (entries '()))
  "Names and packages, few of them."
  (methods
   ((find name) (assoc-ref entries name))
   ((add name package) (bcom (^bucket bcom (acons name package entries))))
   ((packages) (map cdr entries))))

(define-actor (^directory bcom buckets)
  "The packages by name.  BUCKETS is a vector, which never changes."
  (define (bucket-of name)
    (vector-ref buckets (bucket-number name (vector-length buckets))))
  (methods
   ((find name) ($ (bucket-of name) 'find name))
   ((find-or-add name)
    (or ($ (bucket-of name) 'find name)
        (let ((package (spawn ^package name)))
          ($ (bucket-of name) 'add name package)
          package)))
   ((packages)
    (append-map (lambda (bucket) ($ bucket 'packages))
                (vector->list buckets)))))

(define graph-env
  (persistence-env-compose
   (namespace-env (example packages) ^shelf ^package ^bucket ^directory)
   cell-env))

(define (spawn-graph)
  "The roots of a new graph: its directory, and a cell for how many batches were
loaded."
  (values (spawn ^directory
                 (list->vector
                  (map (lambda (_) (spawn ^bucket)) (iota bucket-count))))
          (spawn ^cell 0)))

(define (find-package directory name)
  "Return the package @var{name}, or @code{#f}."
  ($ directory 'find name))

(define (all-packages directory)
  "Return a list of all packages, placeholders included."
  ($ directory 'packages))

;;; Loading.

(define (tell-difference package old new removed added)
  (for-each (lambda (other) ($ other removed package))
            (lset-difference eq? old new))
  (for-each (lambda (other) ($ other added package))
            (lset-difference eq? new old)))

(define (packages-in relations)
  (delete-duplicates (concatenate relations) eq?))

;; Gives `new', `changed' or `same'.
(define (load-package directory description)
  (define (package-named name)
    ($ directory 'find-or-add name))
  (let* ((package (package-named (description-name description)))
         (version (description-version description))
         (needs (map (lambda (names) (map package-named names))
                     (description-needs description)))
         (provides (delete-duplicates
                    (map package-named (description-provides description))
                    eq?))
         (old-version ($ package 'version))
         (old-needs ($ package 'needs))
         (old-provides ($ package 'provides)))
    (cond
     ((and (equal? version old-version)
           (equal? needs old-needs)
           (equal? provides old-provides))
      'same)
     (else
      ($ package 'describe version needs provides)
      (tell-difference package (packages-in old-needs) (packages-in needs)
                       'remove-needer 'add-needer)
      (tell-difference package old-provides provides
                       'remove-provider 'add-provider)
      (if old-version 'changed 'new)))))

(define* (load-batch directory batches descriptions
                     #:optional (after-each (const #f)))
  "Load @var{descriptions} and count the batch in the cell @var{batches}.
Return for each description @code{new}, @code{changed} or @code{same}.  Call
@var{after-each} with the number of packages loaded so far."
  ($ batches (1+ ($ batches)))
  (map-in-order (lambda (description number)
                  (let ((outcome (load-package directory description)))
                    (after-each number)
                    outcome))
                descriptions
                (iota (length descriptions) 1)))

(define (package-relations package)
  "Return where one comes to from @var{package} in one step: pairs of a package
and how, one of @code{needs}, @code{accepts} (as one of several alternatives)
and @code{provided-by}.  Only what is not there itself is got from who provides
it."
  (append
   (append-map (lambda (alternatives)
                 (let ((how (if (null? (cdr alternatives)) 'needs 'accepts)))
                   (map (lambda (other) (cons other how)) alternatives)))
               ($ package 'needs))
   (if ($ package 'version)
       '()
       (map (lambda (other) (cons other 'provided-by))
            ($ package 'providers)))))
