;;; test-graphviz.scm -- claims about (hob utils graphviz).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob exceptions)
             (hob utils graphviz)
             (ice-9 exceptions)
             (testing))

(define (dot sexp . depth)
  (call-with-output-string
    (lambda (port) (apply sdot->dot sexp port depth))))

;; A folder with nothing in it but a program dot that runs SCRIPT.
(define (call-with-dot script thunk)
  (let* ((folder (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp")
                                         "/hob-dot-XXXXXX")))
         (program (string-append folder "/dot"))
         (path (getenv "PATH")))
    (call-with-output-file program
      (lambda (port) (display script port)))
    (chmod program #o755)
    (dynamic-wind
      (lambda () (setenv "PATH" folder))
      thunk
      (lambda ()
        (setenv "PATH" path)
        (delete-file program)
        (rmdir folder)))))

(define (call-without-dot thunk)
  (let ((path (getenv "PATH")))
    (dynamic-wind
      (lambda () (setenv "PATH" "/nonexistent"))
      thunk
      (lambda () (setenv "PATH" path)))))

(test-suite "graphviz"
  (test-group "writing"
    (test-equal "a graph has its statements, indented" "\
digraph g {
  graph [rankdir=LR];
  a;
  b [label=\"x y\", shape=box];
  subgraph c {
    a -> b [weight=2];
  }
  b -> a;
}
"
                (dot '(digraph g
                               (attr graph (@ (rankdir "LR")))
                               (node a)
                               (node b (@ (label "x y") (shape box)))
                               (subgraph c
                                         (edge a b (@ (weight 2))))
                               (edge b a))))
    (test-equal "it may begin deeper" "    a;\n" (dot '(node a) 2))
    (test-equal "what is no word of DOT is quoted"
                "\"a b\" -> \"node\";\n" (dot '(edge "a b" "node")))
    (test-equal "quotes and newlines in a string end nothing"
                "a [label=\"say \\\"hi\\\"\\nand go\"];\n"
                (dot '(node a (@ (label "say \"hi\"\nand go")))))
    (test-equal "no string gets out of its quotes" "\"; x -> y; \\\"\";\n"
                (dot '(node "; x -> y; \"")))
    (test-raises "what is no part of a graph is refused" hob-error?
      (dot '(digraph g (circle a))))
    (test-raises "so is an attribute without a value" hob-error?
      (dot '(node a (@ (label))))))

  (test-group "running"
    (test-equal "the exit status of dot comes back" 3
                (call-with-dot "#!/bin/sh\nexit 3\n"
                               (lambda () (run-dot "-V"))))
    (test-equal "dot gets the arguments as they are" 0
                (call-with-dot
                 "#!/bin/sh\n[ $# = 2 ] && [ \"$2\" = 'a b' ]\n"
                 (lambda () (run-dot "-o" "a b"))))
    (test-raises "without dot the error says what is missing"
      (lambda (exception)
        (and (hob-error? exception)
             (string-contains (exception-message exception)
                              "not installed")))
      (call-without-dot (lambda () (run-dot "-V"))))))
