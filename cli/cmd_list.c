/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "ingest/source.h"
#include "models/catalogue.h"
#include "models/integrity.h"
#include "models/kinds.h"
#include "models/rival.h"
#include "models/season.h"
#include "models/study_claim.h"
#include "stats/gof.h"
#include "stats/multi.h"

static void row(const char *name, const char *help, const char *cite)
{
    printf("%s\t%s\t%s\n", name, help, cite ? cite : "");
}

static void list_formats(void)
{
    for (size_t i = 0; source_formats[i]; i++)
        row(source_formats[i]->name, source_formats[i]->help, source_formats[i]->cite);
}

static void list_methods(const struct method *table)
{
    for (const struct method *m = table; m->name; m++)
        printf("%s\t%s\t%s\t%s\t%s\n", m->name, m->help, m->formula, m->cite, m->validation);
}

static void list_models(void)
{
    for (const struct season *s = season_table; s->name; s++)
        row(s->name, s->help, s->cite);
    list_methods(model_table);
}

static void list_statistics(void)
{
    for (const struct gof_stat *s = gof_table; s->name; s++)
        row(s->name, s->help, s->cite);
    list_methods(statistic_table);
}

static void list_nulls(void)
{
    for (const struct null_kind *n = null_table; n->id; n++)
        printf("%s\t%s\t%s\t%s\n", n->id, n->help, n->keeps, n->cite);
}

/* What a claim of this kind may say in a study beside what every claim says. */
static void list_keys(const struct claim_kind *kind)
{
    for (const struct claim_key *k = claim_keys; k->key; k++) {
        bool needed = claim_key_has(k->needed, kind);
        if (!needed && !claim_key_has(k->allowed, kind))
            continue;
        if ((k->needed && *k->needed == '*') || (k->allowed && *k->allowed == '*'))
            continue;
        printf("  %s:\t%s\t%s\n", k->key, needed ? "key" : "key, optional", k->help);
    }
}

/* Axes of `searched` that a study may write out, and of `specifications`. */
static void list_axes(const struct claim_kind *kind)
{
    for (int a = 0; a < SEARCH_AXES; a++)
        if (claim_key_has(search_axis_table[a].kinds, kind))
            printf("  searched %s:\tlooks\t%s\n", search_axis_table[a].key,
                   search_axis_table[a].help);
    for (int a = 0; a < SPEC_AXES; a++)
        if (claim_key_has(spec_axis_table[a].kinds, kind))
            printf("  specifications %s:\taxis\t%s\n", spec_axis_table[a].key,
                   spec_axis_table[a].help);
}

static void list_claims(void)
{
    for (const struct claim_kind *k = claim_table; k->id; k++) {
        printf("%s%s%s\t%s\t%s\n", k->id, k->feature ? "/" : "", k->feature ? k->feature : "",
               k->help, k->cite);
        for (const struct battery_row *b = k->battery; b->null; b++)
            printf("  %s\t%s\t%s%s\t%s\t%s\n", b->null,
                   b->role == ROLE_REQUIRED ? "required" : "advisory",
                   b->needs[0] ? "needs " : "", b->needs, b->min_data,
                   b->own ? b->own->id : k->effect_name);
        for (const struct battery_row *b = k->battery; b->null; b++)
            if (b->own)
                printf("  power of %s:\tis of\t%s\t%s\n", b->null, b->own->id, b->own->label);
        printf(
            "  stands:\tmeans\t%s\n  explained:\tmeans\t%s\n  %s:\tmeans\tthe same analysis: "
            "it stands where '%s' is explained\n",
            k->stands, k->explained, k->opposite, k->direction);
        list_keys(k);
        list_axes(k);
    }
}

static void list_rivals(void)
{
    for (const struct rival *v = rival_table; v->id; v++)
        row(v->id, v->help, v->cite);
}

static void list_corrections(void)
{
    for (const struct correction *c = correction_table; c->name; c++)
        row(c->name, c->help, c->cite);
}

static void list_screens(void)
{
    for (const struct screen *s = screen_table; s->id; s++)
        printf("%s\t%s\t%s\t%s\t%s\n", s->id, s->label, s->rule, s->innocent, s->cite);
}

static const struct {
    const char *name;
    void (*print)(void);
} lists[] = {{"formats", list_formats},       {"models", list_models},
             {"statistics", list_statistics}, {"nulls", list_nulls},
             {"claims", list_claims},         {"corrections", list_corrections},
             {"screens", list_screens},       {"rivals", list_rivals}};
enum { LISTS = sizeof lists / sizeof *lists };

static const struct opt options[] = {OPT_END};

static int run(int argc, char **argv)
{
    char unused;
    int first = opts_read(&cmd_list, &unused, argc, argv);
    if (first < 0)
        return opts_exit(first);
    for (size_t i = 0; first + 1 == argc && i < LISTS; i++)
        if (strcmp(argv[first], lists[i].name) == 0) {
            lists[i].print();
            return 0;
        }
    return opts_exit(opts_usage(&cmd_list, "expected one of formats, models, statistics, "
                                           "nulls, claims, corrections, screens, rivals"));
}

const struct command cmd_list = {
    "inspect",
    "list",
    "formats|models|statistics|nulls|claims|corrections|screens|rivals",
    "what is built in, a row each: name, what it is, reference",
    "claims lists under each kind its battery: null, role, what it needs, least data, what\n"
    "its power is of;\n"
    "what it means if such a claim stands or is explained; then the keys that a study gives "
    "it.\n"
    "screens: label, rule, innocent causes, reference.\n"
    "models and statistics: also the formula and the experiment of docs/validation.md\n"
    "(-: arithmetic or a description, no rate of errors is claimed).\n",
    options,
    run,
};
