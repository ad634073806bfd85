/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/counts.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/keep.h"

const char *const counts_rule_keys[COUNTS_RULES] = {
    [RULE_COUNT] = "count_rule", [RULE_CLIENT] = "client_rule",
    [RULE_NAME] = "name_rule",   [RULE_TYPE] = "type_rule",
    [RULE_VANTAGE] = "vantage",  [RULE_PSEUDONYMS] = "pseudonyms",
    [RULE_KEEP] = "keep_rule",
};

struct counts_live *counts_live_copy(const struct counts_live *v, size_t n)
{
    struct counts_live *copy = mem_alloc((n + 1) * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = (struct counts_live){v[i].from_ns, v[i].to_ns,
                                       mem_copy(v[i].why, strlen(v[i].why))};
    return copy;
}

void counts_live_free(struct counts_live *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(v[i].why);
    free(v);
}

static void free_sources(struct counts *c)
{
    for (size_t i = 0; i < c->nsources; i++) {
        free(c->sources[i].name);
        free(c->sources[i].format);
        free(c->sources[i].server);
        counts_live_free(c->sources[i].live, c->sources[i].nlive);
    }
    free(c->sources);
}

void counts_free(struct counts *c)
{
    if (!c)
        return;
    free_sources(c);
    counts_live_free(c->live, c->nlive);
    for (int i = 0; i < COUNTS_RULES; i++)
        free(c->rules[i]);
    free(c->clients);
    free(c->names);
    free(c->servers);
    free(c->pairs);
    free(c->intervals);
    arena_free(&c->bytes);
    free(c);
}

bool counts_is_part(const struct counts *c)
{
    const char *rule = c->rules[RULE_KEEP];
    return rule && strcmp(rule, KEEP_ALL) != 0;
}

bool counts_has_all_of(const struct counts *c, struct span name)
{
    struct keep *k;
    if (!counts_is_part(c))
        return true;
    if (keep_read(&k, (const char *const *)&c->rules[RULE_KEEP], 1, NULL) < 0)
        return false;
    bool all = (keep_match(k, KEEP_NAME, name) & keep_match(k, KEEP_CLIENT, (struct span){0}));
    keep_free(k);
    return all;
}

unsigned counts_step_bin(uint64_t seconds)
{
    unsigned bin = 0;
    for (; seconds > 0 && bin < HIST_STEP - 1; bin++)
        seconds >>= 1;
    return bin;
}

/* --- the digest ------------------------------------------------------------ */

struct span counts_content_marks(const struct counts_pair *p)
{
    struct span all = counts_marks(p);
    struct marks_iter it = marks_begin(all);
    const unsigned char *end = it.p;
    if (!all.p)
        return (struct span){0};
    while (marks_next(&it) && it.kind < MARK_STAYED)
        end = it.p;
    return span_make(all.p, (size_t)(end - (const unsigned char *)all.p));
}

/* A digest fed by the page: a pair is a few dozen bytes, a call costs more. */
struct sink {
    struct digest *digest;
    size_t n;
    unsigned char page[1 << 16];
};

static void put(struct sink *s, const void *bytes, size_t n)
{
    if (n > sizeof s->page - s->n) {
        digest_add(s->digest, s->page, s->n);
        s->n = 0;
    }
    if (n > sizeof s->page) {
        digest_add(s->digest, bytes, n);
    } else if (n) {
        memcpy(s->page + s->n, bytes, n);
        s->n += n;
    }
}

static void put_number(struct sink *s, uint64_t value)
{
    unsigned char out[VARINT_MAX];
    size_t n = varint_put(out, value);
    put(s, out, n);
}

/* Lengths stand before bytes, so that no two contents read the same. */
static void put_span(struct sink *s, struct span bytes)
{
    put_number(s, bytes.n);
    put(s, bytes.p, bytes.n);
}

static void put_spans(struct sink *s, const struct span *v, uint32_t n)
{
    put_number(s, n);
    for (uint32_t i = 0; i < n; i++)
        put_span(s, v[i]);
}

static void put_pair(struct sink *s, const struct counts_pair *p)
{
    put_number(s, p->client);
    put_number(s, p->name);
    put_number(s, p->qtype);
    put_number(s, p->total);
    put_number(s, p->duplicates);
    put_number(s, (uint64_t)p->first);
    put_number(s, (uint64_t)p->last);
    put_span(s, counts_series(p));
    put_span(s, counts_copies(p));
    put_span(s, counts_content_marks(p));
}

static void put_interval(struct sink *s, const struct counts_interval *v)
{
    put_number(s, v->client.p != NULL);
    put_span(s, v->client);
    put_span(s, v->name);
    put_number(s, v->qtype);
    put_number(s, (uint64_t)v->from_ns);
    put_number(s, (uint64_t)v->to_ns);
    put_number(s, v->count);
}

void counts_digest(const struct counts *c, char ret_hex[DIGEST_HEX])
{
    struct sink *s = mem_alloc(sizeof *s);
    s->digest = digest_new();
    s->n = 0;
    put_span(s, span_of("dnsclaim counts 1"));
    put_number(s, (uint64_t)c->tick_ns);
    put_number(s, (uint64_t)c->dedup_ns);
    for (int i = 0; i < COUNTS_RULES; i++)
        if (i != RULE_KEEP || counts_is_part(c)) /* counts of all are named as ever */
            put_span(s, span_of(c->rules[i]));
    put_spans(s, c->clients, c->nclients);
    put_spans(s, c->names, c->nnames);
    put_spans(s, c->servers, c->nservers);
    put_number(s, c->npairs);
    for (size_t i = 0; i < c->npairs; i++)
        put_pair(s, &c->pairs[i]);
    put_number(s, c->nlive);
    for (size_t i = 0; i < c->nlive; i++) {
        put_number(s, (uint64_t)c->live[i].from_ns);
        put_number(s, (uint64_t)c->live[i].to_ns);
        put_span(s, span_of(c->live[i].why));
    }
    put_number(s, c->nintervals);
    for (size_t i = 0; i < c->nintervals; i++)
        put_interval(s, &c->intervals[i]);
    digest_add(s->digest, s->page, s->n);
    digest_end(s->digest, ret_hex);
    free(s);
}

/* --- finding --------------------------------------------------------------- */

/* First pair whose client is not below `client`. */
static size_t first_pair(const struct counts *c, uint64_t client)
{
    size_t lo = 0, hi = c->npairs;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->pairs[mid].client < client)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void counts_client_pairs(const struct counts *c, uint32_t client, size_t *ret_from,
                         size_t *ret_to)
{
    *ret_from = first_pair(c, client);
    *ret_to = first_pair(c, (uint64_t)client + 1);
}

int64_t counts_live_within(const struct counts *c, int64_t from_ns, int64_t to_ns)
{
    int64_t sum = 0;
    for (size_t i = 0; i < c->nlive && c->live[i].from_ns < to_ns; i++) {
        int64_t from = c->live[i].from_ns > from_ns ? c->live[i].from_ns : from_ns;
        int64_t to = c->live[i].to_ns < to_ns ? c->live[i].to_ns : to_ns;
        sum += to > from ? to - from : 0;
    }
    return sum;
}

void counts_live_both(const struct counts_live *a, size_t na, const struct counts_live *b,
                      size_t nb, struct counts_live **ret, size_t *ret_n)
{
    struct counts_live *v = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0, k = 0; i < na && k < nb;) {
        int64_t from = a[i].from_ns > b[k].from_ns ? a[i].from_ns : b[k].from_ns;
        int64_t to = a[i].to_ns < b[k].to_ns ? a[i].to_ns : b[k].to_ns;
        if (from < to) {
            MEM_GROW(v, n, cap);
            v[n++] = (struct counts_live){from, to, mem_copy(a[i].why, strlen(a[i].why))};
        }
        if (a[i].to_ns < b[k].to_ns)
            i++;
        else
            k++;
    }
    *ret = v;
    *ret_n = n;
}

uint32_t counts_place(const struct span *sorted, uint32_t n, struct span text)
{
    uint32_t lo = 0, hi = n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (span_compare(sorted[mid], text) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static uint32_t find(const struct span *sorted, uint32_t n, struct span text)
{
    uint32_t at = counts_place(sorted, n, text);
    return at < n && span_equal(sorted[at], text) ? at : UINT32_MAX;
}

uint32_t counts_client(const struct counts *c, struct span text)
{
    return find(c->clients, c->nclients, text);
}

uint32_t counts_name(const struct counts *c, struct span text)
{
    return find(c->names, c->nnames, text);
}

/* --- series ---------------------------------------------------------------- */

int counts_pair_order(const struct counts *a, const struct counts_pair *x,
                      const struct counts *b, const struct counts_pair *y)
{
    int d = span_compare(a->clients[x->client], b->clients[y->client]);
    d = d ? d : span_compare(a->names[x->name], b->names[y->name]);
    return d ? d : (x->qtype > y->qtype) - (x->qtype < y->qtype);
}

struct series_iter series_begin(struct span bytes, int64_t first)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    return (struct series_iter){.p = p, .end = p ? p + bytes.n : p, .tick = first};
}

bool series_next(struct series_iter *it)
{
    uint64_t gap, count;
    if (!varint_get(&it->p, it->end, &gap) || !varint_get(&it->p, it->end, &count))
        return false;
    it->tick = (int64_t)((uint64_t)it->tick + gap);
    it->count = count;
    return true;
}

struct marks_iter marks_begin(struct span marks)
{
    const unsigned char *p = (const unsigned char *)marks.p;
    return (struct marks_iter){.p = p, .end = p ? p + marks.n : p};
}

bool marks_next(struct marks_iter *it)
{
    return varint_get(&it->p, it->end, &it->kind) && varint_get(&it->p, it->end, &it->value) &&
           varint_get(&it->p, it->end, &it->count);
}
