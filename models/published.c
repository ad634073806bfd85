/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/published.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/kinds.h"
#include "models/study_claim.h"
#include "stats/tail.h"

const char *const published_kind_names[PUBLISHED_KINDS] = {
    [PUBLISHED_EXCLUSIVITY] = "exclusivity", [PUBLISHED_RARITY] = "rarity",
    [PUBLISHED_VOLUME] = "volume",           [PUBLISHED_REACTION] = "reaction",
    [PUBLISHED_ALIGNMENT] = "alignment",
};

struct reader {
    const struct yaml *y;
    struct err *err;
};

static int text_key(struct reader *r, const struct yaml_node *n, const char *key, bool needed,
                    const char **ret)
{
    const struct yaml_node *v = yaml_get(n, key);
    *ret = "";
    if (!v)
        return needed ? yaml_need(r->y, n, key, &v, r->err) : 0;
    return yaml_text(r->y, v, ret, r->err);
}

static int real_key(struct reader *r, const struct yaml_node *n, const char *key, bool needed,
                    double *ret)
{
    const struct yaml_node *v = yaml_get(n, key);
    if (!v)
        return needed ? yaml_need(r->y, n, key, &v, r->err) : 0;
    if (yaml_real(r->y, v, ret, r->err) < 0)
        return ERR_USAGE;
    return *ret > 0 ? 0 : yaml_fail(r->y, v, r->err, "expected a number above 0");
}

static int add_counts(struct reader *r, const struct yaml_node *n, const char *key,
                      struct published_claim *c)
{
    const struct yaml_node *list;
    if (yaml_need(r->y, n, key, &list, r->err) < 0)
        return ERR_USAGE;
    if (!yaml_is_list(list) || yaml_count(list) == 0)
        return yaml_fail(r->y, list, r->err, "expected a list of one or more counts");
    c->counts = mem_resize(c->counts, c->ncounts + yaml_count(list), sizeof *c->counts);
    for (size_t i = 0; i < yaml_count(list); i++) {
        int64_t count;
        if (yaml_i64(r->y, yaml_item(list, i), &count, r->err) < 0)
            return ERR_USAGE;
        if (count < 1)
            return yaml_fail(r->y, yaml_item(list, i), r->err, "expected a count of 1 or more");
        c->counts[c->ncounts++] = (uint64_t)count;
    }
    return 0;
}

/* [a, b] of a Beta law. */
static int beta_key(struct reader *r, const struct yaml_node *n, const char *key, double *a,
                    double *b)
{
    const struct yaml_node *list = yaml_get(n, key);
    if (!list)
        return 0;
    if (!yaml_is_list(list) || yaml_count(list) != 2)
        return yaml_fail(r->y, list, r->err, "expected [a, b] of a Beta law");
    if (yaml_real(r->y, yaml_item(list, 0), a, r->err) < 0 ||
        yaml_real(r->y, yaml_item(list, 1), b, r->err) < 0)
        return ERR_USAGE;
    return *a > 0 && *b > 0 ? 0 : yaml_fail(r->y, list, r->err, "expected numbers above 0");
}

static int base_rate_key(struct reader *r, const struct yaml_node *n, struct published_claim *c)
{
    const struct yaml_node *v = yaml_get(n, "base_rate");
    return v ? base_rate_read(&c->base_rate, r->y, v, false, r->err) : 0;
}

/* [a, b]: counts of two addresses. */
static int split_key(struct reader *r, const struct yaml_node *n, struct published_claim *c)
{
    const struct yaml_node *list = yaml_get(n, "split");
    if (!list)
        return 0;
    if (!yaml_is_list(list) || yaml_count(list) != 2)
        return yaml_fail(r->y, list, r->err, "expected the counts of two addresses, [a, b]");
    for (size_t i = 0; i < 2; i++) {
        int64_t count;
        if (yaml_i64(r->y, yaml_item(list, i), &count, r->err) < 0)
            return ERR_USAGE;
        if (count < 1)
            return yaml_fail(r->y, yaml_item(list, i), r->err, "expected a count of 1 or more");
        c->split[i] = (uint64_t)count;
    }
    return 0;
}

static int stated_key(struct reader *r, const struct yaml_node *n, struct published_claim *c)
{
    static const char *const keys[] = {"count", "percent", "or_more", NULL};
    const struct yaml_node *list = yaml_get(n, "stated"), *more;
    if (!list)
        return 0;
    if (!yaml_is_list(list) || yaml_count(list) == 0 || yaml_count(list) > PUBLISHED_STATED)
        return yaml_fail(r->y, list, r->err, "expected a list of 1 to %d of {count, percent}",
                         PUBLISHED_STATED);
    for (size_t i = 0; i < yaml_count(list); i++) {
        const struct yaml_node *item = yaml_item(list, i);
        struct published_percent *p = &c->stated[c->nstated++];
        if (yaml_only(r->y, item, keys, r->err) < 0 ||
            real_key(r, item, "count", true, &p->count) < 0 ||
            real_key(r, item, "percent", true, &p->percent) < 0)
            return ERR_USAGE;
        if (p->percent < 1 || p->percent > 100 || p->percent != floor(p->percent))
            return yaml_fail(r->y, yaml_get(item, "percent"), r->err,
                             "expected a whole percentage of 1 to 100");
        more = yaml_get(item, "or_more");
        if (more && yaml_bool(r->y, more, &p->or_more, r->err) < 0)
            return ERR_USAGE;
    }
    return 0;
}

static int read_exclusivity(struct reader *r, const struct yaml_node *n,
                            struct published_claim *c)
{
    static const char *const keys[] = {"id",
                                       "kind",
                                       "direction",
                                       "effect",
                                       "unit",
                                       "group",
                                       "others",
                                       "grade",
                                       "source",
                                       "said",
                                       "who",
                                       "group_coverage",
                                       "others_coverage",
                                       "split",
                                       "stated",
                                       "base_rate",
                                       NULL};
    struct share_beta *b = &c->coverage;
    if (yaml_only(r->y, n, keys, r->err) < 0 || add_counts(r, n, "group", c) < 0 ||
        beta_key(r, n, "group_coverage", &b->in_a, &b->in_b) < 0 ||
        beta_key(r, n, "others_coverage", &b->out_a, &b->out_b) < 0 || split_key(r, n, c) < 0 ||
        stated_key(r, n, c) < 0 || base_rate_key(r, n, c) < 0)
        return ERR_USAGE;
    c->ngroup = c->ncounts;
    if (add_counts(r, n, "others", c) < 0)
        return ERR_USAGE;
    return c->effect < 1 ? 0
                         : yaml_fail(r->y, yaml_get(n, "effect"), r->err,
                                     "expected an effect below 1, found %g", c->effect);
}

static int read_rarity(struct reader *r, const struct yaml_node *n, struct published_claim *c)
{
    static const char *const keys[] = {
        "id",         "kind",  "direction", "effect", "unit", "at_most",   "of_at_least",
        "per_device", "grade", "source",    "said",   "who",  "base_rate", NULL};
    if (yaml_only(r->y, n, keys, r->err) < 0 ||
        real_key(r, n, "at_most", true, &c->at_most) < 0 ||
        real_key(r, n, "of_at_least", true, &c->of_at_least) < 0 ||
        real_key(r, n, "per_device", false, &c->per_device) < 0 || base_rate_key(r, n, c) < 0)
        return ERR_USAGE;
    return c->at_most < c->of_at_least
               ? 0
               : yaml_fail(r->y, n, r->err, "expected at_most below of_at_least");
}

#define COMMON "id", "kind", "direction", "effect", "unit", "grade", "source", "said", "who"

static int seconds_key(struct reader *r, const struct yaml_node *n, const char *key,
                       double *ret)
{
    const struct yaml_node *v;
    int64_t ns;
    if (yaml_need(r->y, n, key, &v, r->err) < 0 || yaml_duration(r->y, v, &ns, r->err) < 0)
        return ERR_USAGE;
    *ret = (double)ns / (double)NS_PER_S;
    return ns > 0 ? 0 : yaml_fail(r->y, v, r->err, "expected a duration above 0");
}

static int read_volume(struct reader *r, const struct yaml_node *n, struct published_claim *c)
{
    static const char *const keys[] = {COMMON, "lookups", "days", "ttl", "caches", NULL};
    c->caches = 1;
    if (yaml_only(r->y, n, keys, r->err) < 0 ||
        real_key(r, n, "lookups", true, &c->lookups) < 0 ||
        real_key(r, n, "days", true, &c->days) < 0 || seconds_key(r, n, "ttl", &c->ttl_s) < 0 ||
        real_key(r, n, "caches", false, &c->caches) < 0)
        return ERR_USAGE;
    double ceiling = c->caches * c->days * 86400 / c->ttl_s;
    return c->lookups < ceiling
               ? 0
               : yaml_fail(r->y, yaml_get(n, "lookups"), r->err,
                           "expected fewer look-ups than these caches let through, %g",
                           ceiling);
}

static int read_reaction(struct reader *r, const struct yaml_node *n, struct published_claim *c)
{
    static const char *const keys[] = {COMMON, "lookups", "days", "silent_days", "size", NULL};
    return yaml_only(r->y, n, keys, r->err) < 0 ||
                   real_key(r, n, "lookups", true, &c->lookups) < 0 ||
                   real_key(r, n, "days", true, &c->days) < 0 ||
                   real_key(r, n, "silent_days", true, &c->silent_days) < 0 ||
                   real_key(r, n, "size", false, &c->size) < 0
               ? ERR_USAGE
               : 0;
}

static int read_alignment(struct reader *r, const struct yaml_node *n,
                          struct published_claim *c)
{
    static const char *const keys[] = {COMMON, "dates", "within", "days", NULL};
    if (yaml_only(r->y, n, keys, r->err) < 0 || real_key(r, n, "dates", true, &c->dates) < 0 ||
        seconds_key(r, n, "within", &c->within_s) < 0 ||
        real_key(r, n, "days", true, &c->days) < 0)
        return ERR_USAGE;
    return 2 * c->within_s < c->days * 86400
               ? 0
               : yaml_fail(r->y, yaml_get(n, "within"), r->err,
                           "expected margins shorter than the days");
}

/* THE TABLE OF KINDS that figures may be about. */
static int (*const read_kind[PUBLISHED_KINDS])(struct reader *r, const struct yaml_node *n,
                                               struct published_claim *c) = {
    [PUBLISHED_EXCLUSIVITY] = read_exclusivity, [PUBLISHED_RARITY] = read_rarity,
    [PUBLISHED_VOLUME] = read_volume,           [PUBLISHED_REACTION] = read_reaction,
    [PUBLISHED_ALIGNMENT] = read_alignment,
};

/* Directions and effects are those of the kind in a study. */
static int check_asked(struct reader *r, const struct yaml_node *n,
                       const struct published_claim *c)
{
    const struct claim_kind *k = claim_find(published_kind_names[c->kind], NULL);
    if (strcmp(c->direction, k->direction) != 0 && strcmp(c->direction, k->opposite) != 0)
        return yaml_fail(r->y, yaml_get(n, "direction"), r->err, "expected %s or %s",
                         k->direction, k->opposite);
    return claim_effect_check(k, c->effect, r->y, yaml_get(n, "effect"), r->err);
}

static int check_id(struct reader *r, const struct yaml_node *n, const struct published *p)
{
    const struct published_claim *c = &p->claims[p->n - 1];
    for (const struct published_claim *other = p->claims; other < c; other++)
        if (strcmp(other->id, c->id) == 0)
            return yaml_fail(r->y, yaml_get(n, "id"), r->err,
                             "expected an id once, found '%s' twice", c->id);
    return claim_id_check(c->id, r->y, yaml_get(n, "id"), r->err);
}

static int read_claim(struct reader *r, const struct yaml_node *n, struct published_claim *c)
{
    const char *kind;
    if (text_key(r, n, "id", true, &c->id) < 0 || text_key(r, n, "kind", true, &kind) < 0 ||
        text_key(r, n, "direction", true, &c->direction) < 0 ||
        real_key(r, n, "effect", true, &c->effect) < 0 ||
        text_key(r, n, "unit", true, &c->unit) < 0 ||
        text_key(r, n, "grade", true, &c->grade) < 0 ||
        text_key(r, n, "source", true, &c->source) < 0 ||
        text_key(r, n, "said", false, &c->said) < 0 ||
        text_key(r, n, "who", false, &c->who) < 0)
        return ERR_USAGE;
    int k = 0;
    while (k < PUBLISHED_KINDS && strcmp(kind, published_kind_names[k]) != 0)
        k++;
    if (k == PUBLISHED_KINDS)
        return yaml_fail(r->y, yaml_get(n, "kind"), r->err,
                         "expected exclusivity, rarity, volume, reaction or alignment");
    c->kind = (enum published_kind)k;
    return check_asked(r, n, c) < 0 ? ERR_USAGE : read_kind[k](r, n, c);
}

static int read_root(struct reader *r, struct published *p)
{
    static const char *const keys[] = {"figures", "claims", NULL};
    const struct yaml_node *root = yaml_root(r->y), *claims;
    if (yaml_only(r->y, root, keys, r->err) < 0 ||
        text_key(r, root, "figures", true, &p->title) < 0 ||
        yaml_need(r->y, root, "claims", &claims, r->err) < 0)
        return ERR_USAGE;
    if (!yaml_is_list(claims) || yaml_count(claims) == 0)
        return yaml_fail(r->y, claims, r->err, "expected a list of one or more claims");
    p->claims = mem_zero(yaml_count(claims), sizeof *p->claims);
    for (size_t i = 0; i < yaml_count(claims); i++) {
        p->n++; /* what a half-read claim holds is freed with the rest */
        if (read_claim(r, yaml_item(claims, i), &p->claims[i]) < 0 ||
            check_id(r, yaml_item(claims, i), p) < 0)
            return ERR_USAGE;
    }
    return 0;
}

int published_read(struct published *ret, const char *path, struct err *err)
{
    struct published p = {0};
    int rc = yaml_open(&p.yaml, path, err);
    if (rc < 0)
        return rc;
    struct reader r = {p.yaml, err};
    rc = read_root(&r, &p);
    if (rc < 0)
        published_free(&p);
    else
        *ret = p;
    return rc;
}

void published_free(struct published *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->claims[i].counts);
    free(p->claims);
    yaml_close(p->yaml);
    *p = (struct published){0};
}

struct published_share published_share_of(const struct published_claim *c, double level)
{
    uint64_t in = 0, all = 0;
    struct published_share s;
    struct rng r;
    rng_stream(&r, 1, RNG_BOOTSTRAP, rng_subject(c->id, strlen(c->id)), 0);
    for (size_t i = 0; i < c->ncounts; i++) {
        all += c->counts[i];
        in += i < c->ngroup ? c->counts[i] : 0;
    }
    double x = (double)in, out = (double)(all - in);
    s.share = x / (double)all;
    binomial_interval(in, all, level, &s.lo, &s.hi);
    s.tips_half = share_tipping(x, out, .5);
    s.tips_nine_tenths = share_tipping(x, out, .9);
    s.tips_effect = share_tipping(x, out, c->effect);
    s.unseen_half = share_unseen(x, out, .5);
    s.unseen_effect = share_unseen(x, out, c->effect);
    s.said_half = share_tipping(c->effect, 1 - c->effect, .5);
    s.said_nine_tenths = share_tipping(c->effect, 1 - c->effect, .9);
    s.unseen = unseen_make(c->counts, c->ncounts, 9999, &r);
    s.post_median = s.post_lo = s.post_hi = NAN;
    if (c->coverage.in_a > 0 || c->coverage.out_a > 0)
        share_posterior(x, out, &c->coverage, 99999, level, &r, &s.post_median, &s.post_lo,
                        &s.post_hi);
    return s;
}

struct published_split published_split_of(const struct published_claim *c)
{
    double a = (double)c->split[0], b = (double)c->split[1];
    uint64_t most = c->split[0] > c->split[1] ? c->split[0] : c->split[1];
    if (!most)
        return (struct published_split){NAN, NAN};
    double log_p = M_LN2 + binomial_log_upper(most, c->split[0] + c->split[1], .5);
    return (struct published_split){(a - b) / sqrt(a + b), fmin(log_p, 0)};
}

struct published_total published_total_of(const struct published_claim *c)
{
    struct published_total t = {NAN, NAN};
    for (size_t i = 0; i < c->nstated; i++) {
        const struct published_percent *p = &c->stated[i];
        double all = 100 * p->count;
        t.lo = fmax(t.lo,
                    p->or_more ? p->count : fmax(p->count, floor(all / (p->percent + .5)) + 1));
        t.hi = fmin(t.hi, floor(all / (p->or_more ? p->percent : p->percent - .5)));
    }
    return t;
}

struct published_rarity published_rarity_of(const struct published_claim *c)
{
    return (struct published_rarity){
        .share_at_most = c->at_most / c->of_at_least,
        .blocks_needed = c->effect * c->of_at_least / c->at_most,
        .devices = c->per_device > 0 ? c->at_most / c->per_device : NAN,
    };
}

struct published_rate published_rate_of(const struct published_claim *c)
{
    struct published_rate r = {.per_cache_day = c->lookups / c->days / c->caches};
    double ttl_h = c->ttl_s / 3600;
    r.of_ceiling = r.per_cache_day * ttl_h / 24;
    r.lambda_h = r.per_cache_day / (24 - r.per_cache_day * ttl_h);
    r.lambda_ttl = r.lambda_h * ttl_h;
    r.demand = c->lookups * (1 + r.lambda_ttl);
    r.cv = 1 / (1 + r.lambda_ttl);
    r.most = c->days * 86400 / c->ttl_s;
    return r;
}

struct published_silence published_silence_of(const struct published_claim *c)
{
    double mu = c->lookups / c->days;
    return (struct published_silence){
        .per_day = mu,
        .log_p_poisson = c->silent_days * poisson_logpmf(0, mu),
        .log_p_negbin = c->size > 0 ? c->silent_days * negbin_logpmf(0, mu, c->size) : NAN,
    };
}

double published_chance_of_near(const struct published_claim *c)
{
    return -expm1(c->dates * log1p(-2 * c->within_s / (c->days * 86400)));
}
