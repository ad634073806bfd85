/* SPDX-License-Identifier: GPL-3.0-or-later
 * Steps from a look-up to its pair's next one. Expected counts are worked out by hand. */
#include "ingest/steps.h"

#include <unistd.h>

#include "base/text.h"
#include "ingest/casefile.h"
#include "ingest/tally.h"
#include "tests/check.h"

static struct tally_opts opts(void)
{
    return (struct tally_opts){
        .tick_ns = NS_PER_S, .dedup_ns = 10000000, .group = {.prefix4 = 32, .prefix6 = 128}};
}

struct row {
    const char *name;
    double t_s;
    const char *server; /* "": the record names none */
    int id;
};

static void add(struct tally *t, size_t source, struct row row)
{
    struct skips skips = {0};
    struct lookup v = {.t_ns = (int64_t)(row.t_s * 1e9),
                       .client = span_of("192.0.2.1"),
                       .name = span_of(row.name),
                       .server = span_of(row.server),
                       .qtype = 1,
                       .rcode = LOOKUP_UNKNOWN,
                       .id = row.id,
                       .port = row.id,
                       .ttl_s = LOOKUP_UNKNOWN,
                       .weight = 1};
    assert_int_equal(tally_add(t, source, &v, 1, &skips, NULL), 0);
}

static void add_all(struct tally *t, const struct row *v, size_t n)
{
    size_t s = tally_source(t, "x", "test");
    for (size_t i = 0; i < n; i++)
        add(t, s, v[i]);
}

/* "+bin:count" of steps that stayed, "-bin:count" of those that moved. */
static const char *shown(const struct counts_pair *p, char out[256])
{
    size_t n = 0;
    out[0] = '\0';
    struct marks_iter it = marks_begin(counts_marks(p));
    while (marks_next(&it))
        if (it.kind == MARK_STAYED || it.kind == MARK_MOVED)
            n += (size_t)snprintf(out + n, 256 - n, "%s%c%d:%d", n ? " " : "",
                                  it.kind == MARK_STAYED ? '+' : '-', (int)it.value,
                                  (int)it.count);
    return out;
}

#define assert_steps(pair, text)                                                               \
    do {                                                                                       \
        char shown_[256];                                                                      \
        assert_string_equal(shown(pair, shown_), text);                                        \
    } while (0)

static void a_step_stays_or_moves_and_counts_by_the_time_between(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a", 0, "s", -1},   {"b", .1, "t", -1},     {"a", .5, "s", -1},  {"a", 1.5, "t", -1},
        {"a", 3.5, "t", -1}, {"a", 1003.5, "t", -1}, {"b", 2000, "t", -1}};
    struct tally_opts o = opts();
    struct tally *t = tally_new(&o);
    add_all(t, rows, 7);
    struct counts *c = tally_freeze(t, 1);
    assert_steps(&c->pairs[0], "+0:1 +2:1 +10:1 -1:1"); /* 1,000 s: [512, 1024) */
    assert_steps(&c->pairs[1], "+11:1");                /* whatever a's do between */
    counts_free(c);
}

static void a_moment_with_several_look_ups_has_no_order(void **state)
{
    (void)state;
    static const struct row rows[] = {{"a", 0, "s", -1}, {"a", 4, "s", -1}, {"a", 8, "s", -1},
                                      {"a", 8, "s", -1}, {"a", 9, "t", -1}, {"a", 10, "t", -1}};
    struct tally_opts o = opts();
    struct tally *t = tally_new(&o);
    add_all(t, rows, 6);
    struct counts *c = tally_freeze(t, 1);
    assert_steps(&c->pairs[0], "+1:1 +3:1"); /* 0 to 4, 9 to 10 */
    counts_free(c);
}

static void steps_lie_within_a_source_and_one_of_one_server_has_none(void **state)
{
    (void)state;
    static const struct row one[] = {{"a", 0, "s", -1}, {"a", 10, "s", -1}},
                            two[] = {{"a", 1, "t", -1}, {"a", 5, "s", -1}, {"a", 6, "", -1}};
    struct err err;
    struct tally_opts o = opts();
    struct tally *t = tally_new(&o);
    add_all(t, one, 2);
    add_all(t, two, 3);
    size_t s = tally_source(t, "of one", "test");
    assert_int_equal(tally_serve(t, s, "u", &err), 0);
    add(t, s, (struct row){"a", 2, "", -1});
    add(t, s, (struct row){"a", 3, "", -1});
    struct counts *c = tally_freeze(t, 1);
    assert_steps(&c->pairs[0], "+4:1 -3:1");
    assert_int_equal(c->pairs[0].total, 7);
    counts_free(c);
}

static void tap_duplicates_make_no_step(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a", 0, "s", 7}, {"a", .005, "s", 7}, {"a", 2, "s", 8}, {"a", 2.005, "s", 8}};
    struct tally_opts o = opts();
    struct tally *t = tally_new(&o);
    add_all(t, rows, 4);
    struct counts *c = tally_freeze(t, 1);
    assert_steps(&c->pairs[0], "+2:1");
    assert_int_equal(c->pairs[0].duplicates, 2);
    counts_free(c);
}

/* --- the same whatever the order, the threads, the parts ------------------------------------
 */

enum { SOURCES = 3, ROWS = 900 };

static struct row drawn(uint32_t source, uint32_t i)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"}, *const servers[] = {"s", "t",
                                                                                      "u", ""};
    uint32_t r = (i * SOURCES + source) * 2654435761u;
    r = (r ^ r >> 15) * 2246822519u;
    r ^= r >> 13;
    return (struct row){names[(r >> 4) % 5], (double)(r >> 8 & 0xfff), servers[r & 3], -1};
}

static void add_source(struct tally *t, uint32_t source, bool backwards)
{
    char name[8];
    snprintf(name, sizeof name, "x%u", source);
    size_t s = tally_source(t, name, "test");
    for (uint32_t i = 0; i < ROWS; i++)
        add(t, s, drawn(source, backwards ? ROWS - 1 - i : i));
}

static struct counts *whole(bool backwards, size_t threads, const struct keep *keep)
{
    struct tally_opts o = opts();
    o.keep = keep;
    struct tally *t = tally_new(&o);
    for (uint32_t i = 0; i < SOURCES; i++)
        add_source(t, backwards ? SOURCES - 1 - i : i, backwards);
    return tally_freeze(t, threads);
}

static struct counts *in_parts(void)
{
    struct tally_opts o = opts();
    struct tally *sum = tally_new(&o);
    struct err err;
    add_source(sum, 2, false);
    for (uint32_t i = 0; i < 2; i++) {
        struct tally *t = tally_new(&o);
        add_source(t, i, false);
        struct counts *c = tally_freeze(t, 1);
        assert_int_equal(tally_add_counts(sum, c, &err), 0);
        counts_free(c);
    }
    return tally_freeze(sum, 2);
}

static void assert_same_steps(struct counts *c, const struct counts *of)
{
    char a[256], b[256];
    assert_int_equal(c->npairs, of->npairs);
    for (size_t i = 0; i < c->npairs; i++) {
        assert_string_equal(shown(&c->pairs[i], a), shown(&of->pairs[i], b));
        assert_true(strlen(a) > 40); /* else the test is blind */
        assert_true(span_equal(counts_marks(&c->pairs[i]), counts_marks(&of->pairs[i])));
    }
    counts_free(c);
}

static void order_threads_and_parts_do_not_show(void **state)
{
    (void)state;
    struct counts *c = whole(false, 1, NULL);
    assert_same_steps(whole(true, 1, NULL), c);
    assert_same_steps(whole(true, 8, NULL), c);
    assert_same_steps(in_parts(), c);
    counts_free(c);
}

static void a_pair_that_is_kept_has_the_steps_that_it_had_among_all(void **state)
{
    (void)state;
    char a[256];
    struct keep *keep;
    struct err err;
    assert_int_equal(keep_read(&keep, (const char *[]){"name=b"}, 1, &err), 0);
    struct counts *all = whole(false, 1, NULL), *part = whole(false, 1, keep);
    assert_int_equal(part->npairs, 1);
    assert_steps(&all->pairs[1], shown(&part->pairs[0], a));
    counts_free(all);
    counts_free(part);
    keep_free(keep);
}

/* --- in a case ---------------------------------------------------------------------------- */

/* Cuts the marks behind what was looked up: a case of before. */
static void forget_steps(struct counts *c)
{
    for (size_t i = 0; i < c->npairs; i++)
        c->pairs[i].marks_n = (uint32_t)counts_content_marks(&c->pairs[i]).n;
}

static void steps_are_no_part_of_the_content(void **state)
{
    (void)state;
    char with[DIGEST_HEX], without[DIGEST_HEX];
    struct counts *c = whole(false, 1, NULL);
    uint32_t all = c->pairs[0].marks_n;
    counts_digest(c, with);
    forget_steps(c);
    counts_digest(c, without);
    assert_string_equal(with, without);
    assert_true(c->pairs[0].marks_n < all);
    counts_free(c);
}

static void put(struct counts_pair *p, const unsigned char *marks, uint32_t n, char *room)
{
    memcpy(room, p->bytes, p->series_n + p->copies_n);
    memcpy(room + p->series_n + p->copies_n, marks, n);
    p->bytes = room;
    p->marks_n = n;
}

/* What stands behind the content is not in the digest, so content may not hide there. */
static void a_case_with_steps_out_of_bounds_or_order_is_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned char marks[6];
        int rc;
    } cases[] = {{{MARK_STAYED, 31, 1, MARK_MOVED, 31, 1}, 0},
                 {{MARK_STAYED, 32, 1, MARK_MOVED, 1, 1}, ERR_MALFORMED},
                 {{MARK_STAYED, 1, 1, MARK_RCODE, 1, 1}, ERR_MALFORMED},
                 {{MARK_STAYED, 1, 1, MARK_MOVED + 1, 1, 1}, ERR_MALFORMED}};
    char path[64], room[4096];
    struct err err;
    snprintf(path, sizeof path, "/tmp/dnsclaim-steps-%d.case", (int)getpid());
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tally_opts o = opts();
        struct tally *t = tally_new(&o);
        add_all(t, (const struct row[]){{"a", 0, "s", -1}}, 1);
        struct counts *c = tally_freeze(t, 1), *d;
        put(&c->pairs[0], cases[i].marks, 6, room);
        assert_int_equal(casefile_write(path, c, &err), 0);
        assert_int_equal(casefile_read(&d, path, &err), cases[i].rc);
        if (cases[i].rc == 0)
            counts_free(d);
        counts_free(c);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_stays_or_moves_and_counts_by_the_time_between),
        cmocka_unit_test(a_moment_with_several_look_ups_has_no_order),
        cmocka_unit_test(steps_lie_within_a_source_and_one_of_one_server_has_none),
        cmocka_unit_test(tap_duplicates_make_no_step),
        cmocka_unit_test(order_threads_and_parts_do_not_show),
        cmocka_unit_test(a_pair_that_is_kept_has_the_steps_that_it_had_among_all),
        cmocka_unit_test(steps_are_no_part_of_the_content),
        cmocka_unit_test(a_case_with_steps_out_of_bounds_or_order_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
