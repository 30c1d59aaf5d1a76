/* Maps of meters from CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "device/meter_file.h"

#define HEADER "meter,address,count,fc,dtype,word_order,scale,unit,name\n"

static struct meter_file *parsed(const char *text)
{
	struct meter_file *file;
	const char *wrong;
	unsigned line;

	if (meter_file_parse(&file, text, strlen(text), &line, &wrong))
		fail_msg("line %u: %s", line, wrong);
	return file;
}

static void refused(const char *text, unsigned line, const char *why)
{
	struct meter_file *file;
	const char *wrong = NULL;
	unsigned number = 0;

	assert_int_equal(meter_file_parse(&file, text, strlen(text), &number, &wrong), EM_SYNTAX);
	assert_null(file);
	assert_int_equal(number, line);
	assert_string_equal(wrong, why);
}

static void rows_become_maps(void **state)
{
	static const struct meter_row expected[] = {
		{0x5000, 2, 3, TYPE_F32, ORDER_BIG, 0, "V", "voltage_l1"},
		{20, 1, 4, TYPE_U16, ORDER_BIG, -1, "A", "current_l1"},
		{21, 1, 3, TYPE_S16, ORDER_BIG, 0, NULL, "power_factor"},
		{22, 2, 3, TYPE_U32, ORDER_LITTLE, 3, "Wh", "energy_import"},
		{24, 2, 3, TYPE_S32, ORDER_BIG, 0, "W", "power"},
		{26, 4, 3, TYPE_U64, ORDER_BIG, 1, "Wh", "energy_export"},
		{30, 4, 3, TYPE_S64, ORDER_BIG, -12, "Wh", "energy_net"},
		{65535, 4, 3, TYPE_F64, ORDER_BIG, 12, "Hz", "frequency"},
	};
	struct meter_file *file = parsed(HEADER
	                                 "mine,0x5000,2,3,f32,big,1,V,voltage_l1\n"
	                                 "mine,20,1,4,u16,,0.1,A,current_l1\n"
	                                 "mine,21,,,s16,,,,power_factor\n"
	                                 "mine,22,2,3,u32,little,1,kWh,energy_import\n"
	                                 "mine,24,2,3,s32,big,1,W,power\n"
	                                 "mine,26,4,3,u64,big,10,Wh,energy_export\n"
	                                 "mine,30,4,3,s64,big,0.000000000001,Wh,energy_net\n"
	                                 "mine,65535,4,3,f64,big,1000000000000,Hz,frequency\n");
	const struct meter *maps[4];

	(void)state;
	assert_int_equal(meter_file_maps(file, maps, 4), 1);
	assert_string_equal(maps[0]->name, "mine");
	assert_int_equal(maps[0]->count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < maps[0]->count; i++) {
		const struct meter_row *r = &maps[0]->rows[i], *e = &expected[i];

		assert_int_equal(r->address, e->address);
		assert_int_equal(r->count, e->count);
		assert_int_equal(r->function, e->function);
		assert_int_equal(r->type, e->type);
		assert_int_equal(r->order, e->order);
		assert_int_equal(r->scale, e->scale);
		assert_int_equal(!r->unit, !e->unit);
		if (e->unit)
			assert_string_equal(r->unit, e->unit);
		assert_string_equal(r->name, e->name);
	}
	meter_file_free(file);
}

static void columns_go_by_their_names(void **state)
{
	struct meter_file *file = parsed("name,remark,dtype,address,meter\r\n"
	                                 "\"a, b\",\"says \"\"x\"\"\",u16,7,one\r\n"
	                                 "\r\n"
	                                 "power,,s32,8,two\r\n"
	                                 "voltage,,u16,9,one");
	const struct meter *maps[4];

	(void)state;
	assert_int_equal(meter_file_maps(file, maps, 1), 1);
	assert_int_equal(meter_file_maps(file, maps, 4), 2);
	assert_string_equal(maps[0]->name, "one");
	assert_int_equal(maps[0]->count, 2);
	assert_string_equal(maps[0]->rows[0].name, "a, b");
	assert_int_equal(maps[0]->rows[1].address, 9);
	assert_string_equal(maps[1]->name, "two");
	assert_int_equal(maps[1]->rows[0].count, 2);
	meter_file_free(file);
}

static void what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *row, *why;
	} rows[] = {
		{",1,,,u16,,,,a", "too many meters, or no name"},
		{"m,65536,,,u16,,,,a", "address is not 0..65535"},
		{"m,,,,u16,,,,a", "address is not 0..65535"},
		{"m,1x,,,u16,,,,a", "address is not 0..65535"},
		{"m,1,,,u8,,,,a", "dtype is none of u16 s16 u32 s32 u64 s64 f32 f64"},
		{"m,1,2,,u16,,,,a", "count does not fit the dtype"},
		{"m,1,1,,f32,,,,a", "count does not fit the dtype"},
		{"m,1,,,u16,,2,,a", "scale is not a power of ten"},
		{"m,1,,,u16,,-1,,a", "scale is not a power of ten"},
		{"m,1,,,u16,,0,,a", "scale is not a power of ten"},
		{"m,1,,,u16,,10000000000000,,a", "scale is not a power of ten"},
		{"m,1,,,u16,,,,", "no name"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, HEADER "m,1,,,u16,,,,a\n%s\n", rows[i].row);
		refused(text, 3, rows[i].why);
	}
	refused("", 1,
	        "the first line must name the columns meter,address,count,fc,dtype,"
	        "word_order,scale,unit,name");
	refused("meter,address,name\nm,1,a\n", 1,
	        "the first line must name the columns meter,address,count,fc,dtype,"
	        "word_order,scale,unit,name");
}

static void there_are_limits(void **state)
{
	struct text all = {0};
	struct meter_file *file;
	const struct meter *maps[100];

	(void)state;
	text_puts(&all, HEADER);
	for (int i = 0; i < 64; i++)
		text_printf(&all, "meter%d,1,,,u16,,,,a\n", i);
	file = parsed(text_string(&all));
	assert_int_equal(meter_file_maps(file, maps, 100), 64);
	meter_file_free(file);
	text_puts(&all, "meter64,1,,,u16,,,,a\n");
	refused(text_string(&all), 66, "too many meters, or no name");
	all.length = 0;
	text_puts(&all, HEADER "m,1,,,u16,,,,");
	text_fill(&all, 'x', 60);
	file = parsed(text_string(&all));
	meter_file_free(file);
	text_char(&all, 'x');
	refused(text_string(&all), 2, "no name");
	text_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_become_maps),
		cmocka_unit_test(columns_go_by_their_names),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(there_are_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
