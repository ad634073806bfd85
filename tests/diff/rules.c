/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where the two decoders may differ, and why. What no row explains is a fault. */
#include <string.h>

#include "tests/diff/diff.h"

static bool same_address(const unsigned char *a, const unsigned char *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

static bool same_question(const struct question *a, const struct question *b)
{
    return a->name_n == b->name_n && memcmp(a->name, b->name, a->name_n) == 0 &&
           a->response == b->response && a->type == b->type && a->id == b->id &&
           a->port == b->port && a->address_n == b->address_n &&
           same_address(a->client, b->client, a->address_n) &&
           same_address(a->server, b->server, a->address_n);
}

/* The first n questions that both hold. */
static bool same_questions(const struct verdict *a, const struct verdict *b, uint64_t n)
{
    for (uint64_t i = 0; i < n && i < HELD_MAX; i++)
        if (!same_question(&a->held[i], &b->held[i]))
            return false;
    return true;
}

static bool same_answer(const struct verdict *a, const struct verdict *b)
{
    return a->n == 0 ||
           (a->held[0].rcode == b->held[0].rcode && a->held[0].ttl_s == b->held[0].ttl_s);
}

static bool agree(const struct verdict *ours, const struct verdict *theirs)
{
    if (ours->n != theirs->n || ours->skips != (ours->n == 0))
        return false;
    if (ours->n == 0)
        return ours->why == theirs->why;
    return same_questions(ours, theirs, ours->n) && same_answer(ours, theirs);
}

/* --- rules ---------------------------------------------------------------------------- */

static bool refused_owner(const struct verdict *ours, const struct verdict *theirs)
{
    return theirs->owner_fault != LDNS_STATUS_OK && ours->n > 0 && ours->n == theirs->n &&
           same_questions(ours, theirs, ours->n);
}

static bool end_behind_pointer(const struct verdict *ours, const struct verdict *theirs)
{
    return ours->n == 0 && theirs->n == 0 && ours->skips == 1 && ours->why == SKIP_BAD_NAME &&
           theirs->pointers > 0 &&
           (theirs->why == SKIP_PACKET_CUT || theirs->why == SKIP_BAD_DNS);
}

static bool label_past_end(const struct verdict *ours, const struct verdict *theirs)
{
    return ours->n == 0 && theirs->n == 0 && ours->skips == 1 && theirs->label_past_end &&
           theirs->question_fault == LDNS_STATUS_LABEL_OVERFLOW &&
           (ours->why == SKIP_PACKET_CUT || ours->why == SKIP_BAD_DNS);
}

/* We went on behind the pointer, and read the question or came to the message's end. */
static bool pointer_to_header(const struct verdict *ours, const struct verdict *theirs)
{
    bool ended = ours->n == 0 && (ours->why == SKIP_PACKET_CUT || ours->why == SKIP_BAD_DNS);
    return theirs->question_fault == LDNS_STATUS_INVALID_POINTER && theirs->pointer_to_0 &&
           (ours->n > theirs->n || ended) && same_questions(ours, theirs, theirs->n);
}

const struct rule diff_rules[] = {
    {"refused owner",
     "ldns reads the name of every record behind the questions and refuses a bad one; we "
     "step over it, since only the record's type and TTL are counted. The questions are equal.",
     refused_owner},
    {"end behind a pointer",
     "the name runs out of the message behind a pointer: ldns reports the end, we the name, "
     "because a longer capture would not mend it. Both refuse the question.",
     end_behind_pointer},
    {"end in a label",
     "the message ends in a label or right behind one: ldns has one status for it and for a "
     "label of more than 63 octets; we say that the message ends. Both refuse the question.",
     label_past_end},
    {"pointer to the header",
     "ldns refuses a pointer to byte 0 and takes those to bytes 1 to 11; we take both: the "
     "name is what a resolver without this check was asked for.",
     pointer_to_header},
    {NULL, NULL, NULL},
};

enum judgement diff_judge(const struct verdict *ours, const struct verdict *theirs,
                          size_t *ret_rule)
{
    if (agree(ours, theirs))
        return DIFF_AGREE;
    for (size_t i = 0; diff_rules[i].name; i++)
        if (diff_rules[i].explains(ours, theirs)) {
            *ret_rule = i;
            return DIFF_RULE;
        }
    return DIFF_FAULT;
}
