/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trial - one claim made ready for its nulls, and what nulls share: Monte Carlo
 * to a decision, hours of the day, rates of a subject.
 *
 *     struct trial t;
 *     if (trial_make(&t, study, claim, counts, threads, err) < 0) ...
 *     null_find("cache")->run(&t, &result);
 *     trial_free(&t);
 */
#ifndef MODELS_TRIAL_H
#define MODELS_TRIAL_H

#include "models/kinds.h"
#include "stats/rng.h"

int trial_make(struct trial *ret, const struct study *s, const struct study_claim *c,
               const struct counts *counts, size_t threads, struct err *err);
/* The same with subjects altered before anything is prepared from them. */
int trial_make_altered(struct trial *ret, const struct study *s, const struct study_claim *c,
                       const struct counts *counts, size_t threads,
                       void (*alter)(void *ctx, struct trial *t), void *ctx, struct err *err);
/* The same claim on the window less n sorted, disjoint stretches, for one of t's nulls.
 * ERR_DEGENERATE: nothing is left of it. */
int trial_apart(struct trial *ret, const struct trial *t, const struct interval *aside,
                size_t n, struct err *err);
void trial_free(struct trial *t);

/* The selection of a group pair; free its two arrays with selection_free. */
void selection_of(const struct trial *t, const size_t *client_groups, size_t n,
                  size_t name_group, struct selection *ret);
void selection_free(struct selection *s);

/* Sessions and at-risk hours of a subject over the trial's window. */
struct rate {
    uint64_t sessions;
    double hours;
};
struct rate trial_rate(const struct trial *t, const struct subject *s);

/* Fill control_a with the claim's clients on each control name that they asked for; always
 * 0. control_b stays as many empty subjects. */
int trial_controls(struct trial *t);

/* Order of uint32 ids, for qsort and bsearch. Does a subject read this pair? Demands
 * a TTL apart: sessions of each stream collapsed at its TTL. */
int trial_id_order(const void *a, const void *b);
bool trial_has(const struct subject *s, uint32_t client, uint32_t name);
uint64_t trial_demands(const struct subject *s, double ttl_s);

/* Time to live by name, 0 unknown, c->nnames into ret: what a study gives for the names that
 * claims are about or set beside (peers, controls); of others what the log's answers carried.
 */
void trial_ttl_of_names(const struct study *s, const struct counts *c, double *ret);

/* z with P(Z > z) = tail. */
double trial_normal_quantile(double tail);

/* How many bounds of the effect a claim of a kind has that can err apart: one short of the
 * truth among them is what makes a true claim `explained`, so that they share its alpha. c
 * NULL: of a claim that names no lists of mailings or monitors. */
size_t trial_bounds(const struct claim_kind *k, const struct study_claim *c);

/* Days off of the plan, for a baseline; NULL: none. */
const struct holidays *trial_holidays(const struct trial *t);

/* Are these Unix seconds inside one of the claim's hours? */
bool trial_inside(const struct study_claim *c, int64_t unix_s);

/* A result before its null has run: nothing is known. */
struct null_result trial_blank(void);

/* Say that a null was not tested. */
void trial_untested(struct null_result *ret, enum why why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One replicate's statistic, larger = more of the claim; NAN: could not be
 * computed, which counts against the claim. `worker` selects scratch. */
typedef double trial_draw(void *ctx, struct rng *r, size_t worker);

/* Replicates until the 99 % Monte Carlo interval excludes t->decide, or
 * max_replicates (then WHY_INCONCLUSIVE, unless no replicate reached the data: p is
 * then the floor, which is exact and was held against decide): 999, 9,999, ... Streams depend
 * on (seed, null, subject, replicate) only. The stops cost nothing at the level they look at:
 * P(p <= alpha) is alpha, less the straddlers at the cap; at smaller x, which corrections over
 * claims use, P(p <= x) is at most 1.15 x (methods.md, Numbers). Below
 * EFFORT_WHOLE it stops at trial_stop replicates that reach the data (Besag & Clifford's h;
 * p = h/l, beyond the level). Fills observed, p, mc, values,
 * interval, floor and why. */
void trial_replicate(struct trial *t, const char *null, double observed, trial_draw *draw,
                     void *ctx, struct null_result *ret);

/* So many replicates that reach the data are too many for t->decide; at least 20 where p is
 * shown. 0: EFFORT_WHOLE. */
uint32_t trial_stop(const struct trial *t);

/* A replicate's statistic where the effect is `effect`. */
typedef double trial_inject(void *ctx, double effect, struct rng *r, size_t worker);

/* ret->power from ret->values (models/power.h): POWER_SIMS injected replicates an effect, of
 * the kind or, where the null has set it, of ret->power.of. Nothing where the replicates cannot
 * resolve the level, or power is switched off. */
void trial_power(struct trial *t, const char *null, trial_inject *inject, void *ctx,
                 struct null_result *ret);
/* The same with the critical value known, for ranks among other things than replicates, and
 * what the log showed on the scale of the draws, for severity; NAN: draws only say whether they
 * are rejected, and there is no severity. */
struct power_marks {
    double critical, seen;
};
void trial_power_at(struct trial *t, const char *null, struct power_marks marks,
                    trial_inject *inject, void *ctx, struct null_result *ret);
/* The same where power is known without draws; and of a binomial count, of which the log has
 * ret->observed. */
void trial_power_exact(const struct trial *t, power_fn *power, void *ctx,
                       struct null_result *ret);
void trial_power_binomial(const struct trial *t, uint64_t n, double p0, bool ratio,
                          struct null_result *ret);

/* Fill p, interval, floor and why from finished counts. */
void trial_mc(const struct trial *t, struct null_result *ret);

#endif
