/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tests apart from a stated cause. Numbers are of cases that a person can count, or of the
 * kind's own test on a case in which nobody listened while the cause was at work. */
#include "tests/check.h"

#include "models/apart.h"
#include "models/nulls.h"
#include "tests/asked.h"
#include "tests/made.h"
#include "tests/picked.h"

enum { HOUR = 3600, DAY = 24 * HOUR, DAYS = 42 };

static const int64_t monday = 94694400; /* 1 January 1973 */

static struct study *study_of(const struct counts *c)
{
    struct study *s;
    struct err err;
    if (study_read(&s, "tests/data/study-apart.yaml", NULL, &err) < 0 ||
        study_resolve(s, c, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

/* n moments, `every` s apart from `first` on, of clients who[i % 2] if given. */
static struct moments *moments_of(int64_t first, int64_t every, size_t n,
                                  const char *const *who)
{
    struct moments *m = mem_zero(1, sizeof *m);
    m->at = mem_alloc((n + 1) * sizeof *m->at);
    m->client = who ? mem_alloc((n + 1) * sizeof *m->client) : NULL;
    for (; m->n < n; m->n++) {
        int64_t at = (first + (int64_t)m->n * every) * NS_PER_S;
        m->at[m->n] = (struct moment){at, at};
        if (who)
            m->client[m->n] = mem_copy(who[m->n % 2], strlen(who[m->n % 2]));
    }
    return m;
}

/* --- time at risk ------------------------------------------------------------------------ */

/* Ten hours, a life of one. Sessions at 1 h, 4:30 and 8 h; 4 h to 5 h is set aside. The cache
 * is asked again at 5:30, so that 1 + 2 + 2:30 + 1 hours are left of 9 that are live. */
static void a_session_set_aside_is_not_counted_and_hides_what_comes_after_it(void **state)
{
    (void)state;
    struct made m = {0};
    for (int i = 0; i < 3; i++)
        made_add(&m, "a", "n", 1, i == 0 ? HOUR : i == 1 ? 4 * HOUR + HOUR / 2 : 8 * HOUR, 1);
    struct counts *c = made_counts(&m, 0, 10 * HOUR);
    struct window w;
    struct subject s;
    uint32_t zero = 0;
    struct selection one = {&zero, &zero, 1, 1};
    const struct interval aside[] = {{4 * HOUR, 5 * HOUR}};
    window_make(&w, c, 0, 0);
    window_set_aside(&w, aside, 1);
    subject_make(&s, c, &one, &w, 30, HOUR);
    assert_int_equal(w.nlive, 2);
    assert_close(w.live_s, 9 * HOUR, 1e-12);
    assert_int_equal(s.n, 2);
    assert_close(exposure_between(&s, &w, 0, 10 * HOUR), 6.5, 1e-12);
    subject_free(&s);
    window_free(&w);
    counts_free(c);
}

/* Stretches over the border of a deaf hour, at the window's ends, and over all of it. */
static void stretches_leave_live_time_before_between_and_after_them(void **state)
{
    (void)state;
    struct window w = {.live = mem_alloc(2 * sizeof *w.live), .nlive = 2, .length_s = 100};
    w.live[0] = (struct interval){0, 40};
    w.live[1] = (struct interval){50, 100};
    const struct interval v[] = {{0, 5}, {10, 12}, {35, 60}, {99, 100}};
    window_set_aside(&w, v, 4);
    assert_int_equal(w.nlive, 3);
    assert_true(w.live[0].from == 5 && w.live[0].to == 10);
    assert_true(w.live[1].from == 12 && w.live[1].to == 35);
    assert_true(w.live[2].from == 60 && w.live[2].to == 99);
    assert_close(w.live_s, 5 + 23 + 39, 1e-12);
    window_free(&w);
    w = (struct window){.live = mem_alloc(sizeof *w.live), .nlive = 1, .length_s = 100};
    w.live[0] = (struct interval){10, 90};
    window_set_aside(&w, &(struct interval){0, 100}, 1);
    assert_int_equal(w.nlive, 0);
    assert_true(w.live_s == 0);
    window_free(&w);
}

/* Listening time is `heard` s from `first` s after monday on, and again `every` s. */
static void hear_only(struct counts *c, int64_t first, int64_t every, int64_t heard)
{
    size_t n = (size_t)((DAYS * DAY - first - 1) / every + 1);
    counts_live_free(c->live, c->nlive);
    c->live = mem_zero(n, sizeof *c->live);
    for (c->nlive = 0; c->nlive < n; c->nlive++) {
        int64_t from = first + (int64_t)c->nlive * every, to = from + heard;
        c->live[c->nlive] = (struct counts_live){
            (monday + (from > 0 ? from : 0)) * NS_PER_S,
            (monday + (to < DAYS * DAY ? to : DAYS * DAY)) * NS_PER_S, mem_copy("given", 5)};
    }
}

/* --- mailings ---------------------------------------------------------------------------- */

/* A look-up some time in every fifth hour; where `mailed`, also one at 15 h UTC of each day. */
static struct counts *office(bool mailed, bool deaf)
{
    struct made m = {0};
    for (int h = 0; h < DAYS * 24; h += 5) {
        if (h % 24 != 15 && h % 24 != 16)
            made_add(&m, "192.0.2.1", "target.example", 1,
                     monday + h * HOUR + 120 + h % 7 * 300, 1);
        made_add(&m, "192.0.2.2", "target.example", 1, monday + h * HOUR, 1);
    }
    for (int d = 0; mailed && d < DAYS; d++)
        made_add(&m, "192.0.2.1", "target.example", 1, monday + d * DAY + 15 * HOUR + 60, 1);
    made_add(&m, "192.0.2.1", "p.example", 1, monday, 1);
    struct counts *c = made_counts(&m, monday, monday + DAYS * DAY);
    if (deaf)
        hear_only(c, 17 * HOUR - DAY, DAY, 22 * HOUR);
    return c;
}

/* What comes within two hours of a mailing at 15 h is set aside; the answer of 15:01 dies at
 * 16:01, so that nothing of it is left at 17 h. Then the case is one in which nobody listened
 * from 15 to 17 h, and the test is that of `days`, draw by draw. */
static void apart_from_mailings_hours_are_tested_as_if_nobody_had_listened_then(void **state)
{
    (void)state;
    struct counts *heard = office(true, false), *deaf = office(false, true);
    struct study *s = study_of(heard), *q = study_of(deaf);
    struct study_claim *c = picked_claim(s, "hours");
    c->mailings.times = moments_of(monday + 15 * HOUR, DAY, DAYS, NULL);
    c->mailings.after_s = 2 * HOUR;
    struct null_result mail = asked_null(s, "hours", "mail", heard),
                       days = asked_null(q, "hours", "days", deaf),
                       all = asked_null(s, "hours", "days", heard);
    assert_int_equal(mail.why, WHY_NONE);
    assert_close(mail.observed, days.observed, 1e-12);
    assert_close(mail.log_p, days.log_p, 1e-12);
    assert_true(all.observed > mail.observed + 2); /* what the mailings make is not in it */
    assert_non_null(strstr(mail.detail, "42 of"));
    assert_non_null(strstr(mail.detail, "within 2h after a stated moment"));
    study_free(s);
    study_free(q);
    counts_free(heard);
    counts_free(deaf);
}

/* Every session is within two hours of one: no test is left, and p is 1, not `untestable`, of
 * which a claim could profit. */
static void what_accounts_for_all_sessions_is_not_ruled_out(void **state)
{
    (void)state;
    struct counts *c = office(true, false);
    struct study *s = study_of(c);
    struct study_claim *hours = picked_claim(s, "hours");
    hours->mailings.times = moments_of(monday, HOUR, DAYS * 24, NULL);
    hours->mailings.after_s = 2 * HOUR;
    struct null_result n = asked_null(s, "hours", "mail", c);
    assert_int_equal(n.why, WHY_NONE);
    assert_true(n.log_p == 0 && isnan(n.u));
    assert_non_null(strstr(n.detail, "too few are left"));
    study_free(s);
    counts_free(c);
}

static void without_the_log_or_with_one_of_another_year_nothing_is_tested(void **state)
{
    (void)state;
    static const char *const claims[] = {"hours", "volume", "synchrony"};
    struct counts *c = office(true, false);
    struct study *s = study_of(c);
    for (size_t i = 0; i < 3; i++) {
        struct null_result n = asked_null(s, claims[i], "mail", c);
        assert_int_equal(n.why, WHY_NEEDS_DATA);
        assert_string_equal(n.detail, "needs the sender's mail log (mailings:)");
    }
    assert_int_equal(asked_null(s, "regular", "monitor", c).why, WHY_NEEDS_DATA);
    assert_int_equal(asked_null(s, "volume", "monitor", c).why, WHY_NEEDS_DATA);
    assert_int_equal(asked_null(s, "ended", "mail", c).why, WHY_NEEDS_DATA);
    struct study_claim *hours = picked_claim(s, "hours");
    hours->mailings.times = moments_of(monday + 400 * DAY, DAY, 3, NULL);
    hours->mailings.after_s = HOUR;
    assert_int_equal(asked_null(s, "hours", "mail", c).why, WHY_MIN_DATA);
    study_free(s);
    counts_free(c);
}

/* --- mailings that end ------------------------------------------------------------------- */

enum { UNTIL = 28 }; /* days before the date */

/* A look-up some time in every fifth hour, in one of `thin` from the date on; until then also
 * at 15:01, 17:01 and 19:01 of each day. */
static struct counts *ended(int thin)
{
    struct made m = {0};
    for (int h = 0; h < DAYS * 24; h += 5)
        if (h < UNTIL * 24 || h / 5 % thin == 0)
            made_add(&m, "192.0.2.1", "target.example", 1,
                     monday + h * HOUR + 120 + h % 7 * 300, 1);
    for (int d = 0; d < UNTIL; d++)
        for (int k = 0; k < 3; k++)
            made_add(&m, "192.0.2.1", "target.example", 1,
                     monday + d * DAY + (15 + 2 * k) * HOUR + 60, 1);
    for (int h = 0; h < DAYS * 24; h++)
        made_add(&m, "192.0.2.2", "target.example", 1, monday + h * HOUR, 1);
    made_add(&m, "192.0.2.1", "p.example", 1, monday, 1);
    return made_counts(&m, monday, monday + DAYS * DAY);
}

/* The claim that it fell, with a mailing at an hour of each day until the date, whose time is
 * `hours` long. */
static struct null_result ended_mail(const struct counts *c, int hour, int hours,
                                     struct null_result *ret_all)
{
    struct study *s = study_of(c);
    struct study_claim *fell = picked_claim(s, "ended");
    fell->mailings.times = moments_of(monday + hour * HOUR, DAY, UNTIL, NULL);
    fell->mailings.after_s = hours * HOUR;
    *ret_all = asked_null(s, "ended", "scatter", c);
    struct null_result mail = asked_null(s, "ended", "mail", c);
    study_free(s);
    return mail;
}

static double ratio_said(const struct null_result *n)
{
    const char *said = "the ratio is ", *at = strstr(n->detail, said);
    return at ? strtod(at + strlen(said), NULL) : NAN;
}

/* Besides mails a look-up in five hours before and after, so that the ratio is 1; or in ten
 * after: one in 9 hours at risk where it was one in 4. Of all look-ups it is about .6 of that.
 */
static void a_fall_that_ended_mailings_make_is_none_at_equal_hours_of_them(void **state)
{
    (void)state;
    for (int thin = 1; thin <= 2; thin++) {
        struct counts *c = ended(thin);
        struct null_result all, mail = ended_mail(c, 15, 6, &all);
        assert_int_equal(mail.why, WHY_NONE);
        assert_true(exp(all.log_p) < .05);
        double ratio = thin == 1 ? 1 : 4. / 9;
        assert_near(ratio_said(&mail), ratio, .03);
        assert_true((exp(mail.log_p) > .2) == (thin == 1));
        assert_true(mail.u < ratio && mail.u > 1.5 * all.u);
        assert_non_null(strstr(mail.detail, "25 % of the time before the date, 0 % after"));
        counts_free(c);
    }
}

/* All of the time before the date is the mailings', none after: no hour of one kind is on both
 * sides. */
static void mailings_that_fill_one_side_leave_nothing_to_compare(void **state)
{
    (void)state;
    struct counts *c = ended(2);
    struct null_result all, mail = ended_mail(c, 0, 24, &all);
    assert_int_equal(mail.why, WHY_NONE);
    assert_true(mail.log_p == 0 && isnan(mail.u));
    assert_non_null(strstr(mail.detail, "too few are left"));
    counts_free(c);
}

/* --- a monitor --------------------------------------------------------------------------- */

/* Every two hours a look-up, within ten seconds; with `own`, one each 26 hours, 1:10 after a
 * turn. */
static struct counts *monitored(bool own)
{
    struct made m = {0};
    for (int k = 0; k < DAYS * 12; k++)
        made_add(&m, "192.0.2.1", "target.example", 1, monday + k * 2 * HOUR + k % 10, 1);
    for (int d = 0; own && d < DAYS - 4; d++)
        made_add(&m, "192.0.2.1", "target.example", 1, monday + d * (DAY + 2 * HOUR) + 4200, 1);
    made_add(&m, "192.0.2.2", "target.example", 1, monday, 1);
    made_add(&m, "192.0.2.1", "p.example", 1, monday, 1);
    return made_counts(&m, monday, monday + DAYS * DAY);
}

/* Of a timer that is known nothing is left; with one's own timer besides, 37 gaps of as much
 * time at risk each are, whose variation is next to none. */
static void a_known_monitor_explains_its_own_turns_and_no_other_timer(void **state)
{
    (void)state;
    for (int own = 0; own < 2; own++) {
        struct counts *c = monitored(own);
        struct study *s = study_of(c);
        struct study_claim *r = picked_claim(s, "regular");
        r->monitors = (struct study_aside){.every_s = 2 * HOUR,
                                           .from_ns = (monday - 7 * DAY) * NS_PER_S,
                                           .after_s = 60,
                                           .source = "the test"};
        struct null_result n = asked_null(s, "regular", "monitor", c),
                           all = asked_null(s, "regular", "cache", c);
        assert_int_equal(n.why, WHY_NONE);
        if (own) {
            assert_close(exp(n.log_p), 1. / 200, 1e-9);
            assert_true(-n.observed < .05);
        } else {
            assert_true(n.log_p == 0 && exp(all.log_p) < .05);
        }
        assert_non_null(strstr(n.detail, "504 of"));
        study_free(s);
        counts_free(c);
    }
}

/* The pair is a monitor's each two hours and asks besides in one turn of five, a comparable one
 * in one of four; the answer to the monitor dies 1:00:09 after its turn at the latest. */
static struct counts *busy(bool watched)
{
    struct made m = {0};
    for (int k = 0; k < DAYS * 12; k++) {
        int64_t turn = monday + k * 2 * HOUR;
        if (watched)
            made_add(&m, "192.0.2.1", "target.example", 1, turn + k % 10, 1);
        if (k % 5 == 0)
            made_add(&m, "192.0.2.1", "target.example", 1, turn + 65 * 60 + k % 7 * 400, 1);
        if (k % 4 == 0)
            made_add(&m, "192.0.2.1", "p.example", 1, turn + 65 * 60 + k % 9 * 300, 1);
    }
    made_add(&m, "192.0.2.2", "target.example", 1, monday + 90 * 60, 1);
    struct counts *c = made_counts(&m, monday, monday + DAYS * DAY);
    if (!watched)
        hear_only(c, 62 * 60, 2 * HOUR, 58 * 60);
    return c;
}

static void apart_from_a_monitor_volume_is_tested_as_if_nobody_had_listened_then(void **state)
{
    (void)state;
    struct counts *heard = busy(true), *deaf = busy(false);
    struct study *s = study_of(heard), *q = study_of(deaf);
    const struct study_aside turns = {
        .every_s = 2 * HOUR, .from_ns = monday * NS_PER_S, .after_s = 62 * 60, .source = ""};
    picked_claim(s, "volume")->monitors = picked_claim(q, "volume")->monitors = turns;
    struct null_result monitor = asked_null(s, "volume", "monitor", heard),
                       unheard = asked_null(q, "volume", "monitor", deaf),
                       all = asked_null(s, "volume", "days", heard);
    assert_int_equal(monitor.why, WHY_NONE);
    assert_close(monitor.observed, unheard.observed, 1e-12);
    assert_close(monitor.log_p, unheard.log_p, 1e-12);
    assert_true(exp(all.log_p) < .05 && exp(monitor.log_p) > .5); /* .25 and .2 of the turns */
    assert_non_null(strstr(monitor.detail, "504 of 605 sessions"));
    study_free(s);
    study_free(q);
    counts_free(heard);
    counts_free(deaf);
}

/* --- recipients -------------------------------------------------------------------------- */

/* me asks on every day, you on each seventh. */
static struct counts *unequal(void)
{
    struct made m = {0};
    for (int d = 0; d < DAYS; d++) {
        made_add(&m, "192.0.2.1", "target.example", 1, monday + d * DAY + 50000, 1);
        if (d % 7 == 3)
            made_add(&m, "192.0.2.2", "target.example", 1, monday + d * DAY + 50000, 1);
    }
    made_add(&m, "192.0.2.1", "p.example", 1, monday, 1);
    return made_counts(&m, monday, monday + DAYS * DAY);
}

static void a_group_that_is_mailed_every_day_has_no_share_of_its_own(void **state)
{
    (void)state;
    static const char *const to_me[] = {"192.0.2.1", "192.0.2.1"},
                             *const to_you[] = {"192.0.2.2", "192.0.2.2"},
                             *const to_nobody[] = {"203.0.113.1", "203.0.113.2"};
    struct counts *c = unequal();
    struct study *s = study_of(c);
    struct study_claim *share = picked_claim(s, "share");
    share->mailings.after_s = 60;
    assert_true(exp(asked_null(s, "share", "days", c).log_p) < .05);
    share->mailings.times = moments_of(monday + HOUR, DAY, DAYS, to_me);
    struct null_result mine = asked_null(s, "share", "mail", c);
    assert_int_equal(mine.why, WHY_NONE);
    assert_true(mine.log_p > log(.5)); /* 0 days of hers against 6 of others */
    assert_non_null(strstr(mine.detail, "42 of 48 presence-days"));
    moments_free(share->mailings.times);
    share->mailings.times = moments_of(monday + HOUR, DAY, DAYS, to_you);
    struct null_result yours = asked_null(s, "share", "mail", c);
    assert_true(exp(yours.log_p) < .05);
    assert_non_null(strstr(yours.detail, "6 of 48 presence-days"));
    moments_free(share->mailings.times);
    share->mailings.times = moments_of(monday + HOUR, DAY, DAYS, to_nobody);
    assert_int_equal(asked_null(s, "share", "mail", c).why, WHY_MIN_DATA);
    study_free(s);
    counts_free(c);
}

/* --- another copy ------------------------------------------------------------------------ */

/* 25 pairs of 40 rows; the copy lacks `mine` rows of the first and `theirs` of each other. */
static struct counts *copy_of(int mine, int theirs)
{
    struct made m = {0};
    for (int p = 0; p < 25; p++) {
        char name[24] = "target.example";
        if (p)
            snprintf(name, sizeof name, "p%02d.example", p);
        for (int i = p ? theirs : mine; i < 40; i++)
            made_add(&m, "192.0.2.1", name, 1, monday + i * 20 * HOUR + p, 1);
    }
    made_add(&m, "192.0.2.2", "target.example", 1, monday, 1);
    return made_counts(&m, monday, monday + DAYS * DAY);
}

/* Ranks: 1 of 25 where its own rows are missing alone; 25 of 25 where all lack as many; 1 for
 * equal copies. */
static void rows_that_only_one_copy_has_are_ranked_among_other_pairs(void **state)
{
    (void)state;
    static const struct {
        int mine, theirs;
        double p;
    } want[] = {{10, 2, 1. / 25}, {4, 4, 1}, {0, 0, 1}, {2, 10, 1}};
    struct counts *c = copy_of(0, 0);
    struct study *s = study_of(c);
    struct study_claim *forged = picked_claim(s, "forged");
    assert_int_equal(asked_null(s, "forged", "versions", c).why, WHY_NEEDS_DATA);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        forged->copy.counts = copy_of(want[i].mine, want[i].theirs);
        struct null_result n = asked_null(s, "forged", "versions", c);
        assert_int_equal(n.why, WHY_NONE);
        assert_close(exp(n.log_p), want[i].p, 1e-12);
        assert_near(n.observed, want[i].mine / 40., 1e-12);
        counts_free(forged->copy.counts);
        forged->copy.counts = NULL;
    }
    study_free(s);
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_set_aside_is_not_counted_and_hides_what_comes_after_it),
        cmocka_unit_test(stretches_leave_live_time_before_between_and_after_them),
        cmocka_unit_test(apart_from_mailings_hours_are_tested_as_if_nobody_had_listened_then),
        cmocka_unit_test(what_accounts_for_all_sessions_is_not_ruled_out),
        cmocka_unit_test(without_the_log_or_with_one_of_another_year_nothing_is_tested),
        cmocka_unit_test(a_fall_that_ended_mailings_make_is_none_at_equal_hours_of_them),
        cmocka_unit_test(mailings_that_fill_one_side_leave_nothing_to_compare),
        cmocka_unit_test(a_known_monitor_explains_its_own_turns_and_no_other_timer),
        cmocka_unit_test(apart_from_a_monitor_volume_is_tested_as_if_nobody_had_listened_then),
        cmocka_unit_test(a_group_that_is_mailed_every_day_has_no_share_of_its_own),
        cmocka_unit_test(rows_that_only_one_copy_has_are_ranked_among_other_pairs),
    };
    return cmocka_run_group_tests_name("apart", tests, NULL, NULL);
}
