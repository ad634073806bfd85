/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * adequacy - does a fitted baseline look like the counts? (methods.md A6)
 *
 * p is of the largest distance of the non-randomised PIT to the uniform law, by parametric
 * bootstrap with refit: replicates are drawn from the baseline and fitted again, season
 * and family kept. Without the refit such a p is wrong, since the mean was fitted to the
 * same counts (`validate --only V4`). Residuals are randomised quantile residuals.
 */
#ifndef MODELS_ADEQUACY_H
#define MODELS_ADEQUACY_H

#include "models/baseline.h"
#include "stats/mc.h"
#include "stats/score.h"

struct adequacy {
    double pit[SCORE_BINS], distance;
    struct mc mc;          /* p by mc_p */
    double calibration_z;  /* of Dawid-Sebastiani scores; mean and theta taken as known */
    double mean_log_score; /* a bucket */
    double day, week;      /* autocorrelation of residuals; NAN: too short */
    double acf_sd;         /* of either for independent residuals */
    size_t worst;          /* bucket with the least upper tail */
    double worst_log_p;
};

struct adequacy_opts {
    const struct baseline_opts *baseline; /* its zone and trend */
    uint32_t replicates;                  /* at most; stops at ten exceedances */
    uint64_t seed, subject;
};

void adequacy_test(struct adequacy *ret, const struct baseline *b, const struct grid *g,
                   const double *y, const double *hours, const struct adequacy_opts *o);

#endif
