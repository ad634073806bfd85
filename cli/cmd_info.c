/* SPDX-License-Identifier: GPL-3.0-or-later
 * info: what a case holds, where it came from, and its fingerprint. Everything is
 * gathered once and then printed as text or as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/info_diff.h"
#include "cli/listeners.h"
#include "ingest/canon.h"
#include "ingest/casefile.h"

struct values {
    int64_t top;
    bool json;
    const char *diff;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"top", OPT_COUNT, "N", "20", AT(top), "how many pairs and clients to name"},
    {"json", OPT_FLAG, NULL, NULL, AT(json), "JSON for programs"},
    {"diff", OPT_TEXT, "OTHER", NULL, AT(diff),
     "how the case OTHER, another version of the same log, differs from CASE"},
    OPT_END};

/* From rows to sessions: how much each way of reading the log takes away. */
static const int64_t collapse_s[] = {1, 5, 30, 60};
enum { RUNGS = sizeof collapse_s / sizeof *collapse_s };

struct ladder {
    uint32_t client;
    uint64_t rows, lookups;   /* lookups: without tap duplicates */
    uint64_t sessions[RUNGS]; /* retries of one (client, name, type) collapsed */
};

struct pair_total {
    uint32_t client, name;
    uint64_t lookups, duplicates;
    int64_t first, last;
};

struct info {
    const struct counts *c;
    struct ladder *ladders, all; /* one a client, most rows first; and their sum */
    struct pair_total *pairs;    /* types summed, most look-ups first */
    size_t npairs, ntop_pairs, ntop_clients;
    int64_t live_ns;
};

/* --- gathering ------------------------------------------------------------------ */

static void add_sessions(struct ladder *l, const struct counts_pair *p, int64_t tick_ns)
{
    struct series_iter it = series_begin(counts_series(p), p->first);
    int64_t before = 0;
    for (bool any = false; series_next(&it); any = true, before = it.tick)
        for (int k = 0; k < RUNGS; k++)
            l->sessions[k] += !any || it.tick - before > collapse_s[k] * NS_PER_S / tick_ns;
}

/* Sessions cannot be told where a tick is longer than the gap. */
static bool known(const struct counts *c, int rung)
{
    return collapse_s[rung] * NS_PER_S >= c->tick_ns;
}

static int by_rows(const void *a, const void *b)
{
    const struct ladder *x = a, *y = b;
    if (x->rows != y->rows)
        return x->rows > y->rows ? -1 : 1;
    return (x->client > y->client) - (x->client < y->client);
}

static int by_lookups(const void *a, const void *b)
{
    const struct pair_total *x = a, *y = b;
    if (x->lookups != y->lookups)
        return x->lookups > y->lookups ? -1 : 1;
    if (x->client != y->client)
        return x->client < y->client ? -1 : 1;
    return (x->name > y->name) - (x->name < y->name);
}

static void add_to(struct ladder *sum, const struct ladder *l)
{
    sum->rows += l->rows;
    sum->lookups += l->lookups;
    for (int k = 0; k < RUNGS; k++)
        sum->sessions[k] += l->sessions[k];
}

static void add_pair(struct info *info, const struct counts_pair *p)
{
    struct ladder *l = &info->ladders[p->client];
    l->rows += p->total + p->duplicates;
    l->lookups += p->total;
    add_sessions(l, p, info->c->tick_ns);
    struct pair_total *t = info->npairs ? &info->pairs[info->npairs - 1] : NULL;
    if (!t || t->client != p->client || t->name != p->name) {
        t = &info->pairs[info->npairs++];
        *t = (struct pair_total){p->client, p->name, 0, 0, p->first, p->last};
    }
    t->lookups += p->total;
    t->duplicates += p->duplicates;
    t->first = p->first < t->first ? p->first : t->first;
    t->last = p->last > t->last ? p->last : t->last;
}

static int64_t length_of(const struct counts_live *v, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i].to_ns - v[i].from_ns;
    return sum;
}

static void gather(struct info *info, const struct counts *c, size_t top)
{
    *info = (struct info){.c = c};
    info->ladders = mem_zero(c->nclients + 1, sizeof *info->ladders);
    info->pairs = mem_alloc((c->npairs + 1) * sizeof *info->pairs);
    for (uint32_t i = 0; i < c->nclients; i++)
        info->ladders[i].client = i;
    for (size_t i = 0; i < c->npairs; i++)
        add_pair(info, &c->pairs[i]);
    for (uint32_t i = 0; i < c->nclients; i++)
        add_to(&info->all, &info->ladders[i]);
    qsort(info->ladders, c->nclients, sizeof *info->ladders, by_rows);
    qsort(info->pairs, info->npairs, sizeof *info->pairs, by_lookups);
    info->live_ns = length_of(c->live, c->nlive);
    info->ntop_pairs = top < info->npairs ? top : info->npairs;
    info->ntop_clients = top < c->nclients ? top : c->nclients;
}

/* --- text ----------------------------------------------------------------------- */

static void print_source_live(const struct counts_source *s)
{
    size_t given = 0;
    for (size_t i = 0; i < s->nlive; i++)
        given += strcmp(s->live[i].why, "given") == 0;
    if (s->nlive)
        printf("    live    %.6g h in %zu span%s, %s\n",
               (double)length_of(s->live, s->nlive) / 3600e9, s->nlive,
               s->nlive == 1 ? "" : "s",
               given == 0          ? "inferred"
               : given == s->nlive ? "given"
                                   : "given and inferred");
    else if (s->lookups)
        printf("    live    none of the live time that was given\n");
}

static void print_source(const struct counts_source *s)
{
    char first[TEXT_TIME_MAX], last[TEXT_TIME_MAX];
    printf("  %s\n    sha256  %s\n    format  %s, %" PRIu64 " bytes\n", s->name,
           s->sha256[0] ? s->sha256 : "-", s->format, s->bytes);
    if (s->server)
        printf("    server  %s, where a record names none\n", s->server);
    printf("    records %" PRIu64 " = %" PRIu64 " look-ups", s->read, s->lookups);
    if (s->intervals)
        printf(" + %" PRIu64 " intervals", s->intervals);
    printf(" + %" PRIu64 " skips\n", skips_total(&s->skips));
    for (int r = 0; r < SKIP_REASONS; r++)
        if (s->skips.count[r])
            printf("      %-12s %12" PRIu64 "  %s: %s\n", skip_table[r].name, s->skips.count[r],
                   skip_class_name(skip_table[r].class), skip_table[r].help);
    for (int k = 0; k < NOTES; k++)
        if (s->notes.count[k])
            printf("    noted   %" PRIu64 " records: %s\n", s->notes.count[k],
                   note_table[k].help);
    if (s->responses_joined)
        printf("    responses joined to a look-up's pair: %" PRIu64 "\n", s->responses_joined);
    if (s->lookups)
        printf("    span    %s to %s\n", text_iso(first, s->first_ns, s->decimals),
               text_iso(last, s->last_ns, s->decimals));
    print_source_live(s);
    if (s->late)
        printf("    late    %" PRIu64
               " look-ups earlier than one before them, by at most %g s\n",
               s->late, (double)s->latest_late_ns / 1e9);
}

static void print_live(const struct info *info, size_t top)
{
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    size_t n = info->c->nlive < top ? info->c->nlive : top;
    printf("\nlive time: %.6g h in %zu span%s%s\n", (double)info->live_ns / 3600e9,
           info->c->nlive, info->c->nlive == 1 ? "" : "s",
           n < info->c->nlive ? ", of which the first (--top, --json)" : "");
    for (size_t i = 0; i < n; i++) {
        const struct counts_live *l = &info->c->live[i];
        printf("  %s to %s  %s\n", text_iso(from, l->from_ns, 0), text_iso(to, l->to_ns, 0),
               l->why);
    }
}

/* How many listened at once: where that changes, so does every rate. */
static void print_listeners(const struct counts *c)
{
    size_t listeners = 0; /* of passive DNS none is */
    for (size_t i = 0; i < c->nsources; i++)
        listeners += c->sources[i].nlive > 0;
    if (listeners < 2)
        return;
    int64_t *time = listeners_time(c);
    const char *comma = "";
    printf("  listening at once: ");
    for (size_t n = 0; n <= c->nsources; n++)
        if (time[n] > 0) {
            printf("%s%.6g h %zu source%s", comma, (double)time[n] / 3600e9, n,
                   n == 1 ? "" : "s");
            comma = ", ";
        }
    printf("\n");
    free(time);
}

/* The buckets in which the case begins and ends are rarely whole: a rate of them is wrong. */
static const struct {
    const char *name;
    int64_t ns;
} edge_widths[] = {{"hour", 3600 * NS_PER_S}, {"day", 86400 * NS_PER_S}};
enum { EDGES = sizeof edge_widths / sizeof *edge_widths };

struct edge {
    int64_t start_ns;
    double covered;
};

/* The first or the last bucket with live time. */
static struct edge edge_of(const struct counts *c, int64_t width_ns, bool last)
{
    int64_t t = last ? c->live[c->nlive - 1].to_ns - 1 : c->live[0].from_ns;
    int64_t start = floor_div(t, width_ns) * width_ns;
    return (struct edge){start, (double)counts_live_within(c, start, start + width_ns) /
                                    (double)width_ns};
}

static void print_edges(const struct info *info)
{
    char start[TEXT_TIME_MAX];
    for (int k = 0; k < EDGES && info->c->nlive; k++)
        for (int last = 0; last < 2; last++) {
            struct edge e = edge_of(info->c, edge_widths[k].ns, last);
            if (e.covered < 1)
                printf("  the %s %s, from %s, is partial: %.3g of it is live\n",
                       last ? "last" : "first", edge_widths[k].name,
                       text_iso(start, e.start_ns, 0), e.covered);
        }
}

static void print_rung(const struct info *info, const char *who, const struct ladder *l)
{
    printf("%12" PRIu64 " %12" PRIu64, l->rows, l->lookups);
    for (int k = 0; k < RUNGS; k++)
        if (known(info->c, k))
            printf(" %12" PRIu64, l->sessions[k]);
        else
            printf(" %12s", "-");
    printf("  %s\n", who);
}

static void print_ladder(const struct info *info)
{
    printf("\nfrom rows to sessions (look-ups of one client, name and type at most that far"
           " apart are one)\n%12s %12s",
           "rows", "no copies");
    for (int k = 0; k < RUNGS; k++)
        printf(" %10" PRId64 " s", collapse_s[k]);
    printf("  client\n");
    print_rung(info, "(all)", &info->all);
    for (size_t i = 0; i < info->ntop_clients; i++)
        print_rung(info, info->c->clients[info->ladders[i].client].p, &info->ladders[i]);
}

static void print_pairs(const struct info *info)
{
    char first[TEXT_TIME_MAX], last[TEXT_TIME_MAX];
    printf("\npairs with most look-ups, %zu of %zu\n", info->ntop_pairs, info->npairs);
    for (size_t i = 0; i < info->ntop_pairs; i++) {
        const struct pair_total *p = &info->pairs[i];
        printf("%12" PRIu64 "  %s to %s  %s  %s\n", p->lookups,
               text_iso(first, p->first * info->c->tick_ns, 0),
               text_iso(last, p->last * info->c->tick_ns, 0), info->c->clients[p->client].p,
               info->c->names[p->name].p);
    }
}

static const char *time_or(char out[TEXT_TIME_MAX], int64_t t_ns)
{
    return t_ns == COUNTS_EVER ? "(unknown)" : text_iso(out, t_ns, 0);
}

/* The first of them, as they are sorted: the largest mean nothing, because a count is of
 * answers at collectors, whose number nobody knows. */
static void print_intervals(const struct counts *c, size_t top)
{
    if (!c->nintervals)
        return;
    size_t n = c->nintervals < top ? c->nintervals : top;
    printf("\nintervals of passive DNS: %zu%s; in no series, no live time and no test\n",
           c->nintervals, n < c->nintervals ? ", of which the first (export --intervals)" : "");
    for (size_t i = 0; i < n; i++) {
        const struct counts_interval *v = &c->intervals[i];
        char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX], type[16];
        if (v->count)
            printf("%12" PRIu64, v->count);
        else
            printf("%12s", "-");
        printf("  %s to %s  %s  %s %s\n", time_or(from, v->from_ns), time_or(to, v->to_ns),
               v->client.p ? v->client.p : "-", v->name.p, canon_qtype_name(v->qtype, type));
    }
}

static void print_text(const struct info *info, size_t top)
{
    const struct counts *c = info->c;
    char tick[TEXT_TIME_MAX], dedup[TEXT_TIME_MAX];
    printf("content sha256 %s\n", c->sha256);
    if (casefile_lacks(c->schema)[0])
        printf("made by an older program (schema %d): whether the log has them or not, it may "
               "lack %s; ingest the log again to have them\n",
               c->schema, casefile_lacks(c->schema));
    printf("tick %s, tap duplicates within %s, counted: %s, clients by %s, names %s,"
           " types %s\n",
           text_of_duration(tick, c->tick_ns),
           c->dedup_ns ? text_of_duration(dedup, c->dedup_ns) : "0 (none looked for)",
           c->rules[RULE_COUNT], c->rules[RULE_CLIENT], c->rules[RULE_NAME],
           c->rules[RULE_TYPE]);
    printf("sensor: %s\n", c->rules[RULE_VANTAGE]);
    if (strcmp(c->rules[RULE_PSEUDONYMS], "none") != 0)
        printf("clients, servers, names and sources are pseudonyms: %s\n",
               c->rules[RULE_PSEUDONYMS]);
    if (counts_is_part(c))
        printf("kept: only look-ups of %s; no other is in any number below but the skips and"
               " the live time\n",
               c->rules[RULE_KEEP]);
    printf("%" PRIu64 " look-ups, %" PRIu64 " tap duplicates, %u clients, %u names, %zu pairs,"
           " %zu series by type\n",
           info->all.lookups, info->all.rows - info->all.lookups, c->nclients, c->nnames,
           info->npairs, c->npairs);
    printf("\nsources: %zu\n", c->nsources);
    for (size_t i = 0; i < c->nsources; i++)
        print_source(&c->sources[i]);
    print_live(info, top);
    print_listeners(c);
    print_edges(info);
    print_ladder(info);
    print_pairs(info);
    print_intervals(c, top);
}

/* --- JSON ------------------------------------------------------------------------ */

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *instant(int64_t t_ns, int decimals)
{
    char iso[TEXT_TIME_MAX];
    return json_string(text_iso(iso, t_ns, decimals));
}

/* Text of the case; a byte that is not UTF-8 makes JSON null, not broken JSON. */
static json_t *words(struct span s)
{
    json_t *j = json_stringn(s.p, s.n);
    return j ? j : json_null();
}

static json_t *json_spans(const struct counts_live *v, size_t n)
{
    json_t *spans = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(spans,
                              json_pack("{s:o, s:o, s:s}", "from", instant(v[i].from_ns, 9),
                                        "to", instant(v[i].to_ns, 9), "why", v[i].why));
    return spans;
}

static json_t *json_listeners(const struct counts *c)
{
    json_t *all = json_array();
    int64_t *time = listeners_time(c);
    for (size_t n = 0; n <= c->nsources; n++)
        if (time[n] > 0)
            json_array_append_new(all, json_pack("{s:o, s:f}", "sources", number(n), "seconds",
                                                 (double)time[n] / 1e9));
    free(time);
    return all;
}

static json_t *json_source(const struct counts_source *s)
{
    json_t *skips = json_object();
    for (int r = 0; r < SKIP_REASONS; r++)
        if (s->skips.count[r])
            json_object_set_new(skips, skip_table[r].name, number(s->skips.count[r]));
    json_t *notes = json_object();
    for (int k = 0; k < NOTES; k++)
        if (s->notes.count[k])
            json_object_set_new(notes, note_table[k].name, number(s->notes.count[k]));
    return json_pack(
        "{s:o, s:s, s:s, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i,"
        " s:o}",
        "name", words(span_of(s->name)), "sha256", s->sha256, "format", s->format, "server",
        s->server, "bytes", number(s->bytes), "read", number(s->read), "lookups",
        number(s->lookups), "intervals", number(s->intervals), "skips", skips, "notes", notes,
        "responses_joined", number(s->responses_joined), "first",
        s->lookups ? instant(s->first_ns, s->decimals) : json_null(), "last",
        s->lookups ? instant(s->last_ns, s->decimals) : json_null(), "late", number(s->late),
        "latest_late_s", json_real((double)s->latest_late_ns / 1e9), "decimals", s->decimals,
        "live", json_spans(s->live, s->nlive));
}

static json_t *json_ladder(const struct info *info, json_t *client, const struct ladder *l)
{
    json_t *sessions = json_object();
    for (int k = 0; k < RUNGS; k++) {
        char key[16];
        snprintf(key, sizeof key, "%" PRId64 "s", collapse_s[k]);
        json_object_set_new(sessions, key,
                            known(info->c, k) ? number(l->sessions[k]) : json_null());
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "client", client, "rows", number(l->rows),
                     "without_repeats", number(l->lookups), "sessions", sessions);
}

static json_t *json_edges(const struct counts *c)
{
    json_t *edges = json_array();
    for (int k = 0; k < EDGES && c->nlive; k++)
        for (int last = 0; last < 2; last++) {
            struct edge e = edge_of(c, edge_widths[k].ns, last);
            json_array_append_new(
                edges, json_pack("{s:s, s:s, s:o, s:f}", "width", edge_widths[k].name, "which",
                                 last ? "last" : "first", "start", instant(e.start_ns, 0),
                                 "covered", e.covered));
        }
    return edges;
}

static json_t *json_lists(const struct info *info)
{
    const struct counts *c = info->c;
    json_t *sources = json_array(), *ladder = json_array(), *pairs = json_array();
    for (size_t i = 0; i < c->nsources; i++)
        json_array_append_new(sources, json_source(&c->sources[i]));
    json_array_append_new(ladder, json_ladder(info, json_null(), &info->all));
    for (size_t i = 0; i < info->ntop_clients; i++)
        json_array_append_new(
            ladder,
            json_ladder(info, words(c->clients[info->ladders[i].client]), &info->ladders[i]));
    for (size_t i = 0; i < info->ntop_pairs; i++) {
        const struct pair_total *p = &info->pairs[i];
        json_array_append_new(
            pairs, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "client",
                             words(c->clients[p->client]), "name", words(c->names[p->name]),
                             "lookups", number(p->lookups), "duplicates", number(p->duplicates),
                             "first", instant(p->first * c->tick_ns, 0), "last",
                             instant(p->last * c->tick_ns, 0)));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "sources", sources, "live",
                     json_spans(c->live, c->nlive), "listening", json_listeners(c), "edges",
                     json_edges(c), "ladder", ladder, "pairs", pairs);
}

static void print_json(const struct info *info)
{
    const struct counts *c = info->c;
    json_t *root = json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sha256", c->sha256, "tick_ns",
        number((uint64_t)c->tick_ns), "dedup_ns", number((uint64_t)c->dedup_ns), "lookups",
        number(info->all.lookups), "duplicates", number(info->all.rows - info->all.lookups),
        "clients", number(c->nclients), "names", number(c->nnames), "pairs",
        number(info->npairs), "series", number(c->npairs), "live_s",
        json_real((double)info->live_ns / 1e9));
    for (int i = 0; i < COUNTS_RULES; i++)
        json_object_set_new(root, counts_rule_keys[i], json_string(c->rules[i]));
    json_object_set_new(root, "schema", json_integer(c->schema));
    json_object_set_new(root, "may_lack", json_string(casefile_lacks(c->schema)));
    json_object_set_new(root, "intervals", number(c->nintervals));
    json_t *lists = json_lists(info);
    json_object_update(root, lists);
    json_decref(lists);
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(root);
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    int first = opts_read(&cmd_info, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1)
        return opts_exit(opts_usage(&cmd_info, "expected one case, found %d", argc - first));
    struct counts *c;
    struct err err;
    if (casefile_read(&c, argv[first], &err) < 0)
        return opts_fail(&err);
    if (v.diff) {
        int rc = info_diff(c, v.diff, v.json, (size_t)v.top, &err);
        counts_free(c);
        return rc < 0 ? opts_fail(&err) : 0;
    }
    struct info info;
    gather(&info, c, (size_t)v.top);
    if (v.json)
        print_json(&info);
    else
        print_text(&info, (size_t)v.top);
    free(info.ladders);
    free(info.pairs);
    counts_free(c);
    return 0;
}

const struct command cmd_info = {
    "look-ups to counts",
    "info",
    "CASE",
    "tell what a case holds: sources with digests, live time, totals, the rows ladder",
    NULL,
    options,
    run};
