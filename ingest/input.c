/* SPDX-License-Identifier: GPL-3.0-or-later
 * Plain bytes go by read() straight into the caller's buffer: where page tables
 * are virtual, mapping a file costs five times as much as copying it.
 * Compressed ones are known by their first bytes, so that no plain file is ever
 * taken for an archive: gz goes through zlib, because libarchive's filter does
 * not check the CRC and loses the last block of a cut stream; the others go
 * through libarchive with its "raw" format. */
#include "ingest/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

enum { HEAD = 4096, BLOCK = 1 << 20 };

struct input {
    char *path;
    int fd;
    struct digest *digest; /* NULL once hex is there */
    char hex[DIGEST_HEX];
    uint64_t stored;
    bool at_end; /* no stored bytes are left */
    bool cut;

    char *block;             /* stored bytes on their way to a decompressor; or NULL */
    size_t primed;           /* how many of them were read before it was made */
    struct archive *archive; /* of these two at most one is there */
    z_stream *gz;
    bool between;      /* two members of a gz file */
    struct span piece; /* from libarchive, not yet handed out */

    char head[HEAD];
    size_t head_n, head_at;
};

/* Stored bytes, counted and digested; short only at the end or on a pipe. */
static ssize_t read_stored(struct input *in, void *buf, size_t n)
{
    ssize_t got;
    do
        got = read(in->fd, buf, n);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        in->stored += (size_t)got;
        digest_add(in->digest, buf, (size_t)got);
    }
    in->at_end |= got == 0;
    return got;
}

/* The next stored bytes for a decompressor, into the block. */
static ssize_t read_block(struct input *in)
{
    size_t n = in->primed;
    in->primed = 0;
    return n ? (ssize_t)n : read_stored(in, in->block, BLOCK);
}

static la_ssize_t feed(struct archive *a, void *context, const void **ret)
{
    struct input *in = context;
    *ret = in->block;
    ssize_t got = read_block(in);
    if (got < 0)
        archive_set_error(a, errno, "%s", strerror(errno));
    return got;
}

static bool begins(const struct input *in, const char *magic, size_t n)
{
    return in->head_n >= n && memcmp(in->head, magic, n) == 0;
}

static bool is_gz(const struct input *in)
{
    return begins(in, "\x1f\x8b\x08", 3);
}

static bool is_packed(const struct input *in)
{
    bool bzip2 = begins(in, "BZh", 3) && in->head_n >= 10 &&
                 (memcmp(in->head + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
                  memcmp(in->head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
    return bzip2 || begins(in, "\xfd\x37zXZ\0", 6) || begins(in, "\x28\xb5\x2f\xfd", 4) ||
           begins(in, "\x04\x22\x4d\x18", 4);
}

static int damaged(const struct input *in, const char *why, struct err *err)
{
    return err_set(err, ERR_MALFORMED, "%s: compressed stream is damaged before byte %ju: %s",
                   in->path, (uintmax_t)in->stored, why ? why : "no reason given");
}

/* ---- gz -------------------------------------------------------------------------- */

/* More stored bytes for zlib; 0 at their end, which may come too early. Zeros
 * after a member are a tape's padding. */
static ssize_t refill(struct input *in, struct err *err)
{
    for (;;) {
        while (in->between && in->gz->avail_in && *in->gz->next_in == 0) {
            in->gz->next_in++;
            in->gz->avail_in--;
        }
        if (in->gz->avail_in)
            return 1;
        ssize_t got = read_block(in);
        if (got < 0)
            return err_set_errno(err, "%s", in->path);
        in->cut = got == 0 && !in->between;
        if (got == 0)
            return 0;
        in->gz->next_in = (unsigned char *)in->block;
        in->gz->avail_in = (unsigned)got;
    }
}

static ssize_t read_gz(struct input *in, void *buf, size_t n, struct err *err)
{
    z_stream *z = in->gz;
    z->next_out = buf;
    z->avail_out = (unsigned)n;
    while (z->avail_out == n) {
        ssize_t got = refill(in, err);
        if (got <= 0)
            return got;
        if (in->between)
            inflateReset(z);
        int rc = inflate(z, Z_NO_FLUSH); /* checks CRC and length of each member */
        in->between = rc == Z_STREAM_END;
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return damaged(in, z->msg, err);
    }
    return (ssize_t)(n - z->avail_out);
}

static void open_gz(struct input *in)
{
    in->gz = mem_zero(1, sizeof *in->gz);
    if (inflateInit2(in->gz, 16 + MAX_WBITS) != Z_OK)
        mem_alloc(SIZE_MAX); /* it fails for want of memory only */
}

/* ---- the others ------------------------------------------------------------------ */

/* What libarchive's refusal means: the stored bytes ended too early, or they
 * are not what the compressor wrote. */
static int refused(struct input *in, struct err *err)
{
    if (in->at_end) {
        in->cut = true;
        return 0;
    }
    return damaged(in, archive_error_string(in->archive), err);
}

/* Nothing that was stored may be left over. */
static int check_all_used(struct input *in, struct err *err)
{
    bool all = in->stored <= (uint64_t)archive_filter_bytes(in->archive, -1);
    return all ? 0 : damaged(in, "it ends before the file does", err);
}

static ssize_t read_unpacked(struct input *in, void *buf, size_t n, struct err *err)
{
    while (in->piece.n == 0) {
        const void *p;
        size_t got;
        la_int64_t offset;
        if (in->cut)
            return 0;
        int rc = archive_read_data_block(in->archive, &p, &got, &offset);
        if (rc == ARCHIVE_EOF)
            return check_all_used(in, err);
        if (rc != ARCHIVE_OK)
            return refused(in, err);
        in->piece = span_make(p, got);
    }
    size_t take = n < in->piece.n ? n : in->piece.n;
    memcpy(buf, in->piece.p, take);
    in->piece = span_make(in->piece.p + take, in->piece.n - take);
    return (ssize_t)take;
}

static ssize_t read_any(struct input *in, void *buf, size_t n, struct err *err)
{
    if (in->archive)
        return read_unpacked(in, buf, n, err);
    if (in->gz)
        return read_gz(in, buf, n, err);
    ssize_t got = read_stored(in, buf, n);
    return got < 0 ? err_set_errno(err, "%s", in->path) : got;
}

static int fill_head(struct input *in, struct err *err)
{
    in->head_n = 0;
    for (ssize_t got; in->head_n < HEAD; in->head_n += (size_t)got) {
        got = read_any(in, in->head + in->head_n, HEAD - in->head_n, err);
        if (got < 0)
            return (int)got;
        if (got == 0)
            break;
    }
    return 0;
}

static int unpacked_to_nothing(const struct input *in, struct err *err)
{
    return err_set(
        err, ERR_MALFORMED,
        "%s: expected data, found a compressed file that is empty or cut at byte %ju, "
        "before anything can be read from it",
        in->path, (uintmax_t)in->stored);
}

static int open_archive(struct input *in, struct err *err)
{
    struct archive *a = in->archive = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_raw(a);
    int rc = archive_read_open(a, in, NULL, feed, NULL);
    if (rc == ARCHIVE_OK)
        rc = archive_read_next_header(a, &entry);
    if (rc == ARCHIVE_EOF)
        return unpacked_to_nothing(in, err);
    return rc == ARCHIVE_OK ? 0 : refused(in, err);
}

/* ---- all ------------------------------------------------------------------------- */

static int unpack(struct input *in, struct err *err)
{
    int rc = 0;
    in->block = mem_alloc(BLOCK);
    memcpy(in->block, in->head, in->head_n);
    in->primed = in->head_n;
    if (is_gz(in))
        open_gz(in);
    else
        rc = open_archive(in, err);
    if (rc == 0)
        rc = fill_head(in, err);
    if (rc == 0 && in->head_n == 0)
        rc = unpacked_to_nothing(in, err);
    return rc;
}

static int open_file(struct input *in, struct err *err)
{
    struct stat st;
    bool is_stdin = strcmp(in->path, "-") == 0;
    in->fd = is_stdin ? dup(STDIN_FILENO) : open(in->path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0 || fstat(in->fd, &st) < 0)
        return err_set_errno(err, "%s", in->path);
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_IO, "%s: expected a file, found a directory", in->path);
    return 0;
}

int input_open(struct input **ret, const char *path, struct err *err)
{
    struct input *in = mem_zero(1, sizeof *in);
    in->path = mem_copy(path, strlen(path));
    in->digest = digest_new();
    int rc = open_file(in, err);
    if (rc == 0)
        rc = fill_head(in, err);
    if (rc == 0 && in->head_n == 0)
        rc = err_set(err, ERR_MALFORMED, "%s: expected data, found an empty file", path);
    if (rc == 0 && (is_gz(in) || is_packed(in)))
        rc = unpack(in, err);
    if (rc < 0)
        input_close(in);
    else
        *ret = in;
    return rc;
}

void input_close(struct input *in)
{
    if (!in)
        return;
    if (in->archive)
        archive_read_free(in->archive);
    if (in->gz)
        inflateEnd(in->gz);
    free(in->gz);
    if (in->digest)
        digest_free(in->digest);
    if (in->fd >= 0)
        close(in->fd);
    free(in->block);
    free(in->path);
    free(in);
}

struct span input_peek(struct input *in, size_t n)
{
    return span_make(in->head, n < in->head_n ? n : in->head_n);
}

ssize_t input_read(struct input *in, void *buf, size_t n, struct err *err)
{
    size_t left = in->head_n - in->head_at;
    if (left == 0)
        return read_any(in, buf, n, err);
    size_t take = n < left ? n : left;
    memcpy(buf, in->head + in->head_at, take);
    in->head_at += take;
    return (ssize_t)take;
}

int input_read_exactly(struct input *in, void *buf, size_t n, size_t *ret_got, struct err *err)
{
    *ret_got = 0;
    while (*ret_got < n) {
        ssize_t got = input_read(in, (char *)buf + *ret_got, n - *ret_got, err);
        if (got <= 0)
            return (int)got;
        *ret_got += (size_t)got;
    }
    return 1;
}

const char *input_path(const struct input *in)
{
    return in->path;
}

bool input_cut(const struct input *in)
{
    return in->cut;
}

uint64_t input_stored(const struct input *in)
{
    return in->stored;
}

void input_digest(struct input *in, char ret_hex[DIGEST_HEX])
{
    char rest[1 << 16];
    while (in->digest && read_stored(in, rest, sizeof rest) > 0)
        ;
    if (in->digest)
        digest_end(in->digest, in->hex);
    in->digest = NULL;
    memcpy(ret_hex, in->hex, DIGEST_HEX);
}
