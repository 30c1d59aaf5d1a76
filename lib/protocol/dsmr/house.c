#include "protocol/dsmr/house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"

static void put(struct text *out, const char *line)
{
	text_puts(out, line);
	text_puts(out, "\r\n");
}

/* n / 10^fraction in `whole` digits before the point. */
static void put_number(struct text *out, const char *code, int64_t n, int whole, int fraction,
                       const char *unit)
{
	int64_t scale = 1, size = llabs((long long)n);

	for (int i = 0; i < fraction; i++)
		scale *= 10;
	text_printf(out, "%s(%s%0*lld", code, n < 0 ? "-" : "", whole, (long long)(size / scale));
	if (fraction)
		text_printf(out, ".%0*lld", fraction, (long long)(size % scale));
	text_printf(out, "%s%s)\r\n", *unit ? "*" : "", unit);
}

static int days_in_month_before_sunday(const struct stamp *s)
{
	int64_t last = days_from_civil(s->year, s->month, 31);

	return 31 - (int)((last + 4) % 7); /* 1970-01-01 was a Thursday */
}

/* Central European time: summer from the last Sunday of March to that of October, 01:00 UTC. */
static bool is_summer(instant time)
{
	struct stamp s = stamp_at(time, 0);
	int sunday = days_in_month_before_sunday(&s);
	bool after = s.day > sunday || (s.day == sunday && s.hour >= 1);

	if (s.month == 3)
		return after;
	if (s.month == 10)
		return !after;
	return s.month > 3 && s.month < 10;
}

static void put_stamp(struct text *out, instant time, bool flag)
{
	bool summer = is_summer(time);
	struct stamp s = stamp_at(time, summer ? 120 : 60);

	text_printf(out, "(%02d%02d%02d%02d%02d%02d", s.year % 100, s.month, s.day, s.hour, s.minute,
	            s.second);
	text_puts(out, flag ? summer ? "S)" : "W)" : ")");
}

static void put_clock(struct text *out, const struct dsmr_house *h)
{
	text_puts(out, "0-0:1.0.0");
	put_stamp(out, h->time, true);
	put(out, "");
}

static void put_hex(struct text *out, const char *code, const char *value)
{
	text_printf(out, "%s(", code);
	for (; *value; value++)
		text_printf(out, "%02X", (unsigned char)*value);
	put(out, ")");
}

static int64_t imported_power(const struct dsmr_house *h)
{
	int64_t sum = h->power[0] + h->power[1] + h->power[2];

	return sum > 0 ? sum : 0;
}

static int64_t exported_power(const struct dsmr_house *h)
{
	int64_t sum = h->power[0] + h->power[1] + h->power[2];

	return sum < 0 ? -sum : 0;
}

static void put_tariffs(struct text *out, const struct dsmr_house *h, int whole)
{
	put_number(out, "1-0:1.8.1", h->imported[0], whole, 3, "kWh");
	put_number(out, "1-0:1.8.2", h->imported[1], whole, 3, "kWh");
	put_number(out, "1-0:2.8.1", h->exported[0], whole, 3, "kWh");
	put_number(out, "1-0:2.8.2", h->exported[1], whole, 3, "kWh");
	text_printf(out, "0-0:96.14.0(%04u)\r\n", h->tariff);
}

/* mA of a phase from W and tenths of a volt */
static int64_t current(const struct dsmr_house *h, int phase)
{
	return h->voltage[phase] ? llabs((long long)h->power[phase]) * 10000 / h->voltage[phase] : 0;
}

/* Values of the phases: voltages first, or after the powers. `amperes` after the point: 0, 1, 2. */
static void put_phases(struct text *out, const struct dsmr_house *h, int amperes, int whole)
{
	static const int64_t divide[] = {1000, 100, 10};
	char code[16];

	for (int i = 0; i < 3; i++) {
		snprintf(code, sizeof code, "1-0:%d2.7.0", 3 + 2 * i);
		put_number(out, code, h->voltage[i], 3, 1, "V");
	}
	for (int i = 0; i < 3; i++) {
		snprintf(code, sizeof code, "1-0:%d1.7.0", 3 + 2 * i);
		put_number(out, code, current(h, i) / divide[amperes], 3, amperes, "A");
	}
	for (int i = 0; i < 6; i++) {
		int64_t power = i % 2 ? -h->power[i / 2] : h->power[i / 2];

		snprintf(code, sizeof code, "1-0:%d.7.0", 21 + 20 * (i / 2) + i % 2);
		put_number(out, code, power > 0 ? power : 0, whole, 3, "kW");
	}
}

static void put_power(struct text *out, const struct dsmr_house *h, int whole)
{
	put_number(out, "1-0:1.7.0", imported_power(h), whole, 3, "kW");
	put_number(out, "1-0:2.7.0", exported_power(h), whole, 3, "kW");
}

static void put_counters(struct text *out, const struct dsmr_house *h)
{
	static const char *const codes[] = {"32.32", "52.32", "72.32", "32.36", "52.36", "72.36"};

	text_printf(out, "0-0:96.7.21(%05u)\r\n0-0:96.7.9(%05u)\r\n", h->failures, h->failures / 2);
	text_puts(out, "1-0:99.97.0(2)(0-0:96.7.19)");
	put_stamp(out, h->time - 86400000ll * 40, true);
	text_puts(out, "(0000000240*s)");
	put_stamp(out, h->time - 86400000ll * 33, true);
	put(out, "(0000000301*s)");
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		text_printf(out, "1-0:%s.0(%05zu)\r\n", codes[i], i);
}

static void put_meter(struct text *out, int channel, const char *type, const char *id_code,
                      const char *id)
{
	char code[20];

	text_printf(out, "0-%d:24.1.0(%s)\r\n", channel, type);
	snprintf(code, sizeof code, "0-%d:96.1.%s", channel, id_code);
	put_hex(out, code, id);
}

static void put_gas(struct text *out, const struct dsmr_house *h, const char *code)
{
	text_puts(out, code);
	put_stamp(out, h->time - h->time % 300000, true);
	put_number(out, "", h->gas, 5, 3, "m3");
}

static void print_dsmr5(struct text *out, const struct dsmr_house *h)
{
	put(out, "/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)");
	put_clock(out, h);
	put_hex(out, "0-0:96.1.1", "E0044007298312518");
	put_tariffs(out, h, 6);
	put_power(out, h, 2);
	put_counters(out, h);
	put(out, "0-0:96.13.0()");
	put_phases(out, h, 0, 2);
	put_meter(out, 1, "003", "0", "G0061000111222333");
	put_gas(out, h, "0-1:24.2.1");
}

static void print_dsmr4(struct text *out, const struct dsmr_house *h)
{
	put(out, "/KFM5KAIFA-METER\r\n\r\n1-3:0.2.8(42)");
	put_clock(out, h);
	put_hex(out, "0-0:96.1.1", "E0025000012345678");
	put_tariffs(out, h, 6);
	put_power(out, h, 2);
	put_counters(out, h);
	put(out, "0-0:96.13.1()\r\n0-0:96.13.0()");
	put_number(out, "1-0:31.7.0", current(h, 0) / 1000, 3, 0, "A");
	put_number(out, "1-0:21.7.0", h->power[0] > 0 ? h->power[0] : 0, 2, 3, "kW");
	put_number(out, "1-0:22.7.0", h->power[0] < 0 ? -h->power[0] : 0, 2, 3, "kW");
	put_meter(out, 1, "003", "0", "G0025003444444444");
	put_gas(out, h, "0-1:24.2.1");
}

static void print_old(struct text *out, const struct dsmr_house *h, const char *head, bool valve)
{
	put(out, head);
	put_hex(out, "0-0:96.1.1", "KA6U001585575511");
	put_tariffs(out, h, 5);
	put_number(out, "1-0:1.7.0", imported_power(h) / 10, 4, 2, "kW");
	put_number(out, "1-0:2.7.0", exported_power(h) / 10, 4, 2, "kW");
	put(out, "0-0:17.0.0(0999.00*kW)\r\n0-0:96.3.10(1)\r\n0-0:96.13.1()\r\n0-0:96.13.0()");
	put_meter(out, 1, valve ? "03" : "3", "0", "G0025003444444444");
	text_puts(out, "0-1:24.3.0");
	put_stamp(out, h->time - h->time % 3600000, false);
	put(out, "(00)(60)(1)(0-1:24.2.1)(m3)");
	put_number(out, "", h->gas, 5, 3, "");
	if (valve)
		put(out, "0-1:24.4.0(1)");
}

static void print_dsmr2(struct text *out, const struct dsmr_house *h)
{
	print_old(out, h, "/KMP5 KA6U001585575011\r\n", false);
}

static void print_dsmr3(struct text *out, const struct dsmr_house *h)
{
	print_old(out, h, "/ISk5\\2MT382-1003\r\n", true);
}

static void print_belgium(struct text *out, const struct dsmr_house *h)
{
	put(out, "/FLU5\\253770234_A\r\n\r\n0-0:96.1.4(50217)");
	put_hex(out, "0-0:96.1.1", "1SAG1100000292");
	put_clock(out, h);
	put_tariffs(out, h, 6);
	put_number(out, "1-0:1.4.0", imported_power(h), 2, 3, "kW");
	text_puts(out, "1-0:1.6.0");
	put_stamp(out, h->peak_time, true);
	put_number(out, "", h->peak, 2, 3, "kW");
	text_puts(out, "0-0:98.1.0(3)(1-0:1.6.0)(1-0:1.6.0)");
	for (int i = 3; i > 0; i--) {
		put_stamp(out, h->time - 86400000ll * 30 * i, true);
		put_stamp(out, h->time - 86400000ll * (30 * i + 9), true);
		text_printf(out, "(%02d.%03d*kW)", 2 + i, 111 * i);
	}
	put(out, "");
	put_power(out, h, 2);
	put_phases(out, h, 2, 2);
	put(out, "0-0:96.3.10(1)\r\n0-0:17.0.0(999.9*kW)\r\n1-0:31.4.0(999*A)\r\n0-0:96.13.0()");
	put_meter(out, 1, "003", "1", "7FLO2112345678");
	put(out, "0-1:24.4.0(1)");
	put_gas(out, h, "0-1:24.2.3");
	put_meter(out, 2, "007", "1", "8SEN0111111111");
	text_puts(out, "0-2:24.2.1");
	put_stamp(out, h->time - h->time % 3600000, true);
	put_number(out, "", h->water, 5, 3, "m3");
}

static void put_totals(struct text *out, const struct dsmr_house *h, int whole, bool kilo)
{
	int fraction = kilo ? 3 : 0;

	put_number(out, "1-0:1.8.0", h->imported[0] + h->imported[1], whole, fraction,
	           kilo ? "kWh" : "Wh");
	put_number(out, "1-0:2.8.0", h->exported[0] + h->exported[1], whole, fraction,
	           kilo ? "kWh" : "Wh");
	put_number(out, "1-0:3.8.0", h->reactive[0], whole, fraction, kilo ? "kvarh" : "varh");
	put_number(out, "1-0:4.8.0", h->reactive[1], whole, fraction, kilo ? "kvarh" : "varh");
}

static void print_luxembourg(struct text *out, const struct dsmr_house *h)
{
	put(out, "/Lux5\\253694471_M\r\n\r\n1-3:0.2.8(42)");
	put_clock(out, h);
	put_hex(out, "0-0:42.0.0", "SAG1030700001234");
	put_totals(out, h, 6, true);
	put_power(out, h, 2);
	put(out, "1-0:3.7.0(00.000*kvar)\r\n1-0:4.7.0(00.126*kvar)");
	put(out, "0-0:17.0.0(027.6*kVA)\r\n0-0:96.3.10(1)");
	text_printf(out, "0-0:96.7.21(%05u)\r\n", h->failures);
	put(out, "0-0:96.13.0()\r\n0-0:96.13.2()\r\n0-0:96.13.3()");
	put_phases(out, h, 0, 2);
}

static void print_sweden(struct text *out, const struct dsmr_house *h)
{
	struct stamp s = stamp_at(h->time, 60);
	char code[16];

	put(out, "/ADN9 6534\r\n");
	text_printf(out, "0-0:1.0.0(%02d%02d%02d%02d%02d%02dW)\r\n", s.year % 100, s.month, s.day,
	            s.hour, s.minute, s.second);
	put_totals(out, h, 8, true);
	put_power(out, h, 4);
	put(out, "1-0:3.7.0(0000.000*kvar)\r\n1-0:4.7.0(0000.123*kvar)");
	for (int i = 0; i < 6; i++) {
		snprintf(code, sizeof code, "1-0:%d.7.0", 23 + 20 * (i / 2) + i % 2);
		put_number(out, code, 41 * i, 4, 3, "kvar");
	}
	put_phases(out, h, 1, 4);
}

static void print_austria(struct text *out, const struct dsmr_house *h)
{
	put(out, "/EST5\\253710000_A\r\n\r\n1-3:0.2.8(50)");
	put_clock(out, h);
	put_totals(out, h, 9, false);
	put_number(out, "1-0:1.7.0", imported_power(h), 9, 0, "W");
	put_number(out, "1-0:2.7.0", exported_power(h), 9, 0, "W");
	put(out, "1-0:3.7.0(000000000*var)\r\n1-0:4.7.0(000000126*var)");
}

static void print_lithuania(struct text *out, const struct dsmr_house *h)
{
	put(out, "/ESO5\\XT211\r\n");
	put_clock(out, h);
	put_hex(out, "0-0:96.1.1", "1SAG3105115757");
	put_totals(out, h, 6, true);
	put_number(out, "1-0:1.8.1", h->imported[0], 6, 3, "kWh");
	put_number(out, "1-0:1.8.2", h->imported[1], 6, 3, "kWh");
	put_power(out, h, 2);
	put(out, "1-0:3.7.0(00.001*kvar)\r\n1-0:4.7.0(00.000*kvar)\r\n1-0:14.7.0(49.98*Hz)");
	put(out, "1-0:13.7.0(0.991)\r\n1-0:33.7.0(-0.910)\r\n1-0:53.7.0(0.998)\r\n1-0:73.7.0(1.000)");
	put_phases(out, h, 0, 2);
	text_printf(out, "0-0:96.7.21(%05u)\r\n", h->failures);
	put_hex(out, "0-0:96.13.0", "Setup_1_standard_3ph");
}

static void print_hungary(struct text *out, const struct dsmr_house *h)
{
	put(out, "/AUX59902828020160\r\n");
	put_clock(out, h);
	put(out, "0-0:42.0.0(AUX1030302828020160)\r\n0-0:96.1.0(9902828020160)\r\n0-0:96.14.0(0001)");
	put(out, "0-0:96.50.68(ON)\r\n0-0:17.0.0(90.000*kW)");
	put_totals(out, h, 6, true);
	put_number(out, "1-0:1.8.1", h->imported[0], 6, 3, "kWh");
	put_number(out, "1-0:1.8.2", h->imported[1], 6, 3, "kWh");
	put(out, "1-0:5.8.0(000000.668*kvarh)\r\n1-0:15.8.0(000800.817*kWh)");
	put_phases(out, h, 0, 2);
	put(out, "1-0:14.7.0(49.99*Hz)");
	put_power(out, h, 2);
	put(out, "1-0:31.4.0(200.00*A)\r\n1-0:51.4.0(200.00*A)\r\n1-0:71.4.0(200.00*A)");
	text_puts(out, "0-0:98.1.0");
	put_stamp(out, h->time - 86400000ll * 12, true);
	put(out, "(000123.456*kWh)(000100.000*kWh)(02.123*kW)\r\n0-0:96.13.0()");
}

static void print_switzerland(struct text *out, const struct dsmr_house *h)
{
	put(out, "/Sag5XT211\r\n");
	put_clock(out, h);
	put_hex(out, "0-0:96.1.1", "SAG2032100001234");
	put_number(out, "1-1:1.8.1", h->imported[0], 6, 3, "kWh");
	put_number(out, "1-1:1.8.2", h->imported[1], 6, 3, "kWh");
	put_number(out, "1-1:2.8.1", h->exported[0], 6, 3, "kWh");
	put_number(out, "1-1:1.7.0", imported_power(h), 2, 3, "kW");
	put_number(out, "1-1:2.7.0", exported_power(h), 2, 3, "kW");
	put(out, "0-0:98.1.0(12)");
	put_phases(out, h, 2, 2);
	put_counters(out, h);
}

static void print_germany(struct text *out, const struct dsmr_house *h)
{
	put(out, "/ESY5Q3DA1024 V3.04\r\n\r\n1-0:0.0.0*255(1ESY1234567890)");
	text_printf(out, "1-0:1.8.0*255(%08lld.1234567*kWh)\r\n", (long long)h->imported[0] / 1000);
	text_printf(out, "1-0:2.8.0*255(%08lld.7654321*kWh)\r\n", (long long)h->exported[0] / 1000);
	for (int i = 0; i < 3; i++)
		text_printf(out, "1-0:%d1.7.0*255(%06lld.00*W)\r\n", 2 + 2 * i, (long long)h->power[i]);
	text_printf(out, "1-0:1.7.0*255(%06lld.00*W)\r\n", (long long)imported_power(h));
	put(out, "1-0:96.5.5*255(80)\r\n0-0:96.1.255*255(1ESY1234567890)");
}

const struct dsmr_model dsmr_models[] = {
	{"dsmr5", "Netherlands, DSMR 5", print_dsmr5, true, 1},
	{"dsmr4", "Netherlands, DSMR 4.2", print_dsmr4, true, 10},
	{"dsmr3", "Netherlands, DSMR 3", print_dsmr3, false, 10},
	{"dsmr2", "Netherlands, DSMR 2.2", print_dsmr2, false, 10},
	{"belgium", "Belgium, eMUCS with gas and water", print_belgium, true, 1},
	{"luxembourg", "Luxembourg, Smarty", print_luxembourg, true, 10},
	{"sweden", "Sweden, HAN port", print_sweden, true, 10},
	{"austria", "Austria, values in Wh and W", print_austria, true, 1},
	{"lithuania", "Lithuania, ESO", print_lithuania, true, 10},
	{"hungary", "Hungary, E.ON", print_hungary, true, 10},
	{"switzerland", "Switzerland, Sagemcom XT211", print_switzerland, true, 1},
	{"germany", "Germany, Q3D", print_germany, false, 2},
};

const size_t dsmr_model_count = sizeof dsmr_models / sizeof dsmr_models[0];

const struct dsmr_model *dsmr_model_named(const char *name)
{
	for (size_t i = 0; i < dsmr_model_count; i++)
		if (!strcmp(dsmr_models[i].name, name))
			return &dsmr_models[i];
	return NULL;
}

void dsmr_print(struct text *out, const struct dsmr_model *model, const struct dsmr_house *house)
{
	size_t begin = out->length;

	model->print(out, house);
	text_char(out, '!');
	if (model->has_crc && !out->failed)
		text_printf(out, "%04X", crc16_arc((const uint8_t *)out->data + begin, out->length - begin));
	text_puts(out, "\r\n");
}
