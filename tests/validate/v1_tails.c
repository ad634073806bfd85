/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V1. Log tails against a table of plain sums in 50 digits. The table is made
 * anew, with as many cases as there is time for, where Python has mpmath; else
 * the 300 cases of the tree are used, and the row's R says so. Foil: GSL's tails,
 * which are 0 on most of the pilot cases. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/tails.h"
#include "tests/validate/validate.h"

static const char committed[] = "tests/data/tails.tsv";
enum { COMMITTED = 300, ALL = 10000 };

struct found {
    uint32_t counts, continuous;
    double count_error, continuous_error, lowest;
    int gsl_zeros;
};

static void compare(FILE *table, struct found *ret)
{
    struct tail_row r;
    for (int row = 0; tails_next(table, &r); row++) {
        double error = tails_error(tails_value(&r), &r);
        ret->lowest = fmin(ret->lowest, r.ln);
        if (row < TAILS_PILOT)
            ret->gsl_zeros += tails_gsl_upper(&r) == 0;
        if (r.count) {
            ret->counts++;
            ret->count_error = fmax(ret->count_error, error);
        } else {
            ret->continuous++;
            ret->continuous_error = fmax(ret->continuous_error, error);
        }
    }
}

/* A new table in a temporary file; NULL when no Python here has mpmath. */
static FILE *make_table(uint32_t cases)
{
    char path[] = "/tmp/tails-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    char *command = mem_format("for python in python3 /usr/bin/python3; do "
                               "$python -c 'import mpmath' 2>/dev/null && "
                               "exec $python tests/data/make_tails.py %u 2 >%s; done; false",
                               cases, path);
    FILE *table = system(command) == 0 ? tails_open(path) : NULL;
    free(command);
    close(fd);
    unlink(path);
    return table;
}

void v1_tails(struct validation *v)
{
    struct found f = {0};
    uint32_t cases = validate_pick(v, COMMITTED, ALL);
    FILE *table = cases > COMMITTED ? make_table(cases) : NULL;
    const char *source = table ? "new table" : "committed table";
    if (!table)
        table = tails_open(committed);
    if (table) {
        compare(table, &f);
        fclose(table);
    }
    char *counts =
        mem_format("counts, worst error of ln p (%s, down to %.0f)", source, f.lowest);
    char *rest = mem_format("normal, chi-squared, F, worst error of ln p (%s)", source);
    bool any = f.counts >= COMMITTED;
    validate_cell(v, "V1", counts, any ? f.count_error : INFINITY, 0, 1e-12, f.counts, 0);
    validate_cell(v, "V1", rest, any ? f.continuous_error : INFINITY, 0, 1e-10, f.continuous,
                  0);
    validate_cell(v, "V1", "foil: GSL's tail is 0 in so many of 23", f.gsl_zeros, 10,
                  TAILS_PILOT, TAILS_PILOT, 0);
    free(counts);
    free(rest);
}
