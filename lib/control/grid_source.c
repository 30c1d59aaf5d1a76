#include "control/grid_source.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/text.h"
#include "control/grid_kind.h"
#include "control/grid_reading.h"

static const struct grid_kind kinds[] = {
	{"p1", "P1 telegrams", "baud=115200&mode=8N1", &grid_p1, NULL, false},
	{"dlms", "DLMS pushes over M-Bus or HDLC", "baud=2400&mode=8E1", &grid_dlms, NULL, false},
	{"json", "JSON objects", "baud=115200&mode=8N1", &grid_json, NULL, false},
	{"meter", "a Modbus meter", "baud=9600&mode=8N1", NULL, &grid_modbus, true},
	{"sunspec", "a SunSpec meter", "baud=9600&mode=8N1", NULL, &grid_sunspec, false},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct grid_kind any = {
	"", "a stream that is recognised", "baud=115200&mode=8N1", &grid_any, NULL, false};

bool grid_kind_named(size_t index, const char **name, const char **about)
{
	if (index >= KINDS)
		return false;
	*name = kinds[index].name;
	*about = kinds[index].about;
	return true;
}

/* The kind before `:` or `+`; *rest is the part behind it. */
static const struct grid_kind *kind_of(const char *text, const char **rest)
{
	size_t length = strcspn(text, ":+");

	*rest = text;
	for (size_t i = 0; i < KINDS && text[length]; i++) {
		if (strlen(kinds[i].name) != length || strncmp(text, kinds[i].name, length))
			continue;
		*rest = text + length + 1;
		*rest += strncmp(*rest, "//", 2) == 0 ? 2 : 0;
		return &kinds[i];
	}
	return &any;
}

void grid_source_of(struct grid_source *out, const char *kind, const char *url)
{
	*out = (struct grid_source){.kind = &any, .unit = 1};
	for (size_t i = 0; i < KINDS; i++)
		if (kind && strcmp(kinds[i].name, kind) == 0)
			out->kind = &kinds[i];
	snprintf(out->url, sizeof out->url, "%s", url);
}

/* What is wrong with a text. */
struct wrong {
	char *text;
	size_t size;
};

static int fail(const struct wrong *wrong, int error, const char *what, const char *value)
{
	snprintf(wrong->text, wrong->size, what, value);
	return error;
}

static int fail_kind(const struct wrong *wrong, const char *text)
{
	struct text t = text_within(wrong->text, wrong->size - 1);

	text_printf(&t, "'%s' names no kind of meter; known are", text);
	for (size_t i = 0; i < KINDS; i++)
		text_printf(&t, "%s %s", i ? "," : "", kinds[i].name);
	wrong->text[t.length] = '\0';
	return EM_UNKNOWN;
}

/* One of our own options, NAME=VALUE; EM_UNKNOWN for one of the TARGET's. */
static int take_option(struct grid_source *out, const char *name, const char *value,
                       const struct wrong *wrong)
{
	uint32_t n;

	if (!strcmp(name, "meter")) {
		out->meter = meter_named(value);
		return out->meter ? 0
		                  : fail(wrong, EM_SYNTAX,
		                         "no meter '%s', see 'emtool sniff --meters'", value);
	}
	if (!strcmp(name, "unit")) {
		if (decimal_whole(&n, value, strlen(value), 255))
			return fail(wrong, EM_SYNTAX, "'%s' is no unit 0..255", value);
		out->unit = (int)n;
		return 0;
	}
	if (strcmp(name, "invert") != 0)
		return EM_UNKNOWN;
	out->inverted = strcmp(value, "0") != 0 && strcmp(value, "no") != 0;
	return 0;
}

/* Whether the map of a meter has what a fuse needs. */
static bool tells(const struct meter *meter)
{
	bool told = false;

	for (size_t i = 0; i < meter->count; i++) {
		const char *name = meter->rows[i].name;

		told = told ||
		       (grid_reading_use(name) == GRID_NEEDED &&
		        (strncmp(name, "current", 7) == 0 || strncmp(name, "power", 5) == 0));
	}
	return told;
}

/* Takes our options out of a TARGET; the others stay. */
static int take_options(struct grid_source *out, const struct wrong *wrong)
{
	char *kept = strchr(out->url, '?'), *next, separator = '?';
	char options[GRID_SOURCE_TEXT];

	if (!kept)
		return 0;
	snprintf(options, sizeof options, "%s", kept + 1);
	*kept = '\0';
	for (char *p = options; *p; p = next) {
		size_t length = strcspn(p, "&"), name = strcspn(p, "=&");
		char text[GRID_SOURCE_TEXT];
		int error;

		next = p + length + (p[length] != '\0');
		p[length] = '\0';
		snprintf(text, sizeof text, "%s", p);
		text[name] = '\0';
		error = take_option(out, text, name < length ? text + name + 1 : "1", wrong);
		if (error && error != EM_UNKNOWN)
			return error;
		if (error)
			kept += sprintf(kept, "%c%s", separator, p);
		if (error)
			separator = '&';
	}
	return 0;
}

/* Whether a text begins with a word and `:`, and the word is no scheme of a SOURCE. */
static bool is_foreign(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return length > 1 && text[length] == ':' && strncmp(text + length, "://", 3) != 0 &&
	       strncmp(text, "pcap:", 5) != 0 && strncmp(text, "hex:", 4) != 0;
}

int grid_source_parse(struct grid_source *out, const char *text, char *problem, size_t size)
{
	const struct wrong wrong = {problem, size};
	const char *rest;
	int error = 0;

	*out = (struct grid_source){.kind = kind_of(text, &rest), .unit = 1};
	if (strlen(rest) >= sizeof out->url)
		return fail(&wrong, EM_SYNTAX, "%s", "too long");
	if (!*rest)
		return fail(&wrong, EM_SYNTAX, "'%s' names no source", text);
	if (out->kind == &any && is_foreign(text))
		return fail_kind(&wrong, text);
	strcpy(out->url, rest);
	if (out->kind->poll)
		error = take_options(out, &wrong);
	if (!error && out->meter && !tells(out->meter))
		error = fail(&wrong, EM_SYNTAX, "'%s' tells no currents and no powers",
		             out->meter->name);
	if (!error && out->kind->mapped && !out->meter)
		error = fail(&wrong, EM_SYNTAX,
		             "'%s' needs meter=NAME, see 'emtool sniff --meters'", text);
	return error;
}

const char *grid_source_serial(const struct grid_source *source)
{
	return source->kind->serial;
}

bool grid_source_polled(const struct grid_source *source)
{
	return source->kind->poll != NULL;
}
