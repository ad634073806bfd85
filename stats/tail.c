/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything rests on two densities and two tails.
 *
 * Densities for real arguments, by Loader's expansion: the Poisson one,
 * e^-m m^a / Gamma(a+1), and the binomial one,
 * Gamma(a+b+1) / (Gamma(a+1) Gamma(b+1)) x^a y^b with x + y = 1. Each is a sum
 * of small corrections (stirling_error) and deviances (deviance), so that
 * nothing large cancels.
 *
 * Tails: the sum of the pmf from k on, divided by pmf(k), is 1 + r1 + r1 r2 + ...
 * with r the ratios of neighbours. For the Poisson law this is the series of the
 * incomplete gamma function and is summed; for the binomial and negative
 * binomial it is a hypergeometric series with Gauss's continued fraction,
 * which needs about sqrt(k) steps even where the series would need millions
 * (theta small). Only the tail away from the mean is
 * computed so; the other is its complement.
 */
#include "stats/tail.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_sf_erf.h>

static const double ln_2pi = 1.83787706640934548356;
static const double ln_2 = 0.693147180559945309417;

enum { STEPS = 100000000 };          /* never reached; a loop must have an end */
static const double settled = 1e-17; /* a term this small relative to its sum is lost */

/* --- logarithms -------------------------------------------------------- */

double log_add(double a, double b)
{
    double big = fmax(a, b), small = fmin(a, b);
    if (isinf(big))
        return big;
    return big + log1p(exp(small - big));
}

double log_sub(double a, double b)
{
    if (b == -INFINITY)
        return a;
    return a + log1m_exp(b - a);
}

/* Maechler (2012), "Accurately computing log(1 - exp(-|a|))". */
double log1m_exp(double a)
{
    if (a > 0)
        return NAN;
    return a > -ln_2 ? log(-expm1(a)) : log1p(-exp(a));
}

double log10_of(double ln)
{
    return ln / M_LN10;
}

/* P(X > k) + u P(X = k) = P(X >= k) (1 - (1 - u) P(X = k) / P(X >= k)). */
double log_randomp(double log_upper, double log_pmf, double u)
{
    if (log_upper == -INFINITY)
        return -INFINITY;
    double share = exp(fmin(log_pmf - log_upper, 0)); /* rounding may put it above 1 */
    return log_upper + log1p(-(1 - u) * share);
}

double log_midp(double log_upper, double log_pmf)
{
    return log_randomp(log_upper, log_pmf, .5);
}

double log_sidak(double log_p, double n)
{
    /* hazard = -ln(1 - p), which is p itself once p^2 is lost */
    double log_hazard = log_p < -37 ? log_p : log(-log1m_exp(log_p));
    double log_sum = log_hazard + log(n);
    return log_sum < -37 ? log_sum : log1m_exp(-exp(log_sum));
}

/* --- Loader's parts ---------------------------------------------------- */

/* ln Gamma(n+1) - ln(sqrt(2 pi n) (n/e)^n) */
static double stirling_error(double n)
{
    if (n < 15) {
        int sign;
        return lgamma_r(n + 1, &sign) - (n + .5) * log(n) + n - .5 * ln_2pi;
    }
    double s = 1 / (n * n);
    return (1. / 12 - (1. / 360 - (1. / 1260 - (1. / 1680 - s / 1188) * s) * s) * s) / n;
}

/* a ln(a/m) + m - a, by a series where the two parts would cancel */
static double deviance(double a, double m)
{
    double d = a - m;
    if (fabs(d) >= .1 * (a + m))
        return a * log(a / m) + m - a;
    double v = d / (a + m), term = 2 * a * v, sum = d * v;
    for (int j = 3; j < STEPS; j += 2) {
        term *= v * v;
        double next = sum + term / j;
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

/* ln e^-m m^a / Gamma(a+1), a > 0, m > 0 */
static double poisson_density(double a, double m)
{
    return -stirling_error(a) - deviance(a, m) - .5 * (ln_2pi + log(a));
}

/* ln Gamma(a+b+1) / (Gamma(a+1) Gamma(b+1)) x^a y^b, a, b > 0, x + y = 1 */
static double binomial_density(double a, double b, double x, double y)
{
    double n = a + b;
    return stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) -
           deviance(b, n * y) - .5 * (ln_2pi + log(a) + log(b / n));
}

/* --- incomplete gamma -------------------------------------------------- */

/* ln P(a, x), the lower part, for a > x: the pmf's ratios x/(a+1), x/(a+2), ... */
static double gamma_series(double a, double x)
{
    double term = 1, sum = 1;
    for (int j = 1; j < STEPS && term > settled * sum; j++)
        sum += term *= x / (a + j);
    return poisson_density(a, x) + log(sum);
}

/* Evaluation of b0 + a1/(b1 + a2/(b2 + ...)) by Lentz, as modified by Thompson &
 * Barnett (1986): the two quotients of neighbouring convergents. */
struct lentz {
    double value, c, d;
};

static double away_from_zero(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

static struct lentz lentz_start(double b0)
{
    b0 = away_from_zero(b0);
    return (struct lentz){b0, b0, 0};
}

/* Returns whether the step still changed the value. */
static bool lentz_step(struct lentz *f, double a, double b)
{
    f->d = 1 / away_from_zero(b + a * f->d);
    f->c = away_from_zero(b + a / f->c);
    double change = f->c * f->d;
    f->value *= change;
    return fabs(change - 1) > 2e-16;
}

/* ln Q(a, x), the upper part, for x > a: Legendre's continued fraction */
static double gamma_fraction(double a, double x)
{
    struct lentz f = lentz_start(x + 1 - a);
    for (int j = 1; j < STEPS; j++)
        if (!lentz_step(&f, -j * (j - a), x + 2 * j + 1 - a))
            break;
    return poisson_density(a, x) + log(a) - log(f.value);
}

static double log_gamma_lower(double a, double x)
{
    if (x == 0)
        return -INFINITY;
    return x < a ? gamma_series(a, x) : log1m_exp(gamma_fraction(a, x));
}

static double log_gamma_upper(double a, double x)
{
    if (x == 0)
        return 0;
    return x < a ? log1m_exp(gamma_series(a, x)) : gamma_fraction(a, x);
}

/* --- incomplete beta --------------------------------------------------- */

/* ln I_x(a, b), y = 1 - x; fast where x is left of the mean. DiDonato & Morris
 * (1992, ACM TOMS 18: 360), equation 9: the even part of Gauss's fraction,
 * written in x and y so that nothing cancels when either is close to 1. */
static double beta_fraction(double a, double b, double x, double y)
{
    double away = a > b ? (a + b) * y - b : a - (a + b) * x;
    struct lentz f = lentz_start(a / (a + 1) * (away + 1));
    for (int n = 1; n < STEPS; n++) {
        double at = a + 2. * n, part = n * (b - n) * x / (at - 1);
        double num = (a + n - 1) * (a + b + n - 1) / (at - 1) * part * x;
        double den = n + part + (a + n) / (at + 1) * (away + 1 + n * (1 + y));
        if (!lentz_step(&f, num, den))
            break;
    }
    return log(a) + log(b / (a + b)) + binomial_density(a, b, x, y) - log(f.value);
}

static double log_beta(double a, double b, double x, double y)
{
    if (x <= 0 || y <= 0)
        return x <= 0 ? -INFINITY : 0;
    if (x * (a + b + 2) < a + 1)
        return beta_fraction(a, b, x, y);
    double other = beta_fraction(b, a, y, x);
    /* A complement of nearly 1 would leave no digits. It happens right of the
     * mean only when b < 1, where the fraction is monotone and merely slower. */
    if (other > -1e-5 && b < 1)
        return beta_fraction(a, b, x, y);
    return log1m_exp(fmin(other, 0));
}

/* --- Poisson ----------------------------------------------------------- */

double poisson_logpmf(uint64_t k, double mu)
{
    if (!(mu >= 0) || isinf(mu))
        return NAN;
    if (k == 0 || mu == 0)
        return k == 0 ? -mu : -INFINITY;
    return poisson_density((double)k, mu);
}

double poisson_log_upper(uint64_t k, double mu)
{
    if (!(mu >= 0) || isinf(mu))
        return NAN;
    return k == 0 ? 0 : log_gamma_lower((double)k, mu);
}

double poisson_log_lower(uint64_t k, double mu)
{
    if (!(mu >= 0) || isinf(mu))
        return NAN;
    return k == 0 ? -mu : log_gamma_upper((double)k + 1, mu);
}

/* --- negative binomial ------------------------------------------------- */

static bool negbin_valid(double mu, double theta)
{
    return mu >= 0 && !isinf(mu) && theta > 0;
}

double negbin_logpmf(uint64_t k, double mu, double theta)
{
    if (!negbin_valid(mu, theta))
        return NAN;
    if (isinf(theta))
        return poisson_logpmf(k, mu);
    if (k == 0)
        return -theta * log1p(mu / theta);
    if (mu == 0)
        return -INFINITY;
    double a = (double)k, n = theta + mu;
    return -log1p(a / theta) + binomial_density(a, theta, mu / n, theta / n);
}

/* P(X >= k) = I_q(k, theta), q = mu / (theta + mu) */
double negbin_log_upper(uint64_t k, double mu, double theta)
{
    if (!negbin_valid(mu, theta))
        return NAN;
    if (isinf(theta))
        return poisson_log_upper(k, mu);
    double n = theta + mu;
    return k == 0 ? 0 : log_beta((double)k, theta, mu / n, theta / n);
}

double negbin_log_lower(uint64_t k, double mu, double theta)
{
    if (!negbin_valid(mu, theta))
        return NAN;
    if (isinf(theta))
        return poisson_log_lower(k, mu);
    double n = theta + mu;
    return k == 0 ? negbin_logpmf(0, mu, theta)
                  : log_beta(theta, (double)k + 1, theta / n, mu / n);
}

/* Is P(X <= k) >= p? Asked of the smaller tail. */
static bool covers(uint64_t k, double p, double mu, double theta)
{
    if (p < .5)
        return negbin_log_lower(k, mu, theta) >= log(p);
    return negbin_log_upper(k + 1, mu, theta) <= log1p(-p);
}

uint64_t negbin_quantile(double p, double mu, double theta)
{
    if (p >= 1)
        return UINT64_MAX;
    if (!negbin_valid(mu, theta) || !(p > 0) || covers(0, p, mu, theta))
        return 0;
    uint64_t below = 0, at = 1;
    while (!covers(at, p, mu, theta)) {
        below = at;
        at *= 2;
    }
    while (at - below > 1) {
        uint64_t mid = below + (at - below) / 2;
        if (covers(mid, p, mu, theta))
            at = mid;
        else
            below = mid;
    }
    return at;
}

/* --- binomial ---------------------------------------------------------- */

double binomial_logpmf(uint64_t k, uint64_t n, double p)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (k > n || (p == 0 && k > 0) || (p == 1 && k < n))
        return -INFINITY;
    if (p == 0 || p == 1)
        return 0;
    if (k == 0)
        return (double)n * log1p(-p);
    if (k == n)
        return (double)n * log(p);
    return binomial_density((double)k, (double)(n - k), p, 1 - p);
}

double binomial_log_upper(uint64_t k, uint64_t n, double p)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (k == 0 || k > n)
        return k == 0 ? 0 : -INFINITY;
    return log_beta((double)k, (double)(n - k) + 1, p, 1 - p);
}

double binomial_log_lower(uint64_t k, uint64_t n, double p)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (k == 0)
        return binomial_logpmf(0, n, p);
    return k >= n ? 0 : log_beta((double)(n - k), (double)k + 1, 1 - p, p);
}

/* --- hypergeometric ---------------------------------------------------- */

/* ln C(n, k) p^k q^(n-k) with the ends in place */
static double binomial_term(double k, double n, double p, double q)
{
    if (k == 0 || k == n)
        return n == 0 ? 0 : k == 0 ? n * log1p(-p) : n * log1p(-q);
    return binomial_density(k, n - k, p, q);
}

double hypergeometric_logpmf(uint64_t k, uint64_t good, uint64_t bad, uint64_t draws)
{
    if (draws > good + bad)
        return NAN;
    if (k > good || k > draws || draws - k > bad)
        return -INFINITY;
    double n = (double)good + (double)bad, d = (double)draws, x = (double)k;
    if (d == 0 || d == n)
        return 0;
    double p = d / n, q = (n - d) / n; /* any p would do; this one makes all terms small */
    return binomial_term(x, (double)good, p, q) + binomial_term(d - x, (double)bad, p, q) -
           binomial_term(d, n, p, q);
}

/* ln of the sum from k away from the mean, up or down. */
static double hypergeometric_sum(double k, double good, double bad, double draws, bool up)
{
    double term = 1, sum = 1, x = k;
    while (term > settled * sum) {
        if (up) {
            term *= (good - x) * (draws - x) / ((x + 1) * (bad - draws + x + 1));
            x++;
        } else {
            term *= x * (bad - draws + x) / ((good - x + 1) * (draws - x + 1));
            x--;
        }
        sum += term;
    }
    return log(sum);
}

double hypergeometric_log_upper(uint64_t k, uint64_t good, uint64_t bad, uint64_t draws)
{
    if (draws > good + bad)
        return NAN;
    uint64_t least = draws > bad ? draws - bad : 0;
    if (k <= least)
        return 0;
    double g = (double)good, b = (double)bad, d = (double)draws;
    if ((double)k > d * g / (g + b))
        return hypergeometric_logpmf(k, good, bad, draws) +
               (k > good || k > draws ? 0 : hypergeometric_sum((double)k, g, b, d, true));
    return log1m_exp(fmin(0, hypergeometric_logpmf(k - 1, good, bad, draws) +
                                 hypergeometric_sum((double)k - 1, g, b, d, false)));
}

/* --- continuous tails -------------------------------------------------- */

double normal_log_upper(double z)
{
    if (z < 0)
        return log1p(-.5 * erfc(-z * M_SQRT1_2));
    return gsl_sf_log_erfc(z * M_SQRT1_2) - ln_2;
}

/* Newton from above on a convex, smooth function, for log_p <= ln .5. */
static double upper_quantile(double log_p)
{
    double z = sqrt(fmax(0, -2 * log_p));
    for (int i = 0; i < 50; i++) {
        double log_q = normal_log_upper(z);
        double hazard = exp(-.5 * z * z - .5 * log(2 * M_PI) - log_q);
        double step = (log_q - log_p) / hazard;
        z += step;
        if (fabs(step) < 1e-13 * fmax(1, fabs(z)))
            break;
    }
    return fmax(0, z);
}

double normal_log_quantile(double log_p)
{
    if (log_p <= log(.5))
        return upper_quantile(log_p);
    double other = log_p < 0 ? log1m_exp(log_p) : -745;
    return isnan(log_p) ? NAN : -upper_quantile(fmax(other, -745));
}

double chisq_log_upper(double x, double df)
{
    if (!(df > 0) || isnan(x))
        return NAN;
    return x <= 0 ? 0 : isinf(x) ? -INFINITY : log_gamma_upper(df / 2, x / 2);
}

double f_log_upper(double x, double df1, double df2)
{
    if (!(df1 > 0) || !(df2 > 0) || isnan(x))
        return NAN;
    if (x <= 0 || isinf(x))
        return x <= 0 ? 0 : -INFINITY;
    double n = df2 + df1 * x;
    return log_beta(df2 / 2, df1 / 2, df2 / n, df1 * x / n);
}

/* --- intervals: tails turned round by bisection, which cannot miss ----- */

struct tail_at {
    double (*log_tail)(const struct tail_at *at, double parameter);
    uint64_t k, n;
};

/* The parameter in (lo, hi) where a tail that rises (or falls) with it is target. */
static double parameter_at(const struct tail_at *t, double lo, double hi, double target,
                           bool rises)
{
    for (;;) {
        double mid = lo + (hi - lo) / 2;
        if (mid <= lo || mid >= hi)
            return mid;
        if ((t->log_tail(t, mid) < target) == rises)
            lo = mid;
        else
            hi = mid;
    }
}

static double binomial_upper_at(const struct tail_at *t, double p)
{
    return binomial_log_upper(t->k, t->n, p);
}

static double binomial_lower_at(const struct tail_at *t, double p)
{
    return binomial_log_lower(t->k, t->n, p);
}

void binomial_interval(uint64_t k, uint64_t n, double level, double *ret_lo, double *ret_hi)
{
    double target = log((1 - level) / 2);
    struct tail_at up = {binomial_upper_at, k, n}, down = {binomial_lower_at, k, n};
    *ret_lo = k == 0 ? 0 : parameter_at(&up, 0, 1, target, true);
    *ret_hi = k >= n ? 1 : parameter_at(&down, 0, 1, target, false);
}

/* --- two rates: given the total, k1 is binomial ------------------------ */

double rates_log_upper(uint64_t k1, double e1, uint64_t k2, double e2, double ratio)
{
    if (!(e1 > 0) || !(e2 > 0) || !(ratio > 0))
        return NAN;
    return binomial_log_upper(k1, k1 + k2, ratio * e1 / (ratio * e1 + e2));
}

void rates_interval(uint64_t k1, double e1, uint64_t k2, double e2, double level,
                    double *ret_lo, double *ret_hi)
{
    double lo, hi;
    binomial_interval(k1, k1 + k2, level, &lo, &hi);
    *ret_lo = lo / (1 - lo) * e2 / e1;
    *ret_hi = hi < 1 ? hi / (1 - hi) * e2 / e1 : INFINITY;
}
