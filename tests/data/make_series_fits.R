#!/usr/bin/env Rscript
# SPDX-License-Identifier: GPL-3.0-or-later
# Reference fits of tests/data/oracle/series.csv (20 series of tests/bench/fits.c
# --series) with MASS: glm and the root of theta's score in turn until neither
# moves, because glm.nb alone stops after some 7 digits.
#
#     Rscript tests/data/make_series_fits.R > tests/data/oracle/series_fits.csv
suppressMessages(library(MASS))
y <- as.matrix(read.csv("tests/data/oracle/series.csv", header = FALSE))
t <- 0:719
hour <- factor(t %% 24)
day <- factor((t %/% 24) %% 7)
trend <- t / 720
tight <- glm.control(1e-15, 100)
score <- function(l, y, mu) {
  th <- exp(l)
  sum(digamma(y + th) - digamma(th) + l + 1 - log(th + mu) - (y + th) / (th + mu))
}
cat("theta,loglik,intercept,hour12,day5,trend\n")
for (i in seq_len(nrow(y))) {
  f <- suppressWarnings(glm.nb(y[i, ] ~ hour + day + trend))
  theta <- f$theta
  b <- coef(f)
  for (k in 1:12) {
    f <- suppressWarnings(glm(y[i, ] ~ hour + day + trend, negative.binomial(theta),
                              start = b, control = tight))
    b <- coef(f)
    root <- uniroot(score, log(theta) + c(-.5, .5), y = y[i, ], mu = fitted(f),
                    tol = 1e-15, extendInt = "downX")$root
    theta <- exp(min(root, 14)) # the Poisson limit of stats/glm.h
  }
  l <- sum(dnbinom(y[i, ], size = theta, mu = fitted(f), log = TRUE))
  cat(sprintf("%.15g", c(theta, l, b[c("(Intercept)", "hour12", "day5", "trend")])), sep = ",")
  cat("\n")
}
