/*
 * What standards say, kept here a second time: OBIS codes and their quantities (IEC 62056-61), codes of
 * P1 telegrams and of pushes that stand outside the vocabulary, and COSEM units (Blue Book, table 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/cosem/code.h"
#include "protocol/dsmr/parts.h"
#include "protocol/modbus.h"

static struct code_book book;

static const struct code *pushed(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint8_t e)
{
	return code_find(&book, (const uint8_t[]){a, b, c, d, e, 0xFF});
}

static void check_code(const struct quantity *q, unsigned c, unsigned d, unsigned e)
{
	struct dsmr_row row = row_find(OBIS(1, 0, c, d, e));
	const struct code *code = pushed(1, 0, (uint8_t)c, (uint8_t)d, (uint8_t)e);

	assert_int_equal(q->code, OBIS_CDE(c, d, e));
	assert_ptr_equal(quantity_obis(OBIS_CDE(c, d, e)), q);
	assert_ptr_equal(row.quantity, q);
	assert_ptr_equal(row_find(OBIS(1, 1, c, d, e)).quantity, q);
	assert_ptr_equal(code->quantity, q);
	assert_int_equal(code->kind, CODE_QUANTITY);
	assert_ptr_equal(pushed(1, 1, (uint8_t)c, (uint8_t)d, (uint8_t)e)->quantity, q);
	assert_null(pushed(1, 2, (uint8_t)c, (uint8_t)d, (uint8_t)e)->quantity);
}

static void check_quantity(const char *unit, const char *place, const char *name)
{
	const struct quantity *q = quantity_named(name, strlen(name));
	unsigned c, d, e;

	if (!q)
		fail_msg("%s is missing", name);
	assert_string_equal(q->unit ? q->unit : "-", unit);
	assert_int_equal(q->length, strlen(name));
	assert_null(quantity_named(name, strlen(name) - 1));
	if (sscanf(place, "%u.%u.%u", &c, &d, &e) == 3)
		check_code(q, c, d, e);
	else
		assert_int_equal(q->code, 0);
}

static void quantities_have_their_units_and_codes(void **state)
{
	FILE *file = fopen("tests/unit/quantities.txt", "r");
	char line[128], unit[16] = "", place[32], name[64];
	size_t checked = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		if (!strncmp(line, "unit ", 5)) {
			assert_int_equal(sscanf(line + 5, "%15s", unit), 1);
		} else if (line[0] != '#' && sscanf(line, "%31s %63s", place, name) == 2) {
			check_quantity(unit, place, name);
			checked++;
		}
		code_book_trim(&book);
	}
	fclose(file);
	assert_int_equal(checked, quantity_count);
	assert_int_equal(checked, 140);
}

/* Codes of P1 telegrams that mean more than a quantity with a number. */
static void codes_of_telegrams(void **state)
{
	static const struct {
		const char *name;
		uint8_t code[5];
		enum row_kind kind;
		unsigned rank;
	} rows[] = {
		{"meter_time", {0, 0, 1, 0, 0}, ROW_TIME, 0},
		{"version", {1, 3, 0, 2, 8}, ROW_VERSION, 0},
		{"version", {0, 0, 96, 1, 4}, ROW_VERSION, 1},
		{"meter_id", {0, 0, 96, 1, 1}, ROW_TEXT, 0},
		{"meter_id", {0, 0, 96, 1, 0}, ROW_TEXT, 1},
		{"meter_id", {0, 0, 42, 0, 0}, ROW_TEXT, 2},
		{"ean", {0, 0, 96, 1, 2}, ROW_TEXT, 0},
		{"tariff", {0, 0, 96, 14, 0}, ROW_COUNT, 0},
		{"tariff", {1, 0, 96, 14, 0}, ROW_COUNT, 0},
		{"power_limit", {0, 0, 17, 0, 0}, ROW_LIMIT, 0},
		{"current_limit", {1, 0, 31, 4, 0}, ROW_LIMIT, 0},
		{"current_limit", {0, 0, 31, 4, 0}, ROW_LIMIT, 0},
		{"breaker_state", {0, 0, 96, 3, 10}, ROW_COUNT, 0},
		{"power_failures", {0, 0, 96, 7, 21}, ROW_COUNT, 0},
		{"long_power_failures", {0, 0, 96, 7, 9}, ROW_COUNT, 0},
		{"text_message", {0, 0, 96, 13, 0}, ROW_TEXT, 0},
		{"text_code", {0, 0, 96, 13, 1}, ROW_TEXT, 0},
		{"peak_history", {0, 0, 98, 1, 0}, ROW_HISTORY, 0},
		{"peak_demand_import", {1, 0, 1, 6, 0}, ROW_PEAK, 0},
		{"power_failure_log", {1, 0, 99, 97, 0}, ROW_LOG, 0},
		{"energy_import_t1", {1, 0, 1, 8, 1}, ROW_NUMBER, 0},
		{"energy_import_t1", {0, 0, 1, 8, 1}, ROW_NUMBER, 0},
		{"voltage_sags_l1", {1, 0, 32, 32, 0}, ROW_COUNT, 0},
	};
	static const uint8_t nothing[][5] = {
		{0, 1, 96, 13, 0}, {0, 1, 31, 4, 0}, {0, 1, 1, 8, 1},  {2, 0, 1, 8, 1},
		{1, 3, 0, 2, 9},   {1, 0, 96, 1, 0}, {1, 0, 96, 1, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const uint8_t *c = rows[i].code;
		struct dsmr_row row = row_find(OBIS(c[0], c[1], c[2], c[3], c[4]));

		if (!row.quantity || strcmp(row.quantity->name, rows[i].name) != 0)
			fail_msg("%u-%u:%u.%u.%u is no %s", c[0], c[1], c[2], c[3], c[4],
			         rows[i].name);
		assert_int_equal(row.kind, rows[i].kind);
		assert_int_equal(row.rank, rows[i].rank);
	}
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
		const uint8_t *c = nothing[i];

		assert_null(row_find(OBIS(c[0], c[1], c[2], c[3], c[4])).quantity);
	}
}

static void codes_of_pushes(void **state)
{
	static const struct {
		uint8_t code[5], kind, rank;
		const char *name;
	} rows[] = {
		{{0, 0, 1, 0, 0}, CODE_CLOCK, 0, NULL},
		{{0, 9, 1, 0, 0}, CODE_CLOCK, 0, NULL},
		{{0, 0, 96, 1, 0}, CODE_IDENTITY, 1, NULL},
		{{0, 0, 96, 1, 1}, CODE_IDENTITY, 2, NULL},
		{{1, 1, 0, 0, 5}, CODE_IDENTITY, 3, NULL},
		{{1, 1, 0, 0, 1}, CODE_IDENTITY, 4, NULL},
		{{0, 0, 42, 0, 0}, CODE_IDENTITY, 5, NULL},
		{{0, 0, 96, 14, 0}, CODE_QUANTITY, 0, "tariff"},
		{{0, 0, 96, 3, 10}, CODE_QUANTITY, 0, "breaker_state"},
		{{0, 0, 96, 7, 21}, CODE_QUANTITY, 0, "power_failures"},
		{{0, 0, 96, 7, 9}, CODE_QUANTITY, 0, "long_power_failures"},
		{{0, 0, 96, 13, 0}, CODE_QUANTITY, 0, "text_message"},
		{{0, 0, 96, 13, 1}, CODE_QUANTITY, 0, "text_code"},
		{{0, 0, 17, 0, 0}, CODE_QUANTITY, 0, "power_limit"},
		{{0, 0, 96, 1, 2}, CODE_QUANTITY, 0, "ean"},
		{{1, 0, 96, 1, 2}, CODE_OTHER, 0, NULL},
		{{0, 1, 96, 1, 2}, CODE_OTHER, 0, NULL},
		{{1, 0, 1, 8, 9}, CODE_OTHER, 0, NULL},
		{{2, 0, 1, 8, 0}, CODE_OTHER, 0, NULL},
	};
	static const uint8_t stored[CODE_SIZE] = {1, 0, 1, 8, 0, 4};

	(void)state;
	code_book_trim(&book);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const uint8_t *c = rows[i].code;
		const struct code *code = pushed(c[0], c[1], c[2], c[3], c[4]);

		assert_int_equal(code->kind, rows[i].kind);
		assert_int_equal(code->rank, rows[i].rank);
		if (rows[i].name)
			assert_string_equal(code->quantity->name, rows[i].name);
		else
			assert_null(code->quantity);
	}
	assert_string_equal(pushed(1, 0, 1, 8, 0)->text, "1-0:1.8.0");
	assert_int_equal(pushed(1, 0, 1, 8, 0)->length, 9);
	assert_string_equal(code_find(&book, stored)->text, "1-0:1.8.0.4");
	assert_int_equal(code_find(&book, stored)->kind, CODE_OTHER);
	assert_true(code_like((const uint8_t[]){9, 64, 1, 1, 1, 255}));
	assert_false(code_like((const uint8_t[]){10, 64, 1, 1, 1, 255}));
	assert_false(code_like((const uint8_t[]){9, 65, 1, 1, 1, 255}));
	assert_false(code_like((const uint8_t[]){9, 64, 1, 1, 1, 254}));
}

/* A book that is two thirds full is emptied before the next push, not earlier. */
static void book_is_emptied_in_time(void **state)
{
	(void)state;
	book = (struct code_book){0};
	for (unsigned i = 0; i < CODE_BOOK / 3 * 2 - 1; i++)
		pushed(1, 0, (uint8_t)(i >> 8), (uint8_t)i, 1);
	code_book_trim(&book);
	assert_int_equal(book.count, CODE_BOOK / 3 * 2 - 1);
	pushed(1, 0, 0, 0, 1);
	assert_int_equal(book.count, CODE_BOOK / 3 * 2 - 1);
	pushed(1, 0, 0, 0, 2);
	code_book_trim(&book);
	assert_int_equal(book.count, 0);
}

/* Of P1 lines: five groups of up to 255, A-B:C.D.E. */
static void codes_as_text(void **state)
{
	static const char *const wrong[] = {"1-0:1.8",  "1-0:1.8.0.4", "1-0:1.8.256",
	                                    "1-0:1.8.", "-0:1.8.0",    "1-0:1.8.0 ",
	                                    "",         "a-0:1.8.0",   "1-0:1.8.1000"};
	uint64_t code;

	(void)state;
	assert_true(obis_parse(&code, (const uint8_t *)"1-3:0.2.8", 9));
	assert_true(code == OBIS(1, 3, 0, 2, 8));
	assert_true(obis_parse(&code, (const uint8_t *)"255-254:253.252.251", 19));
	assert_true(code == OBIS(255, 254, 253, 252, 251));
	assert_int_equal(OBIS_A(code), 255);
	assert_int_equal(OBIS_B(code), 254);
	assert_int_equal(OBIS_C(code), 253);
	assert_int_equal(OBIS_REST(code), 253 << 16 | 252 << 8 | 251);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (obis_parse(&code, (const uint8_t *)wrong[i], strlen(wrong[i])))
			fail_msg("%s is taken for a code", wrong[i]);
}

static void units_of_cosem(void **state)
{
	/* code:text, _ for a blank */
	static const char units[] =
		"1:a 2:mo 3:wk 4:d 5:h 6:min 7:s 8:deg 9:degC 10:currency 11:m 12:m/s 13:m3 "
		"14:m3 15:m3/h 16:m3/h 17:m3/d 18:m3/d 19:l 20:kg 21:N 22:Nm 23:Pa 24:bar "
		"25:J 26:J/h 27:W 28:VA 29:var 30:Wh 31:VAh 32:varh 33:A 34:C 35:V 36:V/m "
		"37:F 38:ohm 39:ohm_m2/m 40:Wb 41:T 42:A/m 43:H 44:Hz 45:1/(Wh) 46:1/(varh) "
		"47:1/(VAh) 48:V2h 49:A2h 50:kg/s 51:S 52:K 53:1/(V2h) 54:1/(A2h) 55:1/m3 "
		"56:% 57:Ah 60:Wh/m3 61:J/m3 62:Mol_% 63:g/m3 64:Pa_s 65:J/kg 66:g/cm2 "
		"67:atm 70:dBm 71:dBuV 72:dB 254:other 255: ";
	const char *found[256] = {0};
	static char copy[sizeof units];
	size_t known = 0;

	(void)state;
	memcpy(copy, units, sizeof units);
	for (char *at = strtok(copy, " "); at; at = strtok(NULL, " "), known++) {
		char *text = strchr(at, ':') + 1;

		for (char *p = text; *p; p++)
			*p = *p == '_' ? ' ' : *p;
		found[strtoul(at, NULL, 10)] = text;
	}
	assert_int_equal(known, 70);
	for (unsigned i = 0; i < 256; i++) {
		const char *unit = cosem_unit((uint8_t)i);

		if (!found[i])
			assert_null(unit);
		else
			assert_string_equal(unit, found[i]);
	}
}

/* MODBUS Application Protocol V1.1b3, sections 5 and 7. */
static void words_of_modbus(void **state)
{
	static const struct {
		unsigned code;
		const char *text;
	} functions[] = {
		{1, "read coils"},
		{2, "read discrete inputs"},
		{3, "read holding"},
		{4, "read input"},
		{5, "write coil"},
		{6, "write register"},
		{7, "read exception status"},
		{8, "diagnostics"},
		{11, "comm event counter"},
		{12, "comm event log"},
		{15, "write coils"},
		{16, "write registers"},
		{17, "report server id"},
		{20, "read file"},
		{21, "write file"},
		{22, "mask write"},
		{23, "read/write registers"},
		{24, "read fifo"},
		{43, "device identification"},
	};
	static const char *const exceptions[] = {
		"unknown exception",        "illegal function",
		"illegal data address",     "illegal data value",
		"server device failure",    "acknowledge",
		"server device busy",       "negative acknowledge",
		"memory parity error",      "unknown exception",
		"gateway path unavailable", "gateway target device failed to respond",
		"unknown exception",
	};
	size_t next = 0;

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		const char *name = modbus_function_name(i);

		if (next < sizeof functions / sizeof functions[0] && functions[next].code == i)
			assert_string_equal(name, functions[next++].text);
		else
			assert_null(name);
	}
	for (unsigned i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
		assert_string_equal(modbus_exception_text(i), exceptions[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_have_their_units_and_codes),
		cmocka_unit_test(codes_of_telegrams),
		cmocka_unit_test(codes_of_pushes),
		cmocka_unit_test(book_is_emptied_in_time),
		cmocka_unit_test(codes_as_text),
		cmocka_unit_test(units_of_cosem),
		cmocka_unit_test(words_of_modbus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
