/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens of rows that come again: runs, distances, stretches. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_sf_gamma.h>

#include "base/mem.h"
#include "base/sort.h"
#include "base/text.h"
#include "models/repeats.h"
#include "models/screens.h"
#include "stats/tail.h"

static const char *when(const struct screening *in, double t_s, char out[TEXT_TIME_MAX])
{
    return text_iso(out, in->base_tick * in->c->tick_ns + (int64_t)(t_s * 1e9), 0);
}

/* --- repeats ------------------------------------------------------------------------ */

/* Expected by chance in the whole screen: below it, one copied run is a finding. */
static const double CHANCE = 2e-4;
enum { MERGED_MAX = 4000000 };

struct token {
    double t;
    uint64_t pair;
};

static int by_time(const void *a, const void *b)
{
    const struct token *x = a, *y = b;
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    return (x->pair > y->pair) - (x->pair < y->pair);
}

struct repeats_sum {
    double expected;
    size_t found, tested, regular;
    size_t least_k;
    char where[200];
};

static void add_repeats(struct repeats_sum *sum, const struct repeats *r,
                        const struct screening *in, double from_s, double to_s)
{
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    if (!r->k) {
        sum->regular++;
        return;
    }
    sum->tested++;
    sum->expected += r->expected;
    if (r->found && !sum->found)
        snprintf(sum->where, sizeof sum->where, "; the first from %s and again from %s",
                 when(in, from_s, from), when(in, to_s, to));
    sum->found += r->found;
    if (!sum->least_k || r->k < sum->least_k)
        sum->least_k = r->k;
}

static void pair_repeats(const struct screening *in, const struct counts_pair *p, double target,
                         struct repeats_sum *sum)
{
    double *t;
    size_t n = screening_sessions(in, p, &t);
    uint64_t *gap = mem_alloc((n + 1) * sizeof *gap);
    for (size_t i = 1; i < n; i++)
        gap[i - 1] = (uint64_t)llround((t[i] - t[i - 1]) / in->tick_s);
    struct repeats r = {0};
    if (n > 2 * REPEATS_K_MIN) {
        repeats_find(&r, gap, n - 1, target);
        add_repeats(sum, &r, in, t[r.from], t[r.to]);
    }
    free(gap);
    free(t);
}

/* All pairs as one sequence of (pair, gap to whatever came before). */
static void merged_repeats(const struct screening *in, double target, struct repeats_sum *sum)
{
    struct token *v = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < in->c->npairs && n <= MERGED_MAX; i++) {
        double *t;
        size_t k = screening_sessions(in, &in->c->pairs[i], &t);
        for (size_t j = 0; j < k; j++) {
            MEM_GROW(v, n, cap);
            v[n++] = (struct token){t[j], i};
        }
        free(t);
    }
    if (n > 2 * REPEATS_K_MIN && n <= MERGED_MAX) {
        sort_by(v, n, sizeof *v, by_time);
        uint64_t *token = mem_alloc(n * sizeof *token);
        for (size_t i = 1; i < n; i++)
            token[i - 1] =
                v[i].pair << 32 ^ (uint64_t)llround((v[i].t - v[i - 1].t) / in->tick_s);
        struct repeats r;
        repeats_find(&r, token, n - 1, target);
        add_repeats(sum, &r, in, v[r.from].t, v[r.to].t);
        free(token);
    }
    free(v);
}

void screen_repeats(const struct screening *in, struct screen_result *ret)
{
    struct repeats_sum sum = {0};
    const struct counts_pair *p;
    size_t pairs = 0;
    while ((p = screening_pair(in, pairs)) && p->series_n / 2 > 2 * REPEATS_K_MIN)
        pairs++;
    for (size_t i = 0; i < pairs; i++)
        pair_repeats(in, screening_pair(in, i), CHANCE / (double)(pairs + 1), &sum);
    if (in->c->npairs > 1)
        merged_repeats(in, CHANCE / (double)(pairs + 1), &sum);
    if (!sum.tested) {
        screen_not_applicable(
            ret, pairs ? "%zu pairs, all regular or too short" : "no pair has 10 sessions",
            sum.regular);
        return;
    }
    ret->value = (double)sum.found;
    ret->log_p = sum.found ? poisson_log_upper(sum.found, sum.expected) : 0;
    ret->smallest = (double)sum.least_k + 1;
    screen_note(ret,
                "%zu found, %.2g expected, in %zu sequences (%zu left out: regular or "
                "short)%s",
                sum.found, sum.expected, sum.tested, sum.regular, sum.where);
}

/* --- offsets ------------------------------------------------------------------------ */

enum { OFFSET_PAIRS = 8 };

struct offsets_basis {
    struct offsets busiest; /* of the busiest pair looked at */
    double range_s;         /* from its first session to its last */
    size_t tested;
};

void screen_offsets(const struct screening *in, struct screen_result *ret)
{
    struct offsets_basis basis = {.tested = 0};
    struct offsets worst = {.log_p = 0};
    const struct counts_pair *p, *at = NULL;
    for (size_t i = 0;
         basis.tested < OFFSET_PAIRS && (p = screening_pair(in, i)) && p->series_n / 2 >= 20;
         i++) {
        double *t;
        size_t n = screening_sessions(in, p, &t);
        struct offsets o;
        if (offsets_find(&o, t, n, in->tick_s)) {
            if (!basis.tested++) {
                basis.busiest = o;
                basis.range_s = t[n - 1] - t[0];
            }
            if (o.log_p < worst.log_p) {
                worst = o;
                at = p;
            }
        }
        free(t);
    }
    if (!basis.tested) {
        screen_not_applicable(ret, "no pair has 20 to %d sessions", OFFSETS_MAX);
        return;
    }
    ret->log_p = log_sidak(worst.log_p, (double)basis.tested);
    ret->value = (double)worst.found;
    ret->innocent = worst.periodic;
    ret->basis = mem_copy(&basis, sizeof basis);
    if (at)
        screen_note(ret,
                    "%zu sessions of %.60s for %.60s have another %.0f s later (%.2g "
                    "expected)%s",
                    worst.found, screen_client(in, at), screen_name(in, at), worst.offset_s,
                    worst.expected, worst.periodic ? "; so do other distances: a timer" : "");
    else
        screen_note(ret, "no distance stands out in the %zu busiest pairs", basis.tested);
}

double screen_offsets_smallest(const struct screening *in, const struct screen_result *r)
{
    const struct offsets_basis *b = r->basis;
    return (double)offsets_least(&b->busiest, b->range_s, in->tick_s,
                                 screening_limit(in, FAMILY_FIRST) - log((double)b->tested));
}

/* --- doubled ------------------------------------------------------------------------ */

/* ln P(longest run of successes >= run | n in a row, d successes): of n - d + 1 slots
 * between failures, one or more hold `run` of the d or more; inclusion and exclusion. The
 * first term bounds it from above and is within a factor 1 - p of it (Bonferroni). */
static double log_longest_run(size_t n, size_t d, size_t run)
{
    if (run <= 1)
        return 0;
    double slots = (double)(n - d + 1);
    double log_p = log(slots) + gsl_sf_lnchoose((unsigned)(n - run), (unsigned)(n - d)) -
                   gsl_sf_lnchoose((unsigned)n, (unsigned)d);
    return fmin(0, log_p);
}

struct doubled {
    size_t moments, twice, run;
};

static struct doubled count_doubled(const struct counts_pair *p)
{
    struct doubled d = {0};
    size_t run = 0;
    struct series_iter it = series_begin(counts_series(p), p->first);
    while (series_next(&it)) {
        bool twice = it.count > 1 && it.count % 2 == 0;
        run = twice ? run + 1 : 0;
        d.moments++;
        d.twice += twice;
        d.run = run > d.run ? run : d.run;
    }
    return d;
}

/* Shortest run, put into a pair that has none, that would be found. */
static double least_run(const struct doubled *d, double log_limit)
{
    size_t run = 2;
    while (d->twice + run < d->moments &&
           log_longest_run(d->moments, d->twice + run, run) > log_limit)
        run++;
    return (double)run;
}

struct doubled_basis {
    struct doubled busiest; /* of the busiest pair */
    size_t tested;
};

void screen_doubled(const struct screening *in, struct screen_result *ret)
{
    struct doubled_basis basis = {.tested = 0};
    size_t longest = 0, all = 0;
    double least = 0;
    const struct counts_pair *p, *at = NULL;
    for (size_t i = 0; (p = screening_pair(in, i)) && p->series_n / 2 >= 20; i++) {
        struct doubled d = count_doubled(p);
        if (!basis.tested++)
            basis.busiest = d;
        all += d.twice == d.moments;
        double log_p = d.twice == d.moments ? 0 : log_longest_run(d.moments, d.twice, d.run);
        longest = d.run > longest ? d.run : longest;
        if (log_p < least) {
            least = log_p;
            at = p;
        }
    }
    if (!basis.tested) {
        screen_not_applicable(ret, "no pair has 20 moments");
        return;
    }
    ret->value = (double)longest;
    ret->log_p = log_sidak(least, (double)basis.tested);
    ret->basis = mem_copy(&basis, sizeof basis);
    screen_note(ret, "%zu pairs looked at%s%.80s%s%.80s", basis.tested,
                at ? "; least likely: " : "", at ? screen_client(in, at) : "",
                at ? " for " : "", at ? screen_name(in, at) : "");
    if (all && !at) {
        ret->answer = INTEGRITY_EXPLAIN;
        screen_note(ret,
                    "%zu pairs have every row twice throughout: two taps, or a log fed in "
                    "twice",
                    all);
    }
}

double screen_doubled_smallest(const struct screening *in, const struct screen_result *r)
{
    const struct doubled_basis *b = r->basis;
    return least_run(&b->busiest, screening_limit(in, FAMILY_FIRST) - log((double)b->tested));
}
