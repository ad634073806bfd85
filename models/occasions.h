/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * occasions - dates with a margin around them, as stretches of a window, and the features
 * of a series that may fall into them (methods.md E4).
 *
 *     struct stretches in;  stretches_around(&in, moments, &window, within_s);
 *     struct features f;    features_find(&f, SERIES_PEAKS, ...);
 *     stretches_hits(&in, f.t, f.n), stretches_live(&in, &window) / window.live_s
 *
 * All times are seconds since the window's start.
 */
#ifndef MODELS_OCCASIONS_H
#define MODELS_OCCASIONS_H

#include "models/moments.h"
#include "models/stream.h"
#include "models/study.h"
#include "stats/rng.h"

/* Sorted and disjoint. */
struct stretches {
    struct interval *v;
    size_t n;
};

/* [from - margin, to + margin) of each moment, joined where they meet, cut to the window.
 * shift_s moves all, round the window's end. `skip`: a moment that is left out; SIZE_MAX:
 * none. */
void stretches_around(struct stretches *ret, const struct moments *m, const struct window *w,
                      double margin_s, double shift_s, size_t skip);
void stretches_free(struct stretches *s);
bool stretches_hold(const struct stretches *s, double t);
size_t stretches_hits(const struct stretches *s, const double *t, size_t n);
double stretches_live(const struct stretches *s, const struct window *w);
/* Hours at risk of a subject inside. */
double stretches_at_risk(const struct stretches *s, const struct subject *a,
                         const struct window *w);
/* Moments that reach into the window. */
size_t moments_in_window(const struct moments *m, const struct window *w);

/* A series on cells of a day or less: counts, and what its own rhythm and exposure would
 * have made of an even rate. */
struct daycells {
    struct grid grid;
    double *y, *e; /* grid.n each; sum of e is sum of y; e 0: not listening */
};

/* The width that cells get: a day for four weeks or more, else six hours, else an hour. */
double daycells_width(const struct window *w);
/* From the hours' baseline (season by BIC, no trend). A series that carries none gets the
 * shape of its exposure. */
void daycells_make(struct daycells *ret, const struct subject *s, const struct window *w,
                   const struct tz *zone);
void daycells_free(struct daycells *c);
/* Counts of other times on the same cells. */
void daycells_count(const struct daycells *c, const double *t, size_t n, double *ret_y);

/* What is to fall near dates.
 *   sessions  each session
 *   peaks     middles of the twentieth of the days (one at least) with most sessions for
 *             what the rhythm expects of them
 *   gaps      where the longest twentieth of the silences (three at least, twenty at most)
 *             begin; silences over which the sensor did not listen are none
 *   changes   borders of the blocks of constant rate (stats/blocks.h), penalty for one
 *             border too many in a twentieth of steady series
 * None has a setting: what could be tuned could be tuned to the dates. */
struct features {
    double *t; /* ascending */
    size_t n;
};

/* t: n sorted session starts. `penalty` of changes (features_penalty); others read none. */
void features_find(struct features *ret, enum series_feature kind, const double *t, size_t n,
                   const struct window *w, const struct daycells *c, double penalty);
void features_free(struct features *f);
double features_penalty(const struct daycells *c, uint64_t subject);

#endif
