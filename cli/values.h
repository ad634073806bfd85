/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * values - numbers and texts as JSON values: what is undefined is null, never NaN.
 */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <jansson.h>

#include "base/err.h"
#include "base/span.h"
#include "ingest/counts.h"

json_t *values_real(double x);            /* null unless finite */
json_t *values_probability(double log_p); /* null where it is undefined or underflows */
json_t *values_text(struct span s);       /* bytes that are not ASCII as \DDD if not UTF-8 */

/* ERR_USAGE unless the width is a whole multiple of the case's tick. */
int values_bucket(const struct counts *c, int64_t bucket_ns, struct err *err);

#endif
