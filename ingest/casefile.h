/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * casefile - counts to and from an SQLite file. Only its two parts, casewrite.c and
 * casefile.c, know SQL; what both need is in casesql.c.
 *
 * Written in one transaction to a temporary file beside the target, synced and
 * renamed: a killed run leaves the old case or none. The same counts give the
 * same bytes. Anyone may open the file with any SQLite client; docs/formats.md
 * describes the tables.
 */
#ifndef INGEST_CASEFILE_H
#define INGEST_CASEFILE_H

#include "base/err.h"
#include "ingest/counts.h"

int casefile_write(const char *path, const struct counts *c, struct err *err);

/* Could casefile_write put a case there? Asked before the work, not after it. A
 * file that is no case, a folder and a device are refused: they are not ours. */
int casefile_may_write(const char *path, struct err *err);

/* ERR_MALFORMED when it is no case, of a schema that is not read, or damaged: which of them,
 * and of a schema what to do. */
int casefile_read(struct counts **ret, const char *path, struct err *err);

/* What a case of a schema that is read may lack although its log had it, for people; "":
 * nothing.
 */
const char *casefile_lacks(int schema);

bool casefile_probe(const char *path); /* does it begin as a case file does? */

#endif
