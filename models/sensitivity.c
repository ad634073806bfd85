/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sensitivity.h"

#include "models/study_claim.h"

#include <math.h>

static const struct {
    const char *set;
    double ttl_s, session_s; /* 0: as planned */
} settings[VARIANTS] = {
    {"ttl=5m", 300, 0},   {"ttl=1h", 3600, 0},    {"ttl=1d", 86400, 0},
    {"session=1s", 0, 1}, {"session=5m", 0, 300},
};

/* 999, or as many as let the smallest p pay for the search, up to 99,999. */
static uint32_t replicates_for(const struct study *s, const struct study_claim *c)
{
    double looks = c->search.kind == SEARCH_UNKNOWN ? 1 : c->search.low;
    double decide = -expm1(log1p(-s->alpha) / looks);
    return (uint32_t)fmin(fmax(999, ceil(1 / decide)), 99999);
}

size_t sensitivity_run(const struct study *s, size_t claim, const struct counts *c,
                       size_t threads, struct variant ret[VARIANTS])
{
    size_t n = 0,
           unread = SIZE_MAX; /* the first variant of settings that the kind does not read */
    for (size_t i = 0; i < VARIANTS; i++) {
        struct study other = *s;
        other.power = false;
        other.effort = EFFORT_COARSE;
        struct study_claim changed = s->claims[claim];
        double planned = changed.ttl.kind == TTL_GIVEN ? changed.ttl.seconds : 0;
        bool same = settings[i].ttl_s > 0 ? settings[i].ttl_s == planned
                                          : settings[i].session_s == s->session_s;
        if (same)
            continue;
        bool reads = study_axis_known(&s->claims[claim],
                                      settings[i].ttl_s > 0 ? SPEC_TTL : SPEC_SESSION);
        if (!reads && unread != SIZE_MAX) {
            ret[n] = ret[unread];
            ret[n++].set = settings[i].set;
            continue;
        }
        if (settings[i].ttl_s > 0)
            changed.ttl = (struct study_ttl){TTL_GIVEN, settings[i].ttl_s, ""};
        else
            other.session_s = settings[i].session_s;
        uint32_t enough = replicates_for(s, &changed);
        if (other.max_replicates > enough)
            other.max_replicates = enough;
        struct claim_result r = {0};
        if (claim_test(&r, &other, &changed, c, threads, NULL) < 0)
            continue;
        claim_turn(&r, &changed);
        unread = reads ? unread : n;
        ret[n++] = (struct variant){settings[i].set, r.effect, r.log_p, r.verdict, r.why};
        claim_result_free(&r);
    }
    return n;
}
