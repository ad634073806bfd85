/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/settings.h"

#include <stdlib.h>

#include "base/mem.h"

struct settings *settings_run(const struct study *s, const struct counts *c, size_t threads,
                              struct watch *w)
{
    struct settings *v = mem_zero(s->nclaims + 1, sizeof *v);
    struct sensitivity_live live;
    sensitivity_live_make(&live, c);
    for (size_t i = 0; i < s->nclaims; i++) {
        watch_at(w, STAGE_SETTINGS, s, &s->claims[i]);
        v[i].nvariants = sensitivity_run(s, i, c, &live, threads, v[i].variant);
        watch_at(w, STAGE_CURVE, s, &s->claims[i]);
        multiverse_run(&v[i].curve, s, &s->claims[i], c, threads);
    }
    sensitivity_live_free(&live);
    return v;
}

void settings_free(struct settings *v, size_t nclaims)
{
    for (size_t i = 0; i < nclaims; i++)
        multiverse_free(&v[i].curve);
    free(v);
}
