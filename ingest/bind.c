/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `bind`: the query log of named, whose line has changed with nearly every
 * release. What stayed:
 *     ... client [@0x...] ADDRESS#PORT [(NAME)]: [view V: ]query: NAME CLASS TYPE FLAGS
 * [(SERVER)] Before it stand times, and category and severity, as the configuration wants. */
#include "ingest/canon.h"
#include "ingest/textlog.h"

/* "NAME CLASS TYPE FLAGS (SERVER)" */
static enum skip_reason read_question(struct span rest, struct lookup *v)
{
    v->name = textlog_word(&rest);
    textlog_word(&rest);
    int type = canon_qtype(textlog_word(&rest));
    if (type < 0)
        return SKIP_BAD_FIELD;
    v->qtype = (uint16_t)type;
    while (rest.n) {
        struct span word = textlog_word(&rest);
        if (word.n > 2 && word.p[0] == '(' && word.p[word.n - 1] == ')')
            v->server = span_make(word.p + 1, word.n - 2);
        if (span_is(word, "->") || span_is(word, "response:")) {
            v->kind = LOOKUP_RESPONSE;
            v->rcode = canon_rcode(textlog_word(&rest));
        }
    }
    return SKIP_REASONS;
}

static enum skip_reason parse(struct span line, struct span *ret_prefix, struct lookup *v)
{
    size_t at = textlog_find(line, 0, "client ");
    if (at == SIZE_MAX || (at > 0 && line.p[at - 1] != ' '))
        return SKIP_OTHER;
    *ret_prefix = span_make(line.p, at);
    struct span rest = span_make(line.p + at + 7, line.n - at - 7);
    struct span word = textlog_word(&rest);
    if (word.n && word.p[0] == '@')
        word = textlog_word(&rest);
    if (word.n && word.p[word.n - 1] == ':')
        word.n--;
    if (!textlog_client(word, '#', v))
        return SKIP_OTHER;
    size_t query = textlog_find(rest, 0, " query: ");
    size_t answer = textlog_find(rest, 0, " answer: ");
    if (query != SIZE_MAX)
        return read_question(span_make(rest.p + query + 8, rest.n - query - 8), v);
    if (answer != SIZE_MAX)
        return read_question(span_make(rest.p + answer + 9, rest.n - answer - 9), v);
    return textlog_find(rest, 0, "' denied") != SIZE_MAX ? SKIP_DENIED : SKIP_OTHER;
}

static bool probe(struct span head)
{
    return textlog_probe(head, parse, "named");
}

static int bind_open(void **ret_state, struct input *in, const struct source_opts *opts,
                     struct err *err)
{
    return textlog_open(ret_state, in, opts, parse, err);
}

const struct source_format format_bind = {
    .name = "bind",
    .help = "query log of BIND, also behind a syslog prefix",
    .cite = "BIND 9 ARM, the queries category",
    .probe = probe,
    .open = bind_open,
    .next = textlog_next,
    .close = textlog_close,
};
