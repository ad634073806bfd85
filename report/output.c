/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/output.h"

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

/* A write that failed before leaves its mark on the stream, not its reason: errno has been
 * anything since. What fails here has its own. */
int output_close(struct output *o, struct err *err)
{
    const char *where = o->f == stdout ? "stdout" : o->path;
    bool before = output_failed(o);
    int rc = 0;
    if ((o->f == stdout ? fflush(stdout) : fclose(o->f)) != 0)
        rc = err_set_errno(err, "%s: cannot be written", where);
    else if (before)
        rc = err_set(err, ERR_IO, "%s: cannot be written: an earlier write failed", where);
    else if (o->part && rename(o->part, o->path) < 0)
        rc = err_set_errno(err, "%s: cannot be written", where);
    if (rc < 0 && o->part)
        unlink(o->part);
    free(o->part);
    return rc;
}

void output_drop(struct output *o)
{
    if (o->f != stdout)
        fclose(o->f);
    if (o->part)
        unlink(o->part);
    free(o->part);
}
