/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pairdays - on how many days did each client ask for each name, and on how many would
 * it if clients, names and days were all that mattered? (methods.md B1)
 *
 * The unit is the presence-day: a (client, name, UTC day) with a look-up. Look-ups cluster
 * (retries, mailings, a cache that forgets), so a table of look-ups finds hundreds of pairs
 * in tables that hold nothing; a day counts once. Null:
 *     P(client c asks for name s on day d) = 1 - (1 + lambda x)^(-1/lambda),
 *     x = alpha_c beta_s delta_d kappa_d,
 * kappa_d the share of the day in which the sensor listened: the chance that a count of mean
 * x and negative binomial law of size 1/lambda is not 0; at lambda = 0 the complementary
 * log-log model 1 - exp(-x) (the family of links of Aranda-Ordaz 1981, Biometrika 68:357).
 * lambda has the largest binomial likelihood over all cells and days, on a grid of octaves,
 * refined by a parabola. With lambda fixed at 0, tables of independent but bursty cells (size
 * .3) had a discovery in 3 of 16; what is bursty is flatter than the log-log link.
 * alpha, beta, delta by iterative
 * scaling to the margins (each multiplied by (observed / fitted)^(1/elasticity), Newton's
 * step on the logarithm): sums over the model equal the presence-days of each client, each
 * name and each day, to 1e-8. The equations are the gradient of a convex function, so the
 * solution is one. A pair's days are then Poisson-binomial.
 *
 * A pair is judged without itself: alpha of its client from the client's other names, beta of
 * its name from the name's other clients. The other factors stay as fitted with it, so what one
 * pair does moves its own expectation a little: of a pair present on all of 30 days in a table
 * of 6 x 6, where 6 are expected, by a tenth (tested); of one among many, by nothing.
 *
 * Clients of equal totals have equal alpha, so the equations are solved for distinct totals;
 * where there are more than 64, for totals in eighths of an octave, within which alpha goes
 * with the total.
 *
 *     struct pairdays p;
 *     pairdays_make(&p, counts, &window);
 *     if (pairdays_fit(&p, err) < 0) ...
 *     double chance[p.ndays];
 *     pairdays_chances(&p, client, name, chance);
 *     pairdays_free(&p);
 */
#ifndef MODELS_PAIRDAYS_H
#define MODELS_PAIRDAYS_H

#include "base/err.h"
#include "models/stream.h"

struct pairdays_cell {
    uint32_t client, name;
    uint32_t n;  /* days */
    uint32_t at; /* its days: pairdays.day[at .. at + n - 1], ascending */
    uint64_t lookups;
};

struct pairdays {
    size_t ndays, nclients, nnames;
    int64_t first_day;           /* days since 1970 */
    double *live;                /* kappa: share of each day, 0 to 1 */
    struct pairdays_cell *cells; /* by client, then name; those with a day */
    size_t ncells;
    uint32_t *day;
    double *client, *name, *per_day; /* presence-days of each */
    double total;
    /* after pairdays_fit */
    double *alpha, *beta, *delta;
    double lambda, loglik;
    struct pairdays_solution *solution;
    int rounds;
};

void pairdays_make(struct pairdays *p, const struct counts *c, const struct window *w);
void pairdays_free(struct pairdays *p);

/* ERR_DEGENERATE: no presence-day, or no convergence. */
int pairdays_fit(struct pairdays *p, struct err *err);
int pairdays_fit_at(struct pairdays *p, double lambda, struct err *err); /* lambda >= 0 */

/* NULL where the pair has no day. */
const struct pairdays_cell *pairdays_find(const struct pairdays *p, uint32_t client,
                                          uint32_t name);

/* alpha of a client without that name; beta of a name without those clients (ascending).
 * NAN where nothing else is left. */
double pairdays_alpha_without(const struct pairdays *p, uint32_t client, uint32_t name);
double pairdays_beta_without(const struct pairdays *p, uint32_t name, const uint32_t *clients,
                             size_t n);

/* Chances of each day for alpha beta = a. */
void pairdays_chances_of(const struct pairdays *p, double a, double *ret);
/* The same of a pair judged without itself; false where it cannot be. */
bool pairdays_chances(const struct pairdays *p, uint32_t client, uint32_t name, double *ret);

/* Fitted tables of one case, by window: dear, so each is made when it is first asked for. {0}
 * is none; not for two threads at once. */
struct pairdays_fits {
    struct pairdays_fit_of *first;
};
/* NULL where no fit is to be had. The table belongs to `f`. */
const struct pairdays *pairdays_fitted(struct pairdays_fits *f, const struct counts *c,
                                       const struct window *w);
void pairdays_fits_free(struct pairdays_fits *f);

#endif
