;;; (hob actor-lib simple-mint) -- money of which only the mint makes more.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Money moves from purse to purse of one mint.  A purse that takes a deposit
;;; asks the other for the means to lower its balance.  It comes in a box, so
;;; that only a purse of the same mint can use it, and knows by that whom it
;;; came from.
;;;
;;; Balances are in cells: a deposit from a purse into itself changes one
;;; twice.
;;;
;;; Code:

(define-module (hob actor-lib simple-mint)
  #:use-module (hob actor-lib cell)
  #:use-module (hob actor-lib methods)
  #:use-module (hob actor-lib sealers)
  #:use-module (hob core)
  #:use-module (hob define-actor)
  #:use-module (hob utils keyed-error)
  #:export (^mint
            withdraw
            mint-env))

(define (amount? object)
  (and (exact-integer? object) (>= object 0)))

(define (mint-error message amount)
  (raise-keyed-error 'mint-error 'mint "~a: ~s" message amount))

(define-actor (^decrement bcom balance)
  (lambda (amount)
    (unless (and (amount? amount) (<= amount ($ balance)))
      (mint-error "invalid decrement amount" amount))
    ($ balance (- ($ balance) amount))))

(define (decrement-of unsealer purse)
  (let ((decrement ($ unsealer ($ purse 'get-decr))))
    (when (promise-refr? decrement)
      (mint-error "not a purse of this vat" purse))
    decrement))

(define-actor (^purse bcom mint sealer unsealer balance)
  (methods
   ((get-balance) ($ balance))
   ((sprout) ($ mint 'new-purse 0))
   ((deposit amount from)
    (unless (amount? amount)
      (mint-error "invalid deposit amount" amount))
    ($ (decrement-of unsealer from) amount)
    ($ balance (+ ($ balance) amount)))
   ((get-decr) ($ sealer (spawn ^decrement balance)))))

(define-actor (^minter bcom sealer unsealer)
  #:self self
  (methods
   ((new-purse balance)
    (unless (amount? balance)
      (mint-error "invalid initial purse balance" balance))
    (spawn ^purse self sealer unsealer (spawn ^cell balance)))))

(define (^mint bcom)
  "A mint.  Its method @code{new-purse} takes a balance and gives a purse with
the methods @code{get-balance}, @code{sprout}, which gives an empty purse of
the same mint, and @code{deposit}, which takes an amount and the purse that it
comes from."
  (call-with-values (lambda () (spawn-sealer-triplet 'mint))
    (lambda (sealer unsealer sealed?)
      (spawn-named '^mint ^minter sealer unsealer))))

(define (withdraw amount from-purse)
  "Return a new purse with @var{amount} out of @var{from-purse}."
  (let ((purse ($ from-purse 'sprout)))
    ($ purse 'deposit amount from-purse)
    purse))

(define mint-env
  (persistence-env-compose
   cell-env
   sealers-env
   (namespace-env (hob actor-lib simple-mint)
                  ^minter ^purse ^decrement)))
