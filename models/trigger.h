/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trigger - does a session of a raise b's hazard, and by how many look-ups? (methods.md D5)
 *
 * In each of b's K streams, outside dead times and deaf time,
 *     h(t) = f_k g(N(t)) lambda(t) + (eta / K) sum_j phi(t - a_j),   eta >= 0,
 * phi exponential with mean 1 s, 10 s, 2 min or 30 min, lambda b's own demand
 * (models/demand.h), f_k the stream's factor, N(t) the sessions of a within W/2 of t, before or
 * after (W: the surrogate's window), g a level of its own for each step of N on half octaves of
 * 1 + N. With c_i = phi-sum(b_i) / (K f lambda(b_i)), S the kernels' mass while b is at risk
 * over K, and per step y sessions seen and e expected, l(eta, g) = sum_i ln(g + eta c_i) - eta
 * S + sum_steps (ln g - g (e + 1)), the last with one session added to what is seen and to what
 * is expected. All that is used is l(eta) = max over g of l(eta, g), the profile likelihood
 * (Murphy & van der Vaart 2000, JASA 95: 449): the levels are refitted at each eta, at 0 too,
 * where they are (y + 1) / (e + 1). l(eta, g) is concave in both, and at one eta steps do not
 * touch each other, so that both maxima are roots of one variable (GSL). eta: expected extra
 * sessions of b per session of a that it is at risk for.
 *
 * g: lambda is smoother than the rate, and what a and b share below its resolution (a drift of
 * days, a busy afternoon) puts more of b near a's sessions than lambda says, on both sides of
 * them; triggers only follow. So b's level near a is b's own. Without g (V8's drift, eta .10)
 * eta^ was .108 on average, with it .103, in a flat world .102.
 *
 * One kernel, lambda known: 2 (l - l0) ~ chi^2_0 / 2 + chi^2_1 / 2 (Self & Liang 1987,
 * JASA 82: 605). lambda and g are fitted and four kernels are looked at: the largest ratio over
 * the kernels is ranked among those of b's window surrogates, all refitted to each. The
 * other direction is another call. A Hawkes process is the same with b's own sessions as a
 * second trigger; behind a cache the dead time takes its place.
 *
 * The interval of eta is that of the best kernel, from the signed root of its likelihood ratio
 *     r(eta) = sign(eta^ - eta) sqrt(2 (l(eta^) - l(eta))).
 * Upper end: where r is the normal quantile. Lower end: where r is that quantile of the roots
 * of the surrogates' largest ratios, or the normal's if that is larger: so it leaves 0 only
 * where p is at most the tail, and what choosing among kernels adds is paid for (too much,
 * where a trigger is strong and leaves no choice: there the truth lies above the interval's
 * lower end more often than said).
 */
#ifndef MODELS_TRIGGER_H
#define MODELS_TRIGGER_H

#include "models/surrogate.h"
#include "stats/mc.h"

enum { TRIGGER_KERNELS = 4 };

struct trigger_opts {
    double level; /* of the interval, .95; 0: none */
    uint32_t replicates;
    size_t threads;
    bool hold_demand; /* the data's demand in every replicate; for V8, as in sync.h */
};

struct trigger_kernel {
    double mean_s;
    double lr;    /* 2 (l - l0), >= 0 */
    double log_p; /* of one kernel, lambda known: too small, see above */
    double eta;
    double mass; /* S */
};

struct trigger_result {
    struct trigger_kernel kernel[TRIGGER_KERNELS];
    size_t best;
    double statistic;      /* largest lr */
    double eta_lo, eta_hi; /* of the best kernel's eta; NAN: none asked for */
    struct mc mc;
};

/* b is the surrogate's party, drawn by surrogate_window. ERR_DEGENERATE: b is never at
 * risk after a session of a. */
int trigger(struct trigger_result *ret, const struct subject *a, const struct subject *b,
            const struct window *w, const struct surrogate *s, const struct trigger_opts *o,
            struct err *err);

#endif
