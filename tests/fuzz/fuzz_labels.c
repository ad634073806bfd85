/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a label file: what is read gives each client one label, or itself. */
#include "ingest/canon.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const clients[] = {"192.0.2.1",   "10.0.0.255", "0.0.0.0",
                                          "2001:db8::1", "::",         "a host name"};
    struct fuzz_file f = fuzz_file_of(data, size);
    struct canon_labels *labels = NULL;
    struct err err = {0};
    if (canon_labels_read(&labels, f.path, &err) < 0) {
        require(!labels && err.msg[0] != '\0', "a refusal has a reason");
    } else {
        const struct canon_group group = {32, 128, labels};
        for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
            char out[CANON_CLIENT_MAX];
            size_t n = 0;
            canon_group_client(&group, span_of(clients[i]), out, &n);
            require(n > 0 && n <= CANON_CLIENT_MAX, "a client has a spelling");
        }
        canon_labels_free(labels);
    }
    fuzz_file_end(&f);
    return 0;
}
