/* SPDX-License-Identifier: GPL-3.0-or-later
 * Calendar arithmetic after H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms": years start in March, eras last 400 years. */
#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"

int text_i64(struct span s, int64_t *ret)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    bool negative = i && s.p[0] == '-';
    if (i == s.n)
        return ERR_MALFORMED;
    int64_t value = 0;
    for (; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return ERR_MALFORMED;
    }
    *ret = value;
    return 0;
}

int text_real(struct span s, double *ret)
{
    char buf[64];
    if (s.n == 0 || s.n >= sizeof buf)
        return ERR_MALFORMED;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\0' || !strchr("0123456789+-.eE", s.p[i]))
            return ERR_MALFORMED;
    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';
    char *end;
    double value = strtod(buf, &end);
    if (*end || !isfinite(value))
        return ERR_MALFORMED;
    *ret = value;
    return 0;
}

static const struct unit {
    const char *name;
    int64_t ns;
} units[] = {
    {"w", 604800 * NS_PER_S},
    {"d", 86400 * NS_PER_S},
    {"h", 3600 * NS_PER_S},
    {"m", 60 * NS_PER_S},
    {"s", NS_PER_S},
    {"ms", 1000000},
    {"us", 1000},
    {"ns", 1},
};
enum { NUNITS = sizeof units / sizeof *units };

int text_duration(struct span s, int64_t *ret_ns)
{
    size_t digits = 0;
    while (digits < s.n && (isdigit((unsigned char)s.p[digits]) || s.p[digits] == '.'))
        digits++;
    double value;
    if (text_real(span_make(s.p, digits), &value) < 0)
        return ERR_MALFORMED;
    struct span name = span_make(s.p + digits, s.n - digits);
    if (name.n == 0 && value == 0) {
        *ret_ns = 0;
        return 0;
    }
    for (size_t i = 0; i < NUNITS; i++)
        if (span_is(name, units[i].name) && value * (double)units[i].ns < 9e18) {
            *ret_ns = (int64_t)llround(value * (double)units[i].ns);
            return 0;
        }
    return ERR_MALFORMED;
}

char *text_of_duration(char out[TEXT_TIME_MAX], int64_t ns)
{
    for (size_t i = 1; i < NUNITS; i++)
        if (ns % units[i].ns == 0 || i == NUNITS - 1) {
            snprintf(out, TEXT_TIME_MAX, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
            break;
        }
    return out;
}

int64_t text_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_div(year, 400), yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void text_civil(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = floor_div(days, 146097), doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

/* `width` digits at s[at]; -1 when they are not there. */
static int digits_at(struct span s, size_t at, size_t width)
{
    if (at + width > s.n)
        return -1;
    int value = 0;
    for (size_t i = at; i < at + width; i++) {
        unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
        if (digit > 9)
            return -1;
        value = value * 10 + (int)digit;
    }
    return value;
}

/* Fraction digits from s[*at] on, as nanoseconds; digits past the ninth are cut. */
static int64_t fraction(struct span s, size_t *at)
{
    int64_t ns = 0, scale = NS_PER_S / 10;
    for (; *at < s.n && isdigit((unsigned char)s.p[*at]); (*at)++, scale /= 10)
        ns += (s.p[*at] - '0') * scale;
    return ns;
}

static int zone_offset(struct span s, size_t at, int64_t *ret_s)
{
    if (s.n - at == 1 && (s.p[at] == 'Z' || s.p[at] == 'z')) {
        *ret_s = 0;
        return 0;
    }
    int sign = s.p[at] == '-' ? -1 : s.p[at] == '+' ? 1 : 0;
    size_t left = s.n - at;
    bool colon = left == 6 && s.p[at + 3] == ':';
    int h = digits_at(s, at + 1, 2), m = 0;
    if (left != 3)
        m = digits_at(s, at + (colon ? 4 : 3), 2);
    if (!sign || !(left == 3 || left == 5 || colon) || h < 0 || h > 23 || m < 0 || m > 59)
        return ERR_MALFORMED;
    *ret_s = sign * (h * 3600 + m * 60);
    return 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

int text_time(struct span s, int64_t *ret_ns, bool *ret_zone)
{
    int year = digits_at(s, 0, 4), month = digits_at(s, 5, 2), day = digits_at(s, 8, 2);
    if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || s.p[4] != '-' ||
        s.p[7] != '-' || day > days_in_month(year, month))
        return ERR_MALFORMED;
    int64_t sec = text_days(year, month, day) * 86400, ns = 0, offset = 0;
    size_t at = 10;
    if (s.n > at) {
        int h = digits_at(s, 11, 2), m = digits_at(s, 14, 2), second = 0;
        if (s.p[10] == '\0' || !strchr("Tt ", s.p[10]) || h < 0 || h > 23 || m < 0 || m > 59 ||
            s.p[13] != ':')
            return ERR_MALFORMED;
        at = 16;
        if (at < s.n && s.p[at] == ':') {
            second = digits_at(s, 17, 2);
            if (second < 0 || second > 60) /* 60: a leap second, counted as the next */
                return ERR_MALFORMED;
            at = 19;
            if (at + 1 < s.n && (s.p[at] == '.' || s.p[at] == ',') &&
                isdigit((unsigned char)s.p[at + 1])) {
                at++;
                ns = fraction(s, &at);
            }
        }
        sec += h * 3600 + m * 60 + second;
        if (at < s.n && s.p[at] == ' ')
            at++;
    }
    bool zone = at < s.n;
    if (zone && zone_offset(s, at, &offset) < 0)
        return ERR_MALFORMED;
    *ret_ns = (sec - offset) * NS_PER_S + ns;
    *ret_zone = zone;
    return 0;
}

int text_epoch(struct span s, int64_t unit_ns, int64_t *ret_ns)
{
    const char *dot = s.n ? memchr(s.p, '.', s.n) : NULL;
    size_t whole = dot ? (size_t)(dot - s.p) : s.n, at = whole + 1;
    int64_t units_since, part = 0;
    if (text_i64(span_make(s.p, whole), &units_since) < 0 ||
        __builtin_mul_overflow(units_since, unit_ns, &units_since))
        return ERR_MALFORMED;
    if (dot) {
        part = fraction(s, &at) / (NS_PER_S / unit_ns);
        if (at != s.n || at == whole + 1)
            return ERR_MALFORMED;
    }
    bool negative = s.p[0] == '-';
    return __builtin_add_overflow(units_since, negative ? -part : part, ret_ns) ? ERR_MALFORMED
                                                                                : 0;
}

char *text_iso(char out[TEXT_TIME_MAX], int64_t t_ns, int decimals)
{
    int64_t sec = floor_div(t_ns, NS_PER_S), ns = t_ns - sec * NS_PER_S;
    int64_t days = floor_div(sec, 86400), year;
    int second = (int)(sec - days * 86400), month, day;
    text_civil(days, &year, &month, &day);
    int n = snprintf(out, TEXT_TIME_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, month, day,
                     second / 3600, second / 60 % 60, second % 60);
    if (decimals > 0) {
        char digits[16];
        snprintf(digits, sizeof digits, "%09" PRId64, ns);
        n += snprintf(out + n, TEXT_TIME_MAX - (size_t)n, ".%.*s", decimals, digits);
    }
    snprintf(out + n, TEXT_TIME_MAX - (size_t)n, "Z");
    return out;
}

size_t text_utf8(struct span s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i];
    size_t n = c < 0x80                ? 1
               : c >= 0xc2 && c < 0xe0 ? 2
               : c >= 0xe0 && c < 0xf0 ? 3
               : c >= 0xf0 && c < 0xf5 ? 4
                                       : 0;
    if (n == 0 || i + n > s.n)
        return 0;
    for (size_t k = 1; k < n; k++)
        if (((unsigned char)s.p[i + k] & 0xc0) != 0x80)
            return 0;
    unsigned char next = n > 1 ? (unsigned char)s.p[i + 1] : 0;
    bool overlong = (c == 0xe0 && next < 0xa0) || (c == 0xf0 && next < 0x90);
    bool beyond = (c == 0xed && next > 0x9f) || (c == 0xf4 && next > 0x8f);
    return overlong || beyond ? 0 : n;
}
