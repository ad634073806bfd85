/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * zone - whose working hours does a subject keep? (methods.md C8)
 *
 * The rate at risk is lambda inside the working hours (Monday to Friday, 9 to 18) of a
 * zone and lambda / rho outside. Given all sessions,
 *
 *     ln L(zone, rho) = n_in ln rho - n ln(rho E_in + E_out)
 *
 * with E the hours at risk. Prior: zones alike, ln rho half-normal(1). Where a session brings
 * others, as many are worth less: ln L is divided by the scatter of the days' sessions inside
 * about their share of each day's, in that of coins, at the likeliest zone (quasi-likelihood:
 * Wedderburn 1974, Biometrika 61:439; at least 1). Without that, of 80 logs of 210 sessions in
 * bursts of three within hours, 58 told a zone and 36 of the sets held the right one. THE ZONE
 * TABLE holds every offset in use, the half and quarter hours among them, and the rules of
 * summer time that differ; zones whose clocks agree over the window are one.
 *
 * First a test that there is a rhythm at all: the largest ln L over zones and rho >= 1
 * against series whose days (sessions and hours at risk together) were each turned by a
 * random number of half hours. Days keep their totals and what follows what, so busy days
 * do not look like a rhythm. The posterior means something only where that is rejected at
 * .01: with rho = 1 its 95 % set covers too little.
 *
 * A human rhythm need not be a human at the client: mail comes in its sender's hours.
 */
#ifndef MODELS_ZONE_H
#define MODELS_ZONE_H

#include "base/err.h"
#include "models/stream.h"

enum { ZONE_MAX = 64, ZONE_MIN_SESSIONS = 20 };

extern const char *const zone_table[]; /* names of tzdata; NULL ends it */

struct zone_candidate {
    char names[200]; /* of the table, whose clocks agree in the window; comma-separated */
    double log_likelihood, ratio; /* at its best rho >= 0; that rho */
    double posterior;
};

struct zones {
    size_t n; /* candidates, the most likely first */
    struct zone_candidate zone[ZONE_MAX];
    size_t in_set; /* the first so many hold 95 % */
    double p_rhythm;
    double scatter; /* by which ln L is divided */
    bool told;      /* p_rhythm <= .01 */
    uint32_t replicates;
};

struct zone_opts {
    uint32_t replicates; /* 0: 999 */
    uint64_t seed;
};

/* ERR_DEGENERATE below ZONE_MIN_SESSIONS or seven days; ERR_USAGE when tzdata is not
 * installed. */
int zone_posterior(struct zones *ret, const struct subject *s, const struct window *w,
                   const struct zone_opts *o, struct err *err);

extern const char zone_note[]; /* printed with every result */

#endif
