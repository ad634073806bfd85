/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Screen of memory by name: does what is asked for one name keep its server as what the same
 * clients ask for other names does?
 *
 * A pair has n look-ups, n_k at server k, and N steps from a look-up to its next of a source,
 * S of which stay (ingest/steps.h). In random order a step stays with probability
 * q = sum n_k (n_k - 1) / (n (n - 1)), exactly, and stays have variance v a step, that of
 * Barton & David (1957) over n - 1. Where a share theta of steps keeps the server and the
 * others draw anew by the pair's own shares, q + theta (1 - q) stay: so S - N q estimates
 * theta N (1 - q), whatever the shares are. How long a server is kept shows in theta by the
 * time between, and how near rows are differs by name: so names are set beside each other at
 * one client and in one bin of that time. There a name has
 *     D = sum of S - N q,   M = sum of N (1 - q),   V = (sum of sqrt(N v))^2   over its pairs,
 * V the largest that it can be: A and AAAA of a name that are asked together take the same
 * steps, which are then no more than those of one,
 * and name i against the sum of others o has, over clients and bins (Mantel & Haenszel 1959),
 *     T = sum (M_o D_i - M_i D_o) / (M_i + M_o),      W = sum M_i M_o / (M_i + M_o),
 *     var = sum (M_o^2 V_i + M_i^2 V_o) / (M_i + M_o)^2.
 * T / W is by how much its theta is larger. What honest clients do makes T scatter more than
 * var says. How much more is told by the other names j, of K in all, each against the rest
 * without i: T_i^2 / (phi var_i), phi the mean of T_j^2 / var_j, not below 1; or, where thetas
 * differ from name to name, T_i^2 / (var_i + tau^2 W_i^2), tau^2 = sum (T_j^2 - var_j) /
 * sum W_j^2, not below 0. Each is held to F(1, K - 2). Which of the two holds cannot be told,
 * so the larger p is taken.
 *
 * Steps within a session (retries, above all) and steps beyond are two looks, since there are
 * many more of the former and they say what a client does when no answer comes. A bin belongs
 * to where its shortest time does. Sidak over names and looks. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/screens.h"
#include "stats/tail.h"

enum { NAMES = SCREEN_NAMES, LEAST = 30, LOOKS = 2 };
static const char *const look_names[LOOKS] = {"within a session", "beyond a session"};

/* Steps of one name at one client in one bin, or of several names. */
struct cell {
    double n, d, m, v;
};

/* A name beside others. */
struct contrast {
    double n, t, w, var; /* n: its steps */
};

struct look {
    struct contrast own[NAMES];            /* beside all others */
    struct contrast without[NAMES][NAMES]; /* [i][j]: j beside the others without i */
};

struct client {
    struct cell cell[NAMES][HIST_STEP];
    bool asks[NAMES];
};

/* --- a client's steps ------------------------------------------------------------------- */

struct pair_steps {
    double n, s2, s3; /* sums over servers of look-ups, their squares and cubes */
    double stayed[HIST_STEP], moved[HIST_STEP];
};

static struct pair_steps steps_of(const struct counts_pair *p)
{
    struct pair_steps s = {0};
    struct marks_iter it = marks_begin(counts_marks(p));
    while (marks_next(&it)) {
        double n = (double)it.count;
        if (it.kind == MARK_SERVER) {
            s.n += n;
            s.s2 += n * n;
            s.s3 += n * n * n;
        } else if (it.kind == MARK_STAYED) {
            s.stayed[it.value] = n;
        } else if (it.kind == MARK_MOVED) {
            s.moved[it.value] = n;
        }
    }
    return s;
}

/* One server is no choice, and says nothing of memory. */
static void add_pair(struct client *to, uint32_t name, const struct counts_pair *p)
{
    struct pair_steps s = steps_of(p);
    if (!(s.n > 1) || s.s2 == s.n * s.n)
        return;
    double mean = 0, variance = 0;
    screen_stays(s.n, s.s2, s.s3, &mean, &variance);
    double q = mean / (s.n - 1), v = variance / (s.n - 1);
    for (size_t k = 0; k < HIST_STEP; k++) {
        double n = s.stayed[k] + s.moved[k];
        struct cell *c = &to->cell[name][k];
        c->n += n;
        c->d += s.stayed[k] - n * q;
        c->m += n * (1 - q);
        c->v += n * v + 2 * sqrt(c->v * n * v);
    }
    to->asks[name] = true;
}

/* Steps of the client whose pairs begin at *i; *i moves behind them. How many pairs it has. */
static size_t next_client(const struct counts *c, const uint32_t *place, size_t *i,
                          struct client *to)
{
    uint32_t client = c->pairs[*i].client;
    size_t n = 0;
    *to = (struct client){0};
    for (; *i < c->npairs && c->pairs[*i].client == client; ++*i) {
        uint32_t name = place[c->pairs[*i].name];
        if (name >= NAMES)
            continue;
        add_pair(to, name, &c->pairs[*i]);
        n++;
    }
    return n;
}

/* --- names beside each other ------------------------------------------------------------ */

static struct cell less(struct cell a, struct cell b)
{
    return (struct cell){a.n - b.n, a.d - b.d, a.m - b.m, a.v - b.v};
}

/* Of one bin; steps are whole numbers, so that no others are told exactly. */
static void add_contrast(struct contrast *to, struct cell a, struct cell others)
{
    if (!(a.n > 0) || !(others.n > 0))
        return;
    double m = a.m + others.m;
    to->n += a.n;
    to->t += (others.m * a.d - a.m * others.d) / m;
    to->w += a.m * others.m / m;
    to->var += (others.m * others.m * a.v + a.m * a.m * others.v) / (m * m);
}

static void add_bin(struct look *to, const struct client *c, size_t bin)
{
    struct cell all = {0};
    for (size_t j = 0; j < NAMES; j++) {
        const struct cell *a = &c->cell[j][bin];
        all = (struct cell){all.n + a->n, all.d + a->d, all.m + a->m, all.v + a->v};
    }
    for (size_t j = 0; j < NAMES; j++) {
        struct cell a = c->cell[j][bin], others = less(all, a);
        if (!(a.n > 0))
            continue;
        add_contrast(&to->own[j], a, others);
        for (size_t i = 0; i < NAMES; i++)
            if (i != j)
                add_contrast(&to->without[i][j], a, less(others, c->cell[i][bin]));
    }
}

static void add_client(const struct screening *in, const struct client *c, struct look *looks)
{
    for (size_t bin = 0; bin < HIST_STEP; bin++) {
        double from_s = bin ? ldexp(1, (int)bin - 1) : 0;
        add_bin(&looks[from_s >= in->o->session_s], c, bin);
    }
}

/* ln p of name i, the larger of two; NAN: too few steps of it or of others. */
static double name_log_p(const struct look *v, size_t i)
{
    const struct contrast *own = &v->own[i];
    double n = 0, phi = 0, t2 = 0, w2 = 0;
    for (size_t j = 0; j < NAMES; j++) {
        const struct contrast *c = &v->without[i][j];
        if (j == i || c->n < LEAST || !(c->var > 0))
            continue;
        n++;
        phi += c->t * c->t / c->var;
        t2 += c->t * c->t - c->var;
        w2 += c->w * c->w;
    }
    if (n < 2 || own->n < LEAST || !(own->var > 0))
        return NAN;
    double square = own->t * own->t, tau2 = fmax(t2 / w2, 0);
    return fmax(f_log_upper(square / (own->var * fmax(phi / n, 1)), 1, n - 1),
                f_log_upper(square / (own->var + tau2 * own->w * own->w), 1, n - 1));
}

/* --- the screen ------------------------------------------------------------------------- */

struct worst {
    double log_p, tested;
    size_t name, look;
};

static struct worst find_worst(const struct look *looks)
{
    struct worst w = {.log_p = INFINITY};
    for (size_t k = 0; k < LOOKS; k++)
        for (size_t i = 0; i < NAMES; i++) {
            double log_p = name_log_p(&looks[k], i);
            if (isnan(log_p))
                continue;
            w.tested++;
            if (log_p < w.log_p) {
                w.log_p = log_p;
                w.name = i;
                w.look = k;
            }
        }
    return w;
}

/* Text of the name in that place. */
static const char *name_at(const struct counts *c, const uint32_t *place, size_t at)
{
    uint32_t i = 0;
    while (place[i] != at)
        i++;
    return c->names[i].p;
}

static bool has_steps(const struct counts *c)
{
    for (size_t i = 0; i < c->npairs; i++)
        if (counts_content_marks(&c->pairs[i]).n < c->pairs[i].marks_n)
            return true;
    return false;
}

void screen_name_memory(const struct screening *in, struct screen_result *ret)
{
    if (in->c->nservers < 2) {
        screen_not_applicable(ret, "the log names no two servers");
        return;
    }
    if (!has_steps(in->c)) {
        screen_not_applicable(ret, "no steps from a look-up to the pair's next one; a case of "
                                   "before they were kept has none: ingest again");
        return;
    }
    struct look *looks = mem_zero(LOOKS, sizeof *looks);
    struct client *client = mem_alloc(sizeof *client);
    uint32_t *place = screening_names(in);
    for (size_t i = 0; i < in->c->npairs;)
        if (next_client(in->c, place, &i, client) > 1)
            add_client(in, client, looks);
    struct worst w = find_worst(looks);
    if (w.tested > 0) {
        const struct contrast *own = &looks[w.look].own[w.name];
        ret->value = own->t / own->w;
        ret->log_p = log_sidak(w.log_p, w.tested);
        screen_note(ret,
                    "%.0f looks; least likely: %.80s, %.0f steps %s; the share of them that "
                    "keeps its server, less that of the others': %.3g",
                    w.tested, name_at(in->c, place, w.name), own->n, look_names[w.look],
                    ret->value);
    } else {
        screen_not_applicable(ret,
                              "no three names have %d steps each between look-ups of clients "
                              "that ask for others of them as far apart",
                              LEAST);
    }
    free(place);
    free(client);
    free(looks);
}
