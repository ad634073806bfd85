/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tables only; rows stand in the order of docs/methods.md. */
#include "models/catalogue.h"

#include <stddef.h>

const struct method model_table[] = {
    /* baselines of counts */
    {"poisson", "counts with one rate a bucket at risk", "var = mu",
     "McCullagh & Nelder 1989 (Generalized Linear Models)", "V4"},
    {"negbin", "counts that scatter more than Poisson's", "var = mu + mu^2/theta",
     "Lawless 1987 (Can. J. Stat. 15:209)", "V4"},
    /* gaps and caches */
    {"cache", "demand without memory, seen through one cache", "gap = ttl + Exp(lambda)",
     "Jung, Berger & Balakrishnan 2003 (INFOCOM)", "V2,V3"},
    {"caches", "the same through k caches behind one address", "h(t) = lambda (1 - w(t)/k)+",
     "Rajab et al. 2010 (TOIT 10:22)", "V3"},
    /* pairs of series */
    /* events and scans */
    /* contingency */
    /* evidence */
    {0},
};

const struct method statistic_table[] = {
    /* timing */
    {"dead_time", "is the dead time the time to live?",
     "F = m (g1 - ttl)(m - 1) / sum(g_i - g1) ~ F(2, 2m - 2)", "Epstein & Tsao 1953", "V3"},
    /* synchrony */
    {"coincidences", "sessions of b within delta of a's, best lag",
     "max over lags of (C - mean) / sd of surrogates",
     "Besag & Clifford 1989 (Biometrika 76:633)", "V8"},
    /* events and scans */
    /* contingency */
    /* many tests */
    /* integrity */
    /* evidence */
    {0},
};
