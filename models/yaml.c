/* SPDX-License-Identifier: GPL-3.0-or-later
 * A document is built from libfyaml's events, because they carry the place of
 * every node, collections too, and show anchors, aliases and tags. */
#include "models/yaml.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/file.h"

enum { YAML_DEPTH = 32 };

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    int line, column;        /* from 1 */
    const char *text;        /* scalar */
    struct yaml_node **item; /* list: items; map: key, value, key, value */
    size_t n, cap;
};

struct yaml {
    struct arena nodes;
    char *name;
    struct yaml_node *root;
    struct yaml_node **all; /* to free their arrays */
    size_t nall, cap;
};

/* --- building --------------------------------------------------------------------- */

struct builder {
    struct yaml *y;
    struct fy_parser *parser;
    struct err *err;
};

static int fail_at(const struct yaml *y, int line, int column, struct err *err,
                   const char *message)
{
    return err_set(err, ERR_USAGE, "%s:%d:%d: %s", y->name, line, column, message);
}

static struct yaml_node *node_new(struct yaml *y, enum yaml_kind kind, struct fy_event *event)
{
    struct yaml_node *n = arena_alloc(&y->nodes, sizeof *n);
    const struct fy_mark *mark = fy_event_start_mark(event);
    *n = (struct yaml_node){
        .kind = kind, .line = mark ? mark->line + 1 : 1, .column = mark ? mark->column + 1 : 1};
    MEM_GROW(y->all, y->nall, y->cap);
    return y->all[y->nall++] = n;
}

/* Anchors make a text mean more than it shows; tags would change types. */
static const char *refused(const struct fy_event *e)
{
    switch (e->type) {
    case FYET_ALIAS:
        return "expected plain values, found an alias (*name)";
    case FYET_SCALAR:
        return e->scalar.anchor || e->scalar.tag
                   ? "expected plain values, found an anchor (&) or a tag (!)"
                   : NULL;
    case FYET_SEQUENCE_START:
        return e->sequence_start.anchor || e->sequence_start.tag
                   ? "expected plain values, found an anchor (&) or a tag (!)"
                   : NULL;
    case FYET_MAPPING_START:
        return e->mapping_start.anchor || e->mapping_start.tag
                   ? "expected plain values, found an anchor (&) or a tag (!)"
                   : NULL;
    default:
        return NULL;
    }
}

static int syntax_error(struct builder *b)
{
    struct fy_diag *diag = fy_parser_get_diag(b->parser);
    void *at = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
    char message[300] = "expected YAML, found something else";
    if (e)
        snprintf(message, sizeof message, "expected YAML, found an error: %s", e->msg);
    int rc = fail_at(b->y, e ? e->line : 1, e ? e->column : 1, b->err, message); /* from 1 */
    fy_diag_unref(diag);
    return rc;
}

/* The node that `event` begins, children and all. Recursion is bounded by depth. */
static int build(struct builder *b, struct fy_event *event, int depth, struct yaml_node **ret)
{
    bool map = event->type == FYET_MAPPING_START, list = event->type == FYET_SEQUENCE_START;
    struct yaml_node *n = node_new(b->y,
                                   map    ? YAML_MAP
                                   : list ? YAML_LIST
                                          : YAML_SCALAR,
                                   event);
    const char *why = refused(event);
    if (!why && depth > YAML_DEPTH)
        why = "expected at most 32 levels, found more";
    if (why)
        return fail_at(b->y, n->line, n->column, b->err, why);
    *ret = n;
    if (!map && !list) {
        size_t len = 0;
        const char *text = fy_token_get_text(event->scalar.value, &len);
        n->text = arena_copy(&b->y->nodes, text ? text : "", text ? len : 0);
        return strlen(n->text) == len ? 0
                                      : fail_at(b->y, n->line, n->column, b->err,
                                                "expected text, found a NUL byte");
    }
    for (;;) {
        struct fy_event *next = fy_parser_parse(b->parser);
        if (!next)
            return syntax_error(b);
        bool end = next->type == FYET_MAPPING_END || next->type == FYET_SEQUENCE_END;
        struct yaml_node *child = NULL;
        int rc = end ? 0 : build(b, next, depth + 1, &child);
        fy_parser_event_free(b->parser, next);
        if (rc < 0 || end)
            return rc;
        MEM_GROW(n->item, n->n, n->cap);
        n->item[n->n++] = child;
        if (map && n->n % 2 == 1 && child->kind != YAML_SCALAR)
            return fail_at(b->y, child->line, child->column, b->err,
                           "expected a key, found a list or mapping");
    }
}

/* The one document of the stream: what comes before it is skipped, a second one refused. */
static int build_document(struct builder *b)
{
    int rc = 0;
    for (struct fy_event *e; rc == 0;) {
        e = fy_parser_parse(b->parser);
        if (!e)
            return fy_parser_get_stream_error(b->parser) ? syntax_error(b)
                   : b->y->root
                       ? 0
                       : err_set(b->err, ERR_USAGE,
                                 "%s:1:1: expected a document, found nothing", b->y->name);
        bool content = e->type == FYET_SCALAR || e->type == FYET_MAPPING_START ||
                       e->type == FYET_SEQUENCE_START || e->type == FYET_ALIAS;
        const struct fy_mark *mark = content ? fy_event_start_mark(e) : NULL;
        if (content && b->y->root)
            rc = fail_at(b->y, mark ? mark->line + 1 : 1, mark ? mark->column + 1 : 1, b->err,
                         "expected one document, found a second");
        else if (content)
            rc = build(b, e, 0, &b->y->root);
        fy_parser_event_free(b->parser, e);
    }
    return rc;
}

/* libfyaml ends quietly where the text stops being text, and what follows would not be read. */
static int check_text(const char *name, struct span text, struct err *err)
{
    int line = 1, column = 1;
    for (size_t i = 0, n; i < text.n; i += n) {
        n = text_utf8(text, i);
        if (n == 0 || text.p[i] == '\0')
            return err_set(err, ERR_USAGE,
                           "%s:%d:%d: expected UTF-8 text, found the byte \\x%02x", name, line,
                           column, (unsigned char)text.p[i]);
        bool newline = text.p[i] == '\n';
        line += newline;
        column = newline ? 1 : column + 1;
    }
    return 0;
}

int yaml_parse(struct yaml **ret, const char *name, struct span text, struct err *err)
{
    if (check_text(name, text, err) < 0)
        return ERR_USAGE;
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    FILE *nowhere = fopen("/dev/null", "w"); /* errors are collected, not printed */
    diag_cfg.fp = nowhere;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2,
                               .diag = diag};
    struct yaml *y = mem_zero(1, sizeof *y);
    y->name = mem_copy(name, strlen(name));
    struct builder b = {.y = y, .parser = fy_parser_create(&cfg), .err = err};
    fy_parser_set_string(b.parser, text.p, text.n);
    int rc = build_document(&b);
    fy_parser_destroy(b.parser);
    fy_diag_destroy(diag);
    if (nowhere)
        fclose(nowhere);
    if (rc < 0)
        yaml_close(y);
    else
        *ret = y;
    return rc;
}

int yaml_open(struct yaml **ret, const char *path, struct err *err)
{
    char *text;
    size_t n;
    int rc = file_read(&text, &n, path, err);
    if (rc < 0)
        return rc;
    rc = yaml_parse(ret, path, span_make(text, n), err);
    free(text);
    return rc;
}

void yaml_close(struct yaml *y)
{
    if (!y)
        return;
    for (size_t i = 0; i < y->nall; i++)
        free(y->all[i]->item);
    free(y->all);
    arena_free(&y->nodes);
    free(y->name);
    free(y);
}

/* --- reading ---------------------------------------------------------------------- */

const struct yaml_node *yaml_root(const struct yaml *y)
{
    return y->root;
}

bool yaml_is_map(const struct yaml_node *n)
{
    return n->kind == YAML_MAP;
}

bool yaml_is_list(const struct yaml_node *n)
{
    return n->kind == YAML_LIST;
}

size_t yaml_count(const struct yaml_node *n)
{
    return n->kind == YAML_MAP ? n->n / 2 : n->n;
}

const struct yaml_node *yaml_item(const struct yaml_node *n, size_t i)
{
    return n->item[n->kind == YAML_MAP ? 2 * i + 1 : i];
}

const char *yaml_key(const struct yaml *y, const struct yaml_node *map, size_t i)
{
    (void)y;
    return map->item[2 * i]->text;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    for (size_t i = 0; map->kind == YAML_MAP && i + 1 < map->n; i += 2)
        if (strcmp(map->item[i]->text, key) == 0)
            return map->item[i + 1];
    return NULL;
}

/* Add what stands at n, where the message says what was expected and no more. */
static void add_found(const struct yaml_node *n, char *message, size_t size)
{
    size_t used = strlen(message);
    if (strncmp(message, "expected ", 9) != 0 || strstr(message, "found"))
        return;
    if (n->kind == YAML_SCALAR)
        snprintf(message + used, size - used, ", found '%.80s'", n->text);
    else
        snprintf(message + used, size - used, ", found a %s of %zu",
                 n->kind == YAML_LIST ? "list" : "mapping", yaml_count(n));
}

int yaml_fail(const struct yaml *y, const struct yaml_node *n, struct err *err,
              const char *format, ...)
{
    char message[800];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    add_found(n, message, sizeof message);
    return fail_at(y, n->line, n->column, err, message);
}

int yaml_only(const struct yaml *y, const struct yaml_node *n, const char *const *keys,
              struct err *err)
{
    if (n->kind != YAML_MAP)
        return yaml_fail(y, n, err, "expected a mapping with '%s'", keys[0]);
    for (size_t i = 0; i < n->n; i += 2) {
        const char *key = n->item[i]->text;
        size_t k = 0;
        while (keys[k] && strcmp(keys[k], key) != 0)
            k++;
        if (!keys[k]) {
            char list[500] = "";
            for (size_t j = 0; keys[j]; j++) {
                size_t used = strlen(list);
                snprintf(list + used, sizeof list - used, "%s%s", j ? ", " : "", keys[j]);
            }
            return yaml_fail(y, n->item[i], err, "unknown key '%s', expected one of: %s", key,
                             list);
        }
        for (size_t j = 0; j < i; j += 2)
            if (strcmp(n->item[j]->text, key) == 0)
                return yaml_fail(y, n->item[i], err, "expected a key once, found '%s' twice",
                                 key);
    }
    return 0;
}

int yaml_need(const struct yaml *y, const struct yaml_node *map, const char *key,
              const struct yaml_node **ret, struct err *err)
{
    const struct yaml_node *n = yaml_get(map, key);
    if (!n)
        return yaml_fail(y, map, err, "expected the key '%s', found none", key);
    *ret = n;
    return 0;
}

int yaml_text(const struct yaml *y, const struct yaml_node *n, const char **ret,
              struct err *err)
{
    if (n->kind != YAML_SCALAR)
        return yaml_fail(y, n, err, "expected text, found a list or mapping");
    *ret = n->text;
    return 0;
}

/* One scalar of a type that base/text.h reads. */
#define SCALAR(name, type, read, wanted)                                                       \
    int name(const struct yaml *y, const struct yaml_node *n, type *ret, struct err *err)      \
    {                                                                                          \
        if (n->kind == YAML_SCALAR && (read) == 0)                                             \
            return 0;                                                                          \
        return yaml_fail(y, n, err, "expected " wanted ", found %s%s%s",                       \
                         n->kind == YAML_SCALAR ? "'" : "a list or mapping",                   \
                         n->kind == YAML_SCALAR ? n->text : "",                                \
                         n->kind == YAML_SCALAR ? "'" : "");                                   \
    }

static int read_bool(const char *text, bool *ret)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return ERR_MALFORMED;
    *ret = text[0] == 't';
    return 0;
}

static int read_time(struct span text, int64_t *ret)
{
    bool zone;
    return text_time(text, ret, &zone);
}

SCALAR(yaml_real, double, text_real(span_of(n->text), ret), "a number")
SCALAR(yaml_i64, int64_t, text_i64(span_of(n->text), ret), "a whole number")
SCALAR(yaml_bool, bool, read_bool(n->text, ret), "true or false")
SCALAR(yaml_duration, int64_t, text_duration(span_of(n->text), ret),
       "a duration such as 30s, 1h or 2d")
SCALAR(yaml_time, int64_t, read_time(span_of(n->text), ret),
       "a time such as 2016-05-04 or 2016-05-04T00:00:00Z")
