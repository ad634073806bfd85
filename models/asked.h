/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * asked - what a subject was asked for in each bucket, whatever its caches hid.
 *
 * Sessions at risk weigh an hour by the time in which a cache could be asked: a busy day hides
 * more of itself than a quiet one, so that the rate at risk over many days lies below the mean
 * of theirs, the more the days differ. A pair whose days scatter (Gamma .7) beside peers whose
 * days do not, at .45 an hour behind a life of an hour, shows .74 of its true ratio. Here each
 * bucket counts by the hours that were listened to. Of a stream that is asked at one rate for
 * the whole of a bucket, with n sessions in e hours at risk,
 *
 *     rate = (n - d) / e,   d = 1 if the last session's dead time outlasts the bucket, else 0
 *
 * is right on average whatever the rate is, if the bucket has more than a life of
 * listening before it, in one piece, and at least two lives of its own: paths with n sessions
 * in e hours all have density rate^n exp(-rate e), and the estimate is the volume of those
 * among them that begin with a session over that of all, e^(n-1) / (n-1)! over e^n / n!, a
 * power less where the last session ends them (Girshick, Mosteller & Savage 1946, Ann. Math.
 * Stat. 17:13). n / e is a share of a session too large.
 *
 * What changes within a bucket still weighs by the time at risk.
 *
 * Caches go on while nobody listens: of two sessions in a day of 8 h behind a life of 5 h the
 * last always outlasts the day, and the rate reads .56 of the truth (.3 an hour). So a bucket
 * tells what was asked only where a life is at most ASKED_LONGEST of the hours listened to in
 * it, in one piece (of a whole day, six hours). Others are left out, sessions and hours, of
 * every subject alike, as its streams live equally long: a first or last day that is short, a
 * day with an outage. Where they hold more than ASKED_LEFT_OUT of what was listened to, all
 * buckets are of sessions at risk.
 */
#ifndef MODELS_ASKED_H
#define MODELS_ASKED_H

#include "models/stream.h"

#define ASKED_LONGEST .25 /* life, of the hours listened to in one piece */
#define ASKED_LEFT_OUT .1 /* share of listening */

/* Like bucket_fill and exposure_fill: what was asked, in sessions that no cache hid, and the
 * stream-hours listened to; or sessions and hours at risk, where too few buckets tell. Those in
 * which a stream could not be asked at all have none of either. */
void asked_fill(const struct subject *s, const struct window *w, const struct grid *g,
                double *ret_asked, double *ret_hours);

#endif
