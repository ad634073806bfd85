/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gaplaw - densities of the gap between two events that were seen, behind a dead time
 * and with a share q of events lost. All return ln density, at least -700.
 *
 *     lost          sum of K gaps dead + Exp(lambda), K geometric: P(K = k) = (1 - q) q^(k-1)
 *     sleep         sum of K turns N(P, s^2), K geometric
 *     sleep_cached  turns of a loop behind a dead time: the first turn j that ends at or
 *                   after it, sum_j N(g; jP, j s^2) P(turn j - 1 ended before | g); and what
 *                   is lost fills the dead time all the same, up to four in a row
 *
 * A gap up to 2 s short of the dead time counts as on it (clocks). With demand of at most one a
 * dead time, the law of what is lost is C e^(-s g) beyond 20 of them, where sums would need
 * hundreds of terms: -s is the largest root of q lambda e^(s dead) = lambda - s, and
 * C = (1 - q) lambda e^(s dead) / (1 + dead (lambda - s)), the residue of the law's transform
 * there; what the other roots add is below e^(-40) of it (Feller 1971, vol. II, XI.6: the tail
 * of a renewal process that stops).
 *
 *     struct gaplaw_lost l = gaplaw_lost_make(3600, lambda, .1);
 *     for (...) sum += gaplaw_lost(&l, gap[i]);
 *
 *     struct gaplaw_turns law;
 *     gaplaw_turns_make(&law, 3600, 300, 10, .1);
 *     for (...) sum += gaplaw_sleep_cached(&law, gap[i]);
 */
#ifndef STATS_GAPLAW_H
#define STATS_GAPLAW_H

struct gaplaw_lost {
    double dead_s, lambda, q;
    double from_s, rate, log_c; /* C e^(-rate gap) from here on; INFINITY: nowhere */
};
struct gaplaw_lost gaplaw_lost_make(double dead_s, double lambda, double q);
double gaplaw_lost(const struct gaplaw_lost *l, double gap);
double gaplaw_lost_below(const struct gaplaw_lost *l, double gap); /* P(a gap is shorter) */
double gaplaw_sleep(double gap, double period, double spread, double q);

/* chance[j]: of a gap of j turns, the last seen after one or more that were lost. */
enum { GAPLAW_TURNS = 400 };
struct gaplaw_turns {
    double ttl_s, period_s, spread_s, q, chance[GAPLAW_TURNS];
    int n;
};
void gaplaw_turns_make(struct gaplaw_turns *ret, double ttl_s, double period, double spread,
                       double q);
double gaplaw_sleep_cached(const struct gaplaw_turns *law, double gap);

#endif
