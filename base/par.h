/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * par - the only file with threads in it.
 *
 *     par_for(threads, n, score_pair, &job);
 *
 * calls fn(ctx, i, worker) once for each i in 0..n-1, from `threads` workers
 * (0: one a processor). fn writes slot i of an output and scratch of its
 * worker, nothing else; reductions come after, serially, in index order. So a
 * result cannot depend on the number of threads.
 */
#ifndef BASE_PAR_H
#define BASE_PAR_H

#include <stddef.h>

typedef void par_fn(void *ctx, size_t i, size_t worker);

void par_for(size_t threads, size_t n, par_fn *fn, void *ctx);
size_t par_threads(size_t asked); /* what 0 means here; never 0 */

#endif
