/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "models/evidence.h"
#include "models/simulated.h"
#include "stats/lr.h"
#include "stats/rng.h"

/* Logs are as small, and draws as few, as the statements below bear: an unfit model is found
 * out at .01, so by 100 logs or more. */
enum { DRAWS = 50 };

/* Two offices that ask for one name, through caches of an hour; %s: more processes. */
static const char world_text[] = "scenario: two offices (simulated)\n"
                                 "span: {from: 2024-01-01, to: 2024-01-29}\n"
                                 "seed: 3\n"
                                 "clients: {a: [192.0.2.1], b: [192.0.2.2]}\n"
                                 "names: {x: [mail.x.example]}\n"
                                 "processes:\n"
                                 "  - {id: one, kind: human, clients: a, names: x, per_day: 5, "
                                 "hours: \"08:00-18:00\", outside: 0.3}\n"
                                 "  - {id: two, kind: human, clients: b, names: x, per_day: 5, "
                                 "hours: \"08:00-18:00\", outside: 0.3}\n"
                                 "%s"
                                 "caches: [{clients: [a, b], names: x, ttl: 1h}]\n";

static const char trigger_text[] =
    "  - {id: three, kind: trigger, clients: b, names: x, after: "
    "{clients: a, names: x}, eta: 0.3, within: 2m}\n";

static void open_world(struct scenario *s, const char *more)
{
    char text[2000];
    struct err err;
    snprintf(text, sizeof text, world_text, more);
    if (scenario_parse(s, "test", span_of(text), &err) < 0)
        fail_msg("%s", err.msg);
}

struct log {
    struct counts *c;
    struct window w;
    struct subject a, b;
};

static void draw_log(struct log *l, const char *more, uint64_t seed)
{
    struct scenario s;
    struct err err;
    open_world(&s, more);
    s.world.seed = seed;
    if (simulated_counts(&l->c, &s.world, &err) < 0)
        fail_msg("%s", err.msg);
    scenario_close(&s);
    window_make(&l->w, l->c, 0, 0);
    uint32_t a = counts_client(l->c, span_of("192.0.2.1"));
    uint32_t b = counts_client(l->c, span_of("192.0.2.2")), x = 0;
    subject_make(&l->a, l->c, &(struct selection){&a, &x, 1, 1}, &l->w, 30, 3600);
    subject_make(&l->b, l->c, &(struct selection){&b, &x, 1, 1}, &l->w, 30, 3600);
}

static void free_log(struct log *l)
{
    subject_free(&l->a);
    subject_free(&l->b);
    window_free(&l->w);
    counts_free(l->c);
}

static void run(struct evidence *e, const struct log *l, const char *claimed,
                const struct evidence_opts *o)
{
    struct scenario s;
    struct err err;
    struct rival_data d = {l->c, &l->w, &l->a, &l->b, 3600, 30};
    if (claimed)
        open_world(&s, claimed);
    if (evidence_run(e, &d, claimed ? &s.world : NULL, o, &err) < 0)
        fail_msg("%s", err.msg);
    if (claimed)
        scenario_close(&s);
}

/* The coupling is claimed; a log that has it and one that has not are weighed once for all. */
static struct weighed {
    struct evidence coupled, innocent;
} weighed;

static void weigh(struct evidence *ret, const char *more, uint64_t seed, const char *claimed)
{
    struct log l;
    draw_log(&l, more, seed);
    run(ret, &l, claimed, &(struct evidence_opts){1, DRAWS, 2, 0});
    free_log(&l);
}

static int weigh_both(void **state)
{
    weigh(&weighed.coupled, trigger_text, 11, trigger_text);
    weigh(&weighed.innocent, "", 12, trigger_text);
    *state = &weighed;
    return 0;
}

static int free_both(void **state)
{
    (void)state;
    evidence_free(&weighed.coupled);
    evidence_free(&weighed.innocent);
    return 0;
}

static void coupling_that_is_there_is_worth_more_than_any_rival(void **state)
{
    const struct evidence *e = &((struct weighed *)*state)->coupled;
    size_t apart = 0;
    assert_true(e->claimant && e->rows[0].fit > .01);
    for (size_t r = 1; r < e->nrows; r++) {
        assert_null(e->rows[r].why);
        assert_true(e->rows[r].ln_lr > log(10) && evidence_sure(&e->rows[r]) > log(5));
        apart += e->rows[r].apart;
        assert_true(e->rows[r].ln_lr <= e->cap && e->rows[r].cllr < .3);
        assert_true(e->rows[r].ln_lr_se > 0 && !e->rows[r].vetoed);
    }
    assert_true(apart + 2 >= e->nrows - 1); /* of 50 draws, within their error */
}

/* Of two weighings, ratios of every size: the interval is cut at the cap, what is sure is its
 * end nearest to 1, and nothing is distinguishable but by that. */
static void what_is_said_of_a_ratio_is_said_of_the_end_of_its_interval(void **state)
{
    const struct weighed *w = *state;
    const struct evidence *const both[] = {&w->coupled, &w->innocent};
    size_t held_back = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t r = 1; r < both[k]->nrows; r++) {
            const struct evidence_row *row = &both[k]->rows[r];
            double sure = evidence_sure(row);
            assert_true(row->ln_lo <= row->ln_lr && row->ln_lr <= row->ln_hi);
            assert_true(row->ln_lo >= -both[k]->cap && row->ln_hi <= both[k]->cap);
            assert_true(fabs(sure) <= fabs(row->ln_lr) && sure * row->ln_lr >= 0);
            assert_true(sure == row->ln_lo || sure == row->ln_hi ||
                        (sure == 0 && row->ln_lo < 0 && row->ln_hi > 0));
            assert_int_equal(row->apart,
                             row->cllr <= .9 && !row->enough && fabs(sure) > log(10));
            bool even = row->cllr > .9 || (row->ln_lo >= -log(10) && row->ln_hi <= log(10));
            assert_int_equal(row->enough > 0, !even && row->ln_hi - row->ln_lo > log(10));
            held_back += fabs(row->ln_lr) > log(10) && !row->apart;
        }
    assert_true(held_back > 0);
}

static void coupling_that_is_not_there_speaks_for_an_innocent_rival(void **state)
{
    const struct evidence *e = &((struct weighed *)*state)->innocent;
    const struct evidence_row *best = &e->rows[e->best];
    assert_true(best->fit > .01 && best->apart && best->ln_lr < -log(10));
    assert_true(e->rows[0].fit <= .01); /* such a log would show it */
}

/* Where the coupling is claimed and rivals make other logs: few mislead, fewer than one in ten
 * by the line; the ratios kept are those of Cllr, and the rates are theirs. */
static void what_ratios_are_worth_is_of_the_logs_that_cllr_is_of(void **state)
{
    const struct evidence *e = &((struct weighed *)*state)->coupled;
    assert_null(e->rows[0].held);
    for (size_t r = 1; r < e->nrows; r++) {
        const struct evidence_row *row = &e->rows[r];
        const double *own = row->held, *its = own + e->logs;
        double against = 0, wrong = 0, mean = 0;
        assert_true(lr_cllr(&(struct lr_set){own, its, e->logs, e->logs}) == row->cllr);
        for (size_t i = 0; i < e->logs; i++) {
            against += own[i] < 0;
            wrong += its[i] > 0;
            mean += exp(its[i]) / e->logs;
        }
        assert_close(row->misled.yes, against / e->logs, 1e-15);
        assert_close(row->misled.no, wrong / e->logs, 1e-15);
        assert_close(row->misled.mean_no, mean, 1e-12);
        assert_true(row->misled.yes < .1 && row->misled.no < .1 && row->cllr >= row->cllr_min);
    }
}

/* 50 draws of each model bear a ratio of 50 / 3, whatever the likelihoods say. */
static void no_ratio_goes_beyond_what_the_draws_can_bear(void **state)
{
    const struct evidence *e = &((struct weighed *)*state)->coupled;
    assert_true(fabs(e->cap - log(DRAWS / 3.)) < 1e-12);
    size_t capped = 0;
    for (size_t r = 1; r < e->nrows; r++) {
        assert_true(fabs(e->rows[r].ln_lr) <= e->cap);
        assert_true(!e->rows[r].capped || fabs(e->rows[r].ln_lr) == e->cap);
        capped += e->rows[r].capped;
    }
    assert_true(capped > 0 && e->rows[1].score > e->cap);
}

/* b asks within seconds of nearly every look-up of a, and a timer runs beside: neither the
 * claim, which says three in ten within two minutes, nor any rival makes such logs. */
static void where_no_model_fits_every_ratio_is_void(void **state)
{
    (void)state;
    struct evidence e;
    weigh(&e,
          "  - {id: close, kind: trigger, clients: b, names: x, after: {clients: a, names: x}, "
          "eta: 0.95, within: 2s}\n"
          "  - {id: timer, kind: monitor, clients: a, names: x, period: 75m, jitter: 1s}\n",
          18, trigger_text);
    assert_true(e.best != SIZE_MAX && e.rows[0].fit <= .01);
    for (size_t r = 1; r < e.nrows; r++)
        assert_true(e.rows[r].fit <= .01 && e.rows[r].vetoed);
    evidence_free(&e);
}

/* A claim that says no more than the innocent world does cannot be told from it. */
static void a_model_that_looks_like_a_rival_is_not_distinguishable(void **state)
{
    (void)state;
    struct evidence e;
    weigh(&e, "", 13, "");
    assert_string_equal(e.rows[1].rival->id, "cache");
    assert_true(!e.rows[1].apart && fabs(e.rows[1].ln_lr) < log(2));
    assert_true(e.rows[1].cllr > .7); /* the two make the same logs */
    assert_int_equal(e.rows[1].enough, 0);
    evidence_free(&e);
}

/* Two weeks are copied over the two that begin 14 days later: only `forged` makes such runs. */
static void a_log_with_a_copied_stretch_is_likeliest_forged(void **state)
{
    (void)state;
    struct evidence e;
    weigh(&e,
          "tampering: [{kind: copy, clients: [a], names: x, span: {from: 2024-01-02, to: "
          "2024-01-15}, by: 13d}]\n",
          16, NULL);
    const struct evidence_row *best = &e.rows[e.best];
    assert_string_equal(best->rival->id, "forged");
    for (size_t r = 0; r < e.nrows; r++)
        if (r != e.best)
            assert_true(e.rows[r].log_marginal < best->log_marginal - log(100));
    evidence_free(&e);
}

static void an_honest_log_is_not_likeliest_forged(void **state)
{
    const struct evidence *e = &((struct weighed *)*state)->innocent;
    for (size_t r = 1; r < e->nrows; r++)
        if (strcmp(e->rows[r].rival->id, "cache") == 0)
            assert_true(e->rows[r].log_marginal >= e->rows[e->best].log_marginal - log(10));
        else if (strcmp(e->rows[r].rival->id, "forged") == 0)
            assert_true(r != e->best);
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    struct log l;
    struct evidence one, three;
    draw_log(&l, trigger_text, 14);
    run(&one, &l, NULL, &(struct evidence_opts){1, 4, 1, 0});
    run(&three, &l, NULL, &(struct evidence_opts){1, 4, 3, 0});
    assert_int_equal(one.nrows, three.nrows);
    assert_true(!one.claimant);
    for (size_t r = 0; r < one.nrows; r++) {
        assert_true(one.rows[r].log_marginal == three.rows[r].log_marginal);
        assert_true(one.rows[r].fit == three.rows[r].fit && isnan(one.rows[r].ln_lr));
    }
    evidence_free(&one);
    evidence_free(&three);
    free_log(&l);
}

static const char bouts_text[] = "  - {id: three, kind: human, clients: [a, b], names: x, "
                                 "per_day: 16, branching: 0.6, within: 2h}\n";

static void expect_same_ratio(const struct evidence_row *a, const struct evidence_row *b)
{
    assert_true(a->draws == b->draws && a->lost == b->lost && a->enough == b->enough);
    assert_true(a->log_marginal == b->log_marginal && a->se == b->se && a->fit == b->fit);
    assert_true(a->ln_lr == b->ln_lr && a->ln_lr_se == b->ln_lr_se && a->cllr == b->cllr);
    for (size_t i = 0; i < 2 * EVIDENCE_REPEATS * (size_t)a->draws; i++)
        assert_true(a->held[i] == b->held[i]);
}

/* `once`: no ratio may be given more draws; `longer`: to four times as many. */
static void a_ratio_that_is_too_wide_is_drawn_longer_and_no_other_changes(void **state)
{
    (void)state;
    enum { FIRST = 40, MOST = 4 * FIRST };
    struct log l;
    struct evidence once, longer, again;
    size_t more = 0, narrow = 0;
    draw_log(&l, bouts_text, 19);
    run(&once, &l, bouts_text, &(struct evidence_opts){1, FIRST, 2, FIRST});
    run(&longer, &l, bouts_text, &(struct evidence_opts){1, FIRST, 1, MOST});
    run(&again, &l, bouts_text, &(struct evidence_opts){1, FIRST, 3, MOST});
    assert_true(longer.cap == once.cap &&
                longer.rows[0].log_marginal == once.rows[0].log_marginal);
    for (size_t r = 1; r < once.nrows; r++) {
        const struct evidence_row *a = &once.rows[r], *b = &longer.rows[r];
        bool void_anyway = fmax(once.rows[0].fit, a->fit) <= .01;
        expect_same_ratio(b, &again.rows[r]);
        assert_int_equal(a->draws, FIRST);
        assert_int_equal(b->draws > FIRST, a->enough && a->enough <= MOST && !void_anyway);
        more += b->draws > FIRST;
        if (b->draws == FIRST) {
            expect_same_ratio(a, b);
            continue;
        }
        assert_true(b->draws == 2 * FIRST || b->draws == MOST);
        assert_true(b->se != a->se && b->fit == a->fit);
        bool wide = 2 * 1.959964 * b->ln_lr_se > log(EVIDENCE_SPAN);
        assert_true(!wide || b->draws == MOST || b->ln_lr_se > a->ln_lr_se / 2);
        assert_true(wide || !b->enough);
        narrow += !wide;
    }
    assert_true(more >= 2 && narrow >= 1);
    evidence_free(&once);
    evidence_free(&longer);
    evidence_free(&again);
    free_log(&l);
}

/* A claim of so few look-ups that a log of SUMMARY_LEAST sessions is rare; b follows at once.
 */
static void claim_few(struct evidence *e, const char *per_day, size_t draws)
{
    char *text =
        mem_format("scenario: few look-ups (simulated)\n"
                   "span: {from: 2024-01-01, to: 2024-01-29}\n"
                   "seed: 3\n"
                   "clients: {a: [192.0.2.1], b: [192.0.2.2]}\n"
                   "names: {x: [mail.x.example]}\n"
                   "processes:\n"
                   "  - {id: one, kind: human, clients: a, names: x, per_day: %s}\n"
                   "  - {id: two, kind: trigger, clients: b, names: x, after: {clients: "
                   "a, names: x}, eta: 0.98, within: 2s}\n",
                   per_day);
    struct log l;
    struct scenario s;
    struct err err;
    draw_log(&l, "", 12);
    struct rival_data d = {l.c, &l.w, &l.a, &l.b, 3600, 30};
    if (scenario_parse(&s, "test", span_of(text), &err) < 0 ||
        evidence_run(e, &d, &s.world, &(struct evidence_opts){1, draws, 2, 0}, &err) < 0)
        fail_msg("%s", err.msg);
    scenario_close(&s);
    free_log(&l);
    free(text);
}

/* Cllr at its least where a share f of the yes lies below all of the no and the rest above: by
 * PAV those f and the no share P(yes) = f / (1 + f). Copies of other draws in their place
 * would have made it 0. */
static double least_with_lost(double f)
{
    return (f * log2((1 + f) / f) + log2(1 + f)) / 2;
}

static void lost_draws_count_against_the_claim(void **state)
{
    (void)state;
    struct evidence e;
    claim_few(&e, "0.67", DRAWS);
    const struct evidence_row *own = &e.rows[0];
    assert_null(own->why);
    assert_true(own->lost >= 1 && own->lost <= EVIDENCE_LOST * DRAWS);
    double least = least_with_lost(own->lost / (double)DRAWS);
    size_t parted = 0;
    for (size_t r = 1; r < e.nrows; r++) {
        assert_null(e.rows[r].why);
        assert_true(e.rows[r].cllr_min >= least - 1e-12 && e.rows[r].cllr > least);
        parted += e.rows[r].cllr_min < least + 1e-12;
    }
    assert_true(parted > 0);
    assert_true(own->fit <= (2 * (DRAWS - own->lost) + 1) / (2 * DRAWS + 1.));
    evidence_free(&e);
}

static void a_model_that_loses_more_than_one_draw_in_twenty_is_not_weighed(void **state)
{
    (void)state;
    enum { FEW = 20 };
    struct evidence e;
    claim_few(&e, "0.6", FEW);
    assert_true(e.rows[0].lost > 1 && e.rows[0].lost < FEW / 2);
    assert_true(strncmp(e.rows[0].why, "not weighed", 11) == 0);
    for (size_t r = 1; r < e.nrows; r++)
        assert_true(isnan(e.rows[r].ln_lr) && isnan(e.rows[r].cllr) && !e.rows[r].why);
    evidence_free(&e);
}

/* From a log that is the rival's as clearly as `apart` has it, with a share of the claimant's
 * at the lowest score: ln of the ratio against him, and of its lower limit. */
static void against(double share, double apart, double *ret, double *ret_low)
{
    enum { LOGS = EVIDENCE_DRAWS * EVIDENCE_REPEATS };
    double yes[LOGS], no[LOGS], least = INFINITY, at = asinh(-apart);
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 1, 0);
    for (size_t i = 0; i < LOGS; i++) {
        yes[i] = asinh(apart * (1 + .3 * rng_normal(&r)));
        no[i] = asinh(-apart * (1 + .3 * rng_normal(&r)));
        least = fmin(least, fmin(yes[i], no[i]));
    }
    for (size_t i = 0; i < (size_t)(share * LOGS + .5); i++)
        yes[i] = least;
    struct lr_line line = lr_calibrate(&(struct lr_set){yes, no, LOGS, LOGS});
    *ret = -(line.a + line.b * at);
    *ret_low = *ret - 1.96 * lr_line_se(&line, at);
}

/* What EVIDENCE_LOST is read off: more lost draws would shield the model that lost them. */
static void
so_many_lost_draws_leave_a_ratio_against_the_claim_and_a_tenth_does_not(void **state)
{
    (void)state;
    static const double apart[] = {2, 10, 50, 250, 1250};
    double ln_lr, low;
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        against(EVIDENCE_LOST, apart[i], &ln_lr, &low);
        assert_true(low > log(EVIDENCE_EVEN) && ln_lr < log(1 / EVIDENCE_LOST));
        against(1 / EVIDENCE_EVEN, apart[i], &ln_lr, &low);
        assert_true(ln_lr < log(EVIDENCE_EVEN));
    }
}

static void few_sessions_are_refused(void **state)
{
    (void)state;
    struct log l;
    struct evidence e;
    struct err err;
    draw_log(&l, "", 15);
    l.a.n = 19;
    struct rival_data d = {l.c, &l.w, &l.a, NULL, 3600, 30};
    assert_int_equal(evidence_run(&e, &d, NULL, &(struct evidence_opts){1, 4, 1, 0}, &err),
                     ERR_DEGENERATE);
    free_log(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coupling_that_is_there_is_worth_more_than_any_rival),
        cmocka_unit_test(what_is_said_of_a_ratio_is_said_of_the_end_of_its_interval),
        cmocka_unit_test(coupling_that_is_not_there_speaks_for_an_innocent_rival),
        cmocka_unit_test(what_ratios_are_worth_is_of_the_logs_that_cllr_is_of),
        cmocka_unit_test(a_model_that_looks_like_a_rival_is_not_distinguishable),
        cmocka_unit_test(no_ratio_goes_beyond_what_the_draws_can_bear),
        cmocka_unit_test(where_no_model_fits_every_ratio_is_void),
        cmocka_unit_test(a_log_with_a_copied_stretch_is_likeliest_forged),
        cmocka_unit_test(an_honest_log_is_not_likeliest_forged),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(a_ratio_that_is_too_wide_is_drawn_longer_and_no_other_changes),
        cmocka_unit_test(lost_draws_count_against_the_claim),
        cmocka_unit_test(a_model_that_loses_more_than_one_draw_in_twenty_is_not_weighed),
        cmocka_unit_test(
            so_many_lost_draws_leave_a_ratio_against_the_claim_and_a_tenth_does_not),
        cmocka_unit_test(few_sessions_are_refused),
    };
    return cmocka_run_group_tests(tests, weigh_both, free_both);
}
