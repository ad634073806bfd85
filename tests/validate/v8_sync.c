/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V8. Size of both synchrony nulls between independent clients that share a
 * rhythm of day and week and a slow common drift, and power against triggers.
 * Foils: correlation of hourly counts, and circular shift, which take the shared
 * rhythm for synchrony. Demand .6 an hour behind a cache of one hour, lags of
 * -36 to 36 minutes in steps of 6. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/cache.h"
#include "models/sync.h"
#include "stats/tail.h"
#include "tests/validate/validate.h"

enum { HOUR = 3600, DAY = 24 * HOUR, CACHES_MAX = 2 };

/* What two caches of one client have in common. */
enum sharing {
    APART, /* nothing: each is asked at the full rate by itself */
    TWINS, /* every demand asks both, within seconds */
    SPLIT, /* each demand asks one of them */
    MIXED, /* half of the demands ask both, half one of them */
    EGRESS /* the cache itself: one behind two addresses, either of which may ask */
};

struct world {
    const char *name;
    double amplitude, drift; /* of the log rate: shared rhythm, shared drift */
    double eta;              /* share of a's sessions that make b ask */
    int days;
    int caches;     /* of b */
    int deaf_every; /* days from one half day of a deaf sensor to the next; 0: none */
    uint32_t m;
    enum sharing sharing; /* of b's caches */
    bool both;            /* a is such a client too */
};

enum column { W2, W4, W8, BACK, LARGER, DAYS, PEARSON, SHIFT, COLUMNS };

/* --- the world ---------------------------------------------------------------------- */

/* Hourly demand: sine of the day, fewer look-ups at weekends, and an
 * Ornstein-Uhlenbeck drift with a time constant of 72 h. */
struct rhythm {
    double *rate, most; /* a second */
    size_t hours;
};

static void rhythm_draw(struct rhythm *h, const struct world *w, struct rng *r)
{
    h->hours = (size_t)w->days * 24;
    h->rate = mem_alloc(h->hours * sizeof *h->rate);
    h->most = 0;
    double keep = exp(-1 / 72.0), x = rng_normal(r);
    for (size_t i = 0; i < h->hours; i++) {
        double season = sin(2 * M_PI * (double)(i % 24) / 24 - 2) - (i / 24 % 7 >= 5 ? .7 : 0);
        h->rate[i] = .6 / HOUR * exp(w->amplitude * season + w->drift * x);
        h->most = fmax(h->most, h->rate[i]);
        x = keep * x + sqrt(1 - keep * keep) * rng_normal(r);
    }
}

static double rhythm_rate(const void *ctx, double t)
{
    const struct rhythm *h = ctx;
    return h->rate[(size_t)(t / HOUR)];
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct window window_of(const struct world *w)
{
    struct window win = {.from_ns = INT64_C(16986) * DAY * NS_PER_S, /* a Monday, UTC */
                         .live = mem_alloc((size_t)w->days * sizeof *win.live),
                         .length_s = (double)w->days * DAY};
    win.to_ns = win.from_ns + (int64_t)w->days * DAY * NS_PER_S;
    double from = 0;
    for (int d = w->deaf_every; w->deaf_every && d < w->days; d += w->deaf_every) {
        win.live[win.nlive++] = (struct interval){from, (double)d * DAY};
        from = ((double)d + .5) * DAY;
    }
    win.live[win.nlive++] = (struct interval){from, win.length_s};
    for (size_t i = 0; i < win.nlive; i++)
        win.live_s += win.live[i].to - win.live[i].from;
    return win;
}

/* Misses, seen by the sensor, of one cache over its demand (ascending). */
static size_t filter(const struct window *w, double *t, size_t demand)
{
    double last = -HOUR;
    size_t n = 0;
    for (size_t i = 0; i < demand; i++) {
        if (t[i] < last + HOUR || t[i] >= w->length_s)
            continue;
        last = t[i];
        if (window_live_between(w, last, last + 1) > 0)
            t[n++] = last;
    }
    return n;
}

struct party {
    struct subject subject;
    struct stream streams[CACHES_MAX];
};

/* One demand of a client whose caches share it. */
static void ask(struct party *p, const struct window *w, enum sharing sharing, double t,
                struct rng *r, double *fresh_until)
{
    int to = (int)rng_below(r, 2);
    bool twins = sharing == TWINS || (sharing == MIXED && rng_below(r, 2) == 0);
    for (int k = 0; k < 2; k++) {
        double at = twins ? t + 5 * rng_unit(r) : t;
        double *until = sharing == EGRESS ? &fresh_until[0] : &fresh_until[k];
        if ((!twins && k != to) || at < *until || at >= w->length_s)
            continue;
        *until = at + HOUR;
        if (!(window_live_between(w, at, at + 1) > 0))
            continue;
        struct stream *s = &p->streams[k];
        s->t[s->n++] = at;
    }
}

/* Draw demand, and the triggers with it, and let it pass the caches. */
static void party_fill(struct party *p, const struct rhythm *h, const struct window *w,
                       const struct world *world, const double *triggers, size_t ntriggers,
                       struct rng *r)
{
    size_t room = (size_t)(2 * h->most * w->length_s) + 100;
    double fresh_until[CACHES_MAX] = {0};
    double *t = mem_alloc((room + ntriggers) * sizeof *t);
    size_t n = 0, streams = p->subject.nstreams;
    for (size_t k = 0; k < streams; k++)
        p->streams[k] =
            (struct stream){.t = mem_alloc((room + ntriggers) * sizeof *t), .ttl_s = HOUR};
    for (size_t k = 0; k < (world->sharing == APART ? streams : 1); k++) {
        n = cache_draw(r, 0, w->length_s, h->most, rhythm_rate, h, t, room);
        for (size_t i = 0; k == 0 && i < ntriggers; i++)
            t[n++] = triggers[i];
        qsort(t, n, sizeof *t, ascending);
        if (world->sharing != APART)
            break;
        memcpy(p->streams[k].t, t, n * sizeof *t);
        p->streams[k].n = filter(w, p->streams[k].t, n);
    }
    for (size_t i = 0; world->sharing != APART && i < n; i++)
        ask(p, w, world->sharing, t[i], r, fresh_until);
    free(t);
}

/* A client; the triggers go to its first cache, or to those that share its demand. */
static void party_make(struct party *p, const struct rhythm *h, const struct window *w,
                       const struct world *world, bool is_b, const double *triggers,
                       size_t ntriggers, struct rng *r)
{
    struct world one = *world;
    if (!is_b && !world->both)
        one.caches = 1, one.sharing = APART;
    *p = (struct party){{.nstreams = (size_t)one.caches}, {{0}}};
    struct subject *s = &p->subject;
    s->id = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    party_fill(p, h, w, &one, triggers, ntriggers, r);
    for (int k = 0; k < one.caches; k++)
        s->n += p->streams[k].n;
    s->t = mem_alloc((s->n + 1) * sizeof *s->t);
    for (size_t k = 0, n = 0; k < s->nstreams; n += p->streams[k++].n)
        memcpy(s->t + n, p->streams[k].t, p->streams[k].n * sizeof *s->t);
    qsort(s->t, s->n, sizeof *s->t, ascending);
}

static void party_free(struct party *p)
{
    for (size_t k = 0; k < p->subject.nstreams; k++)
        free(p->streams[k].t);
    free(p->subject.t);
}

/* Each of a's sessions with probability eta makes b ask, 2 minutes later on
 * average. */
static size_t draw_triggers(const struct subject *a, double eta, struct rng *r, double *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (rng_unit(r) < eta)
            ret[n++] = a->t[i] + rng_exponential(r, 120);
    return n;
}

/* --- foils -------------------------------------------------------------------------- */

/* Fisher's z of the correlation of hourly counts, as if hours were independent. */
static double pearson_p(const struct subject *a, const struct subject *b,
                        const struct window *w)
{
    struct grid g = grid_make(w, HOUR);
    double *x = mem_alloc(g.n * sizeof *x), *y = mem_alloc(g.n * sizeof *y);
    double n = (double)g.n, mx = (double)a->n / n, my = (double)b->n / n;
    double xx = 0, yy = 0, xy = 0;
    bucket_fill(a, &g, x);
    bucket_fill(b, &g, y);
    for (size_t i = 0; i < g.n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    free(x);
    free(y);
    return exp(normal_log_upper(atanh(xy / sqrt(xx * yy)) * sqrt(n - 3)));
}

/* a's sessions with one of b, moved round by `shift`, within 36 minutes. */
static double near(const struct subject *a, const struct subject *b, double shift,
                   double length, double *work)
{
    size_t n = 0, j = 0;
    for (size_t i = 0; i < b->n; i++)
        work[i] = fmod(b->t[i] + shift, length);
    qsort(work, b->n, sizeof *work, ascending);
    for (size_t i = 0; i < a->n; i++) {
        while (j < b->n && work[j] < a->t[i] - 2160)
            j++;
        n += j < b->n && work[j] <= a->t[i] + 2160;
    }
    return (double)n;
}

static double shift_p(const struct subject *a, const struct subject *b, const struct window *w,
                      uint32_t m, struct rng *r)
{
    struct mc mc = {.max = m};
    double *work = mem_alloc(b->n * sizeof *work);
    double observed = near(a, b, 0, w->length_s, work);
    while (mc_add(&mc, near(a, b, rng_unit(r) * w->length_s, w->length_s, work), observed))
        continue;
    free(work);
    return mc_p(&mc);
}

/* --- the experiment ----------------------------------------------------------------- */

typedef int sync_fn(struct sync_result *, const struct subject *, const struct subject *,
                    const struct window *, const struct sync_opts *, struct err *);

static double sync_p(sync_fn *fn, const struct subject *a, const struct subject *b,
                     const struct window *w, double window_s, uint32_t m)
{
    struct sync_opts o = {.window_s = window_s,
                          .delta_s = 180,
                          .max_lag_s = 2160,
                          .session_s = 30,
                          .sweeps = 3,
                          .seed = 8,
                          .replicates = m,
                          .threads = 1};
    struct sync_result s;
    if (fn(&s, a, b, w, &o, NULL) < 0)
        return 1;
    double p = mc_p(&s.mc);
    sync_free(&s);
    return p;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *world = ctx;
    struct window w = window_of(world);
    struct rhythm h;
    struct party a, b;
    rhythm_draw(&h, world, r);
    party_make(&a, &h, &w, world, false, NULL, 0, r);
    double *triggers = mem_alloc(a.subject.n * sizeof *triggers);
    size_t ntriggers = draw_triggers(&a.subject, world->eta, r, triggers);
    party_make(&b, &h, &w, world, true, triggers, ntriggers, r);
    a.subject.streams = a.streams;
    b.subject.streams = b.streams;
    const struct subject *x = &a.subject, *y = &b.subject;
    for (size_t k = W2; k <= W8; k++)
        ret[k] = sync_p(sync_window, x, y, &w, (double)(2 << k) * HOUR, world->m);
    ret[BACK] = sync_p(sync_window, y, x, &w, 4 * HOUR, world->m);
    ret[LARGER] = fmax(ret[W4], ret[BACK]);
    ret[DAYS] = sync_p(sync_days, x, y, &w, 0, world->m);
    ret[PEARSON] = pearson_p(x, y, &w);
    ret[SHIFT] = shift_p(x, y, &w, world->m, r);
    party_free(&a);
    party_free(&b);
    free(triggers);
    free(h.rate);
    window_free(&w);
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
#define D1_SIZES                                                                               \
    REJECTS("D1, W = 2 h", W2, .05, .05), REJECTS("D1, W = 4 h", W4, .05, .05),                \
        REJECTS("D1, W = 8 h", W8, 0, .061)

static const struct validate_figure flat_figures[] = {
    D1_SIZES,
    REJECTS("days within weekday", DAYS, .05, .05),
};

/* The permutation keeps a rhythm, and is a little conservative with one
 * (peers-statistics 0.2): only the upper limit binds. */
static const struct validate_figure rhythm_figures[] = {
    D1_SIZES,
    REJECTS("days within weekday", DAYS, 0, .05),
    REJECTS("foil: correlation of hourly counts", PEARSON, .95, 1),
    REJECTS("foil: circular shift", SHIFT, .25, 1),
};

/* It does not keep what days have in common, and is no null where they drift. */
static const struct validate_figure drift_figures[] = {
    D1_SIZES,
    REJECTS("foil: days within weekday, with a drift over days", DAYS, .1, 1),
    REJECTS("foil: correlation of hourly counts", PEARSON, .95, 1),
    REJECTS("foil: circular shift", SHIFT, .9, 1),
};

static void power(struct validation *v, const char *name, double eta, double at_least,
                  uint32_t R, uint32_t m)
{
    const struct world w = {name, 1.2, 1, eta, 140, 1, 0, m, APART, false};
    const struct validate_figure figures[] = {
        REJECTS("D1, W = 2 h", W2, at_least, 1),
        REJECTS("D1, W = 4 h", W4, at_least, 1),
    };
    run(v, &w, figures, 2, R);
}

/* Parties of two caches that have something in common. b's sessions that were moved
 * cache by cache gave, in the same worlds (28 days, R = 400): one cache behind two
 * addresses on both sides .12 and .11, the larger p .10; twin resolvers 0, with a power
 * of 0 where single ones had .97. */
static const struct world shared_caches[] = {
    {"drift, each one cache behind two addresses:", 1.2, 1, 0, 28, 2, 0, 0, EGRESS, true},
    {"drift, each of twin resolvers:", 1.2, 1, 0, 28, 2, 0, 0, TWINS, true},
    {"drift, b of twin resolvers:", 1.2, 1, 0, 28, 2, 0, 0, TWINS, false},
    {"drift, b one cache behind two addresses:", 1.2, 1, 0, 28, 2, 0, 0, EGRESS, false},
    {"drift, demand split over two caches:", 1.2, 1, 0, 28, 2, 0, 0, SPLIT, true},
    {"drift, half of the demand asks twin resolvers:", 1.2, 1, 0, 28, 2, 0, 0, MIXED, true},
    {"drift, two caches each:", 1.2, 1, 0, 28, 2, 0, 0, APART, true},
    {"drift, eta .10, b of twin resolvers:", 1.2, 1, .1, 140, 2, 0, 0, TWINS, false},
};

static const struct validate_figure sharing_figures[] = {
    REJECTS("D1, W = 4 h", W4, 0, .061),
    REJECTS("D1, W = 4 h, b to a", BACK, 0, .061),
    REJECTS("D1, W = 4 h, the larger p", LARGER, 0, .05),
};

static const struct validate_figure found_figures[] = {
    REJECTS("D1, W = 4 h, the larger p", LARGER, .9, 1),
};

void v8_sync(struct validation *v)
{
    uint32_t m = validate_pick_m(v, 99, 99), R = validate_pick(v, 0, 2000);
    const struct world brief = {"drift, 28 days:", 1.2, 1, 0, 28, 1, 0, m, APART, false};
    const struct world flat = {"flat:", 0, 0, 0, 140, 1, 0, m, APART, false};
    const struct world shared = {"shared rhythm:", 1.2, 0, 0, 140, 1, 0, m, APART, false};
    const struct world drift = {
        "shared rhythm and drift:", 1.2, 1, 0, 140, 1, 0, m, APART, false};
    const struct world deaf = {"drift, two caches, sensor deaf 12 h in 5 days:",
                               1.2,
                               1,
                               0,
                               140,
                               2,
                               5,
                               m,
                               APART,
                               false};
    run(v, &brief, drift_figures, 6, validate_pick(v, 200, 2000));
    run(v, &flat, flat_figures, 4, R);
    run(v, &shared, rhythm_figures, 6, R);
    run(v, &drift, drift_figures, 6, R);
    run(v, &deaf, drift_figures, 3, R);
    for (size_t i = 0; i < sizeof shared_caches / sizeof *shared_caches; i++) {
        struct world w = shared_caches[i];
        w.m = m;
        run(v, &w, w.eta > 0 ? found_figures : sharing_figures, w.eta > 0 ? 1 : 3,
            w.eta > 0 ? R / 4 : validate_pick(v, i < 2 ? 60 : 0, 1000));
    }
    power(v, "drift, eta .06:", .06, .50, R, m);
    power(v, "drift, eta .10:", .10, .95, R, m);
}
