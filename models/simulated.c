/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/simulated.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/tally.h"

enum { BATCH = 512 };

static int add_rows(struct tally *t, const struct sim_world *w, const struct sim_row *rows,
                    size_t n, struct err *err)
{
    struct lookup batch[BATCH];
    struct skips skips = {0};
    size_t source = tally_source(t, "simulated", "simulated");
    int rc = 0;
    for (size_t i = 0, k = 0; rc == 0 && i < n; i++) {
        const struct sim_row *r = &rows[i];
        batch[k++] = (struct lookup){
            .t_ns = r->t_ns,
            .client = span_of(w->clients[r->client]),
            .name = span_of(w->names[r->name]),
            .server =
                r->server == SIM_NO_SERVER ? (struct span){0} : span_of(w->servers[r->server]),
            .kind = LOOKUP_QUERY,
            .qtype = r->qtype,
            .rcode = LOOKUP_UNKNOWN,
            .id = LOOKUP_UNKNOWN,
            .port = LOOKUP_UNKNOWN,
            .ttl_s = LOOKUP_UNKNOWN,
            .weight = 1,
        };
        if (k == BATCH || i + 1 == n) {
            rc = tally_add(t, source, batch, k, &skips, err);
            k = 0;
        }
    }
    return rc;
}

/* Outages are in order and may touch. */
static void add_live(struct counts *c, const struct sim_world *w)
{
    int64_t from = w->from_ns;
    c->live = mem_zero(w->noutages + 1, sizeof *c->live);
    for (size_t i = 0; i <= w->noutages; i++) {
        int64_t to = i < w->noutages ? w->outages[i].from_ns : w->to_ns;
        if (from < to)
            c->live[c->nlive++] = (struct counts_live){from, to, mem_format("given")};
        from = i < w->noutages ? w->outages[i].to_ns : from;
    }
}

int simulated_counts(struct counts **ret, const struct sim_world *w, struct err *err)
{
    struct sim_row *rows = NULL;
    size_t n = 0;
    int rc = simulate(w, &rows, &n, err);
    if (rc < 0)
        return rc;
    struct tally *t = tally_new(&(struct tally_opts){.tick_ns = w->tick_ns});
    rc = add_rows(t, w, rows, n, err);
    if (rc == 0) {
        *ret = tally_freeze(t, 1); /* frees t */
        add_live(*ret, w);
    } else {
        tally_free(t);
    }
    free(rows);
    return rc;
}
