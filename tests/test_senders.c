/* SPDX-License-Identifier: GPL-3.0-or-later
 * Messages of one client in their order, and the screens that read them. SciPy is 1.10.1. */
#include "tests/check.h"

#include "base/text.h"
#include "ingest/dns.h"
#include "ingest/senders.h"
#include "models/integrity.h"
#include "tests/made.h"

static struct lookup message(int32_t id, int32_t port)
{
    return (struct lookup){.id = id, .port = port, .qtype = 1};
}

static struct lookup spelt(const char *name)
{
    struct lookup v = message(1, 1);
    v.letters = dns_letters((const unsigned char *)name, strlen(name), &v.upper);
    v.trait[TRAIT_CASE] = 2;
    return v;
}

static void letters_are_counted_in_their_order_and_the_first_64(void **state)
{
    (void)state;
    uint64_t upper;
    char many[80];
    memset(many, 'A', 79);
    many[79] = '\0';
    assert_int_equal(dns_letters((const unsigned char *)"\4aB-c\1D", 7, &upper), 4);
    assert_true(upper == (1 << 1 | 1 << 3));
    assert_int_equal(dns_letters((const unsigned char *)many, 79, &upper), 64);
    assert_true(upper == UINT64_MAX);
    assert_int_equal(dns_letters((const unsigned char *)"", 0, &upper), 0);
}

static void a_run_of_a_client_goes_on_over_what_others_ask_between(void **state)
{
    (void)state;
    static const struct {
        uint32_t client;
        int32_t id, port;
    } rows[] = {{7, 10, 90}, {3, 5, 1}, {7, 11, 80}, {3, 4, 1},
                {7, 30, 70}, {3, 3, 2}, {7, 30, 60}, {7, 31, 50}};
    struct counts_source x = {0}, y = {0};
    struct senders *s = senders_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lookup v = message(rows[i].id, rows[i].port);
        senders_add(s, 0, &x, rows[i].client, 0, &v);
    }
    struct lookup v = message(32, 40);
    senders_add(s, 1, &y, 7, 0, &v); /* another source begins anew */
    assert_true(x.run_longest[RUN_OWN_ID_UP] == 3 && x.run_longest[RUN_OWN_ID_DOWN] == 3);
    assert_true(x.run_longest[RUN_OWN_PORT_UP] == 2 && x.run_longest[RUN_OWN_PORT_DOWN] == 5);
    assert_true(y.run_longest[RUN_OWN_ID_UP] == 1 && y.run_longest[RUN_OWN_PORT_DOWN] == 1);
    senders_free(s);
}

/* Ten mixed ones go before; one of one case begins anew, and a short name changes nothing. */
static void letters_count_from_a_clients_eleventh_mixed_query(void **state)
{
    (void)state;
    struct counts_source x = {0};
    struct senders *s = senders_new();
    struct lookup mixed = spelt("aBcDeFgHiJkL"), plain = message(1, 1), is_short = plain;
    plain.trait[TRAIT_CASE] = 1;
    for (int i = 0; i < 9; i++)
        senders_add(s, 0, &x, 0, 0, &mixed);
    senders_add(s, 0, &x, 0, 0, &plain);
    for (int i = 0; i < 10; i++)
        senders_add(s, 0, &x, 0, 0, i == 5 ? &is_short : &mixed);
    senders_add(s, 0, &x, 0, 0, &mixed);
    assert_true(x.case_upper[1] + x.case_lower[0] == 0);
    senders_add(s, 0, &x, 0, 0, &mixed);
    assert_true(x.case_upper[1] == 1 && x.case_lower[0] == 1);
    senders_add(s, 0, &x, 1, 0, &mixed); /* another client */
    assert_true(x.case_upper[1] == 1);
    senders_free(s);
}

static void a_spelling_is_held_against_the_clients_last_one_of_that_name(void **state)
{
    (void)state;
    struct counts_source x = {0};
    struct senders *s = senders_new();
    struct lookup a = spelt("aBcDeFgHiJkL"), b = spelt("aBcDeFgHiJKl"), c = spelt("abcDEF");
    for (int i = 0; i < 10; i++)
        senders_add(s, 0, &x, 0, 5, &a);
    senders_add(s, 0, &x, 0, 6, &c); /* another name: nothing to hold it against */
    senders_add(s, 0, &x, 0, 5, &b); /* two letters changed */
    senders_add(s, 0, &x, 0, 5, &b);
    assert_true(x.case_again[11] == 2 && x.case_equal[11] == 1);
    assert_true(x.case_same == 22 && x.case_other == 2);
    /* neighbours: abcDEF 4 alike of 5; aBcDeFgHiJKl 1 of 11, twice */
    assert_true(x.case_alike == 4 + 1 + 1 && x.case_unlike == 1 + 10 + 10);
    senders_free(s);
}

/* --- the screens ------------------------------------------------------------------------ */

static struct counts *case_with_source(void)
{
    struct made m = {0};
    for (int64_t t = 0; t < 86400; t += 3600)
        made_add(&m, "192.0.2.1", "a.example", 1, t, 1);
    struct counts *c = made_counts(&m, 0, 86400);
    c->sources = mem_zero(1, sizeof *c->sources);
    c->nsources = 1;
    c->sources[0].name = mem_copy("s", 1);
    c->sources[0].format = mem_copy("test", 4);
    return c;
}

static struct screen_result screened(const struct counts *c, const char *id)
{
    struct integrity in;
    integrity_run(
        &in, c,
        &(struct integrity_opts){.alpha = .01, .session_s = 30, .seed = 1, .threads = 1});
    struct screen_result r = *integrity_find(&in, id);
    integrity_free(&in);
    return r;
}

/* Six longest runs; 9 of 300 values has .0007242343969715419 (test_longrun), which is at most
 * .01/6 and so the shortest that is found: 8 has .0064. */
static void the_longest_run_has_its_law_over_six_looks(void **state)
{
    (void)state;
    struct counts *c = case_with_source();
    struct counts_source *s = c->sources;
    s->messages = 300;
    s->id_longest = 5;
    for (int i = 0; i < HIST_RUN; i++)
        s->run_longest[i] = 4;
    s->run_longest[RUN_OWN_PORT_DOWN] = 9;
    struct screen_result r = screened(c, "id_runs");
    assert_close(exp(r.log_p), 6 * .0007242343969715419, 1e-10);
    assert_true(r.value == 9 && r.smallest == 9);
    assert_int_equal(r.answer, INTEGRITY_EXPLAIN);
    assert_non_null(strstr(r.note, "9 falling ports of one client"));
    memset(s->run_longest, 0, sizeof s->run_longest); /* a case of before */
    assert_int_equal(screened(c, "id_runs").answer, INTEGRITY_NOT_APPLICABLE);
    counts_free(c);
}

/* 600 queries of names with 12 letters; fair in all but one. */
static void give_fair_letters(struct counts_source *s)
{
    for (int i = 0; i < 12; i++)
        s->case_upper[i] = s->case_lower[i] = 300;
    s->case_again[11] = 200;
    s->case_same = s->case_other = 1200;
    s->case_alike = s->case_unlike = 3300;
}

/* chi2.logsf of sum (2 3i)^2 / 600, 12 places; binom.logsf(1289, 2400, .5); poisson.sf(2,
 * 200/4094); binom.logsf(3499, 6600, (.5 - 2^-11)/(1 - 2^-11)): two-sided where either side
 * counts. */
static void letters_are_tested_by_place_memory_spelling_and_neighbours(void **state)
{
    (void)state;
    static const struct {
        double log_p;
        const char *said;
    } signs[] = {{-6.0059204464355425, "by place"},
                 {-8.267255551397652, "kept from the query before"},
                 {-10.885234783481183, "spelt as before"},
                 {-14.126394290868598, "neighbours"}};
    for (int sign = 0; sign < 4; sign++) {
        struct counts *c = case_with_source();
        struct counts_source *s = c->sources;
        give_fair_letters(s);
        for (uint64_t i = 0; sign == 0 && i < 12; i++) {
            s->case_upper[i] = 300 + 3 * i;
            s->case_lower[i] = 300 - 3 * i;
        }
        s->case_same = sign == 1 ? 1290 : 1200;
        s->case_other = 2400 - s->case_same;
        s->case_equal[11] = sign == 2 ? 3 : 0;
        s->case_alike = sign == 3 ? 3500 : 3300;
        s->case_unlike = 6600 - s->case_alike;
        struct screen_result r = screened(c, "letters");
        assert_close(r.log_p, log(4) + signs[sign].log_p, 1e-9);
        assert_non_null(strstr(r.note, signs[sign].said));
        counts_free(c);
    }
}

static void fair_letters_pass_and_too_few_are_not_applicable(void **state)
{
    (void)state;
    struct counts *c = case_with_source();
    struct counts_source *s = c->sources;
    give_fair_letters(s);
    assert_int_equal(screened(c, "letters").answer, INTEGRITY_PASS);
    s->case_upper[0] = 99;
    s->case_lower[0] = 0;
    assert_int_equal(screened(c, "letters").answer, INTEGRITY_NOT_APPLICABLE);
    counts_free(c);
}

/* However the screens apart fall out, the p after Holm of the others is what it was. */
static void screens_of_a_later_family_leave_the_others_as_they_are(void **state)
{
    (void)state;
    struct counts *c = case_with_source();
    struct counts_source *s = c->sources;
    s->messages = 1000;
    s->id_pairs = 25;
    s->id_rises = 520;
    struct screen_result before = screened(c, "ids");
    s->id_longest = 600;
    for (int i = 0; i < HIST_RUN; i++)
        s->run_longest[i] = 600;
    give_fair_letters(s);
    struct screen_result now = screened(c, "ids"), run = screened(c, "id_runs");
    assert_true(before.log_p_adjusted == now.log_p_adjusted && before.answer == now.answer);
    assert_int_equal(run.answer, INTEGRITY_EXPLAIN);
    for (const struct screen *v = screen_table; v->id; v++)
        assert_false(v->family != FAMILY_FIRST && v->may_fail);
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_are_counted_in_their_order_and_the_first_64),
        cmocka_unit_test(a_run_of_a_client_goes_on_over_what_others_ask_between),
        cmocka_unit_test(letters_count_from_a_clients_eleventh_mixed_query),
        cmocka_unit_test(a_spelling_is_held_against_the_clients_last_one_of_that_name),
        cmocka_unit_test(the_longest_run_has_its_law_over_six_looks),
        cmocka_unit_test(letters_are_tested_by_place_memory_spelling_and_neighbours),
        cmocka_unit_test(fair_letters_pass_and_too_few_are_not_applicable),
        cmocka_unit_test(screens_of_a_later_family_leave_the_others_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
