#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference table of tail probabilities by plain summation in 50 digits.

    make_tails.py CASES SEED > tails.tsv      (tails.tsv: 300 1)

Columns: law, what (upper P(X >= x), lower P(X <= x), pmf), x, up to three
parameters as exact doubles, ln of the probability. The first 23 rows are the
pilot cases of experiment V1, then CASES random counts, then CASES / 5 points of
continuous laws. Independent of the program: no continued fraction, no
asymptotic expansion, only terms and ratios (and mpmath's erfc, gammainc and
betainc for the continuous laws).
"""
import random
import sys

from mpmath import betainc, erfc, exp, gammainc, inf, log, loggamma, mp, mpf, nstr, sqrt

mp.dps = 50
LOWEST = -50000

PILOT = (
    [("poisson", k, mu) for k, mu in (
        (10, 1), (200, 1), (1000, 100), (2820, 1000), (2820, 500), (5000, 1000), (3000, 2900),
        (1000000, 990000), (100, 1e-3), (10000000, 9000000))]
    + [("binomial", k, n, p) for k, n, p in (
        (99, 100, .1), (3534, 3570, .5), (900, 1000000, 1e-4), (500, 1000, .1))]
    + [("negbin", k, size * (1 - p) / p, size) for k, size, p in (
        (50, 1, .5), (5000, 10, .5), (2000, 3, .9), (2820, .3, .01), (100000, .05, .001))]
    + [("hypergeometric", *c) for c in (
        (20, 100, 10000, 200), (2820, 2900, 997100, 3534), (150, 1000, 3000000, 3000),
        (500, 2820, 100000, 3500))]
)


def choose(n, k):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1)


def law(name, args):
    """ln pmf(k), pmf(k+1)/pmf(k), first k, last k (None: none), mean, sd"""
    if name == "poisson":
        mu, = map(mpf, args)
        return (lambda k: k * log(mu) - mu - loggamma(k + 1), lambda k: mu / (k + 1),
                0, None, mu, sqrt(mu))
    if name == "negbin":
        mu, size = map(mpf, args)
        q = mu / (mu + size)
        return (lambda k: (loggamma(k + size) - loggamma(size) - loggamma(k + 1)
                           + size * log(1 - q) + k * log(q)),
                lambda k: q * (k + size) / (k + 1), 0, None, mu, sqrt(mu + mu * mu / size))
    if name == "binomial":
        n, p = int(args[0]), mpf(args[1])
        return (lambda k: choose(n, k) + k * log(p) + (n - k) * log(1 - p),
                lambda k: (n - k) * p / ((k + 1) * (1 - p)), 0, n, n * p, sqrt(n * p * (1 - p)))
    good, bad, draws = map(int, args)
    total = good + bad
    mean = mpf(draws) * good / total
    sd = sqrt(mean * bad / total * (total - draws) / max(total - 1, 1))
    return (lambda k: choose(good, k) + choose(bad, draws - k) - choose(total, draws),
            lambda k: mpf((good - k) * (draws - k)) / ((k + 1) * (bad - draws + k + 1)),
            max(0, draws - bad), min(good, draws), mean, sd)


def up(parts, k):
    """ln sum from k upwards; only right of the mean"""
    logpmf, ratio, _, last = parts[:4]
    term = total = mpf(1)
    j = k
    while (last is None or j < last) and term > total * mpf(10) ** -32:
        term *= ratio(j)
        total += term
        j += 1
    return logpmf(k) + log(total)


def down(parts, k):
    logpmf, ratio, first = parts[:3]
    term = total = mpf(1)
    j = k
    while j > first and term > total * mpf(10) ** -32:
        j -= 1
        term /= ratio(j)
        total += term
    return logpmf(k) + log(total)


def complement(ln):
    return log(1 - exp(ln))


def count_tail(name, what, k, args):
    parts = law(name, args)
    if what == "pmf":
        return parts[0](k)
    if what == "upper":
        if k <= parts[2]:
            return mpf(0)
        return up(parts, k) if k > parts[4] else complement(down(parts, k - 1))
    if parts[3] is not None and k >= parts[3]:
        return mpf(0)
    return down(parts, k) if k < parts[4] else complement(up(parts, k + 1))


def log_uniform(r, low, high):
    return 10 ** r.uniform(low, high)


def random_args(r, name):
    if name == "poisson":
        return (log_uniform(r, -4, 5),)
    if name == "negbin":
        theta = log_uniform(r, -2, 3) if r.random() < .8 else log_uniform(r, 3, 13)
        return (log_uniform(r, -4, 3), theta)
    if name == "binomial":
        p = log_uniform(r, -5, 0)
        return (int(log_uniform(r, 0, 6)), p if r.random() < .7 else 1 - p)
    good, bad = int(log_uniform(r, 0, 5)), int(log_uniform(r, 0, 5))
    return (good, bad, r.randint(1, good + bad))


def random_count(r):
    while True:
        name = r.choice(("poisson", "negbin", "binomial", "hypergeometric"))
        args = random_args(r, name)
        first, last, mean, sd = law(name, args)[2:]
        reach = r.choice((3, 10, 100))
        k = int(mean + (sd + 1) * r.uniform(-reach, reach))
        if k < first or (last is not None and k > last) or k > 10 ** 6:
            continue
        what = r.choice(("upper", "upper", "lower", "pmf"))
        ln = count_tail(name, what, k, args)
        if ln >= LOWEST:
            return name, what, k, args, ln


def random_continuous(r):
    name = r.choice(("normal", "chisq", "f"))
    if name == "normal":
        z = r.uniform(-8, 10) if r.random() < .7 else r.uniform(10, 300)
        return name, "upper", z, (), log(erfc(mpf(z) / sqrt(2)) / 2)
    df = log_uniform(r, -.5, 3)
    if name == "chisq":
        x = df * log_uniform(r, -1, 1.5)
        return name, "upper", x, (df,), log(gammainc(mpf(df) / 2, mpf(x) / 2, inf,
                                                     regularized=True))
    df2, x = log_uniform(r, .3, 3), log_uniform(r, -1, 2)
    a, b = mpf(df2) / 2, mpf(df) / 2
    at = mpf(df2) / (mpf(df2) + mpf(df) * mpf(x))
    return name, "upper", x, (df, df2), log(betainc(a, b, 0, at, regularized=True))


def row(name, what, x, args, ln):
    args = [repr(a) for a in args] + ["-"] * (3 - len(args))
    print(name, what, repr(x), *args, nstr(ln, 20), sep="\t")


def main():
    cases, seed = int(sys.argv[1]), int(sys.argv[2])
    r = random.Random(seed)
    print("law", "what", "x", "a", "b", "c", "ln", sep="\t")
    for name, k, *args in PILOT:
        row(name, "upper", k, args, count_tail(name, "upper", k, args))
    for _ in range(cases):
        row(*random_count(r))
    for _ in range(cases // 5):
        row(*random_continuous(r))


main()
