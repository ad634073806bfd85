/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unseen - what a list of those who were seen says of those who were not, and of the
 * share that some of them hold (methods.md B5, B6).
 *
 * Zero truncation: a list holds only who was seen at least once, so a listed count has
 *   P(N = n | N >= 1) = e^-lambda lambda^n / (n! (1 - e^-lambda)),
 * its mean is lambda / (1 - e^-lambda), and the tail of one that is called high among the
 * listed is P(N >= n) / P(N >= 1): a tail that forgets this is too small by 1 - e^-lambda.
 * The same with the negative binomial, mean mu, variance mu + mu^2/theta.
 *
 * Sources: zero truncation: David & Johnson 1952 (Biometrics 8:275); unseen species: Chao
 * 1984 (Scand. J. Stat. 11:265), bias-corrected form of Chao 2005; Good 1953 (Biometrika
 * 40:237).
 */
#ifndef STATS_UNSEEN_H
#define STATS_UNSEEN_H

#include <stddef.h>
#include <stdint.h>

#include "stats/rng.h"

/* lambda of a zero-truncated Poisson law with that mean (> 1); 0 where the mean is 1. */
double truncated_rate(double mean);

/* Mean of a zero-truncated law, mu / (1 - P(0)), 1 at mu 0; and the mu that has a mean, 0 for
 * one of 1 or less. theta INFINITY: Poisson. */
double truncated_mean(double mu, double theta);
double truncated_mu(double mean, double theta);

/* Maximum likelihood of a zero-truncated negative binomial; theta INFINITY where Poisson
 * is as likely. counts >= 1, n >= 1. mu 0 where all counts are 1: any small mean fits. */
struct truncated {
    double mu, theta, loglik;
};
struct truncated truncated_fit(const uint64_t *counts, size_t n);

/* ln P(N >= k | N >= 1). mu 0: the limit, in which every listed count is 1. */
double truncated_log_upper(uint64_t k, double mu, double theta);
uint64_t truncated_draw(struct rng *r, double mu, double theta);

/* Of counts by party, each >= 1. */
struct unseen {
    uint64_t total, parties, once, twice;
    double chao1;            /* lower bound of parties not seen: f1 (f1 - 1) / (2 (f2 + 1)) */
    double good_turing;      /* P(the next is from a party not yet seen) = f1 / total */
    double good_turing_high; /* its 95 % upper bound: see unseen_make */
};

/* The bound is f1/n plus the 95th percentile, over `replicates` samples of the same total
 * from a fitted abundance law, of the law's unseen share less the sample's own f1/n: parties
 * seen keep their shares times 1 - f1/n, and ceil(chao1) parties share the rest evenly (Chao
 * & Jost 2012, Ecology 93:2533, for the law; parametric bootstrap). NAN with 0 replicates. */
struct unseen unseen_make(const uint64_t *counts, size_t n, uint32_t replicates, struct rng *r);

/* Share of `in` when the sensor saw a share c_in of it and c_out of the rest:
 *   (in/c_in) / (in/c_in + out/c_out). */
double share_weighted(double in, double out, double c_in, double c_out);
/* Coverage tipping point: c_out / c_in below which that share falls under q. */
double share_tipping(double in, double out, double q);
/* How many of the rest, not seen, bring the share of `in` down to q: in/q - in - out; 0 where
 * it is there already. */
double share_unseen(double in, double out, double q);

/* Share with the uncertainty of counts and of coverage: in/(in+out) ~ Beta(in + 1/2,
 * out + 1/2) (Jeffreys), c ~ Beta(a, b) each (a or b 0: coverage 1); quantiles of the
 * weighted share over `draws`. */
struct share_beta {
    double in_a, in_b, out_a, out_b;
};
void share_posterior(double in, double out, const struct share_beta *coverage, uint32_t draws,
                     double level, struct rng *r, double *ret_median, double *ret_lo,
                     double *ret_hi);

#endif
