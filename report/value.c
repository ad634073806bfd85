/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/value.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void value_set_real(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

void value_set_p(json_t *object, const char *key, double log_p)
{
    char sibling[64];
    snprintf(sibling, sizeof sibling, "log10_%s", key);
    double p = exp(log_p);
    value_set_real(object, key, p >= DBL_MIN ? fmin(p, 1) : NAN);
    value_set_real(object, sibling, log_p > 0 ? 0 : log_p / M_LN10);
}

const char *value_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

double value_real(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

bool value_is(const json_t *object, const char *key, const char *text)
{
    return strcmp(value_text(object, key), text) == 0;
}

const json_t *value_list(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_array(v) ? v : NULL;
}

/* Put a comma before every third digit of the whole part of `plain`. */
static char *group_digits(char out[VALUE_TEXT_MAX], const char *plain)
{
    size_t n = 0;
    if (*plain == '-')
        out[n++] = *plain++;
    size_t whole = strcspn(plain, ".");
    for (size_t i = 0; plain[i] && n + 2 < VALUE_TEXT_MAX; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            out[n++] = ',';
        out[n++] = plain[i];
    }
    out[n] = '\0';
    return out;
}

char *value_number(char out[VALUE_TEXT_MAX], double v)
{
    char plain[VALUE_TEXT_MAX];
    if (!isfinite(v))
        return strcpy(out, "-");
    if (v == floor(v) && fabs(v) < 1e9) /* most likely a count: in full */
        return value_count(out, v);
    snprintf(plain, sizeof plain, "%.2e", v);
    double rounded = strtod(plain, NULL);
    int exponent = atoi(strchr(plain, 'e') + 1);
    if (exponent < -4 || exponent > 8) {
        snprintf(out, VALUE_TEXT_MAX, "%.3ge%d", rounded / pow(10, exponent), exponent);
        return out;
    }
    snprintf(plain, sizeof plain, "%.*f", exponent < 2 ? 2 - exponent : 0, rounded);
    /* 1.50 reads 1.5 and 3.00 reads 3 */
    if (strchr(plain, '.'))
        for (size_t n = strlen(plain); plain[n - 1] == '0' || plain[n - 1] == '.'; n--) {
            bool stop = plain[n - 1] == '.';
            plain[n - 1] = '\0';
            if (stop)
                break;
        }
    return group_digits(out, plain);
}

char *value_count(char out[VALUE_TEXT_MAX], double v)
{
    char plain[VALUE_TEXT_MAX];
    if (!isfinite(v))
        return strcpy(out, "-");
    snprintf(plain, sizeof plain, "%.0f", v);
    return group_digits(out, plain);
}

char *value_within(char out[VALUE_TEXT_MAX], double v, double uncertainty)
{
    char plain[VALUE_TEXT_MAX];
    if (!isfinite(v) || !(uncertainty >= 1e-4) || fabs(v) > 1e8 || uncertainty > 1e8 ||
        (v != 0 && fabs(v) < 1e-4))
        return value_number(out, v);
    int decimals = 1 - (int)floor(log10(uncertainty));
    if (v != 0) /* the near end of a lopsided interval keeps two digits of its own */
        decimals = (int)fmax(decimals, 1 - floor(log10(fabs(v))));
    double unit = pow(10, -decimals);
    snprintf(plain, sizeof plain, "%.*f", decimals > 0 ? decimals : 0,
             decimals < 0 ? round(v / unit) * unit : v);
    return group_digits(out, strtod(plain, NULL) == 0 && plain[0] == '-' ? plain + 1 : plain);
}

char *value_p(char out[VALUE_TEXT_MAX], double log10_p)
{
    if (!isfinite(log10_p))
        return strcpy(out, "-");
    if (log10_p > -4)
        return value_number(out, pow(10, log10_p));
    double exponent = floor(log10_p), mantissa = pow(10, log10_p - exponent);
    if (mantissa >= 9.95) { /* would print as 10.0 */
        mantissa = 1;
        exponent++;
    }
    snprintf(out, VALUE_TEXT_MAX, "%.1fe%.0f", mantissa, exponent);
    return out;
}

char *value_seconds(char out[VALUE_TEXT_MAX], double s)
{
    static const struct {
        double s;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}};
    if (!isfinite(s))
        return strcpy(out, "unknown");
    size_t u = 0;
    while (u + 1 < sizeof units / sizeof *units && s < units[u].s)
        u++;
    char number[VALUE_TEXT_MAX];
    snprintf(out, VALUE_TEXT_MAX, "%.20s %s", value_number(number, s / units[u].s),
             units[u].name);
    return out;
}

char *value_time(char out[VALUE_TEXT_MAX], const char *iso)
{
    if (strlen(iso) < 17)
        return strcpy(out, "-");
    snprintf(out, VALUE_TEXT_MAX, "%.10s %.5s UTC", iso, iso + 11);
    return out;
}

/* THE WORD TABLE: every code of the schema that a layman may read. */
static const struct {
    const char *code, *words;
} words[] = {
    /* verdicts of a claim */
    {"stands", "Stands"},
    {"explained", "Explained"},
    {"undetermined", "Undetermined"},
    {"contradicted", "Contradicted"},
    /* verdicts of an explanation */
    {"rejected", "ruled out"},
    {"not_rejected", "not ruled out"},
    {"untestable", "not tested"},
    /* reasons */
    {"needs_data", "data needed that were not given"},
    {"min_data", "too few data"},
    {"resolution", "too few replicates or controls to reach the level"},
    {"inconclusive", "the error of the simulation straddles the level"},
    {"no_ttl", "life of the answer (TTL) unknown"},
    {"no_controls", "no control pairs"},
    {"no_compare", "no comparable names or clients"},
    {"no_events", "no list of events"},
    {"below_cache", "the sensor stood below the cache"},
    {"live_inferred", "listening time is inferred, not given"},
    {"no_premise", "what it supposes is not in the rows"},
    {"window_too_wide", "the time to live leaves no freedom in the window"},
    {"degenerate", "the model cannot be fitted to these data"},
    {"not_run", "not run"},
    {"contaminated_controls", "the controls are touched by the same cause"},
    {"all_rejected", "every explanation that must be ruled out was"},
    {"explanation_fits",
     "an innocent explanation fits and leaves no room for the claimed effect"},
    {"opposite_explained", "an innocent explanation fits what this claim denies"},
    {"opposite_stands",
     "what this claim denies is there, and every explanation that must be ruled out was"},
    {"smaller_than_claimed", "there is an effect, but it may be smaller than claimed"},
    {"interval_excludes", "the measured interval excludes what was said"},
    {"required_untested", "an explanation that a fair opponent raises first was not tested"},
    {"not_separated", "the data fit both the claim and an innocent explanation"},
    {"search_unknown", "how many pairs were looked at before is unknown"},
    {"correction", "not beyond chance among the claims of this study"},
    {"median", "median effect"},
    {"share", "share with p of .05 or less"},
    {"stouffer", "Stouffer's sum of mid-p"},
    {"least", "-ln of the smallest p"},
    {"not_calibrated", "the tests call too many innocent pairs a finding"},
    {"controls", "the control pairs do what is claimed themselves"},
    {"integrity_failed", "the log failed an integrity screen"},
    {"no_lookups", "no look-ups in the window"},
    /* results of a screen */
    {"pass", "nothing found"},
    {"explain", "to be explained"},
    {"fail", "failed"},
    {"not_applicable", "not applicable"},
    /* where the sensor stood */
    {"below_resolver", "between clients and their resolver"},
    {"above_resolver", "above the resolver"},
    {"authority", "at the name server"},
    {"unknown", "unknown"},
    /* classes of skipped records */
    {"not_dns", "not DNS"},
    {"not_counted", "not counted by the rule"},
    {"incomplete", "end not recorded"},
    {"malformed", "malformed"},
    /* kinds of p */
    {"monte_carlo", "simulated"},
};

const char *value_words(const char *code)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].code, code) == 0)
            return words[i].words;
    return code;
}
