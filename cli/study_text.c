/* SPDX-License-Identifier: GPL-3.0-or-later
 * The text of the study. What a kind asks and does not say comes from the claim table, its
 * keys from the key table: a new kind is written without a line here. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/study.h"
#include "ingest/pattern.h"
#include "models/study_claim.h"

enum { COLUMNS = 96 };

#define MARK STUDY_PLACEHOLDER

/* What stands at a key until the claim's author says better. */
static const struct {
    const char *key, *value;
    bool marked; /* else it follows from the pair that was asked for */
} placeholders[] = {
    {"client", "client", false},
    {"name", "name", false},
    {"compare", "comparable", false},
    {"controls", "controls", false},
    {"a", "[client, name]", false},
    {"hours", "{timezone: UTC, from: \"09:00\", to: \"17:00\"}", true},
    {"coverage", "unknown", true},
};
enum { PLACEHOLDERS = sizeof placeholders / sizeof *placeholders };

static int placeholder(const char *key)
{
    for (int i = 0; i < PLACEHOLDERS; i++)
        if (strcmp(placeholders[i].key, key) == 0)
            return i;
    return -1;
}

/* Half the way to the limit, or a factor of two. */
static double placeholder_effect(const struct claim_kind *k)
{
    if (k->most_effect > 0)
        return (k->no_effect + k->most_effect) / 2;
    return k->no_effect == 0 ? 1 : k->sign > 0 ? 2 * k->no_effect : k->no_effect / 2;
}

char *draft_unknown(const struct claim_kind *kind)
{
    char *text = NULL;
    size_t size = 0, n = 0;
    FILE *f = open_memstream(&text, &size);
    for (const struct claim_key *k = claim_keys; k->key; k++)
        if (k->read && claim_key_has(k->needed, kind) && placeholder(k->key) < 0)
            fprintf(f, "%s%s (%s)", n++ ? ", " : "it needs what no case knows, ", k->key,
                    k->help);
    fclose(f);
    if (n)
        return text;
    free(text);
    return NULL;
}

/* --- lines ------------------------------------------------------------------------------ */

/* A comment, folded at blanks. */
static void say(FILE *f, const char *indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(FILE *f, const char *indent, const char *format, ...)
{
    char *text = NULL;
    size_t size = 0, column = 0, n;
    FILE *whole = open_memstream(&text, &size);
    va_list args;
    va_start(args, format);
    vfprintf(whole, format, args);
    va_end(args);
    fclose(whole);
    for (const char *word = text; *word; word += n + (word[n] == ' ')) {
        n = strcspn(word, " ");
        if (column && column + 1 + n > COLUMNS) {
            putc('\n', f);
            column = 0;
        }
        fprintf(f, "%s%.*s", column ? " " : indent, (int)n, word);
        column += (column ? 1 : strlen(indent)) + n;
    }
    putc('\n', f);
    free(text);
}

/* In double quotation marks: YAML, and of any text one line. */
static void put_quoted(FILE *f, struct span s)
{
    putc('"', f);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            fprintf(f, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(f, "\\x%02x", c);
        else
            putc(c, f);
    }
    putc('"', f);
}

/* A pattern that matches this text and as little else as can be written; malloced. */
static char *pattern_of(struct span text)
{
    char *pattern = mem_copy(text.p, text.n);
    for (char *p = pattern; *p; p++)
        if (*p == '*')
            *p = '?';
    return pattern;
}

static void put_pattern(FILE *f, struct span text)
{
    char *pattern = pattern_of(text);
    put_quoted(f, span_of(pattern));
    free(pattern);
}

/* --- head ------------------------------------------------------------------------------- */

static void write_counts(FILE *f, const struct draft *d)
{
    const struct counts *c = d->c;
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    fprintf(f, "#   case      %s, content sha256 %s\n", d->case_name, c->sha256);
    fprintf(f,
            "#             %" PRIu32 " clients, %" PRIu32
            " names, %zu pairs (record types apart)\n",
            c->nclients, c->nnames, c->npairs);
    fprintf(f, "#   span      %s to %s, %.6g h of listening time, %s\n",
            text_iso(from, d->w.from_ns, 0), text_iso(to, d->w.to_ns, 0), d->w.live_s / 3600,
            d->w.inferred ? "inferred from the look-ups" : "given");
    fprintf(f, "#   client    ");
    put_quoted(f, c->clients[d->client]);
    fprintf(f, "\n#   name      ");
    put_quoted(f, c->names[d->name]);
    fprintf(f,
            "\n#   counts    %" PRIu64 " look-ups, %" PRIu64
            " tap duplicates, %zu sessions (%d s), on %" PRIu32 " of %zu days heard\n",
            d->s.lookups, d->s.duplicates, d->s.n, DRAFT_SESSION_S, d->days, d->days_heard);
}

static void write_head(FILE *f, const struct draft *d)
{
    fprintf(f, "# Written by dnsclaim study %s. This is a template, not a finding.\n#\n",
            DNSCLAIM_VERSION);
    write_counts(f, d);
    fprintf(f, "#\n");
    say(f, "# ",
        "A claim must be written down before its author has looked at the data. What is "
        "claimed, how "
        "large the effect is, and how many looks were taken before this pair was picked, are "
        "the "
        "author's to say: at each line marked " MARK
        " stands a placeholder. Of the pair's look-ups "
        "only totals were used, and whether each test could be made; nothing here was chosen "
        "to fit.");
    fprintf(f, "#\n# When every marked line is filled in and its mark deleted:\n#   dnsclaim "
               "test --dry-run CASE THIS\n"
               "#   dnsclaim power CASE THIS\n#   dnsclaim test CASE THIS -o DIR\n\n");
    fprintf(f, "study: \"template, no claim of anybody's yet\"  # " MARK ": a title\n");
    fprintf(f, "# simulated: where the look-ups come from, if nobody recorded them\n\n");
}

static void write_plan(FILE *f, const struct draft *d)
{
    fprintf(f, "plan:\n");
    if (d->ttl_s > 0)
        fprintf(f, "  ttl: log  # the largest of the log's answers about the name: %g s\n",
                d->ttl_s);
    else
        fprintf(f, "  ttl: unknown  # " MARK ": how long a resolver keeps the answer, as\n"
                   "                # {value: 1h, source: where that stands}\n");
    fprintf(f, "  alpha: 0.01\n\n");
    say(f, "# ",
        "A pair that was found by looking through the case is one of all that could have been "
        "found. "
        "If it was named before anybody saw the log: {looks: 1, source: who named it, and "
        "where}. If "
        "hours, lags or dates were tried as well, the product.");
    fprintf(f,
            "searched:  # " MARK
            "\n  pairs: %zu\n  source: all pairs of the case, record types apart\n\n",
            d->c->npairs);
}

/* How many other texts its pattern matches. */
static void write_others(FILE *f, const struct span *texts, uint32_t n, struct span own)
{
    size_t others = 0;
    char *pattern = pattern_of(own);
    for (uint32_t i = 0; i < n; i++)
        others += pattern_match(pattern, texts[i]) && !span_equal(texts[i], own);
    if (others)
        fprintf(f, "  # this pattern matches %zu other texts of the case as well\n", others);
    free(pattern);
}

static void write_pair(FILE *f, const struct draft *d)
{
    const struct counts *c = d->c;
    fprintf(f, "  client: {clients: [");
    put_pattern(f, c->clients[d->client]);
    fprintf(f, "]}\n");
    write_others(f, c->clients, c->nclients, c->clients[d->client]);
    fprintf(f, "  name: {names: [");
    put_pattern(f, c->names[d->name]);
    fprintf(f, "]}\n");
    write_others(f, c->names, c->nnames, c->names[d->name]);
}

static void write_names(FILE *f, const struct draft *d, const char *id,
                        const struct draft_group *g, const char *rule)
{
    if (!g->n)
        return;
    say(f, "  # ", "%s: %zu%s. " MARK ": those that are like it.", rule, g->of,
        g->n < g->of ? ", of which the nearest" : "");
    fprintf(f, "  %s:\n", id);
    if (g->own) {
        fprintf(f, "    clients: [");
        put_pattern(f, d->c->clients[d->client]);
        fprintf(f, "]\n");
    }
    fprintf(f, "    names:\n");
    for (size_t i = 0; i < g->n; i++) {
        fprintf(f, "      - ");
        put_pattern(f, d->c->names[g->names[i]]);
        putc('\n', f);
    }
}

static const char *comparable_rule(const struct draft_group *g)
{
    if (!g->like)
        return g->own ? "No five names that all others asked for on half to twice as many days "
                        "as for this one: the client's nearest, which may be unlike it"
                      : "No five names that all others asked for on half to twice as many days "
                        "as for this one: the nearest, which may be unlike it";
    return g->own ? "Names of the client's that all others asked for on half to twice as many "
                    "days as for this one"
                  : "Names that all others asked for on half to twice as many days as for this "
                    "one; the client asked for few of them";
}

static void write_groups(FILE *f, const struct draft *d)
{
    fprintf(f, "groups:\n");
    write_pair(f, d);
    write_names(
        f, d, "controls", &d->controls,
        "Names that the client asked for on half to twice as many days as for this one, "
        "and that what is claimed would not touch");
    write_names(f, d, "comparable", &d->comparable, comparable_rule(&d->comparable));
    putc('\n', f);
}

/* --- claims ----------------------------------------------------------------------------- */

static void write_account(FILE *f, const struct claim_kind *k, const struct draft_kind *of)
{
    say(f, "  # ", "%s%s%s: %s.", k->id, k->feature ? ", " : "", k->feature ? k->feature : "",
        k->help);
    if (of->barred)
        say(f, "  #   ", "Not written, because %s.", of->barred);
    say(f, "  #   ", "Effect: %s; %g means none.", k->effect_label, k->no_effect);
    fprintf(f, "  #   Must outdo:");
    for (const struct battery_row *b = k->battery; b->null; b++)
        if (b->role == ROLE_REQUIRED)
            fprintf(f, "%s %s", b == k->battery ? "" : ",", b->null);
    fprintf(f, " (dnsclaim list nulls).\n");
    say(f, "  #   ", "A yes does not say %s.", k->means_not);
    say(f, "  #   ", "A no, where '%s' stands, does not say %s.", k->opposite, k->opposite_not);
    if (of->open && !of->barred)
        say(f, "  #   ", "As it is written, not yet testable: %s.", of->open);
}

static bool has_group(const struct draft *d, const char *key)
{
    return strcmp(key, "compare") == 0    ? d->comparable.n > 0
           : strcmp(key, "controls") == 0 ? d->controls.n > 0
                                          : true;
}

static void write_key(FILE *f, const struct draft *d, const struct claim_kind *kind,
                      const struct claim_key *k, const char *indent)
{
    int at = placeholder(k->key);
    bool needed = claim_key_has(k->needed, kind), marked = at < 0 || placeholders[at].marked;
    const char *value = at < 0 ? "" : placeholders[at].value;
    if (!k->read || !(needed || (claim_key_has(k->allowed, kind) && at >= 0)) ||
        !has_group(d, k->key))
        return;
    size_t width = strlen(indent) + strlen(k->key) + strlen(value) + strlen(k->help) + 16;
    if (marked && width > COLUMNS) {
        char *above = mem_format("%s# ", indent);
        say(f, above, MARK ": %s", k->help);
        free(above);
        marked = false;
    }
    fprintf(f, "%s%s:%s%s", indent, k->key, *value ? " " : "", value);
    fprintf(f, marked ? "  # " MARK ": %s\n" : "\n", k->help);
}

static void write_claim(FILE *f, const struct draft *d, const struct claim_kind *k,
                        const struct draft_kind *of)
{
    const char *indent = of->barred ? "  #     " : "    ";
    write_account(f, k, of);
    fprintf(f, "  %s- id: %s%s%s\n%skind: %s\n", of->barred ? "#   " : "", k->id,
            k->feature ? "-" : "", k->feature ? k->feature : "", indent, k->id);
    if (k->feature)
        fprintf(f, "%sfeature: %s\n", indent, k->feature);
    fprintf(f, "%sdirection: %s  # or %s\n", indent, k->direction, k->opposite);
    fprintf(f, "%seffect: %g  # " MARK ": the smallest effect worth claiming, and why\n",
            indent, placeholder_effect(k));
    for (const struct claim_key *key = claim_keys; key->key; key++)
        write_key(f, d, k, key, indent);
    fprintf(f, "%ssaid: \"" MARK ": the exact words\"\n%swho: \"" MARK ": who said them\"\n\n",
            indent, indent);
}

char *draft_write(const struct draft *d, size_t *ret_n)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, ret_n);
    write_head(f, d);
    write_plan(f, d);
    write_groups(f, d);
    fprintf(f, "claims:\n");
    for (size_t i = 0; claim_table[i].id; i++)
        write_claim(f, d, &claim_table[i], &d->kinds[i]);
    fclose(f);
    return text;
}
