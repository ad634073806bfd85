/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/note.h"

const struct note_info note_table[NOTES] = {
    [NOTE_RESENT] = {"resent",
                     "sent again (client, name, type, id, port and server of one at most"
                     " 30 s before): counted, and one session in studies"},
    [NOTE_NO_SUBNET] = {"no_subnet",
                        "no client subnet in the message: the source address is the client"},
    [NOTE_TWICE] = {"twice", "local time that a change of clocks makes come twice: the earlier"
                             " one was taken"},
    [NOTE_TWIN] = {"twin", "the same row is in another source, where it counts (--same-log)"},
};
