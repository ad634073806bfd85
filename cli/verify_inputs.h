/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * verify_inputs - `verify --inputs`: the inputs are ingested again, by the rules that the case
 * states, into a case that is thrown away, and both are compared.
 */
#ifndef CLI_VERIFY_INPUTS_H
#define CLI_VERIFY_INPUTS_H

#include "base/err.h"
#include "cli/opts.h"
#include "ingest/counts.h"

/* `with`: options of ingest that a case does not state (--live, --columns, --timezone, ...),
 * one word each. ERR_MISMATCH names the first rule, source, series, silence or interval that
 * differs. */
int verify_inputs(const struct counts *c, char **inputs, size_t n, const struct opt_list *with,
                  struct err *err);

#endif
