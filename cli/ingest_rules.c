/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ingest.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int read_count_rule(const char *text, enum tally_count *ret, struct err *err)
{
    for (int i = 0; i < TALLY_COUNTS; i++)
        if (strcmp(text, tally_count_names[i]) == 0) {
            *ret = (enum tally_count)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "--count: expected queries, responses or transactions, found '%s'", text);
}

static int read_prefix(struct canon_group *g, const char *text, struct err *err)
{
    int used = 0, n4 = -1, n6 = 128;
    if ((sscanf(text, "prefix/%d%n", &n4, &used) == 1 && !text[used]) ||
        (sscanf(text, "prefix/%d,%d%n", &n4, &n6, &used) == 2 && !text[used])) {
        if (n4 >= 1 && n4 <= 32 && n6 >= 1 && n6 <= 128) {
            g->prefix4 = n4;
            g->prefix6 = n6;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE,
                   "--client: expected address, prefix/N[,M], labels:FILE or ecs, found '%s'",
                   text);
}

static int read_client_rule(struct ingest_job *job, struct tally_opts *o, struct err *err)
{
    static const char labels[] = "labels:";
    const char *rule = job->v.client;
    struct canon_group *g = &o->group;
    o->client_subnet = job->source.client_subnet = strcmp(rule, "ecs") == 0;
    *g = (struct canon_group){.prefix4 = 32, .prefix6 = 128};
    if (strcmp(rule, "address") == 0 || o->client_subnet)
        return 0;
    if (strncmp(rule, labels, sizeof labels - 1) != 0)
        return read_prefix(g, rule, err);
    int rc = canon_labels_read(&job->labels, rule + sizeof labels - 1, err);
    g->labels = job->labels;
    return rc;
}

static int read_name_rule(struct ingest_job *job, struct tally_opts *o, struct err *err)
{
    bool registered = strcmp(job->v.name, "registered") == 0;
    int rc = 0;
    if (!registered && strcmp(job->v.name, "full") != 0)
        return err_set(err, ERR_USAGE, "--name: expected full or registered, found '%s'",
                       job->v.name);
    if (registered || job->v.pseudonyms)
        rc = suffix_open(&job->suffix, err);
    if (rc == 0 && job->v.pseudonyms)
        rc = pseudonym_read(&job->pseudonyms, job->v.pseudonyms, job->suffix, err);
    o->registered = registered ? job->suffix : NULL;
    o->pseudonyms = job->pseudonyms;
    return rc;
}

static int read_type_rule(const char *text, bool *ret_merge, struct err *err)
{
    *ret_merge = strcmp(text, "merge") == 0;
    if (!*ret_merge && strcmp(text, "each") != 0)
        return err_set(err, ERR_USAGE, "--qtype: expected each or merge, found '%s'", text);
    return 0;
}

static int read_vantage(const char *text, enum tally_vantage *ret, struct err *err)
{
    static const char *const words[TALLY_VANTAGES] = {
        [VANTAGE_UNKNOWN] = "unknown",
        [VANTAGE_BELOW] = "below",
        [VANTAGE_ABOVE] = "above",
        [VANTAGE_AUTHORITY] = "authority",
    };
    for (int i = 0; i < TALLY_VANTAGES; i++)
        if (strcmp(text, words[i]) == 0) {
            *ret = (enum tally_vantage)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "--vantage: expected below, above, authority or unknown, found '%s'", text);
}

static int read_ports(struct ingest_job *job, struct err *err)
{
    const struct opt_list *list = &job->v.ports;
    job->ports = mem_zero(list->n + 1, sizeof *job->ports);
    for (size_t i = 0; i < list->n; i++) {
        int64_t port;
        if (text_i64(span_of(list->v[i]), &port) < 0 || port < 1 || port > 65535)
            return err_set(err, ERR_USAGE, "--port: expected 1 to 65535, found '%s'",
                           list->v[i]);
        job->ports[i] = (uint16_t)port;
    }
    return 0;
}

static int read_offset(const char *text, int64_t *ret_ns, struct err *err)
{
    bool negative = text[0] == '-';
    if (text_duration(span_of(text + (negative || text[0] == '+')), ret_ns) < 0)
        return err_set(err, ERR_USAGE,
                       "--clock-offset: expected a duration such as -90s or 1h, found '%s'",
                       text);
    if (negative)
        *ret_ns = -*ret_ns;
    return 0;
}

static int read_delimiter(const char *text, char *ret, struct err *err)
{
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
        *ret = '\t';
    else if (strlen(text) == 1)
        *ret = text[0];
    else
        return err_set(err, ERR_USAGE, "--delimiter: expected one character or tab, found '%s'",
                       text);
    return 0;
}

static int check_values(const struct ingest_values *v, struct err *err)
{
    if (!v->out && !v->dry_run)
        return err_set(err, ERR_USAGE, "ingest: expected -o CASE or --dry-run, found neither");
    if (v->append && v->dry_run)
        return err_set(err, ERR_USAGE, "ingest: expected --append or --dry-run, found both");
    if (v->same_log && v->different_servers)
        return err_set(err, ERR_USAGE,
                       "ingest: expected --same-log or --different-servers, found both");
    if (v->tick <= 0)
        return err_set(err, ERR_USAGE, "--tick: expected more than 0, found 0");
    if (v->max_skips < 0 || v->max_skips > 100)
        return err_set(err, ERR_USAGE, "--max-skips: expected 0 to 100 per cent, found %g",
                       v->max_skips);
    if (v->year && (v->year < 1970 || v->year > 2261))
        return err_set(err, ERR_USAGE, "--year: expected 1970 to 2261, found %jd",
                       (intmax_t)v->year);
    return 0;
}

int ingest_set_up(struct ingest_job *job, struct err *err)
{
    struct ingest_values *v = &job->v;
    struct tally_opts opts = {
        .tick_ns = v->tick,
        .dedup_ns = v->dedup,
        .same_log = v->same_log,
        .watch_twins = job->inputs.n > 1 && !v->same_log && !v->different_servers,
    };
    struct source_opts *s = &job->source;
    *s = (struct source_opts){.format = v->format,
                              .columns = v->columns,
                              .time_format = v->time_format,
                              .dnstap_type = v->dnstap_type};
    int rc = check_values(v, err);
    if (rc == 0)
        rc = read_count_rule(v->count, &opts.count, err);
    if (rc == 0)
        rc = read_client_rule(job, &opts, err);
    if (rc == 0)
        rc = read_name_rule(job, &opts, err);
    if (rc == 0)
        rc = read_type_rule(v->qtype, &opts.merge_types, err);
    if (rc == 0 && v->keep.n)
        rc = keep_read(&job->keep, v->keep.v, v->keep.n, err);
    opts.keep = job->keep;
    if (rc == 0)
        rc = read_vantage(v->vantage, &opts.vantage, err);
    if (rc == 0)
        rc = read_ports(job, err);
    if (rc == 0 && v->timezone)
        rc = tz_open(&job->zone, v->timezone, err);
    if (rc == 0 && v->clock_offset)
        rc = read_offset(v->clock_offset, &s->clock_offset_ns, err);
    if (rc == 0 && v->delimiter)
        rc = read_delimiter(v->delimiter, &s->delimiter, err);
    s->year = (int)v->year;
    s->ports = job->ports;
    s->zone = job->zone;
    if (rc == 0)
        job->tally = tally_new(&opts);
    return rc;
}
