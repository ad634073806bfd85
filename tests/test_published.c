/* SPDX-License-Identifier: GPL-3.0-or-later
 * Figures without rows: strict reading, and the arithmetic of bounds. */
#include "models/published.h"
#include "tests/check.h"

static int read_text(const char *text, struct published *p, struct err *err)
{
    char path[] = "/tmp/published-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    fputs(text, f);
    fclose(f);
    int rc = published_read(p, path, err);
    remove(path);
    return rc;
}

#define HEAD "figures: x\nclaims:\n  - {id: a, unit: look-ups, grade: B, source: s, "

static void what_is_wrong_is_refused_at_its_place(void **state)
{
    (void)state;
    struct published p;
    struct err err;
    static const char *const bad[][2] = {
        {HEAD "kind: rarity, direction: more, effect: 10, at_most: 9}\n", "of_at_least"},
        {HEAD "kind: rarity, direction: more, effect: 10, at_most: 9, of_at_least: 3}\n",
         "expected at_most below of_at_least"},
        {HEAD "kind: rarity, direction: at_least, effect: 10, at_most: 1, of_at_least: 3}\n",
         "expected more or less"},
        {HEAD "kind: guilt, direction: more, effect: 10}\n", "expected exclusivity, rarity"},
        {HEAD "kind: volume, direction: more, effect: 3, lookups: 24, days: 1, ttl: 1h}\n",
         "expected fewer look-ups than these caches let through, 24, found '24'"},
        {HEAD "kind: alignment, direction: more, effect: .5, dates: 1, within: 1d, days: 2}\n",
         "expected margins shorter than the days, found '1d'"},
        {HEAD "kind: exclusivity, direction: below, effect: .4, group: [1], others: [1]}\n",
         "expected an effect above 0.5"},
        {HEAD "kind: exclusivity, direction: below, effect: 1, group: [1], others: [1]}\n",
         ":3:95: expected an effect below 1"},
        {HEAD "kind: volume, direction: more, effect: .5, lookups: 9, days: 1, ttl: 1h}\n",
         ":3:89: expected an effect above 1 (the value that means none), found 0.5"},
        {HEAD
         "kind: reaction, direction: less, effect: 5, lookups: 9, days: 9, silent_days: 1}\n",
         "expected an effect between 0 and 1"},
        {HEAD "kind: alignment, direction: more, effect: 5, dates: 1, within: 1h, days: 2}\n",
         "expected an effect of at most 1, found 5"},
        {HEAD "kind: rarity, direction: more, effect: 2, at_most: 1, of_at_least: 3}\n"
              "  - {id: a, unit: u, grade: B, source: s, kind: rarity, direction: more, "
              "effect: 2, at_most: 1, of_at_least: 3}\n",
         ":4:10: expected an id once, found 'a' twice"},
        {"figures: x\nclaims:\n  - {id: a b, unit: u, grade: B, source: s, kind: rarity, "
         "direction: more, effect: 2, at_most: 1, of_at_least: 3}\n",
         ":3:10: expected an id of 1 to 64 letters"},
        {HEAD "kind: exclusivity, direction: below, effect: .9, group: [0], others: [1]}\n",
         "a count of 1 or more"},
        {HEAD "kind: exclusivity, direction: below, effect: .9, group: [1]}\n", "others"},
        {HEAD
         "kind: exclusivity, direction: below, effect: .9, group: [1], others: [1], x: 1}\n",
         "'x'"},
        {HEAD "kind: exclusivity, direction: below, effect: .9, group: [1], others: [1], "
              "split: [1]}\n",
         "expected the counts of two addresses, [a, b]"},
        {HEAD "kind: exclusivity, direction: below, effect: .9, group: [1], others: [1], "
              "stated: [{count: 3, percent: 101}]}\n",
         "expected a whole percentage of 1 to 100, found '101'"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(ERR_USAGE, bad[i][1], read_text(bad[i][0], &p, &err));
}

static void bounds_are_the_fractions_that_they_say(void **state)
{
    (void)state;
    struct published p;
    struct err err = {0};
    assert_int_equal(read_text(HEAD "kind: rarity, direction: more, effect: 10, at_most: 1000, "
                                    "of_at_least: 3000000, per_device: 26000}\n",
                               &p, &err),
                     0);
    struct published_rarity r = published_rarity_of(&p.claims[0]);
    assert_close(r.share_at_most, 1 / 3000., 1e-12);
    assert_close(r.blocks_needed, 30000, 1e-12);
    assert_close(r.devices, 1 / 26., 1e-12);
    published_free(&p);
    assert_int_equal(read_text(HEAD "kind: exclusivity, direction: at_least, effect: .75, "
                                    "group: [40], others: [6, 1, 1], group_coverage: [9, 1], "
                                    "others_coverage: [3, 3]}\n",
                               &p, &err),
                     0);
    struct published_share s = published_share_of(&p.claims[0], .95);
    assert_close(s.share, 40 / 48., 1e-12);
    assert_close(s.tips_effect, 3 * 8 / 40., 1e-12);
    assert_close(s.unseen_effect, 16 / 3., 1e-12); /* 40 of 48 + 16/3 is three quarters */
    assert_close(s.unseen_half, 32, 1e-12);
    assert_close(share_unseen(40, 8, .9), 0, 1e-12); /* below .9 as it is */
    /* R, 4e6 draws of rbeta(40.5, 8.5), rbeta(9, 1), rbeta(3, 3): .4028 .7263 .8848 */
    assert_near(s.post_median, .726257, .006);
    assert_near(s.post_lo, .402778, .012);
    assert_near(s.post_hi, .884773, .006);
    published_free(&p);
}

/* 9 and 5 heads of 14: z = 4/sqrt(14); p = 2 (2002 + 1001 + 364 + 91 + 14 + 1) / 2^14. 2 of 3
 * is 67 %, of 2.98 68 %: totals by hand. */
static void two_counts_and_percentages_of_a_total_bound_what_they_can(void **state)
{
    (void)state;
    struct published p;
    struct err err = {0};
    assert_int_equal(read_text(HEAD "kind: exclusivity, direction: at_least, effect: .99, "
                                    "group: [9, 5], others: [1], split: [9, 5], stated: "
                                    "[{count: 200, percent: 67}, {count: 290, percent: 97, "
                                    "or_more: true}]}\n",
                               &p, &err),
                     0);
    struct published_split s = published_split_of(&p.claims[0]);
    assert_close(s.z, 4 / sqrt(14), 1e-12);
    assert_close(exp(s.log_p), 2 * 3473 / 16384., 1e-12);
    struct published_total t = published_total_of(&p.claims[0]);
    assert_close(t.lo, 297, 1e-12); /* 20000/67.5 = 296.3; 290 */
    assert_close(t.hi, 298, 1e-12); /* 20000/66.5 = 300.7; 29000/97 = 298.97 */
    struct published_share share = published_share_of(&p.claims[0], .95);
    assert_close(share.said_half, 1 / 99., 1e-9);
    assert_close(share.said_nine_tenths, 1 / 11., 1e-9);
    p.claims[0].stated[1].or_more = false; /* 97 %, rounded: 298 to 300 */
    p.claims[0].stated[1].percent = 99;    /* 292 to 294: below the other's 297 */
    t = published_total_of(&p.claims[0]);
    assert_true(t.lo > t.hi);
    published_free(&p);
}

/* Fractions by hand: 12 a day behind one cache of 1 h leave 12 h at risk, so 1 an hour; half
 * of the demand is hidden. (1/3)^2 at mean 1 and size .5. 1 - (1 - 1/4)^2. */
static void
a_total_behind_a_cache_a_silence_and_a_list_of_dates_are_plain_fractions(void **state)
{
    (void)state;
    struct published p;
    struct err err = {0};
    assert_int_equal(read_text(HEAD "kind: volume, direction: more, effect: 3, lookups: 240, "
                                    "days: 10, ttl: 1h, caches: 2}\n",
                               &p, &err),
                     0);
    struct published_rate r = published_rate_of(&p.claims[0]);
    assert_close(r.per_cache_day, 12, 1e-12);
    assert_close(r.of_ceiling, .5, 1e-12);
    assert_close(r.lambda_h, 1, 1e-12);
    assert_close(r.demand, 480, 1e-12);
    assert_close(r.cv, .5, 1e-12);
    published_free(&p);
    assert_int_equal(read_text(HEAD "kind: reaction, direction: less, effect: .1, lookups: 10, "
                                    "days: 10, silent_days: 4, size: .5}\n",
                               &p, &err),
                     0);
    struct published_silence s = published_silence_of(&p.claims[0]);
    assert_close(s.log_p_poisson, -4, 1e-12);
    assert_close(s.log_p_negbin, log(1 / 9.), 1e-12);
    published_free(&p);
    assert_int_equal(read_text(HEAD "kind: alignment, direction: more, effect: .5, dates: 2, "
                                    "within: 1d, days: 8}\n",
                               &p, &err),
                     0);
    assert_close(published_chance_of_near(&p.claims[0]), 7 / 16., 1e-12);
    published_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_refused_at_its_place),
        cmocka_unit_test(bounds_are_the_fractions_that_they_say),
        cmocka_unit_test(two_counts_and_percentages_of_a_total_bound_what_they_can),
        cmocka_unit_test(
            a_total_behind_a_cache_a_silence_and_a_list_of_dates_are_plain_fractions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
