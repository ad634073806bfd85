/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <errno.h>

#include "report/output.h"

/* What errno is when the file is closed is of a later call. */
static void a_write_that_failed_before_keeps_its_reason(void **state)
{
    (void)state;
    struct output o;
    struct err err;
    assert_int_equal(output_open(&o, "/dev/full", &err), 0);
    setvbuf(o.f, NULL, _IONBF, 0);
    assert_true(fputs("a row\n", o.f) == EOF && output_failed(&o));
    errno = ENOENT;
    assert_int_equal(output_close(&o, &err), ERR_IO);
    assert_string_equal(err.msg, "/dev/full: cannot be written: No space left on device");
}

static void what_fails_at_the_end_has_its_reason(void **state)
{
    (void)state;
    struct output o;
    struct err err;
    assert_int_equal(output_open(&o, "/dev/full", &err), 0);
    assert_true(fputs("a row\n", o.f) != EOF);
    assert_int_equal(output_close(&o, &err), ERR_IO);
    assert_string_equal(err.msg, "/dev/full: cannot be written: No space left on device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_that_failed_before_keeps_its_reason),
        cmocka_unit_test(what_fails_at_the_end_has_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
