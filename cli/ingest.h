/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ingest - what the parts of the command ingest have in common: the values of its options
 * and the state of one run. cmd_ingest.c is the order in which things happen; its
 * subjects are ingest_rules.c (options to rules), ingest_inputs.c (what is to be read),
 * ingest_tell.c (what the user is told of a source, and whether it may be counted),
 * ingest_memory.c (--memory), ingest_fit.c (may these sources be added up?), ingest_live.c
 * (live time) and ingest_doubt.c (what the counts show of a mistake).
 */
#ifndef CLI_INGEST_H
#define CLI_INGEST_H

#include "base/err.h"
#include "base/mem.h"
#include "base/tz.h"
#include "cli/commands.h"
#include "ingest/source.h"
#include "ingest/tally.h"

struct ingest_values {
    const char *out, *progress, *format, *client, *live, *columns, *delimiter, *time_format,
        *timezone, *files_from, *clock_offset, *count, *name, *qtype, *pseudonyms, *vantage,
        *dnstap_type;
    struct opt_list ports, keep;
    int64_t tick, dedup, threads, year, memory;
    double max_skips;
    bool same_log, different_servers;
    bool append, strict, keep_going, dry_run, quiet, json;
};

/* Where a source came from: for messages about two of them. */
struct ingest_origin {
    const char *path; /* as typed */
    bool is_case;
};

/* A line of --live. */
struct ingest_given {
    int64_t from_ns, to_ns;
    const char *source; /* base name of an input, or NULL: said of all of them */
};

struct ingest_job {
    struct ingest_values v;
    struct opt_list inputs;  /* paths, and for each: */
    struct opt_list servers; /* its @server=, or NULL */
    struct arena texts;
    char *list_text; /* what --files-from named */
    struct tz *zone;
    struct canon_labels *labels;
    struct suffix *suffix; /* NULL unless needed */
    struct pseudonyms *pseudonyms;
    struct keep *keep;
    uint16_t *ports;
    struct source_opts source;
    struct tally *tally;
    struct ingest_origin *origins; /* one a source of the tally */
    size_t norigins, origins_cap;
    struct tally_total total; /* when memory was last looked at */
    uint64_t total_at;        /* records then */
    struct progress progress;
    double bytes_done, bytes_all;
    bool live_given; /* by the user, now or in a case that was read */
    char *live_text; /* what --live named, and its lines: */
    struct ingest_given *given;
    size_t ngiven, given_cap;
    struct counts_live *live; /* of the case, until it is made */
    size_t nlive, live_cap;
    bool failed;
};

/* Options to rules and to what readers are told; makes the tally. */
int ingest_set_up(struct ingest_job *job, struct err *err);

/* Operands and --files-from to inputs. */
int ingest_list_inputs(struct ingest_job *job, int argc, char **argv, struct err *err);

/* All of a small text file of the user, ended by a zero byte; malloced. */
int ingest_read_text(char **ret, const char *path, struct err *err);

const char *ingest_base_name(const char *path);

/* What was left out, "header 1, response 33" and so on; returns out. */
enum { INGEST_SKIPS_MAX = 320 };
const char *ingest_skips(char out[INGEST_SKIPS_MAX], const struct skips *s);

/* A line to stdout about a source, and what its reader had to decide to stderr: notes
 * [from, to). */
void ingest_summarise(const struct ingest_job *job, const char *path,
                      const struct counts_source *s);
void ingest_warn_of_notes(const char *path, const struct notes *n, int from, int to);

/* Which responses of a source are transactions is known when all sources were read. */
bool ingest_summarises_late(const struct ingest_job *job);

/* May this source be counted, now that it was read? Where its first malformed records stand is
 * told in any case; `unit` is that of its format. */
int ingest_judge(const struct ingest_job *job, const char *path, const char *unit,
                 const struct counts_source *s, bool cut, struct err *err);

/* Do the counts keep to --memory? To be asked often: what freezing them will take is only
 * worked out when there are twice as many records as the last time, or at the end (whole). */
int ingest_check_memory(struct ingest_job *job, bool whole, struct err *err);

/* Is there no log twice among the sources, and anything in them? */
int ingest_check_sources(const struct ingest_job *job, struct err *err);

/* --live, before the inputs are read. */
int ingest_read_live(struct ingest_job *job, struct err *err);

/* Live time that came with a case. */
void ingest_add_live(struct ingest_job *job, int64_t from_ns, int64_t to_ns, const char *why);

/* When all is read: of each source that was no case, and then of the whole. */
void ingest_source_live(struct ingest_job *job);
void ingest_make_live(struct ingest_job *job, struct counts *c);

/* Warn of counts such as rows that are there twice, columns that are swapped, or gaps between
 * inputs give; of whole counts, with their live time. */
void ingest_doubt(const struct ingest_job *job, const struct counts *c);

#endif
