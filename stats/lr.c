/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/lr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_linalg.h>

#include "base/mem.h"
#include "stats/order.h"

/* ln(1 + e^x) without overflow. */
static double softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

double lr_cllr(const struct lr_set *s)
{
    double yes = 0, no = 0;
    for (size_t i = 0; i < s->nyes; i++)
        yes += softplus(-s->yes[i]);
    for (size_t i = 0; i < s->nno; i++)
        no += softplus(s->no[i]);
    return (yes / (double)s->nyes + no / (double)s->nno) / (2 * M_LN2);
}

/* Blocks of equal value; a new one is merged backwards while it violates the order. */
void lr_pav(const double *y, const double *w, size_t n, double *ret)
{
    struct block {
        double value, weight;
        size_t n;
    } *b = mem_alloc((n + 1) * sizeof *b);
    size_t nb = 0;
    for (size_t i = 0; i < n; i++) {
        b[nb++] = (struct block){y[i], w[i], 1};
        for (; nb > 1 && b[nb - 2].value >= b[nb - 1].value; nb--) {
            struct block *to = &b[nb - 2], *from = &b[nb - 1];
            double weight = to->weight + from->weight;
            to->value = (to->value * to->weight + from->value * from->weight) / weight;
            to->weight = weight;
            to->n += from->n;
        }
    }
    for (size_t k = 0, i = 0; k < nb; k++)
        for (size_t j = 0; j < b[k].n; j++)
            ret[i++] = b[k].value;
    free(b);
}

struct scored {
    double score, yes; /* yes: 1 or 0 */
};

/* Ties: "yes" first, so that PAV pools them. */
static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return (x->yes < y->yes) - (x->yes > y->yes);
}

static struct scored *all_scores(const struct lr_set *s)
{
    struct scored *v = mem_alloc((s->nyes + s->nno + 1) * sizeof *v);
    for (size_t i = 0; i < s->nyes; i++)
        v[i] = (struct scored){s->yes[i], 1};
    for (size_t i = 0; i < s->nno; i++)
        v[s->nyes + i] = (struct scored){s->no[i], 0};
    qsort(v, s->nyes + s->nno, sizeof *v, by_score);
    return v;
}

double lr_cllr_min(const struct lr_set *s)
{
    if (s->nyes == 0 || s->nno == 0)
        return NAN;
    size_t n = s->nyes + s->nno;
    struct scored *v = all_scores(s);
    double *y = mem_alloc(n * sizeof *y), *w = mem_alloc(n * sizeof *w), sum = 0;
    for (size_t i = 0; i < n; i++) {
        y[i] = v[i].yes;
        w[i] = .5 / (double)(v[i].yes > 0 ? s->nyes : s->nno);
    }
    lr_pav(y, w, n, y); /* P(yes | score) at even odds */
    for (size_t i = 0; i < n; i++)
        sum -= w[i] * log2(v[i].yes > 0 ? y[i] : 1 - y[i]);
    free(v);
    free(y);
    free(w);
    return sum;
}

/* Gradient, curvature and scatter of single gradients of the weighted log-likelihood, of
 * ln LR = a + b (score - mean) / scale. */
struct slopes {
    double ga, gb, haa, hab, hbb, vaa, vab, vbb;
};

static struct slopes slopes_at(const struct scored *v, const struct lr_set *s, double mean,
                               double scale, double a, double b)
{
    size_t n = s->nyes + s->nno;
    struct slopes k = {.gb = -b / (double)n, .hbb = 1 / (double)n}; /* the ridge */
    for (size_t i = 0; i < n; i++) {
        double x = (v[i].score - mean) / scale;
        double w = .5 / (double)(v[i].yes > 0 ? s->nyes : s->nno);
        double p = 1 / (1 + exp(-(a + b * x))), curve = w * p * (1 - p), g = w * (v[i].yes - p);
        k.ga += g;
        k.gb += g * x;
        k.haa += curve;
        k.hab += curve * x;
        k.hbb += curve * x * x;
        k.vaa += g * g;
        k.vab += g * g * x;
        k.vbb += g * g * x * x;
    }
    return k;
}

/* On the scale of the scores: variances by H^-1 V H^-1. */
static struct lr_line line_of(const struct slopes *k, double mean, double scale, double a,
                              double b)
{
    double det = k->haa * k->hbb - k->hab * k->hab;
    double iaa = k->hbb / det, iab = -k->hab / det, ibb = k->haa / det;
    double aa = iaa * (iaa * k->vaa + iab * k->vab) + iab * (iaa * k->vab + iab * k->vbb);
    double ab = iab * (iaa * k->vaa + iab * k->vab) + ibb * (iaa * k->vab + iab * k->vbb);
    double bb = iab * (iab * k->vaa + ibb * k->vab) + ibb * (iab * k->vab + ibb * k->vbb);
    double at = mean / scale;
    return (struct lr_line){.a = a - b * at,
                            .b = b / scale,
                            .var_a = aa - 2 * at * ab + at * at * bb,
                            .cov_ab = (ab - at * bb) / scale,
                            .var_b = bb / scale / scale};
}

/* Newton's method on the weighted log-likelihood; it is concave. */
struct lr_line lr_calibrate(const struct lr_set *s)
{
    enum { STEPS = 100 };
    double mean = 0, scale = 0, a = 0, b = 0;
    size_t n = s->nyes + s->nno;
    struct scored *v = all_scores(s);
    struct slopes k = {0};
    for (size_t i = 0; i < n; i++)
        mean += v[i].score / (double)n;
    for (size_t i = 0; i < n; i++)
        scale += (v[i].score - mean) * (v[i].score - mean) / (double)n;
    scale = sqrt(scale);
    for (int step = 0; scale > 0 && step < STEPS; step++) {
        k = slopes_at(v, s, mean, scale, a, b);
        double det = k.haa * k.hbb - k.hab * k.hab;
        double da = (k.hbb * k.ga - k.hab * k.gb) / det;
        double db = (k.haa * k.gb - k.hab * k.ga) / det;
        if (!isfinite(da) || !isfinite(db) || fabs(da) + fabs(db) < 1e-10)
            break;
        a += da;
        b += db;
    }
    free(v);
    if (!(scale > 0) || b <= 0)
        return (struct lr_line){0};
    return line_of(&k, mean, scale, a, b);
}

/* Cases of a class in fold k, or of all others. */
static size_t of_fold(const double *v, size_t n, size_t group, size_t folds, size_t k,
                      bool inside, double *ret)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if ((i / group % folds == k) == inside)
            ret[m++] = v[i];
    return m;
}

bool lr_crossed(const struct lr_set *s, size_t group, size_t folds, double *ret_yes,
                double *ret_no)
{
    double *yes = mem_alloc((s->nyes + s->nno + 1) * sizeof *yes), *no = yes + s->nyes;
    struct lr_set of = {yes, no, 0, 0};
    bool ok = s->nyes && s->nno;
    for (size_t k = 0; ok && k < folds; k++) {
        of.nyes = of_fold(s->yes, s->nyes, group, folds, k, false, yes);
        of.nno = of_fold(s->no, s->nno, group, folds, k, false, no);
        ok = of.nyes && of.nno;
        if (!ok)
            break;
        struct lr_line line = lr_calibrate(&of);
        of.nyes = of_fold(s->yes, s->nyes, group, folds, k, true, yes);
        of.nno = of_fold(s->no, s->nno, group, folds, k, true, no);
        for (size_t i = 0; i < of.nyes; i++)
            *ret_yes++ = line.a + line.b * yes[i];
        for (size_t i = 0; i < of.nno; i++)
            *ret_no++ = line.a + line.b * no[i];
    }
    free(yes);
    return ok;
}

double lr_cllr_crossed(const struct lr_set *s, size_t group, size_t folds)
{
    double *yes = mem_alloc((s->nyes + s->nno + 1) * sizeof *yes), *no = yes + s->nyes;
    bool ok = lr_crossed(s, group, folds, yes, no);
    double cllr = ok ? lr_cllr(&(struct lr_set){yes, no, s->nyes, s->nno}) : NAN;
    free(yes);
    return cllr;
}

/* Of the mean of exp(v): sqrt(sum of (block - its share of the mean)^2 B / (B - 1)) / n. */
static double mean_se(const double *v, size_t n, size_t group, double mean)
{
    double squares = 0;
    size_t blocks = (n + group - 1) / group;
    for (size_t from = 0; from < n; from += group) {
        double off = 0;
        for (size_t i = from; i < n && i < from + group; i++)
            off += exp(v[i]) - mean;
        squares += off * off;
    }
    return blocks > 1 ? sqrt(squares * (double)blocks / (double)(blocks - 1)) / (double)n : NAN;
}

struct lr_misled lr_misled(const struct lr_set *s, size_t group)
{
    struct lr_misled m = {0};
    for (size_t i = 0; i < s->nyes; i++)
        m.yes += s->yes[i] < 0;
    for (size_t i = 0; i < s->nno; i++) {
        m.no += s->no[i] > 0;
        m.mean_no += exp(s->no[i]);
    }
    m.yes /= (double)s->nyes;
    m.no /= (double)s->nno;
    m.mean_no /= (double)s->nno;
    m.mean_no_se = mean_se(s->no, s->nno, group, m.mean_no);
    return m;
}

size_t lr_tippett(const double *v, size_t n, size_t most, double *ret_x, double *ret_above)
{
    double *sorted = mem_alloc((n + 1) * sizeof *sorted);
    size_t points = 0, m = n < most ? n : most;
    memcpy(sorted, v, n * sizeof *v);
    order_sort(sorted, n);
    for (size_t k = 0, upto = 0; k < m; k++) {
        double x = sorted[m > 1 ? k * (n - 1) / (m - 1) : n - 1];
        if (points && x == ret_x[points - 1])
            continue;
        while (upto < n && sorted[upto] <= x)
            upto++;
        ret_x[points] = x;
        ret_above[points++] = (double)(n - upto) / (double)n;
    }
    free(sorted);
    return points;
}

double lr_line_se(const struct lr_line *l, double score)
{
    return sqrt(fmax(0, l->var_a + 2 * score * l->cov_ab + score * score * l->var_b));
}

double lr_cap(size_t nyes, size_t nno)
{
    size_t n = nyes < nno ? nyes : nno;
    return n > 3 ? log((double)n / 3) : 0;
}

double lr_error(double ln_lr, double se, double cap, double span, double *ret_lo,
                double *ret_hi)
{
    const double z = 1.959964;
    if (!isfinite(se)) { /* nothing is known */
        *ret_lo = -cap;
        *ret_hi = cap;
        return INFINITY;
    }
    *ret_lo = fmax(-cap, fmin(cap, ln_lr - z * se));
    *ret_hi = fmax(-cap, fmin(cap, ln_lr + z * se));
    return *ret_hi - *ret_lo <= span ? 1 : pow(2 * z * se / span, 2);
}

double lr_mimic(double ln_lr, double rho)
{
    if (rho <= 0)
        return ln_lr;
    double a = log1p(-rho) + ln_lr, b = log(rho);
    return a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b));
}

const char *lr_words(double ln_lr)
{
    static const struct {
        double up_to; /* log10 */
        const char *words;
    } scale[] = {{M_LN2 / M_LN10, "none"}, {1, "weak"},   {2, "moderate"},
                 {3, "moderately strong"}, {4, "strong"}, {6, "very strong"}};
    double size = fabs(ln_lr) / M_LN10;
    for (size_t i = 0; i < sizeof scale / sizeof *scale; i++)
        if (size < scale[i].up_to)
            return scale[i].words;
    return "extremely strong";
}

static const double GIVEN_FAR = 1;

/* --- synthetic likelihood ------------------------------------------------------------- */

struct synth {
    size_t J, d;
    double *centre;   /* J * d; once made: times the inverse of chol, so that a density is a
                       * distance */
    gsl_matrix *chol; /* lower factor of Sigma (1 + 1/S) */
    double log_norm;  /* -d/2 ln 2 pi - sum ln diag */
};

static void fill_centres(struct synth *s, const double *x, size_t S)
{
    for (size_t j = 0; j < s->J; j++)
        for (size_t k = 0; k < S; k++)
            for (size_t i = 0; i < s->d; i++)
                s->centre[j * s->d + i] += x[(j * S + k) * s->d + i];
    for (size_t i = 0; i < s->J * s->d; i++)
        s->centre[i] /= (double)S; /* after the sum: a constant column stays constant */
}

/* Pooled covariance inside draws, dof J (S - 1). */
static void fill_covariance(const struct synth *s, const double *x, size_t S, gsl_matrix *c)
{
    gsl_matrix_set_zero(c);
    double dof = (double)(s->J * (S - 1));
    for (size_t r = 0; r < s->J * S; r++) {
        const double *row = x + r * s->d, *centre = s->centre + r / S * s->d;
        for (size_t i = 0; i < s->d; i++)
            for (size_t j = 0; j <= i; j++) {
                double v = (row[i] - centre[i]) * (row[j] - centre[j]) / dof;
                gsl_matrix_set(c, i, j, gsl_matrix_get(c, i, j) + v);
            }
    }
}

/* Shrink correlations by the share that is noise: sum of the variances of the
 * correlations, about (1 - r^2)^2 / dof, over the sum of their squares (Schaefer &
 * Strimmer 2005, after Ledoit & Wolf 2004). */
static void shrink(gsl_matrix *c, double dof)
{
    double noise = 0, signal = 0;
    for (size_t i = 0; i < c->size1; i++)
        for (size_t j = 0; j < i; j++) {
            double r = gsl_matrix_get(c, i, j) /
                       sqrt(gsl_matrix_get(c, i, i) * gsl_matrix_get(c, j, j));
            noise += (1 - r * r) * (1 - r * r) / dof;
            signal += r * r;
        }
    double keep = signal > noise ? 1 - noise / signal : 0;
    for (size_t i = 0; i < c->size1; i++)
        for (size_t j = 0; j < i; j++) {
            double v = keep * gsl_matrix_get(c, i, j);
            gsl_matrix_set(c, i, j, v);
            gsl_matrix_set(c, j, i, v);
        }
}

/* z = chol^-1 x, by forward substitution; z may be x. */
static void whiten(const struct synth *s, const double *x, double *z)
{
    const double *row = s->chol->data;
    for (size_t i = 0; i < s->d; i++, row += s->chol->tda) {
        double v = x[i];
        for (size_t k = 0; k < i; k++)
            v -= row[k] * z[k];
        z[i] = v / row[i];
    }
}

struct synth *synth_make(const double *x, size_t J, size_t S, size_t d, size_t *ret_flat)
{
    *ret_flat = d;
    if (J < 2 || S < 2)
        return NULL;
    struct synth *s = mem_zero(1, sizeof *s);
    *s = (struct synth){.J = J,
                        .d = d,
                        .centre = mem_zero(J * d, sizeof(double)),
                        .chol = gsl_matrix_alloc(d, d)};
    fill_centres(s, x, S);
    fill_covariance(s, x, S, s->chol);
    for (size_t i = d; i-- > 0;)
        if (!(gsl_matrix_get(s->chol, i, i) > 0))
            *ret_flat = i;
    if (*ret_flat == d) {
        shrink(s->chol, (double)(J * (S - 1)));
        gsl_matrix_scale(s->chol, 1 + 1 / (double)S);
    }
    if (*ret_flat < d || gsl_linalg_cholesky_decomp1(s->chol) != 0) {
        synth_free(s);
        return NULL;
    }
    s->log_norm = -(double)d / 2 * log(2 * M_PI);
    for (size_t i = 0; i < d; i++)
        s->log_norm -= log(gsl_matrix_get(s->chol, i, i));
    for (size_t j = 0; j < J; j++)
        whiten(s, s->centre + j * d, s->centre + j * d);
    return s;
}

void synth_free(struct synth *s)
{
    if (!s)
        return;
    free(s->centre);
    gsl_matrix_free(s->chol);
    free(s);
}

/* Squared distance of a whitened z to centre j, of coordinates [from, to). */
static double distance(const struct synth *s, const double *z, size_t j, size_t from, size_t to)
{
    const double *centre = s->centre + j * s->d;
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += (z[i] - centre[i]) * (z[i] - centre[i]);
    return sum;
}

/* ln of the weighted mean of exp(term), and by the delta method its standard error; the
 * log weights need not sum to 1. */
static double log_mean(const double *term, const double *log_weight, size_t n, double *ret_se)
{
    double most = -INFINITY, top = -INFINITY, sum = 0, all = 0, squares = 0;
    for (size_t j = 0; j < n; j++) {
        most = fmax(most, term[j] + log_weight[j]);
        top = fmax(top, log_weight[j]);
    }
    for (size_t j = 0; j < n; j++) {
        sum += exp(term[j] + log_weight[j] - most);
        all += exp(log_weight[j] - top);
    }
    double log_p = most - top + log(sum / all);
    for (size_t j = 0; j < n && ret_se; j++) {
        /* each term's part, less what its weight takes: in logs, or 0 times infinity */
        double log_part = log_weight[j] - top - log(all);
        double e = exp(log_part + term[j] - log_p) - exp(log_part);
        squares += e * e;
    }
    if (ret_se)
        *ret_se = sqrt(squares * (double)n / (double)(n - 1));
    return log_p;
}

double synth_log_density(const struct synth *s, const double *x, size_t skip, double *ret_se)
{
    double *z = mem_alloc(s->d * sizeof *z), *term = mem_alloc(2 * s->J * sizeof *term);
    double *even = term + s->J;
    size_t n = 0;
    whiten(s, x, z);
    for (size_t j = 0; j < s->J; j++)
        if (j != skip) {
            even[n] = 0;
            term[n++] = s->log_norm - distance(s, z, j, 0, s->d) / 2;
        }
    double p = log_mean(term, even, n, ret_se);
    free(z);
    free(term);
    return p;
}

/* The factor is triangular: the first coordinates of z are those of the first numbers alone,
 * and the others what is left of theirs. */
double synth_log_conditional(const struct synth *s, const double *x, size_t given,
                             double *ret_se)
{
    double *z = mem_alloc(s->d * sizeof *z), *term = mem_alloc(2 * s->J * sizeof *term);
    double *weight = term + s->J, least = INFINITY;
    double log_norm = -(double)(s->d - given) / 2 * log(2 * M_PI);
    for (size_t i = given; i < s->d; i++)
        log_norm -= log(gsl_matrix_get(s->chol, i, i));
    whiten(s, x, z);
    for (size_t j = 0; j < s->J; j++) {
        weight[j] = distance(s, z, j, 0, given);
        least = fmin(least, weight[j]);
        term[j] = log_norm - distance(s, z, j, given, s->d) / 2;
    }
    double tau = given ? fmax(1, least / (GIVEN_FAR * (double)given)) : 1;
    for (size_t j = 0; j < s->J; j++)
        weight[j] = -weight[j] / 2 / tau;
    double p = log_mean(term, weight, s->J, ret_se);
    free(z);
    free(term);
    return p;
}
