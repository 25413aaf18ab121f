;;; (packages display) -- numbers, lists and progress, as people see them.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; Progress goes to the error port: a bar when that is a terminal, otherwise a
;;; line now and then, so that a log stays short.
;;;
;;; Code:

(define-module (packages display)
  #:use-module (ice-9 format)
  #:use-module (srfi srfi-9)
  #:export (with-commas
            counted
            display-list
            seconds-now
            start-progress
            show-progress
            end-progress))

(define (with-commas number)
  "Return @var{number} as text, with a comma between thousands."
  (let loop ((digits (number->string number)) (groups '()))
    (let ((count (string-length digits)))
      (if (<= count 3)
          (string-join (cons digits groups) ",")
          (loop (substring digits 0 (- count 3))
                (cons (substring digits (- count 3)) groups))))))

(define* (counted number thing #:optional (things (string-append thing "s")))
  "Return text such as \"1 package\" or \"2 packages\"."
  (string-append (with-commas number) " " (if (= number 1) thing things)))

(define width 78)

(define (display-list words)
  "Display @var{words}, indented and with commas, in lines of bounded width."
  (let loop ((words words) (column 0))
    (unless (null? words)
      (let* ((last? (null? (cdr words)))
             (word (if last? (car words) (string-append (car words) ",")))
             (end (+ column 1 (string-length word))))
        (cond
         ((and (> column 0) (<= end width))
          (display " ")
          (display word)
          (loop (cdr words) end))
         (else
          (when (> column 0)
            (newline))
          (display "    ")
          (display word)
          (loop (cdr words) (+ 4 (string-length word))))))))
  (newline))

;;; Progress.

(define (seconds-now)
  "Return the time in seconds, from some beginning."
  (/ (get-internal-real-time) 1.0 internal-time-units-per-second))

(define-record-type <progress>
  (make-progress terminal? shown)
  progress?
  (terminal? progress-terminal?)
  (shown progress-shown set-progress-shown!))

(define (start-progress)
  "Return what @code{show-progress} needs."
  (make-progress (isatty? (current-error-port)) (seconds-now)))

(define bar-width 40)

(define (bar part)
  (let ((done (inexact->exact (floor (* bar-width part)))))
    (string-append "[" (make-string done #\#)
                   (make-string (- bar-width done) #\.) "]")))

(define (show-bar text part)
  (format (current-error-port) "\r~a ~a\x1b[K"
          (if part
              (format #f "~a ~3d %" (bar part)
                      (inexact->exact (floor (* 100 part))))
              "")
          text)
  (force-output (current-error-port)))

(define (show-line text part)
  (format (current-error-port) "~@[~3d % ~]~a\n"
          (and part (inexact->exact (floor (* 100 part))))
          text))

(define (show-progress progress text part)
  "Show that @var{part} of the work is done: a number from 0 to 1, or @code{#f}
when nobody knows."
  (let ((passed (- (seconds-now) (progress-shown progress))))
    (cond
     ((and (progress-terminal? progress) (> passed 0.05))
      (set-progress-shown! progress (seconds-now))
      (show-bar text part))
     ((> passed 5)
      (set-progress-shown! progress (seconds-now))
      (show-line text part)))))

(define (end-progress progress)
  "Take the bar away."
  (when (progress-terminal? progress)
    (display "\r\x1b[K" (current-error-port))))
