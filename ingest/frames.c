/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/frames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/pcapng.h"

struct frames {
    struct input *in;
    pcap_t *pcap; /* or */
    struct pcapng *pcapng;
    unsigned link;       /* of a pcap file */
    uint64_t number;     /* of the latest packet, from 1 */
    struct err read_err; /* why the input could not be read, if it could not */
};

bool frames_probe(struct span head)
{
    static const char magics[][5] = {
        "\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1", /* microseconds, both byte orders */
        "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1", /* nanoseconds */
        "\xa1\xb2\xcd\x34", "\x34\xcd\xb2\xa1", /* Kuznetzov's */
    };
    for (size_t i = 0; head.n >= 4 && i < sizeof magics / sizeof magics[0]; i++)
        if (memcmp(head.p, magics[i], 4) == 0)
            return true;
    return pcapng_probe(head);
}

/* --- pcap ----------------------------------------------------------------------------- */

static ssize_t read_cookie(void *cookie, char *buf, size_t n)
{
    struct frames *f = cookie;
    ssize_t got = input_read(f->in, buf, n, &f->read_err);
    if (got >= 0)
        return got;
    errno = EIO;
    return -1;
}

static int open_pcap(struct frames *f, struct err *err)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    FILE *file = fopencookie(f, "r", (cookie_io_functions_t){.read = read_cookie});
    if (!file)
        return err_set_errno(err, "%s: opening a stream", input_path(f->in));
    f->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!f->pcap) {
        fclose(file);
        if (f->read_err.code) {
            *err = f->read_err;
            return err->code;
        }
        return err_set(err, ERR_MALFORMED, "%s: expected a capture, found: %s",
                       input_path(f->in), why);
    }
    f->link = (unsigned)pcap_datalink(f->pcap);
    if (!packets_knows(f->link)) {
        const char *name = pcap_datalink_val_to_name((int)f->link);
        return err_set(err, ERR_MALFORMED,
                       "%s: expected packets of a known link type, found type %u (%s)",
                       input_path(f->in), f->link, name ? name : "unassigned");
    }
    return 0;
}

/* libpcap could not read on: because the file is cut, or broken. */
static int explain(struct frames *f, struct err *err)
{
    const char *why = pcap_geterr(f->pcap);
    if (f->read_err.code) {
        *err = f->read_err;
        return err->code;
    }
    if (input_cut(f->in) || strstr(why, "truncated"))
        return FRAME_CUT;
    return err_set(err, ERR_MALFORMED, "%s", why);
}

/* The file was opened at nanosecond precision: tv_usec holds nanoseconds. */
static int next_of_pcap(struct frames *f, struct packet_frame *ret, struct err *err)
{
    struct pcap_pkthdr *h;
    const u_char *bytes;
    int rc = pcap_next_ex(f->pcap, &h, &bytes);
    if (rc == PCAP_ERROR_BREAK)
        return input_cut(f->in) ? FRAME_CUT : FRAME_END;
    if (rc != 1)
        return explain(f, err);
    ret->bytes = span_make(bytes, h->caplen);
    ret->wire_n = h->len > h->caplen ? h->len : h->caplen;
    ret->link = f->link;
    bool late = __builtin_mul_overflow((int64_t)h->ts.tv_sec, NS_PER_S, &ret->t_ns) ||
                __builtin_add_overflow(ret->t_ns, (int64_t)h->ts.tv_usec, &ret->t_ns);
    return late ? FRAME_TIMELESS : FRAME_READ;
}

/* --- both ----------------------------------------------------------------------------- */

int frames_open(struct frames **ret, struct input *in, struct err *err)
{
    struct frames *f = mem_zero(1, sizeof *f);
    f->in = in;
    int rc = 0;
    if (pcapng_probe(input_peek(in, 4)))
        f->pcapng = pcapng_new(in);
    else
        rc = open_pcap(f, err);
    if (rc < 0)
        frames_free(f);
    else
        *ret = f;
    return rc;
}

void frames_free(struct frames *f)
{
    if (!f)
        return;
    if (f->pcap)
        pcap_close(f->pcap);
    pcapng_free(f->pcapng);
    free(f);
}

int frames_next(struct frames *f, struct packet_frame *ret, struct err *err)
{
    int got = f->pcap ? next_of_pcap(f, ret, err) : pcapng_next(f->pcapng, ret, err);
    if (got < 0)
        return err_context(err, "%s: packet %llu", input_path(f->in),
                           (unsigned long long)f->number + 1);
    f->number += got == FRAME_READ || got == FRAME_TIMELESS;
    return got;
}

uint64_t frames_number(const struct frames *f)
{
    return f->number;
}

bool frames_first(const char *path, int64_t *ret_ns)
{
    struct input *in = NULL;
    struct frames *f = NULL;
    struct packet_frame frame = {0};
    struct err err;
    int got = input_open(&in, path, &err);
    if (got == 0 && frames_probe(input_peek(in, 4)) && frames_open(&f, in, &err) == 0)
        do
            got = frames_next(f, &frame, &err);
        while (got == FRAME_TIMELESS);
    bool found = f && got == FRAME_READ;
    if (found)
        *ret_ns = frame.t_ns;
    frames_free(f);
    input_close(in);
    return found;
}
