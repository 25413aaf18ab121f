;;; (hob actor-lib let-on) -- an older name of (hob actor-lib on).
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Kept for programs that use it.
;;;
;;; Code:

(define-module (hob actor-lib let-on)
  #:use-module (hob actor-lib on)
  #:re-export (let-on
               let*-on))
