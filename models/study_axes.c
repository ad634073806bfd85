/* SPDX-License-Identifier: GPL-3.0-or-later
 * `specifications:` - choices that another analyst might have made. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "models/kinds.h"
#include "models/multiverse.h"
#include "models/study_claim.h"

#define OF_SESSIONS "volume timing synchrony alignment reaction authenticity"

const struct spec_axis_row spec_axis_table[SPEC_AXES] = {
    [SPEC_SESSION] = {"session", OF_SESSIONS, "longest gap inside a session"},
    [SPEC_DEDUP] = {"dedup", OF_SESSIONS,
                    "off: every tick of the clock with a look-up is a session of its own"},
    [SPEC_TTL] = {"ttl", OF_SESSIONS, "time to live"},
    [SPEC_ZONE] = {"zone", "timing/hours alignment reaction",
                   "time zone of the hours, or of local days"},
    [SPEC_WINDOW] = {"window", "*", "[from, to]"},
    [SPEC_WITHIN] = {"within", "synchrony alignment", "half width of what counts as together"},
    [SPEC_LAG] = {"lag", "synchrony", "longest lag"},
    [SPEC_STATISTIC] = {"statistic", "timing/regular alignment",
                        "what is measured: cv, lv, cv2; sessions, peaks, gaps, changes"},
    [SPEC_BLOCK] = {"block", "rarity", "prefix length of a block"},
    [SPEC_COVERAGE] = {"coverage", "exclusivity rarity", "share of all look-ups that is seen"},
};

static int read_window(struct study_reader *r, const struct yaml_node *n, struct study_axis *a,
                       size_t i)
{
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    if (study_reader_window(r, n, &a->from_ns[i], &a->to_ns[i]) < 0)
        return ERR_USAGE;
    snprintf(a->text[i], sizeof a->text[i], "%.10s/%.10s", text_iso(from, a->from_ns[i], 0),
             text_iso(to, a->to_ns[i], 0));
    return 0;
}

static int read_level(struct study_reader *r, const struct yaml_node *n, enum spec_axis axis,
                      struct study_axis *a)
{
    size_t i = a->n;
    const char *text = "";
    int rc = axis == SPEC_WINDOW ? read_window(r, n, a, i) : yaml_text(r->y, n, &text, r->err);
    if (rc < 0)
        return rc;
    if (axis != SPEC_WINDOW)
        snprintf(a->text[i], sizeof a->text[i], "%s", text);
    if (axis == SPEC_ZONE)
        rc = study_reader_zone(r, n, &text, &a->zone[i]);
    else if (axis == SPEC_DEDUP && strcmp(text, "off") != 0)
        rc = yaml_fail(r->y, n, r->err, "expected off, found '%s'", text);
    else if (axis == SPEC_BLOCK)
        rc = study_reader_prefix(r, n, &a->number[i]);
    else if (axis == SPEC_COVERAGE)
        rc = study_reader_share(r, n, &a->number[i]);
    else if (axis == SPEC_SESSION || axis == SPEC_TTL || axis == SPEC_WITHIN ||
             axis == SPEC_LAG)
        rc = study_reader_seconds(r, n, &a->number[i]) < 0
                 ? ERR_USAGE
                 : study_reader_positive(r, n, a->number[i], "a duration");
    a->n++; /* what it holds is freed with the rest */
    return rc;
}

static int read_axis(struct study_reader *r, const struct yaml_node *n, enum spec_axis axis)
{
    static const char *const keys[] = {"values", "because", NULL};
    struct study_axis *a = &r->s->axes[axis];
    const struct yaml_node *values, *because;
    a->at = n;
    if (yaml_only(r->y, n, keys, r->err) < 0 ||
        yaml_need(r->y, n, "because", &because, r->err) < 0 ||
        yaml_text(r->y, because, &a->because, r->err) < 0 ||
        yaml_need(r->y, n, "values", &values, r->err) < 0)
        return ERR_USAGE;
    if (!a->because[0])
        return yaml_fail(r->y, because, r->err,
                         "expected why these are equivalent, found nothing");
    if (!yaml_is_list(values) || yaml_count(values) == 0 || yaml_count(values) > SPEC_VALUES)
        return yaml_fail(r->y, values, r->err, "expected a list of 1 to %d values",
                         SPEC_VALUES);
    for (size_t i = 0; i < yaml_count(values); i++)
        if (read_level(r, yaml_item(values, i), axis, a) < 0)
            return ERR_USAGE;
    return 0;
}

bool study_axis_known(const struct study_claim *c, enum spec_axis axis)
{
    return claim_key_has(spec_axis_table[axis].kinds, c->kind);
}

/* An axis that no claim's kind knows, a statistic that none has. */
static int check_axis(struct study_reader *r, enum spec_axis axis)
{
    const struct study_axis *a = &r->s->axes[axis];
    bool known = false, named[SPEC_VALUES] = {false};
    char names[160] = "";
    for (size_t i = 0; i < r->s->nclaims; i++) {
        struct study_claim other = r->s->claims[i];
        if (!study_axis_known(&other, axis))
            continue;
        known = true;
        for (size_t k = 0; axis == SPEC_STATISTIC && k < a->n; k++)
            named[k] |= study_claim_statistic(&other, a->text[k], names, sizeof names);
    }
    if (!known)
        return yaml_fail(r->y, a->at, r->err,
                         "expected '%s' only with %s, found no claim of such a kind",
                         spec_axis_table[axis].key, spec_axis_table[axis].kinds);
    for (size_t k = 0; axis == SPEC_STATISTIC && k < a->n; k++)
        if (!named[k])
            return yaml_fail(r->y, yaml_item(yaml_get(a->at, "values"), k), r->err,
                             "expected one of %s, found '%s'", names, a->text[k]);
    return 0;
}

int study_reader_specifications(struct study_reader *r, const struct yaml_node *n)
{
    const char *keys[SPEC_AXES + 1] = {NULL};
    for (int a = 0; a < SPEC_AXES; a++)
        keys[a] = spec_axis_table[a].key;
    if (yaml_only(r->y, n, keys, r->err) < 0)
        return ERR_USAGE;
    for (int a = 0; a < SPEC_AXES; a++) {
        const struct yaml_node *axis = yaml_get(n, keys[a]);
        if (axis &&
            (read_axis(r, axis, (enum spec_axis)a) < 0 || check_axis(r, (enum spec_axis)a) < 0))
            return ERR_USAGE;
    }
    for (size_t i = 0; i < r->s->nclaims; i++) {
        size_t all = 1;
        for (int a = 0; a < SPEC_AXES; a++)
            if (study_axis_known(&r->s->claims[i], (enum spec_axis)a))
                all *= r->s->axes[a].n + 1;
        if (all > MULTIVERSE_MOST)
            return yaml_fail(r->y, n, r->err,
                             "expected at most %d combinations, found %zu for claim %s",
                             MULTIVERSE_MOST, all, r->s->claims[i].id);
    }
    return 0;
}
