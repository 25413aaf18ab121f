/* hob.h -- vats of persistent objects that refer to each other by capability.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The one public header of libhob.  It has five parts: errors, values, the
   runtime and its vats, what an object may do during a turn, and the primitives
   by which another language drives turns.

   Memory.  Everything that this library hands out lives in the memory of the
   collector (libgc): nothing is freed by hand, and a pointer keeps what it points
   at as long as it stands on a stack, in a register, in static data or in other
   memory of the collector.  Never keep a hob_value in memory from malloc only.

   Threads.  A thread that the runtime did not start calls hob_thread_attach
   before anything else here (the thread that makes the first runtime need not).
   The comment at each function says which thread may call it:
     [any]   any attached thread, at any time;
     [turn]  only the thread that runs the turn, and only during it;
     [host]  only a thread that has entered the vat (last part of this file).

   Errors.  A function that can fail gives 0 or one of HOB_E...; what went wrong
   in words is in the hob_error that the caller may pass (NULL: not wanted).
   Nothing here prints, exits or leaves by longjmp.  A function marked "runs user
   code" may call behaviours, constructors and handlers before it returns.  */

#ifndef HOB_H
#define HOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HOB_API __attribute__((visibility("default")))
#define HOB_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))

/* ------------------------------------------------------------------ errors */

/* Code, number, text.  Numbers never change their meaning.  */
#define HOB_ERRORS(X)                                                                  \
    X(HOB_OK, 0, "no error")                                                           \
    X(HOB_ENOMEM, -1, "out of memory")                                                 \
    X(HOB_EINVAL, -2, "an argument is not what this operation takes")                  \
    X(HOB_ETYPE, -3, "a value has the wrong type")                                     \
    X(HOB_ELIMIT, -4, "a limit on depth, size or number was reached")                  \
    X(HOB_ESYNTAX, -5, "the bytes are not a well-formed encoding")                     \
    X(HOB_ENOTSTORABLE, -6, "a value cannot be stored")                                \
    X(HOB_ECYCLE, -7, "a value or promise contains itself")                            \
    X(HOB_EFAILED, -8, "a behaviour failed")                                           \
    X(HOB_EBROKEN, -9, "a promise is broken")                                          \
    X(HOB_ENOTCALLABLE, -10, "this cannot be called from here")                        \
    X(HOB_ENOTTURN, -11, "this works only during a turn")                              \
    X(HOB_EHALTED, -12, "the vat is halted")                                           \
    X(HOB_EFULL, -13, "the mailbox is full")                                           \
    X(HOB_EBUSY, -14, "somebody else is using it")                                     \
    X(HOB_EAUTHORITY, -15, "this would exceed the authority of a reference")           \
    X(HOB_ENOTFOUND, -16, "there is no such thing")                                    \
    X(HOB_EEXISTS, -17, "there is one already")                                        \
    X(HOB_EVERSION, -18, "the version is not one that this program knows")             \
    X(HOB_EDAMAGED, -19, "stored data is damaged")                                     \
    X(HOB_EIO, -20, "the operating system reported an I/O error")                      \
    X(HOB_ECLOSED, -21, "it was closed, or stopped after an earlier error")            \
    X(HOB_EINTERRUPTED, -22, "it was interrupted")

enum hob_code {
#define HOB_ERROR_CODE(name, number, text) name = number,
    HOB_ERRORS(HOB_ERROR_CODE)
#undef HOB_ERROR_CODE
};

/* A value of the data model below; see "values".  */
typedef const struct hobi_node *hob_value;

/* What went wrong.  Give it zeroed; filled only when a function fails.  */
typedef struct hob_error {
    int code;            /* one of enum hob_code */
    size_t offset;       /* in bytes, where the input was at fault (decoding, files) */
    const char *message; /* a sentence in the collector's memory, or NULL */
    hob_value problem;   /* what a behaviour raised or broke a promise with, or NULL */
    const char *path;    /* where in a value the fault is (encoding), or NULL */
} hob_error;

/* The text of a code; total: an unknown code has a text too.  [any]  */
HOB_API const char *hob_strerror(int code);

/* ------------------------------------------------------------------ values

   Immutable data.  One model serves messages between vats, the state of C
   objects, portraits and the stored form.  A constructor gives NULL when memory
   is out or an argument is invalid; a function that takes values accepts no
   NULL but where it says so.  All of this part: [any].  */

typedef enum hob_type {
    HOB_VOID, /* "no value": what a procedure gives that gives nothing */
    HOB_NIL,  /* a second null value, OCapN's null, Goblins' zilch */
    HOB_BOOLEAN,
    HOB_INTEGER,  /* exact, of any size */
    HOB_RATIONAL, /* exact, in lowest terms, denominator above 1 */
    HOB_DOUBLE,
    HOB_CHARACTER, /* a Unicode scalar value */
    HOB_STRING,    /* UTF-8, may hold U+0000 */
    HOB_SYMBOL,
    HOB_KEYWORD,
    HOB_BYTES,
    HOB_LIST, /* items; a dotted list has a tail that is not a list */
    HOB_VECTOR,
    HOB_MAP, /* keys are distinct by hob_equal; kept in hob_compare order */
    HOB_SET,
    HOB_TAGGED,  /* a label (a value) and one datum */
    HOB_REFR,    /* a reference to an object */
    HOB_PROMISE, /* a reference to a promise */
    HOB_HOST     /* an opaque value of the host language; never stored */
} hob_type;

HOB_API hob_type hob_type_of(hob_value value);
HOB_API const char *hob_type_name(hob_type type);

HOB_API hob_value hob_void(void);
HOB_API hob_value hob_nil(void);
HOB_API hob_value hob_boolean(bool truth);
HOB_API hob_value hob_integer(int64_t number);
/* From an optional '-' and decimal digits; NULL if TEXT is anything else.  */
HOB_API hob_value hob_integer_from_text(const char *text, size_t length);
/* Numerator and denominator are integers, the denominator not zero.  Reduced; an
   integer when the denominator becomes 1.  */
HOB_API hob_value hob_rational(hob_value numerator, hob_value denominator);
HOB_API hob_value hob_double(double number);
HOB_API hob_value hob_character(uint32_t scalar);
/* The text is copied and must be valid UTF-8.  */
HOB_API hob_value hob_string(const char *utf8, size_t length);
HOB_API hob_value hob_symbol(const char *utf8, size_t length);
HOB_API hob_value hob_keyword(const char *utf8, size_t length);
HOB_API hob_value hob_bytes(const void *bytes, size_t length);
/* The items are copied (the array, not what it points at).  */
HOB_API hob_value hob_list(size_t count, const hob_value *items);
/* TAIL is not a list; with no items the result is TAIL itself.  */
HOB_API hob_value hob_dotted_list(size_t count, const hob_value *items, hob_value tail);
HOB_API hob_value hob_vector(size_t count, const hob_value *items);
/* COUNT pairs, key then value; of equal keys the last one counts.  */
HOB_API hob_value hob_map(size_t count, const hob_value *pairs);
HOB_API hob_value hob_set(size_t count, const hob_value *members);
HOB_API hob_value hob_tagged(hob_value label, hob_value datum);
/* POINTER is aligned to 4 bytes at least.  Costs no memory.  */
HOB_API hob_value hob_host(const void *pointer);
/* A C string made a symbol or a string.  */
HOB_API hob_value hob_symbol_from(const char *text);
HOB_API hob_value hob_string_from(const char *text);

/* Readers.  The value must be of the type named, else the result is the neutral
   one: false, 0, NULL.  */
HOB_API bool hob_truth(hob_value boolean);
/* False when VALUE is not an integer or does not fit.  */
HOB_API bool hob_get_int64(hob_value value, int64_t *number);
HOB_API double hob_get_double(hob_value value);
HOB_API uint32_t hob_get_character(hob_value value);
HOB_API hob_value hob_numerator(hob_value rational);
HOB_API hob_value hob_denominator(hob_value rational);
/* Text of a string, symbol or keyword, or the bytes of a bytevector; text is
   followed by a zero byte that LENGTH does not count.  LENGTH may be NULL.  */
HOB_API const char *hob_text(hob_value value, size_t *length);
/* Items of a list, vector or set, and how many; of a map the number of pairs, which
   are the items 2i (key) and 2i+1 (value).  */
HOB_API size_t hob_count(hob_value value);
HOB_API hob_value hob_item(hob_value value, size_t index);
/* The tail of a dotted list; NULL of any other.  */
HOB_API hob_value hob_tail(hob_value list);
HOB_API hob_value hob_map_ref(hob_value map, hob_value key);
HOB_API bool hob_set_has(hob_value set, hob_value member);
HOB_API hob_value hob_tagged_label(hob_value tagged);
HOB_API hob_value hob_tagged_datum(hob_value tagged);
HOB_API const void *hob_host_pointer(hob_value host);
/* True when VALUE is the symbol spelt NAME.  */
HOB_API bool hob_is_symbol(hob_value value, const char *name);

/* Same type and same content; numbers of different types differ, a NaN equals
   itself, 0.0 and -0.0 differ; refrs, promises and host values by identity.  */
HOB_API bool hob_equal(hob_value a, hob_value b);
/* A total order that agrees with hob_equal: by type as listed above, within a
   type by magnitude, code points, bytes, or first difference.  -1, 0 or 1.  */
HOB_API int hob_compare(hob_value a, hob_value b);
/* Readable text, as Scheme would write it, in the collector's memory.  Cut with
   an ellipsis after about LIMIT bytes (0: no limit).  */
HOB_API const char *hob_print(hob_value value, size_t limit);

/* ------------------------------------------------------------------- syrup

   Canonical Syrup, as OCapN has it.  syrup.c has the format, byte by byte.  */

typedef struct hob_buffer {
    unsigned char *data; /* collector's memory */
    size_t size, capacity;
} hob_buffer;

/* How refrs, promises and host values are written and read where a context can
   do it; NULL functions refuse them.  WRITE appends one Syrup value to BUFFER.
   READ is given the record's label (refr records are <near …>, <far …> and
   <promise …>) and its fields, and gives the value.  */
typedef struct hob_syrup_context {
    void *data;
    int (*write)(void *data, hob_value value, hob_buffer *buffer, hob_error *error);
    int (*read)(void *data, const char *label, size_t count, const hob_value *fields,
                hob_value *value, hob_error *error);
    size_t max_depth; /* 0: HOB_SYRUP_DEPTH */
    size_t max_size;  /* bytes; 0: no limit but memory */
} hob_syrup_context;

enum { HOB_SYRUP_DEPTH = 1000000 };

/* Appends.  CONTEXT may be NULL.  Errors: ENOMEM, ELIMIT, ENOTSTORABLE (the
   message has the path to the value at fault, such as [2].key).  */
HOB_API int hob_syrup_encode(hob_value value, const hob_syrup_context *context,
                             hob_buffer *buffer, hob_error *error);
/* Reads one value and tells in USED how many bytes it took; USED NULL: the value
   must fill SIZE.  Errors: ESYNTAX and ELIMIT with the offset, ENOMEM.  */
HOB_API int hob_syrup_decode(const void *bytes, size_t size,
                             const hob_syrup_context *context, hob_value *value,
                             size_t *used, hob_error *error);

/* ---------------------------------------------------- runtime, vats, kinds */

typedef struct hob_runtime hob_runtime; /* a scheduler and its vats */
typedef struct hob_vat hob_vat;         /* objects that change one turn at a time */
typedef struct hob_turn hob_turn;       /* a message being handled */

struct hob_host_language;

typedef struct hob_runtime_options {
    unsigned threads;     /* that run vats when nothing blocks; 0: one a processor */
    unsigned max_threads; /* with the ones that stand in for blocked ones; 0: 256 */
    const struct hob_host_language *host; /* NULL: C objects only */
} hob_runtime_options;

/* Make this thread known to the collector, and forget it.  Nests.  */
HOB_API int hob_thread_attach(void);
HOB_API void hob_thread_detach(void);

/* NULL when memory or threads are out.  OPTIONS may be NULL.  [any]  */
HOB_API hob_runtime *hob_runtime_new(const hob_runtime_options *options);
/* Halts every vat and joins the threads.  Not from a turn.  [any]  */
HOB_API void hob_runtime_free(hob_runtime *runtime);

/* What a C object is: a named struct of functions over a state.  The state is a
   value; a kind without functions other than `behave` is complete.  All of them
   run during a turn, as user code of it; they give 0 or what hob_fail gave.  */
typedef struct hob_kind {
    const char *name;
    uint32_t version;
    /* First state from the arguments of hob_spawn.  NULL: the list of them.  */
    int (*construct)(hob_turn *turn, size_t count, const hob_value *args,
                     hob_value *state);
    int (*behave)(hob_turn *turn, hob_value state, size_t count, const hob_value *args,
                  hob_value *answer);
    /* The data to store.  It only looks: to become, spawn or send in it is an error.
       NULL: the state itself.  */
    int (*portrait)(hob_turn *turn, hob_value state, hob_value *portrait);
    /* State from stored data of VERSION.  NULL: the data itself, and a version
       other than the kind's is HOB_EVERSION.  */
    int (*restore)(hob_turn *turn, uint32_t version, hob_value portrait,
                   hob_value *state);
} hob_kind;

typedef struct hob_vat_options {
    const char *name;
    size_t mailbox_limit; /* messages; senders wait above it; 0: no limit */
} hob_vat_options;

/* A running vat.  It lives while RUNTIME lives and something refers to it or to
   an object in it, or a message waits in it.  NULL when memory is out.  [any]  */
HOB_API hob_vat *hob_vat_new(hob_runtime *runtime, const hob_vat_options *options);
HOB_API const char *hob_vat_name(const hob_vat *vat);
HOB_API bool hob_vat_running(const hob_vat *vat);
/* Stop.  A churn in progress is undone at its next turn; what waits in the
   mailbox waits for hob_vat_start; a message that comes later breaks its promise
   with HOB_EHALTED.  Returns when no turn of it runs, or at once when called from a
   turn (two vats that halt each other would wait for ever).  [any]  */
HOB_API void hob_vat_halt(hob_vat *vat);
HOB_API void hob_vat_start(hob_vat *vat);
/* Wait until the mailboxes of all vats are empty and no turn runs; false after
   MILLISECONDS (negative: for ever).  For tests and orderly ends.  [any, no turn]  */
HOB_API bool hob_runtime_settle(hob_runtime *runtime, int milliseconds);

typedef int hob_thunk(hob_turn *turn, void *data, hob_value *answer);
/* Run THUNK as a turn of VAT, then all near messages it causes; the answer after
   the churn is committed.  On this thread when the vat is idle.  Errors: those of
   THUNK (the turn is undone), EHALTED, those of saving (the churn is undone).
   Runs user code.  [any, no turn]  */
HOB_API int hob_vat_run(hob_vat *vat, hob_thunk *thunk, void *data, hob_value *answer,
                        hob_error *error);
/* Send from outside any turn.  EFULL when the mailbox stays full for
   MILLISECONDS (negative: wait as long as it takes).  [any, no turn]  */
HOB_API int hob_post(hob_value to, size_t count, const hob_value *args,
                     int milliseconds, hob_error *error);

/* ----------------------------------------------------------- during a turn

   All of this part: [turn].  A turn that fails leaves nothing: every become,
   spawn and send of it is undone (rule 1).  */

/* A new object in the turn's vat.  Runs user code (the constructor).  */
HOB_API int hob_spawn(hob_turn *turn, const hob_kind *kind, size_t count,
                      const hob_value *args, hob_value *refr);
/* The same with a debug name, any value.  */
HOB_API int hob_spawn_named(hob_turn *turn, hob_value name, const hob_kind *kind,
                            size_t count, const hob_value *args, hob_value *refr);
/* Calls of C objects inside each other: more than this would take the C stack.  */
enum { HOB_CALL_DEPTH = 4000 };

/* `$`: call a near object now; a promise that is fulfilled stands for what it is
   fulfilled with (a plain value answers itself).  Runs user code.  Errors:
   ENOTCALLABLE, EBROKEN, ELIMIT, or what the behaviour failed with.  */
HOB_API int hob_call(hob_turn *turn, hob_value refr, size_t count,
                     const hob_value *args, hob_value *answer);
/* `<-`: handled in a later turn; PROMISE is for the answer.  */
HOB_API int hob_send(hob_turn *turn, hob_value to, size_t count, const hob_value *args,
                     hob_value *promise);
/* `<-np`: the same without a promise.  */
HOB_API int hob_send_only(hob_turn *turn, hob_value to, size_t count,
                          const hob_value *args);
/* A promise and the object that settles it: it takes ('fulfill value) and
   ('break problem); only the first counts.  */
HOB_API int hob_promise_new(hob_turn *turn, hob_value *promise, hob_value *resolver);
/* LISTENER gets ('fulfill value) or ('break problem) when PROMISE settles; what is
   not a promise is fulfilled already.  */
HOB_API int hob_listen(hob_turn *turn, hob_value promise, hob_value listener);
/* Call a C function in a later turn, when VOW settles.  BROKEN tells which of the
   two it is.  RESULT (may be NULL) is a promise for what the function answers.  */
typedef int hob_handler(hob_turn *turn, void *data, bool broken, hob_value value,
                        hob_value *answer);
HOB_API int hob_on(hob_turn *turn, hob_value vow, hob_handler *handler, void *data,
                   hob_value *result);
/* From the behaviour of a C object: its state after this call.  */
HOB_API int hob_become(hob_turn *turn, hob_value state);
/* The same with another kind of behaviour.  */
HOB_API int hob_become_kind(hob_turn *turn, const hob_kind *kind, hob_value state);
/* The refr of the object that runs; NULL in a thunk or handler.  */
HOB_API hob_value hob_self(hob_turn *turn);
HOB_API hob_vat *hob_turn_vat(hob_turn *turn);
HOB_API bool hob_is_near(hob_turn *turn, hob_value refr);
/* Fail the turn: `return hob_fail (turn, "no account %s", name);`.  */
HOB_API int hob_fail(hob_turn *turn, const char *format, ...) HOB_PRINTF(2, 3);
/* The same with any value as the problem.  */
HOB_API int hob_fail_with(hob_turn *turn, hob_value problem);
/* What the last failure was, for a behaviour that catches one of hob_call.  */
HOB_API const hob_error *hob_turn_error(const hob_turn *turn);

/* Refrs.  */
HOB_API bool hob_is_refr(hob_value value);       /* object or promise */
HOB_API hob_value hob_refr_name(hob_value refr); /* debug name or NULL */
HOB_API hob_vat *hob_refr_vat(hob_value refr);
/* The kind of a C object; NULL of any other.  */
HOB_API const hob_kind *hob_refr_kind(hob_value refr);
typedef enum hob_promise_state {
    HOB_UNRESOLVED,
    HOB_FULFILLED,
    HOB_BROKEN
} hob_promise_state;
/* VALUE (may be NULL) gets what it is fulfilled or broken with, with promises
   followed as far as they are settled and near.  [turn]  */
HOB_API hob_promise_state hob_promise_look(hob_turn *turn, hob_value promise,
                                           hob_value *value);

#include "hob-host.h"

#ifdef __cplusplus
}
#endif

#endif
