/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rival - THE TABLE OF RIVAL EXPLANATIONS as worlds that can be drawn: each says how
 * look-ups of a pair come about without what is claimed (methods.md H1), with a prior for
 * what it leaves open. All but `forged` are honest records of innocent look-ups.
 *
 * Every rival keeps of the data: who asks for what, when the sensor listened, the time to
 * live, the demand that follows the pair's own hours and days (models/demand.h) and the share
 * of repeats inside a session. So most keep the number of sessions too, but for chance: its
 * geometric mean over draws is .99 to 1.01 of the data's for cache, monitor, forged and
 * lognormal, .95 to .97 for loss and 1.04 to 1.05 for hawkes. Three do not: driver has .85,
 * mail .6 (scatter of its log .5), as a cache hides most of what one mailing brings, and retry
 * 1.08 to 1.13 (75 draws for each of 4 simulated logs of demand, of look-ups that bring others,
 * of mailings). Nobody is judged by it: models are compared where the number is the data's
 * (models/evidence.h), along straight lines and by fewer of such a rival's draws. What the
 * rivals differ in is how the look-ups fall in time and beside the second pair. The priors
 * stand beside each rival in rival.c; they are wide, so a rival is not beaten for want of the
 * right number.
 *
 * People who act in bouts are two rows, not one with both laws: the table then says which of
 * them the rows look like, and the scatter within draws, which a likelihood pools over all
 * draws of a row (stats/lr.h), is that of one law. `lognormal`: gaps of demand with a heavy
 * tail, sd of their logs even on 1 to 2.5 (coefficient of variation 1.3 to 23). `hawkes`: a
 * wish brings others about, .1 to .9 of them, after a minute to a day (log even) on average:
 * clusters of 1.1 to 10. Both in the time in which the fitted demand is even (stats/bouts.h),
 * so hours and days are kept. A cache hides more of a bout than of demand without memory, so
 * there is more demand: as much as leaves the data's number of sessions by pilot logs, on a
 * grid of the parameters, from half to 32 times the fitted one (tests/test_rival.c: within
 * .03). What a cache hides whole, bouts shorter than the time to live, nothing can tell from
 * `cache`.
 *
 * A claimant's model is a scenario file (docs/scenario.md): whoever claims must write what
 * he claims. It takes part like any other.
 *
 *     struct rival_frame *f = rival_frame_new(&data, NULL);
 *     rival_draw(&rival_table[i], f, seed, draw, repeat, &counts, err);
 *     rival_frame_free(f);
 */
#ifndef MODELS_RIVAL_H
#define MODELS_RIVAL_H

#include "models/scenario.h"
#include "models/stream.h"

struct rival_frame;
struct rival_world;
struct rng;

struct rival {
    const char *id, *help, *cite;
    bool two; /* needs a second group pair */
    void (*draw)(struct rival_world *w, const struct rival_frame *f, struct rng *r);
};

extern const struct rival rival_table[]; /* id NULL ends it */

/* The data: borrowed, and must outlive the frame. */
struct rival_data {
    const struct counts *counts;
    const struct window *window;
    const struct subject *a, *b; /* b NULL: none */
    double ttl_s, session_s;     /* ttl 0: unknown, no cache is drawn */
};

/* claimant: his world, borrowed, or NULL. */
struct rival_frame *rival_frame_new(const struct rival_data *d,
                                    const struct sim_world *claimant);
void rival_frame_free(struct rival_frame *f);

/* One log of the rival: parameters are those of draw `j`, chance that of `repeat`. Live
 * time is the data's. */
int rival_draw(const struct rival *v, const struct rival_frame *f, uint64_t seed, uint32_t j,
               uint32_t repeat, struct counts **ret, struct err *err);

/* One log of the claimant's world: of the pairs, and of what bears on them. */
int rival_draw_claimed(const struct rival_frame *f, uint64_t seed, uint32_t repeat,
                       struct counts **ret, struct err *err);

/* The group pairs of a drawn log, as those of the data were made; ret_b may be NULL. */
void rival_subjects(const struct rival_frame *f, const struct counts *c, const struct window *w,
                    struct subject *ret_a, struct subject *ret_b);

#endif
