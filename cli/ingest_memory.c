/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "cli/ingest.h"

enum {
    RECORDS_LEAST = 100000, /* below so many nothing can be large */
    PROGRAM = 16 << 20      /* itself, its libraries, buffers of reading and of SQLite */
};

static int too_large(const struct ingest_job *job, size_t need, struct err *err)
{
    const double megabyte = 1 << 20;
    const struct tally_total *total = &job->total;
    return err_set(
        err, ERR_LIMIT,
        "expected counts that %.4g MB of memory hold (--memory), found that these need %.4g MB:"
        " so far %" PRIu64 " records of %" PRIu32 " clients and %" PRIu32
        " names in %zu series; --keep counts a part, and --client prefix/N, --name"
        " registered or --qtype merge make fewer series",
        (double)job->v.memory / megabyte, (double)need / megabyte, tally_records(job->tally),
        total->nclients, total->nnames, total->npairs);
}

int ingest_check_memory(struct ingest_job *job, bool whole, struct err *err)
{
    size_t most = (size_t)job->v.memory, threads = (size_t)job->v.threads;
    if (!most)
        return 0;
    uint64_t records = tally_records(job->tally);
    bool full = PROGRAM + tally_memory(job->tally) > most;
    if (full || whole || (records >= RECORDS_LEAST && records / 2 >= job->total_at)) {
        job->total = tally_total(job->tally, threads);
        job->total_at = records;
    }
    size_t need = PROGRAM + tally_peak(job->tally, &job->total, threads);
    return full || need > most ? too_large(job, need, err) : 0;
}
