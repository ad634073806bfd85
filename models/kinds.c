/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tables only. The battery of a kind is what a fair opponent would raise. */
#include "models/kinds.h"

#include <string.h>

#include "models/apart.h"
#include "models/nulls.h"

const char *const why_names[WHY_CODES] = {
    [WHY_NONE] = NULL,
    [WHY_NO_TTL] = "no_ttl",
    [WHY_NO_COMPARE] = "no_compare",
    [WHY_NO_CONTROLS] = "no_controls",
    [WHY_NEEDS_DATA] = "needs_data",
    [WHY_MIN_DATA] = "min_data",
    [WHY_RESOLUTION] = "resolution",
    [WHY_INCONCLUSIVE] = "inconclusive",
    [WHY_NO_FREEDOM] = "window_too_wide",
    [WHY_NO_FIT] = "degenerate",
    [WHY_LIVE_INFERRED] = "live_inferred",
    [WHY_NO_PREMISE] = "no_premise",
};

const struct null_kind null_table[] = {
    {"cache", "demand without memory, seen through a cache",
     "total, at-risk time, dead time of one TTL after each session",
     "Jung, Berger & Balakrishnan 2003 (INFOCOM)"},
    {"life", "demand without memory behind a cache whose answers live longer than is said",
     "the shortest gap of each stream, the total above it", "Sukhatme 1937 (Ann. Eugen. 8:52)"},
    {"retries", "repeats of one demand within the time to live",
     "demands a TTL apart, at-risk time", "Jung, Sit, Balakrishnan & Morris 2002 (ToN 10:589)"},
    {"peers", "one more of the comparable names, which differ among themselves",
     "rate and dispersion of the comparable pairs, refitted in each replicate",
     "Lawless 1987 (Can. J. Stat. 15:209)"},
    {"days", "days on which much happens, as on days of a mailing",
     "the excess of each block of up to a week, but for its sign",
     "Cameron, Gelbach & Miller 2008 (Rev. Econ. Stat. 90:414)"},
    {"rhythm", "demand that follows the hours, seen through a cache",
     "fitted rhythm of each stream, dead times, listening time; refitted in each replicate",
     "Brown et al. 2002 (Neural Comput. 14:325)"},
    {"window", "each side's own rhythm and drift, seen through a cache",
     "a's sessions; b's counts in windows of max(4 h, 2 TTL), dead times, listening time, "
     "demand rate fitted without a",
     "Besag & Clifford 1989 (Biometrika 76:633); Amarasingham et al. 2012 (J. Neurophysiol. "
     "107:517)"},
    {"timers", "two timers of like period, which meet by their phases and go on to",
     "each side's intervals; b is shifted as a whole",
     "Harrison & Geman 2009 (Neural Comput. 21:1244), on trains that keep their intervals"},
    {"controls", "a cause that both sides share, at the sensor, the server or the sender",
     "the same sides, other names; a and other clients, the same name",
     "Lipsitch et al. 2010 (Epidemiology 21:383)"},
    {"concentration", "names of like traffic that as few clients dominate",
     "volume within a factor of two, number of clients",
     "Phipson & Smyth 2010 (Stat. Appl. Genet. Mol. Biol. 9:39)"},
    {"blocks", "blocks of equal size, which differ among themselves",
     "size of the block, the names",
     "Phipson & Smyth 2010 (Stat. Appl. Genet. Mol. Biol. 9:39)"},
    {"sensors", "sensors that see this group better than others",
     "the excess of each block of days at the least favourable coverage, but for its sign",
     "Horvitz & Thompson 1952 (JASA 47:663); Manski 1989 (J. Hum. Resour. 24:343)"},
    {"activity", "clients that ask for much, whatever the name",
     "presence-days of each client's other names, of the names' other clients and of each day",
     "Deming & Stephan 1940 (Ann. Math. Stat. 11:427)"},
    {"truncation", "one of a list that holds only who was seen",
     "number of clients listed, law of their presence-days, refitted in each replicate",
     "David & Johnson 1952 (Biometrics 8:275)"},
    {"mail", "mass mail, which receivers' servers check", "times of the mailings",
     "Jung & Sit 2004 (IMC)"},
    {"coverage", "margins of so many dates cover much of the time",
     "number of features, share of listening time that the margins cover",
     "Donges et al. 2016 (Eur. Phys. J. Spec. Top. 225:471)"},
    {"rotation", "the same list of dates would fit at another time",
     "look-ups; the dates' distances from each other; round the window",
     "Donges et al. 2016 (Eur. Phys. J. Spec. Top. 225:471)"},
    {"habit", "hours, weekdays, and days that go together",
     "fitted hours; scatter and memory of the days; listening time; features found anew",
     "Chan & Ledolter 1995 (JASA 90:242)"},
    {"weeks", "the same list would fit in other weeks",
     "look-ups; the dates' hours, weekdays and distances", "Romano & Tirlea 2020"},
    {"choice", "dates picked to fit, or one lucky date among them",
     "features; the list less any one of its dates",
     "Simmons, Nelson & Simonsohn 2011 (Psychol. Sci. 22:1359)"},
    {"causes", "other things that happened at the time",
     "features and time away from the stated causes",
     "Lipsitch et al. 2010 (Epidemiology 21:383)"},
    {"scatter", "days that scatter, and that are like the days before them",
     "total, exposure, scatter and memory of the days as left by the split; refitted in each "
     "replicate",
     "Chan & Ledolter 1995 (JASA 90:242)"},
    {"placebo", "a stretch as low or high as others before it",
     "length of the stretch, rhythm, exposure",
     "Bertrand, Duflo & Mullainathan 2004 (QJE 119:249)"},
    {"dates", "a change on a date of its own, near this or another cause",
     "how near the change lies; listening time", "Worsley 1986 (Biometrika 73:91)"},
    {"removal", "a name taken away: answers stopped, not look-ups",
     "look-ups of the name after the date, whoever asked", "RFC 2308"},
    {"monitor", "a monitor or security service that asks by the clock", "its schedule",
     "RFC 1536"},
    {"versions", "the other copy of the log has the same rows", "all rows", "methods.md I"},
    {0},
};

static const struct battery_row volume_battery[] = {
    {"cache", ROLE_REQUIRED, null_volume_cache, "ttl, compare", "1 look-up on either side",
     "days", NULL},
    {"retries", ROLE_REQUIRED, null_volume_retries, "ttl, compare", "1 look-up on either side",
     "demands", NULL},
    {"peers", ROLE_REQUIRED, null_volume_peers, "compare", "5 comparable pairs", "peers", NULL},
    {"days", ROLE_REQUIRED, null_volume_days, "compare", "14 days of listening time", "days",
     NULL},
    {"mail", ROLE_ADVISORY, null_volume_mail, MAIL_LOG, "14 days", "mailings", NULL},
    {"monitor", ROLE_ADVISORY, null_volume_monitor, MONITORS, "14 days", "monitors", NULL},
    {0},
};

static const struct battery_row hours_battery[] = {
    {"cache", ROLE_REQUIRED, null_hours_cache, "ttl", "20 sessions", "days", NULL},
    {"days", ROLE_REQUIRED, null_hours_days, "", "14 days, 20 sessions", "days", NULL},
    {"mail", ROLE_ADVISORY, null_hours_mail, MAIL_LOG, "14 days, 20 sessions", "mailings",
     NULL},
    {0},
};

static const struct battery_row regular_battery[] = {
    {"cache", ROLE_REQUIRED, null_regular_cache, "ttl", "20 gaps", "gaps", NULL},
    {"rhythm", ROLE_REQUIRED, null_regular_rhythm, "ttl", "20 gaps in one stream",
     "operational time", NULL},
    {"life", ROLE_REQUIRED, null_regular_life, "", "20 gaps", NULL, NULL},
    {"monitor", ROLE_ADVISORY, null_regular_monitor, MONITORS, "20 gaps", "monitors", NULL},
    {0},
};

static const struct battery_row synchrony_battery[] = {
    {"window", ROLE_REQUIRED, null_synchrony_window, "ttl of at most 4 h", "20 sessions each",
     "window", NULL},
    {"controls", ROLE_REQUIRED, null_synchrony_controls, "controls, control_clients",
     "20 sessions each of 1/alpha - 1 control names, or control clients", "controls", NULL},
    {"timers", ROLE_ADVISORY, null_synchrony_timers, "ttl",
     "20 gaps each, regular on both sides", NULL, NULL},
    {"mail", ROLE_ADVISORY, null_synchrony_mail, MAIL_LOG, "20 sessions each", NULL, NULL},
    {0},
};

static const struct battery_row alignment_battery[] = {
    {"coverage", ROLE_REQUIRED, null_alignment_coverage, "events", "3 features", "features",
     NULL},
    {"rotation", ROLE_REQUIRED, null_alignment_rotation, "events",
     "1/alpha buckets, 3 features", "features", NULL},
    {"habit", ROLE_REQUIRED, null_alignment_habit, "events", "3 features", "features", NULL},
    {"choice", ROLE_REQUIRED, null_alignment_choice, "events that were registered before",
     "2 dates, 3 features", "features", NULL},
    {"weeks", ROLE_ADVISORY, null_alignment_weeks, "events", "1/alpha weeks, 3 features",
     "features", NULL},
    {"causes", ROLE_ADVISORY, null_alignment_causes, "causes", "3 features away from them",
     "features", &own_causes},
    {"controls", ROLE_ADVISORY, null_alignment_controls, "controls",
     "1/alpha - 1 control names", "features", NULL},
    {0},
};

static const struct battery_row reaction_battery[] = {
    {"scatter", ROLE_REQUIRED, null_reaction_scatter, "",
     "20 sessions, 7 cells before the date, one after", "sides", NULL},
    {"placebo", ROLE_REQUIRED, null_reaction_placebo, "", "1/alpha - 1 earlier dates", "sides",
     NULL},
    {"controls", ROLE_REQUIRED, null_reaction_controls, "controls", "1/alpha - 1 earlier dates",
     "sides", NULL},
    {"dates", ROLE_REQUIRED, null_reaction_dates, "", "1/alpha cells; fewer with other causes",
     NULL, &own_dates},
    {"removal", ROLE_ADVISORY, null_reaction_removal, "response codes",
     "log2(1/alpha) look-ups after the date", NULL, &own_removal},
    {"mail", ROLE_ADVISORY, null_reaction_mail, MAIL_LOG,
     "20 sessions, 7 cells before the date, one after", "mailings", NULL},
    {0},
};

static const struct battery_row authenticity_battery[] = {
    {"cache", ROLE_REQUIRED, null_authenticity_cache, "ttl", "20 sessions in one stream",
     "signs", NULL},
    {"rhythm", ROLE_REQUIRED, null_authenticity_rhythm, "ttl", "20 sessions in one stream",
     "signs", NULL},
    {"versions", ROLE_ADVISORY, null_authenticity_versions, SECOND_COPY,
     "1/alpha - 1 other pairs of like volume", NULL, &own_versions},
    {0},
};

static const struct battery_row exclusivity_battery[] = {
    {"concentration", ROLE_REQUIRED, null_exclusivity_concentration, "",
     "1/alpha - 1 names of half to twice the presence-days", "share", NULL},
    {"sensors", ROLE_REQUIRED, null_exclusivity_sensors, "coverage", "14 days", "share", NULL},
    {"days", ROLE_REQUIRED, null_exclusivity_days, "", "14 days", "share", NULL},
    {"activity", ROLE_ADVISORY, null_exclusivity_activity, "",
     "another name of each client, another client of each name", "share", &own_activity},
    {"truncation", ROLE_ADVISORY, null_exclusivity_truncation, "", "5 other clients", "share",
     &own_truncation},
    {"mail", ROLE_ADVISORY, null_exclusivity_mail, RECIPIENTS, "14 days", NULL, NULL},
    {0},
};

static const struct battery_row rarity_battery[] = {
    {"blocks", ROLE_REQUIRED, null_rarity_blocks, "", "1/alpha - 1 other blocks of equal size",
     "ratio", NULL},
    {"sensors", ROLE_REQUIRED, null_rarity_sensors, "coverage", "14 days", "ratio", NULL},
    {"days", ROLE_REQUIRED, null_rarity_days, "", "14 days", "ratio", NULL},
    {"activity", ROLE_ADVISORY, null_rarity_activity, "",
     "another name of each client, another client of each name", "ratio", &own_activity},
    {0},
};

const struct claim_kind claim_table[] = {
    {.id = "volume",
     .help = "more look-ups than comparable pairs have",
     .cite = "Clopper & Pearson 1934; Lawless 1987",
     .effect_name = "rate_ratio",
     .effect_label = "sessions per hour, what caches hid counted in, over comparable pairs",
     .no_effect = 1,
     .sign = +1,
     .direction = "more",
     .opposite = "less",
     .stands = "the clients asked for these names more often than comparable pairs did, by "
               "more than a cache, repeats, busy days and the differences among those make: "
               "something about the name, about who uses it or, beside pairs of other "
               "clients, about a client that asks for much of anything brings look-ups",
     .explained =
         "beside comparable names so many look-ups are nothing special: their differences, "
         "busy days or repeats leave no room for the ratio that was claimed",
     .means_not = "that the number tells why somebody asked, or that anything was sent",
     .opposite_not = "that few look-ups mean little demand: a cache hides most of it",
     .battery = volume_battery,
     .prepare = volume_prepare,
     .estimate = volume_effect},
    {.id = "exclusivity",
     .help = "a few clients alone ask for the name",
     .cite = "Clopper & Pearson 1934; Cameron, Gelbach & Miller 2008",
     .effect_name = "share",
     .effect_label = "share of the name's days of asking that are the group's, over coverage",
     .no_effect = .5,
     .sign = +1,
     .direction = "at_least",
     .opposite = "below",
     .stands = "names of like traffic are seldom so concentrated, and neither the coverage "
               "that was stated nor busy days make the majority",
     .explained = "others ask as much, or names of like traffic are as concentrated: the rows "
                  "leave no room for the share that was claimed",
     .means_not = "that nobody else asked, only that the sensors saw nobody else ask as often; "
                  "nor that the few have to do with each other",
     .opposite_not = "that the group asked seldom: many others asked as well",
     .battery = exclusivity_battery,
     .estimate = exclusivity_effect,
     .most_effect = 1},
    {.id = "rarity",
     .help = "look-ups of a name are rare elsewhere",
     .cite = "Clopper & Pearson 1934; Cameron, Gelbach & Miller 2008",
     .effect_name = "prevalence_ratio",
     .effect_label = "days of asking in the block, over those in a block of equal size",
     .no_effect = 1,
     .sign = +1,
     .direction = "more",
     .opposite = "less",
     .stands = "the block has more days with such look-ups than blocks of its size, by more "
               "than days, coverage and the differences among blocks make",
     .explained = "blocks of its size have as much, or differ so much among themselves that "
                  "there is no room for the ratio that was claimed",
     .means_not = "who in the block asked, or how many: one device can make every look-up; nor "
                  "that no other block has as many, since not all were seen",
     .opposite_not =
         "that the block is like all others: it is not more than the ratio above them",
     .battery = rarity_battery,
     .estimate = rarity_effect},
    {.id = "timing",
     .feature = "hours",
     .help = "look-ups keep to certain hours",
     .cite = "Clopper & Pearson 1934; Cameron, Gelbach & Miller 2008",
     .effect_name = "hours_ratio",
     .effect_label = "sessions per hour at risk inside the hours, over those outside",
     .no_effect = 1,
     .sign = +1,
     .direction = "more",
     .opposite = "less",
     .stands = "whatever asks keeps to the stated hours, by more than a cache, busy days and "
               "chance make: people, their mail, or software that either sets going",
     .explained = "outside the stated hours look-ups come about as often: there is no room for "
                  "the ratio that was claimed",
     .means_not =
         "that people at the client keep these hours: mail comes in the sender's hours "
         "and is checked at once; and every party of the zone keeps them",
     .opposite_not = "that nobody keeps these hours: a cache and a mail queue blur them",
     .battery = hours_battery,
     .estimate = hours_effect},
    {.id = "timing",
     .feature = "regular",
     .help = "look-ups come at regular intervals",
     .cite = "Fisher 1929; Jung, Berger & Balakrishnan 2003",
     .effect_name = "excess_gap_cv",
     .effect_label = "coefficient of variation of gaps less the time to live",
     .no_effect = 1,
     .sign = -1,
     .direction = "less",
     .opposite = "more",
     .stands = "gaps are more even than demand leaves them behind a cache, whatever its rhythm "
               "and the life of an answer: something asks by a timer",
     .explained = "gaps are as uneven as demand without memory makes them behind a cache: "
                  "there is no room for a timer as even as was claimed",
     .means_not =
         "that a regular series shows who asks: a service's timer is as regular as any "
         "other",
     .opposite_not = "that people ask: demand of any kind without a timer is irregular, mail "
                     "among it",
     .battery = regular_battery,
     .estimate = regular_effect},
    {.id = "synchrony",
     .help = "look-ups of one pair follow those of another",
     .cite = "Besag & Clifford 1989; Amarasingham et al. 2012",
     .effect_name = "eta",
     .effect_label = "extra sessions of b per session of a, at the best lag",
     .no_effect = 0,
     .sign = +1,
     .direction = "more",
     .opposite = "below",
     .stands = "look-ups of the second pair come near those of the first more often than both "
               "rhythms make, and than control pairs show: one follows the other, or a cause "
               "that the controls lack moves both",
     .explained =
         "the two come together about as often as their own rhythms, or what all pairs share, "
         "make them: there is no room for so many that follow as were claimed",
     .means_not = "that one caused the other: a third cause makes both",
     .opposite_not = "that the two have nothing to do with each other: fewer than that may "
                     "still follow",
     .battery = synchrony_battery,
     .prepare = synchrony_prepare,
     .estimate = synchrony_effect},
    {.id = "alignment",
     .help = "features of the series fall near stated dates",
     .cite = "Donges et al. 2016",
     .effect_name = "alignment",
     .effect_label =
         "share of features near a date, less what the margins cover, over the rest",
     .no_effect = 0,
     .sign = +1,
     .direction = "more",
     .opposite = "below",
     .stands = "features of the series fall near these dates, on a list that was written "
               "before, more often than chance, hours, weekdays and one lucky date explain",
     .explained = "about as many features fall near these dates as near any: there is no room "
                  "for as many as were claimed",
     .means_not =
         "that the dates made the look-ups: what made the dates may have made both; nor "
         "that other lists of dates would not do as well",
     .opposite_not = "that nothing on the list had to do with the look-ups: a few dates may, "
                     "among many that do not",
     .battery = alignment_battery,
     .prepare = alignment_prepare,
     .estimate = alignment_effect,
     .most_effect = 1},
    {.id = "reaction",
     .help = "look-ups fell at a stated date",
     .cite = "Clopper & Pearson 1934; Bertrand, Duflo & Mullainathan 2004",
     .effect_name = "rate_after_over_before",
     .effect_label = "rate after the date over the rate before, over the same of the controls",
     .no_effect = 1,
     .sign = -1,
     .direction = "less",
     .opposite = "more",
     .stands = "look-ups fell at this date by more than days scatter, more than those of "
               "control names, and not merely near one of many dates",
     .explained = "what came after the date is like other stretches before it: there is no "
                  "room for so deep a fall as was claimed",
     .means_not =
         "that somebody reacted: what else happened on that date may have done it, and a "
         "name that is gone is asked for less by everybody",
     .opposite_not =
         "that nobody reacted: a cache, or a client that goes on by itself, hides it",
     .battery = reaction_battery,
     .prepare = reaction_prepare,
     .estimate = reaction_effect},
    {.id = "reaction",
     .feature = "rise",
     .help = "look-ups rose at a stated date",
     .cite = "Clopper & Pearson 1934; Bertrand, Duflo & Mullainathan 2004",
     .effect_name = "rate_after_over_before",
     .effect_label = "rate after the date over the rate before, over the same of the controls",
     .no_effect = 1,
     .sign = +1,
     .direction = "more",
     .opposite = "less",
     .stands = "look-ups rose at this date by more than days scatter, more than those of "
               "control names, and not merely near one of many dates",
     .explained = "what came after the date is like other stretches before it: there is no "
                  "room for so high a rise as was claimed",
     .means_not =
         "that the date was the cause: whatever else began then would raise the look-ups "
         "as well",
     .opposite_not =
         "that nothing began: behind a busy cache more demand makes no more look-ups",
     .battery = reaction_battery,
     .prepare = reaction_prepare,
     .estimate = reaction_effect},
    {.id = "authenticity",
     .help = "sessions of the log are copies of a run, or were put in",
     .cite = "Jung, Berger & Balakrishnan 2003; Arratia, Goldstein & Gordon 1990",
     .effect_name = "altered_share",
     .effect_label = "share of sessions that are copies of a run, or would have to be rows put "
                     "in if no innocent cause made a short gap",
     .no_effect = 0,
     .sign = +1,
     .direction = "altered",
     .opposite = "below",
     .stands = "the pair has copied runs, or look-ups where its cache, restarts and further "
               "caches leave none: rows were copied or put in, or the log was fed in twice",
     .explained = "so much that was copied or put in would have shown and did not: there is no "
                  "room for the share that was claimed",
     .means_not = "who altered the log, or why: a log fed in twice, a second device, or a job "
                  "of several look-ups that ran twice at the same gaps leaves such signs too",
     .opposite_not = "that the log is authentic: a row taken away, moved or changed leaves no "
                     "such sign, and a careful forger leaves none",
     .battery = authenticity_battery,
     .prepare = NULL,
     .estimate = authenticity_effect,
     .most_effect = 1},
    {0},
};

const struct claim_kind *claim_find(const char *id, const char *feature)
{
    for (const struct claim_kind *k = claim_table; k->id; k++)
        if (strcmp(k->id, id) == 0 &&
            (k->feature ? feature && strcmp(k->feature, feature) == 0 : !feature))
            return k;
    return NULL;
}

/* The opposite stands where the claim is explained, and the other way round. */
const char *claim_means(const struct claim_kind *k, bool opposite, bool stands)
{
    return stands != opposite ? k->stands : k->explained;
}

const struct null_kind *null_find(const char *id)
{
    for (const struct null_kind *n = null_table; n->id; n++)
        if (strcmp(n->id, id) == 0)
            return n;
    return NULL;
}
