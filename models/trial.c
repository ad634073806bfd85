/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/trial.h"

#include "models/causes.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/par.h"
#include "base/text.h"
#include "models/integrity.h"
#include "stats/tail.h"

/* --- subjects ---------------------------------------------------------------------- */

int trial_id_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void selection_of(const struct trial *t, const size_t *client_groups, size_t n,
                  size_t name_group, struct selection *ret)
{
    uint32_t *clients = NULL;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < n; i++) {
        const struct study_group *g = &t->study->groups[client_groups[i]];
        for (size_t j = 0; j < g->client_n; j++) {
            MEM_GROW(clients, count, cap);
            clients[count++] = g->client[j];
        }
    }
    qsort(clients, count, sizeof *clients, trial_id_order);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) /* groups may overlap */
        if (i == 0 || clients[i] != clients[kept - 1])
            clients[kept++] = clients[i];
    const struct study_group *g = &t->study->groups[name_group];
    uint32_t *names = mem_alloc((g->name_n + 1) * sizeof *names);
    memcpy(names, g->name, g->name_n * sizeof *names);
    *ret = (struct selection){clients, names, kept, g->name_n};
}

void selection_free(struct selection *s)
{
    free((void *)(uintptr_t)s->clients);
    free((void *)(uintptr_t)s->names);
}

static void make_subject(const struct trial *t, const size_t *clients, size_t n, size_t name,
                         double ttl_s, struct subject *ret)
{
    struct selection sel;
    selection_of(t, clients, n, name, &sel);
    subject_make(ret, t->counts, &sel, &t->window, t->study->session_s, ttl_s);
    selection_free(&sel);
}

int trial_controls(struct trial *t)
{
    if (t->claim->controls == SIZE_MAX)
        return 0;
    const struct study_group *g = &t->study->groups[t->claim->controls];
    struct selection own;
    t->control_a = mem_zero(g->name_n + 1, sizeof *t->control_a);
    t->control_b = mem_zero(g->name_n + 1, sizeof *t->control_b);
    selection_of(t, t->claim->clients, t->claim->nclients, t->claim->name, &own);
    for (size_t i = 0; i < g->name_n; i++) {
        struct selection one = {own.clients, &g->name[i], own.nclients, 1};
        struct subject *s = &t->control_a[t->ncontrols];
        if (bsearch(&g->name[i], own.names, own.nnames, sizeof *own.names, trial_id_order))
            continue;
        subject_make(s, t->counts, &one, &t->window, t->study->session_s, t->ttl_s);
        if (s->n > 0)
            t->ncontrols++;
        else
            subject_free(s);
    }
    selection_free(&own);
    return 0;
}

struct rate trial_rate(const struct trial *t, const struct subject *s)
{
    return (struct rate){s->n, exposure_between(s, &t->window, 0, t->window.length_s)};
}

bool trial_has(const struct subject *s, uint32_t client, uint32_t name)
{
    for (size_t i = 0; i < s->nstreams; i++)
        if (s->streams[i].client == client && s->streams[i].name == name)
            return true;
    return false;
}

uint64_t trial_demands(const struct subject *s, double ttl_s)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < s->nstreams; i++) {
        double last = -INFINITY;
        for (size_t j = 0; j < s->streams[i].n; j++)
            if (s->streams[i].t[j] - last >= ttl_s) {
                last = s->streams[i].t[j];
                sum++;
            }
    }
    return sum;
}

/* --- time to live ------------------------------------------------------------------- */

/* The largest TTL that answers to the pair's look-ups carried: what its authority
 * sets; smaller ones are remainders in somebody's cache. 0: none in the log. */
static double ttl_of_log(const struct trial *t)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < t->a.nstreams; i++)
        for (size_t j = 0; j < t->counts->npairs; j++) {
            const struct counts_pair *p = &t->counts->pairs[j];
            if (p->name != t->a.streams[i].name)
                continue;
            struct marks_iter it = marks_begin(counts_marks(p));
            while (marks_next(&it))
                if (it.kind == MARK_TTL && it.value > largest)
                    largest = it.value;
        }
    return (double)largest;
}

/* The smallest gap between sessions of one stream: the maximum likelihood estimate
 * of a dead time (methods.md C2). Of streams with 20 gaps or more; 0: none has. */
static double ttl_of_gaps(const struct trial *t)
{
    double smallest = INFINITY;
    for (size_t i = 0; i < t->a.nstreams; i++) {
        const struct stream *s = &t->a.streams[i];
        for (size_t j = 1; s->n > 20 && j < s->n; j++)
            smallest = fmin(smallest, s->t[j] - s->t[j - 1]);
    }
    return isfinite(smallest) ? smallest : 0;
}

static void find_ttl(struct trial *t)
{
    const struct study_ttl *ttl = &t->claim->ttl;
    const char *source = study_source(ttl->source);
    char life[TEXT_TIME_MAX];
    switch (ttl->kind) {
    case TTL_UNKNOWN:
        snprintf(t->ttl_note, sizeof t->ttl_note, "time to live unknown");
        break;
    case TTL_GIVEN:
        t->ttl_s = ttl->seconds;
        snprintf(t->ttl_note, sizeof t->ttl_note, "time to live %s, from the study (%s)",
                 text_of_duration(life, (int64_t)(ttl->seconds * (double)NS_PER_S)), source);
        break;
    case TTL_LOG:
        t->ttl_s = ttl_of_log(t);
        snprintf(t->ttl_note, sizeof t->ttl_note,
                 t->ttl_s > 0
                     ? "time to live %g s, the largest of the log's answers"
                     : "time to live unknown: no answer in the log carries one above 0",
                 t->ttl_s);
        break;
    case TTL_ESTIMATE:
        t->ttl_s = ttl_of_gaps(t);
        snprintf(t->ttl_note, sizeof t->ttl_note,
                 "time to live %g s, estimated: the smallest gap between sessions", t->ttl_s);
        break;
    }
}

/* --- making ------------------------------------------------------------------------- */

/* Has the claim what the bound is made from? Two are made from lists that it may name. */
static bool bound_given(const char *bound, const struct study_claim *c)
{
    if (strcmp(bound, "mailings") == 0)
        return c && study_aside_given(&c->mailings);
    return strcmp(bound, "monitors") != 0 || (c && study_aside_given(&c->monitors));
}

size_t trial_bounds(const struct claim_kind *k, const struct study_claim *c)
{
    size_t n = 0;
    for (const struct battery_row *r = k->battery; r->null; r++) {
        bool again = !r->bound || !bound_given(r->bound, c);
        for (const struct battery_row *o = k->battery; o < r && !again; o++)
            again = o->bound && strcmp(o->bound, r->bound) == 0;
        n += !again;
    }
    return n;
}

static void set_price(struct trial *t)
{
    const struct study_search *s = &t->claim->search;
    t->looks = s->kind == SEARCH_UNKNOWN ? 1 : s->low;
    t->joint = s->looks != NULL;
    t->decide = -expm1(log1p(-t->study->alpha) / t->looks);
    double u_alpha = t->study->alpha;
    if (t->claim->opposite) /* it stands on u alone: then u pays for search and correction */
        u_alpha = t->decide /
                  (strcmp(t->study->correction->name, "none") ? (double)t->study->nclaims : 1);
    t->level_whole = 1 - u_alpha;
    t->level = 1 - u_alpha / (double)trial_bounds(t->claim->kind, t->claim);
}

int trial_make(struct trial *t, const struct study *s, const struct study_claim *c,
               const struct counts *counts, size_t threads, struct err *err)
{
    return trial_make_altered(t, s, c, counts, threads, NULL, NULL, err);
}

int trial_make_altered(struct trial *t, const struct study *s, const struct study_claim *c,
                       const struct counts *counts, size_t threads,
                       void (*alter)(void *ctx, struct trial *t), void *ctx, struct err *err)
{
    *t = (struct trial){.study = s, .claim = c, .counts = counts, .threads = threads};
    window_make(&t->window, counts, c->from_ns, c->to_ns);
    if (!(t->window.live_s > 0)) {
        window_free(&t->window);
        return err_set(err, ERR_DEGENERATE, "claim %s: no listening time in its window", c->id);
    }
    set_price(t);
    make_subject(t, c->clients, c->nclients, c->name, 0, &t->a);
    find_ttl(t);
    subject_free(&t->a);
    make_subject(t, c->clients, c->nclients, c->name, t->ttl_s, &t->a);
    if (c->b_client != SIZE_MAX)
        make_subject(t, &c->b_client, 1, c->b_name, t->ttl_s, &t->b);
    if (alter)
        alter(ctx, t);
    int rc = c->kind->prepare ? c->kind->prepare(t, err) : 0;
    if (rc < 0)
        trial_free(t);
    return rc;
}

int trial_apart(struct trial *ret, const struct trial *t, const struct interval *aside,
                size_t n, struct err *err)
{
    const struct study_claim *c = t->claim;
    *ret = (struct trial){.study = t->study,
                          .claim = c,
                          .counts = t->counts,
                          .ttl_s = t->ttl_s,
                          .looks = t->looks,
                          .rough = t->rough,
                          .joint = t->joint,
                          .exactly = t->exactly,
                          .stream = t->stream,
                          .decide = t->decide,
                          .level = t->level,
                          .level_whole = t->level_whole,
                          .threads = t->threads};
    window_make(&ret->window, t->counts, c->from_ns, c->to_ns);
    window_set_aside(&ret->window, aside, n);
    if (!(ret->window.live_s > 0)) {
        window_free(&ret->window);
        return err_set(err, ERR_DEGENERATE, "claim %s: no listening time is left", c->id);
    }
    make_subject(ret, c->clients, c->nclients, c->name, t->ttl_s, &ret->a);
    if (c->b_client != SIZE_MAX)
        make_subject(ret, &c->b_client, 1, c->b_name, t->ttl_s, &ret->b);
    int rc = c->kind->prepare ? c->kind->prepare(ret, err) : 0;
    if (rc < 0)
        trial_free(ret);
    return rc;
}

void trial_free(struct trial *t)
{
    subject_free(&t->a);
    subject_free(&t->b);
    for (size_t i = 0; i < t->npeers; i++)
        subject_free(&t->peers[i]);
    for (size_t i = 0; i < t->ncontrols; i++) {
        subject_free(&t->control_a[i]);
        subject_free(&t->control_b[i]);
    }
    for (size_t i = 0; i < t->ncontrol_c; i++)
        subject_free(&t->control_c[i]);
    free(t->peers);
    free(t->control_a);
    free(t->control_b);
    free(t->control_c);
    daycells_free(&t->cells);
    daycells_free(&t->control_cells);
    stretches_free(&t->occasions);
    features_free(&t->features);
    causes_free(t->causes);
    pairdays_fits_free(&t->own_fits);
    sync_free(&t->ab);
    sync_free(&t->ba);
    sync_free(&t->days);
    window_free(&t->window);
}

const struct holidays *trial_holidays(const struct trial *t)
{
    return t->study->holidays_name ? &t->study->holidays : NULL;
}

bool trial_inside(const struct study_claim *c, int64_t unix_s)
{
    for (size_t i = 0; i < c->nhours; i++) {
        const struct study_hours *h = &c->hours[i];
        int64_t local = unix_s + tz_offset(h->zone, unix_s);
        int64_t day = floor_div(local, 86400), second = local - day * 86400;
        bool wraps = h->from_s > h->to_s;
        bool inside = wraps ? second >= h->from_s || second < h->to_s
                            : second >= h->from_s && second < h->to_s;
        int64_t weekday =
            (day + 3) - floor_div(day + 3, 7) * 7; /* 0 Monday: day 0 was Thursday */
        if (inside && (!h->weekdays || weekday < 5))
            return true;
    }
    return false;
}

/* --- Monte Carlo -------------------------------------------------------------------- */

struct null_result trial_blank(void)
{
    return (struct null_result){
        .log_p = NAN, .p_lo = NAN, .p_hi = NAN, .u = NAN, .u_least = NAN, .observed = NAN};
}

void trial_untested(struct null_result *ret, enum why why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret->detail, sizeof ret->detail, format, args);
    va_end(args);
    ret->why = why;
}

enum { STOP_RUN = 16 }; /* replicates between looks where few may be enough */

struct replicate_job {
    struct trial *t;
    uint64_t subject;
    size_t first;
    trial_draw *draw;
    void *ctx;
    double *value;
};

static void replicate_one(void *ctx, size_t i, size_t worker)
{
    struct replicate_job *job = ctx;
    struct rng r;
    size_t index = job->first + i;
    rng_stream(&r, job->t->study->seed, RNG_NULL, job->subject, (uint32_t)index);
    job->value[index] = job->draw(job->ctx, &r, worker);
}

void trial_mc(const struct trial *t, struct null_result *ret)
{
    ret->log_p = log(mc_p(&ret->mc));
    mc_interval(&ret->mc, &ret->p_lo, &ret->p_hi);
    ret->floor = mc_floor(t->study->max_replicates);
    bool straddles = ret->p_lo < t->decide && ret->p_hi > t->decide &&
                     mc_p(&ret->mc) <= t->decide && ret->mc.exceed > 0;
    if (ret->floor > t->decide)
        trial_untested(ret, WHY_RESOLUTION,
                       "%u replicates can give p = %.3g; %.9g would be needed for %.9g look%s",
                       t->study->max_replicates, ret->floor, ceil(1 / t->decide) - 1, t->looks,
                       t->looks == 1 ? "" : "s");
    else if (straddles && ret->mc.replicates >= t->study->max_replicates)
        trial_untested(ret, WHY_INCONCLUSIVE,
                       "the Monte Carlo interval %.3g to %.3g holds %.3g after %u replicates",
                       ret->p_lo, ret->p_hi, t->decide, ret->mc.replicates);
}

static bool decided(const struct trial *t, const struct mc *mc)
{
    double lo, hi;
    mc_interval(mc, &lo, &hi);
    return mc->replicates >= mc->max || lo > t->decide || hi < t->decide;
}

uint32_t trial_stop(const struct trial *t)
{
    uint32_t least = t->study->effort == EFFORT_COARSE ? 20 : 1;
    uint32_t too_many = (uint32_t)(t->decide * (t->study->max_replicates + 1.0)) + 1;
    if (t->study->effort == EFFORT_WHOLE)
        return 0;
    return too_many > least ? too_many : least;
}

void trial_replicate(struct trial *t, const char *null, double observed, trial_draw *draw,
                     void *ctx, struct null_result *ret)
{
    uint64_t own = rng_subject_of(t->a.id, t->b.nstreams ? t->b.id : 0);
    uint64_t subject =
        rng_subject_of(t->stream ? t->stream : own, rng_subject(null, strlen(null)));
    struct replicate_job job = {.t = t, .subject = subject, .draw = draw, .ctx = ctx};
    bool more = true;
    uint32_t stop = t->exactly ? 0 : trial_stop(t);
    ret->mc =
        (struct mc){.max = t->exactly ? t->exactly : t->study->max_replicates, .stop_at = stop};
    for (size_t m = stop         ? STOP_RUN
                    : t->exactly ? t->exactly
                                 : 999;
         more; m = stop ? m + STOP_RUN : 10 * m + 9) {
        size_t until = m < ret->mc.max ? m : ret->mc.max, done = ret->mc.replicates;
        job.value = mem_resize(job.value, until, sizeof *job.value);
        job.first = done;
        par_for(t->threads, until - done, replicate_one, &job);
        for (size_t i = done; i < until && more; i++)
            more = mc_add(&ret->mc, job.value[i], observed);
        more = more && (stop || !decided(t, &ret->mc));
    }
    ret->observed = observed;
    trial_mc(t, ret);
    ret->values = job.value;
}

/* --- power --------------------------------------------------------------------------- */

/* Effects that are looked at: ratios up to 10,000 and down to 1/1,000, shares to their limit.
 * Of a scale of the null's own no effect is claimed. */
static struct power_scale scale_of(const struct trial *t, const struct power_effect *own)
{
    const struct claim_kind *k = t->claim->kind;
    double ratio = k->sign > 0 ? 1e4 : 1e-3;
    if (own)
        return (struct power_scale){own->none, own->most > 0 ? own->most : ratio, NAN, false};
    double most = k->most_effect > 0 ? k->most_effect : k->no_effect == 0 ? 10 : ratio;
    return (struct power_scale){k->no_effect, most, t->claim->effect, t->study->power_at_claim};
}

/* The curve of a result, of what its null said that it is of. */
static void fill(const struct trial *t, uint32_t sims, power_fn *power, void *ctx,
                 struct null_result *ret)
{
    const struct power_effect *own = ret->power.of;
    struct power_scale s = scale_of(t, own);
    ret->power = (struct power_curve){.of = own, .level = t->decide, .sims = sims};
    if (t->study->power && !(own && t->study->power_at_claim))
        power_fill(&ret->power, &s, power, ctx);
}

struct power_job {
    struct trial *t;
    uint64_t subject;
    struct power_marks marks;
    double effect;
    trial_inject *inject;
    void *ctx;
    double value[POWER_SIMS];
};

static void inject_one(void *ctx, size_t i, size_t worker)
{
    struct power_job *job = ctx;
    struct rng r;
    rng_stream(&r, job->t->study->seed, RNG_SIMULATE, job->subject, (uint32_t)i);
    job->value[i] = job->inject(job->ctx, job->effect, &r, worker);
}

static void injected(void *ctx, struct power_point *point)
{
    struct power_job *job = ctx;
    uint64_t reached = 0, below = 0;
    job->effect = point->effect;
    par_for(job->t->threads, POWER_SIMS, inject_one, job);
    for (size_t i = 0; i < POWER_SIMS; i++) {
        reached += job->value[i] >= job->marks.critical;
        below += job->value[i] < job->marks.seen;
    }
    point->value = (double)reached / POWER_SIMS;
    binomial_interval(reached, POWER_SIMS, .95, &point->lo, &point->hi);
    point->severity = point->severity_lo = point->severity_hi = NAN;
    if (isnan(job->marks.seen))
        return;
    point->severity = (double)below / POWER_SIMS;
    binomial_interval(below, POWER_SIMS, .95, &point->severity_lo, &point->severity_hi);
}

void trial_power_at(struct trial *t, const char *null, struct power_marks marks,
                    trial_inject *inject, void *ctx, struct null_result *ret)
{
    struct power_job job = {
        .t = t,
        .subject = rng_subject_of(rng_subject_of(t->a.id, t->b.nstreams ? t->b.id : 0),
                                  rng_subject(null, strlen(null))),
        .marks = marks,
        .inject = inject,
        .ctx = ctx};
    if (ret->why != WHY_RESOLUTION && isfinite(marks.critical))
        fill(t, POWER_SIMS, injected, &job, ret);
}

void trial_power(struct trial *t, const char *null, trial_inject *inject, void *ctx,
                 struct null_result *ret)
{
    if (t->study->power && ret->values)
        trial_power_at(
            t, null,
            (struct power_marks){power_critical(ret->values, ret->mc.replicates, t->decide),
                                 ret->observed},
            inject, ctx, ret);
}

void trial_power_exact(const struct trial *t, power_fn *power, void *ctx,
                       struct null_result *ret)
{
    fill(t, 0, power, ctx, ret);
}

void trial_power_binomial(const struct trial *t, uint64_t n, double p0, bool ratio,
                          struct null_result *ret)
{
    struct power_binomial b = {.n = n,
                               .p0 = p0,
                               .level = t->decide,
                               .of = ratio ? POWER_RATIO : POWER_SHARE,
                               .seen = (uint64_t)ret->observed};
    fill(t, 0, power_binomial, &b, ret);
}

static void give_ttl(const struct study *s, size_t group, double ttl_s, double *ret)
{
    for (size_t k = 0; group != SIZE_MAX && k < s->groups[group].name_n; k++)
        ret[s->groups[group].name[k]] = ttl_s;
}

void trial_ttl_of_names(const struct study *s, const struct counts *c, double *ret)
{
    integrity_ttl_of_log(c, ret);
    for (int own = 0; own < 2; own++) /* what is said of a name itself goes before */
        for (size_t i = 0; i < s->nclaims; i++) {
            const struct study_claim *claim = &s->claims[i];
            if (claim->ttl.kind != TTL_GIVEN)
                continue;
            give_ttl(s, own ? claim->name : claim->controls, claim->ttl.seconds, ret);
            give_ttl(s, own ? claim->b_name : claim->compare, claim->ttl.seconds, ret);
        }
}

double trial_normal_quantile(double tail)
{
    return normal_log_quantile(log(tail));
}
