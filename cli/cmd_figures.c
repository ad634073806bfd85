/* SPDX-License-Identifier: GPL-3.0-or-later
 * figures: claims of which only published figures exist. No case is read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/values.h"
#include "models/published.h"
#include "report/results.h"
#include "stats/tail.h"

struct values {
    bool json;
};

static const struct opt options[] = {{"json", OPT_FLAG, NULL, NULL,
                                      offsetof(struct values, json),
                                      "for programs, with all digits"},
                                     OPT_END};

static void number(json_t *j, const char *key, double x)
{
    json_object_set_new(j, key, values_real(x));
}

static void need(json_t *list, const char *what)
{
    json_array_append_new(list, json_string(what));
}

/* What else was published of the same table: two counts that may be one population's, and
 * percentages of a total that was not told. */
static void parts_json(const struct published_claim *c, json_t *j)
{
    struct published_split s = published_split_of(c);
    struct published_total t = published_total_of(c);
    if (isfinite(s.z)) {
        number(j, "split_z_against_a_fair_coin", s.z);
        number(j, "split_p_of_a_fair_coin", exp(s.log_p));
    }
    if (!c->nstated)
        return;
    bool any = t.lo <= t.hi;
    number(j, "total_for_the_percentages_stated_at_least", any ? t.lo : NAN);
    number(j, "total_for_the_percentages_stated_at_most", any ? t.hi : NAN);
    if (!any)
        json_object_set_new(j, "total_for_the_percentages_stated",
                            json_string("none: they contradict each other"));
}

static void share_json(const struct published_claim *c, json_t *j, json_t *missing)
{
    struct published_share s = published_share_of(c, .95);
    number(j, "share", s.share);
    number(j, "share_lo", s.lo);
    number(j, "share_hi", s.hi);
    json_object_set_new(j, "interval",
                        json_string("95 %, Clopper and Pearson; as if each count came by "
                                    "itself, so too narrow: look-ups cluster"));
    number(j, "coverage_of_others_for_share_under_half", s.tips_half);
    number(j, "coverage_of_others_for_share_under_nine_tenths", s.tips_nine_tenths);
    number(j, "coverage_of_others_for_share_under_the_effect", s.tips_effect);
    number(j, "unseen_of_others_for_share_under_half", s.unseen_half);
    number(j, "unseen_of_others_for_share_under_the_effect", s.unseen_effect);
    number(j, "coverage_of_others_for_half_were_the_share_as_claimed", s.said_half);
    number(j, "coverage_of_others_for_nine_tenths_were_the_share_as_claimed",
           s.said_nine_tenths);
    number(j, "share_with_coverage_as_stated", s.post_median);
    number(j, "share_with_coverage_as_stated_lo", s.post_lo);
    number(j, "share_with_coverage_as_stated_hi", s.post_hi);
    number(j, "sources_not_seen_at_least_chao1", s.unseen.chao1);
    number(j, "next_is_of_a_new_source", s.unseen.good_turing);
    number(j, "next_is_of_a_new_source_hi", s.unseen.good_turing_high);
    parts_json(c, j);
    need(missing, "coverage: which share of the look-ups of others the sensor saw, relative to "
                  "the group's, and whether it was chosen because it saw the group");
    need(missing, "rows, so that days can be counted in place of look-ups");
    need(missing, "names of like traffic at the same sensor: how concentrated are they?");
}

static void rarity_json(const struct published_claim *c, json_t *j, json_t *missing)
{
    struct published_rarity r = published_rarity_of(c);
    number(j, "share_at_most", r.share_at_most);
    number(j, "equal_blocks_needed_for_the_effect", r.blocks_needed);
    number(j, "devices_that_make_as_many", r.devices);
    need(missing, "the number of blocks of equal size in the whole, and the rank of this one "
                  "among them");
    need(missing, "devices in place of look-ups: one device can make thousands");
    need(missing, "coverage: which share of the look-ups of each block the sensor saw");
    need(missing, "rows, so that days can be counted and the block compared with others");
}

static void rate_json(const struct published_claim *c, json_t *j, json_t *missing)
{
    struct published_rate r = published_rate_of(c);
    number(j, "caches", c->caches);
    number(j, "lookups_per_cache_and_day", r.per_cache_day);
    number(j, "share_of_the_most_that_the_cache_lets_through", r.of_ceiling);
    number(j, "most_that_each_cache_lets_through", r.most);
    number(j, "demand_per_hour_and_cache", r.lambda_h);
    number(j, "demand_times_time_to_live", r.lambda_ttl);
    number(j, "hidden_share_of_demand", r.of_ceiling);
    number(j, "implied_demand", r.demand);
    number(j, "variation_of_gaps_expected", r.cv);
    need(missing, "the time to live of the answer, and whether the addresses share a cache");
    need(missing,
         "times of the look-ups: at a rate that is not even these figures do not hold");
    need(missing, "look-ups of comparable names by the same clients");
}

static void silence_json(const struct published_claim *c, json_t *j, json_t *missing)
{
    struct published_silence s = published_silence_of(c);
    number(j, "lookups_per_day", s.per_day);
    number(j, "log10_p_if_days_are_poisson", log10_of(s.log_p_poisson));
    number(j, "p_if_days_scatter_as_stated", exp(s.log_p_negbin));
    need(missing, "counts of each day: how much they scatter, and earlier silences");
    need(missing, "whether other names fell silent with it, and when the sensor listened");
    need(missing, "every other cause that is known of those days");
}

static void near_json(const struct published_claim *c, json_t *j, json_t *missing)
{
    number(j, "dates", c->dates);
    number(j, "chance_that_one_date_is_near_one_of_them", published_chance_of_near(c));
    need(missing, "when the list of dates was written down, and which dates were left out");
    need(missing, "counts of each day");
}

static void (*const bounds_json[PUBLISHED_KINDS])(const struct published_claim *c, json_t *j,
                                                  json_t *missing) = {
    [PUBLISHED_EXCLUSIVITY] = share_json, [PUBLISHED_RARITY] = rarity_json,
    [PUBLISHED_VOLUME] = rate_json,       [PUBLISHED_REACTION] = silence_json,
    [PUBLISHED_ALIGNMENT] = near_json,
};

static json_t *claim_json(const struct published_claim *c)
{
    json_t *missing = json_array(), *figures = json_object();
    json_t *j =
        json_pack("{s:s, s:s, s:s, s:f, s:s, s:s, s:s}", "id", c->id, "kind",
                  published_kind_names[c->kind], "direction", c->direction, "effect_claimed",
                  c->effect, "unit", c->unit, "grade", c->grade, "source", c->source);
    if (*c->said)
        json_object_set_new(j, "said", json_string(c->said));
    if (*c->who)
        json_object_set_new(j, "who", json_string(c->who));
    bounds_json[c->kind](c, figures, missing);
    if (c->base_rate.asked) {
        struct base_answer a =
            base_rate_of(&c->base_rate, c->base_rate.matches, c->base_rate.of, .95);
        json_object_set_new(j, "base_rate", results_base_rate(&c->base_rate, &a));
    }
    json_object_set_new(j, "verdict", json_string("undetermined"));
    json_object_set_new(j, "why", json_string("not_identifiable"));
    json_object_set_new(j, "answer",
                        json_string("Not identifiable from these: published figures hold no "
                                    "days, no blocks and no coverage, so no innocent "
                                    "explanation can be tested."));
    json_object_set_new(j, "what_the_figures_bound", figures);
    json_object_set_new(j, "what_would_settle_it", missing);
    return j;
}

/* Of each figure: what the text calls it, and its unit; the JSON has the key. */
static const struct label {
    const char *key, *text, *unit;
} labels[] = {
    {"share", "share of the counted look-ups", "as a share"},
    {"share_lo", "its interval, from", "as a share"},
    {"share_hi", "its interval, to", "as a share"},
    {"interval", "interval", ""},
    {"coverage_of_others_for_share_under_half",
     "below a half if of others' look-ups the sensor saw at most", "of the group's coverage"},
    {"coverage_of_others_for_share_under_nine_tenths", "below nine tenths if it saw at most",
     "of the group's coverage"},
    {"coverage_of_others_for_share_under_the_effect",
     "below the share claimed if it saw at most", "of the group's coverage"},
    {"unseen_of_others_for_share_under_half",
     "below a half if of others' look-ups so many were not seen", "look-ups"},
    {"unseen_of_others_for_share_under_the_effect",
     "below the share claimed if so many were not seen", "look-ups"},
    {"coverage_of_others_for_half_were_the_share_as_claimed",
     "were the share as claimed: below a half if it saw at most", "of the group's coverage"},
    {"coverage_of_others_for_nine_tenths_were_the_share_as_claimed",
     "were the share as claimed: below nine tenths if at most", "of the group's coverage"},
    {"share_with_coverage_as_stated", "share with the coverage stated, median", "as a share"},
    {"share_with_coverage_as_stated_lo", "the same, 95 % of draws, from", "as a share"},
    {"share_with_coverage_as_stated_hi", "the same, 95 % of draws, to", "as a share"},
    {"sources_not_seen_at_least_chao1", "sources not seen, at least (Chao 1)", "sources"},
    {"next_is_of_a_new_source", "chance that the next look-up is of a new source",
     "as a probability"},
    {"next_is_of_a_new_source_hi", "the same, at most", "as a probability"},
    {"split_z_against_a_fair_coin", "the two counts off a fair coin", "standard errors"},
    {"split_p_of_a_fair_coin", "p of a split so uneven by a fair coin", "as a probability"},
    {"total_for_the_percentages_stated_at_least", "total by the percentages, from", "look-ups"},
    {"total_for_the_percentages_stated_at_most", "total by the percentages, to", "look-ups"},
    {"total_for_the_percentages_stated", "total by the percentages", ""},
    {"share_at_most", "share of the whole, at most", "as a share"},
    {"equal_blocks_needed_for_the_effect", "blocks of equal size that the effect needs",
     "blocks"},
    {"devices_that_make_as_many", "devices that make as many look-ups", "devices"},
    {"caches", "caches, as stated", "caches"},
    {"lookups_per_cache_and_day", "look-ups", "a cache and day"},
    {"share_of_the_most_that_the_cache_lets_through",
     "share of the most that a cache lets through", "as a share"},
    {"most_that_each_cache_lets_through", "most that each cache lets through", "look-ups"},
    {"demand_per_hour_and_cache", "demand", "an hour and cache"},
    {"demand_times_time_to_live", "demand", "a time to live and cache"},
    {"hidden_share_of_demand", "share of the demand that the cache hides", "as a share"},
    {"implied_demand", "demand that is implied, all caches", "demands"},
    {"variation_of_gaps_expected", "coefficient of variation of gaps, expected",
     "standard deviation over mean"},
    {"lookups_per_day", "look-ups", "a day"},
    {"log10_p_if_days_are_poisson", "p, were days Poisson: ten to the power of",
     "as a probability"},
    {"p_if_days_scatter_as_stated", "p, if days scatter as stated", "as a probability"},
    {"dates", "dates", "dates"},
    {"chance_that_one_date_is_near_one_of_them", "chance that one date is near one of them",
     "as a probability"},
    {NULL, NULL, NULL}};

static void print_figure(const char *key, const json_t *x)
{
    const struct label *l = labels;
    while (l->key && strcmp(l->key, key) != 0)
        l++;
    if (json_is_real(x))
        printf("  %-58s %12.6g  %s\n", l->key ? l->text : key, json_real_value(x),
               l->key ? l->unit : "");
    else if (json_is_string(x))
        printf("  %-58s %s\n", l->key ? l->text : key, json_string_value(x));
}

static double bound(const json_t *b, const char *key, const char *end)
{
    const json_t *x = json_object_get(json_object_get(b, key), end);
    return json_is_number(x) ? json_number_value(x) : INFINITY;
}

/* Odds only where there is a denominator. */
static void print_base_rate(const json_t *b)
{
    const char *why = json_string_value(json_object_get(b, "why"));
    if (!b)
        return;
    if (why)
        printf("  Base rate: no odds, for %s.\n", why);
    else
        printf("  Base rate: %.6g innocent matches expected (95 %% %.6g to %.6g); posterior "
               "odds %.6g (%.6g to %.6g).\n",
               bound(b, "innocent_expected", "value"), bound(b, "innocent_expected", "lo"),
               bound(b, "innocent_expected", "hi"), bound(b, "posterior_odds", "value"),
               bound(b, "posterior_odds", "lo"), bound(b, "posterior_odds", "hi"));
}

static void print_text(const json_t *root)
{
    const json_t *c, *item;
    const char *key;
    size_t i, k;
    printf("%s\n", json_string_value(json_object_get(root, "figures")));
    json_array_foreach(json_object_get(root, "claims"), i, c)
    {
        json_t *bounds = json_object_get(c, "what_the_figures_bound");
        printf("\n%s, %s %s %g (published figures: %s; grade %s)\n",
               json_string_value(json_object_get(c, "id")),
               json_string_value(json_object_get(c, "kind")),
               json_string_value(json_object_get(c, "direction")),
               json_real_value(json_object_get(c, "effect_claimed")),
               json_string_value(json_object_get(c, "source")),
               json_string_value(json_object_get(c, "grade")));
        if (json_object_get(c, "said"))
            printf("  As claimed: \"%s\"\n", json_string_value(json_object_get(c, "said")));
        printf("  undetermined: %s\n", json_string_value(json_object_get(c, "answer")));
        json_object_foreach(bounds, key, item) print_figure(key, item);
        print_base_rate(json_object_get(c, "base_rate"));
        puts("  What would settle it:");
        json_array_foreach(json_object_get(c, "what_would_settle_it"), k, item)
            printf("  - %s\n", json_string_value(item));
    }
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct published p;
    struct err err;
    int first = opts_read(&cmd_figures, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1)
        return opts_exit(
            opts_usage(&cmd_figures, "expected one file of figures, found %d", argc - first));
    if (published_read(&p, argv[first], &err) < 0)
        return opts_fail(&err);
    json_t *claims = json_array();
    for (size_t i = 0; i < p.n; i++)
        json_array_append_new(claims, claim_json(&p.claims[i]));
    json_t *root = json_pack("{s:s, s:o}", "figures", p.title, "claims", claims);
    if (v.json) {
        json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
    } else {
        print_text(root);
    }
    json_decref(root);
    published_free(&p);
    return 0;
}

const struct command cmd_figures = {
    "analyse",
    "figures",
    "FILE",
    "claims of which only published figures exist: what they bound, what would settle it",
    "FILE states the figures with source and grade. Without rows nothing can be tested, and\n"
    "nothing stands: the answer is \"not identifiable from these\", with the bounds that the\n"
    "figures give and what would do.\n",
    options,
    run};
