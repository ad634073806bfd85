/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz-diff [--rounds N | --seconds S] [--seed N] [--out FOLDER] CAPTURE...
 *
 * Every packet of the captures as it is and then changed, through both decoders. A
 * change is a function of (seed, packet, round), so a run can be repeated. What differs
 * without a rule is printed in hex, made smaller and written to FOLDER as a capture. */
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "tests/diff/diff.h"

enum { KINDS_MAX = 16, SHOWN_MAX = 20, RULES_MAX = 16 };

static const char *const way_names[WAYS] = {"pcap", "pcapng", "IP fragments", "TCP segments"};

struct tally_row {
    const char *what;
    uint64_t n;
};

struct run {
    struct ours *ours;
    struct theirs *theirs;
    const char *folder;
    int64_t rounds, seconds, seed;
    uint64_t tried, lookups, faults, other_links, long_frames;
    uint64_t why[SKIP_REASONS], by_rule[RULES_MAX], by_way[WAYS];
    struct tally_row left_out[KINDS_MAX];
    struct frame *frames;
    size_t n, cap;
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "fuzz-diff: %s: %s\n", what, why);
    exit(2);
}

/* --- one packet ------------------------------------------------------------------------ */

static enum judgement judge(struct run *run, enum way way, const struct frame *f,
                            struct verdict v[2], size_t *ret_rule)
{
    struct places places;
    theirs_read(run->theirs, f, &v[1], &places);
    if (v[1].left_out)
        return DIFF_LEFT_OUT;
    if (!ours_read(run->ours, way, f, &places, &v[0]))
        return DIFF_NO_WAY;
    return diff_judge(&v[0], &v[1], ret_rule);
}

static bool differs(struct run *run, enum way way, const struct frame *f)
{
    struct verdict v[2];
    size_t rule;
    return judge(run, way, f, v, &rule) == DIFF_FAULT;
}

/* Drop what stands at the end, then turn to 0 what may be 0, while they differ. */
static void minimise(struct run *run, enum way way, struct frame *f)
{
    for (size_t by = f->n / 2; by > 0; by /= 2)
        while (f->n > by) {
            struct frame shorter = {f->bytes, f->n - by, f->wire_n - by, f->link};
            if (!differs(run, way, &shorter))
                break;
            *f = shorter;
        }
    for (size_t i = 0; i < f->n; i++) {
        unsigned char was = f->bytes[i];
        f->bytes[i] = 0;
        if (was && !differs(run, way, f))
            f->bytes[i] = was;
    }
}

static void print_verdict(const char *who, const struct verdict *v)
{
    const struct question *q = &v->held[0];
    printf("  %s: %llu questions, skip %s", who, (unsigned long long)v->n,
           v->n ? "-" : skip_table[v->why].name);
    if (v->n)
        printf("; first %.*s type %u %s rcode %lld ttl %lld", (int)q->name_n, q->name, q->type,
               q->response ? "response" : "query", (long long)q->rcode, (long long)q->ttl_s);
    if (v->question_fault || v->owner_fault)
        printf("; ldns: %s",
               ldns_get_errorstr_by_id(v->question_fault ? v->question_fault : v->owner_fault));
    putchar('\n');
}

static void write_capture(const struct run *run, const struct frame *f, char path[4096])
{
    mkdir(run->folder, 0777);
    snprintf(path, 4096, "%s/%016llx.pcap", run->folder,
             (unsigned long long)rng_subject(f->bytes, f->n));
    pcap_t *dead = pcap_open_dead(f->link, FRAME_MAX);
    pcap_dumper_t *out = pcap_dump_open(dead, path);
    if (!out)
        fail(path, pcap_geterr(dead));
    struct pcap_pkthdr h = {
        .ts = {1, 0}, .caplen = (bpf_u_int32)f->n, .len = (bpf_u_int32)f->wire_n};
    pcap_dump((u_char *)out, &h, f->bytes);
    pcap_dump_close(out);
    pcap_close(dead);
}

static void report_fault(struct run *run, enum way way, struct frame *f)
{
    struct verdict v[2];
    size_t rule;
    char path[4096];
    if (run->faults++ >= SHOWN_MAX)
        return;
    minimise(run, way, f);
    judge(run, way, f, v, &rule);
    write_capture(run, f, path);
    printf("difference: %s, %s, %zu of %zu bytes:\n  ", path, way_names[way], f->n, f->wire_n);
    for (size_t i = 0; i < f->n; i++)
        printf("%02x", f->bytes[i]);
    putchar('\n');
    print_verdict("ours  ", &v[0]);
    print_verdict("theirs", &v[1]);
}

static void count_left_out(struct run *run, const char *why)
{
    struct tally_row *row = run->left_out;
    while (row->what && strcmp(row->what, why) != 0)
        row++;
    row->what = why;
    row->n++;
}

static void compare(struct run *run, enum way way, struct frame *f)
{
    struct verdict v[2];
    size_t rule = 0;
    enum judgement j = judge(run, way, f, v, &rule);
    if (j == DIFF_NO_WAY)
        return;
    run->tried++;
    if (j == DIFF_LEFT_OUT) {
        count_left_out(run, v[1].left_out);
        return;
    }
    run->by_way[way]++;
    run->lookups += j == DIFF_AGREE && v[0].n > 0;
    run->why[v[0].why] += j == DIFF_AGREE && v[0].n == 0;
    run->by_rule[rule] += j == DIFF_RULE;
    if (j == DIFF_FAULT)
        report_fault(run, way, f);
}

/* --- captures --------------------------------------------------------------------------- */

static void read_capture(struct run *run, const char *path)
{
    char why[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *h;
    const u_char *bytes;
    pcap_t *in = pcap_open_offline(path, why);
    if (!in) /* pcapng of several links, for one */
        printf("not read by libpcap: %s\n", why);
    while (in && pcap_next_ex(in, &h, &bytes) == 1) {
        int link = pcap_datalink(in);
        if (link != DLT_EN10MB && link != DLT_RAW) {
            run->other_links++;
        } else if (h->caplen > FRAME_MAX || h->len < h->caplen) {
            run->long_frames++;
        } else {
            MEM_GROW(run->frames, run->n, run->cap);
            run->frames[run->n++] = (struct frame){(unsigned char *)mem_copy(bytes, h->caplen),
                                                   h->caplen, h->len, link};
        }
    }
    if (in)
        pcap_close(in);
}

static bool over(const struct run *run, int64_t round, time_t began)
{
    return run->seconds ? time(NULL) - began >= run->seconds : round > run->rounds;
}

/* Round 0 is the packets as they are. */
static void one_round(struct run *run, int64_t round, struct frame *scratch, time_t began)
{
    for (size_t i = 0; i < run->n && !(run->seconds && i % 64 == 0 && over(run, round, began));
         i++) {
        const struct frame *f = &run->frames[i];
        struct places places;
        struct verdict v;
        struct rng r;
        memcpy(scratch->bytes, f->bytes, f->n);
        *scratch = (struct frame){scratch->bytes, f->n, f->wire_n, f->link};
        if (round > 0) {
            uint64_t subject = rng_subject_of(i, rng_subject(f->bytes, f->n));
            rng_stream(&r, (uint64_t)run->seed, RNG_VALIDATE, subject, (uint32_t)round);
            theirs_read(run->theirs, f, &v, &places);
            mutate(scratch, &places, &r);
        }
        compare(run, WAY_PCAP, scratch);
        compare(run, (enum way)(WAY_PCAPNG + (round + (int64_t)i) % (WAYS - 1)), scratch);
    }
}

static void print_row(const char *kind, const char *what, uint64_t n)
{
    if (n)
        printf("%12llu  %s%s\n", (unsigned long long)n, kind, what);
}

static void print_summary(const struct run *run)
{
    print_row("", "packets tried", run->tried);
    print_row("", "agree: look-up or response", run->lookups);
    for (int i = 0; i < SKIP_REASONS; i++)
        print_row("agree: skipped as ", skip_table[i].name, run->why[i]);
    for (int i = 0; i < WAYS; i++)
        print_row("compared by way of ", way_names[i], run->by_way[i]);
    for (const struct tally_row *row = run->left_out; row->what; row++)
        print_row("left out: ", row->what, row->n);
    for (size_t i = 0; diff_rules[i].name; i++)
        print_row("by rule: ", diff_rules[i].name, run->by_rule[i]);
    printf("%12llu  differ without a rule\n", (unsigned long long)run->faults);
    print_row("", "packets of other link types, not tried", run->other_links);
    print_row("", "packets too long, not tried", run->long_frames);
}

static int64_t number(const char *option, const char *text)
{
    int64_t value;
    if (text_i64(span_of(text), &value) < 0 || value < 0)
        fail(option, "expected a number");
    return value;
}

static void read_options(struct run *run, int argc, char **argv)
{
    static const struct option options[] = {{"rounds", required_argument, NULL, 'r'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"seed", required_argument, NULL, 'n'},
                                            {"out", required_argument, NULL, 'o'},
                                            {0}};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (c) {
        case 'r':
            run->rounds = number("--rounds", optarg);
            break;
        case 's':
            run->seconds = number("--seconds", optarg);
            break;
        case 'n':
            run->seed = number("--seed", optarg);
            break;
        case 'o':
            run->folder = optarg;
            break;
        default:
            exit(2);
        }
}

int main(int argc, char **argv)
{
    mallopt(M_TRIM_THRESHOLD, 64 << 20); /* a reader is made for each packet */
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    struct run run = {.rounds = 10, .seed = 1, .folder = "build/fuzz-diff"};
    read_options(&run, argc, argv);
    for (int i = optind; i < argc; i++)
        read_capture(&run, argv[i]);
    if (run.n == 0)
        fail("captures", "expected packets of Ethernet or IP, found none");
    run.ours = ours_new();
    run.theirs = theirs_new();
    struct frame scratch = {.bytes = mem_zero(1, FRAME_MAX)};
    time_t began = time(NULL);
    for (int64_t round = 0; !over(&run, round, began); round++)
        one_round(&run, round, &scratch, began);
    print_summary(&run);
    for (size_t i = 0; i < run.n; i++)
        free(run.frames[i].bytes);
    free(run.frames);
    free(scratch.bytes);
    ours_free(run.ours);
    theirs_free(run.theirs);
    return run.faults > 0;
}
