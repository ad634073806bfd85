/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about dates in worlds in which the truth is known (tests/eventful.h), and the
 * arithmetic of margins and features against counts by hand. The study is
 * tests/data/study-events.yaml: alpha .05, twelve dates, margins of 6 h, days as written. */
#include "tests/check.h"

#include "models/causes.h"
#include "models/nulls.h"
#include "models/sensitivity.h"
#include "stats/change.h"
#include "stats/clustered.h"
#include "stats/stop.h"
#include "stats/tail.h"
#include "tests/eventful.h"

enum { DAY = 86400 };

static const struct eventful calm = {.per_day = 12, .shape = 2, .diurnal = .5};

/* --- margins --------------------------------------------------------------------------- */

static struct window window_of(double days)
{
    static struct interval live[1];
    live[0] = (struct interval){0, days * DAY};
    return (struct window){.from_ns = 0,
                           .to_ns = (int64_t)(days * DAY) * NS_PER_S,
                           .live = live,
                           .nlive = 1,
                           .length_s = days * DAY,
                           .live_s = days * DAY};
}

/* Days 1 and 3 with two days' margin join; day 9 is cut at the window's end; what is moved
 * over the end comes in at the start. */
static void margins_join_and_are_cut_at_the_window(void **state)
{
    (void)state;
    struct moment at[] = {{1 * DAY * NS_PER_S, 1 * DAY * NS_PER_S},
                          {3 * DAY * NS_PER_S, 4 * DAY * NS_PER_S},
                          {9 * DAY * NS_PER_S, 9 * DAY * NS_PER_S}};
    struct moments m = {.at = at, .n = 3};
    struct window w = window_of(10);
    struct stretches s;
    stretches_around(&s, &m, &w, 2 * DAY, 0, SIZE_MAX);
    assert_int_equal(s.n, 2);
    assert_true(s.v[0].from == 0 && s.v[0].to == 6 * DAY && s.v[1].from == 7 * DAY);
    assert_near(stretches_live(&s, &w) / DAY, 9, 1e-12);
    const double t[] = {0, 5.9 * DAY, 6 * DAY, 6.5 * DAY, 7 * DAY, 9.9 * DAY};
    assert_int_equal(stretches_hits(&s, t, 6), 4);
    stretches_free(&s);
    stretches_around(&s, &m, &w, 0.5 * DAY, 0, 1);
    assert_near(stretches_live(&s, &w) / DAY, 2, 1e-12);
    stretches_free(&s);
    stretches_around(&s, &m, &w, 0.5 * DAY, 1.2 * DAY, SIZE_MAX);
    assert_near(stretches_live(&s, &w) / DAY, 1 + 2 + 1, 1e-9);
    assert_true(stretches_hold(&s, .1 * DAY) && !stretches_hold(&s, .8 * DAY));
    stretches_free(&s);
}

/* methods.md E4, [P] T = 142 d: P(any of F features within w of M dates), margins disjoint:
 * F=1 M=10 w=2: .25; F=4 M=20 w=1: .66; F=4 M=20 w=2: .89; F=8 M=20 w=2: .99, from random
 * dates that overlap; of disjoint ones 1 - (1 - 2wM/142)^F. */
static void a_match_by_chance_has_the_probability_of_the_closed_form(void **state)
{
    (void)state;
    assert_close(exp(binomial_log_upper(1, 1, 40 / 142.)), 40 / 142., 1e-13);
    assert_close(exp(binomial_log_upper(1, 4, 40 / 142.)), 1 - pow(102 / 142., 4), 1e-12);
    /* overlapping: c = 1 - (1 - 4/142)^10 on average, up to the ends of the window */
    assert_near(-expm1(10 * log1p(-4 / 142.)), .25, .005);
    assert_near(-expm1(4 * 20 * log1p(-2 / 142.)), .66, .025);
    assert_near(-expm1(4 * 20 * log1p(-4 / 142.)), .89, .015);
    assert_near(-expm1(8 * 20 * log1p(-4 / 142.)), .99, .005);
}

/* --- the end of a series ----------------------------------------------------------------- */

/* methods.md E6: 19.9 a day, 2 days: 10^-17 by Poisson, .025 at size .5 a day. */
static void a_silence_is_as_rare_as_the_law_of_days_makes_it(void **state)
{
    (void)state;
    const double t[] = {6, 7, 9, 12, 16, 21, 27, 34, 42, 51};
    struct silence quiet = {39.8, 2, .5, t, 10, 59, 1};
    struct stop s = stop_log_p(&quiet);
    assert_close(s.log_poisson, -39.8, 1e-14);
    assert_near(log10_of(s.log_poisson), -17.3, .05);
    assert_close(exp(s.log_negbin), .5 / 20.4, 1e-12); /* (theta/(theta+mu))^(.5 2) */
    /* cuts at 59, at 50, and at 1 to 5, over the border */
    assert_close(exp(s.log_rank), 7 / 59., 1e-12);
    quiet.theta = INFINITY;
    assert_true(stop_log_p(&quiet).log_negbin == -39.8);
    quiet.length = 200;
    assert_close(exp(stop_log_p(&quiet).log_rank), 6 / 200., 1e-12);
    quiet.turn = 300; /* none but the data */
    assert_true(stop_log_p(&quiet).log_rank == 0);
}

/* Days with a moment at noon and days without, cut after every day: at most alpha of the cuts
 * have p <= alpha, and those that reach it are exactly the most silent. */
static void a_ring_of_days_cut_anywhere_has_its_size(void **state)
{
    (void)state;
    const int day[] = {1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1};
    enum { DAYS = sizeof day / sizeof *day };
    for (int alpha = 1; alpha < DAYS; alpha++) {
        int low = 0;
        for (int cut = 0; cut < DAYS; cut++) {
            double t[DAYS];
            size_t n = 0;
            for (int d = 0; d < DAYS; d++)
                if (day[(cut + d) % DAYS])
                    t[n++] = d + .5;
            struct silence s = {1, 1, INFINITY, t, n, DAYS, 1};
            low += exp(stop_log_p(&s).log_rank) <= alpha / (double)DAYS + 1e-12;
        }
        assert_true(low <= alpha);
        assert_true(alpha != 4 || low == 4); /* silences of 3, 2, 2 and 2 empty days */
    }
}

static void a_placebo_ranks_the_cells_after_a_date_among_those_before(void **state)
{
    (void)state;
    const double y[] = {5, 1, 5, 5, 5, 5, 5, 5, 5, 1}, e[] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    const double low[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 2},
                 nine[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    struct placebo p;
    placebo_blocks(&p, y, e, NULL, NULL, 9, 1, -1);
    assert_int_equal(p.blocks, 9);
    assert_int_equal(p.reach, 1); /* the tie counts */
    assert_close(exp(p.log_p), .2, 1e-13);
    placebo_blocks(&p, y, e, NULL, NULL, 9, 1, +1);
    assert_close(exp(p.log_p), 1, 1e-13);
    placebo_blocks(&p, y, e, low, nine, 9, 1, -1); /* controls fell alike */
    assert_true(p.reach >= 1 && p.observed > -1);
    assert_close(p.observed, -.086514933449, 1e-9);
    placebo_blocks(&p, y, e, NULL, NULL, 0, 1, -1);
    assert_true(p.blocks == 0 && p.log_p == 0);
}

/* R 4.2.2: sign * sqrt(deviance(glm(c(y, cy) ~ 1, poisson, offset = log(c(12, 100))))). */
static void the_farther_a_day_falls_below_the_controls_the_more_it_says(void **state)
{
    (void)state;
    const double y[] = {3, 2, 1, 0}, cy[] = {100, 95, 110, 104}, e[] = {12, 12, 12, 12},
                 ce[] = {100, 100, 100, 100};
    const double root[] = {-2.98978757519, -3.31392326270, -4.24139965030, -4.85513815909};
    for (int i = 0; i < 4; i++) {
        double two[] = {12, y[i]}, controls[] = {100, cy[i]};
        struct placebo p;
        placebo_blocks(&p, two, e, controls, ce, 1, 1, -1);
        assert_close(p.observed, root[i], 1e-9);
        assert_true(i == 0 || root[i] < root[i - 1]);
    }
}

static void a_placebo_has_as_many_stretches_side_by_side_as_its_level_asks_for(void **state)
{
    (void)state;
    assert_int_equal(placebo_cells(128, 14, .05), 5);
    assert_int_equal(placebo_cells(128, 3, .05), 3);
    assert_int_equal(placebo_cells(10, 3, .05), 1);
    assert_int_equal(placebo_cells(495, 14, .01), 5); /* 99 of them */
    assert_int_equal(placebo_cells(494, 14, .01), 4);
    assert_int_equal(placebo_cells(128, 14, 1e-9), 1);
}

/* --- a change of unknown date --------------------------------------------------------------
 */

static void a_halved_rate_is_dated_and_a_steady_one_is_not(void **state)
{
    (void)state;
    enum { N = 142 };
    double y[N], e[N];
    struct rng r;
    int held = 0, found = 0;
    const struct change_opts o = {1, 1, 199};
    struct change c;
    for (uint32_t k = 0; k < 10; k++) {
        rng_stream(&r, 3, RNG_VALIDATE, 3, k);
        for (int i = 0; i < N; i++) {
            e[i] = i == 50 ? 0 : 1; /* a day without listening */
            y[i] = e[i] > 0 ? (double)rng_poisson(&r, i < 90 ? 26 : 13) : 0;
        }
        assert_int_equal(change_test(&c, y, e, N, &o), 0);
        assert_close(exp(c.log_p), .005, 1e-12);
        assert_true(c.split.at >= 85 && c.split.at <= 95 && c.lo <= c.hi);
        held += c.lo <= 90 && c.hi >= 90;
        for (int i = 0; i < N; i++)
            y[i] = e[i] > 0 ? (double)rng_negbin(&r, 20, 2) : 0;
        assert_int_equal(change_test(&c, y, e, N, &o), 0);
        found += exp(c.log_p) <= .05;
    }
    assert_true(held >= 8 && found <= 3);
    assert_int_equal(change_test(&c, y, e, 5, &o), -1);
}

/* --- worlds ----------------------------------------------------------------------------------
 */

/* Verdicts of a claim over worlds; ret[verdict]. */
static void verdicts(const struct eventful *w, const char *id, uint32_t worlds, int ret[4])
{
    memset(ret, 0, 4 * sizeof *ret);
    for (uint32_t k = 0; k < worlds; k++) {
        struct rng r;
        struct err err;
        rng_stream(&r, 11, RNG_VALIDATE, 11, k);
        struct counts *c = eventful_draw(w, &r);
        struct study *s = eventful_study(c, &err);
        if (!s)
            fail_msg("%s", err.msg);
        const struct study_claim *claim = eventful_claim(s, id);
        struct claim_result result = {0};
        if (claim_test(&result, s, claim, c, 1, &err) < 0)
            fail_msg("%s", err.msg);
        claim_turn(&result, claim);
        ret[result.verdict]++;
        claim_result_free(&result);
        study_free(s);
        counts_free(c);
    }
}

static void peaks_on_the_dates_stand_and_peaks_elsewhere_are_explained(void **state)
{
    (void)state;
    int v[4];
    struct eventful w = calm;
    verdicts(&w, "peaks", 4, v);
    assert_int_equal(v[EXPLAINED], 4);
    w.on_dates = 6;
    verdicts(&w, "peaks", 4, v);
    assert_true(v[STANDS] >= 3 && v[EXPLAINED] == 0);
}

/* With k of n peaks on dates, no explanation may say that the effect is smaller than the
 * binomial leaves room for; what rotations do about an effect of 0 is narrower. */
static void no_bound_of_an_alignment_is_below_the_binomial_one(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 3; k++) {
        struct rng r;
        struct err err;
        rng_stream(&r, 11, RNG_VALIDATE, 11, k);
        struct counts *c = eventful_draw(&calm, &r);
        struct study *s = eventful_study(c, &err);
        assert_non_null(s);
        struct claim_result result = {0};
        assert_int_equal(claim_test(&result, s, eventful_claim(s, "peaks"), c, 1, &err), 0);
        double n = (double)result.trial.features.n, hits = result.nulls[0].result.observed;
        double share = hits / n, c0 = (share - result.effect.value) / (1 - result.effect.value);
        double least = (clustered_share_bound(hits, n, 1, .95, true) - c0) / (1 - c0);
        for (size_t i = 0; i < result.nnulls; i++)
            if (!isnan(result.nulls[i].result.u))
                assert_true(result.nulls[i].result.u >= least - 1e-9);
        claim_result_free(&result);
        study_free(s);
        counts_free(c);
    }
}

/* What made somebody write these dates down is not in the look-ups. */
static void dates_that_were_not_registered_leave_the_best_fit_undetermined(void **state)
{
    (void)state;
    int v[4];
    struct eventful w = calm;
    w.on_dates = 6;
    verdicts(&w, "picked", 3, v);
    assert_int_equal(v[UNDETERMINED], 3);
}

static void the_opposite_of_an_alignment_stands_where_it_is_explained(void **state)
{
    (void)state;
    int forward[4], opposite[4];
    struct eventful w = calm;
    for (int k = 0; k < 2; k++) {
        w.on_dates = k ? 6 : 0;
        verdicts(&w, "peaks", 2, forward);
        verdicts(&w, "peaks-not", 2, opposite);
        assert_int_equal(forward[STANDS], opposite[EXPLAINED]);
        assert_int_equal(forward[EXPLAINED], opposite[STANDS]);
    }
}

static void a_fall_of_one_name_stands_and_a_fall_of_all_does_not(void **state)
{
    (void)state;
    int v[4], opposite[4];
    struct eventful w = calm;
    w.after = .03;
    verdicts(&w, "fell", 3, v);
    verdicts(&w, "fell-not", 3, opposite);
    assert_true(v[STANDS] == 3 && opposite[EXPLAINED] == 3);
    w.after = 0;
    verdicts(&w, "fell", 3, v);
    verdicts(&w, "fell-not", 3, opposite);
    assert_true(v[EXPLAINED] == 3 && opposite[STANDS] == 3);
    w.all_after = .1;
    verdicts(&w, "fell", 4, v);
    assert_true(v[STANDS] <= 1);
    w.all_after = 0;
    w.after = 4;
    verdicts(&w, "rose", 3, v);
    assert_true(v[STANDS] >= 2);
}

/* --- ends that were inferred
 * ------------------------------------------------------------------ */

static enum why why_of(const struct counts *c, const char *claim, const char *null)
{
    struct err err;
    struct study *s = eventful_study(c, &err);
    if (!s)
        fail_msg("%s", err.msg);
    struct claim_result r = {0};
    assert_int_equal(claim_test(&r, s, eventful_claim(s, claim), c, 1, &err), 0);
    enum why why = WHY_CODES;
    for (size_t i = 0; i < r.nnulls; i++)
        if (strcmp(r.nulls[i].row->null, null) == 0)
            why = r.nulls[i].result.why;
    claim_result_free(&r);
    study_free(s);
    return why;
}

/* Listening time that was read off look-ups ends where they end: only look-ups of others
 * after the date show that there was anybody to hear. */
static void an_inferred_end_tells_nothing_unless_others_are_heard_on_both_sides(void **state)
{
    (void)state;
    struct rng r;
    struct eventful w = calm;
    rng_stream(&r, 12, RNG_VALIDATE, 12, 0);
    struct counts *c = eventful_draw(&w, &r);
    free(c->live[0].why);
    c->live[0].why = mem_copy("inferred", 8);
    assert_int_equal(why_of(c, "fell", "scatter"), WHY_NONE);
    assert_int_equal(why_of(c, "fell", "removal"), WHY_NEEDS_DATA); /* no response codes */
    counts_free(c);
    w.all_after = 1e-9;
    c = eventful_draw(&w, &r);
    free(c->live[0].why);
    c->live[0].why = mem_copy("inferred", 8);
    assert_int_equal(why_of(c, "fell", "scatter"), WHY_LIVE_INFERRED);
    assert_int_equal(why_of(c, "fell", "dates"), WHY_LIVE_INFERRED);
    counts_free(c);
}

/* --- answers
 * ------------------------------------------------------------------------------------ */

static const struct tested_null *removal_of(const struct claim_result *r)
{
    for (size_t i = 0; i < r->nnulls; i++)
        if (strcmp(r->nulls[i].row->null, "removal") == 0)
            return &r->nulls[i];
    fail_msg("no null 'removal'");
    return NULL;
}

static void name_errors_tell_a_name_that_is_gone_from_clients_that_stopped(void **state)
{
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        struct eventful w = calm;
        struct rng r;
        struct err err;
        w.codes = true;
        w.gone = gone;
        w.after = .5;
        rng_stream(&r, 13, RNG_VALIDATE, 13, 0);
        struct counts *c = eventful_draw(&w, &r);
        struct study *s = eventful_study(c, &err);
        struct claim_result result = {0};
        assert_non_null(s);
        assert_int_equal(claim_test(&result, s, eventful_claim(s, "fell"), c, 1, &err), 0);
        const struct tested_null *n = removal_of(&result);
        assert_int_equal(n->verdict, gone ? NULL_NOT_REJECTED : NULL_REJECTED);
        assert_non_null(
            strstr(n->result.detail, gone ? "the answers stopped" : "still answered"));
        claim_result_free(&result);
        study_free(s);
        counts_free(c);
    }
}

/* Codes of five look-ups say nothing of the others: nobody knows what those were told. */
static void look_ups_without_a_code_do_not_tell_that_the_name_was_there(void **state)
{
    (void)state;
    struct eventful w = calm;
    struct rng r;
    struct err err;
    w.codes = true;
    rng_stream(&r, 11, RNG_VALIDATE, 12, 0);
    struct counts *c = eventful_draw(&w, &r);
    struct study *s = eventful_study(c, &err);
    assert_non_null(s);
    uint32_t target = counts_name(c, span_of("target.example"));
    for (size_t i = 0; i < c->npairs; i++) {
        struct counts_pair *p = &c->pairs[i];
        unsigned char *out = arena_alloc(&c->bytes, p->series_n + 30);
        memcpy(out, p->bytes, p->series_n);
        size_t n = p->series_n;
        n += varint_put(out + n, MARK_RCODE);
        n += varint_put(out + n, 0);
        n += varint_put(out + n, 5);
        if (p->name == target) {
            p->marks_n = (uint32_t)(n - p->series_n);
            p->bytes = (const char *)out;
        }
    }
    struct claim_result result = {0};
    assert_int_equal(claim_test(&result, s, eventful_claim(s, "fell"), c, 1, &err), 0);
    const struct tested_null *n = &result.nulls[4];
    assert_string_equal(n->row->null, "removal");
    assert_close(n->result.log_p, 0, 0);
    assert_non_null(strstr(n->result.detail, "too few codes"));
    claim_result_free(&result);
    study_free(s);
    counts_free(c);
}

/* Half an hour about noon, when nobody listened: the middle of every day lies in it, so that
 * each peak is a hit, of which the closed form would say p = 0. */
static void margins_that_no_listening_time_reaches_prove_nothing(void **state)
{
    (void)state;
    struct rng r;
    struct err err;
    rng_stream(&r, 11, RNG_VALIDATE, 13, 0);
    struct counts *c = eventful_draw(&calm, &r);
    struct study *s = eventful_study(c, &err);
    assert_non_null(s);
    struct moment noon[EVENTFUL_DAYS];
    c->live = mem_resize(c->live, EVENTFUL_DAYS, sizeof *c->live);
    for (c->nlive = 0; c->nlive < EVENTFUL_DAYS; c->nlive++) {
        int64_t day = (eventful_start + (int64_t)c->nlive * 86400) * NS_PER_S,
                h = 3600 * NS_PER_S;
        struct counts_live like = c->live[0];
        if (c->nlive)
            like.why = mem_copy(like.why, strlen(like.why));
        like.from_ns = day + (c->nlive ? 13 * h : 0);
        like.to_ns = day + (c->nlive ? 24 * h : 11 * h);
        c->live[c->nlive] = like;
        noon[c->nlive] = (struct moment){day + 12 * h, day + 12 * h};
    }
    struct moments dates = {.at = noon, .n = EVENTFUL_DAYS};
    struct study_claim claim = *eventful_claim(s, "peaks");
    struct claim_result result = {0};
    claim.events = &dates;
    claim.delta_s = 1800;
    assert_int_equal(claim_test(&result, s, &claim, c, 1, &err), 0);
    assert_true(result.nulls[0].result.observed >= 3);
    assert_int_equal(result.nulls[0].verdict, NULL_UNTESTABLE);
    for (size_t i = 0; i < result.nnulls; i++)
        assert_true(isnan(result.nulls[i].result.log_p) || result.nulls[i].result.log_p > -50);
    assert_int_not_equal(result.verdict, STANDS);
    claim_result_free(&result);
    study_free(s);
    counts_free(c);
}

/* Of one part R 4.2.2, poisson.test(c(5, 30), c(10, 28), conf.level = .9); of two the exact sum
 * of two binomials (SciPy 1.10: numpy.convolve, brentq), to the 1 % by which the binomial of
 * its mean and variance is off. A part that is on one side alone changes nothing. */
static void bounds_of_a_common_ratio_are_those_of_the_sum_of_binomials(void **state)
{
    (void)state;
    static const struct {
        struct clustered_stratum part[2];
        double ratio, lo, hi, off;
    } want[] = {
        {{{{30, 5}, {28, 10}}}, 7. / 15, 0.172471956464, 1.073741703539, 1e-9},
        {{{{40, 8}, {20, 10}}, {{300, 0}, {50, 0}}}, .4, 0.187535438769, 0.780406552977, 1e-9},
        {{{{40, 8}, {20, 10}}, {{25, 9}, {50, 14}}},
         0.657617728531856,
         0.391813909336,
         1.04075085556,
         .01},
        {{{{12, 0}, {20, 10}}, {{3, 0}, {50, 14}}}, 0, 0, 0.486475627835, .01},
        {{{{4, 9}, {30, 14}}, {{60, 2}, {40, 2}}},
         1.94706498951782,
         0.908212548714,
         3.31838494051,
         .01}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const struct clustered_stratum *s = want[i].part;
        assert_near(clustered_common_ratio(s, 2), want[i].ratio, 1e-12);
        assert_near(clustered_common_bound(s, 2, 1, .95, false), want[i].lo,
                    want[i].off * want[i].lo);
        assert_near(clustered_common_bound(s, 2, 1, .95, true), want[i].hi,
                    want[i].off * want[i].hi);
        assert_true(clustered_common_bound(s, 2, 2, .95, true) > want[i].hi);
    }
    static const struct clustered_stratum apart[] = {{{30, 0}, {28, 0}}, {{0, 5}, {0, 10}}};
    assert_true(isnan(clustered_common_ratio(apart, 2)));
    assert_true(isinf(clustered_common_bound(apart, 2, 1, .95, true)));
    assert_true(clustered_common_bound(apart, 2, 1, .95, false) == 0);
}

/* Python 3.11: t / c * exp(-+ math.hypot(log(l / t), log(u / c))). */
static void limits_of_a_quotient_add_their_log_distances_in_squares(void **state)
{
    (void)state;
    assert_close(clustered_quotient_bound(.8344, .31, 1.07, 1.45), 0.27680803866757375, 1e-12);
    assert_close(clustered_quotient_bound(2.5, 4.1, .9, .7), 4.8381072848586415, 1e-12);
    assert_close(clustered_quotient_bound(2.5, 4.1, .9, .9), 4.1 / .9, 1e-12); /* known */
    assert_true(clustered_quotient_bound(2, 0, 1, 2) == 0); /* a limit that is none */
    assert_true(isinf(clustered_quotient_bound(2, 3, 1, 0)));
}

/* A claim is contradicted by its interval, at alpha and not at .05 whatever alpha is. */
static void intervals_are_of_the_level_of_the_study(void **state)
{
    (void)state;
    static const char *const claims[] = {"sessions", "fell"};
    struct rng r;
    struct err err;
    rng_stream(&r, 11, RNG_VALIDATE, 15, 0);
    struct counts *c = eventful_draw(&calm, &r);
    struct study *s = eventful_study(c, &err);
    assert_non_null(s);
    for (size_t i = 0; i < 2; i++) {
        struct effect e[2];
        for (int strict = 0; strict < 2; strict++) {
            struct trial t;
            s->alpha = strict ? .01 : .05;
            assert_int_equal(trial_make(&t, s, eventful_claim(s, claims[i]), c, 1, &err), 0);
            t.claim->kind->estimate(&t, &e[strict]);
            trial_free(&t);
            assert_close(e[strict].level, 1 - s->alpha, 1e-15);
        }
        assert_true(e[1].value == e[0].value);
        assert_true(e[1].lo < e[0].lo && e[1].hi > e[0].hi);
    }
    study_free(s);
    counts_free(c);
}

/* Cells are borders of days, the date is one: k days away there are 2k + 1 of 142 as near. */
static void a_change_near_the_date_counts_those_as_near(void **state)
{
    (void)state;
    int checked = 0;
    for (uint32_t k = 0; k < 4; k++) {
        struct rng r;
        struct err err;
        struct eventful w = calm;
        w.after = .3;
        rng_stream(&r, 11, RNG_VALIDATE, 14, k);
        struct counts *c = eventful_draw(&w, &r);
        struct study *s = eventful_study(c, &err);
        assert_non_null(s);
        struct claim_result result = {0};
        assert_int_equal(claim_test(&result, s, eventful_claim(s, "fell"), c, 1, &err), 0);
        const struct tested_null *n = &result.nulls[3];
        assert_string_equal(n->row->null, "dates");
        double days = n->result.observed / 24;
        if (days < 28) {
            assert_close(exp(n->result.log_p), (2 * floor(days + 1e-9) + 1) / 142, 1e-9);
            checked += days >= 1;
        }
        claim_result_free(&result);
        study_free(s);
        counts_free(c);
    }
    assert_true(checked > 0);
}

/* Day 136 of 142. Nine tenths of the time at risk are over after 128 days (at a constant rate
 * after 127), so that 8.5 days before the date, and the 6 that are left behind it, are as
 * near. */
static void a_date_at_the_end_cannot_be_the_best_one(void **state)
{
    (void)state;
    struct rng r;
    struct err err;
    struct eventful w = calm;
    rng_stream(&r, 11, RNG_VALIDATE, 14, 0);
    struct counts *c = eventful_draw(&w, &r);
    struct study *s = eventful_study(c, &err);
    assert_non_null(s);
    struct study_claim *fell = &s->claims[eventful_claim(s, "fell") - s->claims];
    fell->date_ns = (eventful_start + 136 * INT64_C(86400)) * NS_PER_S;
    struct claim_result result = {0};
    assert_int_equal(claim_test(&result, s, fell, c, 1, &err), 0);
    const struct null_result *n = &result.nulls[3].result;
    assert_string_equal(result.nulls[3].row->null, "dates");
    assert_int_equal(n->why, WHY_RESOLUTION);
    assert_close(n->floor, 14.5 / 142, 1e-9);
    assert_non_null(strstr(n->detail, "between its first and last tenth"));
    claim_result_free(&result);
    study_free(s);
    counts_free(c);
}

/* --- causes and order
 * ------------------------------------------------------------------------ */

/* The change is in (day 112, day 114) by hand: cells of a day, interval of one border, 113. */
static void a_cause_after_the_change_is_told_and_one_of_its_day_is_not(void **state)
{
    (void)state;
    enum { CELLS = 142 };
    double e[CELLS];
    for (int i = 0; i < CELLS; i++)
        e[i] = i != 111; /* nothing was heard on day 111 */
    const int64_t day = (int64_t)DAY * NS_PER_S, hour = 3600 * (int64_t)NS_PER_S;
    struct daycells c = {.grid = {.t0 = 0, .width = DAY, .n = CELLS}, .e = e};
    struct change found = {.split = {.at = 113}, .lo = 113, .hi = 113, .log_p = -9};
    struct moment at[] = {{110 * day, 111 * day},
                          {112 * day, 112 * day},
                          {112 * day + hour, 112 * day + hour},
                          {113 * day, 114 * day},
                          {114 * day - hour, 114 * day - hour},
                          {114 * day, 115 * day}};
    static const enum cause_order orders[] = {CAUSE_BEFORE,  CAUSE_BEFORE,  CAUSE_UNKNOWN,
                                              CAUSE_UNKNOWN, CAUSE_UNKNOWN, CAUSE_AFTER};
    struct moments others = {.at = at, .n = 6};
    struct causes *r = causes_make(112 * day, &others, &c, 0, &found);
    assert_int_equal(r->n, 7);
    assert_true(r->v[0].claimed &&
                r->v[0].order == CAUSE_UNKNOWN); /* midnight: the whole day */
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(r->v[i + 1].order, orders[i]);
    assert_near(r->v[1].delay_s / DAY, 3, 1e-12);
    assert_near(r->v[1].delay_lo_s / DAY, 1, 1e-12);
    assert_near(r->v[6].delay_hi_s, 0, 1e-12);
    causes_free(r);
    found.lo = 112; /* the interval begins behind the day that was not heard */
    r = causes_make(112 * day + hour, NULL, &c, 0, &found);
    assert_true(r->n == 1 && r->change.from_ns == 110 * day && r->change.to_ns == 114 * day);
    assert_int_equal(r->v[0].order, CAUSE_UNKNOWN);
    causes_free(r);
}

/* --- silences as a setting -----------------------------------------------------------------
 */

/* Beside controls, who were as silent, a silence says nothing: the claim `fell` without them.
 */
static struct study *without_controls(const struct counts *c, size_t *ret_claim)
{
    struct err err;
    struct study *s = eventful_study(c, &err);
    assert_non_null(s);
    *ret_claim = (size_t)(eventful_claim(s, "fell") - s->claims);
    s->claims[*ret_claim].controls = SIZE_MAX;
    return s;
}

/* A setting of that claim; false: it is not among those that were tried. */
static bool tried(const struct counts *c, const char *set, struct variant *ret)
{
    size_t claim, at = 0;
    struct study *s = without_controls(c, &claim);
    struct sensitivity_live live;
    struct variant v[VARIANTS];
    sensitivity_live_make(&live, c);
    size_t n = sensitivity_run(s, claim, c, &live, 1, v);
    while (at < n && strcmp(v[at].set, set) != 0)
        at++;
    if (at < n)
        *ret = v[at];
    sensitivity_live_free(&live);
    study_free(s);
    return at < n;
}

static double effect_of(const struct counts *c)
{
    size_t claim;
    struct study *s = without_controls(c, &claim);
    struct claim_result r = {0};
    assert_int_equal(claim_test(&r, s, &s->claims[claim], c, 1, NULL), 0);
    double value = r.effect.value;
    claim_result_free(&r);
    study_free(s);
    return value;
}

static void relive(struct counts *c, size_t n, const struct counts_live *live)
{
    counts_live_free(c->live, c->nlive);
    c->live = counts_live_copy(live, n);
    c->nlive = n;
}

/* Ten silent days of the 113 before the date: as time at risk they are whole days, where of the
 * others each look-up took an hour (its time to live), and raise the ratio by as much. What a
 * setting says is what the claim says where live time is so to begin with, and no setting is
 * tried that changes nothing. */
static void a_silence_is_time_at_risk_in_one_setting_and_none_in_the_other(void **state)
{
    (void)state;
    struct rng r;
    struct eventful w = {.per_day = 12, .diurnal = .5, .silent_from = 40, .silent_to = 50};
    rng_stream(&r, 13, RNG_VALIDATE, 15, 0);
    struct counts *c = eventful_draw(&w, &r);
    struct variant in, out;
    int64_t day = (int64_t)DAY * NS_PER_S, start = c->live[0].from_ns, end = c->live[0].to_ns;
    assert_true(tried(c, "silences=out", &out) && !tried(c, "silences=in", &in));
    double whole = effect_of(c);
    char why[] = "given";
    const struct counts_live halves[] = {{start, start + 40 * day, why},
                                         {start + 50 * day, end, why}};
    relive(c, 2, halves);
    assert_true(tried(c, "silences=in", &in) && !tried(c, "silences=out", &out));
    double cut = effect_of(c);
    assert_near(in.effect.value, whole, 1e-12);
    assert_near(out.effect.value, cut,
                .01); /* the silence begins at a look-up, not at midnight */
    uint64_t asked = 0;
    uint32_t target = counts_name(c, span_of("target.example"));
    for (size_t i = 0; i < c->npairs; i++)
        asked += c->pairs[i].name == target ? c->pairs[i].total : 0;
    double others = 103 * (24 - (double)asked / (EVENTFUL_DAYS - 10));
    assert_near(log(whole / cut), log1p(240 / others), .01);
    counts_free(c);
    w.silent_to = 40;
    c = eventful_draw(&w, &r);
    assert_false(tried(c, "silences=in", &in) || tried(c, "silences=out", &out));
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margins_join_and_are_cut_at_the_window),
        cmocka_unit_test(a_match_by_chance_has_the_probability_of_the_closed_form),
        cmocka_unit_test(a_silence_is_as_rare_as_the_law_of_days_makes_it),
        cmocka_unit_test(a_ring_of_days_cut_anywhere_has_its_size),
        cmocka_unit_test(a_placebo_ranks_the_cells_after_a_date_among_those_before),
        cmocka_unit_test(the_farther_a_day_falls_below_the_controls_the_more_it_says),
        cmocka_unit_test(a_placebo_has_as_many_stretches_side_by_side_as_its_level_asks_for),
        cmocka_unit_test(a_halved_rate_is_dated_and_a_steady_one_is_not),
        cmocka_unit_test(peaks_on_the_dates_stand_and_peaks_elsewhere_are_explained),
        cmocka_unit_test(no_bound_of_an_alignment_is_below_the_binomial_one),
        cmocka_unit_test(dates_that_were_not_registered_leave_the_best_fit_undetermined),
        cmocka_unit_test(the_opposite_of_an_alignment_stands_where_it_is_explained),
        cmocka_unit_test(a_fall_of_one_name_stands_and_a_fall_of_all_does_not),
        cmocka_unit_test(name_errors_tell_a_name_that_is_gone_from_clients_that_stopped),
        cmocka_unit_test(an_inferred_end_tells_nothing_unless_others_are_heard_on_both_sides),
        cmocka_unit_test(look_ups_without_a_code_do_not_tell_that_the_name_was_there),
        cmocka_unit_test(margins_that_no_listening_time_reaches_prove_nothing),
        cmocka_unit_test(bounds_of_a_common_ratio_are_those_of_the_sum_of_binomials),
        cmocka_unit_test(limits_of_a_quotient_add_their_log_distances_in_squares),
        cmocka_unit_test(intervals_are_of_the_level_of_the_study),
        cmocka_unit_test(a_change_near_the_date_counts_those_as_near),
        cmocka_unit_test(a_date_at_the_end_cannot_be_the_best_one),
        cmocka_unit_test(a_cause_after_the_change_is_told_and_one_of_its_day_is_not),
        cmocka_unit_test(a_silence_is_time_at_risk_in_one_setting_and_none_in_the_other),
    };
    return cmocka_run_group_tests_name("dates", tests, NULL, NULL);
}
