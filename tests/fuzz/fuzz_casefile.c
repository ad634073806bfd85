/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a case file: it is refused with a reason, or its counts can be walked
 * and written again. */
#include <string.h>

#include "ingest/casefile.h"
#include "tests/fuzz/file.h"

/* SQLite follows links, so a file in memory will not do. */
static void write_file(char path[64], const uint8_t *data, size_t size)
{
    snprintf(path, 64, "%s/fuzz-case-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    int fd = mkstemp(path);
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size, "a file");
    close(fd);
}

static void walk(const struct counts *c)
{
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        uint64_t total = 0;
        int64_t last = p->first;
        require(p->client < c->nclients && p->name < c->nnames, "a pair of what is there");
        struct series_iter it = series_begin(counts_series(p), p->first);
        for (; series_next(&it); last = it.tick)
            total += it.count;
        require(total == p->total, "the series adds up to the total");
        require(total == 0 || last == p->last || p->copies_n, "the series ends at `last`");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct counts *c = NULL;
    struct err err = {0};
    write_file(path, data, size);
    int rc = casefile_read(&c, path, &err);
    if (rc < 0)
        require(!c && err.msg[0] != '\0', "a refusal has a reason");
    else
        walk(c);
    if (c)
        counts_free(c);
    unlink(path);
    return 0;
}
