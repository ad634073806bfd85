/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * casesql - what the writer (casewrite.c) and the reader (casefile.c) of case files have
 * in common: the version of the schema, and the names of a source's histograms. Private
 * to the two.
 */
#ifndef INGEST_CASESQL_H
#define INGEST_CASESQL_H

#include "ingest/counts.h"

enum { CASESQL_APPLICATION = 0x444e5343 /* "DNSC" */, CASESQL_SCHEMA = 3 };

/* The histograms of a source by name, for both directions. */
struct casesql_histogram {
    const char *kind;
    size_t offset; /* in struct counts_source, of n uint64_t */
    int n;
};
enum { CASESQL_HISTOGRAMS = 26 };
extern const struct casesql_histogram casesql_histograms[CASESQL_HISTOGRAMS];

uint64_t *casesql_histogram(const struct counts_source *s, const struct casesql_histogram *h);

#endif
