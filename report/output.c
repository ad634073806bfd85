/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* Below stdio, which keeps of a failed write that it failed and not why. */
static ssize_t write_bytes(void *ctx, const char *bytes, size_t n)
{
    struct output *o = ctx;
    size_t done = 0;
    while (done < n && !o->why) {
        ssize_t more = write(o->fd, bytes + done, n - done);
        if (more >= 0)
            done += (size_t)more;
        else if (errno != EINTR)
            o->why = errno;
    }
    return (ssize_t)done;
}

int output_open(struct output *o, const char *path, struct err *err)
{
    struct stat st;
    bool is_stdout = strcmp(path, "-") == 0;
    *o = (struct output){.path = is_stdout ? "stdout" : path, .fd = STDOUT_FILENO};
    if (is_stdout)
        fflush(stdout); /* what was said before comes first */
    else if (lstat(path, &st) < 0 || S_ISREG(st.st_mode))
        o->part = mem_format("%s.part", path);
    if (!is_stdout)
        o->fd = open(o->part ? o->part : path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (o->fd >= 0)
        o->f = fopencookie(o, "w", (cookie_io_functions_t){.write = write_bytes});
    if (o->f)
        return 0;
    int rc = err_set_errno(err, "%s: cannot be written", o->path);
    free(o->part);
    return rc;
}

bool output_failed(const struct output *o)
{
    return o->why != 0;
}

/* The first reason counts. */
static void close_stream(struct output *o)
{
    if (fclose(o->f) != 0 && !o->why)
        o->why = errno;
    if (o->fd != STDOUT_FILENO && close(o->fd) != 0 && !o->why)
        o->why = errno;
}

int output_close(struct output *o, struct err *err)
{
    close_stream(o);
    if (!o->why && o->part && rename(o->part, o->path) < 0)
        o->why = errno;
    if (o->why && o->part)
        unlink(o->part);
    free(o->part);
    errno = o->why;
    return o->why ? err_set_errno(err, "%s: cannot be written", o->path) : 0;
}

void output_drop(struct output *o)
{
    close_stream(o);
    if (o->part)
        unlink(o->part);
    free(o->part);
}
