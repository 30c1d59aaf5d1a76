/* Ciphering against the vectors of the GCM specification, 10,000 random APDUs against libcrypto. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/glo.h"

enum { FRAMES = 10000, LONGEST = 700 };

static size_t hex(uint8_t *out, const char *digits)
{
	size_t n = 0;

	for (; digits[0] && digits[1]; digits += 2) {
		char pair[3] = {digits[0], digits[1], 0};

		out[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

/* Test cases 1 to 3 of McGrew and Viega, which NIST took over: no additional data. */
static const struct vector {
	const char *key, *nonce, *plain, *cipher, *tag;
} vectors[] = {
	{"00000000000000000000000000000000", "000000000000000000000000", "", "",
         "58e2fccefa7e3061367f1d57a4e7455a"},
	{"00000000000000000000000000000000", "000000000000000000000000",
         "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
         "ab6e47d42cec13bdf53a67b21257bddf"},
	{"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
         "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
         "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
         "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
         "4d5c2af327cd64a62cf35abd2ba6fab4"},
};

static bool anything(const uint8_t *plain, size_t size)
{
	(void)plain;
	(void)size;
	return true;
}

/* An APDU around a vector: nonce = title || counter; the tag cut to 12 bytes, over no more data. */
static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		uint8_t key[16], nonce[12], plain[64], cipher[64], tag[16], apdu[128], out[64];
		struct glo_keyring ring = {0};
		struct glo glo;
		size_t n = hex(plain, vectors[i].plain), at = 0;
		bool authenticated;

		hex(key, vectors[i].key);
		hex(nonce, vectors[i].nonce);
		hex(cipher, vectors[i].cipher);
		hex(tag, vectors[i].tag);
		assert_int_equal(glo_keyring_add(&ring, NULL, key, NULL), 0);
		apdu[at++] = GLO_TAG;
		apdu[at++] = 8;
		memcpy(apdu + at, nonce, 8);
		at += 8;
		apdu[at++] = (uint8_t)(5 + n + 12);
		apdu[at++] = 0x30;
		memcpy(apdu + at, nonce + 8, 4);
		memcpy(apdu + at + 4, cipher, n);
		memcpy(apdu + at + 4 + n, tag, 12);
		assert_int_equal(glo_parse(&glo, apdu, at + 4 + n + 12), 0);
		assert_int_equal(glo_open(&glo, &ring.keys[0], anything, out, &authenticated),
		                 GLO_OK);
		assert_true(authenticated);
		assert_memory_equal(out, plain, n);
		apdu[at + 4 + n] ^= 1;
		assert_int_equal(glo_open(&glo, &ring.keys[0], anything, out, &authenticated),
		                 GLO_OK);
		assert_false(authenticated);
		glo_keyring_free(&ring);
	}
}

static uint64_t seed = 42;

static void fill(uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		out[i] = (uint8_t)(seed >> 56);
	}
}

/* The result of libcrypto: AAD is control || key, and the text when it is not encrypted. */
static void reference(uint8_t *cipher, uint8_t *tag, const uint8_t *key, const uint8_t *nonce,
                      uint8_t control, const uint8_t *authentication, const uint8_t *plain,
                      size_t n)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool encrypted = control & 0x20, tagged = control & 0x10;
	int length;

	assert_non_null(c);
	assert_int_equal(EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, nonce), 1);
	if (tagged) {
		EVP_EncryptUpdate(c, NULL, &length, &control, 1);
		EVP_EncryptUpdate(c, NULL, &length, authentication, 16);
		if (!encrypted && n)
			EVP_EncryptUpdate(c, NULL, &length, plain, (int)n);
	}
	if (encrypted)
		EVP_EncryptUpdate(c, cipher, &length, plain, (int)n);
	else if (n)
		memcpy(cipher, plain, n);
	EVP_EncryptFinal_ex(c, tag, &length);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 12, tag), 1);
	EVP_CIPHER_CTX_free(c);
}

static void test_random(void **state)
{
	static const uint8_t controls[] = {0x20, 0x21, 0x30, 0x31, 0x10};

	(void)state;
	for (int i = 0; i < FRAMES; i++) {
		uint8_t key[16], authentication[16], nonce[12], plain[LONGEST], cipher[LONGEST],
			tag[16];
		uint8_t apdu[LONGEST + GLO_HEAD + GLO_TAG_SIZE], out[LONGEST];
		uint8_t control = controls[i % 5];
		struct glo_keyring ring = {0};
		size_t n = (size_t)(i * 7) % LONGEST, size, tagged = control & 0x10 ? 12 : 0;
		struct glo glo;
		bool authenticated;

		fill(key, sizeof key);
		fill(authentication, sizeof authentication);
		fill(nonce, sizeof nonce);
		fill(plain, n);
		assert_int_equal(glo_keyring_add(&ring, NULL, key, authentication), 0);
		size = glo_seal(apdu, &ring.keys[0], control, nonce,
		                (uint32_t)nonce[8] << 24 | (uint32_t)nonce[9] << 16 |
		                        (uint32_t)nonce[10] << 8 | nonce[11],
		                plain, n);
		reference(cipher, tag, key, nonce, control, authentication, plain, n);
		assert_memory_equal(apdu + size - tagged - n, cipher, n);
		if (tagged)
			assert_memory_equal(apdu + size - 12, tag, 12);
		assert_int_equal(glo_parse(&glo, apdu, size), 0);
		assert_int_equal(glo_open(&glo, &ring.keys[0], anything, out, &authenticated),
		                 GLO_OK);
		assert_int_equal(authenticated, tagged != 0);
		assert_memory_equal(out, plain, n);
		glo_keyring_free(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
