/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/mem.h"

struct digest *digest_new(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
        mem_alloc((size_t)-1); /* the library could not get a few hundred bytes */
    return (struct digest *)ctx;
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
    EVP_DigestUpdate((EVP_MD_CTX *)d, bytes, n);
}

void digest_end(struct digest *d, char ret_hex[DIGEST_HEX])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_DigestFinal_ex((EVP_MD_CTX *)d, raw, &n);
    for (unsigned i = 0; i < n; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", raw[i]);
    digest_free(d);
}

void digest_free(struct digest *d)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)d);
}

int digest_file(const char *path, char ret_hex[DIGEST_HEX], struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set_errno(err, "%s", path);
    struct digest *d = digest_new();
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
        digest_add(d, block, n);
    int rc = ferror(f) ? err_set_errno(err, "%s", path) : 0;
    fclose(f);
    if (rc == 0)
        digest_end(d, ret_hex);
    else
        digest_free(d);
    return rc;
}
