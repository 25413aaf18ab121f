/* info.c -- hob info: the vats of a store, and how large it is.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "command.h"

#include <getopt.h>
#include <inttypes.h>

#include "catalog.h"

struct size {
    uint64_t objects, bytes;
};

struct counting {
    const struct catalog *catalog;
    struct size *sizes; /* of each vat */
};

/* Three digits and a unit.  */
static const char *readable(uint64_t bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    int unit = 0;
    while (size >= 1024 && unit < 4) {
        size /= 1024;
        unit++;
    }
    return hobi_format(unit == 0 || size >= 99.95 ? "%.0f %s" : "%.1f %s", size,
                       units[unit]);
}

static int count_record(void *data, hobi_bytes key, hobi_bytes value) {
    const struct counting *counting = data;
    const struct place place = read_key(key);
    const struct entry *entry = find_entry(counting->catalog, place.number);
    if (entry == NULL || place.id == 0)
        return HOB_OK;
    struct size *size = &counting->sizes[entry - counting->catalog->entries];
    size->objects++;
    size->bytes += key.size + value.size;
    return HOB_OK;
}

/* ------------------------------------------------------------------- printing */

static void print_store(hob_store *store, size_t vats) {
    hob_store_information about;
    hob_store_get_information(store, &about);
    printf("store    %s\n", about.path);
    printf("engine   %s\n", about.engine);
    puts("in use   by nobody");
    printf("vats     %zu\n", vats);
    printf("records  %" PRIu64 ", %s of keys and values\n", about.records,
           readable(about.live_bytes));
    printf("batches  last LSN %" PRIu64 ", in the GDBM file up to LSN %" PRIu64 "\n",
           about.last_lsn, about.checkpoint_lsn);
    printf("files    %s GDBM, %s journal\n", readable(about.file_bytes),
           readable(about.journal_bytes));
}

static void print_id(hob_value id) {
    size_t size = 0;
    const unsigned char *bytes = (const unsigned char *)hob_text(id, &size);
    fputs("  id       ", stdout);
    for (size_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
    putchar('\n');
}

static void print_roots(const struct entry *entry) {
    size_t count = entry->roots == NULL ? 0 : hob_count(entry->roots);
    printf("  roots    %zu", count);
    for (size_t i = 0; i < count; i++)
        printf("%s %s", i == 0 ? ":" : ",", hob_print(hob_item(entry->roots, i), 0));
    if (entry->roots_version != NULL)
        printf(" (version %s)", hob_print(entry->roots_version, 100));
    putchar('\n');
}

static void print_kinds(const hobi_kinds *kinds) {
    const char *head = "  kinds    ";
    for (size_t i = 0; i < kinds->count; i++, head = "           ")
        printf("%s%s, version %s: %" PRId64 "\n", head,
               hob_print(kinds->items[i].name, 0),
               hob_print(kinds->items[i].version, 100), kinds->items[i].count);
}

static void print_vat(const struct entry *entry, const struct size *size) {
    printf("\nvat %s (number %" PRId64 ")\n", entry->key, entry->number);
    print_id(entry->id);
    if (!entry->saved) {
        puts("  empty: its first save did not succeed");
        return;
    }
    printf("  objects  %" PRIu64 ", %s\n", size->objects, readable(size->bytes));
    print_roots(entry);
    printf("  ids      below %" PRId64 " were given out\n", entry->ceiling);
    print_kinds(&entry->kinds);
}

/* -------------------------------------------------------------------- running */

static void tell(void *data, const char *key, const char *what) {
    int *status = data;
    complain(&info_command, "%s: %s", key, what);
    *status = DAMAGED;
}

static int print_all(hob_store *store, int *status, hob_error *error) {
    struct catalog catalog;
    struct counting counting = {&catalog, NULL};
    if (read_catalog(store, &catalog, tell, status) != HOB_OK)
        return HOB_ENOMEM;
    counting.sizes = hobi_alloc((catalog.count + 1) * sizeof *counting.sizes);
    if (counting.sizes == NULL)
        return HOB_ENOMEM;
    int code = hobi_store_iterate(store, count_record, &counting, error);
    if (code != HOB_OK)
        return code;
    print_store(store, catalog.count);
    for (size_t i = 0; i < catalog.count; i++)
        print_vat(&catalog.entries[i], &counting.sizes[i]);
    return HOB_OK;
}

static int show(const char *path) {
    hob_store *store = NULL;
    hob_error error = {0};
    int status = open_store(&info_command, path, false, &store, &error);
    if (status == DAMAGED)
        complain(&info_command, "%s", error.message);
    if (status != GOOD)
        return status;
    int code = print_all(store, &status, &error);
    hob_store_close(store, NULL);
    if (code == HOB_OK)
        return status;
    complain(&info_command, "%s: %s", path,
             error.message != NULL ? error.message : hob_strerror(code));
    return code == HOB_EDAMAGED ? DAMAGED : FAILED;
}

static int run(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option != 'h')
            return complain_of_use(&info_command, "no such option: %s",
                                   argv[optind - 1]);
        print_help(&info_command);
        return GOOD;
    }
    if (argc - optind != 1)
        return complain_of_use(&info_command, "give the folder of one store");
    return show(argv[optind]);
}

const struct subcommand info_command = {
    .name = "info",
    .arguments = "STORE",
    .summary = "Show the vats of a store, their kinds, and how large it is",
    .help =
        "Each vat with its key, its id, how many objects it has, which of them are\n"
        "its roots, and how many there are of each kind and version.  A store that\n"
        "is in use cannot be looked into; the error then says who has it.\n",
    .run = run,
};
