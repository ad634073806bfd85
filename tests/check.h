/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * check - cmocka in its include order, and what it lacks: comparison of doubles
 * (1.1.5 casts to float) and of failures.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

/* |actual - expected| <= rel * max(1e-300, |expected|) */
#define assert_close(actual, expected, rel)                                                    \
    do {                                                                                       \
        double check_a = (actual), check_e = (expected);                                       \
        if (!(fabs(check_a - check_e) <= (rel)*fmax(fabs(check_e), 1e-300)))                   \
            fail_msg("%s: got %.17g, expected %.17g (relative %.3g, allowed %.3g)", #actual,   \
                     check_a, check_e, fabs(check_a - check_e) / fabs(check_e),                \
                     (double)(rel));                                                           \
    } while (0)

/* |actual - expected| <= tolerance */
#define assert_near(actual, expected, tolerance)                                               \
    do {                                                                                       \
        double check_a = (actual), check_e = (expected);                                       \
        if (!(fabs(check_a - check_e) <= (tolerance)))                                         \
            fail_msg("%s: got %.17g, expected %.17g +- %.3g", #actual, check_a, check_e,       \
                     (double)(tolerance));                                                     \
    } while (0)

/* The call fails with that code and the message holds that text; `err` is a
 * struct err in scope and is passed by the call. */
#define assert_fails(code_, text, call)                                                        \
    do {                                                                                       \
        err = (struct err){0};                                                                 \
        int check_rc = (call);                                                                 \
        if (check_rc != (code_))                                                               \
            fail_msg("%s: returned %d, expected %s; message: %s", #call, check_rc, #code_,     \
                     err.msg);                                                                 \
        if (!strstr(err.msg, (text)))                                                          \
            fail_msg("%s: message \"%s\" does not hold \"%s\"", #call, err.msg, (text));       \
    } while (0)

#endif
