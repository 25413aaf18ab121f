;;; (hob) -- persistent objects that refer to each other by capability.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The names that most programs want, in one module.
;;;
;;; Code:

(define-module (hob)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob vat))

(eval-when (expand load eval)
  (let ((interface (module-public-interface (current-module))))
    (for-each (lambda (name)
                (module-use! interface
                             (resolve-interface (list 'hob name))))
              '(core define-actor vat))))
