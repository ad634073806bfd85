/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <Random123/philox.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Philox is also the mixer: a bijection of 128 bits under a fixed key, the same
 * on every machine. The two keys are the text "dnsclaim" and its letters
 * reversed, so that a mixed key and a mixed subject are unrelated. */
static const philox4x32_key_t key_mixer = {{0x646e7363, 0x6c61696d}};
static const philox4x32_key_t subject_mixer = {{0x6d69616c, 0x63736e64}};
static const uint64_t text_key = UINT64_C(0x646e73636c61696d);

static uint32_t low(uint64_t x)
{
    return (uint32_t)x;
}

static uint32_t high(uint64_t x)
{
    return (uint32_t)(x >> 32);
}

void rng_stream(struct rng *r, uint64_t seed, enum rng_purpose purpose, uint64_t subject,
                uint32_t replicate)
{
    philox4x32_ctr_t from = {{low(seed), high(seed), (uint32_t)purpose, 0}};
    philox4x32_ctr_t key = philox4x32(from, key_mixer);
    *r = (struct rng){.key = {key.v[0], key.v[1]},
                      .counter = {0, replicate, low(subject), high(subject)},
                      .used = RNG_AHEAD};
}

uint64_t rng_subject(const void *bytes, size_t n)
{
    return XXH3_64bits_withSeed(bytes, n, text_key);
}

uint64_t rng_subject_of(uint64_t a, uint64_t b)
{
    philox4x32_ctr_t from = {{low(a), high(a), low(b), high(b)}};
    philox4x32_ctr_t mixed = philox4x32(from, subject_mixer);
    return (uint64_t)mixed.v[1] << 32 | mixed.v[0];
}

#ifdef __SSE2__
/* Word by word two blocks, each in the lower half of 64 bits: what a product leaves in the
 * upper half, the next one does not read. */
typedef __m128i two_words;

struct two_blocks {
    two_words v[4];
};

static two_words both(uint32_t first, uint32_t second)
{
    return _mm_set_epi32(0, (int)second, 0, (int)first);
}

static struct two_blocks two_counters(const uint32_t *counter, uint32_t more)
{
    uint32_t draw = counter[0] + more;
    return (struct two_blocks){{both(draw, draw + 1), both(counter[1], counter[1]),
                                both(counter[2], counter[2]), both(counter[3], counter[3])}};
}

static inline void two_rounds(struct two_blocks *b, two_words key0, two_words key1)
{
    two_words left = _mm_mul_epu32(b->v[0], both(PHILOX_M4x32_0, PHILOX_M4x32_0));
    two_words right = _mm_mul_epu32(b->v[2], both(PHILOX_M4x32_1, PHILOX_M4x32_1));
    b->v[0] = _mm_srli_epi64(right, 32) ^ b->v[1] ^ key0;
    b->v[1] = right;
    b->v[2] = _mm_srli_epi64(left, 32) ^ b->v[3] ^ key1;
    b->v[3] = left;
}

static void two_store(const struct two_blocks *b, uint32_t *ret)
{
    two_words front = _mm_unpacklo_epi32(b->v[0], b->v[1]); /* of the first block */
    two_words back = _mm_unpacklo_epi32(b->v[2], b->v[3]);
    _mm_storeu_si128((__m128i *)ret, _mm_unpacklo_epi64(front, back));
    front = _mm_unpackhi_epi32(b->v[0], b->v[1]);
    back = _mm_unpackhi_epi32(b->v[2], b->v[3]);
    _mm_storeu_si128((__m128i *)(ret + 4), _mm_unpacklo_epi64(front, back));
}

/* Four blocks side by side: what one waits for, another uses. */
static void philox_ahead(const struct rng *r, uint32_t *ret)
{
    struct two_blocks a = two_counters(r->counter, 0), b = two_counters(r->counter, 2);
    uint32_t key0 = r->key[0], key1 = r->key[1];
    for (int round = 0; round < philox4x32_rounds; round++) {
        two_rounds(&a, both(key0, key0), both(key1, key1));
        two_rounds(&b, both(key0, key0), both(key1, key1));
        key0 += PHILOX_W32_0;
        key1 += PHILOX_W32_1;
    }
    two_store(&a, ret);
    two_store(&b, ret + 8);
}
#else
static void philox_ahead(const struct rng *r, uint32_t *ret)
{
    philox4x32_key_t key = {{r->key[0], r->key[1]}};
    for (uint32_t i = 0; i < RNG_AHEAD / 4; i++) {
        philox4x32_ctr_t c = {{r->counter[0] + i, r->counter[1], r->counter[2], r->counter[3]}};
        c = philox4x32(c, key);
        memcpy(ret + 4 * i, c.v, sizeof c.v);
    }
}
#endif

void rng_block(struct rng *r)
{
    philox_ahead(r, r->block);
    r->used = 0;
    r->counter[0] += RNG_AHEAD / 4;
    assert(r->counter[0] != 0); /* 2^34 numbers drawn from one stream */
}

/* Lemire (2019), "Fast random integer generation in an interval", ACM Trans.
 * Model. Comput. Simul. 29(1) 3: multiply, and reject the few that would make
 * the shares unequal. */
size_t rng_below(struct rng *r, size_t n)
{
    assert(n > 0 && n <= UINT32_MAX);
    uint32_t bound = (uint32_t)n;
    uint64_t product = (uint64_t)rng_u32(r) * bound;
    if ((uint32_t)product < bound) { /* seldom, so that the division is seldom made */
        uint32_t reject = -bound % bound;
        while ((uint32_t)product < reject)
            product = (uint64_t)rng_u32(r) * bound;
    }
    return product >> 32;
}

/* --- the stream as a gsl_rng, on the caller's stack -------------------- */

static void view_set(void *state, unsigned long seed)
{
    (void)state; /* a stream has its seed already */
    (void)seed;
}

static unsigned long view_get(void *state)
{
    return rng_u32(state);
}

static double view_unit(void *state)
{
    return rng_unit(state);
}

static const gsl_rng_type view_type = {
    "philox4x32-10", UINT32_MAX, 0, sizeof(struct rng), view_set, view_get, view_unit};

static gsl_rng view(struct rng *r)
{
    return (gsl_rng){&view_type, r};
}

double rng_exponential(struct rng *r, double mean)
{
    return -mean * log(rng_unit(r));
}

double rng_normal(struct rng *r)
{
    gsl_rng g = view(r);
    return gsl_ran_gaussian_ziggurat(&g, 1.0);
}

double rng_gamma(struct rng *r, double shape, double scale)
{
    gsl_rng g = view(r);
    return gsl_ran_gamma(&g, shape, scale);
}

/* GSL counts in unsigned int; a larger Poisson number is a sum of smaller ones. */
uint64_t rng_poisson(struct rng *r, double mu)
{
    const double most = 0x1p31;
    assert(mu >= 0 && mu < 0x1p53);
    gsl_rng g = view(r);
    uint64_t sum = 0;
    while (mu > most) {
        sum += gsl_ran_poisson(&g, most);
        mu -= most;
    }
    return sum + gsl_ran_poisson(&g, mu);
}

uint64_t rng_negbin(struct rng *r, double mu, double theta)
{
    if (mu <= 0)
        return 0;
    return rng_poisson(r, isinf(theta) ? mu : rng_gamma(r, theta, mu / theta));
}

uint64_t rng_binomial(struct rng *r, uint64_t n, double p)
{
    assert(n <= UINT32_MAX && p >= 0 && p <= 1);
    gsl_rng g = view(r);
    return gsl_ran_binomial(&g, p, (unsigned)n);
}

void rng_shuffle(struct rng *r, size_t *index, size_t n)
{
    for (size_t left = n; left > 1; left--) {
        size_t pick = rng_below(r, left), last = index[left - 1];
        index[left - 1] = index[pick];
        index[pick] = last;
    }
}
