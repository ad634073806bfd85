# fits.R SERIES N: MASS::glm.nb on the first N series that tests/bench/fits.c prints, with the
# same 31 parameters. Prints fits per CPU second and the sum of their log-likelihoods.
args <- commandArgs(TRUE)
y <- as.matrix(read.csv(args[1], header = FALSE, nrows = as.integer(args[2])))
t <- seq_len(ncol(y)) - 1
at <- data.frame(hour = factor(t %% 24), day = factor(t %/% 24 %% 7), trend = t / ncol(y))
logliks <- 0
used <- system.time(for (i in seq_len(nrow(y))) {
    fit <- suppressWarnings(MASS::glm.nb(y[i, ] ~ hour + day + trend, at))
    logliks <- logliks + as.numeric(logLik(fit))
})
seconds <- used[["user.self"]] + used[["sys.self"]]
cat(sprintf("%.0f fits per CPU second, sum of log-likelihoods %.6f of %d series\n",
            nrow(y) / seconds, logliks, nrow(y)))
