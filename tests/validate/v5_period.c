/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V5. Tests for a period keep their size behind a cache, whose misses are far from white,
 * and find a timer. Foils: the same tests without the cache's factor, and a periodogram
 * whose threshold comes from shuffled times, as practised (BAYWATCH type). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/baseline.h"
#include "models/cache.h"
#include "models/periodic.h"
#include "stats/mc.h"
#include "stats/period.h"
#include "tests/validate/validate.h"

struct world {
    double load;   /* lambda ttl; the ttl is 1 */
    double events; /* expected misses */
    double f;      /* tested frequency; 0: a search */
    double daily;  /* amplitude of a rhythm with period 24, made even before the test */
    double timer;  /* period of a timer instead of demand, jitter a tenth; 0: none */
    uint32_t m;
};

static double demand(const void *ctx, double t)
{
    const struct world *w = ctx;
    return w->load * (1 + w->daily * cos(2 * M_PI * t / 24));
}

static size_t draw(const struct world *w, double length, struct rng *r, double *t, size_t cap)
{
    size_t n = 0;
    if (w->timer == 0)
        return cache_draw(r, 1, length, w->load * (1 + w->daily), demand, w, t, cap);
    double phase = rng_unit(r);
    for (size_t k = 0; k < cap; k++) {
        double at = w->timer * ((double)k + phase + .1 * rng_normal(r));
        if (at > 0 && at < length && (n == 0 || at >= t[n - 1] + 1))
            t[n++] = at;
    }
    return n;
}

static double length_of(const struct world *w)
{
    return w->timer > 0 ? w->events * w->timer : w->events * (1 + 1 / w->load);
}

/* --- one frequency ---------------------------------------------------------------------- */

enum { P_CACHE, P_WHITE, P_Z2, ONE_COLUMNS };

static void one_frequency(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    size_t cap = (size_t)(3 * w->events + 100);
    double length = length_of(w), *t = mem_alloc(cap * sizeof *t);
    struct interval live = {0, length};
    struct window win = {.live = &live, .nlive = 1, .length_s = length, .live_s = length};
    struct stream s = {.t = t, .n = draw(w, length, r, t, cap), .ttl_s = 1};
    struct periodic_opts o = {.replicates = w->m, .seed = rng_u32(r), .threads = 1};
    struct periodic_at p;
    ret[P_CACHE] = ret[P_WHITE] = ret[P_Z2] = 1;
    if (periodic_test(&p, &s, &win, w->f, &o, NULL) == 0) {
        ret[P_CACHE] = exp(p.log_p);
        ret[P_WHITE] = exp(p.log_p_white);
        ret[P_Z2] = exp(p.log_p_z2);
    }
    free(t);
}

#define SIZE(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_SHARE, .at = .05, .lo = (lo_),    \
        .hi = (hi_)                                                                            \
    }

static void run(struct validation *v, const char *prefix, const struct world *w,
                validate_fn *fn, size_t columns, const struct validate_figure *f, size_t n,
                uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "V5",
                                            .prefix = prefix,
                                            .replicate = fn,
                                            .ctx = w,
                                            .columns = columns,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = w->m});
}

static void frequencies(struct validation *v, double load, uint32_t R)
{
    const double fs[] = {1, 1 / (1 + 1 / load), .5, 2};
    const char *const names[] = {"1/ttl", "1/(ttl + 1/lambda)", ".5/ttl", "2/ttl"};
    /* what the white law rejects there: .05^(1/s) */
    double foil = pow(.05, 1 / period_dead_factor(fs[1], load, 1));
    for (int i = 0; i < 4; i++) {
        struct world w = {.load = load, .events = 300, .f = fs[i]};
        char prefix[96];
        snprintf(prefix, sizeof prefix, "lambda ttl %g, n about 300, f = %s:", load, names[i]);
        const struct validate_figure f[] = {
            SIZE("cache-corrected Rayleigh at .05", P_CACHE, .05, .05),
            SIZE("cache-corrected Z2_2 at .05", P_Z2, .05, .05),
            SIZE("foil: Rayleigh as if white at .05", P_WHITE, foil, foil)};
        run(v, prefix, &w, one_frequency, ONE_COLUMNS, f, i == 1 && load >= 3 ? 3 : 2, R);
    }
}

static void few(struct validation *v, uint32_t R)
{
    struct world w = {.load = 10, .events = 25, .f = 1 / 1.1, .m = validate_pick_m(v, 99, 199)};
    const struct validate_figure f[] = {SIZE("Dirichlet draws at .05", P_CACHE, .05, .05),
                                        SIZE("foil: Rayleigh as if white", P_WHITE, .75, 1)};
    run(v, "lambda ttl 10, n about 25, f = 1/(ttl + 1/lambda):", &w, one_frequency, ONE_COLUMNS,
        f, 2, R);
}

/* --- H on white times ------------------------------------------------------------------- */

static void white(const void *ctx, struct rng *r, double *ret)
{
    enum { N = 300 };
    (void)ctx;
    double t[N], z[PERIOD_H_MAX], log_p;
    size_t m;
    for (int i = 0; i < N; i++)
        t[i] = 1000 * rng_unit(r);
    period_powers(t, N, .3, 1, 0, PERIOD_H_MAX, z);
    period_h(z, PERIOD_H_MAX, &m, &log_p);
    ret[0] = exp(log_p);
    period_kuiper(t, N, .3, &log_p);
    ret[1] = exp(log_p);
}

/* --- a search --------------------------------------------------------------------------- */

enum { SEARCH, SEARCH_WHITE, SHUFFLED, EQUAL, SEARCH_COLUMNS };

static double largest(const double *t, size_t n, const struct period_grid *g, double *power)
{
    period_spectrum(t, n, g, 1, 0, power);
    return power[period_best(power, g->n)];
}

/* The largest power without the cache's factor, its threshold from times at random
 * (`shuffled`), or from the fitted cache, which gives it the size of ours. */
static double peer(const struct world *w, const struct periodic *p, const double *t, size_t n,
                   double length, bool shuffled, struct rng *r)
{
    size_t cap = (size_t)(3 * w->events + 100), m = n;
    double *u = mem_alloc(cap * sizeof *u), *power = mem_alloc(p->frequencies * sizeof *power);
    struct period_grid g = {p->f_lo, (p->f_hi - p->f_lo) / ((double)p->frequencies - 1),
                            p->frequencies};
    double observed = largest(t, n, &g, power);
    struct world fitted = {.load = p->lambda, .events = w->events};
    struct mc mc = {.max = w->m};
    for (uint32_t k = 0; k < w->m; k++) {
        for (size_t i = 0; shuffled && i < n; i++)
            u[i] = length * rng_unit(r);
        if (!shuffled)
            m = draw(&fitted, length, r, u, cap);
        mc_add(&mc, largest(u, m, &g, power), observed);
    }
    free(u);
    free(power);
    return mc_p(&mc);
}

/* The daily rhythm by Poisson regression at risk, in hours of 3600 s. */
static int fit_rhythm(struct stream *s, const struct window *w, struct baseline *ret,
                      struct grid *g)
{
    struct subject one = {.streams = s, .nstreams = 1, .t = s->t, .n = s->n};
    *g = grid_make(w, 3600);
    double *y = mem_zero(g->n, sizeof *y), *hours = mem_zero(g->n, sizeof *hours);
    bucket_fill(&one, g, y);
    exposure_fill(&one, w, g, hours);
    struct baseline_opts o = {.season = season_find("day1"), .family = GLM_POISSON};
    int rc = baseline_fit(ret, g, y, hours, &o, NULL);
    free(y);
    free(hours);
    return rc;
}

static void search(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    size_t cap = (size_t)(3 * w->events + 100);
    double length = length_of(w), *t = mem_alloc(cap * sizeof *t), *room = NULL;
    size_t n = draw(w, length, r, t, cap);
    double unit = w->daily > 0 ? 3600 : 1; /* a rhythm needs hours */
    for (size_t i = 0; i < n; i++)
        t[i] *= unit;
    struct interval live = {0, length * unit};
    struct window win = {.live = &live, .nlive = 1, .length_s = live.to, .live_s = live.to};
    struct stream s = {.t = t, .n = n, .ttl_s = unit};
    struct periodic_opts o = {.f_lo = fmax(1 / 6., 3 / length) / unit,
                              .f_hi = 2 / unit,
                              .replicates = w->m,
                              .seed = rng_u32(r),
                              .threads = 1};
    struct baseline b = {0};
    struct rescale rescale;
    struct grid g;
    if (w->daily > 0 && fit_rhythm(&s, &win, &b, &g) == 0) {
        room = mem_zero(g.n + 1, sizeof *room);
        rescale_init(&rescale, g, b.rate, room);
        o.rate = &rescale;
    }
    struct periodic p;
    for (int i = 0; i < SEARCH_COLUMNS; i++)
        ret[i] = 1;
    if (periodic_search(&p, &s, &win, &o, NULL) == 0) {
        ret[SEARCH] = exp(p.log_p);
        ret[SEARCH_WHITE] = exp(p.log_p_white);
        if (w->timer > 0 || w->load == 10)
            ret[SHUFFLED] = peer(w, &p, t, n, length, true, r);
        if (w->timer > 0)
            ret[EQUAL] = peer(w, &p, t, n, length, false, r);
    }
    if (room)
        baseline_free(&b);
    free(room);
    free(t);
}

static void searches(struct validation *v)
{
    uint32_t m = validate_pick_m(v, 99, 199), R = validate_pick(v, 40, 2000);
    struct world some = {.load = .7, .events = 40, .m = m}, busy = {3, 60, 0, 0, 0, m},
                 full = {10, 40, 0, 0, 0, m}, many = {3, 200, 0, 0, 0, 0},
                 between = {10, 150, 0, 0, 0, m}, daily = {.5, 60, 0, .8, 0, m};
    const struct validate_figure size[] = {SIZE("search, Dirichlet draws", SEARCH, .05, .05)},
                                 shuffled[] = {SIZE("search, Dirichlet draws", SEARCH, .05,
                                                    .05),
                                               SIZE("foil: periodogram against shuffled times",
                                                    SHUFFLED, .5, 1)},
                                 bound[] = {
                                     SIZE("search, Gross-Vitells bound", SEARCH, 0, .05),
                                     SIZE("foil: search as if white", SEARCH_WHITE, .2, 1)};
    run(v, "lambda ttl .7, n about 40:", &some, search, SEARCH_COLUMNS, size, 1, R);
    run(v, "lambda ttl 3, n about 60:", &busy, search, SEARCH_COLUMNS, size, 1, R);
    run(v, "lambda ttl 10, n about 40:", &full, search, SEARCH_COLUMNS, shuffled, 2, R);
    run(v, "lambda ttl 3, n about 200:", &many, search, SEARCH_COLUMNS, bound, 2, R);
    run(v, "lambda ttl 10, n about 150:", &between, search, SEARCH_COLUMNS, size, 1, R);
    run(v, "daily rhythm of .8, made even, n about 60:", &daily, search, SEARCH_COLUMNS, size,
        1, R);
}

/* A timer of 2 ttl among some 1,000 frequencies at alpha = .001. */
static void power(struct validation *v)
{
    struct world w = {.load = 1, .events = 30, .timer = 2, .m = validate_pick(v, 1099, 1999)};
    const struct validate_figure f[] = {
        {"power at .001", SEARCH, FIGURE_SHARE, .001, .9, 1},
        {"power of the plain periodogram at equal size", EQUAL, FIGURE_SHARE, .001, 0, 1}};
    run(v, "timer of 2 ttl, jitter a tenth, n = 30:", &w, search, SEARCH_COLUMNS, f, 2,
        validate_pick(v, 2, 200));
}

/* --- a log that is long beside the life: its grid of frequencies is made by FFT --------------
 */

static void long_search(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    size_t cap = (size_t)(3 * w->events + 100);
    double length = length_of(w), *t = mem_alloc(cap * sizeof *t);
    struct stream s = {.t = t, .n = draw(w, length, r, t, cap), .ttl_s = 1};
    struct interval live = {0, length};
    struct window win = {.live = &live, .nlive = 1, .length_s = length, .live_s = length};
    struct periodic_opts o = {.replicates = 99, .seed = rng_u32(r), .threads = 1};
    struct periodic p;
    ret[0] = periodic_search(&p, &s, &win, &o, NULL) == 0 ? exp(p.log_p) : 1;
    free(t);
}

static void long_searches(struct validation *v)
{
    const struct world none = {.load = 1 / 30., .events = 150};
    const struct validate_figure size[] = {SIZE("search, Gross-Vitells bound", 0, 0, .05)};
    run(v, "37,000 frequencies, n about 150:", &none, long_search, 1, size, 1,
        validate_pick(v, 0, 400));
}

void v5_period(struct validation *v)
{
    const double loads[] = {.1, .7, 3, 10};
    for (int i = 0; i < 4; i++)
        frequencies(v, loads[i], validate_pick(v, 100, 10000));
    few(v, validate_pick(v, 100, 4000));
    const struct validate_figure h[] = {SIZE("H, P = e^-.4h", 0, .05, .05),
                                        SIZE("Kuiper", 1, .05, .05)};
    struct world none = {0};
    run(v, "white times, n = 300:", &none, white, 2, h, 2, validate_pick(v, 500, 10000));
    searches(v);
    power(v);
    long_searches(v);
}
