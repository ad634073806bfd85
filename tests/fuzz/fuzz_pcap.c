/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a capture: every record must be handed over or skipped, and
 * everything handed over must have a name and a client. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ingest/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_all(const char *path)
{
    const uint16_t ports[] = {5300, 0};
    struct source_opts opts = {.format = "pcap", .ports = ports};
    struct err err;
    struct source *s;
    if (source_open(&s, path, &opts, &err) < 0)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int file = memfd_create("capture", 0);
    char path[64];
    if (file < 0)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (write(file, data, n) == (ssize_t)n)
        read_all(path);
    close(file);
    return 0;
}
