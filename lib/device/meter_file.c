#include "device/meter_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/decimal.h"
#include "base/error.h"

enum { MAPS_LIMIT = 64, CELL_LIMIT = 256 };

static const char no_memory[] = "out of memory";

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

/* Adds a row to its map; its texts are copied. */
static const char *add_row(struct meter_file *file, struct meter_map *map, struct meter_row row,
                           const char *unit, const char *name)
{
	struct meter_row *rows = realloc(map->rows, (map->meter.count + 1) * sizeof *rows);

	if (!rows)
		return no_memory;
	map->rows = rows;
	map->meter.rows = rows;
	row.unit = *unit ? keep(file, unit) : NULL;
	row.name = keep(file, name);
	if (!row.name || (*unit && !row.unit))
		return no_memory;
	rows[map->meter.count++] = row;
	return NULL;
}

static const struct {
	const char *name;
	uint8_t type, words;
} types[] = {
	{"u16", TYPE_U16, 1}, {"s16", TYPE_S16, 1}, {"u32", TYPE_U32, 2}, {"s32", TYPE_S32, 2},
	{"u64", TYPE_U64, 4}, {"s64", TYPE_S64, 4}, {"f32", TYPE_F32, 2}, {"f64", TYPE_F64, 4},
};

/* Sets the row's type and how many registers it takes; false when there is no such type. */
static bool take_type(struct meter_row *row, const char *name)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strcmp(types[i].name, name))
			continue;
		row->type = types[i].type;
		row->count = types[i].words;
		return true;
	}
	return false;
}

/* Adds a row; returns what is wrong with it, or NULL. */
static const char *take_row(struct meter_file *file, char cell[COLUMNS][CELL_LIMIT])
{
	struct meter_map *map = find_map(file, cell[METER]);
	int exponent, kilo = cell[UNIT][0] == 'k';
	char *end;
	unsigned long address = strtoul(cell[ADDRESS], &end, 0);
	struct meter_row row = {.address = (uint16_t)address,
	                        .function = !strcmp(cell[FUNCTION], "4") ? 4 : 3,
	                        .order = !strcmp(cell[ORDER], "little") ? ORDER_LITTLE : ORDER_BIG};

	if (!map)
		return "too many meters, or no name";
	if (*end || end == cell[ADDRESS] || address > 65535)
		return "address is not 0..65535";
	if (!take_type(&row, cell[TYPE]))
		return "dtype is none of u16 s16 u32 s32 u64 s64 f32 f64";
	if (*cell[COUNT] && strtol(cell[COUNT], NULL, 10) != row.count)
		return "count does not fit the dtype";
	if (scale_exponent(cell[SCALE], &exponent) || exponent < -12 || exponent > 12)
		return "scale is not a power of ten";
	if (!*cell[NAME] || strlen(cell[NAME]) > 60)
		return "no name";
	row.scale = (int8_t)(exponent + (kilo ? 3 : 0));
	return add_row(file, map, row, cell[UNIT] + kilo, cell[NAME]);
}

/* The positions of the columns in a line: SIZE_MAX for missing ones. */
struct map_form {
	size_t place[COLUMNS];
	char separator;
};

static int read_header(struct map_form *form, struct csv_text line)
{
	struct csv_cells cells;
	struct csv_text cell;

	form->separator = csv_separator(line);
	for (int c = 0; c < COLUMNS; c++)
		form->place[c] = SIZE_MAX;
	cells = csv_cells(line, form->separator);
	for (size_t i = 0; csv_cell(&cells, &cell); i++)
		for (int c = 0; c < COLUMNS; c++)
			if (csv_is(cell, column_names[c]))
				form->place[c] = i;
	return form->place[METER] == SIZE_MAX || form->place[ADDRESS] == SIZE_MAX ||
	                       form->place[TYPE] == SIZE_MAX || form->place[NAME] == SIZE_MAX
	               ? EM_SYNTAX
	               : 0;
}

static const char *read_row(struct meter_file *file, const struct map_form *form,
                            struct csv_text line)
{
	struct csv_cells cells = csv_cells(line, form->separator);
	char texts[COLUMNS][CELL_LIMIT] = {""};
	struct csv_text cell;

	for (size_t i = 0; csv_cell(&cells, &cell); i++)
		for (int c = 0; c < COLUMNS; c++)
			if (form->place[c] == i && csv_unquote(texts[c], CELL_LIMIT, cell))
				return "a cell is too long";
	return take_row(file, texts);
}

/* What is wrong, with the line number in `line`; NULL when nothing is. */
static const char *read_maps(struct meter_file *file, const char *text, size_t size, unsigned *line)
{
	struct csv_lines lines = csv_lines(text, size);
	struct csv_text row;
	struct map_form form;
	const char *wrong = NULL;

	if (!csv_line(&lines, &row) || read_header(&form, row))
		wrong = "the first line must name the columns meter,address,count,fc,dtype,"
			"word_order,scale,unit,name";
	while (!wrong && csv_line(&lines, &row))
		wrong = read_row(file, &form, row);
	*line = lines.number ? lines.number : 1;
	return wrong;
}

int meter_file_parse(struct meter_file **out, const char *text, size_t size, unsigned *line,
                     const char **wrong)
{
	struct meter_file *file = calloc(1, sizeof *file);

	*out = NULL;
	*line = 0;
	*wrong = file ? read_maps(file, text, size, line) : no_memory;
	if (!*wrong) {
		*out = file;
		return 0;
	}
	meter_file_free(file);
	return *wrong == no_memory ? EM_NO_MEMORY : EM_SYNTAX;
}

size_t meter_file_maps(const struct meter_file *file, const struct meter **list, size_t limit)
{
	size_t n = file->count < limit ? file->count : limit;

	for (size_t i = 0; i < n; i++)
		list[i] = &file->maps[i].meter;
	return n;
}

void meter_file_free(struct meter_file *file)
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
