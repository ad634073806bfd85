/* SPDX-License-Identifier: GPL-3.0-or-later
 * The frame of results.json: case, study, integrity. Claims are in
 * results_claim.c. */
#include "report/results.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "report/output.h"
#include "report/value.h"

static json_t *time_or_null(int64_t t_ns, bool there)
{
    char text[TEXT_TIME_MAX];
    return there ? json_string(text_iso(text, t_ns, 0)) : json_null();
}

/* --- case --------------------------------------------------------------------------- */

static json_t *skip_json(const char *reason, enum skip_class class, uint64_t count)
{
    return json_pack("{s:s, s:s, s:I}", "reason", reason, "class", skip_class_name(class),
                     "count", (json_int_t)count);
}

/* A report is about look-ups: of them the intervals of passive DNS are none. */
static json_t *source_json(const struct counts *c, const struct counts_source *s)
{
    json_t *skips = json_array();
    if (s->intervals)
        json_array_append_new(skips, skip_json("interval", SKIP_NOT_COUNTED, s->intervals));
    for (int i = 0; i < SKIP_REASONS; i++)
        if (s->skips.count[i])
            json_array_append_new(
                skips, skip_json(skip_table[i].name, skip_table[i].class, s->skips.count[i]));
    bool any = s->first_ns <= s->last_ns && s->lookups > 0;
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:I, s:I, s:I, s:o, s:o, s:o}", "name",
                     s->name, "sha256", s->sha256, "format", s->format, "vantage",
                     c->rules[RULE_VANTAGE], "server", s->server, "bytes", (json_int_t)s->bytes,
                     "read", (json_int_t)s->read, "lookups", (json_int_t)s->lookups, "from",
                     time_or_null(s->first_ns, any), "to", time_or_null(s->last_ns, any),
                     "skips", skips);
}

static void add_rung(json_t *ladder, const char *label, uint64_t count)
{
    json_array_append_new(ladder,
                          json_pack("{s:s, s:I}", "label", label, "count", (json_int_t)count));
}

/* Sessions of every pair when gaps of at most `seconds` are collapsed. */
static uint64_t sessions_at(const struct counts *c, double seconds)
{
    uint64_t sessions = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        int64_t last = INT64_MIN, gap = (int64_t)(seconds * 1e9) / c->tick_ns;
        struct series_iter it = series_begin(counts_series(&c->pairs[i]), c->pairs[i].first);
        while (series_next(&it)) {
            sessions += last == INT64_MIN || it.tick - last > gap;
            last = it.tick;
        }
    }
    return sessions;
}

static json_t *ladder_json(const struct counts *c, double session_s)
{
    json_t *ladder = json_array();
    uint64_t read = 0, lookups = 0, without = 0;
    for (size_t i = 0; i < c->nsources; i++)
        read += c->sources[i].read;
    for (size_t i = 0; i < c->npairs; i++) {
        lookups += c->pairs[i].total + c->pairs[i].duplicates;
        without += c->pairs[i].total;
    }
    char label[100], window[TEXT_TIME_MAX];
    add_rung(ladder, "records read", read);
    add_rung(ladder, "look-ups", lookups);
    snprintf(label, sizeof label, "look-ups without copies within %s",
             text_of_duration(window, c->dedup_ns));
    add_rung(ladder, label, without);
    snprintf(label, sizeof label, "sessions: repeats within %g s collapsed", session_s);
    add_rung(ladder, label, sessions_at(c, session_s));
    return ladder;
}

static json_t *silences_json(const struct counts *c, double *ret_live_h)
{
    json_t *silences = json_array();
    *ret_live_h = 0;
    for (size_t i = 0; i < c->nlive; i++) {
        *ret_live_h += (double)(c->live[i].to_ns - c->live[i].from_ns) / 3.6e12;
        if (i > 0)
            json_array_append_new(silences,
                                  json_pack("{s:o, s:o}", "from",
                                            time_or_null(c->live[i - 1].to_ns, true), "to",
                                            time_or_null(c->live[i].from_ns, true)));
    }
    return silences;
}

static json_t *case_json(const struct counts *c, double session_s)
{
    json_t *sources = json_array();
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < c->nsources; i++)
        json_array_append_new(sources, source_json(c, &c->sources[i]));
    for (size_t i = 0; i < c->npairs; i++) {
        first = c->pairs[i].first < first ? c->pairs[i].first : first;
        last = c->pairs[i].last > last ? c->pairs[i].last : last;
    }
    double live_h;
    json_t *silences = silences_json(c, &live_h);
    bool inferred = c->nlive == 0 || strcmp(c->live[0].why, "inferred") == 0;
    json_t *j = json_pack("{s:s}", "sha256", c->sha256);
    value_set_real(j, "tick_s", (double)c->tick_ns / 1e9);
    value_set_real(j, "dedup_s", (double)c->dedup_ns / 1e9);
    for (int i = 0; i < COUNTS_RULES; i++)
        if (i != RULE_VANTAGE) /* stands at each source */
            json_object_set_new(j, counts_rule_keys[i], json_string(c->rules[i]));
    json_t *rest = json_pack("{s:o, s:o, s:s, s:f, s:o, s:i, s:i, s:I, s:o, s:o}", "from",
                             time_or_null(first * c->tick_ns, c->npairs > 0), "to",
                             time_or_null(last * c->tick_ns, c->npairs > 0), "live",
                             inferred ? "inferred" : "given", "live_h", live_h, "silences",
                             silences, "clients", (int)c->nclients, "names", (int)c->nnames,
                             "pairs", (json_int_t)c->npairs, "ladder",
                             ladder_json(c, session_s), "sources", sources);
    json_object_update(j, rest);
    json_decref(rest);
    return j;
}

/* --- study ------------------------------------------------------------- */

/* Files of dates that stand beside the study, with their digests. */
static void add_moments(json_t *files, const char *claim, const char *role,
                        const struct moments *m)
{
    if (m)
        json_array_append_new(files,
                              json_pack("{s:s, s:s, s:s, s:I}", "claim", claim, "role", role,
                                        "sha256", m->sha256, "dates", (json_int_t)m->n));
}

static json_t *files_json(const struct study *s)
{
    json_t *files = json_array();
    for (size_t i = 0; i < s->nclaims; i++) {
        add_moments(files, s->claims[i].id, "events", s->claims[i].events);
        add_moments(files, s->claims[i].id, "causes", s->claims[i].causes);
        add_moments(files, s->claims[i].id, "mailings", s->claims[i].mailings.times);
        add_moments(files, s->claims[i].id, "monitors", s->claims[i].monitors.times);
        const struct study_looks *looks = s->claims[i].search.looks;
        for (size_t k = 0; looks && k < looks->n[SEARCH_EVENTS]; k++)
            add_moments(files, s->claims[i].id, "searched", looks->events[k]);
    }
    return files;
}

static json_t *study_json(const struct study *s, const char *file)
{
    char bucket[TEXT_TIME_MAX], session[TEXT_TIME_MAX], ttl[TEXT_TIME_MAX];
    static const char *const words[] = {"unknown", "", "estimate", "log"};
    const char *word = s->ttl.kind == TTL_GIVEN
                           ? text_of_duration(ttl, (int64_t)(s->ttl.seconds * 1e9))
                           : words[s->ttl.kind];
    json_t *plan =
        json_pack("{s:f, s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "alpha", s->alpha, "seed",
                  (json_int_t)s->seed, "max_replicates", (json_int_t)s->max_replicates,
                  "bucket", text_of_duration(bucket, (int64_t)(s->bucket_s * 1e9)), "session",
                  text_of_duration(session, (int64_t)(s->session_s * 1e9)), "timezone",
                  s->zone_name, "ttl", word, "correction", s->correction->name);
    if (s->holidays_name) {
        json_object_set_new(
            plan, "holidays",
            json_sprintf("%s, %s", s->holidays_name, holidays_grade(&s->holidays)));
        json_object_set_new(plan, "holidays_sha256", json_string(s->holidays.sha256));
    }
    json_object_set_new(plan, "power", json_boolean(s->power));
    json_object_set_new(plan, "calibration", json_integer(s->calibration));
    json_object_set_new(plan, "model_draws", json_integer(s->model_draws));
    json_object_set_new(plan, "model_draws_most", json_integer(s->model_draws_most));
    if (s->ttl.source[0])
        json_object_set_new(plan, "ttl_source", json_string(s->ttl.source));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", s->title, "file", file, "sha256",
                     s->sha256, "text", s->text, "plan", plan, "files", files_json(s));
}

/* What the gate looked for, and what it stopped. The numbers stand at each claim. */
static json_t *calibration_json(const struct study *s, const struct claim_result *claims)
{
    json_t *failed = json_array();
    for (size_t i = 0; i < s->nclaims; i++)
        if (claims[i].calibration.failed)
            json_array_append_new(failed, json_string(s->claims[i].id));
    return json_pack("{s:I, s:f, s:f, s:o}", "asked", (json_int_t)s->calibration, "gate",
                     CALIBRATION_GATE, "share", CALIBRATION_SHARE, "failed", failed);
}

json_t *results_json(const struct study *s, const char *file, const struct counts *c,
                     const struct integrity *in, const struct claim_result *claims,
                     const struct settings *settings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->nclaims; i++)
        json_array_append_new(list, results_claim(s, i, &claims[i], &settings[i]));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "dnsclaim", DNSCLAIM_VERSION,
                     "simulated", s->simulated ? json_string(s->simulated) : json_null(),
                     "case", case_json(c, s->session_s), "study", study_json(s, file),
                     "integrity", results_integrity(in), "claims", list, "calibration",
                     calibration_json(s, claims), "scan", results_scan(s, c, claims));
}

int results_write(const json_t *root, const char *path, struct err *err)
{
    struct output out;
    if (output_open(&out, path, err) < 0)
        return ERR_IO;
    json_dumpf(root, out.f, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    fputc('\n', out.f);
    return output_close(&out, err);
}
