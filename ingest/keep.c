/* SPDX-License-Identifier: GPL-3.0-or-later
 * Selectors are first written in one spelling, in order and each once; what matches is read
 * from that. So the rule that a case keeps is what was done. */
#include "ingest/keep.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/pattern.h"

static const char *const sides[KEEP_SIDES] = {"client=", "name="};
static const char between[] = " | ";

struct pattern {
    enum keep_side side;
    uint64_t selector; /* its bit */
    char *text;
    bool is_block;
    struct canon_block block;
};

struct keep {
    struct pattern *v;
    size_t n, cap;
    uint64_t any[KEEP_SIDES]; /* selectors without a part of that side */
    char *rule;
};

/* Texts that are being sorted and joined. */
struct texts {
    char **v;
    size_t n, cap;
};

static void add(struct texts *t, char *text)
{
    MEM_GROW(t->v, t->n, t->cap);
    t->v[t->n++] = text;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, each once, with `mark` between; malloced. Frees the texts. */
static char *join(struct texts *t, const char *mark)
{
    char *out = mem_copy("", 0);
    if (t->n)
        qsort(t->v, t->n, sizeof *t->v, by_text);
    for (size_t i = 0; i < t->n; i++) {
        if (i > 0 && strcmp(t->v[i], t->v[i - 1]) == 0)
            continue;
        char *longer = mem_format("%s%s%s", out, i ? mark : "", t->v[i]);
        free(out);
        out = longer;
    }
    for (size_t i = 0; i < t->n; i++)
        free(t->v[i]);
    free(t->v);
    *t = (struct texts){0};
    return out;
}

/* --- one spelling --------------------------------------------------------------------- */

/* Which side `s` begins with; KEEP_SIDES if none. */
static enum keep_side side_of(struct span s)
{
    int side = KEEP_CLIENT;
    while (side < KEEP_SIDES &&
           (s.n < strlen(sides[side]) || memcmp(s.p, sides[side], strlen(sides[side])) != 0))
        side++;
    return (enum keep_side)side;
}

/* The part that s begins with: it ends before a comma that another part follows. */
static struct span first_part(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ',' && side_of(span_make(s.p + i + 1, s.n - i - 1)) != KEEP_SIDES)
            return span_make(s.p, i);
    return s;
}

/* Addresses and prefixes in one spelling; any other text stands as it is. */
static char *spell_client(struct span s)
{
    char out[CANON_CLIENT_MAX];
    size_t n;
    struct canon_block block;
    if (canon_is_address(s) && canon_client(s, FORM_TEXT, out, &n) == 0)
        return mem_copy(out, n);
    if (canon_block(s, &block) == 0) {
        canon_block_text(&block, out, &n);
        return mem_copy(out, n);
    }
    return mem_copy(s.p, s.n);
}

/* As counted: letters in lower case, no dot at the end. */
static char *spell_name(struct span s)
{
    if (s.n > 1 && s.p[s.n - 1] == '.' && s.p[s.n - 2] != '\\')
        s.n--;
    char *out = mem_copy(s.p, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (out[i] >= 'A' && out[i] <= 'Z')
            out[i] = (char)(out[i] - 'A' + 'a');
    return out;
}

static int spell_selector(struct texts *t, struct span whole, struct err *err)
{
    struct texts parts = {0};
    struct span rest = whole;
    int rc = 0;
    while (rc == 0) {
        struct span part = first_part(rest);
        enum keep_side side = side_of(part);
        size_t key = side == KEEP_SIDES ? part.n : strlen(sides[side]);
        struct span pattern = span_make(part.p + key, part.n - key);
        if (pattern.n == 0) {
            rc = err_set(err, ERR_USAGE,
                         "--keep: expected client=PATTERN or name=PATTERN, or several with "
                         "commas between, found '%.*s'",
                         (int)whole.n, whole.p);
            break;
        }
        char *text = side == KEEP_CLIENT ? spell_client(pattern) : spell_name(pattern);
        add(&parts, mem_format("%s%s", sides[side], text));
        free(text);
        if (part.n == rest.n)
            break;
        rest = span_make(rest.p + part.n + 1, rest.n - part.n - 1);
    }
    char *selector = join(&parts, ",");
    if (rc == 0)
        add(t, selector);
    else
        free(selector);
    return rc;
}

/* Selectors with " | " between. */
static int spell_all(struct texts *t, const char *text, struct err *err)
{
    for (const char *end; (end = strstr(text, between)); text = end + strlen(between))
        if (spell_selector(t, span_make(text, (size_t)(end - text)), err) < 0)
            return ERR_USAGE;
    return spell_selector(t, span_of(text), err);
}

/* --- what matches ------------------------------------------------------------------------ */

static void take_selector(struct keep *k, struct span rest, uint64_t bit)
{
    uint64_t of[KEEP_SIDES] = {0};
    for (;;) {
        struct span part = first_part(rest);
        struct pattern p = {.side = side_of(part), .selector = bit};
        if (p.side == KEEP_SIDES)
            return; /* cannot be: it was spelled so */
        struct span text =
            span_make(part.p + strlen(sides[p.side]), part.n - strlen(sides[p.side]));
        p.text = mem_copy(text.p, text.n);
        p.is_block = p.side == KEEP_CLIENT && memchr(text.p, '/', text.n) &&
                     canon_block(text, &p.block) == 0;
        of[p.side] = bit;
        MEM_GROW(k->v, k->n, k->cap);
        k->v[k->n++] = p;
        if (part.n == rest.n)
            break;
        rest = span_make(rest.p + part.n + 1, rest.n - part.n - 1);
    }
    for (int side = 0; side < KEEP_SIDES; side++)
        k->any[side] |= bit & ~of[side];
}

static int take_rule(struct keep *k, struct err *err)
{
    const char *text = k->rule;
    for (int i = 0; text; i++) {
        const char *end = strstr(text, between);
        if (i == KEEP_SELECTORS)
            return err_set(err, ERR_USAGE,
                           "--keep: expected at most %d selectors, found more: one may have "
                           "any number of parts, client=A,client=B,name=N",
                           KEEP_SELECTORS);
        take_selector(k, end ? span_make(text, (size_t)(end - text)) : span_of(text),
                      UINT64_C(1) << i);
        text = end ? end + strlen(between) : NULL;
    }
    return 0;
}

int keep_read(struct keep **ret, const char *const *texts, size_t n, struct err *err)
{
    struct texts selectors = {0};
    struct keep *k = mem_zero(1, sizeof *k);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = spell_all(&selectors, texts[i], err);
    k->rule = join(&selectors, between);
    if (rc == 0)
        rc = take_rule(k, err);
    if (rc == 0)
        *ret = k;
    else
        keep_free(k);
    return rc;
}

void keep_free(struct keep *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->n; i++)
        free(k->v[i].text);
    free(k->v);
    free(k->rule);
    free(k);
}

const char *keep_rule(const struct keep *k)
{
    return k->rule;
}

uint64_t keep_match(const struct keep *k, enum keep_side side, struct span text)
{
    uint64_t bits = k->any[side];
    for (size_t i = 0; text.p && i < k->n; i++) {
        const struct pattern *p = &k->v[i];
        if (p->side == side && !(bits & p->selector) &&
            (pattern_match(p->text, text) || (p->is_block && canon_in_block(&p->block, text))))
            bits |= p->selector;
    }
    return bits;
}
