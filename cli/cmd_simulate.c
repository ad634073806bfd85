/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "ingest/canon.h"
#include "models/scenario.h"
#include "models/tamper.h"
#include "report/output.h"

struct values {
    const char *output, *format;
    int64_t seed;
    bool truth;
};

/* What a row is written with. */
struct writer {
    struct output out;
    const struct sim_world *world;
    int decimals; /* of a second */
    bool truth;
};

static void csv_head(const struct writer *w)
{
    fprintf(w->out.f, "time,client,name,qtype%s%s\n", w->world->nservers ? ",server" : "",
            w->truth ? ",truth" : "");
}

static void csv_row(const struct writer *w, const struct sim_row *row)
{
    char time[TEXT_TIME_MAX], type[16];
    fprintf(w->out.f, "%s,%s,%s,%s", text_iso(time, row->t_ns, w->decimals),
            w->world->clients[row->client], w->world->names[row->name],
            canon_qtype_name(row->qtype, type));
    if (w->world->nservers)
        fprintf(w->out.f, ",%s", w->world->servers[row->server]);
    if (w->truth)
        fprintf(w->out.f, ",%s%s%s%s", w->world->processes[row->process].id,
                row->retry ? "+retry" : "", row->tampered ? "+" : "",
                row->tampered ? tamper_names[row->tampered - 1] : "");
    fputc('\n', w->out.f);
}

/* The form of the 2016 logs: milliseconds whatever the clock, no header. */
static void pipe_head(const struct writer *w)
{
    (void)w;
}

static void pipe_row(const struct writer *w, const struct sim_row *row)
{
    char time[TEXT_TIME_MAX];
    fprintf(w->out.f, "%s|%s|%s\n", text_iso(time, row->t_ns, 3), w->world->names[row->name],
            w->world->clients[row->client]);
}

/* THE TABLE OF OUTPUT FORMATS. */
static const struct form {
    const char *name;
    void (*head)(const struct writer *w);
    void (*row)(const struct writer *w, const struct sim_row *row);
    bool truth; /* has room for it */
} forms[] = {
    {"csv", csv_head, csv_row, true},
    {"pipe", pipe_head, pipe_row, false},
};
enum { NFORMS = sizeof forms / sizeof *forms };

/* Fraction digits that show a tick exactly. */
static int decimals_of(int64_t tick_ns)
{
    int decimals = 0;
    for (int64_t unit = NS_PER_S; decimals < 9 && tick_ns % unit != 0; unit /= 10)
        decimals++;
    return decimals;
}

static int write_rows(const char *path, const struct form *form, struct writer *w,
                      const struct sim_row *rows, size_t n, struct err *err)
{
    if (output_open(&w->out, path, err) < 0)
        return ERR_IO;
    form->head(w);
    for (size_t i = 0; i < n && !output_failed(&w->out); i++)
        form->row(w, &rows[i]);
    return output_close(&w->out, err);
}

static int simulate_file(const char *scenario, const struct form *form, const struct values *v,
                         struct err *err)
{
    struct scenario s;
    int rc = scenario_open(&s, scenario, err);
    if (rc < 0)
        return rc;
    if (v->seed >= 0)
        s.world.seed = (uint64_t)v->seed;
    struct sim_row *rows = NULL;
    size_t n = 0;
    rc = simulate(&s.world, &rows, &n, err);
    if (rc < 0)
        err_context(err, "%s", scenario);
    struct writer w = {
        .world = &s.world, .decimals = decimals_of(s.world.tick_ns), .truth = v->truth};
    if (rc == 0)
        rc = write_rows(v->output, form, &w, rows, n, err);
    free(rows);
    scenario_close(&s);
    return rc;
}

static int run(int argc, char **argv)
{
    struct values v = {.seed = -1};
    int first = opts_read(&cmd_simulate, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1)
        return opts_exit(opts_usage(&cmd_simulate, "expected one SCENARIO, found %d operands",
                                    argc - first));
    if (!v.output)
        return opts_exit(opts_usage(&cmd_simulate, "expected -o FILE, found none"));
    size_t f = 0;
    while (f < NFORMS && strcmp(forms[f].name, v.format) != 0)
        f++;
    if (f == NFORMS)
        return opts_exit(
            opts_usage(&cmd_simulate, "--format: expected csv or pipe, found '%s'", v.format));
    if (v.truth && !forms[f].truth)
        return opts_exit(opts_usage(&cmd_simulate,
                                    "--truth: expected a form with room for it (csv), found %s",
                                    v.format));
    struct err err;
    return simulate_file(argv[first], &forms[f], &v, &err) < 0 ? opts_fail(&err) : 0;
}

static const struct opt options[] = {
    {"o", OPT_TEXT, "FILE", NULL, offsetof(struct values, output),
     "where to write; - is stdout"},
    {"format", OPT_TEXT, "F", "csv", offsetof(struct values, format),
     "csv, or pipe: time|name|client, the form of the 2016 logs"},
    {"seed", OPT_COUNT, "N", NULL, offsetof(struct values, seed), "instead of the scenario's"},
    {"truth", OPT_FLAG, NULL, NULL, offsetof(struct values, truth),
     "add a column with the process behind each row"},
    OPT_END,
};

const struct command cmd_simulate = {
    .group = "studies",
    .name = "simulate",
    .operands = "SCENARIO",
    .help = "write look-ups of a world whose truth is known",
    .text =
        "SCENARIO is YAML (docs/scenario.md). The same scenario and seed give the same bytes.\n"
        "Nothing in a CSV row tells that it is simulated: say so in the file's name.\n",
    .opts = options,
    .run = run,
};
