/* SPDX-License-Identifier: GPL-3.0-or-later
 * For fuzz targets of readers: bytes as a file, read to the end, all accounted for. */
#ifndef FUZZ_SOURCES_H
#define FUZZ_SOURCES_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ingest/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static inline void read_source(struct span text, const struct source_opts *opts)
{
    struct source *s;
    const struct lookup *v;
    size_t n;
    uint64_t lookups = 0;
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC), got = -1;
    require(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n, "a file in memory");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (source_open(&s, path, opts, NULL) == 0) {
        while ((got = source_next(s, &v, &n, NULL)) > 0)
            lookups += n;
        require(got < 0 || source_read(s) == lookups + skips_total(source_skips(s)),
                "records read = look-ups + skips");
        source_close(s);
    }
    close(fd);
}

#endif
