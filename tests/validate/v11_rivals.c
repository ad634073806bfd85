/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V11, rivals. What a claimant's model is worth against innocent explanations, by the
 * program's own draws: in innocent worlds a ratio of 100 for it is rare; where it looks
 * like an innocent world it is not distinguishable; where it is true it wins. Foils: the
 * synthetic likelihoods as they come, without calibration; people who act in bouts, claimed
 * to be something else, against a table without them.
 *
 * Turing's check: the mean ratio over logs of the other explanation is 1. Of models that part
 * clearly it is made by ratios too rare to be among 600 logs, and reads well below; what can be
 * asked is that it is no more than 1 + 3 of its errors. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/evidence.h"
#include "models/simulated.h"
#include "stats/lr.h"
#include "tests/validate/validate.h"

/* Two offices that ask for one name, through caches of an hour, for six weeks. */
static const char frame[] = "scenario: two offices (simulated)\n"
                            "span: {from: 2024-01-01, to: 2024-02-12}\n"
                            "seed: 1\n"
                            "clients: {a: [192.0.2.1], b: [192.0.2.2]}\n"
                            "names: {x: [mail.x.example]}\n"
                            "caches: [{clients: [a, b], names: x, ttl: 1h}]\n"
                            "processes:\n";

#define DEMAND(id, rate)                                                                       \
    "  - {id: own-" id ", kind: human, clients: " id ", names: x, per_day: " rate              \
    ", hours: \"08:00-18:00\", outside: 0.3}\n"
#define TRIGGER                                                                                \
    "  - {id: follow, kind: trigger, clients: b, names: x, after: {clients: a, names: x}, "    \
    "eta: 0.3, within: 2m}\n"
/* An hour's cache lets part of such bouts through. */
#define HEAVY(id) DEMAND(id, "24, gap_sigma: 1.75")
#define CHAIN(id) DEMAND(id, "16, branching: 0.6, within: 2h")
#define MAILING                                                                                \
    "  - {id: mailing, kind: mail, clients: [a, b], names: x, per_week: 14, messages: 0.5, "   \
    "within: 10m, hours: \"08:00-18:00\", outside: 0.3}\n"

/* Two weeks of both copied over two others. */
#define COPIED                                                                                 \
    "tampering: [{kind: copy, clients: [a, b], names: x, span: {from: 2024-01-02, to: "        \
    "2024-01-16}, by: 20d}]\n"

struct world {
    const char *name, *log, *claim;
    size_t draws;
    bool twice;      /* weigh each log once more, with other draws */
    const char *own; /* the rival whose law the log is of; NULL: not asked */
};

/* AT_CAP: the largest ratio that the draws can bear, for the claim; RAW: of the foil; FORGED:
 * the likeliest rival is the log that was altered; OWN: the log's own is as likely as any,
 * within ten; OTHERS: the claim wins over the likeliest that is not of people in bouts; TURING:
 * the mean ratio of the likeliest's logs is at most 1 + 3 errors; MEAN: that mean; COARSE: the
 * ratio is not computed, the error of so many draws being too large */
enum column {
    AT_CAP,
    APART,
    RATIO,
    WINS,
    LOSES,
    RAW,
    FORGED,
    AGREE,
    OWN,
    OTHERS,
    TURING,
    MEAN,
    COARSE,
    COLUMNS
};

static void parse(struct scenario *s, const char *processes)
{
    struct err err;
    char *text = mem_format("%s%s", frame, processes);
    if (scenario_parse(s, "world", span_of(text), &err) < 0) {
        fprintf(stderr, "v11: %s\n", err.msg);
        exit(1);
    }
    free(text);
}

static bool in_bouts(const struct rival *v)
{
    return strcmp(v->id, "lognormal") == 0 || strcmp(v->id, "hawkes") == 0;
}

/* A table without people in bouts. */
static bool wins_over_others(const struct evidence *e)
{
    const struct evidence_row *most = NULL;
    for (size_t i = 1; i < e->nrows; i++)
        if (!e->rows[i].why && !in_bouts(e->rows[i].rival) &&
            (!most || e->rows[i].log_marginal > most->log_marginal))
            most = &e->rows[i];
    return most && most->apart && most->ln_lr > log(10);
}

static bool as_likely_as_any(const struct evidence *e, const char *id)
{
    for (size_t i = 1; i < e->nrows; i++)
        if (strcmp(e->rows[i].rival->id, id) == 0)
            return e->rows[i].log_marginal >= e->rows[e->best].log_marginal - log(10);
    return false;
}

/* The claimant's model against its best innocent rival. */
static void weigh(const struct evidence *e, const char *own, double *ret)
{
    const struct evidence_row *best = &e->rows[e->best];
    ret[OWN] = own && as_likely_as_any(e, own);
    ret[OTHERS] = wins_over_others(e);
    ret[TURING] = best->misled.mean_no <= 1 + 3 * best->misled.mean_no_se;
    ret[MEAN] = best->misled.mean_no;
    ret[AT_CAP] = best->ln_lr >= e->cap - 1e-9;
    ret[APART] = !best->apart && !best->enough;
    ret[COARSE] = best->enough > 0;
    ret[RATIO] = fabs(best->ln_lr) / M_LN10;
    ret[WINS] = best->apart && best->ln_lr > log(10);
    ret[LOSES] = best->ln_lr < -log(10);
    ret[FORGED] = strcmp(best->rival->id, "forged") == 0;
    ret[RAW] = fabs(best->score) / M_LN10 > e->cap / M_LN10;
}

/* Ratios over one rival: apart by no more than chance of the draws would have them 19 times in
 * 20? */
static bool agree(const struct evidence_row *a, const struct evidence_row *b)
{
    return fabs(a->ln_lr - b->ln_lr) <= 1.96 * hypot(a->ln_lr_se, b->ln_lr_se);
}

static void one_log(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct scenario log, claim;
    struct counts *c;
    struct evidence e, again;
    parse(&log, w->log);
    parse(&claim, w->claim);
    log.world.seed = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    for (int i = 0; i < COLUMNS; i++)
        ret[i] = NAN;
    if (simulated_counts(&c, &log.world, NULL) == 0) {
        struct window win;
        struct subject a, b;
        uint32_t one = counts_client(c, span_of("192.0.2.1"));
        uint32_t two = counts_client(c, span_of("192.0.2.2")), x = 0;
        window_make(&win, c, 0, 0);
        subject_make(&a, c, &(struct selection){&one, &x, 1, 1}, &win, 30, 3600);
        subject_make(&b, c, &(struct selection){&two, &x, 1, 1}, &win, 30, 3600);
        struct rival_data d = {c, &win, &a, &b, 3600, 30};
        const struct evidence_opts o = {rng_u32(r), w->draws, 1, 0},
                                   o2 = {rng_u32(r), w->draws, 1, 0};
        if (evidence_run(&e, &d, &claim.world, &o, NULL) == 0) {
            weigh(&e, w->own, ret);
            if (w->twice && evidence_run(&again, &d, &claim.world, &o2, NULL) == 0) {
                ret[AGREE] = agree(&e.rows[1], &again.rows[1]);
                evidence_free(&again);
            }
            evidence_free(&e);
        }
        subject_free(&a);
        subject_free(&b);
        window_free(&win);
        counts_free(c);
    }
    scenario_close(&log);
    scenario_close(&claim);
}

/* --- Cllr where scores say nothing -------------------------------------------------------- */

enum { SETS_DRAWS = 60, SETS_LOGS = SETS_DRAWS * EVIDENCE_REPEATS };

struct cllrs {
    double *crossed, *fitted;
};

/* Both classes of one law: draws of unit scatter, logs that lie about them. */
static void draw_cllrs(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct cllrs *c = ctx;
    double score[2][SETS_LOGS], ratio[2][SETS_LOGS], centre = 0;
    struct rng r;
    rng_stream(&r, 20160722, RNG_VALIDATE, rng_subject("cllr", 4), (uint32_t)i);
    for (size_t k = 0; k < 2; k++)
        for (size_t n = 0; n < SETS_LOGS; n++) {
            centre = n % EVIDENCE_REPEATS ? centre : rng_normal(&r);
            score[k][n] = centre + .5 * rng_normal(&r);
        }
    const struct lr_set of = {score[0], score[1], SETS_LOGS, SETS_LOGS},
                        made = {ratio[0], ratio[1], SETS_LOGS, SETS_LOGS};
    struct lr_line line = lr_calibrate(&of);
    for (size_t k = 0; k < 2; k++)
        for (size_t n = 0; n < SETS_LOGS; n++)
            ratio[k][n] = line.a + line.b * score[k][n];
    c->fitted[i] = lr_cllr(&made);
    c->crossed[i] = lr_cllr_crossed(&of, 2 * EVIDENCE_REPEATS, 10);
}

static double mean_of(const double *v, size_t n, double *ret_se)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - sum / (double)n) * (v[i] - sum / (double)n);
    *ret_se = sqrt(squares) / (double)n;
    return sum / (double)n;
}

/* Ratios of scores that say nothing are worth nothing, 1, or less: what was fitted to them
 * says otherwise. */
static void no_information(struct validation *v)
{
    uint32_t R = validate_pick(v, 100, 1000);
    struct cllrs c = {mem_alloc(R * sizeof(double)), mem_alloc(R * sizeof(double))};
    double se;
    par_for(0, R, draw_cllrs, &c);
    double crossed = mean_of(c.crossed, R, &se);
    validate_cell(v, "V11", "scores that say nothing: mean Cllr, cross-validated", crossed,
                  1 - 3 * se, 1.05 + 3 * se, R, SETS_LOGS);
    double fitted = mean_of(c.fitted, R, &se);
    validate_cell(v, "V11", "scores that say nothing: foil: mean Cllr of the logs of the fit",
                  fitted, 0, 1 - 3 * se, R, SETS_LOGS);
    free(c.crossed);
    free(c.fitted);
}

/* --- Turing's mean where the truth is known ----------------------------------------------- */

enum { TURING_HELD, TURING_SURE, TURING_MEAN, TURING_COLUMNS };

struct shift {
    const char *prefix;
    double apart; /* of the two normal laws, in sd: ln LR = apart * score */
};

/* Held-out ratios of SETS_LOGS logs either way. Foil: ratios with odds of 3 to 1 in them. */
static void turing_set(const void *ctx, struct rng *r, double *ret)
{
    const struct shift *s = ctx;
    double yes[SETS_LOGS], no[SETS_LOGS], held[2][SETS_LOGS];
    for (size_t i = 0; i < SETS_LOGS; i++) {
        yes[i] = rng_normal(r) + s->apart / 2;
        no[i] = rng_normal(r) - s->apart / 2;
    }
    ret[TURING_HELD] = ret[TURING_SURE] = ret[TURING_MEAN] = NAN;
    if (!lr_crossed(&(struct lr_set){yes, no, SETS_LOGS, SETS_LOGS}, 2 * EVIDENCE_REPEATS, 10,
                    held[0], held[1]))
        return;
    const struct lr_set of = {held[0], held[1], SETS_LOGS, SETS_LOGS};
    struct lr_misled m = lr_misled(&of, EVIDENCE_REPEATS);
    ret[TURING_HELD] = m.mean_no <= 1 + 3 * m.mean_no_se;
    ret[TURING_SURE] = 3 * m.mean_no <= 1 + 3 * 3 * m.mean_no_se;
    ret[TURING_MEAN] = m.mean_no;
}

/* The bands were written before the first run. Of laws one sd apart the mean can be seen; four
 * sd apart, ln LR of the other's logs is N(-8, 16), and of 120 the sum lacks what makes it 1.
 */
static void turing(struct validation *v)
{
    static const struct shift shifts[] = {{"laws one sd apart:", 1},
                                          {"laws four sd apart:", 4}};
    static const struct validate_figure near[] = {
        {"mean ratio of the other's logs is at most 1 + 3 errors", TURING_HELD, FIGURE_MEAN, 0,
         .95, 1},
        {"foil: the same of ratios with odds of 3 to 1 in them", TURING_SURE, FIGURE_MEAN, 0, 0,
         .5},
        {"median of that mean", TURING_MEAN, FIGURE_MEDIAN, 0, .85, 1.1}};
    static const struct validate_figure far[] = {
        {"mean ratio of the other's logs is at most 1 + 3 errors", TURING_HELD, FIGURE_MEAN, 0,
         .95, 1},
        {"median of that mean", TURING_MEAN, FIGURE_MEDIAN, 0, 0, .9}};
    for (size_t i = 0; i < 2; i++)
        validate_run(v, &(struct validate_plan){.experiment = "V11",
                                                .prefix = shifts[i].prefix,
                                                .replicate = turing_set,
                                                .ctx = &shifts[i],
                                                .columns = TURING_COLUMNS,
                                                .figures = i ? far : near,
                                                .nfigures = i ? 2 : 3,
                                                .R = validate_pick(v, 100, 1000),
                                                .m = SETS_LOGS});
}

/* As many draws as the program takes: a ratio of 100 is then its cap. */
static size_t draws_of(const struct validation *v)
{
    return validate_pick(v, 0, 1000) ? EVIDENCE_DRAWS : 60;
}

/* One world: so many logs of it, weighed by as many draws as draws_of says. */
static void weighed(struct validation *v, struct world w, const struct validate_figure *figures,
                    size_t n, uint32_t R)
{
    w.draws = draws_of(v);
    validate_run(v, &(struct validate_plan){.experiment = "V11",
                                            .prefix = w.name,
                                            .replicate = one_log,
                                            .ctx = &w,
                                            .columns = COLUMNS,
                                            .figures = figures,
                                            .nfigures = n,
                                            .R = R,
                                            .m = (uint32_t)w.draws * EVIDENCE_REPEATS});
}

#define EVEN DEMAND("a", "8") DEMAND("b", "8")
#define COUPLED EVEN TRIGGER
#define GAPS HEAVY("a") HEAVY("b")
#define CHAINS CHAIN("a") CHAIN("b")

/* One over the cap. */
static double bears(const struct validation *v)
{
    return 3. / (double)draws_of(v);
}

static void without_bouts(struct validation *v)
{
    const struct validate_figure innocent[] = {
        {"ratio at the cap for the claim", AT_CAP, FIGURE_MEAN, 0, 0, bears(v)},
        {"foil: the ratio as it comes is beyond what the draws can bear", RAW, FIGURE_MEAN, 0,
         .5, 1},
        {"forged is the likeliest", FORGED, FIGURE_MEAN, 0, 0, .05},
        {"mean ratio of the likeliest's logs is at most 1 + 3 errors", TURING, FIGURE_MEAN, 0,
         .95, 1},
        {"median of that mean", MEAN, FIGURE_MEDIAN, 0, 0, 1}};
    const struct validate_figure mimic[] = {
        {"ratio at the cap for the claim", AT_CAP, FIGURE_MEAN, 0, 0, bears(v)},
        {"not distinguishable", APART, FIGURE_MEAN, 0, .95, 1},
        {"two weighings agree, by their errors", AGREE, FIGURE_MEAN, 0, .9, 1},
        {"below 1/10", LOSES, FIGURE_MEAN, 0, 0, .05},
        {"median of |log10 ratio|", RATIO, FIGURE_MEDIAN, 0, 0, .3},
        {"mean ratio of the likeliest's logs is at most 1 + 3 errors", TURING, FIGURE_MEAN, 0,
         .95, 1},
        {"median of that mean", MEAN, FIGURE_MEDIAN, 0, .85, 1.1},
        {"not computed: the error is too large", COARSE, FIGURE_MEAN, 0, 0, .1}};
    weighed(v, (struct world){"demand alone, coupling claimed:", EVEN, .claim = COUPLED},
            innocent, 5, validate_pick(v, 2, 60));
    weighed(v,
            (struct world){"one mailing to both, coupling claimed:",
                           DEMAND("a", "7") DEMAND("b", "7") MAILING, .claim = COUPLED},
            innocent, 1, validate_pick(v, 0, 60));
    weighed(v, (struct world){"the claim says no more than demand:", EVEN, EVEN, .twice = true},
            mimic, 8, validate_pick(v, 3, 100));
}

static void true_or_forged(struct validation *v)
{
    const struct validate_figure true_claim[] = {
        {"the claim wins by more than 10", WINS, FIGURE_MEAN, 0, .8, 1},
        {"not computed: the error is too large", COARSE, FIGURE_MEAN, 0, 0, .1}};
    const struct validate_figure forged[] = {
        {"ratio at the cap for the claim", AT_CAP, FIGURE_MEAN, 0, 0, bears(v)},
        {"forged is the likeliest", FORGED, FIGURE_MEAN, 0, .95, 1}};
    weighed(v, (struct world){"coupling as claimed:", COUPLED, .claim = COUPLED}, true_claim, 2,
            validate_pick(v, 2, 60));
    weighed(v,
            (struct world){"two weeks copied over two, coupling claimed:", EVEN COPIED,
                           .claim = COUPLED},
            forged, 2, validate_pick(v, 0, 60));
}

/* Bands were written before the first run. */
static void with_bouts(struct validation *v)
{
    const struct validate_figure coupled[] = {
        {"ratio at the cap for the claim", AT_CAP, FIGURE_MEAN, 0, 0, bears(v)},
        {"its own explanation is as likely as any, within ten", OWN, FIGURE_MEAN, 0, .9, 1}};
    const struct validate_figure claimed[] = {
        {"ratio at the cap for the claim", AT_CAP, FIGURE_MEAN, 0, 0, bears(v)},
        {"not distinguishable", APART, FIGURE_MEAN, 0, .95, 1},
        {"its own explanation is as likely as any, within ten", OWN, FIGURE_MEAN, 0, .9, 1},
        {"not computed: the error is too large", COARSE, FIGURE_MEAN, 0, 0, .1},
        {"foil: ahead by ten of a table without people in bouts", OTHERS, FIGURE_MEAN, 0, .5,
         1}};
    weighed(
        v,
        (struct world){"log-normal gaps, coupling claimed:", GAPS, COUPLED, .own = "lognormal"},
        coupled, 2, validate_pick(v, 0, 60));
    weighed(v,
            (struct world){"look-ups that bring others, coupling claimed:", CHAINS, COUPLED,
                           .own = "hawkes"},
            coupled, 2, validate_pick(v, 0, 60));
    weighed(v,
            (struct world){"the claim says no more than log-normal gaps:", GAPS, GAPS,
                           .own = "lognormal"},
            claimed, 5, validate_pick(v, 1, 60));
    weighed(v,
            (struct world){"the claim says no more than look-ups that bring others:", CHAINS,
                           CHAINS, .own = "hawkes"},
            claimed, 4, validate_pick(v, 0, 60));
}

void v11_rivals(struct validation *v)
{
    no_information(v);
    turing(v);
    without_bouts(v);
    true_or_forged(v);
    with_bouts(v);
}
