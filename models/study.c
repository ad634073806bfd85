/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/file.h"
#include "ingest/pattern.h"
#include "models/evidence.h"
#include "models/kinds.h"
#include "models/search.h"
#include "models/study_claim.h"

/* --- plan ------------------------------------------------------------------------- */

static int plan_seed(struct study_reader *r, const struct yaml_node *n)
{
    int64_t seed;
    if (yaml_i64(r->y, n, &seed, r->err) < 0)
        return ERR_USAGE;
    r->s->seed = (uint64_t)seed;
    return seed >= 0 ? 0 : yaml_fail(r->y, n, r->err, "expected a seed of 0 or more");
}

static int plan_replicates(struct study_reader *r, const struct yaml_node *n)
{
    int64_t max;
    if (yaml_i64(r->y, n, &max, r->err) < 0)
        return ERR_USAGE;
    if (max < 99 || max > 100000000)
        return yaml_fail(r->y, n, r->err, "expected 99 to 100000000 replicates");
    r->s->max_replicates = (uint32_t)max;
    return 0;
}

static int plan_alpha(struct study_reader *r, const struct yaml_node *n)
{
    if (yaml_real(r->y, n, &r->s->alpha, r->err) < 0)
        return ERR_USAGE;
    return r->s->alpha > 0 && r->s->alpha <= .5
               ? 0
               : yaml_fail(r->y, n, r->err, "expected an alpha above 0 and at most .5");
}

static int plan_bucket(struct study_reader *r, const struct yaml_node *n)
{
    return study_reader_seconds(r, n, &r->s->bucket_s) < 0
               ? ERR_USAGE
               : study_reader_positive(r, n, r->s->bucket_s, "a bucket");
}

static int plan_session(struct study_reader *r, const struct yaml_node *n)
{
    return study_reader_seconds(r, n, &r->s->session_s);
}

static int plan_zone(struct study_reader *r, const struct yaml_node *n)
{
    return study_reader_zone(r, n, &r->s->zone_name, &r->s->zone);
}

static int plan_holidays(struct study_reader *r, const struct yaml_node *n)
{
    struct err why;
    if (yaml_text(r->y, n, &r->s->holidays_name, r->err) < 0)
        return ERR_USAGE;
    bool country = strlen(r->s->holidays_name) == 2;
    char *beside = country ? NULL : study_reader_beside(r, n);
    holidays_free(&r->s->holidays);
    int rc = holidays_open(&r->s->holidays, country ? r->s->holidays_name : beside, &why);
    free(beside);
    return rc < 0 ? yaml_fail(r->y, n, r->err, "%s", why.msg) : 0;
}

static int plan_ttl(struct study_reader *r, const struct yaml_node *n)
{
    return study_reader_ttl(r, n, &r->s->ttl);
}

static int plan_correction(struct study_reader *r, const struct yaml_node *n)
{
    const char *name;
    if (yaml_text(r->y, n, &name, r->err) < 0)
        return ERR_USAGE;
    r->s->correction = correction_find(name);
    return r->s->correction ? 0
                            : yaml_fail(r->y, n, r->err,
                                        "expected a correction of `dnsclaim list "
                                        "corrections`, found '%s'",
                                        name);
}

/* `40`, `{pairs: 40}` or `off`. */
static int plan_calibration(struct study_reader *r, const struct yaml_node *n)
{
    static const char *const keys[] = {"pairs", NULL};
    const struct yaml_node *pairs = n;
    const char *word;
    int64_t count = 0;
    if (yaml_is_map(n) && (yaml_only(r->y, n, keys, r->err) < 0 ||
                           yaml_need(r->y, n, "pairs", &pairs, r->err) < 0))
        return ERR_USAGE;
    if (pairs == n && yaml_text(r->y, n, &word, r->err) < 0)
        return ERR_USAGE;
    if ((pairs != n || strcmp(word, "off") != 0) && yaml_i64(r->y, pairs, &count, r->err) < 0)
        return ERR_USAGE;
    if (count != 0 && (count < 20 || count > 10000))
        return yaml_fail(r->y, pairs, r->err, "expected 20 to 10000 control pairs, or off");
    r->s->calibration = (uint32_t)count;
    return 0;
}

enum { MOST_DRAWS = 20000 };

static int read_draws(struct study_reader *r, const struct yaml_node *n, uint32_t *ret)
{
    int64_t draws;
    if (yaml_i64(r->y, n, &draws, r->err) < 0)
        return ERR_USAGE;
    if (draws < 100 || draws > MOST_DRAWS)
        return yaml_fail(r->y, n, r->err, "expected 100 to %d draws of each model", MOST_DRAWS);
    *ret = (uint32_t)draws;
    return 0;
}

static int plan_model_draws(struct study_reader *r, const struct yaml_node *n)
{
    return read_draws(r, n, &r->s->model_draws);
}

static int plan_model_draws_most(struct study_reader *r, const struct yaml_node *n)
{
    return read_draws(r, n, &r->s->model_draws_most);
}

/* Where none were named. */
static void fill_draws_most(struct study *s)
{
    uint32_t more = s->model_draws < MOST_DRAWS / EVIDENCE_MORE ? EVIDENCE_MORE * s->model_draws
                                                                : MOST_DRAWS;
    s->model_draws_most = s->model_draws_most ? s->model_draws_most : more;
}

static int plan_power(struct study_reader *r, const struct yaml_node *n)
{
    return yaml_bool(r->y, n, &r->s->power, r->err);
}

static const struct {
    const char *key;
    int (*read)(struct study_reader *r, const struct yaml_node *n);
} plan_keys[] = {
    {"seed", plan_seed},
    {"max_replicates", plan_replicates},
    {"alpha", plan_alpha},
    {"bucket", plan_bucket},
    {"session", plan_session},
    {"timezone", plan_zone},
    {"ttl", plan_ttl},
    {"correction", plan_correction},
    {"holidays", plan_holidays},
    {"power", plan_power},
    {"calibration", plan_calibration},
    {"model_draws", plan_model_draws},
    {"model_draws_most", plan_model_draws_most},
};
enum { PLAN_KEYS = sizeof plan_keys / sizeof *plan_keys };

static int read_plan(struct study_reader *r, const struct yaml_node *plan)
{
    const char *keys[PLAN_KEYS + 1] = {NULL};
    for (size_t i = 0; i < PLAN_KEYS; i++)
        keys[i] = plan_keys[i].key;
    if (yaml_only(r->y, plan, keys, r->err) < 0)
        return ERR_USAGE;
    for (size_t i = 0; i < PLAN_KEYS; i++) {
        const struct yaml_node *n = yaml_get(plan, plan_keys[i].key);
        if (n && plan_keys[i].read(r, n) < 0)
            return ERR_USAGE;
    }
    return 0;
}

/* --- groups ------------------------------------------------------------------------ */

static int read_patterns(struct study_reader *r, const struct yaml_node *n, const char ***ret,
                         size_t *ret_n)
{
    if (!yaml_is_list(n) || yaml_count(n) == 0)
        return yaml_fail(r->y, n, r->err, "expected a list of one or more patterns");
    *ret_n = yaml_count(n);
    *ret = mem_zero(*ret_n, sizeof **ret);
    for (size_t i = 0; i < *ret_n; i++)
        if (yaml_text(r->y, yaml_item(n, i), &(*ret)[i], r->err) < 0)
            return ERR_USAGE;
    return 0;
}

static int read_groups(struct study_reader *r, const struct yaml_node *groups)
{
    static const char *const keys[] = {"clients", "names", NULL};
    if (!yaml_is_map(groups) || yaml_count(groups) == 0)
        return yaml_fail(r->y, groups, r->err, "expected a mapping of one or more groups");
    r->s->groups = mem_zero(yaml_count(groups), sizeof *r->s->groups);
    for (size_t i = 0; i < yaml_count(groups); i++) {
        struct study_group *g = &r->s->groups[r->s->ngroups++];
        const struct yaml_node *n = yaml_item(groups, i), *clients, *names;
        g->id = yaml_key(r->y, groups, i);
        g->at = n;
        if (yaml_only(r->y, n, keys, r->err) < 0)
            return ERR_USAGE;
        clients = yaml_get(n, "clients");
        names = yaml_get(n, "names");
        if (!clients && !names)
            return yaml_fail(r->y, n, r->err, "expected 'clients' or 'names'");
        if ((clients && read_patterns(r, clients, &g->clients, &g->nclients) < 0) ||
            (names && read_patterns(r, names, &g->names, &g->nnames) < 0))
            return ERR_USAGE;
        for (size_t j = 0; j < i; j++)
            if (strcmp(r->s->groups[j].id, g->id) == 0)
                return yaml_fail(r->y, n, r->err, "expected a group once, found '%s' twice",
                                 g->id);
    }
    return 0;
}

/* --- the file ---------------------------------------------------------------------- */

/* 'simulated: false' would head every page with SIMULATED. */
static int read_simulated(struct study_reader *r, const struct yaml_node *n)
{
    static const char *const no_source[] = {"",   "true", "false", "yes",
                                            "no", "~",    "null",  NULL};
    if (yaml_text(r->y, n, &r->s->simulated, r->err) < 0)
        return ERR_USAGE;
    for (size_t i = 0; no_source[i]; i++)
        if (strcmp(r->s->simulated, no_source[i]) == 0)
            return yaml_fail(r->y, n, r->err,
                             "expected where the look-ups come from (no such key if they were "
                             "recorded), found '%s'",
                             r->s->simulated);
    return 0;
}

static int read_root(struct study_reader *r, const char *const *set)
{
    static const char *const keys[] = {"study",  "simulated", "plan",           "searched",
                                       "groups", "claims",    "specifications", NULL};
    const struct yaml_node *root = yaml_root(r->y), *title, *plan, *groups, *claims, *searched,
                           *simulated;
    if (yaml_only(r->y, root, keys, r->err) < 0 ||
        yaml_need(r->y, root, "study", &title, r->err) < 0 ||
        yaml_text(r->y, title, &r->s->title, r->err) < 0 ||
        yaml_need(r->y, root, "plan", &plan, r->err) < 0 || read_plan(r, plan) < 0)
        return ERR_USAGE;
    if (!yaml_get(plan, "ttl"))
        return yaml_fail(r->y, plan, r->err,
                         "expected the key 'ttl' (a duration, log, "
                         "estimate or unknown), found none");
    simulated = yaml_get(root, "simulated");
    if (simulated && read_simulated(r, simulated) < 0)
        return ERR_USAGE;
    struct study_reader setting = *r;
    for (size_t i = 0; set && set[i]; i++) {
        const char *eq = strchr(set[i], '=');
        if (!eq)
            return err_set(r->err, ERR_USAGE, "--set: expected KEY=VALUE, found '%s'", set[i]);
        char *text = mem_format("%.*s: %s", (int)(eq - set[i]), set[i], eq + 1);
        struct yaml *y;
        int rc = yaml_parse(&y, "--set", span_of(text), r->err);
        free(text);
        if (rc < 0)
            return rc;
        setting.y = r->s->yaml[r->s->nyaml++] = y;
        if (read_plan(&setting, yaml_root(y)) < 0)
            return ERR_USAGE;
    }
    if (yaml_need(r->y, root, "groups", &groups, r->err) < 0 || read_groups(r, groups) < 0)
        return ERR_USAGE;
    searched = yaml_get(root, "searched");
    if ((searched && study_reader_search(r, searched, &r->s->search) < 0) ||
        yaml_need(r->y, root, "claims", &claims, r->err) < 0)
        return ERR_USAGE;
    const struct yaml_node *specifications = yaml_get(root, "specifications");
    if (study_claims_read(r, claims) < 0)
        return ERR_USAGE;
    return specifications ? study_reader_specifications(r, specifications) : 0;
}

int study_of_text(struct study **ret, const char *path, char *text, size_t n,
                  const char *const *set, struct err *err)
{
    struct study *s = mem_zero(1, sizeof *s);
    *s = (struct study){.seed = 1,
                        .max_replicates = 1000000,
                        .alpha = .01,
                        .bucket_s = 3600,
                        .session_s = 30,
                        .power = true,
                        .calibration = 40,
                        .model_draws = EVIDENCE_DRAWS,
                        .zone_name = "UTC",
                        .correction = correction_find("holm"),
                        .search = {.kind = SEARCH_ASSUMED, .apart = 1, .source = ""},
                        .text = text};
    size_t settings = 0;
    while (set && set[settings])
        settings++;
    s->yaml = mem_zero(settings + 1, sizeof *s->yaml);
    struct digest *d = digest_new();
    digest_add(d, text, n);
    digest_end(d, s->sha256);
    struct yaml *y = NULL;
    int rc = yaml_parse(&y, path, span_make(text, n), err);
    if (rc == 0) {
        s->yaml[s->nyaml++] = y;
        struct study_reader r = {s, y, path, err};
        rc = read_root(&r, set);
    }
    if (rc < 0) {
        study_free(s);
        return rc;
    }
    fill_draws_most(s);
    *ret = s;
    return rc;
}

int study_read(struct study **ret, const char *path, const char *const *set, struct err *err)
{
    char *text;
    size_t n;
    int rc = file_read(&text, &n, path, err);
    return rc < 0 ? rc : study_of_text(ret, path, text, n, set, err);
}

void study_free(struct study *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->ngroups; i++) {
        free(s->groups[i].clients);
        free(s->groups[i].names);
        free(s->groups[i].client);
        free(s->groups[i].name);
    }
    for (size_t i = 0; i < s->nclaims; i++)
        study_claim_free(&s->claims[i]);
    for (int a = 0; a < SPEC_AXES; a++)
        for (size_t i = 0; i < SPEC_VALUES; i++)
            tz_free(s->axes[a].zone[i]);
    for (size_t i = 0; i < s->nlooks; i++)
        study_looks_free(s->looks[i]);
    free(s->looks);
    tz_free(s->zone);
    holidays_free(&s->holidays);
    free(s->groups);
    free(s->claims);
    for (size_t i = 0; i < s->nyaml; i++)
        yaml_close(s->yaml[i]);
    free(s->yaml);
    free(s->text);
    free(s);
}

/* --- against a case ---------------------------------------------------------------- */

static void match_all(const char *const *patterns, size_t n, const struct span *texts,
                      uint32_t ntexts, uint32_t **ret, size_t *ret_n)
{
    size_t cap = 0;
    for (uint32_t i = 0; i < ntexts; i++)
        for (size_t p = 0; p < n; p++)
            if (pattern_match(patterns[p], texts[i])) {
                MEM_GROW(*ret, *ret_n, cap);
                (*ret)[(*ret_n)++] = i;
                break;
            }
}

static int need_match(const struct study *s, size_t group, bool clients, struct err *err)
{
    const struct study_group *g = &s->groups[group];
    if (clients ? g->client_n : g->name_n)
        return 0;
    return yaml_fail(s->yaml[0], g->at, err,
                     "expected a %s of the case, found that group '%s' matches none",
                     clients ? "client" : "name", g->id);
}

/* Intervals of passive DNS hold no event; every kind of claim needs some. */
static int need_events(const struct counts *counts, struct err *err)
{
    char kinds[256] = "";
    if (counts->npairs || !counts->nintervals)
        return 0;
    size_t used = 0;
    for (const struct claim_kind *k = claim_table; k->id; k++)
        if ((k == claim_table || strcmp(k->id, k[-1].id) != 0) && used < sizeof kinds)
            used += (size_t)snprintf(kinds + used, sizeof kinds - used, "%s%s",
                                     used ? ", " : "", k->id);
    return err_set(err, ERR_DEGENERATE,
                   "expected look-ups with a client and a time, found %zu intervals of passive"
                   " DNS: every claim is undetermined (no_lookups); kinds that can be tested:"
                   " none of %s",
                   counts->nintervals, kinds);
}

/* A date, or a list of which no date lies inside, that the claim's window cannot hold. */
static int need_dates_inside(const struct study *s, const struct study_claim *c,
                             const struct counts *counts, struct err *err)
{
    int64_t from = c->from_ns, to = c->to_ns;
    if (from >= to && counts->nlive) {
        from = counts->live[0].from_ns;
        to = counts->live[counts->nlive - 1].to_ns;
    }
    bool inside = !c->events;
    for (size_t i = 0; c->events && i < c->events->n; i++)
        inside |= c->events->at[i].to_ns >= from && c->events->at[i].from_ns < to;
    bool dated = strcmp(c->kind->id, "reaction") == 0;
    if (inside && (!dated || (c->date_ns > from && c->date_ns < to)))
        return 0;
    char first[TEXT_TIME_MAX], last[TEXT_TIME_MAX];
    const struct yaml_node *at = yaml_get(c->at, dated ? "date" : "events");
    return yaml_fail(s->yaml[0], at ? at : c->at, err, "expected %s between %s and %s",
                     dated ? "a date" : "a date of the events", text_iso(first, from, 0),
                     text_iso(last, to, 0));
}

/* A window, or a date, that the case's listening time does not touch. */
static int need_window_inside(const struct study *s, const struct yaml_node *at, int64_t from,
                              int64_t to, const struct counts *counts, struct err *err)
{
    if (!at || from > to || !counts->nlive ||
        (to > counts->live[0].from_ns && from < counts->live[counts->nlive - 1].to_ns))
        return 0;
    char first[TEXT_TIME_MAX], last[TEXT_TIME_MAX];
    return yaml_fail(s->yaml[0], at, err,
                     "expected a %s in the case's listening time, %s to %s",
                     from < to ? "window" : "date", text_iso(first, counts->live[0].from_ns, 0),
                     text_iso(last, counts->live[counts->nlive - 1].to_ns, 0));
}

/* The windows and dates that were searched, and windows that another analyst might have taken.
 */
static int need_windows_inside(const struct study *s, const struct counts *counts,
                               struct err *err)
{
    const struct study_axis *a = &s->axes[SPEC_WINDOW];
    for (size_t i = 0; i < a->n; i++)
        if (need_window_inside(s, yaml_item(yaml_get(a->at, "values"), i), a->from_ns[i],
                               a->to_ns[i], counts, err) < 0)
            return ERR_USAGE;
    for (size_t k = 0; k < s->nlooks; k++)
        for (size_t i = 0; i < s->looks[k]->n[SEARCH_WINDOWS]; i++)
            if (need_window_inside(s, s->looks[k]->item[SEARCH_WINDOWS][i],
                                   s->looks[k]->from_ns[i], s->looks[k]->to_ns[i], counts,
                                   err) < 0)
                return ERR_USAGE;
    for (size_t k = 0; k < s->nlooks; k++)
        for (size_t i = 0; i < s->looks[k]->n[SEARCH_DATES]; i++)
            if (need_window_inside(s, s->looks[k]->item[SEARCH_DATES][i],
                                   s->looks[k]->date_ns[i], s->looks[k]->date_ns[i], counts,
                                   err) < 0)
                return ERR_USAGE;
    return 0;
}

/* Of two lists of sorted ids the first that both hold; SIZE_MAX: none. */
static size_t in_common(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
    for (size_t i = 0, j = 0; i < na && j < nb; a[i] < b[j] ? i++ : j++)
        if (a[i] == b[j])
            return a[i];
    return SIZE_MAX;
}

/* A pair that stands on both sides follows itself. */
static int need_sides_apart(const struct study *s, const struct study_claim *c,
                            const struct counts *counts, struct err *err)
{
    const struct study_group *bc = &s->groups[c->b_client], *bn = &s->groups[c->b_name],
                             *an = &s->groups[c->name];
    size_t name = in_common(an->name, an->name_n, bn->name, bn->name_n);
    for (size_t i = 0; i < c->nclients && name != SIZE_MAX; i++) {
        const struct study_group *ac = &s->groups[c->clients[i]];
        size_t client = in_common(ac->client, ac->client_n, bc->client, bc->client_n);
        if (client != SIZE_MAX)
            return yaml_fail(s->yaml[0], yaml_get(c->at, "b"), err,
                             "expected a pair that is not on side a too, found client '%.*s' "
                             "with name '%.*s' on both",
                             (int)counts->clients[client].n, counts->clients[client].p,
                             (int)counts->names[name].n, counts->names[name].p);
    }
    return 0;
}

static int resolve_claim(struct study *s, struct study_claim *c, const struct counts *counts,
                         struct err *err)
{
    bool two = c->b_client != SIZE_MAX;
    for (size_t i = 0; i < c->nclients; i++)
        if (need_match(s, c->clients[i], true, err) < 0)
            return ERR_USAGE;
    if (need_match(s, c->name, false, err) < 0 ||
        (two && (need_match(s, c->b_client, true, err) < 0 ||
                 need_match(s, c->b_name, false, err) < 0 ||
                 need_sides_apart(s, c, counts, err) < 0)) ||
        need_window_inside(s, yaml_get(c->at, "from"), c->from_ns, c->to_ns, counts, err) < 0 ||
        need_dates_inside(s, c, counts, err) < 0)
        return ERR_USAGE;
    if (c->search.kind == SEARCH_ASSUMED)
        c->search.low = c->search.high = c->search.apart =
            counts->npairs ? (double)counts->npairs : 1;
    return c->search.looks ? search_count(s, c, counts, err) : 0;
}

int study_resolve(struct study *s, const struct counts *counts, struct err *err)
{
    if (need_events(counts, err) < 0)
        return ERR_DEGENERATE;
    for (size_t i = 0; i < s->ngroups; i++) {
        struct study_group *g = &s->groups[i];
        match_all(g->clients, g->nclients, counts->clients, counts->nclients, &g->client,
                  &g->client_n);
        match_all(g->names, g->nnames, counts->names, counts->nnames, &g->name, &g->name_n);
    }
    if (need_windows_inside(s, counts, err) < 0)
        return ERR_USAGE;
    for (struct study_claim *c = s->claims; c < s->claims + s->nclaims; c++)
        if (resolve_claim(s, c, counts, err) < 0)
            return ERR_USAGE;
    return 0;
}
