/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * periodic - does a stream of misses return with a period that its cache did not make?
 * (methods.md C6)
 *
 * The largest z / (2 s(f)) over a grid of frequencies (stats/period.h), s from the
 * stream's own rate. p below 100 misses, or 10 / s(1/(2 ttl)), by simulation: given the first
 * and last miss and their number, excess gaps over their sum are Dirichlet, so all times
 * between are drawn anew, exactly, whatever the rate (within each stretch that the sensor
 * heard). From there on the bound of Gross & Vitells, its crossings counted in 40 such draws.
 * With `rate`, demand that has a rhythm is first made even (rescale.h); rhythms longer than 6 h
 * would otherwise be found for sure, so the search starts above 1 / (6 h).
 *
 * The grid has PERIODIC_POINTS in 1 / length, however many that are up to PERIOD_MOST; a
 * sixteenth of it where p is by simulation. Where 2 / ttl lies beyond them (lives of seconds
 * over months), it ends where they do: shorter periods were not searched, `f_hi` and `cut` say
 * so, and p is the price of what was.
 *
 *     struct periodic_opts o = {.replicates = 1999, .seed = seed};
 *     periodic_search(&p, stream, window, &o, err);
 */
#ifndef MODELS_PERIODIC_H
#define MODELS_PERIODIC_H

#include "base/err.h"
#include "models/rescale.h"
#include "stats/period.h"

enum { PERIODIC_MIN = 20, PERIODIC_ASYMPTOTIC = 100, PERIODIC_POINTS = 4 };

struct periodic_opts {
    double f_lo, f_hi; /* per second; 0: from max(1/(6 h), 3/length) to 2/ttl */
    size_t most;       /* frequencies, wider apart if need be; 0: by the rule above */
    uint32_t replicates;
    uint64_t seed, subject;
    const struct rescale *rate; /* NULL: demand is even */
    size_t threads;
};

struct periodic {
    size_t n, frequencies;
    double f_lo, f_hi, lambda; /* per second */
    bool cut;                  /* the grid ends before 2 / ttl, or what was asked for */
    double f, power, factor;   /* the best: frequency, z / (2 s), s */
    double period_s;           /* of f, or of the fraction f/j with the largest z */
    double log_p, log_p_white; /* of the search; and what it would be without the cache */
    uint32_t replicates;       /* 0: Gross & Vitells */
    double z2, h;              /* Z2_2 and H there, corrected; chosen by the search, so no p */
};

/* ERR_DEGENERATE below PERIODIC_MIN misses, without a TTL, or without a frequency. */
int periodic_search(struct periodic *ret, const struct stream *s, const struct window *w,
                    const struct periodic_opts *o, struct err *err);

/* One frequency named before the data were seen: z, s and ln p = -z / (2 s). The law
 * holds from 100 misses on; below, p by the same draws. */
struct periodic_at {
    double z, factor, log_p, log_p_white;
    double z2, log_p_z2, h, log_p_h, kuiper;
    size_t harmonics; /* of H */
    uint32_t replicates;
};
int periodic_test(struct periodic_at *ret, const struct stream *s, const struct window *w,
                  double f, const struct periodic_opts *o, struct err *err);

/* The spectrum for a picture, and the level that even demand behind the cache passes somewhere
 * in it with chance alpha: by simulation the critical value of the same draws; by the bound
 * where that bound is alpha, its crossings those of z at times as spread as these,
 * N(u) = (f_hi - f_lo) sqrt(4 pi u var t) e^-u, or Bonferroni's ln(frequencies / alpha) where
 * that is less, or where the draws cannot tell so small an alpha. */
struct periodic_spectrum {
    struct period_grid grid;
    double *power, level; /* grid.n values of z / (2 s) */
    uint32_t replicates;  /* 0: from the bound */
};
int periodic_spectrum_make(struct periodic_spectrum *ret, const struct stream *s,
                           const struct window *w, const struct periodic_opts *o, double alpha,
                           struct err *err);
void periodic_spectrum_free(struct periodic_spectrum *v);

#endif
