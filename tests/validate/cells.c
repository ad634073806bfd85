/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validate/cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LINE = 1024 };

static void keep(struct cells *t, struct row row)
{
    row.hit = row.figure >= row.lo && row.figure <= row.hi;
    t->misses += !row.hit;
    MEM_GROW(t->rows, t->n, t->cap);
    t->rows[t->n++] = row;
}

static void free_row(struct row *r)
{
    free(r->experiment);
    free(r->cell);
    free(r->note);
}

void cells_add(struct cells *t, struct row row)
{
    if (cells_has(t, row.experiment, row.cell)) { /* a run broke off inside its plan */
        free_row(&row);
        return;
    }
    keep(t, row);
    const struct row *r = &t->rows[t->n - 1];
    printf("%-4s %-4s %-58s %-9.4g [%.4g, %.4g] R=%u m=%u%s\n", r->hit ? "ok" : "MISS",
           r->experiment, r->cell, r->figure, r->lo, r->hi, r->R, r->m, r->note);
    fflush(stdout);
    if (t->state) {
        fprintf(t->state, "cell\t%s\t%s\t%.17g\t%.17g\t%.17g\t%u\t%u\t%llu\t%s\n",
                r->experiment, r->cell, r->figure, r->lo, r->hi, r->R, r->m,
                (unsigned long long)r->seed, r->note);
        fflush(t->state);
    }
}

const struct row *cells_find(const struct cells *t, const char *experiment, const char *cell)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->rows[i].experiment, experiment) == 0 &&
            strcmp(t->rows[i].cell, cell) == 0)
            return &t->rows[i];
    return NULL;
}

bool cells_has(const struct cells *t, const char *experiment, const char *cell)
{
    return cells_find(t, experiment, cell) != NULL;
}

static void remember(struct cells *t, const char *experiment)
{
    MEM_GROW(t->done, t->ndone, t->done_cap);
    t->done[t->ndone++] = mem_format("%s", experiment);
}

void cells_done(struct cells *t, const char *experiment)
{
    remember(t, experiment);
    if (t->state) {
        fprintf(t->state, "done\t%s\n", experiment);
        fflush(t->state);
    }
}

bool cells_is_done(const struct cells *t, const char *experiment)
{
    for (size_t i = 0; i < t->ndone; i++)
        if (strcmp(t->done[i], experiment) == 0)
            return true;
    return false;
}

/* Cut at tabs; the last field takes the rest. Returns how many fields there are. */
static size_t cut(char *line, char **field, size_t n)
{
    size_t k = 0;
    line[strcspn(line, "\n")] = '\0';
    for (field[k++] = line; k < n && (line = strchr(line, '\t')); field[k++] = line)
        *line++ = '\0';
    return k;
}

static bool read_line(struct cells *t, char *line)
{
    char *f[10];
    size_t n = cut(line, f, 10);
    if (n == 2 && strcmp(f[0], "done") == 0) {
        remember(t, f[1]);
        return true;
    }
    if (n != 10 || strcmp(f[0], "cell") != 0)
        return false;
    keep(t, (struct row){.experiment = mem_format("%s", f[1]),
                         .cell = mem_format("%s", f[2]),
                         .note = mem_format("%s", f[9]),
                         .figure = strtod(f[3], NULL),
                         .lo = strtod(f[4], NULL),
                         .hi = strtod(f[5], NULL),
                         .R = (uint32_t)strtoul(f[6], NULL, 10),
                         .m = (uint32_t)strtoul(f[7], NULL, 10),
                         .seed = strtoull(f[8], NULL, 10)});
    return true;
}

int cells_resume(struct cells *t, const char *path, const char *run)
{
    char line[LINE];
    FILE *f = fopen(path, "r");
    bool old = f && fgets(line, sizeof line, f);
    if (old) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, run) != 0) {
            fprintf(stderr, "%s:1: expected the run '%s', found '%s'\n", path, run, line);
            fclose(f);
            return -1;
        }
    }
    for (size_t at = 2; old && fgets(line, sizeof line, f); at++)
        if (!strchr(line, '\n') || !read_line(t, line)) {
            fprintf(stderr, "%s:%zu: expected a whole cell, found '%s'\n", path, at, line);
            fclose(f);
            return -1;
        }
    if (f)
        fclose(f);
    t->state = fopen(path, "a");
    if (!t->state) {
        perror(path);
        return -1;
    }
    if (!old)
        fprintf(t->state, "%s\n", run);
    return 0;
}

void cells_write(const struct cells *t, FILE *f)
{
    fputs("\nA band is the claim widened by three standard errors at R. A cell outside its "
          "band is run once\nmore with another seed and 4 R replicates. Foils are methods "
          "that must fail. R is the number of\nsimulated series, m that of surrogates "
          "within each (0: none).\n\n"
          "| experiment | cell | figure | band | verdict | R | m | seed |\n"
          "|---|---|---|---|---|---|---|---|\n",
          f);
    for (size_t i = 0; i < t->n; i++) {
        const struct row *r = &t->rows[i];
        fprintf(f, "| %s | %s | %.4g | %.4g to %.4g | %s%s | %u | %u | %llu |\n", r->experiment,
                r->cell, r->figure, r->lo, r->hi, r->hit ? "in band" : "**miss**", r->note,
                r->R, r->m, (unsigned long long)r->seed);
    }
}

void cells_free(struct cells *t)
{
    for (size_t i = 0; i < t->n; i++)
        free_row(&t->rows[i]);
    for (size_t i = 0; i < t->ndone; i++)
        free(t->done[i]);
    free(t->rows);
    free(t->done);
    if (t->state)
        fclose(t->state);
    *t = (struct cells){0};
}
