/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * clustered - counts whose rate wanders: what dates, blocks and placebos are judged by
 * where Poisson's law is too narrow.
 *
 *     y_i ~ Poisson(mu_i exp(x_i - s2/2)),   x_i = rho x_{i-1} + sqrt(1 - rho^2) s N(0,1)
 *
 * so that E y = mu, var y = mu + mu^2 (e^s2 - 1), cov(y_i, y_{i+k}) = mu_i mu_{i+k}
 * (e^{s2 rho^k} - 1): a log-Gaussian Cox process on cells (Chan & Ledolter 1995, JASA
 * 90:242). s2 = 0 is Poisson, rho = 0 close to the negative binomial of size
 * 1/(e^s2 - 1).
 *
 * Fitted by moments given the means: s2 from the variance, rho from lags 1 and 2. Not by
 * likelihood, which is an integral over all x: the generator only has to have the right
 * scatter and memory, and what it makes is refitted the same way. Negative memory is read
 * as none; rho is at most .98.
 */
#ifndef STATS_CLUSTERED_H
#define STATS_CLUSTERED_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/rng.h"

#define CLUSTERED_RHO_MOST .98

struct clustered {
    double s2, rho;
};

/* Cells with mu = 0 are passed over. `lost` is how many means were fitted: variances are
 * taken over n - lost. */
void clustered_fit(struct clustered *ret, const double *y, const double *mu, size_t n,
                   size_t lost);
/* n factors of mean 1, exp(x_i - s2/2); the same of n normals drawn elsewhere (z may be
 * ret_factor), which several series may have in part in common. */
void clustered_rates(const struct clustered *c, size_t n, struct rng *r, double *ret_factor);
void clustered_follow(const struct clustered *c, size_t n, const double *z, double *ret_factor);
/* y: factors in, counts out. */
void clustered_counts(const double *mu, size_t n, struct rng *r, double *y);
/* One-sided bound at `level` of a share, k of n counts each worth 1/phi: Clopper & Pearson's
 * at k/phi of n/phi. Bisection on gsl_cdf_beta_P: gsl_cdf_beta_Pinv does not converge for
 * shares of some hundreds (GSL 2.7.1). */
double clustered_share_bound(double k, double n, double phi, double level, bool upper);
/* Bound of the quotient a / b of two apart from each other, both above 0, from a limit of a and
 * that of b on the other side, each at the quotient's own level: a / b by exp of the root of
 * the squared log distances (MOVER, variances recovered from limits: Zou & Donner 2008, Stat.
 * Med. 27:1693; of ratios Donner & Zou 2012, Stat. Methods Med. Res. 21:347). Above a / b where
 * a's limit is above a. */
double clustered_quotient_bound(double a, double a_limit, double b, double b_limit);

/* Counts before and after a date, over exposures, of one of n parts: each has a rate of its
 * own, and the ratio of after to before is common to all. */
struct clustered_stratum {
    double y[2], e[2];
};
/* Mantel & Haenszel's ratio of rates, sum y1 e0/(e0+e1) over sum y0 e1/(e0+e1) (Greenland &
 * Robins 1985, Biometrics 41:55). A part without exposure on a side says nothing. NAN: none
 * says anything; INFINITY: nothing before. */
double clustered_common_ratio(const struct clustered_stratum *s, size_t n);
/* Its one-sided bound, counts worth 1/phi each. Given the parts' totals, counts after are
 * binomial with shares theta e1/(e0 + theta e1); their sum is read as the binomial of its mean
 * and variance (Ehm 1991, Stat. Probab. Lett. 11:7), which it is where one part says something:
 * then this is Clopper & Pearson's. 0 or INFINITY where nothing bounds it. */
double clustered_common_bound(const struct clustered_stratum *s, size_t n, double phi,
                              double level, bool upper);

void clustered_draw(const struct clustered *c, const double *mu, size_t n, struct rng *r,
                    double *ret_y);

/* Cutting a series takes scatter and memory away, the more the more memory there is. So what
 * was found is what series of the sought scatter and memory leave on average after being cut
 * the same way (indirect inference: Gourieroux, Monfort & Renault 1993, J. Appl. Econom.
 * 8:S85): the difference is given back, a few times over, on the same random numbers.
 * `leave`: what series i of that scatter and memory leaves; false: nothing. */
typedef bool clustered_leave(void *ctx, const struct clustered *c, uint32_t i,
                             struct clustered *ret);
void clustered_give_back(struct clustered *c, clustered_leave *leave, void *ctx);

#endif
