# rolling.R FILE: R's surveillance on the series of `rolling`, beside what that printed: the
# largest difference of ln p between the same form in both programs, and the outbreaks seen by
# each form at the limit that gives it a share .005 of false alarms.
suppressMessages(library(surveillance))
d <- as.matrix(read.csv(commandArgs(TRUE)[1], header = FALSE))
weeks <- 624; test <- 576:624; nt <- length(test)
forms <- c("rolling", "noufaily", "muan", "farrington")
ours <- lapply(seq_along(forms), function(f) d[, 3 + weeks + (f - 1) * nt + 1:nt, drop = FALSE])
base <- list(range = test, b = 5, w = 3, reweight = TRUE, alpha = .005, trend = TRUE,
             limit54 = c(0, 4), glmWarnings = FALSE)
more <- list(noufaily = list(noPeriods = 10, weightsThreshold = 2.58, pastWeeksNotIncluded = 26,
                             pThresholdTrend = 1, thresholdMethod = "nbPlugin"),
             muan = list(noPeriods = 10, weightsThreshold = 2.58, pastWeeksNotIncluded = 26,
                         pThresholdTrend = 1, thresholdMethod = "muan"))
run <- function(y, con) {
    f <- suppressWarnings(farringtonFlexible(sts(observed = y, start = c(2000, 1), frequency = 52),
                                             c(base, con)))
    log(as.numeric(f@control$pvalue))
}
theirs <- lapply(more, function(con) t(apply(d[, 3 + 1:weeks], 1, run, con)))
out <- sapply(test - 1, function(w) d[, 2] >= 0 & w >= d[, 2] & w <= d[, 3])
seen <- function(p) {
    p[is.na(p)] <- 0
    limit <- quantile(p[!out], .005)
    hit <- rowSums(p <= limit & out) > 0
    mean(hit[d[, 2] >= 0])
}
for (f in names(theirs)) {
    a <- ours[[match(f, forms)]]; b <- theirs[[f]]
    both <- is.finite(b) & exp(b) > 1e-300 & a < 0
    cat(sprintf("%-10s ln p, %d weeks: median |difference| %.2g, 99 %% below %.2g\n", f, sum(both),
                median(abs(a - b)[both]), quantile(abs(a - b)[both], .99)))
}
for (f in seq_along(forms))
    cat(sprintf("ours %-12s outbreaks seen at equal false alarms %.4f\n", forms[f], seen(ours[[f]])))
for (f in names(theirs))
    cat(sprintf("R    %-12s outbreaks seen at equal false alarms %.4f\n", f, seen(theirs[[f]])))
