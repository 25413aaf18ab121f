/* print.c -- values as text, for people.
   SPDX-License-Identifier: LGPL-3.0-or-later

   As Scheme would write them, where Scheme has a way to:

     (a b . c)  #(a b)  #u8(1 2)  "text"  symbol  #{odd symbol}#  #:keyword  #\\a
     #t  #f  -12  2/3  1.5  +inf.0  +nan.0

   and the rest in a form that Scheme's reader refuses:

     #<void>  #<nil>  #<host value>  #<map key value ...>  #<set member ...>
     #<tagged label datum>  and for a refr what refr.c says

   A host value does not show its address: what is printed may end in a message to
   somebody who shall not learn it (rule 6).

   The text goes into error messages, so a limit stops the work early, not only the
   output; and values may be nested a million deep, so the walk keeps its own stack.
   hob_print gives NULL only when memory is out.  */

#include <config.h>

#include "print.h"

struct level {
    hob_value value;
    size_t next;
};

struct printer {
    hob_buffer text;
    size_t limit; /* SIZE_MAX: none */
    struct level *levels;
    size_t depth, capacity;
    struct level own[32];
};

static const char *opening(hob_type type) {
    switch (type) {
    case HOB_VECTOR:
        return "#(";
    case HOB_MAP:
        return "#<map";
    case HOB_SET:
        return "#<set";
    case HOB_TAGGED:
        return "#<tagged";
    default:
        return "(";
    }
}

static const char *closing(hob_type type) {
    return type == HOB_LIST || type == HOB_VECTOR ? ")" : ">";
}

static const char *separator(const struct level *level) {
    hob_type type = hobi_node_type(level->value);
    if (type == HOB_LIST && level->next == level->value->count) {
        return " . ";
    }
    return level->next > 0 || type > HOB_VECTOR ? " " : "";
}

static int enter(struct printer *p, hob_value value) {
    if (p->depth == p->capacity) {
        void *grown =
            hobi_grow(p->levels, &p->capacity, p->depth + 1, sizeof p->own[0]);
        if (!grown) {
            return HOB_ENOMEM;
        }
        p->levels = grown;
    }
    p->levels[p->depth++] = (struct level){value, 0};
    return hobi_buffer_append_text(&p->text, opening(hobi_node_type(value)));
}

static int print_one(struct printer *p, hob_value value) {
    hob_type type = hobi_type_of(value);
    return type >= HOB_LIST && type <= HOB_TAGGED
               ? enter(p, value)
               : hobi_print_plain(value, type, p->limit, &p->text);
}

/* Writes what stands before the next value, and says which it is: NULL at the end.  */
static int advance(struct printer *p, hob_value *next) {
    int code = HOB_OK;
    *next = NULL;
    while (p->depth > 0 && !code) {
        struct level *top = &p->levels[p->depth - 1];
        if (top->next < hobi_slots(top->value)) {
            code = hobi_buffer_append_text(&p->text, separator(top));
            *next = hobi_items(top->value)[top->next++];
            break;
        }
        code = hobi_buffer_append_text(&p->text, closing(hobi_node_type(top->value)));
        p->depth--;
    }
    return code;
}

/* Ends the text at the limit, between two characters.  */
static int cut(struct printer *p) {
    if (p->text.size > p->limit) {
        const char *text = (const char *)p->text.data;
        size_t size = p->limit;
        while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) {
            size--;
        }
        p->text.size = size;
        if (hobi_buffer_append_text(&p->text, "...")) {
            return HOB_ENOMEM;
        }
    }
    return hobi_buffer_append(&p->text, "", 1);
}

const char *hob_print(hob_value value, size_t limit) {
    struct printer p;
    p.text = (hob_buffer){0};
    p.limit = limit ? limit : SIZE_MAX;
    p.levels = p.own;
    p.depth = 0;
    p.capacity = sizeof p.own / sizeof p.own[0];
    int code = HOB_OK;
    while (value && !code && p.text.size <= p.limit) {
        code = print_one(&p, value);
        if (!code) {
            code = advance(&p, &value);
        }
    }
    return code || cut(&p) ? NULL : (const char *)p.text.data;
}
