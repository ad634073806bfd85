/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V8, the surrogate table of peers-statistics 0.2: two independent clients that share a rhythm
 * of day and weekday, 28 days, some 430 look-ups each, no cache; look-ups of a with one of b
 * within 30 s. Two columns: Poisson demand, and bursts of retries. Surrogates that others
 * use, on look-ups as they are, beside ours on sessions; and what ours and the permutation
 * of days within weekday find of a planted coupling. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/cache.h"
#include "models/sync.h"
#include "stats/order.h"
#include "tests/validate/validate.h"

enum { HOUR = 3600, DAY = 24 * HOUR, DAYS = 28, ROOM = 4000 };
static const double LENGTH = (double)DAYS * DAY, WITHIN_S = 30, SESSION_S = 30,
                    TOP = 3.3 / HOUR;

struct world {
    const char *name;
    double burst; /* mean look-ups of a burst; 1: none */
    double eta;   /* share of a's look-ups that make b look up within seconds */
    uint32_t m;
};

enum column { WINDOW, WEEKDAY, BESIDE, ANY_DAY, UNIFORM, GAPS, CIRCULAR, JITTER, COLUMNS };

/* --- the world ---------------------------------------------------------------------- */

static double rhythm(const void *ctx, double t)
{
    double share = *(const double *)ctx, z = (fmod(t, DAY) / HOUR - 11) / 2.2;
    bool weekend = fmod(t, 7 * DAY) >= 5 * DAY;
    return share / HOUR * (weekend ? .25 : 1) * (.08 + 3.2 * exp(-z * z / 2));
}

/* Bursts are of geometric size; retries follow the first by 60 s on average. */
static size_t draw(const struct world *w, struct rng *r, double *t)
{
    double share = 1 / w->burst;
    size_t n = cache_draw(r, 0, LENGTH, share * TOP, rhythm, &share, t, ROOM / 4), kept = n;
    for (size_t i = 0; i < n; i++)
        while (rng_unit(r) >= share && kept < ROOM) {
            double at = t[i] + rng_exponential(r, 60);
            if (at < LENGTH)
                t[kept++] = at;
        }
    order_sort(t, kept);
    return kept;
}

static size_t couple(const struct world *w, struct rng *r, const double *a, size_t na,
                     double *b, size_t nb)
{
    for (size_t i = 0; i < na && nb < ROOM; i++) {
        double at = a[i] + rng_exponential(r, 10);
        if (rng_unit(r) < w->eta && at < LENGTH)
            b[nb++] = at;
    }
    order_sort(b, nb);
    return nb;
}

/* --- surrogates that others use ------------------------------------------------------- */

static uint32_t near(const double *a, size_t na, const double *b, size_t nb)
{
    uint32_t n = 0;
    for (size_t i = 0, j = 0; i < na; i++) {
        while (j < nb && b[j] < a[i] - WITHIN_S)
            j++;
        n += j < nb && b[j] <= a[i] + WITHIN_S;
    }
    return n;
}

typedef void surrogate_of(struct rng *r, const double *a, size_t n, double *ret);

static void uniform(struct rng *r, const double *a, size_t n, double *ret)
{
    (void)a;
    for (size_t i = 0; i < n; i++)
        ret[i] = LENGTH * rng_unit(r);
}

static void shuffled_gaps(struct rng *r, const double *a, size_t n, double *ret)
{
    size_t order[ROOM];
    double at = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    rng_shuffle(r, order, n);
    for (size_t i = 0; i < n; i++)
        ret[i] = at += a[order[i]] - (order[i] ? a[order[i] - 1] : 0);
}

static void circular(struct rng *r, const double *a, size_t n, double *ret)
{
    double shift = LENGTH * rng_unit(r);
    for (size_t i = 0; i < n; i++)
        ret[i] = fmod(a[i] + shift, LENGTH);
}

static void any_day(struct rng *r, const double *a, size_t n, double *ret)
{
    size_t to[DAYS];
    for (size_t d = 0; d < DAYS; d++)
        to[d] = d;
    rng_shuffle(r, to, DAYS);
    for (size_t i = 0; i < n; i++)
        ret[i] = (double)to[(size_t)(a[i] / DAY)] * DAY + fmod(a[i], DAY);
}

static void jitter_hour(struct rng *r, const double *a, size_t n, double *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = (floor(a[i] / HOUR) + rng_unit(r)) * HOUR;
}

static double p_by(surrogate_of *draw_one, const double *a, size_t na, const double *b,
                   size_t nb, uint32_t m, struct rng *r)
{
    struct mc mc = {.max = m};
    double t[ROOM], observed = near(a, na, b, nb);
    do {
        draw_one(r, a, na, t);
        order_sort(t, na);
    } while (mc_add(&mc, near(t, na, b, nb), observed));
    return mc_p(&mc);
}

/* --- ours, on sessions ---------------------------------------------------------------- */

typedef int sync_fn(struct sync_result *, const struct subject *, const struct subject *,
                    const struct window *, const struct sync_opts *, struct err *);

static double sync_p(sync_fn *fn, double *a, size_t na, double *b, size_t nb, uint32_t m,
                     uint64_t seed)
{
    struct interval live = {0, LENGTH};
    int64_t from = INT64_C(16986) * DAY * NS_PER_S;
    struct window w = {.from_ns = from,
                       .to_ns = from + (int64_t)DAYS * DAY * NS_PER_S,
                       .live = &live,
                       .nlive = 1,
                       .length_s = LENGTH,
                       .live_s = LENGTH};
    struct stream sa = {.t = a, .n = na}, sb = {.t = b, .n = nb};
    struct subject x = {.streams = &sa, .nstreams = 1, .t = a, .n = na, .id = 1},
                   y = {.streams = &sb, .nstreams = 1, .t = b, .n = nb, .id = 2};
    struct sync_opts o = {.window_s = 4 * HOUR,
                          .delta_s = WITHIN_S,
                          .session_s = SESSION_S,
                          .sweeps = 3,
                          .seed = seed,
                          .replicates = m,
                          .threads = 1};
    struct sync_result s;
    if (fn(&s, &x, &y, &w, &o, NULL) < 0)
        return 1;
    double p = mc_p(&s.mc);
    sync_free(&s);
    return p;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    static surrogate_of *const others[] = {[ANY_DAY] = any_day,
                                           [UNIFORM] = uniform,
                                           [GAPS] = shuffled_gaps,
                                           [CIRCULAR] = circular,
                                           [JITTER] = jitter_hour};
    const struct world *w = ctx;
    double a[ROOM], b[ROOM];
    size_t na = draw(w, r, a), nb = draw(w, r, b);
    if (w->eta > 0)
        nb = couple(w, r, a, na, b, nb);
    for (size_t k = ANY_DAY; k < COLUMNS; k++)
        ret[k] = p_by(others[k], a, na, b, nb, w->m, r);
    ret[WEEKDAY] = sync_p(sync_days, a, na, b, nb, w->m, rng_u32(r));
    na = sessions_collapse(a, NULL, na, SESSION_S, a, NULL);
    nb = sessions_collapse(b, NULL, nb, SESSION_S, b, NULL);
    ret[WINDOW] = sync_p(sync_window, a, na, b, nb, w->m, rng_u32(r));
    ret[BESIDE] = .5 + .5 * ((ret[WINDOW] <= .05) - (ret[WEEKDAY] <= .05));
}

static void run(struct validation *v, const struct world *w, const struct validate_figure *f,
                size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "V8",
                                            .prefix = w->name,
                                            .replicate = replicate,
                                            .ctx = w,
                                            .columns = COLUMNS,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = w->m});
}

#define REJECTS(name, column, lo, hi)                                                          \
    {                                                                                          \
        name ", rejects at .05", column, FIGURE_SHARE, .05, lo, hi                             \
    }

static const struct validate_figure poisson_figures[] = {
    REJECTS("D1, sessions of 30 s", WINDOW, .02, .07),
    REJECTS("days within weekday", WEEKDAY, .02, .07),
    REJECTS("foil: any days", ANY_DAY, .09, 1),
    REJECTS("foil: uniform times", UNIFORM, .88, 1),
    REJECTS("foil: gaps shuffled", GAPS, .86, 1),
    REJECTS("foil: circular shift", CIRCULAR, .38, 1),
};
static const struct validate_figure burst_figures[] = {
    REJECTS("D1, sessions of 30 s", WINDOW, .02, .07),
    REJECTS("days within weekday", WEEKDAY, .01, .07),
    REJECTS("foil: any days", ANY_DAY, .07, 1),
    REJECTS("foil: uniform times", UNIFORM, .7, 1),
    REJECTS("foil: gaps shuffled", GAPS, .55, 1),
    REJECTS("foil: circular shift", CIRCULAR, .3, 1),
    REJECTS("foil: jitter in the hour, of look-ups", JITTER, .08, 1),
};
/* BESIDE is above 1/2 where D1 finds more than the permutation does in the same draws. */
static const struct validate_figure power_figures[] = {
    REJECTS("D1, sessions of 30 s", WINDOW, .5, 1),
    REJECTS("days within weekday", WEEKDAY, 0, 1),
    {"1/2 + (power of D1 - power of the permutation)/2", BESIDE, FIGURE_MEAN, 0, .5, 1},
};

void v8_table(struct validation *v)
{
    uint32_t m = validate_pick_m(v, 99, 199), R = validate_pick(v, 0, 400);
    const struct world poisson = {"table, Poisson:", 1, 0, m},
                       bursts = {"table, bursts of retries:", 2, 0, m},
                       coupled = {"table, Poisson, eta .10:", 1, .1, m},
                       weak = {"table, Poisson, eta .03:", 1, .03, m},
                       weak_bursts = {"table, bursts of retries, eta .03:", 2, .03, m},
                       coupled_bursts = {"table, bursts of retries, eta .10:", 2, .1, m};
    run(v, &poisson, poisson_figures, 6, validate_pick(v, 16, 400));
    run(v, &bursts, burst_figures, 7, R);
    run(v, &coupled, power_figures, 3, R / 2);
    run(v, &coupled_bursts, power_figures, 3, R / 2);
    run(v, &weak, power_figures, 3, R / 2);
    run(v, &weak_bursts, power_figures, 3, R / 2);
}
