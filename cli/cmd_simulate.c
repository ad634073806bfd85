/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/simulate.h"
#include "ingest/canon.h"
#include "models/scenario.h"
#include "models/tamper.h"

struct values {
    const char *output, *format;
    int64_t seed, threads;
    bool truth;
};

static int csv_head(struct simulation *s, struct err *err)
{
    (void)err;
    fprintf(s->out.f, "time,client,name,qtype%s%s\n", s->world->nservers ? ",server" : "",
            s->truth ? ",truth" : "");
    return 0;
}

static void csv_row(struct simulation *s, const struct sim_row *row)
{
    char time[TEXT_TIME_MAX], type[16];
    fprintf(s->out.f, "%s,%s,%s,%s", text_iso(time, row->t_ns, s->decimals),
            s->world->clients[row->client], s->world->names[row->name],
            canon_qtype_name(row->qtype, type));
    if (s->world->nservers)
        fprintf(s->out.f, ",%s", s->world->servers[row->server]);
    if (s->truth)
        fprintf(s->out.f, ",%s%s%s%s", s->world->processes[row->process].id,
                row->retry ? "+retry" : "", row->tampered ? "+" : "",
                row->tampered ? tamper_names[row->tampered - 1] : "");
    fputc('\n', s->out.f);
}

/* The form of the 2016 logs: milliseconds whatever the clock, no header. */
static int pipe_head(struct simulation *s, struct err *err)
{
    (void)s;
    (void)err;
    return 0;
}

static void pipe_row(struct simulation *s, const struct sim_row *row)
{
    char time[TEXT_TIME_MAX];
    fprintf(s->out.f, "%s|%s|%s\n", text_iso(time, row->t_ns, 3), s->world->names[row->name],
            s->world->clients[row->client]);
}

static void no_end(struct simulation *s)
{
    (void)s;
}

static const struct simulate_form csv = {"csv", csv_head, csv_row, no_end, true};
static const struct simulate_form pipe_form = {"pipe", pipe_head, pipe_row, no_end, false};

/* THE TABLE OF OUTPUT FORMATS. */
static const struct simulate_form *const forms[] = {&csv, &pipe_form, &simulate_zeek,
                                                    &simulate_pcap};
enum { NFORMS = sizeof forms / sizeof *forms };

/* Fraction digits that show a tick exactly. */
static int decimals_of(int64_t tick_ns)
{
    int decimals = 0;
    for (int64_t unit = NS_PER_S; decimals < 9 && tick_ns % unit != 0; unit /= 10)
        decimals++;
    return decimals;
}

/* Nothing is left where the form has no room for the world. */
static int write_rows(const char *path, const struct simulate_form *form, struct simulation *s,
                      const struct sim_row *rows, size_t n, struct err *err)
{
    if (output_open(&s->out, path, err) < 0)
        return ERR_IO;
    int rc = form->head(s, err);
    if (rc < 0) {
        output_drop(&s->out);
        return rc;
    }
    for (size_t i = 0; i < n && !output_failed(&s->out); i++)
        form->row(s, &rows[i]);
    form->end(s);
    return output_close(&s->out, err);
}

static int simulate_file(const char *scenario, const struct simulate_form *form,
                         const struct values *v, struct err *err)
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
    struct simulation out = {
        .world = &s.world, .decimals = decimals_of(s.world.tick_ns), .truth = v->truth};
    if (rc == 0 && (rc = write_rows(v->output, form, &out, rows, n, err)) == ERR_USAGE)
        err_context(err, "%s: --format %s", scenario, form->name);
    simulate_wire_free(out.wire);
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
    while (f < NFORMS && strcmp(forms[f]->name, v.format) != 0)
        f++;
    if (f == NFORMS)
        return opts_exit(opts_usage(
            &cmd_simulate, "--format: expected csv, pipe, zeek or pcap, found '%s'", v.format));
    if (v.truth && !forms[f]->truth)
        return opts_exit(opts_usage(&cmd_simulate,
                                    "--truth: expected a form with room for it (csv), found %s",
                                    v.format));
    struct err err;
    return simulate_file(argv[first], forms[f], &v, &err) < 0 ? opts_fail(&err) : 0;
}

static const struct opt options[] = {
    {"o", OPT_TEXT, "FILE", NULL, offsetof(struct values, output),
     "where to write; - is stdout"},
    {"format", OPT_TEXT, "F", "csv", offsetof(struct values, format),
     "csv, pipe (time|name|client, the form of the 2016 logs), zeek or pcap"},
    {"seed", OPT_COUNT, "N", NULL, offsetof(struct values, seed), "instead of the scenario's"},
    {"threads", OPT_COUNT, "N", "0", offsetof(struct values, threads),
     "as of other commands; a world is drawn and written on one thread, whatever N"},
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
        "Nothing in a row or packet tells that it is simulated (a comment of zeek does): say "
        "so\n"
        "in the file's name.\n",
    .opts = options,
    .run = run,
};
