;;; (hob utils hashmap) -- immutable hash maps.
;;; SPDX-License-Identifier: LGPL-3.0-or-later
;;;
;;; Commentary:
;;;
;;; A map is never changed: setting and removing give a new map that shares
;;; all but a path of nodes with the old one, so an object may keep a map as
;;; its state, hand it out, and go back to an older one when a turn fails.
;;; A set or remove that changes nothing returns the very same map.
;;;
;;; The nodes form a trie over the key's hash, five bits a level.  A node is
;;; a vector
;;;
;;;     #(ENTRIES CHILDREN key value key value ... child child)
;;;
;;; where ENTRIES and CHILDREN are 32-bit sets that say for which of the 32
;;; values of the level's bits the node holds an entry or a child; the two
;;; are disjoint.  Entries stand in the order of their bits; children stand
;;; at the end, in reverse order.  Keys whose hashes are the same to the last
;;; bit meet in a bucket below the last level: #(0 0 key value key value ...).
;;;
;;; What must hold, or else keys become unreachable:
;;;
;;;   - a node below the root never is a single entry and nothing else: its
;;;     parent holds that entry then, and a removal that leaves such a node
;;;     moves the entry up ('child-changed').  A single *child*, however, must
;;;     stay where it is, since its keys are found only at its own depth.
;;;   - so the shape depends on the keys only, not on how the map came to be
;;;     (but for the order in a bucket).
;;;
;;; Code:

(define-module (hob utils hashmap)
  #:use-module (srfi srfi-9)
  #:use-module ((oop goops) #:select (define-class define-method))
  #:export (make-hashmap
            make-hashqmap
            make-hashvmap
            hashmap
            hashqmap
            hashvmap
            hashmap?
            hashmap-count
            hashmap-kind
            hashmap-hash
            hashmap-equiv
            hashmap-ref
            hashmap-set
            hashmap-remove
            hashmap-fold
            hashmap-for-each))

;;; How a map tells keys apart.

(define-record-type <keying>
  (make-keying kind hash equiv)
  keying?
  (kind keying-kind)
  (hash keying-hash)
  (equiv keying-equiv))

(define equal-keying (make-keying 'equal hash equal?))
(define eqv-keying (make-keying 'eqv hashv eqv?))
(define eq-keying (make-keying 'eq hashq eq?))

(define (same-keying? a b)
  (or (eq? a b)
      (and (eq? (keying-hash a) (keying-hash b))
           (eq? (keying-equiv a) (keying-equiv b)))))

;; A hash has 60 bits: twelve levels, and a fixnum all the way.
(define-syntax hash-size (identifier-syntax 1152921504606846976))
(define-syntax hash-mask (identifier-syntax 1152921504606846975))
(define-syntax last-level (identifier-syntax 12))

(define-inlinable (key-hash keying key)
  (logand ((keying-hash keying) key hash-size) hash-mask))

(define-inlinable (key-hash-below keying key level)
  (ash (key-hash keying key) (* -5 level)))

;; On strings string=? says the same as equal?, in an eighth of the time.
(define-inlinable (same-key? equiv a b)
  (cond
   ((eq? a b) #t)
   ((and (eq? equiv equal?) (string? a))
    (and (string? b) (string=? a b)))
   (else (equiv a b))))

;;; Bits and vectors.

(define-inlinable (hash->bit hash)
  (ash 1 (logand hash 31)))

(define-inlinable (population bits)
  (let* ((n (logand bits #xffffffff))
         (n (- n (logand (ash n -1) #x55555555)))
         (n (+ (logand n #x33333333) (logand (ash n -2) #x33333333)))
         (n (logand (+ n (ash n -4)) #x0f0f0f0f))
         (n (+ n (ash n -8))))
    (logand (+ n (ash n -16)) 63)))

(define-inlinable (copy! to at from start end)
  (let loop ((i start) (at at))
    (when (< i end)
      (vector-set! to at (vector-ref from i))
      (loop (1+ i) (1+ at)))))

(define (vector-with vector index value)
  (let ((new (vector-copy vector)))
    (vector-set! new index value)
    new))

;; VECTOR with the ADDED free slots at INDEX.
(define (vector-widened vector index added)
  (let* ((length (vector-length vector))
         (new (make-vector (+ length added) 0)))
    (copy! new 0 vector 0 index)
    (copy! new (+ index added) vector index length)
    new))

;; VECTOR without the two slots at INDEX.
(define (vector-without-entry vector index)
  (let* ((length (vector-length vector))
         (new (make-vector (- length 2) 0)))
    (copy! new 0 vector 0 index)
    (copy! new index vector (+ index 2) length)
    new))

;;; Nodes.

(define empty-node #(0 0))

(define-inlinable (node-entries node) (vector-ref node 0))
(define-inlinable (node-children node) (vector-ref node 1))

(define-inlinable (entry-index node bit)
  (+ 2 (* 2 (population (logand (node-entries node) (1- bit))))))

(define-inlinable (child-index node bit)
  (- (vector-length node)
     (1+ (population (logand (node-children node) (1- bit))))))

;; Where the entries of a node or bucket end and its children begin.
(define-inlinable (entries-end node)
  (- (vector-length node) (population (node-children node))))

(define-inlinable (single-entry? node)
  (and (eq? (vector-length node) 4)
       (eq? (node-children node) 0)))

(define (entry-node hash key value)
  (vector (hash->bit hash) 0 key value))

(define (node-add-entry node bit key value)
  (let* ((index (entry-index node bit))
         (new (vector-widened node index 2)))
    (vector-set! new 0 (logior (node-entries node) bit))
    (vector-set! new index key)
    (vector-set! new (1+ index) value)
    new))

(define (node-remove-entry node bit index)
  (let ((new (vector-without-entry node index)))
    (vector-set! new 0 (logxor (node-entries node) bit))
    new))

(define (node-entry->child node bit index child)
  (let* ((at (1+ (child-index node bit)))
         (length (vector-length node))
         (new (make-vector (1- length) 0)))
    (copy! new 0 node 0 index)
    (copy! new index node (+ index 2) at)
    (copy! new (1- at) node at length)
    (vector-set! new 0 (logxor (node-entries node) bit))
    (vector-set! new 1 (logior (node-children node) bit))
    (vector-set! new (- at 2) child)
    new))

(define (node-child->entry node bit index key value)
  (let* ((at (entry-index node bit))
         (length (vector-length node))
         (new (make-vector (1+ length) 0)))
    (copy! new 0 node 0 at)
    (copy! new (+ at 2) node at index)
    (copy! new (+ index 2) node (1+ index) length)
    (vector-set! new 0 (logior (node-entries node) bit))
    (vector-set! new 1 (logxor (node-children node) bit))
    (vector-set! new at key)
    (vector-set! new (1+ at) value)
    new))

;; Two entries with different keys whose hashes agree above LEVEL.
(define (node-of-two level hash1 key1 value1 hash2 key2 value2)
  (let ((bit1 (hash->bit hash1))
        (bit2 (hash->bit hash2)))
    (cond
     ((eq? level last-level)
      (vector 0 0 key1 value1 key2 value2))
     ((eq? bit1 bit2)
      (vector 0 bit1
              (node-of-two (1+ level)
                           (ash hash1 -5) key1 value1
                           (ash hash2 -5) key2 value2)))
     ((< bit1 bit2)
      (vector (logior bit1 bit2) 0 key1 value1 key2 value2))
     (else
      (vector (logior bit1 bit2) 0 key2 value2 key1 value1)))))

;;; Buckets.

(define (bucket-index bucket key equiv)
  (let loop ((index 2))
    (cond
     ((eq? index (vector-length bucket)) #f)
     ((same-key? equiv (vector-ref bucket index) key) index)
     (else (loop (+ index 2))))))

(define (bucket-set bucket key value equiv)
  (let ((index (bucket-index bucket key equiv)))
    (if index
        (values (entry-with-value bucket index value) #f)
        (let* ((end (vector-length bucket))
               (new (vector-widened bucket end 2)))
          (vector-set! new end key)
          (vector-set! new (1+ end) value)
          (values new #t)))))

(define (bucket-remove bucket key equiv)
  (let ((index (bucket-index bucket key equiv)))
    (if index
        (vector-without-entry bucket index)
        bucket)))

;;; The three operations, down the trie.  HASH is what is left of the key's
;;; hash at LEVEL.

(define (node-ref node hash key equiv default)
  (let loop ((node node) (hash hash) (level 0))
    (if (eq? level last-level)
        (let ((index (bucket-index node key equiv)))
          (if index
              (vector-ref node (1+ index))
              default))
        (let ((bit (hash->bit hash)))
          (cond
           ((logtest bit (node-entries node))
            (let ((index (entry-index node bit)))
              (if (same-key? equiv (vector-ref node index) key)
                  (vector-ref node (1+ index))
                  default)))
           ((logtest bit (node-children node))
            (loop (vector-ref node (child-index node bit))
                  (ash hash -5)
                  (1+ level)))
           (else default))))))

(define (entry-with-value node index value)
  (if (eqv? (vector-ref node (1+ index)) value)
      node
      (vector-with node (1+ index) value)))

;; Gives the new node and whether the key is new.
(define (node-set node level hash key value keying)
  (define bit (hash->bit hash))
  (define (set-entry)
    (let* ((index (entry-index node bit))
           (old-key (vector-ref node index)))
      (if (same-key? (keying-equiv keying) old-key key)
          (values (entry-with-value node index value) #f)
          (values (split index old-key) #t))))
  (define (split index old-key)
    (let ((below (1+ level)))
      (node-entry->child
       node bit index
       (node-of-two below
                    (key-hash-below keying old-key below)
                    old-key (vector-ref node (1+ index))
                    (ash hash -5) key value))))
  (define (set-in-child)
    (let* ((index (child-index node bit))
           (child (vector-ref node index)))
      (call-with-values
          (lambda ()
            (node-set child (1+ level) (ash hash -5) key value keying))
        (lambda (new new-key?)
          (values (if (eq? new child) node (vector-with node index new))
                  new-key?)))))
  (cond
   ((eq? level last-level)
    (bucket-set node key value (keying-equiv keying)))
   ((logtest bit (node-entries node)) (set-entry))
   ((logtest bit (node-children node)) (set-in-child))
   (else (values (node-add-entry node bit key value) #t))))

;; Gives NODE itself when KEY is not there.
(define (node-remove node level hash key equiv)
  (define bit (hash->bit hash))
  (define (remove-entry)
    (let ((index (entry-index node bit)))
      (if (same-key? equiv (vector-ref node index) key)
          (node-remove-entry node bit index)
          node)))
  (define (remove-in-child)
    (let* ((index (child-index node bit))
           (child (vector-ref node index))
           (new (node-remove child (1+ level) (ash hash -5) key equiv)))
      (if (eq? new child)
          node
          (child-changed node bit index new))))
  (cond
   ((eq? level last-level) (bucket-remove node key equiv))
   ((logtest bit (node-entries node)) (remove-entry))
   ((logtest bit (node-children node)) (remove-in-child))
   (else node)))

;; A node left with one entry goes, and its entry moves up.
(define (child-changed node bit index child)
  (if (single-entry? child)
      (node-child->entry node bit index
                         (vector-ref child 2) (vector-ref child 3))
      (vector-with node index child)))

;;; Walks over all entries.

(define (node-fold node proc init)
  (let ((end (entries-end node)))
    (let entries ((index 2) (result init))
      (if (< index end)
          (entries (+ index 2)
                   (proc (vector-ref node index)
                         (vector-ref node (1+ index))
                         result))
          (let children ((index end) (result result))
            (if (< index (vector-length node))
                (children (1+ index)
                          (node-fold (vector-ref node index) proc result))
                result))))))

(define (node-every? node holds?)
  (let ((end (entries-end node)))
    (let loop ((index 2))
      (cond
       ((eq? index (vector-length node)) #t)
       ((< index end)
        (and (holds? (vector-ref node index) (vector-ref node (1+ index)))
             (loop (+ index 2))))
       (else
        (and (node-every? (vector-ref node index) holds?)
             (loop (1+ index))))))))

;;; Maps.
;;;
;;; A class rather than a record type: only for instances of classes does
;;; 'equal?' ask a method, and two maps with the same contents may differ in
;;; their fields.  The fields are read by number, since GOOPS accessors cost
;;; more than the whole look-up.

(define-class <hashmap> ()
  (keying)
  (count)
  (root))

(define-inlinable (new-map keying count root)
  (make-struct/no-tail <hashmap> keying count root))

(define-inlinable (map-keying map) (struct-ref map 0))
(define-inlinable (map-count map) (struct-ref map 1))
(define-inlinable (map-root map) (struct-ref map 2))

(define-inlinable (is-map? object)
  (and (struct? object)
       (eq? (struct-vtable object) <hashmap>)))

(define (not-a-map who object position)
  (scm-error 'wrong-type-arg who
             "Wrong type argument in position ~A (expecting hashmap): ~S"
             (list position object) (list object)))

(define-inlinable (check-map who object position)
  (unless (is-map? object)
    (not-a-map who object position)))

(define empty-hashmap (new-map equal-keying 0 empty-node))
(define empty-hashvmap (new-map eqv-keying 0 empty-node))
(define empty-hashqmap (new-map eq-keying 0 empty-node))

(define* (make-hashmap #:optional (hash-proc hash) (equiv-proc equal?))
  "Return an empty map.  Without arguments its keys are compared by
@code{equal?}.  Otherwise @var{equiv-proc} says whether two keys are the same,
and @code{(@var{hash-proc} key size)} must give the same exact integer for
keys that are the same."
  (define keying (make-keying 'custom hash-proc equiv-proc))
  (cond
   ((same-keying? keying equal-keying) empty-hashmap)
   ((same-keying? keying eqv-keying) empty-hashvmap)
   ((same-keying? keying eq-keying) empty-hashqmap)
   (else (new-map keying 0 empty-node))))

(define (make-hashqmap)
  "Return an empty map that compares its keys by @code{eq?}."
  empty-hashqmap)

(define (make-hashvmap)
  "Return an empty map that compares its keys by @code{eqv?}."
  empty-hashvmap)

(define-syntax-rule (hashmap (key value) ...)
  ;; A map from each KEY to its VALUE, keys compared by equal?.
  (with-entries empty-hashmap (list (cons key value) ...)))

(define-syntax-rule (hashqmap (key value) ...)
  ;; A map from each KEY to its VALUE, keys compared by eq?.
  (with-entries empty-hashqmap (list (cons key value) ...)))

(define-syntax-rule (hashvmap (key value) ...)
  ;; A map from each KEY to its VALUE, keys compared by eqv?.
  (with-entries empty-hashvmap (list (cons key value) ...)))

(define (with-entries map entries)
  (if (null? entries)
      map
      (with-entries (hashmap-set map (caar entries) (cdar entries))
                    (cdr entries))))

(define (hashmap? object)
  "Return @code{#t} if @var{object} is an immutable hash map."
  (is-map? object))

(define (hashmap-count map)
  "Return how many keys @var{map} has."
  (check-map 'hashmap-count map 1)
  (map-count map))

(define (hashmap-kind map)
  "Return how @var{map} compares keys: @code{equal}, @code{eqv}, @code{eq}, or
@code{custom} if it was made with procedures of its own."
  (check-map 'hashmap-kind map 1)
  (keying-kind (map-keying map)))

(define (hashmap-hash map)
  "Return the procedure of key and size by which @var{map} hashes keys."
  (check-map 'hashmap-hash map 1)
  (keying-hash (map-keying map)))

(define (hashmap-equiv map)
  "Return the predicate by which @var{map} compares keys."
  (check-map 'hashmap-equiv map 1)
  (keying-equiv (map-keying map)))

(define* (hashmap-ref map key #:optional default)
  "Return the value of @var{key} in @var{map}, or @var{default}, which is
@code{#f} unless given, if the key is not there."
  (check-map 'hashmap-ref map 1)
  (let ((keying (map-keying map)))
    (node-ref (map-root map) (key-hash keying key) key
              (keying-equiv keying) default)))

(define (hashmap-set map key value)
  "Return a map like @var{map} in which @var{key} has @var{value}; this is
@var{map} itself if it had that value before, in the sense of @code{eqv?}."
  (check-map 'hashmap-set map 1)
  (let ((keying (map-keying map))
        (root (map-root map)))
    (call-with-values
        (lambda ()
          (node-set root 0 (key-hash keying key) key value keying))
      (lambda (new new-key?)
        (cond
         ((eq? new root) map)
         (new-key? (new-map keying (1+ (map-count map)) new))
         (else (new-map keying (map-count map) new)))))))

(define (hashmap-remove map key)
  "Return a map like @var{map} without @var{key}; this is @var{map} itself if
the key is not there."
  (check-map 'hashmap-remove map 1)
  (let* ((keying (map-keying map))
         (root (map-root map))
         (new (node-remove root 0 (key-hash keying key) key
                           (keying-equiv keying))))
    (if (eq? new root)
        map
        (new-map keying (1- (map-count map)) new))))

(define (hashmap-fold proc init map)
  "Call @code{(@var{proc} key value result)} for each entry of @var{map}, in no
order to rely on.  @var{result} is @var{init} first, then what the call before
returned; the last one is returned."
  (check-map 'hashmap-fold map 3)
  (node-fold (map-root map) proc init))

(define (hashmap-for-each proc map)
  "Call @code{(@var{proc} key value)} for each entry of @var{map}, in no order
to rely on."
  (check-map 'hashmap-for-each map 2)
  (node-fold (map-root map)
             (lambda (key value result) (proc key value) result)
             *unspecified*))

(define (same-contents? a b)
  (define absent (list #f))
  (define (in-b? key value)
    (equal? value (hashmap-ref b key absent)))
  (and (same-keying? (map-keying a) (map-keying b))
       (eq? (map-count a) (map-count b))
       (node-every? (map-root a) in-b?)))

(define-method (equal? (a <hashmap>) (b <hashmap>))
  (same-contents? a b))

(define (map-type-name map)
  (case (hashmap-kind map)
    ((eq) "hashqmap")
    ((eqv) "hashvmap")
    (else "hashmap")))

(define (print map port write-part)
  (display "#<" port)
  (display (map-type-name map) port)
  (hashmap-fold (lambda (key value separator)
                  (display separator port)
                  (write-part key port)
                  (display ": " port)
                  (write-part value port)
                  ", ")
                " " map)
  (display ">" port))

(define-method (write (map <hashmap>) port)
  (print map port write))

(define-method (display (map <hashmap>) port)
  (print map port display))
