/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/stamp.h"

#include "base/text.h"

static const struct {
    const char *name;
    int64_t unit_ns;
    size_t digits; /* most in the whole part */
} forms[STAMP_FORMS] = {
    [STAMP_ISO] = {"iso", 0, 0},
    [STAMP_S] = {"epoch", NS_PER_S, 10},
    [STAMP_MS] = {"epoch_ms", 1000000, 13},
    [STAMP_US] = {"epoch_us", 1000, 16},
    [STAMP_NS] = {"epoch_ns", 1, 19},
};

int stamp_named(const char *name, enum stamp_form *ret, struct err *err)
{
    for (int f = 0; f < STAMP_FORMS; f++)
        if (strcmp(forms[f].name, name) == 0) {
            *ret = (enum stamp_form)f;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "--time-format: expected iso, epoch, epoch_ms, epoch_us or epoch_ns, found "
                   "'%s'",
                   name);
}

/* The form whose size a decimal number has; STAMP_FORMS if it is too long or
 * does not begin with digits. */
static int form_of_size(struct span s)
{
    size_t sign = s.n && (s.p[0] == '-' || s.p[0] == '+'), at = sign;
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    int form = STAMP_S;
    while (form < STAMP_FORMS && at - sign > forms[form].digits)
        form++;
    return at > sign ? form : STAMP_FORMS;
}

int stamp_tell(struct span s, bool *ret_zone)
{
    int64_t ns;
    *ret_zone = true;
    int form = form_of_size(s);
    if (form < STAMP_FORMS && text_epoch(s, forms[form].unit_ns, &ns) == 0)
        return form;
    return text_time(s, &ns, ret_zone) == 0 ? STAMP_ISO : -1;
}

int stamp_no_zone(struct span s, struct err *err)
{
    return err_set(err, ERR_MALFORMED,
                   "expected a time with its zone, found '%.*s' (say whose clock it is with "
                   "--timezone: UTC, Europe/Moscow, +03:00)",
                   (int)s.n, s.p);
}

static int two_digits(const char *p)
{
    unsigned tens = (unsigned)p[0] - '0', ones = (unsigned)p[1] - '0';
    return tens > 9 || ones > 9 ? 100 : (int)(tens * 10 + ones);
}

/* YYYY-MM-DDTHH:MM:SS[.fraction]Z on the date of the row before: what nearly
 * every row of a log in this form is. */
static bool read_same_date(const struct stamp *st, struct span s, int64_t *ret_ns)
{
    if (!st->date[0] || s.n < 20 || s.p[s.n - 1] != 'Z' ||
        memcmp(s.p, st->date, sizeof st->date) != 0 || (s.p[10] != 'T' && s.p[10] != ' ') ||
        s.p[13] != ':' || s.p[16] != ':')
        return false;
    int h = two_digits(s.p + 11), m = two_digits(s.p + 14), second = two_digits(s.p + 17);
    int64_t ns = 0, scale = NS_PER_S;
    if (h > 23 || m > 59 || second > 59 || s.n == 21 || s.n > 30)
        return false;
    if (s.n > 20 && s.p[19] != '.')
        return false;
    for (size_t i = 20; i < s.n - 1; i++) {
        unsigned digit = (unsigned)s.p[i] - '0';
        if (digit > 9)
            return false;
        scale /= 10;
        ns += digit * scale;
    }
    *ret_ns = st->date_ns + (h * 3600 + m * 60 + second) * NS_PER_S + ns;
    return true;
}

int stamp_localise(const struct tz *zone, int64_t local_ns, int64_t *ret_ns, uint64_t *twice)
{
    int64_t local_s = floor_div(local_ns, NS_PER_S);
    int kind;
    int64_t t_s = tz_to_utc(zone, local_s, &kind);
    if (kind == 2)
        return ERR_MALFORMED;
    *twice += kind == 1;
    *ret_ns = t_s * NS_PER_S + (local_ns - local_s * NS_PER_S);
    return 0;
}

static int read_iso(struct stamp *st, struct span s, int64_t *ret_ns)
{
    if (read_same_date(st, s, ret_ns))
        return 0;
    int64_t ns, date_ns;
    bool zone, date_zone;
    if (text_time(s, &ns, &zone) < 0 || (!zone && !st->zone))
        return ERR_MALFORMED;
    if (!zone)
        return stamp_localise(st->zone, ns, ret_ns, &st->twice);
    if (s.n >= 20 && text_time(span_make(s.p, sizeof st->date), &date_ns, &date_zone) == 0) {
        memcpy(st->date, s.p, sizeof st->date);
        st->date_ns = date_ns;
    }
    *ret_ns = ns;
    return 0;
}

int stamp_read(struct stamp *st, struct span s, int64_t *ret_ns)
{
    if (st->form == STAMP_ISO)
        return read_iso(st, s, ret_ns);
    if (!st->any_size && form_of_size(s) != (int)st->form)
        return ERR_MALFORMED;
    return text_epoch(s, forms[st->form].unit_ns, ret_ns);
}
