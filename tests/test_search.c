/* SPDX-License-Identifier: GPL-3.0-or-later
 * Looks that a study writes out: how they are read and counted, and what they cost. */
#include "tests/check.h"

#include <unistd.h>

#include "models/nulls.h"
#include "models/verdict.h"
#include "stats/tail.h"
#include "tests/made.h"

enum { DAYS = 84, PAIRS = 8 };
static const int64_t monday = 94694400; /* 1 January 1973 */

static int study_of(struct study **ret, const char *searched, const char *claim,
                    struct err *err)
{
    char path[] = "/tmp/dnsclaim-search-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fprintf(
        f,
        "study: searches\n"
        "plan: {ttl: 1h, alpha: 0.05, max_replicates: 9999, calibration: off, power: false}\n"
        "searched: %s\n"
        "groups:\n"
        "  me: {clients: [192.0.2.1]}\n"
        "  it: {names: [a.example]}\n"
        "  all: {clients: [\"*\"], names: [\"*\"]}\n"
        "  rest: {names: [\"p*.example\"]}\n"
        "  none: {names: [nothing.example]}\n"
        "claims:\n"
        "  - %s\n",
        searched, claim);
    fclose(f);
    int rc = study_read(ret, path, NULL, err);
    unlink(path);
    return rc;
}

#define HOURS                                                                                  \
    "{id: h, kind: timing, feature: hours, direction: more, effect: 2, client: me, name: it, " \
    "hours: {timezone: UTC, from: \"09:00\", to: \"17:00\", days: all}}"
#define REGULAR                                                                                \
    "{id: r, kind: timing, feature: regular, direction: less, effect: .5, client: me, name: "  \
    "it}"
#define SYNC "{id: s, kind: synchrony, direction: more, effect: .1, a: [me, it], b: [me, rest]}"
#define REACTION                                                                               \
    "{id: x, kind: reaction, direction: less, effect: .5, client: me, name: it, date: "        \
    "1973-02-10}"

/* One pair and `PAIRS` others; `shared` of 1: the others' look-ups are the first one's. */
static struct counts *a_case(bool shared, uint64_t seed)
{
    struct made m = {0};
    for (int p = 0; p <= PAIRS; p++) {
        struct rng r;
        char name[24];
        rng_stream(&r, seed, RNG_VALIDATE, shared ? 0 : (uint64_t)p, 1);
        snprintf(name, sizeof name, p ? "p%d.example" : "a.example", p);
        double until = 0;
        for (double t = rng_exponential(&r, 5400); t < DAYS * 86400.;
             t += rng_exponential(&r, 5400)) {
            bool inside = fmod(t, 86400) >= 9 * 3600 && fmod(t, 86400) < 17 * 3600;
            if (t < until || (!inside && rng_unit(&r) > (shared ? .12 : p ? 1 : .9)))
                continue;
            until = t + 3600;
            made_add(&m, "192.0.2.1", name, 1, monday + (int64_t)t, 1);
        }
    }
    return made_counts(&m, monday, monday + DAYS * 86400);
}

static double looks_of(const char *searched, const char *claim)
{
    struct study *s;
    struct err err = {.msg = ""};
    struct counts *c = a_case(false, 1);
    if (study_of(&s, searched, claim, &err) < 0 || study_resolve(s, c, &err) < 0)
        fail_msg("%s: %s", searched, err.msg);
    double looks = s->claims[0].search.low;
    assert_true(looks == s->claims[0].search.high);
    study_free(s);
    counts_free(c);
    return looks;
}

/* The claim's own choice is one of each axis, whether or not the list has it. */
static void looks_are_the_product_of_numbers_and_of_what_is_written_out(void **state)
{
    (void)state;
    assert_true(looks_of("{pairs: [me, rest]}", HOURS) == 1 + PAIRS);
    assert_true(looks_of("{pairs: [all, all]}", HOURS) == 1 + PAIRS);
    assert_true(looks_of("{zones: [UTC, Asia/Tokyo, Asia/Kolkata]}", HOURS) == 3);
    assert_true(looks_of("{zones: [Asia/Tokyo, Asia/Kolkata]}", HOURS) == 3);
    assert_true(looks_of("{zones: 3, windows: [[1973-01-01, 1973-02-01]], pairs: [me, rest]}",
                         HOURS) == 3 * 2 * (1 + PAIRS));
    assert_true(looks_of("{statistics: [cv, lv]}", REGULAR) == 2);
    assert_true(looks_of("{lags: [1h, 6h, 12h], looks: 5}", SYNC) == 3 * 5);
    assert_true(looks_of("{dates: [1973-02-10, 1973-02-20]}", REACTION) == 2);
    assert_true(looks_of("{clients: 4, names: 25}", HOURS) == 100);
    /* of synchrony, a's own pair is no alternative of b's; nor is b as it stands, of one name
     */
    assert_true(looks_of("{pairs: [me, it]}", SYNC) == 1);
    assert_true(looks_of("{pairs: [all, all]}", SYNC) == 1 + PAIRS);
}

static void a_fault_in_a_search_names_its_place_and_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *searched, *claim, *says;
    } faults[] = {
        {"{zones: [UTC]}", REGULAR,
         ":3:19: expected 'zones' written out only with timing/hours, found it with "
         "timing/regular"},
        {"{lags: [1h]}", HOURS, ":3:18: expected 'lags' written out only with synchrony"},
        {"{dates: [1973-02-01]}", HOURS,
         ":3:19: expected 'dates' written out only with "
         "reaction"},
        {"{events: [none.csv]}", HOURS, ":3:21: expected a file of dates"},
        {"{statistics: [luck]}", REGULAR, ":3:25: expected one of cv, lv, cv2, found 'luck'"},
        {"{statistics: [cv]}", HOURS,
         ":3:24: expected 'statistics' written out only with "
         "timing/regular alignment"},
        {"{pairs: [me]}", HOURS, ":3:19: expected [group of clients, group of names]"},
        {"{pairs: [it, rest]}", HOURS, ":3:20: expected a group with clients"},
        {"{pairs: [me, who]}", HOURS, ":3:24: expected the id of a group, found 'who'"},
        {"{windows: []}", HOURS, ":3:21: expected a list of 1 to 32 values"},
        {"{windows: [[1973-02-01]]}", HOURS, ":3:22: expected a window as [from, to]"},
        {"{windows: [[1973-02-01, 1973-01-01]]}", HOURS,
         ":3:22: expected a window that ends after it begins"},
        {"{zones: [Mars/Olympus]}", HOURS, ":3:20: time zone"},
        {"{lags: [soon]}", SYNC, ":3:19: expected a duration"},
        {"{pairs: 0}", HOURS, ":3:19: expected 1 or more"},
        {"{names: [a.example]}", HOURS, ":3:19: expected a number"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct study *s;
        struct err err = {.msg = ""};
        if (study_of(&s, faults[i].searched, faults[i].claim, &err) != ERR_USAGE)
            fail_msg("%s: was read", faults[i].searched);
        if (!strstr(err.msg, faults[i].says))
            fail_msg("%s:\n  got      %s\n  expected %s", faults[i].searched, err.msg,
                     faults[i].says);
    }
}

static void pairs_that_the_case_does_not_hold_are_an_error_at_their_place(void **state)
{
    (void)state;
    struct study *s;
    struct err err = {.msg = ""};
    struct counts *c = a_case(false, 1);
    assert_int_equal(study_of(&s, "{pairs: [me, none]}", HOURS, &err), 0);
    assert_int_equal(study_resolve(s, c, &err), ERR_USAGE);
    assert_non_null(strstr(err.msg, ":3:19: expected pairs of the case, found that group "
                                    "'none' matches no name"));
    study_free(s);
    counts_free(c);
}

/* The answer to one claim of a study; free all three. */
struct answered {
    struct counts *c;
    struct study *s;
    struct claim_result *r;
};

static struct answered answer(const char *searched, const char *claim, bool shared,
                              size_t threads)
{
    struct answered a = {.c = a_case(shared, 3)};
    struct err err = {.msg = ""};
    if (study_of(&a.s, searched, claim, &err) < 0 || study_resolve(a.s, a.c, &err) < 0 ||
        study_test(&a.r, a.s, a.c, threads, NULL, &err) < 0)
        fail_msg("%s", err.msg);
    return a;
}

static void answered_free(struct answered *a)
{
    study_test_free(a->r, a->s->nclaims);
    study_free(a->s);
    counts_free(a->c);
}

static const struct tested_null *null_of(const struct answered *a, const char *id)
{
    for (size_t i = 0; i < a->r->nnulls; i++)
        if (strcmp(a->r->nulls[i].row->null, id) == 0)
            return &a->r->nulls[i];
    fail_msg("no null %s", id);
    return NULL;
}

/* Eight copies of one series are one look; eight series apart cost as much as Sidak says. The
 * exact null has no replicates, and pays Sidak's price either way. */
static void copies_of_one_series_cost_one_look_and_series_apart_cost_all(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct answered a = answer("{pairs: [me, rest]}", HOURS, shared, 1);
        const struct tested_null *days = null_of(&a, "days"), *cache = null_of(&a, "cache");
        const struct search_price *p = &days->price;
        assert_int_equal(p->alternatives, 1 + PAIRS);
        assert_int_equal(p->drawn, 1 + PAIRS);
        assert_true(p->mc.replicates >= 999);
        size_t alone = 0; /* of the same replicates, those that reach the claim by itself */
        for (size_t i = 0; i < p->mc.replicates; i++)
            alone += days->result.values[i] >= days->result.observed;
        if (shared) {
            assert_int_equal(p->reach, PAIRS);
            assert_int_equal(p->mc.exceed, alone);
            assert_true(days->verdict == NULL_REJECTED);
        } else {
            assert_true(p->mc.exceed > alone);
        }
        assert_int_equal(cache->price.drawn, 0);
        assert_non_null(strstr(cache->price.why, "exact"));
        assert_close(cache->log_p_adjusted, log_sidak(cache->result.log_p, 1 + PAIRS), 1e-12);
        answered_free(&a);
    }
}

static void other_lists_numbers_on_top_and_threads_change_nothing_else(void **state)
{
    (void)state;
    struct answered one = answer("{zones: [Asia/Tokyo, Asia/Kolkata]}", HOURS, true, 1),
                    more =
                        answer("{zones: [Asia/Tokyo, Asia/Kolkata], looks: 4}", HOURS, true, 4);
    const struct tested_null *a = null_of(&one, "days"), *b = null_of(&more, "days");
    assert_int_equal(a->price.alternatives, 3);
    assert_int_equal(b->price.alternatives, 3);
    assert_true(one.r->trial.looks == 3 && more.r->trial.looks == 12);
    assert_true(a->log_p_adjusted >= a->price.log_p - 1e-12);
    assert_close(b->log_p_adjusted, log_sidak(b->price.log_p, 4), 1e-12);
    answered_free(&one);
    answered_free(&more);
}

/* Shift k of every list is one member of the group, so the values that a joint price compares
 * must stand by k: each is counted here from the look-ups. */
static void shifts_of_a_list_stand_in_their_order(void **state)
{
    (void)state;
    struct answered a = {.c = a_case(false, 3)};
    struct trial t;
    struct null_result n = trial_blank();
    struct err err = {.msg = ""};
    char path[64], claim[256];
    snprintf(path, sizeof path, "/tmp/dnsclaim-search-%ld.csv", (long)getpid());
    snprintf(claim, sizeof claim,
             "{id: e, kind: alignment, direction: more, effect: .3, client: me, name: it, "
             "events: %s, within: 30h, registered: true, features: gaps}",
             path + sizeof "/tmp");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("time\n1973-01-09T07:00:00Z\n1973-01-20T12:00:00Z\n1973-02-28T03:00:00Z\n", f);
    fclose(f);
    assert_int_equal(study_of(&a.s, "{statistics: [gaps, sessions]}", claim, &err), 0);
    assert_int_equal(study_resolve(a.s, a.c, &err), 0);
    assert_int_equal(trial_make(&t, a.s, &a.s->claims[0], a.c, 1, &err), 0);
    null_alignment_rotation(&t, &n);
    assert_int_equal(n.nshifts, DAYS * 24 - 1);
    for (size_t k = 1; k <= n.nshifts; k++) {
        struct stretches s;
        stretches_around(&s, t.claim->events, &t.window, t.claim->delta_s, (double)k * 3600,
                         SIZE_MAX);
        double share = (double)stretches_hits(&s, t.features.t, t.features.n) /
                       (double)t.features.n,
               c = stretches_live(&s, &t.window) / t.window.live_s;
        assert_close(n.shift[k - 1], (share - c) / (1 - c), 1e-9);
        stretches_free(&s);
    }
    unlink(path);
    free(n.shift);
    free(n.values);
    trial_free(&t);
    study_free(a.s);
    counts_free(a.c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_are_the_product_of_numbers_and_of_what_is_written_out),
        cmocka_unit_test(a_fault_in_a_search_names_its_place_and_what_was_expected),
        cmocka_unit_test(pairs_that_the_case_does_not_hold_are_an_error_at_their_place),
        cmocka_unit_test(copies_of_one_series_cost_one_look_and_series_apart_cost_all),
        cmocka_unit_test(other_lists_numbers_on_top_and_threads_change_nothing_else),
        cmocka_unit_test(shifts_of_a_list_stand_in_their_order),
    };
    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
