/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens of messages in their order: runs of ids and ports, letters of names as they were
 * sent. */
#include <math.h>

#include "models/screens.h"
#include "stats/longrun.h"
#include "stats/tail.h"

enum { MESSAGES_LEAST = 100 };

/* --- runs --------------------------------------------------------------------------- */

enum { RUNS = HIST_RUN + 1 };

static const char *const run_names[RUNS] = {
    [RUN_ID_DOWN] = "falling ids of the source",
    [RUN_OWN_ID_UP] = "rising ids of one client",
    [RUN_OWN_ID_DOWN] = "falling ids of one client",
    [RUN_OWN_PORT_UP] = "rising ports of one client",
    [RUN_OWN_PORT_DOWN] = "falling ports of one client",
    [HIST_RUN] = "rising ids of the source",
};

static uint64_t run_of(const struct counts_source *s, int i)
{
    return i == HIST_RUN ? s->id_longest : s->run_longest[i];
}

/* The least likely of the six, Bonferroni over them. */
static double runs_log_p(const struct counts_source *s, int *ret_which)
{
    double least = INFINITY;
    for (int i = 0; i < RUNS; i++) {
        double log_p = longrun_log_upper(run_of(s, i), s->messages);
        if (log_p >= least)
            continue;
        least = log_p;
        *ret_which = i;
    }
    return fmin(0, log(RUNS) + least);
}

void screen_id_runs(const struct screening *in, struct screen_result *ret)
{
    size_t tested = 0;
    int which = 0, run = 0;
    double least = INFINITY;
    const struct counts_source *worst = NULL;
    for (size_t i = 0; i < in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i];
        if (s->messages < MESSAGES_LEAST || !s->run_longest[RUN_ID_DOWN])
            continue;
        double log_p = runs_log_p(s, &which);
        tested++;
        if (log_p >= least)
            continue;
        least = log_p;
        worst = s;
        run = which;
    }
    if (!worst) {
        screen_not_applicable(ret,
                              "no source has %d messages with id and port whose runs "
                              "were noted when the case was made",
                              MESSAGES_LEAST);
        return;
    }
    ret->value = (double)run_of(worst, run);
    ret->log_p = log_sidak(least, (double)tested);
    screen_note(ret, "%.90s, %llu messages; least likely: %llu %s in a row", worst->name,
                (unsigned long long)worst->messages, (unsigned long long)run_of(worst, run),
                run_names[run]);
}

/* Shortest run in the largest source that is found whatever the other screens say. */
double screen_id_runs_smallest(const struct screening *in, const struct screen_result *r)
{
    (void)r;
    uint64_t n = 0, k = 2;
    double tested = 0;
    for (size_t i = 0; i < in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i];
        tested += s->messages >= MESSAGES_LEAST && s->run_longest[RUN_ID_DOWN];
        n = s->messages > n ? s->messages : n;
    }
    double limit = screening_limit(in, FAMILY_SIGNS) - log(tested * RUNS);
    while (k < n && longrun_log_upper(k, n) > limit)
        k++;
    return (double)k;
}

/* --- letters ------------------------------------------------------------------------ */

enum { SIGNS = 4, PLACE_LEAST = 20 };

static const char *const sign_names[SIGNS] = {
    "capitals by place", "letters kept from the query before", "names spelt as before",
    "neighbours of one case"};

static double either(uint64_t k, uint64_t n, double p)
{
    return fmin(0, log(2) + fmin(binomial_log_upper(k, n, p), binomial_log_lower(k, n, p)));
}

static double places_log_p(const struct counts_source *s)
{
    double chi = 0, df = 0;
    for (size_t i = 0; i < HIST_LETTER; i++) {
        double up = (double)s->case_upper[i], low = (double)s->case_lower[i];
        if (up + low < PLACE_LEAST)
            break; /* no more have a letter further on */
        chi += (up - low) * (up - low) / (up + low);
        df++;
    }
    return df > 0 ? chisq_log_upper(chi, df) : 0;
}

/* Of names with l letters, all one case ruled out: 2^l - 2 spellings; each alike, each step of
 * two letters alike with chance (1/2 - 2^(1-l)) / (1 - 2^(1-l)). */
static double again_expected(const struct counts_source *s)
{
    double sum = 0;
    for (int i = 0; i < HIST_LETTER; i++)
        if (s->case_again[i])
            sum += (double)s->case_again[i] / (ldexp(1, i + 1) - 2);
    return sum;
}

static double alike_chance(const struct counts_source *s)
{
    double alike = 0, steps = 0;
    for (int i = 1; i < HIST_LETTER; i++) {
        uint64_t longer = i + 1 < HIST_LETTER ? s->case_upper[i + 1] + s->case_lower[i + 1] : 0;
        double n = (double)(s->case_upper[i] + s->case_lower[i] - longer);
        double one_case = ldexp(1, -i);
        alike += n * i * (.5 - one_case) / (1 - one_case);
        steps += n * i;
    }
    return steps > 0 ? fmax(alike / steps, 0) : .5;
}

static double letters_log_p(const struct counts_source *s, int *ret_which)
{
    uint64_t again = 0, equal = 0;
    for (size_t i = 0; i < HIST_LETTER; i++) {
        again += s->case_again[i];
        equal += s->case_equal[i];
    }
    const double log_p[SIGNS] = {
        places_log_p(s), either(s->case_same, s->case_same + s->case_other, .5),
        again ? poisson_log_upper(equal, again_expected(s)) : 0,
        either(s->case_alike, s->case_alike + s->case_unlike, alike_chance(s))};
    *ret_which = 0;
    for (int i = 1; i < SIGNS; i++)
        if (log_p[i] < log_p[*ret_which])
            *ret_which = i;
    return fmin(0, log(SIGNS) + log_p[*ret_which]);
}

void screen_letters(const struct screening *in, struct screen_result *ret)
{
    size_t tested = 0;
    int which = 0, sign = 0;
    double least = INFINITY;
    const struct counts_source *worst = NULL;
    for (size_t i = 0; i < in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i];
        if (s->case_upper[0] + s->case_lower[0] < MESSAGES_LEAST)
            continue;
        double log_p = letters_log_p(s, &which);
        tested++;
        if (log_p >= least)
            continue;
        least = log_p;
        worst = s;
        sign = which;
    }
    if (!worst) {
        screen_not_applicable(ret,
                              "no source has %d queries of clients that always mix capitals "
                              "and small letters",
                              MESSAGES_LEAST);
        return;
    }
    uint64_t up = 0, letters = 0, queries = worst->case_upper[0] + worst->case_lower[0];
    for (size_t i = 0; i < HIST_LETTER; i++) {
        up += worst->case_upper[i];
        letters += worst->case_upper[i] + worst->case_lower[i];
    }
    ret->value = exp(least);
    ret->log_p = log_sidak(least, (double)tested);
    screen_note(ret, "%.90s: %llu queries, %llu of %llu letters are capitals; least likely: %s",
                worst->name, (unsigned long long)queries, (unsigned long long)up,
                (unsigned long long)letters, sign_names[sign]);
}
