;;; (packages control-file) -- reading Debian's lists of packages.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; /var/lib/dpkg/status and the Packages files of an archive are paragraphs of
;;; fields, as in the head of a letter:
;;;
;;;     Package: bash
;;;     Version: 5.2.15-2
;;;     Pre-Depends: libc6 (>= 2.36), libtinfo6 (>= 6)
;;;     Depends: base-files (>= 2.1.12), debianutils (>= 5.6-0.1)
;;;
;;; They may be of any size, so they are read line by line, and only the fields
;;; that are wanted are kept.  All of these are ASCII; the others may be in any
;;; encoding, so bytes are read as what they are.
;;;
;;; What a package needs is a list of lists of alternatives, such as
;;; (("debconf" "debconf-2.0") ("libc6")).  Which versions would do is not kept.
;;;
;;; Code:

(define-module (packages control-file)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (ice-9 popen)
  #:use-module (ice-9 rdelim)
  #:use-module (packages failure)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:export (open-control-files
            control-files-read
            control-files-size
            read-package
            read-packages
            description?
            description-name
            description-version
            description-needs
            description-provides))

;; One paragraph.
(define-record-type <description>
  (make-description name version needs provides)
  description?
  (name description-name)
  (version description-version)
  (needs description-needs)
  (provides description-provides))

;;; Files, one after the other.

;; READ counts bytes.  SIZE is #f when a file is unpacked on the way.
(define-record-type <control-files>
  (make-control-files waiting size read port current line)
  control-files?
  (waiting waiting set-waiting!)
  (size control-files-size)
  (read control-files-read set-read!)
  (port current-port set-current-port!)
  (current current-file set-current-file!)
  (line current-line set-current-line!))

(define unpacker "/usr/lib/apt/apt-helper")

(define (packed? file)
  (any (lambda (ending) (string-suffix? ending file))
       '(".lz4" ".xz" ".gz" ".bz2" ".zst")))

(define (check-readable file)
  (cond
   ((not (file-exists? file)) (fail "there is no file ~a" file))
   ((not (access? file R_OK)) (fail "the file ~a may not be read" file))
   ((file-is-directory? file) (fail "~a is a folder, not a file" file))
   ((and (packed? file) (not (access? unpacker X_OK)))
    (fail "~a is packed, and ~a, which could unpack it, is not there: unpack \
it first" file unpacker))))

(define (open-control-files files)
  "Return what @code{read-package} reads from: @var{files}, in this order."
  (for-each check-readable files)
  (make-control-files files
                      (and (not (any packed? files))
                           (apply + (map (compose stat:size stat) files)))
                      0 #f #f 0))

(define (open-one file)
  (let ((port (if (packed? file)
                  (open-pipe* OPEN_READ unpacker "cat-file" file)
                  (open-file file "r"))))
    (set-port-encoding! port "ISO-8859-1")
    port))

(define (close-one! files)
  (let ((port (current-port files)))
    (set-current-port! files #f)
    (cond
     ((not port) #f)
     ((not (packed? (current-file files))) (close-port port))
     ((not (eqv? 0 (status:exit-val (close-pipe port))))
      (fail "~a could not unpack ~a" unpacker (current-file files))))))

;; #f when there is none left.
(define (open-next! files)
  (let ((waiting (waiting files)))
    (and (pair? waiting)
         (begin
           (set-current-port! files (open-one (car waiting)))
           (set-current-file! files (car waiting))
           (set-current-line! files 0)
           (set-waiting! files (cdr waiting))
           #t))))

(define (next-line! files)
  (let ((text (read-line (current-port files))))
    (unless (eof-object? text)
      (set-current-line! files (1+ (current-line files)))
      (set-read! files (+ (control-files-read files)
                          (string-length text) 1)))
    text))

(define (malformed files at text . args)
  (fail "~a:~a: ~a" (current-file files) at (apply format #f text args)))

;;; Paragraphs.

(define wanted-fields
  '("Package" "Version" "Status" "Depends" "Pre-Depends" "Provides"))

;; A field is (NAME LINE TEXT ...), with the lines of its text backwards.
(define (field-text fields name)
  (let ((field (assoc name fields)))
    (if field
        (string-trim-both (string-join (reverse (cddr field)) " "))
        "")))

(define (field-line fields name)
  (cadr (assoc name fields)))

(define (wanted text colon)
  (find (lambda (name)
          (and (= colon (string-length name))
               (string-prefix? name text)))
        wanted-fields))

(define (blank? text)
  (not (string-skip text char-set:whitespace)))

(define (check-field files text colon started?)
  (cond
   ((and colon (> colon 0)) #t)
   ((not started?)
    (malformed files (current-line files)
               "this is not the beginning of a paragraph: ~a" text))
   (else
    (malformed files (current-line files) "this is neither a field (Name: \
text) nor, with a space before it, more of the field above: ~a" text))))

;; One more line of text in the newest field.
(define (add-text fields text)
  (match fields
    (((name line . texts) . others)
     (cons (cons* name line text texts) others))))

;; The wanted fields up to the next empty line, and the line where they begin;
;; #f and #f at the end of the file.
(define (read-paragraph files)
  (let loop ((fields '()) (first #f) (keeping? #f))
    (let ((text (next-line! files)))
      (cond
       ((eof-object? text) (values (and first fields) first))
       ((blank? text)
        (if first (values fields first) (loop fields first #f)))
       ((memv (string-ref text 0) '(#\space #\tab))
        (unless first
          (check-field files text #f #f))
        (if keeping?
            (loop (add-text fields text) first #t)
            (loop fields first #f)))
       ((char=? (string-ref text 0) #\#)
        (loop fields first keeping?))
       (else
        (let ((colon (string-index text #\:)))
          (check-field files text colon first)
          (let ((first (or first (current-line files)))
                (field (wanted text colon)))
            (if field
                (loop (cons (list field (current-line files)
                                  (substring text (1+ colon)))
                            fields)
                      first #t)
                (loop fields first #f)))))))))

;;; Names and relations.

(define name-characters
  (char-set-union (char-set-intersection char-set:letter+digit char-set:ascii)
                  (char-set #\+ #\- #\.)))

;; TEXT is not empty.
(define (name? text)
  (not (string-skip text name-characters)))

(define name-ends (string->char-set " \t(:["))

;; "libc6:any (>= 2.36)" is "libc6"; #f of what is no relation.
(define (relation-name text)
  (let* ((text (string-trim-both text))
         (end (string-index text name-ends))
         (name (if end (substring text 0 end) text))
         (rest (if end (string-trim text char-set:whitespace end) "")))
    (and (not (string-null? name))
         (name? name)
         (or (string-null? rest)
             (memv (string-ref rest 0) '(#\( #\: #\[)))
         name)))

(define (field-relations files fields field)
  (define (name-of text)
    (or (relation-name text)
        (malformed files (field-line fields field)
                   "~s, in ~a, is not the name of a package"
                   (string-trim-both text) field)))
  (filter-map (lambda (text)
                (and (not (blank? text))
                     (map name-of (string-split text #\|))))
              (string-split (field-text fields field) #\,)))

;;; Packages.

;; What was removed and left its configuration behind is not there.
(define (there? fields)
  (let ((status (string-tokenize (field-text fields "Status"))))
    (or (null? status)
        (not (member (last status) '("config-files" "not-installed"))))))

(define (required files fields field at)
  (let ((text (field-text fields field)))
    (when (string-null? text)
      (malformed files at "a paragraph without the field ~a begins here"
                 field))
    text))

(define (fields->description files fields at)
  (let ((name (required files fields "Package" at)))
    (unless (name? name)
      (malformed files (field-line fields "Package")
                 "~s is not the name of a package" name))
    (make-description name
                      (required files fields "Version" at)
                      (append (field-relations files fields "Pre-Depends")
                              (field-relations files fields "Depends"))
                      (concatenate
                       (field-relations files fields "Provides")))))

(define (read-package files)
  "Return the next package of @var{files} as a description; @code{#f} at the end
of the last file."
  (if (or (current-port files) (open-next! files))
      (let-values (((fields at) (read-paragraph files)))
        (cond
         ((not fields)
          (close-one! files)
          (read-package files))
         ((there? fields) (fields->description files fields at))
         (else (read-package files))))
      #f))

(define (read-packages files count)
  "Return a list of the next @var{count} packages of @var{files}, or what there
is left."
  (let loop ((left count) (packages '()))
    (let ((package (and (> left 0) (read-package files))))
      (if package
          (loop (1- left) (cons package packages))
          (reverse packages)))))
