/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `cof`: passive DNS in the Common Output Format, one object a line. A record
 * says how often an answer was seen between two times, not when: it becomes an interval,
 * never a look-up. Numbers may be strings; rrdata and rdata do not matter here. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/json.h"
#include "ingest/lines.h"
#include "ingest/stamp.h"

enum { FIRST, LAST, COUNT, NAME, TYPE, ZONE_FIRST, ZONE_LAST, FIELDS };

static const char *const names[FIELDS] = {"time_first",    "time_last", "count",
                                          "rrname",        "rrtype",    "zone_time_first",
                                          "zone_time_last"};

struct cof {
    struct lines *lines;
    const struct tz *zone;
    struct span field[FIELDS]; /* of one record */
};

static bool probe(struct span head)
{
    static const char first[] = "time_first\"", name[] = "\"rrname\"";
    return head.n && head.p[0] == '{' && memmem(head.p, head.n, first, sizeof first - 1) &&
           memmem(head.p, head.n, name, sizeof name - 1);
}

static void cof_close(void *state)
{
    struct cof *c = state;
    lines_free(c->lines);
    free(c);
}

static int cof_open(void **ret_state, struct input *in, const struct source_opts *opts,
                    struct err *err)
{
    (void)err;
    struct cof *c = mem_zero(1, sizeof *c);
    c->lines = lines_new(in);
    c->zone = opts->zone;
    *ret_state = c;
    return 0;
}

static void take(void *context, struct span path, enum json_kind kind, struct span value)
{
    struct cof *c = context;
    for (int k = 0; k < FIELDS; k++)
        if ((kind == JSON_IS_STRING || kind == JSON_IS_NUMBER) && span_is(path, names[k]))
            c->field[k] = value;
}

/* Seconds since 1970, or a finer unit by its size, or RFC 3339. */
static int read_time(const struct cof *c, struct span s, int64_t *ret_ns)
{
    bool zone;
    int form = stamp_tell(s, &zone);
    struct stamp stamp = {.form = (enum stamp_form)(form < 0 ? 0 : form), .zone = c->zone};
    return form < 0 ? ERR_MALFORMED : stamp_read(&stamp, s, ret_ns);
}

static int read_line(void *state, struct line *line, struct line_made *made, struct err *err)
{
    (void)err;
    struct cof *c = state;
    struct lookup *v = made->v;
    int64_t count;
    for (int k = 0; k < FIELDS; k++)
        c->field[k] = span_make("", 0);
    if (json_walk(line->p, line->n, take, c) < 0)
        return SKIP_BAD_FIELD;
    if (c->field[NAME].n == 0)
        return SKIP_NO_NAME;
    if (c->field[ZONE_FIRST].n && c->field[FIRST].n == 0)
        return SKIP_OTHER; /* of a zone file: nobody asked */
    if (read_time(c, c->field[FIRST], &v->t_ns) < 0 ||
        read_time(c, c->field[LAST], &v->until_ns) < 0 || v->until_ns < v->t_ns)
        return SKIP_BAD_TIME;
    int type = canon_qtype(c->field[TYPE]);
    if (type < 0 || text_i64(c->field[COUNT], &count) < 0 || count < 1 || count > UINT32_MAX)
        return SKIP_BAD_FIELD;
    v->kind = LOOKUP_INTERVAL;
    v->name = c->field[NAME];
    v->qtype = (uint16_t)type;
    v->weight = (uint32_t)count;
    return SKIP_REASONS;
}

static int cof_next(void *state, struct batch *b, struct err *err)
{
    struct cof *c = state;
    return lines_batch(c->lines, b, read_line, c, err);
}

const struct source_format format_cof = {
    .name = "cof",
    .help = "passive DNS, Common Output Format: intervals beside the look-ups, no look-ups",
    .cite = "draft-dulaunoy-dnsop-passive-dns-cof",
    .probe = probe,
    .open = cof_open,
    .next = cof_next,
    .close = cof_close,
};
