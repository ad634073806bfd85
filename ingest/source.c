/* SPDX-License-Identifier: GPL-3.0-or-later
 * THE FORMAT TABLE, and what all formats share. */
#include "ingest/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

extern const struct source_format format_pcap, format_dnstap, format_cdns, format_zeek,
    format_zeek_json, format_suricata_json, format_cloudflare_json, format_adguard_json,
    format_cof, format_passivedns, format_bind, format_unbound, format_dnsmasq, format_powerdns,
    format_dnsdist, format_counts, format_delimited;

/* Asked in this order: the first whose probe says yes reads the input. Formats
 * with a magic number come first, free-form text last. */
const struct source_format *const source_formats[] = {
    &format_pcap,
    &format_dnstap,
    &format_cdns,
    &format_zeek,
    &format_zeek_json,
    &format_suricata_json,
    &format_cloudflare_json,
    &format_adguard_json,
    &format_cof,
    &format_passivedns,
    &format_bind,
    &format_unbound,
    &format_dnsmasq,
    &format_powerdns,
    &format_dnsdist,
    &format_counts,
    &format_delimited,
    NULL,
};

struct source {
    struct input *in;
    const struct source_format *format;
    void *state;
    int64_t clock_offset_ns;
    uint64_t read;
    struct skips skips;
    struct notes notes;
    struct lookup v[SOURCE_BATCH];
};

/* "pcap, delimited", for messages. */
static const char *format_names(char out[256])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; source_formats[i] && used < 256; i++)
        used += (size_t)snprintf(out + used, 256 - used, "%s%s", i ? ", " : "",
                                 source_formats[i]->name);
    return out;
}

/* What a log is often wrapped in, and how it comes out. */
static const struct wrapping {
    size_t at;
    const char *bytes, *what;
} wrappings[] = {
    {0, "\xff\xfe", "UTF-16 text (iconv -f UTF-16 -t UTF-8 makes it readable)"},
    {0, "\xfe\xff", "UTF-16 text (iconv -f UTF-16 -t UTF-8 makes it readable)"},
    {0, "PK\x03\x04", "a zip archive, or a workbook (unpack it, or save the sheet as CSV)"},
    {0, "7z\xbc\xaf", "a 7-Zip archive (unpack it)"},
    {0, "Rar!", "a RAR archive (unpack it)"},
    {257, "ustar", "a tar archive (unpack it: each file in it is an input)"},
    {0, "SQLite format 3", "an SQLite database that is no case (write its rows as CSV)"},
    {0, "snoop", "a snoop capture (editcap -F pcap makes it readable)"},
    {0, "%PDF-", "a PDF"},
    {0, "<!DOCTYPE", "a web page, not the file behind it"},
    {0, "<html", "a web page, not the file behind it"},
};

/* The first bytes as text, for a message about bytes that nobody knows. */
static const char *describe(struct span head, char out[96])
{
    for (size_t i = 0; i < sizeof wrappings / sizeof wrappings[0]; i++) {
        const struct wrapping *w = &wrappings[i];
        size_t n = strlen(w->bytes);
        if (head.n >= w->at + n && memcmp(head.p + w->at, w->bytes, n) == 0)
            return w->what;
    }
    size_t used = (size_t)snprintf(out, 96, "bytes that begin '");
    for (size_t i = 0; i < head.n && i < 12; i++) {
        unsigned char c = (unsigned char)head.p[i];
        bool plain = c >= 0x20 && c < 0x7f && c != '\\';
        used += (size_t)snprintf(out + used, 96 - used, plain ? "%c" : "\\x%02x", c);
    }
    snprintf(out + used, 96 - used, "'");
    return out;
}

static int choose(struct source *s, const char *wanted, struct err *err)
{
    char names[256], found[96];
    struct span head = input_peek(s->in, 4096);
    for (size_t i = 0; source_formats[i]; i++) {
        const struct source_format *f = source_formats[i];
        if (wanted ? strcmp(f->name, wanted) == 0 : f->probe(head)) {
            s->format = f;
            return 0;
        }
    }
    if (wanted)
        return err_set(err, ERR_USAGE, "format: expected one of %s, found '%s'",
                       format_names(names), wanted);
    return err_set(err, ERR_MALFORMED, "%s: expected one of the formats %s, found %s",
                   input_path(s->in), format_names(names), describe(head, found));
}

int source_open(struct source **ret, const char *path, const struct source_opts *opts,
                struct err *err)
{
    struct source *s = mem_zero(1, sizeof *s);
    s->clock_offset_ns = opts->clock_offset_ns;
    int rc = input_open(&s->in, path, err);
    if (rc == 0)
        rc = choose(s, opts->format, err);
    if (rc == 0 && opts->client_subnet && !s->format->gives_subnet)
        rc = err_set(err, ERR_USAGE,
                     "%s: expected a capture, which --client ecs needs, found the format %s",
                     path, s->format->name);
    if (rc == 0)
        rc = s->format->open(&s->state, s->in, opts, err);
    if (rc < 0)
        source_close(s);
    else
        *ret = s;
    return rc;
}

void batch_tell_cut(struct batch *b, const struct input *in, bool told)
{
    if (!input_cut(in) || told)
        return;
    ++*b->read;
    b->skips->count[SKIP_CUT]++;
}

/* Move every time by the clock's offset; one that leaves the range is dropped. */
static void shift(struct source *s, struct batch *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct lookup v = b->v[i];
        bool interval = v.kind == LOOKUP_INTERVAL, ever = interval && v.t_ns == LOOKUP_EVER;
        if ((!ever && __builtin_add_overflow(v.t_ns, s->clock_offset_ns, &v.t_ns)) ||
            (interval && __builtin_add_overflow(v.until_ns, s->clock_offset_ns, &v.until_ns)))
            skips_add(&s->skips, SKIP_BAD_TIME, v.at, span_of("shifted by --clock-offset"));
        else
            b->v[kept++] = v;
    }
    b->n = kept;
}

int source_next(struct source *s, const struct lookup **ret_v, size_t *ret_n, struct err *err)
{
    struct batch b = {.v = s->v, .read = &s->read, .skips = &s->skips, .notes = &s->notes};
    int rc = 1;
    while (rc > 0 && b.n == 0) {
        rc = s->format->next(s->state, &b, err);
        if (rc > 0 && s->clock_offset_ns)
            shift(s, &b);
    }
    if (rc > 0) {
        *ret_v = s->v;
        *ret_n = b.n;
    }
    return rc;
}

struct skips *source_skips(struct source *s)
{
    return &s->skips;
}

const struct notes *source_notes(const struct source *s)
{
    return &s->notes;
}

uint64_t source_read(const struct source *s)
{
    return s->read;
}

const struct source_format *source_kind(const struct source *s)
{
    return s->format;
}

const char *source_note(const struct source *s)
{
    return s->format->note ? s->format->note(s->state) : NULL;
}

struct input *source_input(struct source *s)
{
    return s->in;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    if (s->state)
        s->format->close(s->state);
    input_close(s->in);
    free(s);
}
