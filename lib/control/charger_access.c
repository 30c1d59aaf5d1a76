#include "control/charger_access.h"

#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "device/plan.h"
#include "device/registers.h"
#include "io/monotonic.h"

uint64_t charger_clock(void)
{
	return (uint64_t)monotonic_ms();
}

void charger_keep_gap(const struct charger *c)
{
	uint64_t end = c->spoke + c->device->charger.gap;

	while (charger_clock() < end && !atomic_load(&c->stop))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

int charger_read_block(struct charger *c, unsigned unit, unsigned function, unsigned address,
                       unsigned count)
{
	uint16_t words[PLAN_READ];
	int error;

	charger_keep_gap(c);
	error = modbus_client_read(c->client, (int)unit, (int)function, address, count, words);
	c->spoke = charger_clock();
	for (unsigned i = 0; !error && i < count; i++)
		error = image_put(&c->image, device_space(unit, function), address + i, words[i]);
	return error;
}

int charger_read_row(struct charger *c, const struct device_register *row)
{
	return charger_read_block(c, device_unit(c->device, row, CHARGER_SOCKET),
	                          device_reads(c->device, row), row->address, row->count);
}

int charger_write_words(struct charger *c, const struct device_register *row, const uint16_t *words)
{
	int error;

	charger_keep_gap(c);
	error = modbus_client_write_by(c->client, (int)device_unit(c->device, row, CHARGER_SOCKET),
	                               (int)device_writes(c->device, row), row->address, row->count,
	                               words);
	c->spoke = charger_clock();
	return error;
}

int charger_write_value(struct charger *c, const struct device_register *row, struct decimal value)
{
	uint16_t words[REGISTER_WORDS];
	int error = register_encode(row, value, words);

	return error ? error : charger_write_words(c, row, words);
}

int charger_write_fact(struct charger *c, struct charger_write fact)
{
	const struct device_register *row = fact.role ? device_role(c->device, fact.role, ACCESS_W)
	                                              : NULL;
	uint16_t words[REGISTER_WORDS];

	if (!row)
		return 0;
	charger_raw(row, fact.value, words);
	return charger_write_words(c, row, words);
}

bool charger_number(const struct charger *c, const struct device_register *row, struct decimal *out)
{
	struct record r = {0};
	bool known;

	if (!row)
		return false;
	record_begin(&r, "");
	known = value_decimal(register_value(&r, c->device, row, &c->image, CHARGER_SOCKET), out);
	record_free(&r);
	return known;
}

bool charger_amperes(const struct charger *c, const struct device_register *row, double *out)
{
	struct record r = {0};
	bool known;

	if (!row)
		return false;
	record_begin(&r, "");
	known = value_number(register_value(&r, c->device, row, &c->image, CHARGER_SOCKET), out);
	record_free(&r);
	return known;
}

int32_t charger_amount(const struct charger *c, const struct device_register *row)
{
	int32_t current = row ? charger_current(c->device, row, &c->image, CHARGER_SOCKET)
	                      : CHARGER_NONE;

	return current == CHARGER_NONE ? CURRENT_NONE : current;
}

const struct device_register *charger_mirror(const struct charger *c,
                                             const struct device_register *row)
{
	const char *mirror = row && row->steering ? row->steering->mirror : NULL;

	if (mirror)
		row = device_row(c->device, mirror);
	return row && row->access & ACCESS_R ? row : NULL;
}

static int differs(struct charger *c, const struct device_register *back, struct decimal got,
                   struct decimal value)
{
	char got_text[DECIMAL_TEXT], text[DECIMAL_TEXT];

	decimal_format(got_text, got);
	decimal_format(text, value);
	snprintf(c->message, sizeof c->message,
	         "register 0x%X reads back as %s after a write of %s", back->address, got_text,
	         text);
	return EM_UNSUPPORTED;
}

int charger_write_checked(struct charger *c, const struct device_register *row,
                          struct decimal value)
{
	const struct device_register *back = charger_mirror(c, row);
	struct decimal got;
	int error = charger_write_value(c, row, value);

	if (error || !back)
		return error;
	error = charger_read_row(c, back);
	if (error || !charger_number(c, back, &got))
		return error;
	return decimal_compare(got, value) ? differs(c, back, got, value) : 0;
}
