/* SPDX-License-Identifier: GPL-3.0-or-later
 * odds: the base-rate calculator (stats/odds.h). No case is read. */
#include <math.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/values.h"
#include "stats/odds.h"

struct values {
    double units, p, sensitivity, prior, searched;
    bool json;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"units", OPT_REAL, "M", NULL, AT(units),
     "others that could have shown it: organisations or blocks, never look-ups"},
    {"chance", OPT_REAL, "P", NULL, AT(p), "chance that an innocent one shows it"},
    {"sensitivity", OPT_REAL, "P", "1", AT(sensitivity), "chance that a guilty one shows it"},
    {"prior", OPT_REAL, "P", "0", AT(prior), "of this one before; 0: one of M + 1 alike"},
    {"searched", OPT_REAL, "N", "1", AT(searched), "how many were looked at to find this one"},
    {"json", OPT_FLAG, NULL, NULL, AT(json), "for programs, with all digits"},
    OPT_END};

/* No value was given where v is NAN. */
static int wrong(const char *option, const char *expected, double v)
{
    char found[32] = "none";
    if (!isnan(v))
        snprintf(found, sizeof found, "%g", v);
    return opts_usage(&cmd_odds, "--%s: expected %s, found %s", option, expected, found);
}

static int check(const struct values *v)
{
    if (!(v->units >= 1))
        return wrong("units", "1 or more", v->units);
    if (!(v->p > 0 && v->p <= 1))
        return wrong("chance", "a chance above 0 and at most 1", v->p);
    if (!(v->sensitivity > 0 && v->sensitivity <= 1))
        return wrong("sensitivity", "a chance above 0 and at most 1", v->sensitivity);
    if (!(v->prior >= 0 && v->prior < 1))
        return wrong("prior", "0 or more and below 1", v->prior);
    if (!(v->searched >= 1 && v->searched <= v->units + 1))
        return wrong("searched", "1 to M + 1", v->searched);
    double prior = v->prior > 0 ? v->prior : 1 / (v->units + 1);
    if (!(prior * v->searched <= 1))
        return opts_usage(&cmd_odds,
                          "--prior, --searched: expected N priors that add up to 1 at most");
    return 0;
}

/* One row of output: key for programs, words for people. */
struct line {
    const char *key, *words;
    double value;
};

static void print(const struct line *lines, size_t n, bool json)
{
    json_t *out = json_object();
    for (size_t i = 0; i < n; i++)
        if (json)
            json_object_set_new(out, lines[i].key, values_real(lines[i].value));
        else if (isinf(lines[i].value))
            printf("%-68s all that is left\n", lines[i].words);
        else
            printf("%-68s %.6g\n", lines[i].words, lines[i].value);
    if (json) {
        json_dumpf(out, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
    } else {
        puts("\nA chance that an innocent one matches is not the chance that a match is "
             "innocent.\nEach ratio goes with its own prior odds; with s = 1 both then "
             "give the same posterior odds.");
    }
    json_decref(out);
}

static int run(int argc, char **argv)
{
    struct values v = {.units = NAN, .p = NAN};
    int first = opts_read(&cmd_odds, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (first != argc)
        return opts_exit(opts_usage(&cmd_odds, "expected no operand"));
    int rc = check(&v);
    if (rc < 0)
        return opts_exit(rc);
    struct odds_answer a = odds_answer_of(&(struct odds_question){
        v.units, v.p, v.sensitivity, v.prior > 0 ? v.prior : NAN, v.searched});
    const struct line lines[] = {
        {"innocent_matches", "innocent ones that would show it, expected", a.innocent_matches},
        {"any_innocent", "chance that at least one innocent shows it", a.any_innocent},
        {"lr", "likelihood ratio of this one", a.lr},
        {"prior", "prior of this one", a.prior},
        {"posterior", "posterior of this one, picked without a search", a.posterior},
        {"needed_prior", "prior at which that posterior is one half", a.needed_prior},
        {"island", "posterior where M + 1 were alike before (island)", a.island},
        {"suspect_lr", "this one: ratio s/p", a.suspect_lr},
        {"suspect_prior_odds", "  its prior odds against all that the search leaves",
         a.suspect_prior_odds},
        {"search_lr", "one of the N looked at: its ratio, s/(Np) at s = 1", a.search_lr},
        {"search_prior_odds", "  its prior odds, of all N together", a.search_prior_odds},
        {"posterior_odds", "posterior odds of this one, after the search",
         a.suspect_posterior_odds},
        {"search_posterior_odds", "posterior odds of one of the N, after the search",
         a.search_posterior_odds}};
    print(lines, sizeof lines / sizeof *lines, v.json);
    return 0;
}

const struct command cmd_odds = {
    "analyse",
    "odds",
    "--units M --chance P",
    "what a match is worth, given how many innocents would match",
    "The base rate and the prosecutor's fallacy: M units could have shown a pattern, each by\n"
    "chance P. How many innocents match, and what a match then says, at the prior given, if "
    "all\n"
    "were alike before (island), and after a search through N of them. Units are what could "
    "be\n"
    "picked: organisations or blocks of addresses; look-ups cluster and are no units.\n",
    options,
    run};
