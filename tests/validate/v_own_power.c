/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Power on a scale of the test's own (docs/methods.md): of each such test logs are drawn at an
 * effect by a generator that is not the test's, from look-ups through study, trial and null.
 * Power said beside power found; logs without an effect; logs at the MDE that another log
 * prints; and the foil, logs at the MDE of who forgets what the test does not:
 *
 *     dates       takes the MDE of `scatter`: that there is a fall, for when it came
 *     removal     takes look-ups without a code for such as have one
 *     activity    counts days as a Poisson law counts, without a limit
 *     truncation  takes days of those who are listed for Poisson's, of their mean
 *     versions    takes rows for independent, all lost at one rate
 *     causes      takes all features for those away from the other causes (`coverage`) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "stats/tail.h"
#include "stats/unseen.h"
#include "tests/made.h"
#include "tests/picked.h"
#include "tests/validate/validate.h"
#include "models/trial.h"

enum { DAY = 86400, DAYS = 60, DATE = 40, OTHERS = 40, PAIRS = 40, ROWS = 60 };
static const int64_t monday = 94694400; /* 1 January 1973 */
static const char me[] = "192.0.2.1", you[] = "192.0.2.2", target[] = "target.example";

/* What was drawn, and what the foil takes for known. */
struct drawn {
    struct counts *c, *copy;
    double known;
};

struct scene {
    const char *claim, *null; /* of tests/data/study-own.yaml */
    double none, effect, foil_most;
    void (*draw)(struct drawn *d, struct rng *r, double effect);
    double (*foil)(const struct drawn *d, struct trial *t);
    uint32_t fast, full;
};

static void add(struct made *m, const char *client, const char *name, double t)
{
    made_add(m, client, name, 1, monday + (int64_t)t, 1);
}

static struct counts *counted(struct made *m)
{
    add(m, you, target, 7); /* the study's groups must be in the case */
    return made_counts(m, monday, monday + DAYS * (int64_t)DAY);
}

static const char *client_of(char ret[32], int i)
{
    snprintf(ret, 32, "198.51.100.%d", i);
    return ret;
}

static const char *name_of(char ret[32], int i)
{
    snprintf(ret, 32, "n%02d.example", i);
    return ret;
}

/* The least effect that a law of p1(effect) finds with .8, by halving; p rises with it. */
static double halved(double (*power)(const double *at, double effect), const double *at,
                     double none, double most)
{
    for (int i = 0; i < 60; i++) {
        double mid = (none + most) / 2;
        if (power(at, mid) < .8)
            none = mid;
        else
            most = mid;
    }
    return most;
}

static double mde_of(struct trial *t, const char *null)
{
    struct null_result n = trial_blank();
    picked_null(t->claim, null)->run(t, &n);
    free(n.values);
    free(n.shift);
    return n.power.n ? n.power.mde : NAN;
}

/* --- dates ------------------------------------------------------------------------------- */

/* Ten a day with a Gamma factor of the day, from the date times the effect. */
static void draw_change(struct drawn *d, struct rng *r, double effect)
{
    struct made m = {0};
    for (int day = 0; day < DAYS; day++) {
        double own = rng_gamma(r, 8, 1. / 8) * (day < DATE ? 1 : effect);
        for (uint64_t n = rng_poisson(r, 10 * own); n > 0; n--)
            add(&m, me, target, day * (double)DAY + DAY * rng_unit(r));
        add(&m, you, "other.example", day * (double)DAY + 99);
    }
    d->c = counted(&m);
}

static double foil_change(const struct drawn *d, struct trial *t)
{
    (void)d;
    return mde_of(t, "scatter");
}

/* --- removal ------------------------------------------------------------------------------ */

enum { ASKED = 40, WITHOUT_CODE = 10 };

static void put_codes(struct counts *c, struct counts_pair *p, uint64_t fine, uint64_t missing)
{
    unsigned char *out = arena_alloc(&c->bytes, p->series_n + 60);
    const uint64_t marks[] = {MARK_RCODE, 0, fine, MARK_RCODE, 3, missing};
    size_t n = p->series_n;
    memcpy(out, p->bytes, n);
    for (size_t i = 0; i < (missing ? 6 : 3); i++)
        n += varint_put(out + n, marks[i]);
    p->marks_n = (uint32_t)(n - p->series_n);
    p->bytes = (const char *)out;
}

/* Twenty of forty days before the date, all answered; forty look-ups after it, of which ten
 * carry no code and each of the others is answered with the chance of the effect. */
static void draw_answers(struct drawn *d, struct rng *r, double effect)
{
    struct made m = {0};
    uint64_t missing = 0;
    for (int i = 0; i < ASKED; i++) {
        add(&m, me, target, (DATE + 20. * (i + 1) / (ASKED + 2)) * DAY);
        missing += i >= WITHOUT_CODE && rng_unit(r) >= effect;
    }
    for (int i = 0; i < 20; i++)
        add(&m, me, target, 2. * i * DAY + 99);
    d->c = counted(&m);
    for (size_t i = 0; i < d->c->npairs; i++) {
        struct counts_pair *p = &d->c->pairs[i];
        bool own = p->total > 1;
        put_codes(d->c, p, own ? p->total - missing - WITHOUT_CODE : 1, own ? missing : 0);
    }
}

static double foil_answers(const struct drawn *d, struct trial *t)
{
    struct power_binomial b = {ASKED, .5, t->decide, POWER_CHANCE, 0, 0};
    struct power_scale s = {.5, 1, NAN, false};
    struct power_curve c = {.level = t->decide};
    (void)d;
    power_fill(&c, &s, power_binomial, &b);
    return c.mde;
}

/* --- activity ----------------------------------------------------------------------------- */

enum { TABLE = 12 };
static const double RATE = 1.5; /* of the claim's pair, a day, without an effect */

/* Twelve clients ask for twelve names, each on a day with chance 1 - exp(-rate). */
static void draw_table(struct drawn *d, struct rng *r, double effect)
{
    struct made m = {0};
    double client[TABLE], name[TABLE];
    char c[32], s[32];
    for (int i = 0; i < TABLE; i++) {
        client[i] = i ? rng_gamma(r, 4, .2) : 1;
        name[i] = i ? rng_gamma(r, 4, .2) : 1;
    }
    for (int i = 0; i < TABLE; i++)
        for (int j = 0; j < TABLE; j++) {
            double rate = RATE * client[i] * name[j] * (i + j ? 1 : effect);
            for (int day = 0; day < DAYS; day++)
                if (rng_unit(r) < -expm1(-rate))
                    add(&m, i ? client_of(c, i) : me, j ? name_of(s, j) : target,
                        day * (double)DAY + 60 + (DAY - 60) * rng_unit(r));
        }
    d->c = counted(&m);
    d->known = -expm1(-RATE) * DAYS;
}

static double foil_table(const struct drawn *d, struct trial *t)
{
    return power_rate_mde(d->known, t->decide, POWER_WANTED);
}

/* --- truncation --------------------------------------------------------------------------- */

static const double MEAN = 3, SIZE = 2;

/* Days of one who is listed: negative binomial and not 0, whose mean is `times` that of all. */
static int days_of_one(struct rng *r, double times)
{
    double mu = truncated_mu(times * truncated_mean(MEAN, SIZE), SIZE);
    uint64_t n = 0;
    while (n == 0)
        n = rng_poisson(r, rng_gamma(r, SIZE, mu / SIZE));
    return n < DAYS ? (int)n : DAYS;
}

static void add_days(struct made *m, const char *client, int n)
{
    for (int i = 0; i < n; i++)
        add(m, client, target, i * (double)DAY + 7);
}

/* `you` is one of the others: counted() adds the second that is there already. */
static void draw_list(struct drawn *d, struct rng *r, double effect)
{
    struct made m = {0};
    char c[32];
    int sum = 0;
    for (int i = 0; i < OTHERS; i++) {
        int n = days_of_one(r, 1);
        add_days(&m, i ? client_of(c, i) : you, n);
        sum += n;
    }
    add_days(&m, me, days_of_one(r, effect));
    d->c = counted(&m);
    d->known = (double)sum / OTHERS;
}

static double poisson_power(const double *at, double times)
{
    uint64_t k = 0;
    while (poisson_log_upper(k, at[0]) > log(at[1]))
        k++;
    return exp(poisson_log_upper(k, times * at[0]));
}

static double foil_list(const struct drawn *d, struct trial *t)
{
    return halved(poisson_power, (double[]){d->known, t->decide}, 1, 100);
}

/* --- versions ----------------------------------------------------------------------------- */

/* Sixty rows a pair, of which the copy lost a share that is Beta(2, 30) of each pair; of the
 * claim's the effect's share was put in later. */
static void draw_copies(struct drawn *d, struct rng *r, double effect)
{
    struct made m = {0}, copy = {0};
    char name[32];
    double lost = 0;
    for (int p = 0; p <= PAIRS; p++) {
        double a = rng_gamma(r, 2, 1), b = rng_gamma(r, 30, 1);
        for (int i = 0; i < ROWS; i++) {
            double t = i * (double)DAY + 600 + p;
            const char *of = p ? name_of(name, p) : target;
            bool gone = rng_unit(r) < a / (a + b) || (!p && rng_unit(r) < effect);
            add(&m, me, of, t);
            if (!gone)
                add(&copy, me, of, t);
            lost += p && gone;
        }
    }
    d->c = counted(&m);
    d->copy = counted(&copy);
    d->known = lost / (PAIRS * ROWS);
}

/* Of `rows` a binomial number is lacking. */
static double rows_power(const double *at, double put_in)
{
    uint64_t k = 0;
    while (binomial_log_upper(k, ROWS, at[0]) > log(at[1]))
        k++;
    return exp(binomial_log_upper(k, ROWS, at[0] + put_in * (1 - at[0])));
}

static double foil_copies(const struct drawn *d, struct trial *t)
{
    return halved(rows_power, (double[]){d->known, t->decide}, 0, 1);
}

/* --- causes ------------------------------------------------------------------------------- */

/* tests/data/own-events.csv, own-causes.csv: days, in order */
static const int dates[] = {5, 15, 25, 35, 45, 55}, causes[] = {10, 30, 45, 50};

static bool among(const int *v, int n, int day)
{
    for (int i = 0; i < n; i++)
        if (v[i] == day)
            return true;
    return false;
}

/* Three a day, sixty on a day of another cause; on the five dates away from these as many more
 * as tie the effect's share of what lies away from them. */
static void draw_tied(struct drawn *d, struct rng *r, double effect)
{
    struct made m = {0};
    double chance = 5. / (DAYS - 4), share = chance + effect * (1 - chance);
    double times = share / (1 - share) * (1 - chance) / chance;
    for (int day = 0; day < DAYS; day++) {
        double mean = 3 * (among(causes, 4, day) ? 20 : among(dates, 6, day) ? times : 1);
        for (uint64_t n = rng_poisson(r, mean); n > 0; n--)
            add(&m, me, target, day * (double)DAY + DAY * rng_unit(r));
    }
    d->c = counted(&m);
}

static double foil_tied(const struct drawn *d, struct trial *t)
{
    (void)d;
    return mde_of(t, "coverage");
}

/* --- the whole ---------------------------------------------------------------------------- */

struct found {
    double said, mde, foil; /* NAN: not known */
    bool kept;
};

/* Straight between the points of a curve; NAN: outside. */
static double read_off(const struct power_curve *c, double effect)
{
    for (size_t i = 1; i < c->n; i++) {
        const struct power_point *a = &c->v[i - 1], *b = &c->v[i];
        double x = (effect - a->effect) / (b->effect - a->effect);
        if (x >= 0 && x <= 1)
            return a->value + x * (b->value - a->value);
    }
    return NAN;
}

static struct study *study_of(struct drawn *d, const struct scene *s, bool power)
{
    struct study *study;
    struct err err;
    const char *const off[] = {"power=false", NULL};
    if (study_read(&study, "tests/data/study-own.yaml", power ? NULL : off, &err) < 0 ||
        study_resolve(study, d->c, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    picked_claim(study, s->claim)->copy.counts = d->copy; /* freed with the study */
    return study;
}

static struct found one_log(const struct scene *s, double effect, struct rng *r, bool power)
{
    struct drawn d = {NULL, NULL, NAN};
    struct found f = {NAN, NAN, NAN, false};
    struct null_result n = trial_blank();
    struct trial t;
    struct err err;
    s->draw(&d, r, effect);
    struct study *study = study_of(&d, s, power);
    struct study_claim *claim = picked_claim(study, s->claim);
    study->seed = rng_u32(r);
    if (trial_make(&t, study, claim, d.c, 1, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    picked_null(claim, s->null)->run(&t, &n);
    f.kept =
        (n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE) && n.log_p <= log(t.decide) + 1e-12;
    if (n.power.n) {
        f.said = read_off(&n.power, effect);
        f.mde = n.power.mde;
        f.foil = s->foil(&d, &t);
    }
    free(n.values);
    free(n.shift);
    trial_free(&t);
    study_free(study);
    counts_free(d.c);
    return f;
}

/* At the effect, without one, at the MDE that the first printed, at the foil's. */
enum { AT_EFFECT, AT_NONE, AT_MDE, AT_FOIL, LOGS };
struct logs {
    const struct scene *s;
    struct found *f; /* LOGS a replicate */
};

static void draw_logs(void *ctx, size_t i, size_t worker)
{
    const struct logs *l = ctx;
    struct found *f = l->f + i * LOGS;
    struct rng r;
    (void)worker;
    rng_stream(&r, 20160720, RNG_VALIDATE, rng_subject(l->s->null, strlen(l->s->null)),
               (uint32_t)i);
    f[AT_EFFECT] = one_log(l->s, l->s->effect, &r, true);
    f[AT_NONE] = one_log(l->s, l->s->none, &r, false);
    f[AT_MDE].mde = f[AT_EFFECT].mde;
    f[AT_FOIL].mde = f[AT_EFFECT].foil;
    for (int k = AT_MDE; k <= AT_FOIL; k++)
        if (!isnan(f[k].mde))
            f[k].kept = one_log(l->s, f[k].mde, &r, false).kept;
}

/* Share rejected of the logs of which it is known what to expect, and how many these are. */
static double kept_of(const struct logs *l, int which, uint32_t R, uint32_t *ret_n)
{
    double kept = 0;
    *ret_n = 0;
    for (uint32_t i = 0; i < R; i++) {
        const struct found *f = &l->f[i * LOGS + which];
        bool known = which == AT_NONE || !isnan(which == AT_EFFECT ? f->said : f->mde);
        *ret_n += known;
        kept += known && f->kept;
    }
    return kept / *ret_n;
}

static double mean_of(const struct logs *l, int which, uint32_t R, bool said)
{
    double sum = 0, n = 0;
    for (uint32_t i = 0; i < R; i++) {
        const struct found *f = &l->f[i * LOGS + which];
        double v = said ? f->said : f->mde;
        sum += isnan(v) ? 0 : v;
        n += !isnan(v);
    }
    return sum / n;
}

static void cells_of(struct validation *v, const struct logs *l, uint32_t R)
{
    const struct scene *s = l->s;
    char cell[160];
    uint32_t n;
    double said = mean_of(l, AT_EFFECT, R, true), found = kept_of(l, AT_EFFECT, R, &n);
    double se = sqrt(fmax(.05 * .95, said * (1 - said)) / n);
    snprintf(cell, sizeof cell, "own scale, %s, %g: power found less power said (%.2f)",
             s->null, s->effect, said);
    validate_cell(v, "power", cell, found - said, -.05 - 3 * se, .05 + 3 * se, n, 199);
    snprintf(cell, sizeof cell, "own scale, %s: rejected without an effect", s->null);
    found = kept_of(l, AT_NONE, R, &n);
    validate_cell(v, "power", cell, found, 0, .05 + 3 * sqrt(.05 * .95 / n), n, 199);
    found = kept_of(l, AT_MDE, R, &n);
    se = sqrt(.8 * .2 / n);
    snprintf(cell, sizeof cell, "own scale, %s: a log at the MDE of another (%.3g): power",
             s->null, mean_of(l, AT_MDE, R, false));
    validate_cell(v, "power", cell, found, .75 - 3 * se, fmin(1, .85 + 3 * se), n, 199);
    found = kept_of(l, AT_FOIL, R, &n);
    se = sqrt(s->foil_most * (1 - s->foil_most) / n);
    snprintf(cell, sizeof cell, "own scale, %s: foil: at the MDE that forgets it (%.3g): power",
             s->null, mean_of(l, AT_FOIL, R, false));
    validate_cell(v, "power", cell, found, 0, s->foil_most + 3 * se, n, 199);
}

/* foil_most, written before the run: what of .8 the foil keeps at most. */
static const struct scene scenes[] = {
    {"fell", "dates", 1, .4, .6, draw_change, foil_change, 2, 300},
    {"fell", "removal", .5, .85, .5, draw_answers, foil_answers, 60, 2000},
    {"alone", "activity", 1, 1.7, .65, draw_table, foil_table, 8, 1000},
    {"alone", "truncation", 1, 5, .65, draw_list, foil_list, 4, 400},
    {"forged", "versions", 0, .15, .6, draw_copies, foil_copies, 40, 1000},
    {"aligned", "causes", 0, .06, .7, draw_tied, foil_tied, 40, 1000},
};

void v_own_power(struct validation *v)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        uint32_t R = validate_pick(v, scenes[i].fast, scenes[i].full);
        struct logs l = {&scenes[i], mem_zero((size_t)R * LOGS + 1, sizeof *l.f)};
        par_for(0, R, draw_logs, &l);
        if (R)
            cells_of(v, &l, R);
        free(l.f);
    }
}
