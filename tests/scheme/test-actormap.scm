;;; test-actormap.scm -- claims about objects without a vat.
;;; SPDX-License-Identifier: LGPL-3.0-or-later

(use-modules (hob actor-lib cell)
             (hob core)
             (hob exceptions)
             (hob vat)
             (ice-9 control)
             (testing))

;; An actormap and a cell with 1 in it.
(define (new-cell)
  (let ((am (make-actormap)))
    (values am (actormap-spawn! am ^cell 1))))

(define-syntax-rule (with-cell (am cell) body ...)
  (call-with-values new-cell
    (lambda (am cell) body ...)))

(define (values->list thunk)
  (call-with-values thunk list))

(test-suite "actormap"
  (test-equal "an actormap is one, under both names" '(#t #t #t #t #f)
              (list (actormap? (make-actormap))
                    (whactormap? (make-whactormap))
                    (whactormap? (make-actormap))
                    (actormap? (make-whactormap))
                    (actormap? (spawn-vat))))
  (test-equal "spawn-named! gives the name" 'my-cell
              (refr-name (actormap-spawn-named! (make-actormap) 'my-cell
                                                ^cell)))
  (test-equal "peek undoes what the call changed" '(#t 1)
              (with-cell (am cell)
                (list (unspecified? (actormap-peek am cell 2))
                      (actormap-peek am cell))))
  (test-equal "poke! keeps it" 2
              (with-cell (am cell)
                (actormap-poke! am cell 2)
                (actormap-peek am cell)))
  (test-equal "run undoes it and gives all values" '((2 x) 1)
              (with-cell (am cell)
                (list (values->list
                       (lambda ()
                         (actormap-run am (lambda ()
                                            ($ cell 2)
                                            (values ($ cell) 'x)))))
                      (actormap-peek am cell))))
  (test-equal "run! keeps it and gives all values" '((2 x) 2)
              (with-cell (am cell)
                (list (values->list
                       (lambda ()
                         (actormap-run! am (lambda ()
                                             ($ cell 2)
                                             (values ($ cell) 'x)))))
                      (actormap-peek am cell))))
  (test-equal "no value at all is fine" '()
              (values->list (lambda ()
                              (actormap-run! (make-actormap) values))))
  (test-equal "an error undoes the turn" '(oops 1)
              (with-cell (am cell)
                (let ((key (catch 'oops
                             (lambda ()
                               (actormap-run! am (lambda ()
                                                   ($ cell 2)
                                                   (throw 'oops))))
                             (lambda (key . _) key))))
                  (list key (actormap-peek am cell)))))
  (test-equal "so does leaving it by a continuation" '(left 1)
              (with-cell (am cell)
                (let ((result (let/ec leave
                                (actormap-run! am (lambda ()
                                                    ($ cell 2)
                                                    (leave 'left))))))
                  (list result (actormap-peek am cell)))))
  (test-equal "an undone peek leaves no messages" 1
              (with-cell (am cell)
                (actormap-run am (lambda () (<-np cell 5)))
                (actormap-run! am (const #t))
                (actormap-peek am cell)))
  (test-equal "messages of a turn are dropped: nobody would run them" 1
              (with-cell (am cell)
                (actormap-run! am (lambda () (<-np cell 5)))
                (actormap-poke! am cell)
                (actormap-peek am cell)))
  (test-raises "one actormap's object is far in another" not-callable?
    (with-cell (am cell)
      (actormap-peek (make-actormap) cell)))
  (test-equal "actormaps nest" '(2 1)
              (with-cell (am cell)
                (actormap-run! am
                               (lambda ()
                                 (list (with-cell (inner other)
                                         (actormap-poke! inner other 2)
                                         (actormap-peek inner other))
                                       ($ cell))))))
  (test-raises "one does not nest in itself" hob-error?
    (with-cell (am cell)
      (actormap-run! am (lambda () (actormap-peek am cell)))))
  (test-equal "and goes on working after that mistake" 1
              (with-cell (am cell)
                (false-if-exception
                 (actormap-run! am (lambda () (actormap-peek am cell))))
                (actormap-peek am cell)))
  (test-equal "an object of an actormap hears no messages of vats" 'broken
              (with-cell (am cell)
                (let ((vat (spawn-vat)) (heard #f))
                  (with-vat vat
                    (on (<- cell)
                        (lambda (_) (set! heard 'fulfilled))
                        #:catch (lambda (_) (set! heard 'broken))))
                  (let loop ((tries 1000))
                    (or heard
                        (and (positive? tries)
                             (begin (usleep 1000) (loop (1- tries))))))))))
