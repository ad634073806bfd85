/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lists of dates: what is read, and where a fault is said to stand. */
#include "tests/check.h"

#include <unistd.h>

#include "models/moments.h"

static const int64_t S = 1000000000;

static int read_text(struct moments **ret, const char *text, struct err *err)
{
    char path[] = "/tmp/dnsclaim-moments-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    int rc = moments_read(ret, path, err);
    unlink(path);
    return rc;
}

/* 1973-01-01 is second 94694400. */
static void a_date_alone_is_the_whole_day_and_a_time_is_an_instant_of_its_zone(void **state)
{
    (void)state;
    struct moments *m;
    struct err err;
    assert_int_equal(read_text(&m,
                               "# drawn, not lived\r\nwhat,time\r\n"
                               "\"a rally, late\",1973-01-02T03:00:00+02:00\r\n"
                               "# a remark\r\n\r\n"
                               "a speech,1973-01-01\r\n",
                               &err),
                     0);
    assert_int_equal(m->n, 2);
    assert_true(m->at[0].from_ns == 94694400 * S && m->at[0].to_ns == 94780800 * S);
    assert_true(m->at[1].from_ns == (94780800 + 3600) * S &&
                m->at[1].to_ns == m->at[1].from_ns);
    moments_free(m);
    assert_int_equal(read_text(&m, "1973-01-01", &err), 0); /* no heading, no line end */
    assert_int_equal(m->n, 1);
    moments_free(m);
}

static void a_row_without_a_time_is_an_error_at_its_line(void **state)
{
    (void)state;
    struct moments *m;
    struct err err;
    assert_fails(ERR_USAGE, ":2: expected a date, or a time with its zone",
                 read_text(&m, "time,what\nMay,a rally\n", &err));
    assert_fails(ERR_USAGE, ":2: expected a date, or a time with its zone",
                 read_text(&m, "time\n1973-01-01T03:00:00\n", &err));
    assert_fails(ERR_USAGE, ":3: expected a date, or a time with its zone",
                 read_text(&m, "what,time\na,1973-01-01\nb\n", &err));
    assert_fails(ERR_USAGE, "expected one date or more, found none",
                 read_text(&m, "time,what\n", &err));
    assert_fails(ERR_IO, "/nowhere/events.csv", moments_read(&m, "/nowhere/events.csv", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_date_alone_is_the_whole_day_and_a_time_is_an_instant_of_its_zone),
        cmocka_unit_test(a_row_without_a_time_is_an_error_at_its_line),
    };
    return cmocka_run_group_tests_name("moments", tests, NULL, NULL);
}
