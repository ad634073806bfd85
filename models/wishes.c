/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/wishes.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/sort.h"
#include "base/text.h"
#include "stats/bouts.h"

static const int64_t cell_ns = 900 * NS_PER_S;
static const double cells_per_day = 96;
enum { CELLS_A_PART = 8 };

/* Cumulative intensity of a clock over [from, to), in days of the plain rate. */
struct profile {
    int64_t from_ns, to_ns;
    double *cumulative; /* cumulative[0] is 0 */
    size_t ncells;
    uint32_t *guide; /* of equal parts of the whole, one for CELLS_A_PART cells, the cell where
                      * each begins, or nearly so; NULL until many times are drawn */
};

/* --- the clock ------------------------------------------------------------------------ */

/* Factor in force at t_ns; *at is the step after it, and only moves on: cells come in
 * order of time. */
static double step_factor(const struct sim_clock *c, int64_t t_ns, size_t *at)
{
    while (*at < c->nsteps && c->steps[*at].from_ns <= t_ns)
        ++*at;
    return *at ? c->steps[*at - 1].factor : 1;
}

/* Factor of the local instant: office hours (which may run past midnight) and weekends. */
static double local_factor(const struct sim_clock *c, int64_t local_s)
{
    int64_t day = floor_div(local_s, 86400), second = local_s - day * 86400;
    int64_t weekday = day + 3 - 7 * floor_div(day + 3, 7); /* 0 is Monday */
    double factor = weekday >= 5 ? c->weekend : 1;
    if (c->opens_s == c->shuts_s)
        return factor;
    bool open = c->opens_s < c->shuts_s ? second >= c->opens_s && second < c->shuts_s
                                        : second >= c->opens_s || second < c->shuts_s;
    return open ? factor : factor * c->outside;
}

static void profile_make(struct profile *p, const struct sim_clock *c, int64_t from_ns,
                         int64_t to_ns, struct rng *days)
{
    *p = (struct profile){.from_ns = from_ns, .to_ns = to_ns};
    p->ncells = (size_t)((to_ns - from_ns + cell_ns - 1) / cell_ns);
    p->cumulative = mem_zero(p->ncells + 1, sizeof *p->cumulative);
    int64_t today = INT64_MIN;
    double shock = 1;
    size_t step = 0;
    bool even_days = c->opens_s == c->shuts_s && c->weekend == 1;
    bool steps_only = even_days && !(c->day_theta > 0);
    for (size_t i = 0; i < p->ncells; i++) {
        int64_t t_ns = from_ns + (int64_t)i * cell_ns;
        double rate = step_factor(c, t_ns, &step);
        if (!steps_only) {
            int64_t t_s = floor_div(t_ns, NS_PER_S);
            int64_t local_s = t_s + (c->zone ? tz_offset(c->zone, t_s) : 0);
            int64_t day = floor_div(local_s, 86400);
            if (c->day_theta > 0 && day != today)
                shock = rng_gamma(days, c->day_theta, 1 / c->day_theta);
            today = day;
            rate = shock * rate * (even_days ? 1 : local_factor(c, local_s));
        }
        p->cumulative[i + 1] = p->cumulative[i] + rate / cells_per_day;
    }
}

static void profile_free(struct profile *p)
{
    free(p->cumulative);
    free(p->guide);
    *p = (struct profile){0};
}

static double profile_days(const struct profile *p)
{
    return p->cumulative[p->ncells];
}

/* Before n times are drawn. */
static void profile_guide(struct profile *p, uint64_t n)
{
    size_t nparts = p->ncells / CELLS_A_PART + 1;
    if (p->guide || n < p->ncells / 16)
        return;
    p->guide = mem_alloc(nparts * sizeof *p->guide);
    double part = profile_days(p) / (double)nparts;
    for (size_t k = 0, cell = 0; k < nparts; k++) {
        double from = (double)k * part;
        while (cell + 1 < p->ncells && p->cumulative[cell + 1] <= from)
            cell++;
        p->guide[k] = (uint32_t)cell;
    }
}

/* The cell with cumulative[cell] <= u < cumulative[cell + 1]: steps that double from where u
 * would be at an even rate, or at the guide's, then bisection. */
static size_t profile_cell(const struct profile *p, double u)
{
    const double *c = p->cumulative;
    size_t parts = p->guide ? p->ncells / CELLS_A_PART + 1 : p->ncells, step = 1;
    size_t lo = (size_t)(u / profile_days(p) * (double)parts);
    lo = lo < parts ? lo : parts - 1;
    lo = p->guide ? p->guide[lo] : lo;
    size_t hi = lo + 1;
    for (; lo > 0 && c[lo] > u; step *= 2) {
        hi = lo;
        lo = lo > step ? lo - step : 0;
    }
    for (; hi < p->ncells && c[hi] <= u; step *= 2) {
        lo = hi;
        hi = hi + step < p->ncells ? hi + step : p->ncells;
    }
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (c[mid] <= u)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* When a share of the whole is past. */
static int64_t profile_at(const struct profile *p, double share)
{
    double u = share * profile_days(p);
    size_t cell = profile_cell(p, u);
    double part = (u - p->cumulative[cell]) / (p->cumulative[cell + 1] - p->cumulative[cell]);
    return p->from_ns + (int64_t)cell * cell_ns + (int64_t)(part * (double)cell_ns);
}

static int64_t profile_draw(const struct profile *p, struct rng *r)
{
    return profile_at(p, rng_unit(r));
}

/* --- processes ------------------------------------------------------------------------ */

/* What one process is drawn with. */
struct drawing {
    const struct sim_world *w;
    const struct sim_process *p;
    uint32_t process;
    uint64_t subject; /* of the process */
    double boost;
    wishes_filter *wanted;
    const void *ctx;
    struct profile profile; /* of `made` */
    const struct sim_process *made;
    struct wishes *ret;
};

static uint64_t text_subject(const char *text)
{
    return rng_subject(text, strlen(text));
}

static uint64_t pair_subject(const struct drawing *d, uint32_t client, uint32_t name)
{
    return rng_subject_of(d->subject, rng_subject_of(text_subject(d->w->clients[client]),
                                                     text_subject(d->w->names[name])));
}

static void add(const struct drawing *d, int64_t t_ns, uint32_t client, uint32_t name,
                uint64_t subject, uint32_t replicate)
{
    struct wishes *out = d->ret;
    if (t_ns < d->w->from_ns || t_ns >= d->w->to_ns)
        return;
    double mark = 0;
    if (d->w->nexact) { /* read by exact totals alone */
        struct rng own;
        rng_stream(&own, d->w->seed, RNG_SIMULATE, subject, replicate);
        mark = rng_unit(&own);
    }
    MEM_GROW(out->v, out->n, out->cap);
    out->v[out->n++] = (struct wish){.t_ns = t_ns,
                                     .client = client,
                                     .name = name,
                                     .process = d->process,
                                     .replicate = replicate,
                                     .subject = subject,
                                     .mark = mark};
}

/* A pair's own factor, mean 1. */
static double activity(const struct drawing *d, struct rng *r)
{
    double sd = d->p->activity;
    return sd > 0 ? exp(sd * rng_normal(r) - sd * sd / 2) : 1;
}

static bool in_bouts(const struct sim_process *p)
{
    return p->gap_sigma > 0 || p->branching > 0;
}

/* A law of bouts in the time in which the clock's demand is even. */
static void bouts_pair(struct drawing *d, double mean, uint32_t client, uint32_t name,
                       struct rng *r)
{
    uint64_t subject = pair_subject(d, client, name);
    const struct bouts law = {d->p->gap_sigma, d->p->branching,
                              (double)d->p->delay_ns / (double)(d->w->to_ns - d->w->from_ns)};
    double *at;
    size_t n = bouts_draw(&law, mean, r, &at);
    profile_guide(&d->profile, n);
    for (size_t i = 0; i < n; i++)
        add(d, profile_at(&d->profile, at[i]), client, name, subject, (uint32_t)i + 1);
    free(at);
}

/* Human and scanner. Replicate 0 of a subject draws its times, 1... its wishes. */
static void poisson_pair(struct drawing *d, uint32_t client, uint32_t name)
{
    struct rng r;
    uint64_t subject = pair_subject(d, client, name);
    rng_stream(&r, d->w->seed, RNG_SIMULATE, subject, 0);
    double mean = d->boost * d->p->per_day * activity(d, &r) * profile_days(&d->profile);
    if (in_bouts(d->p)) {
        bouts_pair(d, mean, client, name, &r);
        return;
    }
    uint64_t n = rng_poisson(&r, mean);
    profile_guide(&d->profile, n);
    for (uint64_t i = 0; i < n; i++)
        add(d, profile_draw(&d->profile, &r), client, name, subject, (uint32_t)i + 1);
}

/* One demand, spread over the pairs at random. */
static void poisson_split(struct drawing *d)
{
    const struct selection *who = &d->p->who;
    struct rng r;
    rng_stream(&r, d->w->seed, RNG_SIMULATE, d->subject, 0);
    uint64_t n = rng_poisson(&r, d->boost * d->p->per_day * profile_days(&d->profile));
    profile_guide(&d->profile, n);
    for (uint64_t i = 0; i < n; i++) {
        int64_t t_ns = profile_draw(&d->profile, &r);
        uint32_t client = who->clients[rng_below(&r, who->nclients)];
        uint32_t name = who->names[rng_below(&r, who->nnames)];
        if (d->wanted(d->ctx, client, name))
            add(d, t_ns, client, name, d->subject, (uint32_t)i + 1);
    }
}

/* Campaign instants are the process's, the same for all its pairs: a common cause. */
static size_t campaigns(const struct drawing *d, int64_t **ret)
{
    struct rng r;
    rng_stream(&r, d->w->seed, RNG_SIMULATE, rng_subject_of(d->subject, 2), 0);
    size_t n = rng_poisson(&r, d->p->per_day * profile_days(&d->profile));
    *ret = mem_zero(n ? n : 1, sizeof **ret);
    for (size_t i = 0; i < n; i++)
        (*ret)[i] = profile_draw(&d->profile, &r);
    return n;
}

static void mail_pair(const struct drawing *d, const int64_t *sent, size_t n, uint32_t client,
                      uint32_t name)
{
    struct rng r;
    uint64_t subject = pair_subject(d, client, name);
    uint32_t replicate = 1;
    rng_stream(&r, d->w->seed, RNG_SIMULATE, subject, 0);
    double mean = d->boost * d->p->messages * activity(d, &r);
    for (size_t i = 0; i < n; i++)
        for (uint64_t left = rng_poisson(&r, mean); left > 0; left--) {
            double delay_ns = rng_exponential(&r, (double)d->p->delay_ns);
            if (delay_ns < (double)(d->w->to_ns - sent[i]))
                add(d, sent[i] + (int64_t)delay_ns, client, name, subject, replicate);
            replicate++;
        }
}

/* A timer of fixed phase: jitter does not add up, as it does behind a cache. */
static void monitor_pair(const struct drawing *d, uint32_t client, uint32_t name)
{
    const struct sim_process *p = d->p;
    struct rng r;
    uint64_t subject = pair_subject(d, client, name);
    uint32_t replicate = 1;
    rng_stream(&r, d->w->seed, RNG_SIMULATE, subject, 0);
    int64_t beat = d->w->from_ns + (int64_t)(rng_unit(&r) * (double)p->period_ns);
    for (; beat < d->w->to_ns; beat += p->period_ns, replicate++) {
        int64_t t_ns = beat + (int64_t)(rng_normal(&r) * (double)p->jitter_ns);
        if (rng_unit(&r) >= p->miss)
            add(d, t_ns, client, name, subject, replicate);
    }
}

static void draw_pairs(struct drawing *d, const int64_t *sent, size_t nsent)
{
    const struct selection *who = &d->p->who;
    for (size_t c = 0; c < who->nclients; c++)
        for (size_t n = 0; n < who->nnames; n++) {
            uint32_t client = who->clients[c], name = who->names[n];
            if (!d->wanted(d->ctx, client, name))
                continue;
            if (d->p->kind == SIM_MAIL)
                mail_pair(d, sent, nsent, client, name);
            else if (d->p->kind == SIM_MONITOR)
                monitor_pair(d, client, name);
            else
                poisson_pair(d, client, name);
        }
}

/* How many wishes to expect, activity aside. */
static double expected(const struct drawing *d)
{
    const struct sim_process *p = d->p;
    double pairs = (double)p->who.nclients * (double)p->who.nnames;
    if (p->kind == SIM_MONITOR)
        return pairs * (double)(d->w->to_ns - d->w->from_ns) / (double)p->period_ns;
    double rate = p->per_day * profile_days(&d->profile);
    if (p->kind == SIM_MAIL) /* campaigns count too: they are held in memory */
        return rate * (1 + d->boost * p->messages * pairs);
    return d->boost * rate * (p->split ? 1 : pairs);
}

/* Days have factors of their own from a stream of the process's id. */
static bool same_profile(const struct sim_process *p, const struct sim_process *q)
{
    const struct sim_clock *a = &p->clock, *b = &q->clock;
    return a->zone == b->zone && a->opens_s == b->opens_s && a->shuts_s == b->shuts_s &&
           a->outside == b->outside && a->weekend == b->weekend &&
           a->day_theta == b->day_theta && a->steps == b->steps && a->nsteps == b->nsteps &&
           (!(a->day_theta > 0) || strcmp(p->id, q->id) == 0);
}

/* The profile of the process before often serves: the pairs of one demand are processes of one
 * id and clock. A timer has none. */
static void make_profile(struct drawing *d)
{
    bool timer = d->p->kind == SIM_MONITOR && !d->p->split;
    if (timer || (d->made && same_profile(d->p, d->made)))
        return;
    struct rng days;
    rng_stream(&days, d->w->seed, RNG_SIMULATE, rng_subject_of(d->subject, 1), 0);
    profile_free(&d->profile);
    profile_make(&d->profile, &d->p->clock, d->w->from_ns, d->w->to_ns, &days);
    d->made = d->p;
}

static int draw_process(struct drawing *d, uint32_t process, struct err *err)
{
    const struct sim_process *p = &d->w->processes[process];
    if (p->kind == SIM_TRIGGER)
        return 0;
    d->p = p;
    d->process = process;
    d->subject = text_subject(p->id);
    make_profile(d);
    double mean = expected(d);
    if ((double)d->ret->n + mean > WISHES_MAX)
        return err_set(err, ERR_LIMIT,
                       "process '%s': expected at most %d wishes in all, found %.3g", p->id,
                       WISHES_MAX, mean);
    int64_t *sent = NULL;
    size_t nsent = p->kind == SIM_MAIL ? campaigns(d, &sent) : 0;
    if (p->split)
        poisson_split(d);
    else
        draw_pairs(d, sent, nsent);
    free(sent);
    return 0;
}

int wishes_draw(const struct sim_world *w, double boost, wishes_filter *wanted, const void *ctx,
                struct wishes *ret, struct err *err)
{
    struct wishes out = {0};
    struct drawing d = {.w = w, .boost = boost, .wanted = wanted, .ctx = ctx, .ret = &out};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->nprocesses; i++)
        rc = draw_process(&d, (uint32_t)i, err);
    profile_free(&d.profile);
    if (rc < 0)
        free(out.v);
    else
        *ret = out;
    return rc;
}

/* --- order ---------------------------------------------------------------------------- */

bool wish_earlier(const struct wish *a, const struct wish *b)
{
    if (a->t_ns != b->t_ns)
        return a->t_ns < b->t_ns;
    if (a->subject != b->subject)
        return a->subject < b->subject;
    return a->replicate < b->replicate;
}

static int by_time(const void *a, const void *b)
{
    return wish_earlier(a, b) ? -1 : wish_earlier(b, a);
}

/* Into buckets of equal times, a wish each if they were even, and inside these by comparison:
 * of 10,000 wishes at random .36 ms, by comparison alone .80. */
void wishes_sort(struct wishes *v)
{
    if (v->n < 2)
        return;
    int64_t first = v->v[0].t_ns, last = first;
    for (size_t i = 0; i < v->n; i++) {
        first = v->v[i].t_ns < first ? v->v[i].t_ns : first;
        last = v->v[i].t_ns > last ? v->v[i].t_ns : last;
    }
    double scale = (double)(v->n - 1) / ((double)(last - first) + 1);
    size_t *at = mem_zero(v->n + 1, sizeof *at); /* where each bucket begins, then ends */
    struct wish *out = mem_alloc(v->n * sizeof *out);
    for (size_t i = 0; i < v->n; i++)
        at[(size_t)((double)(v->v[i].t_ns - first) * scale) + 1]++;
    for (size_t i = 0; i < v->n; i++)
        at[i + 1] += at[i];
    for (size_t i = 0; i < v->n; i++)
        out[at[(size_t)((double)(v->v[i].t_ns - first) * scale)]++] = v->v[i];
    for (size_t i = 0, from = 0; i < v->n; from = at[i++])
        if (at[i] > from + 1)
            sort_by(out + from, at[i] - from, sizeof *out, by_time);
    free(at);
    free(v->v);
    *v = (struct wishes){out, v->n, v->n};
}
