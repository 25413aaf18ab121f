;;; test-simple-sealers.scm -- claims about (hob utils simple-sealers).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob exceptions)
             (hob utils simple-sealers)
             (ice-9 exceptions)
             (testing))

(define (text object)
  (call-with-output-string (lambda (port) (write object port))))

(define-values (seal unseal sealed?) (make-sealer-triplet 'ours))
(define-values (their-seal their-unseal theirs?) (make-sealer-triplet))

(define (seal-error-saying message)
  (lambda (exception)
    (and (seal-error? exception)
         (equal? message (exception-message exception)))))

(test-suite "simple-sealers"
  (test-equal "what was sealed can be unsealed" '(secret #f)
              (list (unseal (seal 'secret)) (unseal (seal #f))))
  (test-equal "sealed? knows its own boxes" '(#t #f #f)
              (map sealed? (list (seal 1) (their-seal 1) 1)))
  (test-raises "another triplet's box does not open"
    (seal-error-saying "Wrong unsealer for object: ~S")
    (unseal (their-seal 1)))
  (test-raises "what is no box does not open"
    (seal-error-saying "Not a sealed object: ~S")
    (unseal 'secret))
  (test-equal "a box can be sealed in a box" 1
              (unseal (their-unseal (their-seal (seal 1)))))
  (test-equal "a box prints with its name and nothing else"
              "#<sealed ours>" (text (seal 'secret)))
  (test-equal "a box without a name prints nothing"
              "#<sealed>" (text (their-seal 'secret)))
  (test-assert "equal? does not tell what is in a box"
    (not (equal? (seal 'secret) (seal 'secret))))
  (test-equal "the error's irritants show only the box" "(#<sealed>)"
              (with-exception-handler
                  (lambda (exception)
                    (text (exception-irritants exception)))
                (lambda () (unseal (their-seal 'secret)))
                #:unwind? #t)))
