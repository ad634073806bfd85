/* SPDX-License-Identifier: GPL-3.0-or-later
 * A frame is its length and its bytes; length 0 says that a control frame follows,
 * with a length of its own. libfstrm decodes those. Its reader is not used: it does
 * not say whether a file ends between frames or inside one. */
#include "ingest/framestream.h"

#include <stdlib.h>

#include <fstrm.h>

#include "base/mem.h"
#include "ingest/bytes.h"

struct framestream {
    struct input *in;
    const char *content_type;
    struct fstrm_control *control;
    unsigned char *frame;
    size_t frame_cap;
    bool started; /* between START and STOP */
    bool ended;
};

bool framestream_probe(struct span head)
{
    if (head.n < 12 || be32_at(head, 0) != 0)
        return false;
    uint32_t type = be32_at(head, 8);
    return be32_at(head, 4) <= FSTRM_CONTROL_FRAME_LENGTH_MAX &&
           (type == FSTRM_CONTROL_START || type == FSTRM_CONTROL_READY);
}

struct framestream *framestream_new(struct input *in, const char *content_type)
{
    struct framestream *f = mem_zero(1, sizeof *f);
    f->in = in;
    f->content_type = content_type;
    f->control = fstrm_control_init();
    return f;
}

void framestream_free(struct framestream *f)
{
    if (!f)
        return;
    fstrm_control_destroy(&f->control);
    free(f->frame);
    free(f);
}

/* Read a length: FRAMESTREAM_DATA when it is there. */
static int read_length(struct framestream *f, uint32_t *ret, struct err *err)
{
    unsigned char bytes[4];
    size_t got;
    int rc = input_read_exactly(f->in, bytes, sizeof bytes, &got, err);
    if (rc <= 0)
        return rc < 0 ? rc : got > 0 || input_cut(f->in) ? FRAMESTREAM_CUT : FRAMESTREAM_END;
    *ret = be32_at(span_make(bytes, sizeof bytes), 0);
    return FRAMESTREAM_DATA;
}

static int read_bytes(struct framestream *f, uint32_t n, struct err *err)
{
    size_t got;
    if (n > f->frame_cap) {
        f->frame = mem_resize(f->frame, n, 1);
        f->frame_cap = n;
    }
    int rc = input_read_exactly(f->in, f->frame, n, &got, err);
    return rc < 0 ? rc : rc > 0 ? FRAMESTREAM_DATA : FRAMESTREAM_CUT;
}

static int check_content_type(const struct framestream *f, struct err *err)
{
    const char *ours = f->content_type;
    const uint8_t *theirs;
    size_t named = 0, n = 0, plain = 0;
    fstrm_control_get_num_field_content_type(f->control, &named);
    if (named == 0 || fstrm_control_match_field_content_type(f->control, (const uint8_t *)ours,
                                                             strlen(ours)) == fstrm_res_success)
        return FRAMESTREAM_DATA;
    fstrm_control_get_field_content_type(f->control, 0, &theirs, &n);
    while (plain < n && theirs[plain] > ' ' && theirs[plain] < 0x7f)
        plain++; /* a message goes to a terminal */
    return err_set(err, ERR_MALFORMED, "expected frames of content type %s, found '%.*s'", ours,
                   (int)plain, (const char *)theirs);
}

/* Read the control frame behind its escape; FRAMESTREAM_DATA when it is whole. */
static int read_control(struct framestream *f, struct err *err)
{
    uint32_t n;
    int rc = read_length(f, &n, err);
    if (rc == FRAMESTREAM_END)
        return FRAMESTREAM_CUT; /* the escape was there */
    if (rc != FRAMESTREAM_DATA)
        return rc;
    if (n > FSTRM_CONTROL_FRAME_LENGTH_MAX)
        return err_set(err, ERR_MALFORMED,
                       "expected a control frame of at most %d bytes, found %u",
                       FSTRM_CONTROL_FRAME_LENGTH_MAX, n);
    rc = read_bytes(f, n, err);
    if (rc != FRAMESTREAM_DATA)
        return rc;
    fstrm_control_type type;
    if (fstrm_control_decode(f->control, f->frame, n, 0) != fstrm_res_success ||
        fstrm_control_get_type(f->control, &type) != fstrm_res_success)
        return err_set(err, ERR_MALFORMED,
                       "expected a control frame, found %u bytes that are none", n);
    if (type == FSTRM_CONTROL_START || type == FSTRM_CONTROL_STOP)
        f->started = type == FSTRM_CONTROL_START;
    return check_content_type(f, err);
}

static int read_data(struct framestream *f, uint32_t n, struct span *ret_frame, struct err *err)
{
    if (!f->started)
        return err_set(err, ERR_MALFORMED,
                       "expected a START frame before data, found %u bytes of data", n);
    if (n > FRAMESTREAM_FRAME_MAX)
        return err_set(err, ERR_MALFORMED, "expected a frame of at most %d bytes, found %u",
                       FRAMESTREAM_FRAME_MAX, n);
    int rc = read_bytes(f, n, err);
    if (rc == FRAMESTREAM_DATA)
        *ret_frame = span_make(f->frame, n);
    return rc;
}

int framestream_next(struct framestream *f, struct span *ret_frame, struct err *err)
{
    uint32_t n = 0;
    int rc = f->ended ? FRAMESTREAM_END : FRAMESTREAM_DATA;
    while (rc == FRAMESTREAM_DATA && n == 0) {
        rc = read_length(f, &n, err);
        if (rc == FRAMESTREAM_DATA && n == 0)
            rc = read_control(f, err);
    }
    if (rc == FRAMESTREAM_DATA)
        rc = read_data(f, n, ret_frame, err);
    f->ended = rc == FRAMESTREAM_CUT || rc == FRAMESTREAM_END;
    return rc;
}
