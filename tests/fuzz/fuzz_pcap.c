/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a capture. */
#include "tests/fuzz/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint16_t ports[] = {5300, 0};
    struct source_opts opts = {.format = "pcap", .ports = ports};
    read_source(span_make(data, n), &opts, true);
    return 0;
}
