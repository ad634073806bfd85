/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trigger - does a session of a raise b's hazard, and by how many look-ups? (methods.md D5)
 *
 * In each of b's K streams, outside dead times and deaf time,
 *     h(t) = alpha f_k lambda(t) + (eta / K) sum_j phi(t - a_j),   eta >= 0,
 * phi exponential with mean 1 s, 10 s, 2 min or 30 min, lambda b's own demand
 * (models/demand.h), f_k the stream's factor. alpha is free, so at the maximum the fitted
 * total is n_b, and with pi = eta S / n_b the share of triggered sessions (S: the kernels'
 * mass while b is at risk, over K) the likelihood ratio is that of a mixture,
 *     l(pi) - l(0) = sum_i ln(1 + pi (v_i / u_i - 1)),
 * u_i = f lambda(b_i) / Lambda, v_i = phi-sum(b_i) / (K S): concave, one root.
 * eta = pi n_b / S: expected extra sessions of b per session of a that it is at risk for.
 *
 * One kernel, lambda known: 2 (l - l0) ~ chi^2_0 / 2 + chi^2_1 / 2 (Self & Liang 1987,
 * JASA 82: 605). lambda is fitted and four kernels are looked at: the largest ratio over
 * the kernels is ranked among those of b's window surrogates, lambda refitted to each. The
 * other direction is another call. A Hawkes process is the same with b's own sessions as a
 * second trigger; behind a cache the dead time takes its place.
 *
 * The interval of eta is that of the best kernel, from the signed root of the likelihood ratio
 *     r(eta) = sign(eta^ - eta) sqrt(2 (l(eta^) - l(eta)))
 * held against its own law at either end, not against the normal's (DiCiccio, Martin & Stern
 * 2001, Canad. J. Stat. 29: 67): lambda is too smooth, and what a and b share below its
 * resolution looks like triggers. Logs of a given eta are made of the data: each session is
 * taken out with its chance of being triggered, v eta / (v eta + u), the rest is drawn anew by
 * b's window surrogate, triggers of a are put in, and the cache lets pass what it would, own
 * demand that was hidden included; lambda is refitted, the best kernel chosen and r(eta) taken
 * again. The ends are those eta whose r in the data is at the quantiles of theirs; from the
 * profile likelihood's, two steps. V8's drift, eta .06: profile likelihood lay above the truth
 * in .22 of 60 logs at .05; this interval, eta .10, in .11 of 100, below it in .03: a miss (its
 * cause: docs/methods.md).
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
