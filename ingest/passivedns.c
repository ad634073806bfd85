/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `passivedns`: lines
 *     TIME||CLIENT||SERVER||CLASS||NAME||TYPE||ANSWER||TTL[||COUNT]
 * of the program of that name. It prints an answer when it sees it first and then once in
 * a while: COUNT answers since the line before, to whomever; TIME and CLIENT are of the
 * last of them. So a count of 1 is that one, and of more only the end is known. */

#include "base/mem.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/lines.h"

enum {
    PART_TIME,
    PART_CLIENT,
    PART_SERVER,
    PART_CLASS,
    PART_NAME,
    PART_TYPE,
    PARTS, /* behind these: an answer, which may hold anything */
    TAIL = 2
};

/* Take the part behind the last bar off *rest; false if there is no bar. */
static bool split_last(struct span *rest, struct span *ret_part)
{
    for (size_t i = rest->n; i >= 2; i--)
        if (rest->p[i - 1] == '|' && rest->p[i - 2] == '|') {
            *ret_part = span_make(rest->p + i, rest->n - i);
            *rest = span_make(rest->p, i - 2);
            return true;
        }
    return false;
}

/* The parts from the left; what is behind them in *ret_rest. */
static bool split(struct span line, struct span part[PARTS], struct span *ret_rest)
{
    for (int k = 0; k < PARTS; k++) {
        const char *bar = line.n ? memmem(line.p, line.n, "||", 2) : NULL;
        if (!bar)
            return false;
        size_t n = (size_t)(bar - line.p);
        part[k] = span_make(line.p, n);
        line = span_make(bar + 2, line.n - n - 2);
    }
    *ret_rest = line;
    return true;
}

/* Syslog's words may stand before the time. */
static struct span last_word(struct span s)
{
    const char *blank = s.n ? memrchr(s.p, ' ', s.n) : NULL;
    size_t at = blank ? (size_t)(blank - s.p) + 1 : 0;
    return span_make(s.p + at, s.n - at);
}

/* From the right: TTL and count, or the TTL of a version that does not count. */
static int read_tail(struct span rest, int64_t *ret_count)
{
    int64_t number[TAIL];
    int n = 0;
    for (struct span part; n < TAIL && split_last(&rest, &part); n++)
        if (text_i64(part, &number[n]) < 0)
            break;
    *ret_count = n == TAIL ? number[0] : 1;
    return n == 0 ? ERR_MALFORMED : 0;
}

static enum skip_reason parse(struct span line, struct lookup *v)
{
    struct span part[PARTS], rest;
    int64_t count;
    if (line.n && line.p[0] == '#')
        return SKIP_HEADER;
    if (!split(line, part, &rest))
        return SKIP_OTHER;
    if (text_epoch(last_word(part[PART_TIME]), NS_PER_S, &v->until_ns) < 0)
        return SKIP_BAD_TIME;
    int type = canon_qtype(part[PART_TYPE]);
    if (type < 0 || read_tail(rest, &count) < 0 || count < 0)
        return SKIP_BAD_FIELD;
    if (!canon_is_address(part[PART_CLIENT]))
        return SKIP_BAD_CLIENT;
    if (count == 0)
        return SKIP_ZERO;
    v->kind = LOOKUP_INTERVAL;
    v->t_ns = count == 1 ? v->until_ns : LOOKUP_EVER;
    v->client = count == 1 ? part[PART_CLIENT] : span_make("", 0);
    v->name = part[PART_NAME];
    v->qtype = (uint16_t)type;
    v->weight = (uint64_t)count;
    return SKIP_REASONS;
}

/* ---- the row of the format table ------------------------------------------------------ */

static bool probe(struct span head)
{
    struct span line;
    struct lookup v;
    for (size_t at = 0; lines_of_text(head, &at, &line);)
        if (parse(line, &v) == SKIP_REASONS)
            return true;
    return false;
}

static int passivedns_open(void **ret_state, struct input *in, const struct source_opts *opts,
                           struct err *err)
{
    (void)opts;
    (void)err;
    *ret_state = lines_new(in);
    return 0;
}

static void passivedns_close(void *state)
{
    lines_free(state);
}

static int read_line(void *state, struct line *line, struct line_made *made, struct err *err)
{
    (void)state;
    (void)err;
    return (int)parse(span_make(line->p, line->n), made->v);
}

static int passivedns_next(void *state, struct batch *b, struct err *err)
{
    return lines_batch(state, b, read_line, NULL, err);
}

const struct source_format format_passivedns = {
    .name = "passivedns",
    .help = "log of passivedns: intervals",
    .cite = "passivedns README, output format",
    .probe = probe,
    .open = passivedns_open,
    .next = passivedns_next,
    .close = passivedns_close,
};
