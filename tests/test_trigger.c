/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/text.h"
#include "models/trigger.h"
#include "stats/order.h"
#include "stats/rng.h"
#include "tests/check.h"

enum { HOUR = 3600, DAY = 24 * HOUR, DAYS = 28, CAP = 2000, TWO_MINUTES = 2, STEPS = 16 };

static struct interval live[] = {{0, 9 * DAY}, {9.5 * DAY, DAYS *DAY}};
static const struct window whole = {.from_ns = INT64_C(16986) * DAY * NS_PER_S,
                                    .to_ns = (INT64_C(16986) + DAYS) * DAY * NS_PER_S,
                                    .live = live,
                                    .nlive = 2,
                                    .length_s = DAYS * DAY,
                                    .live_s = (DAYS - .5) * DAY};

static const struct surrogate_opts opts = {
    .window_s = 4 * HOUR, .session_s = 30, .sweeps = 3, .seed = 1};

struct couple {
    double ta[CAP], tb[CAP];
    struct stream sa, sb;
    struct subject a, b;
};

static bool heard(double t)
{
    return t < live[0].to || (t >= live[1].from && t < live[1].to);
}

/* a: .6 an hour behind a cache of an hour; b the same, and asked 2 minutes after a session
 * of a, on average, with chance eta. */
static struct couple *couple_new(double eta, uint32_t which)
{
    struct couple *c = mem_zero(1, sizeof *c);
    struct rng r;
    rng_stream(&r, 17, RNG_SIMULATE, 0, which);
    double triggers[CAP];
    size_t na = 0, nb = 0, nt = 0;
    for (double t = 0; (t += HOUR + rng_exponential(&r, HOUR / .6)) < DAYS * DAY;)
        if (heard(t)) {
            c->ta[na++] = t;
            if (rng_unit(&r) < eta)
                triggers[nt++] = t + rng_exponential(&r, 120);
        }
    double own = rng_exponential(&r, HOUR / .6), until = 0;
    for (size_t i = 0; own < DAYS * DAY || i < nt;) {
        bool trigger = i < nt && triggers[i] < own;
        double t = trigger ? triggers[i++] : own;
        own += trigger ? 0 : rng_exponential(&r, HOUR / .6);
        if (t >= until && heard(t) && t < DAYS * DAY) {
            c->tb[nb++] = t;
            until = t + HOUR;
        }
    }
    c->sa = (struct stream){.t = c->ta, .n = na, .ttl_s = HOUR};
    c->sb = (struct stream){.t = c->tb, .n = nb, .ttl_s = HOUR};
    c->a = (struct subject){.streams = &c->sa, .nstreams = 1, .t = c->ta, .n = na};
    c->b = (struct subject){.streams = &c->sb, .nstreams = 1, .t = c->tb, .n = nb};
    return c;
}

static void tested_with(struct trigger_result *ret, const struct couple *c, size_t threads,
                        const struct surrogate_opts *o)
{
    struct surrogate *s;
    struct err err = {.msg = ""};
    if (surrogate_window(&s, &c->b, &whole, o, &err) < 0)
        fail_msg("%s", err.msg);
    if (trigger(ret, &c->a, &c->b, &whole, s, &(struct trigger_opts){.95, 199, threads, false},
                &err))
        fail_msg("%s", err.msg);
    surrogate_free(s);
}

static void tested(struct trigger_result *ret, const struct couple *c, size_t threads)
{
    tested_with(ret, c, threads, &opts);
}

/* All of a's sessions are near all of the time: b has one level. */
static void tested_at_one_level(struct trigger_result *ret, const struct couple *c)
{
    struct surrogate_opts o = opts;
    o.window_s = 2.0 * DAYS * DAY;
    tested_with(ret, c, 1, &o);
}

/* --- the likelihood from its definition ---------------------------------------------- */

struct sums {
    double lambda[CAP], kernel[CAP], demand[STEPS], mass;
    size_t n, step[CAP];
};

/* Half octaves of 1 + sessions of a within half of t. */
static size_t step_at(const struct couple *c, double t, double half)
{
    size_t near = 0;
    for (size_t j = 0; j < c->sa.n; j++)
        near += fabs(c->ta[j] - t) <= half;
    size_t step = (size_t)floor(2 * log2(1 + (double)near) + 1e-9);
    return step < STEPS ? step : STEPS - 1;
}

/* What is expected while b is at risk, between all times at which that or a step may change. */
static void demand_of(struct sums *s, const struct couple *c, const struct demand *d,
                      double half)
{
    size_t n = 0, last = 0;
    double *t = mem_alloc((2 * c->sa.n + 2 * c->sb.n + 2) * sizeof *t);
    t[n++] = 0;
    t[n++] = DAYS * DAY;
    for (size_t j = 0; j < c->sa.n; j++) {
        t[n++] = fmax(c->ta[j] - half, 0);
        t[n++] = fmin(c->ta[j] + half, DAYS * DAY);
    }
    for (size_t i = 0; i < c->sb.n; i++) {
        t[n++] = c->tb[i];
        t[n++] = fmin(c->tb[i] + HOUR, DAYS * DAY);
    }
    order_sort(t, n);
    for (size_t i = 1; i < n; i++) {
        double middle = (t[i - 1] + t[i]) / 2;
        while (last < c->sb.n && c->tb[last] <= middle)
            last++;
        if (t[i] > t[i - 1] && (!last || middle >= c->tb[last - 1] + HOUR))
            s->demand[step_at(c, middle, half)] += demand_between(d, t[i - 1], t[i]);
    }
    free(t);
}

static double at_risk_mass(const struct couple *c, double aj, double mean)
{
    double mass = 0;
    for (size_t i = 0; i < 2; i++) { /* live, then what b's dead times take away */
        double x = fmax(aj, live[i].from), y = live[i].to;
        if (x < y)
            mass += exp((aj - x) / mean) - exp((aj - y) / mean);
    }
    for (size_t k = 0; k < c->sb.n; k++)
        for (size_t i = 0; i < 2; i++) {
            double x = fmax(fmax(aj, c->tb[k]), live[i].from);
            double y = fmin(c->tb[k] + HOUR, live[i].to);
            if (x < y)
                mass -= exp((aj - x) / mean) - exp((aj - y) / mean);
        }
    return mass;
}

static void sums_of(struct sums *s, const struct couple *c, double mean, double half)
{
    struct demand d;
    demand_fit(&d, &c->b, &whole, NULL);
    *s = (struct sums){.n = c->sb.n};
    demand_of(s, c, &d, half);
    for (size_t i = 0; i < c->sb.n; i++) {
        s->lambda[i] = demand_rate(&d, c->tb[i]);
        s->step[i] = step_at(c, c->tb[i], half);
        for (size_t j = 0; j < c->sa.n; j++)
            if (c->ta[j] <= c->tb[i])
                s->kernel[i] += exp((c->ta[j] - c->tb[i]) / mean) / mean;
    }
    for (size_t j = 0; j < c->sa.n; j++)
        s->mass += at_risk_mass(c, c->ta[j], mean);
    demand_free(&d);
}

/* Of one step at the level g; one session is added to what is seen and to what is expected. */
static double loglik(const struct sums *s, size_t step, double g, double eta)
{
    double l = log(g) - g * (s->demand[step] + 1);
    for (size_t i = 0; i < s->n; i++)
        if (s->step[i] == step)
            l += log(g * s->lambda[i] + eta * s->kernel[i]);
    return l;
}

/* Greatest over each level by golden section. */
static double profile(const struct sums *s, double eta)
{
    double sum = -eta * s->mass, ratio = (sqrt(5) - 1) / 2;
    for (size_t k = 0; k < STEPS; k++) {
        double lo = 1e-3, hi = 5;
        for (int i = 0; i < 45 && s->demand[k] > 0; i++) {
            double x = hi - ratio * (hi - lo), y = lo + ratio * (hi - lo);
            if (loglik(s, k, x, eta) > loglik(s, k, y, eta))
                hi = y;
            else
                lo = x;
        }
        sum += s->demand[k] > 0 ? loglik(s, k, (lo + hi) / 2, eta) : 0;
    }
    return sum;
}

static double golden_eta(const struct sums *s)
{
    double lo = 0, hi = 1, g = (sqrt(5) - 1) / 2;
    for (int i = 0; i < 60; i++) {
        double x = hi - g * (hi - lo), y = lo + g * (hi - lo);
        *(profile(s, x) > profile(s, y) ? &hi : &lo) = profile(s, x) > profile(s, y) ? y : x;
    }
    return (lo + hi) / 2;
}

static void
the_ratio_is_that_of_the_likelihood_maximised_over_the_levels_at_each_eta(void **state)
{
    (void)state;
    struct couple *c = couple_new(.3, 1);
    struct sums *s = mem_alloc(sizeof *s);
    for (int one = 0; one < 2; one++) {
        struct trigger_result r;
        if (one)
            tested_at_one_level(&r, c);
        else
            tested(&r, c, 1);
        for (size_t k = one ? 1 : TWO_MINUTES; k < TRIGGER_KERNELS; k++) {
            sums_of(s, c, r.kernel[k].mean_s, one ? DAYS * DAY : opts.window_s / 2);
            double eta = golden_eta(s), lr = 2 * (profile(s, eta) - profile(s, 0));
            assert_close(r.kernel[k].mass, s->mass, 1e-9);
            assert_near(r.kernel[k].eta, eta, 1e-5);
            assert_near(r.kernel[k].lr, lr, 1e-6);
        }
    }
    free(s);
    free(c);
}

static void planted_triggers_are_found_with_their_kernel_and_number(void **state)
{
    (void)state;
    struct couple *c = couple_new(.3, 2);
    struct trigger_result r, again;
    tested(&r, c, 1);
    assert_int_equal(r.best, TWO_MINUTES);
    assert_true(r.eta_lo < .3 && .3 < r.eta_hi && r.eta_lo > .1 && r.eta_hi < .6);
    assert_close(mc_p(&r.mc), .005, 1e-12);
    tested(&again, c, 3);
    assert_memory_equal(&r, &again, sizeof r);
    free(c);
}

/* The upper end is that of the profile likelihood, here from its definition by bisection; the
 * lower one is farther from eta^, by what choosing the best of four kernels adds. */
static double profile_end(const struct sums *s, double best, double far)
{
    double inside = best, top = profile(s, best);
    for (int i = 0; i < 40; i++) {
        double middle = (inside + far) / 2;
        *(2 * (top - profile(s, middle)) < 3.841458820694124 ? &inside : &far) = middle;
    }
    return inside;
}

static void
the_interval_is_that_of_the_profile_likelihood_but_for_the_choice_of_kernels(void **state)
{
    (void)state;
    struct couple *c = couple_new(.3, 2);
    struct trigger_result r;
    struct sums *s = mem_alloc(sizeof *s);
    tested(&r, c, 1);
    sums_of(s, c, r.kernel[r.best].mean_s, opts.window_s / 2);
    double eta = r.kernel[r.best].eta, lo = profile_end(s, eta, 0);
    assert_true(r.eta_lo <= lo + 1e-5 && r.eta_lo > lo - .5 * (eta - lo));
    assert_near(r.eta_hi, profile_end(s, eta, 1), 1e-5);
    free(s);
    free(c);
}

static void without_triggers_eta_reaches_down_to_nothing(void **state)
{
    (void)state;
    struct couple *c = couple_new(0, 3);
    struct trigger_result r;
    tested(&r, c, 1);
    assert_true(mc_p(&r.mc) > .05);
    assert_true(r.eta_lo == 0 && r.eta_hi < .15);
    free(c);
}

/* 19 replicates give no p below .05, which is above the tail of .025. */
static void with_few_replicates_the_interval_does_not_leave_nothing(void **state)
{
    (void)state;
    struct couple *c = couple_new(.3, 2);
    struct surrogate *s;
    struct trigger_result r;
    struct err err = {.msg = ""};
    assert_int_equal(surrogate_window(&s, &c->b, &whole, &opts, &err), 0);
    assert_int_equal(
        trigger(&r, &c->a, &c->b, &whole, s, &(struct trigger_opts){.95, 19, 1, false}, &err),
        0);
    assert_close(mc_p(&r.mc), .05, 1e-12);
    assert_true(r.eta_lo == 0 && r.eta_hi > .3);
    surrogate_free(s);
    free(c);
}

/* One afternoon in four a and b both ask ten times as much, neither because of the other. At
 * one level that looks like triggers within half an hour; beside b's level near a it does not.
 */
static void an_afternoon_that_both_are_busy_is_no_trigger(void **state)
{
    (void)state;
    struct couple *c = couple_new(0, 4);
    struct rng r;
    double *const at[] = {c->ta, c->tb};
    struct stream *const stream[] = {&c->sa, &c->sb};
    rng_stream(&r, 17, RNG_SIMULATE, 0, 5);
    for (int k = 0; k < 2; k++) {
        size_t n = 0;
        for (double t = 0, until = 0; t < DAYS * DAY;) {
            bool busy = fmod(t, 4.0 * DAY) > 3.5 * DAY && fmod(t, 4.0 * DAY) < 3.75 * DAY;
            t += rng_exponential(&r, 600);
            if (rng_unit(&r) < (busy ? .5 : .05) && t >= until && heard(t)) {
                at[k][n++] = t;
                until = t + HOUR;
            }
        }
        stream[k]->n = n;
    }
    c->a.n = c->sa.n;
    c->b.n = c->sb.n;
    struct trigger_result one, own;
    tested_at_one_level(&one, c);
    tested(&own, c, 1);
    size_t half_an_hour = TRIGGER_KERNELS - 1;
    assert_true(own.kernel[half_an_hour].eta < .6 * one.kernel[half_an_hour].eta);
    assert_true(own.kernel[half_an_hour].lr < .6 * one.kernel[half_an_hour].lr);
    free(c);
}

/* All of b's live time is before a's first session. */
static void b_that_is_never_at_risk_after_a_is_refused(void **state)
{
    (void)state;
    struct couple *c = couple_new(0, 4);
    struct surrogate *s;
    struct trigger_result r;
    struct err err = {.msg = ""};
    assert_int_equal(surrogate_window(&s, &c->b, &whole, &opts, &err), 0);
    for (size_t i = 0; i < c->sa.n; i++)
        c->ta[i] = DAYS * DAY + (double)i;
    assert_fails(
        ERR_DEGENERATE, "at risk after a session of a",
        trigger(&r, &c->a, &c->b, &whole, s, &(struct trigger_opts){.95, 9, 1, false}, &err));
    surrogate_free(s);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_ratio_is_that_of_the_likelihood_maximised_over_the_levels_at_each_eta),
        cmocka_unit_test(planted_triggers_are_found_with_their_kernel_and_number),
        cmocka_unit_test(
            the_interval_is_that_of_the_profile_likelihood_but_for_the_choice_of_kernels),
        cmocka_unit_test(without_triggers_eta_reaches_down_to_nothing),
        cmocka_unit_test(with_few_replicates_the_interval_does_not_leave_nothing),
        cmocka_unit_test(an_afternoon_that_both_are_busy_is_no_trigger),
        cmocka_unit_test(b_that_is_never_at_risk_after_a_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
