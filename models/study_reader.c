/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/study_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/file.h"

int study_reader_seconds(struct study_reader *r, const struct yaml_node *n, double *ret_s)
{
    int64_t ns;
    if (yaml_duration(r->y, n, &ns, r->err) < 0)
        return ERR_USAGE;
    *ret_s = (double)ns / (double)NS_PER_S;
    return 0;
}

int study_reader_positive(struct study_reader *r, const struct yaml_node *n, double value,
                          const char *what)
{
    return value > 0 ? 0 : yaml_fail(r->y, n, r->err, "expected %s above 0", what);
}

int study_reader_share(struct study_reader *r, const struct yaml_node *n, double *ret)
{
    if (yaml_real(r->y, n, ret, r->err) < 0)
        return ERR_USAGE;
    return *ret > 0 && *ret <= 1
               ? 0
               : yaml_fail(r->y, n, r->err, "expected a share above 0 and at most 1");
}

int study_reader_prefix(struct study_reader *r, const struct yaml_node *n, double *ret)
{
    int64_t bits;
    if (yaml_i64(r->y, n, &bits, r->err) < 0)
        return ERR_USAGE;
    *ret = (double)bits;
    return bits >= 1 && bits <= 32
               ? 0
               : yaml_fail(r->y, n, r->err, "expected a prefix length of 1 to 32");
}

int study_reader_ttl(struct study_reader *r, const struct yaml_node *n, struct study_ttl *ret)
{
    static const char *const keys[] = {"value", "source", NULL};
    const struct yaml_node *value = n, *source = NULL;
    *ret = (struct study_ttl){.kind = TTL_GIVEN, .source = ""};
    if (yaml_is_map(n)) {
        if (yaml_only(r->y, n, keys, r->err) < 0 ||
            yaml_need(r->y, n, "value", &value, r->err) < 0)
            return ERR_USAGE;
        source = yaml_get(n, "source");
        if (source && yaml_text(r->y, source, &ret->source, r->err) < 0)
            return ERR_USAGE;
    }
    const char *text;
    if (yaml_text(r->y, value, &text, r->err) < 0)
        return ERR_USAGE;
    static const struct {
        const char *word;
        enum ttl_kind kind;
    } words[] = {{"unknown", TTL_UNKNOWN}, {"estimate", TTL_ESTIMATE}, {"log", TTL_LOG}};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(text, words[i].word) == 0) {
            ret->kind = words[i].kind;
            return 0;
        }
    int64_t ns;
    if (text_duration(span_of(text), &ns) < 0)
        return yaml_fail(r->y, value, r->err,
                         "expected a time to live such as 1h, or log, estimate or unknown, "
                         "found '%s'",
                         text);
    ret->seconds = (double)ns / (double)NS_PER_S;
    return study_reader_positive(r, value, ret->seconds, "a time to live");
}

int study_reader_zone(struct study_reader *r, const struct yaml_node *n, const char **ret_name,
                      struct tz **ret)
{
    struct err why;
    if (yaml_text(r->y, n, ret_name, r->err) < 0)
        return ERR_USAGE;
    tz_free(*ret);
    *ret = NULL;
    if (tz_open(ret, *ret_name, &why) < 0)
        return yaml_fail(r->y, n, r->err, "%s", why.msg);
    return 0;
}

/* The group called by `n`; it must have what is asked of it. */
int study_reader_group(struct study_reader *r, const struct yaml_node *n, bool clients,
                       size_t *ret)
{
    const char *id;
    if (yaml_text(r->y, n, &id, r->err) < 0)
        return ERR_USAGE;
    for (size_t i = 0; i < r->s->ngroups; i++) {
        const struct study_group *g = &r->s->groups[i];
        if (strcmp(g->id, id) != 0)
            continue;
        if (!(clients ? g->nclients : g->nnames))
            return yaml_fail(r->y, n, r->err, "expected a group with %s, found '%s' without",
                             clients ? "clients" : "names", id);
        *ret = i;
        return 0;
    }
    return yaml_fail(r->y, n, r->err, "expected the id of a group, found '%s'", id);
}

int study_reader_window(struct study_reader *r, const struct yaml_node *n, int64_t *ret_from_ns,
                        int64_t *ret_to_ns)
{
    if (!yaml_is_list(n) || yaml_count(n) != 2)
        return yaml_fail(r->y, n, r->err, "expected a window as [from, to]");
    if (yaml_time(r->y, yaml_item(n, 0), ret_from_ns, r->err) < 0 ||
        yaml_time(r->y, yaml_item(n, 1), ret_to_ns, r->err) < 0)
        return ERR_USAGE;
    return *ret_from_ns < *ret_to_ns
               ? 0
               : yaml_fail(r->y, n, r->err, "expected a window that ends after it begins");
}

char *study_reader_beside(struct study_reader *r, const struct yaml_node *n)
{
    const char *name, *slash = strrchr(r->path, '/');
    if (yaml_text(r->y, n, &name, r->err) < 0)
        return NULL;
    int folder = name[0] == '/' || !slash ? 0 : (int)(slash + 1 - r->path);
    return mem_format("%.*s%s", folder, r->path, name);
}

int study_reader_moments(struct study_reader *r, const struct yaml_node *n,
                         struct moments **ret)
{
    struct err why;
    char *path = study_reader_beside(r, n);
    if (!path)
        return ERR_USAGE;
    int rc = moments_read(ret, path, &why);
    free(path);
    return rc < 0 ? yaml_fail(r->y, n, r->err, "expected a file of dates; %s", why.msg) : 0;
}
