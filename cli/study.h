/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * study - what the parts of the command study have in common. cmd_study.c reads the case and
 * finds out what it could bear; study_groups.c chooses the names to set beside the pair's;
 * study_text.c writes the study.
 */
#ifndef CLI_STUDY_H
#define CLI_STUDY_H

#include <stdio.h>

#include "models/kinds.h"
#include "models/pairdays.h"
#include "models/stream.h"

struct draft_group {
    uint32_t *names; /* ascending */
    size_t n, of;    /* listed; that would do */
    bool own;        /* the pair's client asked for each */
    bool like;       /* half to twice as many days; else the nearest there are */
};

/* What is said of a kind of claim. */
struct draft_kind {
    char *barred; /* why the case cannot bear it, as a clause; NULL: it can */
    char *open;   /* required explanations that cannot be tested as written; NULL: none */
};

enum { DRAFT_SESSION_S = 30 }; /* of a plan that does not say */

struct draft {
    const struct counts *c;
    const char *case_name; /* base name of the file */
    uint32_t client, name;
    struct window w;
    struct subject s;  /* the pair's */
    uint32_t days;     /* on which it asked */
    size_t days_heard; /* on which the sensors listened */
    double ttl_s;      /* the largest of the name's answers; 0: the log has none */
    struct draft_group controls, comparable;
    struct draft_kind *kinds; /* as claim_table */
};

/* Controls: names that the client asked for on half to twice as many days as the pair's.
 * Comparable: names that all others asked for on half to twice as many days as they asked for
 * the pair's, and the client too; where these are few, whether or not it did; else its nearest
 * in such days. What the pair itself did is left out, so that the choice of names cannot make
 * its volume ordinary. */
void draft_groups(struct draft *d, const struct pairdays *days);

/* What the kind needs and no case knows: its keys without a placeholder; malloced, or NULL. */
char *draft_unknown(const struct claim_kind *k);

/* The study, with the claims that are not barred; malloced, *ret_n bytes and a zero byte. */
char *draft_write(const struct draft *d, size_t *ret_n);

#endif
