/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * variants - which cache? Other lives of an answer, and one cache or two (methods.md C3,
 * C4).
 *
 * THE VARIANT TABLE: laws of a gap g of memoryless demand, by maximum likelihood over the
 * gaps that were listened to, compared by BIC = -2 loglik + parameters ln m:
 *
 *     ttl          ttl + Exp(lambda)
 *     prefetch     .9 ttl + Exp: a look-up in the last tenth refreshes (Unbound's prefetch)
 *     prefetch_2s  ttl - 2 s + Exp (BIND's prefetch 2)
 *     life         L + Exp, L the smallest gap: a cap (L < ttl) or a floor (L > ttl)
 *     remaining    R + Exp, R even on (0, ttl): a forwarder that is handed what is left;
 *                  f(g) = e^(-lambda g) (e^(lambda min(g, ttl)) - 1) / ttl
 *     mix          share w at ttl, the rest at a second life L (parent and child zone)
 *
 * What is within 6 of the best BIC is not told apart from it. Two fixed lives differ only
 * by gaps between them, of which lambda |L - L'| m are to be expected; where that is below
 * 3 no log of this length can tell.
 *
 * Unbound and BIND manuals, "prefetch"; Moura et al. 2019 (IMC) for parent and child;
 * RFC 1035 for the remaining life.
 */
#ifndef MODELS_VARIANTS_H
#define MODELS_VARIANTS_H

#include "base/err.h"
#include "models/cache.h"

enum variant_id {
    VARIANT_TTL,
    VARIANT_PREFETCH,
    VARIANT_PREFETCH_2S,
    VARIANT_LIFE,
    VARIANT_REMAINING,
    VARIANT_MIX,
    VARIANTS
};
struct variant_kind {
    const char *id, *help;
};
extern const struct variant_kind variant_table[VARIANTS];

struct variant_fit {
    double loglik, bic; /* loglik -INFINITY: a gap is shorter than it can be */
    size_t parameters;
    double lambda, life_s, share; /* life: of ttl-like laws; mix: the second, and w */
    double between; /* gaps expected between this life and the best one's; NAN: no life */
    bool apart;     /* from the best: BIC more than 6 above it */
};

struct variants {
    size_t gaps;
    struct variant_fit fit[VARIANTS];
    enum variant_id best;
};

/* ERR_DEGENERATE below 10 gaps or without a TTL. */
int variants_fit(struct variants *ret, const struct stream *s, const struct window *w,
                 struct err *err);

/* Two addresses: one cache behind both, or one each? The merged stream through one cache,
 * each miss falling to an address with its share (impossible where a merged gap is shorter
 * than ttl - 2 s), against two caches of their own rate: two parameters each, so the ratio
 * is that of the likelihoods. And the number of caches of the merged stream. */
struct cache_twin {
    size_t n, short_gaps;                  /* of the merged stream */
    double loglik_one, loglik_two, log_lr; /* one over two; -INFINITY: impossible */
    struct cache_k k;
    bool have_k;
};
/* session_s: a resolver's repeats may leave by the other address; a start so soon after the one
 * before it, whosesoever, is left out (models/identity.h). */
int variants_twin(struct cache_twin *ret, const struct stream *a, const struct stream *b,
                  double session_s, const struct window *w, struct err *err);

#endif
