/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pictures of a claim's answers, made of its own JSON. */
#include "report/plots.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/value.h"

/* One column of a picture with a name under it. */
static void tick(json_t *plot_ticks, const char *name)
{
    json_array_append_new(plot_ticks, json_string(name));
}

struct columns {
    json_t *x, *y, *lo, *hi, *ticks;
};

static struct columns columns_make(void)
{
    return (struct columns){json_array(), json_array(), json_array(), json_array(),
                            json_array()};
}

static void column(struct columns *c, const char *name, double value, double lo, double hi)
{
    plot_point(c->x, (double)json_array_size(c->x) + 1);
    plot_point(c->y, value);
    plot_point(c->lo, isfinite(lo) ? lo : value);
    plot_point(c->hi, isfinite(hi) ? hi : value);
    tick(c->ticks, name);
}

/* Intervals below points; takes the columns. Ticks go to the plot with them. */
static json_t *columns_series(struct columns *c, const char *intervals, const char *points)
{
    json_t *series = json_array(), *x = json_deep_copy(c->x);
    json_t *range = plot_series(intervals, "ranges", x, c->lo);
    json_object_set_new(range, "y2", c->hi);
    json_array_append_new(series, range);
    json_array_append_new(series, plot_series(points, "points", c->x, c->y));
    return series;
}

static json_t *level(const char *name, size_t columns, double y)
{
    json_t *x = json_array(), *ys = json_array();
    for (int k = 0; k < 2; k++) {
        plot_point(x, k ? (double)columns + .5 : .5);
        plot_point(ys, y);
    }
    return plot_series(name, "line", x, ys);
}

/* --- settings -------------------------------------------------------------------------- */

struct setting {
    const json_t *v;
    double effect;
};

static int by_effect(const void *a, const void *b)
{
    double x = ((const struct setting *)a)->effect, y = ((const struct setting *)b)->effect;
    return (x > y) - (x < y);
}

/* Ratios that lie far apart are told apart on a logarithmic axis only. */
static const char *scale_of(const struct columns *c, double no_effect)
{
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < json_array_size(c->x); i++) {
        double lo = json_number_value(json_array_get(c->lo, i));
        least = fmin(least, lo > 0 ? lo : -1);
        most = fmax(most, json_number_value(json_array_get(c->hi, i)));
    }
    return no_effect == 1 && least > 0 && most > 20 * least ? "log" : "linear";
}

static void specification(const json_t *claim, json_t *plots)
{
    const json_t *list = value_list(claim, "sensitivity"), *v,
                 *effect = json_object_get(claim, "effect");
    struct setting *s = mem_zero(json_array_size(list) + 1, sizeof *s);
    size_t i, n = 0, same = 0;
    json_array_foreach(list, i, v) if (isfinite(value_real(v, "effect"))) s[n++] =
        (struct setting){v, value_real(v, "effect")};
    double plan = value_real(effect, "value");
    if (n == 0 || !isfinite(plan)) {
        free(s);
        return;
    }
    qsort(s, n, sizeof *s, by_effect);
    struct columns c = columns_make();
    column(&c, "as planned", plan, value_real(effect, "lo"), value_real(effect, "hi"));
    for (i = 0; i < n; i++) {
        column(&c, value_text(s[i].v, "set"), s[i].effect, value_real(s[i].v, "lo"),
               value_real(s[i].v, "hi"));
        same += strcmp(value_text(s[i].v, "verdict"), value_text(claim, "verdict")) == 0;
    }
    const char *scale = scale_of(&c, value_real(effect, "no_effect"));
    json_t *series = columns_series(&c, "interval", "effect");
    json_array_append_new(series, level("no effect", n + 1, value_real(effect, "no_effect")));
    json_array_append_new(series, level("claimed", n + 1, value_real(claim, "effect_claimed")));
    char alt[300];
    snprintf(
        alt, sizeof alt,
        "The effect as planned, %.3g, and under %zu other settings, from %.3g to %.3g; %zu "
        "of them give the same answer.",
        plan, n, s[0].effect, s[n - 1].effect, same);
    free(s);
    json_t *plot = plot_add(
        plots,
        (struct plot_text){"settings", "settings", "Other settings: the effect by setting",
                           "setting", value_text(effect, "label"), "linear", scale},
        alt, series);
    json_object_set_new(plot, "x_ticks", c.ticks);
}

/* --- power ----------------------------------------------------------------------------- */

/* The curve of one test and, where it was simulated, the 95 % interval of each point of it. */
static bool power_series(json_t *series, const json_t *null)
{
    const json_t *own = json_object_get(null, "power"), *p;
    json_t *x = json_array(), *y = json_array(), *bx, *lo = json_array(), *hi = json_array();
    size_t k;
    bool drawn = json_array_size(value_list(own, "curve")) > 1;
    json_array_foreach(value_list(own, "curve"), k, p)
    {
        plot_point(x, value_real(p, "effect"));
        plot_point(y, value_real(p, "value"));
        plot_point(lo, value_real(p, "lo"));
        plot_point(hi, value_real(p, "hi"));
    }
    bx = json_deep_copy(x);
    if (drawn && value_real(own, "sims") > 0) {
        json_t *band = plot_series("95 % of the simulation", "band", bx, lo);
        json_object_set_new(band, "y2", hi);
        json_array_append_new(series, band);
    } else {
        json_decref(bx);
        json_decref(lo);
        json_decref(hi);
    }
    json_t *line = plot_series(value_text(null, "id"), "line", x, y);
    if (drawn)
        json_array_append_new(series, line);
    else
        json_decref(line);
    return drawn;
}

/* Tests with an effect of their own have a picture each: it is another axis. */
static void own_power(const json_t *null, json_t *plots)
{
    const json_t *own = json_object_get(null, "power"), *of = json_object_get(own, "of");
    json_t *series = json_array();
    if (!json_is_object(of) || !power_series(series, null)) {
        json_decref(series);
        return;
    }
    char id[64], title[160], least[80], alt[400];
    double mde = value_real(own, "mde");
    snprintf(id, sizeof id, "power-%s", value_text(null, "id"));
    snprintf(title, sizeof title, "What the test against %s could have found",
             value_text(null, "id"));
    snprintf(least, sizeof least,
             isfinite(mde) ? "the least with chance .8 is %.3g"
                           : "not even %.3g with chance .8",
             isfinite(mde) ? mde : value_real(own, "most"));
    snprintf(
        alt, sizeof alt,
        "Chance that the test finds an effect of its own scale, on which no effect is %.3g: "
        "%s. %s",
        value_real(of, "no_effect"), least,
        value_real(own, "sims") > 0 ? "The band is the 95 % interval of the simulation."
                                    : "The curve is exact.");
    plot_add(plots,
             (struct plot_text){id, "power", title, value_text(of, "label"),
                                "chance to find it",
                                value_real(of, "no_effect") == 1 ? "log" : "linear", NULL},
             alt, series);
}

static void own_powers(const json_t *claim, json_t *plots)
{
    const json_t *n;
    size_t i;
    json_array_foreach(value_list(claim, "nulls"), i, n) own_power(n, plots);
}

static void power(const json_t *claim, json_t *plots)
{
    const json_t *n;
    size_t i, tests = 0;
    json_t *series = json_array();
    double at_claim = 2;
    const char *weakest = "";
    json_array_foreach(value_list(claim, "nulls"), i, n)
    {
        const json_t *own = json_object_get(n, "power");
        double value = value_real(own, "value");
        if (json_is_object(json_object_get(own, "of")) || !power_series(series, n))
            continue;
        tests++;
        if (value < at_claim) {
            at_claim = value;
            weakest = value_text(n, "id");
        }
    }
    if (at_claim > 1) {
        json_decref(series);
        return;
    }
    json_t *at = json_array();
    plot_point(at, value_real(claim, "effect_claimed"));
    json_array_append_new(series, plot_series("claimed", "vline", at, json_array()));
    char alt[400];
    snprintf(
        alt, sizeof alt,
        "Chance that each test of %zu finds an effect of a size; bands are 95 %% intervals "
        "of what was simulated, curves without one are exact. At the claimed %.3g the "
        "weakest, %s, has %.2g.",
        tests, value_real(claim, "effect_claimed"), weakest, at_claim);
    plot_add(plots,
             (struct plot_text){"power", "power", "What each test could have found",
                                value_text(json_object_get(claim, "effect"), "label"),
                                "chance to find it", "linear", NULL},
             alt, series);
}

/* --- rivals ------------------------------------------------------------------------------ */

static void ratios(const json_t *claim, json_t *plots)
{
    const json_t *rivals = json_object_get(claim, "rivals"), *v;
    struct columns c = columns_make();
    size_t i;
    double cap = value_real(rivals, "log10_cap"), least = INFINITY;
    const char *nearest = "";
    json_array_foreach(value_list(rivals, "rows"), i, v)
    {
        double lr = value_real(v, "log10_lr"), half = NAN;
        if (!isfinite(lr))
            continue;
        const json_t *mimic = value_list(v, "mimic");
        half = value_real(json_array_get(mimic, json_array_size(mimic) - 1), "log10_lr");
        column(&c, value_text(v, "id"), lr, fmin(lr, half), fmax(lr, half));
        if (lr < least) {
            least = lr;
            nearest = value_text(v, "label");
        }
    }
    size_t n = json_array_size(c.x);
    json_t *series = columns_series(&c, "if half imitate it", "claimant's model over it");
    if (n == 0) {
        json_decref(series);
        json_decref(c.ticks);
        return;
    }
    json_array_append_new(series, level("as probable under both", n, 0));
    if (isfinite(cap))
        json_array_append_new(series, level("largest that is printed", n, cap));
    char alt[400];
    snprintf(alt, sizeof alt,
             "How many powers of ten the claimant's model makes the rows more probable than "
             "each of %zu rivals. The least is %.2g, against: %.200s.",
             n, least, nearest);
    json_t *plot = plot_add(plots,
                            (struct plot_text){"ratios", "ratios", "Likelihood ratios",
                                               "rival explanation",
                                               "log10 of the likelihood ratio", "linear", NULL},
                            alt, series);
    json_object_set_new(plot, "x_ticks", c.ticks);
}

/* --- controls ------------------------------------------------------------------------------
 */

static json_t *diagonal(void)
{
    json_t *x = json_array(), *y = json_array();
    for (int k = 0; k < 2; k++) {
        plot_point(x, k);
        plot_point(y, k);
    }
    return plot_series("tests that keep their level", "line", x, y);
}

static void controls(const json_t *claim, json_t *plots)
{
    const json_t *c = json_object_get(claim, "calibration"), *v;
    json_t *x = json_array(), *y = json_array(), *lo = json_array(), *hi = json_array(),
           *series = json_array();
    size_t i, below = 0;
    json_array_foreach(value_list(c, "controls"), i, v)
    {
        double log_p = value_real(v, "log10_p");
        plot_point(x, value_real(v, "expected"));
        plot_point(y, pow(10, log_p));
        plot_point(lo, value_real(v, "lo"));
        plot_point(hi, value_real(v, "hi"));
        below += pow(10, log_p) < value_real(v, "lo");
    }
    json_t *band = plot_series("95 % of uniform samples stay wholly inside", "band",
                               json_deep_copy(x), lo);
    size_t n = json_array_size(x);
    json_object_set_new(band, "y2", hi);
    json_array_append_new(series, band);
    json_array_append_new(series, diagonal());
    json_array_append_new(series, plot_series("controls", "points", x, y));
    if (n < 2) {
        json_decref(series);
        return;
    }
    bool simulated = value_is(c, "method", "simulated");
    char alt[500];
    snprintf(
        alt, sizeof alt,
        "Largest p of the required tests on each of %zu %s, in order, against what uniform "
        "ones would be. Below the band the tests call too often: %zu are. Above the line "
        "they are cautious. %.0f are called a finding at %.2g.%s",
        n, simulated ? "simulated logs without the effect" : "control pairs", below,
        value_real(c, "called"), value_real(c, "level"),
        value_is(claim, "kind", "synchrony")
            ? " Tests stop at the first that is not rejected: a p above that is a lower "
              "bound."
            : "");
    plot_add(plots,
             (struct plot_text){"controls", "controls", "The same tests on innocent pairs",
                                "p expected of a uniform sample", "p of the control", "linear",
                                NULL},
             alt, series);
}

void plots_answers(const json_t *claim, json_t *plots)
{
    specification(claim, plots);
    power(claim, plots);
    own_powers(claim, plots);
    ratios(claim, plots);
    controls(claim, plots);
}
