/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/casefile.h"

#include <unistd.h>

#include "base/text.h"
#include "ingest/tally.h"
#include "tests/check.h"

static char folder[] = "/tmp/test_casefile.XXXXXX";

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof *paths, "%s/%s", folder, name);
    return path;
}

/* A few look-ups with everything that a case can hold. */
static struct counts *sample(int64_t shift_ns)
{
    struct tally_opts o = {
        .tick_ns = NS_PER_S, .dedup_ns = 10000000, .group = {.prefix4 = 32, .prefix6 = 128}};
    struct tally *t = tally_new(&o);
    size_t s = tally_source(t, "dns.pcap", "pcap");
    struct skips *skips = &tally_source_info(t, s)->skips;
    struct lookup v = {.client = span_of("192.0.2.1"),
                       .name = span_of("a.example"),
                       .server = span_of("192.0.2.53"),
                       .qtype = 1,
                       .weight = 1,
                       .id = 0x1234,
                       .port = 5353,
                       .rcode = LOOKUP_UNKNOWN,
                       .ttl_s = LOOKUP_UNKNOWN};
    struct err err;
    for (int i = 0; i < 300; i++) {
        v.t_ns = shift_ns + i * i * (NS_PER_S / 7);
        v.id = i;
        v.name = span_of(i % 3 ? "a.example" : i % 2 ? "\\000b.example" : "c.example");
        assert_int_equal(tally_add(t, s, &v, 1, skips, &err), 0);
        if (i % 5 == 0)
            assert_int_equal(tally_add(t, s, &v, 1, skips, &err), 0); /* a copy */
        if (i % 4 == 0) {
            v.kind = LOOKUP_RESPONSE;
            v.rcode = i % 16;
            v.ttl_s = 60;
            assert_int_equal(tally_add(t, s, &v, 1, skips, &err), 0);
            v.kind = LOOKUP_QUERY;
            v.rcode = LOOKUP_UNKNOWN;
            v.ttl_s = LOOKUP_UNKNOWN;
        }
    }
    for (int i = 0; i < 3; i++) { /* of passive DNS, in no order */
        struct lookup seen = v;
        seen.kind = LOOKUP_INTERVAL;
        seen.client.n = i == 1 ? v.client.n : 0;
        seen.t_ns = i == 2 ? LOOKUP_EVER : shift_ns - i;
        seen.until_ns = shift_ns + i;
        seen.weight = (uint64_t)i << 33;
        assert_int_equal(tally_add(t, s, &seen, 1, skips, &err), 0);
    }
    struct counts_source *info = tally_source_info(t, s);
    assert_int_equal(info->intervals, 3);
    info->bytes = 12345;
    info->read = info->lookups + skips_total(skips);
    strcpy(info->sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct counts *c = tally_freeze(t, 1);
    c->nlive = 1;
    c->live = mem_zero(1, sizeof *c->live);
    c->live[0] = (struct counts_live){-5, INT64_MAX, mem_copy("given", 5)};
    c->sources[0].nlive = 2;
    c->sources[0].live = mem_zero(2, sizeof *c->sources[0].live);
    c->sources[0].live[0] = (struct counts_live){-5, 7, mem_copy("given", 5)};
    c->sources[0].live[1] = (struct counts_live){7, 9, mem_copy("inferred", 8)};
    counts_digest(c, c->sha256);
    return c;
}

static struct span bytes_of(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static char bytes[2][1 << 20];
    static int turn;
    char *p = bytes[turn++ % 2];
    size_t n = fread(p, 1, sizeof *bytes, f);
    fclose(f);
    return span_make(p, n);
}

static void put_bytes(const char *path, struct span s)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(s.p, 1, s.n, f), s.n);
    assert_int_equal(fclose(f), 0);
}

static void what_was_written_is_read_back_whole(void **state)
{
    (void)state;
    struct err err;
    struct counts *c = sample(-1000 * NS_PER_S), *d;
    assert_int_equal(casefile_write(path_of("a.case"), c, &err), 0);
    assert_int_equal(casefile_read(&d, path_of("a.case"), &err), 0);
    assert_string_equal(d->sha256, c->sha256);
    assert_true(d->tick_ns == c->tick_ns && d->dedup_ns == c->dedup_ns);
    assert_string_equal(d->rules[RULE_CLIENT], "address");
    assert_int_equal(d->npairs, c->npairs);
    assert_true(c->pairs[0].duplicates > 0 && d->pairs[0].duplicates == c->pairs[0].duplicates);
    assert_int_equal(d->nsources, 1);
    const struct counts_source *x = &c->sources[0], *y = &d->sources[0];
    assert_string_equal(y->name, "dns.pcap");
    assert_string_equal(y->sha256, x->sha256);
    assert_true(y->first_ns == x->first_ns && y->last_ns == x->last_ns && y->late == x->late);
    assert_true(y->responses_joined == 75 && y->skips.count[SKIP_RESPONSE] == 75);
    assert_memory_equal(y->id_low, x->id_low, sizeof x->id_low);
    assert_memory_equal(y->second, x->second, sizeof x->second);
    assert_memory_equal(y->subsecond, x->subsecond, sizeof x->subsecond);
    assert_int_equal(d->nlive, 1);
    assert_int_equal(y->nlive, 2);
    assert_true(y->live[0].from_ns == -5 && y->live[0].to_ns == 7 && y->live[1].to_ns == 9);
    assert_string_equal(y->live[0].why, "given");
    assert_string_equal(y->live[1].why, "inferred");
    assert_int_equal(d->nintervals, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(span_equal(d->intervals[i].client, c->intervals[i].client) &&
                    span_equal(d->intervals[i].name, c->intervals[i].name) &&
                    d->intervals[i].qtype == c->intervals[i].qtype &&
                    d->intervals[i].from_ns == c->intervals[i].from_ns &&
                    d->intervals[i].to_ns == c->intervals[i].to_ns &&
                    d->intervals[i].count == c->intervals[i].count);
    assert_true(d->intervals[0].client.n > 0 && d->intervals[0].count == UINT64_C(1) << 33);
    assert_true(d->intervals[1].from_ns == COUNTS_EVER && d->intervals[2].count == 0);
    assert_true(d->live[0].from_ns == -5 && d->live[0].to_ns == INT64_MAX);
    counts_free(c);
    counts_free(d);
}

static void the_same_counts_give_the_same_bytes(void **state)
{
    (void)state;
    struct err err;
    struct counts *c = sample(0);
    assert_int_equal(casefile_write(path_of("a.case"), c, &err), 0);
    assert_int_equal(casefile_write(path_of("b.case"), c, &err), 0);
    struct span a = bytes_of(path_of("a.case")), b = bytes_of(path_of("b.case"));
    assert_true(a.n > 8192);
    assert_true(span_equal(a, b));
    counts_free(c);
}

/* Flip each byte in turn (a sample of them): the file is refused, or what is read
 * is what was written; never other counts. */
static void no_changed_byte_changes_a_count(void **state)
{
    (void)state;
    struct err err;
    struct counts *c = sample(0), *d;
    assert_int_equal(casefile_write(path_of("a.case"), c, &err), 0);
    struct span whole = bytes_of(path_of("a.case"));
    char *bytes = mem_copy(whole.p, whole.n);
    size_t refused = 0;
    for (size_t i = 3; i < whole.n; i += 97) {
        bytes[i] ^= 0x15;
        put_bytes(path_of("broken.case"), span_make(bytes, whole.n));
        bytes[i] ^= 0x15;
        int rc = casefile_read(&d, path_of("broken.case"), &err);
        if (rc < 0) {
            assert_int_equal(rc, ERR_MALFORMED);
            refused++;
            continue;
        }
        assert_string_equal(d->sha256, c->sha256);
        counts_free(d);
    }
    assert_true(refused > 0);
    for (size_t n = 0; n < whole.n; n += 511) { /* and cut anywhere */
        put_bytes(path_of("cut.case"), span_make(bytes, n));
        assert_int_equal(casefile_read(&d, path_of("cut.case"), &err), ERR_MALFORMED);
    }
    free(bytes);
    counts_free(c);
}

static void what_is_no_case_is_named_as_what_it_is(void **state)
{
    (void)state;
    struct err err;
    struct counts *c = sample(0), *d;
    put_bytes(path_of("text"), span_of("time,client,name\n"));
    assert_false(casefile_probe(path_of("text")));
    assert_fails(ERR_MALFORMED, "a file of another kind",
                 casefile_read(&d, path_of("text"), &err));
    assert_fails(ERR_IO, "No such file", casefile_read(&d, path_of("absent"), &err));
    assert_false(casefile_probe(path_of("absent")));
    assert_false(casefile_probe(folder));
    assert_int_equal(casefile_write(path_of("a.case"), c, &err), 0);
    assert_true(casefile_probe(path_of("a.case")));
    struct span whole = bytes_of(path_of("a.case"));
    char *bytes = mem_copy(whole.p, whole.n);
    bytes[68] ^= 1; /* application_id */
    put_bytes(path_of("foreign.case"), span_make(bytes, whole.n));
    assert_fails(ERR_MALFORMED, "another application",
                 casefile_read(&d, path_of("foreign.case"), &err));
    assert_false(casefile_probe(path_of("foreign.case")));
    free(bytes);
    counts_free(c);
}

/* user_version: 4 bytes, big-endian, at 60 (sqlite.org/fileformat.html). */
static const char *of_schema(const char *name, uint32_t schema)
{
    const char *path = path_of(name);
    struct span whole = bytes_of(path_of("a.case"));
    char *bytes = mem_copy(whole.p, whole.n);
    for (int i = 0; i < 4; i++)
        bytes[60 + i] = (char)(schema >> (24 - 8 * i));
    put_bytes(path, span_make(bytes, whole.n));
    free(bytes);
    return path;
}

static void a_case_of_another_schema_is_refused_with_both_and_what_to_do(void **state)
{
    (void)state;
    static const struct {
        uint32_t schema;
        const char *said;
    } cases[] = {{5, "newer.case: expected a case of schema 3 to 4, found schema 5 of a newer "
                     "program: read it with that one, or make it again from its logs"},
                 {0xfffffffe, "found schema -2 of an older program"},
                 {2,
                  "found schema 2 of an older program, which has no live time of each source: "
                  "make it again from its logs with this one (dnsclaim ingest)"},
                 {1, "which has no intervals of passive DNS and no live time of each source"},
                 {0, "which has no intervals of passive DNS and no live time of each source"}};
    struct err err;
    struct counts *c = sample(0), *d;
    assert_int_equal(casefile_write(path_of("a.case"), c, &err), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_fails(ERR_MALFORMED, cases[i].said,
                     casefile_read(&d, of_schema("newer.case", cases[i].schema), &err));
    counts_free(c);
}

static void a_case_of_the_schema_before_is_read_and_what_it_may_lack_is_told(void **state)
{
    (void)state;
    struct err err;
    struct counts *c = sample(0), *d;
    assert_int_equal(casefile_write(path_of("a.case"), c, &err), 0);
    assert_int_equal(casefile_read(&d, of_schema("older.case", 3), &err), 0);
    assert_int_equal(d->schema, 3);
    assert_string_equal(d->sha256, c->sha256);
    assert_non_null(strstr(casefile_lacks(d->schema), "steps"));
    counts_free(d);
    assert_int_equal(casefile_read(&d, path_of("a.case"), &err), 0);
    assert_int_equal(d->schema, 4);
    assert_string_equal(casefile_lacks(d->schema), "");
    counts_free(d);
    counts_free(c);
}

static void a_case_replaces_a_case_and_nothing_else(void **state)
{
    (void)state;
    struct err err;
    struct counts *c = sample(0), *later = sample(NS_PER_S), *d;
    put_bytes(path_of("log.csv"), span_of("time,client,name\n"));
    assert_fails(ERR_IO, "another kind of file", casefile_write(path_of("log.csv"), c, &err));
    assert_fails(ERR_IO, "another kind of file", casefile_may_write(path_of("log.csv"), &err));
    assert_true(span_is(bytes_of(path_of("log.csv")), "time,client,name\n"));
    assert_fails(ERR_IO, "found a folder", casefile_write(folder, c, &err));
    assert_fails(ERR_IO, "found a device", casefile_write("/dev/null", c, &err));
    assert_fails(ERR_IO, "No such file", casefile_may_write(path_of("no/such.case"), &err));
    assert_int_equal(casefile_write(path_of("a.case"), c, &err), 0);
    assert_int_equal(casefile_may_write(path_of("a.case"), &err), 0);
    assert_int_equal(casefile_write(path_of("a.case"), later, &err), 0);
    assert_int_equal(casefile_read(&d, path_of("a.case"), &err), 0);
    assert_string_equal(d->sha256, later->sha256);
    counts_free(d);
    counts_free(c);
    counts_free(later);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_back_whole),
        cmocka_unit_test(the_same_counts_give_the_same_bytes),
        cmocka_unit_test(no_changed_byte_changes_a_count),
        cmocka_unit_test(what_is_no_case_is_named_as_what_it_is),
        cmocka_unit_test(a_case_of_another_schema_is_refused_with_both_and_what_to_do),
        cmocka_unit_test(a_case_of_the_schema_before_is_read_and_what_it_may_lack_is_told),
        cmocka_unit_test(a_case_replaces_a_case_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
