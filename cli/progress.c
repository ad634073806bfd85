/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_start(struct progress *p, const char *what, const char *unit, bool quiet)
{
    *p = (struct progress){
        .what = what, .unit = unit, .on = !quiet && isatty(STDERR_FILENO), .started = now()};
}

void progress_show(struct progress *p, double done, double total)
{
    double t;
    if (!p->on || (t = now()) - p->shown < .2)
        return;
    p->shown = t;
    double rate = done / (t - p->started + 1e-9);
    fprintf(stderr, "\r\033[K%s: %.3g %s, %.3g/s", p->what, done, p->unit, rate);
    if (total > 0)
        fprintf(stderr, ", %.0f %%, %.0f s left", 100 * done / total,
                rate > 0 ? (total - done) / rate : 0);
}

void progress_end(struct progress *p)
{
    if (p->on && p->shown > 0)
        fprintf(stderr, "\r\033[K");
    p->on = false;
}
