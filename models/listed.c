/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/listed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "models/nulls.h"
#include "stats/unseen.h"

const struct power_effect own_truncation = {
    "client_ratio",
    "mean days of asking of a listed client of the group, over those of the list's others", 1,
    1e4,
    "asks for the group's least client: a share of the group does not say how it is divided"};

static const char stream[] = "exclusivity_truncation";

struct list_job {
    const struct listed *list;
    struct truncated law;
    uint64_t *scratch; /* as many as others are listed, a worker */
    /* of power: laws as fitted to other lists, which do not depend on the effect */
    struct truncated again[POWER_SIMS];
    uint64_t seed, subject;
};

/* The law as fitted to a list of others that was drawn from it. */
static struct truncated refitted(const struct list_job *job, struct rng *r, size_t worker)
{
    size_t n = job->list->nothers;
    uint64_t *v = job->scratch + worker * n;
    for (size_t i = 0; i < n; i++)
        v[i] = truncated_draw(r, job->law.mu, job->law.theta);
    return truncated_fit(v, n);
}

/* The least of a group whose mean days as listed are `ratio` times the others', or all that
 * there are. */
static uint64_t least_of(const struct list_job *job, double ratio, struct rng *r)
{
    double mu = job->law.mu, theta = job->law.theta;
    uint64_t least = UINT64_MAX;
    if (ratio != 1)
        mu = truncated_mu(fmin(ratio * truncated_mean(mu, theta), (double)job->list->most),
                          theta);
    for (size_t i = 0; i < job->list->members; i++) {
        uint64_t own = truncated_draw(r, mu, theta);
        least = own < least ? own : least;
    }
    return least;
}

/* -ln of the tail among the listed, of the smallest member. */
static double list_draw(void *ctx, struct rng *r, size_t worker)
{
    const struct list_job *job = ctx;
    struct truncated law = refitted(job, r, worker);
    return -truncated_log_upper(least_of(job, 1, r), law.mu, law.theta);
}

static void fit_again(void *ctx, size_t i, size_t worker)
{
    struct list_job *job = ctx;
    struct rng r;
    rng_stream(&r, job->seed, RNG_SIMULATE, job->subject, (uint32_t)i);
    job->again[i] = refitted(job, &r, worker);
}

static double list_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct list_job *job = ctx;
    const struct truncated *law = &job->again[rng_below(r, POWER_SIMS)];
    uint64_t least = least_of(job, effect, r), most = job->list->most;
    (void)worker;
    return fmin(-truncated_log_upper(least < most ? least : most, law->mu, law->theta), 1e300);
}

static void list_power(struct trial *t, struct list_job *job, struct null_result *ret)
{
    ret->power.of = &own_truncation;
    if (!t->study->power || t->study->power_at_claim)
        return;
    job->seed = t->study->seed;
    job->subject = rng_subject_of(t->a.id, rng_subject("others listed", 13));
    par_for(t->threads, POWER_SIMS, fit_again, job);
    trial_power(t, stream, list_inject, job, ret);
}

void listed_test(struct trial *t, const struct listed *list, struct null_result *ret)
{
    struct list_job *job = mem_zero(1, sizeof *job);
    job->list = list;
    job->law = truncated_fit(list->others, list->nothers);
    job->scratch = mem_alloc(par_threads(t->threads) * list->nothers * sizeof *job->scratch);
    ret->statistic = "-ln tail of the group's least client among the listed";
    double tail = -truncated_log_upper(list->least, job->law.mu, job->law.theta);
    trial_replicate(t, stream, fmin(tail, 1e300), list_draw, job, ret);
    list_power(t, job, ret);
    free(job->scratch);
    free(job);
}
