/* SPDX-License-Identifier: GPL-3.0-or-later
 * Expected numbers are counted by hand from the times in each test. */
#include "tests/check.h"

#include "models/stream.h"
#include "tests/made.h"

static const char *const CLIENT = "192.0.2.1", *const NAME = "mail.example";

static struct selection one(const uint32_t *client, const uint32_t *name)
{
    return (struct selection){client, name, 1, 1};
}

/* One pair with look-ups at the given seconds, in a window of its live time. */
struct scene {
    struct counts *c;
    struct window w;
    struct subject s;
};

static struct scene scene_of(const int64_t *t, size_t n, int64_t length, double session_s,
                             double ttl_s)
{
    struct made m = {0};
    for (size_t i = 0; i < n; i++)
        made_add(&m, CLIENT, NAME, 1, t[i], 1);
    struct scene v = {.c = made_counts(&m, 0, length)};
    uint32_t zero = 0;
    struct selection sel = one(&zero, &zero);
    window_make(&v.w, v.c, 0, 0);
    subject_make(&v.s, v.c, &sel, &v.w, session_s, ttl_s);
    return v;
}

static void scene_free(struct scene *v)
{
    subject_free(&v->s);
    window_free(&v->w);
    counts_free(v->c);
}

static void a_gap_equal_to_the_session_gap_stays_in_the_session(void **state)
{
    (void)state;
    int64_t t[] = {100, 130, 161, 191, 300};
    struct scene v = scene_of(t, 5, 3600, 30, 0);
    assert_int_equal(v.s.n, 3);
    assert_near(v.s.t[0], 100, 0);
    assert_near(v.s.t[1], 161, 0);
    assert_near(v.s.t[2], 300, 0);
    assert_int_equal(v.s.streams[0].lookups[0], 2);
    assert_int_equal(v.s.streams[0].lookups[1], 2);
    assert_int_equal(v.s.streams[0].lookups[2], 1);
    assert_int_equal(v.s.lookups, 5);
    scene_free(&v);
}

static void sessions_add_weights_and_may_be_formed_in_place(void **state)
{
    (void)state;
    double t[] = {0, 5, 10, 100};
    uint32_t weight[] = {1, 2, 3, 4};
    assert_int_equal(sessions_collapse(t, weight, 4, 5, t, weight), 2);
    assert_near(t[1], 100, 0);
    assert_int_equal(weight[0], 6);
    assert_int_equal(weight[1], 4);
    assert_int_equal(sessions_collapse(NULL, NULL, 0, 5, NULL, NULL), 0);
}

static void a_lookup_on_the_bucket_edge_counts_in_the_later_bucket(void **state)
{
    (void)state;
    int64_t t[] = {3599, 3600, 7200};
    struct scene v = scene_of(t, 3, 10800, 0, 0);
    struct grid g = grid_make(&v.w, 3600);
    double y[3];
    assert_int_equal(g.n, 3);
    bucket_fill(&v.s, &g, y);
    assert_near(y[0], 1, 0);
    assert_near(y[1], 1, 0);
    assert_near(y[2], 1, 0);
    scene_free(&v);
}

static void bucket_edges_are_on_the_clock_even_if_the_window_is_not(void **state)
{
    (void)state;
    struct made m = {0};
    made_add(&m, CLIENT, NAME, 1, 7200, 1);
    struct counts *c = made_counts(&m, 0, 86400);
    struct window w;
    window_make(&w, c, 1800 * NS_PER_S + 300000001, 9000 * NS_PER_S);
    struct grid g = grid_make(&w, 3600);
    uint32_t zero = 0;
    struct selection sel = one(&zero, &zero);
    struct subject s;
    subject_make(&s, c, &sel, &w, 30, 0);
    double y[3], hours[3];
    bucket_fill(&s, &g, y);
    exposure_fill(&s, &w, &g, hours);
    assert_int_equal(g.n, 3);
    assert_int_equal(g.first_s, 0);
    assert_near(g.t0, -1800.300000001, 1e-9);
    assert_near(y[1], 0, 0);
    assert_near(y[2], 1, 0);
    assert_near(hours[0], 1799.699999999 / 3600, 1e-12);
    assert_near(hours[1], 1, 1e-12);
    assert_near(hours[2], .5, 1e-12);
    subject_free(&s);
    window_free(&w);
    counts_free(c);
}

static void a_dead_time_past_the_end_of_live_time_takes_no_more_than_there_is(void **state)
{
    (void)state;
    int64_t t[] = {1800, 9000}; /* dead: 1800-5400 and 9000-12600, live ends 10800 */
    struct scene v = scene_of(t, 2, 10800, 30, 3600);
    struct grid g = grid_make(&v.w, 3600);
    double hours[3];
    exposure_fill(&v.s, &v.w, &g, hours);
    assert_near(hours[0], .5, 1e-12);
    assert_near(hours[1], .5, 1e-12);
    assert_near(hours[2], .5, 1e-12);
    assert_near(exposure_between(&v.s, &v.w, 0, 10800), 1.5, 1e-12);
    assert_near(exposure_between(&v.s, &v.w, 5400, 7200), .5, 1e-12);
    assert_near(exposure_between(&v.s, &v.w, 9000, 1e9), 0, 0);
    scene_free(&v);
}

static void overlapping_dead_times_are_taken_off_once(void **state)
{
    (void)state;
    int64_t t[] = {600, 1200}; /* dead 600-4800 in one piece */
    struct scene v = scene_of(t, 2, 7200, 30, 3600);
    assert_near(exposure_between(&v.s, &v.w, 0, 7200), 3000. / 3600, 1e-12);
    scene_free(&v);
}

static void a_dead_time_goes_on_across_a_hole_in_live_time(void **state)
{
    (void)state;
    int64_t t[] = {3000};
    struct scene v = scene_of(t, 1, 7200, 30, 3600);
    v.w.live = mem_resize(v.w.live, 2, sizeof *v.w.live);
    v.w.live[0] = (struct interval){0, 3600};
    v.w.live[1] = (struct interval){5400, 10800};
    v.w.nlive = 2;
    assert_near(exposure_between(&v.s, &v.w, 0, 10800), (3000 + 4200) / 3600., 1e-12);
    assert_near(window_live_between(&v.w, 3500, 5500), 200, 1e-12);
    scene_free(&v);
}

static void a_bucket_without_live_time_has_no_exposure_and_no_lookup(void **state)
{
    (void)state;
    struct made m = {0};
    made_add(&m, CLIENT, NAME, 1, 100, 1);
    made_add(&m, CLIENT, NAME, 1, 5000, 1); /* outside live time */
    made_add(&m, CLIENT, NAME, 1, 9000, 1);
    struct counts *c = made_counts(&m, 0, 3600);
    c->live = mem_resize(c->live, 2, sizeof *c->live);
    c->live[c->nlive++] = (struct counts_live){7200 * NS_PER_S, 10800 * NS_PER_S,
                                               mem_copy("inferred", sizeof "inferred" - 1)};
    struct window w;
    window_make(&w, c, 0, 0);
    assert_true(w.inferred);
    assert_near(w.length_s, 10800, 0);
    assert_near(w.live_s, 7200, 0);
    uint32_t zero = 0;
    struct selection sel = one(&zero, &zero);
    struct subject s;
    subject_make(&s, c, &sel, &w, 30, 0);
    struct grid g = grid_make(&w, 3600);
    double y[3], hours[3];
    bucket_fill(&s, &g, y);
    exposure_fill(&s, &w, &g, hours);
    assert_int_equal(s.lookups, 2);
    assert_near(y[1], 0, 0);
    assert_true(hours[0] == 1 && hours[1] == 0 && hours[2] == 1); /* exactly */
    subject_free(&s);
    window_free(&w);
    counts_free(c);
}

static void retries_from_before_the_window_are_no_session_inside_it(void **state)
{
    (void)state;
    int64_t t[] = {3590, 3610, 5000};
    struct scene v = scene_of(t, 3, 7200, 30, 0);
    struct window w;
    window_make(&w, v.c, 3600 * NS_PER_S, 7200 * NS_PER_S);
    uint32_t zero = 0;
    struct selection sel = one(&zero, &zero);
    struct subject s;
    subject_make(&s, v.c, &sel, &w, 30, 0);
    assert_int_equal(s.n, 1);
    assert_near(s.t[0], 1400, 0);
    assert_int_equal(s.lookups, 2); /* raw look-ups in the window are still told */
    subject_free(&s);
    window_free(&w);
    scene_free(&v);
}

/* Three clients, two names; "c" never asked for "x", "b" asks in two types. */
static struct counts *group_counts(bool more)
{
    struct made m = {0};
    made_add(&m, "a", "x", 1, 1000, 1);
    made_add(&m, "b", "x", 1, 2000, 1);
    made_add(&m, "b", "x", 28, 2000, 1);
    made_add(&m, "c", "y", 1, 3000, 1);
    if (more) {
        made_add(&m, "0", "0", 1, 3000, 1);
        made_add(&m, "aa", "w", 1, 3000, 1);
    }
    return made_counts(&m, 0, 36000);
}

static void a_pair_without_a_lookup_still_brings_its_exposure(void **state)
{
    (void)state;
    struct counts *c = group_counts(false);
    struct window w;
    window_make(&w, c, 0, 0);
    uint32_t clients[] = {0, 1, 2}, names[] = {0};
    struct subject s;
    subject_make(&s, c, &(struct selection){clients, names, 3, 1}, &w, 30, 3600);
    assert_int_equal(s.nstreams, 4); /* a; b as A and AAAA; c */
    assert_int_equal(s.n, 3);
    assert_int_equal(s.streams[3].n, 0);
    assert_int_equal(s.origin[1], 1); /* equal times: in order of streams */
    assert_int_equal(s.origin[2], 2);
    assert_near(exposure_between(&s, &w, 0, 36000), 4 * 10 - 3, 1e-12);
    subject_free(&s);
    window_free(&w);
    counts_free(c);
}

static void the_subject_id_comes_from_texts_not_from_indices(void **state)
{
    (void)state;
    struct counts *few = group_counts(false), *more = group_counts(true);
    struct window w;
    window_make(&w, few, 0, 0);
    uint32_t x_few = 0, b_few = 1, a_few = 0, x_more = 2, b_more = 3;
    struct subject s, t, other;
    struct selection p = one(&b_few, &x_few), q = one(&b_more, &x_more),
                     r = one(&a_few, &x_few);
    subject_make(&s, few, &p, &w, 30, 0);
    subject_make(&t, more, &q, &w, 30, 0);
    subject_make(&other, few, &r, &w, 30, 0);
    assert_true(s.id == t.id);
    assert_true(s.id != other.id);
    uint32_t ab[] = {0, 1}, ba[] = {1, 0};
    struct subject u, v;
    subject_make(&u, few, &(struct selection){ab, &x_few, 2, 1}, &w, 30, 0);
    subject_make(&v, few, &(struct selection){ba, &x_few, 2, 1}, &w, 30, 0);
    assert_true(u.id == v.id);
    struct subject *all[] = {&s, &t, &other, &u, &v};
    for (size_t i = 0; i < 5; i++)
        subject_free(all[i]);
    window_free(&w);
    counts_free(few);
    counts_free(more);
}

/* Look-ups at 100, 120, 140 and 200 are two sessions of 30 s: none could begin from 100 to 170
 * and from 200 to 230. Of answers that live 50 s the first hides 70, of 70 s and more none
 * hides more than a life. With no life given nothing is hidden. */
static void no_session_begins_while_one_goes_on(void **state)
{
    (void)state;
    static const int64_t t[] = {100, 120, 140, 200};
    static const double lives[] = {5, 50, 70, 3600, 0}, hidden[] = {100, 120, 140, 900, 0};
    for (size_t i = 0; i < 5; i++) {
        struct scene v = scene_of(t, 4, 1000, 30, lives[i]);
        assert_int_equal(v.s.n, 2);
        assert_true((v.s.streams[0].hidden != NULL) == (i < 2));
        assert_close(stream_dead(&v.s.streams[0], 0), i < 2 ? 70 : lives[i], 1e-12);
        assert_close(3600 * exposure_between(&v.s, &v.w, 0, 1000), 1000 - hidden[i], 1e-12);
        scene_free(&v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_equal_to_the_session_gap_stays_in_the_session),
        cmocka_unit_test(sessions_add_weights_and_may_be_formed_in_place),
        cmocka_unit_test(a_lookup_on_the_bucket_edge_counts_in_the_later_bucket),
        cmocka_unit_test(bucket_edges_are_on_the_clock_even_if_the_window_is_not),
        cmocka_unit_test(a_dead_time_past_the_end_of_live_time_takes_no_more_than_there_is),
        cmocka_unit_test(overlapping_dead_times_are_taken_off_once),
        cmocka_unit_test(a_dead_time_goes_on_across_a_hole_in_live_time),
        cmocka_unit_test(a_bucket_without_live_time_has_no_exposure_and_no_lookup),
        cmocka_unit_test(retries_from_before_the_window_are_no_session_inside_it),
        cmocka_unit_test(no_session_begins_while_one_goes_on),
        cmocka_unit_test(a_pair_without_a_lookup_still_brings_its_exposure),
        cmocka_unit_test(the_subject_id_comes_from_texts_not_from_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
