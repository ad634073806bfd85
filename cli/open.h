/* SPDX-License-Identifier: GPL-3.0-or-later
 * The study and the case that a command is given, read and put together.
 *
 *     rc = open_study(&s, &c, "study.yaml", &v.set, "case.sqlite", err);
 *     ...
 *     counts_free(c);
 *     study_free(s);
 */
#ifndef DNSCLAIM_CLI_OPEN_H
#define DNSCLAIM_CLI_OPEN_H

#include "cli/opts.h"
#include "ingest/counts.h"
#include "models/study.h"

/* Reads both, the study with `set` (KEY=VALUE each) put in place of what it says, and
 * resolves its names in the case. The caller frees both. Errors: as study_read,
 * casefile_read and study_resolve; nothing is left to free then. */
int open_study(struct study **ret, struct counts **ret_case, const char *study_path,
               const struct opt_list *set, const char *case_path, struct err *err);

/* $TMPDIR/dnsclaim-WHAT-XXXXXX for mkdtemp and mkstemp, /tmp where TMPDIR is not set or empty;
 * malloced. */
char *open_temporary(const char *what);

#endif
