/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/pattern.h"

bool pattern_match(const char *pattern, struct span text)
{
    size_t i = 0, star_text = 0;
    const char *star = NULL;
    while (i < text.n) {
        if (*pattern == '*') {
            star = pattern++;
            star_text = i;
        } else if (*pattern && (*pattern == '?' || *pattern == text.p[i])) {
            pattern++;
            i++;
        } else if (star) {
            pattern = star + 1;
            i = ++star_text;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
