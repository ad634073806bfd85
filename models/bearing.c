/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bearing.h"

#include "base/mem.h"

/* Mark all of s; how many were not marked before. */
static size_t mark(bool *drawn, const struct sim_world *w, const struct selection *s)
{
    size_t fresh = 0;
    for (size_t c = 0; c < s->nclients; c++)
        for (size_t n = 0; n < s->nnames; n++) {
            bool *at = &drawn[s->clients[c] * w->nnames + s->names[n]];
            fresh += !*at;
            *at = true;
        }
    return fresh;
}

static bool any(const bool *drawn, const struct sim_world *w, const struct selection *s)
{
    for (size_t c = 0; c < s->nclients; c++)
        for (size_t n = 0; n < s->nnames; n++)
            if (drawn[s->clients[c] * w->nnames + s->names[n]])
                return true;
    return false;
}

/* One step of the closure. */
static size_t spread(bool *drawn, const struct sim_world *w)
{
    size_t fresh = 0;
    for (size_t i = 0; i < w->nprocesses; i++) {
        const struct sim_process *p = &w->processes[i];
        if (p->kind == SIM_TRIGGER && any(drawn, w, &p->who))
            fresh += mark(drawn, w, &p->after);
    }
    for (size_t i = 0; i < w->ncaches; i++)
        if (w->caches[i].shared && any(drawn, w, &w->caches[i].who))
            fresh += mark(drawn, w, &w->caches[i].who);
    for (size_t i = 0; i < w->nexact; i++)
        if (any(drawn, w, &w->exact[i].who))
            fresh += mark(drawn, w, &w->exact[i].who);
    return fresh;
}

bool *bearing_on(const struct sim_world *w, const struct selection *of, size_t n)
{
    if (w->ntampers)
        return NULL;
    bool *drawn = mem_zero(w->nclients * w->nnames + 1, sizeof *drawn);
    for (size_t i = 0; i < n; i++)
        mark(drawn, w, &of[i]);
    while (spread(drawn, w) > 0)
        continue;
    return drawn;
}
