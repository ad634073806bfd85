/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * demand - the rate at which a subject's caches are asked, hour by hour, from
 * its own sessions only (methods.md D1, A3).
 *
 * lambda(t) = profile(hour of day, weekend) x level(day), both at-risk ratios of
 * sessions to exposure: the profile smoothed over neighbouring hours with
 * weights 1/2, 1, 1/2 and half a session at the mean rate added; the level over
 * three days with one expected session added; fitted in turn, twice. Hours are
 * UTC; a local rhythm is a shift of the same 24 levels, and the level takes up
 * what the border of the weekend misses. Between the middles of two hours the
 * rate is linear, in slots of ten minutes. Streams of one subject share the
 * shape and differ by a factor.
 *
 * With drivers (methods.md D6a), slots are of one minute and the rate is times
 *     prod over drivers and h in 2, 8, 30 min of g(sessions of the driver within h of t),
 * g a step function on half octaves of 1 + count, each step the at-risk ratio with half a
 * session added to both sides, all fitted in turn together with profile and level. So a
 * cause that many share, such as a mailing, becomes part of the subject's own demand. A
 * driver that the other side of a comparison itself brings about takes an effect away
 * with the cause; g knows no order of time.
 *
 * A smoother for surrogates, not a model to test: it has no likelihood and no
 * standard errors. baseline.h is for those.
 */
#ifndef MODELS_DEMAND_H
#define MODELS_DEMAND_H

#include "models/stream.h"

/* Series that may drive a subject, without its own sessions. */
enum { DRIVERS_MAX = 4 };
struct driver {
    double *t; /* session starts in seconds since the window's start, ascending */
    size_t n;
};
struct drivers {
    struct driver series[DRIVERS_MAX];
    size_t n;
};

struct demand {
    double slot_s, t0; /* slot i is [t0 + i slot_s, t0 + (i + 1) slot_s) */
    size_t n;          /* slots */
    double *rate;      /* sessions a second of at-risk time, of a stream of factor 1 */
    double *cum;       /* integral of rate over live time up to slot i's start; n + 1 */
    double *factor;    /* of each stream */
};

/* What fits in one window share: its slots, and the drivers' steps in each. A fit to another
 * draw of the same subject needs no more than that draw's sessions. `w` must live as long. */
struct demand_frame;
struct demand_frame *demand_frame_new(const struct window *w, const struct drivers *drivers);
void demand_frame_free(struct demand_frame *f);

/* s needs streams, t in any order, and n. */
void demand_refit(struct demand *d, const struct subject *s, const struct demand_frame *f);
/* The same without factors (NULL): all that streams share. */
void demand_refit_shape(struct demand *d, const struct subject *s,
                        const struct demand_frame *f);
/* demand_refit with a frame of its own. drivers NULL: none. */
void demand_fit(struct demand *d, const struct subject *s, const struct window *w,
                const struct drivers *drivers);
void demand_free(struct demand *d);

double demand_rate(const struct demand *d, double t);
/* rate(t) exp(factor * the integral over the dead time from t on): the density of a session. */
double demand_density(const struct demand *d, double t, double dead_s, double factor);
/* What demand_density of live time lies between in each slot, rounding included; 0 and INFINITY
 * where the slot or one beside it has deaf time, and, as the last of n + 1, past the slots. */
struct density_range {
    double least, most;
};
void demand_ranges(const struct demand *d, const struct demand_frame *f, double dead_s,
                   double factor, struct density_range *ret);
/* Integral of the rate over live time in [from, to), cut to the window. */
double demand_between(const struct demand *d, double from, double to);

#endif
