/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/text.h"
#include "models/crosscorr.h"
#include "models/demand.h"
#include "stats/glm.h"
#include "stats/rng.h"
#include "stats/tail.h"
#include "tests/check.h"

enum { HOUR = 3600, DAY = 24 * HOUR, DAYS = 60, CAP = 3000 };

static struct interval live[] = {{0, DAYS *DAY}};
static const struct window whole = {.from_ns = INT64_C(16986) * DAY * NS_PER_S,
                                    .to_ns = (INT64_C(16986) + DAYS) * DAY * NS_PER_S,
                                    .live = live,
                                    .nlive = 1,
                                    .length_s = DAYS * DAY,
                                    .live_s = DAYS * DAY};

static const struct crosscorr_opts opts = {.width_s = 600,
                                           .max_lag_s = 3600,
                                           .window_s = 4 * HOUR,
                                           .seed = 1,
                                           .replicates = 99,
                                           .threads = 1};

struct couple {
    double ta[CAP], tb[CAP];
    struct stream sa, sb;
    struct subject a, b;
};

/* Memoryless behind caches of 10 minutes; each `every`-th session of a is followed by one
 * of b 20 minutes later (0: none). */
static struct couple *couple_new(size_t every, uint32_t which)
{
    struct couple *c = mem_zero(1, sizeof *c);
    struct rng r;
    rng_stream(&r, 27, RNG_SIMULATE, 0, which);
    size_t na = 0, nb = 0;
    for (double t = 0; (t += 600 + rng_exponential(&r, HOUR)) < DAYS * DAY;)
        c->ta[na++] = t;
    double own = rng_exponential(&r, HOUR), until = 0;
    for (size_t i = 0; own < DAYS * DAY || i < na;) {
        bool after = i < na && c->ta[i] + 1200 < own;
        double t = after ? c->ta[i++] + 1200 : own;
        own += after ? 0 : rng_exponential(&r, HOUR);
        if ((after && (every == 0 || i % every != 0)) || t < until || t >= DAYS * DAY)
            continue;
        c->tb[nb++] = t;
        until = t + 600;
    }
    c->sa = (struct stream){.t = c->ta, .n = na, .ttl_s = 600};
    c->sb = (struct stream){.t = c->tb, .n = nb, .ttl_s = 600};
    c->a = (struct subject){.streams = &c->sa, .nstreams = 1, .t = c->ta, .n = na, .id = 1};
    c->b = (struct subject){.streams = &c->sb, .nstreams = 1, .t = c->tb, .n = nb, .id = 2};
    return c;
}

static void a_planted_lag_is_where_the_residuals_meet(void **state)
{
    (void)state;
    struct couple *c = couple_new(4, 1);
    struct crosscorr x, again;
    struct crosscorr_opts o = opts;
    assert_int_equal(crosscorr_bootstrap(&x, &c->a, &c->b, &whole, &o, NULL), 0);
    assert_int_equal(x.nlags, 13);
    assert_near(x.best_lag_s, 1200, 1e-9);
    assert_close(mc_p(&x.mc), .01, 1e-12);
    assert_true(x.z[8] > x.hi[8]);
    o.threads = 3;
    assert_int_equal(crosscorr_bootstrap(&again, &c->a, &c->b, &whole, &o, NULL), 0);
    assert_memory_equal(&x, &again, sizeof x);
    free(c);
}

static void independent_series_stay_inside_the_envelope(void **state)
{
    (void)state;
    struct couple *c = couple_new(0, 2);
    struct crosscorr x;
    assert_int_equal(crosscorr_bootstrap(&x, &c->a, &c->b, &whole, &opts, NULL), 0);
    assert_true(mc_p(&x.mc) > .05);
    for (size_t l = 0; l < x.nlags; l++)
        assert_true(x.lo[l] < x.z[l] && x.z[l] < x.hi[l]);
    free(c);
}

/* Z(0) by its definition, with exposures and rates asked for bucket by bucket. */
static void z_is_the_sum_of_products_over_its_scale(void **state)
{
    (void)state;
    enum { N = DAYS * 144, PER_WINDOW = 24 };
    struct couple *c = couple_new(3, 3);
    struct subject *const party[] = {&c->a, &c->b};
    double *mu[2], *res[2], sum = 0, scale = 0;
    for (size_t k = 0; k < 2; k++) {
        struct demand d;
        demand_fit(&d, party[k], &whole, NULL);
        mu[k] = mem_zero(N, sizeof **mu);
        res[k] = mem_zero(N, sizeof **res);
        for (size_t i = 0; i < N; i++)
            mu[k][i] =
                demand_rate(&d, 600 * (double)i + 300) *
                exposure_between(party[k], &whole, 600 * (double)i, 600 * (double)i + 600);
        for (size_t i = 0; i < party[k]->n; i++)
            res[k][(size_t)(party[k]->t[i] / 600)] += 1;
        for (size_t w = 0; w < N; w += PER_WINDOW) {
            double y = 0, m = 0;
            for (size_t i = w; i < w + PER_WINDOW; i++)
                y += res[k][i], m += mu[k][i];
            for (size_t i = w; i < w + PER_WINDOW; i++)
                res[k][i] -= mu[k][i] *= y / m;
        }
        demand_free(&d);
    }
    for (size_t i = 0; i < N; i++) {
        sum += res[0][i] * res[1][i];
        scale += mu[0][i] * mu[1][i];
    }
    struct crosscorr x;
    assert_int_equal(crosscorr_bootstrap(&x, &c->a, &c->b, &whole, &opts, NULL), 0);
    assert_near(x.z[6], sum / sqrt(scale), 1e-9);
    for (size_t k = 0; k < 2; k++) {
        free(mu[k]);
        free(res[k]);
    }
    free(c);
}

static void a_shift_gives_no_less_than_one_in_n_plus_one(void **state)
{
    (void)state;
    struct couple *c = couple_new(2, 4);
    struct crosscorr_shifts s;
    assert_int_equal(crosscorr_shift(&s, &c->a, &c->b, &whole, &opts, NULL), 0);
    assert_int_equal(s.days, 20);
    assert_int_equal(s.rank, 1);
    assert_close(s.p, 1 / 21.0, 1e-14);
    assert_close(s.p_limit, 1 / 41.0, 1e-14);
    free(c);
}

static void what_cannot_be_correlated_is_said(void **state)
{
    (void)state;
    struct couple *c = couple_new(0, 5);
    struct crosscorr x;
    struct crosscorr_shifts s;
    struct crosscorr_opts o = opts;
    struct window two = whole;
    struct err err;
    o.max_lag_s = 1e6;
    assert_fails(ERR_USAGE, "at most 257 lags",
                 crosscorr_bootstrap(&x, &c->a, &c->b, &whole, &o, &err));
    two.length_s = 2 * DAY;
    assert_fails(ERR_DEGENERATE, "3 days",
                 crosscorr_shift(&s, &c->a, &c->b, &two, &opts, &err));
    c->b.n = 0;
    assert_fails(ERR_DEGENERATE, "sessions of each",
                 crosscorr_bootstrap(&x, &c->a, &c->b, &whole, &opts, &err));
    free(c);
}

/* --- foils: what others compute, which no report here prints --------------------------- */

enum { HOURS = 1344 };

static void read_hourly(double *y, double *y2)
{
    FILE *f = fopen("tests/data/oracle/hourly.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < HOURS; i++)
        assert_int_equal(fscanf(f, "%*[^,],%*[^,],%*[^,],%lf,%*[^,],%*[^,],%lf", &y[i], &y2[i]),
                         2);
    fclose(f);
}

/* R's ccf: correlation of x[t + lag] and y[t], both less their means, over n. */
static double ccf(const double *x, const double *y, size_t n, int lag)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++)
        mx += x[i] / (double)n, my += y[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t j = (ptrdiff_t)i + lag;
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        if (j >= 0 && j < (ptrdiff_t)n)
            xy += (x[j] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

/* R 4.2.2: ccf(d$y2, d$y, 3). Its band, +-1.96 / sqrt(n) = .053, is for white noise: all
 * seven lags leave it, and only lag 1 was planted; a rhythm that both share does the rest. */
static void the_plain_correlogram_takes_a_shared_rhythm_for_coupling(void **state)
{
    (void)state;
    static const double r[] = {.1092029067779, .1216998790938, .1624078962258, .1188268160414,
                               .2592985054082, .1143472373094, .0763078117697};
    double y[HOURS], y2[HOURS];
    int outside = 0;
    read_hourly(y, y2);
    for (int lag = -3; lag <= 3; lag++) {
        assert_near(ccf(y2, y, HOURS, lag), r[lag + 3], 1e-12);
        outside += ccf(y2, y, HOURS, lag) > 1.96 / sqrt(HOURS);
    }
    assert_int_equal(outside, 7);
}

/* R 4.2.2: Box.test(resid(f, "pearson"), 24, "Ljung") of glm.nb(y ~ h + w + tr): X2 =
 * 23.547967124239, p = .487674123847. It looks at one series alone: it says nothing of two. */
static void the_portmanteau_of_ljung_and_box_is_that_of_r(void **state)
{
    (void)state;
    static double y[HOURS], y2[HOURS], one[HOURS], trend[HOURS];
    static uint16_t hour[HOURS], day[HOURS];
    double z[HOURS], mean = 0, all = 0, q = 0;
    read_hourly(y, y2);
    for (size_t i = 0; i < HOURS; i++) {
        one[i] = 1;
        hour[i] = (uint16_t)(i % 24);
        day[i] = (uint16_t)(i / 24 % 7);
        trend[i] = (double)i / HOURS;
    }
    struct glm_design d = {.n = HOURS, .nfactors = 2, .level = {hour, day}, .nlevels = {24, 7}};
    d.ncovariates = 1;
    d.covariate[0] = trend;
    struct glm *g = glm_new();
    assert_int_equal(glm_fit(g, y, one, &d, GLM_NEGBIN, NULL), 0);
    for (size_t i = 0; i < HOURS; i++) {
        z[i] = (y[i] - g->mu[i]) / sqrt(g->mu[i] + g->mu[i] * g->mu[i] / g->theta);
        mean += z[i] / HOURS;
    }
    for (size_t i = 0; i < HOURS; i++)
        all += (z[i] - mean) * (z[i] - mean);
    for (size_t k = 1; k <= 24; k++) {
        double c = 0;
        for (size_t i = k; i < HOURS; i++)
            c += (z[i] - mean) * (z[i - k] - mean);
        q += HOURS * (HOURS + 2.0) * c * c / (all * all) / (double)(HOURS - k);
    }
    assert_near(q, 23.547967124239, 1e-5);
    assert_near(exp(chisq_log_upper(q, 24)), .487674123847, 1e-6);
    glm_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_lag_is_where_the_residuals_meet),
        cmocka_unit_test(independent_series_stay_inside_the_envelope),
        cmocka_unit_test(z_is_the_sum_of_products_over_its_scale),
        cmocka_unit_test(a_shift_gives_no_less_than_one_in_n_plus_one),
        cmocka_unit_test(what_cannot_be_correlated_is_said),
        cmocka_unit_test(the_plain_correlogram_takes_a_shared_rhythm_for_coupling),
        cmocka_unit_test(the_portmanteau_of_ljung_and_box_is_that_of_r),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
