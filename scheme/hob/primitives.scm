;;; (hob primitives) -- the C side, as the other modules see it.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Loads the extension.  Its primitives begin with a percent sign and are not
;;; for users: they check what only C can get wrong and trust the rest.  They
;;; are described where C defines them (scheme/*.c).
;;;
;;; Code:

(define-module (hob primitives)
  #:use-module (hob config)
  #:use-module (system foreign-library)
  #:export (<refr>
            %set-hooks!
            %refr? %promise? %near? %refr-name %refr-vat %refr-id %in-turn?
            %enter %follow %classify %promise-look
            %object-expect! %object-begin %object-install! %object-become!
            %object-portrait %object-constructor
            %send %send/promise %post %listen %listen-object %make-promise
            %settle %call-c
            %make-vat %set-vat-data! %current-vat %running? %halt! %start!
            %own! %own-idle! %let-go!
            %call-unsuspendable
            %push-thunk %ticket-wait %ticket-done? %ticket-cancel!
            %ticket-result %finish-ticket! %churn-ticket
            %churn-begin! %churn-open! %turn-next! %turn-commit! %turn-abort!
            %turn-undo! %churn-commit! %churn-abort! %churn-drop! %churn-hold!
            %churn-flush!
            %memory-store %gdbm-store %store-close! %store-checkpoint!
            %store-information %make-environment %environment-add!
            %keeper-open %keeper-fresh? %keeper-grouped? %keeper-roots
            %keeper-roots-version %keeper-set-roots! %keeper-vat-id
            %next-asleep %wake-record %keeper-upgraded! %keeper-move-in!
            %save-begin! %save-next! %save-object! %save-finish! %save-abort!
            %keeper-wait!))

(eval-when (expand load eval)
  (parameterize ((guile-extensions-path
                  (append (guile-extensions-path) (list %extension-dir))))
    (load-extension "guile-hob" "scm_init_hob")))
