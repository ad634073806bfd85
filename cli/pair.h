/* SPDX-License-Identifier: GPL-3.0-or-later
 * The pair that a command is given by its texts, as explain and study take it.
 *
 *     rc = pair_find(counts, "", v.client, v.name, &client, &name, err);
 */
#ifndef DNSCLAIM_CLI_PAIR_H
#define DNSCLAIM_CLI_PAIR_H

#include "base/err.h"
#include "ingest/counts.h"

/* Ids of --<which>client and --<which>name, in any spelling that ingest would take. ERR_USAGE:
 * a text that is none, or none of the case's; the message names the one of the case that
 * begins most like it. Whether the one asked for the other is not looked at. */
int pair_find(const struct counts *c, const char *which, const char *client_text,
              const char *name_text, uint32_t *ret_client, uint32_t *ret_name, struct err *err);

#endif
