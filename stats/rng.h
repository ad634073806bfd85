/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rng - random numbers as a pure function of what they are for.
 *
 *     struct rng r;
 *     rng_stream(&r, plan_seed, RNG_NULL, subject, replicate);
 *     double u = rng_unit(&r);
 *
 * Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as
 * easy as 1, 2, 3", SC'11) from Random123. The key is mixed from (seed,
 * purpose); the counter holds (draw, replicate, subject): two streams under one
 * key cannot overlap. `subject` is a hash of what is tested (its texts), not its
 * index, so a pair's p-value does not change when another pair or file is added
 * or the input is reordered. A stream has 2^34 numbers. Distributions are GSL's,
 * over the same stream.
 */
#ifndef STATS_RNG_H
#define STATS_RNG_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for. Appending one never shifts the others. */
enum rng_purpose { RNG_NULL = 1, RNG_BOOTSTRAP, RNG_SIMULATE, RNG_TIEBREAK, RNG_VALIDATE };

enum { RNG_AHEAD = 16 };
struct rng {
    uint32_t key[2], counter[4], block[RNG_AHEAD];
    unsigned used; /* of block */
};

void rng_stream(struct rng *r, uint64_t seed, enum rng_purpose purpose, uint64_t subject,
                uint32_t replicate);

/* The replicate that the stream was made for. */
static inline uint32_t rng_replicate(const struct rng *r)
{
    return r->counter[1];
}

/* Fixed-key hash of text, for `subject`; and of two subjects (order matters). */
uint64_t rng_subject(const void *bytes, size_t n);
uint64_t rng_subject_of(uint64_t a, uint64_t b);

void rng_block(struct rng *r); /* RNG_AHEAD more: for rng_u32 */

static inline uint32_t rng_u32(struct rng *r)
{
    if (r->used == RNG_AHEAD)
        rng_block(r);
    return r->block[r->used++];
}

/* In (0, 1), 53 bits: the odd multiples of 2^-53, both ends out of reach without a test. */
static inline double rng_unit(struct rng *r)
{
    uint64_t top = rng_u32(r), both = top << 32 | rng_u32(r);
    return ((double)(both >> 12) + .5) * 0x1p-52;
}

size_t rng_below(struct rng *r, size_t n); /* 0..n-1, exactly uniform */
double rng_exponential(struct rng *r, double mean);
double rng_normal(struct rng *r);
double rng_gamma(struct rng *r, double shape, double scale);
uint64_t rng_poisson(struct rng *r, double mu);
uint64_t rng_negbin(struct rng *r, double mu, double theta); /* variance mu + mu^2/theta */
uint64_t rng_binomial(struct rng *r, uint64_t n, double p);
void rng_shuffle(struct rng *r, size_t *index, size_t n); /* Fisher-Yates */

#endif
