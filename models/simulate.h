/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * simulate - look-ups of a world whose truth is known (methods.md J1).
 *
 * A world is a list of processes that want names (models/wishes.h), behind the
 * layers that stand between a wish and a row of a log:
 *
 *   demand -> cache (k copies a client, name and type; an answer lives ttl and
 *   hides what is asked meanwhile) -> retries of what went unanswered -> choice
 *   of an authoritative server -> sensor (outages, share of rows kept) -> clock
 *
 * Everything about one wish is drawn from a stream of its own, so that another
 * client, name or process in the world changes nothing for the others.
 *
 * `exact` conditions a set of (client, name) on its total of rows: each wish has
 * a uniform mark, and the marks kept are those below a cut that is moved until
 * the total is met. For Poisson demand without a cache this is the law given the
 * total; caches, retries and outages are obeyed at every cut, never patched.
 */
#ifndef MODELS_SIMULATE_H
#define MODELS_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/tz.h"
#include "models/stream.h"

enum sim_kind {
    SIM_HUMAN,   /* inhomogeneous Poisson demand, or such demand in bouts */
    SIM_MAIL,    /* campaigns; recipients look up soon after */
    SIM_MONITOR, /* a timer of fixed phase */
    SIM_SCANNER, /* single look-ups at any time */
    SIM_TRIGGER, /* follows another's look-ups: true coupling */
};

struct sim_step {
    int64_t from_ns;
    double factor; /* of the rate, from then on */
};

/* How a rate moves with the clock, in quarters of an hour. */
struct sim_clock {
    struct tz *zone;          /* NULL: UTC */
    int64_t opens_s, shuts_s; /* local seconds of the day; equal: no office hours */
    double outside, weekend;  /* factors outside the hours, on Saturday and Sunday */
    double day_theta;       /* each day's factor is Gamma, mean 1, variance 1/theta; 0: none */
    struct sim_step *steps; /* ascending; before the first the factor is 1 */
    size_t nsteps;
};

struct sim_process {
    const char *id;
    enum sim_kind kind;
    struct selection who; /* wishes are of these clients for these names */
    uint16_t qtype;
    bool split;     /* one demand, each wish by one of `who` at random; else each has its own */
    double per_day; /* wishes (mail: campaigns) */
    double activity; /* sd of the log of a pair's own factor (mean 1) */
    struct sim_clock clock;
    double gap_sigma, branching;  /* human: demand in bouts by one of the laws of stats/bouts.h,
                                     in the time in which the clock's is even; 0, 0: none */
    double messages;              /* mail: mean wishes of a pair a campaign */
    int64_t delay_ns;             /* mail, trigger, branching: mean of an exponential delay */
    int64_t period_ns, jitter_ns; /* monitor; jitter: sd */
    double miss;                  /* monitor: probability that a beat is left out */
    struct selection after;       /* trigger: whose sessions */
    double eta;                   /* trigger: probability of a wish per session */
};

/* The first cache, retry or exact row that names a (client, name) is the one. */
struct sim_cache {
    struct selection who;
    int64_t ttl_ns;
    int64_t copies; /* each wish meets one at random */
    bool shared;    /* one cache for all clients; look-ups leave by any of them at random */
};

struct sim_retry {
    struct selection who;
    double chance;            /* that a look-up goes unanswered */
    const int64_t *delays_ns; /* until the next try, one after the other */
    size_t ndelays;
};

struct sim_exact {
    struct selection who;
    uint64_t lookups;
};

struct sim_outage {
    int64_t from_ns, to_ns;
};

/* What somebody did to the log afterwards: models/tamper.h. */
enum sim_tamper_kind {
    TAMPER_COPY,
    TAMPER_OVERLAY,
    TAMPER_INSERT,
    TAMPER_DELETE,
    TAMPER_SHIFT,
    TAMPERS
};

struct sim_tamper {
    enum sim_tamper_kind kind;
    struct selection who;
    int64_t from_ns, to_ns; /* [from, to) */
    int64_t by_ns;          /* copy, overlay, shift */
    double share;           /* delete: of the rows; else 1 */
    uint64_t lookups;       /* insert: how many */
};

struct sim_world {
    const char *title;
    int64_t from_ns, to_ns, tick_ns;
    uint64_t seed;
    const char **clients, **names, **servers; /* texts; servers may be none */
    size_t nclients, nnames, nservers;
    struct sim_process *processes;
    struct sim_cache *caches;
    struct sim_retry *retries;
    struct sim_exact *exact;
    size_t nprocesses, ncaches, nretries, nexact;
    struct sim_outage *outages; /* the sensor was off */
    size_t noutages;
    double kept;                /* share of rows that the sensor records, 1: all */
    struct sim_tamper *tampers; /* in this order */
    size_t ntampers;
    const bool *drawn; /* nclients x nnames: pairs whose own wishes are drawn (bearing.h);
                        * NULL: all */
};

enum { SIM_NO_SERVER = UINT16_MAX };

struct sim_row {
    int64_t t_ns; /* a whole number of ticks */
    uint32_t client, name;
    uint32_t process; /* whose wish it was */
    uint16_t qtype, server;
    bool retry;
    uint8_t tampered; /* 0, or 1 + enum sim_tamper_kind of what put or moved it here */
};

/* Rows in order of time, client, name; *ret is malloced. ERR_DEGENERATE when an
 * exact total cannot be met, ERR_USAGE when it depends on rows outside its set,
 * ERR_LIMIT when the world wants more than memory should hold. */
int simulate(const struct sim_world *w, struct sim_row **ret, size_t *ret_n, struct err *err);

#endif
