#include "balance/register_table.h"

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

/* Stores and applies settings; the override stays as it is. */
static int apply(struct register_table *t, const struct balance_settings *settings, int unit)
{
	int32_t override_limit = t->balancer->settings.override_limit;

	if (t->keep && t->keep(t->context, settings, unit))
		return ADU_DEVICE_FAILURE;
	t->pending = t->balancer->settings = *settings;
	t->balancer->settings.override_limit = override_limit;
	t->unit = t->pending_unit = unit;
	t->applied++;
	return 0;
}

/* The documented defaults; settings without a register stay. */
static int restore(struct register_table *t)
{
	struct balance_settings settings = t->balancer->settings, defaults = balance_defaults();

	for (unsigned reg = FIRST; reg <= LAST; reg++) {
		const struct balance_setting *row = balance_setting_register(reg);

		*balance_setting_at(&settings, row) = *balance_setting_at(&defaults, row);
	}
	return apply(t, &settings, TABLE_UNIT);
}

static int write_one(struct register_table *t, unsigned address, uint16_t word)
{
	const struct balance_setting *row = balance_setting_register(address);

	switch (address) {
	case OVERRIDE: t->balancer->settings.override_limit = word; return 0;
	case ADDRESS:
		if (word < 1 || word > 254)
			return ADU_ILLEGAL_VALUE;
		t->pending_unit = word;
		return 0;
	case SAVE: return word == 1 ? apply(t, &t->pending, t->pending_unit) : ADU_ILLEGAL_VALUE;
	case RESTORE: return word == 1 ? restore(t) : ADU_ILLEGAL_VALUE;
	default: break;
	}
	if (!row)
		return ADU_ILLEGAL_ADDRESS;
	if (word < row->least || word > row->most)
		return ADU_ILLEGAL_VALUE;
	*balance_setting_at(&t->pending, row) = word;
	return 0;
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

		if (row->reg == OVERRIDE)
			continue;
		text_printf(out, "%s=", row->name);
		text_decimal(out, balance_setting_value(settings, row));
		text_char(out, '\n');
	}
	text_printf(out, "server_address=%d\n%s\n", unit, last_line);
}

static int read_unit(const char *digits, int *unit)
{
	int n = 0;

	for (; *digits >= '0' && *digits <= '9' && n < 1000; digits++)
		n = n * 10 + (*digits - '0');
	if (*digits)
		return EM_SYNTAX;
	if (n < 1 || n > 254)
		return EM_RANGE;
	*unit = n;
	return 0;
}

int settings_read(struct balance_settings *settings, int *unit, const char *data, size_t size,
                  int *line)
{
	static const char address[] = "server_address=";

	*line = 0;
	while (size) {
		const char *stop = memchr(data, '\n', size);
		size_t length = stop ? (size_t)(stop - data) : size;
		const struct balance_setting *row;
		char text[128];
		int error = 0;

		++*line;
		if (length >= sizeof text)
			return EM_SYNTAX;
		memcpy(text, data, length);
		text[length] = '\0';
		if (!strcmp(text, last_line) && stop)
			return 0;
		if (!strncmp(text, address, sizeof address - 1))
			error = read_unit(text + sizeof address - 1, unit);
		else if (*text && *text != '#')
			error = balance_setting_parse(settings, text, &row);
		if (error)
			return error;
		data += length + (stop != NULL);
		size -= length + (stop != NULL);
	}
	++*line;
	return EM_TRUNCATED;
}
