/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * flat - the constant-rate baseline for sparse counts, in closed form.
 *
 * Most pairs have a few look-ups in thousands of buckets. Their one-rate model
 * needs only the occupied buckets: the rate is events / hours (maximum likelihood
 * for Poisson, and for the negative binomial where exposures are equal, which
 * they are but at the edges of live time); theta has the largest likelihood, with what other
 * series say of it (stats/thetas.h), and is infinite (Poisson) at the end of its grid. There is
 * no preference for Poisson: with one, by BIC, a bootstrap from the fit had size .091 for a
 * nominal .05 (negative binomial, .05 an hour, theta .3).
 *
 * The bucket of the largest count enters as no less than the next largest, so that a burst
 * cannot explain itself by a small theta; under the model that is a likelihood like any other.
 *
 * A draw costs the number of events, not of buckets: the total of equal buckets is
 * negative binomial (n mu, n theta), and given the total the events fall by a
 * Polya urn: the next into a fresh bucket with probability proportional to
 * n theta, else with one of the earlier events (Johnson & Kotz 1977, Urn Models).
 *
 *     struct flat f;   flat_make(&f, hours, n);
 *     struct flat_data d = {0};  flat_read(&f, y, &d);
 *     struct flat_fit fit;  flat_fit(&f, &d, &others, &fit);
 *     flat_draw(&f, &fit, &r, &d);
 */
#ifndef MODELS_FLAT_H
#define MODELS_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/thetas.h"

/* Buckets of equal exposure. */
struct flat_class {
    double hours;
    size_t n;
};

struct flat {
    struct flat_class *classes;
    size_t nclasses;
    uint32_t *class_of; /* of each bucket; UINT32_MAX without exposure */
    size_t nbuckets;    /* all */
    double hours, used; /* sums over buckets with exposure */
};

/* Occupied buckets: how many of a class hold that count. */
struct flat_cell {
    uint32_t class, count;
    double buckets;
};

struct flat_data {
    struct flat_cell *cells;
    size_t n, cap;
    double events;
    size_t *scratch; /* private */
    size_t nscratch;
};

struct flat_fit {
    double rate, theta; /* an hour; INFINITY: Poisson */
    double loglik;
};

void flat_make(struct flat *f, const double *hours, size_t n);
void flat_free(struct flat *f);
void flat_read(const struct flat *f, const double *y, struct flat_data *ret);
void flat_data_free(struct flat_data *d);

/* The fit, and ln of that likelihood over the grid of theta. false: no event or no exposure.
 * One rate of many buckets needs no adjustment of Cox and Reid's, which with a single session
 * knows no bound as theta falls. */
bool flat_fit(const struct flat *f, const struct flat_data *d, const struct thetas *others,
              struct flat_fit *ret);
bool flat_profile(const struct flat *f, const struct flat_data *d, double ret[THETAS_GRID]);

struct rng;
void flat_draw(const struct flat *f, const struct flat_fit *fit, struct rng *r,
               struct flat_data *ret);

/* -ln of the least upper tail over buckets: the statistic of a burst; 0 without
 * an event. */
double flat_peak(const struct flat *f, const struct flat_data *d, const struct flat_fit *fit);

#endif
