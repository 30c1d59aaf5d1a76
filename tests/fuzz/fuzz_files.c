/*
 * Files that emtool reads beside its input: keys, passwords, frame counters,
 * settings of a balancer, register images. The first byte tells which. What is written from what
 * was read reads back the same.
 */
#include <stdlib.h>
#include <string.h>

#include "balance/register_table.h"
#include "control/state.h"
#include "device/image.h"
#include "fuzz.h"
#include "host/secret.h"
#include "protocol/cosem/counters.h"
#include "protocol/glo.h"
#include "protocol/sunspec/image.h"

static void keys(const struct input *in)
{
	struct glo_keyring ring = {0};
	struct glo apdu = {.title_length = GLO_TITLE};
	unsigned line;

	if (!glo_keyring_parse(&ring, (const char *)in->data, in->size, &line)) {
		memcpy(apdu.title, in->data, in->size < GLO_TITLE ? in->size : GLO_TITLE);
		glo_keyring_find(&ring, &apdu);
		for (size_t i = 0; i < ring.count && i < 100; i++) {
			memcpy(apdu.title, ring.keys[i].title, GLO_TITLE);
			fuzz_require(glo_keyring_find(&ring, &apdu) != NULL, "a key that is there");
		}
	}
	glo_keyring_free(&ring);
}

static void counters(const struct input *in)
{
	struct counters c = {0}, again = {0};
	struct text first = {0}, second = {0};

	if (!counters_read(&c, (const char *)in->data, in->size)) {
		counters_write(&c, &first);
		fuzz_require(!counters_read(&again, text_string(&first), first.length),
		             "read back");
		fuzz_require(again.count == c.count, "number of counters");
		counters_write(&again, &second);
		fuzz_require(first.length == second.length, "counters written again");
	}
	counters_free(&c);
	counters_free(&again);
	text_free(&first);
	text_free(&second);
}

static void orders(const char *path)
{
	struct orders first = orders_none(), again = orders_none();

	if (state_load_orders(path, &first) || state_save_orders(path, &first))
		return;
	fuzz_require(!state_load_orders(path, &again), "orders read back");
	for (unsigned i = ORDER_MODE; i < ORDERS; i++)
		fuzz_require(first.of[i] == again.of[i], "order");
}

static void state(const char *path)
{
	struct balance_settings settings = balance_defaults(), again = balance_defaults();
	const struct balance_rules rules = {0xFF, 0};
	int unit = TABLE_UNIT, other = TABLE_UNIT;
	struct settings_place place;
	struct text text = {0};

	if (!state_load(path, &settings, &unit, &rules, &place)) {
		settings_text(&text, &settings, unit);
		text_string(&text);
		fuzz_require(
			!settings_read(&again, &other, text.data, text.length, &rules, &place) &&
				unit == other,
			"settings read back");
		for (size_t i = 0; i < balance_setting_count; i++)
			fuzz_require(*balance_setting_at(&settings, &balance_setting_rows[i]) ==
			                     *balance_setting_at(&again, &balance_setting_rows[i]),
			             "setting");
	}
	text_free(&text);
}

static void images(const struct input *in)
{
	static struct sunspec_image first, second;
	struct image device = {0};
	struct text text = {0};
	unsigned line;

	memset(&first, 0, sizeof first);
	image_parse(&device, (const char *)in->data, in->size, &line);
	image_free(&device);
	if (!sunspec_image_parse(&first, (const char *)in->data, in->size, &line)) {
		sunspec_image_print(&text, &first);
		memset(&second, 0, sizeof second);
		fuzz_require(!sunspec_image_parse(&second, text.data, text.length, &line) &&
		                     !memcmp(&first, &second, sizeof first),
		             "image read back");
	}
	text_free(&text);
}

static void secret(const char *path)
{
	char password[64];
	const char *file;

	setenv("EMTOOL_FUZZ_PASSWORD_FILE", path, 1);
	if (!secret_read("EMTOOL_FUZZ_PASSWORD", password, sizeof password, &file))
		fuzz_require(strlen(password) < sizeof password && !strpbrk(password, "\r\n"),
		             "password");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	unsigned kind = fuzz_byte(&in) % 8;
	const char *path = fuzz_file(0, in.data, in.size);

	if (!size)
		return 0;
	switch (kind) {
	case 0:
	case 1:
	case 5:
	case 6: keys(&in); break;
	case 2: counters(&in); break;
	case 3:
		state(path);
		orders(path);
		break;
	case 7: secret(path); break;
	default: images(&in); break;
	}
	return 0;
}
