/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part `hours`: working hours, weekends, and whose time zone they fit. */
#include <math.h>

#include "base/text.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "models/contrast.h"
#include "models/dayoff.h"
#include "models/zone.h"
#include "stats/tail.h"

enum { DAY = 86400 };

static int64_t local_of(const struct explain_job *job, int64_t unix_s)
{
    return unix_s + (job->zone ? tz_offset(job->zone, unix_s) : 0);
}

static bool weekday(const struct explain_job *job, int64_t unix_s)
{
    int64_t day = floor_div(local_of(job, unix_s), DAY);
    return ((day + 3) % 7 + 7) % 7 < 5;
}

static bool work(const void *ctx, int64_t unix_s)
{
    const struct explain_job *job = ctx;
    int64_t local = local_of(job, unix_s), second = local - floor_div(local, DAY) * DAY;
    return weekday(job, unix_s) && second >= 9 * 3600 && second < 18 * 3600;
}

static bool weekend(const void *ctx, int64_t unix_s)
{
    return !weekday(ctx, unix_s);
}

/* Midnight to six, on any day: what neither works nor reads mail asks then as well. */
static bool night(const void *ctx, int64_t unix_s)
{
    int64_t local = local_of(ctx, unix_s);
    return local - floor_div(local, DAY) * DAY < 6 * 3600;
}

static json_t *tails(double log_upper, double log_lower, double log_mid)
{
    json_t *out = json_object();
    json_object_set_new(out, "p_more", values_probability(log_upper));
    json_object_set_new(out, "p_less", values_probability(log_lower));
    if (!isnan(log_mid))
        json_object_set_new(out, "p_more_mid", values_probability(log_mid));
    return out;
}

/* Exact, given all sessions; and by whole days, which holds where sessions cluster. */
static json_t *contrast(const struct explain_job *job, contrast_inside *inside)
{
    enum { REPLICATES = 9999 };
    struct contrast s;
    struct mc upper, lower;
    double lo, hi;
    json_t *out = json_object();
    contrast_by(&s, &job->s, &job->w, CONTRAST_QUARTER, inside, job);
    uint64_t in = (uint64_t)s.n_in, rest = (uint64_t)s.n_out;
    json_object_set_new(out, "sessions_in", explain_count(in));
    json_object_set_new(out, "sessions_out", explain_count(rest));
    json_object_set_new(out, "at_risk_hours_in", values_real(s.e_in));
    json_object_set_new(out, "at_risk_hours_out", values_real(s.e_out));
    if (s.e_in > 0 && s.e_out > 0 && in + rest > 0) {
        double share = s.e_in / (s.e_in + s.e_out);
        double log_p = rates_log_upper(in, s.e_in, rest, s.e_out, 1);
        rates_interval(in, s.e_in, rest, s.e_out, .95, &lo, &hi);
        json_t *ratio = explain_param("ratio", contrast_ratio(&s), NAN);
        json_object_set_new(ratio, "lo", values_real(lo));
        json_object_set_new(ratio, "hi", values_real(hi));
        json_object_set_new(out, "params", json_pack("[o]", ratio));
        json_object_set_new(out, "share_expected", values_real(share));
        json_object_set_new(out, "exact",
                            tails(log_p, rates_log_upper(rest, s.e_out, in, s.e_in, 1),
                                  log_midp(log_p, binomial_logpmf(in, in + rest, share))));
        contrast_test(&s, REPLICATES, (uint64_t)job->v->seed, job->s.id, &upper, &lower);
        if (upper.replicates > 0)
            json_object_set_new(out, "by_days",
                                tails(log(mc_p(&upper)), log(mc_p(&lower)), NAN));
    }
    contrast_free(&s);
    return out;
}

static json_t *zone_part(const struct explain_job *job)
{
    struct zones z;
    struct zone_opts o = {.replicates = 999, .seed = (uint64_t)job->v->seed};
    struct err err;
    json_t *out = json_object(), *set = json_array();
    if (zone_posterior(&z, &job->s, &job->w, &o, &err) < 0) {
        json_object_set_new(out, "not_tested", json_string(err.msg));
        json_decref(set);
        return out;
    }
    json_object_set_new(out, "p_of_no_rhythm", values_real(z.p_rhythm));
    json_object_set_new(out, "clocks", explain_count(z.n));
    json_object_set_new(out, "scatter", values_real(z.scatter));
    for (size_t k = 0; z.told && k < z.in_set; k++) {
        json_t *one = json_object();
        json_object_set_new(one, "zones", json_string(z.zone[k].names));
        json_object_set_new(one, "posterior", values_real(z.zone[k].posterior));
        json_object_set_new(one, "ratio", values_real(z.zone[k].ratio));
        json_array_append_new(set, one);
    }
    if (z.told)
        json_object_set_new(out, "set_of_95_percent", set);
    else
        json_decref(set);
    if (!z.told)
        json_object_set_new(out, "not_told",
                            json_string("no rhythm at .01, so no zone is weighed"));
    return out;
}

/* Days off against like days; the list's grade goes with the figures. */
static json_t *days_off(const struct explain_job *job)
{
    struct dayoff d;
    struct dayoff_opts o = {job->zone, 9999, (uint64_t)job->v->seed};
    struct err err;
    json_t *out = json_object();
    json_object_set_new(out, "list", json_string(job->v->holidays));
    json_object_set_new(out, "grade", json_string(holidays_grade(&job->holidays)));
    json_object_set_new(
        out, "source",
        json_string(job->holidays.source ? job->holidays.source : "none is stated"));
    if (dayoff_test(&d, &job->s, &job->w, &job->holidays, &o, &err) < 0) {
        json_object_set_new(out, "not_tested", json_string(err.msg));
        return out;
    }
    json_object_set_new(out, "occasions", explain_count(d.occasions));
    json_object_set_new(out, "same_weekdays_within_three_weeks", explain_count(d.compared));
    json_object_set_new(out, "sessions_in", values_real(d.n_in));
    json_object_set_new(out, "sessions_out", values_real(d.n_out));
    json_object_set_new(out, "at_risk_hours_in", values_real(d.e_in));
    json_object_set_new(out, "at_risk_hours_out", values_real(d.e_out));
    json_object_set_new(out, "params", json_pack("[o]", explain_param("ratio", d.ratio, NAN)));
    json_object_set_new(out, "least_p_possible", values_probability(d.log_least));
    json_object_set_new(out, "by_moves", tails(log(mc_p(&d.upper)), log(mc_p(&d.lower)), NAN));
    return out;
}

void explain_hours(const struct explain_job *job, json_t *out)
{
    json_t *hours = json_object();
    json_object_set_new(hours, "clock", json_string(job->v->zone ? job->v->zone : "UTC"));
    json_object_set_new(hours, "weekdays_9_to_18", contrast(job, work));
    json_object_set_new(hours, "saturday_and_sunday", contrast(job, weekend));
    json_object_set_new(hours, "night_0_to_6", contrast(job, night));
    if (job->v->holidays)
        json_object_set_new(hours, "days_off", days_off(job));
    json_object_set_new(hours, "time_zones", zone_part(job));
    json_object_set_new(hours, "note", json_string(zone_note));
    json_object_set_new(out, "hours", hours);
}
