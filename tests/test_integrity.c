/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens: each statistic and p against a number from elsewhere. SciPy is 1.10.1; fractions
 * by enumeration are exact. */
#include "tests/check.h"

#include "models/integrity.h"
#include "models/putin.h"
#include "models/repeats.h"
#include "models/shortgaps.h"
#include "stats/order.h"
#include "tests/made.h"

static struct integrity screened(struct counts *c, double ttl_s)
{
    struct integrity in;
    double *ttl = mem_zero(c->nnames + 1, sizeof *ttl);
    for (uint32_t i = 0; i < c->nnames; i++)
        ttl[i] = ttl_s;
    integrity_run(&in, c,
                  &(struct integrity_opts){
                      .alpha = .01, .session_s = 30, .ttl_s = ttl, .seed = 1, .threads = 1});
    free(ttl);
    return in;
}

/* --- runs ----------------------------------------------------------------------------- */

/* Gaps all different but for a copied run of five: 40..44 again from 90. */
static void a_copied_run_is_found_where_it_stands(void **state)
{
    (void)state;
    uint64_t gap[200];
    struct repeats r;
    for (size_t i = 0; i < 200; i++)
        gap[i] = 1000 + i;
    repeats_find(&r, gap, 200, 1e-4);
    assert_true(r.k >= REPEATS_K_MIN && r.found == 0);
    memcpy(gap + 90, gap + 40, 5 * sizeof *gap);
    repeats_find(&r, gap, 200, 1e-4);
    assert_int_equal(r.found, 1);
    assert_int_equal(r.from, 40);
    assert_int_equal(r.to, 90);
    assert_int_equal(r.copied, 5);
}

static void a_run_shorter_than_k_is_not_found(void **state)
{
    (void)state;
    uint64_t gap[200];
    struct repeats r;
    for (size_t i = 0; i < 200; i++)
        gap[i] = 1000 + i;
    memcpy(gap + 90, gap + 40, 3 * sizeof *gap);
    repeats_find(&r, gap, 200, 1e-4);
    assert_int_equal(r.found, 0);
}

static void a_regular_sequence_is_not_testable(void **state)
{
    (void)state;
    uint64_t gap[200];
    struct repeats r;
    for (size_t i = 0; i < 200; i++)
        gap[i] = 3600 + i % 2;
    repeats_find(&r, gap, 200, 1e-4);
    assert_int_equal(r.k, 0);
}

/* Independent gaps on 1..200: equal runs are Poisson with C(m,2) q^k (1 - q), q = 1/200;
 * over 60 sequences of 2,000 with k forced by the target. */
static void equal_runs_come_as_often_as_expected(void **state)
{
    (void)state;
    uint64_t gap[2000];
    double found = 0, expected = 0, exact = 0;
    for (uint32_t s = 0; s < 60; s++) {
        struct rng g;
        struct repeats r;
        rng_stream(&g, 7, RNG_VALIDATE, 1, s);
        for (size_t i = 0; i < 2000; i++)
            gap[i] = 1 + rng_below(&g, 200);
        repeats_find(&r, gap, 2000, 1);
        assert_int_equal(r.k, 4);
        found += (double)r.found;
        expected += r.expected;
        exact += 2000.0 * 1999 / 2 * pow(200, -4) * (199.0 / 200);
    }
    assert_near(expected / exact, 1, .25);
    assert_true(found <= exact + 4 * sqrt(exact));
}

static void
twelve_sessions_at_one_distance_stand_out_and_those_of_a_timer_are_explained(void **state)
{
    (void)state;
    double t[340];
    struct rng g;
    struct offsets o;
    rng_stream(&g, 11, RNG_VALIDATE, 2, 0);
    for (size_t i = 0; i < 300; i++)
        t[i] = floor(rng_unit(&g) * 1e7);
    for (size_t i = 0; i < 12; i++)
        t[300 + i] = t[i] + 1234567;
    order_sort(t, 312);
    assert_true(offsets_find(&o, t, 312, 1));
    assert_true(o.log_p < log(1e-6) && !o.periodic);
    assert_near(o.offset_s, 1234567, 2);
    for (size_t i = 0; i < 40; i++)
        t[300 + i] = 5000 + 86400.0 * (double)i;
    order_sort(t, 340);
    assert_true(offsets_find(&o, t, 340, 1));
    assert_true(o.log_p < log(1e-6) && o.periodic);
}

/* --- short gaps ----------------------------------------------------------------------- */

/* Each of k caches is a renewal process by itself: lambda/(1 + lambda ttl/k) in all. */
static void k_caches_let_through_what_renewal_theory_says(void **state)
{
    (void)state;
    static double t[100000];
    struct rng g;
    for (int k = 1; k <= 4; k *= 2) {
        rng_stream(&g, 3, RNG_VALIDATE, 3, (uint32_t)k);
        size_t n = shortgaps_draw(&g, k, 2.0 / 3600, 3600, 3600.0 * 10000, t, 100000);
        double mean = 10000 * 2.0 / (1 + 2.0 / k);
        assert_near((double)n, mean, 4 * sqrt(mean));
    }
}

static void two_caches_explain_their_short_gaps_and_not_a_few_among_many(void **state)
{
    (void)state;
    static double t[5000];
    struct rng g;
    struct shortgaps s;
    rng_stream(&g, 5, RNG_VALIDATE, 4, 0);
    size_t n = shortgaps_draw(&g, 2, 1.0 / 3600, 3600, 3.6e6, t, 5000);
    shortgaps_test(&s, t, n, 3.6e6, 3600, 0, 999, &g);
    assert_int_equal(s.k, 2);
    assert_true(s.log_p > log(.01));
    n = shortgaps_draw(&g, 1, 1.0 / 3600, 3600, 3.6e6, t, 5000);
    for (size_t i = 0; i < 6; i++) /* rows put in 10 minutes after others */
        t[n + i] = t[20 + 30 * i] + 600;
    order_sort(t, n + 6);
    shortgaps_test(&s, t, n + 6, 3.6e6, 3600, 0, 9999, &g);
    assert_true(s.places == 6 && s.k >= 2);
    assert_true(s.log_p < log(.001));
}

/* Drawn by a rate and then by Poisson's law, places have the tail that p reads off the
 * incomplete beta function; two pairs of one rate are large together (SciPy 1.10.1: quad of
 * gamma.pdf times poisson.sf(2, .) squared). */
static void restarts_of_a_drawn_rate_have_the_law_of_p(void **state)
{
    (void)state;
    enum { N = 40000 };
    const struct shortgaps_others some = {.places = 4,
                                          .expected = 3,
                                          .own = 2,
                                          .dispersion = 1},
                                  none = {.expected = 3, .own = 2, .dispersion = 1};
    const struct shortgaps_others *const o[] = {&some, &none};
    static const double two[] = {.398057800, .00766782407};
    struct rng r;
    rng_stream(&r, 5, RNG_VALIDATE, 9, 0);
    for (int k = 0; k < 2; k++) {
        double reach = 0, both = 0, p = exp(shortgaps_log_restarts(o[k], 3));
        for (int i = 0; i < N; i++) {
            double rate = shortgaps_draw_rate(o[k], &r);
            bool one = shortgaps_draw_restarts(o[k], rate, &r) >= 3;
            reach += one;
            both += one && shortgaps_draw_restarts(o[k], rate, &r) >= 3;
        }
        assert_near(reach / N, p, 4 * sqrt(p / N));
        assert_near(both / N, two[k], 4 * sqrt(two[k] / N));
    }
}

/* A minute's life, sessions of half a minute: misses of both caches are often one session, and
 * short gaps fewer than misses have them. */
static void two_caches_of_a_short_life_explain_the_short_gaps_of_sessions(void **state)
{
    (void)state;
    static double t[5000];
    struct rng g;
    struct shortgaps s, apart;
    rng_stream(&g, 5, RNG_VALIDATE, 4, 1);
    size_t n = shortgaps_draw(&g, 2, .15 / 60, 60, 60 * 10000, t, 5000);
    n = sessions_collapse(t, NULL, n, 30, t, NULL);
    shortgaps_test(&s, t, n, 60 * 10000, 60, 30, 999, &g);
    shortgaps_test(&apart, t, n, 60 * 10000, 60, 0, 999, &g);
    assert_int_equal(s.k, 2);
    assert_true(s.log_p > log(.05) && apart.log_p < log(.01));
}

/* scipy.stats.binom.sf(2, 5, .025), beta.cdf(.2, 4/1.5, 3/1.5 + 1) and, where the others have
 * none, nbinom.sf(2, 1, 1 - .3/2.5) = (.3/2.5)^3: a geometric law. SciPy 1.10.1. */
static void places_of_a_pair_are_set_against_restarts_that_the_others_show(void **state)
{
    (void)state;
    struct shortgaps_pair v[40];
    for (size_t i = 0; i < 40; i++)
        v[i] = (struct shortgaps_pair){i == 1 || i == 2, i == 1 || i == 2, 7, 5};
    v[0].places = v[0].shorter = 3;
    struct shortgaps_others o = shortgaps_others(v, 40, 0);
    assert_true(o.one_cache && o.tell);
    assert_close(o.places, 2, 1e-12);
    assert_close(o.dispersion, 1, 1e-12);
    assert_close(exp(shortgaps_log_restarts(&o, 3)), 0.00015044921875000003, 1e-9);
    o = (struct shortgaps_others){.places = 3, .own = 1, .expected = 4, .dispersion = 1.5};
    assert_close(exp(shortgaps_log_restarts(&o, 4)), 0.08566599498195437, 1e-9);
    o = (struct shortgaps_others){.own = .3, .expected = 1.2, .dispersion = 1};
    assert_close(exp(shortgaps_log_restarts(&o, 3)), pow(.3 / 2.5, 3), 1e-9);
    v[3].shorter = 30; /* 32 of the 195 that two caches would make */
    o = shortgaps_others(v, 40, 0);
    assert_true(!o.one_cache && o.tell);
}

/* Two places in one of two equal pairs: mean 1, (2 - 1)^2 + 1 = 2 over one degree of freedom.
 */
static void places_heaped_in_one_other_pair_are_dispersion(void **state)
{
    (void)state;
    struct shortgaps_pair v[3] = {{1, 1, 4, 100}, {2, 2, 4, 100}, {0, 0, 4, 100}};
    assert_close(shortgaps_others(v, 3, 0).dispersion, 2, 1e-12);
    v[1].places = v[2].places = 1;
    assert_close(shortgaps_others(v, 3, 0).dispersion, 1, 1e-12);
}

/* x = H / (1 - H) = 1/3: of 100 sessions, 100 (1 - (1 - e^-x)/x), a 720th of it at an hour in
 * 30 days, and 100 (x/2) / (1 + x/2). */
static void a_restart_shows_in_a_pair_by_its_demand_within_a_life(void **state)
{
    (void)state;
    struct shortgaps s = {.sessions = 100, .hidden = .25, .places = 2, .shorter = 3};
    struct shortgaps_pair p = shortgaps_pair(&s, 3600);
    assert_close(p.expected, 14.959393172136782 / 720, 1e-9);
    assert_close(p.of_two, 14.285714285714283, 1e-9);
    s.hidden = NAN;
    assert_true(shortgaps_pair(&s, 3600).expected == 0);
}

/* Rows that keep the life stay, but for those that are gone; what is put in lies among them. */
static void rows_put_in_stand_in_order_among_those_that_keep_the_life(void **state)
{
    (void)state;
    double t[] = {0, 100, 4000, 8000, 8100}, out[5 + 50];
    struct stream s = {.t = t, .n = 5, .ttl_s = 3600};
    struct interval live = {0, 2000};
    struct window w = {.length_s = 10000, .live_s = 2000, .live = &live, .nlive = 1};
    struct rng r;
    rng_stream(&r, 3, RNG_VALIDATE, 8, 0);
    struct putin in = {&s, &w, 3598, 0, 0};
    assert_int_equal(putin_draw(&in, 0, &r, out), 3);
    assert_true(out[0] == 0 && out[1] == 4000 && out[2] == 8000);
    size_t n = putin_draw(&in, 50, &r, out), early = 0;
    assert_int_equal(n, 53);
    for (size_t i = 1; i < n; i++) {
        assert_true(out[i - 1] <= out[i]);
        early += out[i] < 2000;
    }
    assert_int_equal(early, 50); /* only where it was listened to */
    in.gone = 1;
    assert_int_equal(putin_draw(&in, 4, &r, out), 4);
}

/* What is put in within the 30 s after a row is a look-up of its session, as in the data: no
 * gap is that short. */
static void rows_put_in_are_joined_to_sessions(void **state)
{
    (void)state;
    enum { ROWS = 100, MORE = 100 };
    double t[ROWS], out[ROWS + MORE];
    struct stream s = {.t = t, .n = ROWS, .ttl_s = 60};
    struct interval live = {0, 100 * ROWS};
    struct window w = {.length_s = live.to, .live_s = live.to, .live = &live, .nlive = 1};
    struct putin in = {&s, &w, 58, 30, 0};
    struct rng r;
    for (size_t i = 0; i < ROWS; i++)
        t[i] = 100 * (double)i;
    rng_stream(&r, 3, RNG_VALIDATE, 9, 0);
    size_t n = putin_draw(&in, MORE, &r, out);
    assert_in_range(n, ROWS / 2, ROWS + MORE / 2 + 20);
    for (size_t i = 1; i < n; i++)
        assert_true(out[i] - out[i - 1] > 30);
}

/* A row is seen with chance .3: .7^8 = .0576, .7^9 = .0404. */
static bool one_in_three(void *ctx, size_t m, struct rng *r)
{
    (void)ctx;
    for (size_t i = 0; i < m; i++)
        if (rng_unit(r) < .3)
            return true;
    return false;
}

static void room_is_the_largest_number_of_rows_that_are_not_seen(void **state)
{
    (void)state;
    assert_in_range(putin_room(one_in_three, NULL, 0, 100, .95, 1, 1), 7, 10);
    assert_int_equal(putin_room(one_in_three, NULL, 0, 5, .95, 1, 1), 5); /* none ruled out */
}

static void a_cut_clock_makes_no_short_gap(void **state)
{
    (void)state;
    const double t[] = {0, 3599, 7198, 10797};
    struct shortgaps s;
    struct rng g;
    rng_stream(&g, 5, RNG_VALIDATE, 4, 1);
    shortgaps_test(&s, t, 4, 20000, 3600, 0, 99, &g);
    assert_int_equal(s.shorter, 0);
    assert_true(isnan(s.log_p));
}

/* --- screens of a case ------------------------------------------------------------------ */

static struct counts *even_case(struct made *m, int64_t days)
{
    struct rng g;
    rng_stream(&g, 9, RNG_VALIDATE, 5, 0);
    for (int64_t t = 0; t < 86400 * days; t += 30 + (int64_t)rng_exponential(&g, 3000))
        made_add(m, "192.0.2.1", "a.example", 1, t, 1);
    return made_counts(m, 0, 86400 * days);
}

static struct counts_source *give_source(struct counts *c)
{
    c->sources = mem_zero(1, sizeof *c->sources);
    c->nsources = 1;
    c->sources[0].name = mem_copy("s", 1);
    c->sources[0].format = mem_copy("test", 4);
    c->sources[0].lookups = 1000;
    return &c->sources[0];
}

/* scipy.stats.chi2.sf(48.8, 9) = 1.8094274567982352e-07 */
static void subsecond_is_the_chi_square_of_ten_digits(void **state)
{
    (void)state;
    static const uint64_t digits[] = {30, 8, 9, 10, 7, 12, 8, 6, 5, 5};
    struct made m = {0};
    struct counts *c = even_case(&m, 3);
    struct counts_source *s = give_source(c);
    memcpy(s->subsecond, digits, sizeof digits);
    s->decimals = 3;
    struct integrity in = screened(c, 0);
    assert_close(integrity_find(&in, "subsecond")->value, 48.8, 1e-12);
    assert_close(integrity_find(&in, "subsecond")->log_p, -15.52508517793193, 1e-10);
    assert_int_equal(integrity_find(&in, "subsecond")->answer, INTEGRITY_EXPLAIN);
    integrity_free(&in);
    s->decimals = 0;
    in = screened(c, 0);
    assert_int_equal(integrity_find(&in, "subsecond")->answer, INTEGRITY_NOT_APPLICABLE);
    assert_true(isnan(integrity_find(&in, "subsecond")->log_p));
    integrity_free(&in);
    counts_free(c);
}

/* Poisson, binomial and normal tails of SciPy: min 5.819045758264426e-07 (binom.sf(2, 999,
 * 1/65536)), Sidak over three 1.7457127117204152e-06. */
/* scipy.stats.chisquare of 255 bytes seen 8 times and one 72 times: 1.6926444693040587e-17,
 * SciPy 1.10.1; Sidak over the two bytes of one source. */
static void bytes_of_ids_are_tested_by_chi_square(void **state)
{
    (void)state;
    struct made m = {0};
    struct counts *c = even_case(&m, 3);
    struct counts_source *s = give_source(c);
    for (size_t i = 0; i < HIST_BYTE; i++)
        s->id_high[i] = s->id_low[i] = 8;
    s->id_low[0] = 72;
    struct integrity in = screened(c, 0);
    const struct screen_result *r = integrity_find(&in, "id_bytes");
    assert_close(r->log_p, log(2 * 1.6926444693040587e-17), 1e-9);
    assert_non_null(strstr(r->note, "the low byte"));
    integrity_free(&in);
    for (size_t i = 0; i < HIST_BYTE; i++)
        s->id_high[i] = s->id_low[i] = 4; /* 1,024 messages: too few */
    in = screened(c, 0);
    assert_int_equal(integrity_find(&in, "id_bytes")->answer, INTEGRITY_NOT_APPLICABLE);
    integrity_free(&in);
    counts_free(c);
}

/* One in fifty is the limit, and fewer than five changes are none. */
static void senders_that_change_are_explained_above_one_in_fifty(void **state)
{
    (void)state;
    static const struct {
        uint64_t same, other;
        enum integrity_answer answer;
    } rows[] = {{980, 20, INTEGRITY_PASS},
                {979, 21, INTEGRITY_EXPLAIN},
                {96, 4, INTEGRITY_PASS},
                {95, 5, INTEGRITY_EXPLAIN},
                {50, 40, INTEGRITY_NOT_APPLICABLE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < HIST_TRAIT; k++) {
            struct made m = {0};
            struct counts *c = even_case(&m, 3);
            struct counts_source *s = give_source(c);
            s->trait_same[k] = rows[i].same;
            s->trait_other[k] = rows[i].other;
            struct integrity in = screened(c, 0);
            assert_int_equal(integrity_find(&in, "traits")->answer, rows[i].answer);
            integrity_free(&in);
            counts_free(c);
        }
}

static void ids_are_tested_by_pairs_steps_and_rises(void **state)
{
    (void)state;
    struct made m = {0};
    struct counts *c = even_case(&m, 3);
    struct counts_source *s = give_source(c);
    s->messages = 1000;
    s->id_pairs = 25;
    s->id_next = 3;
    s->id_rises = 520;
    s->port_pairs = 8;
    struct integrity in = screened(c, 0);
    assert_close(integrity_find(&in, "ids")->log_p, -13.258347654909695, 1e-9);
    assert_close(integrity_find(&in, "ports")->value, 499500.0 / 8, 1e-12);
    assert_int_equal(integrity_find(&in, "ports")->answer, INTEGRITY_PASS);
    integrity_free(&in);
    counts_free(c);
}

/* Four of 24 moments are doubled, three of them in a row: (24 - 4 + 1) C(21,20) / C(24,4).
 * The same form is exact by enumeration for 4 of 12: 81/495 ways. */
static void the_longest_doubled_run_has_its_exact_law(void **state)
{
    (void)state;
    struct made m = {0};
    for (int64_t i = 0; i < 24; i++) {
        bool doubled = (i >= 4 && i < 7) || i == 20;
        made_add(&m, "192.0.2.1", "a.example", 1, 100 * i, doubled ? 2 : 1);
    }
    struct counts *c = made_counts(&m, 0, 86400);
    struct integrity in = screened(c, 0);
    assert_close(integrity_find(&in, "doubled")->value, 3, 1e-12);
    assert_close(integrity_find(&in, "doubled")->log_p, log(441.0 / 10626), 1e-10);
    integrity_free(&in);
    counts_free(c);
}

static size_t family_of(const struct integrity *in)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++)
        n += !isnan(in->v[i].log_p);
    return n;
}

/* A third of 2,000 moments is doubled, and a run of so many before them; ln p by lgamma. */
static struct integrity with_a_run(size_t run, double *ret_log_p)
{
    struct made m = {0};
    struct rng g;
    double d = (double)(run + 633);
    rng_stream(&g, 9, RNG_VALIDATE, 6, 0);
    int64_t t = 0;
    for (size_t i = 0; i < 2000; i++, t += 31 + (int64_t)rng_exponential(&g, 600))
        made_add(&m, "192.0.2.1", "a.example", 1, t,
                 i < run || (i >= 100 && i % 3 == 1 && i < 1999) ? 2 : 1);
    struct counts *c = made_counts(&m, 0, t);
    struct integrity in = screened(c, 0);
    *ret_log_p = fmin(0, log(2001 - d) + lgamma(2001 - (double)run) -
                             lgamma(d + 1 - (double)run) - lgamma(2001) + lgamma(d + 1));
    assert_close(integrity_find(&in, "doubled")->log_p, *ret_log_p, 1e-9);
    counts_free(c);
    return in;
}

/* Fewer screens have a p than are in the table: counting those that have none, two doubled
 * moments more would be asked for. */
static void
the_least_run_is_flagged_among_the_screens_that_have_a_p_and_one_less_is_not(void **state)
{
    (void)state;
    double log_p;
    struct integrity in = with_a_run(1, &log_p);
    double least = integrity_find(&in, "doubled")->smallest, n = (double)family_of(&in);
    assert_true(n < 10);
    integrity_free(&in);
    in = with_a_run((size_t)least, &log_p);
    assert_true(log_p <= log(.01 / n));
    assert_int_equal(integrity_find(&in, "doubled")->answer, INTEGRITY_FAIL);
    integrity_free(&in);
    in = with_a_run((size_t)least - 1, &log_p);
    assert_true(log_p > log(.01 / n));
    assert_int_equal(integrity_find(&in, "doubled")->answer, INTEGRITY_PASS);
    integrity_free(&in);
}

/* One gap of 55 is shorter than the hour: nothing to test. */
static void a_screen_that_finds_nothing_to_test_has_p_one_and_counts_in_the_family(void **state)
{
    (void)state;
    for (int64_t gap = 1800; gap <= 3600; gap += 1800) {
        struct made m = {0};
        for (int64_t i = 0, t = 0; i < 56; t += i == 20 ? gap : 3600 + 97 * (i * i % 31), i++)
            made_add(&m, "192.0.2.1", "a.example", 1, t, 1);
        struct counts *c = made_counts(&m, 0, 86400 * 7);
        struct integrity in = screened(c, 3600);
        assert_close(integrity_find(&in, "short_gaps")->value, gap < 3600, 1e-12);
        assert_close(integrity_find(&in, "short_gaps")->log_p, 0, 1e-12);
        assert_int_equal(integrity_find(&in, "short_gaps")->answer,
                         gap < 3600 ? INTEGRITY_EXPLAIN : INTEGRITY_PASS);
        assert_int_equal(family_of(&in), 5);
        integrity_free(&in);
        counts_free(c);
    }
}

/* N = 201 151/51 - 1 = 594.1176; se 58.0177 (Seber 1970). */
static void coverage_is_chapmans_estimate(void **state)
{
    (void)state;
    struct made m = {0};
    struct counts *c = even_case(&m, 3);
    give_source(c);
    c->sources = mem_resize(c->sources, 2, sizeof *c->sources);
    c->sources[1] = (struct counts_source){
        .name = mem_copy("t", 1), .format = mem_copy("test", 4), .lookups = 150};
    c->nsources = 2;
    c->sources[0].lookups = 200;
    c->sources[1].notes.count[NOTE_TWIN] = 50;
    struct integrity in = screened(c, 0);
    assert_close(integrity_find(&in, "coverage")->value, 201.0 * 151 / 51 - 1, 1e-12);
    assert_non_null(strstr(integrity_find(&in, "coverage")->note, "480 to 708"));
    assert_int_equal(integrity_find(&in, "coverage")->answer, INTEGRITY_EXPLAIN);
    integrity_free(&in);
    counts_free(c);
}

/* Look-ups of a day shape; those from day `from` on are `hours` later. */
static struct counts *shaped(struct made *m, int days, int from, int hours)
{
    struct rng g;
    rng_stream(&g, 21, RNG_VALIDATE, 6, 0);
    for (int64_t h = 0; h < 24 * days; h++) {
        int local = (int)(h % 24);
        double rate = local >= 8 && local < 17 ? 4 : .5;
        uint64_t n = rng_poisson(&g, rate);
        for (uint64_t i = 0; i < n; i++) {
            int64_t t = 3600 * h + (int64_t)rng_below(&g, 3600);
            made_add(m, "192.0.2.1", "a.example", 1, t + (h >= 24 * from ? 3600 * hours : 0),
                     1);
        }
    }
    return made_counts(m, 0, 86400 * days);
}

static void a_stretch_on_another_clock_is_found_with_its_hours(void **state)
{
    (void)state;
    struct made same = {0}, off = {0};
    struct counts *c = shaped(&same, 56, 56, 0);
    struct integrity in = screened(c, 0);
    assert_int_equal(integrity_find(&in, "shift")->answer, INTEGRITY_PASS);
    integrity_free(&in);
    counts_free(c);
    c = shaped(&off, 56, 35, 3);
    in = screened(c, 0);
    assert_int_equal(integrity_find(&in, "shift")->answer, INTEGRITY_FAIL);
    assert_near(fabs(integrity_find(&in, "shift")->value), 3, .1);
    assert_string_equal(integrity_gate(&in, "timing")->id, "shift");
    assert_null(integrity_gate(&in, "volume"));
    assert_null(integrity_gate(&in, "authenticity"));
    integrity_free(&in);
    counts_free(c);
}

/* 2016-10-30: Berlin's clocks go back at 03:00, so a log in its local time has the hour from
 * 02:00 twice. Poisson: scipy.stats.poisson.sf(119, 60) = 3.4e-12. */
static void a_log_in_local_time_has_an_hour_twice(void **state)
{
    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        struct made m = {0};
        int64_t hour = INT64_C(1477792800) / 3600; /* 2016-10-30T02:00Z */
        for (int64_t h = hour - 480; h < hour + 480; h++)
            for (int64_t i = 0; i < (h == hour && twice ? 60 : 30); i++)
                made_add(&m, "192.0.2.1", i % 2 ? "a.example" : "b.example", 1,
                         3600 * h + (h == hour && twice ? 60 : 119) * i, 1);
        struct counts *c = made_counts(&m, 3600 * (hour - 480), 3600 * (hour + 480));
        struct integrity in = screened(c, 0);
        const struct screen_result *r = integrity_find(&in, "local_time");
        assert_int_equal(r->answer, twice ? INTEGRITY_FAIL : INTEGRITY_PASS);
        if (twice)
            assert_non_null(strstr(r->note, "Europe/Berlin"));
        integrity_free(&in);
        counts_free(c);
    }
}

static void put_server_marks(struct counts *c, const uint64_t *n, size_t k)
{
    unsigned char bytes[64];
    size_t at = 0;
    for (size_t i = 0; i < k; i++) {
        at += varint_put(bytes + at, MARK_SERVER);
        at += varint_put(bytes + at, i);
        at += varint_put(bytes + at, n[i]);
    }
    struct counts_pair *p = &c->pairs[0];
    size_t before = p->series_n + p->copies_n;
    char *all = arena_alloc(&c->bytes, before + at);
    memcpy(all, p->bytes, before);
    memcpy(all + before, bytes, at);
    p->bytes = all;
    p->marks_n = (uint32_t)at;
}

/* aaabbcc x 10: neighbours alike in random order have mean (sum n_k^2 - n)/n; of 3, 2, 2 the
 * mean is 10/7 and the variance 1.0068027210884354 (all 210 orders). */
static void servers_are_compared_with_random_order(void **state)
{
    (void)state;
    struct made m = {0};
    struct counts *c = even_case(&m, 3);
    struct counts_source *s = give_source(c);
    put_server_marks(c, (const uint64_t[]){30, 20, 20}, 3);
    s->server_same = 40;
    s->server_other = 29;
    struct integrity in = screened(c, 0);
    double mean = (900 + 400 + 400 - 70) / 70.0, s2 = 1700, s3 = 27000 + 16000, n = 70;
    double variance = (s2 * (s2 + n * (n + 1)) - 2 * n * s3 - n * n * n) / (n * n * (n - 1));
    assert_close(integrity_find(&in, "server_runs")->value, (40 - mean) / sqrt(variance), 1e-9);
    double small = (17 * (17.0 + 7 * 8) - 14 * 43.0 - 343) / (49 * 6);
    assert_close(small, 1.0068027210884354, 1e-12);
    /* shares 30, 20, 20 of 70: chi-square 20/7 */
    assert_close(integrity_find(&in, "server_shares")->value, 20.0 / 7, 1e-12);
    integrity_free(&in);
    counts_free(c);
}

static void a_screen_without_its_data_is_not_applicable_and_never_passed(void **state)
{
    (void)state;
    static const char *const without[] = {
        "subsecond",     "ids",         "id_bytes", "traits",        "ports",     "coverage",
        "server_shares", "server_runs", "order",    "source_clocks", "short_gaps"};
    struct made m = {0};
    struct counts *c = even_case(&m, 3);
    struct integrity in = screened(c, 0);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        const struct screen_result *r = integrity_find(&in, without[i]);
        assert_int_equal(r->answer, INTEGRITY_NOT_APPLICABLE);
        assert_true(r->note[0] != '\0' && isnan(r->log_p));
    }
    integrity_free(&in);
    counts_free(c);
}

static void every_screen_states_its_rule_and_its_innocent_causes(void **state)
{
    (void)state;
    for (const struct screen *s = screen_table; s->id; s++) {
        assert_true(s->label[0] && s->statistic[0] && s->rule[0] && s->innocent[0]);
        assert_non_null(s->run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copied_run_is_found_where_it_stands),
        cmocka_unit_test(a_run_shorter_than_k_is_not_found),
        cmocka_unit_test(a_regular_sequence_is_not_testable),
        cmocka_unit_test(equal_runs_come_as_often_as_expected),
        cmocka_unit_test(
            twelve_sessions_at_one_distance_stand_out_and_those_of_a_timer_are_explained),
        cmocka_unit_test(k_caches_let_through_what_renewal_theory_says),
        cmocka_unit_test(places_of_a_pair_are_set_against_restarts_that_the_others_show),
        cmocka_unit_test(places_heaped_in_one_other_pair_are_dispersion),
        cmocka_unit_test(a_restart_shows_in_a_pair_by_its_demand_within_a_life),
        cmocka_unit_test(rows_put_in_stand_in_order_among_those_that_keep_the_life),
        cmocka_unit_test(rows_put_in_are_joined_to_sessions),
        cmocka_unit_test(room_is_the_largest_number_of_rows_that_are_not_seen),
        cmocka_unit_test(two_caches_explain_their_short_gaps_and_not_a_few_among_many),
        cmocka_unit_test(two_caches_of_a_short_life_explain_the_short_gaps_of_sessions),
        cmocka_unit_test(restarts_of_a_drawn_rate_have_the_law_of_p),
        cmocka_unit_test(a_cut_clock_makes_no_short_gap),
        cmocka_unit_test(subsecond_is_the_chi_square_of_ten_digits),
        cmocka_unit_test(bytes_of_ids_are_tested_by_chi_square),
        cmocka_unit_test(senders_that_change_are_explained_above_one_in_fifty),
        cmocka_unit_test(ids_are_tested_by_pairs_steps_and_rises),
        cmocka_unit_test(the_longest_doubled_run_has_its_exact_law),
        cmocka_unit_test(
            the_least_run_is_flagged_among_the_screens_that_have_a_p_and_one_less_is_not),
        cmocka_unit_test(
            a_screen_that_finds_nothing_to_test_has_p_one_and_counts_in_the_family),
        cmocka_unit_test(coverage_is_chapmans_estimate),
        cmocka_unit_test(a_stretch_on_another_clock_is_found_with_its_hours),
        cmocka_unit_test(a_log_in_local_time_has_an_hour_twice),
        cmocka_unit_test(servers_are_compared_with_random_order),
        cmocka_unit_test(a_screen_without_its_data_is_not_applicable_and_never_passed),
        cmocka_unit_test(every_screen_states_its_rule_and_its_innocent_causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
