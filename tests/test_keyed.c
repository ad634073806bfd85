/* SPDX-License-Identifier: GPL-3.0-or-later
 * HMAC: RFC 4231, section 4.3 (test case 2). AES-128: FIPS 197, appendix C.1. */
#include "base/keyed.h"

#include "tests/check.h"

static void the_mac_is_that_of_rfc_4231(void **state)
{
    (void)state;
    unsigned char mac[KEYED_MAC];
    keyed_mac(span_of("Jefe"), span_of("what do ya want for nothing?"), mac);
    assert_memory_equal(mac,
                        "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
                        "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
                        KEYED_MAC);
}

static void each_block_is_encrypted_by_itself_as_in_fips_197(void **state)
{
    (void)state;
    unsigned char key[KEYED_BLOCK], blocks[2][KEYED_BLOCK];
    for (int i = 0; i < KEYED_BLOCK; i++) {
        key[i] = (unsigned char)i;
        blocks[0][i] = blocks[1][i] = (unsigned char)(0x11 * i);
    }
    keyed_encrypt(key, blocks[0], 2);
    for (int i = 0; i < 2; i++)
        assert_memory_equal(blocks[i],
                            "\x69\xc4\xe0\xd8\x6a\x7b\x04\x30\xd8\xcd\xb7\x80\x70\xb4\xc5\x5a",
                            KEYED_BLOCK);
}

static void what_is_forgotten_is_overwritten(void **state)
{
    (void)state;
    char secret[4] = "key";
    keyed_forget(secret, sizeof secret);
    assert_memory_equal(secret, "\0\0\0\0", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mac_is_that_of_rfc_4231),
        cmocka_unit_test(each_block_is_encrypted_by_itself_as_in_fips_197),
        cmocka_unit_test(what_is_forgotten_is_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
