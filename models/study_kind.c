/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a kind of claim may be asked by: lists of kinds, and the statistics of a kind; what is
 * asked of every claim. */
#include <stdio.h>
#include <string.h>

#include "models/kinds.h"
#include "models/study_claim.h"

const char *const series_feature_names[SERIES_FEATURES] = {
    [SERIES_SESSIONS] = "sessions",
    [SERIES_PEAKS] = "peaks",
    [SERIES_GAPS] = "gaps",
    [SERIES_CHANGES] = "changes",
};

const char *const gap_statistic_names[GAP_STATISTICS] = {
    [GAP_CV] = "cv",
    [GAP_LV] = "lv",
    [GAP_CV2] = "cv2",
};

bool claim_key_has(const char *list, const struct claim_kind *kind)
{
    size_t id = strlen(kind->id);
    for (const char *at = list, *end; at; at = *end ? end + 1 : NULL) {
        end = at + strcspn(at, " ");
        size_t n = (size_t)(end - at);
        if (n == 1 && *at == '*')
            return true;
        if (n < id || strncmp(at, kind->id, id) != 0)
            continue;
        bool feature = n > id && at[id] == '/' && kind->feature &&
                       strlen(kind->feature) == n - id - 1 &&
                       strncmp(at + id + 1, kind->feature, n - id - 1) == 0;
        if (n == id || feature)
            return true;
    }
    return false;
}

int claim_effect_check(const struct claim_kind *k, double effect, const struct yaml *y,
                       const struct yaml_node *at, struct err *err)
{
    if (k->most_effect > 0 && effect > k->most_effect)
        return yaml_fail(y, at, err, "expected an effect of at most %g, found %g",
                         k->most_effect, effect);
    if (!(k->sign * (effect - k->no_effect) > 0) || effect < 0)
        return yaml_fail(y, at, err,
                         "expected an effect %s %g (the value that means none), found %g",
                         k->sign > 0 ? "above" : "between 0 and", k->no_effect, effect);
    return 0;
}

int claim_id_check(const char *id, const struct yaml *y, const struct yaml_node *at,
                   struct err *err)
{
    size_t ok = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");
    return ok >= 1 && ok <= 64 && !id[ok]
               ? 0
               : yaml_fail(y, at, err,
                           "expected an id of 1 to 64 letters, digits, '_', '.' or '-'");
}

bool study_claim_statistic(struct study_claim *c, const char *name, char *ret_known, size_t n)
{
    bool gaps = claim_key_has("timing/regular", c->kind);
    const char *const *names = gaps ? gap_statistic_names : series_feature_names;
    size_t count = gaps ? (size_t)GAP_STATISTICS : (size_t)SERIES_FEATURES, used = 0;
    for (size_t i = 0; i < count; i++) {
        if (used < n)
            used +=
                (size_t)snprintf(ret_known + used, n - used, "%s%s", i ? ", " : "", names[i]);
        if (strcmp(names[i], name) != 0)
            continue;
        if (gaps)
            c->statistic = (int)i;
        else
            c->features = (enum series_feature)i;
        return true;
    }
    return false;
}
