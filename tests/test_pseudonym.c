/* SPDX-License-Identifier: GPL-3.0-or-later
 * Crypto-PAn: the key and the addresses of the sample trace that comes with its reference
 * implementation (Xu and others, Crypto-PAn 1.0). The rest: Python 3.11 hmac and
 * ipaddress, AES by `openssl enc -aes-128-ecb` 3.0, from the definition in the header. */
#include "ingest/pseudonym.h"

#include <arpa/inet.h>

#include "tests/check.h"

#define KEY "0123456789abcdef0123456789abcdef"

static struct suffix *list;
static struct pseudonyms *p;

static int set_up(void **state)
{
    struct err err;
    (void)state;
    p = NULL;
    if (suffix_open(&list, &err) < 0)
        return -1;
    p = pseudonym_of_key(span_of(KEY), list);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pseudonym_free(p);
    suffix_free(list);
    return 0;
}

static void expect_client(const char *client, const char *pseudonym)
{
    char out[CANON_CLIENT_MAX];
    size_t n;
    pseudonym_client(p, span_of(client), out, &n);
    if (!span_is(span_make(out, n), pseudonym))
        fail_msg("%s: got '%.*s', expected '%s'", client, (int)n, out, pseudonym);
}

static void expect_name(const char *name, const char *pseudonym)
{
    char out[CANON_NAME_MAX];
    size_t n;
    pseudonym_name(p, span_of(name), out, &n);
    if (!span_is(span_make(out, n), pseudonym))
        fail_msg("%s: got '%.*s', expected '%s'", name, (int)n, out, pseudonym);
}

static void addresses_are_those_of_the_reference_implementation(void **state)
{
    (void)state;
    static const unsigned char key[PSEUDONYM_PAN_KEY] = {
        21,  34,  23,  141, 51,  164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
        216, 152, 143, 131, 121, 121, 101, 39,  98, 87, 76, 45, 42, 132, 34,  2};
    static const char *const pairs[][2] = {
        {"128.11.68.132", "135.242.180.132"},   {"129.118.74.4", "134.136.186.123"},
        {"130.132.252.244", "133.68.164.234"},  {"141.223.7.43", "141.167.8.160"},
        {"141.233.145.108", "141.129.237.235"}, {"152.163.225.39", "151.140.114.167"},
        {"156.29.3.236", "147.225.12.42"},      {"192.102.249.13", "252.138.62.131"},
        {"195.205.63.100", "255.186.223.5"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        unsigned char bytes[4];
        char out[INET_ADDRSTRLEN];
        assert_int_equal(inet_pton(AF_INET, pairs[i][0], bytes), 1);
        pseudonym_pan(key, bytes, 4);
        assert_string_equal(inet_ntop(AF_INET, bytes, out, sizeof out), pairs[i][1]);
    }
}

static void addresses_under_a_key_keep_their_common_prefix_in_both_families(void **state)
{
    (void)state;
    expect_client("192.0.2.1", "33.0.118.35");
    expect_client("192.0.2.200", "33.0.118.203"); /* as 192.0.2.1: /24 and no bit more */
    expect_client("2001:db8::1", "58fd:8fb6:fff1:e3b3:c00d:fff8:7fff:ff8d");
    expect_client("2001:db8::ffff", "58fd:8fb6:fff1:e3b3:c00d:fff8:7fff:31e6");
}

static void a_prefix_stays_a_prefix_and_another_client_becomes_a_label(void **state)
{
    (void)state;
    expect_client("192.0.2.0/24", "33.0.118.0/24");
    expect_client("2001:db8::/48", "58fd:8fb6:fff1::/48");
    expect_client("staff", "c-474c9a877f1050b8");
}

static void a_label_of_a_name_says_nothing_elsewhere_and_the_top_label_is_kept(void **state)
{
    (void)state;
    expect_name("www.example.com", "xe07fc11cd6c25eaf.x1b96764523b047b0.com");
    expect_name("mail.example.com", "xa0e8e071e82471d2.x1b96764523b047b0.com");
    expect_name("www.example.net", "xcbf10d22c7707f09.xb2f89c49b64d5595.net");
    expect_name("com", "com");
    expect_name(".", ".");
}

static void a_top_label_that_nobody_registered_under_is_not_kept(void **state)
{
    (void)state;
    expect_name("printer.local", "xa371f48d49ea3459.x792491351fa3eb9a");
}

static void a_name_of_more_than_32_labels_keeps_32(void **state)
{
    (void)state;
    char name[256] = "", out[CANON_NAME_MAX];
    for (int i = 0; i < 40; i++)
        strcat(name, "a.");
    strcat(name, "com");
    size_t n, dots = 0;
    pseudonym_name(p, span_of(name), out, &n);
    for (size_t i = 0; i < n; i++)
        dots += out[i] == '.';
    assert_int_equal(dots, 31);
    assert_memory_equal(out, "x17029be19281a551.xc3033a1399fbf89a.xc9ecceaacb55c639.", 54);
    assert_memory_equal(out + n - 22, ".xe78b2f9e944771de.com", 22);
}

static void the_longest_name_fits(void **state)
{
    (void)state;
    char name[CANON_NAME_MAX] = "", out[CANON_NAME_MAX];
    for (int i = 0; i < 126; i++) /* 127 labels of one octet: 255 on the wire */
        strcat(name, "\\000.");
    strcat(name, "\\000");
    size_t n;
    pseudonym_name(p, span_of(name), out, &n);
    assert_true(n <= 32 * 18);
}

static void another_key_gives_other_pseudonyms_and_another_id(void **state)
{
    (void)state;
    struct pseudonyms *other = pseudonym_of_key(span_of("0123456789abcdef"), list);
    char out[CANON_CLIENT_MAX];
    size_t n;
    pseudonym_client(other, span_of("192.0.2.1"), out, &n);
    assert_false(span_is(span_make(out, n), "33.0.118.35"));
    assert_string_equal(pseudonym_key_id(p), "4d2829973b8dfc65");
    assert_string_not_equal(pseudonym_key_id(other), pseudonym_key_id(p));
    pseudonym_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_those_of_the_reference_implementation),
        cmocka_unit_test(addresses_under_a_key_keep_their_common_prefix_in_both_families),
        cmocka_unit_test(a_prefix_stays_a_prefix_and_another_client_becomes_a_label),
        cmocka_unit_test(a_label_of_a_name_says_nothing_elsewhere_and_the_top_label_is_kept),
        cmocka_unit_test(a_top_label_that_nobody_registered_under_is_not_kept),
        cmocka_unit_test(a_name_of_more_than_32_labels_keeps_32),
        cmocka_unit_test(the_longest_name_fits),
        cmocka_unit_test(another_key_gives_other_pseudonyms_and_another_id),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
