/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dates - when did the rates of several pairs change together (stats/joint.h), and is a rise a
 * rise of the rate, of what was listened to, or of the servers?
 *
 *     struct dates d;
 *     dates_make(&d, counts, pairs, npairs, &window, &opts);
 *     if (dates_find(&d, seed, replicates) == 0)
 *         for (size_t i = 0; i < d.joint.ndates; i++)
 *             struct dates_cause why = dates_cause(&d, i);
 *     dates_free(&d);
 *
 * Cells are those of daycells (models/occasions.h): each pair's exposure is what its own rhythm
 * over time at risk makes of an even rate, so that listening less is no fall. What else changed
 * at a date is counted, not tested, but for one thing: is the change beyond that of all other
 * pairs of the case? The least sum of LR/phi, between the neighbouring dates, of the pairs that
 * take part and the others under one ratio of after to before for all, among sums of all: the
 * others' ratio is no better known than they are many.
 *
 * A case knows of a look-up which server it was asked of as a total of its pair, and of an
 * input when it listened; not when each server of one input began. So a new server is seen
 * where its log is an input of its own.
 */
#ifndef MODELS_DATES_H
#define MODELS_DATES_H

#include "models/occasions.h"
#include "stats/joint.h"

struct dates_pair {
    uint32_t client, name;
    struct subject s;
    struct daycells cells;
};

struct dates_opts {
    double session_s, ttl_s;
    const struct tz *zone;
};

/* The busiest pairs are looked at, on so many cells at most: days are put together above. */
enum { DATES_PAIRS = 24, DATES_CELLS = 280 };

struct dates {
    const struct counts *c;
    const struct window *w;
    struct dates_pair *v;
    size_t n, too_few, more; /* looked at; below JOINT_EVENTS sessions; beyond DATES_PAIRS */
    struct joint_series *series;
    struct joint joint; /* after dates_find */
};

/* *c and *w are kept. Of a pair only client and name are read. */
void dates_make(struct dates *ret, const struct counts *c, const struct dates_pair *pairs,
                size_t n, const struct window *w, const struct dates_opts *o);
/* Pairs of every client that asked for the name; *ret is malloced. */
size_t dates_of_name(const struct counts *c, uint32_t name, struct dates_pair **ret);
int dates_find(struct dates *d, uint64_t seed, uint32_t replicates); /* -1 as joint_find */
void dates_free(struct dates *d);

/* All other pairs of the case between `from` and `to`, seconds since the window's start, before
 * and after `at`: moments with look-ups a second of listening; and how many clients asked
 * anything at all, those of `own` too, within as long on both sides. */
struct dates_others {
    double before, after;
    size_t clients_before, clients_after;
};
struct dates_others dates_others(const struct counts *c, const struct window *w,
                                 const struct dates_pair *own, size_t n,
                                 const double from_at_to[3]);
/* Inputs that begin or end in (from, to): another sensor or server. */
size_t dates_logs_turning(const struct counts *c, const struct window *w, double from,
                          double to);

/* READINGS: what the counts leave open of a date, the first that applies. */
enum dates_reading {
    DATES_LOG,   /* an input begins or ends there */
    DATES_ALONE, /* there are no other pairs to set beside it */
    DATES_ALL,   /* not beyond the change of all other pairs */
    DATES_PART,  /* beyond it; of some pairs, not of others */
    DATES_RATE,  /* beyond it; of all pairs looked at */
    DATES_READINGS
};
extern const char *const dates_reading_text[DATES_READINGS];

struct dates_cause {
    double live_before, live_after; /* share of the time that was listened to */
    size_t live_borders;            /* of listening, within a cell of the date's interval */
    double logs_before, logs_after; /* inputs listening at a time, on average */
    size_t logs_turning;
    uint64_t rows, rows_new; /* look-ups of the pairs; on servers of logs that begin there */
    struct dates_others others;
    double log_p_beyond; /* NAN: no others */
    size_t takes_part;   /* pairs with log_p_joint at .05 or less */
    enum dates_reading reading;
};
struct dates_cause dates_cause(const struct dates *d, size_t date);

/* Start of a cell, seconds since the window's start, within it. */
double dates_cell(const struct dates *d, size_t cell);

#endif
