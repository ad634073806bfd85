/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * v8_world - two clients behind caches, independent but for what they are told to share:
 * a rhythm of day and week, a slow drift, triggers from a to b (experiment V8).
 */
#ifndef TESTS_VALIDATE_V8_WORLD_H
#define TESTS_VALIDATE_V8_WORLD_H

#include <stdbool.h>

#include "models/stream.h"
#include "stats/rng.h"

enum { HOUR = 3600, DAY = 24 * HOUR, CACHES_MAX = 2 };

/* What two caches of one client have in common. */
enum sharing {
    APART, /* nothing: each is asked at the full rate by itself */
    TWINS, /* every demand asks both, within seconds */
    SPLIT, /* each demand asks one of them */
    MIXED, /* half of the demands ask both, half one of them */
    EGRESS /* the cache itself: one behind two addresses, either of which may ask */
};

struct world {
    const char *name;
    double amplitude, drift; /* of the log rate: shared rhythm, shared drift */
    double eta;              /* share of a's sessions that make b ask */
    int days;
    int caches;     /* of b */
    int deaf_every; /* days from one half day of a deaf sensor to the next; 0: none */
    uint32_t m;
    enum sharing sharing; /* of b's caches */
    bool both;            /* a is such a client too */
};

struct party {
    struct subject subject;
    struct stream streams[CACHES_MAX];
};

/* One draw of a world; the subjects point into the parties. */
struct scene {
    struct window w;
    struct party a, b;
};
void scene_draw(struct scene *s, const struct world *world, struct rng *r);
void scene_free(struct scene *s);

#endif
