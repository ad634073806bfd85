/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * settings - what other settings than the planned ones would have given: each claim under one
 * other setting at a time (models/sensitivity.h) and under every combination of the study's
 * `specifications:` (models/multiverse.h). Beside the answers, never part of them.
 */
#ifndef MODELS_SETTINGS_H
#define MODELS_SETTINGS_H

#include "models/multiverse.h"
#include "models/sensitivity.h"
#include "models/watch.h"

struct settings {
    struct variant variant[VARIANTS];
    size_t nvariants;
    struct multiverse curve; /* n 0: none */
};

/* One a claim, in their order. */
struct settings *settings_run(const struct study *s, const struct counts *c, size_t threads,
                              struct watch *w);
void settings_free(struct settings *v, size_t nclaims);

#endif
