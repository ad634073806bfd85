/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about who asks for a name, in presence-days (models/pairdays.h).
 *
 * exclusivity: the group's share of the name's presence-days, each side's over its coverage;
 * 1/2 means none: no more than all others together. rarity: presence-days of the group's
 * block over those of an equal block; 1 means none.
 *
 * An upper bound u of either is that of the odds in/out: the wider of Clopper and Pearson's
 * and of the test of days as blocks, turned round. */
#include "models/nulls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/sort.h"
#include "models/activity.h"
#include "models/apart.h"
#include "models/blocks.h"
#include "models/contrast.h"
#include "models/crosstab.h"
#include "models/listed.h"
#include "stats/tail.h"
#include "stats/unseen.h"

enum { MIN_PEERS = 5, MIN_OTHERS = 5, MIN_OUT_BLOCKS = 5 };

/* Presence-days of the claim's names by UTC day, of the group and of all others. */
struct sides {
    struct pairdays days;
    struct selection group;
    double *in, *out; /* a day */
    double n_in, n_out;
    double *by_client; /* of every client on the names */
};

static bool has_id(const uint32_t *ids, size_t n, uint32_t id)
{
    return bsearch(&id, ids, n, sizeof id, trial_id_order) != NULL;
}

static void sides_make(const struct trial *t, struct sides *s)
{
    pairdays_make(&s->days, t->counts, &t->window);
    selection_of(t, t->claim->clients, t->claim->nclients, t->claim->name, &s->group);
    s->in = mem_zero(s->days.ndays + 1, sizeof *s->in);
    s->out = mem_zero(s->days.ndays + 1, sizeof *s->out);
    s->by_client = mem_zero(s->days.nclients + 1, sizeof *s->by_client);
    s->n_in = s->n_out = 0;
    for (size_t i = 0; i < s->days.ncells; i++) {
        const struct pairdays_cell *c = &s->days.cells[i];
        if (!has_id(s->group.names, s->group.nnames, c->name))
            continue;
        bool own = has_id(s->group.clients, s->group.nclients, c->client);
        for (uint32_t k = 0; k < c->n; k++)
            (own ? s->in : s->out)[s->days.day[c->at + k]]++;
        *(own ? &s->n_in : &s->n_out) += c->n;
        s->by_client[c->client] += c->n;
    }
}

static void sides_free(struct sides *s)
{
    pairdays_free(&s->days);
    selection_free(&s->group);
    free(s->in);
    free(s->out);
    free(s->by_client);
}

/* Does the case hold every look-up of the group's names? Of a part (ingest --keep) nobody knows
 * it but of names that are written out. */
static bool all_of(const struct trial *t, size_t group)
{
    const struct study_group *g = &t->study->groups[group];
    bool all = true;
    for (size_t i = 0; all && counts_is_part(t->counts) && i < g->nnames; i++)
        all = !strpbrk(g->names[i], "*?") && counts_has_all_of(t->counts, span_of(g->names[i]));
    return all;
}

/* What was left out at ingest is no zero: a share needs all look-ups of its names, and what is
 * set beside other names and clients all of theirs. */
static bool left_out(bool missing, const char *what, struct null_result *ret)
{
    if (missing)
        trial_untested(ret, WHY_NEEDS_DATA, "%s were left out at ingest (--keep)", what);
    return missing;
}

static bool askers_left_out(const struct trial *t, struct null_result *ret)
{
    return left_out(!all_of(t, t->claim->name), "others that ask for the name", ret);
}

static bool too_short(const struct sides *s, struct null_result *ret)
{
    size_t heard = 0;
    for (size_t d = 0; d < s->days.ndays; d++)
        heard += s->days.live[d] > 0;
    if (heard < CONTRAST_DAYS || !(s->n_in + s->n_out > 0))
        trial_untested(ret, WHY_MIN_DATA,
                       "%zu days heard with %.0f presence-days; %d days and one are needed",
                       heard, s->n_in + s->n_out, CONTRAST_DAYS);
    return ret->why != WHY_NONE;
}

/* The null of whole days from a score of each, which is summed to blocks in place. */
static void score_test(struct trial *t, const char *stream, double *score, size_t days,
                       struct null_result *ret)
{
    blocks_test(t, stream, score, contrast_blocks(score, days), contrast_block_days(days), ret);
}

/* Bound of in/out at a one-sided level: upper for sign +1, lower for -1. The wider of the exact
 * one and that of days as blocks; NAN where the dear one is not asked for. */
static double odds_bound(const struct trial *t, const struct sides *s, double level, int sign)
{
    double lo, hi;
    if (t->rough || !all_of(t, t->claim->name))
        return NAN;
    binomial_interval((uint64_t)s->n_in, (uint64_t)(s->n_in + s->n_out), 2 * level - 1, &lo,
                      &hi);
    double bound = sign > 0 ? hi / (1 - hi) : lo / (1 - lo);
    if (!(s->n_in > 0) || !(s->n_out > 0))
        return bound;
    struct contrast c;
    contrast_new(&c, s->days.ndays);
    for (size_t i = 0; i < c.days; i++) {
        c.in[i] = s->in[i];
        c.out[i] = s->out[i];
        c.in_hours[i] = c.out_hours[i] = s->days.live[i] > 0;
    }
    contrast_sum(&c);
    double days = contrast_bound(&c, level, sign, t->study->seed, t->a.id);
    contrast_free(&c);
    return sign > 0 ? fmax(bound, days) : fmin(bound, days);
}

/* --- coverage --------------------------------------------------------------------------- */

/* Least and most share that the stated coverage leaves of a share that was seen. Coverage of
 * both sides weights them; one coverage for all leaves open whose the unseen ones were. */
static void share_range(const struct study_coverage *c, double odds, double *ret_least,
                        double *ret_most)
{
    double seen = isinf(odds) ? 1 : odds / (1 + odds);
    *ret_least = *ret_most = seen;
    if (c->known && c->others > 0) {
        double weighted = odds * c->others / c->value;
        *ret_least = *ret_most = isinf(odds) ? 1 : weighted / (1 + weighted);
    } else if (c->known) {
        *ret_least = seen * c->value;
        *ret_most = seen * c->value + 1 - c->value;
    }
}

static double share_least(const struct trial *t, double odds)
{
    double least, most;
    share_range(&t->claim->coverage, odds, &least, &most);
    return least;
}

static double share_most(const struct trial *t, double odds)
{
    double least, most;
    share_range(&t->claim->coverage, odds, &least, &most);
    return most;
}

/* Surrogates of a curve: sides of whole weeks change places, `equal` days of others being
 * worth one of the group's. The sign belongs to the week, so that it is the same one in every
 * window. */
static void swap_weeks(const struct trial *t, struct sides *s, double equal)
{
    if (!t->swap)
        return;
    s->n_in = s->n_out = 0;
    for (size_t d = 0; d < s->days.ndays; d++) {
        struct rng r;
        int64_t week = floor_div(s->days.first_day + (int64_t)d, 7);
        rng_stream(&r, t->study->seed, RNG_SIMULATE, rng_subject_of(t->a.id, (uint64_t)week),
                   (uint32_t)t->swap);
        if (rng_u32(&r) & 1) {
            double in = s->in[d];
            s->in[d] = s->out[d] / equal;
            s->out[d] = in * equal;
        }
        s->n_in += s->in[d];
        s->n_out += s->out[d];
    }
}

/* What coverage was used, and who says so; kept beside the answer. */
static void tell_coverage(const struct study_coverage *c, struct null_result *ret)
{
    const char *source = study_source(c->source);
    if (ret->why != WHY_NONE && ret->why != WHY_INCONCLUSIVE)
        return;
    if (c->others > 0)
        snprintf(ret->detail, sizeof ret->detail,
                 "coverage %.3g of the group, %.3g of others: %s", c->value, c->others, source);
    else
        snprintf(ret->detail, sizeof ret->detail,
                 "coverage %.3g, the unseen all taken for others': %s", c->value, source);
}

static bool coverage_unknown(const struct trial *t, const struct sides *s, const char *what,
                             struct null_result *ret)
{
    if (t->claim->coverage.known)
        return false;
    trial_untested(ret, WHY_NEEDS_DATA,
                   "needs the coverage of each side (coverage:); %s if the sensors see others "
                   "at less than %.3g times "
                   "the coverage of the group",
                   what, share_tipping(s->n_in, s->n_out, .5));
    return true;
}

/* --- power --------------------------------------------------------------------------- */

/* Days drawn with given odds of the group's presence-days over others', as seen: each side's
 * scatter about its mean, scaled to the new one, with the sign of a whole block of days. */
struct odds_job {
    const struct sides *s;
    double w_in, w_out; /* of the score */
    double equal;       /* odds of no effect, as seen, over those of the scale */
    double unseen;      /* presence-days of others for each that was seen */
    bool share;         /* the effect is a share; else a ratio */
};

static double seen_odds(const struct odds_job *j, double effect)
{
    double q = j->share ? effect / (1 - fmin(effect, 1 - 1e-9)) : effect, most = 1e9;
    q *= j->equal;
    if (j->unseen > 0) /* odds that leave q when all that was not seen is others' */
        q = q * j->unseen < 1 ? q * (1 + j->unseen) / (1 - q * j->unseen) : most;
    return fmin(q, most);
}

static double odds_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct odds_job *j = ctx;
    const struct sides *s = j->s;
    (void)worker;
    size_t n = s->days.ndays, length = contrast_block_days(n);
    double live = 0, sign = 1, *score = mem_zero(n + 1, sizeof *score);
    for (size_t d = 0; d < n; d++)
        live += s->days.live[d] > 0;
    double rin = s->n_in / live, rout = s->n_out / live, share = seen_odds(j, effect);
    share /= 1 + share;
    double in = share * (rin + rout), out = (1 - share) * (rin + rout);
    for (size_t d = 0; d < n; d++) {
        if (d % length == 0)
            sign = rng_u32(r) & 1 ? 1 : -1;
        if (!(s->days.live[d] > 0))
            continue;
        double a = rin > 0 ? (s->in[d] - rin) / rin : 0;
        double b = rout > 0 ? (s->out[d] - rout) / rout : 0;
        score[d] = j->w_in * in * (1 + sign * a) - j->w_out * out * (1 + sign * b);
    }
    double value = contrast_studentised(score, contrast_blocks(score, n));
    free(score);
    return value;
}

/* A side's odds of no effect, where both sides' coverage is known apart. */
static double coverage_odds(const struct study_coverage *c)
{
    return c->known && c->others > 0 ? c->value / c->others : 1;
}

/* Own presence-days of the same total at a share, against the others' of a rank. */
struct rank_job {
    const struct odds_job *odds;
    uint64_t total;
    const double *others; /* of rarity: a block of others, times the effect */
    size_t n;
};

static double rank_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct rank_job *j = ctx;
    (void)worker;
    if (j->others)
        return effect * j->others[rng_below(r, j->n)];
    double odds = seen_odds(j->odds, effect);
    return (double)rng_binomial(r, j->total, odds / (1 + odds)) / (double)j->total;
}

/* --- exclusivity ---------------------------------------------------------------------------
 */

void exclusivity_effect(const struct trial *t, struct effect *ret)
{
    struct sides s;
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    sides_make(t, &s);
    swap_weeks(t, &s, 1);
    if (s.n_in + s.n_out > 0 && all_of(t, t->claim->name)) {
        double one_sided = (1 + ret->level) / 2, odds = s.n_in / s.n_out;
        ret->value = share_least(t, odds) / 2 + share_most(t, odds) / 2;
        ret->lo = share_least(t, odds_bound(t, &s, one_sided, -1));
        ret->hi = share_most(t, odds_bound(t, &s, one_sided, +1));
    }
    sides_free(&s);
}

/* Where coverage is unknown any share is possible: an opposite must not stand on what
 * nobody knows. */
static double share_bound(const struct trial *t, const struct sides *s)
{
    return t->claim->coverage.known ? share_most(t, odds_bound(t, s, t->level, +1)) : 1;
}

/* Has the group no more of the sides' days than all others together? Whole days as one. */
static void majority_test(struct trial *t, const char *stream, const struct sides *s,
                          struct null_result *ret)
{
    double *score = mem_zero(s->days.ndays + 1, sizeof *score);
    for (size_t d = 0; d < s->days.ndays; d++)
        score[d] = s->in[d] - s->out[d];
    score_test(t, stream, score, s->days.ndays, ret);
    free(score);
    struct odds_job odds = {s, 1, 1, coverage_odds(&t->claim->coverage), 0, true};
    blocks_power(t, stream, odds_inject, &odds, ret);
}

/* No more than all others together. */
void null_exclusivity_days(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    if (!askers_left_out(t, ret) && !too_short(&s, ret)) {
        majority_test(t, "exclusivity_days", &s, ret);
        ret->u = share_bound(t, &s);
    }
    sides_free(&s);
}

/* The same under the coverage that is worst for the group. With weights, in/c_in - out/c_out;
 * with one coverage c, what was not seen is others': in less (in + out)/c - in. */
void null_exclusivity_sensors(struct trial *t, struct null_result *ret)
{
    struct sides s;
    const struct study_coverage *c = &t->claim->coverage;
    sides_make(t, &s);
    double in = c->others > 0 ? 1 / c->value : 2 - 1 / c->value,
           out = c->others > 0 ? 1 / c->others : 1 / c->value;
    if (askers_left_out(t, ret) ||
        coverage_unknown(t, &s, "the share is under one half", ret) || too_short(&s, ret)) {
        sides_free(&s);
        return;
    }
    ret->u = share_bound(t, &s);
    if (!(in > 0)) { /* more was missed than was seen: no rows can reject */
        ret->statistic = "share of what was seen and was not";
        ret->observed = share_least(t, s.n_in / s.n_out);
        ret->log_p = 0;
    } else {
        double *score = mem_zero(s.days.ndays + 1, sizeof *score);
        for (size_t d = 0; d < s.days.ndays; d++)
            score[d] = in * s.in[d] - out * s.out[d];
        score_test(t, "exclusivity_sensors", score, s.days.ndays, ret);
        free(score);
        double unseen = c->others > 0 ? 0 : 1 / c->value - 1;
        struct odds_job odds = {&s, in, out, coverage_odds(c), unseen, true};
        blocks_power(t, "exclusivity_sensors", odds_inject, &odds, ret);
    }
    tell_coverage(c, ret);
    sides_free(&s);
}

/* Share of each name's k largest clients, of names that are comparable; returns how many. */
static size_t peer_shares(const struct trial *t, const struct sides *s, size_t k, double *ret)
{
    const struct study_group *g =
        t->claim->compare == SIZE_MAX ? NULL : &t->study->groups[t->claim->compare];
    double own = s->n_in + s->n_out, *counts = mem_zero(s->days.ncells + 1, sizeof *counts);
    size_t *start = mem_zero(s->days.nnames + 2, sizeof *start), n = 0;
    for (size_t i = 0; i < s->days.ncells; i++)
        start[s->days.cells[i].name + 2]++;
    for (size_t i = 2; i < s->days.nnames + 2; i++)
        start[i] += start[i - 1];
    for (size_t i = 0; i < s->days.ncells; i++)
        counts[start[s->days.cells[i].name + 1]++] = s->days.cells[i].n;
    for (uint32_t name = 0; name < s->days.nnames; name++) {
        double volume = s->days.name[name];
        bool comparable =
            2 * volume >= own && volume <= 2 * own && (!g || has_id(g->name, g->name_n, name));
        if (comparable && !has_id(s->group.names, s->group.nnames, name))
            ret[n++] =
                crosstab_top_share(counts + start[name], start[name + 1] - start[name], k);
    }
    free(counts);
    free(start);
    return n;
}

/* Names of a part are those that somebody chose to keep: a study that writes its peers out has
 * them all, where nobody who asks for them was left out. */
static bool peers_left_out(const struct trial *t, struct null_result *ret)
{
    size_t compare = t->claim->compare;
    bool all = compare != SIZE_MAX ? all_of(t, compare) : !counts_is_part(t->counts);
    return left_out(!all, "names to compare with", ret);
}

/* Names of like volume are as concentrated on as many clients: rank of the group's share. */
void null_exclusivity_concentration(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    double *peers = mem_zero(s.days.nnames + 1, sizeof *peers);
    size_t n = peer_shares(t, &s, s.group.nclients, peers);
    if (askers_left_out(t, ret) || peers_left_out(t, ret)) {
    } else if (n < MIN_PEERS || !(s.n_in + s.n_out > 0)) {
        trial_untested(ret, WHY_NO_COMPARE,
                       "%zu names of half to twice the presence-days; %d are needed", n,
                       MIN_PEERS);
    } else {
        double own = s.n_in / (s.n_in + s.n_out);
        ret->statistic = "share of as many clients, among names of like volume";
        ret->observed = own;
        ret->mc = (struct mc){.max = (uint32_t)n};
        for (size_t i = 0; i < n; i++)
            mc_add(&ret->mc, peers[i], own);
        ret->log_p = log(mc_p(&ret->mc));
        mc_interval(&ret->mc, &ret->p_lo, &ret->p_hi);
        ret->floor = mc_floor((uint32_t)n);
        ret->u = share_bound(t, &s);
        struct odds_job odds = {&s, 1, 1, coverage_odds(&t->claim->coverage), 0, true};
        struct rank_job rank = {&odds, (uint64_t)(s.n_in + s.n_out), NULL, 0};
        trial_power_at(t, "concentration",
                       (struct power_marks){power_critical(peers, n, t->decide), own},
                       rank_inject, &rank, ret);
        if (ret->floor > t->decide)
            trial_untested(ret, WHY_RESOLUTION,
                           "%zu comparable names can give p = %.3g; %.9g would be needed", n,
                           ret->floor, ceil(1 / t->decide) - 1);
    }
    free(peers);
    sides_free(&s);
}

static void group_activity(struct trial *t, const struct sides *s, struct null_result *ret)
{
    if (!left_out(counts_is_part(t->counts), "other names and clients", ret))
        activity_test(t, &s->group, s->n_in, ret);
}

/* The group asks for much, whatever the name. */
void null_exclusivity_activity(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    group_activity(t, &s, ret);
    ret->u = share_bound(t, &s);
    sides_free(&s);
}

/* --- a list of those who were seen ------------------------------------------------------- */

/* The group's clients are like the others that are listed. */
void null_exclusivity_truncation(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    struct listed list = {.others = mem_alloc((s.days.nclients + 1) * sizeof *list.others),
                          .least = UINT64_MAX};
    for (size_t d = 0; d < s.days.ndays; d++)
        list.most += s.days.live[d] > 0 ? s.group.nnames : 0;
    for (uint32_t c = 0; c < s.days.nclients; c++) {
        uint64_t n = (uint64_t)s.by_client[c];
        if (!n)
            continue;
        if (has_id(s.group.clients, s.group.nclients, c)) {
            list.least = n < list.least ? n : list.least;
            list.members++;
        } else {
            list.others[list.nothers++] = n;
        }
    }
    if (askers_left_out(t, ret)) {
    } else if (list.nothers < MIN_OTHERS || list.members == 0) {
        trial_untested(ret, WHY_MIN_DATA, "%zu other clients are listed; %d are needed",
                       list.nothers, MIN_OTHERS);
    } else {
        listed_test(t, &list, ret);
        ret->u = share_bound(t, &s);
    }
    free(list.others);
    sides_free(&s);
}

/* --- exclusivity: mail ------------------------------------------------------------------ */

/* Days of clients that a mail, or the time after it, touches: client and day of the table. */
struct touched {
    uint64_t *key;
    size_t n;
};

static int by_key(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void touched_make(struct touched *ret, const struct trial *t, const struct pairdays *d)
{
    const struct study_aside *mail = &t->claim->mailings;
    const int64_t day_ns = 86400 * NS_PER_S, after = (int64_t)llround(mail->after_s * 1e9);
    size_t cap = 0;
    *ret = (struct touched){0};
    for (size_t i = 0; i < mail->times->n; i++) {
        struct moment at = mail->times->at[i];
        uint32_t client = counts_client(t->counts, span_of(mail->times->client[i]));
        int64_t to = at.to_ns + after - 1, day = floor_div(at.from_ns, day_ns) - d->first_day;
        if (client == UINT32_MAX)
            continue;
        for (day = day > 0 ? day : 0;
             day < (int64_t)d->ndays && (d->first_day + day) * day_ns <= to; day++) {
            MEM_GROW(ret->key, ret->n, cap);
            ret->key[ret->n++] = (uint64_t)client << 32 | (uint64_t)day;
        }
    }
    if (ret->n)
        sort_by(ret->key, ret->n, sizeof *ret->key, by_key);
}

/* Take the touched presence-days out of the sides; returns how many. */
static double set_aside(const struct touched *v, struct sides *s)
{
    double hits = 0;
    for (size_t i = 0; i < s->days.ncells; i++) {
        const struct pairdays_cell *c = &s->days.cells[i];
        if (!has_id(s->group.names, s->group.nnames, c->name))
            continue;
        bool own = has_id(s->group.clients, s->group.nclients, c->client);
        for (uint32_t k = 0; k < c->n; k++) {
            uint32_t day = s->days.day[c->at + k];
            uint64_t key = (uint64_t)c->client << 32 | day;
            if (!v->n || !bsearch(&key, v->key, v->n, sizeof key, by_key))
                continue;
            (own ? s->in : s->out)[day]--;
            *(own ? &s->n_in : &s->n_out) -= 1;
            hits++;
        }
    }
    return hits;
}

/* Apart from each client's days with a mail the group has no majority. What is set aside is a
 * day of one client, so that a group that is mailed every day has nothing left to show: that
 * counts against the claim. No bound u: the rest is not the share that is claimed. */
void null_exclusivity_mail(struct trial *t, struct null_result *ret)
{
    struct sides s;
    struct touched v;
    if (!study_aside_given(&t->claim->mailings)) {
        trial_untested(ret, WHY_NEEDS_DATA, "needs %s", RECIPIENTS);
        return;
    }
    sides_make(t, &s);
    touched_make(&v, t, &s.days);
    double all = s.n_in + s.n_out, hits = set_aside(&v, &s);
    if (v.n == 0) {
        trial_untested(ret, WHY_MIN_DATA, "no mail of the log went to a client of the case");
    } else if (!too_short(&s, ret)) {
        majority_test(t, "exclusivity_mail", &s, ret);
    }
    if (hits > 0 && (ret->why == WHY_MIN_DATA || ret->why == WHY_RESOLUTION))
        apart_nothing_left(ret);
    if (ret->why == WHY_NONE || ret->why == WHY_INCONCLUSIVE)
        snprintf(
            ret->detail, sizeof ret->detail,
            "%.0f of %.0f presence-days are days of a mail to that client or soon after it "
            "(%s); the rest was tested alone",
            hits, all, study_source(t->claim->mailings.source));
    free(v.key);
    sides_free(&s);
}

/* --- rarity ----------------------------------------------------------------------------- */

/* The block of a client: its address's first bits, as text; the whole text where it is no
 * address or no length was given. */
static void block_of(struct span client, int bits, char ret[64])
{
    unsigned a, b, c, d;
    char text[64];
    snprintf(text, sizeof text, "%.*s", client.n < 60 ? (int)client.n : 60, client.p);
    if (bits > 0 && bits <= 32 && sscanf(text, "%3u.%3u.%3u.%3u", &a, &b, &c, &d) == 4) {
        uint32_t whole = a << 24 | b << 16 | c << 8 | d;
        snprintf(ret, 64, "%08x", bits == 32 ? whole : whole >> (32 - bits));
    } else {
        memcpy(ret, text, sizeof text);
    }
}

struct block {
    char id[64];
    double days;
    bool own;
};

static int by_block(const void *a, const void *b)
{
    return strcmp(((const struct block *)a)->id, ((const struct block *)b)->id);
}

/* Blocks that hold a client of the case, with their presence-days on the names; a block that
 * holds one of the group's clients is the group's. Returns how many. */
static size_t blocks_of_case(const struct trial *t, const struct sides *s, struct block **ret)
{
    struct block *v = mem_zero(s->days.nclients + 1, sizeof *v);
    size_t n = 0;
    for (uint32_t c = 0; c < s->days.nclients; c++) {
        if (!(s->days.client[c] > 0))
            continue;
        block_of(t->counts->clients[c], t->claim->block_bits, v[n].id);
        v[n].days = s->by_client[c];
        v[n++].own = has_id(s->group.clients, s->group.nclients, c);
    }
    qsort(v, n, sizeof *v, by_block);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept && strcmp(v[kept - 1].id, v[i].id) == 0) {
            v[kept - 1].days += v[i].days;
            v[kept - 1].own |= v[i].own;
        } else {
            v[kept++] = v[i];
        }
    }
    *ret = v;
    return kept;
}

/* How many blocks the group has and how many the others. */
struct ratio {
    double own, others;
    struct block *v;
    size_t n;
};

static void ratio_make(const struct trial *t, const struct sides *s, struct ratio *r)
{
    *r = (struct ratio){0};
    r->n = blocks_of_case(t, s, &r->v);
    for (size_t i = 0; i < r->n; i++)
        *(r->v[i].own ? &r->own : &r->others) += 1;
}

/* in/out to prevalence ratio, coverage of both sides taken off where it is known. With one
 * coverage for all, those who were not seen may all be the others' (side -1) or all the
 * group's (side +1); side 0: shared as those who were. */
static double to_ratio(const struct trial *t, const struct ratio *r, double odds, int side)
{
    const struct study_coverage *c = &t->claim->coverage;
    double weight = c->known && c->others > 0 ? c->others / c->value : 1,
           unseen = c->known && !(c->others > 0) ? 1 / c->value - 1 : 0;
    if (side > 0)
        odds += (1 + odds) * unseen;
    else if (side < 0)
        odds = isinf(odds) ? 1 / unseen : odds / (1 + (1 + odds) * unseen);
    return odds * r->others / r->own * weight;
}

void share_others(const struct trial *t, double *ret_asked, double *ret_of)
{
    struct sides s;
    struct ratio r;
    sides_make(t, &s);
    ratio_make(t, &s, &r);
    *ret_asked = 0;
    *ret_of = counts_is_part(t->counts) ? 0 : r.others;
    for (size_t i = 0; i < r.n; i++)
        *ret_asked += !r.v[i].own && r.v[i].days > 0;
    free(r.v);
    sides_free(&s);
}

static bool few_blocks(const struct trial *t, const struct ratio *r, struct null_result *ret)
{
    if (left_out(counts_is_part(t->counts), "other blocks", ret))
        return true;
    if (r->own < 1 || r->others < MIN_OUT_BLOCKS)
        trial_untested(ret, WHY_NO_COMPARE,
                       "%.0f other blocks of equal size in the case; %d are needed", r->others,
                       MIN_OUT_BLOCKS);
    return ret->why != WHY_NONE;
}

void rarity_effect(const struct trial *t, struct effect *ret)
{
    struct sides s;
    struct ratio r;
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    sides_make(t, &s);
    ratio_make(t, &s, &r);
    if (r.own > 0 && r.others > 0)
        swap_weeks(t, &s, r.others / r.own);
    if (s.n_in + s.n_out > 0 && r.own > 0 && r.others > 0 && !counts_is_part(t->counts)) {
        double one_sided = (1 + ret->level) / 2;
        ret->value = s.n_out > 0 ? to_ratio(t, &r, s.n_in / s.n_out, 0) : NAN;
        ret->lo = to_ratio(t, &r, odds_bound(t, &s, one_sided, -1), -1);
        ret->hi = to_ratio(t, &r, odds_bound(t, &s, one_sided, +1), +1);
    }
    free(r.v);
    sides_free(&s);
}

static double ratio_bound(const struct trial *t, const struct sides *s, const struct ratio *r)
{
    double u = to_ratio(t, r, odds_bound(t, s, t->level, +1), +1);
    bool known = t->claim->coverage.known && !counts_is_part(t->counts);
    return isfinite(u) && known ? u : NAN; /* no limit */
}

/* Blocks differ: the rank of the group's block (of the mean of its blocks) among equal
 * ones, those that never asked included. */
void null_rarity_blocks(struct trial *t, struct null_result *ret)
{
    struct sides s;
    struct ratio r;
    sides_make(t, &s);
    ratio_make(t, &s, &r);
    if (!few_blocks(t, &r, ret)) {
        ret->statistic = "presence-days of the block, among blocks of equal size";
        ret->observed = s.n_in / r.own;
        ret->mc = (struct mc){.max = (uint32_t)r.others};
        for (size_t i = 0; i < r.n; i++)
            if (!r.v[i].own)
                mc_add(&ret->mc, r.v[i].days, ret->observed);
        ret->log_p = log(mc_p(&ret->mc));
        mc_interval(&ret->mc, &ret->p_lo, &ret->p_hi);
        ret->floor = mc_floor((uint32_t)r.others);
        ret->u = ratio_bound(t, &s, &r);
        double *others = mem_alloc((r.n + 1) * sizeof *others);
        size_t n = 0;
        for (size_t i = 0; i < r.n; i++)
            if (!r.v[i].own)
                others[n++] = r.v[i].days;
        struct rank_job rank = {NULL, 0, others, n};
        trial_power_at(
            t, "blocks",
            (struct power_marks){power_critical(others, n, t->decide), ret->observed},
            rank_inject, &rank, ret);
        free(others);
        if (ret->floor > t->decide)
            trial_untested(ret, WHY_RESOLUTION,
                           "%.0f equal blocks can give p = %.3g; %.9g would be needed",
                           r.others, ret->floor, ceil(1 / t->decide) - 1);
    }
    free(r.v);
    sides_free(&s);
}

/* in/c_in against the mean of the other blocks, whole days as one; `unseen` a presence-day
 * that was seen are the others'. */
static void rarity_score(struct trial *t, const char *stream, const struct sides *s,
                         const struct ratio *r, double c_in, double c_out, double unseen,
                         struct null_result *ret)
{
    double *score = mem_zero(s->days.ndays + 1, sizeof *score);
    for (size_t d = 0; d < s->days.ndays; d++)
        score[d] = s->in[d] / c_in / r->own -
                   (s->out[d] / c_out + (s->in[d] + s->out[d]) * unseen) / r->others;
    score_test(t, stream, score, s->days.ndays, ret);
    free(score);
    struct odds_job odds = {s,
                            1 / c_in / r->own - unseen / r->others,
                            (1 / c_out + unseen) / r->others,
                            r->own / r->others * c_in / c_out,
                            unseen,
                            false};
    blocks_power(t, stream, odds_inject, &odds, ret);
    ret->u = ratio_bound(t, s, r);
}

void null_rarity_days(struct trial *t, struct null_result *ret)
{
    struct sides s;
    struct ratio r;
    sides_make(t, &s);
    ratio_make(t, &s, &r);
    if (!few_blocks(t, &r, ret) && !too_short(&s, ret))
        rarity_score(t, "rarity_days", &s, &r, 1, 1, 0, ret);
    free(r.v);
    sides_free(&s);
}

/* The sensors see the block better than others. With one coverage c for all, what was not
 * seen is taken to be the others'. */
void null_rarity_sensors(struct trial *t, struct null_result *ret)
{
    struct sides s;
    struct ratio r;
    const struct study_coverage *c = &t->claim->coverage;
    sides_make(t, &s);
    ratio_make(t, &s, &r);
    if (left_out(counts_is_part(t->counts), "other blocks", ret)) {
    } else if (!c->known) {
        trial_untested(ret, WHY_NEEDS_DATA,
                       "needs the coverage of each side (coverage:); there is no excess if the "
                       "sensors see others at "
                       "less than %.3g times the coverage of the block",
                       s.n_out / s.n_in * r.own / r.others);
    } else if (!few_blocks(t, &r, ret) && !too_short(&s, ret)) {
        if (c->others > 0)
            rarity_score(t, "rarity_sensors", &s, &r, c->value, c->others, 0, ret);
        else
            rarity_score(t, "rarity_sensors", &s, &r, 1, 1, 1 / c->value - 1, ret);
    }
    tell_coverage(c, ret);
    free(r.v);
    sides_free(&s);
}

void null_rarity_activity(struct trial *t, struct null_result *ret)
{
    struct sides s;
    struct ratio r;
    sides_make(t, &s);
    ratio_make(t, &s, &r);
    group_activity(t, &s, ret);
    ret->u = ratio_bound(t, &s, &r);
    free(r.v);
    sides_free(&s);
}
