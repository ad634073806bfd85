/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file - what a fuzz target needs of files: the fuzzer's bytes under a path.
 *
 *     struct fuzz_file f = fuzz_file_of(data, size);
 *     read_something(f.path);
 *     fuzz_file_end(&f);
 */
#ifndef TESTS_FUZZ_FILE_H
#define TESTS_FUZZ_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

struct fuzz_file {
    int fd; /* in memory */
    char path[64];
};

static inline struct fuzz_file fuzz_file_of(const uint8_t *data, size_t size)
{
    struct fuzz_file f = {.fd = memfd_create("fuzz", MFD_CLOEXEC)};
    require(f.fd >= 0 && write(f.fd, data, size) == (ssize_t)size, "a file in memory");
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void fuzz_file_end(struct fuzz_file *f)
{
    close(f->fd);
}

#endif
