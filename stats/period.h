/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * period - do times return with a period? Rayleigh, Z2_n, H and Kuiper on unbinned
 * phases, and what a dead time does to them (methods.md C6).
 *
 *     z_k(f) = 2/n [(sum cos 2 pi k f t)^2 + (sum sin 2 pi k f t)^2]
 *
 * For times at random z_k is chi-square(2), Z2_n = z_1 + .. + z_n chi-square(2n), and
 * H = max over n <= 20 of Z2_n - 4n + 4 has P(H > h) = e^(-.4 h) (de Jager & Buesching
 * 2010, A&A 517 L9). With a dead time after each event (a cache; a detector in X-ray
 * astronomy) events are a renewal process with gaps dead + Exp(lambda), whose spectrum
 * is not flat: z_k / s(kf) is chi-square(2) as n grows,
 *
 *     s(f) = (1 - |phi|^2) / |1 - phi|^2,  phi(f) = e^(2 pi i f dead) lambda / (lambda - 2 pi i
 * f).
 *
 * (Cox & Lewis 1966, ch. 4; Zhang et al. 1995, ApJ 449:930.) Without it the test at
 * 1 / (dead + 1/lambda) rejects 79 % at a nominal 5 % where lambda dead is 10. Below
 * about 100 events the law is not reached: simulate.
 *
 * A search over frequencies: the largest of z / (2 s). Its p by simulation, or from
 * the mean number of up-crossings of a low level (Gross & Vitells 2010, EPJC 70:525):
 *
 *     p <= e^-m + N(u) sqrt(m/u) e^-(m - u).
 *
 *     struct period_grid g = period_grid_make(1e-5, 1e-3, length, 4);
 *     period_spectrum(t, n, &g, lambda, dead, power);    // g.n values of z / (2 s)
 */
#ifndef STATS_PERIOD_H
#define STATS_PERIOD_H

#include <stddef.h>

enum { PERIOD_H_MAX = 20 };

/* z_1 .. z_m, each over s(kf); dead 0: as they are. n > 0, lambda > 0. */
void period_powers(const double *t, size_t n, double f, double lambda, double dead_s, size_t m,
                   double *ret_z);
double period_dead_factor(double f, double lambda, double dead_s); /* s(f) */

/* From m >= 1 powers: their sum Z2_m with its log p, and H (m = 20) with its log p. */
double period_z2(const double *z, size_t m, double *ret_log_p);
double period_h(const double *z, size_t m, size_t *ret_harmonics, double *ret_log_p);

/* Kuiper's V (sqrt n + .155 + .24/sqrt n) of phases against the uniform law, and its
 * log p by Stephens (1970) for times at random; n > 0. */
double period_kuiper(const double *t, size_t n, double f, double *ret_log_p);

/* Frequencies lo, lo + step, .. */
struct period_grid {
    double lo, step;
    size_t n;
};
/* `oversample` points in 1 / length; at most `most` points, then wider apart. */
struct period_grid period_grid_make(double lo, double hi, double length, double oversample,
                                    size_t most);
/* `oversample` points in 1 / length whatever their number: at most `most`, and the highest
 * frequency is then lower. Where points are wider apart than 1 / length, a period that lies
 * between two of them is not seen. */
struct period_grid period_grid_upto(double lo, double hi, double length, double oversample,
                                    size_t most);
double period_frequency(const struct period_grid *g, size_t i);

/* What a grid can sensibly hold: 2 s of a spectrum with a few thousand events. */
enum { PERIOD_MOST = 1 << 20 };

/* z_1 / (2 s) at each frequency of the grid, into g->n values. Grids of more than 20,000 are
 * made in blocks of 8,192 by FFT of Gaussian kernels (Greengard & Lee 2004, SIAM Rev. 46:443,
 * 12 points either side: sums to 1e-11 of their number). */
void period_spectrum(const double *t, size_t n, const struct period_grid *g, double lambda,
                     double dead_s, double *ret_power);
size_t period_best(const double *power, size_t n);
size_t period_upcrossings(const double *power, size_t n, double level);
/* ln of the bound on P(max >= most), at most 0; `up` is the mean number at `level`. */
double period_search_log_p(double most, double up, double level);

#endif
