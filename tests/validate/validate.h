/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * validate - calibration and power of every method, beside foils that must fail.
 *
 * An experiment is a function that calls validate_run (simulations) or
 * validate_cell (any other figure) once a cell. A rate's claim is that its true
 * value lies in [lo, hi]; its band is that interval widened by three standard
 * errors at R replicates, so a nominal size has lo = hi = alpha, a power of at
 * least one half has [.5, 1], and a conservative test [0, alpha]. A cell outside
 * its band is run once more with a new seed and 4 R replicates and must lie in
 * the band of 4 R. What misses then stands in the table as a miss.
 *
 *     static void replicate(const void *ctx, struct rng *r, double *ret);
 *     const struct validate_figure figures[] = {
 *         {.cell = "KS at .05", .kind = FIGURE_SHARE, .at = .05, .lo = .05, .hi = .05}};
 *     validate_run(v, &(struct validate_plan){...});
 */
#ifndef TESTS_VALIDATE_VALIDATE_H
#define TESTS_VALIDATE_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/rng.h"

struct validation;

/* Replicates (or surrogates) of a cell: `fast` under --fast, where 0 skips the
 * cell; `full` under --full; in proportion to the minutes given in between. */
uint32_t validate_pick(const struct validation *v, uint32_t fast, uint32_t full);

/* The same for surrogates, rounded to 100 k - 1: then a size of .01 or .05 can be
 * met exactly. */
uint32_t validate_pick_m(const struct validation *v, uint32_t fast, uint32_t full);

/* One figure with a band of its own, that nothing random is left in (or whose
 * band allows for it). Experiment and cell are copied. */
void validate_cell(struct validation *v, const char *experiment, const char *cell,
                   double figure, double lo, double hi, uint32_t R, uint32_t m);

/* Figure and R of a cell that is in the table, made now or by the run that is resumed. */
bool validate_find(const struct validation *v, const char *experiment, const char *cell,
                   double *ret_figure, uint32_t *ret_R);

enum validate_kind {
    FIGURE_MEAN,   /* mean of a column of 0 and 1 */
    FIGURE_SHARE,  /* share of a column that is at most `at`: a size, of p-values */
    FIGURE_KS,     /* sup distance of a column of p-values to the uniform law on the
                    * multiples of `at` (0: on all numbers); band 1.63/sqrt(R) */
    FIGURE_MEDIAN, /* median of a column; the band is [lo, hi] itself */
};

struct validate_figure {
    const char *cell;
    size_t column;
    enum validate_kind kind;
    double at, lo, hi;
};

/* One replicate: write `columns` figures. Called from several threads. */
typedef void validate_fn(const void *ctx, struct rng *r, double *ret);

struct validate_plan {
    const char *experiment, *prefix; /* prefix: put before each figure's cell */
    validate_fn *replicate;
    const void *ctx;
    size_t columns;
    const struct validate_figure *figures;
    size_t nfigures;
    uint32_t R, m; /* R = 0: the cell is skipped; m is only printed */
};

void validate_run(struct validation *v, const struct validate_plan *p);

/* The plan `of` with these in place of its own: what worlds of one experiment differ in. */
void validate_world(struct validation *v, const struct validate_plan *of, const char *prefix,
                    const void *ctx, const struct validate_figure *figures, size_t nfigures,
                    uint32_t R);

/* The experiments (methods.md section 6). */
void v1_tails(struct validation *v);
void v2_cache(struct validation *v);
void v3_rates(struct validation *v);
void v4_baseline(struct validation *v);
void v5_period(struct validation *v);
void v6_hours(struct validation *v);
void v7_contingency(struct validation *v);
void v7_shares(struct validation *v);   /* run by v7_contingency */
void v7_measures(struct validation *v); /* the same */
void v8_sync(struct validation *v);
void v8_pairs(struct validation *v);
void v8_driver(struct validation *v);
void v8_bound(struct validation *v);
void v8_table(struct validation *v);
void v9_events(struct validation *v);
void v9_first(struct validation *v);   /* run by v9_events */
void v9_silence(struct validation *v); /* the same */
void v9_joint(struct validation *v);
void v10_multi(struct validation *v);
void v10_claims(struct validation *v); /* run by v10_multi */
void v10_search(struct validation *v);
void v10_curves(struct validation *v);
void v10_looks(struct validation *v);
void v11_scan(struct validation *v);
void v11_rivals(struct validation *v);
void v11_bouts(struct validation *v);
void v11_longer(struct validation *v);
void v11_gaps(struct validation *v);
void v12_integrity(struct validation *v);
void v12_messages(struct validation *v); /* run by v12_integrity */
void v12_letters(struct validation *v);
void v12_names(struct validation *v);
void v12_rows(struct validation *v);
void v12_altered(struct validation *v);
void v12_screens(struct validation *v); /* run by v12_altered */
void v12_truth(struct validation *v);
void v12_worlds(struct validation *v);
void v12_held_out(struct validation *v);
void v12_true(struct validation *v);
void v12_tampered(struct validation *v);
void v12_weighed(struct validation *v);
void v_makers(struct validation *v);
void v_retries(struct validation *v);
void v_rolling(struct validation *v);
void v_shrink(struct validation *v);
void v_counts(struct validation *v);
void v_nulls(struct validation *v);
void v_power(struct validation *v);
void v_power_kinds(struct validation *v);
void v_own_power(struct validation *v);
void v_alone(struct validation *v);
void v_apart(struct validation *v);
void v_sessions(struct validation *v);
void v_gate(struct validation *v);
void v_gate_kinds(struct validation *v);

#endif
