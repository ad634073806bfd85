/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scenario - a simulated world from a YAML file; docs/scenario.md is its manual.
 *
 *     struct scenario s;
 *     if (scenario_open(&s, "scenario.yaml", err) < 0) ...
 *     simulate(&s.world, &rows, &n, err);
 *     scenario_close(&s);
 *
 * Strict: an unknown key, a wrong type or a number out of range is ERR_USAGE
 * with file, line and column.
 */
#ifndef MODELS_SCENARIO_H
#define MODELS_SCENARIO_H

#include "base/mem.h"
#include "models/simulate.h"
#include "models/yaml.h"

struct scenario {
    struct sim_world world; /* everything in it belongs to the scenario */
    struct yaml *yaml;
    struct arena memory;
};

int scenario_open(struct scenario *ret, const char *path, struct err *err);
int scenario_parse(struct scenario *ret, const char *name, struct span text, struct err *err);
void scenario_close(struct scenario *s);

#endif
