/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * baserate - what a match is worth, given how many innocents would match (methods.md B7): the
 * key `base_rate` of a claim, and its answer.
 *
 *     base_rate: {units: 876, innocent: case, source: ...}
 *     base_rate: {units: 876, innocent: {matches: 118, of: 120}, sensitivity: .9, prior: .001,
 *                 source: ...}
 *     base_rate: {units: unknown, innocent: unknown, source: ...}
 *
 * units: how many others could have shown it by chance: organisations, blocks, addresses of a
 * list; never look-ups, which cluster. innocent: how many of a sample of innocents show it,
 * or `case`: of all clients (blocks, for a rarity claim) of the case that are not the
 * claim's, how many asked for its names in its window. sensitivity: chance that a guilty one
 * shows it (1). prior: of this one before the match; without it 1 / (units + 1), all alike.
 *
 * Nothing is stated without a denominator: where units or innocents are unknown there are no
 * odds, and `why` says which is missing. Odds stand beside a verdict and never decide.
 */
#ifndef MODELS_BASERATE_H
#define MODELS_BASERATE_H

#include <stdbool.h>

#include "models/yaml.h"

enum base_from { BASE_UNKNOWN, BASE_STATED, BASE_CASE };

struct base_rate {
    bool asked;   /* the key is there */
    double units; /* M; 0: unknown */
    enum base_from from;
    double matches, of; /* of BASE_STATED */
    double sensitivity;
    double prior; /* 0: none was stated */
    const char *source;
};

/* `rows`: is there a case, so that `innocent: case` can be counted? */
int base_rate_read(struct base_rate *ret, const struct yaml *y, const struct yaml_node *n,
                   bool rows, struct err *err);

struct base_bounds {
    double value, lo, hi; /* NAN: unknown; INFINITY: no limit */
};

/* The chance p that an innocent one matches is (k + 1/2) / (n + 1) (Jeffreys), its interval
 * that of Clopper & Pearson 1934; all else follows from p with the bounds of p. */
struct base_answer {
    const char *why;    /* NULL: odds are stated; else what is not known */
    double matches, of; /* k of n innocents; NAN: unknown */
    double level, prior;
    struct base_bounds chance;   /* p */
    struct base_bounds innocent; /* innocent matches among M: M p */
    struct base_bounds lr;       /* s / p */
    struct base_bounds odds, posterior;
};

/* k of n, where b->from is BASE_CASE as counted there, else as stated. */
struct base_answer base_rate_of(const struct base_rate *b, double k, double n, double level);

#endif
