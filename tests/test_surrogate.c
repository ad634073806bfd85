/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/text.h"
#include "models/surrogate.h"
#include "stats/order.h"
#include "stats/rng.h"
#include "tests/check.h"

enum { HOUR = 3600, DAY = 24 * HOUR, DAYS = 28, WINDOWS = DAYS * 6, CAP = 2000 };

static struct interval live[] = {{0, 9 * DAY}, {9.25 * DAY, DAYS *DAY}};
static const struct window whole = {.from_ns = INT64_C(16986) * DAY * NS_PER_S,
                                    .to_ns = (INT64_C(16986) + DAYS) * DAY * NS_PER_S,
                                    .live = live,
                                    .nlive = 2,
                                    .length_s = DAYS * DAY,
                                    .live_s = (DAYS - .25) * DAY};

static const struct surrogate_opts opts = {
    .window_s = 4 * HOUR, .session_s = 30, .sweeps = 3, .seed = 1};

struct party {
    struct stream streams[2];
    double t[2][CAP], merged[2 * CAP];
    struct subject subject;
};

/* Two caches of an hour, asked by day mostly. */
static struct party *party_new(void)
{
    struct party *p = mem_zero(1, sizeof *p);
    p->subject = (struct subject){.streams = p->streams, .nstreams = 2, .t = p->merged};
    for (size_t k = 0; k < 2; k++) {
        struct rng r;
        struct stream *s = &p->streams[k];
        rng_stream(&r, 23, RNG_SIMULATE, k, 0);
        *s = (struct stream){.t = p->t[k], .ttl_s = HOUR};
        for (double t = 0; (t += rng_exponential(&r, HOUR)) < DAYS * DAY;) {
            bool asked = rng_unit(&r) < .5 + .45 * sin(2 * M_PI * t / DAY);
            if (asked && window_live_between(&whole, t, t + 1) > 0) {
                p->merged[p->subject.n++] = s->t[s->n++] = t;
                t += HOUR;
            }
        }
    }
    order_sort(p->merged, p->subject.n);
    return p;
}

static struct surrogate *surrogate_of(const struct party *p)
{
    struct surrogate *s;
    struct err err = {.msg = ""};
    if (surrogate_window(&s, &p->subject, &whole, &opts, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

/* Of two caches that are asked alike within a session the second's start goes, and what the
 * first's hides stays with it. */
static void what_a_session_hides_stays_with_it_in_a_party(void **state)
{
    (void)state;
    double a[] = {0, 600, 4000}, hides[] = {30, 75, 30}, b[] = {20, 2000}, each[] = {30, 45};
    struct stream two[] = {{.t = a, .n = 3, .ttl_s = 5, .hidden = hides},
                           {.t = b, .n = 2, .ttl_s = 5, .hidden = each}};
    struct subject s = {.streams = two, .nstreams = 2, .n = 5}, party;
    surrogate_party(&party, &s, 30);
    /* All of them keep 30 s: the two are one cache. */
    assert_int_equal(party.nstreams, 1);
    assert_int_equal(party.n, 4);
    const double left[] = {30, 75, 45, 30};
    for (size_t i = 0; i < 4; i++)
        assert_close(stream_dead(&party.streams[0], i), left[i], 1e-12);
    subject_free(&party);
    a[1] = 2040; /* as near to b's session as no one cache would be */
    two[0].ttl_s = two[1].ttl_s = 60;
    hides[0] = hides[2] = each[0] = each[1] = 60;
    surrogate_party(&party, &s, 30);
    assert_int_equal(party.nstreams, 2);
    assert_close(stream_dead(&party.streams[0], 1), 75, 1e-12);
    assert_close(stream_dead(&party.streams[1], 0), 60, 1e-12);
    two[0].hidden = two[1].hidden = NULL;
    subject_free(&party);
    surrogate_party(&party, &s, 30);
    assert_null(party.streams[0].hidden);
    subject_free(&party);
}

static void refitted_to_the_data_the_demand_is_the_datas(void **state)
{
    (void)state;
    struct party *p = party_new();
    struct surrogate *s = surrogate_of(p);
    const struct demand *own = surrogate_demand(s);
    struct stream streams[2];
    struct subject view;
    struct demand d;
    double *t = mem_alloc(p->subject.n * sizeof *t);
    surrogate_data(s, t);
    surrogate_view(s, t, streams, &view);
    surrogate_refit(s, &view, &d);
    assert_int_equal(d.n, own->n);
    assert_memory_equal(d.cum, own->cum, (d.n + 1) * sizeof *d.cum);
    assert_memory_equal(d.factor, own->factor, 2 * sizeof *d.factor);
    surrogate_draw(s, 1, t);
    demand_free(&d);
    surrogate_refit(s, &view, &d); /* of a draw it is another one */
    assert_true(memcmp(d.cum, own->cum, (d.n + 1) * sizeof *d.cum) != 0);
    demand_free(&d);
    surrogate_free(s);
    free(t);
    free(p);
}

/* A draw's sessions of each window, spread over it as demand_fit to that draw alone says. */
static void
what_is_expected_keeps_each_windows_number_and_follows_the_draws_own_demand(void **state)
{
    (void)state;
    struct party *p = party_new();
    struct surrogate *s = surrogate_of(p);
    struct placed placed;
    struct stream streams[2];
    struct subject view;
    struct demand d;
    double *t = mem_alloc(p->subject.n * sizeof *t), number[WINDOWS] = {0};
    surrogate_draw(s, 3, t);
    surrogate_view(s, t, streams, &view);
    demand_fit(&d, &view, &whole, NULL);
    for (size_t i = 0; i < view.n; i++)
        number[(size_t)(t[i] / (4 * HOUR))]++;
    surrogate_placed(s, t, &placed);
    for (size_t w = 0; w < WINDOWS; w++) {
        double from = (double)w * 4 * HOUR, to = from + 4 * HOUR, at = from + 1.7 * HOUR;
        double before = placed_until(&placed, from / placed.slot_s);
        double got = placed_until(&placed, at / placed.slot_s) - before;
        double all = demand_between(&d, from, to);
        assert_near(placed_until(&placed, to / placed.slot_s) - before, number[w], 1e-9);
        if (all > 0)
            assert_near(got, number[w] * demand_between(&d, from, at) / all, 1e-9);
    }
    assert_near(placed_until(&placed, 1e9), (double)view.n, 1e-8);
    assert_true(placed_until(&placed, -5) == 0);
    placed_free(&placed);
    demand_free(&d);
    surrogate_free(s);
    free(t);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_session_hides_stays_with_it_in_a_party),
        cmocka_unit_test(refitted_to_the_data_the_demand_is_the_datas),
        cmocka_unit_test(
            what_is_expected_keeps_each_windows_number_and_follows_the_draws_own_demand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
