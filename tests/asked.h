/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * asked - one explanation of one claim, tested by itself.
 */
#ifndef TESTS_ASKED_H
#define TESTS_ASKED_H

#include "tests/check.h"

#include "tests/picked.h"

/* What one explanation finds, without its replicates. */
static inline struct null_result asked_null(const struct study *s, const char *claim,
                                            const char *null, const struct counts *c)
{
    struct trial t;
    struct null_result n = trial_blank();
    const struct study_claim *asked = picked_claim(s, claim);
    assert_int_equal(trial_make(&t, s, asked, c, 1, NULL), 0);
    picked_null(asked, null)->run(&t, &n);
    trial_free(&t);
    free(n.values);
    n.values = NULL;
    return n;
}

#endif
