/* fuzz-syrup.c -- any bytes are refused, or are the encoding of what they mean.
   SPDX-License-Identifier: LGPL-3.0-or-later

   With -DHOB_LIBFUZZER and -fsanitize=fuzzer, a target of libFuzzer.  Else a
   program, fuzz-syrup [N [SEED]], that tries N mutations of random encodings.  A
   broken claim aborts, which both report.  */

#include <config.h>

#include "testing.h"

static void claim(bool holds, const char *what, const uint8_t *bytes, size_t size) {
    if (!holds) {
        fprintf(stderr, "%s:", what);
        for (size_t i = 0; i < size; i++) {
            fprintf(stderr, " %02x", bytes[i]);
        }
        fprintf(stderr, "\n");
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    hob_value value = NULL, again = NULL;
    hob_error error = {0};
    hob_buffer buffer = {0};
    size_t used = 0;
    if (hob_syrup_decode(bytes, size, NULL, &value, &used, &error)) {
        claim(error.offset <= size, "offset beyond the input", bytes, size);
        claim(error.message != NULL, "an error without words", bytes, size);
        return 0;
    }
    claim(hob_syrup_encode(value, NULL, &buffer, NULL) == 0,
          "decoded, but cannot be encoded", bytes, size);
    bool same = buffer.size == used && memcmp(buffer.data, bytes, used) == 0;
    claim(same || memchr(bytes, 'F', used), "two encodings of one value", bytes, size);
    claim(hob_syrup_decode(buffer.data, buffer.size, NULL, &again, NULL, NULL) == 0,
          "encoded, but cannot be decoded", bytes, size);
    claim(hob_equal(value, again), "decoded as another value", bytes, size);
    claim(hob_compare(value, again) == 0, "order is not equality", bytes, size);
    return 0;
}

#ifndef HOB_LIBFUZZER

enum { ROOM = 1 << 16 };

/* A byte that means something here, more often than not.  */
static uint8_t some_byte(struct testing_random *r) {
    static const char known[] = "0123456789+-:\"'[]{}#$<>tfDF";
    return testing_below(r, 4) ? (uint8_t)known[testing_below(r, sizeof known - 1)]
                               : (uint8_t)testing_next(r);
}

static size_t mutate(struct testing_random *r, uint8_t *bytes, size_t size) {
    size_t at = testing_below(r, size + 1), rest = size - at;
    size_t count = 1 + testing_below(r, 8);
    size_t from = testing_below(r, size + 1);
    switch (testing_below(r, 4)) {
    case 0: /* change */
        if (rest > 0) {
            bytes[at] = some_byte(r);
        }
        return size;
    case 1: /* insert */
        memmove(bytes + at + 1, bytes + at, rest);
        bytes[at] = some_byte(r);
        return size + 1;
    case 2: /* cut out */
        count = count < rest ? count : rest;
        memmove(bytes + at, bytes + at + count, rest - count);
        return size - count;
    default: /* copy a piece to where another begins */
        count = count < size - from ? count : size - from;
        memmove(bytes + at + count, bytes + at, rest);
        memmove(bytes + at, bytes + (from < at ? from : from + count), count);
        return size + count;
    }
}

int main(int argc, char **argv) {
    unsigned long rounds = testing_long() ? 5000000 : 100000;
    uint64_t seed = testing_seed();
    rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : rounds;
    seed = argc > 2 ? (uint64_t)strtoull(argv[2], NULL, 0) : seed;
    printf("fuzz-syrup %lu %" PRIu64 "\n", rounds, seed);
    fflush(stdout);
    struct testing_random r = {seed};
    static uint8_t bytes[ROOM];
    for (unsigned long round = 0; round < rounds; round++) {
        hob_buffer buffer = {0};
        hob_value value = testing_value(&r, 3);
        if (hob_syrup_encode(value, NULL, &buffer, NULL) || buffer.size > ROOM / 2) {
            continue;
        }
        memcpy(bytes, buffer.data, buffer.size);
        size_t size = buffer.size;
        for (size_t left = testing_below(&r, 4); left > 0; left--) {
            size = mutate(&r, bytes, size);
        }
        LLVMFuzzerTestOneInput(bytes, size);
    }
    return EXIT_SUCCESS;
}

#endif
