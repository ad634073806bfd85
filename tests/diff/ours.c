/* SPDX-License-Identifier: GPL-3.0-or-later
 * Our reader on one packet: as a capture of its own, through the same door as any input,
 * so that nothing of the way is left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/source.h"
#include "tests/diff/diff.h"

struct ours {
    int file;
    char path[64];
};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz-diff: expected %s\n", what);
    abort();
}

struct ours *ours_new(void)
{
    struct ours *o = mem_zero(1, sizeof *o);
    o->file = memfd_create("packet", MFD_CLOEXEC);
    require(o->file >= 0, "a file in memory");
    snprintf(o->path, sizeof o->path, "/proc/self/fd/%d", o->file);
    return o;
}

void ours_free(struct ours *o)
{
    close(o->file);
    free(o);
}

/* The cuts of a way are a function of what goes it, so a smaller packet can be tried. */
static bool write_capture(const struct ours *o, enum way way, const struct frame *f,
                          const struct places *at)
{
    struct rng r;
    rng_stream(&r, 0, RNG_VALIDATE, rng_subject(f->bytes, f->n), (uint32_t)way);
    FILE *out = fopen(o->path, "wb");
    require(out, "to write a capture");
    bool can = way_write(out, way, f, at, &r);
    require(fclose(out) == 0, "to write a capture");
    return can;
}

static void hold(struct question *q, const struct lookup *v)
{
    bool named = canon_name(v->name, (enum lookup_form)v->name_form, q->name, &q->name_n) == 0;
    require(named && v->client.n <= 16 && v->client.n == v->server.n, "a name and addresses");
    q->response = v->kind == LOOKUP_RESPONSE;
    q->type = v->qtype;
    q->id = (uint16_t)v->id;
    q->port = (uint16_t)v->port;
    q->address_n = v->client.n;
    memcpy(q->client, v->client.p, v->client.n);
    memcpy(q->server, v->server.p, v->server.n);
    q->rcode = v->rcode;
    q->ttl_s = v->ttl_s;
}

bool ours_read(struct ours *o, enum way way, const struct frame *f, const struct places *at,
               struct verdict *ret)
{
    struct source_opts opts = {.format = "pcap"};
    struct source *s;
    const struct lookup *v;
    size_t n;
    *ret = (struct verdict){0};
    if (!write_capture(o, way, f, at))
        return false;
    require(source_open(&s, o->path, &opts, NULL) == 0, "a capture that can be opened");
    int got;
    while ((got = source_next(s, &v, &n, NULL)) > 0)
        for (size_t i = 0; i < n; i++, ret->n++)
            if (ret->n < HELD_MAX)
                hold(&ret->held[ret->n], &v[i]);
    require(got == 0, "a capture that can be read to its end");
    struct skips skips = *source_skips(s);
    require(source_read(s) == ret->n + skips_total(&skips), "records read = look-ups + skips");
    source_close(s);
    if (way == WAY_TCP) /* segments that complete no message are records of their own */
        skips.count[SKIP_TCP_EMPTY] = skips.count[SKIP_TCP_PART] = 0;
    for (int why = 0; why < SKIP_REASONS; why++)
        if (skips.count[why])
            ret->why = (enum skip_reason)why;
    ret->skips = skips_total(&skips);
    return true;
}
