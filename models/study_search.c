/* SPDX-License-Identifier: GPL-3.0-or-later
 * What was looked at before: numbers, which are multiplied, and axes that are written out. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/kinds.h"
#include "models/study_claim.h"

const struct search_axis_row search_axis_table[SEARCH_AXES] = {
    [SEARCH_PAIRS] = {"pairs", "*",
                      "[group of clients, group of names], of which every pair of the case "
                      "was looked at"},
    [SEARCH_WINDOWS] = {"windows", "*", "list of [from, to]"},
    [SEARCH_ZONES] = {"zones", "timing/hours", "list of time zones of the hours"},
    [SEARCH_LAGS] = {"lags", "synchrony", "list of longest lags"},
    [SEARCH_DATES] = {"dates", "reaction", "list of dates"},
    [SEARCH_EVENTS] = {"events", "alignment", "list of files of dates, beside the study"},
    [SEARCH_STATISTICS] = {"statistics", "timing/regular alignment",
                           "list of statistics of the kind"},
};

static int at_least_one(struct study_reader *r, const struct yaml_node *n, double *ret)
{
    if (yaml_real(r->y, n, ret, r->err) < 0)
        return ERR_USAGE;
    return *ret >= 1 ? 0 : yaml_fail(r->y, n, r->err, "expected 1 or more");
}

/* --- axes that are written out ------------------------------------------------------- */

static int read_pairs(struct study_reader *r, const struct yaml_node *n, struct study_looks *l)
{
    if (yaml_count(n) != 2)
        return yaml_fail(r->y, n, r->err, "expected [group of clients, group of names]");
    return study_reader_group(r, yaml_item(n, 0), true, &l->pair_client) < 0
               ? ERR_USAGE
               : study_reader_group(r, yaml_item(n, 1), false, &l->pair_name);
}

static int read_look(struct study_reader *r, const struct yaml_node *n, enum search_axis axis,
                     struct study_looks *l, size_t i)
{
    l->item[axis][i] = n;
    switch (axis) {
    case SEARCH_WINDOWS:
        return study_reader_window(r, n, &l->from_ns[i], &l->to_ns[i]);
    case SEARCH_ZONES:
        return study_reader_zone(r, n, &l->zone_name[i], &l->zone[i]);
    case SEARCH_LAGS:
        return study_reader_seconds(r, n, &l->lag_s[i]);
    case SEARCH_DATES:
        return yaml_time(r->y, n, &l->date_ns[i], r->err);
    case SEARCH_EVENTS:
        return study_reader_moments(r, n, &l->events[i]);
    default:
        return yaml_text(r->y, n, &l->statistic[i], r->err);
    }
}

static int read_axis(struct study_reader *r, const struct yaml_node *n, enum search_axis axis,
                     struct study_looks *l)
{
    l->at[axis] = n;
    if (axis == SEARCH_PAIRS)
        return read_pairs(r, n, l);
    if (yaml_count(n) == 0 || yaml_count(n) > SEARCH_VALUES)
        return yaml_fail(r->y, n, r->err, "expected a list of 1 to %d values", SEARCH_VALUES);
    for (size_t i = 0; i < yaml_count(n); i++, l->n[axis]++)
        if (read_look(r, yaml_item(n, i), axis, l, i) < 0)
            return ERR_USAGE;
    return 0;
}

void study_looks_free(struct study_looks *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < SEARCH_VALUES; i++) {
        tz_free(l->zone[i]);
        moments_free(l->events[i]);
    }
    free(l);
}

/* Kept by the study before it is filled, so that what a faulty one holds is freed too. */
static struct study_looks *looks_new(struct study *s)
{
    struct study_looks *l = mem_zero(1, sizeof *l);
    l->pair_client = l->pair_name = SIZE_MAX;
    s->looks = mem_resize(s->looks, s->nlooks + 1, sizeof *s->looks);
    return s->looks[s->nlooks++] = l;
}

/* Does the claim's kind know the axes that are written out, and every statistic? */
int study_search_check(struct study_reader *r, const struct study_claim *c)
{
    const struct study_looks *l = c->search.looks;
    for (int a = 0; l && a < SEARCH_AXES; a++)
        if (l->at[a] && !claim_key_has(search_axis_table[a].kinds, c->kind))
            return yaml_fail(r->y, l->at[a], r->err,
                             "expected '%s' written out only with %s, found it with %s%s%s "
                             "(give a number)",
                             search_axis_table[a].key, search_axis_table[a].kinds, c->kind->id,
                             c->kind->feature ? "/" : "",
                             c->kind->feature ? c->kind->feature : "");
    for (size_t i = 0; l && i < l->n[SEARCH_STATISTICS]; i++) {
        struct study_claim other = *c;
        char known[160];
        if (!study_claim_statistic(&other, l->statistic[i], known, sizeof known))
            return yaml_fail(r->y, l->item[SEARCH_STATISTICS][i], r->err,
                             "expected one of %s, found '%s'", known, l->statistic[i]);
    }
    return 0;
}

/* --- the whole ------------------------------------------------------------------------ */

static int axis_of(const char *key)
{
    int a = 0;
    while (a < SEARCH_AXES && strcmp(search_axis_table[a].key, key) != 0)
        a++;
    return a;
}

/* The product of what was searched: clients x names x windows x ...; an axis that is
 * written out stands in the looks and is counted when the case is known. */
static int search_product(struct study_reader *r, const struct yaml_node *n,
                          struct study_search *s)
{
    double product = 1, factor;
    size_t counts = 0;
    for (size_t i = 0; i < yaml_count(n); i++) {
        const struct yaml_node *item = yaml_item(n, i);
        int axis = axis_of(yaml_key(r->y, n, i));
        if (strcmp(yaml_key(r->y, n, i), "source") == 0)
            continue;
        counts++;
        if (axis < SEARCH_AXES && yaml_is_list(item)) {
            if (!s->looks)
                s->looks = looks_new(r->s);
            if (read_axis(r, item, (enum search_axis)axis, s->looks) < 0)
                return ERR_USAGE;
        } else if (at_least_one(r, item, &factor) < 0) {
            return ERR_USAGE;
        } else {
            product *= factor;
        }
    }
    if (!counts)
        return yaml_fail(r->y, n, r->err, "expected how many were searched, found no number");
    s->low = s->high = s->apart = product;
    return 0;
}

static int search_range(struct study_reader *r, const struct yaml_node *n,
                        struct study_search *ret)
{
    const struct yaml_node *low = yaml_get(n, "low"), *high = yaml_get(n, "high");
    static const char *const keys[] = {"low", "high", "source", NULL};
    ret->kind = SEARCH_RANGE;
    if (!low || !high)
        return yaml_fail(r->y, n, r->err, "expected both 'low' and 'high'");
    if (yaml_only(r->y, n, keys, r->err) < 0)
        return ERR_USAGE;
    if (at_least_one(r, low, &ret->low) < 0 || at_least_one(r, high, &ret->high) < 0)
        return ERR_USAGE;
    return ret->low <= ret->high ? 0 : yaml_fail(r->y, high, r->err, "expected high >= low");
}

int study_reader_search(struct study_reader *r, const struct yaml_node *n,
                        struct study_search *ret)
{
    static const char *const keys[] = {"clients", "names", "pairs",  "windows",    "zones",
                                       "lags",    "dates", "events", "statistics", "features",
                                       "looks",   "low",   "high",   "source",     NULL};
    *ret = (struct study_search){.kind = SEARCH_COUNT, .apart = 1, .source = ""};
    const char *word;
    if (!yaml_is_map(n)) {
        if (yaml_text(r->y, n, &word, r->err) < 0)
            return ERR_USAGE;
        if (strcmp(word, "unknown") == 0)
            ret->kind = SEARCH_UNKNOWN;
        else if (strcmp(word, "case") == 0)
            ret->kind = SEARCH_ASSUMED;
        else if (at_least_one(r, n, &ret->low) < 0)
            return ERR_USAGE;
        ret->high = ret->apart = ret->low;
        return 0;
    }
    if (yaml_only(r->y, n, keys, r->err) < 0)
        return ERR_USAGE;
    const struct yaml_node *source = yaml_get(n, "source");
    if (source && yaml_text(r->y, source, &ret->source, r->err) < 0)
        return ERR_USAGE;
    return yaml_get(n, "low") || yaml_get(n, "high") ? search_range(r, n, ret)
                                                     : search_product(r, n, ret);
}
