/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rates are hourly on the UTC clock. An hour's rate leaves its own week out, so
 * that a silence cannot lower the expectation it is judged by, and Pearson's
 * dispersion is taken about these very rates: where the log is too short to know
 * its nights, the day-and-night difference lands in the dispersion and nothing is
 * declared dead. Dividing by the dispersion is on the safe side for a negative
 * binomial hour: -ln P(0) = theta ln(1 + mu/theta) >= mu / (1 + mu/theta). */
#include "models/live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* SHORT_HOURS: a log of fewer is too short to tell by its hours how look-ups cluster. */
enum { WEEK_HOURS = 168, SESSION_S = 30, SHORT_HOURS = 24 };
static const int64_t HOUR_NS = 3600 * NS_PER_S;
static const double LIMIT_LOG_P = -13.815510557964274; /* ln 1e-6 */
static const char INFERRED[] = "inferred";
static const double PRIOR_HOURS = 1; /* weight of the overall mean, in observed hours */

struct stretch {
    int64_t from_ns, to_ns; /* [from, to) */
};

struct rhythm {
    int64_t first_hour;
    size_t n;
    double *sessions, *exposure, *rate; /* an hour: starts; listened share; per hour */
    double dispersion, max_rate;
};

static int by_from(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* Union of the spans of the sources, or of the pairs where no source is known. */
static size_t listened(const struct counts *c, struct stretch **ret)
{
    bool named = c->nsources > 0;
    size_t n = 0, cap = named ? c->nsources : c->npairs, out = 0;
    struct stretch *v = mem_alloc(cap * sizeof *v);
    for (size_t i = 0; i < c->nsources; i++) {
        int64_t first = c->sources[i].first_ns, last = c->sources[i].last_ns;
        if (first <= last) /* whole ticks, as the counts have them */
            v[n++] = (struct stretch){floor_div(first, c->tick_ns) * c->tick_ns,
                                      (floor_div(last, c->tick_ns) + 1) * c->tick_ns};
    }
    for (size_t i = 0; !named && i < c->npairs; i++)
        v[n++] = (struct stretch){c->pairs[i].first * c->tick_ns,
                                  (c->pairs[i].last + 1) * c->tick_ns};
    if (n)
        qsort(v, n, sizeof *v, by_from);
    for (size_t i = 0; i < n; i++) {
        if (out && v[i].from_ns <= v[out - 1].to_ns)
            v[out - 1].to_ns = v[i].to_ns > v[out - 1].to_ns ? v[i].to_ns : v[out - 1].to_ns;
        else
            v[out++] = v[i];
    }
    if (!named) { /* without sources: from the first look-up to the last */
        for (size_t i = 1; i < out; i++)
            v[0].to_ns = v[i].to_ns > v[0].to_ns ? v[i].to_ns : v[0].to_ns;
        out = out ? 1 : 0;
    }
    *ret = v;
    return out;
}

static double share(int64_t hour, struct stretch s)
{
    int64_t from = hour * HOUR_NS, to = from + HOUR_NS;
    from = from > s.from_ns ? from : s.from_ns;
    to = to < s.to_ns ? to : s.to_ns;
    return to > from ? (double)(to - from) / (double)HOUR_NS : 0;
}

static void add_exposure(struct rhythm *r, struct stretch s)
{
    int64_t last = floor_div(s.to_ns - 1, HOUR_NS);
    for (int64_t h = floor_div(s.from_ns, HOUR_NS); h <= last; h++)
        if (h >= r->first_hour && h < r->first_hour + (int64_t)r->n)
            r->exposure[h - r->first_hour] += share(h, s);
}

/* Session starts of every pair into hours, of a short log into minutes too, and every occupied
 * tick into ret. */
static size_t read_ticks(const struct counts *c, struct rhythm *r, struct presence *minutes,
                         int64_t **ret)
{
    int64_t *ticks = NULL, quiet = SESSION_S * NS_PER_S;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        bool any = false;
        int64_t before = 0;
        struct series_iter it = series_begin(counts_series(&c->pairs[i]), c->pairs[i].first);
        for (; series_next(&it); n++) {
            MEM_GROW(ticks, n, cap);
            ticks[n] = it.tick;
            size_t h = (size_t)(floor_div(it.tick * c->tick_ns, HOUR_NS) - r->first_hour);
            bool starts = h < r->n && (!any || (it.tick - before) * c->tick_ns > quiet);
            if (starts)
                r->sessions[h]++;
            if (starts && r->n < SHORT_HOURS)
                presence_add(minutes, floor_div(it.tick * c->tick_ns, 60 * NS_PER_S),
                             it.tick * c->tick_ns);
            any = true;
            before = it.tick;
        }
    }
    *ret = ticks;
    return n;
}

static size_t hour_of_week(const struct rhythm *r, size_t i)
{
    int64_t hour = r->first_hour + (int64_t)i;
    return (size_t)(hour - floor_div(hour, WEEK_HOURS) * WEEK_HOURS);
}

static void fit_rates(struct rhythm *r)
{
    double y[WEEK_HOURS] = {0}, e[WEEK_HOURS] = {0}, all_y = 0, all_e = 0;
    for (size_t i = 0; i < r->n; i++) {
        y[hour_of_week(r, i)] += r->sessions[i];
        e[hour_of_week(r, i)] += r->exposure[i];
        all_y += r->sessions[i];
        all_e += r->exposure[i];
    }
    double overall = all_e > 0 ? all_y / all_e : 0, pearson = 0;
    size_t used = 0;
    for (size_t i = 0; i < r->n; i++) {
        size_t at = hour_of_week(r, i);
        r->rate[i] = (y[at] - r->sessions[i] + PRIOR_HOURS * overall) /
                     (e[at] - r->exposure[i] + PRIOR_HOURS);
        r->max_rate = fmax(r->max_rate, r->rate[i]);
        double mu = r->rate[i] * r->exposure[i], d = r->sessions[i] - mu;
        if (mu > 0) {
            pearson += d * d / mu;
            used++;
        }
    }
    r->dispersion = used ? fmax(1, pearson / (double)used) : 1;
}

static void rhythm_free(struct rhythm *r)
{
    free(r->sessions);
    free(r->exposure);
    free(r->rate);
}

/* Sessions expected of [from, to) while the sources listened. */
static double expected(const struct rhythm *r, const struct stretch *v, size_t n,
                       struct stretch s)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        struct stretch both = {v[i].from_ns > s.from_ns ? v[i].from_ns : s.from_ns,
                               v[i].to_ns < s.to_ns ? v[i].to_ns : s.to_ns};
        if (both.from_ns >= both.to_ns)
            continue;
        int64_t last = floor_div(both.to_ns - 1, HOUR_NS);
        for (int64_t h = floor_div(both.from_ns, HOUR_NS); h <= last; h++)
            sum += r->rate[h - r->first_hour] * share(h, both);
    }
    return sum;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Distinct ticks in order; returns how many. Where the log is denser than one tick
 * in 64, a bit a tick of its span takes less room than the list, and no sorting. */
static size_t sort_ticks(int64_t *t, size_t n)
{
    if (n == 0)
        return 0;
    int64_t lo = t[0], hi = t[0];
    for (size_t i = 1; i < n; i++) {
        lo = t[i] < lo ? t[i] : lo;
        hi = t[i] > hi ? t[i] : hi;
    }
    size_t words = (size_t)(((uint64_t)hi - (uint64_t)lo) / 64 + 1), out = 0;
    if (words > n) {
        qsort(t, n, sizeof *t, by_value);
        return n;
    }
    uint64_t *seen = mem_zero(words, sizeof *seen);
    for (size_t i = 0; i < n; i++)
        seen[(t[i] - lo) / 64] |= UINT64_C(1) << ((t[i] - lo) % 64);
    for (size_t w = 0; w < words; w++)
        for (uint64_t left = seen[w]; left; left &= left - 1)
            t[out++] = lo + (int64_t)w * 64 + __builtin_ctzll(left);
    free(seen);
    return out;
}

/* What one silence is judged by, and those that were found. */
struct judge {
    const struct rhythm *rhythm;
    const struct stretch *v; /* when the sources listened */
    size_t n;
    double limit_log_p;
    struct live_silence *out;
    size_t found, cap;
};

/* Nothing was seen in `empty`, behind a look-up in the tick that begins at last_ns. */
static void judge(struct judge *j, int64_t last_ns, struct stretch empty)
{
    const struct rhythm *r = j->rhythm;
    if (empty.from_ns >= empty.to_ns)
        return;
    double most = r->max_rate * (double)(empty.to_ns - empty.from_ns) / (double)HOUR_NS;
    if (-most / r->dispersion >= j->limit_log_p)
        return; /* too short even at the busiest hour */
    double mean = expected(r, j->v, j->n, empty);
    if (-mean / r->dispersion >= j->limit_log_p)
        return;
    MEM_GROW(j->out, j->found, j->cap);
    j->out[j->found++] =
        (struct live_silence){last_ns, empty.to_ns, mean, r->dispersion, -mean / r->dispersion};
}

static void rhythm_begin(struct rhythm *r, const struct stretch *v, size_t n)
{
    *r = (struct rhythm){.first_hour = floor_div(v[0].from_ns, HOUR_NS)};
    r->n = (size_t)(floor_div(v[n - 1].to_ns - 1, HOUR_NS) - r->first_hour + 1);
    r->sessions = mem_zero(r->n, sizeof *r->sessions);
    r->exposure = mem_zero(r->n, sizeof *r->exposure);
    r->rate = mem_zero(r->n, sizeof *r->rate);
    for (size_t i = 0; i < n; i++)
        add_exposure(r, v[i]);
}

/* Pearson's dispersion by the minute, at least 1, over what the sources listened. A log of an
 * hour has no other hours to tell how look-ups cluster; its minutes do. */
static double minute_dispersion(const struct rhythm *r, const struct presence *p)
{
    double pearson = 0, expected_all = 0, minutes = 0;
    for (size_t i = 0; i < r->n; i++) {
        expected_all += r->rate[i] * r->exposure[i];
        minutes += 60 * r->exposure[i];
    }
    for (size_t i = 0; i < p->n; i++) {
        double mu = r->rate[floor_div(p->v[i].minute, 60) - r->first_hour] / 60;
        double y = (double)p->v[i].lookups;
        if (mu > 0)
            pearson +=
                y * (y - 2 * mu) / mu; /* (y - mu)^2 / mu without the mu of each minute */
    }
    return fmax(1, (pearson + expected_all) / fmax(1, minutes));
}

static size_t silences_within(const struct counts *c, const struct stretch *v, size_t n,
                              double limit_log_p, struct live_silence **ret)
{
    *ret = NULL;
    if (n == 0)
        return 0;
    struct rhythm r;
    rhythm_begin(&r, v, n);
    int64_t *ticks;
    struct presence minutes = {0};
    size_t nticks = read_ticks(c, &r, &minutes, &ticks);
    nticks = sort_ticks(ticks, nticks);
    fit_rates(&r);
    presence_tidy(&minutes);
    if (minutes.n)
        r.dispersion = fmax(r.dispersion, minute_dispersion(&r, &minutes));
    presence_free(&minutes);
    struct judge j = {.rhythm = &r, .v = v, .n = n, .limit_log_p = limit_log_p};
    for (size_t i = 1; i < nticks; i++) {
        int64_t last_ns = ticks[i - 1] * c->tick_ns;
        /* The last look-up may stand anywhere in its tick: only what follows is empty. */
        judge(&j, last_ns, (struct stretch){last_ns + c->tick_ns, ticks[i] * c->tick_ns});
    }
    free(ticks);
    rhythm_free(&r);
    *ret = j.out;
    return j.found;
}

/* The same of a source, whose span is `v`. */
static size_t silences_of(const struct presence *p, int64_t tick_ns, struct stretch v,
                          struct live_silence **ret)
{
    struct rhythm r;
    rhythm_begin(&r, &v, 1);
    for (size_t i = 0; i < p->n; i++)
        r.sessions[floor_div(p->v[i].minute, 60) - r.first_hour] += (double)p->v[i].lookups;
    fit_rates(&r);
    r.dispersion = fmax(r.dispersion, minute_dispersion(&r, p));
    struct judge j = {.rhythm = &r, .v = &v, .n = 1, .limit_log_p = LIMIT_LOG_P};
    for (size_t i = 1; i < p->n; i++) {
        int64_t last_ns = floor_div(p->v[i - 1].last_ns, tick_ns) * tick_ns;
        int64_t next_ns = floor_div(p->v[i].first_ns, tick_ns) * tick_ns;
        judge(&j, last_ns, (struct stretch){last_ns + tick_ns, next_ns});
    }
    rhythm_free(&r);
    *ret = j.out;
    return j.found;
}

void live_silences(const struct counts *c, double limit_log_p, struct live_silence **ret,
                   size_t *ret_n)
{
    struct stretch *v;
    size_t n = listened(c, &v);
    *ret_n = silences_within(c, v, n, limit_log_p, ret);
    free(v);
}

/* Spans that are being listed. */
struct spans {
    struct counts_live *v;
    size_t n, cap;
    const char *why;
};

static void add_live(struct spans *s, int64_t from_ns, int64_t to_ns)
{
    if (from_ns >= to_ns)
        return;
    MEM_GROW(s->v, s->n, s->cap);
    s->v[s->n++] = (struct counts_live){from_ns, to_ns, mem_copy(s->why, strlen(s->why))};
}

/* What is left of `v` without the silences. */
static void add_rest(struct spans *s, struct stretch v, int64_t tick_ns,
                     const struct live_silence *dead, size_t ndead)
{
    int64_t from = v.from_ns;
    for (size_t k = 0; k < ndead; k++) { /* the tick of the last look-up was live */
        int64_t start = dead[k].from_ns + tick_ns, end = dead[k].to_ns;
        if (end <= from || start >= v.to_ns)
            continue;
        add_live(s, from, start);
        from = end;
    }
    add_live(s, from, v.to_ns);
}

void live_infer(struct counts *c)
{
    counts_live_free(c->live, c->nlive);
    struct stretch *v;
    struct live_silence *dead;
    struct spans live = {.why = INFERRED};
    size_t n = listened(c, &v);
    size_t ndead = silences_within(c, v, n, LIMIT_LOG_P, &dead);
    for (size_t i = 0; i < n; i++)
        add_rest(&live, v[i], c->tick_ns, dead, ndead);
    c->live = live.v;
    c->nlive = live.n;
    free(dead);
    free(v);
}

void live_of_source(const struct presence *p, int64_t tick_ns, struct counts_live **ret,
                    size_t *ret_n)
{
    struct spans live = {.why = INFERRED};
    if (p->n) { /* whole ticks, as the counts have them */
        struct live_silence *dead;
        struct stretch v = {floor_div(p->v[0].first_ns, tick_ns) * tick_ns,
                            (floor_div(p->v[p->n - 1].last_ns, tick_ns) + 1) * tick_ns};
        size_t ndead = silences_of(p, tick_ns, v, &dead);
        add_rest(&live, v, tick_ns, dead, ndead);
        free(dead);
    }
    *ret = live.v;
    *ret_n = live.n;
}

void live_gaps_in(const struct counts *c, struct counts_live **ret, size_t *ret_n)
{
    struct spans live = {.why = c->nlive ? c->live[0].why : ""};
    if (c->nlive)
        add_live(&live, c->live[0].from_ns, c->live[c->nlive - 1].to_ns);
    *ret = live.v;
    *ret_n = live.n;
}

void live_gaps_out(const struct counts *c, struct counts_live **ret, size_t *ret_n)
{
    struct live_silence *dead;
    struct spans live = {0};
    struct stretch *v = mem_alloc((c->nlive + 1) * sizeof *v);
    for (size_t i = 0; i < c->nlive; i++)
        v[i] = (struct stretch){c->live[i].from_ns, c->live[i].to_ns};
    size_t ndead = silences_within(c, v, c->nlive, LIMIT_LOG_P, &dead);
    for (size_t i = 0; i < c->nlive; i++) {
        live.why = c->live[i].why;
        add_rest(&live, v[i], c->tick_ns, dead, ndead);
    }
    free(dead);
    free(v);
    *ret = live.v;
    *ret_n = live.n;
}
