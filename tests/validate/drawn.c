/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validate/drawn.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/scenario.h"
#include "models/simulated.h"

static void die(const char *experiment, const struct err *err)
{
    fprintf(stderr, "%s: %s\n", experiment, err->msg);
    abort();
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
    if (study_read(ret_study, study_path, NULL, &err) < 0 ||
        study_resolve(*ret_study, *ret_counts, &err) < 0)
        die(experiment, &err);
    (*ret_study)->seed = rng_u32(r);
    return true;
}
