/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * twins - do two sources have rows in common? At bounded cost: of each source the
 * TWINS_KEPT smallest distinct hashes of its rows are kept. Equal rows have equal
 * hashes, so sources of up to TWINS_KEPT distinct rows are compared whole, and of larger
 * ones the same sample: of n rows, m in common are missed with a probability of
 * (1 - TWINS_KEPT / n)^m.
 *
 *     twins_add(&twins[source], hash);    // each row
 *     if (twins_find(twins, nsources, may, ctx, &a, &b, &n)) ...
 */
#ifndef INGEST_TWINS_H
#define INGEST_TWINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TWINS_KEPT = 16384 };

/* {0} is empty. */
struct twins {
    uint64_t *v;
    size_t n, cap;
    bool full;
    uint64_t limit; /* once full: larger hashes are not kept */
};

void twins_add(struct twins *t, uint64_t hash);
void twins_free(struct twins *t);

/* Two sources a < b with a hash in common that `may` be compared, and how many hashes they
 * have in common; false if there are none. */
bool twins_find(struct twins *v, size_t n, bool (*may)(void *ctx, size_t a, size_t b),
                void *ctx, size_t *ret_a, size_t *ret_b, uint64_t *ret_n);

#endif
