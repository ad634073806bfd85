/* SPDX-License-Identifier: GPL-3.0-or-later
 * ingest: look-ups of any known format into a case. */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/text.h"
#include "base/tz.h"
#include "cli/commands.h"
#include "ingest/captures.h"
#include "ingest/casefile.h"
#include "ingest/source.h"
#include "ingest/tally.h"
#include "models/live.h"

struct values {
    const char *out, *format, *client, *live, *columns, *delimiter, *time_format, *timezone,
        *files_from, *clock_offset, *count, *name, *qtype, *pseudonyms, *vantage, *dnstap_type;
    struct opt_list ports;
    int64_t tick, dedup, threads, year;
    double max_skips;
    bool same_log, different_servers;
    bool append, strict, keep_going, dry_run, quiet;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"o", OPT_TEXT, "CASE", NULL, AT(out), "case file to write"},
    {"append", OPT_FLAG, NULL, NULL, AT(append), "add to the case that is there"},
    {"dry-run", OPT_FLAG, NULL, NULL, AT(dry_run), "read and count everything, write no case"},
    {"files-from", OPT_TEXT, "LIST", NULL, AT(files_from),
     "also read the inputs named in LIST"},
    {"format", OPT_TEXT, "NAME", NULL, AT(format), "format of the inputs, else by content"},
    {"tick", OPT_DURATION, "D", "1s", AT(tick), "time resolution of the case"},
    {"count", OPT_TEXT, "WHAT", "queries", AT(count),
     "what one look-up is: queries, responses or transactions"},
    {"client", OPT_TEXT, "RULE", "address", AT(client),
     "who is one client: address, prefix/N[,M], labels:FILE or ecs"},
    {"name", OPT_TEXT, "RULE", "full", AT(name),
     "what is one name: full, or registered domain"},
    {"qtype", OPT_TEXT, "RULE", "each", AT(qtype),
     "each record type by itself, or merge: all types of a pair are one"},
    {"vantage", OPT_TEXT, "WHERE", "unknown", AT(vantage),
     "where the sensor stood: below, above, authority or unknown"},
    {"pseudonyms", OPT_TEXT, "KEYFILE", NULL, AT(pseudonyms),
     "other names for clients, servers and names, the same for the same key"},
    {"dedup", OPT_DURATION, "D", "10ms", AT(dedup), "window of tap duplicates; 0 keeps all"},
    {"port", OPT_LIST, "N", NULL, AT(ports), "captures: another port that carries DNS"},
    {"dnstap-type", OPT_TEXT, "NAME", NULL, AT(dnstap_type),
     "dnstap: the one type of message that counts, such as client_query"},
    {"clock-offset", OPT_TEXT, "[-]D", NULL, AT(clock_offset), "added to every time"},
    {"live", OPT_TEXT, "FILE", NULL, AT(live), "CSV of from,to: when the sensor listened"},
    {"columns", OPT_TEXT, "LIST", NULL, AT(columns),
     "delimited text: columns, such as time,client,name,-,qtype"},
    {"delimiter", OPT_TEXT, "CHAR", NULL, AT(delimiter), "delimited text: what parts columns"},
    {"time-format", OPT_TEXT, "NAME", NULL, AT(time_format),
     "iso, epoch, epoch_ms, epoch_us or epoch_ns"},
    {"timezone", OPT_TEXT, "ZONE", NULL, AT(timezone), "of times that name no zone"},
    {"year", OPT_COUNT, "Y", NULL, AT(year), "of the first time that names none"},
    {"same-log", OPT_FLAG, NULL, NULL, AT(same_log),
     "inputs may be parts of one log: a row in two of them counts once"},
    {"different-servers", OPT_FLAG, NULL, NULL, AT(different_servers),
     "inputs are logs of different servers: a row in two of them counts twice"},
    {"max-skips", OPT_REAL, "PERCENT", "1", AT(max_skips),
     "most malformed records of a source"},
    {"strict", OPT_FLAG, NULL, NULL, AT(strict), "a source that is cut is an error"},
    {"keep-going", OPT_FLAG, NULL, NULL, AT(keep_going),
     "leave failed sources out, write the case, exit 1"},
    {"threads", OPT_COUNT, "N", "0", AT(threads), "threads; 0 is one a processor"},
    {"quiet", OPT_FLAG, NULL, NULL, AT(quiet), "no progress, no summary"},
    OPT_END};

/* Where a source came from: for messages about two of them. */
struct origin {
    const char *path; /* as typed */
    bool is_case;
};

struct job {
    struct values v;
    struct opt_list inputs;  /* paths, and for each: */
    struct opt_list servers; /* its @server=, or NULL */
    struct arena texts;
    char *list_text; /* what --files-from named */
    struct tz *zone;
    struct canon_labels *labels;
    struct suffix *suffix; /* NULL unless needed */
    struct pseudonyms *pseudonyms;
    uint16_t *ports;
    struct source_opts source;
    struct tally *tally;
    struct origin *origins; /* one a source of the tally */
    size_t norigins, origins_cap;
    struct progress progress;
    double bytes_done, bytes_all;
    bool live_given; /* by the user, now or in a case that was read */
    struct counts_live *live;
    size_t nlive, live_cap;
    bool failed;
};

/* --- options ----------------------------------------------------------------- */

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

static int read_client_rule(struct job *job, struct tally_opts *o, struct err *err)
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

static int read_name_rule(struct job *job, struct tally_opts *o, struct err *err)
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

static int read_ports(struct job *job, struct err *err)
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

static int check_values(const struct values *v, struct err *err)
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

static int set_up(struct job *job, struct err *err)
{
    struct values *v = &job->v;
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

/* --- text files of the user: lists of inputs, live time ------------------------ */

static int read_text(char **ret, const char *path, struct err *err)
{
    struct input *in;
    int rc = input_open(&in, path, err);
    if (rc < 0)
        return rc;
    char *text = NULL;
    size_t n = 0;
    ssize_t got;
    do {
        text = mem_resize(text, n + 65536 + 1, 1);
        got = input_read(in, text + n, 65536, err);
        n += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    input_close(in);
    if (got < 0) {
        free(text);
        return (int)got;
    }
    text[n] = '\0';
    *ret = text;
    return 0;
}

static void push(struct opt_list *l, const char *text)
{
    MEM_GROW(l->v, l->n, l->cap);
    l->v[l->n++] = text;
}

/* FILE or FILE@server=NAME. */
static void add_input(struct job *job, const char *operand)
{
    static const char mark[] = "@server=";
    char *path = arena_copy(&job->texts, operand, strlen(operand)), *at = NULL;
    for (char *p = path; (p = strstr(p, mark)); p++)
        at = p;
    if (at)
        *at = '\0';
    push(&job->inputs, path);
    push(&job->servers, at ? at + sizeof mark - 1 : NULL);
}

static int list_inputs(struct job *job, int argc, char **argv, struct err *err)
{
    for (int i = 0; i < argc; i++)
        add_input(job, argv[i]);
    if (job->v.files_from) {
        int rc = read_text(&job->list_text, job->v.files_from, err);
        if (rc < 0)
            return rc;
        char *rest = job->list_text, *line;
        while ((line = strsep(&rest, "\n")))
            if (line[strspn(line, " \t\r")] != '\0') {
                line[strcspn(line, "\r")] = '\0';
                add_input(job, line);
            }
    }
    if (job->inputs.n == 0)
        return err_set(err, ERR_USAGE, "ingest: expected at least one input, found none");
    struct stat st;
    for (size_t i = 0; i < job->inputs.n; i++)
        if (stat(job->inputs.v[i], &st) == 0)
            job->bytes_all += (double)st.st_size;
    return 0;
}

static void add_live(struct job *job, int64_t from_ns, int64_t to_ns, const char *why)
{
    MEM_GROW(job->live, job->nlive, job->live_cap);
    job->live[job->nlive++] = (struct counts_live){from_ns, to_ns, mem_copy(why, strlen(why))};
}

static int read_instant(const struct job *job, struct span s, int64_t *ret_ns)
{
    bool zone;
    int kind;
    if (text_time(s, ret_ns, &zone) < 0 || (!zone && !job->zone))
        return ERR_MALFORMED;
    if (!zone) {
        int64_t local_s = floor_div(*ret_ns, NS_PER_S);
        *ret_ns += (tz_to_utc(job->zone, local_s, &kind) - local_s) * NS_PER_S;
    }
    return 0;
}

static int read_live_file(struct job *job, struct err *err)
{
    const char *path = job->v.live;
    char *text;
    int rc = read_text(&text, path, err);
    if (rc < 0)
        return rc;
    char *rest = text, *line;
    for (int n = 1; rc == 0 && (line = strsep(&rest, "\n")); n++) {
        line[strcspn(line, "\r")] = '\0';
        const char *comma = strchr(line, ',');
        int64_t from, to;
        if (!line[0] || line[0] == '#' || (n == 1 && strcmp(line, "from,to") == 0))
            continue;
        if (!comma || read_instant(job, span_make(line, (size_t)(comma - line)), &from) < 0 ||
            read_instant(job, span_of(comma + 1), &to) < 0)
            rc = err_set(err, ERR_USAGE,
                         "%s:%d: expected from,to as ISO-8601 times with a zone, found '%s'",
                         path, n, line);
        else if (from >= to)
            rc = err_set(err, ERR_USAGE, "%s:%d: expected from before to, found '%s'", path, n,
                         line);
        else
            add_live(job, from, to, "given");
    }
    free(text);
    if (rc == 0 && job->nlive == 0)
        rc = err_set(err, ERR_USAGE, "%s: expected lines from,to, found none", path);
    job->live_given = true;
    return rc;
}

/* --- sources ------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void add_origin(struct job *job, const char *path, bool is_case)
{
    MEM_GROW(job->origins, job->norigins, job->origins_cap);
    job->origins[job->norigins++] = (struct origin){path, is_case};
}

/* "  header 1, response 33" and so on. */
static void print_skips(FILE *out, const struct skips *s)
{
    const char *comma = "";
    for (int r = 0; r < SKIP_REASONS; r++)
        if (s->count[r]) {
            fprintf(out, "%s%s %" PRIu64, comma, skip_table[r].name, s->count[r]);
            comma = ", ";
        }
}

static void summarise(const struct job *job, const char *path, const struct counts_source *s)
{
    if (job->v.quiet)
        return;
    char first[TEXT_TIME_MAX], last[TEXT_TIME_MAX];
    uint64_t skips = skips_total(&s->skips);
    printf("%s: %s, %" PRIu64 " records = %" PRIu64 " look-ups", path, s->format, s->read,
           s->lookups);
    if (s->intervals)
        printf(" + %" PRIu64 " intervals", s->intervals);
    printf(" + %" PRIu64 " skips", skips);
    if (skips) {
        printf(" (");
        print_skips(stdout, &s->skips);
        printf(")");
    }
    if (s->lookups)
        printf(", %s to %s", text_iso(first, s->first_ns, 0), text_iso(last, s->last_ns, 0));
    printf("\n");
    fflush(stdout);
}

/* What a reader had to decide, for the user to know. */
static void warn_of_notes(const char *path, const struct notes *n, int from, int to)
{
    for (int k = from; k < to; k++)
        if (n->count[k])
            fprintf(stderr, "dnsclaim: warning: %s: %" PRIu64 " records: %s\n", path,
                    n->count[k], note_table[k].help);
}

/* Which responses of a source are transactions is known when all sources were read. */
static bool summarise_late(const struct job *job)
{
    return strcmp(job->v.count, tally_count_names[TALLY_TRANSACTIONS]) == 0;
}

/* A source whose end is missing, or the ends of its packets, is told, or fails. */
static int judge_cuts(const struct job *job, const char *path, const struct counts_source *s,
                      bool cut, struct err *err)
{
    uint64_t packets = s->skips.count[SKIP_PACKET_CUT];
    cut |= s->skips.count[SKIP_CUT] > 0;
    if (cut && job->v.strict)
        return err_set(err, ERR_MALFORMED,
                       "%s: expected a whole input (--strict), found that it ends inside a"
                       " record",
                       path);
    if (packets && job->v.strict)
        return err_set(err, ERR_MALFORMED,
                       "%s: expected whole questions (--strict), found %" PRIu64
                       " records cut short by the snapshot length",
                       path, packets);
    if (cut)
        fprintf(stderr,
                "dnsclaim: warning: %s: the input ends inside a record; what is whole was"
                " counted\n",
                path);
    if (packets)
        fprintf(stderr,
                "dnsclaim: warning: %s: %" PRIu64
                " records are cut short by the snapshot length and were not counted\n",
                path, packets);
    return 0;
}

/* May this source be counted, now that it was read? */
static int judge(const struct job *job, const char *path, const struct counts_source *s,
                 bool cut, struct err *err)
{
    uint64_t bad = skips_of(&s->skips, SKIP_MALFORMED);
    int rc = judge_cuts(job, path, s, cut, err);
    if (rc < 0)
        return rc;
    uint64_t good = s->lookups + s->intervals;
    if (100. * (double)bad > job->v.max_skips * (double)(good + bad))
        return err_set(
            err, ERR_MALFORMED,
            "%s: expected at most %g %% malformed records (--max-skips), found %.3g %%:"
            " %" PRIu64 " beside %" PRIu64 " look-ups",
            path, job->v.max_skips, 100. * (double)bad / (double)(good + bad), bad, good);
    return 0;
}

static int read_source(struct job *job, struct source *s, size_t index, struct err *err)
{
    const struct lookup *v;
    size_t n;
    int got;
    struct input *in = source_input(s);
    while ((got = source_next(s, &v, &n, err)) > 0) {
        int rc = tally_add(job->tally, index, v, n, source_skips(s), err);
        if (rc < 0)
            return err_context(err, "%s", input_path(in));
        progress_show(&job->progress, job->bytes_done + (double)input_stored(in),
                      job->bytes_all);
    }
    return got;
}

/* What a reader of the counts must know of a source stays with it, behind its format. */
static void describe(struct counts_source *info, const char *note)
{
    if (!note)
        return;
    char *format = mem_format("%s (%s)", info->format, note);
    free(info->format);
    info->format = format;
}

static int add_log(struct job *job, const char *path, const char *server, struct err *err)
{
    struct source *s = NULL;
    add_origin(job, path, false);
    int rc = source_open(&s, path, &job->source, err);
    size_t index =
        tally_source(job->tally, base_name(path), rc == 0 ? source_kind(s)->name : "failed");
    if (rc == 0 && server)
        rc = tally_serve(job->tally, index, server, err);
    if (rc == 0)
        rc = read_source(job, s, index, err);
    struct counts_source *info = tally_source_info(job->tally, index);
    if (rc == 0) {
        struct input *in = source_input(s);
        input_digest(in, info->sha256);
        info->bytes = input_stored(in);
        info->read = source_read(s);
        info->skips = *source_skips(s);
        info->notes = *source_notes(s);
        describe(info, source_note(s));
        job->bytes_done += (double)info->bytes;
        if (!summarise_late(job))
            summarise(job, path, info);
        warn_of_notes(path, &info->notes, 0, NOTES);
        rc = judge(job, path, info, input_cut(in), err);
    }
    if (rc < 0)
        tally_drop(job->tally);
    source_close(s);
    return rc;
}

static int add_case(struct job *job, const char *path, const char *server, struct err *err)
{
    struct counts *c;
    if (server)
        return err_set(err, ERR_USAGE, "%s@server=%s: expected a log, found a case", path,
                       server);
    int rc = casefile_read(&c, path, err);
    if (rc < 0) {
        add_origin(job, path, false);
        tally_source(job->tally, base_name(path), "failed");
        return rc;
    }
    rc = tally_add_counts(job->tally, c, err);
    if (rc < 0)
        err_context(err, "%s", path);
    for (size_t i = 0; rc == 0 && i < c->nsources; i++) {
        add_origin(job, path, true);
        if (!summarise_late(job))
            summarise(job, c->sources[i].name, &c->sources[i]);
    }
    for (size_t i = 0; rc == 0 && i < c->nlive; i++) {
        job->live_given |= strcmp(c->live[i].why, "given") == 0;
        add_live(job, c->live[i].from_ns, c->live[i].to_ns, c->live[i].why);
    }
    counts_free(c);
    return rc;
}

static int add_inputs(struct job *job, struct err *err)
{
    int rc = 0;
    size_t i;
    if (job->v.append)
        rc = add_case(job, job->v.out, NULL, err);
    job->source.captures = captures_new(job->inputs.v, job->inputs.n, job->v.format);
    progress_start(&job->progress, "reading", "bytes", job->v.quiet);
    while (rc == 0 && captures_next(job->source.captures, &i)) {
        const char *path = job->inputs.v[i];
        rc = casefile_probe(path) ? add_case(job, path, job->servers.v[i], err)
                                  : add_log(job, path, job->servers.v[i], err);
        if (rc < 0 && rc != ERR_USAGE && rc != ERR_LIMIT && rc != ERR_MISMATCH &&
            job->v.keep_going) {
            opts_fail(err);
            job->failed = true;
            rc = 0;
        }
    }
    progress_end(&job->progress);
    return rc;
}

/* --- do the sources fit together? ------------------------------------------------ */

static bool overlap(const struct counts_source *a, const struct counts_source *b)
{
    return a->first_ns <= b->last_ns && b->first_ns <= a->last_ns;
}

/* A log must not count twice. Two inputs of the same bytes are one log; and counts
 * of a case carry no message ids, so that tap duplicates between it and an input
 * of the same time could not be found. */
static int check_two(const struct job *job, size_t i, size_t k, struct err *err)
{
    const struct counts_source *a = tally_source_info(job->tally, i),
                               *b = tally_source_info(job->tally, k);
    const struct origin *from_a = &job->origins[i], *from_b = &job->origins[k];
    if (a->sha256[0] && strcmp(a->sha256, b->sha256) == 0)
        return err_set(err, ERR_MISMATCH,
                       "%s%s%s and %s%s%s: expected different logs, found the same log given"
                       " twice (sha256 %.16s...)",
                       from_a->path, from_a->is_case ? ": " : "",
                       from_a->is_case ? a->name : "", from_b->path,
                       from_b->is_case ? ": " : "", from_b->is_case ? b->name : "", a->sha256);
    if (job->v.dedup > 0 && from_a->path != from_b->path &&
        (from_a->is_case || from_b->is_case) && overlap(a, b))
        return err_set(err, ERR_MISMATCH,
                       "%s (%s) and %s (%s): expected times that do not overlap, because tap"
                       " duplicates cannot be told in a case; --dedup 0 counts every row",
                       from_a->path, a->name, from_b->path, b->name);
    return 0;
}

/* Equal rows of two logs without message ids: only the user knows what they are. */
static int check_twins(const struct job *job, struct err *err)
{
    size_t a, b;
    uint64_t n;
    if (!tally_twins(job->tally, &a, &b, &n))
        return 0;
    return err_set(err, ERR_MISMATCH,
                   "%s and %s: expected different rows, found %" PRIu64
                   " or more that are equal in both: say whether they are parts of one log, so"
                   " that a row counts once (--same-log), or logs of different servers, so that"
                   " all count (--different-servers)",
                   job->origins[a].path, job->origins[b].path, n);
}

static int check_sources(const struct job *job, struct err *err)
{
    uint64_t records = 0;
    for (size_t i = 0; i < job->norigins; i++) {
        const struct counts_source *s = tally_source_info(job->tally, i);
        records += s->lookups + s->intervals;
        for (size_t k = 0; k < i; k++) {
            int rc = check_two(job, k, i, err);
            if (rc < 0)
                return rc;
        }
    }
    if (records == 0)
        return err_set(err, ERR_DEGENERATE,
                       "ingest: expected at least one look-up, found none");
    return check_twins(job, err);
}

/* --- live time ------------------------------------------------------------------- */

static int by_from(const void *a, const void *b)
{
    const struct counts_live *x = a, *y = b;
    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* Sorted, overlapping spans made one; one that is partly inferred is inferred. */
static void set_live(struct job *job, struct counts *c)
{
    qsort(job->live, job->nlive, sizeof *job->live, by_from);
    size_t n = 1;
    for (size_t i = 1; i < job->nlive; i++) {
        struct counts_live *last = &job->live[n - 1], next = job->live[i];
        bool alike = strcmp(last->why, next.why) == 0;
        if (next.from_ns > last->to_ns || (next.from_ns == last->to_ns && !alike)) {
            job->live[n++] = next;
            continue;
        }
        last->to_ns = next.to_ns > last->to_ns ? next.to_ns : last->to_ns;
        bool keep = alike || strcmp(last->why, "inferred") == 0;
        free(keep ? next.why : last->why);
        last->why = keep ? last->why : next.why;
    }
    c->live = job->live;
    c->nlive = n;
    job->live = NULL;
    job->nlive = 0;
}

static uint64_t lookups_outside(const struct counts *c)
{
    uint64_t outside = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        struct series_iter it = series_begin(counts_series(&c->pairs[i]), c->pairs[i].first);
        while (series_next(&it)) {
            size_t k = 0; /* the tick counts as live if any of it is */
            while (k < c->nlive && c->live[k].to_ns <= it.tick * c->tick_ns)
                k++;
            if (k == c->nlive || c->live[k].from_ns >= (it.tick + 1) * c->tick_ns)
                outside += it.count;
        }
    }
    return outside;
}

/* Without a word from the user all of it is inferred; else logs that come without
 * a list, beside a case that has one, were live over their own span. */
static void make_live(struct job *job, struct counts *c)
{
    if (!job->live_given) {
        live_infer(c);
        return;
    }
    set_live(job, c);
    uint64_t outside = lookups_outside(c);
    if (outside)
        fprintf(stderr,
                "dnsclaim: warning: %" PRIu64 " look-ups lie outside the live time that was"
                " given\n",
                outside);
}

/* The spans of logs that no list of the user covers. */
static void add_spans(struct job *job)
{
    for (size_t i = 0; i < job->norigins; i++) {
        const struct counts_source *s = tally_source_info(job->tally, i);
        if (!job->origins[i].is_case && s->first_ns <= s->last_ns)
            add_live(job, s->first_ns, s->last_ns + job->v.tick, "inferred");
    }
}

/* --- the whole -------------------------------------------------------------------- */

static void print_total(const struct job *job, struct tally_total total)
{
    if (!job->v.quiet)
        printf("%" PRIu64 " look-ups and %" PRIu64 " tap duplicates of %" PRIu32
               " clients and %" PRIu32 " names in"
               " %zu series\n",
               total.lookups, total.duplicates, total.nclients, total.nnames, total.npairs);
    if (!job->v.quiet && total.nintervals)
        printf("%zu intervals of passive DNS, which are in no series\n", total.nintervals);
}

static struct tally_total total_of(const struct counts *c)
{
    struct tally_total sum = {.nclients = c->nclients,
                              .nnames = c->nnames,
                              .npairs = c->npairs,
                              .nintervals = c->nintervals};
    for (size_t i = 0; i < c->npairs; i++) {
        sum.lookups += c->pairs[i].total;
        sum.duplicates += c->pairs[i].duplicates;
    }
    return sum;
}

static int write_case(struct job *job, size_t threads, struct tally_total *ret, struct err *err)
{
    struct counts *c = tally_freeze(job->tally, threads);
    job->tally = NULL;
    for (size_t i = 0; summarise_late(job) && i < c->nsources; i++)
        summarise(job, c->sources[i].name, &c->sources[i]);
    for (size_t i = 0; job->v.same_log && i < c->nsources; i++)
        warn_of_notes(c->sources[i].name, &c->sources[i].notes, NOTE_TWIN, NOTE_TWIN + 1);
    make_live(job, c);
    int rc = job->v.dry_run ? 0 : casefile_write(job->v.out, c, err);
    *ret = total_of(c);
    counts_free(c);
    return rc;
}

/* Is there nothing to say that only whole counts know? */
static bool only_total(const struct job *job)
{
    bool only = job->v.dry_run && !job->live_given && !job->v.same_log && !summarise_late(job);
    for (size_t i = 0; only && i < job->norigins; i++)
        only = tally_source_info(job->tally, i)->intervals == 0; /* equal ones become one */
    return only;
}

static int work(struct job *job, int argc, char **argv, struct err *err)
{
    int rc = list_inputs(job, argc, argv, err);
    if (rc == 0)
        rc = set_up(job, err);
    if (rc == 0 && job->v.live)
        rc = read_live_file(job, err);
    if (rc == 0 && !job->v.dry_run)
        rc = casefile_may_write(job->v.out, err);
    if (rc == 0)
        rc = add_inputs(job, err);
    if (rc == 0)
        rc = check_sources(job, err);
    if (rc < 0)
        return rc;
    if (!job->v.live)
        add_spans(job);
    size_t threads = par_threads((size_t)job->v.threads);
    struct tally_total total;
    if (only_total(job))
        total = tally_total(job->tally, threads);
    else
        rc = write_case(job, threads, &total, err);
    if (rc == 0)
        print_total(job, total);
    return rc;
}

static void job_free(struct job *job)
{
    tally_free(job->tally);
    captures_free(job->source.captures);
    canon_labels_free(job->labels);
    pseudonym_free(job->pseudonyms);
    suffix_free(job->suffix);
    tz_free(job->zone);
    free(job->ports);
    free(job->inputs.v);
    free(job->servers.v);
    arena_free(&job->texts);
    free(job->v.ports.v);
    free(job->list_text);
    free(job->origins);
    for (size_t i = 0; i < job->nlive; i++)
        free(job->live[i].why);
    free(job->live);
}

static int run(int argc, char **argv)
{
    /* Keep freed memory: the tables of one step are the room of the next, and getting
     * fresh pages cleared by the kernel was a fifth of the work. */
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    struct job job = {0};
    int first = opts_read(&cmd_ingest, &job.v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    struct err err;
    int rc = work(&job, argc - first, argv + first, &err);
    progress_end(&job.progress);
    job_free(&job);
    if (rc < 0)
        return opts_fail(&err);
    return job.failed ? 1 : 0;
}

const struct command cmd_ingest = {
    "look-ups to counts",
    "ingest",
    "-o CASE INPUT...",
    "read look-ups of any known format and count them into a case file",
    "INPUT is a log or capture, compressed or not, told by its content; '-' is stdin; case\n"
    "files are added up. Every record read is a look-up or a skip with a reason.\n",
    options,
    run};
