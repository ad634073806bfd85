/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/rival.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "models/bearing.h"
#include "models/demand.h"
#include "models/simulated.h"
#include "stats/rng.h"

static const double DAY_S = 86400, STEP_S = 3600;

/* One side of the frame: clients x names, and its demand by the hour. */
struct side {
    const char *id; /* of its process: the streams of two sides must differ */
    const struct subject *s;
    uint32_t *clients, *names; /* of the world */
    size_t nclients, nnames;
    uint32_t *client_of, *name_of; /* of each stream, ids of the world */
    double *factor;                /* of each stream */
    struct sim_step *steps;        /* factor: demands a day of a stream of factor 1 */
    double *usual;                 /* the same without what is of one day only */
    double *own;                   /* ln of what a day makes of its usual */
    size_t nsteps;
    double per_day; /* mean of the steps */
};

/* People act in bouts: which law (stats/bouts.h), and where its parameters lie in their prior,
 * both of 0 to 1. */
enum bout_law { LOGNORMAL, HAWKES, BOUT_LAWS };
enum { NODES = 5 };

struct bout {
    enum bout_law law;
    double x, y; /* of LOGNORMAL only x */
};

struct rival_frame {
    struct rival_data data;
    double more[BOUT_LAWS][NODES][NODES]; /* ln of how much demand leaves as many sessions */
    const char **clients, **names;        /* texts of the world; in `memory` */
    size_t nclients, nnames;
    struct side a, b; /* b.s NULL: none */
    struct sim_outage *outages;
    size_t noutages;
    double repeat;            /* chance that a look-up is repeated within its session */
    struct sim_world claimed; /* the claimant's; of no processes: none */
    bool *drawn;              /* of it, what bears on the pairs */
    struct arena memory;
};

/* A world under construction; what it points to is in `memory`. */
struct rival_world {
    struct sim_world world;
    const struct side *first;
    struct sim_step *first_steps, *second_steps; /* of this draw */
    struct arena memory;
};

/* --- frame ------------------------------------------------------------------------------ */

static uint32_t intern(const char **texts, size_t *n, struct span text, struct arena *memory)
{
    for (size_t i = 0; i < *n; i++)
        if (span_is(text, texts[i]))
            return (uint32_t)i;
    texts[*n] = arena_copy(memory, text.p, text.n);
    return (uint32_t)(*n)++;
}

static void add_id(uint32_t *ids, size_t *n, uint32_t id)
{
    for (size_t i = 0; i < *n; i++)
        if (ids[i] == id)
            return;
    ids[(*n)++] = id;
}

static size_t hour_of_week(const struct sim_step *step)
{
    int64_t hour = floor_div(step->from_ns, 3600 * NS_PER_S), day = floor_div(hour, 24);
    bool weekend = (day + 3) - 7 * floor_div(day + 3, 7) >= 5; /* 1970-01-01: a Thursday */
    return (size_t)(hour - 24 * day) + (weekend ? 24 : 0);
}

/* Mean over all steps of the same hour, weekdays and weekends apart. */
static void fill_usual(struct side *side)
{
    double sum[48] = {0}, n[48] = {0};
    for (size_t i = 0; i < side->nsteps; i++) {
        sum[hour_of_week(&side->steps[i])] += side->steps[i].factor;
        n[hour_of_week(&side->steps[i])]++;
    }
    for (size_t i = 0; i < side->nsteps; i++) {
        size_t h = hour_of_week(&side->steps[i]);
        side->usual[i] = sum[h] / n[h];
        side->own[i] = log(fmax(side->steps[i].factor, 1e-300) / fmax(side->usual[i], 1e-300));
    }
}

static void fill_steps(struct side *side, const struct demand *d, const struct window *w,
                       struct arena *memory)
{
    side->nsteps = (size_t)ceil(w->length_s / STEP_S);
    side->steps = arena_alloc(memory, (side->nsteps + 1) * sizeof *side->steps);
    side->usual = arena_alloc(memory, (side->nsteps + 1) * sizeof *side->usual);
    side->own = arena_alloc(memory, (side->nsteps + 1) * sizeof *side->own);
    for (size_t i = 0; i < side->nsteps; i++) {
        double from = (double)i * STEP_S, to = fmin(from + STEP_S, w->length_s), rate = 0;
        for (double t = from + d->slot_s / 2; t < to; t += d->slot_s)
            rate += demand_rate(d, t) * d->slot_s / (to - from);
        side->steps[i] =
            (struct sim_step){w->from_ns + (int64_t)(from * (double)NS_PER_S), rate * DAY_S};
        side->per_day += rate * DAY_S / (double)side->nsteps;
    }
    fill_usual(side);
}

static void make_side(struct rival_frame *f, struct side *side, const char *id,
                      const struct subject *s)
{
    struct demand d;
    *side = (struct side){.id = id, .s = s};
    side->clients = arena_alloc(&f->memory, s->nstreams * sizeof *side->clients);
    side->names = arena_alloc(&f->memory, s->nstreams * sizeof *side->names);
    side->client_of = arena_alloc(&f->memory, s->nstreams * sizeof *side->client_of);
    side->name_of = arena_alloc(&f->memory, s->nstreams * sizeof *side->name_of);
    side->factor = arena_alloc(&f->memory, s->nstreams * sizeof *side->factor);
    for (size_t i = 0; i < s->nstreams; i++) {
        const struct stream *r = &s->streams[i];
        const struct counts *c = f->data.counts;
        side->client_of[i] =
            intern(f->clients, &f->nclients, c->clients[r->client], &f->memory);
        side->name_of[i] = intern(f->names, &f->nnames, c->names[r->name], &f->memory);
        add_id(side->clients, &side->nclients, side->client_of[i]);
        add_id(side->names, &side->nnames, side->name_of[i]);
    }
    demand_fit(&d, s, f->data.window, NULL);
    memcpy(side->factor, d.factor, s->nstreams * sizeof *d.factor);
    fill_steps(side, &d, f->data.window, &f->memory);
    demand_free(&d);
}

static void find_outages(struct rival_frame *f)
{
    const struct window *w = f->data.window;
    double from = 0;
    f->outages = arena_alloc(&f->memory, (w->nlive + 1) * sizeof *f->outages);
    for (size_t i = 0; i <= w->nlive; i++) {
        double to = i < w->nlive ? w->live[i].from : w->length_s;
        if (to > from)
            f->outages[f->noutages++] =
                (struct sim_outage){w->from_ns + (int64_t)(from * (double)NS_PER_S),
                                    w->from_ns + (int64_t)(to * (double)NS_PER_S)};
        from = i < w->nlive ? w->live[i].to : from;
    }
}

/* p with 1 + p + p^2 + p^3 = look-ups a session: three repeats at most. */
static double repeat_chance(const struct subject *s)
{
    double want = s->n ? (double)s->lookups / (double)s->n : 1, low = 0, high = .95;
    for (int i = 0; i < 50; i++) {
        double p = (low + high) / 2;
        if (1 + p + p * p + p * p * p < want)
            low = p;
        else
            high = p;
    }
    return low;
}

/* Ids of a world's texts that are spelled as one of `known`, once both are canonical. */
static size_t ids_of(const char **texts, size_t n, bool names, const char **known,
                     size_t nknown, uint32_t *ret)
{
    size_t m = 0, length;
    char name[CANON_NAME_MAX], client[CANON_CLIENT_MAX];
    for (size_t i = 0; i < n; i++) {
        int rc = names ? canon_name(span_of(texts[i]), FORM_TEXT, name, &length)
                       : canon_client(span_of(texts[i]), FORM_TEXT, client, &length);
        bool found = false;
        for (size_t k = 0; rc == 0 && !found && k < nknown; k++)
            found = span_is(span_make(names ? name : client, length), known[k]);
        if (found)
            ret[m++] = (uint32_t)i;
    }
    return m;
}

/* The claimant's world may hold a hundred names that nobody claims anything about. */
static void claim_world(struct rival_frame *f, const struct sim_world *w)
{
    uint32_t *clients = arena_alloc(&f->memory, (w->nclients + 1) * sizeof *clients);
    uint32_t *names = arena_alloc(&f->memory, (w->nnames + 1) * sizeof *names);
    struct selection of = {clients, names, 0, 0};
    of.nclients = ids_of(w->clients, w->nclients, false, f->clients, f->nclients, clients);
    of.nnames = ids_of(w->names, w->nnames, true, f->names, f->nnames, names);
    f->drawn = bearing_on(w, &of, 1);
    f->claimed = *w;
    f->claimed.drawn = f->drawn;
    f->claimed.outages = f->outages;
    f->claimed.noutages = f->noutages;
}

/* --- parts of a world --------------------------------------------------------------------- */

enum {
    PARTS = 4, /* besides one for each stream */
    CACHES = 4,
    TAMPERINGS = 8,
    PILOTS = 4, /* logs that a level is measured by */
    STEPS = 3,  /* towards the data's */
};
static const double LEAST_DEMAND = .5, MOST_DEMAND = 32; /* of what was fitted */

static void open_world(struct rival_world *w, const struct rival_frame *f, uint64_t seed)
{
    const struct window *window = f->data.window;
    size_t parts = PARTS + f->data.a->nstreams + (f->data.b ? f->data.b->nstreams : 0);
    *w = (struct rival_world){0};
    w->world = (struct sim_world){
        .title = "rival",
        .from_ns = window->from_ns,
        .to_ns = window->to_ns,
        .tick_ns = f->data.counts->tick_ns,
        .seed = seed,
        .clients = f->clients,
        .names = f->names,
        .nclients = f->nclients,
        .nnames = f->nnames,
        .processes = arena_alloc(&w->memory, parts * sizeof(struct sim_process)),
        .caches = arena_alloc(&w->memory, CACHES * sizeof(struct sim_cache)),
        .retries = arena_alloc(&w->memory, CACHES * sizeof(struct sim_retry)),
        .tampers = arena_alloc(&w->memory, TAMPERINGS * sizeof(struct sim_tamper)),
        .outages = f->outages,
        .noutages = f->noutages,
        .kept = 1,
    };
}

static struct sim_process *add_process(struct rival_world *w, const char *id,
                                       enum sim_kind kind, struct selection who)
{
    struct sim_process *p = &w->world.processes[w->world.nprocesses++];
    *p = (struct sim_process){.id = id, .kind = kind, .who = who, .qtype = 1};
    p->clock.outside = p->clock.weekend = 1;
    return p;
}

static struct selection all_of(const struct side *s)
{
    return (struct selection){s->clients, s->names, s->nclients, s->nnames};
}

/* How much of a day's own level is the day's, and not chance, is a parameter of the draw:
 * (usual)^(1 - real) (fitted)^real, scaled to the fitted mean. */
static struct sim_step *steps_of(struct rival_world *w, const struct side *s, double real)
{
    struct sim_step *steps = arena_alloc(&w->memory, (s->nsteps + 1) * sizeof *steps);
    double sum = 0;
    for (size_t i = 0; i < s->nsteps; i++) {
        steps[i] = s->steps[i];
        steps[i].factor = s->usual[i] * exp(real * s->own[i]);
        sum += steps[i].factor;
    }
    for (size_t i = 0; i < s->nsteps && sum > 0; i++)
        steps[i].factor *= s->per_day * (double)s->nsteps / sum;
    return steps;
}

static void follow(const struct rival_world *w, struct sim_process *p, const struct side *s)
{
    p->clock.steps = s == w->first ? w->first_steps : w->second_steps;
    p->clock.nsteps = s->nsteps;
}

/* Demand that follows the fitted hours and days, `share` of what was fitted. */
static void add_demand(struct rival_world *w, const struct side *s, double share, double theta)
{
    for (size_t i = 0; share > 0 && i < s->s->nstreams; i++) {
        struct sim_process *p = add_process(
            w, s->id, SIM_HUMAN, (struct selection){&s->client_of[i], &s->name_of[i], 1, 1});
        p->qtype = s->s->streams[i].qtype;
        p->per_day = share * s->factor[i];
        p->clock.day_theta = theta;
        follow(w, p, s);
    }
}

/* `share` of the demand comes with mailings that all pairs of `who` get. */
static void add_mailings(struct rival_world *w, const struct side *s, struct selection who,
                         double share, struct rng *r)
{
    struct sim_process *p = add_process(w, "mailing", SIM_MAIL, who);
    double campaigns = exp(log(2.) + rng_unit(r) * log(15.)) / 7; /* 2 to 30 a week */
    p->per_day = campaigns / s->per_day;                          /* times the steps */
    p->messages = share * s->per_day / campaigns;
    p->delay_ns = (int64_t)(exp(log(30.) + rng_unit(r) * log(240.)) * 1e9); /* 30 s to 2 h */
    follow(w, p, s);
}

static void add_cache(struct rival_world *w, const struct rival_frame *f, const struct side *s,
                      bool shared)
{
    if (f->data.ttl_s > 0)
        w->world.caches[w->world.ncaches++] =
            (struct sim_cache){.who = all_of(s),
                               .ttl_ns = (int64_t)(f->data.ttl_s * 1e9),
                               .copies = 1,
                               .shared = shared};
}

static bool draw_shared(const struct side *s, struct rng *r)
{
    return rng_unit(r) < .5 && s->nclients > 1;
}

static void add_repeats(struct rival_world *w, struct selection who, double chance,
                        double first_s)
{
    enum { TRIES = 3 };
    int64_t *delays = arena_alloc(&w->memory, TRIES * sizeof *delays);
    for (int i = 0; i < TRIES; i++)
        delays[i] = (int64_t)(first_s * (1 << i) * 1e9);
    if (chance > 0)
        w->world.retries[w->world.nretries++] = (struct sim_retry){who, chance, delays, TRIES};
}

/* What all worlds share: the second pair's own demand, caches, repeats. */
static void add_rest(struct rival_world *w, const struct rival_frame *f, double b_share,
                     double chance, double first_s, struct rng *r)
{
    add_cache(w, f, &f->a, draw_shared(&f->a, r));
    add_repeats(w, all_of(&f->a), chance, first_s);
    if (f->b.s) {
        add_demand(w, &f->b, b_share, 0);
        add_cache(w, f, &f->b, draw_shared(&f->b, r));
    }
}

static double within(struct rng *r, double from, double to)
{
    return from + rng_unit(r) * (to - from);
}

/* Days with a factor of their own in half of the worlds: Gamma with theta of 1 to 20. */
static double day_theta(struct rng *r)
{
    return rng_unit(r) < .5 ? 0 : exp(rng_unit(r) * log(20.));
}

/* --- demand in bouts ------------------------------------------------------------------- */

/* Priors: sd of ln gap even on 1 to 2.5; share brought about even on .1 to .9, mean delay from
 * a minute to a day, its log even. */
static void take_bouts(struct sim_process *p, struct bout b)
{
    if (b.law == LOGNORMAL)
        p->gap_sigma = 1 + 1.5 * b.x;
    else {
        p->branching = .1 + .8 * b.x;
        p->delay_ns = (int64_t)(60 * exp(b.y * log(1440.)) * 1e9);
    }
}

/* As add_demand. */
static void add_bouts(struct rival_world *w, const struct side *s, double share, struct bout b)
{
    size_t first = w->world.nprocesses;
    add_demand(w, s, share, 0);
    for (size_t i = first; i < w->world.nprocesses; i++)
        take_bouts(&w->world.processes[i], b);
}

/* Sessions of a world whose processes are one stream each, repeats apart. */
static double count_sessions(const struct sim_world *world, double session_s)
{
    struct sim_row *rows;
    size_t n, sessions = 0;
    if (simulate(world, &rows, &n, NULL) < 0)
        return 0;
    int64_t *last = mem_alloc(world->nprocesses * sizeof *last);
    for (size_t i = 0; i < world->nprocesses; i++)
        last[i] = INT64_MIN / 2;
    for (size_t i = 0; i < n; i++) {
        int64_t *at = &last[rows[i].process];
        sessions += (double)(rows[i].t_ns - *at) > session_s * (double)NS_PER_S;
        *at = rows[i].t_ns;
    }
    free(last);
    free(rows);
    return (double)sessions;
}

/* Mean of pilots of one law and demand; more of a short log, of which each says less. */
static double pilot(const struct rival_frame *f, struct bout b, double share, uint64_t seed)
{
    struct rival_world w;
    double sum = 0;
    size_t pilots = PILOTS + PILOTS * 1000 / f->data.a->n;
    open_world(&w, f, 0);
    w.first = &f->a;
    w.first_steps = f->a.steps;
    add_bouts(&w, &f->a, share, b);
    add_cache(&w, f, &f->a, false);
    for (size_t i = 0; i < pilots; i++) {
        w.world.seed = rng_subject_of(seed, i);
        sum += count_sessions(&w.world, f->data.session_s);
    }
    arena_free(&w.memory);
    return sum / (double)pilots;
}

/* ln of the share of the fitted demand that leaves as many sessions as the data have: the cache
 * hides more of a bout than of demand without memory. The time that passes between the end of a
 * dead time and the next look-up is brought to the data's by factors; it shrinks less than
 * demand grows, so the steps fall short and do not overshoot. */
static double match_level(const struct rival_frame *f, struct bout b)
{
    const struct subject *s = f->data.a;
    double dead = fmax(f->data.ttl_s, f->data.session_s), share = 1;
    double room = f->data.window->live_s * (double)s->nstreams;
    double want = fmax(room / (double)s->n - dead, .02 * dead);
    for (uint64_t i = 0; i < STEPS; i++) {
        uint64_t seed = rng_subject_of(rng_subject_of(s->id, b.law), i);
        double n = fmax(pilot(f, b, share, seed), 1);
        double step = fmax(room / n - dead, .02 * dead) / want;
        share = fmin(fmax(share * step, LEAST_DEMAND), MOST_DEMAND);
    }
    return log(share);
}

static void match_bouts(struct rival_frame *f)
{
    for (size_t i = 0; i < NODES; i++) {
        double x = (double)i / (NODES - 1);
        f->more[LOGNORMAL][i][0] = match_level(f, (struct bout){LOGNORMAL, x, 0});
        for (size_t k = 0; k < NODES; k++)
            f->more[HAWKES][i][k] =
                match_level(f, (struct bout){HAWKES, x, (double)k / (NODES - 1)});
    }
}

/* Between four nodes, linear in each direction. */
static double share_of(const struct rival_frame *f, struct bout b)
{
    double x = b.x * (NODES - 1), y = b.y * (NODES - 1);
    size_t i = (size_t)fmin(x, NODES - 2), k = (size_t)fmin(y, NODES - 2);
    const double *low = &f->more[b.law][i][k], *high = &f->more[b.law][i + 1][k];
    x -= (double)i;
    y -= (double)k;
    return exp((1 - x) * ((1 - y) * low[0] + y * low[1]) +
               x * ((1 - y) * high[0] + y * high[1]));
}

/* --- the frame as a whole ------------------------------------------------------------------
 */

struct rival_frame *rival_frame_new(const struct rival_data *d,
                                    const struct sim_world *claimant)
{
    struct rival_frame *f = mem_zero(1, sizeof *f);
    size_t n = d->a->nstreams + (d->b ? d->b->nstreams : 0);
    f->data = *d;
    f->clients = arena_alloc(&f->memory, n * sizeof *f->clients);
    f->names = arena_alloc(&f->memory, n * sizeof *f->names);
    make_side(f, &f->a, "demand of the first", d->a);
    if (d->b)
        make_side(f, &f->b, "demand of the second", d->b);
    find_outages(f);
    f->repeat = repeat_chance(d->a);
    match_bouts(f);
    if (claimant)
        claim_world(f, claimant);
    return f;
}

void rival_frame_free(struct rival_frame *f)
{
    if (!f)
        return;
    arena_free(&f->memory);
    free(f->drawn);
    free(f);
}

/* --- rivals ---------------------------------------------------------------------------------
 */

static void draw_cache(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    add_demand(w, &f->a, 1, day_theta(r));
    add_rest(w, f, 1, f->repeat, 2, r);
}

static void draw_mail(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    double share = within(r, .2, 1);
    add_demand(w, &f->a, 1 - share, day_theta(r));
    add_mailings(w, &f->a, all_of(&f->a), share, r);
    add_rest(w, f, 1, f->repeat, 2, r);
}

/* Periods whose beats, through the cache, leave the mean gap that the data have: every m-th
 * beat is a look-up where (m - 1) P < ttl <= m P. */
static void draw_monitor(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    const struct subject *s = f->data.a;
    double others = rng_unit(r) < .5 ? 0 : within(r, 0, .6), miss = within(r, 0, .4);
    double pairs = (double)(f->a.nclients * f->a.nnames);
    double gap = f->data.window->live_s * pairs / ((double)s->n * (1 - others));
    size_t most = 1, m;
    for (m = 2;
         m <= 12 && gap > f->data.ttl_s && (double)(m - 1) * gap / (double)m < f->data.ttl_s;
         m++)
        most = m;
    m = 1 + rng_below(r, most);
    double period = m == 1 ? gap * (1 - miss) : gap / (double)m;
    struct sim_process *p = add_process(w, "timer", SIM_MONITOR, all_of(&f->a));
    p->period_ns = (int64_t)(fmax(period, 1) * 1e9);
    p->jitter_ns = (int64_t)(period * exp(log(.002) + rng_unit(r) * log(150.)) * 1e9);
    p->miss = m == 1 ? miss : 0;
    add_demand(w, &f->a, others, 0);
    add_rest(w, f, 1, f->repeat, 2, r);
}

/* Tries that come after a session is over, so that one wish is several sessions. */
static void draw_retry(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    double chance = within(r, .2, .8), first = exp(log(35.) + rng_unit(r) * log(4.));
    double tries = 1 + chance + chance * chance + chance * chance * chance;
    add_demand(w, &f->a, 1 / tries, day_theta(r));
    add_rest(w, f, 1, chance, fmax(first, f->data.session_s * 1.1), r);
}

/* The sensor keeps a share q of the rows; misses are 1/q as many, their demand higher. */
static void draw_loss(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    double pairs = (double)(f->a.nclients * f->a.nnames), ttl = f->data.ttl_s;
    double rate = (double)f->data.a->n / (f->data.window->live_s * pairs);
    double kept = within(r, fmin(fmax(.3, 1.1 * rate * ttl), .9), .95), misses = rate / kept;
    double now = rate / fmax(1 - rate * ttl, .01), then = misses / fmax(1 - misses * ttl, .01);
    add_demand(w, &f->a, then / now, day_theta(r));
    add_rest(w, f, 1 / kept, f->repeat, 2, r);
    w->world.kept = kept;
}

/* One sender mails both. */
static void draw_driver(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    double share = within(r, .02, .6);
    size_t nc = f->a.nclients + f->b.nclients, nn = f->a.nnames + f->b.nnames, n = 0, m = 0;
    uint32_t *clients = arena_alloc(&w->memory, nc * sizeof *clients);
    uint32_t *names = arena_alloc(&w->memory, nn * sizeof *names);
    const struct side *const sides[] = {&f->a, &f->b};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < sides[k]->nclients; i++)
            add_id(clients, &n, sides[k]->clients[i]);
        for (size_t i = 0; i < sides[k]->nnames; i++)
            add_id(names, &m, sides[k]->names[i]);
    }
    add_demand(w, &f->a, 1 - share, day_theta(r));
    add_mailings(w, &f->a, (struct selection){clients, names, n, m}, share, r);
    double b_gets = share * f->a.per_day / f->b.per_day;
    add_rest(w, f, fmax(1 - b_gets, .05), f->repeat, 2, r);
}

static void draw_bouts(struct rival_world *w, const struct rival_frame *f, struct bout b,
                       struct rng *r)
{
    add_bouts(w, &f->a, share_of(f, b), b);
    add_rest(w, f, 1, f->repeat, 2, r);
}

static void draw_lognormal(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    draw_bouts(w, f, (struct bout){LOGNORMAL, rng_unit(r), 0}, r);
}

static void draw_hawkes(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    struct bout b = {.law = HAWKES, .x = rng_unit(r)};
    b.y = rng_unit(r);
    draw_bouts(w, f, b, r);
}

static struct sim_tamper *add_tampering(struct rival_world *w, enum sim_tamper_kind kind,
                                        const struct side *s)
{
    struct sim_tamper *t = &w->world.tampers[w->world.ntampers++];
    *t = (struct sim_tamper){.kind = kind,
                             .who = all_of(s),
                             .from_ns = w->world.from_ns,
                             .to_ns = w->world.to_ns,
                             .share = 1};
    return t;
}

/* A tenth to six tenths of the log were made up: blocks of one to seven days copied from
 * an earlier place over what stood there, each of its own; or rows put in at even times, past
 * the cache, among so much less that happened. */
static void draw_forged(struct rival_world *w, const struct rival_frame *f, struct rng *r)
{
    double share = within(r, .1, .6), length = f->data.window->length_s;
    bool copied = rng_unit(r) < .5;
    add_demand(w, &f->a, copied ? 1 : 1 - share, day_theta(r));
    add_rest(w, f, 1, f->repeat, 2, r);
    if (!copied) {
        struct sim_tamper *t = add_tampering(w, TAMPER_INSERT, &f->a);
        t->lookups = (uint64_t)llround(share * (double)f->data.a->n);
        return;
    }
    double block = fmin(exp(rng_unit(r) * log(7.)) * DAY_S, length / 4);
    size_t blocks = (size_t)fmin(fmax(round(share * length / block), 1), TAMPERINGS);
    for (size_t i = 0; i < blocks; i++) {
        struct sim_tamper *t = add_tampering(w, TAMPER_COPY, &f->a);
        double from = within(r, 0, length / 2 - block);
        double by = within(r, block, length - block - from);
        t->from_ns += (int64_t)(from * (double)NS_PER_S);
        t->to_ns = t->from_ns + (int64_t)(block * (double)NS_PER_S);
        t->by_ns =
            floor_div((int64_t)(by * (double)NS_PER_S), w->world.tick_ns) * w->world.tick_ns;
    }
}

const struct rival rival_table[] = {
    {"cache", "demand without memory that follows the pair's hours and days, through a cache",
     "Jung, Berger & Balakrishnan 2003 (INFOCOM)", false, draw_cache},
    {"mail", "mailings whose receivers look names up, beside such demand",
     "Jung & Sit 2004 (IMC)", false, draw_mail},
    {"monitor", "a timer, alone or beside such demand", "RFC 1536", false, draw_monitor},
    {"retry", "tries that are repeated minutes later", "Jung et al. 2002 (ToN 10:589)", false,
     draw_retry},
    {"loss", "a sensor that keeps a share of the rows", "Stella et al. 2022 (eNeuro 9:0505)",
     false, draw_loss},
    {"forged", "a log altered afterwards: blocks of days copied, or rows put in at random",
     "Arratia, Goldstein & Gordon 1990 (Stat. Sci. 5:403)", false, draw_forged},
    {"driver", "a shared cause: one sender mails both", "Lipsitch et al. 2010", true,
     draw_driver},
    {"lognormal", "people who act in bouts: demand with log-normal gaps, through a cache",
     "Stouffer, Malmgren & Amaral 2006 (arXiv physics/0605027); Barabasi 2005 (Nature 435:207)",
     false, draw_lognormal},
    {"hawkes", "people who act in bouts: a look-up makes others likelier for a while",
     "Hawkes 1971 (Biometrika 58:83); Malmgren et al. 2008 (PNAS 105:18153)", false,
     draw_hawkes},
    {0},
};

/* --- drawing ---------------------------------------------------------------------------------
 */

int rival_draw(const struct rival *v, const struct rival_frame *f, uint64_t seed, uint32_t j,
               uint32_t repeat, struct counts **ret, struct err *err)
{
    struct rival_world w;
    struct rng r;
    uint64_t subject = rng_subject_of(rng_subject(v->id, strlen(v->id)), f->data.a->id);
    rng_stream(&r, seed, RNG_NULL, subject, j);
    open_world(&w, f,
               rng_subject_of(rng_subject_of(seed, subject), (uint64_t)j << 32 | repeat));
    w.first = &f->a;
    w.first_steps = steps_of(&w, &f->a, rng_unit(&r));
    if (f->b.s)
        w.second_steps = steps_of(&w, &f->b, rng_unit(&r));
    v->draw(&w, f, &r);
    int rc = simulated_series(ret, &w.world, err);
    arena_free(&w.memory);
    return rc;
}

int rival_draw_claimed(const struct rival_frame *f, uint64_t seed, uint32_t repeat,
                       struct counts **ret, struct err *err)
{
    struct sim_world w = f->claimed;
    w.seed = rng_subject_of(rng_subject_of(seed, w.seed), repeat);
    return simulated_series(ret, &w, err);
}

static void make_subject(const struct rival_frame *f, const struct side *s,
                         const struct counts *c, const struct window *w, struct subject *ret)
{
    uint32_t *clients = mem_alloc(s->nclients * sizeof *clients);
    uint32_t *names = mem_alloc(s->nnames * sizeof *names);
    struct selection sel = {clients, names, 0, 0};
    for (size_t i = 0; i < s->nclients; i++) {
        clients[sel.nclients] = counts_client(c, span_of(f->clients[s->clients[i]]));
        sel.nclients += clients[sel.nclients] != UINT32_MAX;
    }
    for (size_t i = 0; i < s->nnames; i++) {
        names[sel.nnames] = counts_name(c, span_of(f->names[s->names[i]]));
        sel.nnames += names[sel.nnames] != UINT32_MAX;
    }
    subject_make(ret, c, &sel, w, f->data.session_s, f->data.ttl_s);
    free(clients);
    free(names);
}

void rival_subjects(const struct rival_frame *f, const struct counts *c, const struct window *w,
                    struct subject *ret_a, struct subject *ret_b)
{
    make_subject(f, &f->a, c, w, ret_a);
    if (ret_b)
        make_subject(f, &f->b, c, w, ret_b);
}
