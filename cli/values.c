/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/values.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

json_t *values_real(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

json_t *values_probability(double log_p)
{
    double p = exp(log_p);
    return p > 0 ? json_real(p) : json_null(); /* a NAN is not */
}

json_t *values_text(struct span s)
{
    json_t *v = json_stringn(s.p, s.n);
    if (v)
        return v;
    char *text = mem_alloc(4 * s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x80)
            text[n++] = (char)c;
        else
            n += (size_t)snprintf(text + n, 5, "\\%03u", c);
    }
    v = json_stringn(text, n);
    free(text);
    return v;
}

int values_bucket(const struct counts *c, int64_t bucket_ns, struct err *err)
{
    char tick[TEXT_TIME_MAX], width[TEXT_TIME_MAX];
    if (bucket_ns > 0 && bucket_ns % c->tick_ns == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--bucket: expected a multiple of the case's tick %s, found %s",
                   text_of_duration(tick, c->tick_ns), text_of_duration(width, bucket_ns));
}
