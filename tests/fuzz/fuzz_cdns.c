/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as C-DNS. */
#include "tests/fuzz/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct source_opts opts = {.format = "cdns"};
    read_source(span_make(data, n), &opts, true);
    return 0;
}
