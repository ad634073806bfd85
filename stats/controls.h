/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * controls - what a ratio is worth beside those of negative controls (methods.md G6; Schuemie
 * et al. 2014, Stat. Med. 33: 209). Where nothing is to be found, ln ratios y_i with standard
 * errors s_i are N(delta, sigma^2 + s_i^2): delta is a fault that all share, sigma one that
 * each has of its own. Both by maximum likelihood from the controls; then
 *
 *     p = P(Z >= (y - delta) / sqrt(sigma^2 + s^2 + 1 / sum 1/(sigma^2 + s_i^2)))
 *
 * the last term for the error of delta. Of few controls sigma is not well known: refused below
 * CONTROLS_LEAST.
 */
#ifndef STATS_CONTROLS_H
#define STATS_CONTROLS_H

#include <stddef.h>

#include "base/err.h"

enum { CONTROLS_LEAST = 10 };

struct controls {
    size_t n;
    double delta, sigma, delta_se;
};

/* ERR_DEGENERATE: too few. */
int controls_fit(struct controls *ret, const double *y, const double *se, size_t n,
                 struct err *err);
double controls_log_p(const struct controls *c, double y, double se);

#endif
