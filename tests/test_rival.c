/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a rival in bouts keeps of the data, and what it does not. */
#include "tests/check.h"

#include "models/rival.h"
#include "models/simulated.h"
#include "models/summary.h"

enum { DRAWS = 60, TTL_S = 3600, SESSION_S = 30 };

static const char world_text[] = "scenario: two offices (simulated)\n"
                                 "span: {from: 2024-01-01, to: 2024-02-12}\n"
                                 "seed: 3\n"
                                 "clients: {a: [192.0.2.1], b: [192.0.2.2]}\n"
                                 "names: {x: [mail.x.example]}\n"
                                 "processes:\n"
                                 "  - {id: one, kind: human, clients: [a, b], names: x, "
                                 "per_day: %s, hours: \"08:00-18:00\", outside: 0.3}\n"
                                 "caches: [{clients: [a, b], names: x, ttl: 1h}]\n";

struct log {
    struct counts *c;
    struct window w;
    struct subject a, b;
};

static struct rival_frame *open_frame(struct log *l, const char *per_day)
{
    char text[1000];
    struct scenario s = {0};
    struct err err;
    snprintf(text, sizeof text, world_text, per_day);
    assert_int_equal(scenario_parse(&s, "test", span_of(text), &err), 0);
    assert_int_equal(simulated_counts(&l->c, &s.world, &err), 0);
    scenario_close(&s);
    window_make(&l->w, l->c, 0, 0);
    uint32_t a = counts_client(l->c, span_of("192.0.2.1"));
    uint32_t b = counts_client(l->c, span_of("192.0.2.2")), x = 0;
    subject_make(&l->a, l->c, &(struct selection){&a, &x, 1, 1}, &l->w, SESSION_S, TTL_S);
    subject_make(&l->b, l->c, &(struct selection){&b, &x, 1, 1}, &l->w, SESSION_S, TTL_S);
    return rival_frame_new(&(struct rival_data){l->c, &l->w, &l->a, &l->b, TTL_S, SESSION_S},
                           NULL);
}

static void free_log(struct log *l)
{
    subject_free(&l->a);
    subject_free(&l->b);
    window_free(&l->w);
    counts_free(l->c);
}

static const struct rival *find(const char *id)
{
    const struct rival *v = rival_table;
    while (v->id && strcmp(v->id, id) != 0)
        v++;
    assert_non_null(v->id);
    return v;
}

/* Means over draws of the numbers of models/summary.h, and sds; level as it is, not its ln. */
static void draw_all(const struct rival_frame *f, const struct log *l, const char *id,
                     double *ret, double *ret_sd)
{
    double x[DRAWS][SUMMARY_N];
    for (uint32_t j = 0; j < DRAWS; j++) {
        struct counts *c;
        struct window w;
        struct subject a, b;
        struct err err;
        if (rival_draw(find(id), f, 1, j, 0, &c, &err) < 0)
            fail_msg("%s", err.msg);
        window_make(&w, c, l->w.from_ns, l->w.to_ns);
        rival_subjects(f, c, &w, &a, &b);
        assert_true(summary_of(&a, &b, &w, x[j]));
        x[j][0] = (double)a.n;
        for (size_t i = 0; i + 1 < a.streams[0].n; i++)
            assert_true(a.streams[0].t[i + 1] - a.streams[0].t[i] >= TTL_S - 1);
        subject_free(&a);
        subject_free(&b);
        window_free(&w);
        counts_free(c);
    }
    for (size_t k = 0; k < SUMMARY_N; k++) {
        double squares = 0;
        ret[k] = 0;
        for (size_t j = 0; j < DRAWS; j++)
            ret[k] += x[j][k] / DRAWS;
        for (size_t j = 0; j < DRAWS; j++)
            squares += (x[j][k] - ret[k]) * (x[j][k] - ret[k]);
        ret_sd[k] = sqrt(squares / (DRAWS - 1));
    }
}

/* Names: models/summary.c. */
static size_t number(const char *name)
{
    size_t k = 0;
    while (k < SUMMARY_N && strcmp(summary_table[k].name, name) != 0)
        k++;
    assert_true(k < SUMMARY_N);
    return k;
}

/* The cache hides most of a bout: at the demand that was fitted there would be fewer. Three
 * standard errors and the three in a hundred by which pilots and nodes may be off. */
static void bouts_leave_as_many_sessions_as_the_data_have(void **state)
{
    (void)state;
    static const char *const per_day[] = {"4", "8", "60"}, *const ids[] = {"lognormal",
                                                                           "hawkes"};
    for (size_t i = 0; i < 3; i++) {
        struct log l;
        struct rival_frame *f = open_frame(&l, per_day[i]);
        for (size_t k = 0; k < 2; k++) {
            double mean[SUMMARY_N], sd[SUMMARY_N], n = (double)l.a.n;
            draw_all(f, &l, ids[k], mean, sd);
            assert_near(mean[0], n, .03 * n + 3 * sd[0] / sqrt(DRAWS));
        }
        rival_frame_free(f);
        free_log(&l);
    }
}

/* Hours, weekend and the second's look-ups as demand without memory has them; the excess gaps
 * are of a heavier tail, and where one look-up brings others about, the order of gaps shows it
 * too. */
static void bouts_keep_hours_and_are_told_by_their_gaps(void **state)
{
    (void)state;
    struct log l;
    struct rival_frame *f = open_frame(&l, "8");
    double cache[SUMMARY_N], gaps[SUMMARY_N], chain[SUMMARY_N], sd[SUMMARY_N];
    draw_all(f, &l, "cache", cache, sd);
    draw_all(f, &l, "lognormal", gaps, sd);
    draw_all(f, &l, "hawkes", chain, sd);
    static const char *const kept[] = {"level_b", "cos", "sin", "weekend", "together", "after"};
    static const double within[] = {.05, .1, .1, .25, .3, .1};
    for (size_t i = 0; i < 6; i++) {
        size_t k = number(kept[i]);
        assert_near(gaps[k], cache[k], within[i]);
        assert_near(chain[k], cache[k], within[i]);
    }
    size_t cv = number("cv"), lv = number("lv"), days = number("days");
    assert_true(gaps[cv] > cache[cv] + .3 && gaps[lv] > cache[lv] + .15);
    assert_true(chain[cv] > cache[cv] + .05 && chain[lv] > cache[lv] + .05);
    assert_true(gaps[days] > cache[days] + .3);
    rival_frame_free(f);
    free_log(&l);
}

static void a_draw_is_the_same_again_and_another_repeat_is_not(void **state)
{
    (void)state;
    struct log l;
    struct rival_frame *f = open_frame(&l, "8"), *g;
    struct log twin;
    g = open_frame(&twin, "8");
    for (int k = 0; k < 2; k++) {
        const struct rival *v = find(k ? "hawkes" : "lognormal");
        struct counts *one = NULL, *again = NULL, *other = NULL;
        struct err err;
        assert_int_equal(rival_draw(v, f, 1, 5, 0, &one, &err), 0);
        assert_int_equal(rival_draw(v, g, 1, 5, 0, &again, &err), 0);
        assert_int_equal(rival_draw(v, f, 1, 5, 1, &other, &err), 0);
        struct window w;
        struct subject a[3];
        window_make(&w, one, l.w.from_ns, l.w.to_ns);
        rival_subjects(f, one, &w, &a[0], NULL);
        rival_subjects(g, again, &w, &a[1], NULL);
        rival_subjects(f, other, &w, &a[2], NULL);
        assert_int_equal(a[0].n, a[1].n);
        assert_memory_equal(a[0].t, a[1].t, a[0].n * sizeof *a[0].t);
        assert_true(a[2].n != a[0].n || memcmp(a[0].t, a[2].t, a[0].n * sizeof *a[0].t) != 0);
        for (int i = 0; i < 3; i++)
            subject_free(&a[i]);
        window_free(&w);
        counts_free(one);
        counts_free(again);
        counts_free(other);
    }
    rival_frame_free(f);
    rival_frame_free(g);
    free_log(&l);
    free_log(&twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bouts_leave_as_many_sessions_as_the_data_have),
        cmocka_unit_test(bouts_keep_hours_and_are_told_by_their_gaps),
        cmocka_unit_test(a_draw_is_the_same_again_and_another_repeat_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
