/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lr - likelihood ratios as evidence: how good a set of them is, how to make one
 * from a score, and how far one may be believed (methods.md H5-H7).
 *
 * All likelihood ratios are natural logs, in favour of "yes". A validation set has
 * scores of cases where yes is true and of cases where no is true.
 *
 * Cllr (Bruemmer & du Preez 2006, Comput. Speech Lang. 20:230):
 *     1/2 [mean over yes of log2(1 + 1/LR) + mean over no of log2(1 + LR)]
 * is 0 for perfect ratios and 1 for ratios that say nothing; above 1 they mislead.
 * The least Cllr that any monotone map of the scores gives comes from isotonic
 * regression (pool adjacent violators, PAV), each class weighted to one half.
 *
 * lr_calibrate fits ln LR = a + b score by logistic regression, each class weighted
 * to one half (so the prior drops out), with a ridge of one pseudo-observation on the
 * slope: separated classes would make it infinite. A score that says nothing gets
 * slope 0, LR 1.
 *
 * Cllr of the cases that a line was fitted to flatters it: a line that is free to follow chance
 * has Cllr below 1 where scores say nothing (Morrison 2013, Aust. J. Forensic Sci. 45:173).
 * lr_cllr_crossed makes each ratio by a line that has not seen its case, nor its group: cases
 * that share what was drawn for them. It is 1 or more, but for chance, where scores say
 * nothing.
 *
 * Cllr less its least is what calibration loses. What else is asked of a set of ratios
 * (Meuwly, Ramos & Haraksim 2017, Forensic Sci. Int. 276:142): how often it misleads, LR < 1
 * where yes is true and LR > 1 where no is (Royall 2000, JASA 95:760); whether its mean where
 * no is true is 1, as that of p(x | yes) / p(x | no) must be (Turing, in Good 1985, Bayesian
 * Statistics 2:249); and its curve of the share of cases above each ratio (Tippett et al. 1968,
 * J. Forensic Sci. Soc. 8:61).
 */
#ifndef STATS_LR_H
#define STATS_LR_H

#include <stdbool.h>
#include <stddef.h>

struct lr_set {
    const double *yes, *no; /* scores or ln LR */
    size_t nyes, nno;
};

double lr_cllr(const struct lr_set *s);     /* of ln LR; NAN where a class is empty */
double lr_cllr_min(const struct lr_set *s); /* by PAV; of any scores */

/* Isotonic regression of y (0 or 1, or any number) with weights w, in the order given;
 * ret may be y. */
void lr_pav(const double *y, const double *w, size_t n, double *ret);

struct lr_line {
    double a, b;                 /* ln LR = a + b score */
    double var_a, cov_ab, var_b; /* of the fit, by the sandwich H^-1 (sum of g g') H^-1 */
};
/* b < 0 is set to 0: a score that points the wrong way says nothing. */
struct lr_line lr_calibrate(const struct lr_set *s);
/* Cllr of the scores, K-fold: i-th case of either class is of group i / `group`, that of fold
 * g % folds; the ratios of a fold are those of the line fitted to all others. NAN where a
 * fold leaves no other case of a class. */
double lr_cllr_crossed(const struct lr_set *s, size_t group, size_t folds);
/* ln LR of the cases of either class that this Cllr is of, in the order of the folds. false,
 * and nothing of use in ret: a fold leaves no other case of a class. */
bool lr_crossed(const struct lr_set *s, size_t group, size_t folds, double *ret_yes,
                double *ret_no);

struct lr_misled {
    double yes, no;             /* share of yes with LR < 1; of no with LR > 1 */
    double mean_no, mean_no_se; /* mean LR of no: 1 but for chance */
};
/* Of ln LR; NAN where a class is empty. The error is by the scatter of the sums of `group`
 * neighbours; it is too small where a few ratios that were not drawn make the mean. */
struct lr_misled lr_misled(const struct lr_set *s, size_t group);
/* The share of n values that lie above x, at `most` of these values or fewer, evenly in rank
 * from the least to the greatest, where it is 0; equal ones once. Returns how many. */
size_t lr_tippett(const double *v, size_t n, size_t most, double *ret_x, double *ret_above);
/* Standard error of a + b score, for the cases that were at hand to fit the line. */
double lr_line_se(const struct lr_line *l, double score);

/* The largest |ln LR| that a validation set can bear: ln(n/3), n the smaller class:
 * had the ratio been wrong more often than 1 in n/3, it would have shown with
 * probability .95 (the "rule of three", Jovanovic & Levy 1997, Am. Stat. 51:137). */
double lr_cap(size_t nyes, size_t nno);

/* The 95 % interval of ln LR whose error `se` is that of a simulation, both ends cut at `cap`.
 * Where it is wider than `span` (an ln): about how many times as many draws would do, as the
 * error falls with the root of their number; else 1. */
double lr_error(double ln_lr, double se, double cap, double span, double *ret_lo,
                double *ret_hi);

/* The ratio when the maker of "yes" allows that a share rho of his cases look exactly
 * like "no": ln((1 - rho) LR + rho). */
double lr_mimic(double ln_lr, double rho);

/* ENFSI 2015 (Guideline for evaluative reporting), of |log10 LR|: "none", "weak",
 * "moderate", "moderately strong", "strong", "very strong", "extremely strong". */
const char *lr_words(double ln_lr);

/* Gaussian law of d-vectors around several centres with one covariance: the marginal
 * synthetic likelihood of a model whose parameters were drawn J times, and which was
 * then simulated S times each (Wood 2010, Nature 466:1102; one covariance for all
 * draws, pooled, with Ledoit & Wolf's 2004 shrinkage to its diagonal).
 *     p(x) = mean over j of N(x; centre_j, Sigma (1 + 1/S)) */
struct synth;
/* x: J * S rows of d. NULL if J < 2, S < 2 or a column never varies inside a draw:
 * `ret_flat` is then that column, else d. */
struct synth *synth_make(const double *x, size_t J, size_t S, size_t d, size_t *ret_flat);
void synth_free(struct synth *s);
/* ln p(x) without centre `skip` (>= J: with all); *ret_se: its Monte Carlo standard
 * error from the scatter over centres, NULL allowed. */
double synth_log_density(const struct synth *s, const double *x, size_t skip, double *ret_se);

/* ln p of the numbers from `given` on, given the first ones: N's conditional mean and
 * covariance around each centre, and centres weighted by how well they give what is given,
 *     sum over j of w_j N(x_2 | x_1; centre_j, Sigma'), w_j ~ N(x_1; centre_j, tau Sigma'_11).
 * tau is 1 unless what is given is farther from every centre than GIVEN_FAR in all (squared,
 * whitened, a number): then the nearest centre is brought to that distance, or one
 * centre that happens to be nearest would stand for all. */
double synth_log_conditional(const struct synth *s, const double *x, size_t given,
                             double *ret_se);

#endif
