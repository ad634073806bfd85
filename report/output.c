/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

int output_open(struct output *o, const char *path, struct err *err)
{
    struct stat st;
    *o = (struct output){.path = path};
    if (strcmp(path, "-") == 0) {
        o->f = stdout;
        return 0;
    }
    if (lstat(path, &st) < 0 || S_ISREG(st.st_mode))
        o->part = mem_format("%s.part", path);
    o->f = fopen(o->part ? o->part : path, "wb");
    if (o->f)
        return 0;
    int rc = err_set_errno(err, "%s: cannot be written", path);
    free(o->part);
    return rc;
}

bool output_failed(const struct output *o)
{
    return ferror(o->f) != 0;
}

int output_close(struct output *o, struct err *err)
{
    bool to_stdout = o->f == stdout, bad = output_failed(o);
    bad |= (to_stdout ? fflush(stdout) : fclose(o->f)) != 0;
    if (!bad && o->part)
        bad = rename(o->part, o->path) < 0;
    int rc =
        bad ? err_set_errno(err, "%s: cannot be written", to_stdout ? "stdout" : o->path) : 0;
    if (bad && o->part)
        unlink(o->part);
    free(o->part);
    return rc;
}
