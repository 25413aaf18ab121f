;;; test-assert-type.scm -- claims about (hob utils assert-type) and
;;; (hob utils keyed-error).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob exceptions)
             (hob utils assert-type)
             (hob utils keyed-error)
             (ice-9 exceptions)
             (testing))

(define (caught key thunk)
  (catch key
    (lambda () (thunk) 'nothing)
    list))

(define (printed key thunk)
  (catch key
    thunk
    (lambda (key . args)
      (call-with-output-string
        (lambda (port) (print-exception port #f key args))))))

(define secret "open sesame")

(test-suite "assert-type"
  (test-equal "a value of the type passes" *unspecified*
              (assert-type 5 number?))
  (test-equal "another is caught by the key type-error, with one text"
              '(type-error "wrong type for (+ 1 2), expected string?")
              (caught 'type-error (lambda () (assert-type (+ 1 2) string?))))
  (test-equal "the text has what was written and not the value"
              '(type-error "wrong type for secret, expected number?")
              (caught 'type-error (lambda () (assert-type secret number?))))
  (test-raises "it is an error of Hob" hob-error?
    (assert-type 5 string?))
  (test-raises "the message is the text, without irritants"
    (lambda (exception)
      (equal? '("no such door: 7" () opener)
              (list (exception-message exception)
                    (exception-irritants exception)
                    (exception-origin exception))))
    (raise-keyed-error 'no-such-door 'opener "no such door: ~a" 7))
  (test-equal "it prints as its text"
              "no such door: 7\n"
              (printed 'no-such-door
                       (lambda ()
                         (raise-keyed-error 'no-such-door #f
                                            "no such door: ~a" 7))))
  (test-assert "the same key thrown by others prints as before"
    (string-contains (printed 'no-such-door
                              (lambda () (throw 'no-such-door 1 2)))
                     "(1 2)")))
