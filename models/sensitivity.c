/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sensitivity.h"

#include "models/live.h"
#include "models/study_claim.h"

#include <math.h>
#include <string.h>

enum silences { SILENCES_AS_PLANNED, SILENCES_IN, SILENCES_OUT };
static const struct setting {
    const char *set;
    double ttl_s, session_s; /* 0: as planned */
    enum silences silences;
} settings[VARIANTS] = {
    {"ttl=5m", 300, 0, SILENCES_AS_PLANNED},     {"ttl=1h", 3600, 0, SILENCES_AS_PLANNED},
    {"ttl=1d", 86400, 0, SILENCES_AS_PLANNED},   {"session=1s", 0, 1, SILENCES_AS_PLANNED},
    {"session=5m", 0, 300, SILENCES_AS_PLANNED}, {"silences=in", 0, 0, SILENCES_IN},
    {"silences=out", 0, 0, SILENCES_OUT},
};

void sensitivity_live_make(struct sensitivity_live *ret, const struct counts *c)
{
    bool inferred = c->nlive > 0 && strcmp(c->live[0].why, "inferred") == 0;
    ret->in = ret->out = *c;
    live_gaps_in(c, &ret->in.live, &ret->in.nlive);
    if (inferred || counts_is_part(c)) /* they are out; they are not the sensor's */
        ret->out.live = counts_live_copy(c->live, c->nlive);
    else
        live_gaps_out(c, &ret->out.live, &ret->out.nlive);
}

void sensitivity_live_free(struct sensitivity_live *l)
{
    counts_live_free(l->in.live, l->in.nlive);
    counts_live_free(l->out.live, l->out.nlive);
}

/* 999, or as many as let the smallest p pay for the search, up to 99,999. */
static uint32_t replicates_for(const struct study *s, const struct study_claim *c)
{
    double looks = c->search.kind == SEARCH_UNKNOWN ? 1 : c->search.low;
    double decide = -expm1(log1p(-s->alpha) / looks);
    return (uint32_t)fmin(fmax(999, ceil(1 / decide)), 99999);
}

/* The case as the setting has it: `c` itself where it leaves live time alone. */
static const struct counts *heard_as(const struct setting *v, const struct counts *c,
                                     const struct sensitivity_live *live)
{
    return v->silences == SILENCES_IN    ? &live->in
           : v->silences == SILENCES_OUT ? &live->out
                                         : c;
}

/* Live time of the claim's window; the case's whole where it names none. */
static int64_t live_of(const struct study_claim *q, const struct counts *c)
{
    bool named = q->from_ns < q->to_ns;
    return counts_live_within(c, named ? q->from_ns : INT64_MIN, named ? q->to_ns : INT64_MAX);
}

/* Would the claim be tested as planned? */
static bool same(const struct setting *v, const struct study *s, const struct study_claim *q,
                 const struct counts *planned, const struct counts *other)
{
    if (v->silences != SILENCES_AS_PLANNED)
        return live_of(q, planned) == live_of(q, other);
    return v->ttl_s > 0 ? q->ttl.kind == TTL_GIVEN && v->ttl_s == q->ttl.seconds
                        : v->session_s == s->session_s;
}

static bool reads(const struct setting *v, const struct study_claim *q)
{
    return v->silences != SILENCES_AS_PLANNED ||
           study_axis_known(q, v->ttl_s > 0 ? SPEC_TTL : SPEC_SESSION);
}

/* false: nothing can be tested so. */
static bool tested(const struct setting *v, const struct study *s, const struct study_claim *q,
                   const struct counts *c, size_t threads, struct variant *ret)
{
    struct study other = *s;
    struct study_claim changed = *q;
    other.power = false;
    other.effort = EFFORT_COARSE;
    if (v->ttl_s > 0)
        changed.ttl = (struct study_ttl){TTL_GIVEN, v->ttl_s, ""};
    if (v->session_s > 0)
        other.session_s = v->session_s;
    uint32_t enough = replicates_for(s, &changed);
    if (other.max_replicates > enough)
        other.max_replicates = enough;
    struct claim_result r = {0};
    if (claim_test(&r, &other, &changed, c, threads, NULL) < 0)
        return false;
    claim_turn(&r, &changed);
    *ret = (struct variant){v->set, r.effect, r.log_p, r.verdict, r.why};
    claim_result_free(&r);
    return true;
}

size_t sensitivity_run(const struct study *s, size_t claim, const struct counts *c,
                       const struct sensitivity_live *live, size_t threads,
                       struct variant ret[VARIANTS])
{
    const struct study_claim *q = &s->claims[claim];
    size_t n = 0,
           unread = SIZE_MAX; /* the first variant of settings that the kind does not read */
    for (size_t i = 0; i < VARIANTS; i++) {
        const struct setting *v = &settings[i];
        const struct counts *heard = heard_as(v, c, live);
        if (same(v, s, q, c, heard))
            continue;
        if (!reads(v, q) && unread != SIZE_MAX) {
            ret[n] = ret[unread];
            ret[n++].set = v->set;
        } else if (tested(v, s, q, heard, threads, &ret[n])) {
            unread = reads(v, q) ? unread : n;
            n++;
        }
    }
    return n;
}
