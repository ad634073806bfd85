/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * opts - one option table a command: parsing, --help, and the check of the man
 * page all come from it.
 *
 *     static const struct opt options[] = {
 *         {"tick", OPT_DURATION, "D", "1s", offsetof(struct values, tick), "time resolution"},
 *         OPT_END};
 *     struct values v;
 *     int first = opts_read(&command, &v, argc, argv);
 *     if (first < 0) return opts_exit(first);
 */
#ifndef CLI_OPTS_H
#define CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_type {
    OPT_FLAG,     /* bool: given or not */
    OPT_TEXT,     /* const char *: NULL if not given and without fallback */
    OPT_CHOICE,   /* the same, one of the words that the metavar lists: "this|that" */
    OPT_LIST,     /* struct opt_list: may be given several times */
    OPT_COUNT,    /* int64_t >= 0 */
    OPT_REAL,     /* double */
    OPT_DURATION, /* int64_t nanoseconds */
    OPT_BYTES,    /* int64_t, 1 or more; 0 if not given */
};

struct opt {
    const char *name; /* long name; "o" and "q" get a single dash as well */
    enum opt_type type;
    const char *metavar, *fallback; /* NULL: none */
    size_t offset;                  /* of the value in the command's struct */
    const char *help;
};
#define OPT_END                                                                                \
    {                                                                                          \
        0                                                                                      \
    }

struct opt_list {
    const char **v;
    size_t n, cap;
};

struct command {
    const char *group, *name, *operands, *help;
    const char *text; /* what --help says below the usage line */
    const struct opt *opts;
    int (*run)(int argc, char **argv); /* exit code; argv[0] is the command's name */
};

enum { OPTS_USAGE = -2, OPTS_HELP = -1 };

/* Fill `ret_values` (the command's struct) and move operands to the end of argv;
 * returns the index of the first operand, or OPTS_HELP / OPTS_USAGE after
 * printing. */
int opts_read(const struct command *c, void *ret_values, int argc, char **argv);
int opts_exit(int rc); /* exit code of a negative opts_read */

void opts_help(const struct command *c);

/* Print "dnsclaim: message" to stderr and return the exit code: 2 for usage and
 * study errors, else 1. */
struct err;
int opts_fail(const struct err *err);
int opts_usage(const struct command *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
