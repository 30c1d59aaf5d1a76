/* Pushes of every model with damage from a seed: the records and refusals that they give. */
#include "pinned.h"

#define dice push_dice
#include "tests/unit/push_bench.h"
#undef dice

#include "protocol/cosem/layout.h"

static void make_push(struct text *out, unsigned number)
{
	struct meter_values v = {.time = stamp_at(1717410896000 + (instant)number * 60000, 120),
	                         .serial = "181220000042"};

	v.energy_import = dice(100000000);
	v.energy_export = dice(100000000);
	v.power_import = dice(10000);
	v.voltage[0] = 200000 + dice(50000);
	v.current[1] = dice(60000);
	v.power_factor = (int32_t)dice(1001);
	meter_push(out, &meter_models[number % meter_model_count], &v, &b.ring.keys[0], title,
	           number + 1, NULL);
	assert_true(text_room(out, 64));
}

static void tell(void)
{
	pinned_add(b.printed.data, b.printed.length);
	pinned_line("%zu", b.sound);
	for (int i = 0; i < REFUSALS; i++)
		pinned_line("%llu", (unsigned long long)b.counts[i]);
}

/* Three pushes in one stream, the second one damaged; as bytes and as text. */
static void damaged_pushes(void **state)
{
	struct text stream = {0}, one = {0}, digits = {0};

	(void)state;
	pinned_begin(21);
	for (unsigned i = 0; i < 3000; i++) {
		stream.length = one.length = digits.length = 0;
		make_push(&stream, i);
		make_push(&one, dice(4) ? i : i + 1);
		one.length = pinned_damage((uint8_t *)one.data, one.length, one.capacity);
		text_add(&stream, one.data, one.length);
		make_push(&stream, i + 10 * dice(2));
		feed(stream.data, stream.length, i % 3 ? 40 : 0);
		tell();
		if (i % 10 == 0) {
			text_hex(&digits, stream.data, stream.length);
			feed(digits.data, digits.length, 100);
			tell();
		}
	}
	text_free(&stream);
	text_free(&one);
	text_free(&digits);
	pinned_end(33000, 0x983DBCFF697B4F74);
}

/* The plain examples of all layouts with a byte changed: the records and refusals that they give. */
static void damaged_bodies(void **state)
{
	struct text bytes = {0};

	(void)state;
	pinned_begin(22);
	for (const struct layout *const *l = layouts; *l; l++) {
		size_t size = strlen((*l)->example) / 2;

		bytes.length = 0;
		assert_true(text_room(&bytes, size + 64));
		for (unsigned i = 0; i < 300; i++) {
			for (size_t k = 0; k < size; k++) {
				char pair[3] = {(*l)->example[2 * k], (*l)->example[2 * k + 1], 0};

				bytes.data[k] = (char)strtoul(pair, NULL, 16);
			}
			feed(bytes.data, pinned_damage((uint8_t *)bytes.data, size, bytes.capacity),
			     0);
			tell();
		}
	}
	text_free(&bytes);
	pinned_end(48000, 0x64D2E39B01FB4420);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_pushes),
		cmocka_unit_test(damaged_bodies),
	};

	return cmocka_run_group_tests_name("damaged pushes", tests, set_up, tear_down);
}
