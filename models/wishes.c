/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/wishes.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

static const int64_t cell_ns = 900 * NS_PER_S;
static const double cells_per_day = 96;

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

void profile_make(struct profile *p, const struct sim_clock *c, int64_t from_ns, int64_t to_ns,
                  struct rng *days)
{
    *p = (struct profile){.from_ns = from_ns, .to_ns = to_ns};
    p->ncells = (size_t)((to_ns - from_ns + cell_ns - 1) / cell_ns);
    p->cumulative = mem_zero(p->ncells + 1, sizeof *p->cumulative);
    int64_t today = INT64_MIN;
    double shock = 1;
    size_t step = 0;
    bool steps_only = c->opens_s == c->shuts_s && c->weekend == 1 && !(c->day_theta > 0);
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
            rate = shock * rate * local_factor(c, local_s);
        }
        p->cumulative[i + 1] = p->cumulative[i] + rate / cells_per_day;
    }
}

void profile_free(struct profile *p)
{
    free(p->cumulative);
    *p = (struct profile){0};
}

double profile_days(const struct profile *p)
{
    return p->cumulative[p->ncells];
}

/* Steps that double from where u would be at an even rate: most profiles are nearly even. */
static void bracket(const struct profile *p, double u, size_t *ret_lo, size_t *ret_hi)
{
    size_t lo = (size_t)(u / profile_days(p) * (double)p->ncells), step = 1;
    lo = lo < p->ncells ? lo : p->ncells - 1;
    size_t hi = lo + 1;
    for (; lo > 0 && p->cumulative[lo] > u; step *= 2) {
        hi = lo;
        lo = lo > step ? lo - step : 0;
    }
    for (; hi < p->ncells && p->cumulative[hi] <= u; step *= 2) {
        lo = hi;
        hi = hi + step < p->ncells ? hi + step : p->ncells;
    }
    *ret_lo = lo;
    *ret_hi = hi;
}

int64_t profile_draw(const struct profile *p, struct rng *r)
{
    double u = rng_unit(r) * profile_days(p);
    size_t lo, hi; /* cumulative[lo] <= u < cumulative[hi] */
    bracket(p, u, &lo, &hi);
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->cumulative[mid] <= u)
            lo = mid;
        else
            hi = mid;
    }
    double part = (u - p->cumulative[lo]) / (p->cumulative[lo + 1] - p->cumulative[lo]);
    return p->from_ns + (int64_t)lo * cell_ns + (int64_t)(part * (double)cell_ns);
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
    struct profile profile;
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

/* Human and scanner. Replicate 0 of a subject draws its times, 1... its wishes. */
static void poisson_pair(const struct drawing *d, uint32_t client, uint32_t name)
{
    struct rng r;
    uint64_t subject = pair_subject(d, client, name);
    rng_stream(&r, d->w->seed, RNG_SIMULATE, subject, 0);
    double mean = d->boost * d->p->per_day * activity(d, &r) * profile_days(&d->profile);
    uint64_t n = rng_poisson(&r, mean);
    for (uint64_t i = 0; i < n; i++)
        add(d, profile_draw(&d->profile, &r), client, name, subject, (uint32_t)i + 1);
}

/* One demand, spread over the pairs at random. */
static void poisson_split(const struct drawing *d)
{
    const struct selection *who = &d->p->who;
    struct rng r;
    rng_stream(&r, d->w->seed, RNG_SIMULATE, d->subject, 0);
    uint64_t n = rng_poisson(&r, d->boost * d->p->per_day * profile_days(&d->profile));
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

static void draw_pairs(const struct drawing *d, const int64_t *sent, size_t nsent)
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

int wishes_draw(const struct sim_world *w, uint32_t process, double boost,
                wishes_filter *wanted, const void *ctx, struct wishes *ret, struct err *err)
{
    const struct sim_process *p = &w->processes[process];
    if (p->kind == SIM_TRIGGER)
        return 0;
    struct drawing d = {.w = w,
                        .p = p,
                        .process = process,
                        .subject = text_subject(p->id),
                        .boost = boost,
                        .wanted = wanted,
                        .ctx = ctx,
                        .ret = ret};
    struct rng days;
    rng_stream(&days, w->seed, RNG_SIMULATE, rng_subject_of(d.subject, 1), 0);
    profile_make(&d.profile, &p->clock, w->from_ns, w->to_ns, &days);
    double mean = expected(&d);
    if ((double)ret->n + mean > WISHES_MAX) {
        profile_free(&d.profile);
        return err_set(err, ERR_LIMIT,
                       "process '%s': expected at most %d wishes in all, found %.3g", p->id,
                       WISHES_MAX, mean);
    }
    int64_t *sent = NULL;
    size_t nsent = p->kind == SIM_MAIL ? campaigns(&d, &sent) : 0;
    if (p->split)
        poisson_split(&d);
    else
        draw_pairs(&d, sent, nsent);
    free(sent);
    profile_free(&d.profile);
    return 0;
}
