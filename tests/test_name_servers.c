/* SPDX-License-Identifier: GPL-3.0-or-later
 * Servers of one name beside those of the others. SciPy is 1.10.1. */
#include "tests/check.h"

#include "base/text.h"
#include "ingest/tally.h"
#include "models/integrity.h"
#include "stats/tail.h"

struct asked {
    const char *client, *name;
    int at[3]; /* look-ups at each of three servers */
};

/* In sessions of `rows` rows at one server, a second apart; sessions an hour apart. */
static struct counts *case_of(const struct asked *v, size_t n, int rows)
{
    static const char *const servers[] = {"198.51.100.1", "198.51.100.2", "198.51.100.3"};
    struct tally *t = tally_new(
        &(struct tally_opts){.tick_ns = NS_PER_S, .group = {.prefix4 = 32, .prefix6 = 128}});
    size_t source = tally_source(t, "x", "test");
    struct skips skips = {0};
    int64_t hour = 0;
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            for (int left = v[i].at[k]; left > 0; left--) {
                struct lookup one = {.t_ns = (3600 * (hour / rows) + hour % rows) * NS_PER_S,
                                     .client = span_of(v[i].client),
                                     .name = span_of(v[i].name),
                                     .server = span_of(servers[k]),
                                     .qtype = 1,
                                     .rcode = LOOKUP_UNKNOWN,
                                     .id = LOOKUP_UNKNOWN,
                                     .port = LOOKUP_UNKNOWN,
                                     .ttl_s = LOOKUP_UNKNOWN,
                                     .weight = 1};
                assert_int_equal(tally_add(t, source, &one, 1, &skips, NULL), 0);
                hour++;
            }
    return tally_freeze(t, 1);
}

static struct screen_result screened(struct counts *c)
{
    struct integrity in;
    integrity_run(
        &in, c,
        &(struct integrity_opts){.alpha = .01, .session_s = 30, .seed = 1, .threads = 1});
    struct screen_result r = *integrity_find(&in, "name_servers");
    integrity_free(&in);
    counts_free(c);
    return r;
}

static const struct asked two_clients[] = {
    {"192.0.2.1", "a.example", {40, 30, 30}}, {"192.0.2.1", "b.example", {60, 20, 20}},
    {"192.0.2.1", "c.example", {30, 40, 30}}, {"192.0.2.2", "a.example", {50, 25, 25}},
    {"192.0.2.2", "b.example", {20, 50, 30}}, {"192.0.2.2", "c.example", {45, 30, 25}}};

/* chi2_contingency(correction=False) of b against a + c and of a against c, summed over the
 * clients: 40.535415671285236 and 3.574846206425154, 4 degrees each; f.logsf with floor at
 * chance, -3.78311347887255, over three names. */
static void a_name_is_held_against_the_scatter_of_the_others(void **state)
{
    (void)state;
    struct screen_result r = screened(case_of(two_clients, 6, 1));
    assert_close(r.value, 11.339065607474245, 1e-9);
    assert_close(r.log_p, -2.7073392002278625, 1e-9);
    assert_non_null(strstr(r.note, "b.example, 2 clients"));
}

/* two_clients with ten times the rows, in sessions of so many at one server. */
static struct screen_result ten_times(int session)
{
    struct asked v[6];
    memcpy(v, two_clients, sizeof v);
    for (size_t i = 0; i < 6; i++)
        for (int k = 0; k < 3; k++)
            v[i].at[k] *= 10;
    return screened(case_of(v, 6, session));
}

/* Ten times the rows in sessions of ten at one server are worth what they were. */
static void rows_of_a_session_count_as_one(void **state)
{
    (void)state;
    struct screen_result r = ten_times(10);
    assert_close(r.value, 11.339065607474245, 1e-9);
    assert_close(r.log_p, -2.7073392002278625, 1e-9);
}

/* As many rows each by itself are ten times the evidence, but the others differ as much more:
 * the ratio stays, and p does not fall below it. */
static void more_rows_prove_nothing_where_the_others_scatter_as_much_more(void **state)
{
    (void)state;
    struct screen_result r = ten_times(1);
    assert_close(r.value, 11.339065607474245, 1e-9);
    assert_true(r.log_p >= log_sidak(-3.9824716063466137, 3)); /* f.logsf(11.339, 4, 4) */
}

static void a_name_at_one_server_of_three_is_explained(void **state)
{
    (void)state;
    struct asked v[8];
    memcpy(v, two_clients, sizeof two_clients);
    v[1].at[0] = v[4].at[0] = 100;
    v[1].at[1] = v[1].at[2] = v[4].at[1] = v[4].at[2] = 0;
    v[6] = (struct asked){"192.0.2.1", "d.example", {42, 33, 25}};
    v[7] = (struct asked){"192.0.2.2", "d.example", {44, 30, 28}};
    struct screen_result r = screened(case_of(v, 8, 1));
    assert_int_equal(r.answer, INTEGRITY_EXPLAIN);
    assert_non_null(strstr(r.note, "b.example"));
}

static void two_names_have_no_others_whose_scatter_could_be_known(void **state)
{
    (void)state;
    struct screen_result r = screened(case_of(two_clients, 2, 1));
    assert_int_equal(r.answer, INTEGRITY_NOT_APPLICABLE);
    assert_true(isnan(r.log_p));
    static const struct asked one_server[] = {
        {"c", "a", {50}}, {"c", "b", {50}}, {"c", "c", {50}}};
    assert_int_equal(screened(case_of(one_server, 3, 1)).answer, INTEGRITY_NOT_APPLICABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_held_against_the_scatter_of_the_others),
        cmocka_unit_test(rows_of_a_session_count_as_one),
        cmocka_unit_test(more_rows_prove_nothing_where_the_others_scatter_as_much_more),
        cmocka_unit_test(a_name_at_one_server_of_three_is_explained),
        cmocka_unit_test(two_names_have_no_others_whose_scatter_could_be_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
