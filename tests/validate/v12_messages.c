/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, messages: screens of what a capture shows of its senders, through tally and
 * integrity_run. Twenty resolvers ask 3,000 times; one query in 500 takes another path for
 * good. Forgeries: queries put in with a hop limit, or with letters, that are not the
 * client's; ids of which a part has even low bytes. Foil: any change of hop limit is a forgery.
 */
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/tally.h"
#include "models/integrity.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { CLIENTS = 20, QUERIES = 3000 };

struct forgery {
    double hops, letters; /* share of queries put in, of each kind */
    double even;          /* share of ids with an even low byte, at least */
};

enum { BYTES_P, BYTES_FLAGGED, TRAITS, FAILED, ANY_CHANGE, COLUMNS };

struct sender {
    char text[16];
    uint16_t hops, edns, letters;
};

static void make_senders(struct sender s[CLIENTS], struct rng *r)
{
    for (int i = 0; i < CLIENTS; i++) {
        snprintf(s[i].text, sizeof s[i].text, "192.0.2.%d", i + 1);
        s[i].hops = (uint16_t)(40 + rng_below(r, 20));
        s[i].edns = (uint16_t)(1 + rng_below(r, 4));
        s[i].letters = (uint16_t)(1 + rng_below(r, 2));
    }
}

static struct lookup draw_query(const struct forgery *f, struct sender s[CLIENTS],
                                struct rng *r)
{
    struct sender *from = &s[rng_below(r, CLIENTS)];
    if (rng_unit(r) < .002)
        from->hops = (uint16_t)(40 + rng_below(r, 20));
    int32_t id = (int32_t)rng_below(r, 65536);
    bool hops = rng_unit(r) < f->hops, letters = rng_unit(r) < f->letters;
    return (struct lookup){
        .client = span_of(from->text),
        .name = span_of("mail.example"),
        .kind = LOOKUP_QUERY,
        .qtype = 1,
        .rcode = LOOKUP_UNKNOWN,
        .id = rng_unit(r) < f->even ? id & ~1 : id,
        .port = 1024 + (int32_t)rng_below(r, 64512),
        .ttl_s = LOOKUP_UNKNOWN,
        .trait = {[TRAIT_HOPS] = hops ? 64 : from->hops,
                  [TRAIT_EDNS] = from->edns,
                  [TRAIT_CASE] = letters ? (uint16_t)(3 - from->letters) : from->letters},
        .weight = 1};
}

static struct counts *draw(const struct forgery *f, struct rng *r)
{
    struct sender s[CLIENTS];
    struct skips skips = {0};
    struct tally *t = tally_new(&(struct tally_opts){.tick_ns = NS_PER_S});
    size_t source = tally_source(t, "simulated", "simulated");
    int64_t at = 0;
    make_senders(s, r);
    for (int i = 0; i < QUERIES; i++) {
        struct lookup v = draw_query(f, s, r);
        v.t_ns = at += (int64_t)(rng_exponential(r, 600) * 1e9);
        tally_add(t, source, &v, 1, &skips, NULL);
    }
    return tally_freeze(t, 1);
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    struct counts *c = draw(ctx, r);
    struct integrity in;
    drawn_screens(&in, c, NULL, rng_u32(r));
    ret[BYTES_P] = exp(integrity_find(&in, "id_bytes")->log_p);
    ret[BYTES_FLAGGED] = integrity_find(&in, "id_bytes")->answer == INTEGRITY_EXPLAIN;
    ret[TRAITS] = integrity_find(&in, "traits")->answer == INTEGRITY_EXPLAIN;
    ret[ANY_CHANGE] = c->sources[0].trait_other[TRAIT_HOPS] > 0;
    ret[FAILED] = 0;
    for (size_t i = 0; i < in.n; i++)
        ret[FAILED] = fmax(ret[FAILED], in.v[i].answer == INTEGRITY_FAIL);
    integrity_free(&in);
    counts_free(c);
}

void v12_messages(struct validation *v)
{
    static const struct forgery honest = {0}, hops = {.hops = .03}, letters = {.letters = .03},
                                even = {.even = .4};
    const struct validate_figure none[] = {
        {"p of bytes at .05", BYTES_P, FIGURE_SHARE, .05, .05, .05},
        {"bytes of ids flagged", BYTES_FLAGGED, FIGURE_MEAN, 0, 0, .01},
        {"senders flagged", TRAITS, FIGURE_MEAN, 0, 0, .01},
        {"a screen fails", FAILED, FIGURE_MEAN, 0, 0, .01},
        {"foil: any change of hop limit is a forgery", ANY_CHANGE, FIGURE_MEAN, 0, .95, 1}};
    const struct validate_figure senders[] = {
        {"senders flagged", TRAITS, FIGURE_MEAN, 0, .95, 1}};
    const struct validate_figure bytes[] = {
        {"bytes of ids flagged", BYTES_FLAGGED, FIGURE_MEAN, 0, .95, 1}};
    const struct {
        const char *prefix;
        const struct forgery *forgery;
        const struct validate_figure *figures;
        size_t n;
    } cells[] = {{"honest messages:", &honest, none, 5},
                 {"3 % put in with another hop limit:", &hops, senders, 1},
                 {"3 % put in with other letters:", &letters, senders, 1},
                 {"40 % of ids with an even low byte:", &even, bytes, 1}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        validate_run(v, &(struct validate_plan){.experiment = "V12",
                                                .prefix = cells[i].prefix,
                                                .replicate = replicate,
                                                .ctx = cells[i].forgery,
                                                .columns = COLUMNS,
                                                .figures = cells[i].figures,
                                                .nfigures = cells[i].n,
                                                .R = validate_pick(v, 5, 1000)});
}
