/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * commands - every subcommand, one file each (cli/cmd_*.c), and what they share.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/opts.h"
#include "models/watch.h"

extern const struct command *const commands[]; /* in cli/main.c; NULL ends it */

extern const struct command cmd_ingest, cmd_completion, cmd_info, cmd_export, cmd_scan,
    cmd_explain, cmd_odds, cmd_test, cmd_simulate, cmd_report, cmd_list, cmd_combine, cmd_check,
    cmd_verify, cmd_figures, cmd_power, cmd_study;

/* Progress to stderr, in a form of PROGRESS_FORMS. terminal: where it is one, "what: done of
 * total, rate, time left", or "what: stage, share, time left" where there are stages. json: a
 * JSON object a line and second, for schedulers. progress_end is called at the end. */
#define PROGRESS_FORMS "terminal|json|none"
#define PROGRESS_HELP "progress on stderr: a line where it is a terminal, JSON lines, or none"
struct progress {
    const char *what, *unit;
    char stage[96]; /* "": there is but one */
    bool on, json;
    double started, shown;
};
void progress_start(struct progress *p, const char *what, const char *unit, const char *form);
/* The form that three options ask for together: none, json, or what --progress says. */
const char *progress_form(bool quiet, bool json, const char *asked);
void progress_show(struct progress *p, double done, double total); /* total 0: unknown */
/* A stage begins, at a share of the whole: told at once. */
void progress_stage(struct progress *p, const char *stage, double share);
/* The `tell` of a struct watch whose ctx is a progress: "claim, stage: null". */
void progress_watch(void *progress, enum stage stage, const struct study_claim *claim,
                    const char *null, double share);
void progress_end(struct progress *p);

#endif
