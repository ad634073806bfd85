/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validate/drawn.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/scenario.h"
#include "models/simulated.h"

static void die(const char *where, const struct err *err)
{
    fprintf(stderr, "%s: %s\n", where, err->msg);
    abort();
}

void drawn_screens(struct integrity *ret, const struct counts *c, const double *ttl_s,
                   uint64_t seed)
{
    integrity_run(
        ret, c,
        &(struct integrity_opts){
            .alpha = .01, .session_s = 30, .ttl_s = ttl_s, .seed = seed, .threads = 1});
}

struct study *drawn_study(const char *path, const char *const *set, const struct counts *c,
                          struct rng *r)
{
    struct study *s;
    struct err err;
    if (study_read(&s, path, set, &err) < 0 || (c && study_resolve(s, c, &err) < 0))
        die(path, &err);
    s->seed = rng_u32(r);
    return s;
}

bool drawn_log(const char *experiment, const char *scenario, const char *study_path,
               struct rng *r, struct counts **ret_counts, struct study **ret_study)
{
    struct scenario s;
    struct err err;
    if (scenario_parse(&s, experiment, span_of(scenario), &err) < 0)
        die(experiment, &err);
    s.world.seed = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    bool some = simulated_counts(ret_counts, &s.world, NULL) == 0;
    scenario_close(&s);
    if (!some)
        return false;
    *ret_study = drawn_study(study_path, NULL, *ret_counts, r);
    return true;
}
