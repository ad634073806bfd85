/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/file.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { FILE_MIB = 4 };

int file_read(char **ret, size_t *ret_n, const char *path, struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set_errno(err, "%s", path);
    const size_t limit = FILE_MIB << 20;
    char *text = mem_alloc(limit + 1);
    size_t n = fread(text, 1, limit, f);
    int rc = ferror(f)    ? err_set_errno(err, "%s", path)
             : n == limit ? err_set(err, ERR_LIMIT, "%s: expected less than %d MiB, found more",
                                    path, FILE_MIB)
                          : 0;
    fclose(f);
    if (rc < 0) {
        free(text);
        return rc;
    }
    text[n] = '\0';
    *ret = text;
    *ret_n = n;
    return 0;
}
