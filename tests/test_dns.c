/* SPDX-License-Identifier: GPL-3.0-or-later
 * Messages are written out by hand from RFC 1035, section 4. */
#include "tests/check.h"

#include "ingest/dns.h"
#include "ingest/lookup.h"

#define MESSAGE(bytes) span_make(bytes, sizeof(bytes) - 1)
#define HEADER(flags, qd, an, ns, ar) "\x12\x34" flags "\0" qd "\0" an "\0" ns "\0" ar

static void the_header_has_its_bits_in_their_places(void **state)
{
    (void)state;
    struct dns_header h;
    assert_true(dns_read_header(MESSAGE("\xab\xcd\xa9\x83\0\1\0\2\0\3\0\4"), &h));
    assert_int_equal(h.id, 0xabcd);
    assert_true(h.response);
    assert_int_equal(h.opcode, 5);
    assert_int_equal(h.rcode, 3);
    assert_int_equal(h.questions, 1);
    assert_int_equal(h.answers, 2);
    assert_int_equal(h.authorities, 3);
    assert_int_equal(h.additionals, 4);
}

static void eleven_octets_are_no_header(void **state)
{
    (void)state;
    struct dns_header h;
    assert_false(dns_read_header(MESSAGE("\xab\xcd\x81\x83\0\1\0\2\0\3\0"), &h));
}

static void the_second_question_may_point_into_the_first(void **state)
{
    (void)state;
    struct span m = MESSAGE(HEADER("\1\0", "\2", "\0", "\0", "\0") "\1a\2bc\0\0\1\0\1"
                                                                   "\1x\xc0\x0e\0\x1c\0\3");
    size_t at = DNS_HEADER_SIZE;
    struct dns_question q;
    assert_int_equal(dns_read_question(m, &at, &q), DNS_OK);
    assert_int_equal(q.name_n, 6);
    assert_memory_equal(q.name, "\1a\2bc", 6);
    assert_int_equal(dns_read_question(m, &at, &q), DNS_OK);
    assert_int_equal(q.name_n, 6);
    assert_memory_equal(q.name, "\1x\2bc", 6);
    assert_int_equal(q.type, 28);
    assert_int_equal(q.class, 3);
    assert_int_equal(at, m.n);
}

/* The fault of a message whose question is `question`. */
static enum dns_fault fault_of(const char *question, size_t n)
{
    char m[600] = {0};
    memcpy(m + DNS_HEADER_SIZE, question, n);
    size_t at = DNS_HEADER_SIZE;
    struct dns_question q;
    enum dns_fault fault = dns_read_question(span_make(m, DNS_HEADER_SIZE + n), &at, &q);
    if (fault != DNS_OK)
        assert_int_equal(at, DNS_HEADER_SIZE); /* untouched */
    return fault;
}

static void each_fault_of_a_name_is_told_from_an_early_end(void **state)
{
    (void)state;
    static const struct {
        const char *question;
        size_t n;
        enum dns_fault fault;
    } cases[] = {
        {"\1a\0\0\1\0\1", 7, DNS_OK},
        {"\0\0\1\0\1", 5, DNS_OK},
        {"", 0, DNS_ENDS},
        {"\1a\0\0\1\0", 6, DNS_ENDS},
        {"\2a", 2, DNS_ENDS},
        {"\1a", 2, DNS_ENDS},
        {"\xc0", 1, DNS_ENDS},
        {"\xc0\x0c\0\1\0\1", 6, DNS_BAD_NAME},    /* points to itself */
        {"\1a\xc0\x0c\0\1\0\1", 8, DNS_BAD_NAME}, /* grows for ever */
        {"\xff\xff\0\1\0\1", 6, DNS_BAD_NAME},    /* out of the message */
        {"\x41\0\0\1\0\1", 6, DNS_BAD_NAME},      /* extended label, RFC 2671 */
        {"\x80\0\0\1\0\1", 6, DNS_BAD_NAME},      /* reserved kind */
        {"\xc0\x12\0\1\0\1\1z\0", 9, DNS_OK},     /* forward, behind the question */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (fault_of(cases[i].question, cases[i].n) != cases[i].fault)
            fail_msg("case %zu: got %d, expected %d", i,
                     fault_of(cases[i].question, cases[i].n), cases[i].fault);
}

static void a_name_may_have_255_octets_and_no_more(void **state)
{
    (void)state;
    char name[300];
    for (size_t octets = 254; octets <= 257; octets++) {
        memset(name, 1, sizeof name); /* labels of one octet: \1 */
        size_t n = 0;
        while (octets - 1 - n >= 2)
            n += 2;
        if (octets - 1 - n == 1) { /* an odd rest: the last label has two octets */
            name[n - 2] = 2;
            n++;
        }
        memcpy(name + n, "\0\0\1\0\1", 5);
        assert_int_equal(fault_of(name, n + 5), octets <= 255 ? DNS_OK : DNS_BAD_NAME);
    }
}

#define QUESTION "\1a\0\0\1\0\1"
#define RECORD(ttl) "\xc0\x0c\0\1\0\1" ttl "\0\4\1\2\3\4"
#define OPT(high) "\0\0\x29\x10\0" high "\0\0\0\0\0"

static struct dns_answer answer_of(struct span m)
{
    struct dns_header h;
    struct dns_question q;
    size_t at = DNS_HEADER_SIZE;
    struct dns_answer a = {99, 99};
    assert_true(dns_read_header(m, &h));
    assert_int_equal(dns_read_question(m, &at, &q), DNS_OK);
    dns_read_answer(m, at, &h, &a);
    return a;
}

static void the_smallest_ttl_of_the_answer_section_is_taken(void **state)
{
    (void)state;
    struct dns_answer a =
        answer_of(MESSAGE(HEADER("\x81\x80", "\1", "\2", "\1", "\0") QUESTION RECORD("\0\1\0\0")
                              RECORD("\0\0\1\2") RECORD("\0\0\0\5")));
    assert_int_equal(a.ttl_s, 258);
    assert_int_equal(a.rcode, 0);
}

static void a_ttl_with_the_top_bit_is_zero(void **state) /* RFC 2181, section 8 */
{
    (void)state;
    struct dns_answer a = answer_of(
        MESSAGE(HEADER("\x81\x80", "\1", "\1", "\0", "\0") QUESTION RECORD("\x80\0\0\1")));
    assert_int_equal(a.ttl_s, 0);
}

static void an_answer_section_that_is_cut_has_no_ttl(void **state)
{
    (void)state;
    struct dns_answer a = answer_of(
        MESSAGE(HEADER("\x81\x82", "\1", "\2", "\0", "\0") QUESTION RECORD("\0\0\1\0")));
    assert_int_equal(a.ttl_s, LOOKUP_UNKNOWN);
    assert_int_equal(a.rcode, 2);
}

static void edns_extends_the_rcode_to_twelve_bits(void **state) /* RFC 6891, 6.1.3 */
{
    (void)state;
    struct dns_answer a =
        answer_of(MESSAGE(HEADER("\x81\x80", "\1", "\0", "\0", "\1") QUESTION OPT("\1")));
    assert_int_equal(a.rcode, 16); /* BADVERS */
    assert_int_equal(a.ttl_s, LOOKUP_UNKNOWN);
    a = answer_of(MESSAGE(HEADER("\x81\x8f", "\1", "\0", "\0", "\1") QUESTION OPT("\xff")));
    assert_int_equal(a.rcode, 4095);
}

/* A query for the root of type A with one OPT record of these options. */
static bool subnet_of(const char *options, size_t n, struct dns_subnet *ret)
{
    char m[100] = HEADER("\1\0", "\1", "\0", "\0", "\1") "\0\0\1\0\1"
                                                         "\0\0\x29\x10\0\0\0\0\0\0";
    const size_t opt = DNS_HEADER_SIZE + 5 + 11;
    memcpy(m + opt, options, n);
    m[opt - 1] = (char)n;
    struct span message = span_make(m, opt + n);
    struct dns_header h;
    assert_true(dns_read_header(message, &h));
    return dns_read_subnet(message, DNS_HEADER_SIZE + 5, &h, ret);
}
#define SUBNET(options, ret) subnet_of(options, sizeof(options) - 1, ret)

static void a_client_subnet_stands_among_other_options(void **state)
{
    (void)state;
    struct dns_subnet s;
    assert_true(SUBNET("\0\x0a\0\2xy\0\x08\0\x07\0\1\x18\0\xc0\0\2", &s));
    assert_int_equal(s.prefix, 24);
    assert_int_equal(s.address_n, 4);
    assert_memory_equal(s.address, "\xc0\0\2\0", 4);
    assert_true(SUBNET("\0\x08\0\x09\0\2\x21\0\x20\1\x0d\xb8\x80", &s));
    assert_int_equal(s.prefix, 33);
    assert_int_equal(s.address_n, 16);
    assert_memory_equal(s.address, "\x20\1\x0d\xb8\x80\0\0\0\0\0\0\0\0\0\0\0", 16);
}

static void a_subnet_that_breaks_its_rules_or_has_no_bits_is_none(void **state)
{
    (void)state;
    struct dns_subnet s;
    assert_false(SUBNET("", &s));
    assert_false(SUBNET("\0\x08\0\4\0\1\0\0", &s));                   /* 0 bits */
    assert_false(SUBNET("\0\x08\0\x07\0\3\x18\0\xc0\0\2", &s));       /* family 3 */
    assert_false(SUBNET("\0\x08\0\x08\0\1\x18\0\xc0\0\2\0", &s));     /* a byte more */
    assert_false(SUBNET("\0\x08\0\x06\0\1\x18\0\xc0\0", &s));         /* a byte less */
    assert_false(SUBNET("\0\x08\0\x07\0\1\x17\0\xc0\0\3", &s));       /* a bit past it */
    assert_false(SUBNET("\0\x08\0\x09\0\1\x21\0\xc0\0\2\1\x80", &s)); /* 33 bits */
    assert_false(SUBNET("\0\x08\0\x09\0\1\x18\0\xc0\0\2", &s));       /* ends early */
}

static uint16_t edns_of(struct span m)
{
    struct dns_header h;
    struct dns_question q;
    size_t at = DNS_HEADER_SIZE;
    assert_true(dns_read_header(m, &h));
    assert_int_equal(dns_read_question(m, &at, &q), DNS_OK);
    return dns_edns_trait(m, at, &h);
}

#define OPT_OF(size, flags, options) "\0\0\x29" size "\0\0" flags options
#define QUERY_OPT(opt) MESSAGE(HEADER("\1\0", "\1", "\0", "\0", "\1") QUESTION opt)

/* Size, flags and codes of options make senders; what an option holds does not. */
static void queries_of_one_resolver_have_one_edns_and_of_others_another(void **state)
{
    (void)state;
    uint16_t none = edns_of(MESSAGE(HEADER("\1\0", "\1", "\0", "\0", "\0") QUESTION));
    uint16_t plain = edns_of(QUERY_OPT(OPT_OF("\x10\0", "\0\0", "\0\0")));
    assert_int_equal(none, 1);
    assert_true(plain > 1);
    assert_int_equal(plain, edns_of(QUERY_OPT(OPT_OF("\x10\0", "\0\0", "\0\0"))));
    assert_int_not_equal(plain, edns_of(QUERY_OPT(OPT_OF("\4\xd0", "\0\0", "\0\0"))));
    assert_int_not_equal(plain, edns_of(QUERY_OPT(OPT_OF("\x10\0", "\x80\0", "\0\0"))));
    uint16_t cookie = edns_of(QUERY_OPT(OPT_OF("\x10\0", "\0\0", "\0\6\0\x0a\0\2xy")));
    assert_int_not_equal(plain, cookie);
    assert_int_equal(cookie, edns_of(QUERY_OPT(OPT_OF("\x10\0", "\0\0", "\0\6\0\x0a\0\2zz"))));
    assert_int_equal(edns_of(MESSAGE(HEADER("\1\0", "\1", "\0", "\0", "\1") QUESTION "\0")),
                     0); /* ends early */
}

static void letters_of_both_cases_are_told_from_those_of_one(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t trait;
    } rows[] = {{"\14mailexamplee\0", 1}, {"\14MAILEXAMPLEE\0", 1}, {"\14mailExamplee\0", 2},
                {"\13mailExample\0", 0},  {"\1412345678901A\0", 0}, {"\6aBcDeF\6ghijkl\0", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            dns_case_trait((const unsigned char *)rows[i].name, strlen(rows[i].name) + 1),
            rows[i].trait);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_has_its_bits_in_their_places),
        cmocka_unit_test(eleven_octets_are_no_header),
        cmocka_unit_test(the_second_question_may_point_into_the_first),
        cmocka_unit_test(each_fault_of_a_name_is_told_from_an_early_end),
        cmocka_unit_test(a_name_may_have_255_octets_and_no_more),
        cmocka_unit_test(the_smallest_ttl_of_the_answer_section_is_taken),
        cmocka_unit_test(a_ttl_with_the_top_bit_is_zero),
        cmocka_unit_test(an_answer_section_that_is_cut_has_no_ttl),
        cmocka_unit_test(edns_extends_the_rcode_to_twelve_bits),
        cmocka_unit_test(a_client_subnet_stands_among_other_options),
        cmocka_unit_test(queries_of_one_resolver_have_one_edns_and_of_others_another),
        cmocka_unit_test(letters_of_both_cases_are_told_from_those_of_one),
        cmocka_unit_test(a_subnet_that_breaks_its_rules_or_has_no_bits_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
