/* SPDX-License-Identifier: GPL-3.0-or-later
 * scan: how unusual is each pair of a case? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/rows.h"
#include "cli/scan_days.h"
#include "cli/values.h"
#include "ingest/casefile.h"
#include "models/scan.h"
#include "stats/combine.h"
#include "stats/tail.h"

struct values {
    const char *out, *format, *tail, *unit, *holidays, *progress;
    int64_t bucket, session, ttl, min_count, top, seed, max_replicates, max_buckets, threads;
    double alpha;
    bool quiet, json;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"o", OPT_TEXT, "FILE", "-", AT(out), "where to write; - is stdout"},
    {"format", OPT_TEXT, "NAME", "tsv", AT(format), "tsv or jsonl"},
    {"unit", OPT_TEXT, "NAME", "sessions", AT(unit), "sessions, or days: one row a pair"},
    {"bucket", OPT_DURATION, "D", "1h", AT(bucket), "width of a bucket, for burst"},
    {"session", OPT_DURATION, "D", "30s", AT(session), "longest gap inside a session"},
    {"ttl", OPT_DURATION, "D", "0", AT(ttl), "dead time after a session start, for burst"},
    {"min-count", OPT_COUNT, "N", "10", AT(min_count), "fewest sessions of a tested pair"},
    {"holidays", OPT_TEXT, "CC", NULL, AT(holidays),
     "days off of a country such as US, or of a file date,name, for burst"},
    {"tail", OPT_TEXT, "NAME", "upper", AT(tail), "upper, lower or both"},
    {"alpha", OPT_REAL, "P", ".05", AT(alpha), "limit of q in the summary on stderr"},
    {"top", OPT_COUNT, "N", "0", AT(top), "rows a kind, least p first; 0: all"},
    {"max-replicates", OPT_COUNT, "N", "9999", AT(max_replicates), "most replicates a burst"},
    {"max-buckets", OPT_COUNT, "N", "1000000", AT(max_buckets),
     "most buckets of a case, for burst: its work grows as they do"},
    {"seed", OPT_COUNT, "N", "1", AT(seed), "of the random numbers"},
    {"threads", OPT_COUNT, "N", "0", AT(threads), "0: one a processor"},
    {"progress", OPT_CHOICE, PROGRESS_FORMS, "terminal", AT(progress), PROGRESS_HELP},
    {"json", OPT_FLAG, NULL, NULL, AT(json), "the same as --progress json"},
    {"quiet", OPT_FLAG, NULL, NULL, AT(quiet), "no progress, no summary"},
    OPT_END};

static const char *const kind_names[] = {[SCAN_LEVEL] = "level", [SCAN_BURST] = "burst"};

/* --- columns ------------------------------------------------------------------------ */

static const char *const columns[] = {
    "client",   "name",  "kind",       "lookups",    "observed",    "expected",
    "lo",       "hi",    "score",      "p",          "log10_p",     "p_mid",
    "p_tested", "q",     "q_by",       "q_random",   "p_empirical", "by_chance",
    "rank",     "model", "dispersion", "replicates", "when",        "state"};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct view {
    const struct counts *c;
    const struct scan *s;
    size_t *order;   /* of rows, as they are written */
    uint32_t *ranks; /* of each row; 0: not tested */
};

static json_t *model_of(const struct scan_row *r)
{
    if (!r->family)
        return json_null();
    char *text = mem_format("%s %s", r->family, r->shape);
    json_t *v = json_string(text);
    free(text);
    return v;
}

static json_t *when_of(const struct scan_row *r)
{
    char text[TEXT_TIME_MAX];
    if (r->kind != SCAN_BURST || r->state != SCAN_OK)
        return json_null();
    return json_string(text_iso(text, r->when_s * NS_PER_S, 0));
}

/* The values of a row in order of columns; the caller owns them. */
static void row_values(const struct view *v, size_t at, json_t *ret[COLUMNS])
{
    const struct scan_row *r = &v->s->rows[at];
    const struct scan_pair *p = &v->s->pairs[r->pair];
    bool ok = r->state == SCAN_OK;
    json_t *values[COLUMNS] = {
        values_text(v->c->clients[p->client]),
        values_text(v->c->names[p->name]),
        json_string(kind_names[r->kind]),
        json_integer((json_int_t)r->lookups),
        ok || r->kind == SCAN_LEVEL ? json_integer((json_int_t)r->observed) : json_null(),
        values_real(r->expected),
        values_real(r->lo),
        values_real(r->hi),
        values_real(r->score),
        values_probability(r->log_p),
        values_real(r->log_p / M_LN10),
        values_probability(r->log_p_mid),
        values_probability(r->log_p_tested),
        values_probability(r->log_q),
        values_probability(r->log_q_by),
        values_real(r->q_random),
        values_probability(r->log_p_empirical),
        values_real(r->by_chance),
        ok ? json_integer(v->ranks[at]) : json_null(),
        model_of(r),
        values_real(r->dispersion),
        ok && r->kind == SCAN_BURST ? json_integer(r->replicates) : json_null(),
        when_of(r),
        json_string(scan_state_names[r->state]),
    };
    memcpy(ret, values, sizeof values);
}

/* --- order -------------------------------------------------------------------------- */

static int by_rank(const void *a, const void *b, void *context)
{
    const struct scan *s = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const struct scan_row *x = &s->rows[i], *y = &s->rows[j];
    bool ok = x->state == SCAN_OK, other = y->state == SCAN_OK;
    if (ok != other)
        return ok ? -1 : 1;
    if (ok && x->log_p != y->log_p)
        return x->log_p < y->log_p ? -1 : 1;
    return (i > j) - (i < j);
}

/* Tested rows, least p first, then the others in order of pairs; equal p share the
 * better rank. */
static void order_rows(struct view *v)
{
    const struct scan *s = v->s;
    size_t seen[2] = {0};
    double last[2] = {NAN, NAN};
    uint32_t rank[2] = {0};
    v->order = mem_alloc(s->nrows * sizeof *v->order);
    v->ranks = mem_zero(s->nrows + 1, sizeof *v->ranks);
    for (size_t i = 0; i < s->nrows; i++)
        v->order[i] = i;
    if (s->nrows)
        qsort_r(v->order, s->nrows, sizeof *v->order, by_rank, (void *)(uintptr_t)s);
    for (size_t i = 0; i < s->nrows; i++) {
        const struct scan_row *r = &s->rows[v->order[i]];
        if (r->state != SCAN_OK)
            break;
        seen[r->kind]++;
        if (r->log_p != last[r->kind])
            rank[r->kind] = (uint32_t)seen[r->kind];
        last[r->kind] = r->log_p;
        v->ranks[v->order[i]] = rank[r->kind];
    }
}

/* --- writing ------------------------------------------------------------------------ */

static int write_rows(const struct view *v, const struct values *o, struct err *err)
{
    struct rows r;
    size_t written[2] = {0};
    int rc = rows_open(&r, o->out, o->format, columns, COLUMNS, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < v->s->nrows; i++) {
        enum scan_kind kind = v->s->rows[v->order[i]].kind;
        if (o->top && written[kind]++ >= (size_t)o->top)
            continue;
        json_t *values[COLUMNS];
        row_values(v, v->order[i], values);
        rows_put(&r, values);
    }
    return rows_close(&r, err);
}

/* What the least p of n tested pairs weighs: after the search that this scan is, and before
 * searches that nobody told of. */
static void summarise_least(const struct scan *s, int kind, double alpha)
{
    double least = INFINITY;
    for (size_t i = (size_t)kind; i < s->nrows; i += 2)
        if (s->rows[i].state == SCAN_OK)
            least = fmin(least, s->rows[i].log_p_tested);
    if (isinf(least))
        return;
    fprintf(
        stderr,
        "  least p_tested %.3g, of %zu the least %.3g; ordinary after %.3g looks (even odds), "
        "%.3g (%g)\n",
        exp(least), s->tested[kind], exp(log_sidak(least, (double)s->tested[kind])),
        looks_to(least, .5), looks_to(least, alpha), alpha);
    fprintf(stderr,
            "  likelihood ratio of that pair at most %.3g; a match by it 1/p = %.3g if named "
            "beforehand, 1/(N p) = %.3g as found\n",
            exp(log_sellke_bound(least)), exp(log_match_ratio(least, 1)),
            exp(log_match_ratio(least, (double)s->tested[kind])));
}

static void summarise(const struct scan *s, double alpha)
{
    for (int kind = 0; kind < 2; kind++) {
        size_t few = 0;
        for (size_t i = (size_t)kind; i < s->nrows; i += 2)
            few += s->rows[i].state == SCAN_OK && s->rows[i].log_q <= log(alpha);
        fprintf(
            stderr,
            "%s: %zu of %zu pairs tested, %zu with q <= %g; share with nothing unusual %.2f\n",
            kind_names[kind], s->tested[kind], s->npairs, few, alpha, s->pi0[kind]);
        summarise_least(s, kind, alpha);
        const struct empirical *e = &s->empirical[kind];
        if (s->have_empirical[kind])
            fprintf(stderr,
                    "  scores between the outer tenths: mean %.2f, sd %.2f (0 and 1 where "
                    "the model is right)\n",
                    e->delta, e->sigma);
        else if (s->tested[kind] >= EMPIRICAL_LEAST)
            fprintf(stderr, "  scores between the outer tenths follow no normal law: no "
                            "p_empirical\n");
    }
}

/* --- the whole ---------------------------------------------------------------------- */

static int check(const struct values *v, struct err *err)
{
    bool tsv;
    if (rows_format(v->format, &tsv, err) < 0)
        return ERR_USAGE;
    if (strcmp(v->unit, "sessions") != 0 && strcmp(v->unit, "days") != 0)
        return err_set(err, ERR_USAGE, "--unit: expected sessions or days, found '%s'",
                       v->unit);
    if (!(v->alpha > 0 && v->alpha < 1))
        return err_set(err, ERR_USAGE, "--alpha: expected a number between 0 and 1, found %g",
                       v->alpha);
    if (v->max_replicates < 1 || v->max_replicates > UINT32_MAX)
        return err_set(err, ERR_USAGE, "--max-replicates: expected 1 to %u, found %lld",
                       UINT32_MAX, (long long)v->max_replicates);
    if (v->max_buckets < 2)
        return err_set(err, ERR_USAGE, "--max-buckets: expected 2 or more, found %lld",
                       (long long)v->max_buckets);
    return 0;
}

static int read_tail(const char *text, int *ret, struct err *err)
{
    static const char *const names[] = {"lower", "both", "upper"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret = i - 1;
            return 0;
        }
    return err_set(err, ERR_USAGE, "--tail: expected upper, lower or both, found '%s'", text);
}

static void show_progress(void *ctx, size_t done, size_t of)
{
    progress_show(ctx, (double)done, (double)of);
}

static int scan_case(const struct values *v, const struct counts *c, int tail, struct err *err)
{
    struct scan_opts o = {
        .bucket_s = (double)v->bucket / (double)NS_PER_S,
        .session_s = (double)v->session / (double)NS_PER_S,
        .ttl_s = (double)v->ttl / (double)NS_PER_S,
        .min_count = v->min_count < UINT32_MAX ? (uint32_t)v->min_count : UINT32_MAX,
        .max_replicates = (uint32_t)v->max_replicates,
        .max_buckets = (size_t)v->max_buckets,
        .tail = tail,
        .seed = (uint64_t)v->seed,
        .threads = (size_t)v->threads,
    };
    struct progress p;
    struct scan s;
    struct holidays off = {0};
    int rc = v->holidays ? holidays_open(&off, v->holidays, err) : 0;
    if (rc < 0)
        return rc;
    o.holidays = v->holidays ? &off : NULL;
    progress_start(&p, "scan", "pairs", progress_form(v->quiet, v->json, v->progress));
    rc = scan_run(&s, c, &o, show_progress, &p, err);
    progress_end(&p);
    holidays_free(&off);
    if (rc < 0)
        return rc == ERR_LIMIT ? err_context(err, "--bucket, --max-buckets") : rc;
    struct view view = {.c = c, .s = &s};
    order_rows(&view);
    rc = write_rows(&view, v, err);
    if (rc == 0 && !v->quiet)
        summarise(&s, v->alpha);
    free(view.order);
    free(view.ranks);
    scan_free(&s);
    return rc;
}

static int work(const struct values *v, const char *path, struct err *err)
{
    struct counts *c;
    int tail = 0, rc = check(v, err);
    if (rc < 0 || (rc = read_tail(v->tail, &tail, err)) < 0 ||
        (rc = casefile_read(&c, path, err)) < 0)
        return rc;
    rc = values_bucket(c, v->bucket, err);
    if (rc == 0 && strcmp(v->unit, "days") == 0)
        rc = scan_days(c, v->out, v->format, (size_t)v->top, v->quiet ? NAN : v->alpha,
                       (size_t)v->threads, err);
    else if (rc == 0)
        rc = scan_case(v, c, tail, err);
    if (rc == 0 && !v->quiet && counts_is_part(c))
        fprintf(stderr,
                "the case holds only look-ups of %s: no pair that was left out is among those "
                "compared or counted as tested\n",
                c->rules[RULE_KEEP]);
    counts_free(c);
    return rc;
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct err err;
    int first = opts_read(&cmd_scan, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1)
        return opts_exit(opts_usage(&cmd_scan, "expected one case, found %d", argc - first));
    return work(&v, argv[first], &err) < 0 ? opts_fail(&err) : 0;
}

const struct command cmd_scan = {
    "counts to numbers",
    "scan",
    "CASE",
    "how unusual each pair is: two rows a pair",
    "level: sessions of the pair against what its client's and its name's other pairs lead\n"
    "to expect; negative binomial, fitted without the pair. burst: the pair's most surprising\n"
    "bucket against its own season; p by a bootstrap that refits every replicate.\n"
    "p counts the observed value in; q is for the number of pairs tested (level: discrete\n"
    "Benjamini-Hochberg of Doehler et al.; burst: Benjamini and Hochberg; q_by: Benjamini and\n"
    "Yekutieli; q_random: Storey, ties broken at random, mean of 20 draws;\n"
    "p_empirical: by the law of all scores, from 500 tests up); by_chance: pairs "
    "at least that extreme that\n"
    "chance alone brings among the tested. All allow for it that a pair is tested only if\n"
    "it has --min-count sessions: they start from p_tested, which is p given that. p itself,\n"
    "which orders the rows, does not: a pair of few sessions may stand first with a q of 1.\n"
    "An unusual pair is a question, not an answer: see 'test'.\n"
    "States: ok, too_few, no_peers, no_fit, one_bucket.\n"
    "--unit days: one row a pair, in days on which the client asked for the name, against\n"
    "what client, name and day lead to expect; shrunken ratios (ebgm, eb05, ic), the client's\n"
    "share of the name, and how common such a share is among names of like volume. Of the\n"
    "options only -o, --format, --top, --alpha, --threads and --quiet apply.\n",
    options,
    run};
