/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/baserate.h"

#include <math.h>
#include <string.h>

#include "stats/odds.h"
#include "stats/tail.h"

/* --- reading -------------------------------------------------------------------------- */

/* 1: the word is `unknown`, 2: `case`; 0: something else; negative: no text. */
static int word_of(const struct yaml *y, const struct yaml_node *n, struct err *err)
{
    const char *word;
    if (yaml_is_map(n) || yaml_is_list(n))
        return 0;
    if (yaml_text(y, n, &word, err) < 0)
        return ERR_USAGE;
    return strcmp(word, "unknown") == 0 ? 1 : strcmp(word, "case") == 0 ? 2 : 0;
}

static int read_innocent(struct base_rate *b, const struct yaml *y, const struct yaml_node *n,
                         bool rows, struct err *err)
{
    static const char *const keys[] = {"matches", "of", NULL};
    const struct yaml_node *matches, *of;
    int64_t k, m;
    int word = word_of(y, n, err);
    if (word < 0)
        return ERR_USAGE;
    if (word == 1)
        return 0;
    if (word == 2 && rows) {
        b->from = BASE_CASE;
        return 0;
    }
    if (!yaml_is_map(n))
        return yaml_fail(y, n, err, "expected {matches, of}%s or unknown",
                         rows ? ", case" : "");
    if (yaml_only(y, n, keys, err) < 0 || yaml_need(y, n, "matches", &matches, err) < 0 ||
        yaml_need(y, n, "of", &of, err) < 0 || yaml_i64(y, matches, &k, err) < 0 ||
        yaml_i64(y, of, &m, err) < 0)
        return ERR_USAGE;
    if (m < 1)
        return yaml_fail(y, of, err, "expected 1 innocent or more");
    if (k < 0 || k > m)
        return yaml_fail(y, matches, err, "expected 0 to %lld matches", (long long)m);
    b->from = BASE_STATED;
    b->matches = (double)k;
    b->of = (double)m;
    return 0;
}

static int read_units(struct base_rate *b, const struct yaml *y, const struct yaml_node *n,
                      struct err *err)
{
    int word = word_of(y, n, err);
    if (word < 0)
        return ERR_USAGE;
    if (word == 1)
        return 0;
    if (yaml_real(y, n, &b->units, err) < 0)
        return ERR_USAGE;
    return b->units >= 1 ? 0 : yaml_fail(y, n, err, "expected 1 unit or more, or unknown");
}

/* A chance above 0; `most` is among the allowed values if `closed`. */
static int read_chance(const struct yaml *y, const struct yaml_node *map, const char *key,
                       bool closed, double *ret, struct err *err)
{
    const struct yaml_node *n = yaml_get(map, key);
    if (!n)
        return 0;
    if (yaml_real(y, n, ret, err) < 0)
        return ERR_USAGE;
    return *ret > 0 && (closed ? *ret <= 1 : *ret < 1)
               ? 0
               : yaml_fail(y, n, err, "expected a chance above 0 and %s 1",
                           closed ? "at most" : "below");
}

int base_rate_read(struct base_rate *ret, const struct yaml *y, const struct yaml_node *n,
                   bool rows, struct err *err)
{
    static const char *const keys[] = {"units", "innocent", "sensitivity",
                                       "prior", "source",   NULL};
    const struct yaml_node *units, *innocent, *source;
    *ret = (struct base_rate){.asked = true, .sensitivity = 1};
    if (yaml_only(y, n, keys, err) < 0 || yaml_need(y, n, "units", &units, err) < 0 ||
        read_units(ret, y, units, err) < 0 || yaml_need(y, n, "innocent", &innocent, err) < 0 ||
        read_innocent(ret, y, innocent, rows, err) < 0 ||
        read_chance(y, n, "sensitivity", true, &ret->sensitivity, err) < 0 ||
        read_chance(y, n, "prior", false, &ret->prior, err) < 0 ||
        yaml_need(y, n, "source", &source, err) < 0)
        return ERR_USAGE;
    return yaml_text(y, source, &ret->source, err);
}

/* --- the answer ------------------------------------------------------------------------- */

/* Of one chance p; p 0 gives no limit. */
struct at {
    double innocent, lr, odds, posterior;
};

static struct at at_chance(const struct base_rate *b, double p)
{
    if (!(p > 0))
        return (struct at){0, INFINITY, INFINITY, 1};
    struct odds_answer a = odds_answer_of(
        &(struct odds_question){b->units, p, b->sensitivity, b->prior > 0 ? b->prior : NAN, 1});
    return (struct at){a.innocent_matches, a.lr, a.lr * a.prior / (1 - a.prior), a.posterior};
}

struct base_answer base_rate_of(const struct base_rate *b, double k, double n, double level)
{
    const struct base_bounds none = {NAN, NAN, NAN};
    struct base_answer a = {NULL, NAN, NAN, level, NAN, none, none, none, none, none};
    bool counted = b->from != BASE_UNKNOWN && n >= 1;
    a.why = !counted && !(b->units > 0) ? "how many others could have shown it, and how often "
                                          "innocent ones do, is not known"
            : !counted                  ? "how often innocent ones show it is not known"
            : !(b->units > 0)           ? "how many others could have shown it is not known"
                                        : NULL;
    if (counted) {
        a.matches = k;
        a.of = n;
        a.chance.value = (k + .5) / (n + 1);
        binomial_interval((uint64_t)k, (uint64_t)n, level, &a.chance.lo, &a.chance.hi);
    }
    if (a.why)
        return a;
    struct at mid = at_chance(b, a.chance.value), lo = at_chance(b, a.chance.lo),
              hi = at_chance(b, a.chance.hi);
    a.prior = b->prior > 0 ? b->prior : 1 / (b->units + 1);
    a.innocent = (struct base_bounds){mid.innocent, lo.innocent, hi.innocent};
    a.lr = (struct base_bounds){mid.lr, hi.lr, lo.lr};
    a.odds = (struct base_bounds){mid.odds, hi.odds, lo.odds};
    a.posterior = (struct base_bounds){mid.posterior, hi.posterior, lo.posterior};
    return a;
}
