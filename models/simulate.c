/* SPDX-License-Identifier: GPL-3.0-or-later
 * Wishes are drawn beforehand and sorted; those that a look-up causes elsewhere
 * (triggers) wait in a binary heap beside them. Exact totals are met by running only the wishes
 * of the set, at one cut after another, before the whole world is run once. */
#include "models/simulate.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/sort.h"
#include "base/table.h"
#include "base/text.h"
#include "models/tamper.h"
#include "models/wishes.h"
#include "stats/order.h"

enum {
    NO_RULE = -1,
    DOUBLINGS = 20,
    CUTS_TRIED = 500,     /* on each side of the cut where the total passes its target */
    WISHES_PER_ROW = 100, /* more demand than this a row asked for: the caches are full */
};

/* --- state of one run ------------------------------------------------------------------ */

struct rows {
    struct sim_row *v;
    size_t n, cap;
};

struct cache {
    const struct sim_cache *rule; /* NULL: none, every wish is asked */
    int64_t *until;               /* when each copy forgets; NULL without a rule */
};

/* The pair whose wish of a process came last, and the index of its cache. */
struct met {
    bool any;
    uint32_t client, name, cache;
};

struct run {
    const struct sim_world *w;
    const struct wish *next, *end; /* drawn beforehand, in order of time */
    struct wish *heap;             /* triggered */
    size_t n, cap;
    struct table *keys; /* cache key to index in caches */
    struct cache *caches;
    size_t ncaches, caches_cap;
    struct met *met; /* of each process */
    struct rows rows;
};

static int64_t max_time(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* --- heap ------------------------------------------------------------------------------- */

static void heap_push(struct run *run, struct wish wish)
{
    MEM_GROW(run->heap, run->n, run->cap);
    size_t i = run->n++;
    for (; i > 0 && wish_earlier(&wish, &run->heap[(i - 1) / 2]); i = (i - 1) / 2)
        run->heap[i] = run->heap[(i - 1) / 2];
    run->heap[i] = wish;
}

static struct wish heap_pop(struct run *run)
{
    struct wish top = run->heap[0], last = run->heap[--run->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < run->n; i = child) {
        if (child + 1 < run->n && wish_earlier(&run->heap[child + 1], &run->heap[child]))
            child++;
        if (!wish_earlier(&run->heap[child], &last))
            break;
        run->heap[i] = run->heap[child];
    }
    run->heap[i] = last;
    return top;
}

static struct wish next_wish(struct run *run)
{
    bool triggered =
        run->n && (run->next == run->end || wish_earlier(&run->heap[0], run->next));
    return triggered ? heap_pop(run) : *run->next++;
}

/* --- caches ------------------------------------------------------------------------------ */

static uint32_t find_cache(struct run *run, const struct wish *wish)
{
    const struct sim_world *w = run->w;
    size_t rule = 0;
    while (rule < w->ncaches && !selection_has(&w->caches[rule].who, wish->client, wish->name))
        rule++;
    bool shared = rule < w->ncaches && w->caches[rule].shared;
    uint32_t key[4] = {(uint32_t)rule, shared ? TABLE_NONE : wish->client, wish->name,
                       w->processes[wish->process].qtype};
    uint32_t id = table_intern(run->keys, span_make(key, sizeof key));
    if (id == run->ncaches) {
        MEM_GROW(run->caches, run->ncaches, run->caches_cap);
        struct cache *fresh = &run->caches[run->ncaches++];
        *fresh = (struct cache){0};
        if (rule < w->ncaches) {
            fresh->rule = &w->caches[rule];
            fresh->until = mem_alloc((size_t)fresh->rule->copies * sizeof *fresh->until);
            for (int64_t i = 0; i < fresh->rule->copies; i++)
                fresh->until[i] = INT64_MIN;
        }
    }
    return id;
}

static struct cache *cache_of(struct run *run, const struct wish *wish)
{
    struct met *met = &run->met[wish->process];
    if (!met->any || met->client != wish->client || met->name != wish->name)
        *met = (struct met){true, wish->client, wish->name, find_cache(run, wish)};
    return &run->caches[met->cache];
}

/* Of one copy it is known without a draw: behind a busy cache most wishes end here. */
static bool surely_remembered(const struct cache *cache, int64_t t_ns)
{
    return cache->until && cache->rule->copies == 1 && t_ns < cache->until[0];
}

/* Is the wish answered from memory? If not, the answer that comes is remembered. */
static bool remembered(const struct cache *cache, int64_t t_ns, struct rng *r)
{
    if (!cache->until)
        return false;
    int64_t *until = &cache->until[rng_below(r, (size_t)cache->rule->copies)];
    if (t_ns < *until)
        return true;
    *until = t_ns + cache->rule->ttl_ns;
    return false;
}

/* --- rows -------------------------------------------------------------------------------- */

static bool sensor_off(const struct sim_world *w, int64_t t_ns)
{
    for (size_t i = 0; i < w->noutages; i++)
        if (t_ns >= w->outages[i].from_ns && t_ns < w->outages[i].to_ns)
            return true;
    return false;
}

/* One look-up leaves the client. */
static void ask(struct run *run, const struct wish *wish, const struct cache *cache,
                int64_t t_ns, bool retry, struct rng *r)
{
    const struct sim_world *w = run->w;
    uint32_t client = wish->client;
    if (cache->rule && cache->rule->shared)
        client = cache->rule->who.clients[rng_below(r, cache->rule->who.nclients)];
    uint16_t server = w->nservers ? (uint16_t)rng_below(r, w->nservers) : SIM_NO_SERVER;
    bool kept = rng_unit(r) <= w->kept;
    if (t_ns >= w->to_ns || !kept || sensor_off(w, t_ns))
        return;
    int64_t tick = floor_div(t_ns, w->tick_ns);
    MEM_GROW(run->rows.v, run->rows.n, run->rows.cap);
    run->rows.v[run->rows.n++] = (struct sim_row){tick * w->tick_ns,
                                                  client,
                                                  wish->name,
                                                  wish->process,
                                                  w->processes[wish->process].qtype,
                                                  server,
                                                  retry,
                                                  0};
}

static void ask_again(struct run *run, const struct wish *wish, const struct cache *cache,
                      struct rng *r)
{
    const struct sim_world *w = run->w;
    size_t rule = 0;
    while (rule < w->nretries &&
           !selection_has(&w->retries[rule].who, wish->client, wish->name))
        rule++;
    if (rule == w->nretries)
        return;
    int64_t t_ns = wish->t_ns;
    const struct sim_retry *retry = &w->retries[rule];
    for (size_t i = 0; i < retry->ndelays && rng_unit(r) < retry->chance; i++)
        ask(run, wish, cache, t_ns += retry->delays_ns[i], true, r);
}

/* The look-up makes others want something. */
static void trigger(struct run *run, const struct wish *cause, struct rng *r)
{
    const struct sim_world *w = run->w;
    for (size_t i = 0; i < w->nprocesses; i++) {
        const struct sim_process *p = &w->processes[i];
        if (p->kind != SIM_TRIGGER || !selection_has(&p->after, cause->client, cause->name) ||
            rng_unit(r) >= p->eta)
            continue;
        double delay_ns = rng_exponential(r, (double)p->delay_ns);
        struct wish effect = {
            .client = p->who.clients[rng_below(r, p->who.nclients)],
            .name = p->who.names[rng_below(r, p->who.nnames)],
            .process = (uint32_t)i,
            .replicate = cause->replicate,
            .subject = rng_subject_of(cause->subject, rng_subject(p->id, strlen(p->id)))};
        if (delay_ns >= (double)(w->to_ns - cause->t_ns))
            continue;
        /* at least a nanosecond, so that mutual triggers move on */
        effect.t_ns = cause->t_ns + max_time(1, (int64_t)delay_ns);
        heap_push(run, effect);
    }
}

static void run_wish(struct run *run, const struct wish *wish)
{
    struct rng r;
    const struct cache cache = *cache_of(run, wish);
    if (surely_remembered(&cache, wish->t_ns))
        return;
    rng_stream(&r, run->w->seed, RNG_SIMULATE, wish->subject, wish->replicate);
    rng_unit(&r); /* the mark */
    if (remembered(&cache, wish->t_ns, &r))
        return;
    ask(run, wish, &cache, wish->t_ns, false, &r);
    ask_again(run, wish, &cache, &r);
    trigger(run, wish, &r);
}

/* Run wishes that are sorted by time. Rows in no order. */
static int run_world(const struct sim_world *w, const struct wishes *wishes, struct rows *ret,
                     struct err *err)
{
    struct run run = {.w = w,
                      .next = wishes->v,
                      .end = wishes->n ? wishes->v + wishes->n : wishes->v,
                      .keys = table_new(),
                      .met = mem_zero(w->nprocesses + 1, sizeof *run.met)};
    size_t done = 0;
    for (; (run.n > 0 || run.next != run.end) && done <= WISHES_MAX; done++) {
        struct wish wish = next_wish(&run);
        run_wish(&run, &wish);
    }
    table_free(run.keys);
    free(run.met);
    free(run.heap);
    for (size_t i = 0; i < run.ncaches; i++)
        free(run.caches[i].until);
    free(run.caches);
    if (done > WISHES_MAX) {
        free(run.rows.v);
        return err_set(
            err, ERR_LIMIT,
            "triggers: expected at most %d wishes in all, found more (does a trigger "
            "feed itself?)",
            WISHES_MAX);
    }
    *ret = run.rows;
    return 0;
}

/* --- exact totals ------------------------------------------------------------------------ */

static int exact_rule(const struct sim_world *w, uint32_t client, uint32_t name)
{
    for (size_t i = 0; i < w->nexact; i++)
        if (selection_has(&w->exact[i].who, client, name))
            return (int)i;
    return NO_RULE;
}

static bool is_drawn(const struct sim_world *w, uint32_t client, uint32_t name)
{
    return !w->drawn || w->drawn[client * w->nnames + name];
}

struct in_rule {
    const struct sim_world *w;
    int rule;
};

static bool in_rule(const void *ctx, uint32_t client, uint32_t name)
{
    const struct in_rule *in = ctx;
    return is_drawn(in->w, client, name) && exact_rule(in->w, client, name) == in->rule;
}

static int draw_rule(const struct sim_world *w, int rule, double boost, struct wishes *ret,
                     struct err *err)
{
    struct in_rule in = {w, rule};
    int rc = wishes_draw(w, boost, in_rule, &in, ret, err);
    if (rc == 0)
        wishes_sort(ret);
    return rc;
}

/* Keep wishes with a mark of at most `cut` (into ret->v, which has room for all)
 * and count the set's rows. */
static int count_rows(const struct sim_world *w, int rule, const struct wishes *all, double cut,
                      struct wishes *ret, uint64_t *ret_rows, struct err *err)
{
    struct rows rows;
    ret->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].mark <= cut)
            ret->v[ret->n++] = all->v[i];
    int rc = run_world(w, ret, &rows, err);
    if (rc < 0)
        return rc;
    *ret_rows = 0;
    for (size_t i = 0; i < rows.n; i++)
        *ret_rows += exact_rule(w, rows.v[i].client, rows.v[i].name) == rule;
    free(rows.v);
    return 0;
}

/* Cuts worth trying are 0 and the marks. Bisection finds where the total passes
 * the target; where a burst jumps over it, the nearest cut that meets it is looked
 * for outward. The total is not monotone behind a cache, but nearly so. Returns 1
 * with the wishes kept in `ret`, or 0 when no cut meets the total. */
static int meet(const struct sim_world *w, int rule, const struct wishes *all,
                struct wishes *ret, struct err *err)
{
    uint64_t target = w->exact[rule].lookups, rows = 0;
    double *cuts = mem_zero(all->n + 1, sizeof *cuts);
    for (size_t i = 0; i < all->n; i++)
        cuts[i + 1] = all->v[i].mark;
    order_sort(cuts, all->n + 1);
    size_t lo = 0, hi = all->n;
    int rc = 0;
    while (rc == 0 && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        rc = count_rows(w, rule, all, cuts[mid], ret, &rows, err);
        if (rows < target)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool met = false;
    for (size_t k = 0; rc == 0 && !met && k <= 2 * CUTS_TRIED; k++) {
        size_t at = k % 2 ? lo - (k + 1) / 2 : lo + k / 2;
        if (at > all->n) /* also below 0 */
            continue;
        rc = count_rows(w, rule, all, cuts[at], ret, &rows, err);
        met = rows == target;
    }
    free(cuts);
    return rc < 0 ? rc : met;
}

/* Wishes of one exact set: the rate is doubled until it gives rows enough. */
static int draw_exact(const struct sim_world *w, int rule, struct wishes *ret, struct err *err)
{
    uint64_t target = w->exact[rule].lookups, most = 0, rows = 0;
    for (int i = 0; i <= DOUBLINGS; i++) {
        struct wishes all = {0}, kept = {0};
        int rc = draw_rule(w, rule, ldexp(1, i), &all, err);
        kept.v = mem_zero(all.n + 1, sizeof *kept.v);
        if (rc == 0)
            rc = count_rows(w, rule, &all, 1, &kept, &rows, err);
        most = rows > most ? rows : most;
        if (rc == 0 && rows >= target)
            rc = meet(w, rule, &all, &kept, err);
        bool full = all.n > WISHES_PER_ROW * (target + 100);
        free(all.v);
        if (rc > 0) {
            *ret = kept;
            return 0;
        }
        free(kept.v);
        if (rc < 0)
            return rc;
        if (full)
            break;
    }
    return err_set(
        err, ERR_DEGENERATE,
        "exact: expected %llu look-ups of the set that begins with %s, found at most "
        "%llu whatever the demand",
        (unsigned long long)target, w->clients[w->exact[rule].who.clients[0]],
        (unsigned long long)most);
}

/* An exact set must not share a cache or a demand with rows outside it, nor be
 * triggered: its total would then not be its own. Nor come in bouts: what marks leave of
 * them is not of their law. */
static int check_selection(const struct sim_world *w, const struct selection *s,
                           const char *what, struct err *err)
{
    int first = exact_rule(w, s->clients[0], s->names[0]);
    for (size_t c = 0; c < s->nclients; c++)
        for (size_t n = 0; n < s->nnames; n++)
            if (exact_rule(w, s->clients[c], s->names[n]) != first)
                return err_set(err, ERR_USAGE,
                               "exact: expected %s inside one exact set or outside all, found "
                               "%s and %s on both sides",
                               what, w->clients[s->clients[0]], w->clients[s->clients[c]]);
    return 0;
}

static int check_exact(const struct sim_world *w, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->nprocesses; i++) {
        const struct sim_process *p = &w->processes[i];
        if (p->split)
            rc = check_selection(w, &p->who, "a split demand", err);
        bool bouts = p->gap_sigma > 0 || p->branching > 0;
        if (p->kind != SIM_TRIGGER && !bouts)
            continue;
        for (size_t c = 0; c < p->who.nclients; c++)
            for (size_t n = 0; n < p->who.nnames; n++)
                if (exact_rule(w, p->who.clients[c], p->who.names[n]) != NO_RULE)
                    return err_set(err, ERR_USAGE,
                                   "exact: expected no %s an exact set, found '%s'",
                                   bouts ? "bouts in" : "trigger into", p->id);
    }
    for (size_t i = 0; rc == 0 && i < w->ncaches; i++)
        for (size_t n = 0; rc == 0 && w->caches[i].shared && n < w->caches[i].who.nnames; n++) {
            struct selection one = w->caches[i].who; /* a shared cache is one a name */
            one.names = &w->caches[i].who.names[n];
            one.nnames = 1;
            rc = check_selection(w, &one, "a shared cache", err);
        }
    return rc;
}

/* --- the whole --------------------------------------------------------------------------- */

static int by_row(const void *a, const void *b)
{
    const struct sim_row *x = a, *y = b;
    if (x->t_ns != y->t_ns)
        return x->t_ns < y->t_ns ? -1 : 1;
    if (x->client != y->client)
        return x->client < y->client ? -1 : 1;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    if (x->qtype != y->qtype)
        return x->qtype < y->qtype ? -1 : 1;
    if (x->server != y->server)
        return x->server < y->server ? -1 : 1;
    if (x->process != y->process)
        return x->process < y->process ? -1 : 1;
    if (x->retry != y->retry)
        return (int)x->retry - (int)y->retry;
    return (int)x->tampered - (int)y->tampered;
}

static void append(struct wishes *to, const struct wishes *from)
{
    for (size_t i = 0; i < from->n; i++) {
        MEM_GROW(to->v, to->n, to->cap);
        to->v[to->n++] = from->v[i];
    }
}

/* The wishes of all sets and of what is in none, in order of time. */
static int draw_all(const struct sim_world *w, struct wishes *ret, struct err *err)
{
    int rc = draw_rule(w, NO_RULE, 1, ret, err);
    for (size_t i = 0; rc == 0 && i < w->nexact; i++) {
        struct wishes part = {0};
        const struct selection *who = &w->exact[i].who;
        if (!is_drawn(w, who->clients[0], who->names[0]))
            continue; /* a set is drawn whole or not at all */
        rc = draw_exact(w, (int)i, &part, err);
        append(ret, &part);
        free(part.v);
    }
    if (rc == 0 && w->nexact) /* parts of which each is in order */
        wishes_sort(ret);
    return rc;
}

int simulate(const struct sim_world *w, struct sim_row **ret, size_t *ret_n, struct err *err)
{
    struct wishes all = {0};
    struct rows rows = {0};
    int rc = check_exact(w, err);
    if (rc == 0)
        rc = draw_all(w, &all, err);
    if (rc == 0)
        rc = run_world(w, &all, &rows, err);
    free(all.v);
    if (rc < 0)
        return rc;
    tamper(w, &rows.v, &rows.n);
    if (rows.n)
        sort_by(rows.v, rows.n, sizeof *rows.v, by_row);
    *ret = rows.v;
    *ret_n = rows.n;
    return 0;
}
