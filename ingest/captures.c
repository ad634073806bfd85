/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/captures.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "ingest/packet.h"
#include "ingest/tcp.h"

struct entry {
    const char *path;
    size_t index; /* in what the user gave */
    bool known;   /* a capture, with the time of its first packet: */
    int64_t first_ns;
};

struct captures {
    struct entry *entries; /* in the order of reading */
    size_t n, at;          /* at: of the next to read */
    size_t kept_for;       /* the entry for which is kept, or NULL: */
    struct packets *packets;
    struct tcp *tcp;
};

static int by_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->known != y->known)
        return y->known - x->known;
    int order = (x->index > y->index) - (x->index < y->index);
    if (!x->known)
        return order;
    if (x->first_ns != y->first_ns)
        return x->first_ns < y->first_ns ? -1 : 1;
    int paths = strcmp(x->path, y->path);
    return paths ? paths : order;
}

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

struct captures *captures_new(const char *const *paths, size_t n, const char *format)
{
    struct captures *c = mem_zero(1, sizeof *c);
    bool wanted = !format || strcmp(format, "pcap") == 0;
    c->entries = mem_zero(n, sizeof *c->entries);
    c->n = n;
    for (size_t i = 0; i < n; i++) {
        struct entry *e = &c->entries[i];
        *e = (struct entry){.path = paths[i], .index = i};
        e->known = wanted && is_file(e->path) && capture_first(e->path, &e->first_ns);
    }
    if (n > 0)
        qsort(c->entries, n, sizeof *c->entries, by_time);
    return c;
}

static void drop(struct captures *c)
{
    packets_free(c->packets);
    tcp_free(c->tcp);
    c->packets = NULL;
    c->tcp = NULL;
}

void captures_free(struct captures *c)
{
    if (!c)
        return;
    drop(c);
    free(c->entries);
    free(c);
}

bool captures_next(struct captures *c, size_t *ret_i)
{
    if (c->at == c->n)
        return false;
    *ret_i = c->entries[c->at++].index;
    return true;
}

bool captures_keep(struct captures *c, struct packets *packets, struct tcp *tcp,
                   int64_t last_ns)
{
    if (!c || c->at == c->n || !c->entries[c->at].known)
        return false;
    int64_t first_ns = c->entries[c->at].first_ns, gap;
    if (__builtin_sub_overflow(first_ns, last_ns, &gap) || gap < 0 || gap > CAPTURES_GAP_NS)
        return false;
    drop(c); /* of a capture that could not be opened */
    c->kept_for = c->at;
    c->packets = packets;
    c->tcp = tcp;
    return true;
}

bool captures_take(struct captures *c, struct packets **ret_packets, struct tcp **ret_tcp)
{
    if (!c || !c->tcp || c->kept_for + 1 != c->at)
        return false;
    *ret_packets = c->packets;
    *ret_tcp = c->tcp;
    c->packets = NULL;
    c->tcp = NULL;
    return true;
}
