/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mc - p-values by Monte Carlo.
 *
 * p = (b + 1) / (m + 1), b = number of replicates at least as extreme as the
 * data; ties, and replicates that could not be computed, count against the
 * claim, so p is never 0 (Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol.
 * 9(1) 39). Sequential stopping after Besag & Clifford (1991, Biometrika 78:
 * 301): stop at h exceedances, p = h / l exactly valid; else (b+1)/(m_max+1).
 */
#ifndef STATS_MC_H
#define STATS_MC_H

#include <stdbool.h>
#include <stdint.h>

struct mc {
    uint32_t replicates, exceed; /* so far */
    uint32_t equal;              /* of exceed: exact ties (for a mid-p) */
    uint32_t stop_at;            /* h; 0: run to max */
    uint32_t max;
};

/* Count one replicate; a NAN statistic counts as at least as extreme. Returns
 * true while more are wanted. */
bool mc_add(struct mc *mc, double replicate, double observed);

double mc_p(const struct mc *mc);
double mc_midp(const struct mc *mc); /* ties at half weight, +1/2 rule */
double mc_floor(uint32_t max);       /* smallest p that max replicates can give */
/* 99 % Clopper-Pearson interval of the exceedance probability. */
void mc_interval(const struct mc *mc, double *ret_lo, double *ret_hi);

#endif
