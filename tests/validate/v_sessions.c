/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers that live 5 s under sessions of 30 s: a session hides more than a life, in the data
 * and so in what is drawn beside them. Demand without memory, of the two sides independent: the
 * most surprising bucket (either tail, as `scan` gives it), the busiest stretch, residuals of
 * two series. Foil: the lower tail with no more than a life hidden. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "models/burst.h"
#include "models/busiest.h"
#include "models/cache.h"
#include "models/crosscorr.h"
#include "models/surrogate.h"
#include "tests/validate/validate.h"

enum { DAYS = 7, ROOM = 40000, M = 99 };
enum { UPPER, LOWER, STRETCH, RESIDUALS, SHIFTS, LIFE_ALONE, COLUMNS };
static const double TTL_S = 5, SESSION_S = 30, LENGTH_S = DAYS * 86400.0;

struct world {
    double an_hour, daily; /* demand, and the depth of its rhythm */
    double retries;        /* mean number of look-ups more, 8 s apart, that a demand brings */
};

static double demand(const void *ctx, double t)
{
    const struct world *w = ctx;
    return w->an_hour / 3600 * (1 + w->daily * cos(2 * M_PI * t / 86400));
}

/* Look-ups of one cache; the next life begins with the last of a run. */
static size_t draw(const struct world *w, struct rng *r, double *t)
{
    double top = w->an_hour / 3600 * (1 + w->daily);
    size_t n = cache_draw(r, TTL_S, LENGTH_S, top, demand, w, t, ROOM / 4), m = n;
    for (size_t i = 0; w->retries > 0 && i < n; i++)
        for (uint64_t k = rng_poisson(r, w->retries); k > 0 && m < ROOM; k--)
            t[m++] = t[i] + 8 * (double)k;
    return m;
}

struct one {
    struct stream stream;
    struct subject s;
};

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void one_make(struct one *o, const struct world *w, struct rng *r)
{
    double *t = malloc(ROOM * sizeof *t);
    size_t n = draw(w, r, t);
    qsort(t, n, sizeof *t, by_value);
    while (n > 0 && t[n - 1] >= LENGTH_S)
        n--;
    o->stream = (struct stream){.ttl_s = TTL_S};
    stream_set(&o->stream, t, NULL, n, SESSION_S);
    o->s = (struct subject){.streams = &o->stream, .nstreams = 1};
    o->s.id = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    subject_merge(&o->s);
}

static void one_free(struct one *o)
{
    free(o->stream.t);
    free(o->stream.lookups);
    free(o->stream.hidden);
    free(o->s.t);
    free(o->s.origin);
}

static double burst_p(const struct one *x, const struct window *w, const struct grid *g,
                      int tail)
{
    struct baseline_opts base = {.family = GLM_NEGBIN};
    struct burst_opts o = {
        .baseline = &base, .seed = 1, .max_replicates = M, .stop_at = 20, .tail = tail};
    struct burst b;
    return burst_test(&b, &x->s, w, g, &o, NULL) == 0 ? exp(b.log_p) : 1;
}

static double stretch_p(const struct one *x, const struct window *w, const struct grid *g)
{
    struct baseline_opts base = {.family = GLM_POISSON};
    struct busiest_opts o = {&base, 1, M, 20};
    struct busiest b;
    return busiest_test(&b, &x->s, w, g, &o, NULL) == 0 ? exp(b.log_p) : 1;
}

static void residuals(const struct one *a, const struct one *b, const struct window *w,
                      double *ret)
{
    struct crosscorr_opts o = {.width_s = 360,
                               .max_lag_s = 2160,
                               .window_s = 14400,
                               .seed = 1,
                               .replicates = M,
                               .threads = 1};
    struct crosscorr x;
    struct crosscorr_shifts shifts;
    struct subject party[2];
    surrogate_party(&party[0], &a->s, SESSION_S);
    surrogate_party(&party[1], &b->s, SESSION_S);
    if (crosscorr_bootstrap(&x, &party[0], &party[1], w, &o, NULL) == 0)
        ret[RESIDUALS] = mc_p(&x.mc);
    if (crosscorr_shift(&shifts, &party[0], &party[1], w, &o, NULL) == 0)
        ret[SHIFTS] = shifts.p;
    subject_free(&party[0]);
    subject_free(&party[1]);
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    struct interval live = {0, LENGTH_S};
    struct window w = {.to_ns = DAYS * INT64_C(86400) * NS_PER_S,
                       .live = &live,
                       .nlive = 1,
                       .length_s = LENGTH_S,
                       .live_s = LENGTH_S};
    struct grid g = grid_make(&w, 3600);
    struct one a, b;
    one_make(&a, ctx, r);
    one_make(&b, ctx, r);
    for (size_t k = 0; k < COLUMNS; k++)
        ret[k] = 1;
    ret[UPPER] = burst_p(&a, &w, &g, 1);
    ret[LOWER] = burst_p(&a, &w, &g, -1);
    ret[STRETCH] = stretch_p(&a, &w, &g);
    residuals(&a, &b, &w, ret);
    free(a.stream.hidden);
    a.stream.hidden = NULL;
    ret[LIFE_ALONE] = burst_p(&a, &w, &g, -1);
    one_free(&a);
    one_free(&b);
}

#define AT05(name, column, lo, hi)                                                             \
    {                                                                                          \
        name, column, FIGURE_SHARE, .05, lo, hi                                                \
    }

void v_sessions(struct validation *v)
{
    static const struct world even = {60, 0, 0}, daily = {60, .8, 0}, repeats = {60, 0, 1};
    const struct validate_figure size[] = {
        AT05("most surprising bucket, upper tail", UPPER, 0, .05),
        AT05("most surprising bucket, lower tail", LOWER, 0, .05),
        AT05("busiest stretch", STRETCH, 0, .05),
        AT05("residuals, bootstrap", RESIDUALS, 0, .05),
        AT05("residuals, shifted days", SHIFTS, 0, .05),
        AT05("foil: a life alone hidden, lower tail", LIFE_ALONE, .15, 1)};
    const struct validate_plan plan = {
        .experiment = "sessions", .replicate = replicate, .columns = COLUMNS, .m = M};
    uint32_t R = validate_pick(v, 4, 1000);
    validate_world(v, &plan, "demand 60 an hour, lives 5 s, sessions 30 s: size of ", &even,
                   size, 6, R);
    validate_world(v, &plan, "the same with a daily rhythm: size of ", &daily, size, 5, R);
    validate_world(v, &plan, "the same with repeats 8 s apart: size of ", &repeats, size, 5, R);
}
