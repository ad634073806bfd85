/* SPDX-License-Identifier: GPL-3.0-or-later
 * The claimant's model and its rivals, as results.json holds them. */
#include <math.h>

#include "models/evidence.h"
#include "report/results.h"
#include "report/value.h"
#include "stats/lr.h"

/* Shares of imitators that a ratio is also printed for (methods.md H6). */
static const double shares[] = {0, .5, .9};

static json_t *mimics(double ln_lr)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        json_t *m = json_object();
        value_set_real(m, "share", shares[i]);
        value_set_real(m, "log10_lr", lr_mimic(ln_lr, shares[i]) / M_LN10);
        json_array_append_new(list, m);
    }
    return list;
}

/* What is said is said of the end of the ratio's interval that is nearest to 1. */
static const char *words_of(const struct evidence_row *r)
{
    if (isnan(r->ln_lr))
        return NULL;
    if (r->enough)
        return "not computed";
    if (!r->apart)
        return "not distinguishable";
    return r->vetoed ? "void: the likelier does not fit the data" : lr_words(evidence_sure(r));
}

static json_t *row_json(const struct evidence_row *r)
{
    const struct rival *v = r->rival;
    bool computed = !isnan(r->ln_lr) && !r->enough;
    json_t *j = json_pack("{s:s, s:s, s:s?, s:s?}", "id", v ? v->id : "claimant", "label",
                          v ? v->help : "the claimant's model", "cite", v ? v->cite : NULL,
                          "why", r->why);
    value_set_real(j, "log10_marginal", r->log_marginal / M_LN10);
    value_set_real(j, "se", r->se / M_LN10);
    value_set_p(j, "fit", log(r->fit));
    value_set_real(j, "log10_lr", computed ? r->ln_lr / M_LN10 : NAN);
    value_set_real(j, "log10_lr_se", r->ln_lr_se / M_LN10);
    value_set_real(j, "log10_lr_lo", r->ln_lo / M_LN10);
    value_set_real(j, "log10_lr_hi", r->ln_hi / M_LN10);
    json_object_set_new(j, "draws", json_integer(r->draws));
    value_set_real(j, "draws_needed", r->enough ? (double)r->enough : NAN);
    json_object_set_new(j, "capped", json_boolean(r->capped));
    json_object_set_new(j, "vetoed", json_boolean(r->vetoed));
    value_set_real(j, "cllr", r->cllr);
    value_set_real(j, "cllr_min", r->cllr_min);
    value_set_real(j, "cllr_loss", r->cllr - r->cllr_min);
    value_set_real(j, "misleading_for", r->misled.no);
    value_set_real(j, "misleading_against", r->misled.yes);
    value_set_real(j, "mean_lr", r->misled.mean_no);
    value_set_real(j, "mean_lr_se", r->misled.mean_no_se);
    json_object_set_new(j, "lost", json_integer(r->lost));
    json_object_set_new(j, "distinguishable", computed ? json_boolean(r->apart) : json_null());
    json_object_set_new(j, "words", json_pack("s?", words_of(r)));
    json_object_set_new(j, "mimic", computed ? mimics(r->ln_lr) : json_array());
    return j;
}

json_t *results_rivals(const struct claim_result *r)
{
    const struct evidence *e = &r->evidence;
    const struct study_model *m = &r->trial.claim->model;
    if (!m->scenario)
        return json_null();
    json_t *rows = json_array(), *summaries = json_array();
    for (size_t i = 0; i < e->nrows; i++)
        json_array_append_new(rows, row_json(&e->rows[i]));
    for (size_t i = 0; e->nrows && i < SUMMARY_N; i++) {
        json_t *s = json_pack("{s:s, s:s}", "id", summary_table[i].name, "label",
                              summary_table[i].help);
        json_object_set_new(s, "given", json_boolean(i < SUMMARY_GIVEN));
        value_set_real(s, "value", e->data[i]);
        json_array_append_new(summaries, s);
    }
    json_t *j = json_pack("{s:s, s:s, s:s?, s:i, s:o, s:o}", "model", m->file, "model_sha256",
                          m->sha256, "why", e->nrows ? NULL : r->no_evidence, "logs",
                          (int)e->logs, "rows", rows, "summaries", summaries);
    bool best = e->nrows && e->best != SIZE_MAX;
    const struct rival *v = best ? e->rows[e->best].rival : NULL;
    json_object_set_new(j, "best", json_pack("s?", v ? v->id : NULL));
    value_set_real(j, "log10_cap", e->nrows ? e->cap / M_LN10 : NAN);
    return j;
}
