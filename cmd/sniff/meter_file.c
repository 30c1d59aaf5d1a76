#include "cmd/sniff/meter_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "cmd/session/say.h"

enum { MAPS_LIMIT = 64, LINE_LIMIT = 1024 };

struct meter_map {
	struct meter meter;
	struct meter_row *rows;
	char name[64];
};

struct meter_file {
	struct meter_map maps[MAPS_LIMIT];
	size_t count;
	char **texts; /* units and names of rows */
	size_t text_count;
};

enum map_column { METER, ADDRESS, COUNT, FUNCTION, TYPE, ORDER, SCALE, UNIT, NAME, COLUMNS };

/* clang-format off */
static const char *const column_names[COLUMNS] = {"meter", "address", "count", "fc", "dtype",
                                                  "word_order", "scale", "unit", "name"};
/* clang-format on */

/* Cuts a CSV line into cells, in place; quotes are taken off. Returns how many. */
static size_t cut(char *line, char **cells, size_t limit)
{
	size_t count = 0;
	char *from = line, *to = line;
	bool quoted = false;

	if (limit)
		cells[count++] = to;
	for (; *from && *from != '\n' && *from != '\r'; from++) {
		if (*from == '"' && quoted && from[1] == '"')
			*to++ = *from++;
		else if (*from == '"')
			quoted = !quoted;
		else if (*from == ',' && !quoted) {
			*to++ = '\0';
			if (count < limit)
				cells[count++] = to;
		} else
			*to++ = *from;
	}
	*to = '\0';
	return count;
}

/* The exponent of a power of ten written as 0.001 or 1000. */
static int scale_exponent(const char *text, int *exponent)
{
	struct decimal d;

	if (!*text) {
		*exponent = 0;
		return 0;
	}
	if (decimal_parse(&d, text, strlen(text)) || d.negative || d.digits == 0)
		return EM_SYNTAX;
	while (d.digits % 10 == 0) {
		d.digits /= 10;
		d.exponent++;
	}
	*exponent = d.exponent;
	return d.digits == 1 ? 0 : EM_SYNTAX;
}

static const char *keep(struct meter_file *file, const char *text)
{
	char **grown = realloc(file->texts, (file->text_count + 1) * sizeof *grown);

	if (!grown)
		return NULL;
	file->texts = grown;
	grown[file->text_count] = strdup(text);
	return grown[file->text_count] ? grown[file->text_count++] : NULL;
}

static struct meter_map *find_map(struct meter_file *file, const char *name)
{
	struct meter_map *map;

	for (size_t i = 0; i < file->count; i++)
		if (!strcmp(file->maps[i].name, name))
			return &file->maps[i];
	if (file->count == MAPS_LIMIT || strlen(name) >= sizeof map->name || !*name)
		return NULL;
	map = &file->maps[file->count++];
	strcpy(map->name, name);
	map->meter = (struct meter){.name = map->name, .title = map->name};
	return map;
}

static int find_word(const char *text, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], text))
			return i;
	return -1;
}

/* What is wrong with a row, or NULL when it was taken. */
static const char *take_row(struct meter_file *file, char *const cell[COLUMNS])
{
	static const char *const types[] = {"u16", "s16", "u32", "s32", "u64",
	                                    "s64", "f32", "f64", NULL};
	static const uint8_t words[] = {1, 1, 2, 2, 4, 4, 2, 4};
	struct meter_row row = {0}, *rows;
	struct meter_map *map = find_map(file, cell[METER]);
	int type = find_word(cell[TYPE], types), exponent, kilo = cell[UNIT][0] == 'k';
	char *end;
	unsigned long address = strtoul(cell[ADDRESS], &end, 0);

	if (!map)
		return "too many meters, or no name";
	if (*end || end == cell[ADDRESS] || address > 65535)
		return "address is not 0..65535";
	if (type < 0)
		return "dtype is none of u16 s16 u32 s32 u64 s64 f32 f64";
	if (*cell[COUNT] && strtol(cell[COUNT], NULL, 10) != words[type])
		return "count does not fit the dtype";
	if (scale_exponent(cell[SCALE], &exponent) || exponent < -12 || exponent > 12)
		return "scale is not a power of ten";
	if (!*cell[NAME] || strlen(cell[NAME]) > 60)
		return "no name";
	row.address = (uint16_t)address;
	row.count = words[type];
	row.function = !strcmp(cell[FUNCTION], "4") ? 4 : 3;
	row.type = (uint8_t)type;
	row.order = !strcmp(cell[ORDER], "little") ? ORDER_LITTLE : ORDER_BIG;
	row.scale = (int8_t)(exponent + (kilo ? 3 : 0));
	row.unit = *cell[UNIT] ? keep(file, cell[UNIT] + kilo) : NULL;
	row.name = keep(file, cell[NAME]);
	rows = realloc(map->rows, (map->meter.count + 1) * sizeof *rows);
	if (!rows)
		return "out of memory";
	map->rows = rows;
	map->meter.rows = rows;
	if (!row.name || (*cell[UNIT] && !row.unit))
		return "out of memory";
	rows[map->meter.count++] = row;
	return NULL;
}

static int read_header(char *line, size_t index[COLUMNS])
{
	char *cells[32];
	size_t count = cut(line, cells, 32);

	for (int c = 0; c < COLUMNS; c++) {
		index[c] = SIZE_MAX;
		for (size_t i = 0; i < count; i++)
			if (!strcmp(cells[i], column_names[c]))
				index[c] = i;
		if (index[c] == SIZE_MAX && (c == METER || c == ADDRESS || c == TYPE || c == NAME))
			return EM_SYNTAX;
	}
	return 0;
}

static const char *read_row(struct meter_file *file, char *line, const size_t index[COLUMNS])
{
	static char empty[1];
	char *cells[32],
		*cell[COLUMNS] = {empty, empty, empty, empty, empty, empty, empty, empty, empty};
	size_t count = cut(line, cells, 32);

	if (count == 1 && !*cells[0])
		return NULL; /* an empty line */
	for (int c = 0; c < COLUMNS; c++)
		if (index[c] < count)
			cell[c] = cells[index[c]];
	return take_row(file, cell);
}

struct meter_file *meter_file_open(const char *path, int *status)
{
	struct meter_file *file = calloc(1, sizeof *file);
	FILE *in = fopen(path, "r");
	size_t index[COLUMNS];
	char line[LINE_LIMIT];
	const char *wrong = NULL;
	unsigned number = 1;

	*status = EXIT_USAGE;
	if (!file || !in) {
		*status = say_failure(path, file ? EM_SYSTEM : EM_NO_MEMORY);
		goto failed;
	}
	if (!fgets(line, sizeof line, in) || read_header(line, index)) {
		say_error("%s: the first line must name the columns meter,address,count,fc,dtype,"
		          "word_order,scale,unit,name",
		          path);
		goto failed;
	}
	while (!wrong && fgets(line, sizeof line, in)) {
		number++;
		wrong = read_row(file, line, index);
	}
	if (wrong) {
		say_error("%s:%u: %s", path, number, wrong);
		goto failed;
	}
	fclose(in);
	return file;
failed:
	if (in)
		fclose(in);
	meter_file_close(file);
	return NULL;
}

size_t meter_file_maps(const struct meter_file *file, const struct meter **list, size_t limit)
{
	size_t n = file->count < limit ? file->count : limit;

	for (size_t i = 0; i < n; i++)
		list[i] = &file->maps[i].meter;
	return n;
}

void meter_file_close(struct meter_file *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->count; i++)
		free(file->maps[i].rows);
	for (size_t i = 0; i < file->text_count; i++)
		free(file->texts[i]);
	free(file->texts);
	free(file);
}
