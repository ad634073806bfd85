/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `unbound`: lines of log-queries, and of log-replies, which name the same
 * look-up again:
 *     ... [PID:THREAD] info: CLIENT NAME TYPE CLASS [RCODE SECONDS CACHED SIZE]
 * log-tag-queryreply writes query: and reply: for info:. */
#include "ingest/canon.h"
#include "ingest/textlog.h"

/* The message, behind one of the marks. */
static bool find_message(struct span line, struct span *ret_prefix, struct span *ret)
{
    static const char *const marks[] = {"] info: ", "] query: ", "] reply: "};
    for (size_t i = 0; i < 3; i++) {
        size_t at = textlog_find(line, 0, marks[i]);
        if (at == SIZE_MAX)
            continue;
        *ret_prefix = span_make(line.p, at);
        at += strlen(marks[i]);
        *ret = span_make(line.p + at, line.n - at);
        return true;
    }
    return false;
}

static enum skip_reason parse(struct span line, struct span *ret_prefix, struct lookup *v)
{
    struct span rest;
    if (!find_message(line, ret_prefix, &rest))
        return SKIP_OTHER;
    v->client = textlog_word(&rest);
    v->name = textlog_word(&rest);
    struct span type = textlog_word(&rest), class = textlog_word(&rest);
    if (class.n == 0 || !canon_is_address(v->client))
        return SKIP_OTHER;
    int number = canon_qtype(type);
    if (number < 0)
        return SKIP_BAD_FIELD;
    v->qtype = (uint16_t)number;
    struct span rcode = textlog_word(&rest);
    if (rcode.n) {
        v->kind = LOOKUP_RESPONSE;
        v->rcode = canon_rcode(rcode);
    }
    return SKIP_REASONS;
}

static bool probe(struct span head)
{
    return textlog_probe(head, parse, "unbound");
}

static int unbound_open(void **ret_state, struct input *in, const struct source_opts *opts,
                        struct err *err)
{
    return textlog_open(ret_state, in, opts, parse, err);
}

const struct source_format format_unbound = {
    .name = "unbound",
    .help = "Unbound with log-queries, with log-replies or without",
    .cite = "unbound.conf(5), log-queries",
    .probe = probe,
    .open = unbound_open,
    .next = textlog_next,
    .close = textlog_close,
};
