/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "ingest/skip.h"

static void malformed_reasons_are_the_last_and_say_what_was_expected(void **state)
{
    (void)state;
    for (int r = 0; r < SKIP_REASONS; r++) {
        bool malformed = skip_table[r].class == SKIP_MALFORMED;
        assert_int_equal(malformed, r >= SKIP_BAD_PACKET);
        assert_int_equal(malformed, skip_table[r].expected != NULL);
    }
}

static void of_a_reason_the_smallest_place_is_kept_whatever_came_first(void **state)
{
    (void)state;
    struct skips s = {0};
    enum skip_reason why[SKIP_FAULTS];
    skips_add(&s, SKIP_BLANK, 1, span_of("no fault"));
    assert_int_equal(skips_faults(&s, why), 0);
    skips_add(&s, SKIP_BAD_COLUMNS, 5, span_of("five"));
    skips_add(&s, SKIP_BAD_NAME, 9, span_of("nine"));
    skips_add(&s, SKIP_BAD_NAME, 4, span_of("four"));
    skips_add(&s, SKIP_BAD_NAME, 7, span_of("seven"));
    skips_add(&s, SKIP_BAD_TIME, 0, span_of("at no known place"));
    skips_add(&s, SKIP_BAD_CLIENT, 6, span_make(NULL, 0));
    assert_int_equal(skips_faults(&s, why), 3);
    assert_int_equal(why[0], SKIP_BAD_NAME);
    assert_int_equal(why[1], SKIP_BAD_COLUMNS);
    assert_int_equal(why[2], SKIP_BAD_CLIENT);
    assert_string_equal(s.first[SKIP_BAD_NAME - SKIP_BAD_PACKET].found, "'four'");
    assert_string_equal(s.first[SKIP_BAD_CLIENT - SKIP_BAD_PACKET].found, "");
    assert_int_equal(skips_of(&s, SKIP_MALFORMED), 6);
    assert_int_equal(skips_total(&s), 7);
}

/* At every length: whole or with dots, in one printable line that ends. */
static void what_was_found_fits_its_room_at_every_length(void **state)
{
    (void)state;
    static const char bytes[] = {'a', '\n', '\\', '\x1b', '\xff', '\0'};
    char text[200];
    for (size_t b = 0; b < sizeof bytes; b++)
        for (size_t n = 0; n < sizeof text; n++) {
            struct skips s = {0};
            memset(text, bytes[b], sizeof text);
            skips_add(&s, SKIP_BAD_FIELD, 1, span_make(text, n));
            const char *found = s.first[SKIP_BAD_FIELD - SKIP_BAD_PACKET].found;
            size_t length = strlen(found), each = b == 0 ? 1 : 4;
            assert_true(length < SKIP_FOUND && length >= 2);
            assert_true(found[0] == '\'' && found[length - 1] == '\'');
            assert_true(strstr(found, "...") ? n * each + 2 > 70 : length == n * each + 2);
            for (size_t i = 0; i < length; i++)
                assert_true(found[i] >= ' ' && found[i] < 0x7f);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_reasons_are_the_last_and_say_what_was_expected),
        cmocka_unit_test(of_a_reason_the_smallest_place_is_kept_whatever_came_first),
        cmocka_unit_test(what_was_found_fits_its_room_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
