/* SPDX-License-Identifier: GPL-3.0-or-later
 * Size of burst under its null, planted signals, states, and that neither threads
 * nor other pairs show in a burst. The size of level stands in test_peers. */
#include "tests/check.h"

#include "models/burst.h"
#include "models/baseline.h"
#include "models/scan.h"
#include "stats/rng.h"
#include "tests/made.h"

enum { HOUR = 3600, DAY = 86400 };

static struct scan_opts defaults(void)
{
    return (struct scan_opts){.bucket_s = HOUR,
                              .session_s = 30,
                              .min_count = 10,
                              .max_replicates = 999,
                              .tail = 1,
                              .seed = 7,
                              .threads = 1};
}

/* Clients x names with negative binomial totals, uniform times over `days`. */
static void add_world(struct made *m, uint64_t seed, int clients, int names, double mean,
                      double theta, int days)
{
    struct rng r;
    rng_stream(&r, seed, RNG_VALIDATE, 5, 0);
    for (int i = 0; i < clients; i++)
        for (int j = 0; j < names; j++) {
            char client[32], name[32];
            snprintf(client, sizeof client, "192.0.2.%d", i);
            snprintf(name, sizeof name, "n%d.example", j);
            double mu = mean * (1 + i % 4) * (1 + j % 3) / 5;
            for (uint64_t k = rng_negbin(&r, mu, theta); k > 0; k--)
                made_add(m, client, name, 1, (int64_t)rng_below(&r, (size_t)days * DAY), 1);
        }
}

static const struct scan_row *row_of(const struct scan *s, const struct counts *c,
                                     const char *client, const char *name, enum scan_kind kind)
{
    for (size_t i = 0; i < s->nrows; i++) {
        const struct scan_pair *p = &s->pairs[s->rows[i].pair];
        if (s->rows[i].kind == kind && span_is(c->clients[p->client], client) &&
            span_is(c->names[p->name], name))
            return &s->rows[i];
    }
    fail_msg("no row for %s %s", client, name);
    return NULL;
}

static void a_planted_burst_and_a_planted_level_are_found_and_told_apart(void **state)
{
    (void)state;
    struct made m = {0};
    add_world(&m, 1, 12, 15, 20, 3, 60);
    for (int64_t k = 0; k < 25; k++)
        made_add(&m, "192.0.2.5", "n7.example", 1, 30 * DAY + 130 * k, 1); /* in one hour */
    for (int64_t k = 0; k < 600; k++)
        made_add(&m, "192.0.2.2", "n3.example", 1, 8000 * k + 17, 1); /* all the time */
    struct counts *c = made_counts(&m, 0, 60 * DAY);
    struct scan_opts o = defaults();
    struct scan s;
    struct err err;
    assert_int_equal(scan_run(&s, c, &o, NULL, NULL, &err), 0);
    const struct scan_row *burst = row_of(&s, c, "192.0.2.5", "n7.example", SCAN_BURST);
    assert_true(burst->observed >= 25);
    assert_int_equal(burst->when_s, 30 * DAY);
    assert_true(burst->log_p <= log(.0015) && burst->log_q < log(.2));
    assert_true((double)burst->observed > burst->hi && burst->score > 2.5);
    const struct scan_row *level = row_of(&s, c, "192.0.2.2", "n3.example", SCAN_LEVEL);
    assert_true(level->log_q < log(.001) && level->score > 4);
    assert_true((double)level->observed > level->hi);
    assert_true(level->expected < 100);
    assert_close(level->by_chance, (double)s.tested[SCAN_LEVEL] * exp(level->log_p_tested),
                 1e-12);
    assert_true(level->log_p_tested >= level->log_p);
    assert_true(row_of(&s, c, "192.0.2.2", "n3.example", SCAN_BURST)->log_p > log(.05));
    assert_true(row_of(&s, c, "192.0.2.5", "n7.example", SCAN_LEVEL)->log_p > log(.005));
    scan_free(&s);
    counts_free(c);
}

/* Expectations far below min_count: every tested level is high by selection. Of null
 * tables, at most a twentieth (+ 3 standard errors) may hold a q of .05 or less; with
 * the unconditional p most do. */
static void selection_by_min_count_makes_no_q_small(void **state)
{
    (void)state;
    enum { TABLES = 60 };
    int found = 0, naive = 0;
    for (int k = 0; k < TABLES; k++) {
        struct made m = {0};
        add_world(&m, 100 + (uint64_t)k, 40, 30, 2, 1, 10);
        struct counts *c = made_counts(&m, 0, 10 * DAY);
        struct scan_opts o = defaults();
        struct scan s;
        o.min_count = 12;
        o.max_replicates = 9; /* burst is not looked at */
        assert_int_equal(scan_run(&s, c, &o, NULL, NULL, NULL), 0);
        double least = INFINITY, least_p = INFINITY;
        for (size_t i = SCAN_LEVEL; i < s.nrows; i += 2)
            if (s.rows[i].state == SCAN_OK) {
                least = fmin(least, s.rows[i].log_q);
                least_p = fmin(least_p, s.rows[i].log_p);
            }
        found += least <= log(.05);
        naive += least_p + log((double)s.tested[SCAN_LEVEL]) <= log(.05);
        scan_free(&s);
        counts_free(c);
    }
    printf("note: tables with q <= .05: %d of %d; by the unconditional p: %d\n", found, TABLES,
           naive);
    assert_true(found <= TABLES * .05 + 3 * sqrt(TABLES * .05 * .95));
    assert_true(naive > 2 * found + 5);
}

static void every_row_has_a_state_and_a_number_only_when_tested(void **state)
{
    (void)state;
    struct made m = {0};
    add_world(&m, 2, 6, 5, 6, 2, 20);
    for (int64_t k = 0; k < 40; k++)
        made_add(&m, "alone", "nobody-else.example", 1, 3000 + 5000 * k, 1);
    struct counts *c = made_counts(&m, 0, 20 * DAY);
    struct scan_opts o = defaults();
    struct scan s;
    assert_int_equal(scan_run(&s, c, &o, NULL, NULL, NULL), 0);
    assert_int_equal(row_of(&s, c, "alone", "nobody-else.example", SCAN_LEVEL)->state,
                     SCAN_NO_PEERS);
    assert_int_equal(row_of(&s, c, "alone", "nobody-else.example", SCAN_BURST)->state, SCAN_OK);
    size_t few = 0, tested[2] = {0};
    for (size_t i = 0; i < s.nrows; i++) {
        const struct scan_row *r = &s.rows[i];
        few += r->state == SCAN_TOO_FEW;
        tested[r->kind] += r->state == SCAN_OK;
        if (r->state == SCAN_OK)
            assert_true(isfinite(r->log_p) && r->log_p <= 0 && isfinite(r->score) &&
                        isfinite(r->expected) && r->lo <= r->hi && r->log_q >= r->log_p &&
                        r->log_q_by >= r->log_q && r->family && r->shape);
        else
            assert_true(isnan(r->log_p) && isnan(r->score) && isnan(r->log_q));
    }
    assert_true(few > 0);
    assert_int_equal(tested[0], s.tested[0]);
    assert_int_equal(tested[1], s.tested[1]);
    scan_free(&s);
    counts_free(c);
}

static void a_live_time_of_one_bucket_has_no_burst(void **state)
{
    (void)state;
    struct made m = {0};
    for (int64_t k = 0; k < 40; k++)
        made_add(&m, k % 2 ? "a" : "b", k % 3 ? "x" : "y", 1, 50 * k, 1);
    struct counts *c = made_counts(&m, 0, HOUR);
    struct scan_opts o = defaults();
    o.min_count = 1;
    struct scan s;
    assert_int_equal(scan_run(&s, c, &o, NULL, NULL, NULL), 0);
    for (size_t i = 0; i < s.nrows; i++)
        assert_true(s.rows[i].state ==
                    (s.rows[i].kind == SCAN_BURST ? SCAN_ONE_BUCKET : SCAN_OK));
    scan_free(&s);
    counts_free(c);
}

static void a_case_without_live_time_cannot_be_scanned(void **state)
{
    (void)state;
    struct made m = {0};
    made_add(&m, "a", "x", 1, 5, 1);
    struct counts *c = made_counts(&m, 0, 0);
    struct scan_opts o = defaults();
    struct scan s;
    struct err err;
    assert_fails(ERR_DEGENERATE, "live time", scan_run(&s, c, &o, NULL, NULL, &err));
    counts_free(c);
}

static void threads_do_not_show(void **state)
{
    (void)state;
    struct scan s[3];
    struct counts *c = NULL;
    size_t threads[] = {1, 2, 8};
    struct made m = {0};
    add_world(&m, 3, 8, 8, 12, 2, 30);
    c = made_counts(&m, 0, 30 * DAY);
    for (int k = 0; k < 3; k++) {
        struct scan_opts o = defaults();
        o.threads = threads[k];
        assert_int_equal(scan_run(&s[k], c, &o, NULL, NULL, NULL), 0);
        assert_int_equal(s[k].nrows, s[0].nrows);
        for (size_t i = 0; i < s[0].nrows; i++) {
            const struct scan_row *x = &s[0].rows[i], *y = &s[k].rows[i];
            assert_true(x->state == y->state && x->replicates == y->replicates);
            assert_memory_equal(&x->log_p, &y->log_p, sizeof x->log_p);
            assert_memory_equal(&x->log_q_by, &y->log_q_by, sizeof x->log_q_by);
            assert_memory_equal(&x->expected, &y->expected, sizeof x->expected);
        }
    }
    for (int k = 0; k < 3; k++)
        scan_free(&s[k]);
    counts_free(c);
}

static void a_pair_of_fewer_than_20_sessions_does_not_change_a_burst(void **state)
{
    (void)state;
    struct scan s[2];
    struct counts *c[2];
    for (int k = 0; k < 2; k++) {
        struct made m = {0};
        add_world(&m, 4, 5, 5, 15, 2, 30);
        if (k)
            for (int64_t i = 0; i < 19; i++)
                made_add(&m, "10.0.0.1", "a.example", 1, 40000 * i + 3, 1);
        c[k] = made_counts(&m, 0, 30 * DAY);
        struct scan_opts o = defaults();
        assert_int_equal(scan_run(&s[k], c[k], &o, NULL, NULL, NULL), 0);
    }
    for (size_t i = 1; i < s[0].nrows; i += 2) {
        const struct scan_pair *p = &s[0].pairs[s[0].rows[i].pair];
        const char *client = c[0]->clients[p->client].p, *name = c[0]->names[p->name].p;
        const struct scan_row *other = row_of(&s[1], c[1], client, name, SCAN_BURST);
        assert_memory_equal(&s[0].rows[i].log_p, &other->log_p, sizeof other->log_p);
    }
    for (int k = 0; k < 2; k++) {
        scan_free(&s[k]);
        counts_free(c[k]);
    }
}

static void the_lower_tail_finds_a_pair_that_is_missing(void **state)
{
    (void)state;
    struct made m = {0};
    add_world(&m, 6, 8, 8, 60, 8, 30);
    struct counts *c = made_counts(&m, 0, 30 * DAY);
    struct scan upper, lower, both;
    struct scan_opts o = defaults();
    o.min_count = 1;
    o.max_replicates = 99;
    assert_int_equal(scan_run(&upper, c, &o, NULL, NULL, NULL), 0);
    o.tail = -1;
    assert_int_equal(scan_run(&lower, c, &o, NULL, NULL, NULL), 0);
    o.tail = 0;
    assert_int_equal(scan_run(&both, c, &o, NULL, NULL, NULL), 0);
    for (size_t i = 0; i < both.nrows; i += 2) {
        double up = exp(upper.rows[i].log_p), low = exp(lower.rows[i].log_p);
        assert_close(exp(both.rows[i].log_p), fmin(1, 2 * fmin(up, low)), 1e-9);
        assert_true(up + low >= 1); /* both count the observed value in */
        assert_close(upper.rows[i].score, lower.rows[i].score, 1e-12);
    }
    scan_free(&upper);
    scan_free(&lower);
    scan_free(&both);
    counts_free(c);
}

/* --- size of burst ------------------------------------------------------------------ */

/* One pair's sessions: negative binomial hours, with a daily rhythm or none, thinned
 * by dead times where there is a TTL. */
static void draw_subject(struct subject *s, uint64_t seed, double rate, double depth,
                         double theta, size_t hours, double ttl_s)
{
    struct rng r;
    rng_stream(&r, seed, RNG_VALIDATE, 6, 0);
    struct stream *one = mem_zero(1, sizeof *one);
    size_t cap = 0;
    double free_from = 0;
    for (size_t h = 0; h < hours; h++) {
        double mu = rate * exp(depth * cos(2 * M_PI * (double)h / 24));
        mu *= isinf(theta) ? 1 : rng_gamma(&r, theta, 1 / theta);
        for (double t = (double)h * HOUR;;) {
            t += rng_exponential(&r, HOUR / mu);
            if (t >= (double)(h + 1) * HOUR)
                break;
            if (t < free_from)
                continue;
            MEM_GROW(one->t, one->n, cap);
            one->t[one->n++] = t;
            free_from = t + ttl_s;
        }
    }
    one->ttl_s = ttl_s;
    *s = (struct subject){.streams = one, .nstreams = 1, .n = one->n, .id = seed};
    s->t = mem_alloc(one->n * sizeof *s->t);
    for (size_t i = 0; i < one->n; i++)
        s->t[i] = one->t[i];
}

struct burst_size {
    double at05, at01, replicates;
    size_t n;
};

static struct burst_size burst_size(double rate, double depth, double theta, size_t hours,
                                    double ttl_s, size_t runs)
{
    struct burst_size z = {0};
    struct interval live = {0, (double)hours * HOUR};
    struct window w = {.to_ns = (int64_t)hours * HOUR * NS_PER_S,
                       .live = &live,
                       .nlive = 1,
                       .length_s = live.to,
                       .live_s = live.to};
    struct grid g = grid_make(&w, HOUR);
    struct baseline_opts baseline = {.family = GLM_NEGBIN};
    struct burst_opts o = {&baseline, NULL, 3, 499, 10, 1};
    for (size_t i = 0; i < runs; i++) {
        struct subject s;
        struct burst b;
        draw_subject(&s, 1 + i, rate, depth, theta, hours, ttl_s);
        if (s.n >= 10 && burst_test(&b, &s, &w, &g, &o, NULL) == 0) {
            z.at05 += b.log_p <= log(.05);
            z.at01 += b.log_p <= log(.01);
            z.replicates += b.replicates;
            z.n++;
        }
        subject_free(&s);
    }
    z.at05 /= (double)z.n;
    z.at01 /= (double)z.n;
    z.replicates /= (double)z.n;
    return z;
}

static void check_size(const char *what, struct burst_size z)
{
    double limit = .05 + 3 * sqrt(.05 * .95 / (double)z.n);
    print_message("note: burst, %s: size at .05 %.4f, at .01 %.4f (%zu series, limit %.4f, "
                  "%.0f replicates)\n",
                  what, z.at05, z.at01, z.n, limit, z.replicates);
    assert_true(z.at05 <= limit);
}

static void the_burst_test_keeps_its_size(void **state)
{
    (void)state;
    check_size("Poisson .02/h", burst_size(.02, 0, INFINITY, 1500, 0, 1000));
    check_size("NB .05/h theta .3", burst_size(.05, 0, .3, 1500, 0, 1000));
    check_size("NB .3/h theta 1", burst_size(.3, 0, 1, 700, 0, 250));
}

static void the_burst_test_keeps_its_size_with_a_rhythm_and_with_a_cache(void **state)
{
    (void)state;
    check_size("daily rhythm", burst_size(.4, 1, INFINITY, 500, 0, 80));
    check_size("cache of an hour", burst_size(.5, 0, INFINITY, 300, HOUR, 150));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_burst_and_a_planted_level_are_found_and_told_apart),
        cmocka_unit_test(selection_by_min_count_makes_no_q_small),
        cmocka_unit_test(every_row_has_a_state_and_a_number_only_when_tested),
        cmocka_unit_test(a_live_time_of_one_bucket_has_no_burst),
        cmocka_unit_test(a_case_without_live_time_cannot_be_scanned),
        cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(a_pair_of_fewer_than_20_sessions_does_not_change_a_burst),
        cmocka_unit_test(the_lower_tail_finds_a_pair_that_is_missing),
        cmocka_unit_test(the_burst_test_keeps_its_size),
        cmocka_unit_test(the_burst_test_keeps_its_size_with_a_rhythm_and_with_a_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
