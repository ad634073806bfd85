/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kind is read first, because it says which keys the rest may hold; then the rows of
 * the key table in order. */
#include "models/study_claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "ingest/casefile.h"
#include "models/drivers.h"
#include "models/kinds.h"
#include "models/scenario.h"

/* --- hours ------------------------------------------------------------------------- */

static int clock_time(struct study_reader *r, const struct yaml_node *n, int *ret_s)
{
    const char *text;
    if (yaml_text(r->y, n, &text, r->err) < 0)
        return ERR_USAGE;
    int h = -1, m = -1, used = 0;
    if (sscanf(text, "%2d:%2d%n", &h, &m, &used) < 2 || text[used] || h < 0 || h > 24 ||
        m < 0 || m > 59 || h * 60 + m > 24 * 60)
        return yaml_fail(r->y, n, r->err,
                         "expected a time of day such as \"09:00\", found '%s'", text);
    *ret_s = h * 3600 + m * 60;
    return 0;
}

static int read_hours_one(struct study_reader *r, const struct yaml_node *n,
                          struct study_hours *h)
{
    static const char *const keys[] = {"timezone", "from", "to", "days", NULL};
    const struct yaml_node *zone, *from, *to, *days;
    if (yaml_only(r->y, n, keys, r->err) < 0 ||
        yaml_need(r->y, n, "timezone", &zone, r->err) < 0 ||
        yaml_need(r->y, n, "from", &from, r->err) < 0 ||
        yaml_need(r->y, n, "to", &to, r->err) < 0 ||
        study_reader_zone(r, zone, &h->zone_name, &h->zone) < 0 ||
        clock_time(r, from, &h->from_s) < 0 || clock_time(r, to, &h->to_s) < 0)
        return ERR_USAGE;
    const char *word = "weekdays";
    days = yaml_get(n, "days");
    if (days && yaml_text(r->y, days, &word, r->err) < 0)
        return ERR_USAGE;
    h->weekdays = strcmp(word, "weekdays") == 0;
    if (!h->weekdays && strcmp(word, "all") != 0)
        return yaml_fail(r->y, days, r->err, "expected weekdays or all, found '%s'", word);
    return h->from_s != h->to_s ? 0
                                : yaml_fail(r->y, to, r->err, "expected 'to' unlike 'from'");
}

static int claim_hours(struct study_reader *r, const struct yaml_node *n, struct study_claim *c,
                       void *field)
{
    (void)field;
    bool list = yaml_is_list(n);
    c->nhours = list ? yaml_count(n) : 1;
    if (c->nhours == 0 || c->nhours > STUDY_HOURS) {
        c->nhours = 0;
        return yaml_fail(r->y, n, r->err, "expected 1 to %d hours", STUDY_HOURS);
    }
    for (size_t i = 0; i < c->nhours; i++)
        if (read_hours_one(r, list ? yaml_item(n, i) : n, &c->hours[i]) < 0)
            return ERR_USAGE;
    return 0;
}

/* --- values of one type, which may be the field of any key -------------------------- */

#define FIELD(name)                                                                            \
    static int name(struct study_reader *r, const struct yaml_node *n, struct study_claim *c,  \
                    void *field)

FIELD(claim_text)
{
    (void)c;
    return yaml_text(r->y, n, field, r->err);
}

FIELD(claim_bool)
{
    (void)c;
    return yaml_bool(r->y, n, field, r->err);
}

FIELD(claim_time)
{
    (void)c;
    return yaml_time(r->y, n, field, r->err);
}

FIELD(claim_duration)
{
    (void)c;
    double *s = field;
    return study_reader_seconds(r, n, s) < 0 ? ERR_USAGE
                                             : study_reader_positive(r, n, *s, "a duration");
}

FIELD(claim_lag)
{
    (void)c;
    return study_reader_seconds(r, n, field);
}

FIELD(claim_ttl)
{
    (void)c;
    return study_reader_ttl(r, n, field);
}

FIELD(claim_search)
{
    (void)c;
    return study_reader_search(r, n, field);
}

/* A group with names. */
FIELD(claim_names)
{
    (void)c;
    return study_reader_group(r, n, false, field);
}

/* A group with clients. */
FIELD(claim_client_group)
{
    (void)c;
    return study_reader_group(r, n, true, field);
}

FIELD(claim_drivers)
{
    unsigned *kinds = field;
    (void)c;
    if (!yaml_is_list(n) || yaml_count(n) == 0)
        return yaml_fail(r->y, n, r->err, "expected a list of clients, names, traffic");
    for (size_t i = 0; i < yaml_count(n); i++) {
        const char *word;
        unsigned kind = 0;
        if (yaml_text(r->y, yaml_item(n, i), &word, r->err) < 0)
            return ERR_USAGE;
        while (driver_names[kind] && strcmp(driver_names[kind], word) != 0)
            kind++;
        if (!driver_names[kind])
            return yaml_fail(r->y, yaml_item(n, i), r->err,
                             "expected clients, names or traffic, found '%s'", word);
        *kinds |= 1U << kind;
    }
    return 0;
}

/* Groups of clients that are read as one: one id, or a list. */
FIELD(claim_clients)
{
    size_t *groups = field;
    bool list = yaml_is_list(n);
    size_t count = list ? yaml_count(n) : 1;
    if (count == 0 || count > STUDY_CLIENTS)
        return yaml_fail(r->y, n, r->err, "expected 1 to %d groups of clients", STUDY_CLIENTS);
    for (; c->nclients < count; c->nclients++)
        if (study_reader_group(r, list ? yaml_item(n, c->nclients) : n, true,
                               &groups[c->nclients]) < 0)
            return ERR_USAGE;
    return 0;
}

/* [group of clients, group of names]. */
static int claim_pair(struct study_reader *r, const struct yaml_node *n, size_t *client,
                      size_t *name)
{
    if (!yaml_is_list(n) || yaml_count(n) != 2)
        return yaml_fail(r->y, n, r->err, "expected [group of clients, group of names]");
    return study_reader_group(r, yaml_item(n, 0), true, client) < 0
               ? ERR_USAGE
               : study_reader_group(r, yaml_item(n, 1), false, name);
}

FIELD(claim_a)
{
    c->nclients = 1;
    return claim_pair(r, n, field, &c->name);
}

FIELD(claim_b)
{
    return claim_pair(r, n, field, &c->b_name);
}

FIELD(claim_moments)
{
    (void)c;
    return study_reader_moments(r, n, field);
}

/* A log of times beside the study. */
static int claim_log(struct study_reader *r, const struct yaml_node *n, bool clients,
                     struct moments **ret)
{
    struct err why;
    char *path = study_reader_beside(r, n);
    if (!path)
        return ERR_USAGE;
    int rc = moments_read_log(ret, path, clients, &why);
    free(path);
    return rc < 0 ? yaml_fail(r->y, n, r->err, "expected a log of times; %s", why.msg) : 0;
}

/* {file, after, source}, or of a timer {every, from, after, source}. */
static int claim_aside(struct study_reader *r, const struct yaml_node *n, struct study_claim *c,
                       bool timer, struct study_aside *to)
{
    static const char *const of_file[] = {"file", "after", "source", NULL};
    static const char *const of_timer[] = {"every", "from", "after", "source", NULL};
    const struct yaml_node *after, *from, *file, *source, *every = NULL;
    if (!yaml_is_map(n))
        return yaml_fail(r->y, n, r->err, "expected {file, after, source}%s",
                         timer ? " or {every, from, after, source}" : "");
    every = timer ? yaml_get(n, "every") : NULL;
    source = yaml_get(n, "source");
    if (yaml_only(r->y, n, every ? of_timer : of_file, r->err) < 0 ||
        yaml_need(r->y, n, "after", &after, r->err) < 0 ||
        claim_duration(r, after, c, &to->after_s) < 0 ||
        (source && yaml_text(r->y, source, &to->source, r->err) < 0))
        return ERR_USAGE;
    if (!every)
        return yaml_need(r->y, n, "file", &file, r->err) < 0
                   ? ERR_USAGE
                   : claim_log(r, file, claim_key_has("exclusivity", c->kind), &to->times);
    if (yaml_need(r->y, n, "from", &from, r->err) < 0 ||
        yaml_time(r->y, from, &to->from_ns, r->err) < 0 ||
        claim_duration(r, every, c, &to->every_s) < 0)
        return ERR_USAGE;
    return to->every_s > to->after_s
               ? 0
               : yaml_fail(r->y, every, r->err, "expected 'every' longer than 'after'");
}

/* A case beside the study. */
FIELD(claim_copy)
{
    (void)c;
    struct study_copy *to = field;
    struct err why;
    char *path = study_reader_beside(r, n);
    if (!path)
        return ERR_USAGE;
    int rc = casefile_read(&to->counts, path, &why);
    free(path);
    if (rc < 0)
        return yaml_fail(r->y, n, r->err, "expected a count file (case); %s", why.msg);
    counts_digest(to->counts, to->sha256);
    return 0;
}

FIELD(claim_mailings)
{
    return claim_aside(r, n, c, false, field);
}

FIELD(claim_monitors)
{
    return claim_aside(r, n, c, true, field);
}

/* The claimant's model: a scenario, kept with the digest of its file. */
FIELD(claim_model)
{
    (void)c;
    struct study_model *to = field;
    struct err why;
    char *path = study_reader_beside(r, n);
    if (!path)
        return ERR_USAGE;
    to->scenario = mem_zero(1, sizeof *to->scenario);
    int rc = digest_file(path, to->sha256, &why);
    if (rc == 0)
        rc = scenario_open(to->scenario, path, &why);
    free(path);
    if (rc == 0)
        return yaml_text(r->y, n, &to->file, r->err);
    free(to->scenario);
    to->scenario = NULL;
    return yaml_fail(r->y, n, r->err, "expected a scenario file; %s", why.msg);
}

/* unknown, or a share, or {value, source}, or {group, others, source}. */
FIELD(claim_coverage)
{
    (void)c;
    static const char *const keys[] = {"value", "group", "others", "source", NULL};
    struct study_coverage *to = field;
    const struct yaml_node *value = n, *source = NULL, *others = NULL;
    const char *word;
    if (yaml_is_map(n)) {
        source = yaml_get(n, "source");
        others = yaml_get(n, "others");
        if (yaml_only(r->y, n, keys, r->err) < 0 ||
            yaml_need(r->y, n, others ? "group" : "value", &value, r->err) < 0 ||
            (source && yaml_text(r->y, source, &to->source, r->err) < 0) ||
            (others && study_reader_share(r, others, &to->others) < 0))
            return ERR_USAGE;
        if (yaml_get(n, "value") && yaml_get(n, "group"))
            return yaml_fail(r->y, n, r->err, "expected 'value', or 'group' and 'others'");
    }
    if (yaml_text(r->y, value, &word, r->err) < 0)
        return ERR_USAGE;
    if (strcmp(word, "unknown") == 0 && !others)
        return 0;
    to->known = true;
    return study_reader_share(r, value, &to->value);
}

/* The prefix length that makes a block. */
FIELD(claim_block)
{
    (void)c;
    double bits;
    if (study_reader_prefix(r, n, &bits) < 0)
        return ERR_USAGE;
    *(int *)field = (int)bits;
    return 0;
}

FIELD(claim_base_rate)
{
    (void)c;
    return base_rate_read(field, r->y, n, true, r->err);
}

FIELD(claim_feature_of_series)
{
    (void)c;
    enum series_feature *to = field;
    const char *word;
    if (yaml_text(r->y, n, &word, r->err) < 0)
        return ERR_USAGE;
    for (size_t i = 0; i < SERIES_FEATURES; i++)
        if (strcmp(word, series_feature_names[i]) == 0) {
            *to = (enum series_feature)i;
            return 0;
        }
    return yaml_fail(r->y, n, r->err,
                     "expected one of sessions, peaks, gaps, changes, found "
                     "'%s'",
                     word);
}

/* --- the table ---------------------------------------------------------------------- */

#define AT(field) offsetof(struct study_claim, field)
#define ONE_PAIR "volume exclusivity rarity timing alignment reaction authenticity"

const struct claim_key claim_keys[] = {
    {"id", "letters and digits, once in a study", "*", NULL, NULL, 0},
    {"kind", "what is claimed", "*", NULL, NULL, 0},
    {"feature", "of a kind that has several", NULL, "*", NULL, 0},
    {"direction", "the kind's own, or its opposite", "*", NULL, NULL, 0},
    {"effect", "the smallest effect worth claiming", "*", NULL, NULL, 0},
    {"client", "groups of clients, read as one", ONE_PAIR, NULL, claim_clients, AT(clients)},
    {"name", "group of names", ONE_PAIR, NULL, claim_names, AT(name)},
    {"a", "[group of clients, group of names] that is followed", "synchrony", NULL, claim_a,
     AT(clients)},
    {"b", "[group of clients, group of names] that follows", "synchrony", NULL, claim_b,
     AT(b_client)},
    {"compare", "group of comparable names", NULL, "volume exclusivity", claim_names,
     AT(compare)},
    {"controls", "group of names that the cause would not touch", NULL,
     "synchrony alignment reaction exclusivity", claim_names, AT(controls)},
    {"control_clients", "group of other clients that asked for b's names", NULL, "synchrony",
     claim_client_group, AT(control_clients)},
    {"drivers", "what each side's demand may follow: list of clients, names, traffic", NULL,
     "synchrony", claim_drivers, AT(drivers)},
    {"hours", "{timezone, from, to, days}, or a list of these", "timing/hours", NULL,
     claim_hours, AT(hours)},
    {"max_lag", "longest lag that was looked at (6h)", NULL, "synchrony", claim_lag,
     AT(max_lag_s)},
    {"within", "half width of what counts as together (3m)", "alignment", "synchrony",
     claim_duration, AT(delta_s)},
    {"events", "file of dates, beside the study", "alignment", NULL, claim_moments, AT(events)},
    {"registered", "true: the dates were written down before anybody saw the look-ups",
     "alignment", NULL, claim_bool, AT(registered)},
    {"features", "what of the series is to fall near the dates: sessions, peaks, gaps, changes",
     NULL, "alignment", claim_feature_of_series, AT(features)},
    {"date", "when what is said to be the cause happened", "reaction", NULL, claim_time,
     AT(date_ns)},
    {"causes", "file of dates of other causes, beside the study", NULL, "alignment reaction",
     claim_moments, AT(causes)},
    {"mailings",
     "when the sender's mails left, of exclusivity also to which client, and how long after "
     "look-ups may be theirs: {file, after, source}",
     NULL, "volume exclusivity timing/hours synchrony reaction", claim_mailings, AT(mailings)},
    {"monitors",
     "when a known monitor asks: {file, after, source} or {every, from, after, source}", NULL,
     "volume timing/regular", claim_monitors, AT(monitors)},
    {"copy", "another copy of the log: a case beside the study", NULL, "authenticity",
     claim_copy, AT(copy)},
    {"model", "the claimant's own model: a scenario file beside the study", NULL,
     "volume exclusivity timing synchrony alignment reaction", claim_model, AT(model)},
    {"coverage",
     "share of all look-ups that the sensors see, {value, source}, or of the group's and of "
     "others', {group, others, source}, or unknown",
     "exclusivity rarity", NULL, claim_coverage, AT(coverage)},
    {"block", "prefix length of a block of IPv4 addresses; without it a client is a block",
     NULL, "rarity", claim_block, AT(block_bits)},
    {"base_rate",
     "what a match is worth: {units, innocent, sensitivity, prior, source}; innocent is "
     "{matches, of}, case (counted in its rows) or unknown",
     NULL, "exclusivity rarity", claim_base_rate, AT(base_rate)},
    {"from", "start of the claim's window", NULL, "*", claim_time, AT(from_ns)},
    {"to", "end of the claim's window", NULL, "*", claim_time, AT(to_ns)},
    {"ttl", "as in the plan", NULL, "*", claim_ttl, AT(ttl)},
    {"searched", "as at the top: what was looked at to find this", NULL, "*", claim_search,
     AT(search)},
    {"said", "the exact words", NULL, "*", claim_text, AT(said)},
    {"says", "the same as said", NULL, "*", claim_text, AT(said)},
    {"who", "who said them", NULL, "*", claim_text, AT(who)},
    {0},
};
enum { CLAIM_KEYS = sizeof claim_keys / sizeof *claim_keys };

/* --- one claim ---------------------------------------------------------------------- */

static int read_kind(struct study_reader *r, const struct yaml_node *n, struct study_claim *c)
{
    const struct yaml_node *at, *effect, *direction, *feature = yaml_get(n, "feature");
    const char *kind, *word = NULL;
    if (yaml_need(r->y, n, "kind", &at, r->err) < 0 || yaml_text(r->y, at, &kind, r->err) < 0 ||
        (feature && yaml_text(r->y, feature, &word, r->err) < 0))
        return ERR_USAGE;
    c->kind = claim_find(kind, word);
    if (!c->kind)
        return yaml_fail(r->y, feature ? feature : at, r->err,
                         "expected a kind (and feature) of `dnsclaim list claims`, found "
                         "'%s%s%s'",
                         kind, word ? " " : "", word ? word : "");
    if (yaml_need(r->y, n, "direction", &direction, r->err) < 0 ||
        yaml_text(r->y, direction, &c->direction, r->err) < 0 ||
        yaml_need(r->y, n, "effect", &effect, r->err) < 0 ||
        yaml_real(r->y, effect, &c->effect, r->err) < 0)
        return ERR_USAGE;
    c->opposite = strcmp(c->direction, c->kind->opposite) == 0;
    if (!c->opposite && strcmp(c->direction, c->kind->direction) != 0)
        return yaml_fail(r->y, direction, r->err, "expected %s or %s, found '%s'",
                         c->kind->direction, c->kind->opposite, c->direction);
    return claim_effect_check(c->kind, c->effect, r->y, effect, r->err);
}

static int read_id(struct study_reader *r, const struct yaml_node *n, struct study_claim *c)
{
    const struct yaml_node *id;
    if (yaml_need(r->y, n, "id", &id, r->err) < 0 || yaml_text(r->y, id, &c->id, r->err) < 0)
        return ERR_USAGE;
    if (claim_id_check(c->id, r->y, id, r->err) < 0)
        return ERR_USAGE;
    for (const struct study_claim *other = r->s->claims; other < c; other++)
        if (strcmp(other->id, c->id) == 0)
            return yaml_fail(r->y, id, r->err, "expected an id once, found '%s' twice", c->id);
    return 0;
}

static int read_key(struct study_reader *r, const struct yaml_node *n, struct study_claim *c,
                    const struct claim_key *k)
{
    const struct yaml_node *value = yaml_get(n, k->key);
    bool needed = claim_key_has(k->needed, c->kind);
    if (!value)
        return needed ? yaml_need(r->y, n, k->key, &value, r->err) : 0;
    if (!needed && !claim_key_has(k->allowed, c->kind))
        return yaml_fail(r->y, value, r->err,
                         "expected '%s' only with %s%s%s, found it with %s%s%s", k->key,
                         k->needed ? k->needed : "", k->needed && k->allowed ? " " : "",
                         k->allowed ? k->allowed : "", c->kind->id, c->kind->feature ? "/" : "",
                         c->kind->feature ? c->kind->feature : "");
    return k->read ? k->read(r, value, c, (char *)c + k->offset) : 0;
}

static int check_window(struct study_reader *r, const struct yaml_node *n,
                        const struct study_claim *c)
{
    const struct yaml_node *from = yaml_get(n, "from"), *to = yaml_get(n, "to"),
                           *date = yaml_get(n, "date");
    if (!from != !to || (from && c->from_ns >= c->to_ns))
        return yaml_fail(r->y, from ? from : to, r->err,
                         "expected 'from' and 'to', the second later");
    if (date && from && (c->date_ns <= c->from_ns || c->date_ns >= c->to_ns))
        return yaml_fail(r->y, date, r->err, "expected a date between 'from' and 'to'");
    return 0;
}

/* Two keys that write one field. */
static int check_words(struct study_reader *r, const struct yaml_node *n)
{
    return yaml_get(n, "said") && yaml_get(n, "says")
               ? yaml_fail(r->y, yaml_get(n, "says"), r->err,
                           "expected 'said' or 'says', found both")
               : 0;
}

static int read_claim(struct study_reader *r, const struct yaml_node *n, struct study_claim *c)
{
    const char *keys[CLAIM_KEYS];
    for (size_t i = 0; i < CLAIM_KEYS; i++)
        keys[i] = claim_keys[i].key;
    *c = (struct study_claim){.name = SIZE_MAX,
                              .b_client = SIZE_MAX,
                              .b_name = SIZE_MAX,
                              .compare = SIZE_MAX,
                              .controls = SIZE_MAX,
                              .control_clients = SIZE_MAX,
                              .max_lag_s = 6 * 3600,
                              .delta_s = 180,
                              .coverage = {.source = ""},
                              .mailings = {.source = ""},
                              .monitors = {.source = ""},
                              .ttl = r->s->ttl,
                              .search = r->s->search,
                              .said = "",
                              .who = "",
                              .at = n};
    if (yaml_only(r->y, n, keys, r->err) < 0 || read_id(r, n, c) < 0 || read_kind(r, n, c) < 0)
        return ERR_USAGE;
    for (const struct claim_key *k = claim_keys; k->key; k++)
        if (read_key(r, n, c, k) < 0)
            return ERR_USAGE;
    return check_window(r, n, c) < 0 || check_words(r, n) < 0 ? ERR_USAGE
                                                              : study_search_check(r, c);
}

int study_claims_read(struct study_reader *r, const struct yaml_node *claims)
{
    if (!yaml_is_list(claims) || yaml_count(claims) == 0)
        return yaml_fail(r->y, claims, r->err, "expected a list of one or more claims");
    r->s->claims = mem_zero(yaml_count(claims), sizeof *r->s->claims);
    for (size_t i = 0; i < yaml_count(claims); i++, r->s->nclaims++)
        if (read_claim(r, yaml_item(claims, i), &r->s->claims[i]) < 0) {
            r->s->nclaims++; /* what it holds is freed with the rest */
            return ERR_USAGE;
        }
    return 0;
}

void study_claim_free(struct study_claim *c)
{
    for (size_t i = 0; i < c->nhours; i++)
        tz_free(c->hours[i].zone);
    moments_free(c->events);
    moments_free(c->causes);
    moments_free(c->mailings.times);
    moments_free(c->monitors.times);
    counts_free(c->copy.counts);
    if (c->model.scenario)
        scenario_close(c->model.scenario);
    free(c->model.scenario);
}
