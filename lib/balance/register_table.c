#include "balance/register_table.h"

#include "base/csv.h"
#include "base/error.h"

enum {
	OVERRIDE = 1000,
	LIMIT,
	STATE,
	STATE_TOO,
	FIRST = 1010,
	LAST = 1022,
	ADDRESS = 1090,
	SAVE,
	RESTORE
};

void register_table_start(struct register_table *t, struct balancer *balancer, int unit)
{
	*t = (struct register_table){.balancer = balancer,
	                             .pending = balancer->settings,
	                             .unit = unit,
	                             .pending_unit = unit};
}

static int read_one(const struct register_table *t, unsigned address, uint16_t *word)
{
	struct balance_settings settings = t->pending;
	const struct balance_setting *row = balance_setting_register(address);

	if (address == OVERRIDE)
		*word = (uint16_t)balance_override(&t->balancer->settings);
	else if (address == LIMIT)
		*word = (uint16_t)t->balancer->limit;
	else if (address == STATE ||
	         address == STATE_TOO) /* the firmware shows the state in 1003 */
		*word = t->balancer->state;
	else if (row && address >= FIRST && address <= LAST)
		*word = (uint16_t)*balance_setting_at(&settings, row);
	else
		return ADU_ILLEGAL_ADDRESS;
	return 0;
}

int register_table_read(const struct register_table *t, unsigned address, unsigned count,
                        uint16_t *words)
{
	for (unsigned i = 0; i < count; i++) {
		int exception = read_one(t, address + i, &words[i]);

		if (exception)
			return exception;
	}
	return 0;
}

/* Whether it counts fewer phases than before, and not all on which a current flows. */
static bool leaves_out(const struct register_table *t, const struct balance_settings *settings)
{
	return settings->phases < t->balancer->settings.phases && settings->phases < t->phases;
}

/* Stores and applies settings; the override stays as it is. */
static int apply(struct register_table *t, const struct balance_settings *wanted, int unit)
{
	const struct balance_rules rules = {(uint8_t)(1U << t->balancer->algorithm),
	                                    t->balancer->fuse.rated};
	struct balance_settings settings = *wanted;
	const struct balance_setting *other;

	settings.override_limit = t->balancer->settings.override_limit;
	if (balance_contradiction(&settings, &rules, &other) || leaves_out(t, &settings))
		return ADU_ILLEGAL_VALUE;
	if (t->keep && t->keep(t->context, &settings, unit))
		return ADU_DEVICE_FAILURE;
	t->pending = t->balancer->settings = settings;
	t->unit = t->pending_unit = unit;
	t->applied++;
	return 0;
}

/* The documented defaults; settings without a register stay. */
static int restore(struct register_table *t)
{
	struct balance_settings settings = t->balancer->settings;
	struct balance_settings defaults = balance_defaults_behind(t->balancer->fuse.rated);

	for (unsigned reg = FIRST; reg <= LAST; reg++) {
		const struct balance_setting *row = balance_setting_register(reg);

		*balance_setting_at(&settings, row) = *balance_setting_at(&defaults, row);
	}
	return apply(t, &settings, TABLE_UNIT);
}

static int override_by(struct register_table *t, uint16_t current)
{
	bool changes = t->balancer->settings.override_limit != current;

	t->balancer->settings.override_limit = current;
	if (changes && t->overridden)
		t->overridden(t->context);
	return 0;
}

static int write_setting(struct register_table *t, const struct balance_setting *row, uint16_t word)
{
	bool high = row->bound != BOUND_NOT && word > t->balancer->fuse.rated;

	if (word < row->least || word > row->most || high)
		return ADU_ILLEGAL_VALUE;
	*balance_setting_at(&t->pending, row) = word;
	return 0;
}

static int write_one(struct register_table *t, unsigned address, uint16_t word)
{
	const struct balance_setting *row = balance_setting_register(address);

	switch (address) {
	case OVERRIDE: return override_by(t, word);
	case ADDRESS:
		if (word < 1 || word > 254)
			return ADU_ILLEGAL_VALUE;
		t->pending_unit = word;
		return 0;
	case SAVE: return word == 1 ? apply(t, &t->pending, t->pending_unit) : ADU_ILLEGAL_VALUE;
	case RESTORE: return word == 1 ? restore(t) : ADU_ILLEGAL_VALUE;
	default: break;
	}
	return row ? write_setting(t, row, word) : ADU_ILLEGAL_ADDRESS;
}

int register_table_write(struct register_table *t, unsigned address, unsigned count,
                         const uint16_t *words)
{
	for (unsigned i = 0; i < count; i++) {
		int exception = write_one(t, address + i, words[i]);

		if (exception)
			return exception;
	}
	return 0;
}

static const char last_line[] = "end";

void settings_text(struct text *out, const struct balance_settings *settings, int unit)
{
	text_puts(out, "# emtool balance: settings, A and s\n");
	for (size_t i = 0; i < balance_setting_count; i++) {
		const struct balance_setting *row = &balance_setting_rows[i];
		char value[DECIMAL_TEXT];

		if (row->reg == OVERRIDE && settings->override_limit < 0)
			continue;
		balance_setting_text(value, settings, row);
		text_printf(out, "%s=%s\n", row->name, value);
	}
	text_printf(out, "server_address=%d\n%s\n", unit, last_line);
}

static int read_setting(struct balance_settings *settings, struct csv_text line,
                        const struct balance_rules *rules, struct settings_place *place)
{
	const struct balance_setting *row;
	char text[128];
	bool clipped;
	int error = csv_unquote(text, sizeof text, line)
	                    ? EM_SYNTAX
	                    : balance_setting_parse(settings, text, &row);

	if (error || !balance_setting_used(row, rules))
		return error;
	error = balance_setting_bind(settings, row, rules, &clipped);
	if (error)
		place->high = row;
	if (clipped)
		place->clipped = row;
	return error;
}

/* `server_address=N` or a setting. */
static int read_line(struct balance_settings *settings, int *unit, struct csv_text line,
                     const struct balance_rules *rules, struct settings_place *place)
{
	static const char address[] = "server_address=";
	const size_t length = sizeof address - 1;
	uint32_t number;
	int error;

	if (line.length < length || memcmp(line.data, address, length))
		return read_setting(settings, line, rules, place);
	error = decimal_whole(&number, line.data + length, line.length - length, 254);
	if (!error && !number)
		error = EM_RANGE;
	if (!error)
		*unit = (int)number;
	return error;
}

int settings_read(struct balance_settings *settings, int *unit, const char *data, size_t size,
                  const struct balance_rules *rules, struct settings_place *place)
{
	struct csv_lines lines = csv_lines(data, size);
	struct csv_text text;
	int error = EM_TRUNCATED;

	place->high = place->clipped = NULL;
	while (csv_line(&lines, &text)) {
		if (!lines.is_unended && csv_is(text, last_line)) {
			error = 0;
			break;
		}
		error = read_line(settings, unit, text, rules, place);
		if (error)
			break;
		error = EM_TRUNCATED;
	}
	place->line = (int)lines.number + (error == EM_TRUNCATED);
	return error;
}
