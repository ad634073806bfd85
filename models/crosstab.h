/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * crosstab - every pair of a case beside the others, in presence-days: what `scan --unit
 * days` prints (methods.md B1 to B6).
 *
 *   expected, p   days under the cloglog null of models/pairdays.h, fitted without the
 *                 pair; p the exact Poisson-binomial upper tail
 *   p_listed      a pair stands in the table because it has a day: P(X >= x) / P(X >= 1)
 *                 (zero truncation, B6). q is Benjamini and Hochberg's over these
 *   ebgm, eb05,   gamma-Poisson shrinker over all listed pairs (stats/gps.h), E as above
 *   eb95, ic      and the information component with its 2.5 % quantile
 *   log_bf        ln Bayes factor of rho ~ Ga(1, 1) against rho = 1
 *   twobytwo      ROR, PRR, Fisher, for comparison with other programs: no evidence
 *   share         the client's share of the name's presence-days, Clopper-Pearson 95 %
 *   p_peers       of a name's first client: is one client so dominant at names of like
 *                 volume? (1 + #{first share >= this}) / (1 + #), names of half to twice
 *                 the presence-days (B5b); no less than 1/(1 + #). NAN for others
 */
#ifndef MODELS_CROSSTAB_H
#define MODELS_CROSSTAB_H

#include "models/pairdays.h"
#include "stats/gps.h"
#include "stats/twobytwo.h"

enum crosstab_state {
    CROSSTAB_OK,
    CROSSTAB_NO_PEERS, /* nobody else asked for the name, or the client for no other */
    CROSSTAB_STATES
};
extern const char *const crosstab_state_names[CROSSTAB_STATES];

struct crosstab_row {
    uint32_t client, name;
    enum crosstab_state state;
    uint64_t lookups, days;
    double expected, log_p, log_p_mid, log_p_listed, log_q; /* NAN unless ok */
    double ebgm, eb05, eb95, ic, ic025, log_bf;             /* NAN unless ok (or no prior) */
    struct twobytwo two;
    double share, share_lo, share_hi, p_peers;
    size_t peers;
};

struct crosstab {
    struct pairdays days;
    struct crosstab_row *rows; /* in order of days.cells */
    size_t nrows, tested;
    struct gps_prior prior; /* NAN loglik where it could not be fitted */
};

/* ERR_DEGENERATE where the window has no look-up or the null does not fit. Too few pairs
 * for the shrinker (20) leave its columns NAN. */
int crosstab_make(struct crosstab *ret, const struct counts *c, const struct window *w,
                  size_t threads, struct err *err);
void crosstab_free(struct crosstab *t);

/* Its first step by itself: of a presence table that is made but not fitted, the rows up to
 * log_q. */
int crosstab_rows(struct crosstab *t, size_t threads, struct err *err);
/* Its last step by itself: peers and p_peers of rows that are made. */
void crosstab_peers(struct crosstab *t);

/* Share of the k largest of n counts in their sum. Sorts v. */
double crosstab_top_share(double *v, size_t n, size_t k);

#endif
