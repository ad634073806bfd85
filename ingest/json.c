/* SPDX-License-Identifier: GPL-3.0-or-later
 * A parser by recursive descent; its depth is limited. */
#include "ingest/json.h"

#include <stdint.h>

struct json {
    char *p, *end;
    json_taker *take;
    void *context;
    int depth;
    size_t path_n; /* more than JSON_PATH: too long to tell */
    char path[JSON_PATH];
};

static int read_value(struct json *j);

static void skip_blanks(struct json *j)
{
    while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' || *j->p == '\n' || *j->p == '\r'))
        j->p++;
}

/* Step over c, if it comes next. */
static bool accept(struct json *j, char c)
{
    skip_blanks(j);
    if (j->p == j->end || *j->p != c)
        return false;
    j->p++;
    return true;
}

static void give(struct json *j, enum json_kind kind, struct span value)
{
    if (j->path_n <= JSON_PATH)
        j->take(j->context, span_make(j->path, j->path_n), kind, value);
}

/* Make the path longer; the caller puts the old length back. */
static void push(struct json *j, struct span part)
{
    if (j->path_n + part.n <= JSON_PATH && part.n)
        memcpy(j->path + j->path_n, part.p, part.n);
    j->path_n += part.n;
}

/* ---- strings ----------------------------------------------------------------------- */

static int hex4(struct json *j, uint32_t *ret)
{
    uint32_t value = 0;
    if (j->end - j->p < 4)
        return ERR_MALFORMED;
    for (int i = 0; i < 4; i++) {
        char c = *j->p++;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return ERR_MALFORMED;
        value = value << 4 | (uint32_t)digit;
    }
    *ret = value;
    return 0;
}

/* Behind "\u": one code point, from one escape or a pair of surrogates. */
static int code_point(struct json *j, uint32_t *ret)
{
    uint32_t high, low;
    if (hex4(j, &high) < 0 || (high >= 0xdc00 && high < 0xe000))
        return ERR_MALFORMED;
    *ret = high;
    if (high < 0xd800 || high >= 0xe000)
        return 0;
    if (j->end - j->p < 2 || j->p[0] != '\\' || j->p[1] != 'u')
        return ERR_MALFORMED;
    j->p += 2;
    if (hex4(j, &low) < 0 || low < 0xdc00 || low >= 0xe000)
        return ERR_MALFORMED;
    *ret = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    return 0;
}

/* UTF-8 of c, at most 4 bytes; returns behind it. */
static char *put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(lead[more] | c >> 6 * more);
    while (more--)
        *out++ = (char)(0x80 | (c >> 6 * more & 0x3f));
    return out;
}

/* Behind a backslash: what is meant, written to *out. */
static int unescape(struct json *j, char **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = '\0';
    if (j->p < j->end)
        c = *j->p++;
    if (c == 'u') {
        uint32_t code;
        if (code_point(j, &code) < 0)
            return ERR_MALFORMED;
        *out = put_utf8(*out, code);
        return 0;
    }
    const char *hit = c ? strchr(from, c) : NULL;
    if (!hit)
        return ERR_MALFORMED;
    *(*out)++ = to[hit - from];
    return 0;
}

/* Behind the quotation mark that begins it. */
static int read_string(struct json *j, struct span *ret)
{
    char *start = j->p, *out = j->p;
    while (j->p < j->end && *j->p != '"') {
        if ((unsigned char)*j->p < ' ')
            return ERR_MALFORMED;
        if (*j->p != '\\') {
            *out++ = *j->p++;
            continue;
        }
        j->p++;
        if (unescape(j, &out) < 0)
            return ERR_MALFORMED;
    }
    if (j->p == j->end)
        return ERR_MALFORMED;
    j->p++;
    *ret = span_make(start, (size_t)(out - start));
    return 0;
}

/* ---- the rest ---------------------------------------------------------------------- */

static size_t digits(struct json *j)
{
    char *start = j->p;
    while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
        j->p++;
    return (size_t)(j->p - start);
}

static int read_number(struct json *j)
{
    char *start = j->p;
    j->p += *j->p == '-';
    char *first = j->p;
    size_t whole = digits(j);
    if (whole == 0 || (whole > 1 && *first == '0'))
        return ERR_MALFORMED;
    if (j->p < j->end && *j->p == '.') {
        j->p++;
        if (digits(j) == 0)
            return ERR_MALFORMED;
    }
    if (j->p < j->end && (*j->p | 32) == 'e') {
        j->p++;
        if (j->p < j->end && (*j->p == '+' || *j->p == '-'))
            j->p++;
        if (digits(j) == 0)
            return ERR_MALFORMED;
    }
    give(j, JSON_IS_NUMBER, span_make(start, (size_t)(j->p - start)));
    return 0;
}

static int read_word(struct json *j)
{
    static const struct {
        const char *text;
        enum json_kind kind;
    } words[] = {{"true", JSON_IS_TRUE}, {"false", JSON_IS_FALSE}, {"null", JSON_IS_NULL}};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(words[i].text);
        if ((size_t)(j->end - j->p) >= n && memcmp(j->p, words[i].text, n) == 0) {
            give(j, words[i].kind, span_make(j->p, n));
            j->p += n;
            return 0;
        }
    }
    return ERR_MALFORMED;
}

static int read_member(struct json *j)
{
    size_t old = j->path_n;
    struct span key;
    if (!accept(j, '"') || read_string(j, &key) < 0 || !accept(j, ':'))
        return ERR_MALFORMED;
    if (old)
        push(j, span_of("."));
    push(j, key);
    int rc = read_value(j);
    j->path_n = old;
    return rc;
}

/* Behind '{' or '['. */
static int read_items(struct json *j, char close, int (*item)(struct json *))
{
    if (accept(j, close))
        return 0;
    do
        if (item(j) < 0)
            return ERR_MALFORMED;
    while (accept(j, ','));
    return accept(j, close) ? 0 : ERR_MALFORMED;
}

static int read_array(struct json *j)
{
    size_t old = j->path_n;
    push(j, span_of("[]"));
    int rc = read_items(j, ']', read_value);
    j->path_n = old;
    return rc;
}

static int read_value(struct json *j)
{
    struct span text;
    if (accept(j, '"')) {
        if (read_string(j, &text) < 0)
            return ERR_MALFORMED;
        give(j, JSON_IS_STRING, text);
        return 0;
    }
    bool object = accept(j, '{');
    if (object || accept(j, '[')) {
        if (++j->depth > JSON_DEPTH)
            return ERR_MALFORMED;
        int rc = object ? read_items(j, '}', read_member) : read_array(j);
        j->depth--;
        return rc;
    }
    if (j->p == j->end)
        return ERR_MALFORMED;
    return *j->p == '-' || (*j->p >= '0' && *j->p <= '9') ? read_number(j) : read_word(j);
}

int json_walk(char *text, size_t n, json_taker *take, void *context)
{
    struct json j = {.p = text, .end = text + n, .take = take, .context = context};
    if (read_value(&j) < 0)
        return ERR_MALFORMED;
    skip_blanks(&j);
    return j.p == j.end ? 0 : ERR_MALFORMED;
}

bool json_probe(struct span head, const char *mark)
{
    size_t at = 0;
    while (at < head.n && head.p[at] && strchr(" \t\r\n\xef\xbb\xbf", head.p[at]))
        at++;
    return at < head.n && head.p[at] == '{' && memmem(head.p, head.n, mark, strlen(mark));
}
