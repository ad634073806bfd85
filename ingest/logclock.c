/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/logclock.h"

#include <stdio.h>
#include <strings.h>

#include "base/text.h"
#include "ingest/stamp.h"

static const int64_t DAY_NS = INT64_C(86400) * NS_PER_S;

enum { LOCAL_MAX = 48 };

/* A time as it stands in the line. */
struct found {
    struct span text;
    int64_t ns; /* since 1970 by the log's own clock; of year 2000 if yearless */
    bool zone, yearless;
    int month, day;     /* of a yearless one */
    struct span of_day; /* HH:MM:SS[.fraction] of it */
};

static size_t count_of(struct span s, const char *set)
{
    size_t n = 0;
    while (n < s.n && s.p[n] && strchr(set, s.p[n]))
        n++;
    return n;
}

static struct span from(struct span s, size_t at)
{
    at = at < s.n ? at : s.n;
    return span_make(s.p + at, s.n - at);
}

static struct span first(struct span s, size_t n)
{
    return span_make(s.p, n < s.n ? n : s.n);
}

/* 1 to 12, or 0. */
static int month_of(struct span s)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int m = 0; m < 12 && s.n >= 3; m++)
        if (strncasecmp(names + 3 * m, s.p, 3) == 0)
            return m + 1;
    return 0;
}

/* "05:34:02.425" at the beginning of s, or nothing. */
static struct span time_of_day(struct span s)
{
    size_t n = count_of(s, "0123456789:.");
    return n >= 8 && s.p[2] == ':' && s.p[5] == ':' ? first(s, n) : first(s, 0);
}

static int local_time(int64_t year, int month, int day, struct span of_day, int64_t *ret_ns)
{
    char text[LOCAL_MAX];
    bool zone;
    int n = snprintf(text, sizeof text, "%04jd-%02d-%02dT%.*s", (intmax_t)year, month, day,
                     (int)of_day.n, of_day.p);
    if (n < 0 || n >= LOCAL_MAX)
        return ERR_MALFORMED;
    return text_time(span_make(text, (size_t)n), ret_ns, &zone);
}

/* ---- the four forms: true and *f, if s begins with one ------------------------------- */

static bool find_iso(struct span s, struct found *f)
{
    size_t n = count_of(s, "0123456789-:.,+TZ");
    if (n == 10 && n + 9 <= s.n && s.p[n] == ' ' && time_of_day(from(s, n + 1)).n)
        n += 1 + count_of(from(s, n + 1), "0123456789:.,+-Z");
    f->text = first(s, n);
    return n >= 19 && text_time(f->text, &f->ns, &f->zone) == 0;
}

static bool find_bind(struct span s, struct found *f)
{
    int64_t day, year;
    if (s.n < 20 || s.p[2] != '-' || s.p[6] != '-' || s.p[11] != ' ')
        return false;
    int month = month_of(from(s, 3));
    struct span of_day = time_of_day(from(s, 12));
    f->text = first(s, 12 + of_day.n);
    return month && of_day.n && text_i64(first(s, 2), &day) == 0 &&
           text_i64(first(from(s, 7), 4), &year) == 0 &&
           local_time(year, month, (int)day, of_day, &f->ns) == 0;
}

static bool find_syslog(struct span s, struct found *f)
{
    int64_t day;
    int month = month_of(s);
    if (!month || s.n < 15 || s.p[3] != ' ' || s.p[6] != ' ')
        return false;
    size_t blank = s.p[4] == ' ';
    f->of_day = time_of_day(from(s, 7));
    f->text = first(s, 7 + f->of_day.n);
    f->yearless = true;
    f->month = month;
    if (!f->of_day.n || text_i64(first(from(s, 4 + blank), 2 - blank), &day) < 0)
        return false;
    f->day = (int)day;
    return local_time(2000, month, f->day, f->of_day, &f->ns) == 0; /* a leap year */
}

static bool find_epoch(struct span s, struct found *f)
{
    if (s.n < 11 || s.p[0] != '[')
        return false;
    size_t n = count_of(from(s, 1), "0123456789.");
    f->text = first(from(s, 1), n);
    f->zone = true;
    return n >= 9 && n + 1 < s.n && s.p[n + 1] == ']' &&
           text_epoch(f->text, NS_PER_S, &f->ns) == 0;
}

/* The last time in the prefix. */
static bool find(struct span prefix, struct found *ret)
{
    static bool (*const forms[])(struct span, struct found *) = {find_iso, find_bind,
                                                                 find_syslog, find_epoch};
    bool any = false;
    for (size_t at = 0; at < prefix.n; at++) {
        if (at > 0 && !strchr(" \t>", prefix.p[at - 1]))
            continue;
        for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
            struct found f = {0};
            if (!forms[i](from(prefix, at), &f))
                continue;
            *ret = f;
            any = true;
            at = (size_t)(f.text.p + f.text.n - prefix.p) - 1;
            break;
        }
    }
    return any;
}

/* ---- the year ------------------------------------------------------------------------ */

static int no_date(const struct logclock *c, const struct found *f, struct err *err)
{
    return err_set(err, ERR_MALFORMED,
                   "expected a day of %d, found '%.*s' (is --year the year of the first line?)",
                   c->year, (int)f->text.n, f->text.p);
}

/* f->ns with the year that the order of the lines leaves. */
static int settle_year(struct logclock *c, struct found *f, struct err *err)
{
    int64_t before;
    if (!c->year)
        return err_set(err, ERR_MALFORMED,
                       "expected a time with its year, found '%.*s' (say the year of the first "
                       "line with --year)",
                       (int)f->text.n, f->text.p);
    if (c->yearless && c->latest_month == 12 && f->month == 1)
        c->year++;
    if (local_time(c->year, f->month, f->day, f->of_day, &f->ns) < 0)
        return no_date(c, f, err);
    if (c->yearless && f->month == 12 && c->latest_month == 1 &&
        local_time(c->year - 1, f->month, f->day, f->of_day, &before) == 0 &&
        before >= c->latest_ns - DAY_NS) {
        f->ns = before; /* late, over the turn of the year */
        return 0;
    }
    if (c->yearless && f->ns < c->latest_ns - DAY_NS)
        return err_set(err, ERR_MALFORMED,
                       "expected times without year in order, found '%.*s' more than a day "
                       "before a line above it, which leaves its year open",
                       (int)f->text.n, f->text.p);
    if (!c->yearless || f->ns > c->latest_ns) {
        c->latest_ns = f->ns;
        c->latest_month = f->month;
    }
    c->yearless = true;
    return 0;
}

int logclock_read(struct logclock *c, struct span prefix, int64_t *ret_ns, struct err *err)
{
    struct found f;
    if (!find(prefix, &f))
        return 0;
    int rc = f.yearless ? settle_year(c, &f, err) : 0;
    if (rc == 0 && !f.zone && !c->zone)
        rc = stamp_no_zone(f.text, err);
    if (rc < 0)
        return rc;
    c->any = true;
    if (!f.zone)
        return stamp_localise(c->zone, f.ns, ret_ns, &c->twice) == 0;
    *ret_ns = f.ns;
    return 1;
}
