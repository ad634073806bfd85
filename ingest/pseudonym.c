/* SPDX-License-Identifier: GPL-3.0-or-later
 * Runs once a distinct spelling, not once a record: clarity goes before speed. */
#include "ingest/pseudonym.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/keyed.h"
#include "base/mem.h"
#include "ingest/input.h"

enum { HEX = 16, LABELS = 32, ADDRESS_MAX = 16 };

struct pseudonyms {
    const struct suffix *list;
    unsigned char v4[KEYED_MAC], v6[KEYED_MAC], text[KEYED_MAC],
        name[KEYED_MAC]; /* keys, one a purpose */
    char id[HEX + 1];
};

/* --- keys and labels ------------------------------------------------------------------ */

static void put_hex(const unsigned char *bytes, char out[HEX + 1])
{
    for (int i = 0; i < HEX / 2; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

struct pseudonyms *pseudonym_of_key(struct span key, const struct suffix *list)
{
    struct pseudonyms *p = mem_zero(1, sizeof *p);
    unsigned char id[KEYED_MAC];
    p->list = list;
    keyed_mac(key, span_of("dnsclaim IPv4 addresses"), p->v4);
    keyed_mac(key, span_of("dnsclaim IPv6 addresses"), p->v6);
    keyed_mac(key, span_of("dnsclaim other clients"), p->text);
    keyed_mac(key, span_of("dnsclaim names"), p->name);
    keyed_mac(key, span_of("dnsclaim key id"), id);
    put_hex(id, p->id);
    return p;
}

int pseudonym_read(struct pseudonyms **ret, const char *path, const struct suffix *list,
                   struct err *err)
{
    char key[PSEUDONYM_KEY_MAX + 1];
    struct input *in;
    size_t n = 0;
    int rc = input_open(&in, path, err);
    if (rc < 0)
        return rc;
    ssize_t got;
    while ((got = input_read(in, key + n, sizeof key - n, err)) > 0)
        n += (size_t)got;
    input_close(in);
    if (got < 0)
        return (int)got;
    if (n < PSEUDONYM_KEY_MIN || n > PSEUDONYM_KEY_MAX)
        return err_set(err, ERR_USAGE, "%s: expected a key of %d to %d bytes, found %s%zu",
                       path, PSEUDONYM_KEY_MIN, PSEUDONYM_KEY_MAX,
                       n > PSEUDONYM_KEY_MAX ? "at least " : "", n);
    *ret = pseudonym_of_key(span_make(key, n), list);
    keyed_forget(key, sizeof key);
    return 0;
}

void pseudonym_free(struct pseudonyms *p)
{
    if (p)
        keyed_forget(p, sizeof *p);
    free(p);
}

const char *pseudonym_key_id(const struct pseudonyms *p)
{
    return p->id;
}

/* --- addresses ------------------------------------------------------------------------ */

/* Bit i of the answer is bit i of the address, turned or not as the first bit of the
 * encrypted block says that begins with the i bits before it and goes on with the pad. */
void pseudonym_pan(const unsigned char key[PSEUDONYM_PAN_KEY], unsigned char *address, size_t n)
{
    unsigned char pad[KEYED_BLOCK], blocks[8 * ADDRESS_MAX][KEYED_BLOCK];
    memcpy(pad, key + KEYED_BLOCK, KEYED_BLOCK);
    keyed_encrypt(key, pad, 1);
    for (size_t i = 0; i < 8 * n; i++) {
        size_t whole = i / 8;
        unsigned rest =
            (0xff00u >> i % 8) & 0xff; /* the bits of the address in the next byte */
        memcpy(blocks[i], pad, KEYED_BLOCK);
        memcpy(blocks[i], address, whole);
        blocks[i][whole] = (unsigned char)((address[whole] & rest) | (pad[whole] & ~rest));
    }
    keyed_encrypt(key, blocks[0], 8 * n);
    for (size_t i = 0; i < 8 * n; i++)
        address[i / 8] ^= (unsigned char)((blocks[i][0] & 0x80) >> i % 8);
}

/* "address" or "address/bits", as canon writes them. */
static bool parse(struct span s, int *ret_family, unsigned char bytes[ADDRESS_MAX],
                  int *ret_bits)
{
    char text[INET6_ADDRSTRLEN + 5];
    if (s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    char *slash = strchr(text, '/');
    if (slash)
        *slash = '\0';
    *ret_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    int most = *ret_family == AF_INET ? 32 : 128;
    *ret_bits = slash ? atoi(slash + 1) : most;
    return inet_pton(*ret_family, text, bytes) == 1 && *ret_bits >= 0 && *ret_bits <= most;
}

static void mask(unsigned char *bytes, size_t n, int bits)
{
    for (size_t i = 0; i < n; i++) {
        int keep = bits - 8 * (int)i;
        bytes[i] &= (unsigned char)(keep >= 8 ? 0xff : keep <= 0 ? 0 : 0xff00 >> keep);
    }
}

void pseudonym_client(const struct pseudonyms *p, struct span client,
                      char out[CANON_CLIENT_MAX], size_t *ret_n)
{
    unsigned char bytes[ADDRESS_MAX], label[KEYED_MAC];
    int family, bits;
    if (!parse(client, &family, bytes, &bits)) {
        keyed_mac(span_make(p->text, KEYED_MAC), client, label);
        memcpy(out, "c-", 2);
        put_hex(label, out + 2);
        *ret_n = 2 + HEX;
        return;
    }
    bool v4 = family == AF_INET;
    size_t n = v4 ? 4 : 16;
    pseudonym_pan(v4 ? p->v4 : p->v6, bytes, n);
    mask(bytes, n, bits);
    inet_ntop(family, bytes, out, CANON_CLIENT_MAX);
    *ret_n = strlen(out);
    if (memchr(client.p, '/', client.n))
        *ret_n += (size_t)snprintf(out + *ret_n, CANON_CLIENT_MAX - *ret_n, "/%d", bits);
}

/* --- names ---------------------------------------------------------------------------- */

/* Where the labels of a name begin, from the left: all, or the first and the last LABELS - 1.
 */
static size_t find_labels(struct span name, size_t begin[LABELS])
{
    size_t n = 0, all = 1;
    for (size_t i = 0; i < name.n; i++)
        all += name.p[i] == '.';
    size_t merged = all > LABELS ? all - LABELS : 0; /* into the first */
    begin[n++] = 0;
    for (size_t i = 0, at = 0; i < name.n; i++)
        if (name.p[i] == '.' && at++ >= merged)
            begin[n++] = i + 1;
    return n;
}

void pseudonym_name(const struct pseudonyms *p, struct span name, char out[CANON_NAME_MAX],
                    size_t *ret_n)
{
    char copy[CANON_NAME_MAX], *to = out;
    size_t begin[LABELS];
    memcpy(copy, name.p, name.n);
    name.p = copy;
    size_t n = find_labels(name, begin);
    for (size_t i = 0; i < n && !span_is(name, "."); i++) {
        struct span rest = span_make(copy + begin[i], name.n - begin[i]);
        if (i > 0)
            *to++ = '.';
        if (i + 1 == n && suffix_lists(p->list, rest)) {
            memcpy(to, rest.p, rest.n);
            to += rest.n;
            continue;
        }
        unsigned char label[KEYED_MAC];
        keyed_mac(span_make(p->name, KEYED_MAC), rest, label);
        *to++ = 'x';
        put_hex(label, to);
        to += HEX;
    }
    if (to == out)
        *to++ = '.';
    *ret_n = (size_t)(to - out);
}
