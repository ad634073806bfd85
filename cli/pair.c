/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/pair.h"

#include "ingest/canon.h"

static size_t alike(struct span a, struct span b)
{
    size_t n = 0;
    while (n < a.n && n < b.n && a.p[n] == b.p[n])
        n++;
    return n;
}

/* Of sorted texts the one that begins most like `text`: a neighbour of its place. */
static struct span nearest(const struct span *texts, uint32_t n, struct span text)
{
    uint32_t at = counts_place(texts, n, text);
    if (at == n || (at > 0 && alike(texts[at - 1], text) > alike(texts[at], text)))
        at--;
    return texts[at];
}

static int absent(const char *which, const char *what, const char *found,
                  const struct span *texts, uint32_t n, struct span canonical, struct err *err)
{
    if (n == 0)
        return err_set(err, ERR_USAGE, "--%s%s: expected one of the case's, which has none",
                       which, what);
    struct span near = nearest(texts, n, canonical);
    return err_set(err, ERR_USAGE,
                   "--%s%s: expected one of the case's, found '%s' (begins most like: '%.*s')",
                   which, what, found, (int)near.n, near.p);
}

int pair_find(const struct counts *c, const char *which, const char *client_text,
              const char *name_text, uint32_t *ret_client, uint32_t *ret_name, struct err *err)
{
    char client[CANON_CLIENT_MAX], name[CANON_NAME_MAX];
    size_t nclient, nname;
    if (canon_client(span_of(client_text), FORM_TEXT, client, &nclient) < 0)
        return err_set(err, ERR_USAGE, "--%sclient: expected a client, found '%s'", which,
                       client_text);
    if (canon_name(span_of(name_text), FORM_TEXT, name, &nname) < 0)
        return err_set(err, ERR_USAGE, "--%sname: expected a name, found '%s'", which,
                       name_text);
    *ret_client = counts_client(c, span_make(client, nclient));
    *ret_name = counts_name(c, span_make(name, nname));
    if (*ret_client == UINT32_MAX)
        return absent(which, "client", client_text, c->clients, c->nclients,
                      span_make(client, nclient), err);
    if (*ret_name == UINT32_MAX)
        return absent(which, "name", name_text, c->names, c->nnames, span_make(name, nname),
                      err);
    return 0;
}
