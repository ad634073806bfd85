/* SPDX-License-Identifier: GPL-3.0-or-later
 * THE COMMAND TABLE and dispatch. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "cli/commands.h"

const struct command *const commands[] = {
    &cmd_ingest, &cmd_info,   &cmd_export,   &cmd_check,   &cmd_scan,       &cmd_explain,
    &cmd_study,  &cmd_test,   &cmd_power,    &cmd_figures, &cmd_odds,       &cmd_combine,
    &cmd_report, &cmd_verify, &cmd_simulate, &cmd_list,    &cmd_completion, NULL,
};

static void usage(FILE *out)
{
    fprintf(out,
            "dnsclaim %s - tests claims made from DNS look-ups against innocent "
            "explanations\n\nusage: dnsclaim COMMAND [options] ...\n",
            DNSCLAIM_VERSION);
    const char *group = "";
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(group, commands[i]->group) != 0)
            fprintf(out, "\n%s\n", group = commands[i]->group);
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->help);
    }
    fprintf(out, "\n'dnsclaim COMMAND --help' tells its options; 'man dnsclaim' the rest.\n"
                 "Exit code: 0 done, 1 could not, 2 wrong use. Findings never change it.\n");
}

/* What stdout could not take was not said: no success. */
static int told(int exit_code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    if (exit_code == 0)
        fprintf(stderr, "dnsclaim: stdout: cannot be written: %s\n", strerror(errno));
    return exit_code ? exit_code : 1;
}

int main(int argc, char **argv)
{
    gsl_set_error_handler_off(); /* GSL's codes are checked in stats/ */
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("dnsclaim %s\n", DNSCLAIM_VERSION);
        return told(0);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return told(0);
    }
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return told(commands[i]->run(argc - 1, argv + 1));
    fprintf(stderr, "dnsclaim: unknown command '%s'; one of:", argv[1]);
    for (size_t i = 0; commands[i]; i++)
        fprintf(stderr, " %s", commands[i]->name);
    fprintf(stderr, "\n");
    return 2;
}
