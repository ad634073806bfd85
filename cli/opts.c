/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/opts.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

enum { OPTIONS_MAX = 64, THREADS_MAX = 1024 };

void opts_help(const struct command *c)
{
    printf("usage: dnsclaim %s%s %s\n\n%s.\n", c->name, c->opts[0].name ? " [options]" : "",
           c->operands, c->help);
    if (c->text)
        printf("\n%s", c->text);
    if (c->opts[0].name)
        printf("\noptions:\n");
    for (const struct opt *o = c->opts; o->name; o++) {
        char left[64];
        const char *dash = o->name[1] ? "--" : "-";
        snprintf(left, sizeof left, "%s%s%s%s", dash, o->name, o->metavar ? " " : "",
                 o->metavar ? o->metavar : "");
        printf("  %-24s %s", left, o->help);
        if (o->fallback)
            printf(" (default %s)", o->fallback);
        printf("\n");
    }
    printf("  %-24s %s\n", "--help", "this text");
}

int opts_exit(int rc)
{
    return rc == OPTS_HELP ? 0 : 2;
}

int opts_fail(const struct err *err)
{
    fprintf(stderr, "dnsclaim: %s\n", err->msg);
    return err->code == ERR_USAGE ? 2 : 1;
}

int opts_usage(const struct command *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "dnsclaim %s: ", c->name);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\ntry 'dnsclaim %s --help'\n", c->name);
    va_end(args);
    return OPTS_USAGE;
}

/* 4096, 512K, 64M, 2G, 1T: powers of 1024, small letters too; 1 or more. */
static int read_bytes(struct span s, int64_t *ret)
{
    static const char prefixes[] = "KMGT";
    const char *unit = s.n ? strchr(prefixes, toupper((unsigned char)s.p[s.n - 1])) : NULL;
    unit = unit && *unit ? unit : NULL;
    int64_t n;
    if (text_i64(span_make(s.p, s.n - (unit != NULL)), &n) < 0 || n < 1)
        return ERR_MALFORMED;
    for (const char *u = prefixes; unit && u <= unit; u++)
        if (__builtin_mul_overflow(n, 1024, &n))
            return ERR_MALFORMED;
    *ret = n;
    return 0;
}

/* Is it one of "this|that"? */
static bool listed(const char *text, const char *words)
{
    size_t n = strlen(text);
    for (const char *w = words; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL)
        if (n == strcspn(w, "|") && strncmp(w, text, n) == 0)
            return true;
    return false;
}

static int set(const struct command *c, const struct opt *o, void *values, const char *text)
{
    void *at = (char *)values + o->offset;
    struct span s = text ? span_of(text) : span_make(NULL, 0);
    int rc = 0;
    const char *wanted = "";
    switch (o->type) {
    case OPT_FLAG:
        *(bool *)at = true;
        break;
    case OPT_TEXT:
        *(const char **)at = text;
        break;
    case OPT_CHOICE:
        *(const char **)at = text;
        rc = text && listed(text, o->metavar) ? 0 : ERR_MALFORMED;
        wanted = o->metavar;
        break;
    case OPT_LIST: {
        struct opt_list *list = at;
        MEM_GROW(list->v, list->n, list->cap);
        list->v[list->n++] = text;
        break;
    }
    case OPT_COUNT:
        rc = text_i64(s, at);
        if (rc == 0 && *(int64_t *)at < 0)
            rc = ERR_MALFORMED;
        wanted = "a whole number, 0 or more";
        if (rc == 0 && strcmp(o->name, "threads") == 0 && *(int64_t *)at > THREADS_MAX) {
            rc = ERR_LIMIT;
            wanted = "at most 1024 threads";
        }
        break;
    case OPT_REAL:
        rc = text_real(s, at);
        wanted = "a number";
        break;
    case OPT_DURATION:
        rc = text_duration(s, at);
        wanted = "a duration such as 90s, 10ms, 1h or 2d";
        break;
    case OPT_BYTES:
        rc = read_bytes(s, at);
        wanted = "a number of bytes such as 500M or 4G";
        break;
    }
    if (rc < 0)
        return opts_usage(c, "--%s: expected %s, found '%s'", o->name, wanted, text);
    return 0;
}

int opts_read(const struct command *c, void *values, int argc, char **argv)
{
    struct option longs[OPTIONS_MAX] = {{"help", no_argument, NULL, 'h'}};
    char shorts[2 * OPTIONS_MAX] = "h";
    int n = 1;
    for (const struct opt *o = c->opts; o->name; o++) {
        if (o->fallback && set(c, o, values, o->fallback) < 0)
            return OPTS_USAGE;
        int has = o->type == OPT_FLAG ? no_argument : required_argument;
        if (o->name[1] == '\0')
            strcat(strcat(shorts, o->name), has ? ":" : "");
        longs[n++] = (struct option){o->name, has, NULL, 256 + (int)(o - c->opts)};
    }
    optind = 0; /* GNU: start afresh */
    opterr = 0;
    for (int got; (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (got == 'h') {
            opts_help(c);
            return OPTS_HELP;
        }
        if (got == '?')
            return opts_usage(c, "unknown option or missing value: %s", argv[optind - 1]);
        const struct opt *o = c->opts;
        if (got >= 256)
            o += got - 256;
        else
            while (!(o->name[0] == got && o->name[1] == '\0'))
                o++;
        if (set(c, o, values, optarg) < 0)
            return OPTS_USAGE;
    }
    return optind;
}
