/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything behind the verdict sheet: every number of results.json that a
 * reader may want to check, claim by claim, then what all claims share. */
#include <math.h>
#include <string.h>

#include "models/evidence.h"
#include "report/doc.h"
#include "report/value.h"

static const char *say_seconds(struct doc *d, double s)
{
    char out[VALUE_TEXT_MAX];
    return say(d, "%s", value_seconds(out, s));
}

static const char *say_list(struct doc *d, const json_t *list)
{
    const char *text = "";
    const json_t *v;
    size_t i;
    json_array_foreach(list, i, v) text =
        say(d, "%s%s%s", text, i ? ", " : "", json_is_string(v) ? json_string_value(v) : "");
    return text;
}

static void subjects(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Role",         "Client",     "Name",
                                          "#Look-ups",    "#Repeats",   "#Sessions",
                                          "#Listening h", "#At risk h", "#TTL"};
    static const char *const members[] = {"Role", "Clients", "Names"};
    static const char *const facts[] = {"Role", "Measured", "#Value", "Unit"};
    const json_t *list = value_list(c, "subjects"), *s, *f;
    size_t i, k, n = 0;
    doc_table(d, "What was counted", columns, 9);
    json_array_foreach(list, i, s)
    {
        n += json_array_size(value_list(s, "facts"));
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){value_text(s, "role"), value_text(s, "client"),
                                          value_text(s, "name"),
                                          say_count(d, value_real(s, "lookups")),
                                          say_count(d, value_real(s, "duplicates")),
                                          say_count(d, value_real(s, "sessions")),
                                          say_number(d, value_real(s, "live_h")),
                                          say_number(d, value_real(s, "at_risk_h")),
                                          say_seconds(d, value_real(s, "ttl_s"))});
    }
    d->ops->table_end(d);
    doc_table(d, "Who is meant", members, 3);
    json_array_foreach(list, i, s) d->ops->row(
        d, TONE_NONE,
        (const char *const[]){value_text(s, "role"), say_list(d, value_list(s, "clients")),
                              say_list(d, value_list(s, "names"))});
    d->ops->table_end(d);
    if (!n)
        return;
    doc_table(d, "Further counts", facts, 4);
    json_array_foreach(list, i, s) json_array_foreach(value_list(s, "facts"), k, f) d->ops->row(
        d, TONE_NONE,
        (const char *const[]){value_text(s, "role"), value_text(f, "label"),
                              say_number(d, value_real(f, "value")), value_text(f, "unit")});
    d->ops->table_end(d);
}

static const char *say_drawn(struct doc *d, const json_t *n)
{
    double m = value_real(n, "replicates"), b = value_real(n, "exceed");
    if (!isfinite(m))
        return value_words(value_text(n, "p_kind"));
    return say(d, "%s of %s", say_count(d, b), say_count(d, m));
}

/* "0.0813 (0.0743 to 0.0889)": p and the 99 % interval of its Monte Carlo error */
static const char *say_p_error(struct doc *d, const json_t *n)
{
    double lo = value_real(n, "p_lo"), hi = value_real(n, "p_hi");
    const char *p = say_p(d, value_real(n, "log10_p"));
    return isfinite(lo) ? say(d, "%s (%s to %s)", p, say_number(d, lo), say_number(d, hi)) : p;
}

static void nulls_numbers(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Explanation",
                                          "Answer",
                                          "#Observed",
                                          "#As extreme",
                                          "#p (99 % of its error)",
                                          "#p with search",
                                          "#Least possible p",
                                          "#Leaves room for",
                                          "#Power"};
    const json_t *n;
    size_t i;
    doc_table(d, "Explanations: numbers", columns, 9);
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        const char *verdict = value_text(n, "verdict");
        const json_t *power = json_object_get(n, "power");
        d->ops->row(d, doc_tone(verdict),
                    (const char *const[]){
                        value_text(n, "id"), value_words(verdict),
                        say_number(d, value_real(n, "observed")), say_drawn(d, n),
                        say_p_error(d, n), say_p(d, value_real(n, "log10_p_adjusted")),
                        say_number(d, value_real(n, "p_floor")), say_room(d, n),
                        say_interval(d, value_real(power, "value"), value_real(power, "lo"),
                                     value_real(power, "hi"))});
    }
    d->ops->table_end(d);
}

/* "1: 0.99; 1.5: 0.75": points of a curve of power, or of severity along it. */
static const char *say_points(struct doc *d, const json_t *curve)
{
    const json_t *p;
    const char *text = "";
    size_t i;
    json_array_foreach(curve, i, p) text =
        say(d, "%s%s%s: %s", text, *text ? "; " : "", say_number(d, value_real(p, "effect")),
            say_number(d, value_real(p, "value")));
    return *text ? text : "-";
}

static void severities(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Explanation", "#Effect claimed", "#Severity",
                                          "At other effects"};
    const json_t *n;
    size_t i, rows = 0;
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        const json_t *s = json_object_get(n, "severity");
        if (!json_is_object(s))
            continue;
        if (rows++ == 0)
            doc_table(d, "Explanations: severity", columns, 4);
        d->ops->row(
            d, TONE_NONE,
            (const char *const[]){value_text(n, "id"), say_number(d, value_real(s, "effect")),
                                  say_interval(d, value_real(s, "value"), value_real(s, "lo"),
                                               value_real(s, "hi")),
                                  say_points(d, json_object_get(s, "curve"))});
    }
    if (rows == 0)
        return;
    d->ops->table_end(d);
    d->ops->para(
        d, PARA_NOTE,
        "Severity: chance that a log of just that effect shows less than this one does "
        "(a tie counts as showing as much); the nearer to 1, the better the log "
        "tells that the effect is beyond it (Mayo & Spanos 2006). In brackets 95 % of "
        "its simulation; none where exact. Of one look; never decides.");
}

/* Curves of tests of which the kind's effect says nothing. */
static void own_powers(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Explanation", "Effect", "#No effect",
                                          "#Seen with .8", "Power at"};
    const json_t *n;
    size_t i, rows = 0;
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        const json_t *p = json_object_get(n, "power"), *of = json_object_get(p, "of");
        if (!json_is_object(of))
            continue;
        if (rows++ == 0)
            doc_table(d, "Explanations: power on a scale of their own", columns, 5);
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){
                        value_text(n, "id"),
                        say(d, "%s: %s", value_text(of, "id"), value_text(of, "label")),
                        say_number(d, value_real(of, "no_effect")),
                        isfinite(value_real(p, "mde"))
                            ? say_number(d, value_real(p, "mde"))
                            : say(d, "not even %s", say_number(d, value_real(p, "most"))),
                        say_points(d, json_object_get(p, "curve"))});
    }
    if (rows == 0)
        return;
    d->ops->table_end(d);
    d->ops->para(d, PARA_NOTE,
                 "Of these tests the claimed effect says nothing, so that each has one of its "
                 "own, for planning. Nobody claimed a value of it: it has no part in whether "
                 "the data are enough.");
}

static void nulls(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Explanation",    "Must be ruled out",
                                          "In plain words", "What a replicate keeps",
                                          "Statistic",      "Source"};
    const json_t *n;
    size_t i;
    if (!json_array_size(value_list(c, "nulls")))
        return;
    nulls_numbers(d, c);
    own_powers(d, c);
    severities(d, c);
    doc_table(d, "Explanations: what each is", columns, 6);
    json_array_foreach(value_list(c, "nulls"), i, n) d->ops->row(
        d, TONE_NONE,
        (const char *const[]){value_text(n, "id"),
                              value_is(n, "role", "required") ? "yes" : "if testable",
                              value_text(n, "label"), value_text(n, "keeps"),
                              value_text(n, "statistic"), value_text(n, "cite")});
    d->ops->table_end(d);
}

static const char *say_params(struct doc *d, const json_t *model)
{
    const char *text = "";
    const json_t *p;
    size_t i;
    json_array_foreach(value_list(model, "params"), i, p)
    {
        double se = value_real(p, "se");
        char value[VALUE_TEXT_MAX], error[VALUE_TEXT_MAX];
        text =
            say(d, "%s%s%s %s%s%s", text, i ? "; " : "", value_text(p, "name"),
                value_within(value, value_real(p, "value"), se), isfinite(se) ? " \u00b1 " : "",
                isfinite(se) ? value_within(error, se, se) : "");
    }
    return text;
}

static void models(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {
        "Model", "Chosen",          "Parameters \u00b1 standard error",
        "#n",    "#Log-likelihood", "#AIC",
        "#BIC",  "#Dispersion"};
    const json_t *m;
    size_t i;
    if (!json_array_size(value_list(c, "models")))
        return;
    doc_table(d,
              "Models: fitted by maximum likelihood; lower AIC and BIC are better at equal n",
              columns, 8);
    json_array_foreach(value_list(c, "models"), i, m) d->ops->row(
        d, TONE_NONE,
        (const char *const[]){
            value_text(m, "label"), json_is_true(json_object_get(m, "chosen")) ? "yes" : "no",
            say_params(d, m), say_count(d, value_real(m, "n")),
            say(d, "%.2f", value_real(m, "loglik")), say(d, "%.2f", value_real(m, "aic")),
            say(d, "%.2f", value_real(m, "bic")), say_number(d, value_real(m, "dispersion"))});
    d->ops->table_end(d);
}

static const char *say_ratio(struct doc *d, const json_t *row)
{
    double lr = value_real(row, "log10_lr"), se = value_real(row, "log10_lr_se");
    if (!isfinite(lr))
        return "";
    if (json_is_true(json_object_get(row, "capped")))
        return say(d, "at the cap, %s", say_number(d, pow(10, lr)));
    if (!isfinite(se))
        return say_number(d, pow(10, lr));
    return say(d, "%s \u00d7/\u00f7 %s", say_number(d, pow(10, lr)),
               say_number(d, pow(10, se)));
}

/* A word of strength has a side: a ratio below 1 speaks for the explanation. */
static const char *say_side(struct doc *d, const json_t *row)
{
    const char *words = value_text(row, "words");
    double lr = value_real(row, "log10_lr");
    if (!*words || !isfinite(lr) || value_is(row, "words", "not distinguishable"))
        return words;
    return say(d, "%s, for the %s", words, lr > 0 ? "claimant's model" : "explanation");
}

/* The ratio if a share of the claimant's cases looks just like this rival. */
static const char *say_mimic(struct doc *d, const json_t *m)
{
    return m ? say_number(d, pow(10, value_real(m, "log10_lr"))) : "";
}

static bool misfit(const json_t *row)
{
    return value_real(row, "fit") <= EVIDENCE_MISFIT;
}

/* own: the claimant's row, of as many draws as each model had to begin with. */
static const char *say_note(struct doc *d, const json_t *row, const json_t *own)
{
    double lost = value_real(row, "lost"), needed = value_real(row, "draws_needed");
    double draws = value_real(row, "draws"); /* older files: none */
    bool longer = draws > value_real(own, "draws");
    const char *vain =
        misfit(row) && misfit(own) ? ", of two that do not fit, for a void one" : "";
    if (needed > 0)
        return say(
            d, "from %s to %s by the error of the simulation (95 %%); some %s draws would do%s",
            say_number(d, pow(10, value_real(row, "log10_lr_lo"))),
            say_number(d, pow(10, value_real(row, "log10_lr_hi"))), say_count(d, needed),
            longer ? say(d, ", %s did not", say_count(d, draws)) : vain);
    if (value_text(row, "why")[0])
        return value_text(row, "why");
    return say(d, "%s%s%s", longer ? say(d, "of %s draws", say_count(d, draws)) : "",
               longer && lost > 0 ? "; " : "",
               lost > 0 ? say(d, "%s lost draws count against the claim", say_count(d, lost))
                        : "");
}

/* What the ratios of simulated logs are worth; of an older file, which lacks it, nothing. */
static void worth(struct doc *d, const json_t *rows)
{
    static const char *const columns[] = {"Explanation",          "#Cllr",
                                          "#At its least",        "#Lost by the map",
                                          "#Its logs above 1",    "#The model's below 1",
                                          "#Mean of its logs (1)"};
    const json_t *row;
    size_t i, n = 0;
    json_array_foreach(rows, i, row) n += isfinite(value_real(row, "cllr_loss"));
    if (!n)
        return;
    doc_table(d,
              "What such ratios are worth: of simulated logs, by maps that have not seen them",
              columns, 7);
    json_array_foreach(rows, i, row)
    {
        double mean = value_real(row, "mean_lr"), se = value_real(row, "mean_lr_se");
        if (!isfinite(value_real(row, "cllr_loss")))
            continue;
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){
                        value_text(row, "label"), say_number(d, value_real(row, "cllr")),
                        say_number(d, value_real(row, "cllr_min")),
                        say_number(d, value_real(row, "cllr_loss")),
                        say_number(d, value_real(row, "misleading_for")),
                        say_number(d, value_real(row, "misleading_against")),
                        say(d, "%s \u00b1 %s", say_number(d, mean), say_number(d, se))});
    }
    d->ops->table_end(d);
}

/* What the table of rivals is made of. */
static void rivals_note(struct doc *d, const json_t *v)
{
    d->ops->para(
        d, PARA_NOTE,
        say(d,
            "From %s simulated logs of each, and of more where a ratio would not be computed "
            "(the plan's model_draws_most); no ratio is printed beyond %s, which is what so "
            "many can bear; \u00d7/\u00f7 is one standard error of the simulation. A word is "
            "of the end nearest to 1 of the 95 %% interval by that error; a ratio is not "
            "computed where the interval is wider than a factor of ten and reaches beyond 10 "
            "or 1/10 "
            "(the plan's model_draws raises the draws). A ratio is what the difference of two "
            "log10 likelihoods was worth among the logs drawn of both, not that difference "
            "itself. The claimant's model is %s (SHA-256 "
            "begins %.12s). Models are compared where the number of look-ups, their hours and "
            "the scatter of their days are as in the data, which every rival is given. Cllr is "
            "of simulated logs by maps that have not seen their draws.",
            say_count(d, value_real(v, "logs")),
            say_number(d, pow(10, value_real(v, "log10_cap"))), value_text(v, "model"),
            value_text(v, "model_sha256")));
}

/* The claimant's written model against each rival. */
static void rivals(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Explanation",
                                          "#Ratio",
                                          "In words",
                                          "#Ratio, half imitate",
                                          "#nine in ten",
                                          "#Cllr of logs held out (0 good, 1 none)",
                                          "#log10 likelihood",
                                          "#Fits the data (p)",
                                          "Note"};
    const json_t *v = json_object_get(c, "rivals"), *row;
    size_t i;
    if (!json_is_object(v))
        return;
    if (value_text(v, "why")[0]) {
        d->ops->para(d, PARA_NOTE, say(d, "Rival explanations: %s.", value_text(v, "why")));
        return;
    }
    const json_t *own = json_array_get(value_list(v, "rows"), 0);
    doc_table(d,
              "Rival explanations: how many times as probable the claimant's model makes these "
              "rows. Beside the answer, never part of it",
              columns, 9);
    json_array_foreach(value_list(v, "rows"), i, row)
    {
        const json_t *mimic = json_object_get(row, "mimic");
        double error = value_real(row, "se");
        d->ops->row(
            d, TONE_NONE,
            (const char *const[]){
                value_text(row, "label"), say_ratio(d, row), say_side(d, row),
                say_mimic(d, json_array_get(mimic, 1)), say_mimic(d, json_array_get(mimic, 2)),
                say_number(d, value_real(row, "cllr")),
                isfinite(error)
                    ? say(d, "%.2f \u00b1 %.2f", value_real(row, "log10_marginal"), error)
                    : "",
                say_p(d, value_real(row, "log10_fit")), say_note(d, row, own)});
    }
    d->ops->table_end(d);
    rivals_note(d, v);
    worth(d, value_list(v, "rows"));
}

static void sensitivity(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Setting changed", "Answer", "#Effect", "#p", "Why"};
    const json_t *s;
    size_t i;
    if (!json_array_size(value_list(c, "sensitivity")))
        return;
    doc_table(d, "What other settings would have said", columns, 5);
    json_array_foreach(value_list(c, "sensitivity"), i, s)
    {
        const char *verdict = value_text(s, "verdict");
        d->ops->row(d, doc_tone(verdict),
                    (const char *const[]){
                        value_text(s, "set"), value_words(verdict),
                        say_interval(d, value_real(s, "effect"), value_real(s, "lo"),
                                     value_real(s, "hi")),
                        say_p(d, value_real(s, "log10_p")), value_words(value_text(s, "why"))});
    }
    d->ops->table_end(d);
}

static const char *say_time(struct doc *d, const json_t *o, const char *key)
{
    char out[VALUE_TEXT_MAX];
    return say(d, "%s", value_time(out, value_text(o, key)));
}

/* What came after the change did not make it, however near it lies. */
static void causes(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Said to be the cause", "To", "Order",
                                          "#Hours to the change"};
    const json_t *v, *k = json_object_get(c, "causes");
    size_t i;
    if (!json_is_object(k))
        return;
    doc_table(d, "Order of causes and change", columns, 4);
    json_array_foreach(value_list(k, "list"), i, v)
    {
        bool after = value_is(v, "order", "after");
        d->ops->row(d, after ? TONE_BAD : TONE_NONE,
                    (const char *const[]){
                        say(d, "%s%s", say_time(d, v, "from"),
                            json_is_true(json_object_get(v, "claimed")) ? " (as claimed)" : ""),
                        say_time(d, v, "to"),
                        after ? "after the change: cannot be its cause"
                        : value_is(v, "order", "before") ? "before the change"
                                                         : "not known at this resolution",
                        say_interval(d, value_real(v, "delay_h"), value_real(v, "delay_lo_h"),
                                     value_real(v, "delay_hi_h"))});
    }
    d->ops->table_end(d);
    d->ops->para(
        d, PARA_NOTE,
        say(d,
            "The change that fits best lies between %s and %s (95 %%, and a cell on "
            "either side); p of any change at all: %s. To come before is not to cause.",
            say_time(d, k, "change_from"), say_time(d, k, "change_to"),
            say_p(d, value_real(k, "log10_p"))));
}

static void opinions(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"Method",    "Agrees", "Beside", "Statistic",
                                          "#Observed", "#p",     "Note"};
    const json_t *o;
    size_t i;
    if (!json_array_size(value_list(c, "second_opinion")))
        return;
    doc_table(d, "Second opinion: printed, never decides", columns, 7);
    json_array_foreach(value_list(c, "second_opinion"), i, o)
    {
        const json_t *agrees = json_object_get(o, "agrees");
        d->ops->row(d, json_is_false(agrees) ? TONE_BAD : TONE_NONE,
                    (const char *const[]){
                        value_text(o, "label"),
                        json_is_boolean(agrees) ? json_is_true(agrees) ? "yes" : "NO" : "",
                        value_text(o, "against"), value_text(o, "statistic"),
                        say_number(d, value_real(o, "observed")),
                        say_p(d, value_real(o, "log10_p")), value_text(o, "note")});
    }
    d->ops->table_end(d);
}

/* "days: maxT over 21 looks, worth 4.2 independent ones" */
static const char *price_of(struct doc *d, const json_t *n)
{
    const json_t *p = json_object_get(n, "price");
    const char *id = value_text(n, "id"), *why = value_text(p, "why");
    if (value_is(p, "method", "maxt"))
        return say(d,
                   "%s: jointly with %s of the others, worth %s independent looks, %s of "
                   "them with a p as small",
                   id, say_count(d, value_real(p, "drawn") - 1),
                   say_number(d, value_real(p, "worth")),
                   say_count(d, value_real(p, "as_small")));
    return say(d, "%s: Sidak%s%s%s", id, *why ? " (" : "", why, *why ? ")" : "");
}

/* Of looks that the study writes out: how each explanation's p pays for them. */
static void joint_prices(struct doc *d, const json_t *c)
{
    double looks = value_real(json_object_get(c, "search"), "written_out");
    const char *text = "";
    const json_t *n;
    size_t i;
    if (!isfinite(looks))
        return;
    json_array_foreach(value_list(c, "nulls"), i,
                       n) if (json_is_object(json_object_get(n, "price"))) text =
        say(d, "%s%s%s", text, *text ? "; " : "", price_of(d, n));
    if (*text)
        d->ops->para(d, PARA_TEXT,
                     say(d, "The study writes out %s looks, this one among them. %s.",
                         say_count(d, looks), text));
}

static void prices(struct doc *d, const json_t *c)
{
    const json_t *s = json_object_get(c, "search"), *k = json_object_get(c, "correction");
    double chance = value_real(s, "expected_by_chance");
    d->ops->para(
        d, PARA_TEXT,
        say(d, "Search: %s; method %s%s%s.", value_text(s, "source"), value_text(s, "method"),
            isfinite(chance) ? "; pairs at least this extreme expected by chance: " : "",
            isfinite(chance) ? say_number(d, chance) : ""));
    joint_prices(d, c);
    if (isfinite(value_real(s, "ratio_named")))
        d->ops->para(
            d, PARA_TEXT,
            say(d,
                "Likelihood ratio of a match by the largest p, at most: %s if this pair was "
                "named beforehand (1/p, with prior odds 1/N%s), and as the best of N looks %s "
                "(1/(N p), with the prior odds that one of them is what is sought). Both give "
                "the same posterior odds.",
                say_number(d, value_real(s, "ratio_named")),
                isfinite(value_real(s, "prior_named"))
                    ? say(d, ", %s", say_number(d, value_real(s, "prior_named")))
                    : "",
                isfinite(value_real(s, "ratio_searched"))
                    ? say_number(d, value_real(s, "ratio_searched"))
                    : "unknown, as N is"));
    double p = value_real(k, "log10_p"), adjusted = value_real(k, "log10_p_adjusted");
    d->ops->para(d, PARA_TEXT,
                 say(d, "Correction over the %s claim%s of the study, %s: %s.",
                     say_count(d, value_real(k, "claims")),
                     value_real(k, "claims") == 1 ? "" : "s", value_text(k, "name"),
                     isfinite(adjusted)
                         ? say(d, "p %s becomes %s", say_p(d, p), say_p(d, adjusted))
                         : "this claim has no p, and counts as one of them"));
}

static const char *say_set(struct doc *d, const json_t *one)
{
    const char *text = "", *key;
    json_t *v;
    json_object_foreach(json_object_get(one, "set"), key, v) text =
        say(d, "%s%s%s=%s", text, *text ? " " : "", key, json_string_value(v));
    return text;
}

/* All specifications stand in results.json; here the ends, and the published one. */
static void curve(struct doc *d, const json_t *c)
{
    static const char *const joint_columns[] = {"Over all specifications", "#Value", "#p"},
                             *const columns[] = {"#Place", "Specification", "#Effect",
                                                 "#p of it alone"};
    const json_t *k = json_object_get(c, "curve"), *one;
    size_t i, n = (size_t)value_real(k, "of");
    if (!json_is_object(k))
        return;
    d->ops->heading(d, 3, "Other specifications", NULL, TONE_NONE);
    d->ops->para(d, PARA_TEXT,
                 say(d,
                     "The published specification has place %s of %s by effect (1: most of the "
                     "claim). Each of %s innocent logs went through all of them; the p of a "
                     "specification alone is no p once it was picked.%s",
                     say_count(d, value_real(k, "published")),
                     say_count(d, value_real(k, "of")),
                     say_count(d, value_real(k, "surrogates")),
                     value_real(k, "left_out") > 0
                         ? say(d, " %s combinations have no effect to measure.",
                               say_count(d, value_real(k, "left_out")))
                         : ""));
    json_array_foreach(value_list(k, "axes"), i, one)
        d->ops->para(d, PARA_NOTE,
                     say(d, "%s, %s values, because: %s", value_text(one, "axis"),
                         say_count(d, value_real(one, "values")), value_text(one, "because")));
    doc_table(d, "", joint_columns, 3);
    json_array_foreach(value_list(k, "joint"), i, one)
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){value_words(value_text(one, "id")),
                                          say_number(d, value_real(one, "value")),
                                          say_p(d, value_real(one, "log10_p"))});
    d->ops->table_end(d);
    doc_table(d, "", columns, 4);
    json_array_foreach(value_list(k, "specifications"), i, one)
    {
        if (i >= 5 && i + 5 < n && (double)i + 1 != value_real(k, "published"))
            continue;
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){say_count(d, (double)i + 1), say_set(d, one),
                                          say_number(d, value_real(one, "effect")),
                                          say_p(d, value_real(one, "log10_p"))});
    }
    d->ops->table_end(d);
}

static void figures(struct doc *d, const json_t *owner)
{
    const json_t *plot;
    size_t k;
    json_array_foreach(value_list(owner, "plots"), k, plot)
    {
        const struct figure *f = figures_find(d->figures, plot);
        if (f)
            d->ops->figure(d, f);
    }
}

static void claim(struct doc *d, const json_t *c, size_t i)
{
    const char *verdict = value_text(c, "verdict");
    d->ops->heading(d, 2, say(d, "Claim %zu (%s)", i + 1, value_text(c, "id")),
                    value_words(verdict), doc_tone(verdict));
    d->ops->para(d, PARA_NOTE, say(d, "Reason: %s.", value_words(value_text(c, "why"))));
    figures(d, c);
    subjects(d, c);
    nulls(d, c);
    prices(d, c);
    base_rate_table(d, c);
    rivals(d, c);
    models(d, c);
    sensitivity(d, c);
    curve(d, c);
    causes(d, c);
    opinions(d, c);
}

static void screens(struct doc *d, const json_t *r)
{
    static const char *const columns[] = {
        "Screen", "Result",    "May fail",   "Statistic",       "#Value",
        "#p",     "#Adjusted", "#Would see", "Innocent causes", "Note"};
    const json_t *s;
    size_t i;
    if (!json_array_size(value_list(r, "integrity")))
        return;
    d->ops->heading(d, 2, "Integrity of the log", NULL, TONE_NONE);
    doc_table(d, "", columns, 10);
    json_array_foreach(value_list(r, "integrity"), i, s)
    {
        const char *result = value_text(s, "result");
        d->ops->row(d, doc_tone(result),
                    (const char *const[]){
                        value_text(s, "label"), value_words(result),
                        json_is_true(json_object_get(s, "gate")) ? "yes" : "no",
                        value_text(s, "statistic"), say_number(d, value_real(s, "value")),
                        say_p(d, value_real(s, "log10_p")),
                        say_p(d, value_real(s, "log10_p_adjusted")),
                        say_number(d, value_real(s, "smallest")), value_text(s, "innocent"),
                        value_text(s, "note")});
    }
    d->ops->table_end(d);
}

static void files(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"File",          "Format",    "Server", "#Bytes",
                                          "#Records read", "#Look-ups", "SHA-256"};
    static const char *const skipped[] = {"File", "Reason", "Class", "#Records"};
    const json_t *list = value_list(c, "sources"), *s, *k;
    size_t i, j, n = 0;
    doc_table(d, "Files", columns, 7);
    json_array_foreach(list, i, s)
    {
        n += json_array_size(value_list(s, "skips"));
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){
                        value_text(s, "name"), value_text(s, "format"), value_text(s, "server"),
                        say_count(d, value_real(s, "bytes")),
                        say_count(d, value_real(s, "read")),
                        say_count(d, value_real(s, "lookups")), value_text(s, "sha256")});
    }
    d->ops->table_end(d);
    if (!n)
        return;
    doc_table(d, "Records that are no look-ups, by reason", skipped, 4);
    json_array_foreach(list, i, s) json_array_foreach(value_list(s, "skips"), j, k)
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){value_text(s, "name"), value_text(k, "reason"),
                                          value_words(value_text(k, "class")),
                                          say_count(d, value_real(k, "count"))});
    d->ops->table_end(d);
}

static void counts(struct doc *d, const json_t *r)
{
    static const char *const columns[] = {"Not listening from", "to"};
    const json_t *c = json_object_get(r, "case"), *s;
    size_t i;
    d->ops->heading(d, 2, "Count file", NULL, TONE_NONE);
    d->ops->para(
        d, PARA_TEXT,
        say(d,
            "Content SHA-256 %s. Counted: %s; clients by %s; names %s; types %s; "
            "pseudonyms: %s; times in steps of %s; equal "
            "look-ups within %s are repeats. %s pairs of client and name.",
            value_text(c, "sha256"), value_text(c, "count_rule"), value_text(c, "client_rule"),
            value_text(c, "name_rule"), value_text(c, "type_rule"), value_text(c, "pseudonyms"),
            say_seconds(d, value_real(c, "tick_s")), say_seconds(d, value_real(c, "dedup_s")),
            say_count(d, value_real(c, "pairs"))));
    files(d, c);
    if (!json_array_size(value_list(c, "silences")))
        return;
    doc_table(d, "No data, which is not zero look-ups", columns, 2);
    json_array_foreach(value_list(c, "silences"), i, s) d->ops->row(
        d, TONE_NONE, (const char *const[]){value_text(s, "from"), value_text(s, "to")});
    d->ops->table_end(d);
}

static const char *say_setting(struct doc *d, const json_t *v)
{
    if (json_is_string(v))
        return json_string_value(v);
    if (json_is_integer(v))
        return say(d, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    if (json_is_number(v))
        return say(d, "%g", json_number_value(v));
    return json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "none";
}

static void plan(struct doc *d, const json_t *r)
{
    static const char *const columns[] = {"Setting", "Value"};
    const json_t *study = json_object_get(r, "study");
    json_t *settings = json_object_get(study, "plan"), *v;
    const char *key;
    d->ops->heading(d, 2, "Study", NULL, TONE_NONE);
    d->ops->para(
        d, PARA_TEXT,
        say(d, "%s, SHA-256 %s", value_text(study, "file"), value_text(study, "sha256")));
    doc_table(d, "Plan, with what was not written filled in", columns, 2);
    json_object_foreach(settings, key, v)
        d->ops->row(d, TONE_NONE, (const char *const[]){key, say_setting(d, v)});
    d->ops->table_end(d);
    d->ops->para(d, PARA_NOTE, "The study file as read; its words are the analyst's:");
    d->ops->pre(d, value_text(study, "text"));
}

static void calibration(struct doc *d, const json_t *r)
{
    static const char *const columns[] = {
        "Claim",   "Tried on", "#Called", "#Share", "#Stops from", "#False alarms; power at .2",
        "#Volume", "Result"};
    const json_t *root = json_object_get(r, "calibration"), *claim_;
    size_t i;
    d->ops->heading(d, 2, "Calibration", NULL, TONE_NONE);
    if (!(value_real(root, "asked") > 0)) {
        d->ops->para(
            d, PARA_TEXT,
            "Switched off in the plan (calibration: off): how often these tests call an "
            "innocent pair a finding is known from the program's own validation only.");
        return;
    }
    d->ops->para(
        d, PARA_TEXT,
        say(d,
            "Before each claim its required tests were run on pairs of this case of "
            "which nobody claims anything (controls), or where it holds too few on logs "
            "simulated from what was fitted to the pair, the weaker kind. Where so many "
            "are called a finding that the chance of it is %s or less, nothing is "
            "called.",
            say_number(d, value_real(root, "gate"))));
    doc_table(d, "Control pairs", columns, 8);
    json_array_foreach(value_list(r, "claims"), i, claim_)
    {
        const json_t *c = json_object_get(claim_, "calibration");
        bool failed = json_is_true(json_object_get(c, "failed"));
        d->ops->row(d, failed ? TONE_BAD : TONE_NONE,
                    (const char *const[]){
                        value_text(claim_, "id"), value_text(c, "method"),
                        say(d, "%s of %s", say_count(d, value_real(c, "called")),
                            say_count(d, value_real(c, "tests"))),
                        say_interval(d, value_real(c, "called") / value_real(c, "tests"),
                                     value_real(c, "lo"), value_real(c, "hi")),
                        say_number(d, value_real(c, "critical")),
                        say(d, "%s; %s", say_number(d, value_real(c, "false_alarm")),
                            say_number(d, value_real(c, "power"))),
                        isfinite(value_real(c, "volume_lo"))
                            ? say(d, "%s to %s", say_number(d, value_real(c, "volume_lo")),
                                  say_number(d, value_real(c, "volume_hi")))
                            : "-",
                        failed                               ? "stopped"
                        : value_is(c, "method", "none")      ? "not gated"
                        : value_is(c, "method", "simulated") ? "passed, the weaker kind"
                                                             : "passed"});
    }
    d->ops->table_end(d);
}

/* Where the claims' pairs stand among all; the others have no names here. */
static void scan(struct doc *d, const json_t *r)
{
    static const char *const columns[] = {
        "Client",           "Name", "Claims",     "#Rank", "#Look-ups", "#Sessions",
        "#Expected (95 %)", "#p",   "#q over all"};
    const json_t *s = json_object_get(r, "scan"), *row;
    size_t i, n = json_array_size(value_list(s, "rows"));
    if (!json_is_object(s))
        return;
    d->ops->heading(d, 2, "All pairs of the count file", NULL, TONE_NONE);
    d->ops->para(
        d, PARA_TEXT,
        say(d,
            "Sessions of each pair over the whole log, against what the other pairs of its "
            "client "
            "and of its name lead to expect. %s of %s pairs can be judged so: %s sessions or "
            "more, and others to compare with. %s are unusual (q at most %s), %s of the judged "
            "ones are of the claims. An unusual pair is a question, not an answer; the claims "
            "were tested above, each for itself. `dnsclaim scan` names the others.",
            say_count(d, value_real(s, "tested")), say_count(d, value_real(s, "pairs")),
            say_count(d, value_real(s, "min_count")), say_count(d, value_real(s, "unusual")),
            say_number(d, value_real(s, "alpha")), say_count(d, value_real(s, "of_claims"))));
    figures(d, s);
    if (!n)
        return;
    doc_table(d,
              (double)n < value_real(s, "of_claims") ? "Pairs of the claims, the first by p"
                                                     : "Pairs of the claims",
              columns, 9);
    json_array_foreach(value_list(s, "rows"), i, row) d->ops->row(
        d, TONE_NONE,
        (const char *const[]){
            value_text(row, "client"), value_text(row, "name"),
            say_list(d, value_list(row, "claims")), say_count(d, value_real(row, "rank")),
            say_count(d, value_real(row, "lookups")), say_count(d, value_real(row, "observed")),
            say_interval(d, value_real(row, "expected"), value_real(row, "lo"),
                         value_real(row, "hi")),
            say_p(d, value_real(row, "log10_p")), say_p(d, value_real(row, "log10_q"))});
    d->ops->table_end(d);
}

static void left_out(struct doc *d)
{
    const struct figures *f = d->figures;
    if (!f->missing)
        return;
    d->ops->heading(d, 2, "Figures left out", NULL, TONE_NONE);
    d->ops->para(d, PARA_TEXT,
                 say(d,
                     "%zu of %zu figures were not drawn (%s). Their numbers are in figures/; "
                     "install gnuplot and run `dnsclaim report` on this folder.",
                     f->missing, f->n, f->why ? f->why : "unknown reason"));
    d->ops->list_begin(d, "Not drawn", TONE_NONE);
    for (size_t i = 0; i < f->n; i++)
        if (!f->v[i].svg)
            d->ops->item(d, say(d, "%s: %s", f->v[i].name, value_text(f->v[i].plot, "title")),
                         NULL);
    d->ops->list_end(d);
}

void evidence_write(struct doc *d, const json_t *r)
{
    const json_t *c;
    size_t i;
    d->ops->heading(d, 1, "Evidence", NULL, TONE_NONE);
    json_array_foreach(value_list(r, "claims"), i, c) claim(d, c, i);
    left_out(d);
    screens(d, r);
    counts(d, r);
    plan(d, r);
    calibration(d, r);
    scan(d, r);
    d->ops->para(d, PARA_NOTE,
                 say(d,
                     "dnsclaim %s. Every number here is in results.json; methods and their "
                     "references are in docs/methods.md.",
                     value_text(r, "dnsclaim")));
}
