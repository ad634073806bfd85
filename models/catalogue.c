/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tables only; rows stand in the order of docs/methods.md. */
#include "models/catalogue.h"

#include <stddef.h>

const struct method model_table[] = {
    /* baselines of counts */
    {"poisson", "counts with one rate a bucket at risk", "var = mu",
     "McCullagh & Nelder 1989 (Generalized Linear Models)", "V4"},
    {"negbin", "counts that scatter more than Poisson's", "var = mu + mu^2/theta",
     "Lawless 1987 (Can. J. Stat. 15:209)", "V4"},
    /* gaps and caches */
    {"cache", "demand without memory, seen through one cache", "gap = ttl + Exp(lambda)",
     "Jung, Berger & Balakrishnan 2003 (INFOCOM)", "V2,V3"},
    {"caches", "the same through k caches behind one address", "h(t) = lambda (1 - w(t)/k)+",
     "Rajab et al. 2010 (TOIT 10:22)", "V3"},
    /* pairs of series */
    {"drivers", "a party's demand as others' sessions move it",
     "lambda(t) = profile level prod g(sessions of the driver near t)",
     "Lipsitch et al. 2010 (Epidemiology 21:383)", "V8"},
    /* events and scans */
    /* contingency */
    {"presence_days", "days on which a pair asks, if client, name and day were all",
     "P = 1 - (1 + l x)^(-1/l), x = alpha_c beta_s delta_d kappa_d",
     "Deming & Stephan 1940; Aranda-Ordaz 1981 (Biometrika 68:357)", "V7"},
    {"gps", "ratios to expectation over all listed pairs",
     "rho ~ P Ga(a1, b1) + (1 - P) Ga(a2, b2), given n >= 1", "DuMouchel & Pregibon 2001 (KDD)",
     "V7"},
    {"zero_truncated", "counts of a list that holds only who was seen",
     "P(N = n | N >= 1), N negative binomial", "David & Johnson 1952 (Biometrics 8:275)", "V7"},
    /* evidence */
    {0},
};

const struct method statistic_table[] = {
    /* timing */
    {"dead_time", "is the dead time the time to live?",
     "F = m (g1 - ttl)(m - 1) / sum(g_i - g1) ~ F(2, 2m - 2)", "Epstein & Tsao 1953", "V3"},
    {"period", "a period that no cache makes, searched over frequencies",
     "max over f of z / (2 s(f)), s = (1 - |phi|^2) / |1 - phi|^2",
     "Cox & Lewis 1966; Gross & Vitells 2010 (EPJC 70:525)", "V5"},
    {"rayleigh", "do times return with one period?",
     "z = 2/n |sum exp(2 pi i f t)|^2, p = exp(-z / (2 s(f)))",
     "Mardia & Jupp 2000; Cox & Lewis 1966", "V5"},
    {"z2", "the same with m harmonics", "Z2_m = sum of z(kf) / s(kf) ~ chi-square(2m)",
     "Buccheri et al. 1983 (A&A 128:245)", "V5"},
    {"h", "the same, number of harmonics chosen", "H = max of Z2_m - 4m + 4, P = exp(-.4 H)",
     "de Jager & Buesching 2010 (A&A 517:L9)", "V5"},
    {"kuiper", "largest distances of phases from even ones",
     "V = (D+ + D-)(sqrt n + .155 + ..)", "Kuiper 1960; Stephens 1970 (JRSS B 32:115)", "V5"},
    /* synchrony */
    {"coincidences", "sessions of b within delta of a's, best lag",
     "max over lags of (C - mean) / sd of surrogates",
     "Besag & Clifford 1989 (Biometrika 76:633)", "V8"},
    {"event_coincidence",
     "share of b's sessions with one of a before, of a's with one of b after",
     "r_p = #{j: some i, 0 <= b_j - a_i - lag <= within} / n_b",
     "Donges et al. 2016 (Eur. Phys. J. Spec. Top. 225:471)", "V8"},
    {"trigger", "extra sessions of b that one of a brings about",
     "h = alpha lambda + eta sum phi(t - a_j), eta >= 0; largest ratio of four kernels",
     "Self & Liang 1987 (JASA 82:605)", "V8"},
    {"residual_correlogram", "do the surprises of two series come together?",
     "Z(lag) = sum r_a r_b / sqrt(sum mu_a mu_b), largest over lags; both series redrawn",
     "Box & Jenkins 1970 (Time Series Analysis)", "V8"},
    {"shift_test", "the same, b moved by whole days",
     "p <= rank of no shift among -N..N days / (N + 1)", "Harris 2020 (arXiv 2012.06862)",
     "V8"},
    /* events and scans */
    /* contingency */
    {"ebgm", "ratio to expectation, shrunk by all other pairs; eb05, eb95 its quantiles",
     "exp E[ln rho | n]", "DuMouchel 1999 (Am. Stat. 53:177)", "V7"},
    {"ic", "information component; ic025 its lower bound", "log2((n + 1/2) / (E + 1/2))",
     "Noren, Hopstadius & Bate 2013 (Stat. Methods Med. Res. 22:57)", "V7"},
    {"log10_bf", "Bayes factor of a free ratio against ratio 1, rho ~ Ga(1, 1)",
     "Gamma(1+n) e^E / (1+E)^(1+n)", "Kass & Raftery 1995 (JASA 90:773)", "V7"},
    {"ror", "reporting odds ratio, with prr and Fisher's p: comparison only", "a d / (b c)",
     "Evans, Waller & Davis 2001 (Pharmacoepidem. Dr. S. 10:483)", "V7"},
    {"p_peers", "rank of a name's first client among names of like volume",
     "(1 + #{share >= this}) / (1 + #)", "Phipson & Smyth 2010", "V7"},
    {"chao1", "parties not seen, at least", "f1 (f1 - 1) / (2 (f2 + 1))",
     "Chao 1984 (Scand. J. Stat. 11:265)", "V7"},
    {"good_turing", "chance that the next is of a party not seen", "f1 / n",
     "Good 1953 (Biometrika 40:237)", "V7"},
    {"odds", "what a match is worth", "1 / (1 + M p / s); s/p and s/(N p)",
     "Balding & Donnelly 1995 (J. R. Statist. Soc. A 158:21); Stockmarr 1999 (Biometrics "
     "55:671)",
     "V7"},
    /* many tests */
    {"dbh", "q of pairs whose p is discrete, as scan prints it",
     "max over ranks j <= k of sum_i F_i(p_j) / (1 - F_i(p_j)) / j",
     "Doehler, Durand & Roquain 2018 (EJS 12:1867)", "V10"},
    {"pi0", "share of pairs with nothing unusual", "(#{p > .5} + 1) / (.5 N), randomised p",
     "Storey 2002 (JRSS B 64:479)", "V10"},
    {"gpd", "p below the resolution of replicates; extrapolated, never decides",
     "n/m (1 + shape y / scale)^(-1 / shape)",
     "Knijnenburg et al. 2009 (Bioinformatics 25:i161)", "V10"},
    {"p_empirical", "p by the law of all scores of a scan",
     "1 - Phi((z - delta) / sigma), both from the central 80 %", "Efron 2004 (JASA 99:96)",
     "V10"},
    {"looks_to_even", "undisclosed looks that make a finding ordinary", "ln(1/2) / ln(1 - p)",
     "Stockmarr 1999 (Biometrics 55:671)", "V10"},
    {"bayes_bound", "most that any alternative can be favoured by", "1 / (-e p ln p)",
     "Sellke, Bayarri & Berger 2001 (Am. Stat. 55:62)", "V10"},
    {"e_rate", "evidence for a rate that may be looked at daily",
     "e^L b^a G(a + n) / (G(a) (b + L)^(a + n))", "Robbins & Siegmund 1974 (Ann. Stat. 2:415)",
     "V10"},
    {"e_value", "a p-value as an e-value", "p^(-1/2) / 2",
     "Vovk & Wang 2021 (Ann. Stat. 49:1736)", "V10"},
    {"fisher", "p of independent p-values together", "-2 sum ln p ~ chi2(2n)", "Fisher 1932",
     "V10"},
    {"stouffer", "the same, all alike", "sum z / sqrt n", "Stouffer et al. 1949", "V10"},
    {"tippett", "the same, the smallest alone", "1 - (1 - min p)^n", "Tippett 1931", "V10"},
    {"mudholkar_george", "the same, between both", "sum of logits ~ t(5n + 4)",
     "Mudholkar & George 1979", "V10"},
    {"cauchy", "p of dependent p-values together, nearly", "mean cot(pi min(p, .99)) ~ Cauchy",
     "Liu & Xie 2020 (JASA 115:393)", "V10"},
    /* integrity */
    /* evidence */
    {0},
};
