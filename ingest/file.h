/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file - all of a small file that a user wrote: a study, a list of dates.
 */
#ifndef INGEST_FILE_H
#define INGEST_FILE_H

#include <stddef.h>

#include "base/err.h"

/* Malloced, *ret_n bytes and a zero byte behind them. ERR_IO; ERR_LIMIT from 4 MiB on. */
int file_read(char **ret, size_t *ret_n, const char *path, struct err *err);

#endif
