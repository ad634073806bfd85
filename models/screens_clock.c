/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens of clocks: digits, seconds, order, the hour that a change of clocks takes or gives
 * twice, and daily profiles that lie off one another. */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/tz.h"
#include "models/screens.h"
#include "stats/mc.h"
#include "stats/order.h"
#include "stats/rng.h"
#include "stats/tail.h"

enum { HOURS = 24, DIGITS_LEAST = 100 };

static double chi_square(const uint64_t *v, size_t n, double *ret_total)
{
    double total = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        total += (double)v[i];
    for (size_t i = 0; i < n && total > 0; i++)
        sum += (double)v[i] * (double)v[i] * (double)n / total;
    *ret_total = total;
    return sum - total;
}

/* --- digits ------------------------------------------------------------------------- */

void screen_subsecond(const struct screening *in, struct screen_result *ret)
{
    size_t tested = 0;
    double least = 0;
    const struct counts_source *worst = NULL;
    for (size_t i = 0; i < in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i];
        double total, chi = chi_square(s->subsecond, HIST_SUBSECOND, &total);
        if (s->decimals == 0 || total < DIGITS_LEAST)
            continue;
        tested++;
        double log_p = chisq_log_upper(chi, HIST_SUBSECOND - 1);
        if (!worst || log_p < least) {
            least = log_p;
            worst = s;
            ret->value = chi;
            /* share of rows put on one digit that chi-square 40 sees: V = sqrt(40 / 9 n) */
            ret->smallest = sqrt(40 * total / 9);
        }
    }
    if (!tested) {
        screen_not_applicable(ret, "no source has fractions of a second and %d look-ups",
                              DIGITS_LEAST);
        return;
    }
    ret->log_p = log_sidak(least, (double)tested);
    screen_note(ret, "%zu sources with fractions; worst %.100s", tested, worst->name);
}

/* First look-ups of a client after a quiet minute, over all its pairs, by second of the
 * minute. Pairs of a client lie side by side. */
static void count_seconds(const struct screening *in, uint64_t ret[60])
{
    double *all = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < in->c->npairs; i++) {
        double *t;
        size_t k = screening_sessions(in, &in->c->pairs[i], &t);
        for (size_t j = 0; j < k; j++) {
            MEM_GROW(all, n, cap);
            all[n++] = t[j];
        }
        free(t);
        if (i + 1 < in->c->npairs && in->c->pairs[i + 1].client == in->c->pairs[i].client)
            continue;
        if (n)
            order_sort(all, n);
        double before = -INFINITY;
        for (size_t j = 0; j < n; before = all[j++])
            if (all[j] - before > 60) {
                int64_t s = floor_div(
                    in->base_tick * in->c->tick_ns + (int64_t)llround(all[j] * 1e9), NS_PER_S);
                ret[s - floor_div(s, 60) * 60]++;
            }
        n = 0;
    }
    free(all);
}

void screen_seconds(const struct screening *in, struct screen_result *ret)
{
    uint64_t second[60] = {0}, most = 0;
    double total;
    int at = 0;
    if (in->tick_s > 1) {
        screen_not_applicable(ret, "the case counts in ticks of %g s", in->tick_s);
        return;
    }
    count_seconds(in, second);
    double chi = chi_square(second, 60, &total);
    if (total < 2 * DIGITS_LEAST) {
        screen_not_applicable(ret, "%.0f first look-ups after a quiet minute, fewer than %d",
                              total, 2 * DIGITS_LEAST);
        return;
    }
    for (int i = 0; i < 60; i++)
        if (second[i] > most) {
            most = second[i];
            at = i;
        }
    ret->value = chi;
    ret->log_p = chisq_log_upper(chi, 59);
    ret->smallest = sqrt(120 * total / 59);
    screen_note(ret, "%.0f starts; most at second %d: %llu, %.4g expected", total, at,
                (unsigned long long)most, total / 60);
}

/* --- order -------------------------------------------------------------------------- */

void screen_order(const struct screening *in, struct screen_result *ret)
{
    uint64_t back = 0, hour = 0, rows = 0;
    for (size_t i = 0; i < in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i];
        rows += s->lookups;
        for (int k = 1; k < HIST_STEP; k++)
            back += s->back[k];
        hour += s->back[12] + s->back[13]; /* 2^11 to 2^13 s: an hour, two hours */
    }
    if (rows < 2) {
        screen_not_applicable(ret, "no source has two look-ups");
        return;
    }
    ret->value = (double)back;
    ret->answer = back ? INTEGRITY_EXPLAIN : INTEGRITY_PASS;
    ret->smallest = 1;
    screen_note(ret, "%llu of %llu rows, %llu of them by 0.6 to 2.3 hours%s",
                (unsigned long long)back, (unsigned long long)rows, (unsigned long long)hour,
                back * 4 > rows ? ": the log is not in the order of time" : "");
}

/* --- hours of all pairs ------------------------------------------------------------- */

struct hours {
    int64_t first; /* Unix hour */
    size_t n;
    double *y; /* session starts of all pairs */
    bool *live;
};

static void hours_free(struct hours *h)
{
    free(h->y);
    free(h->live);
}

static bool hours_of(const struct screening *in, struct hours *ret)
{
    int64_t hour_ns = 3600 * NS_PER_S, last = INT64_MIN;
    *ret = (struct hours){0};
    for (size_t i = 0; i < in->c->npairs; i++)
        last = in->c->pairs[i].last > last ? in->c->pairs[i].last : last;
    if (!in->c->npairs || in->c->tick_ns > hour_ns)
        return false;
    ret->first = floor_div(in->base_tick * in->c->tick_ns, hour_ns);
    ret->n = (size_t)(floor_div(last * in->c->tick_ns, hour_ns) - ret->first + 1);
    ret->y = mem_zero(ret->n, sizeof *ret->y);
    ret->live = mem_zero(ret->n, sizeof *ret->live);
    double base = (double)(in->base_tick * in->c->tick_ns - ret->first * hour_ns) / 1e9;
    for (size_t i = 0; i < in->c->npairs; i++) {
        double *t;
        size_t k = screening_sessions(in, &in->c->pairs[i], &t);
        for (size_t j = 0; j < k; j++)
            ret->y[(size_t)((base + t[j]) / 3600)]++;
        free(t);
    }
    for (size_t i = 0; i < ret->n; i++) {
        int64_t from = (ret->first + (int64_t)i) * hour_ns;
        ret->live[i] = counts_live_within(in->c, from, from + hour_ns) >= hour_ns;
    }
    return true;
}

/* --- local time --------------------------------------------------------------------- */

/* Zones whose clocks change at different instants or local hours; Moscow and Istanbul for
 * the changes that they made once. */
static const char *const zones[] = {
    "America/New_York", "Europe/Berlin",    "Europe/London",
    "Europe/Moscow",    "Europe/Istanbul",  "Asia/Tehran",
    "Australia/Sydney", "America/Santiago", "America/Sao_Paulo"};
enum { ZONES = sizeof zones / sizeof *zones, AROUND_DAYS = 14 };

struct change {
    const char *zone;
    int64_t local_hour; /* read as Unix hour: missing, or there twice */
    bool missing;
    double found, expected, log_p;
};

/* A clock hour on the days around: mean, and mean and variance of roots (Anscombe 1948), which
 * for counts have variance 1/4, and more where days differ. */
struct around {
    int n;
    double mean, root, variance;
};

static double root_of(double y)
{
    return sqrt(y + 3. / 8);
}

static bool around(const struct hours *h, int64_t hour, struct around *ret)
{
    double sum = 0, roots = 0, squares = 0;
    int n = 0;
    for (int day = -AROUND_DAYS; day <= AROUND_DAYS; day++) {
        int64_t i = hour + day * HOURS - h->first;
        if (day == 0 || i < 0 || i >= (int64_t)h->n || !h->live[i])
            continue;
        double root = root_of(h->y[i]);
        sum += h->y[i];
        roots += root;
        squares += root * root;
        n++;
    }
    if (n < AROUND_DAYS || !(sum > 0))
        return false;
    double root = roots / n;
    *ret = (struct around){n, sum / n, root, fmax(.25, (squares - roots * root) / (n - 1))};
    return true;
}

/* The hour is one more draw of the law of which n were seen: Student's t, n - 1 degrees of
 * freedom. (A negative binomial tail with mean and dispersion put in as if known called 8 times
 * too many at the level of a failure where days differ.) */
static bool test_change(const struct hours *h, struct change *c)
{
    struct around a;
    int64_t i = c->local_hour - h->first;
    if (i < 0 || i >= (int64_t)h->n || !around(h, c->local_hour, &a))
        return false;
    c->found = h->y[i];
    c->expected = a.mean;
    double t = (root_of(c->found) - a.root) / sqrt(a.variance * (1 + 1. / a.n));
    if (c->missing)
        c->log_p = c->found > 0 ? 0 : log(fmax(gsl_cdf_tdist_P(t, a.n - 1), 1e-300));
    else
        c->log_p = log(fmax(gsl_cdf_tdist_Q(t, a.n - 1), 1e-300));
    return true;
}

struct local_sum {
    double tests, power; /* largest expected count */
    struct change worst;
};

static void test_zone(const struct hours *h, const char *name, struct local_sum *sum)
{
    struct tz *zone;
    struct err err;
    if (tz_open(&zone, name, &err) < 0)
        return;
    for (size_t i = 1; i < h->n; i++) {
        int64_t at = (h->first + (int64_t)i) * 3600;
        int32_t before = tz_offset(zone, at - 1), after = tz_offset(zone, at);
        if (before == after || abs(after - before) != 3600)
            continue;
        bool missing = after > before; /* local clocks jump over [at + before, at + after) */
        struct change c = {.zone = name,
                           .missing = missing,
                           .local_hour = floor_div(at + (missing ? before : after), 3600)};
        if (!test_change(h, &c))
            continue;
        sum->tests++;
        sum->power = fmax(sum->power, c.expected);
        if (!sum->worst.zone || c.log_p < sum->worst.log_p)
            sum->worst = c;
    }
    tz_free(zone);
}

void screen_local_time(const struct screening *in, struct screen_result *ret)
{
    struct hours h;
    struct local_sum sum = {0};
    if (hours_of(in, &h))
        for (int i = 0; i < ZONES; i++)
            test_zone(&h, zones[i], &sum);
    hours_free(&h);
    if (!(sum.tests > 0) || sum.power < 8) {
        screen_not_applicable(ret, "no change of clocks lies in the log with 14 days around it "
                                   "and 8 sessions expected in its hour");
        return;
    }
    ret->log_p = log_sidak(sum.worst.log_p, sum.tests);
    ret->value = sum.worst.found / sum.worst.expected;
    ret->smallest = 8;
    screen_note(ret,
                "%.0f changes of clocks; least likely, as a log in the local time of %s "
                "would have it: %.0f in the hour that is %s there, %.3g expected",
                sum.tests, sum.worst.zone, sum.worst.found,
                sum.worst.missing ? "missing" : "double", sum.worst.expected);
}

/* --- a stretch on another clock ------------------------------------------------------- */

enum { BLOCKS_MAX = 12, BLOCK_DAYS = 7, SHIFT_REPLICATES = 1999, SHIFT_LEAST = 200 };

/* Session starts by day and hour, whole days from the first. */
struct days {
    size_t n;
    double (*y)[HOURS];
    bool *weekend;
};

/* ln likelihood gain of one block's profile by turning the others' by s hours, largest
 * over s. Profiles are smoothed by weights 1/4, 1/2, 1/4 and one session added. */
static double best_shift(const double block[HOURS], const double total[HOURS], int *ret_shift)
{
    double rest[HOURS], smooth[HOURS], all = 0, gain = 0;
    for (int h = 0; h < HOURS; h++)
        rest[h] = total[h] - block[h];
    for (int h = 0; h < HOURS; h++) {
        smooth[h] = rest[h] / 2 + rest[(h + 1) % HOURS] / 4 + rest[(h + 23) % HOURS] / 4 + 1;
        all += smooth[h];
    }
    double at0 = 0;
    for (int h = 0; h < HOURS; h++) {
        smooth[h] = log(smooth[h] / all);
        at0 += block[h] * smooth[h];
    }
    *ret_shift = 0;
    for (int s = 1; s < HOURS; s++) {
        double sum = 0;
        for (int h = 0; h < HOURS; h++)
            sum += block[h] * smooth[(h + HOURS - s) % HOURS];
        if (sum - at0 > gain) {
            gain = sum - at0;
            *ret_shift = s <= 12 ? s : s - HOURS;
        }
    }
    return gain;
}

/* The largest gain over stretches of `order`: each of the blocks, and all up to each
 * border. */
static double worst_stretch(const struct days *d, const size_t *order, size_t blocks,
                            size_t *ret_from, size_t *ret_to, int *ret_shift)
{
    double sum[BLOCKS_MAX][HOURS] = {{0}}, total[HOURS] = {0}, head[HOURS] = {0}, most = 0;
    for (size_t i = 0; i < d->n; i++)
        for (int h = 0; h < HOURS; h++) {
            sum[i * blocks / d->n][h] += d->y[order[i]][h];
            total[h] += d->y[order[i]][h];
        }
    *ret_shift = 0;
    for (size_t b = 0; b < blocks; b++) {
        int shift;
        for (int h = 0; h < HOURS; h++)
            head[h] += sum[b][h];
        double one = best_shift(sum[b], total, &shift);
        if (one > most) {
            most = one;
            *ret_from = b;
            *ret_to = b + 1;
            *ret_shift = shift;
        }
        double first = b + 1 < blocks ? best_shift(head, total, &shift) : 0;
        if (first > most) {
            most = first;
            *ret_from = 0;
            *ret_to = b + 1;
            *ret_shift = shift;
        }
    }
    return most;
}

/* Days change places within workdays and within weekends. */
static void shuffle_days(const struct days *d, struct rng *r, size_t *order, size_t *scratch)
{
    for (int weekend = 0; weekend < 2; weekend++) {
        size_t n = 0, k = 0;
        for (size_t i = 0; i < d->n; i++)
            if (d->weekend[i] == (weekend == 1))
                scratch[n++] = i;
        rng_shuffle(r, scratch, n);
        for (size_t i = 0; i < d->n; i++)
            if (d->weekend[i] == (weekend == 1))
                order[i] = scratch[k++];
    }
}

static struct days days_of(const struct hours *h)
{
    struct days d = {0};
    int64_t skip = (HOURS - h->first % HOURS) % HOURS;
    if ((int64_t)h->n <= skip)
        return d;
    d.n = (h->n - (size_t)skip) / HOURS;
    d.y = mem_zero(d.n + 1, sizeof *d.y);
    d.weekend = mem_zero(d.n + 1, sizeof *d.weekend);
    for (size_t i = 0; i < d.n; i++) {
        int64_t day = (h->first + skip) / HOURS + (int64_t)i; /* 1970-01-01 was a Thursday */
        d.weekend[i] = (day + 3) % 7 >= 5;
        for (int k = 0; k < HOURS; k++)
            d.y[i][k] = h->y[(size_t)skip + i * HOURS + (size_t)k];
    }
    return d;
}

static void test_shift(const struct screening *in, const struct days *d, size_t blocks,
                       struct screen_result *ret)
{
    size_t *order = mem_alloc(d->n * sizeof *order), *scratch = mem_alloc(d->n * sizeof *order);
    size_t from = 0, to = 0, a, b;
    int shift, unused;
    struct rng r;
    for (size_t i = 0; i < d->n; i++)
        order[i] = i;
    double gain = worst_stretch(d, order, blocks, &from, &to, &shift);
    struct mc mc = {.stop_at = 10, .max = SHIFT_REPLICATES};
    rng_stream(&r, in->o->seed, RNG_NULL, 0x5f1f7, 0);
    bool more = true;
    while (more) {
        shuffle_days(d, &r, order, scratch);
        more = mc_add(&mc, worst_stretch(d, order, blocks, &a, &b, &unused), gain);
    }
    ret->log_p = log(mc_p(&mc));
    ret->value = shift;
    ret->innocent = abs(shift) <= 1;
    screen_note(ret, "%zu days in %zu stretches; stretches %zu to %zu lie %+d h off the others",
                d->n, blocks, from + 1, to, shift);
    free(order);
    free(scratch);
}

void screen_shift(const struct screening *in, struct screen_result *ret)
{
    struct hours h;
    struct days d = {0};
    double total = 0;
    if (hours_of(in, &h))
        d = days_of(&h);
    for (size_t i = 0; i < d.n; i++)
        for (int k = 0; k < HOURS; k++)
            total += d.y[i][k];
    size_t blocks = d.n / BLOCK_DAYS;
    blocks = blocks < BLOCKS_MAX ? blocks : BLOCKS_MAX;
    if (blocks >= 2 && total >= SHIFT_LEAST) {
        test_shift(in, &d, blocks, ret);
        ret->smallest = 2;
    } else {
        screen_not_applicable(ret, "%.0f sessions over %zu whole days, fewer than %d over 14",
                              total, d.n, SHIFT_LEAST);
    }
    free(d.y);
    free(d.weekend);
    hours_free(&h);
}

/* --- clocks of sources ---------------------------------------------------------------- */

enum { BOOTSTRAPS = 499, SOURCES_MAX = 40 };

/* Lag of greatest circular cross-correlation of two profiles, in quarters, -48..47. */
static int best_lag(const double a[HIST_QUARTER], const double b[HIST_QUARTER])
{
    double most = -INFINITY;
    int best = 0;
    for (int s = 0; s < HIST_QUARTER; s++) {
        double sum = 0;
        for (int h = 0; h < HIST_QUARTER; h++)
            sum += a[h] * b[(h + HIST_QUARTER - s) % HIST_QUARTER];
        if (sum > most) {
            most = sum;
            best = s;
        }
    }
    return best < HIST_QUARTER / 2 ? best : best - HIST_QUARTER;
}

/* A profile less its mean, smoothed over an hour either way. */
static void centre(const double y[HIST_QUARTER], double ret[HIST_QUARTER])
{
    double mean = 0;
    for (int h = 0; h < HIST_QUARTER; h++)
        mean += y[h] / HIST_QUARTER;
    for (int h = 0; h < HIST_QUARTER; h++) {
        ret[h] = 0;
        for (int k = -4; k <= 4; k++)
            ret[h] += (y[(h + k + HIST_QUARTER) % HIST_QUARTER] - mean) / 9;
    }
}

/* 99 % bootstrap interval of the lag, in hours: profiles drawn anew as Poisson counts. */
static void lag_interval(const double a[HIST_QUARTER], const double b[HIST_QUARTER], int lag,
                         struct rng *r, double *ret_lo, double *ret_hi)
{
    double lags[BOOTSTRAPS];
    for (int i = 0; i < BOOTSTRAPS; i++) {
        double x[HIST_QUARTER], y[HIST_QUARTER], cx[HIST_QUARTER], cy[HIST_QUARTER];
        for (int h = 0; h < HIST_QUARTER; h++) {
            x[h] = (double)rng_poisson(r, a[h] + .25);
            y[h] = (double)rng_poisson(r, b[h] + .25);
        }
        centre(x, cx);
        centre(y, cy);
        int d = best_lag(cx, cy) - lag; /* about the lag found, across midnight */
        d = (d + HIST_QUARTER + HIST_QUARTER / 2) % HIST_QUARTER - HIST_QUARTER / 2;
        lags[i] = (lag + d) / 4.0;
    }
    *ret_lo = order_quantile(lags, BOOTSTRAPS, .005);
    *ret_hi = order_quantile(lags, BOOTSTRAPS, .995);
}

static void test_source(const struct counts_source *s, const double all[HIST_QUARTER],
                        const struct integrity_opts *o, struct screen_result *ret)
{
    double own[HIST_QUARTER], rest[HIST_QUARTER], a[HIST_QUARTER], b[HIST_QUARTER], lo, hi;
    struct rng r;
    for (int h = 0; h < HIST_QUARTER; h++) {
        own[h] = (double)s->quarter[h];
        rest[h] = all[h] - own[h];
    }
    centre(own, a);
    centre(rest, b);
    int lag = best_lag(a, b);
    rng_stream(&r, o->seed, RNG_BOOTSTRAP, rng_subject(s->name, strlen(s->name)), 0);
    lag_interval(own, rest, lag, &r, &lo, &hi);
    bool off = (lo > 0 || hi < 0) && abs(lag) >= 4;
    if (off && (isnan(ret->value) || fabs(lag / 4.0) > fabs(ret->value))) {
        ret->value = lag / 4.0;
        ret->answer = INTEGRITY_EXPLAIN;
        screen_note(ret, "%.100s lies %+.2f h off the others (%.2f to %.2f)", s->name,
                    lag / 4.0, lo, hi);
    }
}

void screen_source_clocks(const struct screening *in, struct screen_result *ret)
{
    double all[HIST_QUARTER] = {0};
    size_t tested = 0;
    for (size_t i = 0; i < in->c->nsources; i++)
        for (int h = 0; h < HIST_QUARTER; h++)
            all[h] += (double)in->c->sources[i].quarter[h];
    for (size_t i = 0; i < in->c->nsources && in->c->nsources > 1 && tested < SOURCES_MAX;
         i++) {
        const struct counts_source *s = &in->c->sources[i];
        if (s->lookups < SHIFT_LEAST || s->last_ns - s->first_ns < 3 * 86400 * NS_PER_S)
            continue;
        tested++;
        test_source(s, all, in->o, ret);
    }
    if (tested < 2) {
        ret->value = NAN;
        screen_not_applicable(ret, "needs two sources of %d look-ups over three days",
                              SHIFT_LEAST);
        return;
    }
    if (ret->answer == INTEGRITY_PASS) {
        ret->value = 0;
        screen_note(ret, "%zu sources; none lies an hour or more off the others", tested);
    }
    ret->smallest = 1;
}
