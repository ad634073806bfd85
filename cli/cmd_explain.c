/* SPDX-License-Identifier: GPL-3.0-or-later
 * explain: one pair, every step with its numbers. Everything is put into one JSON
 * tree; the text for people is that tree with fewer digits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/explain.h"
#include "cli/pair.h"
#include "cli/values.h"
#include "ingest/canon.h"
#include "ingest/casefile.h"
#include "models/season.h"

#define AT(field) offsetof(struct explain_values, field)
static const struct opt options[] = {
    {"client", OPT_TEXT, "C", NULL, AT(client), "who asked"},
    {"name", OPT_TEXT, "N", NULL, AT(name), "the name asked for"},
    {"with-client", OPT_TEXT, "C", NULL, AT(with_client),
     "of a second pair to set beside the first; the first's if not given"},
    {"with-name", OPT_TEXT, "N", NULL, AT(with_name), "likewise"},
    {"study", OPT_TEXT, "STUDY", NULL, AT(study),
     "with --claim: dates in common are those of the claim's pairs, not of the name's clients"},
    {"claim", OPT_TEXT, "ID", NULL, AT(claim), "a claim of the study"},
    {"parts", OPT_TEXT, "LIST", NULL, AT(parts), "which parts, such as counts,gaps; all"},
    {"json", OPT_FLAG, NULL, NULL, AT(json), "for programs, with all digits"},
    {"bucket", OPT_DURATION, "D", "1h", AT(bucket), "width of a bucket"},
    {"session", OPT_DURATION, "D", "30s", AT(session), "longest gap inside a session"},
    {"ttl", OPT_DURATION, "D", "0", AT(ttl), "dead time after a session start; 0: unknown"},
    {"model", OPT_TEXT, "NAME", "auto", AT(model), "poisson, negbin, or auto: by BIC"},
    {"season", OPT_TEXT, "NAME", "auto", AT(season),
     "none, auto (by BIC), day1, week21, week32, hours48 or hours168"},
    {"trend", OPT_FLAG, NULL, NULL, AT(trend), "a linear trend beside the season"},
    {"holidays", OPT_TEXT, "CC", NULL, AT(holidays),
     "days off of a country such as US, or of a file date,name"},
    {"timezone", OPT_TEXT, "Z", NULL, AT(zone), "of the season's hours; UTC if not given"},
    {"from", OPT_TEXT, "T", NULL, AT(from), "start of the window"},
    {"to", OPT_TEXT, "T", NULL, AT(to), "end of the window"},
    {"within", OPT_DURATION, "D", "3m", AT(within), "half width of what counts as together"},
    {"max-lag", OPT_DURATION, "D", "36m", AT(max_lag), "longest lag between two pairs"},
    {"max-replicates", OPT_COUNT, "N", "9999", AT(max_replicates),
     "most replicates of burst; of two pairs at most 999"},
    {"seed", OPT_COUNT, "N", "1", AT(seed), "of the random numbers"},
    {"progress", OPT_CHOICE, PROGRESS_FORMS, "terminal", AT(progress), PROGRESS_HELP},
    {"quiet", OPT_FLAG, NULL, NULL, AT(quiet), "no progress"},
    OPT_END};

/* --- counts, sessions, time --------------------------------------------------------- */

/* Retries collapsed at several gaps: how much of the count is retries? */
static json_t *sessions_at(const struct explain_job *job)
{
    static const int gaps[] = {1, 5, 30, 60};
    json_t *out = json_object();
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct subject s;
        struct selection sel = {&job->client, &job->name, 1, 1};
        char key[16];
        subject_make(&s, job->c, &sel, &job->w, gaps[i], 0);
        snprintf(key, sizeof key, "%ds", gaps[i]);
        json_object_set_new(out, key, explain_count(s.n));
        subject_free(&s);
    }
    return out;
}

static json_t *time_part(const struct explain_job *job)
{
    json_t *out = json_object();
    double live = job->w.live_s / 3600;
    json_object_set_new(out, "from", explain_time(job->w.from_ns));
    json_object_set_new(out, "to", explain_time(job->w.to_ns));
    json_object_set_new(out, "live_hours", values_real(live));
    json_object_set_new(out, "live_is_inferred", json_boolean(job->w.inferred));
    json_object_set_new(out, "caches", explain_count(job->s.nstreams));
    json_object_set_new(out, "at_risk_cache_hours",
                        values_real(exposure_between(&job->s, &job->w, 0, job->w.length_s)));
    return out;
}

static json_t *type_part(const struct explain_job *job)
{
    json_t *out = json_array();
    for (size_t i = 0; i < job->s.nstreams; i++) {
        const struct stream *r = &job->s.streams[i];
        char qtype[16];
        json_t *one = json_object();
        uint64_t lookups = 0;
        for (size_t k = 0; k < r->n; k++)
            lookups += r->lookups[k];
        json_object_set_new(one, "qtype", json_string(canon_qtype_name(r->qtype, qtype)));
        json_object_set_new(one, "sessions", explain_count(r->n));
        json_object_set_new(one, "lookups_in_sessions", explain_count(lookups));
        json_array_append_new(out, one);
    }
    return out;
}

static void add_counts(const struct explain_job *job, json_t *out)
{
    json_object_set_new(out, "time", time_part(job));
    json_object_set_new(out, "lookups", explain_count(job->s.lookups));
    json_object_set_new(out, "tap_duplicates_not_counted", explain_count(job->s.duplicates));
    json_object_set_new(out, "sessions_at_gap", sessions_at(job));
    json_object_set_new(out, "sessions", explain_count(job->s.n));
    json_object_set_new(out, "types", type_part(job));
}

/* --- the whole ---------------------------------------------------------------------- */

static const struct explain_part parts[] = {
    {"counts", "look-ups, sessions, live and at-risk time, types", add_counts},
    {"models", "every baseline of the ladder with its parameters", explain_models},
    {"fit", "does the baseline look like the counts? other laws of them", explain_fit},
    {"group", "rate and scatter, shrunk towards those of other pairs", explain_group},
    {"rolling", "each day against the weeks before it", explain_rolling},
    {"gaps", "gaps, and what a cache makes of memoryless demand", explain_gaps},
    {"timing", "cache or timer, periods that no cache makes", explain_timing},
    {"caches", "which cache, one or two, repeats, and scores that decide nothing",
     explain_caches},
    {"hours", "working hours, weekends, and whose time zone they fit", explain_hours},
    {"scan", "the pair's two rows of 'scan'", explain_scan},
    {"events", "changes of the rate, the busiest stretch, the silence at the end",
     explain_events},
    {"joint", "dates at which all clients of the name, or a claim's pairs, changed together",
     explain_joint},
    {"first", "its first look-up beside the client's first look-ups of other new names",
     explain_first},
    {"synchrony", "the pair beside a second one", explain_synchrony},
    {"contingency", "the pair beside the others, in presence-days", explain_contingency},
    {0},
};

static bool listed(const char *list, const char *id)
{
    size_t n = strlen(id);
    for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
        if (strncmp(p, id, n) == 0 && (p[n] == ',' || p[n] == '\0'))
            return true;
    return false;
}

/* Every word of --parts names a part. */
static int check_parts(const char *list, struct err *err)
{
    for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        size_t n = strcspn(p, ","), i = 0;
        while (parts[i].id && !(strlen(parts[i].id) == n && strncmp(parts[i].id, p, n) == 0))
            i++;
        if (parts[i].id)
            continue;
        char *known = mem_format("%s", parts[0].id);
        for (const struct explain_part *k = parts + 1; k->id; k++) {
            char *longer = mem_format("%s, %s", known, k->id);
            free(known);
            known = longer;
        }
        int rc =
            err_set(err, ERR_USAGE, "--parts: expected %s, found '%.*s'", known, (int)n, p);
        free(known);
        return rc;
    }
    return 0;
}

static bool wanted(const struct explain_job *job, const struct explain_part *p)
{
    return !job->v->parts || listed(job->v->parts, p->id);
}

static json_t *explain(const struct explain_job *job)
{
    json_t *out = json_object();
    struct progress shown;
    double done = 0, all = 0;
    for (const struct explain_part *p = parts; p->id; p++)
        all += wanted(job, p);
    json_object_set_new(out, "client", values_text(job->c->clients[job->client]));
    json_object_set_new(out, "name", values_text(job->c->names[job->name]));
    progress_start(&shown, "explain", "share",
                   progress_form(job->v->quiet, false, job->v->progress));
    for (const struct explain_part *p = parts; p->id; p++)
        if (wanted(job, p)) {
            progress_stage(&shown, p->id, done++ / all);
            p->add(job, out);
        }
    progress_end(&shown);
    return out;
}

static int read_time(const char *option, const char *text, int64_t *ret, struct err *err)
{
    bool zone;
    if (!text || text_time(span_of(text), ret, &zone) == 0)
        return 0; /* without a zone: UTC */
    return err_set(err, ERR_USAGE,
                   "--%s: expected a time such as 2016-07-20T10:00:00Z, "
                   "found '%s'",
                   option, text);
}

static int read_model(struct explain_job *job, struct err *err)
{
    const struct explain_values *v = job->v;
    job->baseline.family = strcmp(v->model, "poisson") == 0  ? GLM_POISSON
                           : strcmp(v->model, "negbin") == 0 ? GLM_NEGBIN
                                                             : -1;
    if (job->baseline.family < 0 && strcmp(v->model, "auto") != 0)
        return err_set(err, ERR_USAGE, "--model: expected poisson, negbin or auto, found '%s'",
                       v->model);
    if (strcmp(v->season, "auto") != 0) {
        job->baseline.season = season_find(strcmp(v->season, "none") ? v->season : "const");
        if (!job->baseline.season)
            return err_set(err, ERR_USAGE,
                           "--season: expected none, auto or a season, "
                           "found '%s'",
                           v->season);
    }
    if (v->zone && tz_open(&job->zone, v->zone, err) < 0)
        return ERR_USAGE;
    job->baseline.zone = job->zone;
    job->baseline.trend = v->trend;
    return 0;
}

static int read_holidays(struct explain_job *job, struct err *err)
{
    const int64_t day = 86400 * NS_PER_S;
    if (!job->v->holidays)
        return 0;
    int rc = holidays_open(&job->holidays, job->v->holidays, err);
    if (rc == 0 &&
        !holidays_cover(&job->holidays, job->w.from_ns / day, (job->w.to_ns - 1) / day))
        rc = err_set(err, ERR_MISMATCH,
                     "--holidays: expected days of every year of the window, found a year "
                     "without one");
    job->baseline.holidays = &job->holidays;
    return rc;
}

static int find_pair(struct explain_job *job, struct err *err)
{
    const struct explain_values *v = job->v;
    if (pair_find(job->c, "", v->client, v->name, &job->client, &job->name, err) < 0)
        return ERR_USAGE;
    job->with_client = job->with_name = UINT32_MAX;
    if (!v->with_client && !v->with_name)
        return 0;
    if (pair_find(job->c, "with-", v->with_client ? v->with_client : v->client,
                  v->with_name ? v->with_name : v->name, &job->with_client, &job->with_name,
                  err) < 0)
        return ERR_USAGE;
    if (job->with_client == job->client && job->with_name == job->name)
        return err_set(err, ERR_USAGE,
                       "--with-client, --with-name: expected a second pair, "
                       "found the first");
    return v->within > 0 ? 0
                         : err_set(err, ERR_USAGE, "--within: expected more than 0, found 0");
}

/* The claim whose pairs are set beside each other. */
static int read_claim(struct explain_job *job, struct err *err)
{
    const struct explain_values *v = job->v;
    if (!v->study && !v->claim)
        return 0;
    if (!v->study || !v->claim)
        return err_set(err, ERR_USAGE, "--study, --claim: expected both, found one");
    int rc = study_read(&job->study, v->study, NULL, err);
    if (rc < 0 || (rc = study_resolve(job->study, job->c, err)) < 0)
        return rc;
    for (size_t i = 0; i < job->study->nclaims && !job->claim; i++)
        if (strcmp(job->study->claims[i].id, v->claim) == 0)
            job->claim = &job->study->claims[i];
    return job->claim ? 0
                      : err_set(err, ERR_USAGE, "--claim: expected a claim of %s, found '%s'",
                                v->study, v->claim);
}

static int open_window(struct explain_job *job, struct err *err)
{
    window_make(&job->w, job->c, 0, 0);
    int64_t from = job->w.from_ns, to = job->w.to_ns;
    window_free(&job->w);
    if (read_time("from", job->v->from, &from, err) < 0 ||
        read_time("to", job->v->to, &to, err) < 0)
        return ERR_USAGE;
    if (from >= to)
        return err_set(err, ERR_USAGE, "--from, --to: expected a window, found an empty one");
    window_make(&job->w, job->c, from, to);
    if (!(job->w.live_s > 0))
        return err_set(err, ERR_DEGENERATE,
                       "explain: expected live time in the window, found none");
    return 0;
}

static void print(const json_t *tree, bool json)
{
    if (json) {
        json_dumpf(tree, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
    } else {
        explain_print(tree);
    }
}

static int explain_pair(struct explain_job *job, struct err *err)
{
    const struct explain_values *v = job->v;
    int rc = values_bucket(job->c, v->bucket, err);
    if (rc < 0 || (rc = find_pair(job, err)) < 0 || (rc = read_claim(job, err)) < 0 ||
        (rc = read_model(job, err)) < 0 || (rc = open_window(job, err)) < 0 ||
        (rc = read_holidays(job, err)) < 0)
        return rc;
    struct selection sel = {&job->client, &job->name, 1, 1};
    subject_make(&job->s, job->c, &sel, &job->w, explain_seconds(v->session),
                 explain_seconds(v->ttl));
    job->g = grid_make(&job->w, explain_seconds(v->bucket));
    job->y = mem_alloc(job->g.n * sizeof *job->y);
    job->hours = mem_alloc(job->g.n * sizeof *job->hours);
    bucket_fill(&job->s, &job->g, job->y);
    exposure_fill(&job->s, &job->w, &job->g, job->hours);
    json_t *tree = explain(job);
    print(tree, v->json);
    json_decref(tree);
    free(job->y);
    free(job->hours);
    subject_free(&job->s);
    return 0;
}

static int run(int argc, char **argv)
{
    struct explain_values v = {0};
    struct explain_job job = {.v = &v};
    struct err err;
    int first = opts_read(&cmd_explain, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1 || !v.client || !v.name)
        return opts_exit(opts_usage(&cmd_explain, "expected one case, --client and --name"));
    if (v.max_replicates < 1 || v.max_replicates > UINT32_MAX)
        return opts_exit(
            opts_usage(&cmd_explain, "--max-replicates: expected 1 to %u", UINT32_MAX));
    int rc = check_parts(v.parts, &err);
    if (rc < 0 || casefile_read(&job.c, argv[first], &err) < 0)
        return opts_fail(&err);
    rc = explain_pair(&job, &err);
    window_free(&job.w);
    holidays_free(&job.holidays);
    study_free(job.study);
    tz_free(job.zone);
    counts_free(job.c);
    return rc < 0 ? opts_fail(&err) : 0;
}

const struct command cmd_explain = {
    "counts to numbers",
    "explain",
    "CASE --client C --name N",
    "one pair, every step with its numbers",
    "Look-ups, sessions, live and at-risk time, every baseline of the ladder with its\n"
    "parameters and standard errors, gaps, what a cache of the given TTL makes of memoryless\n"
    "demand, and the pair's two rows of 'scan'. Exact tests are of excess gaps, gap - TTL.\n"
    "With a second pair: coincidences over lags, event coincidences, triggers and residuals,\n"
    "each beside its null.\n",
    options,
    run};
