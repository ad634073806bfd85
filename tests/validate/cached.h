/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cached - a made-up client asks for a name through its cache: so many demands a day without
 * memory, whose days may differ, of which the cache lets through those that find no answer.
 *
 *     cached_add(&m, r, "192.0.2.1", "it.example", &(struct cached){from, 28, 2.5, .7, 3600});
 */
#ifndef TESTS_VALIDATE_CACHED_H
#define TESTS_VALIDATE_CACHED_H

#include <math.h>

#include "stats/rng.h"
#include "tests/made.h"

struct cached {
    int64_t from; /* s; a day's start */
    int days;
    double per_day, shape; /* demands; of the days' Gamma factor, 0: none */
    double life_s;         /* of an answer */
};

static inline void cached_add(struct made *m, struct rng *r, const char *client,
                              const char *name, const struct cached *c)
{
    double until = 0;
    for (int day = 0; day < c->days; day++) {
        double factor = c->shape > 0 ? rng_gamma(r, c->shape, 1 / c->shape) : 1, t = 0;
        uint64_t n = rng_poisson(r, c->per_day * factor);
        for (uint64_t i = 0; i < n; i++) { /* in order: spacings of uniform times */
            t = 1 - (1 - t) * pow(rng_unit(r), 1 / (double)(n - i));
            double s = floor((day + t) * 86400);
            if (s < until)
                continue;
            until = s + c->life_s;
            made_add(m, client, name, 1, c->from + (int64_t)s, 1);
        }
    }
}

#endif
