/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * note - what had to be decided about records that were read, not skipped: each
 * decision is counted by source, so that nobody has to guess how often it was made.
 *
 *     notes.count[NOTE_TWICE]++;
 */
#ifndef INGEST_NOTE_H
#define INGEST_NOTE_H

#include <stdint.h>

enum note_kind {
    NOTE_RESENT,    /* message sent again: counted, and a tap duplicate is not one of these */
    NOTE_NO_SUBNET, /* client by ECS: the message has none, the source address was taken */
    NOTE_TWICE,     /* local time that a change of clocks repeats: the earlier was taken */
    NOTE_TWIN,      /* row that another source has too: counted there (--same-log) */
    NOTES
};

struct note_info {
    const char *name, *help;
};

struct notes {
    uint64_t count[NOTES];
};

extern const struct note_info note_table[NOTES];

#endif
