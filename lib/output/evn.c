/*
 * The object that EVNSmartmeterDecrypter publishes, for its existing consumers:
 *
 *     {"WIn":{"value":10069016,"unit":"Wh"},...,"timestamp":{"value":1665581631,"unit":"s"}}
 *
 * The time stamp is that of the receiver. Values that the push lacks are left out.
 */
#include "output/output.h"

static void put_value(struct text *out, const char *name, const struct value *v)
{
	text_printf(out, "\"%s\":{\"value\":", name);
	text_decimal(out, v->as.decimal);
	text_printf(out, ",\"unit\":\"%s\"},", v->unit ? v->unit : "");
}

void format_evn(struct text *out, struct format_state *state, const struct record *r)
{
	static const char *const names[][2] = {
		{"WIn", "energy_import"}, {"WOut", "energy_export"}, {"PIn", "power_import"},
		{"POut", "power_export"}, {"U1", "voltage_l1"},      {"U2", "voltage_l2"},
		{"U3", "voltage_l3"},     {"I1", "current_l1"},      {"I2", "current_l2"},
		{"I3", "current_l3"},     {"PF", "power_factor"},
	};

	(void)state;
	text_char(out, '{');
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct value *v = record_find(r, names[i][1]);

		if (v && v->kind == VALUE_DECIMAL)
			put_value(out, names[i][0], v);
	}
	text_puts(out, "\"timestamp\":{\"value\":");
	text_decimal(out, decimal_i64(r->time == INSTANT_NONE ? 0 : r->time / 1000, 0));
	text_puts(out, ",\"unit\":\"s\"}}\n");
}
