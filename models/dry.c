/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/dry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "stats/tail.h"

enum { FEWEST = 2, MORE = 102 }; /* replicates that every null takes; those that are timed */

static double run_null(struct trial *t, const struct battery_row *row, struct null_result *ret)
{
    clock_t start = clock();
    *ret = trial_blank();
    row->run(t, ret);
    free(ret->values);
    free(ret->shift);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void try_null(struct trial *t, const struct battery_row *row, struct dry_null *ret)
{
    struct null_result n;
    double cpu_s = run_null(t, row, &n);
    *ret = (struct dry_null){.row = row, .why = n.why, .cpu_s = cpu_s};
    if (n.floor > 0)
        ret->floor = exp(log_sidak(log(n.floor), t->looks));
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
    while (c->kind->battery[ret->nnulls].null)
        ret->nnulls++;
    ret->nulls = mem_zero(ret->nnulls, sizeof *ret->nulls);
    for (size_t i = 0; i < ret->nnulls; i++)
        try_null(&ret->trial, &c->kind->battery[i], &ret->nulls[i]);
    return 0;
}

double dry_seconds(struct dry *d)
{
    double sum = 0;
    struct null_result n;
    d->trial.exactly = MORE;
    for (size_t i = 0; i < d->nnulls; i++)
        if (d->nulls[i].why == WHY_NONE) {
            double cpu_s = run_null(&d->trial, d->nulls[i].row, &n) - d->nulls[i].cpu_s;
            sum += fmax(0, cpu_s) / (MORE - FEWEST) * d->study.max_replicates;
        }
    d->trial.exactly = FEWEST;
    return sum;
}

void dry_free(struct dry *d)
{
    trial_free(&d->trial);
    free(d->nulls);
}
