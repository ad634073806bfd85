/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/beside.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/sort.h"

enum {
    K_MIN = 3,
    K_MAX = 12,
    TIMER = 5,
    NARROWER = 6,
    MOST_LINKS = 10 /* a session, on average */
};
static const double NEAREST_S = 120, AROUND_S = 300, REGULAR = .05;

struct link {
    int64_t distance;
    size_t at; /* i */
};

struct links {
    struct link *v;
    size_t n, cap;
};

static int by_distance(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* --- links ------------------------------------------------------------------------------ */

/* Sessions by the gap that follows them: chains of places, one past (0: the end). A mark for
 * each gap, modulo SEEN: hardly any distance between two sessions has one. */
enum { SEEN = 1 << 17, WORD = 64 };
struct gaps {
    size_t *head, *next, mask;
    uint64_t seen[SEEN / WORD];
};

static uint64_t *word_of(struct gaps *g, int64_t gap)
{
    return &g->seen[(uint64_t)gap % SEEN / WORD];
}

static uint64_t mark_of(int64_t gap)
{
    return UINT64_C(1) << (uint64_t)gap % WORD;
}

static size_t bucket(const struct gaps *g, int64_t gap)
{
    return ((uint64_t)gap * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & g->mask;
}

static void gaps_begin(struct gaps *g, const int64_t *t, size_t n)
{
    size_t size = 16;
    while (size < 2 * n)
        size *= 2;
    *g = (struct gaps){.head = mem_zero(size, sizeof *g->head),
                       .next = mem_alloc(n * sizeof *g->next),
                       .mask = size - 1};
    for (size_t i = n - 1; i-- > 0;) {
        int64_t gap = t[i + 1] - t[i];
        size_t *head = &g->head[bucket(g, gap)];
        g->next[i] = *head;
        *head = i + 1;
        *word_of(g, gap) |= mark_of(gap);
    }
}

/* Neighbours that are t_b - t_a apart, each with its distance to a. Where nothing is between a
 * and b each is the other's copy, and the later one counts. */
static void link_pair(struct links *l, const struct gaps *g, const int64_t *t, size_t a,
                      size_t b, int64_t nearest)
{
    for (size_t place = g->head[bucket(g, t[b] - t[a])]; place; place = g->next[place - 1]) {
        size_t i = place - 1;
        int64_t distance = t[a] - t[i];
        if (t[i + 1] - t[i] != t[b] - t[a] || llabs(distance) < nearest ||
            (b == a + 1 && distance < 0))
            continue;
        MEM_GROW(l->v, l->n, l->cap);
        l->v[l->n++] = (struct link){distance, i};
    }
}

/* False: as many as a timer makes. */
static bool find_links(struct links *l, const int64_t *t, size_t n, int64_t nearest)
{
    struct gaps g;
    gaps_begin(&g, t, n);
    for (size_t a = 0; a + 1 < n && l->n <= MOST_LINKS * n; a++)
        for (size_t b = a + 1; b < n && b <= a + BESIDE_REACH; b++)
            if (*word_of(&g, t[b] - t[a]) & mark_of(t[b] - t[a]))
                link_pair(l, &g, t, a, b, nearest);
    free(g.next);
    free(g.head);
    return l->n <= MOST_LINKS * n;
}

/* --- chance ----------------------------------------------------------------------------- */

static size_t first_from(const int64_t *t, size_t n, int64_t at)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t[mid] < at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Sessions within `around` of where i + 2 would come again, but not there. */
static double sessions_around(const struct links *l, const int64_t *t, size_t n, int64_t around)
{
    double sum = 0;
    for (size_t k = 0; k < l->n; k++) {
        if (l->v[k].at + 2 >= n)
            continue;
        int64_t at = t[l->v[k].at + 2] + l->v[k].distance;
        size_t from = first_from(t, n, at - around);
        for (; from < n && t[from] <= at + around; from++)
            sum += t[from] != at;
    }
    return sum;
}

/* Links whose distances differ by at most `around`, and are not equal; in both orders. */
static double links_around(const struct links *l, int64_t around)
{
    double sum = 0;
    for (size_t k = 0, from = 0, same = 0; k < l->n; k++) {
        while (l->v[k].distance - l->v[from].distance > around)
            from++;
        while (l->v[same].distance < l->v[k].distance)
            same++;
        sum += 2 * (double)(same - from); /* those before it, and it before them */
    }
    return sum;
}

/* rho of the head comment, the largest of widths from AROUND_S down to two ticks: a timer's
 * lie within its jitter. One more of each in the widest, as where none is seen chance may have
 * some. */
static double chance_of_another(const struct links *l, const int64_t *t, size_t n,
                                double tick_s)
{
    double rho = 0, one = 1;
    int64_t width = (int64_t)ceil(AROUND_S / tick_s);
    for (bool last = false; !last; width /= NARROWER, one = 0) {
        last = width <= 2;
        width = last ? 2 : width;
        double ticks = 2 * (double)width * ((double)l->n + 1);
        double r = (sessions_around(l, t, n, width) + one) / ticks;
        double s = (links_around(l, width) + one) / ticks;
        rho = fmax(rho, 2 * r + s);
    }
    return rho;
}

/* --- distances -------------------------------------------------------------------------- */

/* Of equal distances, from `from` on: one past the last; sessions in them, ends not twice. */
static size_t one_distance(const struct links *l, size_t from, size_t *ret_sessions)
{
    size_t to = from, sessions = 0;
    for (; to < l->n && l->v[to].distance == l->v[from].distance; to++)
        sessions += to > from && l->v[to].at == l->v[to - 1].at + 1 ? 1 : 2;
    *ret_sessions = sessions;
    return to;
}

static size_t most_links(const struct links *l)
{
    size_t most = 0, sessions;
    for (size_t from = 0, to; from < l->n; from = to) {
        to = one_distance(l, from, &sessions);
        most = to - from > most ? to - from : most;
    }
    return most;
}

/* How many of the neighbours in links [from, to) come again in links [other, end) too. */
static size_t of_both(const struct links *l, size_t from, size_t to, size_t other, size_t end)
{
    size_t both = 0;
    while (from < to && other < end) {
        both += l->v[from].at == l->v[other].at;
        if (l->v[from].at <= l->v[other].at)
            from++;
        else
            other++;
    }
    return both;
}

/* Does a run of links [from, to) come again at a second distance? Two of its neighbours. */
static bool comes_a_third_time(const struct links *l, size_t from, size_t to)
{
    size_t sessions;
    for (size_t other = 0, end; other < l->n; other = end) {
        end = one_distance(l, other, &sessions);
        if (other != from && of_both(l, from, to, other, end) >= 2)
            return true;
    }
    return false;
}

static void find_distances(struct beside *ret, const struct links *l, size_t n, double tick_s)
{
    size_t most = 0;
    bool by_nature = false;
    for (size_t from = 0, to; from < l->n; from = to) {
        size_t sessions;
        to = one_distance(l, from, &sessions);
        if (to - from < ret->k)
            continue;
        ret->found++;
        by_nature = by_nature || comes_a_third_time(l, from, to);
        ret->copied = ret->copied + sessions < n ? ret->copied + sessions : n;
        if (to - from > most) {
            most = to - from;
            ret->distance_s = (double)l->v[from].distance * tick_s;
        }
    }
    if (by_nature || ret->found >= TIMER)
        *ret = (struct beside){0};
}

static void judge(struct beside *ret, const struct links *l, const int64_t *t, size_t n,
                  double tick_s, double target)
{
    double rho = chance_of_another(l, t, n, tick_s);
    double expected = ((double)l->n + 1) * pow(rho, K_MIN - 1);
    size_t k = K_MIN;
    for (; expected > target && k <= K_MAX; k++)
        expected *= rho;
    if (rho > REGULAR || k > K_MAX)
        return;
    *ret = (struct beside){.k = k, .expected = expected};
    find_distances(ret, l, n, tick_s);
}

void beside_find(struct beside *ret, const double *t, size_t n, double tick_s, double target)
{
    *ret = (struct beside){0};
    if (n < 2 * K_MIN || n > BESIDE_MAX)
        return;
    struct links l = {0};
    int64_t *ticks = mem_alloc(n * sizeof *ticks);
    for (size_t i = 0; i < n; i++)
        ticks[i] = llround(t[i] / tick_s);
    if (find_links(&l, ticks, n, (int64_t)ceil(NEAREST_S / tick_s))) {
        sort_by(l.v, l.n, sizeof *l.v, by_distance);
        if (most_links(&l) >= K_MIN)
            judge(ret, &l, ticks, n, tick_s, target);
    }
    free(l.v);
    free(ticks);
}
