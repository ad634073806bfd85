/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/suffix.h"

#include <stdlib.h>

#include <libpsl.h>

#include "base/mem.h"
#include "ingest/canon.h"
#include "ingest/input.h"

enum { VERSION = 12 };

struct suffix {
    psl_ctx_t *list;
    char version[VERSION + 1];
};

static int read_version(struct suffix *s, const char *path, struct err *err)
{
    struct input *in;
    char hex[DIGEST_HEX];
    int rc = input_open(&in, path, err);
    if (rc < 0)
        return rc;
    input_digest(in, hex);
    input_close(in);
    memcpy(s->version, hex, VERSION);
    return 0;
}

int suffix_open(struct suffix **ret, struct err *err)
{
    const char *path = psl_dist_filename();
    struct suffix *s = mem_zero(1, sizeof *s);
    int rc = read_version(s, path, err);
    if (rc == 0 && !(s->list = psl_load_file(path)))
        rc = err_set(err, ERR_MALFORMED, "%s: expected a list that libpsl reads", path);
    if (rc < 0) {
        suffix_free(s);
        return err_context(err, "public suffix list (package publicsuffix)");
    }
    *ret = s;
    return 0;
}

void suffix_free(struct suffix *s)
{
    if (!s)
        return;
    psl_free(s->list);
    free(s);
}

const char *suffix_version(const struct suffix *s)
{
    return s->version;
}

/* libpsl wants a terminated text. */
static const char *terminated(struct span name, char out[CANON_NAME_MAX + 1])
{
    size_t n = name.n < CANON_NAME_MAX ? name.n : CANON_NAME_MAX;
    memcpy(out, name.p, n);
    out[n] = '\0';
    return out;
}

struct span suffix_registered(const struct suffix *s, struct span name)
{
    char text[CANON_NAME_MAX + 1];
    const char *domain = psl_registrable_domain(s->list, terminated(name, text));
    if (!domain)
        return name;
    size_t cut = (size_t)(domain - text);
    return span_make(name.p + cut, name.n - cut);
}

bool suffix_lists(const struct suffix *s, struct span name)
{
    char text[CANON_NAME_MAX + 1];
    return psl_is_public_suffix2(s->list, terminated(name, text),
                                 PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}
