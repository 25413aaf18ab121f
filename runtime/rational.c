/* rational.c -- exact fractions.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A rational is kept in lowest terms with a denominator above 1, so each number
   has one form, equality is that of the parts, and the encoding is unique.  One
   whose denominator would be 1 is an integer.  */

#include <config.h>

#include "rational.h"

#include "integer.h"

static hob_value make_rational(hob_value numerator, hob_value denominator) {
    if (!numerator || !denominator) {
        return NULL;
    }
    struct hobi_node *node = hobi_alloc(sizeof *node + 2 * sizeof(hob_value));
    if (node) {
        *node = (struct hobi_node){hobi_node_head(HOB_RATIONAL), 2};
        hob_value *parts = (hob_value *)(node + 1);
        parts[0] = numerator;
        parts[1] = denominator;
    }
    return node;
}

/* Q is reduced.  */
static hob_value from_mpq(const mpq_t q) {
    if (mpz_cmp_ui(mpq_denref(q), 1) == 0) {
        return hobi_integer_from_mpz(mpq_numref(q));
    }
    return make_rational(hobi_integer_from_mpz(mpq_numref(q)),
                         hobi_integer_from_mpz(mpq_denref(q)));
}

hob_value hob_rational(hob_value numerator, hob_value denominator) {
    if (!numerator || !denominator || !hobi_is_integer(numerator) ||
        !hobi_is_integer(denominator) || hobi_integer_sign(denominator) == 0) {
        return NULL;
    }
    mp_limb_t limbs[2];
    mpz_t n, d;
    hobi_integer_read(numerator, n, &limbs[0]);
    hobi_integer_read(denominator, d, &limbs[1]);
    mpq_t q;
    mpq_init(q);
    mpq_set_num(q, n);
    mpq_set_den(q, d);
    mpq_canonicalize(q);
    hob_value rational = from_mpq(q);
    mpq_clear(q);
    return rational;
}

/* PRODUCT becomes A times B; the caller clears it.  */
static void multiply(hob_value a, hob_value b, mpz_t product) {
    mp_limb_t limbs[2];
    mpz_t x, y;
    hobi_integer_read(a, x, &limbs[0]);
    hobi_integer_read(b, y, &limbs[1]);
    mpz_init(product);
    mpz_mul(product, x, y);
}

int hobi_rational_compare(hob_value a, hob_value b) {
    mpz_t left, right;
    multiply(hob_numerator(a), hob_denominator(b), left);
    multiply(hob_numerator(b), hob_denominator(a), right);
    int order = mpz_cmp(left, right);
    mpz_clear(left);
    mpz_clear(right);
    return (order > 0) - (order < 0);
}
