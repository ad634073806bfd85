/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "models/baseline.h"
#include "models/nulls.h"
#include "models/rescale.h"
#include "stats/change.h"
#include "stats/tail.h"

enum { REPLICATES = 199, LEAST_LOOKUPS = 20, CONTROLS_OF_CONTROLS = 19, SYNC_PAIRS = 20 };

const char *const calibration_method_names[] = {"off", "controls", "simulated", "none"};

/* --- the rule -------------------------------------------------------------------------- */

void calibration_rule(struct calibration *c)
{
    uint64_t n = c->tests, k = 0;
    c->log_p = c->false_alarm = c->power = c->lo = c->hi = NAN;
    c->critical = 0;
    c->failed = false;
    if (n == 0)
        return;
    while (k <= n && binomial_log_upper(k, n, c->level) > log(CALIBRATION_GATE))
        k++;
    c->critical = k;
    c->log_p = binomial_log_upper(c->called, n, c->level);
    c->false_alarm = k > n ? 0 : exp(binomial_log_upper(k, n, c->level));
    c->power = k > n ? 0 : exp(binomial_log_upper(k, n, CALIBRATION_SHARE));
    binomial_interval(c->called, n, .99, &c->lo, &c->hi);
    c->failed = c->called >= k;
}

/* --- controls ---------------------------------------------------------------------------- */

struct control {
    uint32_t client, name;
    double far, ratio; /* |ln| of its volume over the claim's; that volume's ratio */
    double order;      /* random; decides ties */
};

static int by_distance(const void *a, const void *b)
{
    const struct control *x = a, *y = b;
    if (x->far != y->far)
        return (x->far > y->far) - (x->far < y->far);
    return (x->order > y->order) - (x->order < y->order);
}

static bool among(const uint32_t *ids, size_t n, uint32_t id)
{
    return bsearch(&id, ids, n, sizeof id, trial_id_order);
}

static bool of_claim(const struct study *s, const struct study_claim *c, uint32_t id,
                     bool client)
{
    for (size_t i = 0; client && i < c->nclients; i++) {
        const struct study_group *g = &s->groups[c->clients[i]];
        if (among(g->client, g->client_n, id))
            return true;
    }
    const struct study_group *g = &s->groups[c->name];
    return !client && among(g->name, g->name_n, id);
}

static bool is_kind(const struct study_claim *c, const char *id)
{
    return strcmp(c->kind->id, id) == 0;
}

/* May the pair stand in the claim's place? */
static bool eligible(const struct trial *t, const struct control *p)
{
    const struct study_claim *c = t->claim;
    if (is_kind(c, "volume")) {
        const struct study_group *g = &t->study->groups[c->compare];
        return among(g->name, g->name_n, p->name) && !trial_has(&t->a, p->client, p->name) &&
               (g->nclients == 0 || among(g->client, g->client_n, p->client));
    }
    bool own_name = of_claim(t->study, c, p->name, false);
    if (is_kind(c, "synchrony")) /* its clients are the claim's own */
        return !own_name && of_claim(t->study, c, p->client, true);
    return !own_name && !of_claim(t->study, c, p->client, true);
}

/* Look-ups of one (client, name) of the claim's own, on average over those that asked. */
static double own_volume(const struct trial *t)
{
    size_t asked = 0;
    for (size_t i = 0; i < t->a.nstreams; i++)
        asked += t->a.streams[i].n > 0;
    return (double)t->a.lookups / (double)(asked ? asked : 1);
}

/* Pairs that may serve, best first; synchrony takes a name once. */
static size_t find_controls(const struct trial *t, struct control **ret)
{
    const struct counts *c = t->counts;
    size_t n = 0, cap = 0;
    bool volume = is_kind(t->claim, "volume"), sync = is_kind(t->claim, "synchrony");
    double own = own_volume(t);
    *ret = NULL;
    if (volume && t->claim->compare == SIZE_MAX)
        return 0;
    for (size_t i = 0; i < c->npairs;) {
        struct control p = {c->pairs[i].client, c->pairs[i].name, 0, 0, 0};
        double lookups = 0;
        for (; i < c->npairs && c->pairs[i].client == p.client && c->pairs[i].name == p.name;
             i++)
            lookups += (double)c->pairs[i].total;
        bool again = false;
        for (size_t j = 0; sync && j < n; j++)
            again |= (*ret)[j].name == p.name;
        if (again || (!volume && lookups < LEAST_LOOKUPS) || !eligible(t, &p))
            continue;
        struct span client = c->clients[p.client], name = c->names[p.name];
        struct rng r;
        rng_stream(&r, t->study->seed, RNG_TIEBREAK,
                   rng_subject_of(rng_subject(client.p, client.n), rng_subject(name.p, name.n)),
                   1);
        p.order = rng_unit(&r);
        p.ratio = lookups / own;
        p.far = volume ? 0 : fabs(log(p.ratio));
        MEM_GROW(*ret, n, cap);
        (*ret)[n++] = p;
    }
    if (n)
        qsort(*ret, n, sizeof **ret, by_distance);
    return n;
}

/* --- one run of the required nulls ------------------------------------------------------- */

enum answer { PASSED_OVER, NOT_CALLED, CALLED };

/* Missing for the claim as for its controls. */
static bool not_there(enum why why)
{
    return why == WHY_NO_TTL || why == WHY_NO_COMPARE || why == WHY_NO_CONTROLS ||
           why == WHY_NEEDS_DATA || why == WHY_LIVE_INFERRED;
}

static enum answer ask(struct trial *t, double *ret_log_p)
{
    size_t tested = 0;
    double largest = -INFINITY;
    enum answer answer = CALLED;
    bool slow = is_kind(t->claim, "synchrony");
    t->rough = true;
    for (; t->ncontrols > CONTROLS_OF_CONTROLS && slow; t->ncontrols--) {
        subject_free(&t->control_a[t->ncontrols - 1]);
        subject_free(&t->control_b[t->ncontrols - 1]);
    }
    for (; t->ncontrol_c > CONTROLS_OF_CONTROLS && slow; t->ncontrol_c--)
        subject_free(&t->control_c[t->ncontrol_c - 1]);
    for (const struct battery_row *b = t->claim->kind->battery; b->null; b++) {
        if (b->role != ROLE_REQUIRED || (slow && answer == NOT_CALLED))
            continue;
        struct null_result n = {.log_p = NAN};
        b->run(t, &n);
        free(n.values);
        if (not_there(n.why))
            continue;
        if (n.why != WHY_NONE && n.why != WHY_INCONCLUSIVE)
            return PASSED_OVER;
        tested++;
        largest = fmax(largest, n.log_p);
        if (!(n.why == WHY_NONE && n.log_p <= log(t->study->alpha) + 1e-12))
            answer = NOT_CALLED;
    }
    *ret_log_p = largest;
    return tested ? answer : PASSED_OVER;
}

/* --- innocent logs ------------------------------------------------------------------------ */

struct redraw {
    struct rng *r;
    double times; /* the pair's rate */
    const struct season *season;
    const double *day; /* factor of each of `days`; NULL: all alike */
    struct grid days;
};

static double factor_at(const struct redraw *how, const struct grid *g, size_t bucket)
{
    double middle = g->t0 + ((double)bucket + .5) * g->width;
    double day = fmax(0, floor((middle - how->days.t0) / how->days.width));
    if (!how->day)
        return how->times;
    return how->times * how->day[day < (double)how->days.n ? (size_t)day : how->days.n - 1];
}

static void redraw_stream(const struct trial *t, struct stream *s, const struct redraw *how)
{
    struct grid g = grid_make(&t->window, t->study->bucket_s);
    double *y = mem_zero(3 * g.n + 3, sizeof *y), *hours = y + g.n, *integral = hours + g.n;
    struct subject one = {.streams = s, .nstreams = 1, .t = s->t, .n = s->n};
    struct baseline_opts o = {
        .season = how->season, .zone = t->study->zone, .family = GLM_POISSON};
    struct baseline fit = {0};
    struct rescale steps;
    bucket_fill(&one, &g, y);
    exposure_fill(&one, &t->window, &g, hours);
    if (s->n > 0 && baseline_fit(&fit, &g, y, hours, &o, NULL) == 0) {
        for (size_t i = 0; i < g.n; i++)
            fit.rate[i] *= factor_at(how, &g, i);
        rescale_init(&steps, g, fit.rate, integral);
        size_t cap = 1000 + (size_t)((double)s->n * 4 * fmax(1, how->times));
        struct stream like = *s;
        s->t = mem_alloc(cap * sizeof *s->t);
        s->hidden = like.hidden ? mem_alloc(cap * sizeof *s->hidden) : NULL;
        rescale_draw(&steps, &like, &t->window, how->r, s, cap);
        free(like.t);
        free(like.hidden);
        free(like.lookups);
        s->lookups = mem_alloc((s->n + 1) * sizeof *s->lookups);
        for (size_t i = 0; i < s->n; i++)
            s->lookups[i] = 1;
        baseline_free(&fit);
    }
    free(y);
}

static void redraw_subject(const struct trial *t, struct subject *s, const struct redraw *how)
{
    for (size_t i = 0; i < s->nstreams; i++)
        redraw_stream(t, &s->streams[i], how);
    subject_merge(s);
}

/* Dates find in days that scatter what Poisson's do not hold: a factor of each day, with the
 * scatter and memory of the days, of a reaction those that a change at its date leaves. */
static double *days_of(const struct trial *t, struct rng *r, struct grid *ret)
{
    const struct study_claim *c = t->claim;
    struct daycells d;
    struct clustered left;
    daycells_make(&d, &t->a, &t->window, t->study->zone);
    double cell = ((double)(c->date_ns - t->window.from_ns) / 1e9 - d.grid.t0) / d.grid.width;
    if (is_kind(c, "reaction") && cell > 0 && cell < (double)d.grid.n)
        change_left(&left, d.y, d.e, d.grid.n, (size_t)ceil(cell - 1e-9),
                    &(struct change_opts){.seed = t->study->seed, .subject = t->a.id});
    else
        clustered_fit(&left, d.y, d.e, d.grid.n, 1);
    double *day = mem_alloc((d.grid.n + 1) * sizeof *day);
    clustered_rates(&left, d.grid.n, r, day);
    *ret = d.grid;
    daycells_free(&d);
    return day;
}

struct peers_rates {
    double *over; /* each comparable pair's rate over the claim's */
    size_t n;
};

struct innocent {
    struct rng r;
    const struct peers_rates *peers;
    bool by_days;
};

static void make_innocent(void *ctx, struct trial *t)
{
    struct innocent *job = ctx;
    struct redraw how = {.r = &job->r, .times = 1};
    double *day = job->by_days ? days_of(t, &job->r, &how.days) : NULL;
    how.day = day;
    if (t->claim->nhours)
        how.season = season_find("const");
    if (job->peers->n)
        how.times = job->peers->over[rng_below(&job->r, job->peers->n)];
    redraw_subject(t, &t->a, &how);
    how.times = 1;
    if (t->b.nstreams)
        redraw_subject(t, &t->b, &how);
    free(day);
}

static void rates_of_peers(const struct trial *t, struct peers_rates *ret);

void calibrate_innocent(struct trial *t, uint32_t i)
{
    struct peers_rates peers = {NULL, 0};
    struct innocent in = {.peers = &peers};
    rng_stream(&in.r, t->study->seed, RNG_SIMULATE, rng_subject_of(t->a.id, 0x5eed), i);
    if (is_kind(t->claim, "authenticity")) {
        authenticity_innocent(t, &in.r);
        return;
    }
    in.by_days = is_kind(t->claim, "alignment") || is_kind(t->claim, "reaction");
    if (is_kind(t->claim, "volume") && volume_prepare(t, NULL) == 0) {
        rates_of_peers(t, &peers);
        peers.over[peers.n++] = 1; /* itself is one of them */
    }
    make_innocent(&in, t);
    free(peers.over);
    for (size_t k = 0; k < t->npeers; k++)
        subject_free(&t->peers[k]);
    free(t->peers);
    t->peers = NULL;
    t->npeers = 0;
}

/* --- the whole ------------------------------------------------------------------------------
 */

struct job {
    const struct study *s;
    const struct study_claim *c;
    const struct counts *counts;
    const struct control *controls; /* NULL: simulated */
    const struct peers_rates *peers;
    double level;
    enum answer *answer;
    double *log_p;
    bool *reach;             /* does the control measure the claimed effect? */
    struct sync_pair *pairs; /* synchrony */
};

/* The plan of a run: cheap, one look, no other correction. */
static struct study plan_of(const struct job *job)
{
    struct study s = *job->s;
    s.alpha = job->level;
    s.max_replicates = REPLICATES;
    s.correction = correction_find("none");
    s.effort = EFFORT_ANSWER;
    s.power = false;
    s.calibration = 0;
    return s;
}

static bool reaches(const struct trial *t)
{
    struct effect e = {NAN, NAN, NAN, NAN};
    t->claim->kind->estimate(t, &e);
    return t->claim->kind->sign * (e.value - t->claim->effect) >= 0;
}

static void run_control(const struct job *job, size_t i, struct study *s, struct study_claim *c)
{
    uint32_t client = job->controls[i].client, name = job->controls[i].name;
    struct study_group *groups = mem_alloc((s->ngroups + 2) * sizeof *groups);
    struct trial t;
    memcpy(groups, s->groups, s->ngroups * sizeof *groups);
    groups[s->ngroups] =
        (struct study_group){.id = "control", .client = &client, .client_n = 1};
    groups[s->ngroups + 1] = (struct study_group){.id = "control", .name = &name, .name_n = 1};
    s->groups = groups;
    if (is_kind(c, "synchrony")) {
        c->b_name = s->ngroups + 1;
    } else {
        c->clients[0] = s->ngroups;
        c->nclients = 1;
    }
    c->name = s->ngroups + 1;
    s->ngroups += 2;
    struct study_ttl stated = c->ttl;
    if (stated.kind == TTL_GIVEN) /* it was stated of the claim's name */
        c->ttl.kind = TTL_LOG;
    if (trial_make(&t, s, c, job->counts, 1, NULL) == 0) {
        if (!(t.ttl_s > 0) && stated.kind == TTL_GIVEN) {
            trial_free(&t);
            c->ttl = stated;
            if (trial_make(&t, s, c, job->counts, 1, NULL) < 0) {
                free(groups);
                return;
            }
        }
        job->answer[i] = ask(&t, &job->log_p[i]);
        if (job->answer[i] == CALLED)
            job->reach[i] = reaches(&t);
        if (job->pairs) {
            job->pairs[i] = (struct sync_pair){t.a.id, t.b.id, t.ttl_s, t.ab};
            t.ab = (struct sync_result){0}; /* kept */
        }
        trial_free(&t);
    }
    free(groups);
}

static void run_one(void *ctx, size_t i, size_t worker)
{
    struct job *job = ctx;
    struct study_claim c = *job->c;
    (void)worker;
    c.search = (struct study_search){.kind = SEARCH_COUNT, .low = 1, .high = 1, .source = ""};
    c.opposite = false;
    struct study s = plan_of(job);
    job->answer[i] = PASSED_OVER;
    if (job->controls) {
        run_control(job, i, &s, &c);
        return;
    }
    struct innocent in = {.peers = job->peers};
    struct trial t;
    rng_stream(&in.r, s.seed, RNG_SIMULATE, rng_subject(c.id, strlen(c.id)), (uint32_t)i);
    s.seed = rng_u32(&in.r);
    if (trial_make_altered(&t, &s, &c, job->counts, 1, make_innocent, &in, NULL) == 0) {
        job->answer[i] = ask(&t, &job->log_p[i]);
        trial_free(&t);
    }
}

static void run_all(struct job *job, struct calibration *ret, size_t n, size_t threads)
{
    job->answer = mem_zero(n + 1, sizeof *job->answer);
    job->log_p = mem_zero(n + 1, sizeof *job->log_p);
    job->reach = mem_zero(n + 1, sizeof *job->reach);
    par_for(threads, n, run_one, job);
    ret->tests = ret->called = ret->reach = 0;
    for (size_t i = 0; i < n; i++) {
        if (job->answer[i] != PASSED_OVER)
            job->log_p[ret->tests++] = job->log_p[i];
        ret->called += job->answer[i] == CALLED;
        ret->reach += job->reach[i];
        if (!job->controls || job->answer[i] == PASSED_OVER || is_kind(job->c, "volume"))
            continue;
        ret->volume_lo = fmin(ret->volume_lo, job->controls[i].ratio);
        ret->volume_hi = fmax(ret->volume_hi, job->controls[i].ratio);
    }
    free(job->answer);
    free(job->reach);
    free(ret->control_log_p);
    ret->control_log_p = job->log_p;
}

void calibration_free(struct calibration *c)
{
    free(c->control_log_p);
    c->control_log_p = NULL;
    sync_pairs_free(&c->pairs);
}

static void rates_of_peers(const struct trial *t, struct peers_rates *ret)
{
    struct rate own = trial_rate(t, &t->a);
    ret->over = mem_alloc((t->npeers + 1) * sizeof *ret->over);
    ret->n = 0;
    for (size_t i = 0; i < t->npeers; i++) {
        struct rate r = trial_rate(t, &t->peers[i]);
        if (r.hours > 0 && own.sessions > 0)
            ret->over[ret->n++] =
                (double)r.sessions / r.hours / ((double)own.sessions / own.hours);
    }
}

static bool gated(const struct study_claim *c)
{
    return is_kind(c, "volume") || is_kind(c, "timing") || is_kind(c, "synchrony") ||
           is_kind(c, "alignment") || is_kind(c, "reaction");
}

/* Of a gate that failed on controls: is it the tests, or do the controls what is claimed? */
static void ask_why(struct job *job, struct calibration *ret, size_t n, size_t threads)
{
    struct calibration others = *ret, drawn = {.level = ret->level};
    others.tests -= ret->reach;
    others.called -= ret->reach;
    calibration_rule(&others);
    if (!ret->reach || others.failed)
        return;
    job->controls = NULL;
    run_all(job, &drawn, n, threads);
    calibration_rule(&drawn);
    ret->drawn = drawn.tests;
    ret->drawn_called = drawn.called;
    ret->share = drawn.tests >= CALIBRATION_LEAST && !drawn.failed;
    calibration_free(&drawn);
}

void calibrate(struct calibration *ret, const struct study *s, const struct study_claim *c,
               const struct counts *counts, size_t threads)
{
    struct job job = {.s = s, .c = c, .counts = counts, .level = fmax(.05, s->alpha)};
    struct trial t;
    struct control *controls = NULL;
    struct peers_rates peers = {NULL, 0};
    *ret = (struct calibration){.method = s->calibration ? CALIBRATION_NONE : CALIBRATION_OFF,
                                .asked = s->calibration,
                                .level = job.level,
                                .volume_lo = INFINITY,
                                .volume_hi = -INFINITY};
    calibration_rule(ret);
    if (!s->calibration || !gated(c) || trial_make(&t, s, c, counts, 1, NULL) < 0)
        return;
    size_t n = find_controls(&t, &controls);
    size_t most = is_kind(c, "synchrony") && ret->asked > SYNC_PAIRS ? SYNC_PAIRS : ret->asked;
    rates_of_peers(&t, &peers);
    bool there = t.a.n > 0 && (c->b_client == SIZE_MAX || t.b.n > 0);
    trial_free(&t);
    job.controls = controls;
    job.peers = &peers;
    ret->method = CALIBRATION_CONTROLS;
    n = n < most ? n : most;
    if (there && n >= CALIBRATION_LEAST) {
        if (is_kind(c, "synchrony"))
            ret->pairs = (struct sync_pairs){job.pairs = mem_zero(n, sizeof *job.pairs), n};
        run_all(&job, ret, n, threads);
    }
    if (there && ret->tests < CALIBRATION_LEAST && most >= CALIBRATION_LEAST) {
        job.controls = NULL;
        ret->method = CALIBRATION_SIMULATED;
        ret->volume_lo = INFINITY;
        run_all(&job, ret, most, threads);
    }
    if (!ret->tests)
        ret->method = CALIBRATION_NONE;
    calibration_rule(ret);
    if (ret->failed && ret->method == CALIBRATION_CONTROLS)
        ask_why(&job, ret, most, threads);
    free(controls);
    free(peers.over);
}
