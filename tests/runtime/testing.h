/* testing.h -- random values from a seed that can be given again.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A suite prints its seed; HOB_SEED=number in the environment repeats the run.
   Nothing here allocates before a test runs: the collector starts in the process
   of the test, not in the one that forks it.  */

#ifndef TESTING_H
#define TESTING_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hob.h"

struct testing_random {
    uint64_t state;
};

static inline uint64_t testing_seed(void) {
    const char *given = getenv("HOB_SEED");
    uint64_t chance = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
    return given ? (uint64_t)strtoull(given, NULL, 0) : chance;
}

/* True when there is time for many rounds (make check-long).  */
static inline bool testing_long(void) {
    return getenv("HOB_LONG") != NULL;
}

static inline uint64_t testing_next(struct testing_random *r) {
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline size_t testing_below(struct testing_random *r, size_t limit) {
    return (size_t)(testing_next(r) % limit);
}

static inline hob_value testing_integer(struct testing_random *r) {
    char digits[80];
    size_t count = 0;
    switch (testing_below(r, 4)) {
    case 0:
        return hob_integer((int64_t)testing_below(r, 20) - 10);
    case 1:
        return hob_integer((int64_t)testing_next(r));
    default:
        if (testing_below(r, 2)) {
            digits[count++] = '-';
        }
        for (size_t left = 1 + testing_below(r, 60); left > 0; left--) {
            digits[count++] = (char)('0' + testing_below(r, 10));
        }
        return hob_integer_from_text(digits, count);
    }
}

static inline double testing_double(struct testing_random *r) {
    static const double special[] = {0.0,
                                     -0.0,
                                     1.5,
                                     -1.5,
                                     1e300,
                                     -1e300,
                                     __builtin_inf(),
                                     -__builtin_inf(),
                                     __builtin_nan("")};
    if (testing_below(r, 2)) {
        return special[testing_below(r, sizeof special / sizeof *special)];
    }
    uint64_t bits = testing_next(r);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* A few short texts, so that equal ones come up.  */
static inline hob_value testing_text(struct testing_random *r, hob_type type) {
    static const char *const texts[] = {"",  "a",          "b",    "ab", "a b",
                                        "é", "\U0001f600", "x\"y", "1",  "ba"};
    const char *text = texts[testing_below(r, sizeof texts / sizeof *texts)];
    size_t length = strlen(text);
    switch (type) {
    case HOB_STRING:
        return hob_string(text, length);
    case HOB_SYMBOL:
        return hob_symbol(text, length);
    case HOB_KEYWORD:
        return hob_keyword(text, length);
    default:
        return hob_bytes(text, length);
    }
}

static inline hob_value testing_plain(struct testing_random *r) {
    hob_type type = (hob_type)testing_below(r, HOB_BYTES + 1);
    switch (type) {
    case HOB_VOID:
        return hob_void();
    case HOB_NIL:
        return hob_nil();
    case HOB_BOOLEAN:
        return hob_boolean(testing_below(r, 2) != 0);
    case HOB_RATIONAL: {
        hob_value numerator = testing_integer(r);
        return hob_rational(numerator, hob_integer(1 + (int64_t)testing_below(r, 9)));
    }
    case HOB_DOUBLE:
        return hob_double(testing_double(r));
    case HOB_CHARACTER:
        return hob_character((uint32_t)testing_below(r, 0xd800));
    case HOB_INTEGER:
        return testing_integer(r);
    default:
        return testing_text(r, type);
    }
}

/* Any value that can be stored, nested at most DEPTH deep.  */
static inline hob_value testing_value(struct testing_random *r, int depth) {
    enum { MOST = 5 };
    hob_value items[2 * MOST];
    if (depth == 0 || testing_below(r, 3) == 0) {
        return testing_plain(r);
    }
    size_t count = testing_below(r, MOST + 1);
    for (size_t i = 0; i < 2 * MOST; i++) {
        items[i] = testing_value(r, i < 2 * count ? depth - 1 : 0);
    }
    switch (testing_below(r, 6)) {
    case 0:
        return hob_list(count, items);
    case 1:
        return hob_dotted_list(count, items, testing_plain(r));
    case 2:
        return hob_vector(count, items);
    case 3:
        return hob_map(count, items);
    case 4:
        return hob_set(count, items);
    default:
        return hob_tagged(items[0], items[1]);
    }
}

#endif
