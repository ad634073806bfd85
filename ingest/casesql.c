/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/casesql.h"

const struct casesql_histogram casesql_histograms[CASESQL_HISTOGRAMS] = {
    {"subsecond", offsetof(struct counts_source, subsecond), HIST_SUBSECOND},
    {"second", offsetof(struct counts_source, second), HIST_SECOND},
    {"id_high", offsetof(struct counts_source, id_high), HIST_BYTE},
    {"id_low", offsetof(struct counts_source, id_low), HIST_BYTE},
    {"port_low", offsetof(struct counts_source, port_low), HIST_BYTE},
    {"quarter", offsetof(struct counts_source, quarter), HIST_QUARTER},
    {"back", offsetof(struct counts_source, back), HIST_STEP},
    {"messages", offsetof(struct counts_source, messages), 1},
    {"id_pairs", offsetof(struct counts_source, id_pairs), 1},
    {"port_pairs", offsetof(struct counts_source, port_pairs), 1},
    {"id_rises", offsetof(struct counts_source, id_rises), 1},
    {"id_next", offsetof(struct counts_source, id_next), 1},
    {"id_longest", offsetof(struct counts_source, id_longest), 1},
    {"server_same", offsetof(struct counts_source, server_same), 1},
    {"server_other", offsetof(struct counts_source, server_other), 1},
    {"trait_same", offsetof(struct counts_source, trait_same), HIST_TRAIT},
    {"trait_other", offsetof(struct counts_source, trait_other), HIST_TRAIT},
    {"run_longest", offsetof(struct counts_source, run_longest), HIST_RUN},
    {"case_upper", offsetof(struct counts_source, case_upper), HIST_LETTER},
    {"case_lower", offsetof(struct counts_source, case_lower), HIST_LETTER},
    {"case_again", offsetof(struct counts_source, case_again), HIST_LETTER},
    {"case_equal", offsetof(struct counts_source, case_equal), HIST_LETTER},
    {"case_same", offsetof(struct counts_source, case_same), 1},
    {"case_other", offsetof(struct counts_source, case_other), 1},
    {"case_alike", offsetof(struct counts_source, case_alike), 1},
    {"case_unlike", offsetof(struct counts_source, case_unlike), 1},
};

uint64_t *casesql_histogram(const struct counts_source *s, const struct casesql_histogram *h)
{
    return (uint64_t *)(void *)((char *)(uintptr_t)s + h->offset);
}
