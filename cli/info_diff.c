/* SPDX-License-Identifier: GPL-3.0-or-later
 * info --diff: two versions of one log, row by row. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/info_diff.h"
#include "cli/values.h"
#include "ingest/casefile.h"
#include "ingest/versions.h"

static void print_text(const struct counts *a, const struct counts *b, const struct versions *v,
                       size_t top)
{
    char offset[TEXT_TIME_MAX];
    printf("A %s\nB %s\n%s\n\n", a->sha256, b->sha256,
           strcmp(a->sha256, b->sha256) == 0 ? "the same content" : "different content");
    printf("%12s %12s  rows\n%12" PRIu64 " %12" PRIu64 "  in each\n", "A", "B", v->a, v->b);
    printf("%12" PRIu64 " %12" PRIu64 "  in both, at the same tick\n", v->both, v->both);
    printf("%12" PRIu64 " %12" PRIu64 "  of one pair in both, at another tick (moved)\n",
           v->moved, v->moved);
    printf("%12" PRIu64 " %12" PRIu64 "  in one version only\n", v->a - v->both - v->moved,
           v->b - v->both - v->moved);
    printf("%12" PRIu64 " %12" PRIu64 "  pairs and types, %" PRIu64 " of them equal\n",
           v->pairs_a, v->pairs_b, v->pairs_equal);
    if (v->at_offset > 1)
        printf("moved rows most often by %s%s: %" PRIu64 " of them\n",
               v->offset_ns < 0 ? "-" : "",
               text_of_duration(offset, v->offset_ns < 0 ? -v->offset_ns : v->offset_ns),
               v->at_offset);
    printf("share of rows that are not the same: %.4g\n", versions_altered(v));
    size_t n = v->nclients < top ? v->nclients : top;
    if (n)
        printf("\nclients that differ, %zu of %zu\n%12s %12s %12s %12s  client\n", n,
               v->nclients, "A", "B", "both", "moved");
    for (size_t i = 0; i < n; i++) {
        const struct versions_client *c = &v->clients[i];
        printf("%12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "  %s\n", c->a, c->b,
               c->both, c->moved, c->client.p);
    }
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static void print_json(const struct counts *a, const struct counts *b, const struct versions *v)
{
    json_t *clients = json_array();
    for (size_t i = 0; i < v->nclients; i++) {
        const struct versions_client *c = &v->clients[i];
        json_array_append_new(clients, json_pack("{s:o, s:o, s:o, s:o, s:o}", "client",
                                                 values_text(c->client), "a", number(c->a), "b",
                                                 number(c->b), "both", number(c->both), "moved",
                                                 number(c->moved)));
    }
    json_t *root =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:o}",
                  "sha256_a", a->sha256, "sha256_b", b->sha256, "a", number(v->a), "b",
                  number(v->b), "both", number(v->both), "moved", number(v->moved), "pairs_a",
                  number(v->pairs_a), "pairs_b", number(v->pairs_b), "pairs_equal",
                  number(v->pairs_equal), "at_offset", number(v->at_offset), "offset_s",
                  v->at_offset ? values_real((double)v->offset_ns / 1e9) : json_null(),
                  "altered", versions_altered(v), "clients", clients);
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(root);
}

int info_diff(const struct counts *a, const char *other, bool json, size_t top, struct err *err)
{
    struct counts *b;
    struct versions v;
    int rc = casefile_read(&b, other, err);
    if (rc < 0)
        return rc;
    rc = versions_compare(&v, a, b, err);
    if (rc == 0) {
        if (json)
            print_json(a, b, &v);
        else
            print_text(a, b, &v, top);
        versions_free(&v);
    }
    counts_free(b);
    return rc;
}
