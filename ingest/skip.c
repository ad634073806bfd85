/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/skip.h"

#include <stdio.h>

const struct skip_info skip_table[SKIP_REASONS] = {
    [SKIP_HEADER] = {"header", "heading or comment line", SKIP_NOT_DNS},
    [SKIP_BLANK] = {"blank", "empty line", SKIP_NOT_DNS},
    [SKIP_LINK] = {"link", "frame of a protocol that is not IP", SKIP_NOT_DNS},
    [SKIP_TRANSPORT] = {"transport", "IP, but neither UDP nor TCP", SKIP_NOT_DNS},
    [SKIP_PORT] = {"port", "UDP or TCP on another port", SKIP_NOT_DNS},
    [SKIP_TCP_EMPTY] = {"tcp_empty", "TCP segment without data", SKIP_NOT_DNS},
    [SKIP_ICMP] = {"icmp", "ICMP, with or without a quoted DNS message", SKIP_NOT_DNS},
    [SKIP_MDNS] = {"mdns", "multicast DNS", SKIP_NOT_DNS},
    [SKIP_LLMNR] = {"llmnr", "link-local multicast name resolution", SKIP_NOT_DNS},
    [SKIP_NBNS] = {"nbns", "NetBIOS name service", SKIP_NOT_DNS},
    [SKIP_OTHER] = {"other", "line or event about something else", SKIP_NOT_DNS},
    [SKIP_RESPONSE] = {"response", "response", SKIP_NOT_COUNTED},
    [SKIP_QUERY] = {"query", "query, where responses are counted", SKIP_NOT_COUNTED},
    [SKIP_OPCODE] = {"opcode", "request with an opcode other than QUERY", SKIP_NOT_COUNTED},
    [SKIP_NO_QUESTION] = {"no_question", "query without a question", SKIP_NOT_COUNTED},
    [SKIP_FRAGMENT] = {"fragment", "IP fragment whose other parts are missing",
                       SKIP_NOT_COUNTED},
    [SKIP_TCP_PART] = {"tcp_part", "TCP segment without a whole message", SKIP_NOT_COUNTED},
    [SKIP_NO_NAME] = {"no_name", "record without a name or a client", SKIP_NOT_COUNTED},
    [SKIP_FORWARDED] = {"forwarded", "line about a query that the server itself sent",
                        SKIP_NOT_COUNTED},
    [SKIP_DENIED] = {"denied", "line about a request that the server refused",
                     SKIP_NOT_COUNTED},
    [SKIP_ZERO] = {"zero", "row that counts nothing", SKIP_NOT_COUNTED},
    [SKIP_ZONE] = {"zone", "record of a zone file, not of look-ups", SKIP_NOT_COUNTED},
    [SKIP_MESSAGE_TYPE] = {"message_type", "dnstap message of a type that is not counted",
                           SKIP_NOT_COUNTED},
    [SKIP_NOT_KEPT] = {"not_kept", "look-up that --keep does not select", SKIP_NOT_COUNTED},
    [SKIP_CUT] = {"cut", "the input ends inside the record", SKIP_INCOMPLETE},
    [SKIP_PACKET_CUT] = {"packet_cut", "packet captured without all of its question",
                         SKIP_INCOMPLETE},
    [SKIP_BAD_PACKET] = {"bad_packet", "link, IP, UDP or TCP header contradicts itself",
                         SKIP_MALFORMED, "a packet whose headers agree"},
    [SKIP_BAD_DNS] = {"bad_dns", "DNS header or question cannot be read", SKIP_MALFORMED,
                      "a DNS message"},
    [SKIP_BAD_NAME] = {"bad_name", "not a domain name", SKIP_MALFORMED, "a domain name"},
    [SKIP_BAD_CLIENT] = {"bad_client", "client is empty or not text", SKIP_MALFORMED,
                         "a client as text or address"},
    [SKIP_BAD_TIME] = {"bad_time", "time cannot be read or is out of range", SKIP_MALFORMED,
                       "a time that can be read and that the clocks of its zone show"},
    [SKIP_BAD_FIELD] = {"bad_field", "another field cannot be read", SKIP_MALFORMED,
                        "a field as the format has it"},
    [SKIP_BAD_COLUMNS] = {"bad_columns", "too few or too many fields", SKIP_MALFORMED,
                          "as many fields as the heading or first row has"},
};

/* Bytes as text in one line: those that are not printable as \\xHH, the end of a long one as
 * dots. */
static void quote(char out[SKIP_FOUND], struct span s)
{
    enum { ROOM = SKIP_FOUND - 1 - 4, LONGEST = 4 }; /* behind a byte: "...'" */
    size_t n = 0, i = 0;
    out[n++] = '\'';
    for (; i < s.n && n + LONGEST <= ROOM; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = c >= 0x20 && c < 0x7f && c != '\\';
        n += (size_t)snprintf(out + n, SKIP_FOUND - n, plain ? "%c" : "\\x%02x", c);
    }
    snprintf(out + n, SKIP_FOUND - n, "%s'", i < s.n ? "..." : "");
}

void skips_add(struct skips *s, enum skip_reason why, uint64_t at, struct span found)
{
    s->count[why]++;
    if (why < SKIP_BAD_PACKET || at == 0)
        return;
    struct skip_fault *first = &s->first[why - SKIP_BAD_PACKET];
    if (first->at && first->at <= at)
        return;
    first->at = at;
    if (found.p)
        quote(first->found, found);
    else
        first->found[0] = '\0';
}

size_t skips_faults(const struct skips *s, enum skip_reason ret[SKIP_FAULTS])
{
    size_t n = 0;
    for (size_t i = 0; i < SKIP_FAULTS; i++) {
        size_t k = n;
        if (s->first[i].at == 0)
            continue;
        for (; k > 0 && s->first[ret[k - 1] - SKIP_BAD_PACKET].at > s->first[i].at; k--)
            ret[k] = ret[k - 1];
        ret[k] = (enum skip_reason)(SKIP_BAD_PACKET + i);
        n++;
    }
    return n;
}

const char *skip_class_name(enum skip_class class)
{
    static const char *const names[] = {"not_dns", "not_counted", "incomplete", "malformed"};
    return names[class];
}

uint64_t skips_of(const struct skips *s, enum skip_class class)
{
    uint64_t sum = 0;
    for (int i = 0; i < SKIP_REASONS; i++)
        if (skip_table[i].class == class)
            sum += s->count[i];
    return sum;
}

uint64_t skips_total(const struct skips *s)
{
    uint64_t sum = 0;
    for (int i = 0; i < SKIP_REASONS; i++)
        sum += s->count[i];
    return sum;
}
