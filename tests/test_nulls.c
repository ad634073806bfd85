/* SPDX-License-Identifier: GPL-3.0-or-later
 * Nulls of volume and timing on a handful of look-ups, against numbers that do not come
 * from the program: SciPy 1.10.1, an enumeration of all signs, fractions. The study is
 * tests/data/study-nulls.yaml: alpha .05, TTL 1 h, three claims, Holm. */
#include "tests/check.h"

#include "models/nulls.h"
#include "models/verdict.h"
#include "stats/order.h"
#include "tests/made.h"
#include "tests/picked.h"

enum { HOUR = 3600, DAY = 24 * HOUR, PEERS = 5 };

static const int64_t monday = 94694400; /* 1 January 1973, UTC; New York is 5 h behind */

static struct study *study_of(const struct counts *c)
{
    struct study *s;
    struct err err;
    if (study_read(&s, "tests/data/study-nulls.yaml", NULL, &err) < 0 ||
        study_resolve(s, c, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

static const struct tested_null *null_of(const struct claim_result *r, const char *id)
{
    for (size_t i = 0; i < r->nnulls; i++)
        if (strcmp(r->nulls[i].row->null, id) == 0)
            return &r->nulls[i];
    return NULL;
}

static struct claim_result test_claim(const struct study *s, const char *id,
                                      const struct counts *c)
{
    struct claim_result r = {0};
    assert_int_equal(claim_test(&r, s, picked_claim(s, id), c, 1, NULL), 0);
    return r;
}

/* --- volume ----------------------------------------------------------------------------- */

/* 100 days. The target asks 30 times, and again ten minutes after the first 12: 42
 * sessions, 30 demands a TTL apart, dead for 18 x 1 h + 12 x 70 min. Each of five peers asks
 * ten times. */
static struct counts *busy_target(void)
{
    struct made m = {0};
    for (int i = 0; i < 30; i++) {
        made_add(&m, "192.0.2.1", "target.example", 1, monday + i * 3 * DAY, 1);
        if (i < 12)
            made_add(&m, "192.0.2.1", "target.example", 1, monday + i * 3 * DAY + 600, 1);
    }
    for (int p = 0; p < PEERS; p++) {
        char name[20];
        snprintf(name, sizeof name, "p%d.example", p);
        for (int i = 0; i < 10; i++)
            made_add(&m, "192.0.2.1", name, 1, monday + i * 9 * DAY + p * HOUR, 1);
    }
    return made_counts(&m, monday, monday + 100 * DAY);
}

/* Hours at risk: 2400 - 18 - 14 = 2368, and 5 x 2400 - 50 = 11950. SciPy:
 * binom.sf(41, 92, 2368/14318), binom.sf(29, 80, 2368/14318). u: at 1 - .05/3 bounds the ratio
 * that all 2^15 signs of the weeks' scores do not reject, 7.03650 of what was asked
 * (n / e of each day) and 7.16878 at risk (numpy 1.24.2); both are wider than the odds of
 * beta.ppf(1 - .05/3, k + 1, 50) times 11950/2368, 6.752; of retries, 30 to 42
 * of these, the first is narrower than 5.0418. */
static void cache_and_retries_of_volume_are_scipy_s_binomial(void **state)
{
    (void)state;
    struct counts *c = busy_target();
    struct study *s = study_of(c);
    struct claim_result r = test_claim(s, "volume", c);
    const struct tested_null *cache = null_of(&r, "cache"), *retries = null_of(&r, "retries");
    assert_close(exp(cache->result.log_p), 6.720983063185626e-11, 1e-9);
    assert_close(cache->result.u_least, 7.036496357412408, 1e-5);
    assert_close(cache->result.u, 7.1687838170476, 1e-5);
    assert_close(exp(retries->result.log_p), 5.496232518171751e-06, 1e-9);
    assert_close(retries->result.u_least, 5.041789265618879, 1e-9);
    assert_close(retries->result.u, 30. / 42 * 7.1687838170476, 1e-5);
    assert_close(null_of(&r, "days")->result.u, cache->result.u, 1e-12);
    assert_close(null_of(&r, "days")->result.u_least, cache->result.u_least, 1e-12);
    assert_close(r.effect.value, 2889. / 685, 1e-12); /* fractions, a stratum a day */
    assert_true(cache->result.mc.replicates == 0 && cache->result.floor == 0);
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* Where bounds by days are not asked for (controls, curves, other looks) what is left is the
 * narrower one, which must not pass for the interval: none is given. */
static void the_narrower_of_two_bounds_is_never_left_alone(void **state)
{
    (void)state;
    struct counts *c = busy_target();
    struct study *s = study_of(c);
    struct trial t;
    struct effect e;
    struct null_result n = trial_blank();
    assert_int_equal(trial_make(&t, s, picked_claim(s, "volume"), c, 1, NULL), 0);
    t.rough = true;
    volume_effect(&t, &e);
    null_volume_cache(&t, &n);
    assert_close(e.value, 2889. / 685, 1e-12);
    assert_true(isnan(e.lo) && isnan(e.hi) && isnan(n.u));
    assert_close(exp(n.log_p), 6.720983063185626e-11, 1e-9);
    trial_free(&t);
    study_free(s);
    counts_free(c);
}

/* The price is 1 - (1 - p)^L, its floor too; 199 replicates cannot reach .05 at 50 looks,
 * and what cannot be tested is no help. */
static void the_search_is_paid_for_in_every_null(void **state)
{
    (void)state;
    struct counts *c = busy_target();
    struct study *s = study_of(c);
    struct study_claim *claim = picked_claim(s, "volume");
    claim->search =
        (struct study_search){.kind = SEARCH_COUNT, .low = 50, .high = 50, .source = ""};
    struct claim_result r = test_claim(s, "volume", c);
    const struct tested_null *retries = null_of(&r, "retries"), *peers = null_of(&r, "peers");
    assert_close(exp(retries->log_p_adjusted), 1 - pow(1 - 5.496232518171751e-06, 50), 1e-9);
    assert_true(retries->holds_up_to == floor(log(.95) / log1p(-5.496232518171751e-06)));
    assert_int_equal(peers->result.why, WHY_RESOLUTION);
    assert_close(exp(peers->log_floor), 1 - pow(1 - 1. / 200, 50), 1e-12);
    assert_int_equal(r.verdict, UNDETERMINED);
    assert_int_equal(r.why, CLAIM_UNTESTED);
    assert_true(isnan(r.log_p));
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* An opposite stands on u: at 1 - (1 - .95^(1/5)) / 3 claims / 3 bounds. The weeks bound the
 * ratio at 14.0730 of what was asked and 14.4655 at risk (numpy 1.24.2, all 2^15 signs), the
 * binomial at 8.2. Only 12 of them hold sessions of the peers, so that no ratio is rejected at
 * less than 2^-12, and a search of 50, which asks for 1.1e-4, leaves no bound. */
static void the_opposite_pays_in_u(void **state)
{
    (void)state;
    struct counts *c = busy_target();
    struct study *s = study_of(c);
    struct study_claim *claim = picked_claim(s, "volume");
    claim->search =
        (struct study_search){.kind = SEARCH_COUNT, .low = 50, .high = 50, .source = ""};
    claim->opposite = true;
    struct claim_result r = test_claim(s, "volume", c);
    assert_true(isinf(null_of(&r, "cache")->result.u));
    claim_result_free(&r);
    claim->search =
        (struct study_search){.kind = SEARCH_COUNT, .low = 5, .high = 5, .source = ""};
    r = test_claim(s, "volume", c);
    assert_close(null_of(&r, "cache")->result.u_least, 14.072992758337218, 1e-5);
    assert_close(null_of(&r, "cache")->result.u, 14.465541451423, 1e-5);
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

static void without_a_ttl_or_peers_volume_is_undetermined(void **state)
{
    (void)state;
    struct counts *c = busy_target();
    struct study *s = study_of(c);
    struct study_claim *claim = picked_claim(s, "volume");
    claim->ttl.kind = TTL_UNKNOWN;
    struct claim_result r = test_claim(s, "volume", c);
    assert_int_equal(null_of(&r, "cache")->result.why, WHY_NO_TTL);
    assert_int_equal(null_of(&r, "retries")->result.why, WHY_NO_TTL);
    assert_int_equal(r.why, CLAIM_UNTESTED);
    claim_result_free(&r);
    claim->ttl.kind = TTL_GIVEN;
    claim->compare = SIZE_MAX;
    r = test_claim(s, "volume", c);
    assert_int_equal(null_of(&r, "peers")->result.why, WHY_NO_COMPARE);
    assert_int_equal(r.why, CLAIM_UNTESTED);
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* The target is asked 42 times in 2368 hours at risk; of pairs of the same names, five of the
 * client's ask 10 times and two of another client's 50 and 60, in hours enough: two of seven
 * ask as often. Told beside p, which has a law of the totals and cannot show it. */
static void peers_that_ask_as_often_and_whose_they_are_is_told(void **state)
{
    (void)state;
    struct made m = {0};
    for (int i = 0; i < 42; i++)
        made_add(&m, "192.0.2.1", "target.example", 1, monday + i * 2 * DAY, 1);
    for (int p = 0; p < PEERS + 2; p++) {
        char name[20];
        snprintf(name, sizeof name, "p%d.example", p % PEERS);
        int asks = p < PEERS ? 10 : 50 + 10 * (p - PEERS);
        for (int i = 0; i < asks; i++)
            made_add(&m, p < PEERS ? "192.0.2.1" : "198.51.100.1", name, 1,
                     monday + i * 30 * HOUR + p * HOUR, 1);
    }
    struct counts *c = made_counts(&m, monday, monday + 100 * DAY);
    struct study *s = study_of(c);
    struct claim_result r = test_claim(s, "volume", c);
    const struct null_result *peers = &null_of(&r, "peers")->result;
    assert_int_equal(peers->why, WHY_NONE);
    assert_non_null(strstr(peers->detail, "2 of 7 comparable pairs ask as often; 2 of them are "
                                          "other clients'"));
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
    c = busy_target();
    s = study_of(c);
    r = test_claim(s, "volume", c);
    assert_string_equal(null_of(&r, "peers")->result.detail,
                        "0 of 5 comparable pairs ask as often");
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* The target is asked 42 times; of 40 pairs `busy` 50 times and the others twice. */
static double p_beside_two_humps(int busy, bool *ret_rank)
{
    struct made m = {0};
    for (int i = 0; i < 42; i++)
        made_add(&m, "192.0.2.1", "target.example", 1, monday + i * 2 * DAY, 1);
    for (int p = 0; p < 40; p++) {
        char client[20], name[20];
        snprintf(client, sizeof client, "192.0.2.%d", 1 + p / PEERS);
        snprintf(name, sizeof name, "p%d.example", p % PEERS);
        for (int i = 0; i < (p < busy ? 50 : 2); i++)
            made_add(&m, client, name, 1, monday + i * 40 * HOUR + p * HOUR, 1);
    }
    struct counts *c = made_counts(&m, monday, monday + 100 * DAY);
    struct study *s = study_of(c);
    struct claim_result r = test_claim(s, "volume", c);
    const struct null_result *peers = &null_of(&r, "peers")->result;
    double p = exp(peers->log_p);
    assert_int_equal(peers->why, WHY_NONE);
    *ret_rank = strstr(peers->statistic, "rank") != NULL;
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
    return p;
}

/* Of 40 peers 4 as busy make a rank of 5 of 41, above .05, where the fitted law says less; with
 * 1, 2 of 41, the law's p stays. */
static void a_law_may_not_call_rare_what_several_peers_do(void **state)
{
    (void)state;
    bool rank;
    assert_close(p_beside_two_humps(4, &rank), 5. / 41, 1e-12);
    assert_true(rank);
    assert_true(p_beside_two_humps(1, &rank) < .05);
    assert_false(rank);
}

/* --- hours ------------------------------------------------------------------------------ */

/* Two equal weeks; sessions of each weekday inside 14 to 22 UTC, and outside. */
static struct counts *two_weeks(void)
{
    static const int inside[7] = {2, 2, 0, 1, 3, 0, 0}, outside[7] = {0, 1, 2, 0, 1, 2, 0};
    struct made m = {0};
    for (int day = 0; day < 14; day++) {
        int64_t at = monday + day * DAY;
        for (int i = 0; i < inside[day % 7]; i++)
            made_add(&m, "192.0.2.1", "target.example", 1, at + (15 + 2 * i) * HOUR, 1);
        for (int i = 0; i < outside[day % 7]; i++)
            made_add(&m, "192.0.2.1", "target.example", 1, at + (1 + 2 * i) * HOUR, 1);
    }
    return made_counts(&m, monday, monday + 14 * DAY);
}

/* 16 sessions in 80 - 16 = 64 h inside, 12 in 256 - 12 = 244 h outside: SciPy's
 * binom.sf(15, 28, 64/308). Days: of the 2^14 signs of the 14 days' scores 240 give as large a
 * sum; u is the ratio that so many signs do not reject, at .95 because the exact bound of the
 * other null is no less (numpy 1.24.2), wider than 10.35 from beta.ppf(.95, 17, 12). */
static void hours_are_scipy_s_binomial_and_the_share_of_all_signs(void **state)
{
    (void)state;
    struct counts *c = two_weeks();
    struct study *s = study_of(c);
    s->max_replicates = 99999;
    struct claim_result r = test_claim(s, "hours", c);
    const struct tested_null *cache = null_of(&r, "cache"), *days = null_of(&r, "days");
    assert_close(exp(cache->result.log_p), 2.73835328494907e-05, 1e-9);
    assert_close(cache->result.u, 14.676958475158129, 1e-6);
    assert_close(days->result.u, cache->result.u, 1e-12);
    assert_close(r.effect.value, 41291. / 8947, 1e-12); /* Mantel-Haenszel, exact fraction */
    double exact = 240. / 16384, m = days->result.mc.replicates;
    assert_near(exp(days->result.log_p), exact, 4 * sqrt(exact / m) + 1 / m);
    assert_int_equal(days->verdict, NULL_REJECTED);
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* Ten days have hours and sessions of both kinds to compare: no p below 2^-10 = 9.8e-4. A
 * search of 40 asks for 1.28e-3, one of 60 for 8.5e-4, whatever the number of replicates. */
static void signs_of_days_have_a_floor(void **state)
{
    (void)state;
    struct counts *c = two_weeks();
    struct study *s = study_of(c);
    struct study_claim *claim = picked_claim(s, "hours");
    s->max_replicates = 99999;
    claim->search =
        (struct study_search){.kind = SEARCH_COUNT, .low = 40, .high = 40, .source = ""};
    struct claim_result r = test_claim(s, "hours", c);
    assert_int_equal(null_of(&r, "days")->verdict, NULL_NOT_REJECTED);
    assert_close(null_of(&r, "days")->result.floor, 1. / 1024, 1e-12);
    claim_result_free(&r);
    claim->search =
        (struct study_search){.kind = SEARCH_COUNT, .low = 60, .high = 60, .source = ""};
    r = test_claim(s, "hours", c);
    assert_int_equal(null_of(&r, "days")->result.why, WHY_RESOLUTION);
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* Hours that begin at no quarter: 10:05 to 18:05 in New York hold 8 sessions, in 80 h less 8 h
 * and eight times the last 55 minutes of a life. SciPy: binom.sf(7, 28, (194/3)/308); by
 * quarters, 10:15 to 18:15, it would be .2377. */
static void hours_are_those_that_are_stated_to_the_minute(void **state)
{
    (void)state;
    struct counts *c = two_weeks();
    struct study *s = study_of(c);
    struct study_claim *claim = picked_claim(s, "hours");
    claim->hours[0].from_s = 10 * HOUR + 300;
    claim->hours[0].to_s = 18 * HOUR + 300;
    struct claim_result r = test_claim(s, "hours", c);
    assert_close(null_of(&r, "cache")->result.observed, 8, 1e-12);
    assert_close(exp(null_of(&r, "cache")->result.log_p), 0.22005450559414996, 1e-9);
    claim_result_free(&r);
    struct tz *new_york = claim->hours[0].zone;
    assert_int_equal(tz_open(&claim->hours[0].zone, "-04:50", NULL), 0); /* the same hours */
    claim->hours[0].from_s = 10 * HOUR + 900;
    claim->hours[0].to_s = 18 * HOUR + 900;
    r = test_claim(s, "hours", c);
    assert_close(exp(null_of(&r, "cache")->result.log_p), 0.22005450559414996, 1e-9);
    claim_result_free(&r);
    tz_free(new_york);
    study_free(s);
    counts_free(c);
}

/* --- regular ---------------------------------------------------------------------------- */

/* 25 gaps of 2 h and 6 h in turn: excess 1 h and 5 h, CV .69850. numpy 1.24.2, 2e6 draws of
 * 25 exponentials: as small in .033465 (se .00013). */
static void gaps_of_regular_are_dirichlet(void **state)
{
    (void)state;
    struct made m = {0};
    int64_t t = monday;
    for (int i = 0; i < 26; i++, t += (i % 2 ? 2 : 6) * HOUR)
        made_add(&m, "192.0.2.1", "target.example", 1, t, 1);
    struct counts *c = made_counts(&m, monday, monday + 7 * DAY);
    struct study *s = study_of(c);
    s->max_replicates = 9999;
    struct claim_result r = test_claim(s, "regular", c);
    const struct tested_null *cache = null_of(&r, "cache");
    assert_close(r.effect.value, 0.6984958237798335, 1e-9);
    assert_close(cache->result.observed, -0.6984958237798335, 1e-9);
    assert_near(exp(cache->result.log_p), .033465,
                4 * sqrt(.0335 / cache->result.mc.replicates));
    assert_true(cache->result.u < r.effect.value && r.effect.hi > r.effect.value);
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* 24 gaps of an hour and 600 s + 13 s (7 i mod 24), but one of 20,000 s: numpy 1.24.2, running
 * sums of normalised spacings of the shortest 21 of the 23 above the shortest. */
static void life_is_the_time_on_test_above_the_shortest_gap(void **state)
{
    (void)state;
    struct made m = {0};
    int64_t t = monday;
    for (int i = 0; i < 25; i++) {
        made_add(&m, "192.0.2.1", "target.example", 1, t, 1);
        t += HOUR + (i == 5 ? 20000 : 600 + 13 * (i * 7 % 24));
    }
    struct counts *c = made_counts(&m, monday, monday + 7 * DAY);
    struct study *s = study_of(c);
    struct claim_result r = test_claim(s, "regular", c);
    const struct tested_null *life = null_of(&r, "life");
    assert_close(life->result.observed, 2.0854525710347627, 1e-9);
    assert_true(isnan(life->result.u));
    claim_result_free(&r);
    study_free(s);
    counts_free(c);
}

/* --- the log itself ------------------------------------------------------------------------
 */

/* 60 days; six names behind one cache of an hour that forgets 80 times. */
static struct counts *restarted(void)
{
    enum { RESTARTS = 80, NAMES = 6 };
    struct made m = {0};
    struct rng g;
    double restart[RESTARTS], length = 60. * DAY;
    rng_stream(&g, 41, RNG_SIMULATE, 0, 1);
    for (size_t i = 0; i < RESTARTS; i++)
        restart[i] = length * rng_unit(&g);
    order_sort(restart, RESTARTS);
    for (int k = 0; k < NAMES; k++) {
        char name[20] = "a.example";
        size_t next = 0;
        if (k)
            snprintf(name, sizeof name, "n%d.example", k);
        for (double t = 0, until = 0; (t += rng_exponential(&g, 1.5 * HOUR)) < length;) {
            for (; next < RESTARTS && restart[next] <= t; next++)
                until = fmin(until, restart[next]);
            if (t >= until) {
                made_add(&m, "192.0.2.1", name, 1, (int64_t)t, 1);
                until = floor(t) + HOUR;
            }
        }
    }
    return made_counts(&m, 0, 60 * DAY);
}

/* Of 199 scores, as many places or not, few are the same: each is by its own replicate's
 * demand. By the data's there would be one score for each number of places. */
static void the_places_that_a_replicate_makes_are_judged_by_its_own_demand(void **state)
{
    (void)state;
    struct counts *c = restarted();
    struct study *s;
    struct err err;
    struct trial t;
    struct null_result n = trial_blank();
    if (study_read(&s, "tests/data/study-altered-beside.yaml", NULL, &err) < 0 ||
        study_resolve(s, c, &err) < 0)
        fail_msg("%s", err.msg);
    s->effort = EFFORT_WHOLE;
    assert_int_equal(trial_make(&t, s, &s->claims[0], c, 1, &err), 0);
    t.exactly = 199;
    null_authenticity_cache(&t, &n);
    assert_int_equal(n.why, WHY_NONE);
    order_sort(n.values, n.mc.replicates);
    size_t positive = 0, apart = 0;
    for (size_t i = 0; i < n.mc.replicates; i++) {
        positive += n.values[i] > 0;
        apart += n.values[i] > 0 && (!i || n.values[i] > n.values[i - 1] + 1e-9);
    }
    assert_true(n.observed > 0 && positive > 150);
    assert_true(apart > positive * 9 / 10);
    free(n.values);
    trial_free(&t);
    study_free(s);
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cache_and_retries_of_volume_are_scipy_s_binomial),
        cmocka_unit_test(the_narrower_of_two_bounds_is_never_left_alone),
        cmocka_unit_test(the_search_is_paid_for_in_every_null),
        cmocka_unit_test(the_opposite_pays_in_u),
        cmocka_unit_test(without_a_ttl_or_peers_volume_is_undetermined),
        cmocka_unit_test(peers_that_ask_as_often_and_whose_they_are_is_told),
        cmocka_unit_test(a_law_may_not_call_rare_what_several_peers_do),
        cmocka_unit_test(hours_are_scipy_s_binomial_and_the_share_of_all_signs),
        cmocka_unit_test(hours_are_those_that_are_stated_to_the_minute),
        cmocka_unit_test(signs_of_days_have_a_floor),
        cmocka_unit_test(gaps_of_regular_are_dirichlet),
        cmocka_unit_test(life_is_the_time_on_test_above_the_shortest_gap),
        cmocka_unit_test(the_places_that_a_replicate_makes_are_judged_by_its_own_demand),
    };
    return cmocka_run_group_tests_name("nulls", tests, NULL, NULL);
}
