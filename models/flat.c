/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/flat.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/rng.h"
#include "stats/tail.h"

/* --- classes ------------------------------------------------------------------------ */

static int by_hours(const void *a, const void *b, void *context)
{
    const double *hours = context;
    double x = hours[*(const size_t *)a], y = hours[*(const size_t *)b];
    return (x > y) - (x < y);
}

void flat_make(struct flat *f, const double *hours, size_t n)
{
    *f = (struct flat){.nbuckets = n, .class_of = mem_alloc(n * sizeof *f->class_of)};
    size_t *order = mem_alloc(n * sizeof *order), cap = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    if (n)
        qsort_r(order, n, sizeof *order, by_hours, (void *)(uintptr_t)hours);
    for (size_t k = 0; k < n; k++) {
        size_t i = order[k];
        f->class_of[i] = UINT32_MAX;
        if (!(hours[i] > 0))
            continue;
        if (!f->nclasses || f->classes[f->nclasses - 1].hours < hours[i]) {
            MEM_GROW(f->classes, f->nclasses, cap);
            f->classes[f->nclasses++] = (struct flat_class){hours[i], 0};
        }
        f->class_of[i] = (uint32_t)f->nclasses - 1;
        f->classes[f->nclasses - 1].n++;
        f->hours += hours[i];
        f->used++;
    }
    free(order);
}

void flat_free(struct flat *f)
{
    free(f->classes);
    free(f->class_of);
    *f = (struct flat){0};
}

/* --- data --------------------------------------------------------------------------- */

static void add_cell(struct flat_data *d, uint32_t class, uint32_t count, double buckets)
{
    d->events += buckets * count;
    for (size_t i = 0; i < d->n; i++)
        if (d->cells[i].class == class && d->cells[i].count == count) {
            d->cells[i].buckets += buckets;
            return;
        }
    MEM_GROW(d->cells, d->n, d->cap);
    d->cells[d->n++] = (struct flat_cell){class, count, buckets};
}

void flat_read(const struct flat *f, const double *y, struct flat_data *ret)
{
    ret->n = 0;
    ret->events = 0;
    for (size_t i = 0; i < f->nbuckets; i++)
        if (y[i] > 0 && f->class_of[i] != UINT32_MAX)
            add_cell(ret, f->class_of[i], (uint32_t)y[i], 1);
}

void flat_data_free(struct flat_data *d)
{
    free(d->cells);
    free(d->scratch);
    *d = (struct flat_data){0};
}

/* --- fit ---------------------------------------------------------------------------- */

struct likelihood {
    const struct flat *f;
    const struct flat_data *d;
    double rate;
    size_t top;        /* cell of the largest count */
    uint32_t at_least; /* what is known of that one bucket */
};

static double log_upper(uint32_t k, double mu, double theta)
{
    return isinf(theta) ? poisson_log_upper(k, mu) : negbin_log_upper(k, mu, theta);
}

/* ln pmf of an occupied cell less that of an empty one. */
static double gain(uint32_t count, double mu, double theta)
{
    if (isinf(theta))
        return poisson_logpmf(count, mu) + mu;
    return negbin_logpmf(count, mu, theta) + theta * log1p(mu / theta);
}

static double loglik(const struct likelihood *l, double theta)
{
    double sum = 0;
    for (size_t i = 0; i < l->f->nclasses; i++) {
        double mu = l->rate * l->f->classes[i].hours, n = (double)l->f->classes[i].n;
        sum -= n * (isinf(theta) ? mu : theta * log1p(mu / theta));
    }
    for (size_t i = 0; i < l->d->n; i++) {
        const struct flat_cell *c = &l->d->cells[i];
        double mu = l->rate * l->f->classes[c->class].hours;
        sum += (c->buckets - (i == l->top)) * gain(c->count, mu, theta);
        if (i == l->top)
            sum += log_upper(l->at_least, mu, theta) +
                   (isinf(theta) ? mu : theta * log1p(mu / theta));
    }
    return sum;
}

static double profile(double theta, void *context)
{
    return loglik(context, theta);
}

/* The bucket of the largest count is known to hold no less than the next one. */
static void censor(struct likelihood *l)
{
    const struct flat_data *d = l->d;
    l->top = 0;
    for (size_t i = 1; i < d->n; i++)
        if (d->cells[i].count > d->cells[l->top].count)
            l->top = i;
    l->at_least = d->cells[l->top].buckets > 1 ? d->cells[l->top].count : 1;
    for (size_t i = 0; i < d->n; i++)
        if (i != l->top && d->cells[i].count > l->at_least)
            l->at_least = d->cells[i].count;
    l->rate = (d->events - d->cells[l->top].count + l->at_least) / l->f->hours;
}

static bool open_likelihood(struct likelihood *l, const struct flat *f,
                            const struct flat_data *d)
{
    if (!(d->events > 0) || !(f->hours > 0))
        return false;
    *l = (struct likelihood){.f = f, .d = d};
    censor(l);
    return true;
}

bool flat_fit(const struct flat *f, const struct flat_data *d, const struct thetas *others,
              struct flat_fit *ret)
{
    struct likelihood l;
    if (!open_likelihood(&l, f, d))
        return false;
    double theta = thetas_best(others, profile, &l, INFINITY);
    *ret = (struct flat_fit){l.rate, theta, loglik(&l, theta)};
    return true;
}

bool flat_profile(const struct flat *f, const struct flat_data *d, double ret[THETAS_GRID])
{
    struct likelihood l;
    if (!open_likelihood(&l, f, d))
        return false;
    for (size_t k = 0; k < THETAS_GRID; k++)
        ret[k] = loglik(&l, exp(thetas_at(k)));
    return true;
}

/* --- draw --------------------------------------------------------------------------- */

static uint64_t draw_count(struct rng *r, double mu, double theta)
{
    return isinf(theta) ? rng_poisson(r, mu) : rng_negbin(r, mu, theta);
}

static int by_index(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* `events` events over n equal buckets by the urn. */
static void draw_urn(struct flat_data *d, uint32_t class, size_t n, size_t events, double theta,
                     struct rng *r)
{
    if (events > d->nscratch) {
        d->nscratch = 2 * events;
        d->scratch = mem_resize(d->scratch, d->nscratch, sizeof *d->scratch);
    }
    size_t *bucket = d->scratch;
    for (size_t k = 0; k < events; k++) {
        double fresh = isinf(theta) ? 1 : (double)n * theta / ((double)n * theta + (double)k);
        bool copy = fresh < 1 && rng_unit(r) >= fresh;
        bucket[k] = copy ? bucket[rng_below(r, k)] : rng_below(r, n);
    }
    if (events)
        qsort(bucket, events, sizeof *bucket, by_index);
    for (size_t k = 0, run; k < events; k += run) {
        for (run = 1; k + run < events && bucket[k + run] == bucket[k];)
            run++;
        add_cell(d, class, (uint32_t)run, 1);
    }
}

void flat_draw(const struct flat *f, const struct flat_fit *fit, struct rng *r,
               struct flat_data *ret)
{
    ret->n = 0;
    ret->events = 0;
    for (uint32_t i = 0; i < f->nclasses; i++) {
        size_t n = f->classes[i].n;
        double mu = fit->rate * f->classes[i].hours;
        if (mu < .5) {
            uint64_t events = draw_count(r, mu * (double)n, fit->theta * (double)n);
            draw_urn(ret, i, n, events, fit->theta, r);
            continue;
        }
        for (size_t k = 0; k < n; k++) {
            uint64_t count = draw_count(r, mu, fit->theta);
            if (count)
                add_cell(ret, i, (uint32_t)count, 1);
        }
    }
}

double flat_peak(const struct flat *f, const struct flat_data *d, const struct flat_fit *fit)
{
    double peak = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct flat_cell *c = &d->cells[i];
        double mu = fit->rate * f->classes[c->class].hours;
        peak = fmax(peak, -log_upper(c->count, mu, fit->theta));
    }
    return peak;
}
