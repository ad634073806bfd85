/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * casesql - what the writer (casewrite.c) and the reader (casefile.c) of case files have
 * in common: the version of the schema, and the names of a source's histograms. Private
 * to the two.
 */
#ifndef INGEST_CASESQL_H
#define INGEST_CASESQL_H

#include "ingest/counts.h"

/* Schemas CASESQL_OLDEST to CASESQL_SCHEMA are read, the last is written:
 *   2  table interval
 *   3  table source_live
 *   4  steps among the marks of a pair, longest runs and letters among the histograms (cases
 *      of 3 that were made in between have some of them)
 * A reader refuses what it does not know, so whatever older readers would refuse, a kind of
 * mark or a word in a table, needs a higher schema, or they cannot say why. */
enum { CASESQL_APPLICATION = 0x444e5343 /* "DNSC" */, CASESQL_OLDEST = 3, CASESQL_SCHEMA = 4 };

/* The histograms of a source by name, for both directions. */
struct casesql_histogram {
    const char *kind;
    size_t offset; /* in struct counts_source, of n uint64_t */
    int n;
};
enum { CASESQL_HISTOGRAMS = 26 };
extern const struct casesql_histogram casesql_histograms[CASESQL_HISTOGRAMS];

_Static_assert(CASESQL_SCHEMA == 4 && MARK_MOVED == 6 && CASESQL_HISTOGRAMS == 26 &&
                   SKIP_REASONS == 33 && NOTES == 4 && COUNTS_RULES == 7,
               "readers of this schema refuse what is new here: raise it");

uint64_t *casesql_histogram(const struct counts_source *s, const struct casesql_histogram *h);

#endif
