/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/drivers.h"
#include "tests/check.h"
#include "tests/made.h"

/* a asks for one.example, b for two.example; the minutes tell who asked. */
static struct counts *some(void)
{
    struct made m = {0};
    made_add(&m, "a", "one.example", 1, 60, 1);
    made_add(&m, "b", "two.example", 1, 120, 1);
    made_add(&m, "b", "two.example", 28, 121, 1);
    made_add(&m, "c", "two.example", 1, 180, 1);
    made_add(&m, "c", "two.example", 28, 240, 1);
    made_add(&m, "b", "three.example", 1, 300, 1);
    made_add(&m, "a", "two.example", 1, 360, 1);
    made_add(&m, "b", "one.example", 1, 420, 1);
    made_add(&m, "d", "four.example", 1, 480, 1);
    made_add(&m, "d", "four.example", 1, 490, 1); /* one session with the row above */
    return made_counts(&m, 0, 86400);
}

static void subject_of(struct subject *s, const struct counts *c, const struct window *w,
                       const char *client, const char *name)
{
    uint32_t client_id = counts_client(c, span_of(client));
    uint32_t name_id = counts_name(c, span_of(name));
    struct selection sel = {&client_id, &name_id, 1, 1};
    subject_make(s, c, &sel, w, 30, 0);
}

static void assert_times(const struct driver *d, const double *t, size_t n)
{
    assert_int_equal(d->n, n);
    for (size_t i = 0; i < n; i++)
        assert_near(d->t[i], t[i], 1e-9);
}

static void each_kind_holds_its_own_and_none_of_the_two_parties(void **state)
{
    (void)state;
    struct counts *c = some();
    struct window w;
    struct subject a, b;
    struct drivers d;
    window_make(&w, c, 0, 0);
    subject_of(&a, c, &w, "a", "one.example");
    subject_of(&b, c, &w, "b", "two.example");
    drivers_make(&d, 1U << DRIVER_CLIENTS, c, &b, &a, &w, 30);
    assert_int_equal(d.n, 1);
    assert_times(&d.series[0], (const double[]){180, 240}, 2); /* not a's own 360 */
    drivers_free(&d);
    drivers_make(&d, 1U << DRIVER_NAMES, c, &b, &a, &w, 30);
    assert_times(&d.series[0], (const double[]){300, 420}, 2);
    drivers_free(&d);
    drivers_make(&d, 1U << DRIVER_TRAFFIC | 1U << DRIVER_NAMES, c, &b, &a, &w, 30);
    assert_int_equal(d.n, 2);
    assert_times(&d.series[1], (const double[]){180, 240, 300, 360, 420, 480}, 6);
    drivers_free(&d);
    drivers_make(&d, 1U << DRIVER_CLIENTS, c, &a, &b, &w, 30);
    assert_int_equal(d.n, 0); /* nobody but a and b asked for one.example */
    drivers_make(&d, 0, c, &b, &a, &w, 30);
    assert_int_equal(d.n, 0);
    subject_free(&a);
    subject_free(&b);
    window_free(&w);
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_holds_its_own_and_none_of_the_two_parties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
