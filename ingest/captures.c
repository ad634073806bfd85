/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/captures.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "ingest/frames.h"
#include "ingest/tcp.h"

struct entry {
    const char *path;
    size_t index; /* in what the user gave */
    bool known;   /* a capture, with the time of its first packet: */
    int64_t first_ns;
    int64_t last_ns; /* of its latest packet, once it was read; before that INT64_MAX */
    struct packets *packets;
    struct tcp *tcp; /* what was kept for it; NULL: nothing */
};

struct captures {
    struct entry *entries; /* in the order of reading */
    size_t n, at;          /* at: of the next to read */
    size_t kept;           /* entries with something kept */
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
        *e = (struct entry){.path = paths[i], .index = i, .last_ns = INT64_MAX};
        e->known = wanted && is_file(e->path) && frames_first(e->path, &e->first_ns);
    }
    if (n > 0)
        qsort(c->entries, n, sizeof *c->entries, by_time);
    return c;
}

static void drop(struct entry *e)
{
    packets_free(e->packets);
    tcp_free(e->tcp);
    e->packets = NULL;
    e->tcp = NULL;
}

void captures_free(struct captures *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++)
        drop(&c->entries[i]);
    free(c->entries);
    free(c);
}

bool captures_next(struct captures *c, size_t *ret_i)
{
    if (c->at > 0 && c->entries[c->at - 1].tcp) { /* it could not be opened */
        drop(&c->entries[c->at - 1]);
        c->kept--;
    }
    if (c->at == c->n)
        return false;
    *ret_i = c->entries[c->at++].index;
    return true;
}

/* --- which capture continues which ----------------------------------------------------------
 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *s)
{
    size_t n = 0;
    while (is_digit(s[n]))
        n++;
    return n;
}

/* Where the numbers of two paths differ: a bit a place, by the letters before it; all bits
 * if the paths differ in more than numbers. */
static uint64_t differences(const char *a, const char *b)
{
    uint64_t bits = 0;
    for (unsigned letters = 0;; letters++) {
        size_t na = digits(a), nb = digits(b);
        if (na != nb || memcmp(a, b, na) != 0)
            bits |= UINT64_C(1) << letters % 63;
        a += na;
        b += nb;
        if (*a != *b)
            return UINT64_MAX;
        if (!*a)
            return bits;
        a++;
        b++;
    }
}

/* Was `other` written while `e`, which was read, was? Of one that was not read yet only its
 * beginning is known. */
static bool beside(const struct entry *other, const struct entry *e)
{
    return other != e && other->known && other->first_ns < e->last_ns &&
           other->last_ns > e->first_ns;
}

/* Of captures written side by side, each by its tap, the one whose path differs from that of
 * `next` in less is its tap's: ns1-0300.pcap goes on with ns1-0400.pcap, not with
 * ns2-0400.pcap. */
static bool is_of_another(const struct captures *c, const struct entry *e,
                          const struct entry *next)
{
    uint64_t mine = differences(e->path, next->path);
    for (const struct entry *o = c->entries; o < next; o++) {
        uint64_t theirs = differences(o->path, next->path);
        if (beside(o, e) && theirs != mine && (theirs & mine) == theirs)
            return true;
    }
    return false;
}

/* The first that is left to read, may continue e, and is continued by none yet. */
static struct entry *successor(const struct captures *c, const struct entry *e)
{
    for (struct entry *next = c->entries + c->at; next < c->entries + c->n && next->known;
         next++) {
        int64_t gap;
        if (__builtin_sub_overflow(next->first_ns, e->last_ns, &gap) || gap > CAPTURES_GAP_NS)
            return NULL;
        if (gap >= 0 && !next->tcp && !is_of_another(c, e, next))
            return next;
    }
    return NULL;
}

bool captures_keep(struct captures *c, struct packets *packets, struct tcp *tcp,
                   int64_t last_ns)
{
    if (!c)
        return false;
    struct entry *e = &c->entries[c->at - 1], *next;
    e->last_ns = last_ns;
    if (!e->known || c->kept == CAPTURES_KEPT_MAX || !(next = successor(c, e)))
        return false;
    next->packets = packets;
    next->tcp = tcp;
    c->kept++;
    return true;
}

bool captures_take(struct captures *c, struct packets **ret_packets, struct tcp **ret_tcp)
{
    struct entry *e = c ? &c->entries[c->at - 1] : NULL;
    if (!e || !e->tcp)
        return false;
    *ret_packets = e->packets;
    *ret_tcp = e->tcp;
    e->packets = NULL;
    e->tcp = NULL;
    c->kept--;
    return true;
}
