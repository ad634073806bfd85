/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens of rows: what comes twice, what comes too soon, what fits too well, what is
 * missing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_multimin.h>
#include <gsl/gsl_sf_gamma.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/repeats.h"
#include "models/screens.h"
#include "models/shortgaps.h"
#include "stats/gof.h"
#include "stats/tail.h"

static const char *client_of(const struct screening *in, const struct counts_pair *p)
{
    return in->c->clients[p->client].p;
}

static const char *name_of(const struct screening *in, const struct counts_pair *p)
{
    return in->c->names[p->name].p;
}

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
        qsort(v, n, sizeof *v, by_time);
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

/* Least number of sessions at one distance that would be found where rho are expected. */
static double least_found(double rho, double log_limit)
{
    uint64_t k = 1;
    while (k < 100000 && poisson_log_upper(k, rho) > log_limit)
        k++;
    return (double)k;
}

void screen_offsets(const struct screening *in, struct screen_result *ret)
{
    size_t tested = 0;
    struct offsets worst = {.log_p = 0};
    const struct counts_pair *p, *at = NULL;
    double looks = 1, rho = 0;
    for (size_t i = 0;
         tested < OFFSET_PAIRS && (p = screening_pair(in, i)) && p->series_n / 2 >= 20; i++) {
        double *t;
        size_t n = screening_sessions(in, p, &t);
        struct offsets o;
        if (offsets_find(&o, t, n, in->tick_s)) {
            tested++;
            double range = (t[n - 1] - t[0]) / in->tick_s;
            looks = fmax(looks, 2 * range);
            rho = fmax(rho, (double)n * (double)n / 2 / range);
            if (o.log_p < worst.log_p) {
                worst = o;
                at = p;
            }
        }
        free(t);
    }
    if (!tested) {
        screen_not_applicable(ret, "no pair has 20 to %d sessions", OFFSETS_MAX);
        return;
    }
    ret->log_p = log_sidak(worst.log_p, (double)tested);
    ret->value = (double)worst.found;
    ret->innocent = worst.periodic;
    ret->smallest = least_found(rho, screening_limit(in) - log(looks * (double)tested));
    if (at)
        screen_note(ret,
                    "%zu sessions of %.60s for %.60s have another %.0f s later (%.2g "
                    "expected)%s",
                    worst.found, client_of(in, at), name_of(in, at), worst.offset_s,
                    worst.expected, worst.periodic ? "; so do other distances: a timer" : "");
    else
        screen_note(ret, "no distance stands out in the %zu busiest pairs", tested);
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

void screen_doubled(const struct screening *in, struct screen_result *ret)
{
    size_t tested = 0, longest = 0, all = 0;
    double least = 0;
    struct doubled busiest = {0};
    const struct counts_pair *p, *at = NULL;
    for (size_t i = 0; (p = screening_pair(in, i)) && p->series_n / 2 >= 20; i++) {
        struct doubled d = count_doubled(p);
        if (!tested++)
            busiest = d;
        all += d.twice == d.moments;
        double log_p = d.twice == d.moments ? 0 : log_longest_run(d.moments, d.twice, d.run);
        longest = d.run > longest ? d.run : longest;
        if (log_p < least) {
            least = log_p;
            at = p;
        }
    }
    if (!tested) {
        screen_not_applicable(ret, "no pair has 20 moments");
        return;
    }
    ret->value = (double)longest;
    ret->log_p = log_sidak(least, (double)tested);
    ret->smallest = least_run(&busiest, screening_limit(in) - log((double)tested));
    screen_note(ret, "%zu pairs looked at%s%.80s%s%.80s", tested, at ? "; least likely: " : "",
                at ? client_of(in, at) : "", at ? " for " : "", at ? name_of(in, at) : "");
    if (all && !at) {
        ret->answer = INTEGRITY_EXPLAIN;
        screen_note(ret,
                    "%zu pairs have every row twice throughout: two taps, or a log fed in "
                    "twice",
                    all);
    }
}

/* --- gaps shorter than the time to live ----------------------------------------------- */

enum { SHORT_TESTED = 5, SHORT_REPLICATES = 9999 };

/* Few enough, and more than restarts make: then caches are put to the test. */
static bool worth_testing(const struct shortgaps *s)
{
    return s->places >= 3 && s->shorter * 10 <= s->gaps && s->k > 0;
}

static uint64_t subject_of(const struct screening *in, const struct counts_pair *p)
{
    struct span client = in->c->clients[p->client], name = in->c->names[p->name];
    return rng_subject_of(
        rng_subject_of(rng_subject(client.p, client.n), rng_subject(name.p, name.n)), p->qtype);
}

struct short_sum {
    size_t pairs, gaps, shorter, with, suspected;
    double least, hidden, sessions;
    const struct counts_pair *worst;
    int k;
};

static void add_short(const struct screening *in, const struct counts_pair *p, double ttl_s,
                      struct short_sum *sum)
{
    double *t;
    struct rng r;
    struct shortgaps s;
    size_t n = screening_sessions(in, p, &t);
    rng_stream(&r, in->o->seed, RNG_NULL, rng_subject_of(subject_of(in, p), 0x5307), 0);
    if (n >= 2) {
        for (size_t i = n; i-- > 0;)
            t[i] -= t[0];
        shortgaps_test(&s, t, n, fmax(in->live_s, t[n - 1]), ttl_s, 0, &r);
        sum->pairs++;
        sum->gaps += s.gaps;
        sum->shorter += s.shorter;
        sum->with += s.shorter > 0;
        if (s.sessions > sum->sessions) {
            sum->sessions = (double)s.sessions;
            sum->hidden = s.hidden;
        }
        if (sum->suspected < SHORT_TESTED && worth_testing(&s)) {
            shortgaps_test(&s, t, n, fmax(in->live_s, t[n - 1]), ttl_s, SHORT_REPLICATES, &r);
            sum->suspected++;
            if (s.log_p < sum->least) {
                sum->least = s.log_p;
                sum->worst = p;
                sum->k = s.k;
            }
        }
    }
    free(t);
}

void screen_short_gaps(const struct screening *in, struct screen_result *ret)
{
    struct short_sum sum = {0};
    const struct counts_pair *p;
    if (strcmp(in->c->rules[RULE_VANTAGE], "below_resolver") == 0) {
        screen_not_applicable(ret, "the sensor stood below the resolver: no cache is between");
        return;
    }
    for (size_t i = 0; (p = screening_pair(in, i)); i++)
        if (in->ttl_s[p->name] > 2 * SHORTGAPS_SLACK_S)
            add_short(in, p, in->ttl_s[p->name], &sum);
    if (!sum.gaps) {
        screen_not_applicable(ret, "no time to live is known of a pair with two sessions");
        return;
    }
    ret->value = (double)sum.shorter;
    ret->smallest = sum.hidden > 0 ? ceil(log(.05) / log1p(-sum.hidden)) : NAN;
    screen_note(ret, "%zu of %zu gaps, in %zu of %zu pairs", sum.shorter, sum.gaps, sum.with,
                sum.pairs);
    if (!sum.shorter) {
        ret->log_p = 0;
        return;
    }
    ret->answer = INTEGRITY_EXPLAIN;
    if (sum.worst) {
        ret->log_p = log_sidak(sum.least, (double)sum.suspected);
        screen_note(ret,
                    "%zu of %zu gaps, in %zu of %zu pairs; %.60s for %.60s: fewer than %d "
                    "caches make, more than restarts do",
                    sum.shorter, sum.gaps, sum.with, sum.pairs, client_of(in, sum.worst),
                    name_of(in, sum.worst), sum.k);
    }
}

/* --- too clean ------------------------------------------------------------------------ */

enum { CLEAN_REPLICATES = 1999, CLEAN_LEAST = 20 };

/* Excess gaps of the busiest pair with enough of them; *ret malloced. Without a time to live
 * the gaps themselves. */
static size_t busiest_excess(const struct screening *in, double **ret, double *ret_ttl,
                             const struct counts_pair **ret_pair)
{
    const struct counts_pair *p = screening_pair(in, 0);
    *ret = NULL;
    if (!p)
        return 0;
    size_t n = screening_sessions(in, p, ret), m = 0;
    double ttl_s = *ret_ttl = in->ttl_s[p->name];
    for (size_t i = 1; i < n; i++) {
        double gap = (*ret)[i] - (*ret)[i - 1];
        if (gap >= ttl_s)
            (*ret)[m++] = gap - ttl_s; /* m < i: never ahead of what is read */
    }
    *ret_pair = p;
    return m;
}

void screen_too_clean(const struct screening *in, struct screen_result *ret)
{
    double *e, ttl_s;
    const struct counts_pair *p;
    struct rng r;
    size_t m = busiest_excess(in, &e, &ttl_s, &p);
    if (m < CLEAN_LEAST) {
        screen_not_applicable(ret, "the busiest pair has %zu gaps, fewer than %d", m,
                              CLEAN_LEAST);
        free(e);
        return;
    }
    m = m < 1000 ? m : 1000;
    const struct gof_stat *ks = gof_find("ks");
    double *work = mem_alloc(2 * m * sizeof *work);
    struct mc upper = {.max = CLEAN_REPLICATES}, lower = upper;
    ret->value = ks->eval(e, m, work);
    rng_stream(&r, in->o->seed, RNG_NULL, rng_subject_of(subject_of(in, p), 0xc1ea), 0);
    gof_dirichlet(ks, ret->value, m, CLEAN_REPLICATES, &r, work, &upper, &lower);
    ret->log_p = log(mc_p(&lower));
    screen_note(ret, "%zu gaps of %.60s for %.60s, %s", m, client_of(in, p), name_of(in, p),
                ttl_s > 0 ? "less the time to live" : "no time to live known");
    free(work);
    free(e);
}

/* --- thinned -------------------------------------------------------------------------- */

struct thinning {
    const double *gap;
    size_t m;
    double ttl_s;
};

/* ln f(g) = ln sum_j q (1-q)^(j-1) gamma(g - j ttl; j, lambda): j - 1 sessions between are
 * lost. Terms beyond the 40th, or with j ttl > g, are nothing. */
static double log_density(double g, double ttl_s, double lambda, double q)
{
    double sum = -INFINITY;
    for (int j = 1; j <= 40 && j * ttl_s < g + 1; j++) {
        double x = fmax(g - j * ttl_s, .5); /* a clock of whole seconds */
        double log_gamma = j * log(lambda) + (j - 1) * log(x) - lambda * x - gsl_sf_lngamma(j);
        double term = log_gamma + log(q) + (j - 1) * (q < 1 ? log1p(-q) : -INFINITY);
        sum = log_add(sum, j == 1 ? log_gamma + log(q) : term);
        if (q == 1)
            break;
    }
    return sum;
}

static double minus_loglik(const gsl_vector *v, void *ctx)
{
    const struct thinning *d = ctx;
    double lambda = exp(gsl_vector_get(v, 0)), q = 1 / (1 + exp(-gsl_vector_get(v, 1))),
           sum = 0;
    for (size_t i = 0; i < d->m; i++)
        sum -= log_density(d->gap[i], d->ttl_s, lambda, q);
    return isfinite(sum) ? sum : 1e300;
}

/* Nelder & Mead 1965 (GSL) from (lambda, q); returns the greatest log likelihood. */
static double fit_thinning(struct thinning *d, double lambda, double q, double *ret_q)
{
    gsl_vector *x = gsl_vector_alloc(2), *step = gsl_vector_alloc(2);
    gsl_multimin_function f = {minus_loglik, 2, d};
    gsl_multimin_fminimizer *s =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, 2);
    gsl_vector_set(x, 0, log(lambda));
    gsl_vector_set(x, 1, log(q / (1 - q)));
    gsl_vector_set_all(step, .5);
    gsl_multimin_fminimizer_set(s, &f, x, step);
    for (int i = 0; i < 300; i++)
        if (gsl_multimin_fminimizer_iterate(s) ||
            gsl_multimin_test_size(gsl_multimin_fminimizer_size(s), 1e-4) == GSL_SUCCESS)
            break;
    *ret_q = 1 / (1 + exp(-gsl_vector_get(s->x, 1)));
    double loglik = -s->fval;
    gsl_multimin_fminimizer_free(s);
    gsl_vector_free(x);
    gsl_vector_free(step);
    return loglik;
}

void screen_thinned(const struct screening *in, struct screen_result *ret)
{
    double *e, ttl_s, q = 1, sum = 0;
    const struct counts_pair *p;
    size_t m = busiest_excess(in, &e, &ttl_s, &p);
    if (m < CLEAN_LEAST || !(ttl_s > 0)) {
        screen_not_applicable(ret, "needs a time to live and %d gaps of the busiest pair",
                              CLEAN_LEAST);
        free(e);
        return;
    }
    m = m < 500 ? m : 500;
    for (size_t i = 0; i < m; i++) {
        sum += fmax(e[i], .5);
        e[i] += ttl_s;
    }
    struct thinning d = {e, m, ttl_s};
    double lambda = (double)m / sum, whole = 0;
    for (size_t i = 0; i < m; i++)
        whole += log_density(e[i], ttl_s, lambda, 1);
    double best = fit_thinning(&d, 2 * lambda, .7, &q);
    double lr = fmax(0, 2 * (best - whole));
    ret->value = q;
    screen_note(ret,
                "%zu gaps of %.60s for %.60s: %.0f %% kept fits best, twice the log "
                "likelihood ratio to all kept %.3g",
                m, client_of(in, p), name_of(in, p), 100 * q, lr);
    free(e);
}
