/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V10. Many tests: p together, evidence that is looked at daily, sequential Monte Carlo, and
 * searches over pairs with shared day shocks and over specifications. Foils: Fisher's method on
 * dependent p, a p-value looked at after every event, the best of 96 specifications.
 *
 * The pairs of the shared-shock and of the sparse cells have a known expectation: there V10
 * does not refit. The cells "peers fitted" refit it, leave-one-out, as scan does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/level.h"
#include "stats/combine.h"
#include "stats/controls.h"
#include "stats/curve.h"
#include "stats/effective.h"
#include "stats/empirical.h"
#include "stats/evalue.h"
#include "stats/gof.h"
#include "stats/gpd.h"
#include "stats/mc.h"
#include "stats/multi.h"
#include "stats/order.h"
#include "stats/tail.h"
#include "tests/validate/validate.h"

static bool any(const double *log_q, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (log_q[i] <= log(.05))
            return true;
    return false;
}

/* --- p-values together ------------------------------------------------------------------ */

enum { TOGETHER = 8 };
static const char *const ways[] = {"fisher",           "stouffer", "tippett",
                                   "mudholkar_george", "cauchy",   "bonferroni"};
enum { WAYS = sizeof ways / sizeof *ways };

/* Eight p of normal scores that share a part of their variance. */
static void draw_together(const void *ctx, struct rng *r, double *ret)
{
    double shared = *(const double *)ctx, common = rng_normal(r), log_p[TOGETHER];
    for (int i = 0; i < TOGETHER; i++)
        log_p[i] = normal_log_upper(sqrt(shared) * common + sqrt(1 - shared) * rng_normal(r));
    for (int w = 0; w < WAYS; w++)
        ret[w] = exp(combination_find(ways[w])->log_p(log_p, TOGETHER));
}

static void together(struct validation *v)
{
    static const double apart = 0, half = .5;
    const struct validate_figure alone[] = {
        {"fisher at .05", 0, FIGURE_SHARE, .05, .05, .05},
        {"stouffer at .05", 1, FIGURE_SHARE, .05, .05, .05},
        {"tippett at .05", 2, FIGURE_SHARE, .05, .05, .05},
        {"mudholkar_george at .05", 3, FIGURE_SHARE, .05, .05, .05},
        {"cauchy at .01", 4, FIGURE_SHARE, .01, 0, .01},
        {"bonferroni at .05", 5, FIGURE_SHARE, .05, 0, .05}};
    const struct validate_figure dependent[] = {
        {"cauchy at .01", 4, FIGURE_SHARE, .01, 0, .01},
        {"bonferroni at .05", 5, FIGURE_SHARE, .05, 0, .05},
        {"foil: fisher at .05", 0, FIGURE_SHARE, .05, .1, 1}};
    uint32_t R = validate_pick(v, 2000, 20000);
    validate_run(v, &(struct validate_plan){"V10", "8 independent p,", draw_together, &apart,
                                            WAYS, alone, 6, R, 0});
    validate_run(v, &(struct validate_plan){"V10", "8 p, correlation 1/2,", draw_together,
                                            &half, WAYS, dependent, 3, R, 0});
}

/* --- as many looks as they are ------------------------------------------------------------ */

/* Eight p of normal scores that share half of their variance, and 499 joint replicates: the
 * least p after Sidak's price for the looks that they count as by each way, for all eight, for
 * one. */
static void draw_looks(const void *ctx, struct rng *r, double *ret)
{
    enum { REPLICATES = 499 };
    (void)ctx;
    double *null = mem_alloc((REPLICATES + 1) * TOGETHER * sizeof *null), least = 0;
    for (int i = 0; i <= REPLICATES; i++) {
        double common = rng_normal(r);
        for (int j = 0; j < TOGETHER; j++)
            null[i * TOGETHER + j] =
                -normal_log_upper(sqrt(.5) * common + sqrt(.5) * rng_normal(r));
    }
    for (int j = 0; j < TOGETHER; j++)
        least = fmin(least, -null[REPLICATES * TOGETHER + j]);
    ret[0] = exp(log_sidak(least, effective_replicates(null, TOGETHER, REPLICATES)));
    ret[1] = exp(log_sidak(least, effective_li_ji(null, TOGETHER, REPLICATES)));
    ret[2] = exp(log_sidak(least, TOGETHER));
    ret[3] = exp(least);
    free(null);
}

static void as_many_looks(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"neff at .05", 0, FIGURE_SHARE, .05, .045, .055},
        {"li_ji at .05", 1, FIGURE_SHARE, .05, .04, .06},
        {"foil: one look at .05", 3, FIGURE_SHARE, .05, .1, 1},
        {"foil: eight looks at .05", 2, FIGURE_SHARE, .05, 0, .042}};
    validate_run(v, &(struct validate_plan){"V10", "least of 8 p, correlation 1/2,", draw_looks,
                                            NULL, 4, figures, 4, validate_pick(v, 400, 10000),
                                            499});
}

/* --- p as bets -------------------------------------------------------------------------- */

/* Eight null p that share half of their variance: mean e-value, and mean of 1/p, the bet that p
 * is not; a find of BH on e-values among 200 such p. */
static void draw_bets(const void *ctx, struct rng *r, double *ret)
{
    enum { MANY = 200 };
    (void)ctx;
    double log_e[MANY], inverse[MANY], q[MANY], common = rng_normal(r);
    for (int i = 0; i < MANY; i++) {
        double log_p = normal_log_upper(sqrt(.5) * common + sqrt(.5) * rng_normal(r));
        log_e[i] = log_e_of_p(log_p, .5);
        inverse[i] = -log_p;
    }
    ret[0] = log_e_mean(log_e, TOGETHER) >= log(20);
    ret[1] = log_e_mean(inverse, TOGETHER) >= log(20);
    e_bh(log_e, MANY, q);
    ret[2] = any(q, MANY);
}

static void bets(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"mean e-value of 8 at least 20", 0, FIGURE_MEAN, 0, 0, .05},
        {"foil: mean of 1/p of 8 at least 20", 1, FIGURE_MEAN, 0, .06, 1},
        {"a find of BH on e-values of 200 at .05", 2, FIGURE_MEAN, 0, 0, .05}};
    validate_run(v, &(struct validate_plan){"V10", "p, correlation 1/2,", draw_bets, NULL, 3,
                                            figures, 3, validate_pick(v, 1000, 20000), 0});
}

/* --- beside controls -------------------------------------------------------------------- */

/* 40 controls and one more whose ln ratios to 5 .. 50 expected are N(.3, .4^2): p of that one
 * after theirs, and Poisson's. */
static void draw_controls(const void *ctx, struct rng *r, double *ret)
{
    enum { CONTROLS = 40 };
    (void)ctx;
    double y[CONTROLS + 1], se[CONTROLS + 1], expected = 0;
    uint64_t x = 0;
    for (int i = 0; i <= CONTROLS; i++) {
        expected = 5 * exp(log(10) * rng_unit(r));
        x = rng_poisson(r, expected * exp(.3 + .4 * rng_normal(r)));
        y[i] = log(((double)x + .5) / expected);
        se[i] = 1 / sqrt((double)x + .5);
    }
    struct controls c;
    ret[0] = 0; /* no fit: against the method */
    if (controls_fit(&c, y, se, CONTROLS, NULL) == 0)
        ret[0] = exp(controls_log_p(&c, y[CONTROLS], 1 / sqrt(fmin((double)x + .5, expected))));
    ret[1] = exp(poisson_log_upper(x, expected));
}

static void beside_controls(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"p at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"p at .01", 0, FIGURE_SHARE, .01, 0, .01},
        {"foil: Poisson's p at .05", 1, FIGURE_SHARE, .05, .3, 1}};
    validate_run(v,
                 &(struct validate_plan){"V10", "40 controls off by .3 +- .4,", draw_controls,
                                         NULL, 2, figures, 3, validate_pick(v, 500, 10000), 0});
}

/* --- evidence looked at after every event --------------------------------------------------
 */

enum { EVENTS = 500 };

/* ret: did E reach 20; event at which it did; was a Poisson p ever <= .05. */
static void draw_watch(const void *ctx, struct rng *r, double *ret)
{
    double ratio = *(const double *)ctx, lambda0 = 0;
    bool reached = false, naive = false;
    ret[1] = EVENTS;
    for (uint64_t n = 1; n <= EVENTS; n++) {
        lambda0 += rng_exponential(r, 1 / ratio);
        double e = fmax(log_e_rate(n - 1, lambda0, 2, 2), log_e_rate(n, lambda0, 2, 2));
        if (e >= log(20) && !reached) {
            reached = true;
            ret[1] = (double)n;
        }
        naive |= poisson_log_upper(n, lambda0) <= log(.05);
    }
    ret[0] = reached;
    ret[2] = naive;
}

static void watching(struct validation *v)
{
    static const double null = 1, more = 1.5;
    const struct validate_figure size[] = {{"E ever >= 20", 0, FIGURE_MEAN, 0, 0, .05},
                                           {"foil: p ever <= .05", 2, FIGURE_MEAN, 0, .35, 1}};
    const struct validate_figure power[] = {{"median events", 1, FIGURE_MEDIAN, 0, 0, 70}};
    uint32_t R = validate_pick(v, 1000, 10000);
    validate_run(v, &(struct validate_plan){"V10", "e-process over 500 events,", draw_watch,
                                            &null, 3, size, 2, R, 0});
    validate_run(v, &(struct validate_plan){"V10", "e-process at ratio 1.5,", draw_watch, &more,
                                            3, power, 1, R, 0});
}

/* --- sequential Monte Carlo -----------------------------------------------------------------
 */

static void draw_sequential(const void *ctx, struct rng *r, double *ret)
{
    (void)ctx;
    struct mc mc = {.stop_at = 10, .max = 9999};
    double observed = rng_unit(r);
    while (mc_add(&mc, rng_unit(r), observed))
        ;
    ret[0] = mc_p(&mc);
    ret[1] = mc.replicates;
    ret[2] = mc.replicates / 9999.;
}

/* The mean's law is far from a proportion's: a band from its own standard error. */
static void sequential(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"p <= .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"p <= .01", 0, FIGURE_SHARE, .01, 0, .01},
        {"p <= .001", 0, FIGURE_SHARE, .001, 0, .001},
        {"median surrogates", 1, FIGURE_MEDIAN, 0, 15, 25}};
    uint32_t R = validate_pick(v, 2000, 20000);
    validate_run(v, &(struct validate_plan){"V10", "Besag-Clifford 10 of 9,999,",
                                            draw_sequential, NULL, 3, figures, 4, R, 9999});
    double sum = 0, squares = 0, ret[3];
    for (uint32_t i = 0; i < R; i++) {
        struct rng r;
        rng_stream(&r, 10, RNG_VALIDATE, 10, i);
        draw_sequential(NULL, &r, ret);
        sum += ret[1];
        squares += ret[1] * ret[1];
    }
    double mean = sum / R, se = sqrt((squares / R - mean * mean) / R);
    validate_cell(v, "V10", "Besag-Clifford 10 of 9,999, mean surrogates (90 + 3 se)", mean, 0,
                  90 + 3 * se, R, 9999);
}

/* --- 20,000 sparse pairs --------------------------------------------------------------------
 */

enum { SPARSE = 20000, SUPPORT = 64 };

/* Pairs of known expectation, Gamma(.3, 3); those with a look-up are tested, by the law of
 * scan's levels. */
struct sparse {
    size_t n;
    double *log_p, *log_q, *random, *values;
    struct multi_law *laws;
};

static void sparse_make(struct sparse *s, uint32_t pairs, struct rng *r)
{
    s->n = 0;
    s->log_p = mem_alloc(pairs * sizeof *s->log_p);
    s->log_q = mem_alloc(pairs * sizeof *s->log_q);
    s->random = mem_alloc(pairs * sizeof *s->random);
    s->laws = mem_zero(pairs, sizeof *s->laws);
    s->values = mem_alloc(pairs * SUPPORT * sizeof *s->values);
    for (uint32_t i = 0; i < pairs; i++) {
        struct level_law law = {
            .mu = rng_gamma(r, .3, 3), .theta = INFINITY, .theta_peers = INFINITY, .least = 1};
        uint64_t x = rng_poisson(r, law.mu);
        double u = rng_unit(r);
        if (x < law.least)
            continue;
        struct level_p p = level_p(&law, x, 1);
        double *values = s->values + s->n * SUPPORT;
        s->laws[s->n] = (struct multi_law){level_support(&law, -20, values, SUPPORT), values};
        s->random[s->n] = level_random(p.log_tested, p.log_above, u);
        s->log_p[s->n++] = p.log_tested;
    }
}

static void sparse_free(struct sparse *s)
{
    free(s->log_p);
    free(s->log_q);
    free(s->random);
    free(s->laws);
    free(s->values);
}

/* ret: is the KS p of the randomised p above .01; a find of BH, of the discrete q, of Storey's
 * on the randomised p; pi0 of the ordinary and of the randomised p. */
static void draw_sparse(const void *ctx, struct rng *r, double *ret)
{
    struct sparse s;
    sparse_make(&s, *(const uint32_t *)ctx, r);
    correction_find("bh")->adjust(s.log_p, s.n, s.log_q);
    ret[1] = any(s.log_q, s.n);
    multi_dbh(s.log_p, s.laws, s.n, s.log_q);
    ret[2] = any(s.log_q, s.n);
    correction_find("storey")->adjust(s.random, s.n, s.log_q);
    ret[3] = any(s.log_q, s.n);
    size_t above = 0;
    for (size_t i = 0; i < s.n; i++)
        above += s.log_p[i] > log(.5);
    ret[4] = ((double)above + 1) / (.5 * (double)s.n);
    ret[5] = multi_pi0(s.random, s.n);
    for (size_t i = 0; i < s.n; i++)
        s.random[i] = exp(s.random[i]);
    order_sort(s.random, s.n);
    ret[0] = gof_ks_p(gof_ks_uniform(s.random, s.n), s.n) > .01;
    sparse_free(&s);
}

static void sparse(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"randomised p: KS p > .01", 0, FIGURE_MEAN, 0, .99, 1},
        {"a BH find at .05", 1, FIGURE_MEAN, 0, 0, .05},
        {"a discrete BH find at .05", 2, FIGURE_MEAN, 0, 0, .05},
        {"a Storey find at .05, randomised p", 3, FIGURE_MEAN, 0, 0, .05},
        {"pi0 of randomised p, median", 5, FIGURE_MEDIAN, 0, .97, 1},
        {"foil: pi0 of ordinary p, median", 4, FIGURE_MEDIAN, 0, 1.2, 2}};
    uint32_t pairs = validate_pick(v, 2000, SPARSE), R = validate_pick(v, 40, 2000);
    validate_run(v, &(struct validate_plan){"V10", "sparse pairs,", draw_sparse, &pairs, 6,
                                            figures, 6, R, 0});
    int uniform = 0, nothing = 0, seeds = 0;
    pairs = SPARSE;
    uint32_t most = validate_pick(v, 0, 2000) > 0 ? 100 : 0; /* as asked, or not at all */
    for (uint32_t i = 0; i < most; i++, seeds++) {
        struct rng r;
        double ret[6];
        rng_stream(&r, 20000, RNG_VALIDATE, 10, i);
        draw_sparse(&pairs, &r, ret);
        uniform += i < 20 && ret[0] > 0;
        nothing += !(ret[1] > 0);
    }
    if (seeds < 100)
        return;
    validate_cell(v, "V10", "20,000 sparse pairs, seeds of 20 with KS p > .01", uniform, 20, 20,
                  20, 0);
    validate_cell(v, "V10", "20,000 sparse pairs, seeds of 100 where BH finds nothing", nothing,
                  95, 100, 100, 0);
}

/* --- peers fitted
 * ----------------------------------------------------------------------------- */

struct fitted {
    int clients, names;
    double mean, theta;
    uint64_t least;
};

/* ret: p and randomised p of one tested pair; a find of the discrete q over all. Without a
 * tested pair p is 1. */
static void draw_fitted(const void *ctx, struct rng *r, double *ret)
{
    const struct fitted *f = ctx;
    size_t n = 0, tests = 0, all = (size_t)(f->clients * f->names);
    struct peers_cell *cells = mem_alloc(all * sizeof *cells);
    for (int i = 0; i < f->clients; i++)
        for (int j = 0; j < f->names; j++) {
            double mu = f->mean * (1 + i % 4) * (1 + j % 3) / 5;
            uint64_t x = rng_negbin(r, mu, f->theta);
            if (x)
                cells[n++] = (struct peers_cell){(uint32_t)i, (uint32_t)j, x};
        }
    struct peers p;
    peers_make(&p, cells, n, (size_t)f->clients, (size_t)f->names, 1);
    double *values = mem_alloc((n * SUPPORT + 1) * sizeof *values);
    double *log_p = mem_alloc((n + 1) * sizeof *log_p),
           *log_q = mem_alloc((n + 1) * sizeof *log_p);
    struct level_p *tail = mem_alloc((n + 1) * sizeof *tail);
    struct multi_law *laws = mem_zero(n + 1, sizeof *laws);
    for (size_t i = 0; i < n; i++) {
        struct level_law law;
        if (cells[i].x < f->least)
            continue;
        level_law_of(&law, &p, i, f->least);
        if (!(law.mu > 0))
            continue;
        tail[tests] = level_p(&law, cells[i].x, 1);
        log_p[tests] = tail[tests].log_tested;
        double *own = values + tests * SUPPORT;
        laws[tests++] = (struct multi_law){level_support(&law, -20, own, SUPPORT), own};
    }
    multi_dbh(log_p, laws, tests, log_q);
    size_t one = tests ? rng_below(r, tests) : 0;
    ret[0] = tests ? exp(log_p[one]) : 1;
    ret[1] = tests ? exp(level_random(log_p[one], tail[one].log_above, rng_unit(r))) : 1;
    ret[2] = any(log_q, tests);
    peers_free(&p);
    free(cells);
    free(values);
    free(log_p);
    free(log_q);
    free(tail);
    free(laws);
}

static void fitted(struct validation *v)
{
    static const struct {
        const char *name;
        struct fitted f;
        uint32_t fast, full;
    } worlds[] = {{"200 pairs, peers fitted,", {20, 10, 10, 2, 1}, 60, 10000},
                  {"200 pairs, peers fitted, theta 1/2,", {20, 10, 10, .5, 1}, 0, 10000},
                  {"1,200 pairs of 12 or more, peers fitted,", {40, 30, 2, 1, 12}, 20, 4000},
                  {"20,000 pairs, peers fitted,", {200, 100, .9, .3, 1}, 0, 300}};
    const struct validate_figure figures[] = {
        {"p at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"randomised p at .05", 1, FIGURE_SHARE, .05, 0, .05},
        {"randomised p at .01", 1, FIGURE_SHARE, .01, 0, .01},
        {"a discrete BH find at .05", 2, FIGURE_MEAN, 0, 0, .05}};
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        validate_run(v, &(struct validate_plan){
                            "V10", worlds[i].name, draw_fitted, &worlds[i].f, 3, figures, 4,
                            validate_pick(v, worlds[i].fast, worlds[i].full), 0});
}

/* --- shared day shocks
 * ------------------------------------------------------------------------- */

/* Pairs are active on one of seven weekdays, and share its shock: totals are Poisson about
 * mu times Gamma(10, 1/10), one draw a weekday; so each is negative binomial, exactly. */
enum { WEEKDAYS = 7, MEANS = 20, COUNT_MAX = 1500 };
static const double SHOCK = 10;

struct shocks {
    size_t n;
    uint32_t m;     /* joint replicates */
    double true_of; /* share of pairs at three times their expectation */
    double *log_p;  /* of mean k and count x, MEANS x COUNT_MAX */
};

static double mean_of(size_t pair)
{
    return 4 * (1 + (double)(pair / WEEKDAYS % MEANS));
}

static bool is_true(const struct shocks *s, size_t pair)
{
    return (double)(pair % 1000) < 1000 * s->true_of;
}

/* -ln p of every pair in one joint data set. */
static void draw_data(const struct shocks *s, struct rng *r, bool null, double *ret)
{
    double shock[WEEKDAYS];
    for (int d = 0; d < WEEKDAYS; d++)
        shock[d] = rng_gamma(r, SHOCK, 1 / SHOCK);
    for (size_t i = 0; i < s->n; i++) {
        double ratio = !null && is_true(s, i) ? 3 : 1;
        uint64_t x = rng_poisson(r, ratio * mean_of(i) * shock[i % WEEKDAYS]);
        size_t k = i / WEEKDAYS % MEANS;
        ret[i] = -s->log_p[k * COUNT_MAX + (x < COUNT_MAX ? x : COUNT_MAX - 1)];
    }
}

/* ret: least maxT p; a BH find; share of BH's finds that are false; its and Storey's share of
 * the true found. */
static void draw_shocks(const void *ctx, struct rng *r, double *ret)
{
    const struct shocks *s = ctx;
    double *observed = mem_alloc(s->n * sizeof *observed), *p = mem_alloc(s->n * sizeof *p);
    double *null = mem_alloc((s->n * s->m + 1) * sizeof *null);
    draw_data(s, r, false, observed);
    for (uint32_t k = 0; k < s->m; k++)
        draw_data(s, r, true, null + k * s->n);
    multi_maxt(observed, null, s->n, s->m, p);
    ret[0] = 1;
    for (size_t i = 0; i < s->n; i++) {
        ret[0] = fmin(ret[0], p[i]);
        observed[i] = -observed[i];
    }
    static const char *const names[] = {"bh", "storey"};
    for (int c = 0; c < 2; c++) {
        double found = 0, hits = 0, of = 0;
        correction_find(names[c])->adjust(observed, s->n, p);
        for (size_t i = 0; i < s->n; i++) {
            bool find = p[i] <= log(.05);
            found += find;
            hits += find && is_true(s, i);
            of += is_true(s, i);
        }
        if (c == 0) {
            ret[1] = found > 0;
            ret[2] = found > 0 ? (found - hits) / found : 0;
        }
        ret[3 + c] = of > 0 ? hits / of : 0;
    }
    free(observed);
    free(null);
    free(p);
}

static void shared_shocks(struct validation *v)
{
    double *table = mem_alloc(MEANS * COUNT_MAX * sizeof *table);
    for (size_t k = 0; k < MEANS; k++)
        for (uint64_t x = 0; x < COUNT_MAX; x++)
            table[k * COUNT_MAX + x] = negbin_log_upper(x, 4 * (1 + (double)k), SHOCK);
    const struct validate_figure null[] = {
        {"maxT: some p <= .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"maxT: p of the top pair to uniform", 0, FIGURE_KS, 0, 0, 0},
        {"a BH find at .05", 1, FIGURE_MEAN, 0, 0, .05}};
    const struct validate_figure some[] = {{"false of BH's finds", 2, FIGURE_MEAN, 0, 0, .05}};
    uint32_t m = validate_pick_m(v, 99, 199);
    struct shocks s = {validate_pick(v, 300, 10000), m, 0, table};
    uint32_t R = validate_pick(v, 100, 1000);
    struct validate_figure with_step[3];
    memcpy(with_step, null, sizeof null);
    with_step[1].at = 1 / (m + 1.);
    validate_run(v, &(struct validate_plan){"V10", "shared day shocks,", draw_shocks, &s, 5,
                                            with_step, 3, R, m});
    struct shocks t = {10000, 0, .05, table};
    R = validate_pick(v, 20, 1000);
    validate_run(v, &(struct validate_plan){"V10", "shared day shocks, 5 % true (x3),",
                                            draw_shocks, &t, 5, some, 1, R, 0});
    double bh = 0, storey = 0, ret[5];
    for (uint32_t i = 0; i < R; i++) {
        struct rng r;
        rng_stream(&r, 3, RNG_VALIDATE, 10, i);
        draw_shocks(&t, &r, ret);
        bh += ret[3];
        storey += ret[4];
    }
    validate_cell(v, "V10", "shared day shocks, 5 % true (x3), BH's true finds over Storey's",
                  bh / storey, .9, 1, R, 0);
    free(table);
}

/* --- the most extreme of N
 * ----------------------------------------------------------------------- */

/* ret: the price of a search over N independent pairs, put on the least randomised p; and its
 * rank among as many looks as would make it ordinary. */
static void draw_most(const void *ctx, struct rng *r, double *ret)
{
    uint32_t n = *(const uint32_t *)ctx;
    double least = 0;
    for (uint32_t i = 0; i < n; i++) {
        double mu = rng_gamma(r, .3, 3);
        uint64_t x = rng_poisson(r, mu);
        least = fmin(least,
                     log_randomp(poisson_log_upper(x, mu), poisson_logpmf(x, mu), rng_unit(r)));
    }
    ret[0] = exp(log_sidak(least, n));
    ret[1] = looks_to(least, .5) <= n;
}

static void most_of_many(struct validation *v)
{
    uint32_t n = validate_pick(v, 500, 10000);
    const struct validate_figure figures[] = {
        {"p after the search, to uniform", 0, FIGURE_KS, 0, 0, 0},
        {"needs no more than N looks to be even", 1, FIGURE_MEAN, 0, .5, .5}};
    validate_run(v, &(struct validate_plan){"V10", "least p of N null pairs,", draw_most, &n, 2,
                                            figures, 2, validate_pick(v, 500, 1000), 0});
}

/* --- the best of 96 specifications
 * ------------------------------------------------------------------ */

enum { HOURS = 24, DAYS = 60, SPECS = 96 };

/* p of "more in these hours": 24 first hours x 4 lengths, exact binomial on one set of counts.
 */
static void specifications(struct rng *r, double *ret_log_p)
{
    uint64_t count[HOURS] = {0}, total = rng_poisson(r, DAYS);
    for (uint64_t i = 0; i < total; i++)
        count[rng_below(r, HOURS)]++;
    for (int spec = 0; spec < SPECS; spec++) {
        uint64_t inside = 0;
        int from = spec / 4, length = 2 << spec % 4; /* 2, 4, 8, 16 h */
        for (int h = 0; h < length; h++)
            inside += count[(from + h) % HOURS];
        ret_log_p[spec] = binomial_log_upper(inside, total, length / (double)HOURS);
    }
}

/* ret: least p of the 96; the same after the joint law of all of them, by maxT on -ln p over m
 * data sets each pushed through every specification. (Ranks in place of p would need m far
 * above 96: in 100 data sets nearly each one is the most extreme by some specification.) */
static void draw_specifications(const void *ctx, struct rng *r, double *ret)
{
    uint32_t m = *(const uint32_t *)ctx;
    double *all = mem_alloc((m + 1) * SPECS * sizeof *all), p[SPECS];
    ret[0] = ret[1] = 1;
    for (uint32_t k = 0; k <= m; k++)
        specifications(r, all + k * SPECS);
    for (size_t i = 0; i < (m + 1) * SPECS; i++)
        all[i] = -all[i];
    multi_maxt(all, all + SPECS, SPECS, m, p);
    for (int spec = 0; spec < SPECS; spec++) {
        ret[0] = fmin(ret[0], exp(-all[spec]));
        ret[1] = fmin(ret[1], p[spec]);
    }
    free(all);
}

static void best_specification(struct validation *v)
{
    uint32_t m = validate_pick_m(v, 99, 999);
    const struct validate_figure figures[] = {
        {"joint p at .05", 1, FIGURE_SHARE, .05, 0, .05},
        {"foil: best p at .05", 0, FIGURE_SHARE, .05, .25, 1}};
    validate_run(v, &(struct validate_plan){"V10", "96 specifications,", draw_specifications,
                                            &m, 2, figures, 2, validate_pick(v, 200, 2000), m});
}

/* --- beyond the replicates
 * ------------------------------------------------------------------------- */

/* Exponential replicates, and data of true p 1e-5: is the extrapolated p within a factor of 5,
 * and was the fit refused? Foil: (b + 1)/(m + 1) never is. */
static void draw_tail(const void *ctx, struct rng *r, double *ret)
{
    uint32_t m = *(const uint32_t *)ctx, b = 0;
    double *value = mem_alloc(m * sizeof *value), observed = -log(1e-5);
    for (uint32_t i = 0; i < m; i++) {
        value[i] = rng_exponential(r, 1);
        b += value[i] >= observed;
    }
    double log_p = gpd_tail(value, m, observed, r);
    ret[0] = fabs(log_p - log(1e-5)) <= log(5);
    ret[1] = isnan(log_p);
    ret[2] = (b + 1.) / (m + 1.) <= 5e-5;
    free(value);
}

static void beyond(struct validation *v)
{
    static const uint32_t m = 9999;
    const struct validate_figure figures[] = {
        {"within a factor of 5", 0, FIGURE_MEAN, 0, .85, 1},
        {"fit refused", 1, FIGURE_MEAN, 0, 0, .05},
        {"foil: (b+1)/(m+1) within a factor of 5", 2, FIGURE_MEAN, 0, 0, 0}};
    validate_run(v, &(struct validate_plan){"V10", "GPD tail at p = 1e-5,", draw_tail, &m, 3,
                                            figures, 3, validate_pick(v, 6, 1000), m});
}

/* --- the law of all scores
 * --------------------------------------------------------------------------- */

/* 1,000 scores N(.2, 1.3^2): p of the first by that law and by N(0, 1). */
static void draw_scores(const void *ctx, struct rng *r, double *ret)
{
    (void)ctx;
    enum { SCORES = 1000 };
    double z[SCORES], first;
    struct empirical e;
    for (int i = 0; i < SCORES; i++)
        z[i] = .2 + 1.3 * rng_normal(r);
    first = z[0];
    ret[0] = empirical_fit(&e, z, SCORES) == 0 ? exp(empirical_log_upper(first, &e)) : 0;
    ret[1] = exp(normal_log_upper(first));
}

static void scores(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"p_empirical at .05", 0, FIGURE_SHARE, .05, .05, .05},
        {"p_empirical at .01", 0, FIGURE_SHARE, .01, .01, .01},
        {"foil: p of N(0, 1) at .05", 1, FIGURE_SHARE, .05, .1, 1}};
    validate_run(v,
                 &(struct validate_plan){"V10", "1,000 scores N(.2, 1.3^2),", draw_scores, NULL,
                                         2, figures, 3, validate_pick(v, 1000, 10000), 0});
}

/* G7 as models/multiverse.h runs it: the ratio of the rates under 96 specifications, by rank
 * among 199 surrogates that went through all of them. */
static void ratios(struct rng *r, double *ret)
{
    uint64_t count[HOURS] = {0}, total = rng_poisson(r, DAYS);
    for (uint64_t i = 0; i < total; i++)
        count[rng_below(r, HOURS)]++;
    for (int spec = 0; spec < SPECS; spec++) {
        double inside = 0;
        int from = spec / 4, length = 2 << spec % 4;
        for (int h = 0; h < length; h++)
            inside += (double)count[(from + h) % HOURS];
        ret[spec] = (inside + .5) / length / (((double)total - inside + .5) / (HOURS - length));
    }
}

static void draw_curve(const void *ctx, struct rng *r, double *ret)
{
    enum { SURROGATES = 199 };
    (void)ctx;
    double *null = mem_alloc(SURROGATES * SPECS * sizeof *null), observed[SPECS], p[SPECS];
    struct curve c;
    ratios(r, observed);
    for (int i = 0; i < SURROGATES; i++)
        ratios(r, null + i * SPECS);
    curve_joint(&c, observed, null, SPECS, SURROGATES, p);
    for (int k = 0; k < CURVE_STATISTICS; k++)
        ret[k] = c.p[k];
    ret[CURVE_STATISTICS] = 1;
    for (int j = 0; j < SPECS; j++)
        ret[CURVE_STATISTICS] = fmin(ret[CURVE_STATISTICS], p[j]);
    free(null);
}

static void curve(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"median effect at .05", CURVE_MEDIAN, FIGURE_SHARE, .05, .05, .05},
        {"share of p <= .05 at .05", CURVE_SHARE, FIGURE_SHARE, .05, 0, .05},
        {"Stouffer of mid-p at .05", CURVE_STOUFFER, FIGURE_SHARE, .05, .05, .05},
        {"least p at .05", CURVE_LEAST, FIGURE_SHARE, .05, 0, .05},
        {"foil: p of the best specification at .05", CURVE_STATISTICS, FIGURE_SHARE, .05, .25,
         1}};
    validate_run(v, &(struct validate_plan){"V10", "curve of 96 specifications,", draw_curve,
                                            NULL, CURVE_STATISTICS + 1, figures, 5,
                                            validate_pick(v, 100, 2000), 199});
}

void v10_multi(struct validation *v)
{
    curve(v);
    scores(v);
    beyond(v);
    together(v);
    as_many_looks(v);
    v10_claims(v);
    bets(v);
    beside_controls(v);
    watching(v);
    sequential(v);
    sparse(v);
    fitted(v);
    shared_shocks(v);
    most_of_many(v);
    best_specification(v);
}
