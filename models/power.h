/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * power - what a null's test could have seen: the smallest effect that it would reject with
 * chance .8 (minimal detectable effect, MDE), and its power at the claimed effect and round
 * about (methods.md H8, L5). Printed for planning, never decides. The power at the effect
 * that was measured ("observed power") is a function of p and is not computed anywhere.
 *
 * Power is that of one look at the level that the price of the search leaves. Two ways:
 *
 *   exact      a count of known law: binomial, k of n, chance p0 under the null; critical count
 *              from the exact tail, power = P(K >= k | p1(effect)). p1 = p0 e / (p0 e + 1 - p0)
 *              for a ratio of rates e, p0 + e (1 - p0) for a share beyond chance, e for a
 *              chance itself.
 *   simulated  the critical value is the one that the null's own replicates give at that
 *              level; `sims` replicates are drawn with the effect injected, by the null's own
 *              generator; power is the share at or beyond it, with its exact 95 % interval.
 *              The same streams serve every effect, so that the curve does not jitter.
 *
 * Severity of "the effect is larger than theta1" (Mayo & Spanos 2006, Brit. J. Phil. Sci.
 * 57:323, SEV = P(T <= t_obs; theta1)) comes out of the same counts and draws, known only
 * afterwards:
 *
 *     severity(theta1) = P(T < t_obs; theta1)
 *
 * exact of a binomial count; else the share of the draws at theta1 below what the log showed,
 * with its exact 95 % interval. A tie counts as showing as much as the log did, as it does in p
 * and in power, so that it takes severity from the claim; so does a draw that failed. Without
 * an effect it is 1 - p (where replicates and draws at no effect are of one law), and it falls
 * as theta1 rises. It is no power: it asks about what was seen, not about the critical value.
 *
 * The MDE is sought on the kind's scale (logarithmic for ratios), from the claimed effect
 * outwards or inwards; mde_lo and mde_hi are where the upper and the lower end of that interval
 * cross .8. Simulated power is taken to rise with the effect, between two effects that are
 * known as a straight line, and is not drawn again closer than .01, half its standard error.
 *
 * Of what: mostly of the kind's effect. A null that the kind's effect says nothing of has one
 * of its own (struct power_effect, in its row of the battery): a curve and an MDE on that
 * scale, for planning. Nobody claimed a value of it, so that at_claim is NAN and such a curve
 * has no part in whether data are adequate; a curve of the claim alone (only_claimed) is not
 * drawn.
 *
 * Against a known rate, Lambda0 sessions expected (square-root scale, Brown, Cai & DasGupta
 * 2001 for the transform):
 *     power(theta) = Phi(2 sqrt(Lambda0) (sqrt(theta) - 1) - z_{1-alpha})
 *     MDE = (1 + (z_{1-alpha} + z_power) / (2 sqrt(Lambda0)))^2
 */
#ifndef MODELS_POWER_H
#define MODELS_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a null's power is of, where the kind's effect says nothing of the null. */
struct power_effect {
    const char *id, *label; /* as effect_name and effect_label of a kind */
    double none;            /* the value that means no effect */
    double most;            /* that is looked at; 0: as ratios of the kind go */
    const char *because;    /* why the kind's effect says nothing of it, a sentence */
};

enum { POWER_POINTS = 7, POWER_SIMS = 400 };
#define POWER_WANTED .8

struct power_point {
    double effect, value, lo, hi; /* lo, hi NAN where exact */
    /* P(T < t_obs); NAN: nothing was seen to compare with, or this effect was not drawn because
     * power at it lies between two that are alike. Limits NAN where exact. */
    double severity, severity_lo, severity_hi;
};

struct power_curve {
    struct power_point v[POWER_POINTS]; /* by how far from no effect; ascending */
    size_t n;                           /* 0: not computed */
    struct power_point at_claim;
    const struct power_effect *of; /* NULL: of the kind's effect; else at_claim is NAN */
    double level;                  /* of one look */
    double mde, mde_lo,
        mde_hi;    /* NAN: beyond the largest effect of the kind; exact: no lo, hi */
    double most;   /* largest effect that was looked at */
    uint32_t sims; /* 0: exact */
};

/* Power at an effect: value and its interval into the point. */
typedef void power_fn(void *ctx, struct power_point *point);

/* What effects there are: from `none` away towards `most`; claimed is one of them, NAN: none
 * is. only_claimed: the curve is that one point, and the MDE is not looked for (NAN). */
struct power_scale {
    double none, most, claimed;
    bool only_claimed;
};
void power_fill(struct power_curve *ret, const struct power_scale *s, power_fn *power,
                void *ctx);

/* A binomial count. */
enum power_of { POWER_SHARE, POWER_RATIO, POWER_CHANCE };
struct power_binomial {
    uint64_t n;
    double p0, level;
    enum power_of of;
    uint64_t seen; /* the log's count, for severity */
    uint64_t lost; /* of n: count for the null whatever the effect is */
};
void power_binomial(void *binomial, struct power_point *point);

/* Least statistic that leaves p = (b+1)/(m+1) <= level against m replicates: just above one of
 * them, as a discrete statistic needs; INFINITY: none does. */
double power_critical(const double *value, size_t m, double level);

double power_rate_mde(double lambda0, double alpha, double power);

#endif
