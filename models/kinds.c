/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tables only. The battery of a kind is what a fair opponent would raise. */
#include "models/kinds.h"

#include <string.h>

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
};

const struct null_kind null_table[] = {
    {"cache", "demand without memory, seen through a cache",
     "total, at-risk time, dead time of one TTL after each session",
     "Jung, Berger & Balakrishnan 2003 (INFOCOM)"},
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
    {"controls", "a cause that both sides share, at the sensor, the server or the sender",
     "the same sides, other names; a and other clients, the same name",
     "Lipsitch et al. 2010 (Epidemiology 21:383)"},
    {"mail", "mass mail, which receivers' servers check", "times of the mailings",
     "Jung & Sit 2004 (IMC)"},
    {"monitor", "a monitor or security service that asks by the clock", "its schedule",
     "RFC 1536"},
    {0},
};

static const struct battery_row volume_battery[] = {
    {"cache", ROLE_REQUIRED, null_volume_cache, "ttl, compare", "1 look-up on either side"},
    {"retries", ROLE_REQUIRED, null_volume_retries, "ttl, compare", "1 look-up on either side"},
    {"peers", ROLE_REQUIRED, null_volume_peers, "compare", "5 comparable pairs"},
    {"days", ROLE_REQUIRED, null_volume_days, "compare", "14 days of listening time"},
    {"mail", ROLE_ADVISORY, NULL, "the sender's mail log", ""},
    {0},
};

static const struct battery_row hours_battery[] = {
    {"cache", ROLE_REQUIRED, null_hours_cache, "ttl", "20 sessions"},
    {"days", ROLE_REQUIRED, null_hours_days, "", "14 days, 20 sessions"},
    {"mail", ROLE_ADVISORY, NULL, "the sender's mail log", ""},
    {0},
};

static const struct battery_row regular_battery[] = {
    {"cache", ROLE_REQUIRED, null_regular_cache, "ttl", "20 gaps"},
    {"rhythm", ROLE_REQUIRED, null_regular_rhythm, "ttl", "20 gaps in one stream"},
    {"monitor", ROLE_ADVISORY, NULL, "the schedule of known monitors", ""},
    {0},
};

static const struct battery_row synchrony_battery[] = {
    {"window", ROLE_REQUIRED, null_synchrony_window, "ttl of at most 4 h", "20 sessions each"},
    {"controls", ROLE_REQUIRED, null_synchrony_controls, "controls, control_clients",
     "20 sessions each of 1/alpha - 1 control names, or control clients"},
    {"mail", ROLE_ADVISORY, NULL, "the sender's mail log", ""},
    {0},
};

const struct claim_kind claim_table[] = {
    {.id = "volume",
     .help = "more look-ups than comparable pairs have",
     .cite = "Clopper & Pearson 1934; Lawless 1987",
     .effect_name = "rate_ratio",
     .effect_label = "sessions per hour at risk, over those of comparable pairs",
     .no_effect = 1,
     .sign = +1,
     .direction = "more",
     .opposite = "less",
     .means_not = "that the number tells why somebody asked, or that anything was sent",
     .opposite_not = "that few look-ups mean little demand: a cache hides most of it",
     .battery = volume_battery,
     .prepare = volume_prepare,
     .estimate = volume_effect},
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
     .means_not = "that one caused the other: a third cause makes both",
     .opposite_not = "that the two have nothing to do with each other: fewer than that may "
                     "still follow",
     .battery = synchrony_battery,
     .prepare = synchrony_prepare,
     .estimate = synchrony_effect},
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

const struct null_kind *null_find(const char *id)
{
    for (const struct null_kind *n = null_table; n->id; n++)
        if (strcmp(n->id, id) == 0)
            return n;
    return NULL;
}
