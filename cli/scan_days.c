/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/scan_days.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/rows.h"
#include "cli/values.h"

const char *const scan_days_columns[SCAN_DAYS_COLUMNS] = {
    "client",  "name",   "lookups",     "days",     "name_days", "expected", "p",
    "log10_p", "p_mid",  "p_listed",    "q",        "ebgm",      "eb05",     "eb95",
    "ic",      "ic025",  "log10_bf",    "ror",      "ror_lo",    "ror_hi",   "prr",
    "prr_lo",  "prr_hi", "chisq_yates", "p_fisher", "share",     "share_lo", "share_hi",
    "p_peers", "peers",  "rank",        "state"};

/* rank 0: not tested */
static void values_of(const struct counts *c, const struct crosstab *t, size_t at, size_t rank,
                      json_t *ret[SCAN_DAYS_COLUMNS])
{
    const struct crosstab_row *r = &t->rows[at];
    const struct twobytwo *two = &r->two;
    json_t *values[SCAN_DAYS_COLUMNS] = {
        values_text(c->clients[r->client]),
        values_text(c->names[r->name]),
        json_integer((json_int_t)r->lookups),
        json_integer((json_int_t)r->days),
        json_integer((json_int_t)t->days.name[r->name]),
        values_real(r->expected),
        values_probability(r->log_p),
        values_real(r->log_p / M_LN10),
        values_probability(r->log_p_mid),
        values_probability(r->log_p_listed),
        values_probability(r->log_q),
        values_real(r->ebgm),
        values_real(r->eb05),
        values_real(r->eb95),
        values_real(r->ic),
        values_real(r->ic025),
        values_real(r->log_bf / M_LN10),
        values_real(two->ror),
        values_real(two->ror_lo),
        values_real(two->ror_hi),
        values_real(two->prr),
        values_real(two->prr_lo),
        values_real(two->prr_hi),
        values_real(two->chisq),
        values_probability(two->log_p_fisher),
        values_real(r->share),
        values_real(r->share_lo),
        values_real(r->share_hi),
        values_real(r->p_peers),
        isnan(r->p_peers) ? json_null() : json_integer((json_int_t)r->peers),
        rank ? json_integer((json_int_t)rank) : json_null(),
        json_string(crosstab_state_names[r->state]),
    };
    memcpy(ret, values, sizeof values);
}

void scan_days_values(const struct counts *c, const struct crosstab *t, size_t at,
                      json_t *ret[SCAN_DAYS_COLUMNS])
{
    values_of(c, t, at, 0, ret);
}

static int by_p(const void *a, const void *b, void *context)
{
    const struct crosstab_row *rows = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    bool ok = rows[i].state == CROSSTAB_OK, other = rows[j].state == CROSSTAB_OK;
    if (ok != other)
        return ok ? -1 : 1;
    if (ok && rows[i].log_p != rows[j].log_p)
        return rows[i].log_p < rows[j].log_p ? -1 : 1;
    return (i > j) - (i < j);
}

static int write_rows(const struct counts *c, const struct crosstab *t, const char *path,
                      const char *format, size_t top, struct err *err)
{
    struct rows out;
    int rc = rows_open(&out, path, format, scan_days_columns, SCAN_DAYS_COLUMNS, err);
    if (rc < 0)
        return rc;
    size_t *order = mem_alloc((t->nrows + 1) * sizeof *order), rank = 0;
    for (size_t i = 0; i < t->nrows; i++)
        order[i] = i;
    qsort_r(order, t->nrows, sizeof *order, by_p, t->rows);
    for (size_t i = 0; i < t->nrows && (!top || i < top); i++) {
        json_t *values[SCAN_DAYS_COLUMNS];
        const struct crosstab_row *r = &t->rows[order[i]];
        if (i == 0 || r->log_p > t->rows[order[i - 1]].log_p) /* equal p share a rank */
            rank = i + 1;
        values_of(c, t, order[i], r->state == CROSSTAB_OK ? rank : 0, values);
        rows_put(&out, values);
    }
    free(order);
    return rows_close(&out, err);
}

int scan_days(const struct counts *c, const char *path, const char *format, size_t top,
              double alpha, size_t threads, struct err *err)
{
    struct window w;
    struct crosstab t = {0};
    window_make(&w, c, 0, 0);
    int rc = w.live_s > 0
                 ? crosstab_make(&t, c, &w, threads, err)
                 : err_set(err, ERR_DEGENERATE, "scan: expected live time, found none");
    if (rc == 0) {
        rc = write_rows(c, &t, path, format, top, err);
        size_t few = 0, flagged = 0;
        for (size_t i = 0; i < t.nrows; i++) {
            few += t.rows[i].log_q <= log(alpha);
            flagged += t.rows[i].eb05 > 2;
        }
        if (rc == 0 && !isnan(alpha))
            fprintf(stderr,
                    "days: %zu of %zu pairs tested, %zu with q <= %g, %zu with EB05 > 2\n",
                    t.tested, t.nrows, few, alpha, flagged);
        crosstab_free(&t);
    }
    window_free(&w);
    return rc;
}
