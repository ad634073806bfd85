/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dnsclaim completion - words for bash, from the command and option tables. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

static const struct opt options[] = {OPT_END};

static void words(const struct command *c)
{
    printf("    %s) words='--help", c->name);
    for (const struct opt *o = c->opts; o->name; o++)
        printf(" %s%s", o->name[1] ? "--" : "-", o->name);
    printf("' ;;\n");
}

/* Operands that are words of the program's, "formats|models"; anything else is a file. */
static void operands(const struct command *c)
{
    if (!strchr(c->operands, '|'))
        return;
    printf("    %s) words='", c->name);
    for (const char *o = c->operands; *o; o++)
        putchar(*o == '|' ? ' ' : *o);
    printf("' ;;\n");
}

static void script(void)
{
    printf("# bash completion of dnsclaim %s, made by 'dnsclaim completion'\n"
           "_dnsclaim() {\n"
           "  local current=${COMP_WORDS[COMP_CWORD]} words=\n"
           "  COMPREPLY=()\n"
           "  if [ \"$COMP_CWORD\" = 1 ]; then\n    words='--help --version",
           DNSCLAIM_VERSION);
    for (size_t i = 0; commands[i]; i++)
        printf(" %s", commands[i]->name);
    printf("'\n  else\n    case $current in -*) case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; commands[i]; i++)
        words(commands[i]);
    printf("    esac ;; *) case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; commands[i]; i++)
        operands(commands[i]);
    printf("    esac ;; esac\n"
           "  fi\n"
           "  [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
           "\"$current\")\n"
           "}\ncomplete -o default -o bashdefault -F _dnsclaim dnsclaim\n");
}

static int run(int argc, char **argv)
{
    int none = 0;
    int first = opts_read(&cmd_completion, &none, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (first != argc)
        return opts_exit(
            opts_usage(&cmd_completion, "expected no operand, found '%s'", argv[first]));
    script();
    return 0;
}

const struct command cmd_completion = {
    .group = "inspect",
    .name = "completion",
    .operands = "",
    .help = "print the completion of commands and options for bash",
    .text = "Load it with: source <(dnsclaim completion)\n",
    .opts = options,
    .run = run,
};
