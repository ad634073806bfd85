/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `dnsdist`: text of LogAction and LogResponseAction:
 *     [SECONDS.NANOSECONDS] Packet from CLIENT:PORT for NAME TYPE with id ID
 *     [SECONDS.NANOSECONDS] Answer to CLIENT:PORT for NAME TYPE (RCODE) with id ID
 * The nanoseconds are a number of their own, without leading zeros: .50414135 is
 * 0.050414135 s. The id is the number that its two bytes make on a little-endian
 * machine. Without its own time a line has that of syslog, if any. */
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/textlog.h"

static const char packet[] = "Packet from ", answer[] = "Answer to ";

/* "... [1795459194.50414135] ": 1 and v->t_ns; 0 if no brackets stand there; -1 if what
 * they hold is no time. */
static int read_time(struct span prefix, struct lookup *v)
{
    size_t n = prefix.n;
    int64_t seconds, ns;
    if (n < 3 || prefix.p[n - 2] != ']')
        return 0;
    const char *open = memrchr(prefix.p, '[', n);
    if (!open)
        return 0;
    struct span s = span_make(open + 1, (size_t)(prefix.p + n - 2 - open - 1));
    const char *dot = s.n ? memchr(s.p, '.', s.n) : NULL;
    if (!dot)
        return 0;
    size_t whole = (size_t)(dot - s.p);
    if (text_i64(span_make(s.p, whole), &seconds) < 0 || seconds < 0 ||
        text_i64(span_make(dot + 1, s.n - whole - 1), &ns) < 0 || ns < 0 || ns >= NS_PER_S ||
        __builtin_mul_overflow(seconds, NS_PER_S, &v->t_ns) ||
        __builtin_add_overflow(v->t_ns, ns, &v->t_ns))
        return -1;
    return 1;
}

/* RCODE, in the words of PowerDNS. */
static int rcode_of(struct span words)
{
    static const char *const names[] = {"No Error",        "Form Error",
                                        "Server Failure",  "Non-Existent domain",
                                        "Not Implemented", "Query Refused"};
    for (int i = 0; i < 6; i++)
        if (span_is(words, names[i]))
            return i;
    return LOOKUP_UNKNOWN;
}

/* "CLIENT:PORT for NAME TYPE [(RCODE) ]with id ID" */
static bool read_message(struct span rest, struct lookup *v)
{
    static const char with_id[] = "with id ";
    int64_t id;
    if (!textlog_client(textlog_word(&rest), ':', v) || !span_is(textlog_word(&rest), "for"))
        return false;
    v->name = textlog_word(&rest);
    int type = canon_qtype(textlog_word(&rest));
    size_t at = textlog_find(rest, 0, with_id);
    if (type < 0 || at == SIZE_MAX)
        return false;
    v->qtype = (uint16_t)type;
    if (at > 4 && rest.p[1] == '(' && rest.p[at - 2] == ')')
        v->rcode = rcode_of(span_make(rest.p + 2, at - 4));
    at += strlen(with_id);
    if (text_i64(span_make(rest.p + at, rest.n - at), &id) < 0 || id < 0 || id > UINT16_MAX)
        return false;
    v->id = (int32_t)((id & 0xff) << 8 | id >> 8);
    return true;
}

static enum skip_reason parse(struct span line, struct span *ret_prefix, struct lookup *v)
{
    const char *mark = packet;
    size_t at = textlog_find(line, 0, mark);
    if (at == SIZE_MAX)
        at = textlog_find(line, 0, mark = answer);
    if (at == SIZE_MAX || (at > 0 && line.p[at - 1] != ' '))
        return SKIP_OTHER;
    *ret_prefix = span_make(line.p, at);
    at += strlen(mark);
    if (!read_message(span_make(line.p + at, line.n - at), v))
        return SKIP_BAD_FIELD;
    v->kind = mark == answer ? LOOKUP_RESPONSE : LOOKUP_QUERY;
    int timed = read_time(*ret_prefix, v);
    if (timed > 0)
        *ret_prefix = (struct span){0};
    return timed < 0 ? SKIP_BAD_TIME : SKIP_REASONS;
}

static bool probe(struct span head)
{
    return textlog_probe(head, parse, "dnsdist");
}

static int dnsdist_open(void **ret_state, struct input *in, const struct source_opts *opts,
                        struct err *err)
{
    return textlog_open(ret_state, in, opts, parse, err);
}

const struct source_format format_dnsdist = {
    .name = "dnsdist",
    .help = "dnsdist: text of LogAction, with LogResponseAction or without",
    .cite = "dnsdist manual, LogAction",
    .probe = probe,
    .open = dnsdist_open,
    .next = textlog_next,
    .close = textlog_close,
};
