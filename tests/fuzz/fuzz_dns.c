/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a DNS message: every name that is read must be a whole one. */
#include <stdint.h>
#include <stdlib.h>

#include "ingest/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Labels of 1 to 63 octets up to the root label, which ends the name. */
static void check_name(const struct dns_question *q)
{
    size_t i = 0;
    while (i < q->name_n && q->name[i] > 0) {
        if (q->name[i] > 63)
            abort();
        i += 1 + q->name[i];
    }
    if (i + 1 != q->name_n || q->name_n > DNS_NAME_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span m = span_make(data, n);
    struct dns_header h;
    if (!dns_read_header(m, &h))
        return 0;
    size_t at = DNS_HEADER_SIZE;
    struct dns_question q;
    for (unsigned i = 0; i < h.questions; i++) {
        size_t before = at;
        if (dns_read_question(m, &at, &q) != DNS_OK) {
            if (at != before)
                abort();
            return 0;
        }
        check_name(&q);
    }
    struct dns_answer a;
    dns_read_answer(m, at, &h, &a);
    if (a.rcode < 0 || a.rcode > 4095 || a.ttl_s < -1 || a.ttl_s > INT32_MAX)
        abort();
    struct dns_subnet subnet;
    if (dns_read_subnet(m, at, &h, &subnet) &&
        (subnet.prefix == 0 || subnet.prefix > 8 * subnet.address_n))
        abort();
    return 0;
}
