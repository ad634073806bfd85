/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * apart - does a claim's effect stay where a stated cause cannot have made it?
 *
 * A sender's mail log says when mails left, a monitor's schedule when it asked. What such a
 * moment makes comes within a stated time after it. That time is set aside with the sessions
 * in it, and the kind's own test is run on the rest, whose law the explanation leaves as it
 * is: the moments are not chosen by the look-ups, and the dead time of a session set aside
 * still counts. Where sessions were set aside and too few are left to test, p is 1: a cause
 * that accounts for that much is not ruled out by lack of data.
 *
 * Source: Aalen, Borgan & Gjessing 2008, Survival and Event History Analysis, 1.4 and 3.1
 * (a predictable at-risk process thins a counting process and keeps its intensity).
 */
#ifndef MODELS_APART_H
#define MODELS_APART_H

#include "models/trial.h"

/* What an analyst has to give, as reports say it. */
#define MAIL_LOG "the sender's mail log (mailings:)"
#define RECIPIENTS "the sender's recipients (mailings:)"
#define SECOND_COPY "a second copy of the log (copy:)"
#define MONITORS "the schedule of known monitors (monitors:)"

typedef void apart_null(struct trial *t, struct null_result *ret);

/* `run` on what the claim's mailings, or monitors, leave; `more_s` is set aside besides after
 * each moment. Without a list: needs_data. */
void apart_mail(struct trial *t, double more_s, apart_null *run, struct null_result *ret);
void apart_monitor(struct trial *t, apart_null *run, struct null_result *ret);

/* [from, to + after + more_s) of the list's moments, joined, in the window; -1, *ret untouched
 * and `said` untested: none lies there. */
int apart_stretches(const struct trial *t, const struct study_aside *a, double more_s,
                    struct stretches *ret, struct null_result *said);

/* Too few are left to test: not ruled out. What is left of how many, in `detail`. */
void apart_nothing_left(struct null_result *ret);

#endif
