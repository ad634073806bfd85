# rolling.R SERIES THEIRS: R's surveillance on the series of `rolling`, beside what that printed.
# THEIRS keeps its ln p, a series a line, noufaily then muan; lines that are there are not made
# again. Printed: the largest difference of ln p between the same form in both programs; the
# outbreaks seen by each form at the limit that gives it a share .005 of false alarms; and ours
# less theirs with a standard error by the jackknife over replicates, limits made anew in each.
suppressMessages(library(surveillance))
file <- commandArgs(TRUE)
d <- as.matrix(read.csv(file[1], header = FALSE))
scenarios <- 42; weeks <- 624; test <- 576:624; nt <- length(test)
forms <- c("rolling", "noufaily", "muan", "farrington")
ours <- lapply(seq_along(forms), function(f) d[, 3 + weeks + (f - 1) * nt + 1:nt, drop = FALSE])
base <- list(range = test, b = 5, w = 3, reweight = TRUE, alpha = .005, trend = TRUE,
             limit54 = c(0, 4), glmWarnings = FALSE, noPeriods = 10, weightsThreshold = 2.58,
             pastWeeksNotIncluded = 26, pThresholdTrend = 1)
methods <- c(noufaily = "nbPlugin", muan = "muan")
run <- function(y, method) {
    f <- suppressWarnings(farringtonFlexible(sts(observed = y, start = c(2000, 1), frequency = 52),
                                             c(base, list(thresholdMethod = method))))
    log(as.numeric(f@control$pvalue))
}
done <- if (file.exists(file[2])) length(readLines(file[2])) else 0
for (i in seq_len(nrow(d))[seq_len(nrow(d)) > done]) {
    p <- unlist(lapply(methods, function(m) run(d[i, 3 + 1:weeks], m)))
    cat(paste(sprintf("%.12g", p), collapse = ","), "\n", file = file[2], append = TRUE, sep = "")
}
kept <- as.matrix(read.csv(file[2], header = FALSE, na.strings = c("NA", "NaN"),
                           nrows = nrow(d)))
theirs <- list(noufaily = kept[, 1:nt], muan = kept[, nt + 1:nt])
out <- sapply(test - 1, function(w) d[, 2] >= 0 & w >= d[, 2] & w <= d[, 3])
replicate <- (seq_len(nrow(d)) - 1) %/% scenarios
seen <- function(p, rows) {
    p <- p[rows, ]; p[is.na(p)] <- 0
    limit <- quantile(p[!out[rows, ]], .005)
    mean((rowSums(p <= limit & out[rows, ]) > 0)[d[rows, 2] >= 0])
}
all <- rep(TRUE, nrow(d)); n <- max(replicate) + 1
cat(sprintf("%s, surveillance %s; %d series, %d replicates of %d scenarios\n", R.version.string,
            packageVersion("surveillance"), nrow(d), n, scenarios))
for (f in names(theirs)) {
    a <- ours[[match(f, forms)]]; b <- theirs[[f]]
    both <- is.finite(b) & exp(b) > 1e-300 & a < 0
    cat(sprintf("%-10s ln p, %d weeks: median |difference| %.2g, 99 %% below %.2g\n", f, sum(both),
                median(abs(a - b)[both]), quantile(abs(a - b)[both], .99)))
}
for (f in seq_along(forms))
    cat(sprintf("ours %-12s outbreaks seen at equal false alarms %.4f\n", forms[f], seen(ours[[f]], all)))
for (f in names(theirs)) {
    gain <- function(rows) seen(ours[[1]], rows) - seen(theirs[[f]], rows)
    without <- sapply(seq_len(n) - 1, function(k) gain(replicate != k))
    se <- sqrt((n - 1) / n * sum((without - mean(without))^2))
    cat(sprintf("R    %-12s outbreaks seen at equal false alarms %.4f; ours less that %+.4f, se %.4f\n", f,
                seen(theirs[[f]], all), gain(all), se))
}
