/*
 * Text output of Modbus transactions, a line each:
 *
 *   12:30:01.234 192.168.1.40:4021  unit 1  read holding    0x500A+2   current 1.261 A
 */
#include <stdio.h>

#include "output/format.h"
#include "cmd/sniff/modbus_text.h"
#include "protocol/modbus.h"

static long number(const struct record *r, const char *name, long otherwise)
{
	const struct value *v = record_find(r, name);
	double n;

	return v && value_number(v, &n) ? (long)n : otherwise;
}

static void pad_to(struct text *out, size_t begin, size_t width)
{
	size_t used = out->length - begin;

	text_fill(out, ' ', used < width ? width - used : 1);
}

static void put_registers(struct text *out, const struct record *r, const struct value *list)
{
	const char *separator = "";

	for (const struct value *v = list + 1; v < value_next(r, list) - 1; v++) {
		text_printf(out, "%s%04llX", separator, (unsigned long long)v->as.decimal.digits);
		separator = " ";
	}
}

static void put_values(struct text *out, const struct style *style, const struct record *r,
                       const struct value *v)
{
	const struct value *end = r->values + r->count;
	const char *separator = "";

	for (; v < end; v = value_next(r, v)) {
		text_puts(out, separator);
		separator = "  ";
		text_ink(out, style, INK_DIM);
		text_add(out, v->name, v->name_length);
		text_ink(out, style, INK_BOLD);
		text_char(out, ' ');
		text_value(out, r, v);
		text_ink(out, style, INK_PLAIN);
		if (v->unit && v->kind != VALUE_NULL && strcmp(v->unit, "1"))
			text_printf(out, " %s", v->unit);
	}
}

static void put_result(struct text *out, const struct style *style, const struct record *r)
{
	const struct value *meter = record_find(r, "meter"),
			   *registers = record_find(r, "registers");
	const struct value *status = record_find(r, "status"), *end = r->values + r->count;
	const struct value *rest = record_find(r, "rtt_ms");
	unsigned exception = (unsigned)number(r, "exception", 0);

	if (exception) {
		text_ink(out, style, INK_RED);
		text_printf(out, "exception %u %s", exception, modbus_exception_text(exception));
	} else if (status && status->as.text.data[0] == 'n') {
		text_ink(out, style, INK_YELLOW);
		text_puts(out, "no response");
	} else if (meter && value_next(r, meter) < end) {
		put_values(out, style, r, value_next(r, meter));
	} else if (registers) {
		put_registers(out, r, registers);
	} else {
		put_values(out, style, r, value_next(r, rest ? rest : status));
	}
	text_ink(out, style, INK_PLAIN);
	if (status && status->as.text.data[0] == 'u')
		text_puts(out, "  (unpaired)");
}

void format_modbus(struct text *out, struct format_state *state, const struct record *r)
{
	unsigned function = (unsigned)number(r, "function", 0);
	const char *name = modbus_function_name(function);
	long address = number(r, "address", -1);
	char what[40];
	size_t begin;

	if (strcmp(r->type, "modbus")) {
		format_text(out, state, r);
		return;
	}
	text_clock(out, &state->style, r);
	begin = out->length;
	if (r->source) {
		text_printable(out, r->source, strlen(r->source));
		pad_to(out, begin, 22);
	}
	begin = out->length;
	text_printf(out, "unit %ld", number(r, "unit", 0));
	pad_to(out, begin, 9);
	begin = out->length;
	snprintf(what, sizeof what, "function %u", function);
	text_puts(out, name ? name : what);
	pad_to(out, begin, 21);
	begin = out->length;
	if (address >= 0)
		text_printf(out, "0x%04lX+%ld", address, number(r, "count", 1));
	pad_to(out, begin, 12);
	put_result(out, &state->style, r);
	text_char(out, '\n');
}
