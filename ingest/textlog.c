/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/textlog.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/lines.h"
#include "ingest/logclock.h"

struct textlog {
    struct lines *lines;
    textlog_parser *parse;
    struct logclock clock;
};

/* "named[12]: " or "named: ", at the beginning of a word. */
static bool is_written_by(struct span line, const char *program)
{
    size_t n = strlen(program), at = textlog_find(line, 0, program);
    if (at == SIZE_MAX || (at > 0 && line.p[at - 1] != ' ') || at + n >= line.n)
        return false;
    return line.p[at + n] == '[' || line.p[at + n] == ':';
}

bool textlog_probe(struct span head, textlog_parser *parse, const char *program)
{
    struct span line, prefix;
    struct lookup v;
    for (size_t at = 0; lines_of_text(head, &at, &line);) {
        enum skip_reason why = parse(line, &prefix, &v);
        if (why == SKIP_REASONS || skip_table[why].class == SKIP_NOT_COUNTED ||
            is_written_by(line, program))
            return true;
    }
    return false;
}

int textlog_open(void **ret_state, struct input *in, const struct source_opts *opts,
                 textlog_parser *parse, struct err *err)
{
    (void)err;
    struct textlog *t = mem_zero(1, sizeof *t);
    t->lines = lines_new(in);
    t->parse = parse;
    t->clock = (struct logclock){.zone = opts->zone, .year = opts->year};
    *ret_state = t;
    return 0;
}

void textlog_close(void *state)
{
    struct textlog *t = state;
    lines_free(t->lines);
    free(t);
}

/* In place: the name lies in the line, whose bytes may be written to. */
static void unquote(struct line *line, struct lookup *v)
{
    char *p = line->p + (v->name.p - line->p);
    size_t kept = 0;
    for (size_t i = 0; i < v->name.n; i++) {
        if (p[i] == '\\' && i + 1 < v->name.n)
            i++;
        p[kept++] = p[i];
    }
    v->name.n = kept;
    v->name_form = FORM_TEXT;
}

static int read_line(void *state, struct line *line, struct line_made *made, struct err *err)
{
    struct textlog *t = state;
    struct span prefix = {0};
    enum skip_reason why = t->parse(span_make(line->p, line->n), &prefix, made->v);
    if (why != SKIP_REASONS)
        return (int)why;
    if (made->v->name_form == TEXTLOG_QUOTED)
        unquote(line, made->v);
    if (!prefix.p) {
        t->clock.any = true;
        return SKIP_REASONS;
    }
    int got = logclock_read(&t->clock, prefix, &made->v->t_ns, err);
    if (got < 0)
        return got;
    if (got == 0 && !t->clock.any)
        return err_set(err, ERR_MALFORMED,
                       "expected a time before the look-up, found none: a log without times "
                       "cannot be counted");
    return got ? SKIP_REASONS : SKIP_BAD_TIME;
}

int textlog_next(void *state, struct batch *b, struct err *err)
{
    struct textlog *t = state;
    int rc = lines_batch(t->lines, b, read_line, t, err);
    b->notes->count[NOTE_TWICE] = t->clock.twice;
    return rc;
}

struct span textlog_word(struct span *rest)
{
    size_t at = 0, n;
    while (at < rest->n && rest->p[at] == ' ')
        at++;
    for (n = 0; at + n < rest->n && rest->p[at + n] != ' ';)
        n++;
    struct span word = span_make(rest->p + at, n);
    *rest = span_make(rest->p + at + n, rest->n - at - n);
    return word;
}

size_t textlog_find(struct span s, size_t at, const char *mark)
{
    const char *hit = at < s.n ? memmem(s.p + at, s.n - at, mark, strlen(mark)) : NULL;
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

bool textlog_client(struct span word, char mark, struct lookup *v)
{
    const char *at = word.n ? memrchr(word.p, mark, word.n) : NULL;
    if (!at)
        return false;
    size_t n = (size_t)(at - word.p);
    bool brackets = n > 2 && word.p[0] == '[' && word.p[n - 1] == ']';
    int64_t port;
    v->client = brackets ? span_make(word.p + 1, n - 2) : span_make(word.p, n);
    if (!canon_is_address(v->client) ||
        text_i64(span_make(at + 1, word.n - n - 1), &port) < 0 || port < 0 || port > UINT16_MAX)
        return false;
    v->port = (int32_t)port;
    return true;
}
