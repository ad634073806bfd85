/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict sheet: what a reader with one minute gets. Words for laymen: an
 * "explanation" is a null, "listening time" is live time, the "count file" is
 * the case. Fixed text never says more of a look-up than that it was made. */
#include <math.h>
#include <string.h>

#include "models/kinds.h"
#include "models/study.h"
#include "models/verdict.h"
#include "report/doc.h"
#include "report/value.h"

/* NULL: results of another version, or edited. */
static const struct claim_kind *kind_of(const json_t *c)
{
    const char *feature = value_text(c, "feature");
    return claim_find(value_text(c, "kind"), *feature ? feature : NULL);
}

/* Does the claim deny what its kind is about? */
static bool denies(const json_t *c)
{
    const struct claim_kind *kind = kind_of(c);
    return kind && value_is(c, "direction", kind->opposite);
}

static const char *say_time(struct doc *d, const json_t *o, const char *key)
{
    char out[VALUE_TEXT_MAX];
    return say(d, "%s", value_time(out, value_text(o, key)));
}

/* What is not in the counts because somebody left it out: every answer is about the rest. */
static void not_kept(struct doc *d, const json_t *c)
{
    const char *kept = json_string_value(json_object_get(c, "keep_rule"));
    if (kept && strcmp(kept, "all") != 0)
        d->ops->para(d, PARA_TEXT,
                     say(d,
                         "Only look-ups of %s were counted. All others were left out when the "
                         "logs were read: they are in no number but the listening time, and "
                         "no rate, share, peer, control, rank or gate here knows of them.",
                         kept));
}

static const char *s_of(const json_t *o, const char *key)
{
    return value_real(o, key) == 1 ? "" : "s";
}

static void sources(struct doc *d, const json_t *r)
{
    const json_t *c = json_object_get(r, "case"), *s, *list = value_list(c, "sources");
    const json_t *study = json_object_get(r, "study");
    size_t i;
    d->ops->para(
        d, PARA_TEXT,
        say(d, "Look-ups from %s to %s; %s h of listening time (%s); %s client%s, %s name%s.",
            say_time(d, c, "from"), say_time(d, c, "to"),
            say_number(d, value_real(c, "live_h")), value_text(c, "live"),
            say_count(d, value_real(c, "clients")), s_of(c, "clients"),
            say_count(d, value_real(c, "names")), s_of(c, "names")));
    not_kept(d, c);
    static const char *const columns[] = {"File", "#Look-ups", "Sensor stood",
                                          "SHA-256 begins"};
    doc_table(d, "", columns, 4);
    json_array_foreach(list, i, s) d->ops->row(
        d, TONE_NONE,
        (const char *const[]){value_text(s, "name"), say_count(d, value_real(s, "lookups")),
                              value_words(value_text(s, "vantage")),
                              say(d, "%.12s", value_text(s, "sha256"))});
    d->ops->row(
        d, TONE_NONE,
        (const char *const[]){say(d, "count file (of %zu file%s)", json_array_size(list),
                                  json_array_size(list) == 1 ? "" : "s"),
                              "", "", say(d, "%.12s", value_text(c, "sha256"))});
    d->ops->row(d, TONE_NONE,
                (const char *const[]){say(d, "study %s", value_text(study, "file")), "", "",
                                      say(d, "%.12s", value_text(study, "sha256"))});
    d->ops->table_end(d);
}

static void ladder(struct doc *d, const json_t *r)
{
    const json_t *rung;
    size_t i;
    const char *text = "From rows to sessions: ", *before = "";
    json_array_foreach(value_list(json_object_get(r, "case"), "ladder"), i, rung)
    {
        text = say(d, "%s%s%s %s", text, before, say_count(d, value_real(rung, "count")),
                   value_text(rung, "label"));
        before = " > ";
    }
    d->ops->para(d, PARA_TEXT, say(d, "%s.", text));
}

static void integrity(struct doc *d, const json_t *r)
{
    const json_t *s;
    size_t i, clear = 0, flagged = 0, failed = 0, other = 0;
    const char *flags = "";
    json_array_foreach(value_list(r, "integrity"), i, s)
    {
        clear += value_is(s, "result", "pass");
        other += value_is(s, "result", "not_applicable");
        bool fail = value_is(s, "result", "fail");
        failed += fail;
        if (fail || value_is(s, "result", "explain"))
            flags =
                say(d, "%s%s%s%s%s%s", flags, flagged++ ? "; " : ": ", value_text(s, "label"),
                    fail ? " (failed: claims that depend on it are undetermined)" : "",
                    *value_text(s, "note") ? " - " : "", value_text(s, "note"));
    }
    size_t all = clear + flagged + other;
    if (all == 0)
        d->ops->para(d, PARA_TEXT, "Integrity of the log: no screen was run.");
    else
        d->ops->para(
            d, PARA_TEXT,
            say(d,
                "Integrity of the log, by %zu screen%s, which are signs and never "
                "proof: nothing found by %zu, %zu not applicable, %zu to be explained, "
                "%zu failed%s.",
                all, all == 1 ? "" : "s", clear, other, flagged - failed, failed, flags));
}

/* `dnsclaim study` writes a file that can be tested as it stands; what nobody has filled in is
 * nobody's claim, whatever its answer. */
static bool is_template(const json_t *c)
{
    return strncmp(value_text(c, "said"), STUDY_PLACEHOLDER, strlen(STUDY_PLACEHOLDER)) == 0 ||
           strncmp(value_text(c, "who"), STUDY_PLACEHOLDER, strlen(STUDY_PLACEHOLDER)) == 0;
}

static void said(struct doc *d, const json_t *c)
{
    const char *who = value_text(c, "who");
    if (is_template(c))
        d->ops->para(d, PARA_ANSWER,
                     "Nobody's claim: the study is a template in which the words, or who said "
                     "them, are not filled in. Its effect, time to live and looks may be "
                     "placeholders as well, and so may the answer.");
    if (*value_text(c, "said")) {
        d->ops->para(d, PARA_TEXT, *who ? say(d, "As claimed by %s:", who) : "As claimed:");
        d->ops->para(d, PARA_QUOTE, value_text(c, "said"));
    }
    d->ops->para(d, PARA_TEXT, say(d, "As tested: %s", value_text(c, "sentence")));
}

/* "sessions per hour at risk ...: 14.6 (12.9 to 16.4, 99 % interval)" */
static const char *measured(struct doc *d, const json_t *c)
{
    const json_t *e = json_object_get(c, "effect");
    double value = value_real(e, "value"), lo = value_real(e, "lo"), hi = value_real(e, "hi");
    if (!isfinite(value))
        return say(d, "%s: could not be measured", value_text(e, "label"));
    if (!isfinite(lo) && !isfinite(hi))
        return say(d, "%s: %s, without an interval", value_text(e, "label"),
                   say_number(d, value));
    return say(d, "%s: %s, %s\u00a0%% interval", value_text(e, "label"),
               say_interval(d, value, lo, hi), say_number(d, 100 * value_real(e, "level")));
}

static void effect(struct doc *d, const json_t *c)
{
    const json_t *e = json_object_get(c, "effect");
    const char *note = value_text(e, "note");
    d->ops->para(
        d, PARA_TEXT,
        say(d, "Measured: %s. Claimed: %s %s; no effect would be %s.%s%s%s", measured(d, c),
            value_is(c, "direction", "less") || value_is(c, "direction", "below") ? "at most"
                                                                                  : "at least",
            say_number(d, value_real(c, "effect_claimed")),
            say_number(d, value_real(e, "no_effect")), *note ? " Assumed: " : "", note,
            *note ? "." : ""));
}

/* The smallest effect that the test finds four times in five: "no anomaly" says no more. */
static const char *could_see(struct doc *d, const json_t *n)
{
    const json_t *p = json_object_get(n, "power");
    if (!json_is_object(p))
        return "-";
    double mde = value_real(p, "mde");
    double few = value_real(p, "mde_lo"), many = value_real(p, "mde_hi");
    const char *of = value_text(json_object_get(p, "of"), "id");
    const char *own = *of ? say(d, " (%s)", of) : "";
    if (!isfinite(mde))
        return say(d, "not even %s%s", say_number(d, value_real(p, "most")), own);
    bool down = few > many; /* where less is claimed a larger effect is a smaller number */
    return say(d, "%s%s", say_interval(d, mde, down ? many : few, down ? few : many), own);
}

const char *say_room(struct doc *d, const json_t *n)
{
    double u = value_real(n, "u"), least = value_real(n, "u_least");
    return isfinite(least) && least < u
               ? say(d, "%s or %s", say_number(d, least), say_number(d, u))
               : say_number(d, u);
}

static void two_measures(struct doc *d, const json_t *c)
{
    const json_t *n;
    size_t i;
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        if (!(value_real(n, "u_least") < value_real(n, "u")))
            continue;
        d->ops->para(
            d, PARA_NOTE,
            "Two numbers: by sessions an hour at risk and by what was asked an hour. A "
            "claim is explained only where both lie short of it, and stands only where "
            "neither does.");
        return;
    }
}

/* What the effects of "could have seen" are, where they are not the claim's. */
static void own_effects(struct doc *d, const json_t *c)
{
    const json_t *n;
    size_t i;
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        const json_t *of = json_object_get(json_object_get(n, "power"), "of");
        if (json_is_object(of))
            d->ops->para(d, PARA_NOTE,
                         say(d, "%s: %s; no effect would be %s. The test %s.",
                             value_text(of, "id"), value_text(of, "label"),
                             say_number(d, value_real(of, "no_effect")),
                             value_text(of, "because")));
    }
}

static void explanations(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {
        "Explanation",      "Answer",           "#p", "#p with search",
        "#leaves room for", "#could have seen", "Why"};
    const json_t *n;
    size_t i;
    if (!json_array_size(value_list(c, "nulls")))
        return;
    doc_table(d, "", columns, 7);
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        const char *verdict = value_text(n, "verdict"), *why = value_text(n, "why");
        const char *note = value_text(n, "note");
        d->ops->row(
            d, doc_tone(verdict),
            (const char *const[]){say(d, "%s%s", value_text(n, "label"),
                                      value_is(n, "role", "advisory") ? " (advisory)" : ""),
                                  value_words(verdict), say_p(d, value_real(n, "log10_p")),
                                  say_p(d, value_real(n, "log10_p_adjusted")), say_room(d, n),
                                  could_see(d, n), *note ? note : value_words(why)});
    }
    d->ops->table_end(d);
    const struct claim_kind *kind = kind_of(c);
    bool down =
        kind && kind->sign < 0; /* of the kind: its opposite is read from the same bound */
    d->ops->para(
        d, PARA_NOTE,
        say(d,
            "Leaves room for: the %s that the effect can be with this explanation at work, a "
            "one-sided bound from the test itself: all that it may err lies on that side. "
            "\"Measured\" above is two-sided, half of it on each side, and supposes no "
            "explanation, so that the two need not agree: with the same counts its %s end lies "
            "beyond a bound of the same level. "
            "Could have seen: the smallest effect that this test rejects with chance .8 at "
            "the price of the search (95 %% of its simulation; none where exact). An "
            "explanation that is not ruled out says nothing of smaller effects.",
            down ? "least" : "most", down ? "lower" : "upper"));
    two_measures(d, c);
    own_effects(d, c);
}

static void hidden_search(struct doc *d, const json_t *s)
{
    double even = value_real(s, "looks_to_even"), alpha = value_real(s, "looks_to_alpha");
    double bound = value_real(s, "bayes_bound");
    if (!isfinite(even))
        return;
    const char *favours =
        bound >= 1.005
            ? say(d, "It favours no alternative by more than %s to 1.", say_number(d, bound))
            : "It favours no alternative.";
    if (even <= 1)
        d->ops->para(
            d, PARA_NOTE,
            say(d,
                "The largest p of the tested explanations is one that a single look at "
                "nothing gives more often than not. %s",
                favours));
    else
        d->ops->para(
            d, PARA_NOTE,
            say(d,
                "One so small as the largest p of the tested explanations comes up among %s "
                "looks at nothing with even odds%s. %s",
                say_number(d, even),
                alpha >= 1
                    ? say(d, ", and among %s with the chance alpha", say_number(d, alpha))
                    : "",
                favours));
}

static void search(struct doc *d, const json_t *c)
{
    const json_t *s = json_object_get(c, "search");
    double tests = value_real(s, "tests"), lo = value_real(s, "tests_lo");
    double holds = value_real(s, "holds_up_to");
    const char *looks = "Looks before this one: unknown";
    if (isfinite(tests))
        looks = say(d, "Looks before this one, paid for in p: %s%s%s (%s)",
                    isfinite(lo) ? say_count(d, lo) : "", isfinite(lo) ? " to " : "",
                    say_count(d, tests), value_text(s, "source"));
    d->ops->para(d, PARA_NOTE,
                 isfinite(holds) ? say(d, "%s. What was ruled out stays so up to %s looks.",
                                       looks, say_number(d, holds))
                                 : say(d, "%s.", looks));
    hidden_search(d, s);
}

/* "mail that ...; a monitor that ...": never left out beside a verdict */
static const char *untested(struct doc *d, const json_t *c)
{
    const json_t *n;
    size_t i;
    const char *text = "";
    json_array_foreach(value_list(c, "nulls"), i, n) if (value_is(n, "verdict", "untestable"))
        text = say(d, "%s%s%s", text, *text ? "; " : "", value_text(n, "label"));
    return text;
}

/* What share of the names' look-ups they are, where the claim is about a share. */
static const char *share_of_lookups(struct doc *d, const json_t *subject)
{
    const json_t *f;
    size_t i;
    json_array_foreach(value_list(subject, "facts"), i, f)
    {
        double v = value_real(f, "value");
        if (value_is(f, "id", "lookups_share") && isfinite(v))
            return say(d, "; of all look-ups of these names that the sensors saw a share of %s",
                       say_number(d, v));
    }
    return "";
}

static void may_print(struct doc *d, const json_t *r, const json_t *c, size_t i)
{
    const char *open = untested(d, c);
    const char *lead = d->simulated ? "Simulated. " : "";
    const json_t *s = json_array_get(value_list(c, "subjects"), 0);
    d->ops->list_begin(d, "You may print", TONE_GOOD);
    if (is_template(c)) {
        d->ops->item(d, "nothing: this is a template, and nobody's claim", NULL);
        d->ops->list_end(d);
        return;
    }
    d->ops->item(
        d,
        say(d,
            "%s%s look-ups, %s sessions after retries are collapsed, of \"%s\" by \"%s\", "
            "%s to %s, counted by dnsclaim %s%s.",
            lead, say_count(d, value_real(s, "lookups")),
            say_count(d, value_real(s, "sessions")), value_text(s, "name"),
            value_text(s, "client"), say_time(d, c, "from"), say_time(d, c, "to"),
            value_text(r, "dnsclaim"), share_of_lookups(d, s)),
        say(d, "/claims/%zu/subjects/0", i));
    d->ops->item(d, say(d, "%sMeasured: %s.", lead, measured(d, c)),
                 say(d, "/claims/%zu/effect", i));
    d->ops->item(d,
                 say(d, "%sThe answer to the claim as tested is \"%s\": %s%s%s.", lead,
                     value_text(c, "verdict"), value_words(value_text(c, "why")),
                     *open ? "; not tested: " : "", open),
                 say(d, "/claims/%zu/verdict", i));
    d->ops->list_end(d);
}

static void do_not_print(struct doc *d, const json_t *c)
{
    const json_t *t;
    size_t i;
    const char *open = untested(d, c);
    if (!*open && !json_array_size(value_list(c, "do_not_print")))
        return;
    d->ops->list_begin(d, "Do not print", TONE_BAD);
    json_array_foreach(value_list(c, "do_not_print"), i, t)
        d->ops->item(d, json_is_string(t) ? json_string_value(t) : "", NULL);
    if (*open)
        d->ops->item(d, "any p of this claim without the explanations that were not tested",
                     NULL);
    d->ops->list_end(d);
}

/* Could the required tests have found the effect that is claimed? Those that could not, or
 * were not made, are named. */
static void adequate(struct doc *d, const json_t *r, const json_t *c)
{
    const json_t *n, *plan = json_object_get(json_object_get(r, "study"), "plan");
    bool powers = json_is_true(json_object_get(plan, "power"));
    size_t i, required = 0, able = 0;
    const char *weak = "";
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        const json_t *p = json_object_get(n, "power");
        bool tested = !value_is(n, "verdict", "untestable");
        if (value_is(n, "role", "advisory"))
            continue;
        required++;
        double power = value_real(p, "value");
        if (powers ? verdict_could_see(value_text(c, "kind"), value_text(n, "id"), tested,
                                       power) >= POWER_WANTED
                   : tested)
            able++;
        else
            weak =
                say(d, "%s%s%s (%s)", weak, *weak ? "; " : "", value_text(n, "label"),
                    tested ? !isnan(power) ? say(d, "power %s", say_number(d, power))
                                           : "power not known: too few replicates at this level"
                           : value_words(value_text(n, "why")));
    }
    if (required && !powers)
        d->ops->para(
            d, PARA_TEXT,
            say(d,
                "Are the data enough? %s of %s required tests could be made%s%s; which "
                "effect they could see is not known: the plan switches power off.",
                say_count(d, (double)able), say_count(d, (double)required),
                *weak ? "; not: " : "", weak));
    else if (required)
        d->ops->para(d, PARA_TEXT,
                     say(d,
                         "Are the data enough? %s of %s required tests could see the effect "
                         "claimed with chance .8%s%s%s.%s",
                         say_count(d, (double)able), say_count(d, (double)required),
                         *weak ? "; not: " : "", weak, able == required ? "; yes" : "",
                         *weak && value_is(c, "verdict", "explained")
                             ? " That decides whether the claim can stand. It is explained by "
                               "how little an explanation leaves room for."
                             : ""));
}

/* A share, by its 95 % interval where it was drawn: none of the draws, or all, is not 0 or 1.
 */
static const char *say_share(struct doc *d, double v, double lo, double hi)
{
    bool drawn = isfinite(lo) && isfinite(hi);
    double floor = drawn ? hi : 1e-4, roof = drawn ? lo : 1 - 1e-4;
    if (drawn ? v <= 0 : v < floor)
        return say(d, "at most %.4f", floor);
    if (drawn ? v >= 1 : v > roof)
        return say(d, "at least %.4f", roof);
    return say_interval(d, v, lo, hi);
}

/* Share of logs of just the claimed effect that show less than this one did; turned round, as
 * much. The end nearer to 0 of its interval where it was simulated. */
static double least_share(const json_t *n, bool turned)
{
    const json_t *s = json_object_get(n, "severity");
    double end = value_real(s, turned ? "hi" : "lo");
    double share = isfinite(end) ? end : value_real(s, "value");
    return turned ? 1 - share : share;
}

/* How often a log of just the claimed effect would show as much: by the required test that
 * says least for the claim, or for its denial. */
static void severe(struct doc *d, const json_t *c)
{
    const json_t *n, *worst = NULL;
    bool denied = denies(c);
    size_t i;
    json_array_foreach(value_list(c, "nulls"), i, n)
    {
        double share = least_share(n, denied);
        bool tells = !value_is(n, "role", "advisory") && isfinite(share);
        if (tells && (!worst || share < least_share(worst, denied)))
            worst = n;
    }
    if (!worst)
        return;
    const json_t *s = json_object_get(worst, "severity");
    double value = value_real(s, "value"), lo = value_real(s, "lo"), hi = value_real(s, "hi");
    const char *as_much = say_share(d, 1 - value, 1 - hi, 1 - lo);
    d->ops->para(
        d, PARA_TEXT,
        say(d,
            "Had the effect been %s, %s, a share of %s of logs would show as much as "
            "this one (severity %s, by the test against: %s). %s",
            denied ? "what this claim denies" : "only what is claimed",
            say_number(d, value_real(s, "effect")), as_much,
            denied ? as_much : say_share(d, value, lo, hi), value_text(worst, "label"),
            denied
                ? "A large share says that the effect falls short of what is denied; a small "
                  "one says nothing for that."
                : "A small share says that the effect is beyond the claim; a large one says "
                  "nothing for that."));
}

/* "mail ...; a monitor ...": explanations that were tested and are not ruled out. */
static void not_excluded(struct doc *d, const json_t *c)
{
    const json_t *n;
    size_t i;
    const char *text = "";
    json_array_foreach(value_list(c, "nulls"), i, n) if (!value_is(n, "verdict", "rejected"))
        text = say(d, "%s%s%s (%s)", text, *text ? "; " : "", value_text(n, "label"),
                   value_words(value_text(n, "verdict")));
    d->ops->para(
        d, PARA_TEXT,
        say(d, "Explanations not excluded: %s.", *text ? text : "none of those listed"));
}

/* Are the tests to be trusted on this case? One sentence. */
static void trusted(struct doc *d, const json_t *c)
{
    const json_t *k = json_object_get(c, "calibration");
    const char *what = value_is(k, "method", "simulated")
                           ? "simulated innocent logs, the weaker kind of control"
                           : "other pairs of this case";
    if (value_is(k, "method", "off"))
        d->ops->para(d, PARA_NOTE, "Control pairs: switched off in the plan.");
    else if (value_is(k, "method", "none"))
        d->ops->para(d, PARA_NOTE,
                     "Control pairs: none; either the tests rank the claim among the case's "
                     "own already, or none could be tested.");
    else
        d->ops->para(d, PARA_NOTE,
                     say(d,
                         "Control pairs: the same tests call %s of %s a finding (%s) at level "
                         "%s; from %s on nothing would be called.",
                         say_count(d, value_real(k, "called")),
                         say_count(d, value_real(k, "tests")), what,
                         say_number(d, value_real(k, "level")),
                         say_count(d, value_real(k, "critical"))));
}

static const char *label_of(const json_t *c, const char *null)
{
    const json_t *n;
    size_t i;
    json_array_foreach(value_list(c, "nulls"), i,
                       n) if (value_is(n, "id", null)) return value_text(n, "label");
    return null ? null : "";
}

static void settle(struct doc *d, const json_t *c)
{
    const json_t *m;
    size_t i;
    if (!json_array_size(value_list(c, "missing")))
        return;
    bool open = value_is(c, "verdict", "undetermined");
    d->ops->list_begin(d, open ? "What would settle it" : "Data that were missing", TONE_NONE);
    json_array_foreach(value_list(c, "missing"), i, m)
    {
        const json_t *id;
        size_t k;
        const char *settles = "";
        json_array_foreach(value_list(m, "settles"), k, id) settles =
            say(d, "%s%s%s", settles, *settles ? "; " : "", label_of(c, json_string_value(id)));
        d->ops->item(d,
                     *settles ? say(d, "%s (for: %s)", value_text(m, "need"), settles)
                              : value_text(m, "need"),
                     NULL);
    }
    d->ops->list_end(d);
}

static void claim(struct doc *d, const json_t *r, const json_t *c, size_t i)
{
    const char *verdict = value_text(c, "verdict");
    d->ops->heading(d, 2, say(d, "Claim %zu, %s", i + 1, value_text(c, "kind")),
                    value_words(verdict), doc_tone(verdict));
    said(d, c);
    d->ops->para(d, PARA_ANSWER, value_text(c, "answer"));
    if (*value_text(c, "means"))
        d->ops->para(d, PARA_TEXT,
                     say(d, "What this answer means: %s.", value_text(c, "means")));
    effect(d, c);
    base_rate_sentence(d, c);
    adequate(d, r, c);
    severe(d, c);
    trusted(d, c);
    explanations(d, c);
    not_excluded(d, c);
    search(d, c);
    settle(d, c);
    may_print(d, r, c, i);
    do_not_print(d, c);
}

static void answers(struct doc *d, const json_t *r)
{
    static const char *const columns[] = {"Claim", "Answer", "Why", "#Measured", "#Claimed"};
    const json_t *c;
    size_t i;
    doc_table(d, "Answers", columns, 5);
    json_array_foreach(value_list(r, "claims"), i, c)
    {
        const json_t *e = json_object_get(c, "effect");
        const char *open = untested(d, c), *verdict = value_text(c, "verdict");
        d->ops->row(d, doc_tone(verdict),
                    (const char *const[]){
                        say(d, "%zu, %s", i + 1, value_text(c, "kind")), value_words(verdict),
                        say(d, "%s%s%s", value_words(value_text(c, "why")),
                            *open ? "; not tested: " : "", open),
                        say_interval(d, value_real(e, "value"), value_real(e, "lo"),
                                     value_real(e, "hi")),
                        say_number(d, value_real(c, "effect_claimed"))});
    }
    d->ops->table_end(d);
}

/* What an answer means, and what it does not: of those that were given. */
static void meanings(struct doc *d, const json_t *r)
{
    static const char *const table[][2] = {
        {"stands",
         "\"Stands\": the claim as tested came through every test that it has to pass. "
         "That does not prove the words that were said, and what was not tested may "
         "still be the reason."},
        {"explained",
         "\"Explained\": what was counted comes about without what is claimed. That "
         "does not show that this is how it came about."},
        {"contradicted",
         "\"Contradicted\": the rows leave no room for an effect as large as the "
         "one claimed. Of a smaller one they say nothing."},
        {"undetermined",
         "\"Undetermined\" is an answer: these data cannot tell the claim from an "
         "innocent explanation."},
    };
    const char *text =
        "A look-up says that a client asked for the address of a name. It does not "
        "say who or what made it ask, nor that anything was sent afterwards.";
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        const json_t *c;
        size_t i;
        bool given = false;
        json_array_foreach(value_list(r, "claims"), i, c) given |=
            value_is(c, "verdict", table[k][0]);
        if (given)
            text = say(d, "%s %s", text, table[k][1]);
    }
    d->ops->para(d, PARA_NOTE, text);
}

void sheet_write(struct doc *d, const json_t *r)
{
    const json_t *c;
    size_t i;
    d->ops->heading(d, 1, value_text(json_object_get(r, "study"), "name"), NULL, TONE_NONE);
    answers(d, r);
    meanings(d, r);
    sources(d, r);
    ladder(d, r);
    integrity(d, r);
    json_array_foreach(value_list(r, "claims"), i, c) claim(d, r, c, i);
}
