;;; test-exceptions.scm -- claims about (hob exceptions).
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob exceptions)
             (ice-9 exceptions)
             (srfi srfi-1)
             (testing))

(define (caught thunk)
  (with-exception-handler identity thunk #:unwind? #t))

;; What Guile's REPL prints of what THUNK raises.
(define (printed thunk)
  (let ((exception (caught thunk)))
    (call-with-output-string
      (lambda (port)
        (print-exception port #f
                         (exception-kind exception)
                         (exception-args exception))))))

(define (lines . lines)
  (string-concatenate (append-map (lambda (line) (list line "\n")) lines)))

(define (raise-save-error)
  (raise-persistence-error 'save "alice" '^purse "portrait, 2nd value"
                           "Cannot save ~a: ~s is not data"
                           "alice" 'port))

(test-suite "exceptions"
  (test-equal "an error prints as a sentence, then what it left out"
              (lines "In procedure save: Cannot save alice: port is not data"
                     "  kind: ^purse"
                     "  path: portrait, 2nd value")
              (printed raise-save-error))
  (test-equal "without an origin the message begins the line"
              (lines "Nothing of 1")
              (printed (lambda () (raise-hob-error #f "Nothing of ~a" 1))))
  (test-equal "fields that are not known are not printed"
              (lines "In procedure read: Bad checksum"
                     "  offset: 4096")
              (printed (lambda ()
                         (raise-storage-error 'read #f 4096
                                              "Bad checksum"))))
  (test-equal "each missing kind has its line"
              (lines "In procedure open: Some kinds are missing"
                     "  missing: ^cell, version 0, objects: 12"
                     "  missing: ^purse, version 2, objects: 1")
              (printed (lambda ()
                         (raise-kinds-missing 'open
                                              '(("^cell" 0 12) (^purse 2 1))
                                              "Some kinds are missing"))))
  (test-equal "a stack is not printed" (lines "In procedure turn: Undone")
              (printed (lambda ()
                         (raise-turn-error 'turn (make-stack #t) "Undone"))))
  (test-equal "fields can be asked for"
              '("alice" ^purse "portrait, 2nd value")
              (let ((exception (caught raise-save-error)))
                (list (persistence-error-object-name exception)
                      (persistence-error-kind exception)
                      (persistence-error-path exception))))
  (test-equal "message, irritants and origin can be asked for"
              '("Not ~a" (near) $)
              (let ((exception
                     (caught (lambda ()
                               (raise-not-callable '$ "a far object"
                                                   "Not ~a" 'near)))))
                (list (exception-message exception)
                      (exception-irritants exception)
                      (exception-origin exception))))
  (test-equal "missing kinds are a persistence error" '(#t #t ((a 0 1)))
              (let ((exception
                     (caught (lambda ()
                               (raise-kinds-missing #f '((a 0 1)) "No")))))
                (list (persistence-error? exception)
                      (hob-error? exception)
                      (kinds-missing-missing exception))))
  (test-equal "a halted vat is a vat error" '(#t "bank")
              (let ((exception
                     (caught (lambda () (raise-vat-halted #f "bank" "No")))))
                (list (vat-error? exception)
                      (vat-error-vat-name exception))))
  (test-equal "all are errors of Hob and of Guile" '()
              (remove (lambda (thunk)
                        (let ((exception (caught thunk)))
                          (and (error? exception) (hob-error? exception))))
                      (list (lambda () (raise-no-turn #f "No"))
                            (lambda ()
                              (raise-cycle-in-promise-resolution #f "No"))
                            (lambda () (raise-seal-error #f "No"))
                            (lambda () (raise-vat-error #f "bank" "No"))
                            (lambda () (raise-no-such-method #f 'a '() "No"))
                            raise-save-error)))
  (test-equal "catch finds an error by the name of its type" 'save
              (catch 'persistence-error raise-save-error
                (lambda (key origin . rest) origin))))
