/* SPDX-License-Identifier: GPL-3.0-or-later
 * Our reader on one packet: as a capture of that packet alone, through the same door
 * as any input, so that nothing of the way is left out. */
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

static void write_capture(const struct ours *o, const struct frame *f)
{
    enum { LINKTYPE_RAW = 101, HEADERS = 24 + 16 };
    uint32_t link = f->link == DLT_RAW ? LINKTYPE_RAW : (uint32_t)f->link;
    uint32_t head[HEADERS / 4] = {
        0xa1b2c3d4,     4u << 16 | 2,       0, 0, FRAME_MAX, link, 1, 0,
        (uint32_t)f->n, (uint32_t)f->wire_n};
    bool done = ftruncate(o->file, 0) == 0 && pwrite(o->file, head, HEADERS, 0) == HEADERS &&
                pwrite(o->file, f->bytes, f->n, HEADERS) == (ssize_t)f->n;
    require(done, "to write a capture");
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

void ours_read(struct ours *o, const struct frame *f, struct verdict *ret)
{
    struct source_opts opts = {.format = "pcap"};
    struct source *s;
    const struct lookup *v;
    size_t n;
    write_capture(o, f);
    *ret = (struct verdict){0};
    require(source_open(&s, o->path, &opts, NULL) == 0, "a capture that can be opened");
    int got;
    while ((got = source_next(s, &v, &n, NULL)) > 0)
        for (size_t i = 0; i < n; i++, ret->n++)
            if (ret->n < HELD_MAX)
                hold(&ret->held[ret->n], &v[i]);
    require(got == 0, "a capture that can be read to its end");
    const struct skips *skips = source_skips(s);
    for (int why = 0; why < SKIP_REASONS; why++)
        if (skips->count[why])
            ret->why = (enum skip_reason)why;
    ret->skips = skips_total(skips);
    require(source_read(s) == ret->n + ret->skips, "records read = look-ups + skips");
    source_close(s);
}
