/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The methods paragraph and the limitations of a report, made of what was run: nothing is
 * said of a method that this study did not use. */
#include <math.h>
#include <string.h>

#include "report/doc.h"
#include "report/value.h"

static const char *say_plan(struct doc *d, const json_t *r, const char *key)
{
    const json_t *plan = json_object_get(json_object_get(r, "study"), "plan");
    const char *text = value_text(plan, key);
    return *text ? text : say_number(d, value_real(plan, key));
}

/* "pcap, zeek": each format of the sources once. */
static const char *say_formats(struct doc *d, const json_t *c)
{
    const char *text = "";
    const json_t *s;
    size_t i;
    json_array_foreach(value_list(c, "sources"), i, s)
    {
        const char *format = value_text(s, "format");
        if (!strstr(text, format))
            text = say(d, "%s%s%s", text, *text ? ", " : "", format);
    }
    return text;
}

static void counted(struct doc *d, const json_t *r)
{
    const json_t *c = json_object_get(r, "case");
    double ticks = value_real(c, "tick_s"), copies = value_real(c, "dedup_s");
    char tick[VALUE_TEXT_MAX], copy[VALUE_TEXT_MAX];
    size_t n = json_array_size(value_list(c, "sources"));
    d->ops->para(
        d, PARA_TEXT,
        say(d,
            "Look-ups were counted with dnsclaim %s from %zu file%s (%s; SHA-256 below), by "
            "the rule \"%s\", clients by %s, names %s, in steps of %s; equal look-ups within "
            "%s are copies. Look-ups at most %s apart are one session, the unit of every test "
            "below. Listening time is %s: %s h; where the sensor did not listen there are no "
            "data, which is not zero look-ups.",
            value_text(r, "dnsclaim"), n, n == 1 ? "" : "s", say_formats(d, c),
            value_text(c, "count_rule"), value_text(c, "client_rule"),
            value_text(c, "name_rule"), value_seconds(tick, ticks), value_seconds(copy, copies),
            say_plan(d, r, "session"), value_text(c, "live"),
            say_number(d, value_real(c, "live_h"))));
}

static void planned(struct doc *d, const json_t *r)
{
    const json_t *plan = json_object_get(json_object_get(r, "study"), "plan");
    const char *source = value_text(plan, "ttl_source");
    d->ops->para(
        d, PARA_TEXT,
        say(d,
            "The plan (%s, SHA-256 %.12s) was fixed before the test: level %s, seed %s, at "
            "most "
            "%s replicates, buckets of %s, time zone %s, time to live %s%s%s%s. A session puts "
            "its cache out of reach for one time to live; rates are per hour at risk.",
            value_text(json_object_get(r, "study"), "file"),
            value_text(json_object_get(r, "study"), "sha256"), say_plan(d, r, "alpha"),
            say(d, "%.0f", value_real(plan, "seed")), say_plan(d, r, "max_replicates"),
            value_text(plan, "bucket"), value_text(plan, "timezone"), value_text(plan, "ttl"),
            *source ? " (" : "", source, *source ? ")" : ""));
}

/* Has an object of the list before `end` this text in this member? */
static bool named_before(const json_t *list, size_t end, const char *key, const char *text)
{
    bool there = false;
    for (size_t i = 0; i < end; i++)
        there |= value_is(json_array_get(list, i), key, text);
    return there;
}

/* Is null k of claim i the first of its id in the study? */
static bool first_of_id(const json_t *r, size_t i, size_t k, const char *id)
{
    const json_t *claims = value_list(r, "claims");
    for (size_t j = 0; j <= i; j++) {
        const json_t *nulls = value_list(json_array_get(claims, j), "nulls");
        if (named_before(nulls, j < i ? json_array_size(nulls) : k, "id", id))
            return false;
    }
    return true;
}

static void explanations(struct doc *d, const json_t *r)
{
    const json_t *claim, *n;
    size_t i, k;
    json_array_foreach(value_list(r, "claims"), i, claim)
        json_array_foreach(value_list(claim, "nulls"), k, n)
    {
        if (!first_of_id(r, i, k, value_text(n, "id")))
            continue;
        const char *statistic = value_text(n, "statistic");
        d->ops->cited(d,
                      say(d, "%s: %s. Kept: %s%s%s", value_text(n, "id"),
                          value_text(n, "label"), value_text(n, "keeps"),
                          *statistic ? ". Statistic: " : "", statistic),
                      value_text(n, "cite"));
    }
}

/* A model of every claim is named once. */
static void models(struct doc *d, const json_t *r)
{
    const json_t *claim, *m;
    size_t i, k;
    const char *seen = ";";
    json_array_foreach(value_list(r, "claims"), i, claim)
        json_array_foreach(value_list(claim, "models"), k, m)
    {
        const char *cite = value_text(m, "cite"), *mark = say(d, ";%s;", cite);
        if (strstr(seen, mark) || strncmp(cite, "methods", 7) == 0)
            continue;
        seen = say(d, "%s%s;", seen, cite);
        d->ops->cited(d, say(d, "Fitted by maximum likelihood: %s", value_text(m, "label")),
                      cite);
    }
}

/* What every test of these rests on, if one was run. */
static void arithmetic(struct doc *d, const json_t *r)
{
    const json_t *claim, *n;
    size_t i, k, simulated = 0, searched = 0, joint = 0, rivals = 0;
    json_array_foreach(value_list(r, "claims"), i, claim)
    {
        json_array_foreach(value_list(claim, "nulls"), k, n) simulated +=
            value_is(n, "p_kind", "monte_carlo");
        searched += !value_is(json_object_get(claim, "search"), "method", "none");
        joint += value_is(json_object_get(claim, "search"), "method", "maxt");
        rivals += json_array_size(value_list(json_object_get(claim, "rivals"), "rows"));
    }
    if (simulated)
        d->ops->cited(d,
                      "p of a simulation is (b + 1) / (m + 1), b of m replicates at least as "
                      "extreme; ties and failed replicates count against the claim, and the "
                      "baseline is fitted anew in each",
                      "Phipson & Smyth 2010");
    if (searched)
        d->ops->cited(d, "The price of N looks: 1 - (1 - p)^N", "Sidak 1967");
    if (joint)
        d->ops->cited(
            d,
            "Looks that the study writes out are priced jointly: maxT over all of them "
            "in each replicate, step down",
            "Westfall & Young 1993");
    if (rivals)
        d->ops->cited(d, "Rival explanations by synthetic likelihood of summaries",
                      "Wood 2010");
    const char *name =
        value_text(json_object_get(json_object_get(r, "study"), "plan"), "correction");
    static const struct {
        const char *name, *cite;
    } works[] = {{"holm", "Holm 1979"},
                 {"bonferroni", "Dunn 1961"},
                 {"hochberg", "Hochberg 1988"},
                 {"hommel", "Hommel 1988"},
                 {"bh", "Benjamini & Hochberg 1995"},
                 {"by", "Benjamini & Yekutieli 2001"},
                 {"storey", "Storey 2002"},
                 {"maxt", "Westfall & Young 1993"},
                 {"li_ji", "Li & Ji 2005"},
                 {"neff", "Sidak 1967; Cheverud 2001"}};
    for (size_t w = 0; w < sizeof works / sizeof *works; w++)
        if (strcmp(works[w].name, name) == 0)
            d->ops->cited(d, say(d, "Correction over the claims of the study: %s", name),
                          works[w].cite);
}

static void limits_of_data(struct doc *d, const json_t *r)
{
    const json_t *c = json_object_get(r, "case"),
                 *plan = json_object_get(json_object_get(r, "study"), "plan");
    const json_t *s;
    size_t i, unknown = 0, flagged = 0;
    if (d->simulated)
        d->ops->item(d, "Every look-up is simulated: no answer is about what happened.", NULL);
    d->ops->item(d,
                 "A look-up says that a client asked for an address. It does not say who or "
                 "what made it ask, nor that anything was sent afterwards.",
                 NULL);
    json_array_foreach(value_list(c, "sources"), i, s) unknown +=
        value_is(s, "vantage", "unknown");
    if (unknown)
        d->ops->item(d,
                     say(d, "Where the sensor of %zu file%s stood is unknown.", unknown,
                         unknown == 1 ? "" : "s"),
                     "/case/sources");
    if (value_is(c, "live", "inferred"))
        d->ops->item(d,
                     "When the sensor listened was inferred from the look-ups themselves; a "
                     "silence of the sensor may be counted as a silence of the client.",
                     "/case/live");
    if (value_is(plan, "ttl", "unknown") || value_is(plan, "ttl", "estimate"))
        d->ops->item(
            d, say(d, "The time to live is no published value: %s.", value_text(plan, "ttl")),
            "/study/plan/ttl");
    json_array_foreach(value_list(r, "integrity"), i, s) flagged +=
        value_is(s, "result", "fail") || value_is(s, "result", "explain");
    if (flagged)
        d->ops->item(d,
                     say(d, "%zu screen%s of the log's integrity found something.", flagged,
                         flagged == 1 ? "" : "s"),
                     "/integrity");
    if (!(value_real(json_object_get(r, "calibration"), "asked") > 0))
        d->ops->item(d,
                     "The tests were not calibrated on look-ups of this log, but on the "
                     "program's own validation.",
                     "/calibration");
}

static void limits_of_claim(struct doc *d, const json_t *claim, size_t i)
{
    const json_t *n;
    size_t k;
    const char *open = "", *id = value_text(claim, "id");
    json_array_foreach(value_list(claim, "nulls"), k,
                       n) if (value_is(n, "verdict", "untestable")) open =
        say(d, "%s%s%s", open, *open ? "; " : "", value_text(n, "label"));
    if (*open)
        d->ops->item(d, say(d, "%s: not tested: %s.", id, open),
                     say(d, "/claims/%zu/nulls", i));
    const json_t *search = json_object_get(claim, "search");
    if (!isfinite(value_real(search, "tests")))
        d->ops->item(d,
                     say(d,
                         "%s: how many pairs, windows and statistics were looked at before is "
                         "unknown, and no p is corrected for them.",
                         id),
                     say(d, "/claims/%zu/search", i));
    const char *verdict = value_text(claim, "verdict");
    json_array_foreach(value_list(claim, "sensitivity"), k,
                       n) if (!value_is(n, "verdict", verdict))
    {
        d->ops->item(d,
                     say(d, "%s: another setting gives another answer (%s: %s).", id,
                         value_text(n, "set"), value_words(value_text(n, "verdict"))),
                     say(d, "/claims/%zu/sensitivity/%zu", i, k));
        break;
    }
}

void methods_write(struct doc *d, const json_t *r)
{
    const json_t *claim;
    size_t i;
    d->ops->heading(d, 1, "Methods", NULL, TONE_NONE);
    counted(d, r);
    planned(d, r);
    d->ops->list_begin(d, "Explanations that the claims were tested against", TONE_NONE);
    explanations(d, r);
    models(d, r);
    arithmetic(d, r);
    d->ops->list_end(d);
    d->ops->heading(d, 2, "Limitations", NULL, TONE_NONE);
    d->ops->list_begin(d, "What these data and tests cannot say", TONE_NONE);
    limits_of_data(d, r);
    json_array_foreach(value_list(r, "claims"), i, claim) limits_of_claim(d, claim, i);
    d->ops->list_end(d);
}
