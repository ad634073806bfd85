/* SPDX-License-Identifier: GPL-3.0-or-later
 * dns.log as Zeek's ASCII writer has it, of queries that nobody answered. Lines that begin
 * with # are read by nobody but for the ones of the heading, so one says that it is simulated.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "cli/simulate.h"
#include "ingest/canon.h"

enum { UID = 17, DECIMALS = 6 };

static const char heading[] =
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
    "id\trtt\tquery\t"
    "qclass\tqclass_name\tqtype\tqtype_name\trcode\trcode_"
    "name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\t"
    "rejected\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tcount\tinterval\tstring\t"
    "count\tstring\tcount\tstring\tcount\tstring\tbool\tbool\tbool\tbool\tcount\tvector[string]"
    "\t"
    "vector[interval]\tbool\n";

/* 2024-01-01-00-00-00: the log opens and closes with the scenario. */
static void put_mark(FILE *f, const char *key, int64_t t_ns)
{
    char time[TEXT_TIME_MAX];
    text_iso(time, t_ns, 0);
    for (char *c = time; *c; c++)
        if (*c == 'T' || *c == ':')
            *c = '-';
    fprintf(f, "#%s\t%.*s\n", key, (int)strcspn(time, "Z"), time);
}

/* A text of the scenario: bytes that would end the line or the field are blanks. */
static void put_text(FILE *f, const char *text)
{
    for (; *text; text++)
        fputc((unsigned char)*text < ' ' ? ' ' : *text, f);
}

static const char *address(const struct simulate_address *a, char out[INET6_ADDRSTRLEN])
{
    return inet_ntop(a->family, a->bytes, out, INET6_ADDRSTRLEN);
}

/* Which server an address stands for, where the scenario names it otherwise. */
static void put_servers(const struct simulation *s)
{
    static const int family[] = {AF_INET, AF_INET6};
    char text[INET6_ADDRSTRLEN];
    for (size_t k = 0; k < s->world->nservers; k++)
        for (size_t i = 0; i < 2; i++) {
            const struct simulate_address *a = simulate_wire_server(s->wire, k, family[i]);
            if (strcmp(address(a, text), s->world->servers[k]) == 0)
                continue;
            fprintf(s->out.f, "#server\t%s\t", text);
            put_text(s->out.f, s->world->servers[k]);
            fputc('\n', s->out.f);
        }
}

static int head(struct simulation *s, struct err *err)
{
    FILE *f = s->out.f;
    int rc = simulate_wire_new(&s->wire, s->world, err);
    if (rc < 0)
        return rc;
    if (s->decimals > DECIMALS)
        fprintf(stderr, "dnsclaim: warning: --format zeek: times are cut to microseconds\n");
    fputs("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
          "#path\tdns\n",
          f);
    put_mark(f, "open", s->world->from_ns);
    fputs("#comment\tsimulated by dnsclaim, nobody made these look-ups: ", f);
    put_text(f, s->world->title);
    fprintf(f, "; seed %" PRIu64 "\n", s->world->seed);
    put_servers(s);
    fputs(heading, f);
    return 0;
}

/* "C" and 17 letters and digits; the number in the last ones, so that no two are equal. */
static const char *uid(const struct simulate_message *m, char out[UID + 2])
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t v = m->number, drawn = (uint64_t)m->port << 16 | m->id;
    out[UID + 1] = '\0';
    for (int i = UID; i > 0; i--) {
        uint64_t *from = i > 6 ? &v : &drawn;
        out[i] = digits[*from % 62];
        *from /= 62;
    }
    out[0] = 'C';
    return out;
}

/* Zeek shows a name in lower case and a byte that is none of a host's as \xHH. A dot inside a
 * label it does not tell from one between labels; here it is \x2e. */
static void put_query(FILE *f, const struct simulate_name *name)
{
    const unsigned char *at = name->wire;
    if (!*at)
        fputs("(empty)", f);
    for (; *at; at += 1 + *at) {
        if (at != name->wire)
            fputc('.', f);
        for (unsigned i = 1; i <= *at; i++) {
            unsigned char c = at[i];
            if (c <= ' ' || c > '~' || c == '\\' || c == '.')
                fprintf(f, "\\x%02x", c);
            else
                fputc(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c, f);
        }
    }
}

static void row(struct simulation *s, const struct sim_row *row)
{
    char client[INET6_ADDRSTRLEN], server[INET6_ADDRSTRLEN], type[16], id[UID + 2];
    FILE *f = s->out.f;
    struct simulate_message m = simulate_wire_next(s->wire, row);
    int64_t second = floor_div(row->t_ns, NS_PER_S);
    fprintf(f, "%" PRId64 ".%06" PRId64 "\t%s\t%s\t%u\t%s\t53\tudp\t%u\t-\t", second,
            (row->t_ns - second * NS_PER_S) / 1000, uid(&m, id), address(m.client, client),
            m.port, address(m.server, server), m.id);
    put_query(f, m.name);
    const char *name = canon_qtype_name(m.qtype, type);
    bool named = strncmp(name, "TYPE", 4) != 0;
    fprintf(f, "\t1\tC_INTERNET\t%u\t%s%s\t-\t-\tF\tF\tT\tF\t0\t-\t-\tF\n", m.qtype,
            named ? "" : "query-", named ? name : name + 4);
}

static void end(struct simulation *s)
{
    put_mark(s->out.f, "close", s->world->to_ns);
}

const struct simulate_form simulate_zeek = {
    .name = "zeek",
    .head = head,
    .row = row,
    .end = end,
};
