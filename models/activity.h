/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * activity - does the group ask for much, whatever the name? The explanation `activity` of
 * exclusivity and rarity: presence-days of the group on the names under the law of its other
 * names and of the names' other clients (models/pairdays.h), p the exact Poisson-binomial
 * upper tail. Gives no bound u.
 *
 * Power is of the rate at which the group asks for the names, times theta: the chance of a
 * presence-day becomes
 *     1 - (1 + lambda theta x)^(-1/lambda),   x = alpha_c beta_s delta_d kappa_d,
 * and power the exact tail beyond the critical count. A share or a ratio of blocks does not say
 * how many days they are, so that the kind's effect has no place on this scale. MDE 3: the
 * least group that is told, with chance .8, from one that asks for these names as its other
 * names have it, asks three times as often.
 */
#ifndef MODELS_ACTIVITY_H
#define MODELS_ACTIVITY_H

#include "models/trial.h"

/* days: presence-days of the group on the names. */
void activity_test(struct trial *t, const struct selection *group, double days,
                   struct null_result *ret);

/* The curve's point at ratio point->effect, of pairs whose rates alpha beta are given; seen and
 * level as power's. */
struct activity_power {
    const struct pairdays *days;
    const double *rate;
    size_t nrates;
    double level;
    uint64_t seen;
};
void activity_power(void *activity, struct power_point *point);

#endif
