/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V2. Under Poisson demand through a cache, excess gaps over their sum are
 * Dirichlet(1..1): Monte Carlo tests on them are exact for every lambda ttl and
 * length of window. Foil: the same test on raw gaps. The last world has a deaf
 * sensor, where pooling the pieces is only nearly exact. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/cache.h"
#include "tests/validate/validate.h"

struct world {
    double load; /* lambda ttl; the ttl is 1 */
    double events;
    uint32_t m;
    int pieces; /* live pieces of the window, with as much deaf time between them */
};

enum column { KS, AD, CV_LOW, CV_HIGH, LV_LOW, G, G_EXACT, RAW_KS, COLUMNS };

static double steady(const void *ctx, double t)
{
    (void)t;
    return ((const struct world *)ctx)->load;
}

/* Misses in live time, n of at most cap; and the window, whose pieces are alike. */
static size_t draw_misses(const struct world *w, struct rng *r, struct window *win, double *t,
                          size_t cap)
{
    double length = w->events * (1 + 1 / w->load);
    size_t drawn = cache_draw(r, 1, win->length_s, w->load, steady, w, t, cap), n = 0;
    for (size_t i = 0; i < drawn; i++) {
        double piece = fmod(t[i], 2 * length / w->pieces);
        if (piece < length / w->pieces)
            t[n++] = t[i];
    }
    return n;
}

static void make_window(const struct world *w, struct window *win)
{
    double piece = w->events * (1 + 1 / w->load) / w->pieces;
    *win = (struct window){.live = mem_alloc((size_t)w->pieces * sizeof *win->live),
                           .nlive = (size_t)w->pieces,
                           .length_s = (2 * w->pieces - 1) * piece,
                           .live_s = w->pieces * piece};
    for (int i = 0; i < w->pieces; i++)
        win->live[i] = (struct interval){2 * i * piece, (2 * i + 1) * piece};
}

struct tails {
    double upper, lower;
};

static struct tails test(const char *name, const double *gaps, size_t n, uint32_t m,
                         struct rng *r, double *work)
{
    const struct gof_stat *s = gof_find(name);
    struct mc upper, lower;
    gof_dirichlet(s, s->eval(gaps, n, work), n, m, r, work, &upper, &lower);
    return (struct tails){mc_p(&upper), mc_p(&lower)};
}

static double largest_share(const double *gaps, size_t n)
{
    double sum = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        sum += gaps[i];
        most = fmax(most, gaps[i]);
    }
    return most / sum;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct window win;
    make_window(w, &win);
    size_t cap = (size_t)(2 * w->pieces * (3 * w->events + 100));
    double *t = mem_alloc(cap * sizeof *t), *e = mem_alloc(cap * sizeof *e);
    double *work = mem_alloc(2 * cap * sizeof *work);
    struct stream s = {.t = t, .n = draw_misses(w, r, &win, t, cap), .ttl_s = 1};
    size_t n = cache_excess(&s, &win, e);
    for (size_t k = 0; k < COLUMNS; k++)
        ret[k] = 1; /* too few gaps: nothing is claimed */
    if (n > 2) {
        struct tails cv = test("cv", e, n, w->m, r, work);
        ret[KS] = test("ks", e, n, w->m, r, work).upper;
        ret[AD] = test("ad", e, n, w->m, r, work).upper;
        ret[CV_LOW] = cv.lower;
        ret[CV_HIGH] = cv.upper;
        ret[LV_LOW] = test("lv", e, n, w->m, r, work).lower;
        ret[G] = test("max", e, n, w->m, r, work).upper;
        ret[G_EXACT] = gof_fisher_g_p(largest_share(e, n), n);
        for (size_t i = 0; i < n; i++)
            e[i] += s.ttl_s;
        ret[RAW_KS] = test("ks", e, n, w->m, r, work).upper;
    }
    free(t);
    free(e);
    free(work);
    window_free(&win);
}

#define SIZES(name, column)                                                                    \
    {name " at .05", column, FIGURE_SHARE, .05, .05, .05},                                     \
        {name " at .01", column, FIGURE_SHARE, .01, .01, .01},                                 \
    {                                                                                          \
        name " p against uniform", column, FIGURE_KS, 0, 0, 0                                  \
    }

static const struct validate_figure sizes[] = {
    SIZES("KS", KS),           SIZES("AD", AD),         SIZES("CV low", CV_LOW),
    SIZES("CV high", CV_HIGH), SIZES("LV low", LV_LOW), SIZES("g", G),
    SIZES("g exact", G_EXACT)};
static const struct validate_figure foil = {
    "foil: KS on raw gaps at .05", RAW_KS, FIGURE_SHARE, .05, .95, 1};

static void run(struct validation *v, struct world w, uint32_t R)
{
    char prefix[96];
    snprintf(prefix, sizeof prefix, "lambda ttl %g, n about %g%s:", w.load, w.events,
             w.pieces > 1 ? ", sensor deaf half the time" : "");
    struct validate_figure figures[sizeof sizes / sizeof *sizes + 1];
    size_t n = 0;
    for (; n < sizeof sizes / sizeof *sizes; n++) {
        figures[n] = sizes[n];
        if (sizes[n].kind == FIGURE_KS && sizes[n].column != G_EXACT)
            figures[n].at = 1.0 / (w.m + 1);
    }
    if (w.load == .7 && w.pieces == 1)
        figures[n++] = foil;
    validate_run(v, &(struct validate_plan){.experiment = "V2",
                                            .prefix = prefix,
                                            .replicate = replicate,
                                            .ctx = &w,
                                            .columns = COLUMNS,
                                            .figures = figures,
                                            .nfigures = n,
                                            .R = R,
                                            .m = w.m});
}

void v2_cache(struct validation *v)
{
    const double loads[] = {.1, .7, 3, 10};
    uint32_t m = validate_pick_m(v, 99, 999);
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        run(v, (struct world){loads[i], 20, m, 1}, validate_pick(v, 250, 10000));
        run(v, (struct world){loads[i], 100, m, 1},
            validate_pick(v, loads[i] == .7 ? 120 : 0, 10000));
        run(v, (struct world){loads[i], 1000, m, 1}, validate_pick(v, 0, 2000));
    }
    run(v, (struct world){.7, 200, m, 4}, validate_pick(v, 0, 10000));
}
