/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <Random123/philox.h>

#include "stats/rng.h"
#include "stats/tail.h"

/* Salmon et al. 2011, Random123 tests/kat_vectors, philox4x32 10 rounds: the
 * generator that the streams are made of. */
static void philox_gives_the_published_vectors(void **state)
{
    (void)state;
    const struct {
        uint32_t counter[4], key[2], out[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct rng r = {.used = RNG_AHEAD};
        memcpy(r.counter, cases[c].counter, sizeof r.counter);
        memcpy(r.key, cases[c].key, sizeof r.key);
        for (int i = 0; i < 4; i++)
            assert_int_equal(rng_u32(&r), cases[c].out[i]);
    }
    /* The last block of a stream is out of reach of rng_u32; asked of the library. */
    philox4x32_ctr_t ones = {{UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}};
    philox4x32_key_t key = {{UINT32_MAX, UINT32_MAX}};
    const uint32_t out[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    assert_memory_equal(philox4x32(ones, key).v, out, sizeof out);
}

static void a_stream_is_a_function_of_what_it_is_for(void **state)
{
    (void)state;
    struct rng a, b;
    rng_stream(&a, 1, RNG_NULL, 2, 3);
    rng_stream(&b, 1, RNG_NULL, 2, 3);
    for (int i = 0; i < 9; i++)
        assert_int_equal(rng_u32(&a), rng_u32(&b));
    const struct {
        uint64_t seed;
        enum rng_purpose purpose;
        uint64_t subject;
        uint32_t replicate;
    } other[] = {{2, RNG_NULL, 2, 3},      {UINT64_C(1) << 32 | 1, RNG_NULL, 2, 3},
                 {1, RNG_BOOTSTRAP, 2, 3}, {1, RNG_NULL, UINT64_C(1) << 32 | 2, 3},
                 {1, RNG_NULL, 3, 3},      {1, RNG_NULL, 2, 4}};
    for (size_t c = 0; c < sizeof other / sizeof *other; c++) {
        int same = 0;
        rng_stream(&a, 1, RNG_NULL, 2, 3);
        rng_stream(&b, other[c].seed, other[c].purpose, other[c].subject, other[c].replicate);
        for (int i = 0; i < 8; i++)
            same += rng_u32(&a) == rng_u32(&b);
        assert_int_equal(same, 0);
    }
}

/* Results are quoted by seed: these may change in a release that says so only. */
static void seeds_mean_the_same_numbers_in_every_release(void **state)
{
    (void)state;
    struct rng r;
    rng_stream(&r, 20160923, RNG_NULL, rng_subject("mail1.example", 13), 7);
    assert_int_equal(rng_u32(&r), 2454594420u);
    assert_int_equal(rng_u32(&r), 3198794090u);
    assert_true(rng_subject_of(1, 2) == UINT64_C(0x2ed32b4721edb769));
    assert_true(rng_subject_of(1, 2) != rng_subject_of(2, 1));
    assert_true(rng_subject("ab", 2) != rng_subject("ba", 2));
}

static void a_unit_number_is_never_zero_or_one(void **state)
{
    (void)state;
    struct rng low = {.block = {0, 0}, .used = 0};
    struct rng high = {.block = {UINT32_MAX, UINT32_MAX}, .used = 0};
    assert_true(rng_unit(&low) == 0x1p-53);
    assert_true(rng_unit(&high) == 1 - 0x1p-53);
}

/* |share - p| within five standard errors, for each of n outcomes */
static void five_sigma(const double *hits, const double *p, size_t n, double draws)
{
    for (size_t i = 0; i < n; i++) {
        double se = sqrt(p[i] * (1 - p[i]) / draws);
        assert_near(hits[i] / draws, p[i], 5 * se + 1 / draws);
    }
}

enum { DRAWS = 200000, BINS = 64 };

enum law { POISSON, NEGBIN, BINOMIAL };

static void check_law(enum law law, double a, double b, uint32_t stream)
{
    double hits[BINS] = {0}, p[BINS] = {0};
    struct rng r;
    rng_stream(&r, 11, RNG_VALIDATE, 1, stream);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t k = law == POISSON  ? rng_poisson(&r, a)
                     : law == NEGBIN ? rng_negbin(&r, a, b)
                                     : rng_binomial(&r, (uint64_t)a, b);
        hits[k < BINS - 1 ? k : BINS - 1]++;
    }
    for (uint64_t k = 0; k < BINS - 1; k++)
        p[k] = exp(law == POISSON  ? poisson_logpmf(k, a)
                   : law == NEGBIN ? negbin_logpmf(k, a, b)
                                   : binomial_logpmf(k, (uint64_t)a, b));
    p[BINS - 1] = exp(law == POISSON  ? poisson_log_upper(BINS - 1, a)
                      : law == NEGBIN ? negbin_log_upper(BINS - 1, a, b)
                                      : binomial_log_upper(BINS - 1, (uint64_t)a, b));
    five_sigma(hits, p, BINS, DRAWS);
}

static void counts_follow_their_laws_in_every_bin(void **state)
{
    (void)state;
    check_law(POISSON, .05, 0, 1);
    check_law(POISSON, 2.385, 0, 2);
    check_law(POISSON, 41.7, 0, 3);
    check_law(NEGBIN, .3, .5, 4);
    check_law(NEGBIN, 14.2, 1.6, 5);
    check_law(NEGBIN, 8, INFINITY, 6);
    check_law(BINOMIAL, 17, .237, 7);
    check_law(BINOMIAL, 5000, .004, 8);
}

static void a_poisson_number_may_exceed_32_bits(void **state)
{
    (void)state;
    struct rng r;
    rng_stream(&r, 14, RNG_VALIDATE, 1, 0);
    const double mu = 1e11;
    double z = 0;
    for (int i = 0; i < 50; i++)
        z += ((double)rng_poisson(&r, mu) - mu) / sqrt(mu * 50);
    assert_near(z, 0, 5);
}

static void continuous_draws_follow_their_laws_in_every_decile(void **state)
{
    (void)state;
    double normal[10] = {0}, exponential[10] = {0}, gamma[10] = {0}, unit[10] = {0}, p[10];
    struct rng r;
    rng_stream(&r, 12, RNG_VALIDATE, 1, 0);
    for (int i = 0; i < DRAWS; i++) {
        double z = rng_normal(&r), e = rng_exponential(&r, 3.5), g = rng_gamma(&r, 2.5, .7);
        normal[(int)(9.999999 * exp(normal_log_upper(z)))]++;
        exponential[(int)(9.999999 * exp(-e / 3.5))]++;
        gamma[(int)(9.999999 * exp(chisq_log_upper(2 * g / .7, 5)))]++;
        unit[(int)(10 * rng_unit(&r))]++;
    }
    for (int i = 0; i < 10; i++)
        p[i] = .1;
    five_sigma(normal, p, 10, DRAWS);
    five_sigma(exponential, p, 10, DRAWS);
    five_sigma(gamma, p, 10, DRAWS);
    five_sigma(unit, p, 10, DRAWS);
}

static void a_bounded_number_and_a_shuffle_are_uniform(void **state)
{
    (void)state;
    double below[7] = {0}, first[5] = {0}, p[7];
    struct rng r;
    rng_stream(&r, 13, RNG_VALIDATE, 1, 0);
    for (int i = 0; i < DRAWS; i++) {
        size_t index[5] = {0, 1, 2, 3, 4}, seen = 0;
        below[rng_below(&r, 7)]++;
        rng_shuffle(&r, index, 5);
        first[index[0]]++;
        for (int k = 0; k < 5; k++)
            seen |= (size_t)1 << index[k];
        assert_int_equal(seen, 31);
    }
    for (int i = 0; i < 7; i++)
        p[i] = 1 / 7.;
    five_sigma(below, p, 7, DRAWS);
    for (int i = 0; i < 5; i++)
        p[i] = .2;
    five_sigma(first, p, 5, DRAWS);
    assert_int_equal(rng_below(&r, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(a_stream_is_a_function_of_what_it_is_for),
        cmocka_unit_test(seeds_mean_the_same_numbers_in_every_release),
        cmocka_unit_test(a_unit_number_is_never_zero_or_one),
        cmocka_unit_test(counts_follow_their_laws_in_every_bin),
        cmocka_unit_test(a_poisson_number_may_exceed_32_bits),
        cmocka_unit_test(continuous_draws_follow_their_laws_in_every_decile),
        cmocka_unit_test(a_bounded_number_and_a_shuffle_are_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
