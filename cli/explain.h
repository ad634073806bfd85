/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * explain - the parts of `dnsclaim explain`: one pair, every step with its numbers.
 *
 * THE PART TABLE (cli/cmd_explain.c). A part puts what it has to say of the pair into
 * one JSON object, under keys of its own; the text for people is that tree with fewer
 * digits. An object with "name" and "value" (and "se", or "lo" and "hi") is printed as
 * a parameter. To add a subject: one file cli/explain_<subject>.c and one row.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/baseline.h"
#include "models/stream.h"
#include "models/study.h"

/* The command line as given. */
struct explain_values {
    const char *client, *name, *with_client, *with_name, *model, *season, *from, *to, *zone,
        *parts, *holidays, *study, *claim, *progress;
    int64_t bucket, session, ttl, within, max_lag, max_replicates, seed;
    bool json, trend, quiet;
};

/* The pair, made ready: parts read, and change nothing. */
struct explain_job {
    const struct explain_values *v;
    struct counts *c;
    uint32_t client, name;
    uint32_t with_client, with_name; /* UINT32_MAX: no second pair */
    struct study *study;             /* NULL: none was given */
    const struct study_claim *claim; /* of it */
    struct window w;
    struct subject s;
    struct grid g;
    double *y, *hours;
    struct baseline_opts baseline;
    struct holidays holidays;
    struct tz *zone;
};

struct explain_part {
    const char *id, *help;
    void (*add)(const struct explain_job *job, json_t *out);
};

/* explain_models.c, explain_gaps.c, explain_timing.c, explain_hours.c, explain_caches.c,
 * explain_first.c, explain_scan.c, explain_synchrony.c, explain_contingency.c,
 * explain_joint.c */
void explain_models(const struct explain_job *job, json_t *out);
void explain_gaps(const struct explain_job *job, json_t *out);
void explain_timing(const struct explain_job *job, json_t *out);
void explain_hours(const struct explain_job *job, json_t *out);
void explain_caches(const struct explain_job *job, json_t *out);
void explain_events(const struct explain_job *job, json_t *out);
void explain_first(const struct explain_job *job, json_t *out);
void explain_scan(const struct explain_job *job, json_t *out);
void explain_synchrony(const struct explain_job *job, json_t *out);
void explain_contingency(const struct explain_job *job, json_t *out);
void explain_joint(const struct explain_job *job, json_t *out);
/* explain_baseline.c, explain_fit.c */
void explain_rolling(const struct explain_job *job, json_t *out);
void explain_fit(const struct explain_job *job, json_t *out);
void explain_group(const struct explain_job *job, json_t *out);

/* Values that parts share (explain_text.c); values.h has the rest. */
double explain_seconds(int64_t ns);
json_t *explain_time(int64_t t_ns);
json_t *explain_count(size_t n);
json_t *explain_param(const char *name, double value, double se); /* se NAN: none */

/* The tree as text. */
void explain_print(const json_t *tree);

#endif
