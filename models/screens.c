/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/screens.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

uint32_t *screening_names(const struct screening *in)
{
    const struct counts *c = in->c;
    double *n = mem_zero(c->nnames + 1, sizeof *n);
    uint32_t *ret = mem_alloc((c->nnames + 1) * sizeof *ret);
    for (size_t i = 0; i < c->npairs; i++)
        n[c->pairs[i].name] += (double)c->pairs[i].total;
    for (uint32_t i = 0; i < c->nnames; i++)
        ret[i] = UINT32_MAX;
    for (uint32_t place = 0; place < SCREEN_NAMES; place++) {
        uint32_t most = 0;
        for (uint32_t i = 1; i < c->nnames; i++)
            most = n[i] > n[most] ? i : most;
        if (!c->nnames || !(n[most] > 0))
            break;
        ret[most] = place;
        n[most] = 0;
    }
    free(n);
    return ret;
}

double screening_limit(const struct screening *in, enum screen_family family)
{
    return log(in->o->alpha / (double)in->family[family]);
}

void screen_stays(double n, double s2, double s3, double *mean, double *variance)
{
    *mean += (s2 - n) / n;
    if (n > 1)
        *variance += (s2 * (s2 + n * (n + 1)) - 2 * n * s3 - n * n * n) / (n * n * (n - 1));
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
