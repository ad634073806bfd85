/* SPDX-License-Identifier: GPL-3.0-or-later
 * ingest: look-ups of any known format into a case. Here stand its options, and what is
 * done in which order; cli/ingest.h names the rest. */
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "cli/ingest.h"
#include "ingest/captures.h"
#include "ingest/casefile.h"

#define AT(field) offsetof(struct ingest_values, field)
static const struct opt options[] = {
    {"o", OPT_TEXT, "CASE", NULL, AT(out), "case file to write"},
    {"append", OPT_FLAG, NULL, NULL, AT(append), "add to the case that is there"},
    {"dry-run", OPT_FLAG, NULL, NULL, AT(dry_run), "read and count everything, write no case"},
    {"files-from", OPT_TEXT, "LIST", NULL, AT(files_from),
     "also read the inputs named in LIST"},
    {"format", OPT_TEXT, "NAME", NULL, AT(format), "format of the inputs, else by content"},
    {"tick", OPT_DURATION, "D", "1s", AT(tick), "time resolution of the case"},
    {"count", OPT_TEXT, "WHAT", "queries", AT(count),
     "what one look-up is: queries, responses or transactions"},
    {"client", OPT_TEXT, "RULE", "address", AT(client),
     "who is one client: address, prefix/N[,M], labels:FILE or ecs"},
    {"name", OPT_TEXT, "RULE", "full", AT(name),
     "what is one name: full, or registered domain"},
    {"qtype", OPT_TEXT, "RULE", "each", AT(qtype),
     "each record type by itself, or merge: all types of a pair are one"},
    {"keep", OPT_LIST, "SELECTOR", NULL, AT(keep),
     "count only look-ups of client=PATTERN[,name=PATTERN...]; of several, any"},
    {"vantage", OPT_TEXT, "WHERE", "unknown", AT(vantage),
     "where the sensor stood: below, above, authority or unknown"},
    {"pseudonyms", OPT_TEXT, "KEYFILE", NULL, AT(pseudonyms),
     "other names for clients, servers and names, the same for the same key"},
    {"dedup", OPT_DURATION, "D", "10ms", AT(dedup), "window of tap duplicates; 0 keeps all"},
    {"port", OPT_LIST, "N", NULL, AT(ports), "captures: another port that carries DNS"},
    {"dnstap-type", OPT_TEXT, "NAME", NULL, AT(dnstap_type),
     "dnstap: the one type of message that counts, such as client_query"},
    {"clock-offset", OPT_TEXT, "[-]D", NULL, AT(clock_offset), "added to every time"},
    {"live", OPT_TEXT, "FILE", NULL, AT(live),
     "CSV of from,to[,source]: when the sensors listened"},
    {"columns", OPT_TEXT, "LIST", NULL, AT(columns),
     "delimited text: columns, such as time,client,name,-,qtype"},
    {"delimiter", OPT_TEXT, "CHAR", NULL, AT(delimiter), "delimited text: what parts columns"},
    {"time-format", OPT_TEXT, "NAME", NULL, AT(time_format),
     "iso, epoch, epoch_ms, epoch_us or epoch_ns"},
    {"timezone", OPT_TEXT, "ZONE", NULL, AT(timezone), "of times that name no zone"},
    {"year", OPT_COUNT, "Y", NULL, AT(year), "of the first time that names none"},
    {"same-log", OPT_FLAG, NULL, NULL, AT(same_log),
     "inputs may be parts of one log: a row in two of them counts once"},
    {"different-servers", OPT_FLAG, NULL, NULL, AT(different_servers),
     "inputs are logs of different servers: a row in two of them counts twice"},
    {"max-skips", OPT_REAL, "PERCENT", "1", AT(max_skips),
     "most malformed records of a source"},
    {"strict", OPT_FLAG, NULL, NULL, AT(strict), "a source that is cut is an error"},
    {"keep-going", OPT_FLAG, NULL, NULL, AT(keep_going),
     "leave failed sources out, write the case, exit 1"},
    {"threads", OPT_COUNT, "N", "0", AT(threads), "threads; 0 is one a processor"},
    {"memory", OPT_BYTES, "SIZE", NULL, AT(memory),
     "most memory that counts may take, such as 4G; what needs more is refused"},
    {"progress", OPT_CHOICE, PROGRESS_FORMS, "terminal", AT(progress), PROGRESS_HELP},
    {"json", OPT_FLAG, NULL, NULL, AT(json), "the same as --progress json"},
    {"quiet", OPT_FLAG, NULL, NULL, AT(quiet), "no progress, no summary"},
    OPT_END};

/* --- sources ------------------------------------------------------------------- */

static void add_origin(struct ingest_job *job, const char *path, bool is_case)
{
    MEM_GROW(job->origins, job->norigins, job->origins_cap);
    job->origins[job->norigins++] = (struct ingest_origin){path, is_case};
}

static int read_source(struct ingest_job *job, struct source *s, size_t index, struct err *err)
{
    const struct lookup *v;
    size_t n;
    int got;
    struct input *in = source_input(s);
    while ((got = source_next(s, &v, &n, err)) > 0) {
        int rc = tally_add(job->tally, index, v, n, source_skips(s), err);
        if (rc == 0)
            rc = ingest_check_memory(job, false, err);
        if (rc < 0)
            return err_context(err, "%s: record %" PRIu64, input_path(in), source_read(s));
        progress_show(&job->progress, job->bytes_done + (double)input_stored(in),
                      job->bytes_all);
    }
    return got;
}

/* What a reader of the counts must know of a source stays with it, behind its format. */
static void describe(struct counts_source *info, const char *note)
{
    if (!note)
        return;
    char *format = mem_format("%s (%s)", info->format, note);
    free(info->format);
    info->format = format;
}

static int add_log(struct ingest_job *job, const char *path, const char *server,
                   struct err *err)
{
    struct source *s = NULL;
    add_origin(job, path, false);
    int rc = source_open(&s, path, &job->source, err);
    size_t index = tally_source(job->tally, ingest_base_name(path),
                                rc == 0 ? source_kind(s)->name : "failed");
    if (rc == 0 && server)
        rc = tally_serve(job->tally, index, server, err);
    if (rc == 0)
        rc = read_source(job, s, index, err);
    struct counts_source *info = tally_source_info(job->tally, index);
    if (rc == 0) {
        struct input *in = source_input(s);
        input_digest(in, info->sha256);
        info->bytes = input_stored(in);
        info->read = source_read(s);
        info->skips = *source_skips(s);
        info->notes = *source_notes(s);
        describe(info, source_note(s));
        job->bytes_done += (double)info->bytes;
        if (!ingest_summarises_late(job))
            ingest_summarise(job, path, info);
        ingest_warn_of_notes(path, &info->notes, 0, NOTES);
        rc = ingest_judge(job, path, source_kind(s)->unit, info, input_cut(in), err);
    }
    if (rc < 0)
        tally_drop(job->tally);
    source_close(s);
    return rc;
}

static int add_case(struct ingest_job *job, const char *path, const char *server,
                    struct err *err)
{
    struct counts *c;
    if (server)
        return err_set(err, ERR_USAGE, "%s@server=%s: expected a log, found a case", path,
                       server);
    int rc = casefile_read(&c, path, err);
    if (rc < 0) {
        add_origin(job, path, false);
        tally_source(job->tally, ingest_base_name(path), "failed");
        return rc;
    }
    rc = tally_add_counts(job->tally, c, err);
    if (rc == 0)
        rc = ingest_check_memory(job, false, err);
    if (rc < 0)
        err_context(err, "%s", path);
    for (size_t i = 0; rc == 0 && i < c->nsources; i++) {
        add_origin(job, path, true);
        if (!ingest_summarises_late(job))
            ingest_summarise(job, c->sources[i].name, &c->sources[i]);
    }
    for (size_t i = 0; rc == 0 && i < c->nlive; i++) {
        job->live_given |= strcmp(c->live[i].why, "given") == 0;
        ingest_add_live(job, c->live[i].from_ns, c->live[i].to_ns, c->live[i].why);
    }
    counts_free(c);
    return rc;
}

static int add_inputs(struct ingest_job *job, struct err *err)
{
    int rc = 0;
    size_t i;
    if (job->v.append)
        rc = add_case(job, job->v.out, NULL, err);
    job->source.captures = captures_new(job->inputs.v, job->inputs.n, job->v.format);
    progress_start(&job->progress, "reading", "bytes",
                   progress_form(job->v.quiet, job->v.json, job->v.progress));
    while (rc == 0 && captures_next(job->source.captures, &i)) {
        const char *path = job->inputs.v[i];
        rc = casefile_probe(path) ? add_case(job, path, job->servers.v[i], err)
                                  : add_log(job, path, job->servers.v[i], err);
        if (rc < 0 && rc != ERR_USAGE && rc != ERR_LIMIT && rc != ERR_MISMATCH &&
            job->v.keep_going) {
            opts_fail(err);
            job->failed = true;
            rc = 0;
        }
    }
    progress_end(&job->progress);
    return rc;
}

/* --- the whole -------------------------------------------------------------------- */

static void print_total(const struct ingest_job *job, struct tally_total total)
{
    if (!job->v.quiet)
        printf("%" PRIu64 " look-ups and %" PRIu64 " tap duplicates of %" PRIu32
               " clients and %" PRIu32 " names in"
               " %zu series\n",
               total.lookups, total.duplicates, total.nclients, total.nnames, total.npairs);
    if (!job->v.quiet && total.nintervals)
        printf("%zu intervals of passive DNS, which are in no series\n", total.nintervals);
}

static struct tally_total total_of(const struct counts *c)
{
    struct tally_total sum = {.nclients = c->nclients,
                              .nnames = c->nnames,
                              .npairs = c->npairs,
                              .nintervals = c->nintervals};
    for (size_t i = 0; i < c->npairs; i++) {
        sum.lookups += c->pairs[i].total;
        sum.duplicates += c->pairs[i].duplicates;
    }
    return sum;
}

static int write_case(struct ingest_job *job, size_t threads, struct tally_total *ret,
                      struct err *err)
{
    struct counts *c = tally_freeze(job->tally, threads);
    job->tally = NULL;
    for (size_t i = 0; ingest_summarises_late(job) && i < c->nsources; i++)
        ingest_summarise(job, c->sources[i].name, &c->sources[i]);
    for (size_t i = 0; job->v.same_log && i < c->nsources; i++)
        ingest_warn_of_notes(c->sources[i].name, &c->sources[i].notes, NOTE_TWIN,
                             NOTE_TWIN + 1);
    ingest_make_live(job, c);
    ingest_doubt(job, c);
    int rc = job->v.dry_run ? 0 : casefile_write(job->v.out, c, err);
    *ret = total_of(c);
    counts_free(c);
    return rc;
}

/* Is there nothing to say that only whole counts know? */
static bool only_total(const struct ingest_job *job)
{
    bool only =
        job->v.dry_run && !job->live_given && !job->v.same_log && !ingest_summarises_late(job);
    for (size_t i = 0; only && i < job->norigins; i++)
        only = tally_source_info(job->tally, i)->intervals == 0; /* equal ones become one */
    return only;
}

static int work(struct ingest_job *job, int argc, char **argv, struct err *err)
{
    int rc = ingest_list_inputs(job, argc, argv, err);
    if (rc == 0)
        rc = ingest_set_up(job, err);
    if (rc == 0 && job->v.live)
        rc = ingest_read_live(job, err);
    if (rc == 0 && !job->v.dry_run)
        rc = casefile_may_write(job->v.out, err);
    if (rc == 0)
        rc = add_inputs(job, err);
    if (rc == 0)
        rc = ingest_check_sources(job, err);
    if (rc == 0)
        rc = ingest_check_memory(job, true, err);
    if (rc < 0)
        return rc;
    ingest_source_live(job);
    size_t threads = par_threads((size_t)job->v.threads);
    struct tally_total total;
    if (only_total(job))
        total = tally_total(job->tally, threads);
    else
        rc = write_case(job, threads, &total, err);
    if (rc == 0)
        print_total(job, total);
    return rc;
}

static void job_free(struct ingest_job *job)
{
    tally_free(job->tally);
    captures_free(job->source.captures);
    canon_labels_free(job->labels);
    pseudonym_free(job->pseudonyms);
    keep_free(job->keep);
    free(job->v.keep.v);
    suffix_free(job->suffix);
    tz_free(job->zone);
    free(job->ports);
    free(job->inputs.v);
    free(job->servers.v);
    arena_free(&job->texts);
    free(job->v.ports.v);
    free(job->list_text);
    free(job->origins);
    free(job->live_text);
    free(job->given);
    counts_live_free(job->live, job->nlive);
}

static int run(int argc, char **argv)
{
    /* Keep freed memory: the tables of one step are the room of the next, and getting
     * fresh pages cleared by the kernel was a fifth of the work. */
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    struct ingest_job job = {0};
    int first = opts_read(&cmd_ingest, &job.v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    struct err err;
    int rc = work(&job, argc - first, argv + first, &err);
    progress_end(&job.progress);
    job_free(&job);
    if (rc < 0)
        return opts_fail(&err);
    return job.failed ? 1 : 0;
}

const struct command cmd_ingest = {
    "look-ups to counts",
    "ingest",
    "-o CASE INPUT...",
    "read look-ups of any known format and count them into a case file",
    "INPUT is a log or capture, compressed or not, told by its content; '-' is stdin; case\n"
    "files are added up. Every record read is a look-up or a skip with a reason.\n",
    options,
    run};
