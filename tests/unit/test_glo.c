#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "protocol/glo.h"

/* The worked example of the DLMS Green Book: keys, title, counter and plain text. */
static const char keys[] =
	"# example\n"
	"4D4D4D0000BC614E 000102030405060708090A0B0C0D0E0F D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF\n"
	"\n0000000000000001 11111111111111111111111111111111 # another meter\n";
static const uint8_t title[8] = {0x4D, 0x4D, 0x4D, 0x00, 0x00, 0xBC, 0x61, 0x4E};
static const uint8_t plain[31] = {
	0x01, 0x01, 0x10, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0x00, 0x00, 0x06,
	0x5F, 0x1F, 0x04, 0x00, 0x00, 0x7E, 0x1F, 0x04, 0xB0,
};
static const uint8_t sealed[43] = {
	0x80, 0x13, 0x02, 0xFF, 0x8A, 0x78, 0x74, 0x13, 0x3D, 0x41, 0x4C, 0xED, 0x25, 0xB4, 0x25,
	0x34, 0xD2, 0x8D, 0xB0, 0x04, 0x77, 0x20, 0x60, 0x6B, 0x17, 0x5B, 0xD5, 0x22, 0x11, 0xBE,
	0x68, 0x41, 0xDB, 0x20, 0x4D, 0x39, 0xEE, 0x6F, 0xDB, 0x8E, 0x35, 0x68, 0x55,
};
/* the same, authenticated only; made with another implementation */
static const uint8_t gmac[12] = {
	0xCE, 0x0F, 0x5B, 0x42, 0x6A, 0xA5, 0x3E, 0x1F, 0xFB, 0x73, 0x6C, 0x1E,
};

static bool starts_with_one(const uint8_t *data, size_t size)
{
	return size > 0 && data[0] == 0x01;
}

static void load(struct glo_keyring *ring)
{
	unsigned line;

	*ring = (struct glo_keyring){0};
	assert_int_equal(glo_keyring_parse(ring, keys, sizeof keys - 1, &line), 0);
	assert_int_equal(ring->count, 2);
}

static size_t seal(uint8_t *out, uint8_t control)
{
	struct glo_keyring ring;
	size_t n;

	load(&ring);
	n = glo_seal(out, &ring.keys[0], control, title, 0x01234567, plain, sizeof plain);
	glo_keyring_free(&ring);
	return n;
}

static void test_green_book(void **state)
{
	uint8_t apdu[128];
	size_t n = seal(apdu, 0x30);

	(void)state;
	assert_int_equal(n, 11 + 5 + sizeof sealed);
	assert_memory_equal(apdu + 16, sealed, sizeof sealed);
	n = seal(apdu, 0x10);
	assert_memory_equal(apdu + n - 12, gmac, 12);
	assert_memory_equal(apdu + 16, plain, sizeof plain);
}

static void test_open(void **state)
{
	static const uint8_t controls[] = {0x30, 0x20, 0x21, 0x10, 0x31};
	struct glo_keyring ring;
	uint8_t apdu[128], out[128];
	bool authenticated;

	(void)state;
	load(&ring);
	for (size_t i = 0; i < sizeof controls; i++) {
		size_t n = seal(apdu, controls[i]);
		const struct glo_key *key;
		struct glo g;

		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(glo_parse(&g, apdu, cut), EM_TRUNCATED);
		assert_int_equal(glo_parse(&g, apdu, n), 0);
		assert_int_equal(g.total, n);
		assert_int_equal(g.counter, 0x01234567);
		key = glo_keyring_find(&ring, &g);
		assert_ptr_equal(key, &ring.keys[0]);
		assert_int_equal(glo_open(&g, key, starts_with_one, out, &authenticated), GLO_OK);
		assert_memory_equal(out, plain, sizeof plain);
		assert_int_equal(authenticated, (controls[i] & 0x10) != 0);
		assert_int_equal(glo_open(&g, &ring.keys[1], starts_with_one, out, &authenticated),
		                 controls[i] & 0x20 ? GLO_WRONG_KEY : GLO_OK);
		assert_int_equal(glo_open(&g, NULL, NULL, out, &authenticated), GLO_WRONG_KEY);
		assert_false(authenticated);
	}
	glo_keyring_free(&ring);
}

static void test_damage(void **state)
{
	struct glo_keyring ring;
	uint8_t apdu[128], out[128];
	bool authenticated;
	struct glo g;
	size_t n = seal(apdu, 0x30);

	(void)state;
	load(&ring);
	apdu[20] ^= 4;
	assert_int_equal(glo_parse(&g, apdu, n), 0);
	assert_int_equal(glo_open(&g, &ring.keys[0], starts_with_one, out, &authenticated),
	                 GLO_AUTH_FAILED);
	apdu[20] ^= 4;
	apdu[11] = 0xB0; /* compressed */
	assert_int_equal(glo_parse(&g, apdu, n), 0);
	assert_int_equal(glo_open(&g, &ring.keys[0], NULL, out, &authenticated), GLO_UNSUPPORTED);
	apdu[11] = 0x32; /* suite 2 */
	assert_int_equal(glo_parse(&g, apdu, n), 0);
	assert_int_equal(glo_open(&g, &ring.keys[0], NULL, out, &authenticated), GLO_UNSUPPORTED);
	glo_keyring_free(&ring);
}

static void test_lengths(void **state)
{
	static const uint8_t none[] = {0xDB, 0x00, 0x06, 0x20, 0, 0, 0, 1, 0x55};
	static const uint8_t longer[] = {0xDB, 0x00, 0x82, 0x00, 0x06, 0x20, 0, 0, 0, 1, 0x55};
	static const uint8_t bad_title[] = {0xDB, 0x07, 1, 2, 3, 4, 5, 6, 7, 5, 0x20, 0, 0, 0, 1};
	static const uint8_t short_body[] = {0xDB, 0x00, 0x04, 0x20, 0, 0, 0};
	static const uint8_t short_tag[] = {0xDB, 0x00, 0x06, 0x30, 0, 0, 0, 1, 0x55};
	static const uint8_t huge[] = {0xDB, 0x00, 0x85, 1, 0, 0, 0, 0, 0x20};
	struct glo g;

	(void)state;
	assert_int_equal(glo_parse(&g, none, sizeof none), 0);
	assert_int_equal(g.body_length, 1);
	assert_null(g.tag);
	assert_int_equal(glo_parse(&g, longer, sizeof longer), 0);
	assert_int_equal(g.total, sizeof longer);
	assert_int_equal(glo_parse(&g, bad_title, sizeof bad_title), EM_RANGE);
	assert_int_equal(glo_parse(&g, short_body, sizeof short_body), EM_RANGE);
	assert_int_equal(glo_parse(&g, short_tag, sizeof short_tag), EM_RANGE);
	assert_int_equal(glo_parse(&g, huge, sizeof huge), EM_RANGE);
	assert_int_equal(glo_parse(&g, (const uint8_t *)"/", 1), EM_SYNTAX);
}

/* A long body, the usual authentication key, and a tag over an empty AAD. */
static void test_usual_keys(void **state)
{
	static const char one[] = " 0123456789abcdef0123456789ABCDEF \n";
	struct glo_keyring ring = {0};
	uint8_t text[300], apdu[300 + GLO_HEAD + GLO_TAG_SIZE], out[300], key[16];
	bool authenticated;
	unsigned line;
	struct glo g;
	size_t n;

	(void)state;
	memset(text, 1, sizeof text);
	assert_int_equal(glo_keyring_parse(&ring, one, sizeof one - 1, &line), 0);
	n = glo_seal(apdu, &ring.keys[0], 0x30, title, 7, text, sizeof text);
	assert_int_equal(glo_parse(&g, apdu, n), 0);
	assert_int_equal(glo_open(&g, &ring.keys[0], NULL, out, &authenticated), GLO_OK);
	assert_true(authenticated);
	assert_memory_equal(out, text, sizeof text);
	memset(key, 0x5A, sizeof key);
	glo_keyring_authentication(&ring, key);
	assert_int_equal(glo_open(&g, &ring.keys[0], NULL, out, &authenticated), GLO_AUTH_FAILED);
	for (unsigned i = 0; i < sizeof key; i++) /* 00 11 22 ... FF */
		key[i] = (uint8_t)(i * 0x11);
	glo_keyring_free(&ring);
	assert_int_equal(glo_keyring_parse(&ring, one, sizeof one - 1, &line), 0);
	glo_keyring_authentication(&ring, key);
	assert_int_equal(glo_open(&g, &ring.keys[0], NULL, out, &authenticated), GLO_OK);
	assert_true(authenticated);
	glo_keyring_free(&ring);
}

static void test_key_files(void **state)
{
	struct glo_keyring ring = {0};
	uint8_t key[16];
	unsigned line;

	(void)state;
	assert_int_equal(glo_keyring_parse(&ring, "", 0, &line), EM_SYNTAX);
	assert_int_equal(glo_keyring_parse(&ring, "\n12 34\n", 7, &line), EM_SYNTAX);
	assert_int_equal(line, 2);
	assert_int_equal(glo_keyring_parse(&ring, "0123456789abcde\n", 16, &line), 0);
	assert_int_equal(glo_key_read(key, "sixteen bytes!!\n", 16), 0);
	assert_memory_equal(key, "sixteen bytes!!\n", 16);
	assert_int_equal(glo_key_read(key, "00112233445566778899aabbccddeef", 31), EM_SYNTAX);
	assert_int_equal(glo_key_read(key, "00112233445566778899aabbccddeeff\n", 33), 0);
	assert_int_equal(key[15], 0xFF);
	glo_keyring_free(&ring);
}

/* 200 titles in no order, each twice, and two keys without title in the middle. */
static void test_many_keys(void **state)
{
	static const char digits[] = "00112233445566778899AABBCCDDEEFF";
	struct glo_keyring ring = {0};
	struct text file = {0};
	unsigned line;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		if (i == 99 || i == 300)
			text_printf(&file, "%s\n", digits);
		text_printf(&file, "45454545%08X %s\n", i * 77 % 200, digits);
	}
	assert_int_equal(glo_keyring_parse(&ring, file.data, file.length, &line), 0);
	assert_int_equal(ring.count, 402);
	for (unsigned i = 0; i < 200; i++) {
		struct glo apdu = {.title_length = GLO_TITLE};
		const struct glo_key *key;

		memset(apdu.title, 0x45, 4);
		apdu.title[7] = (uint8_t)(i * 77 % 200);
		key = glo_keyring_find(&ring, &apdu);
		assert_ptr_equal(key, &ring.keys[i + (i >= 99)]); /* the first of both */
		apdu.title[6] = 1;
		assert_ptr_equal(glo_keyring_find(&ring, &apdu), &ring.keys[99]);
	}
	text_free(&file);
	glo_keyring_free(&ring);
}

/* The key of a title, else the first one without title, else none; without a title, the same. */
static void test_key_of_a_title(void **state)
{
#define A "4141414141414141 00112233445566778899AABBCCDDEEFF\n"
#define C "4343434343434343 00112233445566778899AABBCCDDEEFF\n"
#define E "4545454545454545 00112233445566778899AABBCCDDEEFF\n"
#define ANY "00112233445566778899AABBCCDDEEFF\n"
	static const struct {
		const char *file;
		int of[7]; /* the line's number for titles @ to F, 0 for none */
		int untitled;
	} cases[] = {
		{A C E, {0, 1, 0, 2, 0, 3, 0}, 0},       {E A C, {0, 2, 0, 3, 0, 1, 0}, 0},
		{C, {0, 0, 0, 1, 0, 0, 0}, 0},           {ANY, {1, 1, 1, 1, 1, 1, 1}, 1},
		{ANY ANY, {1, 1, 1, 1, 1, 1, 1}, 1},     {A ANY C E, {2, 1, 2, 3, 2, 4, 2}, 2},
		{E ANY ANY A, {2, 4, 2, 2, 2, 1, 2}, 2}, {C C, {0, 0, 0, 1, 0, 0, 0}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct glo_keyring ring = {0};
		struct glo apdu = {.title_length = 0};
		const struct glo_key *key;
		unsigned line;

		assert_int_equal(
			glo_keyring_parse(&ring, cases[i].file, strlen(cases[i].file), &line), 0);
		key = glo_keyring_find(&ring, &apdu);
		assert_int_equal(key ? key - ring.keys + 1 : 0, cases[i].untitled);
		apdu.title_length = GLO_TITLE;
		for (int letter = 0; letter < 7; letter++) {
			memset(apdu.title, '@' + letter, GLO_TITLE);
			key = glo_keyring_find(&ring, &apdu);
			assert_int_equal(key ? key - ring.keys + 1 : 0, cases[i].of[letter]);
			ring.ordered = 0; /* as when memory was out: the whole ring is searched */
			key = glo_keyring_find(&ring, &apdu);
			assert_int_equal(key ? key - ring.keys + 1 : 0, cases[i].of[letter]);
			ring.ordered = ring.count;
		}
		glo_keyring_free(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_green_book), cmocka_unit_test(test_open),
		cmocka_unit_test(test_damage),     cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_usual_keys), cmocka_unit_test(test_key_files),
		cmocka_unit_test(test_many_keys),  cmocka_unit_test(test_key_of_a_title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
