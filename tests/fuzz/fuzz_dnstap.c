/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as dnstap, with the type told and with the type named. */
#include "tests/fuzz/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct source_opts told = {.format = "dnstap"};
    struct source_opts named = {.format = "dnstap", .dnstap_type = "resolver_query"};
    read_source(span_make(data, n), &told, true);
    read_source(span_make(data, n), &named, true);
    return 0;
}
