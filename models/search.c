/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "models/study_claim.h"
#include "stats/multi.h"

struct pair {
    uint32_t client, name;
};

/* One alternative: a study and a claim that differ from the claim's own. */
struct other {
    struct study s;
    struct study_claim c;
    struct trial t;
    bool made;
};

struct search {
    struct trial *own;
    struct other *v;
    size_t n;
    struct study_group *groups; /* the study's, then two a pair */
    struct pair *pair;
    size_t npairs;
};

/* --- what there is ------------------------------------------------------------------- */

static bool among(const uint32_t *ids, size_t n, uint32_t id)
{
    return bsearch(&id, ids, n, sizeof id, trial_id_order) != NULL;
}

/* Is it the claim's one pair, or b of synchrony? */
static bool is_own(const struct study *s, const struct study_claim *c, struct pair p)
{
    bool two = c->b_client != SIZE_MAX;
    const struct study_group *client = &s->groups[two ? c->b_client : c->clients[0]],
                             *name = &s->groups[two ? c->b_name : c->name];
    return (two || c->nclients == 1) && client->client_n == 1 && name->name_n == 1 &&
           client->client[0] == p.client && name->name[0] == p.name;
}

/* Of synchrony: not the pair that is followed. */
static bool is_a(const struct study *s, const struct study_claim *c, struct pair p)
{
    const struct study_group *client = &s->groups[c->clients[0]], *name = &s->groups[c->name];
    return c->b_client != SIZE_MAX && among(client->client, client->client_n, p.client) &&
           among(name->name, name->name_n, p.name);
}

static size_t find_pairs(const struct study *s, const struct study_claim *c,
                         const struct counts *counts, struct pair **ret)
{
    const struct study_looks *l = c->search.looks;
    size_t n = 0, cap = 0;
    *ret = NULL;
    if (l->pair_client == SIZE_MAX)
        return 0;
    const struct study_group *clients = &s->groups[l->pair_client],
                             *names = &s->groups[l->pair_name];
    for (size_t i = 0; i < counts->npairs; i++) {
        struct pair p = {counts->pairs[i].client, counts->pairs[i].name};
        bool again = n > 0 && (*ret)[n - 1].client == p.client && (*ret)[n - 1].name == p.name;
        if (again || !among(clients->client, clients->client_n, p.client) ||
            !among(names->name, names->name_n, p.name) || is_own(s, c, p) || is_a(s, c, p))
            continue;
        MEM_GROW(*ret, n, cap);
        (*ret)[n++] = p;
    }
    return n;
}

static bool same_moments(const struct moments *a, const struct moments *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->at[i].from_ns == b->at[i].from_ns && a->at[i].to_ns == b->at[i].to_ns;
    return same;
}

/* Put look i of an axis into the claim; false where it is the claim's own. */
static bool put(const struct study_looks *l, enum search_axis axis, size_t i, struct study *s,
                struct study_claim *c)
{
    char known[160];
    struct study_claim old = *c;
    bool other = false;
    switch (axis) {
    case SEARCH_WINDOWS:
        other = c->from_ns != l->from_ns[i] || c->to_ns != l->to_ns[i];
        c->from_ns = l->from_ns[i];
        c->to_ns = l->to_ns[i];
        s->seed += other ? 0x9e3779b97f4a7c15u * (i + 1) : 0; /* drawn apart */
        return other;
    case SEARCH_ZONES:
        for (size_t k = 0; k < c->nhours; k++) {
            other |= strcmp(c->hours[k].zone_name, l->zone_name[i]) != 0;
            c->hours[k].zone = l->zone[i];
        }
        return other;
    case SEARCH_LAGS:
        c->max_lag_s = l->lag_s[i];
        return c->max_lag_s != old.max_lag_s;
    case SEARCH_DATES:
        c->date_ns = l->date_ns[i];
        return c->date_ns != old.date_ns;
    case SEARCH_EVENTS:
        c->events = l->events[i];
        return !same_moments(c->events, old.events);
    default:
        study_claim_statistic(c, l->statistic[i], known, sizeof known);
        return c->statistic != old.statistic || c->features != old.features;
    }
}

/* How many looks of the axis are not the claim's own; which, into ret if it is there. */
static size_t others_on(const struct study *s, const struct study_claim *c,
                        enum search_axis axis, size_t *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < c->search.looks->n[axis]; i++) {
        struct study copy = *s;
        struct study_claim one = *c;
        if (put(c->search.looks, axis, i, &copy, &one)) {
            if (ret)
                ret[n] = i;
            n++;
        }
    }
    return n;
}

static int need_pairs(const struct study *s, const struct study_claim *c, struct err *err)
{
    const struct study_looks *l = c->search.looks;
    const struct study_group *clients = &s->groups[l->pair_client],
                             *names = &s->groups[l->pair_name];
    if (clients->client_n && names->name_n)
        return 0;
    return yaml_fail(s->yaml[0], l->at[SEARCH_PAIRS], err,
                     "expected pairs of the case, found that group '%s' matches no %s",
                     clients->client_n ? names->id : clients->id,
                     clients->client_n ? "name" : "client");
}

int search_count(const struct study *s, struct study_claim *c, const struct counts *counts,
                 struct err *err)
{
    struct pair *pair;
    if (c->search.looks->pair_client != SIZE_MAX && need_pairs(s, c, err) < 0)
        return ERR_USAGE;
    if (c->search.looks->pair_client != SIZE_MAX && counts_is_part(counts))
        return yaml_fail(s->yaml[0], c->search.looks->at[SEARCH_PAIRS], err,
                         "expected a case of all look-ups, found that only those of %s were "
                         "kept: pairs that were left out were looked at too, so write how many "
                         "there were",
                         counts->rules[RULE_KEEP]);
    double looks = (double)find_pairs(s, c, counts, &pair) + 1;
    free(pair);
    for (int a = SEARCH_PAIRS + 1; a < SEARCH_AXES; a++)
        looks *= (double)others_on(s, c, (enum search_axis)a, NULL) + 1;
    c->search.low = c->search.high = c->search.apart * looks;
    return 0;
}

/* --- alternatives --------------------------------------------------------------------- */

static void put_pair(struct search *s, size_t i, struct other *o)
{
    size_t at = o->s.ngroups + 2 * i;
    o->s.groups = s->groups;
    if (o->c.b_client != SIZE_MAX) {
        o->c.b_client = at;
        o->c.b_name = at + 1;
    } else {
        o->c.clients[0] = at;
        o->c.nclients = 1;
        o->c.name = at + 1;
    }
}

static void make_groups(struct search *s)
{
    const struct study *study = s->own->study;
    size_t n = study->ngroups;
    s->groups = mem_zero(n + 2 * s->npairs + 1, sizeof *s->groups);
    memcpy(s->groups, study->groups, n * sizeof *s->groups);
    for (size_t i = 0; i < s->npairs; i++) {
        s->groups[n + 2 * i] =
            (struct study_group){.id = "searched", .client = &s->pair[i].client, .client_n = 1};
        s->groups[n + 2 * i + 1] =
            (struct study_group){.id = "searched", .name = &s->pair[i].name, .name_n = 1};
    }
}

/* Alternative number `index` of the product of the axes; 0 is the claim itself. */
static void make_other(struct search *s, size_t index, size_t which[][SEARCH_VALUES],
                       const size_t *count, struct other *ret)
{
    const struct trial *t = s->own;
    ret->s = *t->study;
    ret->c = *t->claim;
    ret->s.power = false;
    for (int a = 0; a < SEARCH_AXES; a++) {
        size_t level = index % (count[a] + 1);
        index /= count[a] + 1;
        if (level && a == SEARCH_PAIRS)
            put_pair(s, level - 1, ret);
        else if (level)
            put(t->claim->search.looks, (enum search_axis)a, which[a][level - 1], &ret->s,
                &ret->c);
    }
}

static void prepare(void *ctx, size_t i, size_t worker)
{
    struct search *s = ctx;
    struct other *o = &s->v[i];
    (void)worker;
    o->made = trial_make(&o->t, &o->s, &o->c, s->own->counts, 1, NULL) == 0;
}

struct search *search_new(struct trial *t)
{
    size_t which[SEARCH_AXES][SEARCH_VALUES], count[SEARCH_AXES], all = 1;
    if (!t->claim->search.looks)
        return NULL;
    struct search *s = mem_zero(1, sizeof *s);
    s->own = t;
    s->npairs = count[SEARCH_PAIRS] = find_pairs(t->study, t->claim, t->counts, &s->pair);
    for (int a = 0; a < SEARCH_AXES; a++) {
        if (a != SEARCH_PAIRS)
            count[a] = others_on(t->study, t->claim, (enum search_axis)a, which[a]);
        all *= count[a] + 1;
    }
    s->n = all - 1;
    if (s->n == 0 || s->n > SEARCH_MOST)
        return s;
    make_groups(s);
    s->v = mem_zero(s->n, sizeof *s->v);
    for (size_t i = 0; i < s->n; i++)
        make_other(s, i + 1, which, count, &s->v[i]);
    par_for(t->threads, s->n, prepare, s);
    return s;
}

void search_free(struct search *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->v && i < s->n; i++)
        if (s->v[i].made)
            trial_free(&s->v[i].t);
    free(s->v);
    free(s->groups);
    free(s->pair);
    free(s);
}

/* --- the price ------------------------------------------------------------------------ */

struct run {
    struct search *s;
    const struct battery_row *row;
    uint32_t m; /* replicates; of shifts, how many there are */
    bool shifts;
    struct null_result *result;
};

static const double *values_of(const struct run *run, const struct null_result *n)
{
    if (run->shifts)
        return n->nshifts == run->m ? n->shift : NULL;
    return n->mc.replicates >= run->m ? n->values : NULL;
}

static void run_other(void *ctx, size_t i, size_t worker)
{
    struct run *run = ctx;
    struct other *o = &run->s->v[i];
    struct null_result *n = &run->result[i];
    (void)worker;
    *n = trial_blank();
    o->t.exactly = run->m;
    o->t.rough = true;
    if (o->made && o->t.a.n > 0)
        run->row->run(&o->t, n);
}

static void run_again(struct trial *t, const struct battery_row *row, uint32_t m,
                      struct null_result *own)
{
    const struct study *study = t->study;
    struct study quick = *study;
    struct power_curve power = own->power;
    free(own->values);
    free(own->shift);
    *own = trial_blank();
    quick.power = false;
    t->study = &quick;
    t->exactly = m;
    row->run(t, own);
    t->exactly = 0;
    t->study = study;
    own->power = power;
}

/* Joint p of the claim, from all that have replicates. */
static void joint(const struct run *run, const struct null_result *own,
                  struct search_price *ret)
{
    size_t n = 1, m = run->m;
    for (size_t i = 0; i < run->s->n; i++)
        n += values_of(run, &run->result[i]) != NULL;
    double *observed = mem_alloc(3 * n * sizeof *observed), *p = observed + n, *raw = p + n;
    double *null = mem_alloc(n * m * sizeof *null);
    const double **values = mem_alloc(n * sizeof *values);
    size_t k = 1;
    observed[0] = own->observed;
    values[0] = values_of(run, own);
    for (size_t i = 0; i < run->s->n; i++)
        if (values_of(run, &run->result[i])) {
            observed[k] = run->result[i].observed;
            values[k++] = values_of(run, &run->result[i]);
        }
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            null[i * n + j] = values[j][i];
    multi_maxt_standard(observed, null, n, m, raw, p);
    ret->drawn = n;
    ret->reach = 0;
    for (size_t j = 1; j < n; j++)
        ret->reach += raw[j] <= raw[0];
    ret->log_p = log(p[0]);
    ret->mc = (struct mc){.max = run->shifts ? (uint32_t)m : run->s->own->study->max_replicates,
                          .replicates = (uint32_t)m,
                          .exceed = (uint32_t)llround(p[0] * (double)(m + 1)) - 1};
    free(observed);
    free(null);
    free(values);
}

static bool decided(const struct trial *t, const struct mc *mc)
{
    double lo, hi, alpha = -expm1(log1p(-t->study->alpha) / t->claim->search.apart);
    mc_interval(mc, &lo, &hi);
    return lo > alpha || hi < alpha;
}

static uint32_t next(uint32_t m, uint32_t most)
{
    return m > (most - 9) / 10 ? most : 10 * m + 9;
}

/* Shifts are all there are; replicates grow. */
static void draw(struct run *run, struct null_result *own, struct search_price *ret)
{
    struct trial *t = run->s->own;
    bool slow = t->claim->b_client != SIZE_MAX;
    double most = slow ? SEARCH_SLOW : SEARCH_DRAWS;
    uint32_t cap = t->study->max_replicates;
    run->shifts = own->nshifts > 0;
    run->m = run->shifts ? (uint32_t)own->nshifts : cap < 999 ? cap : 999;
    for (;; run->m = next(run->m, cap)) {
        if ((double)run->m * (double)(run->s->n + 1) > most) {
            ret->drawn = 0;
            snprintf(ret->why, sizeof ret->why,
                     "%zu alternatives times %u replicates are more than %.0f", run->s->n + 1,
                     run->m, most);
            return;
        }
        if (!run->shifts && own->mc.replicates < run->m)
            run_again(t, run->row, run->m, own);
        par_for(t->threads, run->s->n, run_other, run);
        joint(run, own, ret);
        for (size_t i = 0; i < run->s->n; i++) {
            free(run->result[i].values);
            free(run->result[i].shift);
        }
        if (run->shifts || run->m >= cap || decided(t, &ret->mc))
            return;
    }
}

void search_price(struct search *s, const struct battery_row *row, struct null_result *own,
                  struct search_price *ret)
{
    *ret = (struct search_price){.log_p = NAN};
    if (!s)
        return;
    ret->alternatives = s->n + 1;
    if (s->n == 0 || (own->why != WHY_NONE && own->why != WHY_INCONCLUSIVE))
        return;
    if (!s->v)
        snprintf(ret->why, sizeof ret->why, "more than %d alternatives", SEARCH_MOST);
    else if (!own->values && !own->nshifts)
        snprintf(ret->why, sizeof ret->why, "this p is exact or a rank, without replicates");
    else if (s->own->claim->b_client != SIZE_MAX && own->log_p > log(s->own->study->alpha))
        snprintf(ret->why, sizeof ret->why, "the p of one look is above alpha already");
    if (ret->why[0])
        return;
    struct run run = {.s = s, .row = row, .result = mem_zero(s->n, sizeof *run.result)};
    draw(&run, own, ret);
    free(run.result);
}
