/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/activity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/nulls.h"
#include "stats/poisbin.h"

const struct power_effect own_activity = {
    "asking_ratio",
    "rate at which the group asks for these names, over what its other names and the names' "
    "other clients make of it",
    1, 1e4,
    "asks for presence-days given all other names: the kind's effect does not say how many"};

/* Rates alpha beta of the group's pairs, malloced into *ret; how many can be told. */
static size_t rates_of(const struct pairdays *p, const struct selection *group, double **ret)
{
    size_t n = 0;
    *ret = mem_alloc((group->nclients * group->nnames + 1) * sizeof **ret);
    for (size_t j = 0; j < group->nnames; j++) {
        double beta =
            pairdays_beta_without(p, group->names[j], group->clients, group->nclients);
        for (size_t i = 0; i < group->nclients; i++) {
            double alpha = pairdays_alpha_without(p, group->clients[i], group->names[j]);
            if (isfinite(alpha * beta))
                (*ret)[n++] = alpha * beta;
        }
    }
    return n;
}

/* Chances of every presence-day where all rates are `times` what they are; malloced. */
static double *chances_at(const struct activity_power *a, double times)
{
    double *chance = mem_alloc((a->nrates * a->days->ndays + 1) * sizeof *chance);
    for (size_t i = 0; i < a->nrates; i++)
        pairdays_chances_of(a->days, times * a->rate[i], chance + i * a->days->ndays);
    return chance;
}

/* The law of the count; malloced, n + 1 values. */
static double *law_at(const struct activity_power *a, double times)
{
    size_t n = a->nrates * a->days->ndays;
    double *chance = chances_at(a, times), *law = mem_alloc((n + 1) * sizeof *law);
    poisbin_law(chance, n, law);
    free(chance);
    return law;
}

static double upper(const double *law, size_t n, size_t k)
{
    double sum = 0;
    for (size_t j = n + 1; j-- > k;)
        sum += law[j];
    return sum;
}

/* Least count that is rejected; n + 1: none is. */
static size_t critical(const double *law, size_t n, double level)
{
    size_t k = n + 1;
    for (double sum = 0; k > 0 && (sum += law[k - 1]) <= level;)
        k--;
    return k;
}

void activity_power(void *activity, struct power_point *point)
{
    const struct activity_power *a = activity;
    size_t n = a->nrates * a->days->ndays;
    double *null = law_at(a, 1), *law = law_at(a, point->effect);
    point->value = upper(law, n, critical(null, n, a->level));
    point->severity = fmax(0, 1 - upper(law, n, a->seen));
    point->lo = point->hi = point->severity_lo = point->severity_hi = NAN;
    free(null);
    free(law);
}

static void test(struct trial *t, struct activity_power *a, struct null_result *ret)
{
    size_t n = a->nrates * a->days->ndays;
    double *chance = chances_at(a, 1), expected = 0;
    for (size_t i = 0; i < n; i++)
        expected += chance[i];
    ret->statistic = "presence-days of the group, given its other names";
    ret->observed = (double)a->seen;
    ret->log_p = poisbin_log_upper(a->seen, chance, n);
    snprintf(ret->detail, sizeof ret->detail, "%.4g presence-days expected, %.0f seen",
             expected, ret->observed);
    free(chance);
    ret->power.of = &own_activity;
    trial_power_exact(t, activity_power, a, ret);
}

void activity_test(struct trial *t, const struct selection *group, double days,
                   struct null_result *ret)
{
    double *rate = NULL;
    const struct pairdays *p =
        pairdays_fitted(t->fits ? t->fits : &t->own_fits, t->counts, &t->window);
    size_t n = p ? rates_of(p, group, &rate) : 0;
    if (!p || n != group->nclients * group->nnames) {
        trial_untested(ret, WHY_MIN_DATA,
                       "a client of the group asked for no other name, or nobody else for "
                       "this one");
    } else {
        struct activity_power a = {p, rate, n, t->decide, (uint64_t)days};
        test(t, &a, ret);
    }
    free(rate);
}
