/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/scenario.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/table.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "models/tamper.h"
#include "models/wishes.h"

enum { GROUP_MAX = 100000, COPIES_MAX = 1000 };
static const int64_t day_ns = 86400 * NS_PER_S;
static const int64_t year_2200 = 84006 * (86400 * NS_PER_S);
static const int64_t duration_max = 3653 * (86400 * NS_PER_S); /* ten years */

/* A named set of clients or of names. */
struct group {
    const char *name;
    uint32_t *ids;
    size_t n;
};

/* All clients, or all names, of the scenario. */
struct universe {
    struct table *texts;
    struct group *groups;
    size_t ngroups;
};

struct reader {
    struct scenario *s;
    struct yaml *y;
    struct universe clients, names;
    struct err *err;
};

static void *take(struct reader *rd, size_t count, size_t size)
{
    void *p = arena_alloc(&rd->s->memory, (count ? count : 1) * size);
    memset(p, 0, (count ? count : 1) * size);
    return p;
}

/* --- scalars ------------------------------------------------------------------------------ */

enum need { OPTIONAL, REQUIRED };

/* The value of `key`, or NULL where it may be absent. */
static int find(struct reader *rd, const struct yaml_node *map, const char *key, enum need need,
                const struct yaml_node **ret)
{
    *ret = yaml_get(map, key);
    return *ret || need == OPTIONAL ? 0 : yaml_need(rd->y, map, key, ret, rd->err);
}

static int read_real(struct reader *rd, const struct yaml_node *map, const char *key,
                     enum need need, double lo, double hi, double *ret)
{
    const struct yaml_node *n;
    double value;
    int rc = find(rd, map, key, need, &n);
    if (rc < 0 || !n)
        return rc;
    if ((rc = yaml_real(rd->y, n, &value, rd->err)) < 0)
        return rc;
    if (value < lo || value > hi)
        return yaml_fail(rd->y, n, rd->err, "expected '%s' from %g to %g, found %g", key, lo,
                         hi, value);
    *ret = value;
    return 0;
}

static int read_count(struct reader *rd, const struct yaml_node *map, const char *key,
                      enum need need, int64_t lo, int64_t hi, int64_t *ret)
{
    const struct yaml_node *n;
    int64_t value;
    int rc = find(rd, map, key, need, &n);
    if (rc < 0 || !n)
        return rc;
    if ((rc = yaml_i64(rd->y, n, &value, rd->err)) < 0)
        return rc;
    if (value < lo || value > hi)
        return yaml_fail(rd->y, n, rd->err, "expected '%s' from %lld to %lld, found %lld", key,
                         (long long)lo, (long long)hi, (long long)value);
    *ret = value;
    return 0;
}

static int read_duration(struct reader *rd, const struct yaml_node *map, const char *key,
                         enum need need, int64_t lo, int64_t *ret)
{
    const struct yaml_node *n;
    int64_t value;
    int rc = find(rd, map, key, need, &n);
    if (rc < 0 || !n)
        return rc;
    if ((rc = yaml_duration(rd->y, n, &value, rd->err)) < 0)
        return rc;
    char least[TEXT_TIME_MAX], most[TEXT_TIME_MAX], found[TEXT_TIME_MAX];
    if (value < lo || value > duration_max)
        return yaml_fail(rd->y, n, rd->err, "expected '%s' from %s to %s, found %s", key,
                         text_of_duration(least, lo), text_of_duration(most, duration_max),
                         text_of_duration(found, value));
    *ret = value;
    return 0;
}

static int read_text(struct reader *rd, const struct yaml_node *map, const char *key,
                     enum need need, const char **ret)
{
    const struct yaml_node *n;
    int rc = find(rd, map, key, need, &n);
    return rc < 0 || !n ? rc : yaml_text(rd->y, n, ret, rd->err);
}

static int read_flag(struct reader *rd, const struct yaml_node *map, const char *key, bool *ret)
{
    const struct yaml_node *n = yaml_get(map, key);
    return n ? yaml_bool(rd->y, n, ret, rd->err) : 0;
}

/* {from: TIME, to: TIME} */
static int read_period(struct reader *rd, const struct yaml_node *n, int64_t *ret_from,
                       int64_t *ret_to)
{
    static const char *const keys[] = {"from", "to", NULL};
    const struct yaml_node *from, *to;
    int rc;
    if ((rc = yaml_only(rd->y, n, keys, rd->err)) < 0 ||
        (rc = yaml_need(rd->y, n, "from", &from, rd->err)) < 0 ||
        (rc = yaml_need(rd->y, n, "to", &to, rd->err)) < 0 ||
        (rc = yaml_time(rd->y, from, ret_from, rd->err)) < 0 ||
        (rc = yaml_time(rd->y, to, ret_to, rd->err)) < 0)
        return rc;
    if (*ret_from >= *ret_to)
        return yaml_fail(rd->y, n, rd->err, "expected 'from' before 'to'");
    return 0;
}

/* Rows of a list under `key`, which may be absent. */
static int find_list(struct reader *rd, const struct yaml_node *map, const char *key,
                     const struct yaml_node **ret, size_t *ret_n)
{
    *ret = yaml_get(map, key);
    *ret_n = 0;
    if (!*ret)
        return 0;
    if (!yaml_is_list(*ret))
        return yaml_fail(rd->y, *ret, rd->err, "expected a list under '%s'", key);
    *ret_n = yaml_count(*ret);
    return 0;
}

/* --- groups ------------------------------------------------------------------------------- */

/* Every format must be able to carry the text without quoting. */
static bool plain(const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p <= ' ' || *p > '~' || strchr(",|\"\\#", *p))
            return false;
    return *text != '\0';
}

static void add_text(struct reader *rd, struct universe *u, struct group *g, const char *text,
                     size_t *cap)
{
    if (g->n == *cap) {
        uint32_t *more = take(rd, *cap = 2 * *cap + 16, sizeof *more);
        if (g->n)
            memcpy(more, g->ids, g->n * sizeof *more);
        g->ids = more;
    }
    g->ids[g->n++] = table_intern(u->texts, span_of(text));
}

/* "198.51.100.{1..60}" stands for sixty texts; a text without braces for itself. */
static int expand(struct reader *rd, struct universe *u, struct group *g,
                  const struct yaml_node *n, size_t *cap)
{
    const char *text;
    int rc = yaml_text(rd->y, n, &text, rd->err);
    if (rc < 0)
        return rc;
    if (!plain(text))
        return yaml_fail(rd->y, n, rd->err,
                         "expected printable text without space, comma, bar, quote, backslash "
                         "or hash, found '%s'",
                         text);
    const char *open = strchr(text, '{');
    if (!open) {
        add_text(rd, u, g, text, cap);
        return 0;
    }
    const char *dots = strstr(open, ".."), *close = strchr(open, '}');
    int64_t from, to;
    if (!dots || !close || close < dots ||
        text_i64(span_make(open + 1, (size_t)(dots - open - 1)), &from) < 0 ||
        text_i64(span_make(dots + 2, (size_t)(close - dots - 2)), &to) < 0 || from > to ||
        from < 0 || to > GROUP_MAX)
        return yaml_fail(rd->y, n, rd->err, "expected a range such as {1..60}, found '%s'",
                         text);
    for (int64_t i = from; i <= to; i++) {
        char *one = mem_format("%.*s%lld%s", (int)(open - text), text, (long long)i, close + 1);
        add_text(rd, u, g, one, cap);
        free(one);
    }
    return 0;
}

static int read_universe(struct reader *rd, const char *key, struct universe *u,
                         const char ***ret_texts, size_t *ret_n)
{
    const struct yaml_node *map;
    int rc = yaml_need(rd->y, yaml_root(rd->y), key, &map, rd->err);
    if (rc < 0)
        return rc;
    if (!yaml_is_map(map) || yaml_count(map) == 0)
        return yaml_fail(rd->y, map, rd->err, "expected groups under '%s', NAME: [TEXT, ...]",
                         key);
    u->groups = take(rd, yaml_count(map), sizeof *u->groups);
    for (size_t i = 0; i < yaml_count(map); i++) {
        struct group *g = &u->groups[u->ngroups++];
        g->name = yaml_key(rd->y, map, i);
        const struct yaml_node *list = yaml_get(map, g->name);
        if (!yaml_is_list(list) || yaml_count(list) == 0)
            return yaml_fail(rd->y, list, rd->err, "expected a list with a text in it");
        size_t cap = 0;
        for (size_t k = 0; rc == 0 && k < yaml_count(list); k++)
            rc = expand(rd, u, g, yaml_item(list, k), &cap);
        if (rc < 0)
            return rc;
    }
    *ret_n = table_size(u->texts);
    *ret_texts = take(rd, *ret_n, sizeof **ret_texts);
    for (uint32_t i = 0; i < *ret_n; i++) {
        struct span s = table_get(u->texts, i);
        (*ret_texts)[i] = arena_copy(&rd->s->memory, s.p, s.n);
    }
    return 0;
}

/* `n` is the name of a group or a list of them; the ids of all, each once. */
static int read_groups(struct reader *rd, const struct yaml_node *n, const struct universe *u,
                       const uint32_t **ret_ids, size_t *ret_n)
{
    size_t count = yaml_is_list(n) ? yaml_count(n) : 1, total = 0;
    bool *seen = take(rd, table_size(u->texts), sizeof *seen);
    uint32_t *ids = take(rd, table_size(u->texts), sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = yaml_is_list(n) ? yaml_item(n, i) : n;
        const char *name;
        int rc = yaml_text(rd->y, item, &name, rd->err);
        if (rc < 0)
            return rc;
        size_t g = 0;
        while (g < u->ngroups && strcmp(u->groups[g].name, name) != 0)
            g++;
        if (g == u->ngroups)
            return yaml_fail(rd->y, item, rd->err, "expected the name of a group, found '%s'",
                             name);
        for (size_t k = 0; k < u->groups[g].n; k++) {
            uint32_t id = u->groups[g].ids[k];
            if (!seen[id])
                ids[total++] = id;
            seen[id] = true;
        }
    }
    if (total == 0)
        return yaml_fail(rd->y, n, rd->err, "expected at least one group");
    *ret_ids = ids;
    *ret_n = total;
    return 0;
}

/* Keys `clients` and `names` of a row. */
static int read_selection(struct reader *rd, const struct yaml_node *map, struct selection *ret)
{
    const struct yaml_node *clients, *names;
    int rc;
    if ((rc = yaml_need(rd->y, map, "clients", &clients, rd->err)) < 0 ||
        (rc = yaml_need(rd->y, map, "names", &names, rd->err)) < 0 ||
        (rc = read_groups(rd, clients, &rd->clients, &ret->clients, &ret->nclients)) < 0)
        return rc;
    return read_groups(rd, names, &rd->names, &ret->names, &ret->nnames);
}

/* --- the clock of a process -----------------------------------------------------------------
 */

/* "09:00-18:00" */
static int read_hours(struct reader *rd, const struct yaml_node *n, struct sim_clock *c)
{
    const char *text;
    int rc = yaml_text(rd->y, n, &text, rd->err);
    if (rc < 0)
        return rc;
    int h0, m0, h1, m1, end = 0;
    bool whole = sscanf(text, "%2d:%2d-%2d:%2d%n", &h0, &m0, &h1, &m1, &end) == 4 &&
                 end == 11 && text[end] == '\0';
    if (!whole || h0 < 0 || h0 > 24 || m0 < 0 || m0 > 59 || h1 < 0 || h1 > 24 || m1 < 0 ||
        m1 > 59 || (h0 == h1 && m0 == m1))
        return yaml_fail(rd->y, n, rd->err,
                         "expected hours such as \"09:00-18:00\", found '%s'", text);
    c->opens_s = 3600 * h0 + 60 * m0;
    c->shuts_s = 3600 * h1 + 60 * m1;
    return 0;
}

static int read_steps(struct reader *rd, const struct yaml_node *map, struct sim_clock *c)
{
    static const char *const keys[] = {"from", "factor", NULL};
    const struct yaml_node *list, *from;
    int rc = find_list(rd, map, "steps", &list, &c->nsteps);
    c->steps = take(rd, c->nsteps, sizeof *c->steps);
    for (size_t i = 0; rc == 0 && i < c->nsteps; i++) {
        const struct yaml_node *row = yaml_item(list, i);
        if ((rc = yaml_only(rd->y, row, keys, rd->err)) == 0 &&
            (rc = yaml_need(rd->y, row, "from", &from, rd->err)) == 0 &&
            (rc = yaml_time(rd->y, from, &c->steps[i].from_ns, rd->err)) == 0)
            rc = read_real(rd, row, "factor", REQUIRED, 0, 1e6, &c->steps[i].factor);
        if (rc == 0 && i > 0 && c->steps[i].from_ns <= c->steps[i - 1].from_ns)
            rc = yaml_fail(rd->y, row, rd->err, "expected steps in order of time");
    }
    return rc;
}

static int read_clock(struct reader *rd, const struct yaml_node *map, struct sim_clock *c)
{
    const char *zone = NULL;
    const struct yaml_node *hours = yaml_get(map, "hours");
    int rc;
    *c = (struct sim_clock){.outside = 1, .weekend = 1};
    if ((rc = read_text(rd, map, "zone", OPTIONAL, &zone)) < 0 ||
        (rc = read_real(rd, map, "outside", OPTIONAL, 0, 1e6, &c->outside)) < 0 ||
        (rc = read_real(rd, map, "weekend", OPTIONAL, 0, 1e6, &c->weekend)) < 0 ||
        (rc = read_real(rd, map, "day_theta", OPTIONAL, 1e-3, 1e6, &c->day_theta)) < 0 ||
        (rc = read_steps(rd, map, c)) < 0)
        return rc;
    if (hours && (rc = read_hours(rd, hours, c)) < 0)
        return rc;
    if (!hours && yaml_get(map, "outside"))
        return yaml_fail(rd->y, yaml_get(map, "outside"), rd->err, "expected 'hours' with it");
    if (zone && tz_open(&c->zone, zone, rd->err) < 0) {
        struct err why = *rd->err;
        return yaml_fail(rd->y, yaml_get(map, "zone"), rd->err, "%s", why.msg);
    }
    return 0;
}

/* --- processes ------------------------------------------------------------------------------
 */

static int read_poisson(struct reader *rd, const struct yaml_node *map, struct sim_process *p)
{
    int rc = read_real(rd, map, "per_day", REQUIRED, 1e-9, 1e9, &p->per_day);
    if (rc < 0 || (rc = read_flag(rd, map, "split", &p->split)) < 0)
        return rc;
    if ((rc = read_real(rd, map, "activity", OPTIONAL, 0, 10, &p->activity)) < 0)
        return rc;
    if (p->split && p->activity > 0)
        return yaml_fail(rd->y, map, rd->err, "expected 'split' or 'activity', found both");
    return 0;
}

/* Poisson, or in bouts by one of two laws. */
static int read_human(struct reader *rd, const struct yaml_node *map, struct sim_process *p)
{
    int rc = read_poisson(rd, map, p);
    if (rc < 0 ||
        (rc = read_real(rd, map, "gap_sigma", OPTIONAL, 1e-3, 5, &p->gap_sigma)) < 0 ||
        (rc = read_real(rd, map, "branching", OPTIONAL, 1e-3, .95, &p->branching)) < 0)
        return rc;
    if ((p->gap_sigma > 0) + (p->branching > 0) + p->split > 1)
        return yaml_fail(rd->y, map, rd->err,
                         "expected one of 'gap_sigma', 'branching' and 'split', found two");
    if (p->branching > 0)
        return read_duration(rd, map, "within", REQUIRED, 1, &p->delay_ns);
    if (yaml_get(map, "within"))
        return yaml_fail(rd->y, yaml_get(map, "within"), rd->err,
                         "expected 'branching' with it");
    return 0;
}

static int read_mail(struct reader *rd, const struct yaml_node *map, struct sim_process *p)
{
    double per_week = 0;
    int rc;
    if ((rc = read_real(rd, map, "per_week", REQUIRED, 1e-9, 1e9, &per_week)) < 0 ||
        (rc = read_real(rd, map, "messages", REQUIRED, 1e-9, 1e9, &p->messages)) < 0 ||
        (rc = read_real(rd, map, "activity", OPTIONAL, 0, 10, &p->activity)) < 0)
        return rc;
    p->per_day = per_week / 7;
    return read_duration(rd, map, "within", REQUIRED, 1, &p->delay_ns);
}

static int read_monitor(struct reader *rd, const struct yaml_node *map, struct sim_process *p)
{
    int rc;
    if ((rc = read_duration(rd, map, "period", REQUIRED, NS_PER_S, &p->period_ns)) < 0 ||
        (rc = read_duration(rd, map, "jitter", OPTIONAL, 0, &p->jitter_ns)) < 0)
        return rc;
    return read_real(rd, map, "miss", OPTIONAL, 0, 1, &p->miss);
}

static int read_trigger(struct reader *rd, const struct yaml_node *map, struct sim_process *p)
{
    static const char *const keys[] = {"clients", "names", NULL};
    const struct yaml_node *after;
    int rc;
    if ((rc = yaml_need(rd->y, map, "after", &after, rd->err)) < 0 ||
        (rc = yaml_only(rd->y, after, keys, rd->err)) < 0 ||
        (rc = read_selection(rd, after, &p->after)) < 0 ||
        (rc = read_real(rd, map, "eta", REQUIRED, 0, 1, &p->eta)) < 0)
        return rc;
    return read_duration(rd, map, "within", REQUIRED, 1, &p->delay_ns);
}

/* THE TABLE OF PROCESSES. */
#define COMMON "id", "kind", "clients", "names", "qtype"
#define CLOCK "zone", "hours", "outside", "weekend", "day_theta", "steps"
enum { KEYS_MAX = 20 };
static const struct kind {
    const char *name;
    enum sim_kind kind;
    int (*read)(struct reader *rd, const struct yaml_node *map, struct sim_process *p);
    const char *const keys[KEYS_MAX];
} kinds[] = {
    {"human",
     SIM_HUMAN,
     read_human,
     {COMMON, CLOCK, "per_day", "split", "activity", "gap_sigma", "branching", "within", NULL}},
    {"mail",
     SIM_MAIL,
     read_mail,
     {COMMON, CLOCK, "per_week", "messages", "within", "activity", NULL}},
    {"monitor", SIM_MONITOR, read_monitor, {COMMON, "period", "jitter", "miss", NULL}},
    {"scanner", SIM_SCANNER, read_poisson, {COMMON, "per_day", "split", "activity", NULL}},
    {"trigger", SIM_TRIGGER, read_trigger, {COMMON, "after", "eta", "within", NULL}},
};
enum { NKINDS = sizeof kinds / sizeof *kinds };

static int read_qtype(struct reader *rd, const struct yaml_node *map, uint16_t *ret)
{
    const char *text = "A";
    int rc = read_text(rd, map, "qtype", OPTIONAL, &text);
    if (rc < 0)
        return rc;
    int number = canon_qtype(span_of(text));
    if (number <= 0)
        return yaml_fail(rd->y, yaml_get(map, "qtype"), rd->err,
                         "expected a record type such as A or AAAA, found '%s'", text);
    *ret = (uint16_t)number;
    return 0;
}

static int read_process(struct reader *rd, const struct yaml_node *map, struct sim_process *p)
{
    const char *kind = NULL;
    int rc;
    if (!yaml_is_map(map))
        return yaml_fail(rd->y, map, rd->err, "expected a process, {id: ..., kind: ...}");
    if ((rc = read_text(rd, map, "kind", REQUIRED, &kind)) < 0 ||
        (rc = read_text(rd, map, "id", REQUIRED, &p->id)) < 0)
        return rc;
    size_t k = 0;
    while (k < NKINDS && strcmp(kinds[k].name, kind) != 0)
        k++;
    if (k == NKINDS)
        return yaml_fail(rd->y, yaml_get(map, "kind"), rd->err,
                         "expected human, mail, monitor, scanner or trigger, found '%s'", kind);
    p->kind = kinds[k].kind;
    if (!plain(p->id))
        return yaml_fail(rd->y, yaml_get(map, "id"), rd->err,
                         "expected an id without space or comma, found '%s'", p->id);
    if ((rc = yaml_only(rd->y, map, kinds[k].keys, rd->err)) < 0 ||
        (rc = read_selection(rd, map, &p->who)) < 0 ||
        (rc = read_qtype(rd, map, &p->qtype)) < 0 || (rc = read_clock(rd, map, &p->clock)) < 0)
        return rc;
    return kinds[k].read(rd, map, p);
}

static int read_processes(struct reader *rd, const struct yaml_node *root)
{
    struct sim_world *w = &rd->s->world;
    const struct yaml_node *list;
    size_t n;
    int rc = find_list(rd, root, "processes", &list, &n);
    if (rc < 0)
        return rc;
    if (n == 0)
        return yaml_fail(rd->y, list ? list : root, rd->err, "expected at least one process");
    w->processes = take(rd, n, sizeof *w->processes);
    for (size_t i = 0; i < n; i++) {
        w->nprocesses = i + 1; /* so that scenario_close sees a zone that was opened */
        if ((rc = read_process(rd, yaml_item(list, i), &w->processes[i])) < 0)
            return rc;
        for (size_t k = 0; k < i; k++)
            if (strcmp(w->processes[k].id, w->processes[i].id) == 0)
                return yaml_fail(rd->y, yaml_item(list, i), rd->err,
                                 "expected each id once, found '%s' again", w->processes[i].id);
    }
    return 0;
}

/* --- layers ---------------------------------------------------------------------------------
 */

static int read_cache(struct reader *rd, const struct yaml_node *row, struct sim_cache *c)
{
    static const char *const keys[] = {"clients", "names", "ttl", "copies", "shared", NULL};
    int rc;
    c->copies = 1;
    if ((rc = yaml_only(rd->y, row, keys, rd->err)) < 0 ||
        (rc = read_selection(rd, row, &c->who)) < 0 ||
        (rc = read_duration(rd, row, "ttl", REQUIRED, 1, &c->ttl_ns)) < 0 ||
        (rc = read_count(rd, row, "copies", OPTIONAL, 1, COPIES_MAX, &c->copies)) < 0)
        return rc;
    return read_flag(rd, row, "shared", &c->shared);
}

static int read_retry(struct reader *rd, const struct yaml_node *row, struct sim_retry *r)
{
    static const char *const keys[] = {"clients", "names", "chance", "after", NULL};
    const struct yaml_node *list;
    int rc;
    if ((rc = yaml_only(rd->y, row, keys, rd->err)) < 0 ||
        (rc = read_selection(rd, row, &r->who)) < 0 ||
        (rc = read_real(rd, row, "chance", REQUIRED, 0, 1, &r->chance)) < 0 ||
        (rc = find_list(rd, row, "after", &list, &r->ndelays)) < 0)
        return rc;
    if (r->ndelays == 0)
        return yaml_fail(rd->y, row, rd->err, "expected delays, after: [2s, 4s, 8s]");
    int64_t *delays = take(rd, r->ndelays, sizeof *delays);
    for (size_t i = 0; rc == 0 && i < r->ndelays; i++) {
        rc = yaml_duration(rd->y, yaml_item(list, i), &delays[i], rd->err);
        if (rc == 0 && delays[i] > day_ns)
            rc =
                yaml_fail(rd->y, yaml_item(list, i), rd->err, "expected a delay of at most 1d");
    }
    r->delays_ns = delays;
    return rc;
}

static int read_exact(struct reader *rd, const struct yaml_node *row, struct sim_exact *e)
{
    static const char *const keys[] = {"clients", "names", "lookups", NULL};
    int64_t n = 0;
    int rc;
    if ((rc = yaml_only(rd->y, row, keys, rd->err)) < 0 ||
        (rc = read_selection(rd, row, &e->who)) < 0 ||
        (rc = read_count(rd, row, "lookups", REQUIRED, 0, WISHES_MAX, &n)) < 0)
        return rc;
    e->lookups = (uint64_t)n;
    return 0;
}

static int read_layers(struct reader *rd, const struct yaml_node *root)
{
    struct sim_world *w = &rd->s->world;
    const struct yaml_node *list;
    int rc = find_list(rd, root, "caches", &list, &w->ncaches);
    w->caches = take(rd, w->ncaches, sizeof *w->caches);
    for (size_t i = 0; rc == 0 && i < w->ncaches; i++)
        rc = read_cache(rd, yaml_item(list, i), &w->caches[i]);
    if (rc < 0 || (rc = find_list(rd, root, "retries", &list, &w->nretries)) < 0)
        return rc;
    w->retries = take(rd, w->nretries, sizeof *w->retries);
    for (size_t i = 0; rc == 0 && i < w->nretries; i++)
        rc = read_retry(rd, yaml_item(list, i), &w->retries[i]);
    if (rc < 0 || (rc = find_list(rd, root, "exact", &list, &w->nexact)) < 0)
        return rc;
    w->exact = take(rd, w->nexact, sizeof *w->exact);
    for (size_t i = 0; rc == 0 && i < w->nexact; i++)
        rc = read_exact(rd, yaml_item(list, i), &w->exact[i]);
    return rc;
}

static int read_servers(struct reader *rd, const struct yaml_node *root)
{
    struct sim_world *w = &rd->s->world;
    const struct yaml_node *list;
    int rc = find_list(rd, root, "servers", &list, &w->nservers);
    if (rc == 0 && w->nservers >= SIM_NO_SERVER)
        return yaml_fail(rd->y, list, rd->err, "expected fewer than %d servers", SIM_NO_SERVER);
    w->servers = take(rd, w->nservers, sizeof *w->servers);
    for (size_t i = 0; rc == 0 && i < w->nservers; i++) {
        rc = yaml_text(rd->y, yaml_item(list, i), &w->servers[i], rd->err);
        if (rc == 0 && !plain(w->servers[i]))
            rc = yaml_fail(rd->y, yaml_item(list, i), rd->err,
                           "expected a server without space or comma");
    }
    return rc;
}

static int read_sensor(struct reader *rd, const struct yaml_node *root)
{
    static const char *const keys[] = {"outages", "kept", NULL};
    struct sim_world *w = &rd->s->world;
    const struct yaml_node *sensor = yaml_get(root, "sensor"), *list;
    w->kept = 1;
    if (!sensor)
        return 0;
    int rc = yaml_only(rd->y, sensor, keys, rd->err);
    if (rc < 0 || (rc = read_real(rd, sensor, "kept", OPTIONAL, 0, 1, &w->kept)) < 0 ||
        (rc = find_list(rd, sensor, "outages", &list, &w->noutages)) < 0)
        return rc;
    w->outages = take(rd, w->noutages, sizeof *w->outages);
    for (size_t i = 0; rc == 0 && i < w->noutages; i++)
        rc = read_period(rd, yaml_item(list, i), &w->outages[i].from_ns, &w->outages[i].to_ns);
    return rc;
}

/* --- tampering ------------------------------------------------------------------------------
 */

static int read_tamper_kind(struct reader *rd, const struct yaml_node *row,
                            enum sim_tamper_kind *ret)
{
    const char *kind = "";
    int rc = read_text(rd, row, "kind", REQUIRED, &kind);
    if (rc < 0)
        return rc;
    for (int i = 0; i < TAMPERS; i++)
        if (strcmp(kind, tamper_names[i]) == 0) {
            *ret = (enum sim_tamper_kind)i;
            return 0;
        }
    return yaml_fail(rd->y, yaml_get(row, "kind"), rd->err,
                     "expected copy, overlay, insert, delete or shift, found '%s'", kind);
}

/* Which keys a row takes beside clients, names and the period follows from its kind. */
static int read_tamper(struct reader *rd, const struct yaml_node *row, struct sim_tamper *t)
{
    static const char *const by[] = {"kind", "clients", "names", "span", "by", NULL};
    static const char *const some[] = {"kind", "clients", "names", "span", "lookups", NULL};
    static const char *const part[] = {"kind", "clients", "names", "span", "share", NULL};
    const struct yaml_node *span;
    int64_t n = 0;
    int rc = read_tamper_kind(rd, row, &t->kind);
    if (rc < 0)
        return rc;
    bool insert = t->kind == TAMPER_INSERT, remove = t->kind == TAMPER_DELETE;
    t->share = 1;
    if ((rc = yaml_only(rd->y, row,
                        insert   ? some
                        : remove ? part
                                 : by,
                        rd->err)) < 0 ||
        (rc = read_selection(rd, row, &t->who)) < 0 ||
        (rc = yaml_need(rd->y, row, "span", &span, rd->err)) < 0 ||
        (rc = read_period(rd, span, &t->from_ns, &t->to_ns)) < 0)
        return rc;
    if (insert)
        rc = read_count(rd, row, "lookups", REQUIRED, 0, WISHES_MAX, &n);
    else if (remove)
        rc = read_real(rd, row, "share", OPTIONAL, 0, 1, &t->share);
    else
        rc = read_duration(rd, row, "by", REQUIRED, 1, &t->by_ns);
    t->lookups = (uint64_t)n;
    return rc;
}

static int read_tampering(struct reader *rd, const struct yaml_node *root)
{
    struct sim_world *w = &rd->s->world;
    const struct yaml_node *list;
    int rc = find_list(rd, root, "tampering", &list, &w->ntampers);
    if (rc < 0)
        return rc;
    w->tampers = take(rd, w->ntampers, sizeof *w->tampers);
    for (size_t i = 0; rc == 0 && i < w->ntampers; i++)
        rc = read_tamper(rd, yaml_item(list, i), &w->tampers[i]);
    return rc;
}

/* --- the whole -------------------------------------------------------------------------------
 */

static int read_frame(struct reader *rd, const struct yaml_node *root)
{
    static const char *const keys[] = {"scenario", "span",    "seed",      "tick",   "clients",
                                       "names",    "servers", "processes", "caches", "retries",
                                       "sensor",   "exact",   "tampering", NULL};
    struct sim_world *w = &rd->s->world;
    const struct yaml_node *span;
    int64_t seed = 0;
    int rc;
    w->tick_ns = NS_PER_S;
    if ((rc = yaml_only(rd->y, root, keys, rd->err)) < 0 ||
        (rc = read_text(rd, root, "scenario", REQUIRED, &w->title)) < 0 ||
        (rc = yaml_need(rd->y, root, "span", &span, rd->err)) < 0 ||
        (rc = read_period(rd, span, &w->from_ns, &w->to_ns)) < 0 ||
        (rc = read_count(rd, root, "seed", REQUIRED, 0, INT64_MAX, &seed)) < 0 ||
        (rc = read_duration(rd, root, "tick", OPTIONAL, 1, &w->tick_ns)) < 0)
        return rc;
    w->seed = (uint64_t)seed;
    if (w->from_ns < 0 || w->to_ns > year_2200 || w->to_ns - w->from_ns > 36525 * day_ns)
        return yaml_fail(rd->y, span, rd->err,
                         "expected at most 100 years between 1970 and 2200");
    return 0;
}

static int read_all(struct reader *rd)
{
    const struct yaml_node *root = yaml_root(rd->y);
    struct sim_world *w = &rd->s->world;
    int rc;
    if ((rc = read_frame(rd, root)) < 0 ||
        (rc = read_universe(rd, "clients", &rd->clients, &w->clients, &w->nclients)) < 0 ||
        (rc = read_universe(rd, "names", &rd->names, &w->names, &w->nnames)) < 0 ||
        (rc = read_servers(rd, root)) < 0 || (rc = read_processes(rd, root)) < 0 ||
        (rc = read_layers(rd, root)) < 0)
        return rc;
    rc = read_sensor(rd, root);
    return rc < 0 ? rc : read_tampering(rd, root);
}

/* Takes over `y`. */
static int read_yaml(struct scenario *ret, struct yaml *y, struct err *err)
{
    struct scenario s = {.yaml = y};
    struct err own;
    struct reader rd = {.s = &s, .y = y, .err = err ? err : &own};
    rd.clients.texts = table_new();
    rd.names.texts = table_new();
    int rc = read_all(&rd);
    table_free(rd.clients.texts);
    table_free(rd.names.texts);
    if (rc < 0)
        scenario_close(&s);
    else
        *ret = s;
    return rc;
}

int scenario_open(struct scenario *ret, const char *path, struct err *err)
{
    struct yaml *y;
    int rc = yaml_open(&y, path, err);
    return rc < 0 ? rc : read_yaml(ret, y, err);
}

int scenario_parse(struct scenario *ret, const char *name, struct span text, struct err *err)
{
    struct yaml *y;
    int rc = yaml_parse(&y, name, text, err);
    return rc < 0 ? rc : read_yaml(ret, y, err);
}

void scenario_close(struct scenario *s)
{
    for (size_t i = 0; i < s->world.nprocesses; i++)
        tz_free(s->world.processes[i].clock.zone);
    arena_free(&s->memory);
    yaml_close(s->yaml);
    *s = (struct scenario){0};
}
