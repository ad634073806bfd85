/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pattern - texts of clients and names by * (any run) and ? (one byte), the whole text.
 */
#ifndef INGEST_PATTERN_H
#define INGEST_PATTERN_H

#include "base/span.h"

bool pattern_match(const char *pattern, struct span text);

#endif
