/* SPDX-License-Identifier: GPL-3.0-or-later
 * Everything that the equations of clients and names need of the days is
 *   h(a) = sum over days of the chance at a delta_d kappa_d,
 * kept as a spline of ln h over ln a and made again when delta moves. */
#include "models/pairdays.h"

#include <gsl/gsl_spline.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"

enum { DISTINCT_MAX = 64, OCTAVE_BINS = 8, KNOTS = 720, ROUNDS = 300, LOOK = 10, OCTAVES = 12 };
static const double LAMBDA_MIN = .125, LOG_A_MIN = -32, LOG_A_STEP = .0625, TOLERANCE = 1e-8;

/* Clients (or names) that share one factor: their mean total, and how many. */
struct level {
    double total, n, factor;
};

struct levels {
    struct level *v;
    size_t n;
};

struct pairdays_solution {
    struct levels clients, names;
    gsl_spline *h;
};

/* --- the table ------------------------------------------------------------------------ */

static void set_days(struct pairdays *p, const struct window *w)
{
    struct grid g = grid_make(w, 86400);
    p->first_day = floor_div(g.first_s, 86400);
    p->ndays = g.n;
    p->live = mem_zero(g.n + 1, sizeof *p->live);
    for (size_t i = 0; i < g.n; i++) {
        double from = g.t0 + 86400 * (double)i;
        p->live[i] = window_live_between(w, from, from + 86400) / 86400;
    }
}

static int day_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Days with a look-up of pairs [from, to), which are of one client and name. */
static void add_cell(struct pairdays *p, const struct counts *c, const struct window *w,
                     size_t from, size_t to, size_t *days_n, size_t *days_cap)
{
    struct pairdays_cell cell = {c->pairs[from].client, c->pairs[from].name, 0,
                                 (uint32_t)*days_n, 0};
    for (size_t i = from; i < to; i++) {
        struct series_iter it = series_begin(counts_series(&c->pairs[i]), c->pairs[i].first);
        int64_t last = INT64_MIN;
        while (series_next(&it)) {
            int64_t ns = it.tick * c->tick_ns,
                    day = floor_div(ns, 86400 * NS_PER_S) - p->first_day;
            if (ns < w->from_ns || ns >= w->to_ns || !(p->live[day] > 0))
                continue;
            cell.lookups += it.count;
            if (day == last)
                continue;
            last = day;
            MEM_GROW(p->day, *days_n, *days_cap);
            p->day[(*days_n)++] = (uint32_t)day;
        }
    }
    uint32_t *own = p->day + cell.at, n = (uint32_t)(*days_n - cell.at);
    if (to - from > 1 && n)
        sort_by(own, n, sizeof *own, day_order);
    for (uint32_t i = 0; i < n; i++) /* several types may share a day */
        if (i == 0 || own[i] != own[cell.n - 1])
            own[cell.n++] = own[i];
    *days_n = cell.at + cell.n;
    if (cell.n)
        p->cells[p->ncells++] = cell;
}

void pairdays_make(struct pairdays *p, const struct counts *c, const struct window *w)
{
    size_t days_n = 0, days_cap = 0;
    *p = (struct pairdays){.nclients = c->nclients, .nnames = c->nnames};
    set_days(p, w);
    p->cells = mem_zero(c->npairs + 1, sizeof *p->cells);
    for (size_t from = 0, to; from < c->npairs; from = to) {
        for (to = from; to < c->npairs && c->pairs[to].client == c->pairs[from].client &&
                        c->pairs[to].name == c->pairs[from].name;
             to++)
            ;
        add_cell(p, c, w, from, to, &days_n, &days_cap);
    }
    p->client = mem_zero(p->nclients + 1, sizeof *p->client);
    p->name = mem_zero(p->nnames + 1, sizeof *p->name);
    p->per_day = mem_zero(p->ndays + 1, sizeof *p->per_day);
    for (size_t i = 0; i < p->ncells; i++) {
        const struct pairdays_cell *cell = &p->cells[i];
        p->client[cell->client] += cell->n;
        p->name[cell->name] += cell->n;
        p->total += cell->n;
        for (uint32_t k = 0; k < cell->n; k++)
            p->per_day[p->day[cell->at + k]]++;
    }
}

void pairdays_free(struct pairdays *p)
{
    free(p->live);
    free(p->cells);
    free(p->day);
    free(p->client);
    free(p->name);
    free(p->per_day);
    free(p->alpha);
    free(p->beta);
    free(p->delta);
    if (p->solution) {
        free(p->solution->clients.v);
        free(p->solution->names.v);
        gsl_spline_free(p->solution->h);
        free(p->solution);
    }
    *p = (struct pairdays){0};
}

const struct pairdays_cell *pairdays_find(const struct pairdays *p, uint32_t client,
                                          uint32_t name)
{
    size_t lo = 0, hi = p->ncells;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct pairdays_cell *c = &p->cells[mid];
        if (c->client < client || (c->client == client && c->name < name))
            lo = mid + 1;
        else
            hi = mid;
    }
    const struct pairdays_cell *c = &p->cells[lo];
    return lo < p->ncells && c->client == client && c->name == name ? c : NULL;
}

/* --- levels ------------------------------------------------------------------------------ */

static int total_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool same_level(double a, double b, bool binned)
{
    return binned ? floor(log2(a) * OCTAVE_BINS) >= floor(log2(b) * OCTAVE_BINS) : !(b > a);
}

/* Those with a total above 0. */
static struct levels levels_make(const double *totals, size_t n)
{
    double *sorted = mem_alloc((n + 1) * sizeof *sorted);
    size_t kept = 0, distinct = 0;
    for (size_t i = 0; i < n; i++)
        if (totals[i] > 0)
            sorted[kept++] = totals[i];
    sort_by(sorted, kept, sizeof *sorted, total_order);
    for (size_t i = 0; i < kept; i++)
        distinct += i == 0 || sorted[i] > sorted[i - 1];
    struct levels l = {mem_alloc((distinct + 1) * sizeof *l.v), 0};
    for (size_t i = 0, run; i < kept; i += run) {
        double sum = sorted[i];
        for (run = 1;
             i + run < kept && same_level(sorted[i], sorted[i + run], distinct > DISTINCT_MAX);
             run++)
            sum += sorted[i + run];
        l.v[l.n++] = (struct level){sum / (double)run, (double)run, 0};
    }
    free(sorted);
    return l;
}

/* The factor of one total: that of its level, in proportion. */
static double factor_of(const struct levels *l, double total)
{
    size_t lo = 0, hi = l->n;
    if (!(total > 0))
        return 0;
    while (lo + 1 < hi) {
        size_t mid = (lo + hi) / 2;
        bool left =
            l->v[mid].total > total && (l->v[mid].total - total > total - l->v[mid - 1].total);
        if (left)
            hi = mid;
        else
            lo = mid;
    }
    return l->v[lo].factor * total / l->v[lo].total;
}

/* --- link ----------------------------------------------------------------------------------
 */

/* - ln of the chance that nothing happens, where x is expected. */
static double log_none(double lambda, double x)
{
    return lambda > 0 ? log1p(lambda * x) / lambda : x;
}

static double chance_of(double lambda, double x)
{
    return -expm1(-log_none(lambda, x));
}

/* --- equations ------------------------------------------------------------------------------
 */

/* h(a). For small x the chance is x - (1 + l) x^2/2 + (1 + l)(1 + 2 l) x^3/6 - ..., from sums
 * of powers that all a share; the next term is below 1e-13 of it. */
static double chances_at(const struct pairdays *p, double a, const double *powers, double most)
{
    double l = p->lambda, sum = 0;
    if (a * most * (1 + 3 * l) < 1e-4)
        return a *
               (powers[0] - (1 + l) * a * (powers[1] / 2 - (1 + 2 * l) * a * powers[2] / 6));
    for (size_t d = 0; d < p->ndays; d++)
        sum += chance_of(l, a * p->delta[d] * p->live[d]);
    return sum;
}

static void set_spline(struct pairdays *p)
{
    double x[KNOTS], y[KNOTS], powers[3] = {0}, most = 0;
    for (size_t d = 0; d < p->ndays; d++) {
        double one = p->delta[d] * p->live[d];
        most = fmax(most, one);
        powers[0] += one;
        powers[1] += one * one;
        powers[2] += one * one * one;
    }
    for (size_t k = 0; k < KNOTS; k++) {
        x[k] = LOG_A_MIN + LOG_A_STEP * (double)k;
        y[k] = log(chances_at(p, exp(x[k]), powers, most));
    }
    gsl_spline_init(p->solution->h, x, y, KNOTS);
}

/* ln h at ln a, and its slope, the elasticity. */
static double log_h(const struct pairdays *p, double log_a, double *ret_slope)
{
    const gsl_spline *s = p->solution->h;
    double top = LOG_A_MIN + LOG_A_STEP * (KNOTS - 1);
    double at = log_a < LOG_A_MIN ? LOG_A_MIN : log_a > top ? top : log_a;
    *ret_slope = log_a < LOG_A_MIN ? 1 : log_a > top ? 0 : gsl_spline_eval_deriv(s, at, NULL);
    return gsl_spline_eval(s, at, NULL) + (log_a < LOG_A_MIN ? log_a - LOG_A_MIN : 0);
}

/* Presence-days that a factor gives over the levels of the other side, less one member of
 * it with factor `less` (0: none); and d ln of it by d ln factor. */
static double expected_over(const struct pairdays *p, double factor, const struct levels *other,
                            const double *less, size_t nless, double *ret_elasticity)
{
    double sum = 0, slopes = 0, slope;
    for (size_t j = 0; j < other->n; j++) {
        double h = other->v[j].n * exp(log_h(p, log(factor * other->v[j].factor), &slope));
        sum += h;
        slopes += h * slope;
    }
    for (size_t j = 0; j < nless; j++) {
        if (!(less[j] > 0))
            continue;
        double h = exp(log_h(p, log(factor * less[j]), &slope));
        sum -= h;
        slopes -= h * slope;
    }
    *ret_elasticity = slopes / sum;
    return sum;
}

/* One step of scaling; returns |ln(observed / fitted)|. */
static double scale_step(double *factor, double observed, double fitted, double elasticity)
{
    double miss = log(observed / fitted), step = miss / fmax(elasticity, 1e-9);
    *factor *= exp(step > 3 ? 3 : step < -3 ? -3 : step);
    return fabs(miss);
}

static double scale_levels(const struct pairdays *p, struct levels *own,
                           const struct levels *other)
{
    double worst = 0, elasticity;
    for (size_t i = 0; i < own->n; i++) {
        double fitted = expected_over(p, own->v[i].factor, other, NULL, 0, &elasticity);
        worst = fmax(worst, scale_step(&own->v[i].factor, own->v[i].total, fitted, elasticity));
    }
    return worst;
}

static double scale_days(struct pairdays *p)
{
    const struct levels *a = &p->solution->clients, *b = &p->solution->names;
    double worst = 0;
    for (size_t d = 0; d < p->ndays; d++) {
        double fitted = 0, slopes = 0;
        if (!(p->per_day[d] > 0))
            continue;
        for (size_t i = 0; i < a->n; i++)
            for (size_t j = 0; j < b->n; j++) {
                double x = a->v[i].factor * b->v[j].factor * p->delta[d] * p->live[d],
                       n = a->v[i].n * b->v[j].n, off = exp(-log_none(p->lambda, x));
                fitted += n * (1 - off);
                slopes += n * x * off / (1 + p->lambda * x); /* d chance / d ln x */
            }
        worst = fmax(worst, scale_step(&p->delta[d], p->per_day[d], fitted, slopes / fitted));
    }
    set_spline(p);
    return worst;
}

static void start(struct pairdays *p)
{
    struct pairdays_solution *s = p->solution;
    double lived = 0;
    for (size_t d = 0; d < p->ndays; d++)
        lived += p->live[d];
    for (size_t d = 0; d < p->ndays; d++)
        p->delta[d] = p->per_day[d] > 0 ? p->per_day[d] / p->live[d] * lived / p->total : 0;
    for (size_t i = 0; i < s->clients.n; i++)
        s->clients.v[i].factor = s->clients.v[i].total;
    for (size_t j = 0; j < s->names.n; j++)
        s->names.v[j].factor = s->names.v[j].total / (p->total * lived);
}

/* Factors at the current lambda, from where they stand. Misses shrink by a constant factor a
 * round; one that LOOK rounds do not halve would not be small enough after ROUNDS. */
static int solve(struct pairdays *p)
{
    struct pairdays_solution *s = p->solution;
    double worst = INFINITY, before = INFINITY;
    set_spline(p);
    for (p->rounds = 0; p->rounds < ROUNDS && worst > TOLERANCE; p->rounds++) {
        if (p->rounds % LOOK == 0) {
            if (worst > before / 2)
                break;
            before = worst;
        }
        worst = scale_levels(p, &s->clients, &s->names);
        worst = fmax(worst, scale_levels(p, &s->names, &s->clients));
        worst = fmax(worst, scale_days(p));
    }
    return worst <= 100 * TOLERANCE ? 0 : -1; /* the spline has an error of its own */
}

static void set_factors(struct pairdays *p)
{
    for (size_t i = 0; i < p->nclients; i++)
        p->alpha[i] = factor_of(&p->solution->clients, p->client[i]);
    for (size_t i = 0; i < p->nnames; i++)
        p->beta[i] = factor_of(&p->solution->names, p->name[i]);
}

/* Binomial log likelihood of all cells and days: nothing anywhere, then the log odds of what
 * is there. */
static double loglik_of(const struct pairdays *p)
{
    const struct levels *a = &p->solution->clients, *b = &p->solution->names;
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++)
            for (size_t d = 0; d < p->ndays; d++)
                sum -= a->v[i].n * b->v[j].n *
                       log_none(p->lambda,
                                a->v[i].factor * b->v[j].factor * p->delta[d] * p->live[d]);
    for (size_t k = 0; k < p->ncells; k++) {
        const struct pairdays_cell *c = &p->cells[k];
        for (uint32_t i = 0; i < c->n; i++) {
            size_t d = p->day[c->at + i];
            double x = log_none(p->lambda, p->alpha[c->client] * p->beta[c->name] *
                                               p->delta[d] * p->live[d]);
            sum += x + log1p(-exp(-x)); /* ln(e^x - 1) */
        }
    }
    return sum;
}

/* NAN where the margins cannot be met with factors that the spline holds: that lambda is then
 * no candidate. */
static double loglik_at(struct pairdays *p, double lambda)
{
    p->lambda = lambda;
    double loglik = NAN;
    if (solve(p) == 0) {
        set_factors(p);
        loglik = loglik_of(p);
    }
    if (!isfinite(loglik)) {
        start(p);
        return NAN;
    }
    return loglik;
}

/* Octaves up from the least until the likelihood falls twice, then a parabola. Where the
 * margins cannot be met, a flatter link cannot meet them either. */
static double best_lambda(struct pairdays *p)
{
    double value[OCTAVES], none = loglik_at(p, 0);
    size_t best = 0, n = 0;
    for (; n < OCTAVES; n++) {
        value[n] = loglik_at(p, ldexp(LAMBDA_MIN, (int)n));
        if (isnan(value[n]) || (!(value[n] >= value[best]) && n >= best + 2))
            break;
        if (value[n] > value[best])
            best = n;
    }
    if (!(value[best] > none))
        return 0;
    double shift = 0;
    if (best > 0 && best + 1 < n) {
        double left = value[best - 1] - value[best], right = value[best + 1] - value[best];
        shift = left + right < 0 ? (left - right) / (2 * (left + right)) : 0;
    }
    return exp2((double)best + shift) * LAMBDA_MIN;
}

static void open_solution(struct pairdays *p)
{
    struct pairdays_solution *s = p->solution = mem_zero(1, sizeof *s);
    s->h = gsl_spline_alloc(gsl_interp_cspline, KNOTS);
    s->clients = levels_make(p->client, p->nclients);
    s->names = levels_make(p->name, p->nnames);
    p->alpha = mem_zero(p->nclients + 1, sizeof *p->alpha);
    p->beta = mem_zero(p->nnames + 1, sizeof *p->beta);
    p->delta = mem_zero(p->ndays + 1, sizeof *p->delta);
    start(p);
}

int pairdays_fit_at(struct pairdays *p, double lambda, struct err *err)
{
    if (!(p->total > 0))
        return err_set(err, ERR_DEGENERATE, "expected a look-up in the window, found none");
    open_solution(p);
    p->loglik = loglik_at(p, lambda < 0 ? best_lambda(p) : lambda);
    if (isnan(p->loglik) && lambda < 0) /* a table with full margins has no best lambda */
        p->loglik = loglik_at(p, 0);
    return isnan(p->loglik)
               ? err_set(err, ERR_DEGENERATE, "margins not met after %d rounds", p->rounds)
               : 0;
}

int pairdays_fit(struct pairdays *p, struct err *err)
{
    return pairdays_fit_at(p, -1, err);
}

/* --- a pair without itself -----------------------------------------------------------------
 */

/* The factor at which all of `other` but those in `less` make `total` presence-days. */
static double solve_without(const struct pairdays *p, double begin, double total,
                            const struct levels *other, const double *less, size_t nless)
{
    double factor = begin, elasticity;
    if (!(total > .5))
        return NAN;
    for (int i = 0; i < 100; i++) {
        double fitted = expected_over(p, factor, other, less, nless, &elasticity);
        if (!(fitted > 0))
            return NAN;
        if (scale_step(&factor, total, fitted, elasticity) < 1e-9)
            break;
    }
    return factor;
}

double pairdays_alpha_without(const struct pairdays *p, uint32_t client, uint32_t name)
{
    const struct pairdays_cell *c = pairdays_find(p, client, name);
    return solve_without(p, p->alpha[client], p->client[client] - (c ? c->n : 0),
                         &p->solution->names, &p->beta[name], 1);
}

double pairdays_beta_without(const struct pairdays *p, uint32_t name, const uint32_t *clients,
                             size_t n)
{
    double total = p->name[name], *less = mem_alloc((n + 1) * sizeof *less);
    for (size_t i = 0; i < n; i++) {
        const struct pairdays_cell *c = pairdays_find(p, clients[i], name);
        total -= c ? c->n : 0;
        less[i] = p->alpha[clients[i]];
    }
    double beta = solve_without(p, p->beta[name], total, &p->solution->clients, less, n);
    free(less);
    return beta;
}

void pairdays_chances_of(const struct pairdays *p, double a, double *ret)
{
    for (size_t d = 0; d < p->ndays; d++)
        ret[d] = chance_of(p->lambda, a * p->delta[d] * p->live[d]);
}

bool pairdays_chances(const struct pairdays *p, uint32_t client, uint32_t name, double *ret)
{
    double a =
        pairdays_alpha_without(p, client, name) * pairdays_beta_without(p, name, &client, 1);
    if (!isfinite(a))
        return false;
    pairdays_chances_of(p, a, ret);
    return true;
}

/* --- tables of a case by window -------------------------------------------------------- */

struct pairdays_fit_of {
    int64_t from_ns, to_ns;
    bool ok;
    struct pairdays table;
    struct pairdays_fit_of *next;
};

const struct pairdays *pairdays_fitted(struct pairdays_fits *f, const struct counts *c,
                                       const struct window *w)
{
    struct pairdays_fit_of *of = f->first;
    while (of && (of->from_ns != w->from_ns || of->to_ns != w->to_ns))
        of = of->next;
    if (!of) {
        of = mem_alloc(sizeof *of);
        *of = (struct pairdays_fit_of){w->from_ns, w->to_ns, .next = f->first};
        f->first = of;
        pairdays_make(&of->table, c, w);
        of->ok = pairdays_fit(&of->table, NULL) == 0;
    }
    return of->ok ? &of->table : NULL;
}

void pairdays_fits_free(struct pairdays_fits *f)
{
    while (f->first) {
        struct pairdays_fit_of *of = f->first;
        f->first = of->next;
        pairdays_free(&of->table);
        free(of);
    }
}
