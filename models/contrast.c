/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/contrast.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum { DAY = 86400 };

void contrast_new_cells(struct contrast *ret, size_t days, size_t a_day)
{
    size_t n = days * a_day;
    double *all = mem_zero(4 * n + 1, sizeof *all);
    *ret = (struct contrast){.days = days,
                             .a_day = a_day,
                             .in = all,
                             .out = all + n,
                             .in_hours = all + 2 * n,
                             .out_hours = all + 3 * n,
                             .stratum = 1,
                             .fit = NAN};
}

void contrast_new(struct contrast *ret, size_t days)
{
    contrast_new_cells(ret, days, 1);
}

static size_t cells_of(const struct contrast *s)
{
    return s->days * s->a_day;
}

void contrast_free(struct contrast *s)
{
    free(s->in);
    *s = (struct contrast){0};
}

/* Hours that a stratum of so many days sets beside each other, over all strata. */
static double hours_compared(const struct contrast *s, size_t days)
{
    double sum = 0;
    for (size_t i = 0; i < s->days; i += days) {
        double in = 0, out = 0;
        for (size_t j = i; j < i + days && j < s->days; j++) {
            in += s->in_hours[j];
            out += s->out_hours[j];
        }
        sum += fmin(in, out);
    }
    return sum;
}

double contrast_ratio(const struct contrast *s)
{
    return s->n_in / s->e_in / (s->n_out / s->e_out);
}

struct stratum {
    double in, all, in_hours, out_hours;
};

static struct stratum stratum_at(const struct contrast *s, size_t first)
{
    struct stratum t = {0};
    for (size_t j = first; j < first + s->stratum && j < cells_of(s); j++) {
        t.in += s->in[j];
        t.all += s->in[j] + s->out[j];
        t.in_hours += s->in_hours[j];
        t.out_hours += s->out_hours[j];
    }
    return t;
}

/* Mantel & Haenszel's ratio: the one at which scores sum to about 0. */
static double ratio_of_strata(const struct contrast *s)
{
    double above = 0, below = 0;
    for (size_t i = 0; i < cells_of(s); i += s->stratum) {
        struct stratum t = stratum_at(s, i);
        double hours = t.in_hours + t.out_hours;
        if (hours > 0) {
            above += t.in * t.out_hours / hours;
            below += (t.all - t.in) * t.in_hours / hours;
        }
    }
    return above > 0 && below > 0 ? above / below : contrast_ratio(s);
}

void contrast_sum(struct contrast *s)
{
    for (size_t i = 0; i < cells_of(s); i++) {
        s->n_in += s->in[i];
        s->n_out += s->out[i];
        s->e_in += s->in_hours[i];
        s->e_out += s->out_hours[i];
    }
    bool fine = s->a_day > 1 || hours_compared(s, 1) >= hours_compared(s, CONTRAST_WEEK) / 2;
    s->stratum = fine ? 1 : CONTRAST_WEEK;
    s->fit = ratio_of_strata(s);
}

void contrast_by(struct contrast *ret, const struct subject *s, const struct window *w,
                 int64_t step_s, contrast_inside *inside, const void *ctx)
{
    struct grid g = grid_make(w, (double)step_s);
    double *y = mem_zero(g.n, sizeof *y), *e = mem_zero(g.n, sizeof *e);
    bucket_fill(s, &g, y);
    exposure_fill(s, w, &g, e);
    int64_t first = floor_div(g.first_s, DAY);
    contrast_new(ret,
                 (size_t)(floor_div(g.first_s + step_s * (int64_t)g.n - 1, DAY) - first) + 1);
    for (size_t i = 0; i < g.n; i++) {
        int64_t at = g.first_s + step_s * (int64_t)i;
        size_t day = (size_t)(floor_div(at, DAY) - first);
        bool in = inside(ctx, at);
        (in ? ret->in : ret->out)[day] += y[i];
        (in ? ret->in_hours : ret->out_hours)[day] += e[i];
    }
    contrast_sum(ret);
    free(y);
    free(e);
}

size_t contrast_used_days(const struct contrast *s)
{
    size_t used = 0;
    for (size_t i = 0; i < s->days; i++) {
        double hours = 0;
        for (size_t j = i * s->a_day; j < (i + 1) * s->a_day; j++)
            hours += s->in_hours[j] + s->out_hours[j];
        used += hours > 0;
    }
    return used;
}

/* Days that share a sign: a week where that leaves 14 blocks, less in shorter logs. What
 * lasts for days, as a campaign does, then counts as one. */
size_t contrast_block_days(size_t days)
{
    size_t n = days / CONTRAST_DAYS;
    return n < 1 ? 1 : n < CONTRAST_WEEK ? n : CONTRAST_WEEK;
}

size_t contrast_blocks(double *r, size_t days)
{
    size_t length = contrast_block_days(days), n = (days + length - 1) / length;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = i * length; j < (i + 1) * length && j < days; j++)
            sum += r[j];
        r[i] = sum;
    }
    return n;
}

/* Share of a stratum's sessions that is of the first kind, at a ratio of rates. */
static double share_at(const struct stratum *t, double ratio)
{
    return ratio * t->in_hours / (ratio * t->in_hours + t->out_hours);
}

/* Sessions of the first kind, less those expected of each stratum's sessions by its hours,
 * where the first kind's rate is `ratio` times the other's (Mantel & Haenszel's score): a busy
 * day has less time at risk, and less of it on its busier side, so that rates over all days
 * lean towards 1. A stratum's score stands at its first day, so that blocks, which are no
 * longer, keep strata apart; blocks without one are 0 and change nothing. The variance is
 * that of blocks, not of sessions. Returns how many blocks. */
static size_t scores_at(const struct contrast *s, double ratio, double *ret)
{
    for (size_t i = 0; i < s->days; i++)
        ret[i] = 0;
    for (size_t i = 0; i < cells_of(s); i += s->stratum) {
        struct stratum t = stratum_at(s, i);
        if (t.in_hours + t.out_hours > 0)
            ret[i / s->a_day] += t.in - share_at(&t, ratio) * t.all;
    }
    return contrast_blocks(ret, s->days);
}

double *contrast_scores(const struct contrast *s, size_t *ret_n)
{
    double *r = mem_zero(s->days + 1, sizeof *r);
    *ret_n = scores_at(s, 1, r);
    return r;
}

double contrast_studentised(const double *scores, size_t n)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        sum += scores[i];
        square += scores[i] * scores[i];
    }
    return square > 0 ? sum / sqrt(square) : NAN;
}

/* The sum of squares does not change with signs. */
double contrast_flip(const double *scores, size_t n, struct rng *r)
{
    double sum = 0, square = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        bits = i % 32 ? bits >> 1 : rng_u32(r);
        sum += bits & 1 ? scores[i] : -scores[i];
        square += scores[i] * scores[i];
    }
    return square > 0 ? sum / sqrt(square) : NAN;
}

/* --- bounds: the test turned round ---------------------------------------------------------
 */

enum { ALL_SIGNS = 16 }; /* blocks up to which every sign is tried, not a sample */

struct turned {
    const struct contrast *s;
    double level, *score; /* scratch, a day */
    int sign;
    uint32_t flips;
    struct rng signs; /* the same at every ratio, so that p has no noise between them */
};

/* Share of all signs that give a sum of at least `least`: one sign changes at a time (Gray's
 * order). Rounding does not undo what is equal. */
static double share_of_signs(const double *score, size_t n, double least)
{
    double sum = 0, met = 0;
    for (size_t i = 0; i < n; i++)
        sum -= score[i];
    for (uint32_t code = 0, at = 0; code < UINT32_C(1) << n; code++) {
        met += sum >= least - 1e-9 * fabs(least);
        size_t bit = (size_t)__builtin_ctz(~code); /* of code + 1 */
        if (bit < n)
            sum += (at ^= UINT32_C(1) << bit) >> bit & 1 ? 2 * score[bit] : -2 * score[bit];
    }
    return ldexp(met, -(int)n);
}

/* Does the test reject this ratio, towards smaller (sign +1) or larger ones? */
static bool rejects(const struct turned *j, double ratio)
{
    size_t n = scores_at(j->s, ratio, j->score);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += j->score[i];
    if (n <= ALL_SIGNS)
        return share_of_signs(j->score, n, -j->sign * sum) <= 1 - j->level;
    double observed = -j->sign * contrast_studentised(j->score, n) - CONTRAST_ROUNDING;
    struct rng r = j->signs;
    uint32_t too_many = (uint32_t)((1 - j->level) * (j->flips + 1.0)) + 1;
    struct mc mc = {.max = j->flips, .stop_at = too_many};
    while (mc_add(&mc, contrast_flip(j->score, n, &r), observed))
        ;
    return mc_p(&mc) <= 1 - j->level;
}

double contrast_bound(const struct contrast *s, double level, int sign, uint64_t seed,
                      uint64_t subject)
{
    enum { LEAST_FLIPS = 999, MOST_FLIPS = 99999, STEPS = 24, DOUBLINGS = 20 };
    if (!(s->n_in > 0) || !(s->n_out > 0))
        return sign > 0 ? INFINITY : 0;
    double wanted = ceil(100 / (1 - level)) - 1;
    struct turned j = {.s = s,
                       .level = level,
                       .sign = sign,
                       .flips = (uint32_t)fmin(fmax(wanted, LEAST_FLIPS), MOST_FLIPS),
                       .score = mem_zero(s->days + 1, sizeof *j.score)};
    rng_stream(&j.signs, seed, RNG_BOOTSTRAP, subject, 0);
    double near = contrast_ratio(s), step = sign > 0 ? 1.5 : 1 / 1.5, far = near * step;
    int tries = 0;
    while (rejects(&j, near) && ++tries < DOUBLINGS) /* that ratio is of all days as one */
        near /= step;
    for (tries = 0; tries < DOUBLINGS && !rejects(&j, far); tries++, step *= step)
        near = far, far = contrast_ratio(s) * step;
    for (int i = 0; tries < DOUBLINGS && i < STEPS; i++) {
        double middle = sqrt(near * far);
        *(rejects(&j, middle) ? &far : &near) = middle;
    }
    free(j.score);
    return tries < DOUBLINGS ? far : sign > 0 ? INFINITY : 0;
}

double contrast_inject(const struct contrast *s, double ratio, struct rng *r)
{
    double *score = mem_zero(s->days + 1, sizeof *score), fit = s->fit, sign = 1;
    size_t length = contrast_block_days(s->days), block = SIZE_MAX;
    for (size_t i = 0; i < cells_of(s); i += s->stratum) {
        struct stratum t = stratum_at(s, i);
        size_t day = i / s->a_day;
        if (day / length != block)
            sign = rng_u32(r) & 1 ? 1 : -1;
        block = day / length;
        if (!(t.in_hours + t.out_hours > 0))
            continue;
        double grown = (ratio * t.in_hours + t.out_hours) / (fit * t.in_hours + t.out_hours);
        score[day] += grown * (t.all * (share_at(&t, ratio) - share_at(&t, 1)) +
                               sign * (t.in - share_at(&t, fit) * t.all));
    }
    double value = contrast_studentised(score, contrast_blocks(score, s->days));
    free(score);
    return value;
}

void contrast_test(const struct contrast *s, uint32_t replicates, uint64_t seed,
                   uint64_t subject, struct mc *ret_upper, struct mc *ret_lower)
{
    struct mc upper = {.max = replicates}, lower = {.max = replicates};
    *ret_upper = *ret_lower = (struct mc){0};
    if (contrast_used_days(s) < CONTRAST_DAYS || !(s->n_in > 0) || !(s->n_out > 0))
        return;
    size_t n;
    double *r = contrast_scores(s, &n), observed = contrast_studentised(r, n);
    for (uint32_t b = 0; b < replicates; b++) {
        struct rng rng;
        rng_stream(&rng, seed, RNG_NULL, subject, b);
        double value = contrast_flip(r, n, &rng);
        mc_add(&upper, value, observed);
        mc_add(&lower, -value, -observed);
    }
    free(r);
    *ret_upper = upper;
    *ret_lower = lower;
}
