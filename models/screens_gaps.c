/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens of gaps between sessions: those shorter than the time to live, those that fit too
 * well, those that look as if rows were missing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_multimin.h>
#include <gsl/gsl_sf_gamma.h>

#include "base/mem.h"
#include "models/putin.h"
#include "models/screens.h"
#include "models/shortgaps.h"
#include "stats/gof.h"
#include "stats/tail.h"

/* --- gaps shorter than the time to live ----------------------------------------------- */

enum { SHORT_TESTED = 5, SHORT_REPLICATES = 9999 };
static const double FOUND = .95; /* of alterations of the size that is stated */

static uint64_t subject_of(const struct screening *in, const struct counts_pair *p)
{
    struct span client = in->c->clients[p->client], name = in->c->names[p->name];
    return rng_subject_of(
        rng_subject_of(rng_subject(client.p, client.n), rng_subject(name.p, name.n)), p->qtype);
}

/* Sessions of all pairs whose time to live is known; sessions 0: of the others. */
struct shorts {
    const struct screening *in;
    struct shortgaps *v;         /* one a pair of the case */
    struct shortgaps_pair *pair; /* the same */
    size_t pairs, gaps, shorter, with;
    double expected; /* places, were there one restart in 30 days */
    double least;    /* ln p, over all pairs */
    const struct counts_pair *worst;
    int k; /* caches that it was set against; 0: one is seen in the client's other pairs */
};

/* Times from the first session on. */
static size_t own_sessions(const struct screening *in, const struct counts_pair *p, double **t)
{
    size_t n = screening_sessions(in, p, t);
    for (size_t i = n; i-- > 0;)
        (*t)[i] -= (*t)[0];
    return n;
}

static void count_pairs(struct shorts *s)
{
    const struct counts *c = s->in->c;
    for (size_t i = 0; i < c->npairs; i++) {
        double *t, ttl_s = s->in->ttl_s[c->pairs[i].name];
        if (!(ttl_s > 2 * SHORTGAPS_SLACK_S))
            continue;
        size_t n = own_sessions(s->in, &c->pairs[i], &t);
        if (n >= 2) {
            struct shortgaps *g = &s->v[i];
            shortgaps_test(g, t, n, fmax(s->in->live_s, t[n - 1]), ttl_s, 0, 0, NULL);
            s->pair[i] = shortgaps_pair(g, ttl_s);
            s->expected += s->pair[i].expected;
            s->pairs++;
            s->gaps += g->gaps;
            s->shorter += g->shorter;
            s->with += g->shorter > 0;
        }
        free(t);
    }
}

static void shorts_new(struct shorts *ret, const struct screening *in)
{
    size_t pairs = in->c->npairs;
    *ret = (struct shorts){.in = in,
                           .v = mem_zero(pairs + 1, sizeof *ret->v),
                           .pair = mem_zero(pairs + 1, sizeof *ret->pair)};
    count_pairs(ret);
}

static void shorts_free(struct shorts *s)
{
    free(s->pair);
    free(s->v);
}

/* Pairs of a client lie side by side: the first, and one past the last. */
static size_t client_begin(const struct counts *c, size_t i)
{
    while (i > 0 && c->pairs[i - 1].client == c->pairs[i].client)
        i--;
    return i;
}

static size_t client_end(const struct counts *c, size_t i)
{
    uint32_t client = c->pairs[i].client;
    while (i < c->npairs && c->pairs[i].client == client)
        i++;
    return i;
}

static struct shortgaps_others others_of(const struct shorts *s, size_t i)
{
    const struct counts *c = s->in->c;
    size_t from = client_begin(c, i);
    return shortgaps_others(s->pair + from, client_end(c, i) - from, i - from);
}

/* Against as many caches as fit best. */
static double log_p_of_caches(const struct shorts *s, const struct counts_pair *p)
{
    struct shortgaps g;
    struct rng r;
    double *t;
    size_t n = own_sessions(s->in, p, &t);
    rng_stream(&r, s->in->o->seed, RNG_NULL, rng_subject_of(subject_of(s->in, p), 0x5307), 0);
    shortgaps_test(&g, t, n, fmax(s->in->live_s, t[n - 1]), s->in->ttl_s[p->name],
                   s->in->o->session_s, SHORT_REPLICATES, &r);
    free(t);
    return g.k ? g.log_p : 0;
}

/* What is neither restarts nor caches: p is the larger. Where the client's other pairs show
 * one cache it is by restarts alone, and where they show more nothing is left to test. */
static void test_pairs(struct shorts *s)
{
    const struct counts_pair *p;
    size_t tested = 0;
    for (size_t n = 0; (p = screening_pair(s->in, n)); n++) {
        size_t i = (size_t)(p - s->in->c->pairs);
        if (!shortgaps_suspect(&s->v[i]))
            continue;
        struct shortgaps_others o = others_of(s, i);
        if (o.tell && !o.one_cache)
            continue;
        double log_p = shortgaps_log_restarts(&o, s->pair[i].places) -
                       log(s->pair[i].expected / s->expected);
        if (!o.one_cache && log_p < log(s->in->o->alpha) && tested++ < SHORT_TESTED)
            log_p = fmax(log_p, log_p_of_caches(s, p));
        else if (!o.one_cache)
            continue;
        if (log_p < s->least) {
            s->least = log_p;
            s->worst = p;
            s->k = o.one_cache ? 0 : s->v[i].k;
        }
    }
}

/* Rows put into a stream, and what shows them. */
struct planted {
    struct putin in;
    double limit, own_limit; /* ln p that is found, of the log and of the pair */
    struct shortgaps_others others;
    double *t; /* room for twice the stream */
};

static bool is_found(void *ctx, size_t m, struct rng *r)
{
    struct planted *p = ctx;
    struct shortgaps g;
    size_t n = putin_draw(&p->in, m, r, p->t);
    if (n < 2)
        return false;
    shortgaps_test(&g, p->t, n, p->in.w->live_s, p->in.s->ttl_s, 0, 0, NULL);
    if (!shortgaps_suspect(&g) || (p->others.tell && !p->others.one_cache))
        return false;
    return shortgaps_log_restarts(&p->others, (double)g.places) <= p->own_limit &&
           (p->others.one_cache || normal_log_upper(g.few) <= p->limit);
}

/* The pair with most sessions. */
struct shorts_basis {
    const struct counts_pair *pair;
    double log_share; /* ln of its part of `expected` */
    struct shortgaps_others others;
};

static struct shorts_basis *basis_of(const struct shorts *s)
{
    const struct counts *c = s->in->c;
    struct shorts_basis *b = mem_zero(1, sizeof *b);
    size_t most = 0;
    for (size_t i = 1; i < c->npairs; i++)
        if (s->v[i].sessions > s->v[most].sessions)
            most = i;
    *b = (struct shorts_basis){&c->pairs[most], log(s->pair[most].expected / s->expected),
                               others_of(s, most)};
    return b;
}

/* Least number of rows at even times in it of which FOUND are found; NAN: no number up to
 * that of its sessions is. */
double screen_short_gaps_smallest(const struct screening *in, const struct screen_result *r)
{
    const struct shorts_basis *b = r->basis;
    double *t;
    struct window w;
    window_make(&w, in->c, 0, 0);
    size_t n = screening_sessions(in, b->pair, &t);
    double shift = (double)(in->base_tick * in->c->tick_ns - w.from_ns) / 1e9;
    for (size_t i = 0; i < n; i++)
        t[i] += shift;
    struct stream own = {.t = t, .n = n, .ttl_s = in->ttl_s[b->pair->name]};
    struct planted planted = {
        .in = {&own, &w, own.ttl_s - SHORTGAPS_SLACK_S, in->o->session_s, 0},
        .limit = screening_limit(in, FAMILY_FIRST),
        .own_limit = screening_limit(in, FAMILY_FIRST) + b->log_share,
        .others = b->others,
        .t = mem_alloc((2 * n + 1) * sizeof *planted.t)};
    double found = NAN; /* too many rows look like another time to live, so from below */
    for (size_t most = 4; isnan(found) && most <= n; most *= 2) {
        size_t room = putin_room(is_found, &planted, most / 2, most, FOUND, in->o->seed,
                                 subject_of(in, b->pair));
        if (room < most)
            found = (double)room + 1;
    }
    free(planted.t);
    free(t);
    window_free(&w);
    return found;
}

static void tell_shorts(const struct shorts *s, struct screen_result *ret)
{
    char why[60];
    snprintf(why, sizeof why, "more than restarts make, fewer than %d caches", s->k);
    screen_note(ret, "%zu of %zu gaps, in %zu of %zu pairs%s%.60s%s%.60s%s%s", s->shorter,
                s->gaps, s->with, s->pairs, s->worst ? "; " : "",
                s->worst ? screen_client(s->in, s->worst) : "", s->worst ? " for " : "",
                s->worst ? screen_name(s->in, s->worst) : "", s->worst ? ": " : "",
                !s->worst ? ""
                : s->k    ? why
                          : "more than restarts make, by the client's other pairs");
}

void screen_short_gaps(const struct screening *in, struct screen_result *ret)
{
    if (strcmp(in->c->rules[RULE_VANTAGE], "below_resolver") == 0) {
        screen_not_applicable(ret, "the sensor stood below the resolver: no cache is between");
        return;
    }
    struct shorts s;
    shorts_new(&s, in);
    if (!s.gaps) {
        screen_not_applicable(ret, "no time to live is known of a pair with two sessions");
    } else {
        test_pairs(&s);
        ret->value = (double)s.shorter;
        ret->answer = s.shorter ? INTEGRITY_EXPLAIN : INTEGRITY_PASS;
        ret->log_p = s.least;
        ret->basis = basis_of(&s);
        tell_shorts(&s, ret);
    }
    shorts_free(&s);
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
    screen_note(ret, "%zu gaps of %.60s for %.60s, %s", m, screen_client(in, p),
                screen_name(in, p),
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
                m, screen_client(in, p), screen_name(in, p), 100 * q, lr);
    free(e);
}
