/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yaml - strict reading of studies and scenarios. Hides libfyaml.
 *
 *     struct yaml *y;
 *     if (yaml_open(&y, "study.yaml", err) < 0) ...
 *     const struct yaml_node *root = yaml_root(y), *plan;
 *     static const char *const keys[] = {"study", "plan", NULL};
 *     if (yaml_only(y, root, keys, err) < 0) ...        // unknown or double key fails
 *     plan = yaml_get(root, "plan");                     // NULL: not there
 *     if (yaml_real(y, plan, &alpha, err) < 0) ...
 *     yaml_close(y);
 *
 * Every failure is ERR_USAGE and reads "file:line:column: expected ..., found
 * ...". Anchors, aliases and tags are refused, so a document is as large as its
 * text. Text stays valid until yaml_close.
 */
#ifndef MODELS_YAML_H
#define MODELS_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct yaml;
struct yaml_node;

int yaml_open(struct yaml **ret, const char *path, struct err *err);
int yaml_parse(struct yaml **ret, const char *name, struct span text, struct err *err);
void yaml_close(struct yaml *y);
const struct yaml_node *yaml_root(const struct yaml *y);

/* Shape. A scalar counts 0; items of a sequence, values of a mapping. */
bool yaml_is_map(const struct yaml_node *n);
bool yaml_is_list(const struct yaml_node *n);
size_t yaml_count(const struct yaml_node *n);
const struct yaml_node *yaml_item(const struct yaml_node *n, size_t i);
const char *yaml_key(const struct yaml *y, const struct yaml_node *map, size_t i);
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key); /* or NULL */

/* n is a mapping with no key outside `keys` (NULL ends it) and none twice. */
int yaml_only(const struct yaml *y, const struct yaml_node *n, const char *const *keys,
              struct err *err);
/* As yaml_get, but its absence is an error at the mapping's place. */
int yaml_need(const struct yaml *y, const struct yaml_node *map, const char *key,
              const struct yaml_node **ret, struct err *err);

/* Scalars of one type. */
int yaml_text(const struct yaml *y, const struct yaml_node *n, const char **ret,
              struct err *err);
int yaml_real(const struct yaml *y, const struct yaml_node *n, double *ret, struct err *err);
int yaml_i64(const struct yaml *y, const struct yaml_node *n, int64_t *ret, struct err *err);
int yaml_bool(const struct yaml *y, const struct yaml_node *n, bool *ret, struct err *err);
int yaml_duration(const struct yaml *y, const struct yaml_node *n, int64_t *ret_ns,
                  struct err *err);
int yaml_time(const struct yaml *y, const struct yaml_node *n, int64_t *ret_ns,
              struct err *err);

/* ERR_USAGE with the place of n before the message; one that says what was expected and not
 * what was found gets what stands there. */
int yaml_fail(const struct yaml *y, const struct yaml_node *n, struct err *err,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
