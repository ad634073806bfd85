/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a log of each text format; the first byte names it. */
#include "tests/fuzz/source.h"

#include "base/tz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {
        "zeek",   "zeek-json", "suricata-eve", "cloudflare", "bind",     "unbound", "dnsmasq",
        "counts", "cof",       "adguard",      "passivedns", "powerdns", "dnsdist"};
    struct tz *zone;
    if (size < 2)
        return 0;
    require(tz_open(&zone, "+03:00", NULL) == 0, "a fixed offset is a zone");
    struct source_opts opts = {
        .format = names[(uint8_t)(data[0] - '0') % 13], .zone = zone, .year = 2023};
    struct source_opts by_content = {.zone = zone, .year = 2023};
    read_source(span_make(data + 1, size - 1), &opts, false);
    read_source(span_make(data + 1, size - 1), &by_content, false);
    tz_free(zone);
    return 0;
}
