/* SPDX-License-Identifier: GPL-3.0-or-later
 * The few fixed sentences of a claim. A look-up is never said to be more than a look-up. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/kinds.h"
#include "report/results.h"

char *results_clients(const struct study *s, const struct study_claim *c)
{
    char *label = mem_format("%s", s->groups[c->clients[0]].id);
    for (size_t i = 1; i < c->nclients; i++) {
        char *longer = mem_format("%s + %s", label, s->groups[c->clients[i]].id);
        free(label);
        label = longer;
    }
    return label;
}

static char *hours_text(const struct study_claim *c)
{
    char *all = mem_format("%s", "");
    for (size_t i = 0; i < c->nhours; i++) {
        const struct study_hours *h = &c->hours[i];
        char *longer =
            mem_format("%s%s%02d:%02d-%02d:%02d %s%s", all, i ? " or " : "", h->from_s / 3600,
                       h->from_s / 60 % 60, h->to_s / 3600, h->to_s / 60 % 60, h->zone_name,
                       h->weekdays ? ", Monday to Friday" : "");
        free(all);
        all = longer;
    }
    return all;
}

char *results_sentence(const struct study *s, const struct study_claim *c)
{
    char *client = results_clients(s, c), *text, *hours = hours_text(c), date[TEXT_TIME_MAX];
    const char *name = s->groups[c->name].id;
    bool more = c->kind->sign > 0 ? !c->opposite : c->opposite;
    if (strcmp(c->kind->id, "volume") == 0)
        text = mem_format("The clients of \"%s\" looked up the names of \"%s\" %s %g times as "
                          "often per hour at risk as comparable pairs did (%s).",
                          client, name, more ? "at least" : "less than", c->effect,
                          c->compare == SIZE_MAX ? "none are named" : s->groups[c->compare].id);
    else if (strcmp(c->kind->id, "synchrony") == 0)
        text = mem_format("For each session of \"%s\" on \"%s\" there were %s %g more sessions "
                          "of \"%s\" on \"%s\" near it than both rhythms make.",
                          client, name, more ? "at least" : "fewer than", c->effect,
                          s->groups[c->b_client].id, s->groups[c->b_name].id);
    else if (strcmp(c->kind->id, "alignment") == 0)
        text = mem_format("Of the %s of \"%s\" by \"%s\", %s %g of those that chance would "
                          "not put there lie within %g h of one of %zu dates.",
                          series_feature_names[c->features], name, client,
                          more ? "at least" : "less than", c->effect, c->delta_s / 3600,
                          c->events->n);
    else if (strcmp(c->kind->id, "reaction") == 0)
        text = mem_format("After %s, \"%s\" looked up \"%s\" %s %g times as often as before.",
                          text_iso(date, c->date_ns, 0), client, name,
                          more ? "at least" : "at most", c->effect);
    else if (strcmp(c->kind->id, "authenticity") == 0)
        text =
            mem_format("Of the sessions of \"%s\" on \"%s\" %s a share of %g are copies of a "
                       "run of others, or were put into the log.",
                       client, name, more ? "at least" : "less than", c->effect);
    else if (strcmp(c->kind->id, "exclusivity") == 0)
        text =
            mem_format("Of the days on which some client looked up the names of \"%s\", "
                       "each client's days for themselves, %s %g are of the clients of "
                       "\"%s\", each side's over its coverage.",
                       name, more ? "a share of at least" : "a share below", c->effect, client);
    else if (strcmp(c->kind->id, "rarity") == 0)
        text = mem_format("The names of \"%s\" were looked up on %s %g times as many days in "
                          "the block of \"%s\" as in a block of equal size.",
                          name, more ? "at least" : "less than", c->effect, client);
    else if (c->nhours)
        text = mem_format("Look-ups of \"%s\" by \"%s\" were %s %g times as frequent per hour "
                          "at risk inside the hours (%s) as outside.",
                          name, client, more ? "at least" : "less than", c->effect, hours);
    else
        text = mem_format("Gaps between look-ups of \"%s\" by \"%s\", less the time to live, "
                          "vary with a coefficient of variation %s %g (1: demand without "
                          "memory, 0: a timer).",
                          name, client, more ? "of at least" : "below", c->effect);
    free(client);
    free(hours);
    return text;
}

/* Why nothing is called: a gate, or what the rows cannot tell. */
static char *open_answer(const struct claim_result *r, const char *null)
{
    const struct tested_null *n = r->because;
    switch (r->why) {
    case CLAIM_INTEGRITY:
        return mem_format("The log failed a screen of its integrity: %s. What follows holds "
                          "only if the log is what it is said to be.",
                          r->gate->label);
    case CLAIM_NOT_CALIBRATED:
        return mem_format(
            "Nothing is called: the same tests call %zu of %zu %s a finding, where "
            "%.3g would be expected of tests that keep their level. The numbers "
            "below are as they came out.",
            r->calibration.called, r->calibration.tests,
            r->calibration.method == CALIBRATION_SIMULATED ? "innocent logs, simulated,"
                                                           : "other pairs of this case",
            (double)r->calibration.tests * r->calibration.level);
    case CLAIM_CONTROLS:
        return mem_format(
            "Nothing is called: %zu of %zu control pairs are called too, and %zu of these "
            "measure "
            "the claimed effect themselves. What other pairs of the case do as well is no mark "
            "of this one, and none is left to show that the tests keep their level; on logs "
            "simulated without the effect they call %zu of %zu.",
            r->calibration.called, r->calibration.tests, r->calibration.reach,
            r->calibration.drawn_called, r->calibration.drawn);
    case CLAIM_UNTESTED:
        return mem_format("An explanation that a fair opponent would raise first could not be "
                          "tested: %s (%s).",
                          null, n ? n->result.detail : "");
    case CLAIM_NOT_SEPARATED:
        return mem_format("The rows cannot tell the claim from an explanation: %s. They leave "
                          "room for both.",
                          null);
    case CLAIM_SEARCH_UNKNOWN:
        if (n)
            return mem_format(
                "What this claim denies is not in the rows, which fit %s, but how "
                "many looks came before this one is not known.",
                null);
        return mem_format(
            "Every explanation tested is ruled out, but how many looks came before "
            "this one is not known, and no price can be put on them.");
    case CLAIM_CORRECTION:
        return mem_format("Every explanation tested is ruled out for this claim alone, but not "
                          "after the correction over the study's claims.");
    default:
        return mem_format("The case holds no look-up of this pair in the window.");
    }
}

/* What the verdict says, by its reason; `because` is named where there is one. */
char *results_answer(const struct claim_result *r)
{
    const struct tested_null *n = r->because;
    const char *null = n ? null_find(n->row->null)->help : "";
    const char *bound = r->trial.claim->kind->sign > 0 ? "no more than" : "no less than";
    switch (r->why) {
    case CLAIM_ALL_REJECTED:
        return mem_format(
            "Every explanation tested is ruled out, and the rows leave room for the effect "
            "claimed.");
    case CLAIM_OPPOSITE_FITS:
        return mem_format(
            "What this claim denies is not in the rows: they fit %s, which leaves "
            "room for %s %.3g.",
            null, bound, n->result.u);
    case CLAIM_OPPOSITE_STANDS:
        return mem_format("What this claim denies is in the rows: every explanation tested is "
                          "ruled out, and the rows leave room for the effect named.");
    case CLAIM_EXPLANATION_FITS:
        return mem_format(
            "The rows fit an explanation that needs no such effect: %s. It leaves "
            "room for %s %.3g.",
            null, bound, n->result.u);
    case CLAIM_SMALLER:
        return mem_format(
            "What is there cannot be put down to the explanations tested, but%s it "
            "is smaller than was claimed%s%s.",
            n && !n->short_of_effect ? " by one of two measures" : "",
            n ? ": bound under " : "", null);
    case CLAIM_INTERVAL:
        return mem_format("The measured effect is %.3g (%.3g to %.3g), which excludes what was "
                          "said.",
                          r->effect.value, r->effect.lo, r->effect.hi);
    default:
        return open_answer(r, null);
    }
}
