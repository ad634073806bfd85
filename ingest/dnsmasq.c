/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `dnsmasq`: log-queries of dnsmasq and of Pi-hole. One look-up makes several
 * lines, of which one counts:
 *     ... dnsmasq[PID]: [SERIAL CLIENT/PORT ]query[TYPE] NAME from CLIENT
 * The others say what became of it: forwarded, reply, cached, config, gravity. */
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/textlog.h"

/* What dnsmasq itself says, behind its name. */
static bool find_message(struct span line, struct span *ret_prefix, struct span *ret)
{
    size_t at = textlog_find(line, 0, "dnsmasq");
    if (at == SIZE_MAX)
        return false;
    *ret_prefix = span_make(line.p, at);
    struct span rest = span_make(line.p + at + 7, line.n - at - 7);
    size_t colon = textlog_find(rest, 0, ": ");
    if (colon == SIZE_MAX || (colon > 0 && rest.p[0] != '['))
        return false; /* dnsmasq-dhcp, for one */
    *ret = span_make(rest.p + colon + 2, rest.n - colon - 2);
    return true;
}

/* "12 192.0.2.1/53421 " of log-queries=extra. */
static void skip_extra(struct span *rest, struct lookup *v)
{
    struct span ahead = *rest, serial = textlog_word(&ahead), who = textlog_word(&ahead);
    int64_t number;
    if (text_i64(serial, &number) == 0 && textlog_client(who, '/', v))
        *rest = ahead;
}

/* Where `mark` stands last: a name may hold it too. */
static size_t last_of(struct span s, const char *mark)
{
    size_t last = SIZE_MAX;
    for (size_t at = 0; (at = textlog_find(s, at, mark)) != SIZE_MAX; at++)
        last = at;
    return last;
}

/* Behind "query[": "AAAA] name from 192.0.2.1". */
static enum skip_reason read_query(struct span rest, struct lookup *v)
{
    size_t end = textlog_find(rest, 0, "] "), from = last_of(rest, " from ");
    if (end == SIZE_MAX || from == SIZE_MAX || from < end + 2)
        return SKIP_BAD_FIELD;
    struct span type = span_make(rest.p, end);
    if (span_starts(type, "type="))
        type = span_make(type.p + 5, type.n - 5);
    int number = canon_qtype(type);
    if (number < 0)
        return SKIP_BAD_FIELD;
    v->qtype = (uint16_t)number;
    v->name = span_make(rest.p + end + 2, from - end - 2);
    v->name_form = FORM_PLAIN;
    if (span_is(v->name,
                "<name unprintable>")) /* all that it says of bytes and dots in labels */
        return SKIP_NO_NAME;
    v->client = span_make(rest.p + from + 6, rest.n - from - 6);
    return SKIP_REASONS;
}

static enum skip_reason parse(struct span line, struct span *ret_prefix, struct lookup *v)
{
    static const char query[] = "query[", owned[] = "auth["; /* of a zone of its own */
    struct span rest;
    if (!find_message(line, ret_prefix, &rest))
        return SKIP_OTHER;
    skip_extra(&rest, v);
    struct span all = rest, verb = textlog_word(&rest);
    if (span_starts(verb, query))
        return read_query(span_make(verb.p + 6, all.n - (size_t)(verb.p + 6 - all.p)), v);
    if (span_starts(verb, owned))
        return read_query(span_make(verb.p + 5, all.n - (size_t)(verb.p + 5 - all.p)), v);
    if (span_is(verb, "forwarded") || span_starts(verb, "dnssec-query["))
        return SKIP_FORWARDED;
    return textlog_find(all, 0, " is ") != SIZE_MAX ? SKIP_RESPONSE : SKIP_OTHER;
}

static bool probe(struct span head)
{
    return textlog_probe(head, parse, "dnsmasq");
}

static int dnsmasq_open(void **ret_state, struct input *in, const struct source_opts *opts,
                        struct err *err)
{
    return textlog_open(ret_state, in, opts, parse, err);
}

const struct source_format format_dnsmasq = {
    .name = "dnsmasq",
    .help = "log-queries of dnsmasq and Pi-hole",
    .cite = "dnsmasq(8), --log-queries",
    .probe = probe,
    .open = dnsmasq_open,
    .next = textlog_next,
    .close = textlog_close,
};
