/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fits - negative binomial fits per CPU second: 1,000 simulated series of 720
 * hours, 24 hours + 7 days + trend (31 parameters), theta by maximum likelihood.
 *
 *     fits            print the rate
 *     fits --series   print the series, one a line, for another program to fit
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stats/glm.h"
#include "stats/rng.h"

enum { SERIES = 1000, HOURS = 720 };

static double counts[SERIES][HOURS];

static double between(struct rng *r, double lo, double hi)
{
    return lo * pow(hi / lo, rng_unit(r));
}

static void simulate(uint32_t series, double *ret_y)
{
    struct rng r;
    rng_stream(&r, 42, RNG_SIMULATE, 0, series);
    double base = between(&r, .5, 40), theta = between(&r, .7, 10), trend = rng_normal(&r) / 4;
    for (int t = 0; t < HOURS; t++) {
        double day = cos(2 * M_PI * (t % 24 - 14) / 24.), weekend = t / 24 % 7 >= 5;
        ret_y[t] = (double)rng_negbin(
            &r, base * exp(.6 * day - .7 * weekend + trend * t / HOURS), theta);
    }
}

static int print_series(void)
{
    for (int s = 0; s < SERIES; s++)
        for (int t = 0; t < HOURS; t++)
            printf("%g%c", counts[s][t], t + 1 < HOURS ? ',' : '\n');
    return 0;
}

int main(int argc, char **argv)
{
    static uint16_t hour[HOURS], day[HOURS];
    static double one[HOURS], trend[HOURS];
    for (uint32_t s = 0; s < SERIES; s++)
        simulate(s, counts[s]);
    if (argc > 1 && strcmp(argv[1], "--series") == 0)
        return print_series();
    for (int t = 0; t < HOURS; t++) {
        hour[t] = (uint16_t)(t % 24);
        day[t] = (uint16_t)(t / 24 % 7);
        trend[t] = t / (double)HOURS;
        one[t] = 1;
    }
    struct glm_design design = {.n = HOURS,
                                .nfactors = 2,
                                .level = {hour, day},
                                .nlevels = {24, 7},
                                .ncovariates = 1,
                                .covariate = {trend}};
    struct glm *g = glm_new();
    struct err err;
    double logliks = 0;
    long iterations = 0;
    clock_t from = clock();
    for (int s = 0; s < SERIES; s++) {
        if (glm_fit(g, counts[s], one, &design, GLM_NEGBIN, &err) < 0) {
            fprintf(stderr, "series %d: %s\n", s, err.msg);
            return 1;
        }
        logliks += g->loglik;
        iterations += g->iterations;
    }
    double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
    printf("%.0f fits per CPU second, %.1f iterations a fit, sum of log-likelihoods %.6f\n",
           SERIES / seconds, (double)iterations / SERIES, logliks);
    glm_free(g);
    return 0;
}
