/* SPDX-License-Identifier: GPL-3.0-or-later
 * TZif after RFC 8536 section 3 (the 64-bit block of versions 2 and later); the
 * footer after POSIX.1-2017 XBD 8.3 "TZ", with RFC 8536 3.3.1's wider hours. */
#include "base/tz.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

#define ZONEINFO "/usr/share/zoneinfo/"
enum { FILE_MAX = 1 << 20, HEADER = 44, DAY = 86400, OFFSET_MAX = 26 * 3600 };

/* The day of a year on which a rule's change falls, and the local second of it. */
struct change {
    char kind; /* 'J': 1..365, 29 February not counted; 'N': 0..365; 'M': month.week.day */
    int month, week, day;
    int32_t second;
};

struct tz {
    int64_t *at;     /* instants of change, ascending */
    int32_t *offset; /* in force from at[i] on */
    size_t n;
    int32_t first; /* in force before at[0] */
    bool has_rule, has_dst;
    int32_t standard, daylight; /* of the footer's rule, east positive */
    struct change to_daylight, to_standard;
};

/* ---- the footer's rule --------------------------------------------------------- */

/* What is left of the footer; every reader below moves it on. */
static bool take(struct span *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = span_make(s->p + 1, s->n - 1);
    return true;
}

static bool take_number(struct span *s, int most, int *ret)
{
    int value = 0;
    size_t n = 0;
    for (; n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        value = value * 10 + (s->p[n] - '0');
    if (n == 0 || value > most)
        return false;
    *s = span_make(s->p + n, s->n - n);
    *ret = value;
    return true;
}

static bool take_abbreviation(struct span *s)
{
    bool quoted = take(s, '<');
    size_t n = 0;
    while (n < s->n &&
           (quoted ? s->p[n] != '>' : (s->p[n] | 32) >= 'a' && (s->p[n] | 32) <= 'z'))
        n++;
    *s = span_make(s->p + n, s->n - n);
    return n >= 3 && (!quoted || take(s, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct span *s, int32_t *ret)
{
    int sign = take(s, '-') ? -1 : 1, h, m = 0, second = 0;
    if (sign > 0)
        take(s, '+');
    if (!take_number(s, 167, &h))
        return false;
    if (take(s, ':') && !take_number(s, 59, &m))
        return false;
    if (take(s, ':') && !take_number(s, 59, &second))
        return false;
    *ret = sign * (h * 3600 + m * 60 + second);
    return true;
}

static bool take_change(struct span *s, struct change *ret)
{
    bool ok;
    *ret = (struct change){.kind = 'N', .second = 2 * 3600};
    if (take(s, 'M')) {
        ret->kind = 'M';
        ok = take_number(s, 12, &ret->month) && take(s, '.') && take_number(s, 5, &ret->week) &&
             take(s, '.') && take_number(s, 6, &ret->day) && ret->month > 0 && ret->week > 0;
    } else {
        if (take(s, 'J'))
            ret->kind = 'J';
        ok = take_number(s, 365, &ret->day) && (ret->kind == 'N' || ret->day > 0);
    }
    return ok && (!take(s, '/') || take_time(s, &ret->second));
}

/* std offset [dst [offset] ,start[/time],end[/time]]; west is positive in POSIX. */
static bool parse_rule(struct tz *z, struct span s)
{
    int32_t west;
    if (!take_abbreviation(&s) || !take_time(&s, &west))
        return false;
    z->standard = -west;
    z->has_rule = true;
    if (s.n == 0)
        return true;
    z->has_dst = true;
    z->daylight = z->standard + 3600;
    if (!take_abbreviation(&s))
        return false;
    if (s.n && s.p[0] != ',') {
        if (!take_time(&s, &west))
            return false;
        z->daylight = -west;
    }
    return take(&s, ',') && take_change(&s, &z->to_daylight) && take(&s, ',') &&
           take_change(&s, &z->to_standard) && s.n == 0;
}

/* Local second of a change in a year, counted since 1970 as if UTC. */
static int64_t change_in(const struct change *c, int64_t year)
{
    int64_t day = text_days(year, 1, 1) + c->day;
    if (c->kind == 'J') {
        bool leap = text_days(year, 3, 1) - text_days(year, 2, 1) == 29;
        day += leap && c->day >= 60 ? 0 : -1;
    } else if (c->kind == 'M') {
        int64_t first = text_days(year, c->month, 1);
        int64_t next =
            c->month == 12 ? text_days(year + 1, 1, 1) : text_days(year, c->month + 1, 1);
        int64_t weekday = first + 4 - 7 * floor_div(first + 4, 7); /* 1970-01-01: Thursday, 4 */
        day = first + (c->day - weekday + 7) % 7 + 7 * (c->week - 1);
        if (day >= next) /* week 5 is the last, which may be the fourth */
            day -= 7;
    }
    return day * DAY + c->second;
}

static int32_t rule_offset(const struct tz *z, int64_t t_s)
{
    if (!z->has_dst)
        return z->standard;
    int64_t year;
    int month, day;
    text_civil(floor_div(t_s + z->standard, DAY), &year, &month, &day);
    int64_t start = change_in(&z->to_daylight, year) - z->standard;
    int64_t end = change_in(&z->to_standard, year) - z->daylight;
    bool in_summer = start < end ? t_s >= start && t_s < end : t_s >= start || t_s < end;
    return in_summer ? z->daylight : z->standard;
}

/* ---- the file ------------------------------------------------------------------ */

static int64_t big_endian(const unsigned char *p, size_t n)
{
    uint64_t value = p[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return (int64_t)value;
}

/* The six counts of a header, in the order of RFC 8536 3.1. */
enum { ISUT, ISSTD, LEAP, TIMES, TYPES, CHARS, COUNTS };

static bool read_header(struct span s, size_t at, size_t counts[COUNTS])
{
    if (at + HEADER > s.n || memcmp(s.p + at, "TZif", 4) != 0 || s.p[at + 4] < '2')
        return false;
    for (size_t i = 0; i < COUNTS; i++) {
        int64_t n = big_endian((const unsigned char *)s.p + at + 20 + 4 * i, 4);
        if (n < 0 || n > FILE_MAX)
            return false;
        counts[i] = (size_t)n;
    }
    return true;
}

static size_t block_size(const size_t counts[COUNTS], size_t width)
{
    return counts[TIMES] * (width + 1) + counts[TYPES] * 6 + counts[CHARS] +
           counts[LEAP] * (width + 4) + counts[ISSTD] + counts[ISUT];
}

/* Not abs(): that of the smallest number is undefined. */
static bool is_offset(int32_t s)
{
    return s > -OFFSET_MAX && s < OFFSET_MAX;
}

/* Transitions of the block whose counts these are; p has all its bytes. */
static bool read_block(struct tz *z, const unsigned char *p, const size_t counts[COUNTS])
{
    const unsigned char *index = p + 8 * counts[TIMES], *types = index + counts[TIMES];
    if (counts[TYPES] == 0)
        return false;
    z->n = counts[TIMES];
    z->at = mem_zero(z->n + 1, sizeof *z->at);
    z->offset = mem_zero(z->n + 1, sizeof *z->offset);
    z->first = (int32_t)big_endian(types, 4);
    for (size_t i = 0; i < z->n; i++) {
        z->at[i] = big_endian(p + 8 * i, 8);
        if (index[i] >= counts[TYPES] || (i && z->at[i] <= z->at[i - 1]))
            return false;
        z->offset[i] = (int32_t)big_endian(types + 6 * index[i], 4);
        if (!is_offset(z->offset[i]))
            return false;
    }
    return is_offset(z->first);
}

static bool parse_file(struct tz *z, struct span s)
{
    size_t counts[COUNTS];
    if (!read_header(s, 0, counts))
        return false;
    size_t second = HEADER + block_size(counts, 4);
    if (!read_header(s, second, counts))
        return false;
    size_t at = second + HEADER, footer = at + block_size(counts, 8);
    if (footer + 2 > s.n || s.p[footer] != '\n' ||
        !read_block(z, (const unsigned char *)s.p + at, counts))
        return false;
    struct span rule = span_make(s.p + footer + 1, s.n - footer - 1);
    const char *end = memchr(rule.p, '\n', rule.n);
    if (!end)
        return false;
    rule.n = (size_t)(end - rule.p);
    return rule.n == 0 || parse_rule(z, rule); /* empty: nothing is known past the last */
}

/* Names as tzdata has them; nothing that could leave its folder. */
static bool is_zone_name(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n < 100 && name[0] != '/' && !strstr(name, "..") &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
               n;
}

static int read_zone(struct tz *z, const char *name, struct err *err)
{
    char path[sizeof ZONEINFO + 100];
    FILE *f = NULL;
    if (is_zone_name(name)) {
        snprintf(path, sizeof path, ZONEINFO "%s", name);
        f = fopen(path, "re");
    }
    if (!f)
        return err_set(err, ERR_USAGE,
                       "time zone: expected a name of tzdata such as Europe/Moscow, UTC or an "
                       "offset such as +03:00, found '%s'",
                       name);
    char *bytes = mem_alloc(FILE_MAX);
    size_t n = fread(bytes, 1, FILE_MAX, f);
    fclose(f);
    int rc = 0;
    if (!parse_file(z, span_make(bytes, n)))
        rc = err_set(err, ERR_MALFORMED,
                     "%s: expected a TZif file of version 2 or later, found %s", path,
                     n < HEADER ? "a shorter file or a folder" : "other or damaged bytes");
    free(bytes);
    return rc;
}

/* +hh:mm, -hhmm, +hh */
static bool parse_fixed(const char *name, int32_t *ret)
{
    int64_t ns;
    bool zone;
    char text[TEXT_TIME_MAX];
    if ((name[0] != '+' && name[0] != '-') || strlen(name) > 6)
        return false;
    snprintf(text, sizeof text, "1970-01-01T00:00:00%s", name);
    if (text_time(span_of(text), &ns, &zone) < 0)
        return false;
    *ret = (int32_t)(-ns / NS_PER_S);
    return true;
}

int tz_parse(struct tz **ret, struct span bytes)
{
    struct tz *z = mem_zero(1, sizeof *z);
    if (!parse_file(z, bytes)) {
        tz_free(z);
        return ERR_MALFORMED;
    }
    *ret = z;
    return 0;
}

int tz_open(struct tz **ret, const char *name, struct err *err)
{
    struct tz *z = mem_zero(1, sizeof *z);
    int rc = 0;
    if (strcmp(name, "UTC") != 0 && !parse_fixed(name, &z->first))
        rc = read_zone(z, name, err);
    if (rc < 0)
        tz_free(z);
    else
        *ret = z;
    return rc;
}

void tz_free(struct tz *z)
{
    if (!z)
        return;
    free(z->at);
    free(z->offset);
    free(z);
}

/* ---- questions ----------------------------------------------------------------- */

int32_t tz_offset(const struct tz *z, int64_t t_s)
{
    if (z->has_rule && (z->n == 0 || t_s >= z->at[z->n - 1]))
        return rule_offset(z, t_s);
    size_t low = 0, high = z->n; /* the first transition after t_s lies in [low, high] */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (z->at[middle] <= t_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? z->offset[low - 1] : z->first;
}

/* First instant in (low, high] whose offset is not that of low. */
static int64_t change_between(const struct tz *z, int64_t low, int64_t high)
{
    int32_t before = tz_offset(z, low);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (tz_offset(z, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

int64_t tz_to_utc(const struct tz *z, int64_t local_s, int *ret_kind)
{
    /* The instant lies within a day of local_s read as UTC. */
    int32_t before = tz_offset(z, local_s - DAY), after = tz_offset(z, local_s + DAY);
    bool old = tz_offset(z, local_s - before) == before;
    bool new = tz_offset(z, local_s - after) == after;
    *ret_kind = old && new ? before != after : old || new ? 0 : 2;
    if (old) /* of two, the earlier: clocks are set back, so `before` is the larger */
        return local_s - before;
    if (new)
        return local_s - after;
    return change_between(z, local_s - DAY, local_s + DAY);
}
