/* SPDX-License-Identifier: GPL-3.0-or-later
 * study: a starting study about one pair. It is written twice: with every kind whose keys have
 * a placeholder, which is read as any study is and tried without an answer (models/dry.h); and
 * then without the kinds that the case cannot bear. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/pair.h"
#include "cli/study.h"
#include "ingest/casefile.h"
#include "models/dry.h"
#include "models/integrity.h"
#include "report/output.h"

struct values {
    const char *client, *name, *out;
    bool force, quiet;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"client", OPT_TEXT, "C", NULL, AT(client), "who asked"},
    {"name", OPT_TEXT, "N", NULL, AT(name), "the name asked for"},
    {"o", OPT_TEXT, "FILE", "-", AT(out), "where to write the study"},
    {"force", OPT_FLAG, NULL, NULL, AT(force), "write over a FILE that exists"},
    {"quiet", OPT_FLAG, NULL, NULL, AT(quiet), "no summary"},
    OPT_END};

/* --- the pair --------------------------------------------------------------------------- */

static int need_pair(const struct draft *d, const struct values *v, struct err *err)
{
    size_t from, to;
    uint32_t asked = 0, names = 0;
    counts_client_pairs(d->c, d->client, &from, &to);
    for (size_t i = from; i < to; i++) {
        names += i == from || d->c->pairs[i].name != d->c->pairs[i - 1].name;
        asked += d->c->pairs[i].name == d->name && d->c->pairs[i].total > 0;
    }
    if (asked)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--client, --name: expected a pair of the case, found that '%s' asks for %u "
                   "of its names, and '%s' is none of them",
                   v->client, names, v->name);
}

static void describe(struct draft *d)
{
    struct selection pair = {&d->client, &d->name, 1, 1};
    struct pairdays days;
    double *ttl_s = mem_alloc((d->c->nnames + 1) * sizeof *ttl_s);
    subject_make(&d->s, d->c, &pair, &d->w, DRAFT_SESSION_S, 0);
    integrity_ttl_of_log(d->c, ttl_s);
    d->ttl_s = ttl_s[d->name];
    free(ttl_s);
    pairdays_make(&days, d->c, &d->w);
    const struct pairdays_cell *cell = pairdays_find(&days, d->client, d->name);
    d->days = cell ? cell->n : 0;
    for (size_t i = 0; i < days.ndays; i++)
        d->days_heard += days.live[i] > 0;
    draft_groups(d, &days);
    pairdays_free(&days);
}

/* --- what the case could bear ------------------------------------------------------------ */

/* Can a line of the study still make good what is missing? */
static bool in_the_study(enum why why)
{
    return why == WHY_NO_TTL || why == WHY_NEEDS_DATA || why == WHY_LIVE_INFERRED;
}

/* Required explanations that could not be tested, but for those that a study could make good
 * (`all` false), behind `head`; malloced, NULL if there are none. */
static int untestable(const struct study *s, const struct study_claim *c,
                      const struct counts *counts, bool all, const char *head, char **ret,
                      struct err *err)
{
    struct dry d;
    char *text = NULL;
    size_t size = 0;
    const char *told = NULL; /* one reason is often that of several */
    if (dry_claim(&d, s, c, counts, 1, err) < 0)
        return ERR_DEGENERATE;
    FILE *f = open_memstream(&text, &size);
    for (const struct dry_null *n = d.nulls; n < d.nulls + d.nnulls; n++) {
        if (n->row->role != ROLE_REQUIRED || n->why == WHY_NONE ||
            (!all && in_the_study(n->why)))
            continue;
        bool again = told && strcmp(told, n->detail) == 0;
        if (told && !again)
            fprintf(f, " (%s)", told);
        fprintf(f, "%s%s", !told ? head : again ? ", " : "; ", n->row->null);
        told = n->detail;
    }
    if (told)
        fprintf(f, " (%s)", told);
    fclose(f);
    if (told)
        *ret = text;
    else
        free(text);
    dry_free(&d);
    return 0;
}

/* First at its best: one look, and a time to live as short as a session. What cannot be tested
 * then, no line of a study makes testable. */
static int try_claim(struct draft *d, const struct study *s, size_t i, struct err *err)
{
    struct draft_kind *of = &d->kinds[s->claims[i].kind - claim_table];
    struct study_claim best = s->claims[i];
    best.search = (struct study_search){SEARCH_COUNT, 1, 1, 1, NULL, ""};
    if (best.ttl.kind == TTL_UNKNOWN)
        best.ttl = (struct study_ttl){TTL_GIVEN, s->session_s, ""};
    int rc = untestable(s, &best, d->c, false, "the case cannot bear it: ", &of->barred, err);
    return rc < 0 || of->barred ? rc
                                : untestable(s, &s->claims[i], d->c, true, "", &of->open, err);
}

static int read_back(const struct draft *d, struct study **ret, struct err *err)
{
    size_t n;
    char *text = draft_write(d, &n);
    int rc = study_of_text(ret, "the study", text, n, NULL, err);
    if (rc == 0 && (rc = study_resolve(*ret, d->c, err)) < 0)
        study_free(*ret);
    return rc;
}

static int try_all(struct draft *d, struct err *err)
{
    struct study *s;
    for (size_t i = 0; claim_table[i].id; i++)
        d->kinds[i].barred = draft_unknown(&claim_table[i]);
    int rc = read_back(d, &s, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < s->nclaims; i++)
        rc = try_claim(d, s, i, err);
    study_free(s);
    return rc;
}

static size_t count_kinds(void)
{
    size_t n = 0;
    while (claim_table[n].id)
        n++;
    return n;
}

static size_t borne(const struct draft *d)
{
    size_t n = 0;
    for (size_t i = 0; claim_table[i].id; i++)
        n += !d->kinds[i].barred;
    return n;
}

/* --- output ------------------------------------------------------------------------------ */

static int write_study(const struct draft *d, const struct values *v, struct err *err)
{
    struct output out;
    size_t n, claims = borne(d);
    if (!claims)
        return err_set(
            err, ERR_DEGENERATE,
            "study: expected a kind of claim that the case can bear, found none: %s: %s",
            claim_table[0].id, d->kinds[0].barred);
    if (output_open(&out, v->out, err) < 0)
        return ERR_IO;
    char *text = draft_write(d, &n);
    fwrite(text, 1, n, out.f);
    free(text);
    int rc = output_close(&out, err);
    if (rc == 0 && !v->quiet && strcmp(v->out, "-") != 0)
        printf("%zu claims to state, %zu kinds left as comments with the reason: %s\n", claims,
               count_kinds() - claims, v->out);
    return rc;
}

static int study(struct draft *d, const struct values *v, struct err *err)
{
    int rc = pair_find(d->c, "", v->client, v->name, &d->client, &d->name, err);
    if (rc < 0 || (rc = need_pair(d, v, err)) < 0)
        return rc;
    window_make(&d->w, d->c, 0, 0);
    if (!(d->w.live_s > 0))
        return err_set(err, ERR_DEGENERATE, "study: expected listening time, found none");
    describe(d);
    rc = try_all(d, err);
    return rc < 0 ? rc : write_study(d, v, err);
}

static int refuse_old(const struct values *v, struct err *err)
{
    return v->force || strcmp(v->out, "-") == 0 || access(v->out, F_OK) != 0
               ? 0
               : err_set(err, ERR_IO,
                         "%s: expected a new file, found one that exists (--force writes over "
                         "it)",
                         v->out);
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct counts *c = NULL;
    struct err err;
    int first = opts_read(&cmd_study, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1 || !v.client || !v.name)
        return opts_exit(opts_usage(&cmd_study, "expected one case, --client and --name"));
    if (refuse_old(&v, &err) < 0 || casefile_read(&c, argv[first], &err) < 0)
        return opts_fail(&err);
    const char *slash = strrchr(argv[first], '/');
    struct draft d = {.c = c,
                      .case_name = slash ? slash + 1 : argv[first],
                      .kinds = mem_zero(count_kinds(), sizeof *d.kinds)};
    int rc = study(&d, &v, &err);
    for (size_t i = 0; claim_table[i].id; i++) {
        free(d.kinds[i].barred);
        free(d.kinds[i].open);
    }
    free(d.kinds);
    free(d.controls.names);
    free(d.comparable.names);
    subject_free(&d.s);
    window_free(&d.w);
    counts_free(c);
    return rc < 0 ? opts_fail(&err) : 0;
}

const struct command cmd_study = {
    "analyse",
    "study",
    "CASE --client C --name N",
    "write a commented starting study about one pair",
    "One claim a kind that the case could bear; the others stand as comments, with the "
    "reason.\n"
    "What only a claim's author can say is a placeholder at a line marked TO STATE. Totals "
    "are\n"
    "read, and whether each test could be made; nothing is chosen to fit the look-ups.\n",
    options,
    run};
