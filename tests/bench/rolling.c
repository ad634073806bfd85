/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rolling R [SKIP] - infected series of Noufaily's 42 scenarios, R each, drawn as `validate
 * --only rolling` draws its own, one a line, replicate by replicate, the first SKIP left out:
 * scenario, first and last week of the tested outbreak (0-based; -1: none), 624 counts, and for
 * each tested week our ln p of the forms rolling, noufaily, muan and farrington.
 * tests/bench/rolling.R reads it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>

#include "stats/rolling.h"
#include "tests/noufaily.h"

static const struct rolling_opts *const forms[] = {&rolling_calibrated, &rolling_noufaily,
                                                   &rolling_muan, &rolling_farrington};

static void print_series(size_t scenario, uint32_t replicate, struct glm *g)
{
    struct noufaily s = noufaily_scenario(scenario);
    double y[NOUFAILY_WEEKS];
    size_t from, to;
    struct rng r;
    rng_stream(&r, 20130330, RNG_VALIDATE, scenario, replicate);
    noufaily_draw(&s, &r, y);
    noufaily_infect(&s, &r, y, &from, &to);
    printf("%zu,%d,%d", scenario, to == SIZE_MAX ? -1 : (int)from,
           to == SIZE_MAX ? -1 : (int)to);
    for (size_t t = 0; t < NOUFAILY_WEEKS; t++)
        printf(",%g", y[t]);
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        struct rolling_opts o = *forms[f];
        struct rolling one;
        o.alpha *= f > 0;
        for (size_t t = NOUFAILY_FIRST; t < NOUFAILY_WEEKS; t++)
            printf(",%.12g", rolling_test(&one, g, y, NULL, t, &o, NULL) < 0 ? 0 : one.log_p);
    }
    putchar('\n');
}

int main(int argc, char **argv)
{
    long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    long skip = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    struct glm *g = glm_new();
    gsl_set_error_handler_off();
    for (long i = skip; i < replicates * NOUFAILY_SCENARIOS; i++)
        print_series((size_t)(i % NOUFAILY_SCENARIOS), (uint32_t)(i / NOUFAILY_SCENARIOS), g);
    glm_free(g);
    return 0;
}
