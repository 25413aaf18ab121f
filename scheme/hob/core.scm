;;; (hob core) -- objects, messages, promises, actormaps, portraits.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; The names that a program works with, from the modules that make them.
;;;
;;; Code:

(define-module (hob core)
  #:use-module (hob actormap)
  #:use-module (hob churn)
  #:use-module (hob environment)
  #:use-module (hob hooks)
  #:use-module (hob objects)
  #:use-module (hob promises)
  #:re-export (spawn-named
               $
               <-
               <-np
               <-np-extern
               on
               listen-to
               spawn-promise-and-resolver
               await
               <<-
               live-refr?
               local-refr?
               local-object-refr?
               local-promise-refr?
               promise-refr?
               near-refr?
               far-refr?
               refr-name
               turn-backtrace
               make-actormap
               make-whactormap
               actormap?
               whactormap?
               actormap-spawn!
               actormap-spawn-named!
               actormap-peek
               actormap-poke!
               actormap-run
               actormap-run!
               portraitize
               versioned
               make-persistence-env
               persistence-env-compose
               namespace-env)
  #:re-export-and-replace (spawn))
