/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/open.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ingest/casefile.h"

int open_study(struct study **ret, struct counts **ret_case, const char *study_path,
               const struct opt_list *set, const char *case_path, struct err *err)
{
    struct study *s;
    struct counts *c = NULL;
    const char **settings = mem_zero(set->n + 1, sizeof *settings);
    for (size_t i = 0; i < set->n; i++)
        settings[i] = set->v[i];
    int rc = study_read(&s, study_path, settings, err);
    free(settings);
    if (rc < 0)
        return rc;
    rc = casefile_read(&c, case_path, err);
    if (rc == 0)
        rc = study_resolve(s, c, err);
    if (rc < 0) {
        if (c)
            counts_free(c);
        study_free(s);
        return rc;
    }
    *ret = s;
    *ret_case = c;
    return 0;
}

char *open_temporary(const char *what)
{
    const char *dir = getenv("TMPDIR");
    return mem_format("%s/dnsclaim-%s-XXXXXX", dir && *dir ? dir : "/tmp", what);
}
