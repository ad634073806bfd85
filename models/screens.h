/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * screens - the functions behind the screen table and what they share; private to
 * models/integrity.c and models/screens*.c.
 */
#ifndef MODELS_SCREENS_H
#define MODELS_SCREENS_H

#include "models/integrity.h"
#include "models/stream.h"

struct screening {
    const struct counts *c;
    const struct integrity_opts *o;
    const double *ttl_s; /* by name; 0 unknown */
    int64_t base_tick;   /* times are seconds since its beginning */
    double tick_s, live_s;
    size_t *busiest;                /* pairs by occupied ticks, most first */
    size_t family[SCREEN_FAMILIES]; /* screens that have a p; 0 until all have run */
};

/* Session starts of a pair, ascending seconds since base_tick: *ret is malloced. */
size_t screening_sessions(const struct screening *in, const struct counts_pair *p,
                          double **ret);
/* The n-th busiest pair; NULL beyond the last. */
const struct counts_pair *screening_pair(const struct screening *in, size_t n);

/* Texts of a pair. */
const char *screen_client(const struct screening *in, const struct counts_pair *p);
const char *screen_name(const struct screening *in, const struct counts_pair *p);

/* Place of each name among the SCREEN_NAMES with most look-ups, UINT32_MAX: not among them;
 * malloced. */
enum { SCREEN_NAMES = 40 };
uint32_t *screening_names(const struct screening *in);

/* ln p at or below which a screen is flagged whatever the others of the family say; known once
 * all have run, so for a row's `smallest` only. */
double screening_limit(const struct screening *in, enum screen_family family);

/* Of n look-ups in random order, s2 and s3 the sums of squares and of cubes of those at each
 * server: mean of neighbours at one server, and their variance, that of n less runs (Barton &
 * David 1957); both are added to. */
void screen_stays(double n, double s2, double s3, double *mean, double *variance);

void screen_not_applicable(struct screen_result *ret, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void screen_note(struct screen_result *ret, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* rows that come again: screens_rows.c */
void screen_repeats(const struct screening *in, struct screen_result *ret);
void screen_offsets(const struct screening *in, struct screen_result *ret);
double screen_offsets_smallest(const struct screening *in, const struct screen_result *r);
void screen_doubled(const struct screening *in, struct screen_result *ret);
double screen_doubled_smallest(const struct screening *in, const struct screen_result *r);
/* gaps between sessions: screens_gaps.c */
void screen_short_gaps(const struct screening *in, struct screen_result *ret);
double screen_short_gaps_smallest(const struct screening *in, const struct screen_result *r);
void screen_too_clean(const struct screening *in, struct screen_result *ret);
void screen_thinned(const struct screening *in, struct screen_result *ret);
/* clocks: screens_clock.c */
void screen_subsecond(const struct screening *in, struct screen_result *ret);
void screen_seconds(const struct screening *in, struct screen_result *ret);
void screen_order(const struct screening *in, struct screen_result *ret);
void screen_local_time(const struct screening *in, struct screen_result *ret);
void screen_shift(const struct screening *in, struct screen_result *ret);
void screen_source_clocks(const struct screening *in, struct screen_result *ret);
/* messages and sensors: screens_sensor.c */
void screen_ids(const struct screening *in, struct screen_result *ret);
void screen_id_bytes(const struct screening *in, struct screen_result *ret);
void screen_traits(const struct screening *in, struct screen_result *ret);
void screen_ports(const struct screening *in, struct screen_result *ret);
void screen_silences(const struct screening *in, struct screen_result *ret);
void screen_coverage(const struct screening *in, struct screen_result *ret);
void screen_server_shares(const struct screening *in, struct screen_result *ret);
void screen_server_runs(const struct screening *in, struct screen_result *ret);
void screen_floor(const struct screening *in, struct screen_result *ret);
/* servers by name: screens_names.c */
void screen_name_servers(const struct screening *in, struct screen_result *ret);
/* how long a name's look-ups keep a server: screens_memory.c */
void screen_name_memory(const struct screening *in, struct screen_result *ret);
/* messages in their order: screens_letters.c */
void screen_id_runs(const struct screening *in, struct screen_result *ret);
double screen_id_runs_smallest(const struct screening *in, const struct screen_result *r);
void screen_letters(const struct screening *in, struct screen_result *ret);

#endif
