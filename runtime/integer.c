/* integer.c -- exact integers of any size.
   SPDX-License-Identifier: LGPL-3.0-or-later

   An integer that fits in 63 bits is always inline, one that does not is always a
   node of limbs without leading zeros; so each number has one form, and equality
   and the encoding rest on that.  The limbs are read in place by GMP.  Numbers that
   GMP works out itself live in its own memory, from malloc: whoever makes one
   clears it.  Being out of memory inside GMP is beyond our reach: it stops the
   process, here as in Guile, which uses the same library.  */

#include <config.h>

#include "integer.h"

static uint64_t magnitude(int64_t number) {
    return number < 0 ? -(uint64_t)number : (uint64_t)number;
}

static hob_value make_limbs(const mp_limb_t *limbs, size_t count, bool negative) {
    struct hobi_node *node = hobi_alloc_atomic(sizeof *node + count * sizeof *limbs);
    if (!node) {
        return NULL;
    }
    uintptr_t sign = negative ? HOBI_NODE_NEGATIVE : 0;
    *node = (struct hobi_node){hobi_node_head(HOB_INTEGER) | sign, count};
    memcpy(node + 1, limbs, count * sizeof *limbs);
    return node;
}

hob_value hob_integer(int64_t number) {
    if (number >= HOBI_FIXNUM_MIN && number <= HOBI_FIXNUM_MAX) {
        return hobi_fixnum(number);
    }
    mp_limb_t limb = magnitude(number);
    return make_limbs(&limb, 1, number < 0);
}

hob_value hobi_integer_from_mpz(const mpz_t number) {
    if (mpz_fits_slong_p(number)) {
        return hob_integer(mpz_get_si(number));
    }
    return make_limbs(mpz_limbs_read(number), mpz_size(number), mpz_sgn(number) < 0);
}

/* The node's limbs as GMP's, all of them or the magnitude only.  */
static void view_limbs(hob_value node, bool negative, mpz_t number) {
    mp_size_t count = (mp_size_t)node->count;
    mpz_roinit_n(number, (const mp_limb_t *)(node + 1), negative ? -count : count);
}

static bool is_negative_node(hob_value node) {
    return (node->head & HOBI_NODE_NEGATIVE) != 0;
}

bool hobi_integer_view(hob_value value, mpz_t number) {
    if (!hobi_is(value, HOB_INTEGER)) {
        return false;
    }
    view_limbs(value, is_negative_node(value), number);
    return true;
}

void hobi_integer_read(hob_value integer, mpz_t number, mp_limb_t *limb) {
    if (!hobi_integer_view(integer, number)) {
        int64_t small = hobi_fixnum_value(integer);
        *limb = magnitude(small);
        mpz_roinit_n(number, limb, small < 0 ? -1 : small > 0);
    }
}

bool hob_get_int64(hob_value value, int64_t *number) {
    mpz_t big;
    if (hobi_is_fixnum(value)) {
        *number = hobi_fixnum_value(value);
        return true;
    }
    if (!hobi_integer_view(value, big) || !mpz_fits_slong_p(big)) {
        return false;
    }
    *number = mpz_get_si(big);
    return true;
}

int hobi_integer_sign(hob_value integer) {
    if (hobi_is_fixnum(integer)) {
        int64_t number = hobi_fixnum_value(integer);
        return (number > 0) - (number < 0);
    }
    return is_negative_node(integer) ? -1 : 1;
}

int hobi_integer_compare(hob_value a, hob_value b) {
    if (hobi_is_fixnum(a) && hobi_is_fixnum(b)) {
        int64_t x = hobi_fixnum_value(a), y = hobi_fixnum_value(b);
        return (x > y) - (x < y);
    }
    mp_limb_t limbs[2];
    mpz_t x, y;
    hobi_integer_read(a, x, &limbs[0]);
    hobi_integer_read(b, y, &limbs[1]);
    int order = mpz_cmp(x, y);
    return (order > 0) - (order < 0);
}

int hobi_integer_digits(hob_value integer, hob_buffer *buffer) {
    if (hobi_is_fixnum(integer)) {
        if (hobi_buffer_reserve(buffer, HOBI_DECIMAL_WIDTH)) {
            return HOB_ENOMEM;
        }
        hobi_buffer_put_decimal(buffer, magnitude(hobi_fixnum_value(integer)));
        return HOB_OK;
    }
    mpz_t number;
    view_limbs(integer, false, number);
    if (hobi_buffer_reserve(buffer, mpz_sizeinbase(number, 10) + 2)) {
        return HOB_ENOMEM;
    }
    char *into = (char *)buffer->data + buffer->size;
    buffer->size += strlen(mpz_get_str(into, 10, number));
    return HOB_OK;
}

static hob_value big_from_digits(const char *digits, size_t count, bool negative) {
    const char *text = hobi_copy_text(digits, count);
    if (!text) {
        return NULL;
    }
    mpz_t number;
    mpz_init_set_str(number, text, 10);
    if (negative) {
        mpz_neg(number, number);
    }
    hob_value integer = hobi_integer_from_mpz(number);
    mpz_clear(number);
    return integer;
}

hob_value hobi_integer_from_digits(const char *digits, size_t count, bool negative) {
    enum { SURE = 18 }; /* digits that 63 bits hold whatever they are */
    if (count > SURE) {
        return big_from_digits(digits, count, negative);
    }
    int64_t number = 0;
    for (size_t i = 0; i < count; i++) {
        number = number * 10 + (digits[i] - '0');
    }
    return hobi_fixnum(negative ? -number : number);
}

hob_value hob_integer_from_text(const char *text, size_t length) {
    size_t sign = length > 0 && text[0] == '-';
    for (size_t i = sign; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return NULL;
        }
    }
    return length > sign
               ? hobi_integer_from_digits(text + sign, length - sign, sign != 0)
               : NULL;
}
