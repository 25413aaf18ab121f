;;; (hob utils random-name) -- names made up at random.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; For file names, labels and the like.  Who knows the random state can tell
;;; the next name, so a name is no secret and no authority.
;;;
;;; Code:

(define-module (hob utils random-name)
  #:use-module (hob exceptions)
  #:export (random-name))

(define letters
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

;; Not the one that Guile starts with, which is the same in every process.
(define own-state (delay (random-state-from-platform)))

(define* (random-name length #:key (random-state (force own-state)))
  "Return a string of @var{length} random letters and digits."
  (unless (and (exact-integer? length) (>= length 0))
    (raise-hob-error 'random-name "the length of a name is a non-negative \
exact integer, not ~s" length))
  (string-unfold (lambda (i) (= i length))
                 (lambda (_)
                   (string-ref letters
                               (random (string-length letters)
                                       random-state)))
                 1+
                 0))
