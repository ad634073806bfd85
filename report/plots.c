/* SPDX-License-Identifier: GPL-3.0-or-later
 * The numbers of a claim's pictures, as they stand in results.json. */
#include "report/plots.h"
#include "report/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "models/cache.h"

enum { GAP_BINS = 24, NULL_BINS = 40, NAMED = 100, TIPPETT_POINTS = 200 };

/* --- what is named in the study ------------------------------------------------------------
 */

static void named_dates(const struct trial *t, json_t *series)
{
    const struct study_claim *c = t->claim;
    json_t *x = json_array();
    for (size_t i = 0; c->events && i < c->events->n && i < NAMED; i++)
        plot_point(x, (double)c->events->at[i].from_ns / 1e9);
    if (c->date_ns)
        plot_point(x, (double)c->date_ns / 1e9);
    if (json_array_size(x))
        json_array_append_new(series,
                              plot_series("dates of the study", "vline", x, json_array()));
    else
        json_decref(x);
}

/* --- sessions a day -------------------------------------------------------------------- */

static json_t *day_series(const struct trial *t, const struct subject *s, const char *name,
                          const char *style, double *ret_max, size_t *ret_dead)
{
    struct grid g = grid_make(&t->window, 86400);
    double *y = mem_zero(g.n, sizeof *y);
    json_t *xs = json_array(), *ys = json_array();
    bucket_fill(s, &g, y);
    *ret_dead = 0;
    for (size_t i = 0; i < g.n; i++) {
        double from = g.t0 + (double)i * g.width;
        bool live = window_live_between(&t->window, from, from + g.width) > 0;
        plot_point(xs, (double)g.first_s + ((double)i + .5) * g.width);
        plot_point(ys, live ? y[i] : NAN); /* no data is not zero */
        *ret_max = fmax(*ret_max, y[i]);
        *ret_dead += !live;
    }
    free(y);
    return plot_series(name, style, xs, ys);
}

static void daily_plot(const struct trial *t, json_t *plots)
{
    json_t *series = json_array();
    plot_silences(series, &t->window);
    double max = 0;
    size_t dead;
    char alt[240];
    bool two = t->claim->b_client != SIZE_MAX;
    json_array_append_new(series,
                          day_series(t, &t->a, two ? "a" : "sessions", "bars", &max, &dead));
    if (two)
        json_array_append_new(series, day_series(t, &t->b, "b", "steps", &max, &dead));
    named_dates(t, series);
    snprintf(
        alt, sizeof alt,
        "Sessions a day over %.0f days; at most %.0f a day; %zu days without listening are "
        "left empty.",
        t->window.length_s / 86400, max, dead);
    plot_add(plots,
             (struct plot_text){"daily", "daily", "Sessions a day", "day (UTC)", "sessions",
                                "time", NULL},
             alt, series);
}

/* --- gaps beyond the time to live --------------------------------------------------------- */

static void gap_plot(const struct trial *t, json_t *plots)
{
    double seen[GAP_BINS + 1] = {0}, expected[GAP_BINS + 1] = {0}, longest = 0, total = 0;
    double *e = mem_alloc((t->a.n + 1) * sizeof *e);
    for (int pass = 0; pass < 2; pass++) /* first the range, then the bins */
        for (size_t i = 0; i < t->a.nstreams; i++) {
            size_t n = cache_excess(&t->a.streams[i], &t->window, e);
            double sum = 0, width = longest / GAP_BINS;
            for (size_t j = 0; j < n; j++) {
                sum += e[j];
                if (pass == 0)
                    longest = fmax(longest, fmin(e[j], 12 * 3600));
                else if (width > 0)
                    seen[e[j] / width < GAP_BINS ? (int)(e[j] / width) : GAP_BINS]++;
            }
            total += pass ? (double)n : 0;
            for (int b = 0; pass && sum > 0 && b <= GAP_BINS; b++) {
                double mean = sum / (double)n, to = b == GAP_BINS ? INFINITY : (b + 1) * width;
                expected[b] += (double)n * (exp(-b * width / mean) - exp(-to / mean));
            }
        }
    free(e);
    if (total < 2 || !(longest > 0))
        return;
    json_t *series = json_array(), *x[2] = {json_array(), json_array()},
           *y[2] = {json_array(), json_array()};
    for (int b = 0; b < GAP_BINS; b++)
        for (int k = 0; k < 2; k++) {
            plot_point(x[k], (b + .5) * longest / GAP_BINS / 3600);
            plot_point(y[k], k ? expected[b] : seen[b]);
        }
    json_array_append_new(series, plot_series("observed", "bars", x[0], y[0]));
    json_array_append_new(
        series, plot_series("demand without memory behind a cache", "line", x[1], y[1]));
    char alt[240], label[80];
    snprintf(
        alt, sizeof alt,
        "%.0f gaps less the time to live: %.0f in the first of %d bins where demand without "
        "memory gives %.0f; %.0f longer ones are not drawn, where it gives %.0f.",
        total, seen[0], GAP_BINS, expected[0], seen[GAP_BINS], expected[GAP_BINS]);
    snprintf(label, sizeof label, "gap beyond %g h (hours)", t->ttl_s / 3600);
    plot_add(plots,
             (struct plot_text){"gaps", "gaps", "Gaps between sessions, less the time to live",
                                label, "gaps", "linear", NULL},
             alt, series);
}

/* --- hours of the day --------------------------------------------------------------------- */

static void hours_plot(const struct trial *t, json_t *plots)
{
    double y[2][24] = {{0}}, e[2][24] = {{0}}, most = 0;
    int best = 0;
    struct grid g = grid_make(&t->window, 900);
    double *count = mem_zero(g.n, sizeof *count), *hours = mem_zero(g.n, sizeof *hours);
    bucket_fill(&t->a, &g, count);
    exposure_fill(&t->a, &t->window, &g, hours);
    for (size_t i = 0; i < g.n; i++) {
        int64_t s = g.first_s + 900 * (int64_t)i;
        int hour = (int)((s - floor_div(s, 86400) * 86400) / 3600);
        int inside = trial_inside(t->claim, s);
        y[inside][hour] += count[i];
        e[inside][hour] += hours[i];
    }
    free(count);
    free(hours);
    json_t *series = json_array();
    for (int inside = 1; inside >= 0; inside--) {
        json_t *xs = json_array(), *ys = json_array();
        for (int h = 0; h < 24; h++) {
            double rate = e[inside][h] > 0 ? y[inside][h] / e[inside][h] : NAN;
            plot_point(xs, h + (inside ? .27 : .73));
            plot_point(ys, rate);
            if (rate > most) {
                most = rate;
                best = h;
            }
        }
        json_array_append_new(
            series, plot_series(inside ? "inside the hours" : "outside", "bars", xs, ys));
    }
    char alt[200];
    snprintf(
        alt, sizeof alt,
        "Sessions per at-risk hour by hour of the day (UTC), inside and outside the stated "
        "hours; the highest is %.3g at %d h.",
        most, best);
    plot_add(plots,
             (struct plot_text){"hours", "hours",
                                "Sessions per at-risk hour, by hour of the day", "hour (UTC)",
                                "sessions per at-risk hour", "linear", NULL},
             alt, series);
}

/* --- lags ------------------------------------------------------------------------------------
 */

static void lags_plot(const struct trial *t, json_t *plots)
{
    const struct sync_result *s = &t->ab;
    if (s->nlags == 0)
        return;
    json_t *x[3], *y[3], *y2 = json_array(), *series = json_array();
    for (int k = 0; k < 3; k++) {
        x[k] = json_array();
        y[k] = json_array();
    }
    for (size_t i = 0; i < s->nlags; i++) {
        for (int k = 0; k < 3; k++)
            plot_point(x[k], s->lag_s[i] / 60);
        plot_point(y[0], s->lo[i]);
        plot_point(y2, s->hi[i]);
        plot_point(y[1], s->expected[i]);
        plot_point(y[2], s->observed[i]);
    }
    json_t *band = plot_series("95 % of surrogates stay wholly inside", "band", x[0], y[0]);
    json_object_set_new(band, "y2", y2);
    json_array_append_new(series, band);
    json_array_append_new(series, plot_series("expected", "line", x[1], y[1]));
    json_array_append_new(series, plot_series("observed", "points", x[2], y[2]));
    char alt[240];
    snprintf(alt, sizeof alt,
             "Sessions of a with a session of b at each of %zu lags. The largest excess is at "
             "%.0f minutes: %.3g standard deviations of the surrogates.",
             s->nlags, s->best_lag_s / 60, s->statistic);
    plot_add(plots,
             (struct plot_text){"lags", "lags", "Sessions of b after sessions of a, by lag",
                                "lag of b after a (minutes)", "coincidences", "linear", NULL},
             alt, series);
}

/* --- replicates of a null
 * ---------------------------------------------------------------------- */

static void null_plot(const struct tested_null *n, json_t *plots)
{
    const struct null_result *r = &n->result;
    double lo = r->observed, hi = r->observed, bin[NULL_BINS] = {0};
    for (size_t i = 0; i < r->mc.replicates; i++)
        if (isfinite(r->values[i])) {
            lo = fmin(lo, r->values[i]);
            hi = fmax(hi, r->values[i]);
        }
    double width = (hi - lo) / NULL_BINS;
    if (!(width > 0) || !isfinite(width))
        return;
    for (size_t i = 0; i < r->mc.replicates; i++)
        if (isfinite(r->values[i])) {
            int b = (int)((r->values[i] - lo) / width);
            bin[b < NULL_BINS ? b : NULL_BINS - 1]++;
        }
    json_t *xs = json_array(), *ys = json_array(), *at = json_array(), *series = json_array();
    for (int b = 0; b < NULL_BINS; b++) {
        plot_point(xs, lo + (b + .5) * width);
        plot_point(ys, bin[b]);
    }
    plot_point(at, r->observed);
    json_array_append_new(series, plot_series("replicates", "bars", xs, ys));
    json_array_append_new(series, plot_series("observed", "vline", at, json_array()));
    char alt[240], id[48], title[160];
    snprintf(alt, sizeof alt, "%u replicates; %u are at least as extreme as the observed %.4g.",
             r->mc.replicates, r->mc.exceed, r->observed);
    snprintf(id, sizeof id, "null-%s", n->row->null);
    snprintf(title, sizeof title, "Replicates under: %s", null_find(n->row->null)->help);
    plot_add(plots,
             (struct plot_text){id, "null", title, r->statistic, "replicates", "linear", NULL},
             alt, series);
}

/* --- ratios of simulated logs ----------------------------------------------------------- */

/* Share of n logs above each ratio, from 1 at `lo` to 0 at `hi`; log10. */
static json_t *tippett_series(const char *name, const double *ln_lr, size_t n, double lo,
                              double hi)
{
    double at[TIPPETT_POINTS], above[TIPPETT_POINTS];
    json_t *x = json_array(), *y = json_array();
    size_t points = lr_tippett(ln_lr, n, TIPPETT_POINTS, at, above);
    plot_point(x, lo);
    plot_point(y, 1);
    for (size_t i = 0; i < points; i++) {
        plot_point(x, at[i] / M_LN10);
        plot_point(y, above[i]);
    }
    plot_point(x, hi);
    plot_point(y, 0);
    return plot_series(name, "steps", x, y);
}

/* The claimant's model against one rival. */
static void tippett_plot(const struct evidence_row *r, json_t *plots)
{
    size_t logs = (size_t)r->draws * EVIDENCE_REPEATS;
    double lo = 0, hi = 0;
    for (size_t i = 0; i < 2 * logs; i++) {
        lo = fmin(lo, r->held[i] / M_LN10);
        hi = fmax(hi, r->held[i] / M_LN10);
    }
    double room = fmax(.1, (hi - lo) / 40);
    json_t *series = json_array(), *even = json_array();
    plot_point(even, 0);
    json_array_append_new(series, tippett_series("logs of the claimant's model", r->held, logs,
                                                 lo - room, hi + room));
    json_array_append_new(series, tippett_series("logs of the explanation", r->held + logs,
                                                 logs, lo - room, hi + room));
    json_array_append_new(series,
                          plot_series("as probable under both", "vline", even, json_array()));
    char alt[400], id[48], title[160];
    snprintf(alt, sizeof alt,
             "Share of %zu simulated logs whose ratio is above x: of the claimant's model and "
             "of the explanation. Below 1, against the model, are %.3g %% of its own; above 1, "
             "for it, %.3g %% of the explanation's.",
             logs, 100 * r->misled.yes, 100 * r->misled.no);
    snprintf(id, sizeof id, "tippett-%s", r->rival->id);
    snprintf(title, sizeof title, "Ratios of simulated logs, the claimant's model over: %s",
             r->rival->help);
    plot_add(plots,
             (struct plot_text){id, "tippett", title, "log10 of the likelihood ratio",
                                "share of logs above", "linear", NULL},
             alt, series);
}

json_t *results_plots(const struct claim_result *r, const json_t *claim)
{
    const struct trial *t = &r->trial;
    json_t *plots = json_array();
    daily_plot(t, plots);
    if (t->claim->nhours)
        hours_plot(t, plots);
    if (t->ttl_s > 0 && t->claim->b_client == SIZE_MAX)
        gap_plot(t, plots);
    lags_plot(t, plots);
    plots_time(t, plots);
    plots_answers(claim, plots);
    for (size_t i = 0; i < r->evidence.nrows; i++)
        if (r->evidence.rows[i].held)
            tippett_plot(&r->evidence.rows[i], plots);
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].result.values)
            null_plot(&r->nulls[i], plots);
    return plots;
}
