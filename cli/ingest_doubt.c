/* SPDX-License-Identifier: GPL-3.0-or-later
 * What whole counts show of a mistake in what was given. Each is a warning and changes
 * nothing: the mistakes are common, count quietly, and are hard to see in a result. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/ingest.h"
#include "ingest/canon.h"

/* Few rows may look like anything. */
enum { LEAST_ROWS = 100 };
static const double NEARLY_ALL = .99, GAPS = .01;

/* --- rows ----------------------------------------------------------------------------- */

/* In a log that holds its rows twice each tick of a pair has an even number of them. */
static void warn_of_doubled(const struct counts *c)
{
    uint64_t rows = 0, even = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        struct series_iter it = series_begin(counts_series(p), p->first);
        while (series_next(&it)) {
            rows += it.count;
            even += it.count % 2 == 0 ? it.count : 0;
        }
    }
    if (rows >= LEAST_ROWS && (double)even >= NEARLY_ALL * (double)rows)
        fprintf(stderr,
                "dnsclaim: warning: %" PRIu64 " of %" PRIu64
                " look-ups have an equal one (client, name, type) in the same tick, as in logs "
                "that hold their rows twice: all count (see dnsclaim check)\n",
                even, rows);
}

static size_t addresses(const struct span *v, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += canon_is_address(v[i]);
    return sum;
}

static void warn_of_swapped(const struct counts *c)
{
    size_t names = addresses(c->names, c->nnames), clients = addresses(c->clients, c->nclients);
    if (clients == 0 && (double)names >= NEARLY_ALL * c->nnames && c->nnames > 0)
        fprintf(stderr,
                "dnsclaim: warning: %zu of %" PRIu32
                " names are addresses and no client is one: is each in the other's column "
                "(--columns)?\n",
                names, c->nnames);
}

/* --- inputs --------------------------------------------------------------------------- */

struct stretch {
    int64_t from_ns, to_ns;
};

static int by_from(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* Between the last look-up of one input and the first of the next, though the sensor may have
 * gone on: parts of a log that is cut by the hour, or by the day. */
static void warn_of_gaps(const struct counts *c)
{
    struct stretch *v = mem_alloc((c->nsources + 1) * sizeof *v);
    size_t n = 0;
    for (size_t i = 0; i < c->nsources; i++)
        if (c->sources[i].first_ns <= c->sources[i].last_ns)
            v[n++] = (struct stretch){c->sources[i].first_ns, c->sources[i].last_ns};
    if (n)
        qsort(v, n, sizeof *v, by_from);
    int64_t end = n ? v[0].to_ns : 0, gaps = 0;
    for (size_t i = 1; i < n; i++) {
        gaps += v[i].from_ns > end ? v[i].from_ns - end : 0;
        end = v[i].to_ns > end ? v[i].to_ns : end;
    }
    if (n && (double)gaps > GAPS * (double)(end - v[0].from_ns))
        fprintf(
            stderr,
            "dnsclaim: warning: of %.3g h from the first look-up to the last %.3g h lie "
            "between inputs, and are taken as time without listening; where the sensor went "
            "on, say so with --live\n",
            (double)(end - v[0].from_ns) / 3600e9, (double)gaps / 3600e9);
    free(v);
}

void ingest_doubt(const struct ingest_job *job, const struct counts *c)
{
    warn_of_doubled(c);
    warn_of_swapped(c);
    if (!job->live_given)
        warn_of_gaps(c);
}
