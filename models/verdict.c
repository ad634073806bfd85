/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/nulls.h"
#include "stats/tail.h"

const char *const null_verdict_names[] = {"rejected", "not_rejected", "untestable"};
const char *const claim_verdict_names[] = {"stands", "explained", "undetermined",
                                           "contradicted"};
const char *const claim_why_names[CLAIM_WHYS] = {
    [CLAIM_ALL_REJECTED] = "all_rejected",
    [CLAIM_EXPLANATION_FITS] = "explanation_fits",
    [CLAIM_SMALLER] = "smaller_than_claimed",
    [CLAIM_INTERVAL] = "interval_excludes",
    [CLAIM_UNTESTED] = "required_untested",
    [CLAIM_NOT_SEPARATED] = "not_separated",
    [CLAIM_SEARCH_UNKNOWN] = "search_unknown",
    [CLAIM_CORRECTION] = "correction",
    [CLAIM_OPPOSITE_FITS] = "opposite_explained",
    [CLAIM_OPPOSITE_STANDS] = "opposite_stands",
    [CLAIM_NO_LOOKUPS] = "no_lookups",
    [CLAIM_NOT_CALIBRATED] = "not_calibrated",
    [CLAIM_CONTROLS] = "controls",
    [CLAIM_INTEGRITY] = "integrity_failed",
};

/* A p that is alpha by a fraction, 1 of 20, stays it through logarithms. */
static const double ROUNDING = 1e-12;

/* --- one null ----------------------------------------------------------------------- */

/* How many independent looks a p outlasts at alpha. */
static double outlasts(double log_p, double alpha)
{
    double per_look = log1m_exp(log_p); /* ln(1 - p) */
    return per_look < 0 ? floor(log1p(-alpha) / per_look) : INFINITY;
}

/* After the joint price: looks that are written out by maxT, the rest by Sidak. */
static void judge_joint(struct tested_null *n, const struct trial *t)
{
    const struct search_price *j = &n->price;
    double alpha = t->study->alpha, apart = t->claim->search.apart, lo, hi;
    double decide = -expm1(log1p(-alpha) / apart), p = exp(j->log_p);
    bool capped = !n->result.nshifts && j->mc.replicates >= t->study->max_replicates;
    mc_interval(&j->mc, &lo, &hi);
    n->result.why = WHY_NONE;
    if (capped && j->mc.exceed > 0 && p <= decide && hi > decide)
        trial_untested(
            &n->result, WHY_INCONCLUSIVE,
            "the Monte Carlo interval %.3g to %.3g of the joint p holds %.3g after %u "
            "replicates",
            lo, hi, decide, j->mc.replicates);
    n->log_p_adjusted = log_sidak(j->log_p, apart);
    n->log_floor = log_sidak(-log((double)j->mc.max + 1), apart);
    n->holds_up_to = outlasts(j->log_p, alpha) * (double)j->alternatives;
}

static void judge(struct tested_null *n, const struct trial *t)
{
    const struct null_result *r = &n->result;
    double sign = t->claim->kind->sign, alpha = t->study->alpha;
    n->log_p_adjusted = n->log_floor = n->holds_up_to = NAN;
    n->verdict = NULL_UNTESTABLE;
    if (r->floor > 0)
        n->log_floor = log_sidak(log(r->floor), t->looks);
    if (r->why != WHY_NONE && r->why != WHY_INCONCLUSIVE)
        return;
    n->log_p_adjusted = log_sidak(r->log_p, t->looks);
    n->holds_up_to = outlasts(r->log_p, alpha);
    if (n->price.drawn)
        judge_joint(n, t);
    n->verdict = r->why == WHY_NONE && n->log_p_adjusted <= log(alpha) + ROUNDING
                     ? NULL_REJECTED
                     : NULL_NOT_REJECTED;
    n->short_of_effect = sign * (r->u - t->claim->effect) < 0;
    n->may_be_short = n->short_of_effect || sign * (r->u_least - t->claim->effect) < 0;
}

/* Of a plan that is not whole only the answer is kept, and one null that explains settles it.
 */
static bool settled(const struct trial *t, const struct tested_null *n)
{
    return t->study->effort != EFFORT_WHOLE && n->verdict == NULL_NOT_REJECTED &&
           n->short_of_effect;
}

static void run_nulls(struct claim_result *r)
{
    const struct battery_row *battery = r->trial.claim->kind->battery;
    while (battery[r->nnulls].null)
        r->nnulls++;
    r->nulls = mem_zero(r->nnulls, sizeof *r->nulls);
    struct search *search = search_new(&r->trial);
    for (size_t i = 0; i < r->nnulls; i++) {
        struct tested_null *n = &r->nulls[i];
        n->row = &battery[i];
        n->result = trial_blank();
        watch_null(r->watch, r->trial.claim, n->row->null, i, r->nnulls);
        battery[i].run(&r->trial, &n->result);
        search_price(search, n->row, &n->result, &n->price);
        judge(n, &r->trial);
        if (settled(&r->trial, n))
            r->nnulls = i + 1;
    }
    search_free(search);
}

/* --- one claim ------------------------------------------------------------------------ */

static void set(struct claim_result *r, enum claim_verdict verdict, enum claim_why why,
                const struct tested_null *because)
{
    r->verdict = verdict;
    r->why = why;
    r->because = because;
}

static bool effect_excludes(const struct claim_result *r, const struct study_claim *c)
{
    return c->kind->sign > 0 ? r->effect.hi < c->effect : r->effect.lo > c->effect;
}

/* The measured interval is of one measure: where there are two, is a bound short by both? */
static bool excludes_by_all(const struct claim_result *r)
{
    bool twice = false, short_by_all = false;
    for (size_t i = 0; i < r->nnulls; i++) {
        const struct tested_null *n = &r->nulls[i];
        twice = twice || (n->verdict != NULL_UNTESTABLE && !isnan(n->result.u_least));
        short_by_all = short_by_all || n->short_of_effect;
    }
    return !twice || short_by_all;
}

static bool search_known(const struct study_claim *c)
{
    return c->search.kind == SEARCH_COUNT || c->search.kind == SEARCH_ASSUMED;
}

/* In the kind's own direction; see the header for the rule. */
static void verdict_forward(struct claim_result *r, const struct study_claim *c)
{
    const struct tested_null *untested = NULL, *open = NULL, *short_of = NULL;
    double worst = -INFINITY;
    for (size_t i = 0; i < r->nnulls; i++) {
        const struct tested_null *n = &r->nulls[i];
        if (n->verdict == NULL_UNTESTABLE) {
            if (n->row->role == ROLE_REQUIRED && !untested)
                untested = n;
            continue;
        }
        worst = fmax(worst, n->log_p_adjusted);
        if (n->verdict == NULL_NOT_REJECTED && n->short_of_effect) {
            set(r, EXPLAINED, CLAIM_EXPLANATION_FITS, n);
            r->log_p = NAN;
            return;
        }
        if (n->verdict == NULL_NOT_REJECTED && !open)
            open = n;
        if (n->may_be_short &&
            (!short_of || (n->short_of_effect && !short_of->short_of_effect)))
            short_of = n;
    }
    r->log_p = untested || isinf(worst) ? NAN : worst;
    if (open)
        set(r, UNDETERMINED, CLAIM_NOT_SEPARATED, open);
    else if (!untested && effect_excludes(r, c) && excludes_by_all(r))
        set(r, CONTRADICTED, CLAIM_INTERVAL, short_of);
    else if (untested)
        set(r, UNDETERMINED, CLAIM_UNTESTED, untested);
    else if (short_of || effect_excludes(r, c))
        set(r, UNDETERMINED, CLAIM_SMALLER, short_of);
    else if (!search_known(c))
        set(r, UNDETERMINED, CLAIM_SEARCH_UNKNOWN, NULL);
    else
        set(r, STANDS, CLAIM_ALL_REJECTED, NULL);
}

/* The claim's opposite reads the same analysis the other way round; where it would
 * stand, the search is its own. */
void claim_turn(struct claim_result *r, const struct study_claim *c)
{
    if (!c->opposite)
        return;
    if (r->verdict == STANDS)
        set(r, EXPLAINED, CLAIM_OPPOSITE_STANDS, r->because);
    else if (r->verdict == EXPLAINED && !search_known(c))
        set(r, UNDETERMINED, CLAIM_SEARCH_UNKNOWN, r->because);
    else if (r->verdict == EXPLAINED)
        set(r, STANDS, CLAIM_OPPOSITE_FITS, r->because);
    else if (r->verdict == CONTRADICTED)
        set(r, UNDETERMINED, CLAIM_SMALLER, r->because);
}

void verdict_of(struct claim_result *r, const struct study_claim *c)
{
    verdict_forward(r, c);
    r->log_p_adjusted = r->log_p;
}

/* The tested null with the claim's largest adjusted p: its replicates are the claim's. */
static const struct tested_null *deciding(const struct claim_result *r)
{
    const struct tested_null *worst = NULL;
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].verdict != NULL_UNTESTABLE &&
            (!worst || r->nulls[i].log_p_adjusted > worst->log_p_adjusted))
            worst = &r->nulls[i];
    return worst;
}

/* The claim's m joint replicates on the scale -ln p. A replicate's p is its rank among
 * them, drawn evenly from the step that ends there: p as whole ranks could not lie below 1/m,
 * where the data's can. Replicate i of every claim comes from stream i, and so does the place
 * in its step, so claims on the same look-ups under the same null keep their dependence. Of an
 * exact null or a rank, and of a claim of which nothing was tested (n NULL), p is uniform and
 * of each claim by itself: how two such p depend is not known (sessions of one pair in two
 * stretches of the day share nothing), and so they pay as independent ones do. */
static void joint_replicates(const struct claim_result *r, const struct tested_null *n,
                             size_t m, double *ret, size_t stride)
{
    const struct trial *t = &r->trial;
    double *log_p = mem_alloc((m + 1) * sizeof *log_p);
    const char *id = t->claim->id, *name = n ? n->row->null : "";
    uint64_t null = rng_subject(name, strlen(name));
    uint64_t apart = rng_subject_of(t->a.id, rng_subject(id, strlen(id)));
    bool drawn = n && n->result.values && n->result.mc.replicates >= m;
    if (drawn)
        multi_rank_p(n->result.values, m, log_p);
    for (size_t i = 0; i < m; i++) {
        struct rng rng;
        rng_stream(&rng, t->study->seed, RNG_TIEBREAK, drawn ? 0 : rng_subject_of(apart, null),
                   (uint32_t)i);
        double u = rng_unit(&rng);
        log_p[i] = drawn ? log(exp(log_p[i]) - u / (double)m) : log(u);
        ret[i * stride] = -log_sidak(log_p[i], t->looks);
    }
    free(log_p);
}

/* From joint replicates: Westfall & Young's step-down maxT over claims, statistic -ln p after
 * the price, or Sidak's price for a number of looks. A claim without a p comes last, and its
 * replicates count: that it was explained is no reason to ask less of the others. */
static void correct_jointly(const struct claim_result *r, const struct study *s,
                            double *ret_log_p)
{
    size_t n = s->nclaims, m = s->max_replicates;
    for (size_t i = 0; i < n; i++) {
        const struct tested_null *d = deciding(&r[i]);
        if (!isnan(r[i].log_p) && d->result.values && d->result.mc.replicates < m)
            m = d->result.mc.replicates;
    }
    double *observed = mem_alloc(n * sizeof *observed), *p = mem_alloc(n * sizeof *p);
    double *null = mem_zero(n * m, sizeof *null);
    for (size_t i = 0; i < n; i++) {
        observed[i] = isnan(r[i].log_p) ? 0 : -r[i].log_p;
        joint_replicates(&r[i], deciding(&r[i]), m, null + i, n);
    }
    if (s->correction->looks) {
        double looks = s->correction->looks(null, n, m);
        for (size_t i = 0; i < n; i++)
            p[i] = log_sidak(-observed[i], looks);
    } else {
        multi_maxt(observed, null, n, m, p);
        for (size_t i = 0; i < n; i++)
            p[i] = log(p[i]);
    }
    for (size_t i = 0; i < n; i++)
        ret_log_p[i] = isnan(r[i].log_p) ? NAN : p[i];
    free(observed);
    free(null);
    free(p);
}

/* Over the study's claims; a claim whose p could not be had counts as one. Then each
 * verdict is turned to the direction that its claim took. */
void verdict_correct(struct claim_result *r, const struct study *s)
{
    double *p = mem_alloc((s->nclaims + 1) * sizeof *p);
    for (size_t i = 0; i < s->nclaims; i++)
        p[i] = r[i].log_p;
    if (s->correction->adjust)
        s->correction->adjust(p, s->nclaims, p);
    else if (s->nclaims > 1)
        correct_jointly(r, s, p);
    for (size_t i = 0; i < s->nclaims; i++) {
        r[i].log_p_adjusted = p[i];
        if (r[i].verdict == STANDS && !(p[i] <= log(s->alpha) + ROUNDING))
            set(&r[i], UNDETERMINED, CLAIM_CORRECTION, NULL);
        claim_turn(&r[i], &s->claims[i]);
    }
    free(p);
}

const struct power_effect *verdict_own_effect(const char *kind, const char *null)
{
    for (const struct claim_kind *k = claim_table; k->id; k++)
        for (const struct battery_row *b = k->battery; strcmp(k->id, kind) == 0 && b->null; b++)
            if (b->own && strcmp(b->null, null) == 0)
                return b->own;
    return NULL;
}

const char *verdict_no_power(const struct claim_result *r, const struct tested_null *n)
{
    const struct trial *t = &r->trial;
    if (n->result.power.n)
        return "";
    if (n->result.detail[0] && n->verdict == NULL_UNTESTABLE)
        return n->result.detail;
    if (!t->study->power)
        return "the plan switches power off";
    return "at this price its replicates, ranks or counts are too few for any to be rejected";
}

double verdict_could_see(const char *kind, const char *null, bool tested, double power)
{
    if (!tested)
        return 0;
    return !isnan(power) ? power : verdict_own_effect(kind, null) ? 1 : 0;
}

bool claim_adequate(const struct claim_result *r, double *ret_least)
{
    double least = 1;
    for (size_t i = 0; i < r->nnulls; i++) {
        const struct tested_null *n = &r->nulls[i];
        const struct power_curve *p = &n->result.power;
        if (n->row->role == ROLE_REQUIRED)
            least = fmin(least, verdict_could_see(r->trial.claim->kind->id, n->row->null,
                                                  n->verdict != NULL_UNTESTABLE,
                                                  p->n ? p->at_claim.value : NAN));
    }
    *ret_least = least;
    return r->trial.study->power && r->why != CLAIM_NO_LOOKUPS && least >= POWER_WANTED;
}

static bool without_lookups(const struct trial *t)
{
    return t->a.n == 0 || (t->claim->b_client != SIZE_MAX && t->b.n == 0);
}

int claim_test(struct claim_result *r, const struct study *s, const struct study_claim *c,
               const struct counts *counts, size_t threads, struct err *err)
{
    if (trial_make(&r->trial, s, c, counts, threads, err) < 0)
        return ERR_DEGENERATE;
    r->trial.fits = r->fits;
    r->trial.gate = &r->calibration.pairs;
    run_nulls(r);
    r->trial.fits = r->fits = NULL; /* they may go before the result does */
    r->trial.gate = NULL;
    r->watch = NULL;
    c->kind->estimate(&r->trial, &r->effect);
    if (without_lookups(&r->trial)) {
        r->log_p = NAN;
        set(r, UNDETERMINED, CLAIM_NO_LOOKUPS, NULL);
    } else {
        verdict_of(r, c);
    }
    return 0;
}

/* The claimant's model against its rivals, where there is one. */
static void weigh(struct claim_result *r, const struct study *s, size_t threads)
{
    const struct trial *t = &r->trial;
    struct err err;
    struct rival_data d = {.counts = t->counts,
                           .window = &t->window,
                           .a = &t->a,
                           .b = t->claim->b_client != SIZE_MAX ? &t->b : NULL,
                           .ttl_s = t->ttl_s,
                           .session_s = s->session_s};
    if (t->claim->model.scenario && s->model_draws > 0 &&
        evidence_run(
            &r->evidence, &d, &t->claim->model.scenario->world,
            &(struct evidence_opts){s->seed, s->model_draws, threads, s->model_draws_most},
            &err) < 0)
        snprintf(r->no_evidence, sizeof r->no_evidence, "%.150s", err.msg);
}

int study_test(struct claim_result **ret, const struct study *s, const struct counts *c,
               size_t threads, struct watch *w, struct err *err)
{
    struct claim_result *r = mem_zero(s->nclaims, sizeof *r);
    struct pairdays_fits fits = {0};
    for (size_t i = 0; i < s->nclaims; i++) {
        r[i].fits = &fits;
        r[i].watch = w;
        watch_at(w, STAGE_GATE, s, &s->claims[i]);
        calibrate(&r[i].calibration, s, &s->claims[i], c, threads);
        watch_at(w, STAGE_NULLS, s, &s->claims[i]);
        if (claim_test(&r[i], s, &s->claims[i], c, threads, err) < 0) {
            calibration_free(&r[i].calibration);
            study_test_free(r, i);
            pairdays_fits_free(&fits);
            return ERR_DEGENERATE;
        }
        synchrony_days(&r[i].trial);
        watch_at(w, STAGE_RIVALS, s, &s->claims[i]);
        weigh(&r[i], s, threads);
    }
    pairdays_fits_free(&fits);
    verdict_correct(r, s);
    for (size_t i = 0; i < s->nclaims; i++)
        if (r[i].calibration.failed && r[i].why != CLAIM_NO_LOOKUPS)
            set(&r[i], UNDETERMINED,
                r[i].calibration.share ? CLAIM_CONTROLS : CLAIM_NOT_CALIBRATED, NULL);
    *ret = r;
    return 0;
}

void study_gate(struct claim_result *r, const struct study *s, const struct integrity *in)
{
    for (size_t i = 0; i < s->nclaims; i++) {
        r[i].gate = integrity_gate(in, s->claims[i].kind->id);
        if (r[i].gate)
            set(&r[i], UNDETERMINED, CLAIM_INTEGRITY, NULL);
    }
}

void study_screen(struct integrity *ret, const struct study *s, const struct counts *c,
                  size_t threads)
{
    double *ttl_s = mem_alloc((c->nnames + 1) * sizeof *ttl_s);
    trial_ttl_of_names(s, c, ttl_s);
    integrity_run(ret, c,
                  &(struct integrity_opts){.alpha = s->alpha,
                                           .session_s = s->session_s,
                                           .ttl_s = ttl_s,
                                           .seed = s->seed,
                                           .threads = threads});
    free(ttl_s);
}

void claim_result_free(struct claim_result *r)
{
    trial_free(&r->trial);
    for (size_t i = 0; i < r->nnulls; i++) {
        free(r->nulls[i].result.values);
        free(r->nulls[i].result.shift);
    }
    free(r->nulls);
    evidence_free(&r->evidence);
    calibration_free(&r->calibration);
}

void study_test_free(struct claim_result *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        claim_result_free(&r[i]);
    free(r);
}
