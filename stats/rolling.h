/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rolling - is the count of one bucket high for its place in the season, judged from the
 * seasons before it? Farrington et al. (1996, J. R. Stat. Soc. A 159: 547) as improved
 * by Noufaily et al. (2013, Stat. Med. 32: 1206), and a calibrated form of the same
 * (methods.md A8).
 *
 * All forms: quasi-Poisson regression of the buckets of `back` seasons on a trend and a
 * season, the `skip` buckets before the tested one left out so that what is building up
 * is not its own baseline; buckets that stand out of a first fit are given less weight;
 * the tested count is compared with an upper limit from mean and dispersion phi.
 *
 * rolling_noufaily, rolling_muan, rolling_farrington: the published forms as R's
 * surveillance 1.20.3 computes them (farringtonFlexible, thresholdMethod nbPlugin, muan,
 * delta), in order to stand beside it. Season: a factor, one level of 2 w + 1 buckets
 * about the tested one's place and `levels` - 1 of equal length between. Weights: gamma
 * s^-2 for Anscombe residuals s above a threshold, gamma otherwise, with sum n. Trend
 * only with back >= 3, its p below trend_p and no expectation above the largest count of
 * the baseline. Their size at .005 is .029 (farrington), .008 (noufaily), .0035 (muan)
 * over Noufaily's 42 scenarios (`validate --only rolling`).
 * What they lack: noufaily, the error of mean and of phi; muan adds an error to the mean
 * one-sidedly and takes it, by a slip of that program, from a dispersion whose weights
 * lack the mean; all, a season for baselines with fewer events than levels.
 *
 * rolling_calibrated: season by harmonics, 0 to `harmonics`, the number by BIC of the
 * quasi-likelihood among those with 10 events a coefficient; trend with 3 seasons and 20
 * events, held at its last baseline value where it would pass the largest count; weights
 * (2.58/z)^2 for quantile residuals z above 2.58, which leave a law's own tail nearly as
 * it is; and as law of the tested count the predictive one of stats/spread.h, over what is
 * not known of the mean and of phi.
 *
 *     struct rolling r;
 *     struct glm *g = glm_new();             // workspace
 *     if (rolling_test(&r, g, y, exposure, t, &rolling_calibrated, err) < 0) ...
 *     exp(r.log_p), r.expected, r.upper
 */
#ifndef STATS_ROLLING_H
#define STATS_ROLLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/glm.h"

enum rolling_law {
    ROLLING_DELTA,     /* normal on the 2/3 power, with the error of the mean */
    ROLLING_PLUGIN,    /* NB1 quantile at mean and phi */
    ROLLING_MUAN,      /* NB1 quantile at the mean's upper alpha limit */
    ROLLING_PREDICTIVE /* see rolling_calibrated */
};

struct rolling_opts {
    const char *name, *help, *cite;
    enum rolling_law law;
    double period;    /* buckets a season, need not be whole; 1: no season */
    size_t back;      /* seasons of baseline */
    size_t half;      /* w: half width of the tested bucket's own level */
    size_t skip;      /* buckets left out before the tested one */
    size_t levels;    /* of the published forms; 1: windows of 2 w + 1 buckets only */
    size_t harmonics; /* of the calibrated form, at most ROLLING_HARMONICS */
    double threshold; /* residuals above it weigh less */
    double trend_p;
    double alpha; /* of `upper`; 0: a calibrated test, which is y > upper where p <= alpha,
                   * is not given the limit */
    double least_events; /* in the tested bucket and the least_span - 1 before it: with */
    size_t least_span;   /* fewer the published forms give no limit (limit54) */
};

/* Weekly counts of years: period 52. */
extern const struct rolling_opts rolling_farrington, rolling_noufaily, rolling_muan,
    rolling_calibrated;

enum { ROLLING_HARMONICS = 6 };

struct rolling {
    size_t rows;             /* of the baseline, with exposure */
    double events;           /* in them */
    size_t harmonics;        /* chosen */
    bool trend, held;        /* in the model; held at its last value */
    double expected, log_se; /* mean of the tested bucket, and the error of its log */
    double slope;            /* of ln mean a bucket; 0 without trend */
    double phi;              /* at least 1 */
    double upper;            /* the largest count that is not an alarm; NAN: too few events */
    /* Upper tail of the tested count, its probability under the same law; -INFINITY for
     * ROLLING_DELTA, which has no probabilities of counts. */
    double log_p, log_pmf;
};

/* Bucket `at` against those before it. exposure NULL: all equal. ERR_DEGENERATE: the
 * series does not go back far enough, the tested bucket has no exposure, or nothing can
 * be fitted. */
int rolling_test(struct rolling *ret, struct glm *work, const double *y, const double *exposure,
                 size_t at, const struct rolling_opts *o, struct err *err);
/* The first bucket that can be tested. */
size_t rolling_first(const struct rolling_opts *o);

#endif
