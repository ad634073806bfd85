/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `powerdns`: log-dns-queries of the Authoritative Server, and what the
 * Recursor says of questions with quiet=no, structured or not:
 *     Remote CLIENT[<-SUBNET] wants 'NAME|TYPE', do = 0, ...
 *     msg="Question" ... ts="SECONDS" ... qname="NAME" qtype="TYPE" remote="CLIENT:PORT"
 *     1 [1/1] question for 'NAME|TYPE' from CLIENT:PORT
 * PowerDNS escapes blanks in names, so that a mark with a blank is no part of one. */
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/textlog.h"

/* ---- 'NAME|TYPE' --------------------------------------------------------------------- */

/* What stands before `end` in *rest, which is stepped over, and over `end`. */
static bool read_question(struct span *rest, const char *end, struct lookup *v)
{
    size_t n = textlog_find(*rest, 0, end);
    const char *bar = n != SIZE_MAX ? memrchr(rest->p, '|', n) : NULL;
    if (!bar)
        return false;
    v->name = span_make(rest->p, (size_t)(bar - rest->p));
    int type = canon_qtype(span_make(bar + 1, n - v->name.n - 1));
    n += strlen(end);
    *rest = span_make(rest->p + n, rest->n - n);
    if (type < 0)
        return false;
    v->qtype = (uint16_t)type;
    return true;
}

/* The Authoritative Server's, from behind "Remote " on. */
static enum skip_reason read_remote(struct span rest, struct lookup *v)
{
    static const char wants[] = " wants '";
    struct span client = textlog_word(&rest);
    if (!span_starts(rest, wants))
        return SKIP_OTHER;
    size_t n = textlog_find(client, 0, "<-"), at = strlen(wants);
    v->client = n != SIZE_MAX ? span_make(client.p, n) : client;
    rest = span_make(rest.p + at, rest.n - at);
    if (!canon_is_address(v->client))
        return SKIP_OTHER;
    return read_question(&rest, "', do = ", v) ? SKIP_REASONS : SKIP_BAD_FIELD;
}

/* The Recursor's, from behind "question for '" on. */
static enum skip_reason read_plain(struct span rest, struct lookup *v)
{
    if (!read_question(&rest, "' from ", v))
        return SKIP_BAD_FIELD;
    return textlog_client(textlog_word(&rest), ':', v) ? SKIP_REASONS : SKIP_BAD_FIELD;
}

/* ---- key="value" ---------------------------------------------------------------------- */

/* The value behind `key` (" qname=\""), as it is escaped; empty if there is none. */
static struct span value_of(struct span s, const char *key)
{
    size_t at = textlog_find(s, 0, key), n = 0;
    if (at == SIZE_MAX)
        return span_make(s.p, 0);
    at += strlen(key);
    while (at + n < s.n && s.p[at + n] != '"')
        n += s.p[at + n] == '\\' ? 2 : 1;
    return at + n < s.n ? span_make(s.p + at, n) : span_make(s.p, 0);
}

/* "ADDRESS:PORT", and behind it perhaps the proxy that said so. */
static bool read_source(struct span s, struct lookup *v)
{
    struct span source = value_of(s, " source=\""), remote = value_of(s, " remote=\"");
    struct span who = source.n ? source : remote;
    return textlog_client(textlog_word(&who), ':', v);
}

/* From "msg=" on. */
static enum skip_reason read_structured(struct span s, struct span *ret_prefix,
                                        struct lookup *v)
{
    struct span what = value_of(s, "msg=\"");
    bool answer = span_is(what, "Answer");
    if (!answer && !span_is(what, "Question") &&
        !span_is(what, "Question answered from packet cache") &&
        !span_is(what, "TCP question answered from packet cache"))
        return SKIP_OTHER;
    int type = canon_qtype(value_of(s, " qtype=\""));
    v->name = value_of(s, " qname=\"");
    v->name_form = TEXTLOG_QUOTED;
    if (type < 0 || v->name.n == 0 || !read_source(s, v))
        return SKIP_BAD_FIELD;
    v->qtype = (uint16_t)type;
    if (answer) {
        v->kind = LOOKUP_RESPONSE;
        v->rcode = canon_rcode(value_of(s, " rcode=\""));
    }
    if (text_epoch(value_of(s, " ts=\""), NS_PER_S, &v->t_ns) == 0)
        *ret_prefix = (struct span){0};
    return SKIP_REASONS;
}

/* ---- lines ---------------------------------------------------------------------------- */

static enum skip_reason parse(struct span line, struct span *ret_prefix, struct lookup *v)
{
    static const char *const marks[] = {"msg=\"", "Remote ", "question for '"};
    for (size_t i = 0; i < 3; i++) {
        size_t at = textlog_find(line, 0, marks[i]);
        if (at == SIZE_MAX || (at > 0 && line.p[at - 1] != ' '))
            continue;
        *ret_prefix = span_make(line.p, at);
        at += i ? strlen(marks[i]) : 0;
        struct span rest = span_make(line.p + at, line.n - at);
        return i == 0   ? read_structured(rest, ret_prefix, v)
               : i == 1 ? read_remote(rest, v)
                        : read_plain(rest, v);
    }
    if (textlog_find(line, 0, "question answered from packet cache tag=") != SIZE_MAX)
        return SKIP_NO_NAME;
    return textlog_find(line, 0, "answer to question '") != SIZE_MAX ? SKIP_RESPONSE
                                                                     : SKIP_OTHER;
}

static bool probe(struct span head)
{
    return textlog_find(head, 0, "PowerDNS Authoritative Server ") != SIZE_MAX ||
           textlog_find(head, 0, "PowerDNS Recursor ") != SIZE_MAX ||
           textlog_probe(head, parse, "pdns_server") ||
           textlog_probe(head, parse, "pdns_recursor");
}

static int powerdns_open(void **ret_state, struct input *in, const struct source_opts *opts,
                         struct err *err)
{
    return textlog_open(ret_state, in, opts, parse, err);
}

const struct source_format format_powerdns = {
    .name = "powerdns",
    .help = "PowerDNS: Authoritative Server with log-dns-queries, Recursor with quiet=no",
    .cite = "PowerDNS manuals, log-dns-queries and quiet",
    .probe = probe,
    .open = powerdns_open,
    .next = textlog_next,
    .close = textlog_close,
};
