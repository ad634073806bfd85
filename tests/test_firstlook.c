/* SPDX-License-Identifier: GPL-3.0-or-later
 * Is a first look-up of a new name early for this client? By hand. */
#include "models/firstlook.h"

#include "tests/check.h"
#include "tests/made.h"

enum { HOUR = 3600, DAY = 86400 };

/* Old names from the first day on; new names n0 .. n19, born by "other" on day 10 + i, for
 * which "c" asks i + 1 hours later; the last two it never asks for. */
static void add_names(struct made *m)
{
    char name[20];
    made_add(m, "other", "old.example", 1, 0, 1);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "n%02d.example", i);
        made_add(m, "other", name, 1, (10 + i) * DAY, 1);
        if (i < 18)
            made_add(m, "c", name, 1, (10 + i) * DAY + (i + 1) * HOUR, 1);
    }
}

static struct counts *counts_with(struct made *m, struct firstlook *f, int wait_h,
                                  struct err *err, int *ret_rc)
{
    add_names(m);
    made_add(m, "other", "new.example", 1, 40 * DAY, 1);
    made_add(m, "late", "new.example", 1, 50 * DAY, 1);
    made_add(m, "c", "new.example", 1, 40 * DAY + wait_h * HOUR, 1);
    made_add(m, "other", "old.example", 1, 60 * DAY, 1);
    struct counts *c = made_counts(m, 0, 61 * DAY);
    *ret_rc = firstlook_test(f, c, counts_client(c, span_of("c")),
                             counts_name(c, span_of("new.example")), err);
    return c;
}

static void a_wait_is_ranked_among_the_clients_own_waits(void **state)
{
    (void)state;
    static const struct {
        int wait_h;
        size_t sooner;
    } rows[] = {{0, 0}, {1, 1}, {5, 5}, {300, 18}};
    for (size_t i = 0; i < 4; i++) {
        struct made m = {0};
        struct firstlook f;
        struct err err = {0};
        int rc;
        struct counts *c = counts_with(&m, &f, rows[i].wait_h, &err, &rc);
        assert_int_equal(rc, 0);
        assert_int_equal(f.names, 20);
        assert_int_equal(f.sooner, rows[i].sooner);
        assert_close(f.p, (double)(rows[i].sooner + 1) / 21, 1e-12);
        assert_close(f.wait_s, rows[i].wait_h * 3600., 1e-12);
        assert_true(f.others_before == (rows[i].wait_h == 300 ? 2 : 1));
        assert_true(f.ptr_name == UINT32_MAX);
        counts_free(c);
    }
}

/* Never asked for, and the log ends before the wait in question is over: unknown, so left out.
 */
static void a_name_that_was_never_asked_for_counts_while_it_had_time(void **state)
{
    (void)state;
    struct made m = {0};
    struct firstlook f;
    struct err err = {0};
    int rc;
    made_add(&m, "other", "young.example", 1, 60 * DAY, 1);
    struct counts *c = counts_with(&m, &f, 48, &err, &rc);
    assert_int_equal(rc, 0);
    assert_int_equal(f.names, 20);
    counts_free(c);
}

static void a_reverse_look_up_in_the_hour_before_is_named(void **state)
{
    (void)state;
    struct made m = {0};
    struct firstlook f;
    struct err err = {0};
    int rc;
    made_add(&m, "c", "9.2.0.192.in-addr.arpa", 12, 40 * DAY + 5 * HOUR - 60, 1);
    made_add(&m, "c", "8.2.0.192.in-addr.arpa", 12, 40 * DAY + 5 * HOUR - 7200, 1);
    made_add(&m, "c", "7.2.0.192.in-addr.arpa", 12, 40 * DAY + 5 * HOUR + 60, 1);
    struct counts *c = counts_with(&m, &f, 5, &err, &rc);
    assert_int_equal(rc, 0);
    assert_true(span_is(c->names[f.ptr_name], "9.2.0.192.in-addr.arpa"));
    assert_close(f.ptr_before_s, 60, 1e-12);
    counts_free(c);
}

static void an_old_name_and_a_name_never_asked_for_are_refused(void **state)
{
    (void)state;
    struct made m = {0};
    struct firstlook f;
    struct err err;
    int rc;
    made_add(&m, "c", "old.example", 1, 2 * DAY, 1);
    struct counts *c = counts_with(&m, &f, 5, &err, &rc);
    uint32_t client = counts_client(c, span_of("c"));
    assert_fails(ERR_DEGENERATE, "it may be old",
                 firstlook_test(&f, c, client, counts_name(c, span_of("old.example")), &err));
    assert_fails(ERR_DEGENERATE, "never asked",
                 firstlook_test(&f, c, client, counts_name(c, span_of("n19.example")), &err));
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_is_ranked_among_the_clients_own_waits),
        cmocka_unit_test(a_name_that_was_never_asked_for_counts_while_it_had_time),
        cmocka_unit_test(a_reverse_look_up_in_the_hour_before_is_named),
        cmocka_unit_test(an_old_name_and_a_name_never_asked_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
