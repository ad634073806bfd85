/* SPDX-License-Identifier: GPL-3.0-or-later
 * Plain bytes go by read() straight into the caller's buffer: where page tables
 * are virtual, mapping a file costs five times as much as copying it.
 * Compressed ones pass through libarchive's filters with its "raw" format, and
 * only when the first bytes are a compressor's, so that no plain file is ever
 * taken for an archive. */
#include "ingest/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { HEAD = 4096, BLOCK = 1 << 20 };

struct input {
    char *path;
    int fd;
    struct digest *digest; /* NULL once hex is there */
    char hex[DIGEST_HEX];
    uint64_t stored, size;
    bool at_end; /* no stored bytes are left */
    bool cut;

    struct archive *archive; /* NULL: plain */
    char *block;             /* stored bytes on their way to the decompressor */
    size_t primed;           /* how many of them were read before it was made */
    struct span piece;       /* decompressed, not yet handed out */

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

static la_ssize_t feed(struct archive *a, void *context, const void **ret)
{
    struct input *in = context;
    *ret = in->block;
    if (in->primed) {
        size_t n = in->primed;
        in->primed = 0;
        return (la_ssize_t)n;
    }
    ssize_t got = read_stored(in, in->block, BLOCK);
    if (got < 0)
        archive_set_error(a, errno, "%s", strerror(errno));
    return got;
}

static bool begins(const struct input *in, const char *magic, size_t n)
{
    return in->head_n >= n && memcmp(in->head, magic, n) == 0;
}

static bool is_compressed(const struct input *in)
{
    bool bzip2 = begins(in, "BZh", 3) && in->head_n >= 10 &&
                 (memcmp(in->head + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
                  memcmp(in->head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
    return bzip2 || begins(in, "\x1f\x8b\x08", 3) ||
           begins(in,
                  "\xfd"
                  "7zXZ\0",
                  6) ||
           begins(in, "\x28\xb5\x2f\xfd", 4) || begins(in, "\x04\x22\x4d\x18", 4);
}

/* What libarchive's refusal means: the stored bytes ended too early, or they
 * are not what the compressor wrote. */
static int refused(struct input *in, struct err *err)
{
    if (in->at_end) {
        in->cut = true;
        return 0;
    }
    const char *why = archive_error_string(in->archive);
    return err_set(err, ERR_MALFORMED, "%s: compressed stream is damaged near byte %ju: %s",
                   in->path, (uintmax_t)in->stored, why ? why : "no reason given");
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
            return 0;
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

static int unpack(struct input *in, struct err *err)
{
    in->block = mem_alloc(BLOCK);
    memcpy(in->block, in->head, in->head_n);
    in->primed = in->head_n;
    struct archive *a = in->archive = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_raw(a);
    int rc = archive_read_open(a, in, NULL, feed, NULL);
    if (rc == ARCHIVE_OK)
        rc = archive_read_next_header(a, &entry);
    if (rc == ARCHIVE_EOF)
        return err_set(err, ERR_MALFORMED, "%s: expected data, found an empty compressed file",
                       in->path);
    if (rc != ARCHIVE_OK && refused(in, err) < 0)
        return ERR_MALFORMED;
    if (rc != ARCHIVE_OK)
        return err_set(err, ERR_MALFORMED,
                       "%s: expected a compressed stream, found one cut at byte %ju, before "
                       "anything could be read from it",
                       in->path, (uintmax_t)in->stored);
    return fill_head(in, err);
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
    if (S_ISREG(st.st_mode))
        in->size = (uint64_t)st.st_size;
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
    if (rc == 0 && is_compressed(in))
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

uint64_t input_size(const struct input *in)
{
    return in->size;
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
