/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * evidence - what the rows say between the claimant's written model and each rival
 * explanation (methods.md H2-H7).
 *
 * Each model is drawn EVIDENCE_DRAWS times from its prior, and each draw simulated
 * EVIDENCE_REPEATS times; the numbers of models/summary.h give its marginal synthetic
 * likelihood (stats/lr.h) of the data. Rivals take level, hours and days from the data, which a
 * written model cannot; so no model is asked for these, and what is compared is the rest, given
 * these (synth_log_conditional). ln of two models' ratio is a score, no more: what it is worth
 * is learnt from the simulated logs themselves, each scored by the half of the draws that it is
 * not of. A logistic map of asinh(score) makes the calibrated ratio, Cllr says how good such
 * ratios are (0 perfect, 1 worthless), and no ratio is printed beyond what so many logs can
 * bear (lr_cap). The data's ratio is by the map of all logs; a log's, of which Cllr is made, by
 * one that has not seen its draw (ten folds of the draws, lr_cllr_crossed): Cllr of the logs
 * that a map was fitted to is too small. The least Cllr (`cllr_min`) is of all logs as they
 * are, what no monotone map of these scores can better. Where Cllr is above EVIDENCE_BLUR, or
 * the ratio within a factor of EVIDENCE_EVEN of 1, the two are "not distinguishable".
 *
 * Error of the simulation. Another seed would give another ratio. So what is said of a ratio,
 * its word and whether the two are distinguishable, is said of the end nearest to 1 of its 95 %
 * Monte Carlo interval, 1 where that holds it: the error counts against whichever of the two
 * the ratio speaks for. Where the interval, cut at the cap like the ratio, is wider than a
 * factor of EVIDENCE_SPAN, and not all of it is "not distinguishable", the ratio is not
 * computed (methods.md H3: an error bar is required, else "not computed"; of integrals by grid
 * that is .1, models/gapodds.h, of simulation no more than a step of the verbal scale can be
 * asked): `enough` draws would do, as the error falls with their root. Beyond EVIDENCE_EVEN no
 * ratio of EVIDENCE_DRAWS draws can be so wide, as its cap is 100.
 *
 * More draws. They are taken where they would do: of the claimant's model and of each rival
 * whose ratio is not computed by the first EVIDENCE_DRAWS, twice as many, and again, until the
 * interval is no wider than EVIDENCE_SPAN or `enough` is beyond opts.most; then it stays not
 * computed. All is learnt anew from the draws that there are then, but for `fit`; the cap stays
 * that of the first draws, and so does every ratio that these computed. How long is asked of
 * the width alone, of the interval as it is before it is cut, never of where it lies: stopping
 * at a value would choose values (who draws on until a ratio pleases him gets it), stopping at
 * a width does so only as far as estimate and its error go together. Such an interval keeps its
 * level as the width goes to 0 (Chow & Robbins 1965, Ann. Math. Stat. 36:457; for simulations
 * Glynn & Whitt 1992, Ann. Appl. Probab. 2:180); at a width that is not small it has a little
 * less, the more the oftener one looks. There are four looks at most, at twice the draws each,
 * and the error is counted generously (both halves' scatter, and their difference). What it
 * comes to is measured: `validate --only rivals`, "drawn longer".
 *
 * `fit`: the share of a model's own logs that it finds as improbable as the data or more, of
 * all numbers but the levels; at .01 or below the model does not look like the data, and a
 * ratio for it says only that the other is worse: it is void (`vetoed`; methods.md H4). A
 * ratio is never merged with a verdict.
 *
 * Lost draws. A draw is tried again where it gives fewer than SUMMARY_LEAST sessions: the data
 * have more, and their number is given. One that gives no log in eight tries is `lost`. It has
 * no numbers, so it is no part of a likelihood; a copy of another would pass for an independent
 * draw. But what it would have said is not known, so it counts against the claim, as a
 * replicate that fails does (CONTRIBUTING.md, rule 3): among the logs that teach the map and
 * are scored for Cllr it stands, of the claimant's model, at the lowest score of all, of a
 * rival at the highest. In `fit` it is as improbable as the data under a rival, and is not
 * under the claim. So a share f of lost draws shields a model: no ratio against it goes beyond
 * 1/f by the best of monotone maps, nor by much by the line where scores part clearly. At f =
 * 1 / EVIDENCE_EVEN the line gives a typical log of the other 7.8 to 9.2: no log could tell
 * against the model. At EVIDENCE_LOST it gives 17 to 18, and 11 or more less its error (95 %);
 * that falls below EVIDENCE_EVEN between .057 and .067. A model that loses more is not weighed.
 *
 * Limits. Only these numbers count. Who states wrong hours is not punished for it by the ratio
 * but by the fit. The rest follows the given along straight lines: a model far from the data's
 * level or hours is carried far along them. A model that imitates another on purpose has ratio
 * 1: `lr_mimic` says what remains.
 */
#ifndef MODELS_EVIDENCE_H
#define MODELS_EVIDENCE_H

#include "models/rival.h"
#include "models/summary.h"
#include "stats/lr.h"

enum { EVIDENCE_DRAWS = 300, EVIDENCE_REPEATS = 2, EVIDENCE_MORE = 16 };
#define EVIDENCE_BLUR .9
#define EVIDENCE_EVEN 10.
#define EVIDENCE_SPAN 10.
#define EVIDENCE_LOST .05
#define EVIDENCE_MISFIT .01 /* of `fit`: it or less */

struct evidence_opts {
    uint64_t seed;
    size_t draws; /* from each model's prior; 0: EVIDENCE_DRAWS. More raise the cap */
    size_t threads;
    size_t most; /* draws, of a model whose ratio is too wide; 0: EVIDENCE_MORE times `draws` */
};

struct evidence_row {
    const struct rival *rival; /* NULL: the claimant's model */
    const char *why;           /* NULL: it was computed; else why not */
    double log_marginal, se;   /* ln of the synthetic likelihood; Monte Carlo error */
    double fit;                /* p of the data under the model */
    double score, ln_lr;       /* claimant over this one: as it is; calibrated and capped */
    double ln_lr_se;           /* Monte Carlo error, of the ratio before it was capped */
    double ln_lo, ln_hi;       /* ends of its 95 % interval, capped */
    size_t enough;             /* draws for an interval that is narrow enough; 0: it is */
    uint32_t draws;            /* that the ratio is of, from this model and the claimant's */
    double cllr, cllr_min;     /* of calibrated ratios between the two; cross-validated */
    struct lr_misled misled;   /* of the same ratios as cllr; yes: the claimant's model */
    double *held; /* those ratios, ln: of draws * EVIDENCE_REPEATS logs of the claimant's model,
                     then of as many of this one, lost ones among them; NULL: not compared */
    uint32_t lost;      /* of its draws */
    bool capped, apart; /* apart: computed, and distinguishable */
    bool vetoed;        /* the likelier of the two does not look like the data */
};

struct evidence {
    double data[SUMMARY_N];
    struct evidence_row *rows; /* the claimant's first, where there is one; then the table's */
    size_t nrows;
    bool claimant; /* rows[0] is the claimant's */
    size_t best;   /* row of the likeliest rival that fits the data, else of the likeliest;
                      SIZE_MAX: none was computed */
    double cap;    /* ln of the largest ratio that may be printed */
    uint32_t logs; /* simulated for each model to begin with */
};

/* claimant NULL: rivals only, each against nothing (no ratio). ERR_DEGENERATE: fewer than
 * SUMMARY_LEAST sessions. The result does not depend on the number of threads. */
int evidence_run(struct evidence *ret, const struct rival_data *d,
                 const struct sim_world *claimant, const struct evidence_opts *o,
                 struct err *err);
void evidence_free(struct evidence *e);

/* ln of the ratio that is said to be there: the end of the interval that is nearest to 1. */
double evidence_sure(const struct evidence_row *r);

#endif
