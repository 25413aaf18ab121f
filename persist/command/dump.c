/* dump.c -- hob dump: the records of a store, one on a line.
   SPDX-License-Identifier: LGPL-3.0-or-later

   In the order of vats and objects, so that two dumps can be compared.  */

#include <config.h>

#include "command.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "catalog.h"
#include "object.h"
#include "show.h"

struct dump {
    hob_store *store;
    bool json;
    const char *kind; /* as it prints; NULL: all records */
    const char *key;  /* NULL: all; one that ends in a slash: all that begin so */
    char **keys;
    size_t count, capacity;
    hob_buffer line;
    int status;
};

/* -------------------------------------------------------------------- the keys */

static bool is_wanted(const struct dump *dump, hobi_bytes key) {
    if (dump->key == NULL)
        return true;
    size_t length = strlen(dump->key);
    bool begins = key.size >= length && memcmp(key.data, dump->key, length) == 0;
    return begins && (key.size == length || dump->key[length - 1] == '/');
}

static int note_key(void *data, hobi_bytes key, hobi_bytes value) {
    struct dump *dump = data;
    (void)value;
    if (!is_wanted(dump, key) || (dump->kind != NULL && read_key(key).id == 0))
        return HOB_OK;
    if (dump->count == dump->capacity) {
        char **grown =
            hobi_grow(dump->keys, &dump->capacity, dump->count + 1, sizeof *grown);
        if (grown == NULL)
            return HOB_ENOMEM;
        dump->keys = grown;
    }
    dump->keys[dump->count] = hobi_copy_text(key.data, key.size);
    return dump->keys[dump->count++] == NULL ? HOB_ENOMEM : HOB_OK;
}

/* The list of vats, then by vat, what it says of itself, and its objects by number.  */
static int order(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    const struct place p = read_key(hobi_text_bytes(x)),
                       q = read_key(hobi_text_bytes(y));
    if (p.number != q.number)
        return p.number < q.number ? -1 : 1;
    if (p.id != q.id)
        return p.id < q.id ? -1 : 1;
    return strcmp(x, y);
}

/* ------------------------------------------------------------------- the lines */

static int put(struct dump *dump, const char *text) {
    return text == NULL ? HOB_ENOMEM : hobi_buffer_append_text(&dump->line, text);
}

static int put_value(struct dump *dump, const char *before, hob_value value) {
    int code = put(dump, before);
    if (code != HOB_OK)
        return code;
    return dump->json ? show_json(value, &dump->line) : show_text(value, &dump->line);
}

static int put_key(struct dump *dump, const char *key) {
    if (!dump->json)
        return put(dump, key);
    int code = put(dump, "{\"key\":");
    return code != HOB_OK ? code : show_json_string(key, strlen(key), &dump->line);
}

static int put_object(struct dump *dump, const hob_record *object) {
    bool json = dump->json, named = object->debug_name != NULL;
    int code = put_value(dump, json ? ",\"kind\":" : " = ", object->name);
    if (code == HOB_OK)
        code = put_value(dump, json ? ",\"version\":" : ", version ", object->version);
    if (code == HOB_OK && named)
        code = put_value(dump, json ? ",\"name\":" : ", named ", object->debug_name);
    if (code == HOB_OK)
        code = put_value(dump, json ? ",\"portrait\":" : ": ", object->portrait);
    return code == HOB_OK && json ? put(dump, "}") : code;
}

static int put_other(struct dump *dump, hob_value value) {
    int code = put_value(dump, dump->json ? ",\"value\":" : " = ", value);
    return code == HOB_OK && dump->json ? put(dump, "}") : code;
}

static int put_error(struct dump *dump, const hob_error *error) {
    dump->status = DAMAGED;
    if (!dump->json)
        return put(dump, hobi_format(" is unreadable: %s", error->message));
    int code = put(dump, ",\"error\":");
    if (code == HOB_OK)
        code = show_json_string(error->message, strlen(error->message), &dump->line);
    return code == HOB_OK ? put(dump, "}") : code;
}

static bool is_of_kind(const struct dump *dump, const hob_record *object) {
    const char *name = dump->kind == NULL ? NULL : hob_print(object->name, 0);
    return dump->kind == NULL || (name != NULL && strcmp(name, dump->kind) == 0);
}

/* An object, or any other value.  */
static int read_and_put(struct dump *dump, const char *key, hob_error *error) {
    hobi_bytes bytes;
    hob_record object = {0};
    hob_value value = NULL;
    int code = hobi_store_read(dump->store, hobi_text_bytes(key), &bytes, error);
    if (code != HOB_OK)
        return code;
    if (read_key(hobi_text_bytes(key)).id == 0) {
        const hob_syrup_context context = {.max_depth = SHOW_DEPTH};
        code = hob_syrup_decode(bytes.data, bytes.size, &context, &value, NULL, error);
        return code != HOB_OK ? code : put_other(dump, value);
    }
    code = read_object(bytes, NULL, NULL, SHOW_DEPTH, &object, error);
    if (code == HOB_OK && !is_of_kind(dump, &object)) {
        dump->line.size = 0;
        return HOB_OK;
    }
    return code != HOB_OK ? code : put_object(dump, &object);
}

static int dump_record(struct dump *dump, const char *key) {
    hob_error error = {0};
    dump->line.size = 0;
    int code = put_key(dump, key);
    size_t start = dump->line.size;
    if (code != HOB_OK)
        return code;
    code = read_and_put(dump, key, &error);
    if (code == HOB_ENOMEM)
        return code;
    if (code != HOB_OK) {
        dump->line.size = start;
        code = put_error(dump, &error);
    }
    if (code == HOB_OK && dump->line.size > 0)
        code = put(dump, "\n");
    if (code == HOB_OK)
        fwrite(dump->line.data, 1, dump->line.size, stdout);
    return code;
}

/* -------------------------------------------------------------------- running */

static int dump_all(struct dump *dump, hob_error *error) {
    int code = hobi_store_iterate(dump->store, note_key, dump, error);
    if (code == HOB_EDAMAGED) {
        complain(&dump_command, "%s (hob verify tells more)", error->message);
        dump->status = DAMAGED;
        code = HOB_OK;
    }
    if (dump->count > 0)
        qsort(dump->keys, dump->count, sizeof *dump->keys, order);
    for (size_t i = 0; i < dump->count && code == HOB_OK; i++)
        code = dump_record(dump, dump->keys[i]);
    return code;
}

static int show(struct dump *dump, const char *path) {
    hob_error error = {0};
    int status = open_store(&dump_command, path, false, &dump->store, &error);
    if (status == DAMAGED)
        complain(&dump_command, "%s", error.message);
    if (status != GOOD)
        return status;
    int code = dump_all(dump, &error);
    hob_store_close(dump->store, NULL);
    if (code != HOB_OK)
        return complain(&dump_command, "%s: %s", path,
                        error.message != NULL ? error.message : hob_strerror(code));
    if (dump->count == 0 && dump->key != NULL && dump->status == GOOD)
        return complain(&dump_command, "%s: there is no record %s", path, dump->key);
    return dump->status;
}

static int run(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"kind", required_argument, NULL, 'k'},
                                            {NULL, 0, NULL, 0}};
    struct dump dump = {0};
    int option;
    while ((option = getopt_long(argc, argv, ":hjk:", options, NULL)) != -1) {
        switch (option) {
        case 'h':
            print_help(&dump_command);
            return GOOD;
        case 'j':
            dump.json = true;
            break;
        case 'k':
            dump.kind = optarg;
            break;
        case ':':
            return complain_of_use(&dump_command, "%s needs a name", argv[optind - 1]);
        default:
            return complain_of_use(&dump_command, "no such option: %s",
                                   argv[optind - 1]);
        }
    }
    if (argc - optind < 1 || argc - optind > 2)
        return complain_of_use(&dump_command,
                               "give the folder of one store, and at most one key");
    dump.key =
        argc - optind == 2 && *argv[optind + 1] != '\0' ? argv[optind + 1] : NULL;
    return show(&dump, argv[optind]);
}

const struct subcommand dump_command = {
    .name = "dump",
    .arguments = "[--json] [--kind NAME] STORE [KEY]",
    .summary = "Print the records of a store, one on a line",
    .help = "  --json        print JSON, one object on a line\n"
            "  --kind NAME   only objects of this kind, as hob info shows its name\n"
            "  KEY           only this record, such as 1/o/5; all records whose keys\n"
            "                begin with it, when it ends in a slash, such as 1/\n\n"
            "Exit status: 0 good; 1 a record cannot be read; 2 usage, or the store\n"
            "cannot be read.\n",
    .run = run,
};
