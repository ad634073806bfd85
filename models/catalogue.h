/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * catalogue - THE MODEL TABLE and THE STATISTIC TABLE: what each method is, its
 * formula, where it comes from, and which experiment of `make validate` shows that
 * it keeps what it says. `dnsclaim list` prints them after the seasons and the
 * statistics of gaps, whose tables also hold functions; a row here is a method that
 * is called by name in the code. The test command checks that each row is explained
 * in docs/ and that its experiment exists.
 */
#ifndef MODELS_CATALOGUE_H
#define MODELS_CATALOGUE_H

struct method {
    const char *name;       /* as in results and in `explain` */
    const char *help;       /* what it is for, a few words */
    const char *formula;    /* ASCII, one line */
    const char *cite;       /* author, year, place */
    const char *validation; /* experiments such as "V5", comma-separated; "-": arithmetic
                             * or a description, of which no rate of errors is claimed */
};

extern const struct method model_table[];     /* name NULL ends it */
extern const struct method statistic_table[]; /* name NULL ends it */

#endif
