/*
 * What each meter of the simulator sends and what the decoder makes of it, and what each layout makes of
 * its example, in full: tests/unit/push_models.txt has it. Frame lengths are those of the real meters.
 */
#include "tests/unit/push_bench.h"

#include <stdlib.h>

#include "printed.h"
#include "protocol/cosem/dlms.h"

static FILE *expected;

/* The rest of the next line of the table, which begins with this word. */
static const char *next_line(const char *word)
{
	static char line[4096];
	size_t length = strlen(word);

	do
		assert_non_null(fgets(line, sizeof line, expected));
	while (line[0] == '#' || line[0] == '\n');
	line[strcspn(line, "\n")] = 0;
	if (strncmp(line, word, length) != 0 || line[length] != ' ')
		fail_msg("a line of %s is due, not %s", word, line);
	return line + length + 1;
}

static void check_hex(const char *word, const struct text *bytes)
{
	struct text digits = {0};

	text_hex(&digits, bytes->data, bytes->length);
	assert_string_equal(text_string(&digits), next_line(word));
	text_free(&digits);
}

static void check_model(const struct meter_model *m)
{
	static const char *const lines[] = {"mbus", "hdlc", "hdlc-segments", "blocks", "bare"};
	struct meter_values v = {.time = stamp_at(1717410896000, 120),
	                         .serial = "181220000042",
	                         .energy_import = 7654321,
	                         .energy_export = 89,
	                         .reactive_import = 12345,
	                         .reactive_export = 70000,
	                         .power_import = 432,
	                         .power_export = 99123,
	                         .reactive_power_import = 51,
	                         .reactive_power_export = 66000,
	                         .voltage = {233100, 234200, 230000},
	                         .current = {1230, 45000, 70},
	                         .power_factor = 987};
	struct text body = {0}, wire = {0}, about = {0};
	size_t ends[16], frames;

	m->body(&body, &v, 0x01020304);
	frames = meter_push(&wire, m, &v, &b.ring.keys[0], title, 1, ends);
	text_printf(&about, "%s %s %02X %zu %.3s %g %u %u", m->name, lines[m->line], m->control,
	            m->segment, (const char *)m->title, m->interval, m->baud, m->bits);
	for (size_t i = 0; i < frames; i++)
		text_printf(&about, " %zu", ends[i]);
	assert_string_equal(text_string(&about), next_line("model"));
	check_hex("body", &body);
	feed(wire.data, wire.length, 0);
	assert_int_equal(b.sound, 1);
	b.printed.data[strcspn(text_string(&b.printed), "\r\n")] = 0;
	assert_string_equal(b.printed.data, next_line("record"));
	text_free(&body);
	text_free(&wire);
	text_free(&about);
}

static void check_layout(const struct layout *layout)
{
	static struct dlms dlms;
	struct record r = {0};
	uint8_t bytes[2048];
	size_t size = hex_bytes(bytes, sizeof bytes, layout->example);
	const char *reason = "none";

	record_begin(&r, "dlms");
	assert_int_equal(dlms_parse(&dlms, bytes, size, &reason), 0);
	dlms_head(&dlms, &r);
	dlms_values(&dlms, &r);
	assert_string_equal(next_line("layout"), layout->name);
	assert_string_equal(printed(&r), next_line("record"));
	record_free(&r);
}

static void meters_and_layouts_in_full(void **state)
{
	char line[16];

	(void)state;
	expected = fopen("tests/unit/push_models.txt", "r");
	assert_non_null(expected);
	for (size_t i = 0; i < meter_model_count; i++)
		check_model(&meter_models[i]);
	for (const struct layout *const *l = layouts; *l; l++)
		check_layout(*l);
	assert_null(fgets(line, sizeof line, expected));
	fclose(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meters_and_layouts_in_full),
	};

	return cmocka_run_group_tests_name("push models", tests, set_up, tear_down);
}
