/*
 * make_seeds DIR: what the simulators send, before it is sealed, as seeds for the targets that seal
 * it themselves: the plain texts of every push, and a chain with each SunSpec model.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/cosem/build.h"
#include "protocol/sunspec/model.h"

/* head, then the bytes, into DIR/TARGET/NAME. */
static void save(const char *directory, const char *target, const char *name, const char *head,
                 size_t head_size, const struct text *bytes)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s/%s", directory, target, name);
	file = fopen(path, "wb");
	if (!file || fwrite(head, 1, head_size, file) != head_size ||
	    fwrite(bytes->data, 1, bytes->length, file) != bytes->length || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void push(const char *directory, const struct meter_model *model, unsigned line)
{
	const struct meter_values values = {
		.time = {.year = 2026, .month = 11, .day = 21, .hour = 12, .offset = 60},
		.serial = "1234567890123",
		.energy_import = 12345678,
		.energy_export = 87654,
		.reactive_import = 4321,
		.reactive_export = 123,
		.power_import = 432,
		.reactive_power_import = 40,
		.voltage = {230100, 229900, 231000},
		.current = {1500, 320, 2710},
		.power_factor = 950};
	struct text plain = {0};
	char head[5] = {0};

	model->body(&plain, &values, 1);
	head[2] = (char)(line + 10); /* encrypted, with a tag */
	head[3] = (char)(plain.length >> 8);
	head[4] = (char)plain.length;
	save(directory, "fuzz_decrypt", model->name, head, 5, &plain);
	save(directory, "fuzz_dlms", model->name, head, 1, &plain);
	text_free(&plain);
}

static void chain(const char *directory, const struct sunspec_model *model)
{
	const struct sunspec_set *set = &sunspec_builtin;
	unsigned length = sunspec_points_size(set, &set->groups[model->group]) + 10;
	struct text words = {0};
	char name[32];

	for (unsigned i = 0; i < length + 4; i++) {
		unsigned word = i == 0 ? model->id : i == 1 ? length : i < length + 2 ? i % 5 : 0;

		word = i == length + 2 ? 0xFFFF : word;
		text_char(&words, (char)(word >> 8));
		text_char(&words, (char)word);
	}
	snprintf(name, sizeof name, "model_%u", model->id);
	save(directory, "fuzz_sunspec", name, "\0\0\0\0", 4, &words);
	save(directory, "fuzz_sunspec_image", name, "\0\0", 2, &words);
	text_free(&words);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	for (size_t i = 0; i < meter_model_count; i++)
		push(argv[1], &meter_models[i], (unsigned)i % 5);
	for (size_t i = 0; i < sunspec_builtin.count; i += 3)
		chain(argv[1], &sunspec_builtin.models[i]);
	return 0;
}
