/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validate/promise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The curve, read where the data fell. */
static double at_measured(const struct power_curve *c, double effect)
{
    double value = c->v[0].value;
    for (size_t i = 1; i < c->n; i++) {
        const struct power_point *a = &c->v[i - 1], *b = &c->v[i];
        double x = (effect - a->effect) / (b->effect - a->effect);
        if (x >= 0)
            value = a->value + fmin(1, x) * (b->value - a->value);
    }
    return value;
}

struct promise promise_none(void)
{
    return (struct promise){NAN, NAN, NAN, false, NAN, NAN};
}

void promise_make(struct promise *ret, struct trial *t, const struct battery_row *null,
                  double measured)
{
    struct null_result n = trial_blank();
    null->run(t, &n);
    *ret = promise_none();
    ret->kept =
        (n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE) && n.log_p <= log(t->decide) + 1e-12;
    if (n.power.n) {
        ret->said = n.power.at_claim.value;
        ret->foil = at_measured(&n.power, measured);
        ret->mde = n.power.mde;
    }
    if (n.power.n && (n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE)) {
        ret->severity = n.power.at_claim.severity;
        ret->one_less_p = 1 - exp(n.log_p);
    }
    free(n.values);
    free(n.shift);
}

static void severity_cells(struct validation *v, const char *label, const struct promise *p,
                           size_t step, uint32_t R, bool none)
{
    double severe = 0, foil = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < R; i++)
        if (!isnan(p[i * step].severity)) {
            severe += p[i * step].severity >= .95;
            foil += p[i * step].one_less_p >= .95;
            n++;
        }
    if (n == 0)
        return;
    char cell[160];
    snprintf(cell, sizeof cell, "%s: severity .95 or more, of logs of just the effect", label);
    validate_cell(v, "power", cell, severe / n, 0, .05 + 3 * sqrt(.05 * .95 / n), n, 199);
    snprintf(cell, sizeof cell, "%s: foil: 1 - p of .95 or more", label);
    if (!none)
        validate_cell(v, "power", cell, foil / n, fmax(0, .3 - 3 * sqrt(.3 * .7 / n)), 1, n,
                      199);
}

/* Where power is high, observed power is seldom off by over .2: it cannot lie above 1, and
 * below only where p is large. Of a normal statistic and power .96 that is .148 of logs, and
 * the mean distance .096, standard deviation .14 (SciPy 1.10.1, quad). */
static void distance_cell(struct validation *v, const char *label, const struct promise *p,
                          size_t step, uint32_t R, double found)
{
    double sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < R; i++)
        if (!isnan(p[i * step].foil)) {
            sum += fabs(p[i * step].foil - found);
            n++;
        }
    char cell[160];
    snprintf(cell, sizeof cell,
             "%s: foil: power at the measured effect, mean distance from power found", label);
    if (n > 0)
        validate_cell(v, "power", cell, sum / n, fmax(0, .05 - 3 * .14 / sqrt(n)), 1, n, 199);
}

void promise_cells(struct validation *v, const char *label, const struct promise *p,
                   size_t step, uint32_t R, bool none)
{
    double said = 0, foil = 0, kept = 0, off = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < R; i++)
        if (!isnan(p[i * step].said)) {
            said += p[i * step].said;
            foil += p[i * step].foil;
            kept += p[i * step].kept;
            n++;
        }
    if (n == 0)
        return;
    for (uint32_t i = 0; i < R; i++)
        off += fabs(p[i * step].foil - kept / n) > .2; /* NAN is not */
    said /= n;
    double se = sqrt(fmax(.05 * .95, said * (1 - said)) / n);
    char cell[160];
    snprintf(cell, sizeof cell, "%s: power found less power said (%.2f)", label, said);
    validate_cell(v, "power", cell, kept / n - said, -.05 - 3 * se, .05 + 3 * se, n, 199);
    snprintf(cell, sizeof cell, "%s: foil: power at the measured effect, %s", label,
             none ? "less .05" : "is off by over .2");
    if (none)
        validate_cell(v, "power", cell, foil / n - .05, .03, 1, n, 199);
    else
        validate_cell(v, "power", cell, off / n, fmax(0, .3 - 3 * sqrt(.3 * .7 / n)), 1, n,
                      199);
    if (!none && said > .85)
        distance_cell(v, label, p, step, R, kept / n);
    severity_cells(v, label, p, step, R, none);
}
