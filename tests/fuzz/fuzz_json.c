/*
 * JSON objects as a broker or a line brings them, to the currents that a load balancer acts on. The
 * first byte says how they are cut; whatever the cutting, the same must come out.
 */
#include "balance/settings.h"
#include "control/grid_reading.h"
#include "fuzz.h"
#include "stream/json_reader.h"

static void on_record(void *context, struct record *r)
{
	static const int32_t phases[] = {1, 3};
	static struct format_state plain;
	struct text *seen = context;
	struct grid_reading reading;
	char id[IDENTITY_TEXT];

	format_json(seen, &plain, r);
	for (size_t i = 0; i < 4; i++) {
		const struct grid_rules rules = {500, &phases[i / 2], i % 2};

		grid_reading_of(&reading, id, r, &rules);
		for (int n = 0; n < GRID_PHASES; n++)
			fuzz_require(reading.currents[n] == CURRENT_NONE ||
			                     (reading.currents[n] >= -1000000 &&
			                      reading.currents[n] <= 1000000),
			             "a current that can be");
		fuzz_require(reading.still.power >= 0 && reading.still.unit >= 0, "a power");
		text_printf(seen, "%s %d %d\n", id, (int)reading.currents[0],
		            (int)reading.estimated);
	}
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	text_printf(context, "%s: %s\n", refusal_name(refusal), text);
}

static void feed(struct input in, size_t piece, bool whole, struct text *seen)
{
	struct json_reader *reader = json_reader_new(
		&(struct json_events){on_record, on_refused, seen});

	while (in.size) {
		struct input part = fuzz_take(&in, piece);

		json_reader_feed(reader, part.data, part.size, whole);
	}
	json_reader_end(reader);
	json_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text whole = {0}, parts = {0}, messages = {0};
	struct input in = {data, size};
	size_t piece = 1u + fuzz_byte(&in) % 64;

	feed(in, in.size ? in.size : 1, false, &whole);
	feed(in, piece, false, &parts);
	feed(in, 4u * piece, true, &messages);
	fuzz_require(whole.length == parts.length &&
	                     (!whole.length || !memcmp(whole.data, parts.data, whole.length)),
	             "any cutting gives the same");
	text_free(&whole);
	text_free(&parts);
	text_free(&messages);
	return 0;
}
