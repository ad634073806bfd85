/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stream - what the models see of a group pair: session starts a cache, the
 * time in which they could have happened, and buckets.
 *
 * A session is a maximal run of look-ups of one (client, name, qtype) with gaps
 * of at most `session_s` (methods.md C9): retries and duplicates collapsed. A
 * cache keeps one dead time a (client, name, qtype): after a session starts, the
 * answer lives `ttl_s` and nothing is asked. At-risk time is live time outside
 * dead times. All times are double seconds since the window's start.
 *
 *     struct window w;   window_make(&w, counts, from_ns, to_ns);
 *     struct subject s;  subject_make(&s, counts, &select, &w, session_s, ttl_s);
 *     struct grid g = grid_make(&w, 3600);
 *     exposure_fill(&s, &w, &g, E);  bucket_fill(&s, &g, y);
 */
#ifndef MODELS_STREAM_H
#define MODELS_STREAM_H

#include <stdbool.h>

#include "ingest/counts.h"

struct rng; /* stats/rng.h */

struct interval {
    double from, to; /* [from, to) seconds since the window's start */
};

/* The analysed window and when the sensor listened inside it. */
struct window {
    int64_t from_ns, to_ns;
    struct interval *live; /* sorted, disjoint, clipped to the window */
    size_t nlive;
    double length_s, live_s;
    bool inferred; /* live time was inferred, not given */
    struct interval
        *aside;    /* sorted, disjoint; not live, though the sensor listened: what is */
    size_t naside; /* asked there is not counted, and its dead time is known */
};

/* from_ns >= to_ns: the whole span of live time. */
void window_make(struct window *w, const struct counts *c, int64_t from_ns, int64_t to_ns);
void window_free(struct window *w);
/* Set n sorted, disjoint stretches aside; once, and before subjects are made. */
void window_set_aside(struct window *w, const struct interval *aside, size_t n);
/* Live seconds in [from, to). */
double window_live_between(const struct window *w, double from, double to);

/* One cache: the look-ups of one (client, name, qtype). */
struct stream {
    double *t;         /* session starts, ascending */
    uint32_t *lookups; /* look-ups in each session */
    size_t n;
    double ttl_s;   /* dead time; 0: unknown, none applied */
    double *hidden; /* dead time of each session, where any is longer; NULL: ttl_s of all */
    uint32_t client, name;
    uint16_t qtype;
    double *aside; /* starts of sessions that lie in time set aside; NULL: none is */
    size_t naside;
};

/* A group pair: its caches, and the same sessions merged in order of time. */
struct subject {
    struct stream *streams; /* at least one a (client, name), also if it has no look-up */
    size_t nstreams;
    double *t;      /* all session starts, ascending */
    size_t *origin; /* stream of each */
    size_t n;       /* sessions */
    uint64_t lookups, duplicates;
    uint64_t id; /* rng subject: hash of the texts of its clients and names */
};

/* Client and name indices of a group pair. */
struct selection {
    const uint32_t *clients, *names;
    size_t nclients, nnames;
};

/* Is the pair among them? */
bool selection_has(const struct selection *s, uint32_t client, uint32_t name);

/* From the start of session i until another may begin: a life of the answer, but no less than
 * until its last look-up is as long ago as sessions are apart. */
static inline double stream_dead(const struct stream *s, size_t i)
{
    return s->hidden ? s->hidden[i] : s->ttl_s;
}

/* The same of a session drawn at t in the place of its own: as one of them at random of that
 * hour of the day, since sessions run into each other where much is asked; of all where none is
 * found there. Where all hide ttl_s that is it, and r is left as it was. */
double stream_dead_draw(const struct stream *s, double t, struct rng *r);

/* Only the sessions, with what they hide, that begin in live time; sizes are not looked at. */
void stream_keep_live(struct stream *s, const struct window *w);

void subject_make(struct subject *s, const struct counts *c, const struct selection *sel,
                  const struct window *w, double session_s, double ttl_s);
void subject_free(struct subject *s);
/* After its streams were changed: t, origin and n anew. */
void subject_merge(struct subject *s);

/* Sessions of sorted times (n >= 0): starts into ret_t, sizes into ret_size
 * (NULL allowed); returns how many. ret_t may be t. */
size_t sessions_collapse(const double *t, const uint32_t *weight, size_t n, double session_s,
                         double *ret_t, uint32_t *ret_size);

/* n look-ups, sorted, become the stream's sessions; t and weight (NULL: 1 each) are its own
 * from now on, and what it had is freed. */
void stream_set(struct stream *s, double *t, uint32_t *weight, size_t n, double session_s);

/* Buckets on the clock: bucket i is [t0 + i*width, t0 + (i+1)*width) seconds
 * since the window's start; t0 <= 0 because borders are multiples of the width
 * since 1970. */
struct grid {
    double t0, width;
    size_t n;
    int64_t first_s; /* Unix time of bucket 0's start */
};

struct grid grid_make(const struct window *w, double width_s);
void bucket_fill(const struct subject *s, const struct grid *g, double *ret_y);
/* Call fn for each maximal piece of live time outside the stream's dead times, in order. */
typedef void stream_piece(void *ctx, double from, double to);
void stream_at_risk(const struct stream *r, const struct window *w, stream_piece *fn,
                    void *ctx);
/* At-risk stream-hours of each bucket: sum over streams of live time outside
 * dead times, in hours. */
void exposure_fill(const struct subject *s, const struct window *w, const struct grid *g,
                   double *ret_hours);
/* The same summed over [from, to). */
double exposure_between(const struct subject *s, const struct window *w, double from,
                        double to);

#endif
