/* SPDX-License-Identifier: GPL-3.0-or-later
 * The pair's row of `scan --unit days` over the window, and who else asked for the name. */
#include <math.h>
#include <stdlib.h>

#include "cli/explain.h"
#include "cli/scan_days.h"
#include "cli/values.h"
#include "stats/unseen.h"

static json_t *row_part(const struct explain_job *job, const struct crosstab *t, size_t row)
{
    json_t *out = json_object(), *values[SCAN_DAYS_COLUMNS];
    scan_days_values(job->c, t, row, values);
    for (size_t i = 0; i < SCAN_DAYS_COLUMNS; i++)
        if (i < 2 || json_is_null(values[i])) /* client and name are told above */
            json_decref(values[i]);
        else
            json_object_set_new(out, scan_days_columns[i], values[i]);
    return out;
}

static json_t *prior_part(const struct gps_prior *p)
{
    json_t *out = json_object(), *params = json_array();
    json_object_set_new(out, "id", json_string("gps"));
    json_object_set_new(out, "loglik", values_real(p->loglik));
    const double v[] = {p->p, p->alpha1, p->beta1, p->alpha2, p->beta2};
    static const char *const names[] = {"P", "alpha1", "beta1", "alpha2", "beta2"};
    for (size_t i = 0; i < 5; i++)
        json_array_append_new(params, explain_param(names[i], v[i], NAN));
    json_object_set_new(out, "params", params);
    return out;
}

/* Clients of the name: how concentrated, what of the client holds under less coverage, who
 * was not seen, and how this client stands among the listed. */
static json_t *name_part(const struct explain_job *job, const struct crosstab *t,
                         const struct crosstab_row *own)
{
    json_t *out = json_object();
    uint64_t *days = mem_alloc((t->nrows + 1) * sizeof *days), *others = days;
    size_t n = 0;
    for (size_t i = 0; i < t->nrows; i++)
        if (t->rows[i].name == job->name)
            days[n++] = t->rows[i].days;
    struct rng r;
    rng_stream(&r, (uint64_t)job->v->seed, RNG_BOOTSTRAP, job->s.id, 0);
    struct unseen u = unseen_make(days, n, 999, &r);
    json_object_set_new(out, "clients", explain_count(n));
    json_object_set_new(out, "clients_not_seen_chao1", values_real(u.chao1));
    json_object_set_new(out, "next_day_is_of_a_new_client", values_real(u.good_turing));
    json_object_set_new(out, "next_day_is_of_a_new_client_hi", values_real(u.good_turing_high));
    double in = (double)own->days, rest = t->days.name[job->name] - in;
    json_object_set_new(out, "coverage_of_others_below_which_share_is_under_half",
                        values_real(share_tipping(in, rest, .5)));
    json_object_set_new(out, "coverage_of_others_below_which_share_is_under_nine_tenths",
                        values_real(share_tipping(in, rest, .9)));
    size_t m = 0;
    for (size_t i = 0; i < t->nrows; i++)
        if (t->rows[i].name == job->name && t->rows[i].client != job->client)
            others[m++] = t->rows[i].days;
    if (m >= 2) {
        struct truncated f = truncated_fit(others, m);
        json_object_set_new(out, "mean_days_of_all_others_seen_or_not", values_real(f.mu));
        json_object_set_new(out, "p_as_one_of_the_listed",
                            values_probability(truncated_log_upper(own->days, f.mu, f.theta)));
    }
    free(days);
    return out;
}

void explain_contingency(const struct explain_job *job, json_t *out)
{
    struct crosstab t;
    struct err err;
    if (crosstab_make(&t, job->c, &job->w, 0, &err) < 0) {
        json_object_set_new(out, "no_presence_days", json_string(err.msg));
        return;
    }
    for (size_t i = 0; i < t.nrows; i++)
        if (t.rows[i].client == job->client && t.rows[i].name == job->name) {
            json_object_set_new(out, "presence_days", row_part(job, &t, i));
            json_object_set_new(out, "name_among_its_clients", name_part(job, &t, &t.rows[i]));
        }
    if (isfinite(t.prior.loglik))
        json_object_set_new(out, "shrinkage_over_all_pairs", prior_part(&t.prior));
    crosstab_free(&t);
}
