/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * nulls - the tests behind the null table and the estimands behind the claim
 * table, one group a kind. Each states in its file what it keeps and why.
 */
#ifndef MODELS_NULLS_H
#define MODELS_NULLS_H

#include "models/trial.h"

/* What power is of where it is not of the kind's effect; each beside its test. */
extern const struct power_effect own_dates, own_removal, own_activity, own_truncation,
    own_versions, own_causes;

/* volume */
int volume_prepare(struct trial *t, struct err *err);
void volume_effect(const struct trial *t, struct effect *ret);
void null_volume_cache(struct trial *t, struct null_result *ret);
void null_volume_retries(struct trial *t, struct null_result *ret);
void null_volume_peers(struct trial *t, struct null_result *ret);
void null_volume_days(struct trial *t, struct null_result *ret);
void null_volume_mail(struct trial *t, struct null_result *ret);
void null_volume_monitor(struct trial *t, struct null_result *ret);

/* timing, feature hours */
void hours_effect(const struct trial *t, struct effect *ret);
void null_hours_cache(struct trial *t, struct null_result *ret);
void null_hours_days(struct trial *t, struct null_result *ret);
void null_hours_mail(struct trial *t, struct null_result *ret);

/* timing, feature regular */
void regular_effect(const struct trial *t, struct effect *ret);
void null_regular_cache(struct trial *t, struct null_result *ret);
void null_regular_life(struct trial *t, struct null_result *ret);
void null_regular_rhythm(struct trial *t, struct null_result *ret);
void null_regular_monitor(struct trial *t, struct null_result *ret);

/* exclusivity: the group's share of the name's presence-days */
void exclusivity_effect(const struct trial *t, struct effect *ret);
void null_exclusivity_concentration(struct trial *t, struct null_result *ret);
void null_exclusivity_sensors(struct trial *t, struct null_result *ret);
void null_exclusivity_days(struct trial *t, struct null_result *ret);
void null_exclusivity_activity(struct trial *t, struct null_result *ret);
void null_exclusivity_truncation(struct trial *t, struct null_result *ret);
void null_exclusivity_mail(struct trial *t, struct null_result *ret);

/* exclusivity, rarity: clients, or blocks of the claim's size, that are not the group's: how
 * many the case holds, and how many of them asked for the claim's names in its window. Of a
 * part of the look-ups (counts_is_part) nobody knows, and *ret_of is 0. */
void share_others(const struct trial *t, double *ret_asked, double *ret_of);

/* rarity: presence-days of the group's block over those of an equal one */
void rarity_effect(const struct trial *t, struct effect *ret);
void null_rarity_blocks(struct trial *t, struct null_result *ret);
void null_rarity_sensors(struct trial *t, struct null_result *ret);
void null_rarity_days(struct trial *t, struct null_result *ret);
void null_rarity_activity(struct trial *t, struct null_result *ret);

/* Total time on test of a party's excess gaps, as in `life` but above the stated life: about
 * normal(0, 1) without memory, large for a timer; NAN below 20 gaps. */
double regular_score(const struct subject *s, const struct window *w);

/* synchrony */
int synchrony_prepare(struct trial *t, struct err *err);
/* Enough of a run to read eta off, from a to b only: for curves. */
void synchrony_measure(struct trial *t);
void synchrony_effect(const struct trial *t, struct effect *ret);
void null_synchrony_window(struct trial *t, struct null_result *ret);
/* The second opinion, for a report: into t->days, where the window null could be tested. */
void synchrony_days(struct trial *t);
void null_synchrony_controls(struct trial *t, struct null_result *ret);
void null_synchrony_mail(struct trial *t, struct null_result *ret);
void null_synchrony_timers(struct trial *t, struct null_result *ret);

/* alignment */
int alignment_prepare(struct trial *t, struct err *err);
void alignment_effect(const struct trial *t, struct effect *ret);
void null_alignment_coverage(struct trial *t, struct null_result *ret);
void null_alignment_rotation(struct trial *t, struct null_result *ret);
void null_alignment_habit(struct trial *t, struct null_result *ret);
void null_alignment_choice(struct trial *t, struct null_result *ret);
void null_alignment_weeks(struct trial *t, struct null_result *ret);
void null_alignment_causes(struct trial *t, struct null_result *ret);
void null_alignment_controls(struct trial *t, struct null_result *ret);

/* reaction */
int reaction_prepare(struct trial *t, struct err *err);
void reaction_effect(const struct trial *t, struct effect *ret);
void null_reaction_scatter(struct trial *t, struct null_result *ret);
void null_reaction_placebo(struct trial *t, struct null_result *ret);
void null_reaction_controls(struct trial *t, struct null_result *ret);
void null_reaction_dates(struct trial *t, struct null_result *ret);
void null_reaction_removal(struct trial *t, struct null_result *ret);
void null_reaction_mail(struct trial *t, struct null_result *ret);

/* authenticity */
void authenticity_effect(const struct trial *t, struct effect *ret);
/* The trial's streams drawn anew as `rhythm` has them: for curves. One that no number of caches
 * fits stays as it is. */
void authenticity_innocent(struct trial *t, struct rng *r);
void null_authenticity_cache(struct trial *t, struct null_result *ret);
void null_authenticity_rhythm(struct trial *t, struct null_result *ret);
void null_authenticity_versions(struct trial *t, struct null_result *ret);

#endif
