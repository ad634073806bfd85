/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * beside - a run of sessions that comes again at one distance, among other rows (methods.md
 * I1): a copied block laid over what stood there.
 *
 * A link is a session i and sessions a < b, at most BESIDE_REACH places apart, with
 *     t_b - t_a = t_(i+1) - t_i,
 * to the tick: neighbours i, i + 1 come again at the distance D = t_a - t_i, whatever lies
 * between their copies. A copied block of m sessions makes m - 1 links of one distance (less
 * those with too much between), chance A links in all, most of them alone at theirs. That
 * another link has the distance of a given one is of chance
 *     rho = 2 r + s,
 * r that of a session at the tick where the next of the run (or the one before) would come
 * again, s that of a link from elsewhere. Both are counted near the distance but not at it,
 * within 300 s and less, down to two ticks (the largest counts), so that busy hours and the
 * jitter of a timer are in them and a copy is not. Then chance has about mu_k = (A + 1)
 * rho^(k-1) distances with k links or more, and k is the smallest, from 3 on, with mu_k <=
 * target. A timer makes links by nature: with rho above .05, k above 12, ten links a session,
 * or five distances found or more, the sequence is not testable (k 0), nor with more than
 * BESIDE_MAX sessions. So does a job of several look-ups: where two neighbours of a run come
 * again at a second distance too the sequence is not testable either. A job of one look-up
 * makes no link. A job of four look-ups or more that runs twice within the log, to the tick,
 * cannot be told from a copy.
 *
 * Runs with nothing between are repeats.h's; a distance at which sessions come again one by
 * one, or shaken, is offsets_find's.
 */
#ifndef MODELS_BESIDE_H
#define MODELS_BESIDE_H

#include <stddef.h>

enum { BESIDE_REACH = 8, BESIDE_MAX = 5000 };

struct beside {
    size_t k;          /* links looked for; 0: not testable, or no distance has three */
    double expected;   /* distances with as many by chance */
    size_t found;      /* distances with k links or more */
    size_t copied;     /* sessions in the links of these, at most n */
    double distance_s; /* of most links; from the run to its copy, which may be the earlier */
};

/* t ascending, whole ticks of tick_s. */
void beside_find(struct beside *ret, const double *t, size_t n, double tick_s, double target);

#endif
