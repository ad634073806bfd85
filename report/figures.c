/* SPDX-License-Identifier: GPL-3.0-or-later
 * One data file and one script a plot. Text reaches gnuplot only inside single
 * quotes, where neither back-ticks nor macros nor markup are read. */
#include "report/figures.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "report/escape.h"
#include "report/output.h"
#include "report/value.h"

static const char style_gp[] =
    "# Look of every figure; change it and run `dnsclaim report DIR` again.\n"
    "set terminal svg size 720,340 font 'Helvetica,Arial,sans-serif,13' noenhanced dashlength "
    "0.6\n"
    "pdf = \"pdfcairo size 7.5in,3.5in font 'Helvetica,12' noenhanced\"\n"
    "set encoding utf8\n"
    "set border 3 linecolor rgb '#555555' linewidth 0.8\n"
    "set tics nomirror out scale 0.6 textcolor rgb '#333333'\n"
    "set grid ytics linetype 1 linecolor rgb '#dddddd' linewidth 0.7\n"
    "set key outside above left horizontal Left reverse noenhanced samplen 1.8 width 2\n"
    "set style fill solid 0.85 noborder\n"
    "set lmargin 10\nset rmargin 3\n"
    "# Few look-ups are pale, many are dark.\n"
    "set palette defined (0 '#5b9bc8', 1 '#2a6da3', 2 '#0b2d4a')\n"
    "# Okabe and Ito's colours, darker: told apart by colour-blind readers and in grey, and "
    "three\n"
    "# times as dark as the page (WCAG 1.4.11); a band has an edge that is.\n"
    "set style line 1 linecolor rgb '#3d83b8' linewidth 1                  # bars\n"
    "set style line 2 linecolor rgb '#c04a00' linewidth 2                  # line\n"
    "set style line 3 linecolor rgb '#c04a00' linewidth 1.6                # steps\n"
    "set style line 4 linecolor rgb '#3d83b8' pointtype 7 pointsize 0.5    # points\n"
    "set style line 5 linecolor rgb '#808080' linewidth 1.4                # band, ranges\n"
    "set style line 6 linecolor rgb '#a3195b' linewidth 1.8 dashtype 2     # vline\n"
    "# A second series of the same kind.\n"
    "set style line 11 linecolor rgb '#858b91' linewidth 1\n"
    "set style line 12 linecolor rgb '#00785a' linewidth 2\n"
    "set style line 13 linecolor rgb '#00785a' linewidth 1.6\n"
    "set style line 14 linecolor rgb '#c04a00' pointtype 5 pointsize 0.7\n"
    "set style line 15 linecolor rgb '#8a5a00' linewidth 1.4\n"
    "set style line 16 linecolor rgb '#00785a' linewidth 1.8 dashtype 3\n"
    "# A third and every further one.\n"
    "do for [k = 1:6] {\n"
    "  set style line 20 + k linecolor rgb '#6a3d9a' linewidth 1.8\n"
    "  set style line 30 + k linecolor rgb '#7a6000' linewidth 1.8\n"
    "  set style line 40 + k linecolor rgb '#444444' linewidth 1.8 dashtype 3\n}\n"
    "set style line 24 linecolor rgb '#6a3d9a' pointtype 9 pointsize 0.7\n";

/* Styles in the order in which they are drawn: later ones lie on top. Line style
 * `line` is the first series' of its kind. A vline's and a span's own are arrows and boxes. */
static const struct style {
    const char *name, *with, *fill;
    int line, columns;
} styles[] = {
    {"band", "filledcurves", " fillstyle transparent solid 0.3 noborder", 5, 3},
    {"cells", "boxxyerror", " palette fillstyle solid 1 noborder", 1, 3},
    {"ranges", "vectors nohead", "", 5, 3},
    {"bars", "boxes", " fillstyle solid 1 noborder", 1, 2},
    {"line", "lines", "", 2, 2},
    {"steps", "steps", "", 3, 2},
    {"points", "points", "", 4, 2},
    {"vline", "lines", "", 6, 0},
    {"spans", "filledcurves", " fillstyle solid 0.3 noborder", 5, 0},
};
enum { NSTYLES = sizeof styles / sizeof *styles, WIDE = 40, FEW = 60 };

/* A file of the folder, written by `put`. */
static int write_to(const char *folder, const char *name, const char *end,
                    void (*put)(FILE *out, const json_t *plot, const char *name),
                    const json_t *plot, struct err *err)
{
    char *path = mem_format("%s/%s%s", folder, name, end);
    struct output out;
    int rc = output_open(&out, path, err);
    if (rc == 0) {
        put(out.f, plot, name);
        rc = output_close(&out, err);
    }
    free(path);
    return rc;
}

/* Letters, digits, - and _ only, so that no id is a path or an option. */
static char *file_name(const char *of, const char *id, const char *plot_id)
{
    char *name = mem_format("%s-%.64s%s%.64s", of, id, *id ? "-" : "", plot_id);
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            *c = '_';
    return name;
}

static void put_number(FILE *out, const json_t *v)
{
    if (json_is_number(v))
        fprintf(out, "\t%.17g", json_number_value(v));
    else
        fprintf(out, "\tNaN");
}

/* Blocks that gnuplot calls index 0, 1, ...: one a series. */
static void write_data(FILE *out, const json_t *plot, const char *name_of_file)
{
    (void)name_of_file;
    size_t i;
    const json_t *s;
    json_array_foreach(value_list(plot, "series"), i, s)
    {
        const json_t *x = value_list(s, "x"), *y = value_list(s, "y"),
                     *y2 = value_list(s, "y2");
        char *name = escape_plain(value_text(s, "name"));
        fprintf(out, "%s# %s\n# x\ty%s\n", i ? "\n\n" : "", name, y2 ? "\ty2" : "");
        free(name);
        for (size_t k = 0; k < json_array_size(x); k++) {
            fprintf(out, "%.17g", json_number_value(json_array_get(x, k)));
            put_number(out, json_array_get(y, k));
            if (y2)
                put_number(out, json_array_get(y2, k));
            fputc('\n', out);
        }
    }
}

/* What the axes must hold. */
struct extent {
    double x_lo, x_hi, step; /* step: smallest distance of two bars */
    double y_lo, y_hi;       /* where positive: of a logarithmic axis */
    double most;             /* of a cell */
    size_t bars;             /* series of them, side by side */
    bool negative, cells;
};

static void measure_y(struct extent *e, const json_t *list)
{
    size_t k;
    const json_t *v;
    json_array_foreach(list, k, v)
    {
        double y = json_is_number(v) ? json_number_value(v) : 0;
        e->negative |= y < 0;
        e->y_lo = y > 0 ? fmin(e->y_lo, y) : e->y_lo;
        e->y_hi = fmax(e->y_hi, y);
    }
}

static struct extent measure(const json_t *plot)
{
    struct extent e = {INFINITY, -INFINITY, INFINITY, INFINITY, 0, 0, 0, false, false};
    size_t i, k;
    const json_t *s, *v;
    json_array_foreach(value_list(plot, "series"), i, s)
    {
        bool bars = value_is(s, "style", "bars");
        e.bars += bars;
        e.cells |= value_is(s, "style", "cells");
        if (value_is(s, "style", "spans"))
            continue; /* part of the window that the others show */
        if (value_is(s, "style", "cells"))
            json_array_foreach(value_list(s, "y2"), k, v) e.most =
                fmax(e.most, json_number_value(v));
        double before = NAN;
        json_array_foreach(value_list(s, "x"), k, v)
        {
            double x = json_number_value(v);
            e.x_lo = fmin(e.x_lo, x);
            e.x_hi = fmax(e.x_hi, x);
            if (bars && x > before)
                e.step = fmin(e.step, x - before);
            before = x;
        }
        measure_y(&e, value_list(s, "y"));
        measure_y(&e, value_list(s, "y2"));
    }
    if (!isfinite(e.step))
        e.step = isfinite(e.x_lo) ? fmax(1e-9, (e.x_hi - e.x_lo) / 20) : 1;
    return e;
}

/* Less than three decades get their 1, 2, 5: gnuplot by itself may name a single one. */
static void write_log_axis(FILE *out, char axis, double lo, double hi)
{
    fprintf(out, "set logscale %c\n", axis);
    if (!(lo > 0) || !(hi > lo) || hi > 1000 * lo)
        return;
    const char *comma = "";
    fprintf(out, "set %ctics (", axis);
    for (double decade = pow(10, floor(log10(lo))); decade <= hi; decade *= 10)
        for (int k = 0; k < 3; k++) {
            double at = decade * (double[]){1, 2, 5}[k];
            if (at < lo / 2 || at > hi * 2)
                continue;
            fprintf(out, "%s%.3g", comma, at);
            comma = ", ";
        }
    fprintf(out, ")\n");
}

/* Axes whose ends the kind of picture knows. */
static void write_fixed_axes(FILE *out, const json_t *plot)
{
    if (value_is(plot, "type", "hours"))
        fprintf(out, "set xrange [0:24]\nset xtics 0,3,24\n");
    if (value_is(plot, "type", "power") || value_is(plot, "type", "tippett"))
        fprintf(out, "set yrange [0:1.02]\nset ytics 0,.2,1\n");
    if (value_is(plot, "type", "controls"))
        fprintf(out, "set xrange [0:1]\nset yrange [0:1.02]\n");
}

/* A long label stands on two lines, or it would leave the picture. */
static void write_label(FILE *out, const char *text)
{
    size_t n = strlen(text), at = n / 2;
    while (at > 0 && text[at] != ' ')
        at--;
    if (n <= WIDE || at == 0) {
        escape_gnuplot(out, text);
        return;
    }
    char *first = mem_copy(text, at);
    escape_gnuplot(out, first);
    fputs(".\"\\n\".", out);
    escape_gnuplot(out, text + at + 1);
    free(first);
}

static void write_axes(FILE *out, const json_t *plot, struct extent e)
{
    bool log_x = value_is(plot, "x_scale", "log"), log_y = value_is(plot, "y_scale", "log");
    if (value_is(plot, "x_scale", "time")) {
        bool days = e.x_hi - e.x_lo > 3 * 86400;
        fprintf(out, "set xdata time\nset timefmt '%%s'\nset format x \"%s\"\n",
                days ? "%d %b\\n%Y" : "%H:%M\\n%d %b");
    }
    if (log_x)
        write_log_axis(out, 'x', e.x_lo, e.x_hi);
    if (log_y)
        write_log_axis(out, 'y', e.y_lo, e.y_hi);
    double room = e.bars ? e.step / 2 : (e.x_hi - e.x_lo) / 50;
    if (e.x_lo < e.x_hi && log_x && e.x_lo > 0)
        fprintf(out, "set xrange [%.17g:%.17g]\n", e.x_lo / 1.1, e.x_hi * 1.1);
    else if (e.x_lo < e.x_hi)
        fprintf(out, "set xrange [%.17g:%.17g]\n", e.x_lo - room, e.x_hi + room);
    if (e.cells)
        fprintf(out,
                "set yrange [0:24]\nset ytics 0,6,24\nunset grid\nset cbrange [1:*]\n"
                "set cbtics %.0f\nset cblabel 'sessions' textcolor rgb '#333333'\n%s",
                fmax(1, ceil(e.most / 6)), e.most > 1 ? "" : "unset colorbox\n");
    else if (log_y && e.y_lo < e.y_hi)
        fprintf(out, "set yrange [%.17g:%.17g]\n", e.y_lo / 1.3, e.y_hi * 1.3);
    else if (!log_y)
        fprintf(out, "set yrange [%s:*]\n", e.negative ? "*" : "0");
    write_fixed_axes(out, plot);
    if (e.bars)
        fprintf(out, "set boxwidth %.17g absolute\n", 0.9 * e.step / (double)e.bars);
    fprintf(out, "set xlabel ");
    escape_gnuplot(out, value_text(plot, "x_label"));
    fprintf(out, " textcolor rgb '#333333'\nset ylabel ");
    write_label(out, value_text(plot, "y_label"));
    fprintf(out, " textcolor rgb '#333333'\n");
}

static void write_vlines(FILE *out, const json_t *series)
{
    size_t k;
    const json_t *v;
    json_array_foreach(value_list(series, "x"), k, v)
        fprintf(out,
                "set arrow from first %.17g, graph 0 to first %.17g, graph 1 nohead "
                "linestyle 6\n",
                json_number_value(v), json_number_value(v));
}

/* Grey from a silence's begin to its end, behind everything. */
static void write_spans(FILE *out, const json_t *series)
{
    size_t k;
    const json_t *v, *to = value_list(series, "y");
    json_array_foreach(value_list(series, "x"), k, v)
        fprintf(out,
                "set object rectangle from first %.17g, graph 0 to first %.17g, graph 1 behind "
                "fillcolor rgb '#dedede' fillstyle solid 1 border linecolor rgb '#808080'\n",
                json_number_value(v), json_number_value(json_array_get(to, k)));
}

/* Names under whole numbers, at a slant. */
static void write_ticks(FILE *out, const json_t *ticks)
{
    size_t i, n = json_array_size(ticks);
    const json_t *v;
    if (n == 0)
        return;
    fprintf(out, "set rmargin 12\nset xrange [0.5:%zu.5]\nset xtics rotate by -30 (", n);
    json_array_foreach(ticks, i, v)
    {
        const char *text = json_string_value(v);
        char *most = mem_copy(text ? text : "", text ? strnlen(text, 60) : 0);
        escape_gnuplot(out, most);
        fprintf(out, " %zu%s", i + 1, i + 1 < n ? ", " : ")\n");
        free(most);
    }
}

/* What a style reads of its block of the data file. */
static void write_columns(FILE *out, const struct style *k, const json_t *s, const char *name,
                          size_t block)
{
    if (k->columns == 0)
        fputs("NaN", out);
    else if (strcmp(k->name, "cells") == 0)
        fprintf(out, "'%s.tsv' index %zu using 1:2:(%.17g):(%.17g):3", name, block,
                value_real(s, "dx") / 2, value_real(s, "dy") / 2);
    else if (strcmp(k->name, "ranges") == 0)
        fprintf(out, "'%s.tsv' index %zu using 1:2:(0):($3-$2)", name, block);
    else
        fprintf(out, "'%s.tsv' index %zu using 1:2%s", name, block,
                k->columns == 3 ? ":3" : "");
}

/* Was a series of this name and style before? It then has its colour and its place in the key.
 */
static bool seen_before(const json_t *series, size_t at)
{
    const json_t *s = json_array_get(series, at);
    for (size_t i = 0; i < at; i++)
        if (value_is(json_array_get(series, i), "style", value_text(s, "style")) &&
            value_is(json_array_get(series, i), "name", value_text(s, "name")))
            return true;
    return false;
}

/* All series of one style: the first, second, ... distinct name has line style line, line + 10,
 * ... up to 40 + line. */
static void write_series(FILE *out, const struct style *k, const json_t *series,
                         const char *name, const char **before)
{
    int line = k->line;
    bool first = true;
    for (size_t i = 0; i < json_array_size(series); i++) {
        const json_t *s = json_array_get(series, i);
        if (!value_is(s, "style", k->name))
            continue;
        bool again = seen_before(series, i);
        line += !first && !again && line < 40 ? 10 : 0;
        first = false;
        fputs(*before, out);
        *before = ", \\\n     ";
        write_columns(out, k, s, name, i);
        fprintf(out, " with %s", k->with);
        if (!strstr(k->fill, "palette")) /* else the value gives the colour */
            fprintf(out, " linestyle %d", line);
        if (strcmp(k->name, "points") == 0 && json_array_size(value_list(s, "x")) <= FEW)
            fputs(" pointsize 0.9", out);
        fputs(k->fill, out);
        fputs(again ? " notitle" : " title ", out);
        if (!again)
            escape_gnuplot(out, value_text(s, "name"));
        for (int edge = 2; edge <= 3 && strcmp(k->name, "band") == 0; edge++)
            fprintf(out,
                    "%s'%s.tsv' index %zu using 1:%d with lines linestyle %d linewidth 0.5 "
                    "notitle",
                    *before, name, i, edge, line);
    }
}

static void write_script(FILE *out, const json_t *plot, const char *name)
{
    const json_t *series = value_list(plot, "series");
    fprintf(out, "load 'style.gp'\nset output '%s.svg'\nset datafile separator \"\\t\"\n",
            name);
    write_axes(out, plot, measure(plot));
    for (size_t i = 0; i < json_array_size(series); i++)
        if (value_is(json_array_get(series, i), "style", "vline"))
            write_vlines(out, json_array_get(series, i));
        else if (value_is(json_array_get(series, i), "style", "spans"))
            write_spans(out, json_array_get(series, i));
    write_ticks(out, value_list(plot, "x_ticks"));
    if (json_array_size(series) < 2)
        fprintf(out, "unset key\n");
    const char *before = "plot ";
    for (const struct style *k = styles; k < styles + NSTYLES; k++)
        write_series(out, k, series, name, &before);
    fprintf(out,
            "\nif (strstrt(GPVAL_TERMINALS, 'pdfcairo')) {\n    set terminal @pdf\n"
            "    set output '%s.pdf'\n    replot\n}\n",
            name);
}

/* The SVG element without what stands before it; NULL when there is none. */
static char *read_svg(const char *folder, const char *name)
{
    char *path = mem_format("%s/%s.svg", folder, name);
    FILE *in = fopen(path, "rb");
    free(path);
    if (!in)
        return NULL;
    char *text = NULL;
    size_t n = 0, got;
    do {
        text = mem_resize(text, n + 65537, 1);
        n += got = fread(text + n, 1, 65536, in);
    } while (got);
    text[n] = '\0';
    fclose(in);
    char *start = strstr(text, "<svg"), *end = strstr(text, "</svg>");
    char *svg = start && end ? mem_copy(start, (size_t)(end - start) + 6) : NULL;
    free(text);
    return svg;
}

/* Run gnuplot in `folder`; NULL, or why it could not (malloced). */
static char *run_gnuplot(const char *folder, const char *name)
{
    char *script = mem_format("%s.gp", name);
    char *path = mem_format("PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    char program[] = "gnuplot", defaults[] = "-d", locale[] = "LC_ALL=C", zone[] = "TZ=UTC";
    char *argv[] = {program, defaults, script, NULL}, *env[] = {path, locale, zone, NULL};
    posix_spawn_file_actions_t act;
    posix_spawn_file_actions_init(&act);
    posix_spawn_file_actions_addchdir_np(&act, folder);
    posix_spawn_file_actions_addopen(&act, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&act, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&act, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int status = 0, rc = posix_spawnp(&pid, program, &act, NULL, argv, env);
    posix_spawn_file_actions_destroy(&act);
    free(script);
    free(path);
    if (rc != 0)
        return mem_format("gnuplot: %s", strerror(rc));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status == 0 ? NULL : mem_format("gnuplot failed on figures/%s.gp", name);
}

/* The same figure is the same bytes: its PDF has no date, at equal length. */
static void undate(const char *folder, const char *name)
{
    static const char mark[] = "/CreationDate (D:", never[] = "19700101000000Z";
    char *path = mem_format("%s/%s.pdf", folder, name), line[512];
    FILE *f = fopen(path, "r+b");
    free(path);
    if (!f)
        return;
    for (long at = 0; fgets(line, sizeof line, f); at = ftell(f)) {
        const char *found = strstr(line, mark);
        if (!found)
            continue;
        fseek(f, at + (found - line) + (long)sizeof mark - 1, SEEK_SET);
        fputs(never, f);
        break;
    }
    fclose(f);
}

static int draw(struct figures *ret, const json_t *plot, char *name, const char *folder,
                struct err *err)
{
    MEM_GROW(ret->v, ret->n, ret->cap);
    struct figure *f = &ret->v[ret->n++];
    *f = (struct figure){plot, name, NULL};
    if (write_to(folder, name, ".tsv", write_data, plot, err) < 0 ||
        write_to(folder, name, ".gp", write_script, plot, err) < 0)
        return ERR_IO;
    static const char *const endings[] = {"svg", "pdf"};
    for (int i = 0; i < 2; i++) { /* an old figure must not pass for a new one */
        char *old = mem_format("%s/%s.%s", folder, name, endings[i]);
        unlink(old);
        free(old);
    }
    char *why = run_gnuplot(folder, name);
    f->svg = why ? NULL : read_svg(folder, name);
    undate(folder, name);
    if (!f->svg) {
        ret->missing++;
        if (!ret->why)
            ret->why =
                why ? mem_copy(why, strlen(why)) : mem_format("gnuplot drew no %s", name);
    }
    free(why);
    return 0;
}

static void put_style(FILE *out, const json_t *plot, const char *name)
{
    (void)plot;
    (void)name;
    fputs(style_gp, out);
}

static int write_style(const char *folder, struct err *err)
{
    char *path = mem_format("%s/style.gp", folder);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there ? 0 : write_to(folder, "style", ".gp", put_style, NULL, err);
}

/* The plots of a claim, or of the scan, which has no id. */
static int draw_all(struct figures *ret, const json_t *owner, const char *of,
                    const char *folder, struct err *err)
{
    size_t k;
    const json_t *plot;
    int rc = 0;
    json_array_foreach(value_list(owner, "plots"), k, plot) if (rc == 0) rc = draw(
        ret, plot, file_name(of, value_text(owner, "id"), value_text(plot, "id")), folder, err);
    return rc;
}

int figures_make(struct figures *ret, const json_t *results, const char *dir, struct err *err)
{
    char *folder = mem_format("%s/figures", dir);
    int rc = 0;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        rc = err_set_errno(err, "%s", folder);
    if (rc == 0)
        rc = write_style(folder, err);
    size_t i;
    const json_t *claim;
    if (rc == 0)
        rc = draw_all(ret, json_object_get(results, "scan"), "scan", folder, err);
    json_array_foreach(value_list(results, "claims"), i, claim)
    {
        char number[24];
        snprintf(number, sizeof number, "%zu", i + 1);
        if (rc == 0)
            rc = draw_all(ret, claim, number, folder, err);
    }
    free(folder);
    return rc;
}

const struct figure *figures_find(const struct figures *f, const json_t *plot)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].plot == plot)
            return &f->v[i];
    return NULL;
}

void figures_free(struct figures *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->v[i].name);
        free(f->v[i].svg);
    }
    free(f->v);
    free(f->why);
    *f = (struct figures){0};
}
