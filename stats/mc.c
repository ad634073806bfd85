/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/mc.h"

#include "stats/tail.h"

static bool stopped(const struct mc *mc)
{
    return mc->stop_at && mc->exceed >= mc->stop_at;
}

bool mc_add(struct mc *mc, double replicate, double observed)
{
    mc->replicates++;
    mc->exceed += !(replicate < observed); /* so that a NAN counts */
    mc->equal += replicate == observed;
    return !stopped(mc) && mc->replicates < mc->max;
}

double mc_p(const struct mc *mc)
{
    if (stopped(mc))
        return (double)mc->exceed / mc->replicates;
    return (mc->exceed + 1.0) / (mc->replicates + 1.0);
}

/* The observed value ties with itself: half of it counts too. After an early
 * stop the last replicate stands for the observed value in the count. */
double mc_midp(const struct mc *mc)
{
    double half = mc->exceed - .5 * mc->equal;
    return stopped(mc) ? half / mc->replicates : (half + .5) / (mc->replicates + 1.0);
}

double mc_floor(uint32_t max)
{
    return 1 / (max + 1.0);
}

void mc_interval(const struct mc *mc, double *ret_lo, double *ret_hi)
{
    binomial_interval(mc->exceed, mc->replicates, .99, ret_lo, ret_hi);
}
