/* SPDX-License-Identifier: GPL-3.0-or-later
 * authenticity, explanation `versions`: another copy of the log. Copies part for innocent
 * reasons (a tap that missed rows, an export that was cut), which strike all pairs; rows that
 * were put in after the copies parted are those of one pair. So the share of the claim's rows
 * that the copy does not have at that tick is ranked among the other pairs of half to twice as
 * many rows, (1 + as large shares) / (1 + pairs) (Phipson & Smyth 2010). Rows outside of the
 * copy's listening time are not looked for in it. What was altered before the copies parted
 * is in both, so that this bounds nothing.
 *
 * Power is of the share of the claim's rows that were put in after the copies parted: one of
 * the other pairs of like volume stands in the claim's place, lacking as large a share v of
 * rows, and each row that it has in both was put in with chance theta: power(theta) = mean over
 * pairs of P(v + (1 - v) B / rows >= critical),  B ~ Bin(rows, theta), the critical share being
 * the least that no more pairs reach than the level allows. Exact. */
#include "models/nulls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/apart.h"
#include "stats/tail.h"

struct lacking {
    uint64_t rows, lacks;
};

static const struct counts_pair *pair_in(const struct counts *copy, const struct counts *own,
                                         const struct counts_pair *p)
{
    size_t low = 0, high = copy->npairs;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (counts_pair_order(copy, &copy->pairs[mid], own, p) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    bool same = low < copy->npairs && counts_pair_order(copy, &copy->pairs[low], own, p) == 0;
    return same ? &copy->pairs[low] : NULL;
}

/* Look-ups of a pair, tick by tick, in the window and the copy's listening time. */
static void count_lacking(const struct trial *t, const struct counts_pair *p,
                          struct lacking *ret)
{
    const struct counts *c = t->counts, *copy = t->claim->copy.counts;
    const struct counts_pair *q = pair_in(copy, c, p);
    struct series_iter own = series_begin(counts_series(p), p->first), other = {0};
    bool more = q != NULL;
    if (more) {
        other = series_begin(counts_series(q), q->first);
        more = series_next(&other);
    }
    while (series_next(&own)) {
        int64_t at = own.tick * c->tick_ns;
        if (at < t->window.from_ns || at >= t->window.to_ns ||
            counts_live_within(copy, at, at + 1) == 0)
            continue;
        while (more && other.tick < own.tick)
            more = series_next(&other);
        uint64_t there = more && other.tick == own.tick ? other.count : 0;
        ret->rows += own.count;
        ret->lacks += own.count > there ? own.count - there : 0;
    }
}

static double share(const struct lacking *l)
{
    return (double)l->lacks / (double)l->rows;
}

const struct power_effect own_versions = {
    "put_in_share", "share of the claim's rows that were put in after the two copies parted", 0,
    1,
    "asks whether two copies differ more in these rows than in others: what was altered before "
    "they parted is in both"};

/* Shares of the pairs of like volume, and what they are held against. */
struct copy_job {
    const double *share;
    size_t n;
    uint64_t rows;
    double critical, seen;
};

/* P(v + (1 - v) B / rows >= x). */
static double reaches(double x, double v, uint64_t rows, double chance)
{
    if (v >= x)
        return 1;
    double least = ceil((double)rows * (x - v) / (1 - v));
    return least > (double)rows
               ? 0
               : exp(binomial_log_upper((uint64_t)least, rows, fmin(1, chance)));
}

static void copy_power(void *ctx, struct power_point *point)
{
    const struct copy_job *job = ctx;
    double found = 0, as_much = 0;
    for (size_t i = 0; i < job->n; i++) {
        found += reaches(job->critical, job->share[i], job->rows, point->effect);
        as_much += reaches(job->seen, job->share[i], job->rows, point->effect);
    }
    point->value = found / (double)job->n;
    point->severity = fmax(0, 1 - as_much / (double)job->n);
    point->lo = point->hi = point->severity_lo = point->severity_hi = NAN;
}

static bool of_like_volume(const struct lacking *v, const struct lacking *own)
{
    return v->rows > 0 && 2 * v->rows >= own->rows && v->rows <= 2 * own->rows;
}

static bool counted_alike(const struct counts *a, const struct counts *b)
{
    bool same = a->tick_ns == b->tick_ns;
    for (int i = 0; i < COUNTS_RULES; i++)
        same = same && (i == RULE_VANTAGE || !a->rules[i] || !b->rules[i] ||
                        strcmp(a->rules[i], b->rules[i]) == 0);
    return same;
}

/* Pairs, types of one as one: the claim's, and the others, malloced; *ret_own is the claim's.
 */
static struct lacking *lacking_of(const struct trial *t, struct lacking *ret_own, size_t *ret_n)
{
    const struct counts *c = t->counts;
    struct lacking *v = mem_zero(c->npairs + 1, sizeof *v);
    size_t n = 0;
    *ret_own = (struct lacking){0, 0};
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        bool own = trial_has(&t->a, p->client, p->name);
        bool again = i > 0 && p[-1].client == p->client && p[-1].name == p->name;
        n += !own && !again;
        count_lacking(t, p, own ? ret_own : &v[n - 1]);
    }
    *ret_n = n;
    return v;
}

static void power_of(const struct trial *t, const struct lacking *own, const struct lacking *v,
                     size_t n, struct null_result *ret)
{
    double *like = mem_alloc((n + 1) * sizeof *like);
    struct copy_job job = {.share = like, .rows = own->rows};
    const double near = 1e-9; /* rounding: what is critical lies just above a share */
    for (size_t i = 0; i < n; i++)
        if (of_like_volume(&v[i], own))
            like[job.n++] = share(&v[i]);
    job.critical = power_critical(like, job.n, t->decide) * (1 + near);
    job.seen = share(own) * (1 - near);
    ret->power.of = &own_versions;
    if (isfinite(job.critical))
        trial_power_exact(t, copy_power, &job, ret);
    free(like);
}

static void rank_of(const struct trial *t, const struct lacking *own, const struct lacking *v,
                    size_t n, struct null_result *ret)
{
    size_t like = 0;
    for (size_t i = 0; i < n; i++)
        like += of_like_volume(&v[i], own);
    ret->mc = (struct mc){.max = (uint32_t)like};
    for (size_t i = 0; i < n; i++)
        if (of_like_volume(&v[i], own))
            mc_add(&ret->mc, share(&v[i]), share(own));
    ret->statistic = "share of rows that the other copy does not have";
    ret->observed = share(own);
    ret->floor = mc_floor((uint32_t)like);
    ret->log_p = own->lacks ? log(mc_p(&ret->mc)) : 0;
    mc_interval(&ret->mc, &ret->p_lo, &ret->p_hi);
    snprintf(ret->detail, sizeof ret->detail,
             "%llu of %llu rows are not in the copy (SHA-256 begins %.12s); of %zu other pairs "
             "of like volume %u lack as large a share",
             (unsigned long long)own->lacks, (unsigned long long)own->rows,
             t->claim->copy.sha256, like, ret->mc.exceed);
    if (ret->floor > t->decide && own->lacks) /* where none is lacking nothing can reject */
        trial_untested(ret, WHY_RESOLUTION,
                       "%zu other pairs of half to twice the rows; %.0f are needed", like,
                       ceil(1 / t->decide) - 1);
    power_of(t, own, v, n, ret);
}

void null_authenticity_versions(struct trial *t, struct null_result *ret)
{
    const struct counts *copy = t->claim->copy.counts;
    struct lacking own;
    size_t n;
    if (!copy) {
        trial_untested(ret, WHY_NEEDS_DATA, "needs %s", SECOND_COPY);
        return;
    }
    if (!counted_alike(t->counts, copy)) {
        trial_untested(ret, WHY_NEEDS_DATA, "needs a copy that is counted by the same rules");
        return;
    }
    struct lacking *v = lacking_of(t, &own, &n);
    if (own.rows > 0)
        rank_of(t, &own, v, n, ret);
    else
        trial_untested(ret, WHY_MIN_DATA,
                       "no row of the claim lies in the copy's listening time");
    free(v);
}
