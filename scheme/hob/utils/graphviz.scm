;;; (hob utils graphviz) -- graphs for Graphviz.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A graph is a list:
;;;
;;;     (digraph NAME STATEMENT ...)
;;;     (subgraph NAME STATEMENT ...)
;;;     (node ID [(@ (KEY VALUE) ...)])
;;;     (edge FROM TO [(@ (KEY VALUE) ...)])
;;;     (attr TARGET (@ (KEY VALUE) ...))       TARGET: graph, node or edge
;;;
;;; Names, keys and values are symbols, strings or numbers; a string may hold
;;; anything and is quoted where the DOT language asks for it.
;;;
;;; Code:

(define-module (hob utils graphviz)
  #:use-module (hob exceptions)
  #:use-module (ice-9 match)
  #:export (sdot->dot
            run-dot))

;;; Writing.

;; What DOT reads as one word without quotes.
(define plain-word
  (make-regexp "^([A-Za-z_][A-Za-z_0-9]*|-?[0-9]+(\\.[0-9]+)?)$"))

(define keywords
  '("node" "edge" "graph" "digraph" "subgraph" "strict"))

(define (plain? text)
  (and (regexp-exec plain-word text)
       (not (member (string-downcase text) keywords))))

;; A backslash stays: DOT's own escapes, as \l, begin with one.
(define (quoted text)
  (string-append "\""
                 (string-concatenate
                  (map (match-lambda
                         (#\" "\\\"")
                         (#\newline "\\n")
                         (char (string char)))
                       (string->list text)))
                 "\""))

(define (not-sdot part)
  (raise-hob-error 'sdot->dot "~s is no part of a graph; a part is a list \
that begins with digraph, subgraph, node, edge or attr" part))

(define (word name)
  (let ((text (match name
                ((? symbol?) (symbol->string name))
                ((? number?) (number->string name))
                ((? string?) name)
                (_ (not-sdot name)))))
    (if (plain? text) text (quoted text))))

(define attribute->dot
  (match-lambda
    ((key value) (string-append (word key) "=" (word value)))
    (other (not-sdot other))))

(define (attributes->dot attributes)
  (string-append " ["
                 (string-join (map attribute->dot attributes) ", ")
                 "]"))

(define (write-block type name statements port depth)
  (put-line port depth (string-append type " " (word name) " {"))
  (for-each (lambda (statement)
              (sdot->dot statement port (1+ depth)))
            statements)
  (put-line port depth "}"))

(define (put-line port depth . texts)
  (display (make-string (* 2 depth) #\space) port)
  (for-each (lambda (text) (display text port)) texts)
  (newline port))

(define* (sdot->dot sexp port #:optional (depth 0))
  "Write the graph @var{sexp} to @var{port} in the DOT language, indented by
@var{depth} levels."
  (match sexp
    (('digraph name statement ...)
     (write-block "digraph" name statement port depth))
    (('subgraph name statement ...)
     (write-block "subgraph" name statement port depth))
    (('node id)
     (put-line port depth (word id) ";"))
    (('node id ('@ attribute ...))
     (put-line port depth (word id) (attributes->dot attribute) ";"))
    (('edge from to)
     (put-line port depth (word from) " -> " (word to) ";"))
    (('edge from to ('@ attribute ...))
     (put-line port depth (word from) " -> " (word to)
               (attributes->dot attribute) ";"))
    (('attr (and target (or 'graph 'node 'edge)) ('@ attribute ...))
     (put-line port depth target (attributes->dot attribute) ";"))
    (_ (not-sdot sexp))))

;;; Running.

(define (find-program name)
  (search-path (string-split (or (getenv "PATH") "") #\:) name))

(define (run-dot . arguments)
  "Run the program @command{dot} of Graphviz with @var{arguments} and return
its exit status."
  (unless (find-program "dot")
    (raise-hob-error 'run-dot "the program dot is not installed, or not in \
PATH; it belongs to Graphviz (https://graphviz.org)"))
  (let ((status (apply system* "dot" arguments)))
    (or (status:exit-val status)
        (raise-hob-error 'run-dot "dot was ended by signal ~a"
                         (status:term-sig status)))))
