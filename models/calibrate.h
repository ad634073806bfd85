/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * calibrate - the gate before the claim: how often do the claim's required nulls, all of
 * them, call a pair of this case a finding that nobody claims anything about? (sceptre's
 * order of steps: Barry et al. 2021, Genome Biol. 22:344.)
 *
 * Controls, at most `pairs` (plan key calibration, 40; 0 or false: off):
 *   volume      comparable pairs, drawn at random, each against the others. Not matched on
 *               volume, which is what the claim is about.
 *   synchrony   the claim's two sides on another name, volume nearest to the claim's
 *   timing, alignment, reaction
 *               other clients on other names, volume nearest to the claim's
 *   others      none: their required nulls rank the claim among the case's own names, blocks
 *               or streams already.
 * A control is tested at level max(alpha, .05), one look, 199 replicates, or as many as show
 * that it cannot be called; it is called when every required null that the study makes testable
 * is rejected. Those for which one has too
 * few data are passed over.
 *
 * Rule: with n controls, k called, the gate fails if P(K >= k | n, level) <= .01. Then
 * nothing is called: the claim is undetermined, reason not_calibrated, its numbers as they
 * were. False-alarm rate and power of the rule itself (true share .2) are exact binomial tails
 * at its critical count. Only too many are looked for: a test that calls too few costs power.
 *
 * Controls that do what is claimed are no negative controls: where everybody keeps office
 * hours, tests that call them all are right, and yet nothing is called, because nothing is left
 * that could show it. Which of the two it is, is asked where the gate fails on controls, and
 * changes only the reason. The reason is `controls`, with the share called, if both hold:
 *   - without those called that measure the claimed effect or more, the rule would pass;
 *   - innocent logs, simulated as below, do not fail it: under the null of the claim the p keep
 *     their level as far as can be drawn.
 * Else it is not_calibrated. Dropping such controls and going on would let tests that call
 * noise choose their own judges.
 *
 * Below 20 controls: as many logs in which the claim is innocent, simulated: each stream of
 * the pair drawn anew from its own fitted demand through its own cache (for hours, from an
 * even one; for volume, at the rate of a comparable pair). The weaker kind: it knows only
 * what was fitted.
 */
#ifndef MODELS_CALIBRATE_H
#define MODELS_CALIBRATE_H

#include "models/trial.h"

enum calibration_method {
    CALIBRATION_OFF,
    CALIBRATION_CONTROLS,
    CALIBRATION_SIMULATED,
    CALIBRATION_NONE
};
extern const char *const calibration_method_names[];

#define CALIBRATION_GATE .01 /* of the rule */
#define CALIBRATION_SHARE .2 /* at which its power is stated */
enum { CALIBRATION_LEAST = 20, CALIBRATION_PAIRS = 40 };

struct calibration {
    enum calibration_method method;
    size_t asked, tests, called; /* controls looked for; tested; called a finding */
    double level;
    double log_p;       /* of so many or more */
    uint64_t critical;  /* smallest number called at which the gate fails */
    double false_alarm; /* chance of that at `level`; at CALIBRATION_SHARE */
    double power;
    double lo, hi;               /* 99 % interval of the share called */
    double volume_lo, volume_hi; /* of controls, over the claim's; NAN: not matched */
    bool failed;
    /* Of a gate that failed on controls: those called that measure the claimed effect
     * themselves; innocent logs drawn and called. `share`: the controls do what is claimed. */
    size_t reach, drawn, drawn_called;
    bool share;
    /* ln of each control's largest p over the required nulls, in the order in which they were
     * tried; `tests` values. At most `level`: called. Synchrony stops at the first null that is
     * not rejected, so above `level` its values are the least that the largest can be. */
    double *control_log_p;
    struct sync_pairs pairs; /* synchrony: what `window` found of each control, from a to b */
};

void calibrate(struct calibration *ret, const struct study *s, const struct study_claim *c,
               const struct counts *counts, size_t threads);
void calibration_free(struct calibration *c);
/* The trial's subjects redrawn as innocent, before it is prepared (trial_make_altered): log
 * number i. For volume at the rate of a comparable pair, itself among them (else a
 * pair above all K others, which one in K + 1 is, would have the smallest p); for alignment and
 * reaction with the scatter and memory of the days (stats/clustered.h); for authenticity by as
 * many caches as fit. */
void calibrate_innocent(struct trial *t, uint32_t i);
/* Counts to gate; asked, tests, called and level are read. */
void calibration_rule(struct calibration *c);

#endif
