/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * presence - in which minutes a source had look-ups, from which of them to which, and how
 * many: what its own silences are judged by (models/live.h) when its rows are gone.
 *
 * Minutes of the UTC clock, in any order while they are added. A silence that begins and
 * ends inside a minute cannot be seen here.
 *
 *     struct presence p = {0};
 *     presence_add(&p, floor_div(t_ns, 60 * NS_PER_S), t_ns);
 *     presence_tidy(&p); // p.v is sorted now, a minute once
 *     presence_free(&p);
 */
#ifndef INGEST_PRESENCE_H
#define INGEST_PRESENCE_H

#include <stddef.h>
#include <stdint.h>

struct presence_minute {
    int64_t minute;            /* since 1970 */
    int64_t first_ns, last_ns; /* of its look-ups */
    uint64_t lookups;
};

struct presence {
    struct presence_minute *v;
    size_t n, cap, tidied; /* tidied: how many there were when it was last tidy */
};

/* A minute that is not the latest that was added to. */
void presence_turn(struct presence *p, int64_t minute, int64_t t_ns);

static inline void presence_add(struct presence *p, int64_t minute, int64_t t_ns)
{
    if (p->n == 0 || p->v[p->n - 1].minute != minute) {
        presence_turn(p, minute, t_ns);
        return;
    }
    struct presence_minute *m = &p->v[p->n - 1];
    m->first_ns = t_ns < m->first_ns ? t_ns : m->first_ns;
    m->last_ns = t_ns > m->last_ns ? t_ns : m->last_ns;
    m->lookups++;
}

void presence_tidy(struct presence *p);
void presence_free(struct presence *p);

#endif
