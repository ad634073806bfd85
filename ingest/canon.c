/* SPDX-License-Identifier: GPL-3.0-or-later
 * A name goes through its wire form whichever form it came in: the text is then
 * written from bytes, so that two spellings are equal exactly when the folded
 * wire forms are. Runs once a distinct spelling, not once a record. */
#include "ingest/canon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

enum { WIRE_MAX = 255, LABEL_MAX = 63 };

/* ---- names ------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The byte that s[*at] stands for, escapes read; -1 for a broken escape. */
static int text_byte(struct span s, bool escapes, size_t *at)
{
    unsigned char c = (unsigned char)s.p[(*at)++];
    if (c != '\\' || !escapes)
        return c;
    if (*at == s.n)
        return -1;
    if (!is_digit(s.p[*at]))
        return (unsigned char)s.p[(*at)++];
    if (s.n - *at < 3 || !is_digit(s.p[*at + 1]) || !is_digit(s.p[*at + 2]))
        return -1;
    int value = (s.p[*at] - '0') * 100 + (s.p[*at + 1] - '0') * 10 + s.p[*at + 2] - '0';
    *at += 3;
    return value <= 255 ? value : -1;
}

/* Presentation to wire form, the root's zero octet included; its length, or
 * ERR_MALFORMED. Wireshark writes the root as <Root>. */
static int wire_of_text(struct span s, bool escapes, unsigned char wire[WIRE_MAX])
{
    if (span_is(s, ".") || span_is(s, "<Root>")) {
        wire[0] = 0;
        return 1;
    }
    size_t length_at = 0, n = 1;
    for (size_t at = 0; at < s.n;) {
        bool is_dot = s.p[at] == '.';
        int byte = text_byte(s, escapes, &at);
        size_t label = n - length_at - 1;
        if (byte < 0 || (is_dot ? label == 0 : label == LABEL_MAX) || n == WIRE_MAX)
            return ERR_MALFORMED;
        if (is_dot) {
            wire[length_at] = (unsigned char)label;
            length_at = n++;
        } else {
            wire[n++] = (unsigned char)byte;
        }
    }
    size_t label = n - length_at - 1;
    wire[length_at] = (unsigned char)label;
    if (label == 0) /* a final dot: the octet just written is the root's */
        return n > 1 ? (int)n : ERR_MALFORMED;
    if (n == WIRE_MAX)
        return ERR_MALFORMED;
    wire[n++] = 0;
    return (int)n;
}

int canon_wire(struct span name, unsigned char out[WIRE_MAX])
{
    return wire_of_text(name, true, out);
}

/* Labels of at most 63 octets, then the root and nothing after it. */
static bool is_wire_name(struct span s)
{
    size_t at = 0;
    if (s.n > WIRE_MAX)
        return false;
    while (at < s.n && s.p[at] != 0) {
        if ((unsigned char)s.p[at] > LABEL_MAX)
            return false;
        at += 1 + (size_t)s.p[at];
    }
    return at + 1 == s.n;
}

static size_t put_escaped(char *out, unsigned char byte)
{
    snprintf(out, 5, "\\%03u", byte);
    return 4;
}

static size_t put_label(char *out, const unsigned char *label, size_t n)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = label[i];
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + ('a' - 'A'));
        if (c <= ' ' || c > '~' || c == '.' || c == '\\')
            used += put_escaped(out + used, c);
        else
            out[used++] = (char)c;
    }
    return used;
}

int canon_name(struct span name, enum lookup_form form, char out[CANON_NAME_MAX], size_t *ret_n)
{
    unsigned char wire[WIRE_MAX];
    char text[CANON_NAME_MAX];
    if (form == FORM_WIRE) {
        if (!is_wire_name(name))
            return ERR_MALFORMED;
        memcpy(wire, name.p, name.n);
    } else if (wire_of_text(name, form == FORM_TEXT, wire) < 0) {
        return ERR_MALFORMED;
    }
    size_t n = 0;
    for (size_t at = 0; wire[at]; at += 1 + wire[at]) {
        if (n)
            text[n++] = '.';
        n += put_label(text + n, wire + at + 1, wire[at]);
    }
    if (n == 0)
        text[n++] = '.';
    memcpy(out, text, n);
    *ret_n = n;
    return 0;
}

/* ---- clients ----------------------------------------------------------------- */

struct address {
    int family; /* AF_INET or AF_INET6 */
    unsigned char bytes[16];
};

static int address_bits(int family)
{
    return family == AF_INET ? 32 : 128;
}

/* ::ffff:192.0.2.1 is 192.0.2.1 seen through a socket of the other family. */
static void fold_mapped(struct address *a)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (a->family != AF_INET6 || memcmp(a->bytes, mapped, sizeof mapped) != 0)
        return;
    memmove(a->bytes, a->bytes + 12, 4);
    a->family = AF_INET;
}

static bool parse_plain(struct span s, int family, struct address *ret)
{
    char text[INET6_ADDRSTRLEN + 1];
    if (s.n >= sizeof text || (s.n && memchr(s.p, '\0', s.n)))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    ret->family = family;
    return inet_pton(family, text, ret->bytes) == 1;
}

static bool is_port(struct span s)
{
    int64_t port;
    return s.n > 0 && is_digit(s.p[0]) && text_i64(s, &port) == 0 && port <= 65535;
}

/* Cut s before the last `mark` when a port follows it. */
static bool cut_port(struct span *s, char mark)
{
    const char *at = s->n ? memrchr(s->p, mark, s->n) : NULL;
    if (!at || !is_port(span_make(at + 1, s->n - (size_t)(at + 1 - s->p))))
        return false;
    s->n = (size_t)(at - s->p);
    return true;
}

/* An IPv6 address with or without its %zone. */
static bool parse_v6(struct span s, struct address *ret)
{
    const char *zone = s.n ? memchr(s.p, '%', s.n) : NULL;
    if (zone)
        s.n = (size_t)(zone - s.p);
    return parse_plain(s, AF_INET6, ret);
}

/* [address] and [address]:port. */
static bool parse_bracketed(struct span s, struct address *ret)
{
    const char *close = memchr(s.p, ']', s.n);
    if (!close)
        return false;
    struct span after = span_make(close + 1, s.n - (size_t)(close + 1 - s.p));
    bool port_or_none =
        after.n == 0 || (after.p[0] == ':' && is_port(span_make(after.p + 1, after.n - 1)));
    return port_or_none && parse_v6(span_make(s.p + 1, (size_t)(close - s.p) - 1), ret);
}

/* An address as logs write it. ":port" and ".port" are read only where the whole
 * is not an address: after four dotted numbers, or ".port" after an IPv6 one. */
static bool parse_address(struct span s, struct address *ret)
{
    if (s.n && s.p[0] == '[')
        return parse_bracketed(s, ret);
    if (!cut_port(&s, '#'))
        cut_port(&s, '@');
    if (parse_plain(s, AF_INET, ret) || parse_v6(s, ret))
        return true;
    struct span colon = s, dot = s;
    if (cut_port(&colon, ':') && parse_plain(colon, AF_INET, ret))
        return true;
    return cut_port(&dot, '.') && (parse_plain(dot, AF_INET, ret) || parse_v6(dot, ret));
}

static size_t write_address(const struct address *a, char out[CANON_CLIENT_MAX])
{
    inet_ntop(a->family, a->bytes, out, CANON_CLIENT_MAX);
    return strlen(out);
}

/* Text that is no address: a host's name, a pseudonym, a label. */
static int client_text(struct span s, char out[CANON_CLIENT_MAX], size_t *ret_n)
{
    char text[CANON_CLIENT_MAX + 4];
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c == 0x7f || c == '\\')
            n += put_escaped(text + n, c);
        else
            text[n++] = (char)c;
        if (n >= CANON_CLIENT_MAX)
            return ERR_MALFORMED;
    }
    if (n == 0)
        return ERR_MALFORMED;
    memcpy(out, text, n);
    *ret_n = n;
    return 0;
}

int canon_client(struct span client, enum lookup_form form, char out[CANON_CLIENT_MAX],
                 size_t *ret_n)
{
    struct address a = {0};
    if (form == FORM_WIRE) {
        if (client.n != 4 && client.n != 16)
            return ERR_MALFORMED;
        a.family = client.n == 4 ? AF_INET : AF_INET6;
        memcpy(a.bytes, client.p, client.n);
    } else if (!parse_address(client, &a)) {
        return client_text(client, out, ret_n);
    }
    fold_mapped(&a);
    *ret_n = write_address(&a, out);
    return 0;
}

bool canon_is_address(struct span text)
{
    struct address a;
    return parse_address(text, &a);
}

/* ---- groups of clients ------------------------------------------------------- */

struct labelled {
    struct address prefix; /* bits past `bits` are zero */
    int bits;
    char *label;
    size_t line;
};

struct canon_labels {
    struct labelled *v; /* by family, bits, bytes */
    size_t n, cap;
};

static void mask(struct address *a, int bits)
{
    for (int i = 0; i < 16; i++) {
        int keep = bits - 8 * i;
        a->bytes[i] &= (unsigned char)(keep >= 8 ? 0xff : keep <= 0 ? 0 : 0xff00 >> keep);
    }
}

static int by_prefix(const void *x, const void *y)
{
    const struct labelled *a = x, *b = y;
    if (a->prefix.family != b->prefix.family)
        return a->prefix.family < b->prefix.family ? -1 : 1;
    if (a->bits != b->bits)
        return a->bits < b->bits ? -1 : 1;
    return memcmp(a->prefix.bytes, b->prefix.bytes, sizeof a->prefix.bytes);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trim(struct span s)
{
    while (s.n && is_blank(s.p[0]))
        s = span_make(s.p + 1, s.n - 1);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static int parse_prefix(struct span s, struct labelled *ret)
{
    const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
    struct span address = slash ? span_make(s.p, (size_t)(slash - s.p)) : s;
    int64_t bits = -1;
    *ret = (struct labelled){0};
    if (!parse_plain(address, AF_INET, &ret->prefix) &&
        !parse_plain(address, AF_INET6, &ret->prefix))
        return ERR_MALFORMED;
    int most = address_bits(ret->prefix.family);
    if (!slash)
        bits = most;
    else if (text_i64(span_make(slash + 1, s.n - address.n - 1), &bits) < 0 || bits < 0 ||
             bits > most)
        return ERR_MALFORMED;
    struct address masked = ret->prefix;
    mask(&masked, (int)bits);
    if (memcmp(masked.bytes, ret->prefix.bytes, sizeof masked.bytes) != 0)
        return ERR_MALFORMED;
    if (!slash)
        fold_mapped(&ret->prefix);
    ret->bits = slash ? (int)bits : address_bits(ret->prefix.family);
    return 0;
}

int canon_block(struct span text, struct canon_block *ret)
{
    struct labelled l;
    if (!text.n || !memchr(text.p, '/', text.n) || parse_prefix(text, &l) < 0)
        return ERR_MALFORMED;
    *ret = (struct canon_block){.family = l.prefix.family, .bits = l.bits};
    memcpy(ret->bytes, l.prefix.bytes, sizeof ret->bytes);
    return 0;
}

void canon_block_text(const struct canon_block *b, char out[CANON_CLIENT_MAX], size_t *ret_n)
{
    struct address a = {.family = b->family};
    memcpy(a.bytes, b->bytes, sizeof a.bytes);
    size_t n = write_address(&a, out);
    *ret_n = n + (size_t)snprintf(out + n, CANON_CLIENT_MAX - n, "/%d", b->bits);
}

bool canon_in_block(const struct canon_block *b, struct span client)
{
    struct labelled l;
    if (parse_prefix(client, &l) < 0 || l.prefix.family != b->family || l.bits < b->bits)
        return false;
    mask(&l.prefix, b->bits);
    return memcmp(l.prefix.bytes, b->bytes, sizeof b->bytes) == 0;
}

/* One line of the file, already trimmed and not empty. */
static int add_label(struct canon_labels *l, struct span line, const char *path, size_t number,
                     struct err *err)
{
    const char *comma = memchr(line.p, ',', line.n);
    if (!comma)
        return err_set(err, ERR_MALFORMED,
                       "%s:%zu: expected address-or-prefix,label, found no comma", path,
                       number);
    struct span prefix = trim(span_make(line.p, (size_t)(comma - line.p)));
    struct span label = trim(span_make(comma + 1, line.n - (size_t)(comma + 1 - line.p)));
    struct labelled one;
    char text[CANON_CLIENT_MAX];
    size_t n;
    if (parse_prefix(prefix, &one) < 0)
        return err_set(err, ERR_MALFORMED,
                       "%s:%zu: expected an address, or a prefix without bits past its length, "
                       "found '%.*s'",
                       path, number, (int)prefix.n, prefix.p);
    if (client_text(label, text, &n) < 0)
        return err_set(err, ERR_MALFORMED,
                       "%s:%zu: expected a label of 1 to %d bytes, found "
                       "%zu bytes",
                       path, number, CANON_CLIENT_MAX - 1, label.n);
    one.label = mem_copy(text, n);
    one.line = number;
    MEM_GROW(l->v, l->n, l->cap);
    l->v[l->n++] = one;
    return 0;
}

static int find_repeat(const struct canon_labels *l, const char *path, struct err *err)
{
    for (size_t i = 1; i < l->n; i++)
        if (by_prefix(&l->v[i - 1], &l->v[i]) == 0)
            return err_set(err, ERR_MALFORMED,
                           "%s:%zu: expected each prefix once, found the one of line %zu again",
                           path, l->v[i].line, l->v[i - 1].line);
    return 0;
}

static int read_labels(struct canon_labels *l, FILE *f, const char *path, struct err *err)
{
    char *line = NULL;
    size_t cap = 0, number = 0;
    int rc = 0;
    for (ssize_t n; rc == 0 && (n = getline(&line, &cap, f)) >= 0;) {
        struct span s = trim(span_make(line, (size_t)n));
        number++;
        if (s.n && s.p[0] != '#')
            rc = add_label(l, s, path, number, err);
    }
    if (rc == 0 && ferror(f))
        rc = err_set_errno(err, "%s", path);
    free(line);
    return rc;
}

int canon_labels_read(struct canon_labels **ret, const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return err_set_errno(err, "%s", path);
    struct canon_labels *l = mem_zero(1, sizeof *l);
    int rc = read_labels(l, f, path, err);
    fclose(f);
    if (rc == 0 && l->n == 0)
        rc = err_set(err, ERR_MALFORMED,
                     "%s: expected lines address-or-prefix,label, found none", path);
    if (rc == 0) {
        qsort(l->v, l->n, sizeof *l->v, by_prefix);
        rc = find_repeat(l, path, err);
    }
    if (rc < 0)
        canon_labels_free(l);
    else
        *ret = l;
    return rc;
}

void canon_labels_free(struct canon_labels *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].label);
    free(l->v);
    free(l);
}

static const char *find_label(const struct canon_labels *l, const struct address *a)
{
    struct labelled key = {.prefix = *a};
    for (key.bits = address_bits(a->family); key.bits >= 0; key.bits--) {
        mask(&key.prefix, key.bits);
        const struct labelled *hit = bsearch(&key, l->v, l->n, sizeof *l->v, by_prefix);
        if (hit)
            return hit->label;
    }
    return NULL;
}

void canon_group_client(const struct canon_group *g, struct span client,
                        char out[CANON_CLIENT_MAX], size_t *ret_n)
{
    struct address a = {0};
    bool is_address = parse_plain(client, AF_INET, &a) || parse_plain(client, AF_INET6, &a);
    const char *label = is_address && g->labels ? find_label(g->labels, &a) : NULL;
    int bits = a.family == AF_INET ? g->prefix4 : g->prefix6;
    if (label) {
        *ret_n = strlen(label);
        memcpy(out, label, *ret_n);
    } else if (is_address && bits > 0 && bits < address_bits(a.family)) {
        mask(&a, bits);
        struct canon_block block = {.family = a.family, .bits = bits};
        memcpy(block.bytes, a.bytes, sizeof block.bytes);
        canon_block_text(&block, out, ret_n);
    } else {
        *ret_n = client.n;
        memcpy(out, client.p, client.n);
    }
}

/* ---- types and response codes ------------------------------------------------ */

struct code {
    int number;
    const char *name;
};

/* IANA, "Resource Record (RR) TYPEs", meta types included. */
static const struct code qtypes[] = {
    {1, "A"},           {2, "NS"},        {3, "MD"},        {4, "MF"},       {5, "CNAME"},
    {6, "SOA"},         {7, "MB"},        {8, "MG"},        {9, "MR"},       {10, "NULL"},
    {11, "WKS"},        {12, "PTR"},      {13, "HINFO"},    {14, "MINFO"},   {15, "MX"},
    {16, "TXT"},        {17, "RP"},       {18, "AFSDB"},    {19, "X25"},     {20, "ISDN"},
    {21, "RT"},         {22, "NSAP"},     {23, "NSAP-PTR"}, {24, "SIG"},     {25, "KEY"},
    {26, "PX"},         {27, "GPOS"},     {28, "AAAA"},     {29, "LOC"},     {30, "NXT"},
    {31, "EID"},        {32, "NIMLOC"},   {33, "SRV"},      {34, "ATMA"},    {35, "NAPTR"},
    {36, "KX"},         {37, "CERT"},     {38, "A6"},       {39, "DNAME"},   {40, "SINK"},
    {41, "OPT"},        {42, "APL"},      {43, "DS"},       {44, "SSHFP"},   {45, "IPSECKEY"},
    {46, "RRSIG"},      {47, "NSEC"},     {48, "DNSKEY"},   {49, "DHCID"},   {50, "NSEC3"},
    {51, "NSEC3PARAM"}, {52, "TLSA"},     {53, "SMIMEA"},   {55, "HIP"},     {56, "NINFO"},
    {57, "RKEY"},       {58, "TALINK"},   {59, "CDS"},      {60, "CDNSKEY"}, {61, "OPENPGPKEY"},
    {62, "CSYNC"},      {63, "ZONEMD"},   {64, "SVCB"},     {65, "HTTPS"},   {66, "DSYNC"},
    {67, "HHIT"},       {68, "BRID"},     {99, "SPF"},      {100, "UINFO"},  {101, "UID"},
    {102, "GID"},       {103, "UNSPEC"},  {104, "NID"},     {105, "L32"},    {106, "L64"},
    {107, "LP"},        {108, "EUI48"},   {109, "EUI64"},   {128, "NXNAME"}, {249, "TKEY"},
    {250, "TSIG"},      {251, "IXFR"},    {252, "AXFR"},    {253, "MAILB"},  {254, "MAILA"},
    {255, "ANY"},       {256, "URI"},     {257, "CAA"},     {258, "AVC"},    {259, "DOA"},
    {260, "AMTRELAY"},  {261, "RESINFO"}, {262, "WALLET"},  {263, "CLA"},    {264, "IPN"},
    {32768, "TA"},      {32769, "DLV"},   {255, "*"}, /* what IANA calls 255; read, never
                                                         written */
};

/* IANA, "DNS RCODEs". 16 has two names. */
static const struct code rcodes[] = {
    {0, "NOERROR"},    {1, "FORMERR"},    {2, "SERVFAIL"}, {3, "NXDOMAIN"}, {4, "NOTIMP"},
    {5, "REFUSED"},    {6, "YXDOMAIN"},   {7, "YXRRSET"},  {8, "NXRRSET"},  {9, "NOTAUTH"},
    {10, "NOTZONE"},   {11, "DSOTYPENI"}, {16, "BADVERS"}, {16, "BADSIG"},  {17, "BADKEY"},
    {18, "BADTIME"},   {19, "BADMODE"},   {20, "BADNAME"}, {21, "BADALG"},  {22, "BADTRUNC"},
    {23, "BADCOOKIE"},
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* "28", or "28 (AAAA)" as some resolvers write it; -1 if neither or too large. */
static int leading_number(struct span s, int most)
{
    int64_t value;
    const char *open = s.n ? memchr(s.p, '(', s.n) : NULL;
    if (open && s.p[s.n - 1] == ')')
        s = trim(span_make(s.p, (size_t)(open - s.p)));
    if (s.n == 0 || !is_digit(s.p[0]) || text_i64(s, &value) < 0 || value > most)
        return -1;
    return (int)value;
}

static int find_code(const struct code *codes, size_t n, struct span s)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(codes[i].name) == s.n && strncasecmp(codes[i].name, s.p, s.n) == 0)
            return codes[i].number;
    return -1;
}

int canon_qtype(struct span text)
{
    struct span s = trim(text);
    if (s.n == 0)
        return -1;
    int known = find_code(qtypes, COUNT_OF(qtypes), s);
    if (known >= 0)
        return known;
    if (s.n > 4 && strncasecmp(s.p, "TYPE", 4) == 0) /* RFC 3597 */
        s = span_make(s.p + 4, s.n - 4);
    return leading_number(s, UINT16_MAX);
}

const char *canon_qtype_name(uint16_t qtype, char out[16])
{
    for (size_t i = 0; i < COUNT_OF(qtypes); i++)
        if (qtypes[i].number == qtype)
            return qtypes[i].name;
    out[0] = '\0';
    if (qtype)
        snprintf(out, 16, "TYPE%u", qtype);
    return out;
}

int canon_rcode(struct span text)
{
    struct span s = trim(text);
    int known = s.n ? find_code(rcodes, COUNT_OF(rcodes), s) : -1;
    return known >= 0 ? known : leading_number(s, 4095);
}
