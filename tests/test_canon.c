/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "ingest/canon.h"

/* Canonical form of a name as a C string, "!" for a refusal. */
static const char *name(const char *text, size_t n, enum lookup_form form)
{
    static char out[CANON_NAME_MAX + 1];
    size_t got = 0;
    if (canon_name(span_make(text, n), form, out, &got) < 0)
        return "!";
    out[got] = '\0';
    return out;
}

static const char *text_name(const char *text)
{
    return name(text, strlen(text), FORM_TEXT);
}

static const char *client(const char *text)
{
    static char out[CANON_CLIENT_MAX + 1];
    size_t got = 0;
    if (canon_client(span_of(text), FORM_TEXT, out, &got) < 0)
        return "!";
    out[got] = '\0';
    return out;
}

static void names_fold_ascii_only_and_lose_the_final_dot(void **state)
{
    (void)state;
    assert_string_equal(text_name("Mail1.Trump-Email.COM."), "mail1.trump-email.com");
    assert_string_equal(text_name("\xc3\x89.Example"), "\\195\\137.example"); /* not folded */
    assert_string_equal(text_name("."), ".");
    assert_string_equal(text_name("<Root>"), ".");
    assert_string_equal(text_name("com"), "com");
}

/* RFC 1035 section 5.1: \X is X without its meaning, \DDD the octet. */
static void escapes_are_read_and_written_as_octets(void **state)
{
    (void)state;
    assert_string_equal(text_name("a\\.b.example"), "a\\046b.example");
    assert_string_equal(text_name("a\\046b.example"), "a\\046b.example");
    assert_string_equal(text_name("a\\\\b"), "a\\092b");
    assert_string_equal(text_name("\\065bc"), "abc"); /* an escaped letter folds too */
    assert_string_equal(text_name("a b"), "a\\032b");
    assert_string_equal(name("a\0b", 3, FORM_TEXT), "a\\000b");
    assert_string_equal(name("a\\b.\\1", 6, FORM_PLAIN), "a\\092b.\\0921");
    assert_string_equal(text_name("a\\256"), "!");
    assert_string_equal(text_name("a\\25"), "!");
    assert_string_equal(text_name("a\\"), "!");
}

static void text_and_wire_form_of_a_name_agree(void **state)
{
    (void)state;
    static const char wire[] = "\x05Mail1\x03x.y\x03"
                               "com"; /* the literal's NUL is the root */
    assert_string_equal(name(wire, sizeof wire, FORM_WIRE), "mail1.x\\046y.com");
    assert_string_equal(text_name("mail1.x\\.y.com"), "mail1.x\\046y.com");
    assert_string_equal(name("", 1, FORM_WIRE), ".");
}

static void broken_wire_names_are_refused(void **state)
{
    (void)state;
    assert_string_equal(name("\x03"
                             "com",
                             4, FORM_WIRE),
                        "!"); /* no root */
    assert_string_equal(name("\x09"
                             "com\0",
                             5, FORM_WIRE),
                        "!");                                 /* label past the end */
    assert_string_equal(name("\xc0\x0c", 2, FORM_WIRE), "!"); /* compression */
    assert_string_equal(name("\x03"
                             "com\0x",
                             6, FORM_WIRE),
                        "!"); /* more behind the root */
    assert_string_equal(name("", 0, FORM_WIRE), "!");
}

/* RFC 1035 2.3.4: labels of 63 octets, names of 255 with lengths and root. */
static void limits_of_labels_and_names_are_exact(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'a', sizeof text);
    assert_string_not_equal(name(text, 63, FORM_TEXT), "!");
    assert_string_equal(name(text, 64, FORM_TEXT), "!");
    for (size_t i = 63; i < sizeof text; i += 64)
        text[i] = '.';
    /* 63.63.63.61 and the dots: 253 characters, 255 octets */
    assert_int_equal(strlen(name(text, 253, FORM_TEXT)), 253);
    assert_string_equal(name(text, 254, FORM_TEXT), "!");
    assert_string_equal(text_name(""), "!");
    assert_string_equal(text_name("a..b"), "!");
    assert_string_equal(text_name(".a"), "!");
    assert_string_equal(text_name("a.."), "!");
}

static void a_final_dot_does_not_count_against_the_limit(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'a', sizeof text);
    for (size_t i = 63; i < 253; i += 64)
        text[i] = '.';
    text[253] = '.';
    assert_int_equal(strlen(name(text, 254, FORM_TEXT)), 253);
}

static void the_longest_name_of_unprintable_octets_fits(void **state)
{
    (void)state;
    char wire[255];
    memset(wire, 0xff, sizeof wire);
    wire[0] = wire[64] = wire[128] = 63;
    wire[192] = 61;
    wire[254] = 0;
    assert_int_equal(strlen(name(wire, sizeof wire, FORM_WIRE)), 4 * 250 + 3);
}

static void canonical_names_are_their_own_canonical_form(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        char raw[12], once[CANON_NAME_MAX], twice[CANON_NAME_MAX];
        size_t n = 0, n1, n2;
        for (; n < sizeof raw; n++)
            raw[n] = (char)((seed = seed * 1103515245 + 12345) >> 16);
        if (canon_name(span_make(raw, n), FORM_TEXT, once, &n1) < 0)
            continue;
        assert_int_equal(canon_name(span_make(once, n1), FORM_TEXT, twice, &n2), 0);
        assert_true(span_equal(span_make(once, n1), span_make(twice, n2)));
    }
}

static void addresses_have_one_spelling(void **state)
{
    (void)state;
    assert_string_equal(client("217.12.96.15"), "217.12.96.15");
    assert_string_equal(client("2001:DB8:0:0::0:1"), "2001:db8::1"); /* RFC 5952 */
    assert_string_equal(client("::ffff:192.0.2.1"), "192.0.2.1");
    assert_string_equal(client("::FFFF:c000:201"), "192.0.2.1");
    assert_string_equal(client("::"), "::");
    char out[CANON_CLIENT_MAX];
    size_t n;
    assert_int_equal(canon_client(span_make("\xc0\0\2\1", 4), FORM_WIRE, out, &n), 0);
    assert_true(span_is(span_make(out, n), "192.0.2.1"));
    assert_int_equal(canon_client(span_make("\xc0\0\2", 3), FORM_WIRE, out, &n), ERR_MALFORMED);
}

static void ports_and_zones_are_no_part_of_an_address(void **state)
{
    (void)state;
    assert_string_equal(client("192.0.2.1#53"), "192.0.2.1");
    assert_string_equal(client("192.0.2.1@53"), "192.0.2.1");
    assert_string_equal(client("192.0.2.1:5353"), "192.0.2.1");
    assert_string_equal(client("192.0.2.1.5353"), "192.0.2.1");
    assert_string_equal(client("fe80::1%eth0"), "fe80::1");
    assert_string_equal(client("fe80::1%eth0#53"), "fe80::1");
    assert_string_equal(client("[::1]:53"), "::1");
    assert_string_equal(client("[2001:db8::1]"), "2001:db8::1");
    assert_string_equal(client("2001:db8::1.53"), "2001:db8::1");
}

/* 2001:db8::1:53 is an address; what follows its last colon is no port. */
static void an_ambiguous_suffix_is_left_alone(void **state)
{
    (void)state;
    assert_string_equal(client("2001:db8::1:53"), "2001:db8::1:53");
    assert_string_equal(client("192.0.2.1:99999"), "192.0.2.1:99999");
    assert_string_equal(client("192.0.2.1:"), "192.0.2.1:");
    assert_string_equal(client("[::1]:x"), "[::1]:x");
    assert_string_equal(client("192.0.2"), "192.0.2");
    assert_string_equal(client("host#53"), "host#53");
}

static void other_clients_keep_their_text(void **state)
{
    (void)state;
    assert_string_equal(client("Alfa-Bank"), "Alfa-Bank"); /* case as it stands */
    assert_string_equal(client("a\tb\\c"), "a\\009b\\092c");
    assert_string_equal(client(""), "!");
    char longest[300];
    memset(longest, 'x', sizeof longest);
    longest[255] = '\0';
    assert_int_equal(strlen(client(longest)), 255);
    longest[255] = 'x';
    longest[256] = '\0';
    assert_string_equal(client(longest), "!");
}

static const char *grouped(const struct canon_group *g, const char *text)
{
    static char out[CANON_CLIENT_MAX + 1];
    size_t n;
    canon_group_client(g, span_of(text), out, &n);
    out[n] = '\0';
    return out;
}

static void prefixes_group_addresses_and_nothing_else(void **state)
{
    (void)state;
    struct canon_group g = {.prefix4 = 20, .prefix6 = 48},
                       each = {.prefix4 = 32, .prefix6 = 128};
    assert_string_equal(grouped(&g, "192.0.31.255"), "192.0.16.0/20");
    assert_string_equal(grouped(&g, "2001:db8:1:2::3"), "2001:db8:1::/48");
    assert_string_equal(grouped(&g, "printer"), "printer");
    assert_string_equal(grouped(&each, "192.0.31.255"), "192.0.31.255");
}

/* Writes `text` to a file and reads it as a label file. */
static int labels_of(struct canon_labels **ret, const char *text, struct err *err)
{
    char path[] = "/tmp/dnsclaim-labels-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int rc = canon_labels_read(ret, path, err);
    unlink(path);
    return rc;
}

static void the_longest_labelled_prefix_wins(void **state)
{
    (void)state;
    struct canon_labels *l;
    struct err err = {0};
    assert_int_equal(labels_of(&l,
                               "# who is who\n\n"
                               "217.12.96.0/23,Alfa-Bank\n"
                               "217.12.97.15 , Alfa-Bank, resolver 2\r\n"
                               "2001:db8::/32,lab\n",
                               &err),
                     0);
    struct canon_group g = {.prefix4 = 24, .prefix6 = 48, .labels = l};
    assert_string_equal(grouped(&g, "217.12.96.15"), "Alfa-Bank");
    assert_string_equal(grouped(&g, "217.12.97.15"), "Alfa-Bank, resolver 2");
    assert_string_equal(grouped(&g, "2001:db8:ffff::1"), "lab");
    assert_string_equal(grouped(&g, "217.12.98.1"), "217.12.98.0/24"); /* in none */
    canon_labels_free(l);
}

static void a_label_file_that_is_wrong_is_refused_by_line(void **state)
{
    (void)state;
    struct canon_labels *l;
    struct err err;
    assert_fails(ERR_MALFORMED, ":2: expected an address",
                 labels_of(&l, "::1,a\n1.2.3,b\n", &err));
    assert_fails(ERR_MALFORMED, ":1: expected an address",
                 labels_of(&l, "192.0.2.1/24,b\n", &err)); /* bits past the prefix */
    assert_fails(ERR_MALFORMED, ":1: expected address-or-prefix,label",
                 labels_of(&l, "192.0.2.1\n", &err));
    assert_fails(ERR_MALFORMED, "found the one of line 1 again",
                 labels_of(&l, "192.0.2.1,a\n192.0.2.1/32,b\n", &err));
    assert_fails(ERR_MALFORMED, "found none", labels_of(&l, "# nobody\n", &err));
    assert_fails(ERR_IO, "/nowhere", canon_labels_read(&l, "/nowhere", &err));
}

/* Numbers: IANA, "Resource Record (RR) TYPEs" and "DNS RCODEs". */
static void types_and_codes_have_their_iana_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int number;
    } types[] = {{"A", 1},      {"aaaa", 28},    {"28", 28},   {"TYPE28", 28},
                 {"1 (A)", 1},  {" HTTPS ", 65}, {"SVCB", 64}, {"type65280", 65280},
                 {"ANY", 255},  {"*", 255},      {"CAA", 257}, {"DLV", 32769},
                 {"65536", -1}, {"-1", -1},      {"", -1},     {"TYPE", -1},
                 {"TYPEx", -1}, {"BOGUS", -1},   {"(A)", -1}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_int_equal(canon_qtype(span_of(types[i].text)), types[i].number);
    assert_int_equal(canon_rcode(span_of("NXDOMAIN")), 3);
    assert_int_equal(canon_rcode(span_of("noerror")), 0);
    assert_int_equal(canon_rcode(span_of("23")), 23);
    assert_int_equal(canon_rcode(span_of("BADVERS")), 16);
    assert_int_equal(canon_rcode(span_of("4096")), -1);
    assert_int_equal(canon_rcode(span_of("-")), -1);
}

static void every_type_reads_back_what_it_is_written_as(void **state)
{
    (void)state;
    char out[16];
    for (int t = 1; t <= UINT16_MAX; t++)
        assert_int_equal(canon_qtype(span_of(canon_qtype_name((uint16_t)t, out))), t);
    assert_string_equal(canon_qtype_name(28, out), "AAAA");
    assert_string_equal(canon_qtype_name(65280, out), "TYPE65280");
    assert_string_equal(canon_qtype_name(255, out), "ANY");
    assert_string_equal(canon_qtype_name(0, out), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_fold_ascii_only_and_lose_the_final_dot),
        cmocka_unit_test(escapes_are_read_and_written_as_octets),
        cmocka_unit_test(text_and_wire_form_of_a_name_agree),
        cmocka_unit_test(broken_wire_names_are_refused),
        cmocka_unit_test(limits_of_labels_and_names_are_exact),
        cmocka_unit_test(a_final_dot_does_not_count_against_the_limit),
        cmocka_unit_test(the_longest_name_of_unprintable_octets_fits),
        cmocka_unit_test(canonical_names_are_their_own_canonical_form),
        cmocka_unit_test(addresses_have_one_spelling),
        cmocka_unit_test(ports_and_zones_are_no_part_of_an_address),
        cmocka_unit_test(an_ambiguous_suffix_is_left_alone),
        cmocka_unit_test(other_clients_keep_their_text),
        cmocka_unit_test(prefixes_group_addresses_and_nothing_else),
        cmocka_unit_test(the_longest_labelled_prefix_wins),
        cmocka_unit_test(a_label_file_that_is_wrong_is_refused_by_line),
        cmocka_unit_test(types_and_codes_have_their_iana_numbers),
        cmocka_unit_test(every_type_reads_back_what_it_is_written_as),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
