/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about synchrony. The estimand is eta: extra sessions of b per session of
 * a, at the lag where they are most. Reference null: the weighted hard-core
 * window surrogate of models/sync.h, run both ways, the larger p. Beside it, as a
 * second opinion that never decides, b's days permuted within weekday. A cause
 * that both share (a mailing to both, a sensor) is faster than any window keeps:
 * for that there are control pairs. */
#include "models/apart.h"
#include "models/drivers.h"
#include "models/nulls.h"
#include "stats/order.h"
#include "stats/tail.h"

#include <math.h>
#include <stdlib.h>

enum { MIN_SYNC = 20, CONTROL_REPLICATES = 199, CURVE_REPLICATES = 19 };

static double window_of(const struct trial *t)
{
    return fmax(4 * 3600, 2 * t->ttl_s);
}

/* Of the families that there are, the size of the smaller; 0: none. */
static size_t fewest_controls(const struct trial *t)
{
    size_t fewest = t->ncontrols ? t->ncontrols : t->ncontrol_c;
    return t->ncontrol_c && t->ncontrol_c < fewest ? t->ncontrol_c : fewest;
}

/* Controls that can bound eta at the undivided level. */
static bool enough_controls(const struct trial *t)
{
    double enough = 1 / (1 - t->level_whole) - 1;
    size_t fewest = fewest_controls(t);
    return fewest && (double)fewest >= enough - 1e-9;
}

/* Where controls bound eta, the window's bound, of all excess whatever made it, is the wider
 * one even at the undivided level, and is taken at half of alpha so that it is so in each log;
 * where they cannot, it is the only one that can fall short of the truth. */
static double bound_level(const struct trial *t)
{
    return enough_controls(t) ? t->level : t->level_whole;
}

static struct sync_opts opts_of(const struct trial *t, uint32_t replicates)
{
    return (struct sync_opts){.window_s = window_of(t),
                              .delta_s = t->claim->delta_s,
                              .max_lag_s = t->claim->max_lag_s,
                              .session_s = t->study->session_s,
                              .sweeps = 3,
                              .bound_level = bound_level(t),
                              .seed = t->study->seed,
                              .replicates = replicates,
                              .threads = t->threads};
}

/* For each control name that both a's and b's clients asked for often enough: (a's
 * clients, name) and (b's clients, name). */
static void control_names(struct trial *t, const struct selection *a, const struct selection *b)
{
    const struct study_group *g = &t->study->groups[t->claim->controls];
    t->control_a = mem_zero(g->name_n + 1, sizeof *t->control_a);
    t->control_b = mem_zero(g->name_n + 1, sizeof *t->control_b);
    for (size_t i = 0; i < g->name_n; i++) {
        struct selection ca = {a->clients, &g->name[i], a->nclients, 1};
        struct selection cb = {b->clients, &g->name[i], b->nclients, 1};
        struct subject *sa = &t->control_a[t->ncontrols], *sb = &t->control_b[t->ncontrols];
        subject_make(sa, t->counts, &ca, &t->window, t->study->session_s, t->ttl_s);
        subject_make(sb, t->counts, &cb, &t->window, t->study->session_s, t->ttl_s);
        bool own = trial_has(&t->a, sa->streams[0].client, g->name[i]) ||
                   trial_has(&t->b, sb->streams[0].client, g->name[i]);
        if (!own && sa->n >= MIN_SYNC && sb->n >= MIN_SYNC) {
            t->ncontrols++;
            continue;
        }
        subject_free(sa);
        subject_free(sb);
    }
}

/* For each control client that asked for b's names often enough, in b's place. */
static void control_clients(struct trial *t, const struct selection *a,
                            const struct selection *b)
{
    const struct study_group *g = &t->study->groups[t->claim->control_clients];
    t->control_c = mem_zero(g->client_n + 1, sizeof *t->control_c);
    for (size_t i = 0; i < g->client_n; i++) {
        const uint32_t *client = &g->client[i];
        struct selection cc = {client, b->names, 1, b->nnames};
        struct subject *c = &t->control_c[t->ncontrol_c];
        if (bsearch(client, a->clients, a->nclients, sizeof *client, trial_id_order) ||
            bsearch(client, b->clients, b->nclients, sizeof *client, trial_id_order))
            continue;
        subject_make(c, t->counts, &cc, &t->window, t->study->session_s, t->ttl_s);
        if (c->n >= MIN_SYNC)
            t->ncontrol_c++;
        else
            subject_free(c);
    }
}

int synchrony_prepare(struct trial *t, struct err *err)
{
    (void)err;
    struct selection a, b;
    selection_of(t, t->claim->clients, t->claim->nclients, t->claim->name, &a);
    selection_of(t, &t->claim->b_client, 1, t->claim->b_name, &b);
    if (t->claim->controls != SIZE_MAX)
        control_names(t, &a, &b);
    if (t->claim->control_clients != SIZE_MAX)
        control_clients(t, &a, &b);
    selection_free(&a);
    selection_free(&b);
    return 0;
}

/* sync_window with the drivers that the claim names, of b against a. */
static int run_window(const struct trial *t, const struct subject *a, const struct subject *b,
                      struct sync_opts *o, struct sync_result *ret, struct err *err)
{
    struct drivers drivers;
    drivers_make(&drivers, t->claim->drivers, t->counts, b, a, &t->window, t->study->session_s);
    o->drivers = &drivers;
    int rc = sync_window(ret, a, b, &t->window, o, err);
    o->drivers = NULL; /* they end here */
    drivers_free(&drivers);
    return rc;
}

/* Replicates in growing runs until the Monte Carlo interval decides. A longer run
 * repeats the shorter one's replicates, so the result is that of the last. */
static int run_to_decision(const struct trial *t, const struct subject *a,
                           const struct subject *b, struct sync_result *ret, struct err *err)
{
    for (uint32_t m = t->exactly ? t->exactly : 999;; m = 10 * m + 9) {
        if (m > t->study->max_replicates)
            m = t->study->max_replicates;
        struct sync_opts o = opts_of(t, m);
        o.stop_at = t->study->effort == EFFORT_ANSWER && !t->exactly ? trial_stop(t) : 0;
        sync_free(ret);
        if (run_window(t, a, b, &o, ret, err) < 0)
            return ERR_DEGENERATE;
        double lo, hi;
        mc_interval(&ret->mc, &lo, &hi);
        if (t->exactly || lo > t->decide || hi < t->decide || m == t->study->max_replicates)
            return 0;
    }
}

/* Is the answer known from the first direction alone: it ended early, or the claim is explained
 * (verdict.h) by a p that the second can only raise and the bound, which is the first's? */
static bool settled_by_first(const struct trial *t)
{
    const struct sync_result *ab = &t->ab;
    double sign = t->claim->kind->sign;
    if (t->exactly || t->study->effort == EFFORT_WHOLE)
        return false;
    if (t->study->effort == EFFORT_ANSWER)
        return ab->mc.exceed >= trial_stop(t);
    return !t->joint && mc_p(&ab->mc) > t->decide * (1 + 1e-9) &&
           sign * (ab->bound - t->claim->effect) < 0;
}

/* Both directions. Where the first settles it p will not be called, and the second is only
 * asked whether it can be drawn. */
static int run_both(struct trial *t, struct err *err)
{
    if (run_to_decision(t, &t->a, &t->b, &t->ab, err) < 0)
        return ERR_DEGENERATE;
    if (!settled_by_first(t))
        return run_to_decision(t, &t->b, &t->a, &t->ba, err);
    struct sync_opts o = opts_of(t, 2);
    return run_window(t, &t->b, &t->a, &o, &t->ba, err);
}

/* Observed excess less a quantile of what surrogates show. Where an effect may be there,
 * its lag is known and they are read at that lag (`at_best`): an upper bound. Where none
 * may be, they are read at their own best lag (`excess`), which takes out the bias of
 * the choice: a lower bound. NAN where the quantile would lie outside the replicates. */
static double eta_less(const struct sync_result *s, const double *surrogates, double q)
{
    size_t n = s->mc.replicates;
    if (fmin(q, 1 - q) * ((double)n + 1) < 1)
        return NAN;
    double *v = mem_alloc(n * sizeof *v);
    memcpy(v, surrogates, n * sizeof *v);
    double bound = s->eta - order_quantile(v, n, q);
    free(v);
    return bound;
}

/* A session of a is followed or not, so that coincidences scatter by themselves, also where
 * surrogates have next to none: limits of eta by the binomial law of those at the best lag,
 * less what surrogates have there. One-sided level. */
static double eta_binomial(const struct sync_result *s, double level, bool upper)
{
    double lo, hi;
    size_t best = 0;
    while (best + 1 < s->nlags && s->lag_s[best] != s->best_lag_s)
        best++;
    binomial_interval((uint64_t)s->observed[best], s->na, 2 * level - 1, &lo, &hi);
    return (upper ? hi : lo) - s->expected[best] / (double)s->na;
}

/* The binomial part is at an undivided level, which all nulls share. NAN stays. */
static double wider(double over_null, const struct sync_result *s, double level, bool upper)
{
    double own = eta_binomial(s, level, upper);
    return isnan(over_null) || (upper ? over_null > own : over_null < own) ? over_null : own;
}

static bool untestable(const struct trial *t, struct null_result *ret)
{
    double w = window_of(t);
    if (!(t->ttl_s > 0))
        trial_untested(ret, WHY_NO_TTL, "surrogates must keep a cache's dead time");
    else if (w > 8 * 3600)
        trial_untested(ret, WHY_NO_FREEDOM,
                       "a TTL of %.0f s needs windows of %.1f h, in which rhythm is not kept",
                       t->ttl_s, w / 3600);
    else if (t->a.n < MIN_SYNC || t->b.n < MIN_SYNC)
        trial_untested(ret, WHY_MIN_DATA, "%zu and %zu sessions; %d each are needed", t->a.n,
                       t->b.n, MIN_SYNC);
    return ret->why != WHY_NONE;
}

/* Extra coincidences put into the surrogates' counts at the best lag, of both directions; at
 * other lags a surrogate is what it was. */
struct eta_job {
    const struct sync_result *way[2];
    double critical[2];
};

static double sd_at_best(const struct sync_result *s)
{
    for (size_t i = 0; i < s->nlags; i++)
        if (s->lag_s[i] == s->best_lag_s)
            return s->sd[i];
    return NAN;
}

/* Above 0 where both directions reach their critical value. Followers are the same in both;
 * surrogates are drawn apart, although both count the same pairs of sessions. That costs next
 * to nothing: of 400 logs of eta .07 (tests/validate/v_power.c) .728 were rejected (se .022),
 * .714 was said; with both surrogates at the same rank of excess it would have been .756. But
 * severity would be too great, since surrogates apart seldom reach both: .998 of no effect for
 * a log of alfa-2016 whose p is .076. So there is none. */
static double eta_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct eta_job *job = ctx;
    (void)worker;
    size_t na = job->way[0]->na;
    double extra = (double)rng_poisson(r, effect * (double)na), least = INFINITY;
    for (int k = 0; k < 2; k++) {
        const struct sync_result *s = job->way[k];
        size_t i = rng_below(r, s->mc.replicates);
        double own = (s->at_best[i] * (double)s->na + extra) / sd_at_best(s);
        least = fmin(least, fmax(own, s->replicate[i]) - job->critical[k]);
    }
    return least;
}

static void eta_power(struct trial *t, struct null_result *ret)
{
    struct eta_job job = {{&t->ab, &t->ba}, {0, 0}};
    for (int k = 0; k < 2; k++)
        job.critical[k] =
            power_critical(job.way[k]->replicate, job.way[k]->mc.replicates, t->decide);
    if (isfinite(job.critical[0]) && isfinite(job.critical[1]))
        trial_power_at(t, "window", (struct power_marks){0, NAN}, eta_inject, &job, ret);
}

/* Own rhythm and drift of each, cache included, but nothing between them. */
void null_synchrony_window(struct trial *t, struct null_result *ret)
{
    struct err err = {.msg = ""};
    if (untestable(t, ret))
        return;
    if (run_both(t, &err) < 0) {
        trial_untested(ret, WHY_NO_FREEDOM, "%s", err.msg);
        return;
    }
    const struct sync_result *worse = mc_p(&t->ba.mc) > mc_p(&t->ab.mc) ? &t->ba : &t->ab;
    ret->statistic = "largest standardised coincidence over lags";
    ret->observed = worse->statistic;
    ret->mc = worse->mc;
    ret->values = mem_alloc(worse->mc.replicates * sizeof *ret->values);
    memcpy(ret->values, worse->replicate, worse->mc.replicates * sizeof *ret->values);
    trial_mc(t, ret);
    ret->u = t->ab.bound;
    eta_power(t, ret);
}

/* Apart from the mailings each has its own rhythm and drift. A life more is set aside after
 * each: surrogates know of no dead time that sessions set aside have left. No bound u: that of
 * `window` is at a level which leaves no room for another. */
void null_synchrony_mail(struct trial *t, struct null_result *ret)
{
    apart_mail(t, t->ttl_s, null_synchrony_window, ret);
    ret->u = NAN;
}

/* The day permutation, both ways; the result with the larger p is kept. */
void synchrony_days(struct trial *t)
{
    uint32_t m = t->study->max_replicates < 999 ? t->study->max_replicates : 999;
    struct sync_opts o = opts_of(t, m);
    struct sync_result back = {0};
    o.bound_level = 0;
    if (!t->ba.replicate || sync_days(&t->days, &t->a, &t->b, &t->window, &o, NULL) < 0)
        return;
    t->have_days = true;
    if (sync_days(&back, &t->b, &t->a, &t->window, &o, NULL) == 0 &&
        mc_p(&back.mc) > mc_p(&t->days.mc)) {
        struct sync_result swap = t->days;
        t->days = back;
        back = swap;
    }
    sync_free(&back);
}

/* Rank of the claim among one family of control pairs, by both measures. */
struct family {
    struct mc by_statistic, by_eta;
    size_t n, measured;
    bool stopped;            /* too many reach the claim; the rest were not run */
    double *statistic, *eta; /* of each control; owned */
    double *own, *sd; /* its excess coincidences at the claim's best lag, their deviation */
    double *rows;     /* of each measured, and last of the claim: excess at each lag; owned */
};

/* Where nothing but the answer is wanted: so many ahead leave p = (b + 1) / (n + 1) above the
 * level, whatever the others are. */
static bool not_leading(const struct trial *t, const struct family *f)
{
    uint32_t b =
        f->by_statistic.exceed > f->by_eta.exceed ? f->by_statistic.exceed : f->by_eta.exceed;
    return t->study->effort == EFFORT_ANSWER && !t->exactly &&
           (double)b + 1 > t->decide * ((double)f->n + 1) * (1 + 1e-12);
}

/* A control's excess at each lag as it would be among the claim's sessions. A shared cause may
 * show in as many sessions of each pair, or in as large a share of them: the less of both. */
static void put_in_place(const struct sync_result *own, const struct sync_result *one,
                         double *ret)
{
    double ratio = (double)own->na / (double)one->na;
    for (size_t k = 0; k < own->nlags; k++) {
        double excess = one->observed[k] - one->expected[k];
        ret[k] = fmin(excess, excess * ratio);
    }
}

/* Of a control; what the gate found of it, with as many surrogates, is not drawn again. */
static bool measure_control(const struct trial *t, const struct subject *a,
                            const struct subject *b, struct sync_opts *o,
                            struct sync_result *ret)
{
    for (size_t i = 0; t->gate && i < t->gate->n; i++) {
        const struct sync_pair *p = &t->gate->v[i];
        if (p->result.nlags && p->a == a->id && p->b == b->id && p->ttl_s == t->ttl_s) {
            *ret = p->result;
            ret->replicate = ret->excess = ret->at_best = NULL; /* the gate's */
            return true;
        }
    }
    return run_window(t, a, b, o, ret, NULL) == 0;
}

static void rank_family(const struct trial *t, const struct sync_result *own,
                        const struct subject *a, size_t a_step, const struct subject *b,
                        size_t n, struct family *ret)
{
    struct sync_opts o = opts_of(t, CONTROL_REPLICATES);
    o.unranked = true;
    *ret = (struct family){.by_statistic = {.max = (uint32_t)n},
                           .by_eta = {.max = (uint32_t)n},
                           .n = n,
                           .statistic = mem_zero(4 * n + 1, sizeof(double)),
                           .rows = mem_zero((n + 1) * own->nlags, sizeof(double))};
    ret->eta = ret->statistic + n;
    ret->own = ret->eta + n;
    ret->sd = ret->own + n;
    size_t best = 0;
    while (best + 1 < own->nlags && own->lag_s[best] != own->best_lag_s)
        best++;
    for (size_t i = 0; i < n && !ret->stopped; i++) {
        struct sync_result one = {0};
        bool ok = measure_control(t, &a[i * a_step], &b[i], &o, &one);
        mc_add(&ret->by_statistic, ok ? one.statistic : NAN, own->statistic);
        mc_add(&ret->by_eta, ok ? one.eta : NAN, own->eta);
        ret->statistic[i] = ok ? one.statistic : INFINITY;
        ret->eta[i] = ok ? one.eta : INFINITY;
        ret->own[i] = ok ? one.observed[best] - one.expected[best] : 0;
        ret->sd[i] = ok ? one.sd[best] : 1;
        if (ok)
            put_in_place(own, &one, ret->rows + ret->measured * own->nlags);
        ret->measured += ok;
        ret->stopped = not_leading(t, ret);
        sync_free(&one);
    }
    if (ret->stopped) /* the least that p can be */
        ret->by_statistic.replicates = ret->by_eta.replicates = (uint32_t)n;
}

/* The claim's excess, as the last row, and its controls' less the mean of all at each lag, in
 * their deviation: what all have in common is taken off, and no lag that a shared cause
 * reaches hides an effect at another. Into `ret` what sync_bound reads of the claim. */
static void beside_controls(const struct sync_result *own, const struct family *f,
                            struct sync_result *ret)
{
    size_t rows = f->measured + 1;
    double *claim = f->rows + f->measured * own->nlags;
    put_in_place(own, own, claim);
    *ret = (struct sync_result){.na = own->na, .nlags = own->nlags, .statistic = -INFINITY};
    for (size_t k = 0; k < own->nlags; k++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < rows; i++)
            mean += f->rows[i * own->nlags + k] / (double)rows;
        for (size_t i = 0; i < rows; i++) {
            double *excess = &f->rows[i * own->nlags + k];
            *excess -= mean;
            squares += *excess * *excess;
        }
        ret->sd[k] = fmax(sqrt(squares / (double)rows), SYNC_SD_MIN);
        ret->statistic = fmax(ret->statistic, claim[k] / ret->sd[k]);
    }
}

/* Upper bound of the part of eta that the controls do not show: of the difference between the
 * claim's excess and theirs. Were there only causes that the controls have too, claim and
 * controls would be n + 1 exchangeable rows, also when centred and standardised by all of
 * them; an effect puts Binomial(n_a, eta) coincidences more into the claim's, at one lag. So u
 * is the largest eta under which more than k - 1/2 of the n controls, so raised, are expected
 * to have a largest standardised difference of at most the claim's (sync_bound), k =
 * floor(alpha (n + 1)): a conformal p-value (Vovk, Gammerman & Shafer 2005, Algorithmic
 * Learning in a Random World) inverted, with the binomial law in place of one draw of it.
 * Where controls scatter more than that law this is the exact rank test of level k / (n + 1);
 * where they scatter less, its level is about (k - 1/2) / n. Both errors are in it: that of the
 * controls, and that of which sessions are followed.
 * Where no cause is shared a bound of the whole excess is the narrower one, and holds as well:
 * a part is no more than the whole. That is eta less the least control's, and at least the
 * binomial limit of all coincidences. Both read the same coincidences and err together: the
 * less of both fell short in 10 of 334 logs (v8_bound.c), that of the difference alone in 8.
 * Cannot tell: a cause of the claim that its controls do not share counts as effect, and u is
 * too large; one that moves the controls alone makes u too small. */
static double bound_over(const struct trial *t, const struct sync_result *own,
                         const struct family *f)
{
    struct sync_result claim;
    double k = floor((1 - t->level_whole) * ((double)f->measured + 1) * (1 + 1e-9));
    if (f->stopped || f->measured < f->n || k < 1)
        return NAN; /* what could not be measured must not make the room narrower */
    beside_controls(own, f, &claim);
    double u = sync_bound(&claim, f->rows, f->measured, k - .5), least = INFINITY;
    for (size_t i = 0; i < f->n; i++)
        least = fmin(least, f->eta[i]);
    double whole = wider(own->eta - least, own, t->level_whole, true);
    return u > 0 ? fmin(u, whole) : whole; /* 0: the claim is among the least by itself */
}

/* The larger p of two ranks counts, and is shown. */
static void keep_larger(struct null_result *ret, const struct mc *mc, const char *statistic,
                        double observed)
{
    if (ret->statistic && mc_p(mc) <= mc_p(&ret->mc))
        return;
    ret->mc = *mc;
    ret->statistic = statistic;
    ret->observed = observed;
}

/* A control in the claim's place, with extra coincidences at the claim's best lag, which need
 * not be the control's own: is it ahead of the others of its family by both measures? */
struct lead_job {
    const struct family *families;
    double na, level;
};

static bool leads(const struct family *f, size_t j, const double *value, double mine,
                  double level)
{
    size_t reach = 0;
    for (size_t i = 0; i < f->n; i++)
        reach += i != j && value[i] >= mine;
    return (double)(reach + 1) <= level * ((double)f->n + 1) * (1 + 1e-12);
}

static double lead_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct lead_job *job = ctx;
    (void)worker;
    double extra = (double)rng_poisson(r, effect * job->na);
    for (int k = 0; k < 2; k++) {
        const struct family *f = &job->families[k];
        if (f->n == 0)
            continue;
        size_t j = rng_below(r, f->n);
        double more = f->own[j] + extra;
        if (!leads(f, j, f->eta, fmax(f->eta[j], more / job->na), job->level) ||
            !leads(f, j, f->statistic, fmax(f->statistic[j], more / f->sd[j]), job->level))
            return -1;
    }
    return 1;
}

static bool no_controls(const struct trial *t, struct null_result *ret)
{
    bool named = t->claim->controls != SIZE_MAX || t->claim->control_clients != SIZE_MAX;
    if (t->ncontrols || t->ncontrol_c)
        return false;
    if (named)
        trial_untested(ret, WHY_NO_CONTROLS,
                       "no control name and no control client has %d sessions on both sides",
                       MIN_SYNC);
    else
        trial_untested(ret, WHY_NO_CONTROLS,
                       "the study names no control names (controls:) and no control clients "
                       "(control_clients:)");
    return true;
}

/* A cause that a and b share shows in their control pairs too: rank of the claim
 * among them (methods.md D6), in both families that the study names: the same sides on
 * other names, and a with other clients on b's names. A cause at the sender or at b's
 * client is in the first, one at the zone or the sensor in both; the claim must lead each,
 * so the larger p counts. Within a family the worse of two ranks: the standardised
 * coincidence of the same cause grows with the number of sessions, so that a busy pair
 * would lead quiet controls; eta does not, but is noisy in quiet pairs, so that a quiet one
 * would lead busy controls. */
void null_synchrony_controls(struct trial *t, struct null_result *ret)
{
    if (untestable(t, ret) || no_controls(t, ret))
        return;
    struct sync_opts o = opts_of(t, CONTROL_REPLICATES);
    struct sync_result own = {0};
    o.unranked = true;
    if (run_window(t, &t->a, &t->b, &o, &own, NULL) < 0) {
        trial_untested(ret, WHY_NO_FREEDOM, "the surrogates cannot move");
        return;
    }
    ret->u = -INFINITY;
    size_t fewest = fewest_controls(t);
    struct family families[2] = {{.n = 0}, {.n = 0}};
    for (int k = 0; k < 2; k++) {
        size_t n = k ? t->ncontrol_c : t->ncontrols;
        if (n == 0 || families[0].stopped)
            continue;
        rank_family(t, &own, k ? &t->a : t->control_a, !k, k ? t->control_c : t->control_b, n,
                    &families[k]);
        const struct family f = families[k];
        keep_larger(ret, &f.by_statistic,
                    k ? "rank of the largest standardised coincidence among control clients"
                      : "rank of the largest standardised coincidence among control pairs",
                    own.statistic);
        keep_larger(ret, &f.by_eta,
                    k ? "rank of eta among control clients" : "rank of eta among control pairs",
                    own.eta);
        double u = bound_over(t, &own, &f);
        ret->u = isnan(u) || isnan(ret->u) ? NAN : fmax(u, ret->u);
    }
    ret->log_p = log(mc_p(&ret->mc));
    mc_interval(&ret->mc, &ret->p_lo, &ret->p_hi);
    ret->floor = mc_floor((uint32_t)fewest);
    if (ret->floor > t->decide)
        trial_untested(ret, WHY_RESOLUTION,
                       "%zu control pairs can give p = %.3g; %.9g would be needed", fewest,
                       ret->floor, ceil(1 / t->decide) - 1);
    struct lead_job job = {families, (double)own.na, t->decide};
    trial_power_at(t, "sync-controls", (struct power_marks){0, NAN}, lead_inject, &job, ret);
    for (int k = 0; k < 2; k++) {
        free(families[k].statistic);
        free(families[k].rows);
    }
    sync_free(&own);
}

void synchrony_measure(struct trial *t)
{
    struct sync_opts o = opts_of(t, CURVE_REPLICATES);
    struct null_result unused = {.why = WHY_NONE};
    if (!untestable(t, &unused))
        run_window(t, &t->a, &t->b, &o, &t->ab, NULL);
}

void synchrony_effect(const struct trial *t, struct effect *ret)
{
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    if (!t->ab.excess)
        return;
    ret->value = eta_less(&t->ab, t->ab.excess, .5);
    double side = (1 + ret->level) / 2;
    ret->lo = wider(eta_less(&t->ab, t->ab.excess, side), &t->ab, side, false);
    ret->hi = wider(eta_less(&t->ab, t->ab.at_best, 1 - side), &t->ab, side, true);
}
