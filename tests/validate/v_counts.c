/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Laws of counts: the score test for zeros; zip, zinb, hurdle and nb1 on their own data;
 * quasi-Poisson's F test and Fletcher's phi; what Cox and Reid's theta is worth in the tail
 * of a count to come; dispersions shrunk over pairs. */
#include <math.h>
#include <stdio.h>

#include "stats/counts.h"
#include "stats/dispersion.h"
#include "stats/rng.h"
#include "stats/shrink.h"
#include "stats/tail.h"
#include "tests/validate/validate.h"

enum { DAYS = 280 };

static void run(struct validation *v, const char *prefix, validate_fn *replicate,
                const void *ctx, const struct validate_figure *f, size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "counts",
                                            .prefix = prefix,
                                            .replicate = replicate,
                                            .ctx = ctx,
                                            .columns = 4,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R});
}

static void fill(double *v, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        v[i] = value;
}

/* --- more zeros than Poisson's ------------------------------------------------------ */

struct days {
    double mean, theta, off; /* off: share of days switched off */
};

/* ret: p of the score test; is Poisson's BIC above zip's? And the foil: z that takes the
 * share of zeros for known, not for fitted with the mean. */
static void zeros(const void *ctx, struct rng *r, double *ret)
{
    const struct days *w = ctx;
    double y[DAYS], one[DAYS], z, log_p, empty = 0, p0;
    struct glm_design d = {.n = DAYS};
    struct glm *g = glm_new();
    struct counts_fit zip;
    fill(one, DAYS, 1);
    for (int i = 0; i < DAYS; i++) {
        y[i] = (double)(rng_unit(r) < w->off ? 0
                        : isinf(w->theta)    ? rng_poisson(r, w->mean)
                                             : rng_negbin(r, w->mean, w->theta));
        empty += y[i] == 0;
    }
    ret[0] = 0, ret[1] = ret[2] = 1; /* no fit counts against the method */
    if (glm_fit(g, y, one, &d, GLM_POISSON, NULL) == 0) {
        counts_zero_score(y, g->mu, DAYS, &z, &log_p);
        p0 = exp(-g->mu[0]);
        ret[0] = exp(log_p);
        ret[1] = counts_fit(&zip, y, one, &d, COUNTS_ZIP, NULL) == 0 && zip.bic < glm_bic(g);
        z = (empty - DAYS * p0) / sqrt(DAYS * p0 * (1 - p0));
        ret[2] = 2 * exp(normal_log_upper(fabs(z)));
    }
    glm_free(g);
}

static void zero_cells(struct validation *v)
{
    const struct days sparse = {.4, INFINITY, 0}, busy = {3, INFINITY, 0},
                      off = {3, INFINITY, .2}, scatter = {3, 1, 0};
    const struct validate_figure size[] = {
        {"score test at .05", 0, FIGURE_SHARE, .05, .05, .05},
        {"zip by BIC", 1, FIGURE_MEAN, 0, 0, .03},
        {"foil: share of zeros taken for known, at .05", 2, FIGURE_SHARE, .05, 0, .01}};
    const struct validate_figure power[] = {{"score test at .05", 0, FIGURE_SHARE, .05, .95, 1},
                                            {"zip by BIC", 1, FIGURE_MEAN, 0, .9, 1}};
    const struct validate_figure foil[] = {
        {"foil: score test at .05, no day switched off", 0, FIGURE_SHARE, .05, .9, 1}};
    uint32_t R = validate_pick(v, 300, 10000);
    run(v, "zeros, Poisson .4 a day:", zeros, &sparse, size, 3, R);
    run(v, "zeros, Poisson 3 a day:", zeros, &busy, size, 2, R);
    run(v, "zeros, a fifth of days off:", zeros, &off, power, 2, R / 2);
    run(v, "zeros, negative binomial, theta 1:", zeros, &scatter, foil, 1, R / 2);
}

/* --- a weekend's effect under each law ---------------------------------------------- */

static const double WEEKEND = -.7, SHARE = .3, THETA = 2, PHI = 2;

static double draw_day(enum counts_law law, double mu, struct rng *r)
{
    double y;
    bool scatter = law == COUNTS_ZINB || law == COUNTS_HURDLE_NB;
    if (law == COUNTS_NB1)
        return (double)rng_negbin(r, mu, mu / (PHI - 1));
    if (rng_unit(r) < SHARE)
        return 0;
    do {
        y = (double)(scatter ? rng_negbin(r, mu, THETA) : rng_poisson(r, mu));
    } while (y == 0 && law >= COUNTS_HURDLE_POISSON);
    return y;
}

static bool covers(double b, double se, double truth)
{
    return fabs(b - truth) <= 1.959964 * se;
}

/* ret: does the law's 95 % interval hold the effect; its share of zeros, or phi; theta;
 * does that of a Poisson regression? */
static void effect(const void *ctx, struct rng *r, double *ret)
{
    enum counts_law law = *(const enum counts_law *)ctx;
    double y[DAYS], one[DAYS], weekend[DAYS];
    struct glm_design d = {.n = DAYS, .ncovariates = 1, .covariate = {weekend}};
    struct counts_fit f;
    struct glm *g = glm_new();
    fill(one, DAYS, 1);
    for (int i = 0; i < DAYS; i++) {
        weekend[i] = i % 7 >= 5;
        y[i] = draw_day(law, 3 * exp(WEEKEND * weekend[i]), r);
    }
    ret[0] = ret[1] = ret[2] = 0, ret[3] = 1;
    if (counts_fit(&f, y, one, &d, law, NULL) == 0) {
        ret[0] = covers(f.beta[1], f.se[1], WEEKEND);
        ret[1] = law == COUNTS_NB1 ? f.theta : 1 / (1 + exp(-f.zero));
        ret[2] = f.theta;
    }
    if (glm_fit(g, y, one, &d, GLM_POISSON, NULL) == 0)
        ret[3] = covers(g->beta[1], g->se[1], WEEKEND);
    glm_free(g);
}

static void effect_cells(struct validation *v)
{
    for (enum counts_law law = 0; law < COUNTS_LAWS; law++) {
        bool hurdle = law >= COUNTS_HURDLE_POISSON, nb1 = law == COUNTS_NB1;
        double second = nb1 ? PHI : hurdle ? 1 - SHARE : SHARE;
        const struct validate_figure figures[] = {
            {"effect in its 95 % interval", 0, FIGURE_MEAN, 0, .93, .97},
            {nb1 ? "phi, median" : "share of zeros or days, median", 1, FIGURE_MEDIAN, 0,
             second - (nb1 ? .15 : .06), second + (nb1 ? .15 : .06)},
            {"foil: in Poisson's interval", 3, FIGURE_MEAN, 0, 0, .9}};
        char prefix[64];
        snprintf(prefix, sizeof prefix, "%s, 280 days, weekend -.7:", counts_law_names[law]);
        run(v, prefix, effect, &law, figures, 3, validate_pick(v, 100, 5000));
    }
}

/* --- quasi-Poisson ------------------------------------------------------------------ */

/* Counts of NB1, no season: p of F for seven weekdays, and of the likelihood ratio. */
static void weekdays(const void *ctx, struct rng *r, double *ret)
{
    double mean = *(const double *)ctx, y[DAYS], one[DAYS], f, phi = 3;
    uint16_t dow[DAYS];
    struct glm_design small = {.n = DAYS}, large = small;
    struct glm *a = glm_new(), *b = glm_new();
    fill(one, DAYS, 1);
    for (int i = 0; i < DAYS; i++) {
        dow[i] = (uint16_t)(i % 7);
        y[i] = (double)rng_negbin(r, mean, mean / (phi - 1));
    }
    large.nfactors = 1;
    large.level[0] = dow;
    large.nlevels[0] = 7;
    ret[0] = ret[1] = 0;
    if (glm_fit(a, y, one, &small, GLM_POISSON, NULL) == 0 &&
        glm_fit(b, y, one, &large, GLM_POISSON, NULL) == 0) {
        ret[0] = exp(dispersion_log_p(a, b, &f));
        ret[1] = exp(chisq_log_upper(a->deviance - b->deviance, 6));
    }
    glm_free(a);
    glm_free(b);
}

/* Ten levels of mean .02 to 10 a bucket, 30 buckets each, phi 2: both estimates. */
static void sparse_phi(const void *ctx, struct rng *r, double *ret)
{
    enum { LEVELS = 10, EACH = 30, N = LEVELS * EACH };
    (void)ctx;
    double y[N], one[N], x[N];
    struct glm_design d = {.n = N, .ncovariates = 1, .covariate = {x}};
    struct glm *g = glm_new();
    fill(one, N, 1);
    for (int i = 0; i < N; i++) {
        x[i] = (double)(i % LEVELS) / (LEVELS - 1);
        double mu = .02 * exp(log(500) * x[i]);
        y[i] = (double)rng_negbin(r, mu, mu);
    }
    ret[0] = ret[1] = ret[2] = ret[3] = 0;
    if (glm_fit(g, y, one, &d, GLM_POISSON, NULL) == 0) {
        dispersion_phi(y, g, &ret[0], &ret[1]);
        ret[2] = fabs(ret[1] - 2) <= .5;
        ret[3] = fabs(ret[0] - 2) <= .5;
    }
    glm_free(g);
}

static void quasi_cells(struct validation *v)
{
    const double means[] = {1, 10};
    for (int i = 0; i < 2; i++) {
        char prefix[64];
        snprintf(prefix, sizeof prefix, "quasi-Poisson, %g a day, phi 3:", means[i]);
        const struct validate_figure figures[] = {
            {"F of weekdays at .05", 0, FIGURE_SHARE, .05, .04, i ? .06 : .07},
            {"foil: likelihood ratio at .05", 1, FIGURE_SHARE, .05, .3, 1}};
        run(v, prefix, weekdays, &means[i], figures, 2, validate_pick(v, 300, 10000));
    }
    const struct validate_figure figures[] = {
        {"Fletcher's phi, median", 1, FIGURE_MEDIAN, 0, 1.8, 2.2},
        {"Fletcher's within .5", 2, FIGURE_MEAN, 0, .75, 1},
        {"foil: Pearson's within .5", 3, FIGURE_MEAN, 0, 0, .7}};
    run(v, "phi 2, .02 to 10 a bucket:", sparse_phi, NULL, figures, 3,
        validate_pick(v, 300, 10000));
}

/* --- Cox & Reid in the tail --------------------------------------------------------- */

/* Four weeks of hours, 31 coefficients, theta 1.6; p of the same hour of one more week. The
 * error of the fitted mean remains: .0166 and .0182 in place of .01 (R = 1872). */
static void next_hour(const void *ctx, struct rng *r, double *ret)
{
    enum { HOURS = 672 };
    (void)ctx;
    double y[HOURS], one[HOURS], trend[HOURS], mu[HOURS];
    uint16_t hod[HOURS], dow[HOURS];
    struct glm_design d = {.n = HOURS,
                           .nfactors = 2,
                           .level = {hod, dow},
                           .nlevels = {24, 7},
                           .ncovariates = 1,
                           .covariate = {trend}};
    struct glm *g = glm_new();
    fill(one, HOURS, 1);
    for (uint16_t i = 0; i < HOURS; i++) {
        hod[i] = i % 24, dow[i] = i / 24 % 7;
        trend[i] = i / (double)HOURS;
        mu[i] = exp(.7 * cos(2 * M_PI * (hod[i] - 14) / 24) - .5 * (dow[i] >= 5));
        y[i] = (double)rng_negbin(r, mu[i], 1.6);
    }
    size_t at = rng_below(r, HOURS);
    uint64_t next = rng_negbin(r, mu[at], 1.6);
    double u = rng_unit(r);
    ret[0] = ret[1] = ret[2] = 0;
    if (dispersion_cox_reid(g, y, one, &d, NULL) == 0)
        ret[0] = exp(log_randomp(negbin_log_upper(next, g->mu[at], g->theta),
                                 negbin_logpmf(next, g->mu[at], g->theta), u));
    if (glm_fit(g, y, one, &d, GLM_NEGBIN, NULL) == 0)
        ret[1] = exp(log_randomp(negbin_log_upper(next, g->mu[at], g->theta),
                                 negbin_logpmf(next, g->mu[at], g->theta), u));
    if (glm_fit(g, y, one, &d, GLM_POISSON, NULL) == 0)
        ret[2] = exp(log_randomp(poisson_log_upper(next, g->mu[at]),
                                 poisson_logpmf(next, g->mu[at]), u));
    glm_free(g);
}

static void tail_cells(struct validation *v)
{
    const struct validate_figure figures[] = {
        {"p at .01 with Cox and Reid's theta", 0, FIGURE_SHARE, .01, .008, .02},
        {"foil: with maximum likelihood's, p at .01", 1, FIGURE_SHARE, .01, .012, .03},
        {"foil: Poisson, p at .01", 2, FIGURE_SHARE, .01, .03, 1}};
    run(v, "31 coefficients, an hour to come:", next_hour, NULL, figures, 3,
        validate_pick(v, 40, 20000));
}

/* --- dispersions over pairs --------------------------------------------------------- */

struct pairs {
    size_t others;
    double sd, own; /* of ln theta among pairs; the pair's theta, 0: as the others' */
};

enum { BUCKETS = 400, OTHERS = 40 };

static int one_pair(struct glm *g, double theta, struct rng *r, double *ret_log_theta,
                    double *ret_se)
{
    double y[BUCKETS], one[BUCKETS];
    struct glm_design d = {.n = BUCKETS};
    fill(one, BUCKETS, 1);
    for (int i = 0; i < BUCKETS; i++)
        y[i] = (double)rng_negbin(r, .5, theta);
    return dispersion_log_theta(g, y, one, &d, ret_log_theta, ret_se);
}

/* ret: is ln theta in its 95 % interval, shrunk, and shrunk the whole way; distance of
 * ln theta, shrunk less alone (-: nearer). Ten pairs tell their sd badly: measured .92 and .89
 * in place of .95. */
static void scatter(const void *ctx, struct rng *r, double *ret)
{
    const struct pairs *w = ctx;
    double log_theta[OTHERS], se[OTHERS], own, own_se, truth;
    struct glm *g = glm_new();
    struct shrink_theta t;
    size_t n = 0;
    for (size_t i = 0; i < w->others; i++)
        n += one_pair(g, .5 * exp(w->sd * rng_normal(r)), r, &log_theta[n], &se[n]) == 0;
    truth = w->own > 0 ? log(w->own) : log(.5) + w->sd * rng_normal(r);
    one_pair(g, exp(truth), r, &own, &own_se);
    ret[0] = 0, ret[1] = 1, ret[2] = 1;
    if (shrink_theta(&t, log_theta, se, n, own, own_se, NULL) == 0) {
        double prior = pow((own - t.centre) / t.unlike, 2) - own_se * own_se;
        double here = 1 / (own_se * own_se);
        double whole = (own * here + t.centre / prior) / (here + 1 / prior);
        ret[0] = covers(t.log_theta, t.sd, truth);
        ret[1] = isfinite(own_se) && covers(whole, 1 / sqrt(here + 1 / prior), truth);
        ret[2] = fabs(t.log_theta - truth) - (isfinite(own_se) ? fabs(own - truth) : 9);
    }
    glm_free(g);
}

static void scatter_cells(struct validation *v)
{
    const struct pairs alike = {10, .3, 0}, unlike = {10, .6, 0}, odd = {10, .1, .03};
    const struct validate_figure usual[] = {
        {"ln theta in its 95 % interval", 0, FIGURE_MEAN, 0, .88, .98},
        {"error less that of the pair alone, median", 2, FIGURE_MEDIAN, 0, -1, 0}};
    const struct validate_figure strange[] = {
        {"ln theta in its 95 % interval", 0, FIGURE_MEAN, 0, .75, 1},
        {"foil: shrunk all the way, in its interval", 1, FIGURE_MEAN, 0, 0, .6}};
    uint32_t R = validate_pick(v, 20, 1000);
    run(v, "theta over 11 pairs, sd .3:", scatter, &alike, usual, 2, R);
    run(v, "theta over 11 pairs, sd .6:", scatter, &unlike, usual, 2,
        validate_pick(v, 0, 1000));
    run(v, "theta .03 among ten of .5:", scatter, &odd, strange, 2, R);
}

void v_counts(struct validation *v)
{
    zero_cells(v);
    effect_cells(v);
    quasi_cells(v);
    tail_cells(v);
    scatter_cells(v);
}
