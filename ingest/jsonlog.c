/* SPDX-License-Identifier: GPL-3.0-or-later
 * Logs of JSON objects, one a line. A dialect is what its fields are called; all else
 * is alike. To add one: its names, a mark that tells it, and three lines at the end. */
#include <stdlib.h>

#include "base/mem.h"
#include "ingest/json.h"
#include "ingest/lines.h"
#include "ingest/zeek.h"

/* Fields beside those of a look-up. */
enum {
    FIELD_EVENT = COLUMN_KINDS, /* what the object is about */
    FIELD_STEP,                 /* query or answer */
    FIELD_KINDS
};

struct dialect {
    const char *mark;  /* text that the first 4 KiB of such a log hold */
    const char *event; /* the FIELD_EVENT that counts; NULL: all */
    const struct fields_name *names;
};

static const struct dialect zeek = {.mark = "\"id.orig_h\"", .names = zeek_names};

/* Suricata's EVE, DNS versions 1 to 3. */
static const struct fields_name suricata_names[] = {
    {"timestamp", COLUMN_TIME},
    {"src_ip", COLUMN_CLIENT},
    {"src_port", COLUMN_PORT},
    {"dest_ip", COLUMN_SERVER},
    {"dest_port", COLUMN_SERVER_PORT},
    {"dns.id", COLUMN_ID},
    {"dns.rrname", COLUMN_NAME},
    {"dns.rrtype", COLUMN_QTYPE},
    {"dns.queries[].rrname", COLUMN_NAME},
    {"dns.queries[].rrtype", COLUMN_QTYPE},
    {"dns.rcode", COLUMN_RCODE},
    {"dns.opcode", COLUMN_OPCODE},
    {"dns.ttl", COLUMN_TTL},
    {"dns.answers[].ttl", COLUMN_TTL},
    {"event_type", FIELD_EVENT},
    {"dns.type", FIELD_STEP},
    {NULL, 0},
};
static const struct dialect suricata = {
    .mark = "\"event_type\"", .event = "dns", .names = suricata_names};

/* Cloudflare's Logpush, Gateway DNS and DNS of a zone. */
static const struct fields_name cloudflare_names[] = {
    {"Datetime", COLUMN_TIME},
    {"Timestamp", COLUMN_TIME},
    {"SrcIP", COLUMN_CLIENT},
    {"SourceIP", COLUMN_CLIENT},
    {"SrcPort", COLUMN_PORT},
    {"DstIP", COLUMN_SERVER},
    {"QueryName", COLUMN_NAME},
    {"QueryType", COLUMN_QTYPE},
    {"RCode", COLUMN_RCODE},
    {"ResponseCode", COLUMN_RCODE},
    {NULL, 0},
};
static const struct dialect cloudflare = {.mark = "\"QueryName\"", .names = cloudflare_names};

/* AdGuard Home's querylog.json. */
static const struct fields_name adguard_names[] = {
    {"T", COLUMN_TIME}, {"IP", COLUMN_CLIENT}, {"QH", COLUMN_NAME}, {"QT", COLUMN_QTYPE},
    {NULL, 0},
};
static const struct dialect adguard = {.mark = "\"QH\":", .names = adguard_names};

/* One object, as far as it concerns us. */
struct jsonlog {
    const struct dialect *dialect;
    struct lines *lines;
    struct fields fields;
    struct span cell[FIELD_KINDS];
    struct span name[LINES_MADE], qtype[LINES_MADE]; /* of each question */
    size_t nnames, nqtypes;
};

static void jsonlog_close(void *state)
{
    struct jsonlog *j = state;
    lines_free(j->lines);
    free(j);
}

static int open_dialect(void **ret_state, struct input *in, const struct source_opts *opts,
                        const struct dialect *d, struct err *err)
{
    struct jsonlog *j = mem_zero(1, sizeof *j);
    int rc = fields_begin(&j->fields, opts, err);
    if (rc < 0) {
        free(j);
        return rc;
    }
    j->dialect = d;
    j->lines = lines_new(in);
    *ret_state = j;
    return 0;
}

/* ---- one object -------------------------------------------------------------------- */

static void take(void *context, struct span path, enum json_kind kind, struct span value)
{
    struct jsonlog *j = context;
    int k = kind == JSON_IS_STRING || kind == JSON_IS_NUMBER
                ? fields_find(j->dialect->names, path)
                : -1;
    if (k == COLUMN_TTL)
        fields_least(&j->cell[k], value);
    else if (k == COLUMN_NAME && j->nnames++ < LINES_MADE)
        j->name[j->nnames - 1] = value.n ? value : span_of("."); /* the root has no text */
    else if (k == COLUMN_QTYPE && j->nqtypes++ < LINES_MADE)
        j->qtype[j->nqtypes - 1] = value;
    else if (k >= 0)
        j->cell[k] = value;
}

/* The side that was asked stands first in an answer, except in an object that gives
 * the flow's sides; port 53 tells. */
static void turn(struct span cell[FIELD_KINDS])
{
    if (span_is(cell[COLUMN_SERVER_PORT], "53"))
        return;
    struct span ip = cell[COLUMN_CLIENT], port = cell[COLUMN_PORT];
    cell[COLUMN_CLIENT] = cell[COLUMN_SERVER];
    cell[COLUMN_PORT] = cell[COLUMN_SERVER_PORT];
    cell[COLUMN_SERVER] = ip;
    cell[COLUMN_SERVER_PORT] = port;
}

/* A look-up for each question. */
static enum skip_reason make(struct jsonlog *j, char *text, struct line_made *made)
{
    struct span step = j->cell[FIELD_STEP];
    bool answer = span_is(step, "answer") || span_is(step, "response");
    if (answer)
        turn(j->cell);
    if (j->nnames > LINES_MADE)
        return SKIP_BAD_FIELD;
    made->n = j->nnames ? j->nnames : 1;
    for (size_t i = 0; i < made->n; i++) {
        j->cell[COLUMN_NAME] = i < j->nnames ? j->name[i] : span_make("", 0);
        j->cell[COLUMN_QTYPE] = i < j->nqtypes ? j->qtype[i] : span_make("", 0);
        enum skip_reason why = fields_read(&j->fields, j->cell, &made->v[i]);
        made->bad = j->fields.bad;
        if (why != SKIP_REASONS)
            return why;
        if (!span_is(j->cell[COLUMN_NAME], "."))
            fields_unescape(text + (j->cell[COLUMN_NAME].p - text), j->cell[COLUMN_NAME].n);
        made->v[i].kind = answer ? LOOKUP_RESPONSE : LOOKUP_QUERY;
    }
    return SKIP_REASONS;
}

static int read_line(void *state, struct line *line, struct line_made *made, struct err *err)
{
    struct jsonlog *j = state;
    for (int k = 0; k < FIELD_KINDS; k++)
        j->cell[k] = span_make("", 0);
    j->nnames = j->nqtypes = 0;
    if (json_walk(line->p, line->n, take, j) < 0)
        return SKIP_BAD_FIELD;
    if (j->dialect->event && !span_is(j->cell[FIELD_EVENT], j->dialect->event))
        return SKIP_OTHER;
    int rc = fields_tell(&j->fields, j->cell[COLUMN_TIME], err);
    return rc < 0 ? rc : (int)make(j, line->p, made);
}

static int jsonlog_next(void *state, struct batch *b, struct err *err)
{
    struct jsonlog *j = state;
    int rc = lines_batch(j->lines, b, read_line, j, err);
    b->notes->count[NOTE_TWICE] = j->fields.stamp.twice;
    return rc;
}

/* ---- the rows of the format table --------------------------------------------------- */

#define JSON_FORMAT(id, text, what, where)                                                     \
    static bool probe_##id(struct span head)                                                   \
    {                                                                                          \
        return json_probe(head, (id).mark);                                                    \
    }                                                                                          \
    static int open_##id(void **ret, struct input *in, const struct source_opts *opts,         \
                         struct err *err)                                                      \
    {                                                                                          \
        return open_dialect(ret, in, opts, &(id), err);                                        \
    }                                                                                          \
    const struct source_format format_##id##_json = {.name = (text),                           \
                                                     .help = (what),                           \
                                                     .cite = (where),                          \
                                                     .probe = probe_##id,                      \
                                                     .open = open_##id,                        \
                                                     .next = jsonlog_next,                     \
                                                     .close = jsonlog_close}

JSON_FORMAT(zeek, "zeek-json", "Zeek dns.log as JSON, one object a line",
            "Zeek manual, dns.log");
JSON_FORMAT(suricata, "suricata-eve", "Suricata EVE JSON, events of type dns",
            "Suricata manual, Eve JSON Format");
JSON_FORMAT(cloudflare, "cloudflare", "Cloudflare Logpush JSON, Gateway DNS or DNS of a zone",
            "Cloudflare manual, Logpush datasets");
JSON_FORMAT(adguard, "adguard", "AdGuard Home querylog.json",
            "AdGuard Home, internal/querylog");
