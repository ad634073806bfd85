/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/quasi.h"

#include <math.h>

#include "stats/tail.h"

void quasi_phi(const double *y, const struct glm *poisson, double *ret_pearson,
               double *ret_fletcher)
{
    double sum = 0, rows = (double)poisson->used, p = (double)poisson->p;
    for (size_t i = 0; i < poisson->n; i++)
        if (poisson->mu[i] > 0)
            sum += y[i] / poisson->mu[i] - 1;
    *ret_pearson = rows > p ? poisson->pearson / (rows - p) : NAN;
    *ret_fletcher = *ret_pearson / (1 + sum / rows);
}

double quasi_log_p(const struct glm *small, const struct glm *large, double *ret_f)
{
    double q = (double)(large->p - small->p), df = (double)(large->used - large->p);
    *ret_f = (small->deviance - large->deviance) / q / (large->pearson / df);
    return f_log_upper(*ret_f, q, df);
}
