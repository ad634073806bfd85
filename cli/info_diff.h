/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * info_diff - `info --diff`: a case beside another version of the same log.
 */
#ifndef CLI_INFO_DIFF_H
#define CLI_INFO_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ingest/counts.h"

/* Print how the case at `other` differs from `a`; at most `top` clients as text. */
int info_diff(const struct counts *a, const char *other, bool json, size_t top,
              struct err *err);

#endif
