/* SPDX-License-Identifier: GPL-3.0-or-later
 * power: what each test of a study could see in this case (models/power.h). The same nulls
 * run as in `test`, because their replicates give the critical values; no p, no effect and
 * no verdict is printed, so that nothing here can be read as power at what was found. */
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "cli/values.h"
#include "models/verdict.h"
#include "report/results.h"

struct values {
    struct opt_list set;
    const char *progress;
    int64_t threads;
    bool json, quiet;
};

static const struct opt options[] = {
    {"set", OPT_LIST, "KEY=VALUE", NULL, offsetof(struct values, set),
     "replace a value of the plan; may be given several times"},
    {"threads", OPT_COUNT, "N", "0", offsetof(struct values, threads),
     "threads; 0: one a processor. The results do not depend on it"},
    {"json", OPT_FLAG, NULL, NULL, offsetof(struct values, json),
     "for programs, with all digits"},
    {"progress", OPT_CHOICE, PROGRESS_FORMS, "terminal", offsetof(struct values, progress),
     PROGRESS_HELP},
    {"quiet", OPT_FLAG, NULL, NULL, offsetof(struct values, quiet), "no progress"},
    OPT_END,
};

/* Sessions that the comparable pairs' rate, or the other hours', make of the hours at risk:
 * what a test with that rate known could see. NAN: the kind has none. */
static double known_rate(const struct claim_result *r)
{
    const struct trial *t = &r->trial;
    double sessions = 0, hours = 0;
    for (size_t i = 0; i < t->npeers; i++) {
        struct rate one = trial_rate(t, &t->peers[i]);
        sessions += (double)one.sessions;
        hours += one.hours;
    }
    return hours > 0 && sessions > 0 ? sessions / hours * trial_rate(t, &t->a).hours : NAN;
}

static double known_mde(const struct claim_result *r)
{
    return power_rate_mde(known_rate(r), r->trial.decide, POWER_WANTED);
}

static json_t *claim_json(const struct claim_result *r)
{
    const struct study_claim *c = r->trial.claim;
    json_t *nulls = json_array();
    for (size_t i = 0; i < r->nnulls; i++) {
        const struct tested_null *n = &r->nulls[i];
        const char *why = why_names[n->result.why], *none = verdict_no_power(r, n);
        json_array_append_new(
            nulls, json_pack("{s:s, s:s, s:s?, s:s?, s:o}", "id", n->row->null, "role",
                             n->row->role == ROLE_REQUIRED ? "required" : "advisory", "why",
                             why, "no_power", *none ? none : NULL, "power",
                             results_power(&n->result.power)));
    }
    json_t *j =
        json_pack("{s:s, s:s, s:f, s:f, s:o}", "id", c->id, "effect_name", c->kind->effect_name,
                  "effect_claimed", c->effect, "no_effect", c->kind->no_effect, "nulls", nulls);
    json_object_set_new(j, "expected_sessions", values_real(known_rate(r)));
    json_object_set_new(j, "mde_rate_known", values_real(known_mde(r)));
    return j;
}

static void print_null(const struct claim_result *r, const struct tested_null *n)
{
    const struct power_curve *c = &n->result.power;
    const char *why = verdict_no_power(r, n);
    const char *of = n->row->own ? n->row->own->id : r->trial.claim->kind->effect_name;
    printf("%s\t%s\t%s\t", r->trial.claim->id, n->row->null, of);
    if (!c->n) {
        printf("-\t-\t-\t-\t%s\n", why);
        return;
    }
    if (isfinite(c->mde))
        printf("%.4g", c->mde);
    else
        printf("beyond %.4g", c->most);
    printf("\t%.3g\t", c->level);
    if (isnan(c->at_claim.value))
        printf("-");
    else
        printf("%.3f", c->at_claim.value);
    if (c->sims && !isnan(c->at_claim.value))
        printf(" (%.3f-%.3f)", c->at_claim.lo, c->at_claim.hi);
    if (c->sims)
        printf("\t%u sims\t", c->sims);
    else
        printf("\texact\t");
    for (size_t i = 0; i < c->n; i++)
        printf("%s%.4g:%.2f", i ? " " : "", c->v[i].effect, c->v[i].value);
    printf("\n");
}

/* What the effects are that are not the kind's. */
static void print_own(const struct claim_result *r)
{
    for (size_t j = 0; j < r->nnulls; j++) {
        const struct power_effect *e = r->nulls[j].row->own;
        if (e)
            printf("# %s, %s: %s; no effect %g. The test %s\n", r->trial.claim->id,
                   r->nulls[j].row->null, e->label, e->none, e->because);
    }
}

static void print_text(const struct study *s, const struct claim_result *r)
{
    printf("claim\tnull\teffect\tmde\tlevel\tpower_at_claim\thow\tcurve\n");
    for (size_t i = 0; i < s->nclaims; i++) {
        for (size_t j = 0; j < r[i].nnulls; j++)
            print_null(&r[i], &r[i].nulls[j]);
        printf("# %s: %s, claimed %g, no effect %g", s->claims[i].id,
               s->claims[i].kind->effect_label, s->claims[i].effect,
               s->claims[i].kind->no_effect);
        if (isfinite(known_mde(&r[i])))
            printf("; %.4g sessions expected; were that rate known, %.4g could be seen",
                   known_rate(&r[i]), known_mde(&r[i]));
        printf("\n");
        print_own(&r[i]);
    }
}

/* What is not printed is not run: neither the gate nor the rivals. */
static int measure(struct claim_result **ret, struct study *s, const struct counts *c,
                   const struct values *v, struct err *err)
{
    struct progress p;
    struct watch w = {.tell = progress_watch, .ctx = &p};
    s->power = true;
    s->calibration = 0;
    s->model_draws = 0;
    progress_start(&p, "power", "share", progress_form(v->quiet, false, v->progress));
    watch_plan(&w, s, STAGE_GATE, STAGE_RIVALS);
    int rc = study_test(ret, s, c, (size_t)v->threads, &w, err);
    progress_end(&p);
    return rc;
}

static int power(const char *case_path, const char *study_path, const struct values *v,
                 struct err *err)
{
    struct study *s;
    struct counts *c;
    struct claim_result *r;
    int rc = open_study(&s, &c, study_path, &v->set, case_path, err);
    if (rc < 0)
        return rc;
    rc = measure(&r, s, c, v, err);
    if (rc == 0) {
        json_t *list = json_array();
        for (size_t i = 0; v->json && i < s->nclaims; i++)
            json_array_append_new(list, claim_json(&r[i]));
        if (v->json) {
            json_dumpf(list, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
            putchar('\n');
        } else {
            print_text(s, r);
        }
        json_decref(list);
        study_test_free(r, s->nclaims);
    }
    counts_free(c);
    study_free(s);
    return rc;
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct err err = {0};
    int first = opts_read(&cmd_power, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    int rc;
    if (argc - first != 2)
        rc = opts_exit(
            opts_usage(&cmd_power, "expected CASE and STUDY, found %d operands", argc - first));
    else
        rc = power(argv[first], argv[first + 1], &v, &err) < 0 ? opts_fail(&err) : 0;
    free(v.set.v);
    return rc;
}

const struct command cmd_power = {
    "analyse",
    "power",
    "CASE STUDY",
    "the smallest effect that each test of a study could see in a case",
    "One line a claim and null: of which effect, the one that is found with chance .8 at the\n"
    "price of the search, the power at the claimed effect with its 95 % interval, and a "
    "curve.\n"
    "Tests of which the kind's effect says nothing have one of their own, said below the\n"
    "claim's lines; nobody claimed a value of it, so there is no power at the claim.\n",
    options,
    run,
};
