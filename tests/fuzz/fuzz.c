#define _GNU_SOURCE
#include "fuzz.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/crc.h"
#include "output/prometheus.h"

unsigned fuzz_byte(struct input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

unsigned fuzz_word(struct input *in)
{
	unsigned high = fuzz_byte(in);

	return high << 8 | fuzz_byte(in);
}

struct input fuzz_take(struct input *in, size_t n)
{
	struct input part = {in->data, n < in->size ? n : in->size};

	in->data += part.size;
	in->size -= part.size;
	return part;
}

bool fuzz_line(struct input *in, struct input *line)
{
	const uint8_t *end = in->size ? memchr(in->data, '\n', in->size) : NULL;

	if (!in->size)
		return false;
	*line = fuzz_take(in, end ? (size_t)(end - in->data) : in->size);
	fuzz_byte(in);
	return true;
}

void fuzz_require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void refuse(const char *what, struct input in)
{
	fprintf(stderr, "%s: %.*s\n", what, (int)in.size, (const char *)in.data);
	abort();
}

static void check(bool holds, const char *what, struct input in)
{
	if (!holds)
		refuse(what, in);
}

static int memory_file(void)
{
	int fd = memfd_create("fuzz", 0);

	fuzz_require(fd >= 0, "memfd_create");
	return fd;
}

const char *fuzz_file(unsigned slot, const void *data, size_t size)
{
	static int files[4] = {-1, -1, -1, -1};
	static char paths[4][32];

	if (files[slot] < 0) {
		files[slot] = memory_file();
		snprintf(paths[slot], sizeof paths[slot], "/proc/self/fd/%d", files[slot]);
	}
	fuzz_require(!ftruncate(files[slot], 0) &&
	                     pwrite(files[slot], data, size, 0) == (ssize_t)size,
	             "input file");
	return paths[slot];
}

/* The checks of the formats of fuzz_record(). */
static void (*const checks[])(struct input printed) = {fuzz_check_json,       fuzz_check_text,
                                                       fuzz_check_csv,        fuzz_check_influx,
                                                       fuzz_check_prometheus, fuzz_check_json};

enum { FORMATS = sizeof checks / sizeof checks[0] };

static void print_metrics(struct text *out, const struct record *r)
{
	struct metrics *m = metrics_new();

	out->length = 0;
	if (m && !metrics_take(m, r, 0))
		metrics_print(m, out);
	metrics_free(m);
}

static struct input of_text(const struct text *t)
{
	return (struct input){(const uint8_t *)t->data, t->length};
}

void fuzz_record(const struct record *r)
{
	static struct text out;
	static format_function *const functions[] = {format_json,   format_text, format_csv,
	                                             format_influx, NULL,        format_json};

	for (int i = 0; i < FORMATS; i++) {
		struct format_state state = {.style.units = i == FORMATS - 1, .style.clock = true};

		out.length = 0;
		if (functions[i])
			functions[i](&out, &state, r);
		else
			print_metrics(&out, r);
		checks[i](of_text(&out));
		text_free(&state.columns);
	}
}

void fuzz_check_json(struct input printed)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
	struct input line;

	check(!printed.size || printed.data[printed.size - 1] == '\n', "no line end", printed);
	while (fuzz_line(&printed, &line)) {
		json_error_t error;
		json_t *json = json_loadb((const char *)line.data, line.size, flags, &error);

		check(json_is_object(json), error.text, line);
		json_decref(json);
	}
}

void fuzz_check_text(struct input printed)
{
	const char *data = (const char *)printed.data;

	for (size_t i = 0; i < printed.size;) {
		size_t length = utf8_length(data + i, printed.size - i);
		unsigned char c = printed.data[i];
		bool c1 = length == 2 && c == 0xC2 && printed.data[i + 1] < 0xA0;

		check(length && c != 0x7F && !c1 && (c >= 0x20 || c == '\n'), "control character",
		      printed);
		i += length;
	}
}

/* A cell, quoted or not; what ends it stays. */
static void csv_cell(struct input *in)
{
	bool quoted = in->size && *in->data == '"';

	if (quoted)
		fuzz_byte(in);
	while (in->size) {
		unsigned c = *in->data;

		if (!quoted && (c == ',' || c == '\r' || c == '\n'))
			return;
		fuzz_byte(in);
		if (quoted && c == '"') {
			if (!in->size || *in->data != '"')
				return;
			fuzz_byte(in);
		}
		check(quoted || c != '"', "quote in a bare cell", *in);
	}
	check(!quoted, "open quote", *in);
}

void fuzz_check_csv(struct input printed)
{
	struct input in = printed;
	size_t columns = 0;

	while (in.size) {
		size_t n = 0;

		do {
			csv_cell(&in);
			n++;
		} while (in.size && *in.data == ',' && fuzz_byte(&in));
		check(fuzz_byte(&in) == '\r' && fuzz_byte(&in) == '\n', "line end", printed);
		check(!columns || n == columns, "number of cells", printed);
		columns = n;
	}
}

/* A key or tag value of the line protocol up to a bare `,`, `=` or blank; its length. */
static size_t influx_word(struct input *in, const char *ends)
{
	size_t n = 0;

	for (; in->size && !strchr(ends, *in->data); n++) {
		check(*in->data >= 0x20, "control character in a key", *in);
		if (fuzz_byte(in) == '\\' && in->size)
			fuzz_byte(in);
	}
	return n;
}

static void influx_value(struct input *in)
{
	if (!in->size || *in->data != '"') {
		check(influx_word(in, ", ") > 0, "no field value", *in);
		return;
	}
	for (fuzz_byte(in); in->size && *in->data != '"';)
		if (fuzz_byte(in) == '\\')
			fuzz_byte(in);
	check(fuzz_byte(in) == '"', "open string", *in);
}

void fuzz_check_influx(struct input printed)
{
	struct input line;

	while (fuzz_line(&printed, &line)) {
		struct input in = line;

		check(influx_word(&in, ", ") > 0, "no measurement", line);
		while (in.size && *in.data == ',') {
			fuzz_byte(&in);
			check(influx_word(&in, ",= ") && fuzz_byte(&in) == '=' &&
			              influx_word(&in, ",= "),
			      "tag", line);
		}
		check(in.size && *in.data == ' ', "fields", line);
		do {
			fuzz_byte(&in);
			check(influx_word(&in, ",= ") && fuzz_byte(&in) == '=', "field", line);
			influx_value(&in);
		} while (in.size && *in.data == ',');
		while (in.size)
			check(strchr(" -0123456789", (int)fuzz_byte(&in)) != NULL, "time", line);
	}
}

static bool metric_name(struct input *in)
{
	size_t n = 0;

	while (in->size &&
	       (*in->data == '_' || *in->data == ':' ||
	        (n && *in->data >= '0' && *in->data <= '9') || (*in->data | 0x20) - 'a' < 26u)) {
		fuzz_byte(in);
		n++;
	}
	return n > 0;
}

static void labels(struct input *in)
{
	do {
		fuzz_byte(in);
		check(metric_name(in) && fuzz_byte(in) == '=' && fuzz_byte(in) == '"', "label",
		      *in);
		while (in->size && *in->data != '"')
			if (fuzz_byte(in) == '\\')
				check(strchr("\\\"n", (int)fuzz_byte(in)) != NULL, "escape", *in);
		check(fuzz_byte(in) == '"', "label", *in);
	} while (in->size && *in->data == ',');
	check(fuzz_byte(in) == '}', "labels", *in);
}

/* A scrape with the same series twice is refused as a whole. */
static void series_differ(struct input printed)
{
	struct input seen[100], line;
	size_t count = 0;

	while (count < 100 && fuzz_line(&printed, &line)) {
		const uint8_t *blank = memrchr(line.data, ' ', line.size);

		line.size = *line.data == '#' || !blank ? 0 : (size_t)(blank - line.data);
		for (size_t i = 0; line.size && i < count; i++)
			check(seen[i].size != line.size ||
			              memcmp(seen[i].data, line.data, line.size),
			      "the same series", line);
		seen[count++] = line;
	}
}

void fuzz_check_prometheus(struct input printed)
{
	struct input line;

	check(!printed.size || printed.data[printed.size - 1] == '\n', "no line end", printed);
	series_differ(printed);
	while (fuzz_line(&printed, &line)) {
		struct input in = line;
		char number[64] = "";
		char *end;

		if (*in.data == '#')
			continue;
		check(metric_name(&in), "name", line);
		if (in.size && *in.data == '{')
			labels(&in);
		check(fuzz_byte(&in) == ' ' && in.size < sizeof number, "value", line);
		memcpy(number, in.data, in.size);
		strtod(number, &end);
		check(end != number && (!*end || *end == ' '), "value", line);
	}
}

void fuzz_seal_telegram(struct text *out, struct input lines)
{
	size_t begin = out->length;

	text_char(out, '/');
	text_add(out, (const char *)lines.data, lines.size);
	text_char(out, '!');
	text_printf(out, "%04X\r\n",
	            crc16_arc((const uint8_t *)out->data + begin, out->length - begin));
}

void fuzz_seal_rtu(struct text *out, struct input frame)
{
	uint16_t crc = crc16_modbus(frame.data, frame.size);

	text_add(out, (const char *)frame.data, frame.size);
	text_char(out, (char)(crc & 0xFF));
	text_char(out, (char)(crc >> 8));
}
