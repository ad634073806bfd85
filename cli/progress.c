/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_start(struct progress *p, const char *what, const char *unit, const char *form)
{
    bool json = strcmp(form, "json") == 0, terminal = strcmp(form, "terminal") == 0;
    *p = (struct progress){.what = what,
                           .unit = unit,
                           .on = json || (terminal && isatty(STDERR_FILENO)),
                           .json = json,
                           .started = now()};
}

const char *progress_form(bool quiet, bool json, const char *asked)
{
    return quiet ? "none" : json ? "json" : asked;
}

/* left_s and total are null where the end is not known. */
static void json_line(const struct progress *p, double done, double total, double rate)
{
    fprintf(
        stderr,
        "{\"what\": \"%s\", \"stage\": \"%s\", \"unit\": \"%s\", \"done\": %.17g, \"total\": ",
        p->what, p->stage, p->unit, done);
    if (total > 0)
        fprintf(stderr, "%.17g, \"rate\": %.6g, \"left_s\": ", total, rate);
    else
        fprintf(stderr, "null, \"rate\": %.6g, \"left_s\": ", rate);
    if (total > 0 && rate > 0)
        fprintf(stderr, "%.3f}\n", (total - done) / rate);
    else
        fprintf(stderr, "null}\n");
}

void progress_show(struct progress *p, double done, double total)
{
    double t;
    if (!p->on || (t = now()) - p->shown < (p->json ? 1 : .2))
        return;
    p->shown = t;
    double rate = done / (t - p->started + 1e-9);
    if (p->json) {
        json_line(p, done, total, rate);
        return;
    }
    if (p->stage[0])
        fprintf(stderr, "\r\033[K%s: %s", p->what, p->stage);
    else
        fprintf(stderr, "\r\033[K%s: %.3g %s, %.3g/s", p->what, done, p->unit, rate);
    if (total > 0)
        fprintf(stderr, ", %.0f %%", 100 * done / total);
    if (total > 0 && rate > 0) /* not known before the first is done */
        fprintf(stderr, ", %.0f s left", (total - done) / rate);
}

void progress_stage(struct progress *p, const char *stage, double share)
{
    snprintf(p->stage, sizeof p->stage, "%s", stage);
    p->shown = 0; /* whatever was shown a moment ago */
    progress_show(p, share, 1);
}

void progress_watch(void *progress, enum stage stage, const struct study_claim *claim,
                    const char *null, double share)
{
    struct progress *p = progress;
    char text[sizeof p->stage];
    snprintf(text, sizeof text, "%.30s%s%s%s%s", claim ? claim->id : "", claim ? ", " : "",
             stage_names[stage], null ? ": " : "", null ? null : "");
    progress_stage(p, text, share);
}

void progress_end(struct progress *p)
{
    if (p->on && !p->json && p->shown > 0)
        fprintf(stderr, "\r\033[K");
    p->on = false;
}
