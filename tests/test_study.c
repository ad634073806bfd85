/* SPDX-License-Identifier: GPL-3.0-or-later
 * The strict reader. Each fault is one line of a good study put otherwise; the message
 * begins with file, line and column of what is wrong, which an editor can jump to; of
 * quoted text the column is that of its first character. */
#include "tests/check.h"

#include <unistd.h>

#include "models/kinds.h"
#include "models/study.h"
#include "tests/made.h"

static const char *const good[] = {
    "study: a test",
    "plan: {ttl: 1h, alpha: 0.05}",
    "searched: 1",
    "groups:",
    "  me: {clients: [192.0.2.1]}",
    "  it: {names: [a.example]}",
    "  rest: {names: [\"p*.example\"]}",
    "claims:",
    "  - {id: v, kind: volume, direction: more, effect: 3, client: me, name: it}",
    "  - {id: s, kind: synchrony, direction: more, effect: .1, a: [me, it], b: [me, rest]}",
    "  - {id: r, kind: timing, feature: regular, direction: less, effect: .5, client: me, "
    "name: it}",
};
enum { LINES = sizeof good / sizeof *good };

/* Write the good study with line `line` (from 1) replaced; 0: none. */
static void write_study(const char *path, size_t line, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (size_t i = 0; i < LINES; i++)
        fprintf(f, "%s\n", i + 1 == line ? text : good[i]);
    assert_int_equal(fclose(f), 0);
}

static int read_with(struct study **s, size_t line, const char *text, const char *const *set,
                     char path[32], struct err *err)
{
    strcpy(path, "/tmp/dnsclaim-study-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_study(path, line, text);
    int rc = study_read(s, path, set, err);
    unlink(path);
    return rc;
}

struct fault {
    size_t line;
    const char *text;
    const char *at; /* line:column: message begins */
};

static void check_fault(const struct fault *f, const char *const *set)
{
    char path[32];
    struct study *s;
    struct err err = {.msg = ""};
    int rc = read_with(&s, f->line, f->text, set, path, &err);
    if (rc != ERR_USAGE)
        fail_msg("%s: returned %d", f->text, rc);
    size_t n = strlen(path);
    if (strncmp(err.msg, path, n) != 0 || err.msg[n] != ':' ||
        strncmp(err.msg + n + 1, f->at, strlen(f->at)) != 0)
        fail_msg("%s:\n  got      %s\n  expected FILE:%s", f->text, err.msg, f->at);
}

static void a_fault_in_the_plan_names_its_place_and_what_was_expected(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {1, "title: a test",
         "1:1: unknown key 'title', expected one of: study, simulated, plan"},
        {1, "study: [a, test]", "1:8: expected text, found a list or mapping"},
        {1, "study: &x a test", "1:"},
        {2, "plan: 1h", "2:7: expected a mapping with 'seed'"},
        {2, "plan: {alpha: 0.05}", "2:7: expected the key 'ttl' (a duration, log, estimate"},
        {2, "plan: {ttl: 0}", "2:13: expected a time to live"},
        {2, "plan: {ttl: 0s}", "2:13: expected a time to live above 0"},
        {2, "plan: {ttl: soon}", "2:13: expected a time to live such as 1h, or log"},
        {2, "plan: {ttl: {source: dig}}", "2:13: expected the key 'value', found none"},
        {2, "plan: {ttl: {value: 1h, by: dig}}", "2:25: unknown key 'by'"},
        {2, "plan: {ttl: 1h, ttl: 2h}", "2:17: expected a key once, found 'ttl' twice"},
        {2, "plan: {ttl: 1h, alpha: 0}", "2:24: expected an alpha above 0 and at most .5"},
        {2, "plan: {ttl: 1h, alpha: .6}", "2:24: expected an alpha above 0 and at most .5"},
        {2, "plan: {ttl: 1h, alpha: low}", "2:24: expected a number, found 'low'"},
        {2, "plan: {ttl: 1h, seed: -1}", "2:23: expected a seed of 0 or more"},
        {2, "plan: {ttl: 1h, seed: 1.5}", "2:23: expected a whole number, found '1.5'"},
        {2, "plan: {ttl: 1h, max_replicates: 98}", "2:33: expected 99 to 100000000 replicates"},
        {2, "plan: {ttl: 1h, bucket: 0s}", "2:25: expected a bucket above 0"},
        {2, "plan: {ttl: 1h, session: 30}", "2:26: expected a duration such as 30s"},
        {2, "plan: {ttl: 1h, timezone: Europe/Atlantis}",
         "2:27: time zone: expected a name of tzdata"},
        {2, "plan: {ttl: 1h, holidays: XX}", "2:27: "},
        {2, "plan: {ttl: 1h, correction: luck}",
         "2:29: expected a correction of `dnsclaim list"},
        {2, "plan: {ttl: 1h, window: 1h}", "2:17: unknown key 'window', expected one of: seed"},
        {2, "plan: {ttl: 1h]}",
         "2:15: expected YAML, found an error: mismatched flow sequence end"},
        {3, "searched: 0", "3:11: expected 1 or more"},
        {3, "searched: many", "3:11: expected a number, found 'many'"},
        {3, "searched: {source: a book}", "3:11: expected how many were searched"},
        {3, "searched: {low: 5}", "3:11: expected both 'low' and 'high'"},
        {3, "searched: {low: 5, high: 4}", "3:26: expected high >= low"},
        {3, "searched: {low: 4, high: 5, clients: 50}", "3:29: unknown key 'clients'"},
        {3, "searched: {guesses: 5}", "3:12: unknown key 'guesses'"},
        {3, "searched: {clients: 0, names: 5}", "3:21: expected 1 or more"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        check_fault(&faults[i], NULL);
}

static void a_fault_in_a_group_names_its_place_and_what_was_expected(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {4, "group:", "4:1: unknown key 'group'"},
        {5, "  me: {clients: []}", "5:17: expected a list of one or more patterns"},
        {5, "  me: {clients: 192.0.2.1}", "5:17: expected a list of one or more patterns"},
        {5, "  me: {}", "5:7: expected 'clients' or 'names'"},
        {5, "  me: {client: [192.0.2.1]}",
         "5:8: unknown key 'client', expected one of: clients"},
        {5, "  me: {clients: [[192.0.2.1]]}", "5:18: expected text, found a list or mapping"},
        {6, "  me: {names: [a.example]}", "6:7: expected a group once, found 'me' twice"},
        {6, "  it: &loop {names: [*loop]}", "6:"},
        {6, "  it: !!set {names: [a.example]}", "6:"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        check_fault(&faults[i], NULL);
}

#define VOLUME "  - {id: v, kind: volume, direction: more, effect: 3, "
#define HOURS                                                                                  \
    "  - {id: h, kind: timing, feature: hours, direction: more, effect: 2, client: me, name: " \
    "it"

static const struct fault claim_faults[] = {
    {8, "claim:", "8:1: unknown key 'claim'"},
    {9, "  - {kind: volume}", "9:5: expected the key 'id', found none"},
    {9, "  - {id: \"v v\"}", "9:11: expected an id of 1 to 64 letters"},
    {9, "  - {id: s, kind: volume, direction: more, effect: 3, client: me, name: it}",
     "10:10: expected an id once, found 's' twice"},
    {9, "  - {id: v, kind: guilt}", "9:19: expected a kind (and feature) of `dnsclaim list"},
    {9, "  - {id: v, kind: timing, feature: charm}", "9:36: expected a kind (and feature)"},
    {9, "  - {id: v, kind: timing, direction: more}", "9:19: expected a kind (and feature)"},
    {9, "  - {id: v, kind: volume, effect: 3}", "9:5: expected the key 'direction'"},
    {9, "  - {id: v, kind: volume, direction: up, effect: 3}",
     "9:38: expected more or less, found 'up'"},
    {9, "  - {id: v, kind: volume, direction: more}", "9:5: expected the key 'effect'"},
    {9, "  - {id: v, kind: volume, direction: more, effect: 1, client: me, name: it}",
     "9:52: expected an effect above 1"},
    {9, "  - {id: v, kind: volume, direction: less, effect: .5, client: me, name: it}",
     "9:52: expected an effect above 1"},
    {11, "  - {id: r, kind: timing, feature: regular, direction: less, effect: 2}",
     "11:70: expected an effect between 0 and 1"},
    {9, "  - {id: v, kind: volume, direction: more, effect: three}",
     "9:52: expected a number, found 'three'"},
    {9, VOLUME "name: it}", "9:5: expected the key 'client'"},
    {9, VOLUME "client: me}", "9:5: expected the key 'name'"},
    {9, VOLUME "client: you, name: it}", "9:63: expected the id of a group, found 'you'"},
    {9, VOLUME "client: it, name: it}",
     "9:63: expected a group with clients, found 'it' without"},
    {9, VOLUME "client: me, name: me}",
     "9:73: expected a group with names, found 'me' without"},
    {9, VOLUME "client: [], name: it}", "9:63: expected 1 to 8 groups of clients"},
    {9, VOLUME "client: me, name: it, compare: me}", "9:86: expected a group with names"},
    {9, VOLUME "client: me, name: it, when: now}", "9:77: unknown key 'when'"},
    {9, VOLUME "client: me, name: it, from: 2016-05-04}",
     "9:83: expected 'from' and 'to', the second later"},
    {9, VOLUME "client: me, name: it, from: 2016-05-04, to: 2016-05-04}",
     "9:83: expected 'from' and 'to', the second later"},
    {9, VOLUME "client: me, name: it, from: yesterday, to: 2016-05-04}",
     "9:83: expected a time such as 2016-05-04"},
    {9, VOLUME "client: me, name: it, ttl: 0s}", "9:82: expected a time to live above 0"},
    {9, VOLUME "client: me, name: it, said: a, says: b}",
     "9:92: expected 'said' or 'says', found both"},
    {9, VOLUME "client: me, name: it, searched: 0}", "9:87: expected 1 or more"},
    {9, VOLUME "client: me, name: it, hours: {timezone: UTC, from: \"9:00\", to: \"17:00\"}}",
     "9:84: expected 'hours' only with timing/hours, found it with volume"},
    {9, VOLUME "client: me, name: it, events: none.csv}",
     "9:85: expected 'events' only with alignment, found it with volume"},
    {9, VOLUME "client: me, name: it, coverage: all}",
     "9:87: expected 'coverage' only with exclusivity rarity, found it with volume"},
    {9, HOURS "}", "9:5: expected the key 'hours', found none"},
    {9,
     "  - {id: v, kind: alignment, direction: more, effect: .5, client: me, name: it, within: "
     "1d, events: nowhere.csv, registered: true}",
     "9:101: expected a file of dates; /tmp/nowhere.csv: No such file"},
    {9,
     "  - {id: v, kind: alignment, direction: more, effect: .5, client: me, name: it, within: "
     "1d, registered: true}",
     "9:5: expected the key 'events', found none"},
    {9,
     "  - {id: v, kind: alignment, direction: more, effect: .5, client: me, name: it, events: "
     "x.csv, registered: true}",
     "9:5: expected the key 'within', found none"},
    {9,
     "  - {id: v, kind: alignment, direction: more, effect: .5, client: me, name: it, within: "
     "0s, events: x.csv, registered: true}",
     "9:89: expected a duration above 0"},
    {9, "  - {id: v, kind: alignment, direction: more, effect: 1.5, client: me, name: it}",
     "9:55: expected an effect of at most 1, found 1.5"},
    {9, "  - {id: v, kind: reaction, direction: less, effect: .5, client: me, name: it}",
     "9:5: expected the key 'date', found none"},
    {9,
     "  - {id: v, kind: reaction, direction: less, effect: .5, client: me, name: it, date: "
     "soon}",
     "9:86: expected a time such as 2016-05-04"},
    {9,
     "  - {id: v, kind: reaction, direction: less, effect: .5, client: me, name: it, date: "
     "1973-01-01, from: 1973-01-01, to: 1973-02-01}",
     "9:86: expected a date between 'from' and 'to'"},
    {9,
     "  - {id: v, kind: reaction, direction: less, effect: .5, client: me, name: it, date: "
     "1973-01-01, within: 1d}",
     "9:106: expected 'within' only with alignment synchrony, found it with reaction"},
    {9, HOURS ", hours: []}", "9:100: expected 1 to 4 hours"},
    {9, HOURS ", hours: {timezone: UTC, from: \"9:00\"}}", "9:100: expected the key 'to'"},
    {9, HOURS ", hours: {timezone: Mars, from: \"9:00\", to: \"17:00\"}}",
     "9:111: time zone: expected a name of tzdata"},
    {9, HOURS ", hours: {timezone: UTC, from: \"25:00\", to: \"17:00\"}}",
     "9:123: expected a time of day such as \"09:00\", found '25:00'"},
    {9, HOURS ", hours: {timezone: UTC, from: \"9:00\", to: \"09:00\"}}",
     "9:135: expected 'to' unlike 'from'"},
    {9, HOURS ", hours: {timezone: UTC, from: \"9:00\", to: \"17:00\", days: some}}",
     "9:149: expected weekdays or all, found 'some'"},
    {10, "  - {id: s, kind: synchrony, direction: more, effect: .1, a: [me, it]}",
     "10:5: expected the key 'b'"},
    {10, "  - {id: s, kind: synchrony, direction: more, effect: .1, a: me, b: [me, rest]}",
     "10:62: expected [group of clients, group of names]"},
    {10, "  - {id: s, kind: synchrony, direction: more, effect: .1, a: [it, me], b: [me, it]}",
     "10:63: expected a group with clients, found 'it' without"},
    {10,
     "  - {id: s, kind: synchrony, direction: more, effect: .1, a: [me, it], b: [me, "
     "rest], "
     "within: 0s}",
     "10:95: expected a duration above 0"},
    {10, "  - {id: s, kind: synchrony, direction: more, effect: -1, a: [me, it]}",
     "10:55: expected an effect above 0"},
};

static void a_fault_in_a_claim_names_its_place_and_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof claim_faults / sizeof *claim_faults; i++)
        check_fault(&claim_faults[i], NULL);
}

static void the_good_study_is_read_with_its_defaults(void **state)
{
    (void)state;
    char path[32];
    struct study *s;
    struct err err = {.msg = ""};
    if (read_with(&s, 0, "", NULL, path, &err) < 0)
        fail_msg("%s", err.msg);
    assert_true(s->alpha == .05 && s->session_s == 30 && s->bucket_s == 3600 && s->seed == 1);
    assert_string_equal(s->correction->name, "holm");
    assert_int_equal(s->nclaims, 3);
    assert_true(s->claims[0].ttl.kind == TTL_GIVEN && s->claims[0].ttl.seconds == 3600);
    assert_true(s->claims[0].search.kind == SEARCH_COUNT && s->claims[0].search.low == 1);
    assert_true(s->claims[1].max_lag_s == 6 * 3600 && s->claims[1].delta_s == 180);
    assert_false(s->claims[2].opposite);
    study_free(s);
}

/* --- settings ------------------------------------------------------------------------- */

static void a_setting_replaces_the_plan_s_value_and_is_as_strict(void **state)
{
    (void)state;
    static const char *const set[] = {"ttl=5m", "alpha=0.01", "alpha=0.02", NULL};
    static const struct {
        const char *set, *message;
    } faults[] = {
        {"ttl", "--set: expected KEY=VALUE, found 'ttl'"},
        {"ttl=0s", "--set:1:6: expected a time to live above 0"},
        {"tll=5m", "--set:1:1: unknown key 'tll'"},
        {"alpha=2", "--set:1:8: expected an alpha above 0"},
        {"alpha=[", "--set:"},
        {"groups=5", "--set:1:1: unknown key 'groups'"},
    };
    char path[32];
    struct study *s;
    struct err err = {.msg = ""};
    assert_int_equal(read_with(&s, 0, "", set, path, &err), 0);
    assert_true(s->alpha == .02 && s->claims[0].ttl.seconds == 300); /* the last one holds */
    study_free(s);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const char *const one[] = {faults[i].set, NULL};
        assert_fails(ERR_USAGE, faults[i].message, read_with(&s, 0, "", one, path, &err));
    }
    static const char *const half[] = {"alpha=0.01", NULL}; /* the file's own fault stays */
    check_fault(&(struct fault){2, "plan: {alpha: 0.05}", "2:7: expected the key 'ttl'"}, half);
}

/* --- the case ------------------------------------------------------------ */

static int resolve_with(size_t line, const char *text, char path[32], struct err *err)
{
    struct made m = {0};
    made_add(&m, "192.0.2.1", "a.example", 1, 94694400, 1); /* 1973-01-01 */
    made_add(&m, "192.0.2.1", "p1.example", 1, 94694500, 1);
    struct counts *c = made_counts(&m, 94694400, 94694400 + 86400);
    struct study *s;
    if (read_with(&s, line, text, NULL, path, err) < 0)
        fail_msg("%s", err->msg);
    int rc = study_resolve(s, c, err);
    study_free(s);
    counts_free(c);
    return rc;
}

static void what_the_case_does_not_hold_is_an_error_at_its_place(void **state)
{
    (void)state;
    char path[32];
    struct err err;
    assert_int_equal(resolve_with(0, "", path, &err), 0);
    assert_fails(ERR_USAGE,
                 ":6:7: expected a name of the case, found that group 'it' matches none",
                 resolve_with(6, "  it: {names: [b.example]}", path, &err));
    assert_fails(ERR_USAGE,
                 ":5:7: expected a client of the case, found that group 'me' matches none",
                 resolve_with(5, "  me: {clients: [\"192.0.3.*\"]}", path, &err));
    assert_fails(ERR_USAGE, ":9:83: expected a window in the case's listening time",
                 resolve_with(9,
                              VOLUME "client: me, name: it, from: 1974-01-01, to: 1974-02-01}",
                              path, &err));
    assert_int_equal(
        resolve_with(9, VOLUME "client: me, name: it, from: 1973-01-01, to: 1974-01-01}", path,
                     &err),
        0);
}

/* As every file that a study names; the results tell by its digest which it was. */
static void a_list_of_holidays_lies_beside_the_study(void **state)
{
    (void)state;
    char path[32], file[64], plan[128], sha256[DIGEST_HEX];
    struct study *s;
    struct err err = {.msg = ""};
    snprintf(file, sizeof file, "/tmp/dnsclaim-days-%ld.csv", (long)getpid());
    snprintf(plan, sizeof plan, "plan: {ttl: 1h, holidays: %s}", strrchr(file, '/') + 1);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs("date,name\n1973-01-01,New Year\n", f);
    fclose(f);
    if (read_with(&s, 2, plan, NULL, path, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(s->holidays.n, 1);
    assert_int_equal(digest_file(file, sha256, &err), 0);
    assert_string_equal(s->holidays.sha256, sha256);
    unlink(file);
    study_free(s);
}

static void a_date_that_was_searched_outside_the_case_is_an_error_at_its_place(void **state)
{
    (void)state;
    char path[32];
    struct err err;
    assert_fails(
        ERR_USAGE, ":9:127: expected a date in the case's listening time",
        resolve_with(9,
                     "  - {id: v, kind: reaction, direction: less, effect: .5, client: "
                     "me, name: it, date: 1973-01-01T12:00:00Z, searched: {dates: "
                     "[1974-01-01]}}",
                     path, &err));
}

/* Of a reaction the date, of an alignment one date at least, lies where look-ups could. */
static void dates_outside_the_window_are_an_error_at_the_claim(void **state)
{
    (void)state;
    char path[32];
    struct err err;
    const char *const outside =
        "  - {id: v, kind: reaction, direction: less, effect: .5, client: "
        "me, name: it, date: 1974-01-01}";
    const char *const inside =
        "  - {id: v, kind: reaction, direction: less, effect: .5, client: "
        "me, name: it, date: 1973-01-01T12:00:00Z}";
    assert_fails(ERR_USAGE,
                 ":9:86: expected a date between 1973-01-01T00:00:00Z and 1973-01-02",
                 resolve_with(9, outside, path, &err));
    assert_int_equal(resolve_with(9, inside, path, &err), 0);
    char file[64], claim[256];
    snprintf(file, sizeof file, "/tmp/dnsclaim-dates-%ld.csv", (long)getpid());
    snprintf(claim, sizeof claim,
             "  - {id: v, kind: alignment, direction: more, effect: .5, client: me, name: it, "
             "within: 1h, registered: true, events: %s}",
             file);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs("time\n1974-01-01\n", f);
    fclose(f);
    assert_fails(ERR_USAGE,
                 ":9:119: expected a date of the events between 1973-01-01T00:00:00Z",
                 resolve_with(9, claim, path, &err));
    unlink(file);
}

/* Absent, or `case`: every pair of the case was a look. */
static void a_search_that_is_not_stated_is_all_pairs_of_the_case(void **state)
{
    (void)state;
    struct made m = {0};
    for (int i = 1; i < 8; i++) {
        char name[20];
        snprintf(name, sizeof name, "p%d.example", i);
        made_add(&m, "192.0.2.1", name, 1, 94694400 + i, 1);
    }
    made_add(&m, "192.0.2.1", "a.example", 1, 94694400, 1);
    struct counts *c = made_counts(&m, 94694400, 94694400 + 86400);
    static const struct {
        const char *text;
        enum search_kind kind;
        double low;
    } cases[] = {{"searched: case", SEARCH_ASSUMED, 8},
                 {"", SEARCH_ASSUMED, 8},
                 {"searched: {clients: 4, names: 25, source: a book}", SEARCH_COUNT, 100},
                 {"searched: {low: 3, high: 9}", SEARCH_RANGE, 3}};
    for (size_t i = 0; i < 4; i++) {
        char path[32];
        struct study *s;
        struct err err;
        assert_int_equal(read_with(&s, 3, cases[i].text, NULL, path, &err), 0);
        assert_int_equal(study_resolve(s, c, &err), 0);
        assert_int_equal(s->claims[0].search.kind, cases[i].kind);
        assert_true(s->claims[0].search.low == cases[i].low);
        study_free(s);
    }
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_study_is_read_with_its_defaults),
        cmocka_unit_test(a_fault_in_the_plan_names_its_place_and_what_was_expected),
        cmocka_unit_test(a_fault_in_a_group_names_its_place_and_what_was_expected),
        cmocka_unit_test(a_fault_in_a_claim_names_its_place_and_what_was_expected),
        cmocka_unit_test(a_setting_replaces_the_plan_s_value_and_is_as_strict),
        cmocka_unit_test(what_the_case_does_not_hold_is_an_error_at_its_place),
        cmocka_unit_test(a_list_of_holidays_lies_beside_the_study),
        cmocka_unit_test(a_date_that_was_searched_outside_the_case_is_an_error_at_its_place),
        cmocka_unit_test(dates_outside_the_window_are_an_error_at_the_claim),
        cmocka_unit_test(a_search_that_is_not_stated_is_all_pairs_of_the_case),
    };
    return cmocka_run_group_tests_name("study", tests, NULL, NULL);
}
