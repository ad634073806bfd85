/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a capture: every record must be handed over or skipped, and
 * everything handed over must have a name and a client. */
#include "ingest/source.h"
#include "tests/fuzz/file.h"

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
            require((v[i].client.n == 4 || v[i].client.n == 16) && v[i].name.n > 0,
                    "a look-up has a client and a name");
        given += n;
    }
    require(rc < 0 || source_read(s) == given + skips_total(source_skips(s)),
            "records read = look-ups + skips");
    source_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct fuzz_file f = fuzz_file_of(data, n);
    read_all(f.path);
    fuzz_file_end(&f);
    return 0;
}
