/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * study_reader - what study.c and study_*.c share while they read a study: values that more
 * than one of its parts may hold. Private to these.
 *
 * All that return int return 0 or ERR_USAGE with file, line and column before the message.
 */
#ifndef MODELS_STUDY_READER_H
#define MODELS_STUDY_READER_H

#include "models/study.h"

/* Where a value is read: the document, the study that gets it, and the file's path, to
 * which the paths of other files are relative. */
struct study_reader {
    struct study *s;
    const struct yaml *y;
    const char *path;
    struct err *err;
};

int study_reader_seconds(struct study_reader *r, const struct yaml_node *n, double *ret_s);
int study_reader_positive(struct study_reader *r, const struct yaml_node *n, double value,
                          const char *what);
/* A share above 0 and at most 1; a prefix length of 1 to 32. */
int study_reader_share(struct study_reader *r, const struct yaml_node *n, double *ret);
int study_reader_prefix(struct study_reader *r, const struct yaml_node *n, double *ret);
int study_reader_ttl(struct study_reader *r, const struct yaml_node *n, struct study_ttl *ret);
/* [from, to], the second later. */
int study_reader_window(struct study_reader *r, const struct yaml_node *n, int64_t *ret_from_ns,
                        int64_t *ret_to_ns);
/* Path of a file beside the study, malloced; NULL: not a text, and r->err says so. */
char *study_reader_beside(struct study_reader *r, const struct yaml_node *n);
/* A file of dates beside the study; *ret is owned by the caller. */
int study_reader_moments(struct study_reader *r, const struct yaml_node *n,
                         struct moments **ret);
/* A zone of tzdata; *ret is closed before it is replaced. */
int study_reader_zone(struct study_reader *r, const struct yaml_node *n, const char **ret_name,
                      struct tz **ret);
/* The group called by `n`, which must have clients, or else names. */
int study_reader_group(struct study_reader *r, const struct yaml_node *n, bool clients,
                       size_t *ret);

/* study_search.c */
int study_reader_search(struct study_reader *r, const struct yaml_node *n,
                        struct study_search *ret);
void study_looks_free(struct study_looks *l);
/* study_axes.c */
int study_reader_specifications(struct study_reader *r, const struct yaml_node *n);

#endif
