/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source - any bytes as an input of a format of messages: every record must be handed
 * over or skipped, and everything handed over must have a name and a client.
 */
#ifndef TESTS_FUZZ_SOURCE_H
#define TESTS_FUZZ_SOURCE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ingest/source.h"

static inline void fuzz_read_all(const char *path, const struct source_opts *opts)
{
    struct err err;
    struct source *s;
    if (source_open(&s, path, opts, &err) < 0)
        return;
    const struct lookup *v;
    size_t n;
    uint64_t given = 0;
    int rc;
    while ((rc = source_next(s, &v, &n, &err)) > 0) {
        for (size_t i = 0; i < n; i++)
            if ((v[i].client.n != 4 && v[i].client.n != 16) || v[i].name.n == 0)
                abort();
        given += n;
    }
    if (rc == 0 && source_read(s) != given + skips_total(source_skips(s)))
        abort();
    source_close(s);
}

static inline void fuzz_source(const uint8_t *data, size_t n, const struct source_opts *opts)
{
    int file = memfd_create("fuzz", 0);
    char path[64];
    if (file < 0)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (write(file, data, n) == (ssize_t)n)
        fuzz_read_all(path, opts);
    close(file);
}

#endif
