/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * order - numbers in order. NANs must not be among them.
 */
#ifndef STATS_ORDER_H
#define STATS_ORDER_H

#include <stddef.h>

void order_sort(double *v, size_t n); /* ascending */

/* How many of n ascending values are below x: the place of the first that reaches it. */
size_t order_below(const double *sorted, size_t n, double x);

/* q-th quantile of n values (type 7 of Hyndman & Fan 1996), NAN if there are none;
 * sorts them. */
double order_quantile(double *v, size_t n, double q);

#endif
