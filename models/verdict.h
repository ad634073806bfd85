/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * verdict - from tested nulls to answers (design: "How a verdict is reached").
 *
 *     struct claim_result *r;
 *     if (study_test(&r, study, counts, threads, watch, err) < 0) ...
 *     r[i].verdict, r[i].why, r[i].nulls[j].verdict
 *     study_test_free(r, study->nclaims);
 *
 * A null is rejected when its p, after the price of the search, is at most alpha.
 * A claim stands when every required and every testable advisory null is
 * rejected and no bound u lies short of the claimed effect: an intersection-union
 * test, of level alpha without a correction over nulls (Berger 1982). It is
 * explained when some null is not rejected and its u lies short of the effect. It
 * is contradicted when all are rejected and the effect's interval lies short of
 * what was said. Otherwise it is undetermined. The study's correction runs over
 * its claims. A claim in the opposite direction is the same analysis: it stands
 * exactly when the other is explained. Where an effect has two measures (volume: an hour at
 * risk, and what was asked an hour) both must be short to explain or contradict, neither to
 * stand. Search and correction are paid by the side that would stand: for an opposite in the
 * level of u, and where its search is unknown or a range it does not stand either.
 *
 * What "stands" does not say: u is an upper bound. That no u lies short means that the
 * rows leave room for the claimed effect, not that they show it; with few look-ups a
 * ratio of 1.5 can make "3 or more" stand. The measured interval is printed beside.
 */
#ifndef MODELS_VERDICT_H
#define MODELS_VERDICT_H

#include "models/evidence.h"
#include "models/calibrate.h"
#include "models/integrity.h"
#include "models/search.h"
#include "models/trial.h"
#include "models/watch.h"

enum null_verdict { NULL_REJECTED, NULL_NOT_REJECTED, NULL_UNTESTABLE };
enum claim_verdict { STANDS, EXPLAINED, UNDETERMINED, CONTRADICTED };

enum claim_why {
    CLAIM_ALL_REJECTED,
    CLAIM_EXPLANATION_FITS,
    CLAIM_SMALLER,         /* some u short of the effect although all are rejected */
    CLAIM_INTERVAL,        /* the interval excludes what was said */
    CLAIM_UNTESTED,        /* a required null was not tested */
    CLAIM_NOT_SEPARATED,   /* a null is not rejected, and its u reaches the effect */
    CLAIM_SEARCH_UNKNOWN,  /* would stand, were the search known */
    CLAIM_CORRECTION,      /* would stand, were it the study's only claim */
    CLAIM_OPPOSITE_FITS,   /* stands: an explanation fits, so the opposite is explained */
    CLAIM_OPPOSITE_STANDS, /* explained away: the opposite stands */
    CLAIM_NO_LOOKUPS,
    CLAIM_NOT_CALIBRATED, /* the tests call too many innocent pairs a finding */
    CLAIM_CONTROLS,       /* the control pairs do what is claimed themselves */
    CLAIM_INTEGRITY,      /* a screen of the log failed, and the claim depends on it */
    CLAIM_WHYS
};

extern const char *const null_verdict_names[], *const claim_verdict_names[];
extern const char *const claim_why_names[];

struct tested_null {
    const struct battery_row *row;
    struct null_result result;
    double log_p_adjusted; /* after the price; NAN if untested */
    double log_floor;      /* of log_p_adjusted; NAN where exact */
    struct search_price price;
    double holds_up_to; /* looks up to which p would meet alpha; NAN if untested */
    enum null_verdict verdict;
    bool short_of_effect; /* u excludes the claimed effect */
    bool may_be_short;    /* u or u_least does */
};

struct claim_result {
    struct trial trial;
    struct pairdays_fits *fits; /* of the case, for all of the study's claims, or NULL;
                                   set before claim_test, which takes it off */
    struct watch *watch;        /* told of each null as it begins, or NULL; likewise */
    struct tested_null *nulls;
    size_t nnulls;
    struct effect effect;
    double log_p;          /* largest adjusted p over the nulls that decide; NAN */
    double log_p_adjusted; /* over the study's claims */
    enum claim_verdict verdict;
    enum claim_why why;
    struct calibration calibration;    /* made before the claim was tested */
    const struct screen *gate;         /* that failed: all is conditional on the log; or NULL */
    const struct tested_null *because; /* the null that explains or is in the way; or NULL */
    struct evidence evidence; /* beside the verdict, never part of it; nrows 0: no model was
                                 written, or `no_evidence` says why there is none */
    char no_evidence[160];
};

/* Why a null has no power curve, in a sentence; "" where it has one. */
const char *verdict_no_power(const struct claim_result *r, const struct tested_null *n);

/* What power of a kind's null is of; NULL: of the kind's effect. */
const struct power_effect *verdict_own_effect(const char *kind, const char *null);

/* The chance with which a null of a kind could see the claimed effect, as it counts towards
 * adequate data. `power`: as computed, NAN where it was not. 0: the null was not tested, or its
 * replicates are too few for a power at its level; 1: its power is of an effect of its own
 * (verdict_own_effect), of which nobody claimed a value, so it is left aside. */
double verdict_could_see(const char *kind, const char *null, bool tested, double power);

/* Are the data adequate? Every required null was tested and could see the claimed effect with
 * chance POWER_WANTED; the least of these chances into *ret_least. False where the plan
 * switches power off. */
bool claim_adequate(const struct claim_result *r, double *ret_least);

int study_test(struct claim_result **ret, const struct study *s, const struct counts *c,
               size_t threads, struct watch *w, struct err *err);
void study_test_free(struct claim_result *r, size_t n);

/* The integrity gate, last: a claim that depends on what a failed screen touches is
 * undetermined, its numbers as they were. */
void study_gate(struct claim_result *r, const struct study *s, const struct integrity *in);

/* The log's screens with the study's times to live, session and seed. */
void study_screen(struct integrity *ret, const struct study *s, const struct counts *c,
                  size_t threads);

/* One claim by itself, before the study's correction; then turned to its direction. */
int claim_test(struct claim_result *r, const struct study *s, const struct study_claim *c,
               const struct counts *counts, size_t threads, struct err *err);
void claim_turn(struct claim_result *r, const struct study_claim *c);
void claim_result_free(struct claim_result *r);

/* The rule alone, on filled-in nulls and effect; no analysis is run. */
void verdict_of(struct claim_result *r, const struct study_claim *claim);
void verdict_correct(struct claim_result *r, const struct study *s);

#endif
