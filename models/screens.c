/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/screens.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

size_t screening_sessions(const struct screening *in, const struct counts_pair *p, double **ret)
{
    size_t room = p->series_n / 2 + 1, n = 0; /* a tick takes two bytes or more */
    double *t = mem_alloc(room * sizeof *t), before = -INFINITY;
    struct series_iter it = series_begin(counts_series(p), p->first);
    while (series_next(&it)) {
        double now = (double)(it.tick - in->base_tick) * in->tick_s;
        if (now - before > in->o->session_s)
            t[n++] = now;
        before = now;
    }
    *ret = t;
    return n;
}

const struct counts_pair *screening_pair(const struct screening *in, size_t n)
{
    return n < in->c->npairs ? &in->c->pairs[in->busiest[n]] : NULL;
}

const char *screen_client(const struct screening *in, const struct counts_pair *p)
{
    return in->c->clients[p->client].p;
}

const char *screen_name(const struct screening *in, const struct counts_pair *p)
{
    return in->c->names[p->name].p;
}

double screening_limit(const struct screening *in)
{
    return log(in->o->alpha / (double)in->family);
}

double screening_limit_apart(const struct screening *in)
{
    return log(in->o->alpha / (double)in->apart);
}

void screen_not_applicable(struct screen_result *ret, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret->note, sizeof ret->note, format, args);
    va_end(args);
    ret->answer = INTEGRITY_NOT_APPLICABLE;
}

void screen_note(struct screen_result *ret, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret->note, sizeof ret->note, format, args);
    va_end(args);
}
