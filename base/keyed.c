/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/keyed.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>

#include "base/mem.h"

/* The library fails for want of memory only: end as mem does. */
static void need(bool done)
{
    if (!done)
        mem_alloc(SIZE_MAX);
}

void keyed_mac(struct span key, struct span data, unsigned char ret_mac[KEYED_MAC])
{
    unsigned n = KEYED_MAC;
    need(HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)data.p, data.n, ret_mac,
              &n) != NULL);
}

void keyed_encrypt(const unsigned char key[KEYED_BLOCK], unsigned char *blocks, size_t n)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int done = 0;
    need(ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, key, NULL) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
         EVP_EncryptUpdate(ctx, blocks, &done, blocks, (int)(n * KEYED_BLOCK)) == 1);
    EVP_CIPHER_CTX_free(ctx);
}

void keyed_forget(void *secret, size_t n)
{
    OPENSSL_cleanse(secret, n);
}
