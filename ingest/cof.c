/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `cof`: Passive DNS, Common Output Format, an object a line. A record says
 * that an answer was given `count` times between two times; who asked is not in it. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/fields.h"
#include "ingest/json.h"
#include "ingest/lines.h"

/* A time in its three spellings: seconds, which some servers write as ISO-8601;
 * milliseconds; RFC 3339. */
enum { TIME_S, TIME_MS, TIME_ISO, TIME_FORMS };

enum {
    FIELD_NAME,
    FIELD_TYPE,
    FIELD_COUNT,
    FIELD_ZONE, /* the times are those of zone files */
    FIELD_FIRST,
    FIELD_LAST = FIELD_FIRST + TIME_FORMS,
    FIELDS = FIELD_LAST + TIME_FORMS
};

static const struct fields_name names[] = {
    {"rrname", FIELD_NAME},
    {"rrtype", FIELD_TYPE},
    {"count", FIELD_COUNT},
    {"zone_time_first", FIELD_ZONE},
    {"zone_time_last", FIELD_ZONE},
    {"time_first", FIELD_FIRST + TIME_S},
    {"time_first_ms", FIELD_FIRST + TIME_MS},
    {"time_first_rfc3339", FIELD_FIRST + TIME_ISO},
    {"time_last", FIELD_LAST + TIME_S},
    {"time_last_ms", FIELD_LAST + TIME_MS},
    {"time_last_rfc3339", FIELD_LAST + TIME_ISO},
    {NULL, 0},
};

struct cof {
    struct lines *lines;
    struct span cell[FIELDS];
    bool named; /* the object has a name, be it the empty one */
};

static bool probe(struct span head)
{
    return json_probe(head, "\"rrname\"") &&
           (json_probe(head, "\"time_first") || json_probe(head, "\"zone_time_first"));
}

static int cof_open(void **ret_state, struct input *in, const struct source_opts *opts,
                    struct err *err)
{
    (void)opts;
    (void)err;
    struct cof *c = mem_zero(1, sizeof *c);
    c->lines = lines_new(in);
    *ret_state = c;
    return 0;
}

static void cof_close(void *state)
{
    struct cof *c = state;
    lines_free(c->lines);
    free(c);
}

/* ---- one record ---------------------------------------------------------------------- */

/* Numbers may be strings. DNSDB's stream of objects has the record under "obj". */
static void take(void *context, struct span path, enum json_kind kind, struct span value)
{
    struct cof *c = context;
    if (path.n > 4 && memcmp(path.p, "obj.", 4) == 0)
        path = span_make(path.p + 4, path.n - 4);
    int k = kind == JSON_IS_STRING || kind == JSON_IS_NUMBER ? fields_find(names, path) : -1;
    if (k >= 0)
        c->cell[k] = value;
    c->named |= k == FIELD_NAME;
}

/* The finest spelling that is there. */
static int read_time(const struct span cell[TIME_FORMS], int64_t *ret_ns)
{
    bool zone;
    if (cell[TIME_MS].n)
        return text_epoch(cell[TIME_MS], NS_PER_S / 1000, ret_ns);
    struct span s = cell[TIME_S].n ? cell[TIME_S] : cell[TIME_ISO];
    if (cell[TIME_S].n && text_epoch(s, NS_PER_S, ret_ns) == 0)
        return 0;
    int rc = text_time(s, ret_ns, &zone);
    return rc == 0 && !zone ? ERR_MALFORMED : rc;
}

static bool is_timed(const struct cof *c)
{
    for (int k = FIELD_FIRST; k < FIELDS; k++)
        if (c->cell[k].n)
            return true;
    return false;
}

static enum skip_reason make(const struct cof *c, struct lookup *v)
{
    const struct span *cell = c->cell;
    int64_t count = 0;
    int type = cell[FIELD_TYPE].n ? canon_qtype(cell[FIELD_TYPE]) : 0;
    if (read_time(cell + FIELD_FIRST, &v->t_ns) < 0 ||
        read_time(cell + FIELD_LAST, &v->until_ns) < 0 || v->t_ns > v->until_ns)
        return SKIP_BAD_TIME;
    if (type < 0 || (cell[FIELD_COUNT].n && text_i64(cell[FIELD_COUNT], &count) < 0) ||
        count < 0)
        return SKIP_BAD_FIELD;
    if (cell[FIELD_COUNT].n && count == 0)
        return SKIP_ZERO;
    v->kind = LOOKUP_INTERVAL;
    v->client = span_make("", 0);
    v->name = cell[FIELD_NAME].n ? cell[FIELD_NAME] : span_of("."); /* as in Zeek's JSON */
    v->qtype = (uint16_t)type;
    v->weight = (uint64_t)count;
    return SKIP_REASONS;
}

static int read_line(void *state, struct line *line, struct line_made *made, struct err *err)
{
    struct cof *c = state;
    (void)err;
    for (int k = 0; k < FIELDS; k++)
        c->cell[k] = span_make("", 0);
    c->named = false;
    if (json_walk(line->p, line->n, take, c) < 0)
        return SKIP_BAD_FIELD;
    if (!is_timed(c) && c->cell[FIELD_ZONE].n)
        return SKIP_ZONE;
    if (!c->named)
        return is_timed(c) ? SKIP_NO_NAME : SKIP_OTHER;
    return (int)make(c, made->v);
}

static int cof_next(void *state, struct batch *b, struct err *err)
{
    struct cof *c = state;
    return lines_batch(c->lines, b, read_line, c, err);
}

const struct source_format format_cof = {
    .name = "cof",
    .help = "passive DNS as JSON, Common Output Format: intervals",
    .cite = "draft-dulaunoy-dnsop-passive-dns-cof",
    .probe = probe,
    .open = cof_open,
    .next = cof_next,
    .close = cof_close,
};
