/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/holidays.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

/* yyyy-mm-dd,name */
static int read_row(struct holidays *h, size_t *cap, const char *line)
{
    int64_t t;
    bool zone;
    const char *comma = strchr(line, ',');
    if (!comma || comma[1] == '\0' || comma - line != 10 ||
        text_time(span_make(line, 10), &t, &zone) < 0)
        return -1;
    int64_t day = t / (86400 * NS_PER_S);
    if (h->n && day <= h->day[h->n - 1])
        return -1;
    MEM_GROW(h->day, h->n, *cap);
    h->day[h->n++] = day;
    return 0;
}

static void read_comment(struct holidays *h, const char *line)
{
    const char *mark = strchr(line, '[');
    line += 1 + strspn(line + 1, " ");
    char *joined = mem_format("%s%s%s", h->source ? h->source : "", h->source ? " " : "", line);
    free(h->source);
    h->source = joined;
    if (mark && strchr("SBC", mark[1]) && mark[1] && mark[2] == ']')
        h->grade = mark[1];
}

const char *holidays_grade(const struct holidays *h)
{
    return h->grade == 'S'   ? "read [S]"
           : h->grade == 'C' ? "computed [C]"
           : h->grade == 'B' ? "unverified [B]"
                             : "no grade stated";
}

static int read_lines(struct holidays *h, FILE *f, const char *path, struct err *err)
{
    char line[256];
    bool header = false;
    size_t cap = 0, number = 0;
    while (fgets(line, sizeof line, f)) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '#')
            read_comment(h, line);
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (!header && strcmp(line, "date,name") == 0)
            header = true;
        else if (!header || read_row(h, &cap, line) < 0)
            return err_set(
                err, ERR_MALFORMED, "%s line %zu: expected %s, found '%s'", path, number,
                header ? "a later date and its name, such as 2016-07-04,Independence Day"
                       : "the header date,name",
                line);
    }
    return h->n ? 0 : err_set(err, ERR_MALFORMED, "%s: expected holidays, found none", path);
}

int holidays_read(struct holidays *ret, const char *path, struct err *err)
{
    struct holidays h = {0};
    FILE *f = fopen(path, "r");
    if (!f)
        return err_set_errno(err, "%s", path);
    int rc = read_lines(&h, f, path, err);
    fclose(f);
    rc = rc < 0 ? rc : digest_file(path, h.sha256, err);
    if (rc < 0)
        holidays_free(&h);
    else
        *ret = h;
    return rc;
}

/* The folder of lists by country, here or where the program is installed. */
static char *folder_of_lists(void)
{
    static const char here[] = "studies/holidays";
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (access(here, R_OK) == 0 || n <= 0)
        return mem_format("%s", here);
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    return mem_format("%s/../share/dnsclaim/%s", self, here);
}

/* Which countries there are, for one that there is not: no path that nobody gave. */
static int no_country(const char *folder, const char *name, struct err *err)
{
    char known[200] = "";
    size_t used = 0;
    char *pattern = mem_format("%s/??.csv", folder);
    glob_t found = {0};
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && used + 8 < sizeof known; i++)
            used += (size_t)snprintf(known + used, sizeof known - used, "%.2s, ",
                                     strrchr(found.gl_pathv[i], '/') + 1);
    globfree(&found);
    free(pattern);
    return err_set(err, ERR_USAGE, "holidays: expected %sthe path of a list, found '%s'",
                   used ? strcat(known, "or ") : "", name);
}

int holidays_open(struct holidays *ret, const char *name, struct err *err)
{
    if (strlen(name) != 2)
        return holidays_read(ret, name, err);
    char *folder = folder_of_lists(), *path = mem_format("%s/%s.csv", folder, name);
    int rc =
        access(path, F_OK) == 0 ? holidays_read(ret, path, err) : no_country(folder, name, err);
    free(path);
    free(folder);
    return rc;
}

void holidays_free(struct holidays *h)
{
    free(h->day);
    free(h->source);
    *h = (struct holidays){0};
}

bool holidays_on(const struct holidays *h, int64_t day)
{
    size_t low = 0, high = h->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (h->day[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < h->n && h->day[low] == day;
}

static int64_t year_of(int64_t day)
{
    int64_t year;
    int month, date;
    text_civil(day, &year, &month, &date);
    return year;
}

bool holidays_cover(const struct holidays *h, int64_t from_day, int64_t to_day)
{
    for (int64_t year = year_of(from_day); year <= year_of(to_day); year++) {
        bool known = false;
        for (size_t i = 0; i < h->n && !known; i++)
            known = year_of(h->day[i]) == year;
        if (!known)
            return false;
    }
    return true;
}
