/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a source is like: order, quarters of the day, ids and ports. */
#include "tests/check.h"

#include "base/text.h"
#include "ingest/census.h"

static struct counts_source census_of(const struct lookup *v, size_t n)
{
    struct counts_source info = {.first_ns = INT64_MAX, .last_ns = INT64_MIN};
    struct census c;
    census_begin(&c);
    for (size_t i = 0; i < n; i++)
        census_add(&c, &info, &v[i]);
    census_end(&c, &info);
    return info;
}

static struct lookup at(int64_t seconds, int32_t id, int32_t port)
{
    return (struct lookup){.t_ns = seconds * NS_PER_S, .id = id, .port = port, .qtype = 1};
}

static void
a_step_back_is_counted_by_its_size_and_the_next_row_is_late_but_no_step(void **state)
{
    (void)state;
    const struct lookup v[] = {at(10000, -1, -1), at(6400, -1, -1), at(6401, -1, -1),
                               at(6401, -1, -1)};
    struct counts_source s = census_of(v, 4);
    assert_true(s.back[12] == 1); /* 3600 s: from 2^11 up */
    uint64_t steps = 0;
    for (int i = 0; i < HIST_STEP; i++)
        steps += s.back[i];
    assert_true(steps == 1 && s.late == 3);
    assert_true(s.latest_late_ns == 3600 * NS_PER_S);
}

static void less_than_a_second_back_is_bin_0(void **state)
{
    (void)state;
    struct lookup v[] = {at(5, -1, -1), at(5, -1, -1)};
    v[0].t_ns += 1;
    assert_true(census_of(v, 2).back[0] == 1);
}

static void quarters_are_of_the_utc_day_before_1970_too(void **state)
{
    (void)state;
    const struct lookup v[] = {at(-1, -1, -1), at(86400 + 899, -1, -1), at(900, -1, -1)};
    struct counts_source s = census_of(v, 3);
    assert_true(s.quarter[95] == 1 && s.quarter[0] == 1 && s.quarter[1] == 1);
}

static void a_message_sent_again_is_no_collision_and_one_on_another_port_is(void **state)
{
    (void)state;
    const struct lookup v[] = {at(0, 7, 1000), at(1, 7, 1000), at(2, 7, 2000), at(3, 9, 2000)};
    struct counts_source s = census_of(v, 4);
    assert_true(s.messages == 3);
    assert_true(s.id_pairs == 1);
    assert_true(s.port_pairs == 1);
    assert_true(s.id_rises == 1 && s.id_next == 0);
}

static void a_message_without_a_port_is_not_among_them(void **state)
{
    (void)state;
    const struct lookup v[] = {at(0, 7, -1), at(1, 7, -1)};
    struct counts_source s = census_of(v, 2);
    assert_true(s.messages == 0 && s.id_pairs == 0);
    assert_true(s.id_low[7] == 2);
}

static void ids_that_count_up_wrap_and_rise_in_one_run(void **state)
{
    (void)state;
    const struct lookup v[] = {at(0, 65533, 1), at(1, 65534, 2), at(2, 65535, 3), at(3, 0, 4)};
    struct counts_source s = census_of(v, 4);
    assert_true(s.run_longest[RUN_ID_DOWN] == 2);
    assert_true(s.id_next == 3);
    assert_true(s.id_rises == 2 && s.id_longest == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_step_back_is_counted_by_its_size_and_the_next_row_is_late_but_no_step),
        cmocka_unit_test(less_than_a_second_back_is_bin_0),
        cmocka_unit_test(quarters_are_of_the_utc_day_before_1970_too),
        cmocka_unit_test(a_message_sent_again_is_no_collision_and_one_on_another_port_is),
        cmocka_unit_test(a_message_without_a_port_is_not_among_them),
        cmocka_unit_test(ids_that_count_up_wrap_and_rise_in_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
