/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/dry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/tail.h"

enum { FEWEST = 2 }; /* replicates that every null takes */

static void try_null(struct trial *t, const struct battery_row *row, struct dry_null *ret)
{
    struct null_result n = trial_blank();
    if (row->run)
        row->run(t, &n);
    else
        n.why = WHY_NEEDS_DATA;
    free(n.values);
    free(n.shift);
    *ret = (struct dry_null){.row = row, .why = n.why};
    if (n.why == WHY_NEEDS_DATA) /* its own words may tell what was found without */
        snprintf(ret->detail, sizeof ret->detail, "needs %s", row->needs);
    else if (n.why != WHY_NONE)
        memcpy(ret->detail, n.detail, sizeof ret->detail);
}

int dry_claim(struct dry *ret, const struct study *s, const struct study_claim *c,
              const struct counts *counts, size_t threads, struct err *err)
{
    *ret = (struct dry){.study = *s};
    ret->study.power = false;
    int rc = trial_make(&ret->trial, &ret->study, c, counts, threads, err);
    if (rc < 0)
        return rc;
    ret->trial.exactly = FEWEST;
    ret->trial.rough = true;
    ret->log_floor = log_sidak(-log(s->max_replicates + 1.0), ret->trial.looks);
    while (c->kind->battery[ret->nnulls].null)
        ret->nnulls++;
    ret->nulls = mem_zero(ret->nnulls, sizeof *ret->nulls);
    for (size_t i = 0; i < ret->nnulls; i++)
        try_null(&ret->trial, &c->kind->battery[i], &ret->nulls[i]);
    return 0;
}

void dry_free(struct dry *d)
{
    trial_free(&d->trial);
    free(d->nulls);
}
