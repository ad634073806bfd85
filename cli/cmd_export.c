/* SPDX-License-Identifier: GPL-3.0-or-later
 * export: counts as text, for other programs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/commands.h"
#include "ingest/canon.h"
#include "ingest/casefile.h"
#include "report/output.h"

struct values {
    const char *format, *bucket, *by, *out;
    bool zeros, duplicates, coverage, intervals;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"o", OPT_TEXT, "FILE", "-", AT(out), "where to write; - is stdout"},
    {"format", OPT_TEXT, "NAME", "csv", AT(format), "csv, tsv or jsonl"},
    {"bucket", OPT_TEXT, "D", "tick", AT(bucket),
     "width of a bucket, a multiple of the tick; tick; or all: one row a pair"},
    {"by", OPT_TEXT, "qtype", NULL, AT(by),
     "a row for each record type, else types are summed"},
    {"zeros", OPT_FLAG, NULL, NULL, AT(zeros), "also buckets of live time without a look-up"},
    {"duplicates", OPT_FLAG, NULL, NULL, AT(duplicates), "count tap duplicates as well"},
    {"coverage", OPT_FLAG, NULL, NULL, AT(coverage),
     "a column covered: the share of the bucket that is live time"},
    {"intervals", OPT_FLAG, NULL, NULL, AT(intervals),
     "the intervals of passive DNS instead of counts: client,name,qtype,from,to,count"},
    OPT_END};

/* One (client, name) or, by type, one (client, name, type) in one bucket. */
struct cell {
    int64_t bucket;
    uint64_t count;
};

enum { FIELDS_MAX = 6, NUMBER_MAX = 24 };
struct row {
    struct field {
        const char *name;
        struct span value; /* p NULL: unknown */
        bool number;       /* JSON has it without quotes */
    } v[FIELDS_MAX];
    size_t n;
};

struct format {
    const char *name;
    void (*head)(FILE *out, const struct row *r);
    void (*row)(FILE *out, const struct row *r);
};

struct job {
    struct values v;
    const struct format *format;
    struct output out;
    const struct counts *c;
    int64_t bucket_ns; /* 0: one row a pair */
    int decimals;      /* of a start */
    int64_t *live;     /* buckets that are live, for --zeros */
    size_t nlive, live_cap;
    struct cell *cells;
    size_t ncells, cells_cap;
};

/* --- formats ------------------------------------------------------------------- */

static void csv_field(FILE *out, struct span s)
{
    bool quote = false;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = strchr(",\"\r\n", s.p[i]) != NULL;
    if (!quote) {
        fwrite(s.p, 1, s.n, out);
        return;
    }
    putc('"', out);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            putc('"', out);
        putc(s.p[i], out);
    }
    putc('"', out);
}

static void head(FILE *out, const struct row *r, char delimiter)
{
    for (size_t i = 0; i < r->n; i++)
        fprintf(out, "%s%c", r->v[i].name, i + 1 < r->n ? delimiter : '\n');
}

static void csv_head(FILE *out, const struct row *r)
{
    head(out, r, ',');
}

static void csv_row(FILE *out, const struct row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->v[i].value.p)
            csv_field(out, r->v[i].value);
        putc(i + 1 < r->n ? ',' : '\n', out);
    }
}

static void tsv_head(FILE *out, const struct row *r)
{
    head(out, r, '\t');
}

/* Canonical text holds no control bytes, so a tab cannot stand in a field. */
static void tsv_row(FILE *out, const struct row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->v[i].value.p)
            fwrite(r->v[i].value.p, 1, r->v[i].value.n, out);
        putc(i + 1 < r->n ? '\t' : '\n', out);
    }
}

/* JSON is UTF-8: a byte that is not comes as the text \DDD, as in names. */
static void json_string(FILE *out, struct span s)
{
    putc('"', out);
    for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
        unsigned char c = (unsigned char)s.p[i];
        n = text_utf8(s, i);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (n == 0 || c < 0x20)
            fprintf(out, "\\\\%03d", c);
        else
            fwrite(s.p + i, 1, n, out);
    }
    putc('"', out);
}

static void jsonl_head(FILE *out, const struct row *r)
{
    (void)out;
    (void)r;
}

static void jsonl_row(FILE *out, const struct row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->v[i];
        fprintf(out, "%s\"%s\":", i ? "," : "{", f->name);
        if (!f->value.p)
            fputs("null", out);
        else if (f->number)
            fwrite(f->value.p, 1, f->value.n, out);
        else
            json_string(out, f->value);
    }
    fputs("}\n", out);
}

static const struct format formats[] = {
    {"csv", csv_head, csv_row}, {"tsv", tsv_head, tsv_row}, {"jsonl", jsonl_head, jsonl_row}};
enum { FORMATS = sizeof formats / sizeof *formats };

/* --- buckets ------------------------------------------------------------------- */

static int by_bucket(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    return (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

static void add_cell(struct job *job, int64_t bucket, uint64_t count)
{
    struct cell *last = job->ncells ? &job->cells[job->ncells - 1] : NULL;
    if (last && last->bucket == bucket) {
        last->count += count;
        return;
    }
    MEM_GROW(job->cells, job->ncells, job->cells_cap);
    job->cells[job->ncells++] = (struct cell){bucket, count};
}

static void add_series(struct job *job, struct span bytes, int64_t first)
{
    struct series_iter it = series_begin(bytes, first);
    while (series_next(&it))
        add_cell(job, job->bucket_ns ? floor_div(it.tick * job->c->tick_ns, job->bucket_ns) : 0,
                 it.count);
}

/* Sorted cells, equal buckets summed. */
static void merge_cells(struct job *job)
{
    if (job->ncells < 2)
        return;
    qsort(job->cells, job->ncells, sizeof *job->cells, by_bucket);
    size_t n = 0;
    for (size_t i = 0; i < job->ncells; i++) {
        if (n && job->cells[n - 1].bucket == job->cells[i].bucket)
            job->cells[n - 1].count += job->cells[i].count;
        else
            job->cells[n++] = job->cells[i];
    }
    job->ncells = n;
}

/* No data is not zero: only buckets in which the sensor listened can be empty. */
static void list_live(struct job *job)
{
    for (size_t i = 0; i < job->c->nlive; i++) {
        int64_t to = floor_div(job->c->live[i].to_ns - 1, job->bucket_ns);
        for (int64_t b = floor_div(job->c->live[i].from_ns, job->bucket_ns); b <= to; b++) {
            if (job->nlive && job->live[job->nlive - 1] == b)
                continue;
            MEM_GROW(job->live, job->nlive, job->live_cap);
            job->live[job->nlive++] = b;
        }
    }
}

/* --- rows ---------------------------------------------------------------------- */

static void add_field(struct row *r, const char *name, struct span value)
{
    r->v[r->n++] = (struct field){.name = name, .value = value};
}

static void add_number(struct row *r, const char *name, const char *digits)
{
    r->v[r->n++] = (struct field){.name = name, .value = span_of(digits), .number = true};
}

/* `r` ends before its start. */
static void write_cells(struct job *job, struct row *r, int64_t first_ns)
{
    char start[TEXT_TIME_MAX], count[NUMBER_MAX], covered[NUMBER_MAX];
    const size_t n = r->n;
    merge_cells(job);
    for (size_t i = 0; i < job->ncells && !output_failed(&job->out); i++, r->n = n) {
        int64_t t_ns = job->bucket_ns ? job->cells[i].bucket * job->bucket_ns : first_ns;
        add_field(r, "start", span_of(text_iso(start, t_ns, job->decimals)));
        snprintf(count, sizeof count, "%" PRIu64, job->cells[i].count);
        add_number(r, "count", count);
        if (job->v.coverage) {
            int64_t live_ns = counts_live_within(job->c, t_ns, t_ns + job->bucket_ns);
            snprintf(covered, sizeof covered, "%.6g", (double)live_ns / (double)job->bucket_ns);
            add_number(r, "covered", covered);
        }
        job->format->row(job->out.f, r);
    }
    job->ncells = 0;
}

/* The pairs [from, to) as one set of rows: one client and name, one or all types. */
static void write_group(struct job *job, size_t from, size_t to, const char *qtype)
{
    const struct counts_pair *pairs = job->c->pairs;
    struct row r = {0};
    add_field(&r, "client", job->c->clients[pairs[from].client]);
    add_field(&r, "name", job->c->names[pairs[from].name]);
    if (qtype)
        add_field(&r, "qtype", span_of(qtype));
    int64_t first = pairs[from].first;
    for (size_t i = 0; i < job->nlive; i++)
        add_cell(job, job->live[i], 0);
    for (size_t i = from; i < to; i++) {
        first = pairs[i].first < first ? pairs[i].first : first;
        add_series(job, counts_series(&pairs[i]), pairs[i].first);
        if (job->v.duplicates)
            add_series(job, counts_copies(&pairs[i]), pairs[i].first);
    }
    write_cells(job, &r, first * job->c->tick_ns);
}

struct typed {
    size_t pair;
    char name[16];
};

static int by_type_text(const void *a, const void *b)
{
    return strcmp(((const struct typed *)a)->name, ((const struct typed *)b)->name);
}

/* Types in order of their text, as other columns are. */
static void write_types(struct job *job, size_t from, size_t to)
{
    struct typed *types = mem_alloc((to - from) * sizeof *types);
    for (size_t i = from; i < to; i++) {
        types[i - from].pair = i;
        char name[16];
        snprintf(types[i - from].name, sizeof types->name, "%s",
                 canon_qtype_name(job->c->pairs[i].qtype, name));
    }
    qsort(types, to - from, sizeof *types, by_type_text);
    for (size_t i = 0; i < to - from; i++)
        write_group(job, types[i].pair, types[i].pair + 1, types[i].name);
    free(types);
}

static void write_all(struct job *job)
{
    const struct counts_pair *pairs = job->c->pairs;
    struct row names = {.v = {{.name = "client"}, {.name = "name"}}, .n = 2};
    if (job->v.by)
        add_field(&names, "qtype", span_of(""));
    add_field(&names, "start", span_of(""));
    add_number(&names, "count", "");
    if (job->v.coverage)
        add_number(&names, "covered", "");
    job->format->head(job->out.f, &names);
    for (size_t from = 0, to; from < job->c->npairs && !output_failed(&job->out); from = to) {
        for (to = from + 1; to < job->c->npairs && pairs[to].client == pairs[from].client &&
                            pairs[to].name == pairs[from].name;)
            to++;
        if (job->v.by)
            write_types(job, from, to);
        else
            write_group(job, from, to, NULL);
    }
}

/* Seconds, or nanoseconds where they are not whole. */
static struct span interval_time(char out[TEXT_TIME_MAX], int64_t t_ns)
{
    if (t_ns == COUNTS_EVER)
        return span_make(NULL, 0);
    return span_of(text_iso(out, t_ns, t_ns % NS_PER_S ? 9 : 0));
}

static void write_intervals(struct job *job)
{
    static const struct row names = {.v = {{.name = "client"},
                                           {.name = "name"},
                                           {.name = "qtype"},
                                           {.name = "from"},
                                           {.name = "to"},
                                           {.name = "count"}},
                                     .n = 6};
    job->format->head(job->out.f, &names);
    for (size_t i = 0; i < job->c->nintervals; i++) {
        const struct counts_interval *v = &job->c->intervals[i];
        char type[16], from[TEXT_TIME_MAX], to[TEXT_TIME_MAX], count[NUMBER_MAX];
        struct row r = {0};
        add_field(&r, "client", v->client);
        add_field(&r, "name", v->name);
        add_field(&r, "qtype", span_of(canon_qtype_name(v->qtype, type)));
        add_field(&r, "from", interval_time(from, v->from_ns));
        add_field(&r, "to", interval_time(to, v->to_ns));
        snprintf(count, sizeof count, "%" PRIu64, v->count);
        add_number(&r, "count", count);
        if (!v->count)
            r.v[r.n - 1].value = span_make(NULL, 0);
        job->format->row(job->out.f, &r);
    }
}

/* --- the whole ------------------------------------------------------------------ */

static int read_bucket(struct job *job, struct err *err)
{
    const char *text = job->v.bucket;
    int64_t tick_ns = job->c->tick_ns, decimals_of = tick_ns;
    char tick[TEXT_TIME_MAX];
    if (strcmp(text, "tick") == 0)
        job->bucket_ns = tick_ns;
    else if (strcmp(text, "all") != 0 &&
             (text_duration(span_of(text), &job->bucket_ns) < 0 || job->bucket_ns <= 0))
        return err_set(err, ERR_USAGE,
                       "--bucket: expected a duration such as 1h, tick or all, found '%s'",
                       text);
    if (job->bucket_ns % tick_ns != 0)
        return err_set(err, ERR_USAGE,
                       "--bucket: expected a multiple of the case's tick %s,"
                       " found '%s'",
                       text_of_duration(tick, tick_ns), text);
    if ((job->v.zeros || job->v.coverage) && !job->bucket_ns)
        return err_set(err, ERR_USAGE, "%s: expected a bucket width, found --bucket all",
                       job->v.zeros ? "--zeros" : "--coverage");
    if (job->bucket_ns)
        decimals_of = job->bucket_ns;
    for (int64_t unit = NS_PER_S; decimals_of % unit != 0; unit /= 10)
        job->decimals++;
    return 0;
}

static int choose(struct job *job, struct err *err)
{
    if (job->v.by && strcmp(job->v.by, "qtype") != 0)
        return err_set(err, ERR_USAGE, "--by: expected qtype, found '%s'", job->v.by);
    if (job->v.intervals && (job->v.by || job->v.zeros || job->v.duplicates ||
                             job->v.coverage || strcmp(job->v.bucket, "tick") != 0))
        return err_set(err, ERR_USAGE,
                       "--intervals: expected no --bucket, --by, --zeros, --coverage or "
                       "--duplicates, which"
                       " are about counts, found one");
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, job->v.format) == 0)
            job->format = &formats[i];
    if (!job->format)
        return err_set(err, ERR_USAGE, "--format: expected csv, tsv or jsonl, found '%s'",
                       job->v.format);
    return 0;
}

static int write_out(struct job *job, struct err *err)
{
    if (output_open(&job->out, job->v.out, err) < 0)
        return ERR_IO;
    if (job->v.intervals)
        write_intervals(job);
    else
        write_all(job);
    return output_close(&job->out, err);
}

static int work(struct job *job, const char *path, struct err *err)
{
    struct counts *c;
    int rc = choose(job, err);
    if (rc < 0 || (rc = casefile_read(&c, path, err)) < 0)
        return rc;
    job->c = c;
    rc = read_bucket(job, err);
    if (rc == 0 && job->v.zeros)
        list_live(job);
    if (rc == 0)
        rc = write_out(job, err);
    free(job->live);
    free(job->cells);
    counts_free(c);
    return rc;
}

static int run(int argc, char **argv)
{
    struct job job = {0};
    int first = opts_read(&cmd_export, &job.v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1)
        return opts_exit(opts_usage(&cmd_export, "expected one case, found %d", argc - first));
    struct err err;
    int rc = work(&job, argv[first], &err);
    return rc < 0 ? opts_fail(&err) : 0;
}

const struct command cmd_export = {
    "look-ups to counts",
    "export",
    "CASE",
    "write the counts of a case as CSV, TSV or JSON lines",
    "Rows are client,name[,qtype],start,count[,covered], sorted by bytes; start is ISO-8601 "
    "UTC.\n"
    "What a COF or passivedns record says is an interval and in none of them: --intervals.\n",
    options,
    run};
