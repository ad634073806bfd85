/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/twobytwo.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "stats/tail.h"

static double yates(double a, double b, double c, double d)
{
    double n = a + b + c + d, off = fmax(0, fabs(a * d - b * c) - n / 2),
           margins = (a + b) * (c + d) * (a + c) * (b + d);
    return margins > 0 ? n * off * off / margins : 0;
}

struct twobytwo twobytwo_make(uint64_t na, uint64_t nb, uint64_t nc, uint64_t nd, double level)
{
    double add = na && nb && nc && nd ? 0 : .5, a = (double)na + add, b = (double)nb + add,
           c = (double)nc + add, d = (double)nd + add;
    double z = gsl_cdf_ugaussian_Qinv((1 - level) / 2);
    double se_ror = z * sqrt(1 / a + 1 / b + 1 / c + 1 / d),
           se_prr = z * sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d));
    double ror = a * d / (b * c), prr = a / (a + b) / (c / (c + d));
    return (struct twobytwo){
        .ror = ror,
        .ror_lo = ror * exp(-se_ror),
        .ror_hi = ror * exp(se_ror),
        .prr = prr,
        .prr_lo = prr * exp(-se_prr),
        .prr_hi = prr * exp(se_prr),
        .log_p_fisher = hypergeometric_log_upper(na, na + nb, nc + nd, na + nc),
        .chisq = yates((double)na, (double)nb, (double)nc, (double)nd),
    };
}
