/* SPDX-License-Identifier: GPL-3.0-or-later
 * How long a name's look-ups keep a server, beside those of the others. SciPy is 1.10.1. */
#include "tests/check.h"

#include "base/text.h"
#include "ingest/tally.h"
#include "models/integrity.h"

struct asked {
    const char *client, *name, *servers; /* a letter a look-up, in order of time */
};

static const struct asked drawn[] = {
    {"x", "n1", "cbbbbbbbbbbcaaaaaaccccaa"},     {"x", "n2", "aaaaaaaabaaaaabbbaaabbaaabcc"},
    {"x", "n3", "acbcaacaaaacbaaaaacabaab"},     {"x", "n4", "bbbbbbbbbbbaaaaccaabbbbb"},
    {"y", "n1", "aaaaaaabbbaaacaaaaaaaaaa"},     {"y", "n2", "bbbbbaaaaabbbbbbcaccbbbbcccb"},
    {"y", "n3", "cbaabacbacabbcaacabbbacb"},     {"y", "n4", "bbaababbaaaabacccccccccc"},
    {"y", "n5", "cccccccccccccccccccccccccccc"}, {"z", "n5", "acacacaccacacabcabcaccbcabca"}};
enum { DRAWN = 8 };

static void add(struct tally *t, size_t source, const struct asked *v, uint16_t type, int gap)
{
    struct skips skips = {0};
    for (int k = 0; v->servers[k]; k++) {
        struct lookup one = {.t_ns = k * gap * NS_PER_S,
                             .client = span_of(v->client),
                             .name = span_of(v->name),
                             .server = span_make(&v->servers[k], 1),
                             .qtype = type,
                             .rcode = LOOKUP_UNKNOWN,
                             .id = LOOKUP_UNKNOWN,
                             .port = LOOKUP_UNKNOWN,
                             .ttl_s = LOOKUP_UNKNOWN,
                             .weight = 1};
        assert_int_equal(tally_add(t, source, &one, 1, &skips, NULL), 0);
    }
}

/* Look-ups `gap` seconds apart; of A, or the first `types` of A and AAAA at once. */
static struct counts *case_of_types(const struct asked *v, size_t n, int gap, size_t types)
{
    static const uint16_t type[] = {1, 28};
    struct tally *t = tally_new(
        &(struct tally_opts){.tick_ns = NS_PER_S, .group = {.prefix4 = 32, .prefix6 = 128}});
    size_t source = tally_source(t, "x", "test");
    for (size_t i = 0; i < n * types; i++)
        add(t, source, &v[i / types], type[i % types], gap);
    return tally_freeze(t, 1);
}

static struct counts *case_of(const struct asked *v, size_t n, int gap)
{
    return case_of_types(v, n, gap, 1);
}

static struct integrity screened(const struct counts *c)
{
    struct integrity in;
    integrity_run(
        &in, c,
        &(struct integrity_opts){.alpha = .01, .session_s = 30, .seed = 1, .threads = 1});
    return in;
}

static struct screen_result memory_of(struct counts *c)
{
    struct integrity in = screened(c);
    struct screen_result r = *integrity_find(&in, "name_memory");
    integrity_free(&in);
    counts_free(c);
    return r;
}

/* In exact fractions: q and the variance of stays from P(two, three and four rows at one
 * server, two and two at two), which for aaabbcc is 148/147, as its 210 orders have it; then
 * T, W and var of the header. n3 has T / W = -.645; its others have phi and tau^2 at their
 * floors, f.logsf(T^2 / var, 1, 2) = -3.4707648458257, log1p(-(1 - p)^4) over four names. */
static void a_name_is_held_against_the_scatter_of_the_others(void **state)
{
    (void)state;
    struct screen_result r = memory_of(case_of(drawn, DRAWN, 100));
    assert_close(r.value, -0.6452394810690766, 1e-12);
    assert_close(r.log_p, -2.1312273323697215, 1e-12);
    assert_int_equal(r.answer, INTEGRITY_PASS);
    assert_non_null(strstr(r.note, "4 looks; least likely: n3, 46 steps beyond a session"));
}

/* Five names of unlike memory: of n5 f.logsf(T^2 / var / phi, 1, 3) = -1.98970573599229 with
 * phi = 6.302334, f.logsf(T^2 / (var + tau^2 W^2), 1, 3) = -1.67928547976522 with tau^2 =
 * .072284. */
static void the_larger_of_two_p_is_taken(void **state)
{
    (void)state;
    static const struct asked v[] = {{"x", "n1", "aabbaaabbccbbbacaaaa"},
                                     {"x", "n2", "baaabbbbaccaaaaaaaaaaabbaabbbaaaaaaaacaa"},
                                     {"x", "n3", "bbabbaabaaaacaaacbccaabb"},
                                     {"x", "n4", "bbbbaaaaaaaaaaaa"},
                                     {"x", "n5", "cccccaaaaaaabbbbbbbbbbbbbbbbbbbbaaaaaaaa"},
                                     {"y", "n1", "bbbcacbbacaabbbbbabb"},
                                     {"y", "n2", "aaaaacccaacccccccccccaaaccccccabcbbbbbcc"},
                                     {"y", "n3", "bacbbcccbbbaacabbaababcb"},
                                     {"y", "n4", "bbbbbaaaabcccccc"},
                                     {"y", "n5", "aaaaaaaaaaacccccccbbbbbbbbbbbbbccccccccb"}};
    struct screen_result r = memory_of(case_of(v, 10, 100));
    assert_close(r.value, 0.4871507659608697, 1e-12);
    assert_close(r.log_p, -0.4404623059402728, 1e-12);
    assert_non_null(strstr(r.note, "5 looks; least likely: n5, 78 steps"));
}

static void steps_within_a_session_are_a_look_of_their_own(void **state)
{
    (void)state;
    struct screen_result r = memory_of(case_of(drawn, DRAWN, 20)); /* in [16, 32) s */
    assert_close(r.log_p, -2.1312273323697215, 1e-12);
    assert_non_null(strstr(r.note, "46 steps within a session"));
}

/* Twice the steps, and no more said by them: -2.1312 as above; the tail of twice T^2 / var is
 * -2.7781. */
static void two_record_types_that_are_asked_together_are_one_choice(void **state)
{
    (void)state;
    struct screen_result r = memory_of(case_of_types(drawn, DRAWN, 100, 2));
    assert_close(r.value, -0.6452394810690766, 1e-12);
    assert_close(r.log_p, -2.1312273323697215, 1e-9);
    assert_non_null(strstr(r.note, "4 looks; least likely: n3, 92 steps"));
}

/* n5 has one server at y, which is no choice, and at z is asked for alone. */
static void what_has_no_choice_or_no_others_says_nothing(void **state)
{
    (void)state;
    struct screen_result r = memory_of(case_of(drawn, DRAWN + 2, 100));
    assert_close(r.log_p, -2.1312273323697215, 1e-12);
}

/* Six names of one client in sessions of five at one server each; of the first, each row at
 * the server whose turn it is. */
static struct counts *sessions(bool forged)
{
    char rows[6][101];
    struct asked v[6];
    static const char *const names[] = {"n1", "n2", "n3", "n4", "n5", "n6"};
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 100; k++)
            rows[i][k] = "abc"[(forged && i == 0 ? k : k / 5 + i) % 3];
        rows[i][100] = '\0';
        v[i] = (struct asked){"x", names[i], rows[i]};
    }
    return case_of(v, 6, 5);
}

static void a_name_that_keeps_no_server_where_the_others_do_is_explained(void **state)
{
    (void)state;
    struct screen_result r = memory_of(sessions(true)), honest = memory_of(sessions(false));
    assert_int_equal(r.answer, INTEGRITY_EXPLAIN);
    assert_non_null(strstr(r.note, "least likely: n1, 99 steps within a session"));
    assert_true(r.value < -1); /* fewer stay than in random order: none */
    assert_int_equal(honest.answer, INTEGRITY_PASS);
    assert_true(exp(honest.log_p) > .5);
}

static void a_case_of_before_has_no_steps_and_all_else_is_as_it_was(void **state)
{
    (void)state;
    struct counts *c = sessions(true);
    struct integrity now = screened(c);
    for (size_t i = 0; i < c->npairs; i++)
        c->pairs[i].marks_n = (uint32_t)counts_content_marks(&c->pairs[i]).n;
    struct integrity before = screened(c);
    size_t with_p = 0;
    for (size_t i = 0; i < now.n; i++) {
        const struct screen_result *a = &before.v[i], *b = &now.v[i];
        if (strcmp(screen_table[i].id, "name_memory") == 0) {
            assert_int_equal(a->answer, INTEGRITY_NOT_APPLICABLE);
            assert_non_null(strstr(a->note, "ingest again"));
            assert_false(isnan(b->log_p));
            continue;
        }
        assert_int_equal(a->answer, b->answer);
        assert_memory_equal(&a->log_p_adjusted, &b->log_p_adjusted, sizeof a->log_p_adjusted);
        assert_string_equal(a->note, b->note);
        with_p += !isnan(a->log_p);
    }
    assert_true(with_p >= 3);
    integrity_free(&now);
    integrity_free(&before);
    counts_free(c);
}

static void two_names_or_few_steps_are_not_applicable(void **state)
{
    (void)state;
    struct screen_result r = memory_of(case_of(drawn, 2, 100));
    assert_int_equal(r.answer, INTEGRITY_NOT_APPLICABLE);
    assert_true(isnan(r.log_p));
    assert_int_equal(memory_of(case_of(drawn, 4, 100)).answer, INTEGRITY_NOT_APPLICABLE);
    static const struct asked one_server[] = {{"x", "n1", "aaaa"}};
    assert_non_null(strstr(memory_of(case_of(one_server, 1, 9)).note, "no two servers"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_held_against_the_scatter_of_the_others),
        cmocka_unit_test(the_larger_of_two_p_is_taken),
        cmocka_unit_test(steps_within_a_session_are_a_look_of_their_own),
        cmocka_unit_test(two_record_types_that_are_asked_together_are_one_choice),
        cmocka_unit_test(what_has_no_choice_or_no_others_says_nothing),
        cmocka_unit_test(a_name_that_keeps_no_server_where_the_others_do_is_explained),
        cmocka_unit_test(a_case_of_before_has_no_steps_and_all_else_is_as_it_was),
        cmocka_unit_test(two_names_or_few_steps_are_not_applicable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
