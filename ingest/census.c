/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/census.h"

#include <stdlib.h>

#include "base/text.h"

enum { IDS = 65536, RECENT = 4096 };
static const int64_t QUARTER_S = 900;

struct census_ids {
    uint32_t id[IDS], port[IDS]; /* messages with each */
    uint64_t recent[RECENT];     /* 1 + id, port and type of the last in its slot */
    uint64_t run, fall;          /* messages in the rising and falling run at hand */
    int32_t before;              /* id of the message before; -1: none */
};

void census_begin(struct census *c)
{
    *c = (struct census){.latest_ns = INT64_MIN, .before_ns = INT64_MIN, .grain_ns = NS_PER_S};
}

/* --- time --------------------------------------------------------------------------- */

static void note_order(struct census *s, struct counts_source *c, int64_t t_ns)
{
    if (s->before_ns > t_ns)
        c->back[counts_step_bin((uint64_t)(s->before_ns - t_ns) / NS_PER_S)]++;
    s->before_ns = t_ns;
    if (t_ns >= s->latest_ns) {
        s->latest_ns = t_ns;
        return;
    }
    c->late++;
    if (s->latest_ns - t_ns > c->latest_late_ns)
        c->latest_late_ns = s->latest_ns - t_ns;
}

static void note_time(struct census *s, struct counts_source *c, int64_t t_ns)
{
    int64_t second = floor_div(t_ns, NS_PER_S), fraction = t_ns - second * NS_PER_S;
    int64_t minute = floor_div(second, 60), day = floor_div(minute, 1440);
    c->subsecond[fraction / (NS_PER_S / 10)]++;
    c->second[second - minute * 60]++;
    c->quarter[(minute - day * 1440) / (QUARTER_S / 60)]++;
    while (fraction % s->grain_ns != 0) {
        s->grain_ns /= 10;
        c->decimals++;
    }
    if (t_ns < c->first_ns)
        c->first_ns = t_ns;
    if (t_ns > c->last_ns)
        c->last_ns = t_ns;
    note_order(s, c, t_ns);
}

/* --- messages ----------------------------------------------------------------------- */

/* Sent again? Fibonacci hashing (Knuth, TAOCP 6.4) picks the slot. */
static bool is_repeat(struct census_ids *m, const struct lookup *v)
{
    uint64_t key = 1 + ((uint64_t)v->qtype << 32 | (uint64_t)v->port << 16 | (uint64_t)v->id);
    uint64_t *slot = &m->recent[key * UINT64_C(0x9e3779b97f4a7c15) >> 52];
    bool repeat = *slot == key;
    *slot = key;
    return repeat;
}

/* False: it is one that was sent again. */
static bool note_message(struct census *s, struct counts_source *c, const struct lookup *v)
{
    if (!s->ids) {
        s->ids = mem_zero(1, sizeof *s->ids);
        s->ids->before = -1;
    }
    struct census_ids *m = s->ids;
    if (is_repeat(m, v))
        return false;
    c->messages++;
    m->id[v->id & 0xffff]++;
    m->port[v->port & 0xffff]++;
    c->id_rises += m->before >= 0 && v->id > m->before;
    c->id_next += m->before >= 0 && v->id == ((m->before + 1) & 0xffff);
    m->run = v->id > m->before ? m->run + 1 : 1;
    c->id_longest = m->run > c->id_longest ? m->run : c->id_longest;
    m->fall = m->before > v->id ? m->fall + 1 : 1;
    uint64_t *down = &c->run_longest[RUN_ID_DOWN];
    *down = m->fall > *down ? m->fall : *down;
    m->before = v->id;
    return true;
}

bool census_add(struct census *s, struct counts_source *c, const struct lookup *v)
{
    c->lookups++;
    note_time(s, c, v->t_ns);
    if (v->port >= 0)
        c->port_low[v->port & 0xff]++;
    if (v->id < 0 || (v->port >= 0 && !note_message(s, c, v)))
        return false;
    c->id_high[v->id >> 8 & 0xff]++;
    c->id_low[v->id & 0xff]++;
    return v->port >= 0;
}

/* Pairs of messages that have a value in common: sum of k (k - 1) / 2. */
static uint64_t equal_pairs(const uint32_t count[IDS])
{
    uint64_t sum = 0;
    for (size_t i = 0; i < IDS; i++)
        if (count[i])
            sum += (uint64_t)count[i] * (count[i] - 1) / 2;
    return sum;
}

void census_end(struct census *s, struct counts_source *c)
{
    if (!s->ids)
        return;
    c->id_pairs = equal_pairs(s->ids->id);
    c->port_pairs = equal_pairs(s->ids->port);
    free(s->ids);
    s->ids = NULL;
}
