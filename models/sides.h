/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sides - a series before and after a stated date: its sums, the ratio of both rates with
 * bounds, over the controls' where there are some, and whether its ends may be read at all.
 *
 *     struct sides s;
 *     sides_make(t, &s);
 *     if (!sides_unreadable(t, &s, ret)) ... sides_ratio(&s), sides_room(t, &s)
 *     sides_free(&s);
 *
 * Rates are sessions over what rhythm and time at risk expect (t->cells). The cell that holds
 * the date belongs to neither side unless it begins there.
 */
#ifndef MODELS_SIDES_H
#define MODELS_SIDES_H

#include "models/trial.h"
#include "stats/clustered.h"

struct sides {
    size_t until, at, after;          /* before: [0, until); after: [at, at + after) */
    double y[2], e[2];                /* before, after */
    struct clustered_stratum part[2]; /* the same in parts that have rates of their own; */
    size_t parts;                     /* 0: it is not divided */
    double cy[2], ce[2];              /* of the controls */
    double *control_y, *control_e;
    double phi, control_phi; /* dispersion that is left on both sides */
};

/* The claim's date, seconds since the window's start. */
double sides_date(const struct trial *t);
void sides_make(const struct trial *t, struct sides *ret);
void sides_free(struct sides *s);
void sides_sums(const double *v, const struct sides *s, double ret[2]);

/* Scatter of n cells about the rates of both sides, as a multiple of Poisson's; for what the
 * fit of both rates hides. */
double sides_dispersion(const struct sides *s, const double *y, const double *e, size_t n);

/* Rate after over before, over the same of the controls; NAN: a side has nothing. */
double sides_ratio(const struct sides *s);
/* Its one-sided bound, counts worth 1/phi each (Clopper & Pearson on the share of the second,
 * given the total). Over the controls' each with its own scatter: what their limits are off,
 * squares added (clustered_quotient_bound). Where a count is 0 a quotient of limits at half the
 * error each. NAN: the controls' scatter was not asked for. */
double sides_bound(const struct sides *s, double level, bool upper);
/* The bound that leaves most room for the claim. */
double sides_room(const struct trial *t, const struct sides *s);

/* Too little on a side, or listening time that was inferred and that look-ups of other pairs
 * do not cover: *ret then says so. */
bool sides_unreadable(const struct trial *t, const struct sides *s, struct null_result *ret);

#endif
