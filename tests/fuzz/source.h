/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source - any bytes as an input: every record must be handed over or skipped. Of a
 * format of DNS messages, all that is handed over has a name and a client's address.
 */
#ifndef TESTS_FUZZ_SOURCE_H
#define TESTS_FUZZ_SOURCE_H

#include "ingest/source.h"
#include "tests/fuzz/file.h"

static inline void read_source(struct span text, const struct source_opts *opts, bool messages)
{
    struct fuzz_file f = fuzz_file_of((const uint8_t *)text.p, text.n);
    struct source *s;
    const struct lookup *v;
    size_t n;
    uint64_t given = 0;
    int rc = source_open(&s, f.path, opts, NULL);
    if (rc == 0) {
        while ((rc = source_next(s, &v, &n, NULL)) > 0) {
            for (size_t i = 0; messages && i < n; i++)
                require((v[i].client.n == 4 || v[i].client.n == 16) && v[i].name.n > 0,
                        "a message has a name and a client's address");
            given += n;
        }
        require(rc < 0 || source_read(s) == given + skips_total(source_skips(s)),
                "records read = handed over + skips");
        source_close(s);
    }
    fuzz_file_end(&f);
}

#endif
