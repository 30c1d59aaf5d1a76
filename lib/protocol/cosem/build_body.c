/* Writes the bodies that meters send: A-XDR from values. */
#include "base/crc.h"
#include "protocol/axdr.h"
#include "protocol/cosem/build.h"

enum { WH = 30, W = 27, VARH = 32, VAR = 29, A = 33, V = 35, NONE = 255 };

static void put_u8(struct text *t, unsigned n)
{
	text_char(t, (char)(n & 0xFF));
}

static void put_u16(struct text *t, unsigned n)
{
	put_u8(t, n >> 8);
	put_u8(t, n);
}

static void put_u32(struct text *t, uint32_t n)
{
	put_u16(t, n >> 16);
	put_u16(t, n & 0xFFFF);
}

static void tagged16(struct text *t, enum axdr_tag tag, unsigned n)
{
	put_u8(t, tag);
	put_u16(t, n);
}

static void tagged32(struct text *t, uint64_t n)
{
	put_u8(t, AXDR_UINT32);
	put_u32(t, (uint32_t)n);
}

static void open_items(struct text *t, enum axdr_tag tag, unsigned count)
{
	put_u8(t, tag);
	put_u8(t, count);
}

static void put_string(struct text *t, enum axdr_tag tag, const char *s)
{
	put_u8(t, tag);
	put_u8(t, (unsigned)strlen(s));
	text_puts(t, s);
}

static void put_time(struct text *t, const struct stamp *s, bool tagged)
{
	static const int days_to_monday = 3; /* 1970-01-01 was a Thursday */
	int64_t day = days_from_civil(s->year, s->month, s->day) + days_to_monday;

	if (tagged)
		put_u8(t, AXDR_OCTETS);
	put_u8(t, 12);
	put_u16(t, (unsigned)s->year);
	put_u8(t, s->month);
	put_u8(t, s->day);
	put_u8(t, (unsigned)(day % 7) + 1);
	put_u8(t, s->hour);
	put_u8(t, s->minute);
	put_u8(t, s->second);
	put_u8(t, 0);
	put_u16(t, s->has_offset ? (unsigned)(uint16_t)-s->offset : 0x8000);
	put_u8(t, s->has_offset && s->offset > 60 ? 0x80 : 0);
}

static void put_head(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	put_u8(t, 0x0F);
	put_u32(t, invoke & 0x00FFFFFF);
	put_time(t, &v->time, false);
}

static void put_code(struct text *t, unsigned a, unsigned b, unsigned c, unsigned d, unsigned e)
{
	put_u8(t, AXDR_OCTETS);
	put_u8(t, 6);
	put_u8(t, a);
	put_u8(t, b);
	put_u8(t, c);
	put_u8(t, d);
	put_u8(t, e);
	put_u8(t, 0xFF);
}

static void put_scale(struct text *t, int scaler, unsigned unit)
{
	open_items(t, AXDR_STRUCTURE, 2);
	put_u8(t, AXDR_INT8);
	put_u8(t, (unsigned)scaler);
	put_u8(t, AXDR_ENUM);
	put_u8(t, unit);
}

/* code, u32 or u16, {scaler, unit} */
static void item32(struct text *t, unsigned c, unsigned d, uint64_t n, unsigned unit)
{
	put_code(t, 1, 0, c, d, 0);
	tagged32(t, n);
	put_scale(t, 0, unit);
}

static void item16(struct text *t, unsigned c, uint32_t n, int scaler, unsigned unit)
{
	put_code(t, 1, 0, c, 7, 0);
	tagged16(t, AXDR_UINT16, n);
	put_scale(t, scaler, unit);
}

static const unsigned voltage_codes[] = {32, 52, 72}, current_codes[] = {31, 51, 71};

static void evn_body(struct text *t, const struct meter_values *v, uint32_t invoke,
                     enum axdr_tag factor)
{
	put_head(t, v, invoke);
	open_items(t, AXDR_STRUCTURE, 35);
	put_time(t, &v->time, true);
	item32(t, 1, 8, v->energy_import, WH);
	item32(t, 2, 8, v->energy_export, WH);
	item32(t, 1, 7, v->power_import, W);
	item32(t, 2, 7, v->power_export, W);
	for (int i = 0; i < 3; i++)
		item16(t, voltage_codes[i], v->voltage[i] / 100, -1, V);
	for (int i = 0; i < 3; i++)
		item16(t, current_codes[i], v->current[i] / 10, -2, A);
	put_code(t, 1, 0, 13, 7, 0);
	tagged16(t, factor, (unsigned)(uint16_t)v->power_factor);
	put_scale(t, -3, NONE);
	put_string(t, AXDR_OCTETS, v->serial);
}

static void body_evn(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	evn_body(t, v, invoke, AXDR_UINT16);
}

static void body_sagemcom(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	evn_body(t, v, invoke, AXDR_INT16);
}

static void body_tinetz(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	put_head(t, v, invoke);
	open_items(t, AXDR_STRUCTURE, 16);
	put_code(t, 0, 0, 1, 0, 0);
	put_time(t, &v->time, true);
	open_items(t, AXDR_STRUCTURE, 2);
	put_code(t, 0, 0, 96, 1, 0);
	put_string(t, AXDR_OCTETS, v->serial);
	open_items(t, AXDR_STRUCTURE, 2);
	put_code(t, 0, 0, 42, 0, 0);
	put_string(t, AXDR_OCTETS, "KFM1000000000042");
	for (int i = 0; i < 3; i++) {
		open_items(t, AXDR_STRUCTURE, 3);
		item16(t, voltage_codes[i], v->voltage[i] / 100, -1, V);
	}
	for (int i = 0; i < 3; i++) {
		open_items(t, AXDR_STRUCTURE, 3);
		item16(t, current_codes[i], v->current[i] / 10, -2, A);
	}
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 1, 7, v->power_import, W);
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 2, 7, v->power_export, W);
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 1, 8, v->energy_import, WH);
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 2, 8, v->energy_export, WH);
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 3, 8, v->reactive_import, VARH);
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 4, 8, v->reactive_export, VARH);
}

static void pair32(struct text *t, unsigned b, unsigned c, unsigned d, uint64_t n)
{
	put_code(t, 1, b, c, d, 0);
	tagged32(t, n);
}

static void body_kamstrup(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	put_head(t, v, invoke);
	open_items(t, AXDR_STRUCTURE, 33);
	put_string(t, AXDR_VISIBLE, "Kamstrup_V0001");
	pair32(t, 1, 1, 8, v->energy_import / 10);
	pair32(t, 1, 2, 8, v->energy_export / 10);
	pair32(t, 1, 3, 8, v->reactive_import / 10);
	pair32(t, 1, 4, 8, v->reactive_export / 10);
	put_code(t, 1, 1, 0, 0, 5);
	put_string(t, AXDR_VISIBLE, v->serial);
	pair32(t, 1, 1, 7, v->power_import);
	pair32(t, 1, 2, 7, v->power_export);
	pair32(t, 1, 3, 7, v->reactive_power_import);
	pair32(t, 1, 4, 7, v->reactive_power_export);
	for (int i = 0; i < 3; i++) {
		put_code(t, 1, 1, voltage_codes[i], 7, 0);
		tagged16(t, AXDR_UINT16, v->voltage[i] / 1000);
	}
	for (int i = 0; i < 3; i++)
		pair32(t, 1, current_codes[i], 7, v->current[i] / 10);
	put_code(t, 1, 1, 13, 7, 0);
	tagged16(t, AXDR_UINT16, (unsigned)(v->power_factor / 10));
}

static void body_landis(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	put_head(t, v, invoke);
	open_items(t, AXDR_STRUCTURE, 17);
	put_time(t, &v->time, true);
	pair32(t, 0, 1, 8, v->energy_import);
	pair32(t, 0, 2, 8, v->energy_export);
	pair32(t, 0, 1, 7, v->power_import);
	pair32(t, 0, 2, 7, v->power_export);
	pair32(t, 0, 3, 8, v->reactive_import);
	pair32(t, 0, 4, 8, v->reactive_export);
	pair32(t, 0, 3, 7, v->reactive_power_import);
	pair32(t, 0, 4, 7, v->reactive_power_export);
}

static void body_wien(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	put_head(t, v, invoke);
	open_items(t, AXDR_STRUCTURE, 12);
	put_code(t, 0, 6, 25, 9, 0);
	put_string(t, AXDR_OCTETS, v->serial);
	put_u8(t, AXDR_OCTETS);
	put_u8(t, 4);
	put_u32(t, (uint32_t)v->time.hour << 24 | (uint32_t)v->time.minute << 16 |
	                   (uint32_t)v->time.second << 8);
	put_u8(t, AXDR_OCTETS);
	put_u8(t, 5);
	put_u16(t, (unsigned)v->time.year);
	put_u8(t, v->time.month);
	put_u8(t, v->time.day);
	put_u8(t, 0xFF);
	tagged32(t, v->energy_import);
	tagged32(t, v->energy_export);
	tagged32(t, v->reactive_import);
	tagged32(t, v->reactive_export);
	tagged32(t, v->power_import);
	tagged32(t, v->power_export);
	put_string(t, AXDR_OCTETS, "");
	put_string(t, AXDR_OCTETS, "");
}

static void body_aidon(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	(void)invoke;
	put_u8(t, 0x0F);
	put_u32(t, 0x40000000);
	put_u8(t, AXDR_NULL);
	open_items(t, AXDR_ARRAY, 9);
	open_items(t, AXDR_STRUCTURE, 2);
	put_code(t, 0, 0, 1, 0, 0);
	put_time(t, &v->time, true);
	open_items(t, AXDR_STRUCTURE, 2);
	put_code(t, 0, 0, 96, 1, 0);
	put_string(t, AXDR_VISIBLE, v->serial);
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 1, 7, v->power_import, W);
	open_items(t, AXDR_STRUCTURE, 3);
	item32(t, 2, 7, v->power_export, W);
	for (int i = 0; i < 3; i++) {
		open_items(t, AXDR_STRUCTURE, 3);
		item16(t, voltage_codes[i], v->voltage[i] / 100, -1, V);
	}
	open_items(t, AXDR_STRUCTURE, 3);
	put_code(t, 1, 0, 1, 8, 0);
	tagged32(t, v->energy_import / 10);
	put_scale(t, 1, WH);
	open_items(t, AXDR_STRUCTURE, 3);
	put_code(t, 1, 0, 2, 8, 0);
	tagged32(t, v->energy_export / 10);
	put_scale(t, 1, WH);
}

static void body_kaifa(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	(void)invoke;
	put_u8(t, 0x0F);
	put_u32(t, 0x40000000);
	put_time(t, &v->time, true);
	open_items(t, AXDR_STRUCTURE, 13);
	put_string(t, AXDR_OCTETS, "KFM_001");
	put_string(t, AXDR_OCTETS, v->serial);
	put_string(t, AXDR_OCTETS, "MA304H3E");
	tagged32(t, v->power_import);
	tagged32(t, v->power_export);
	tagged32(t, v->reactive_power_import);
	tagged32(t, v->reactive_power_export);
	for (int i = 0; i < 3; i++)
		tagged32(t, v->current[i]);
	for (int i = 0; i < 3; i++)
		tagged32(t, v->voltage[i] / 100);
}

static void definition(struct text *t, unsigned kind, unsigned a, unsigned b, unsigned c,
                       unsigned d)
{
	open_items(t, AXDR_STRUCTURE, 4);
	tagged16(t, AXDR_UINT16, kind);
	put_code(t, a, b, c, d, 0);
	put_u8(t, AXDR_INT8);
	put_u8(t, 2);
	tagged16(t, AXDR_UINT16, 0);
}

static void body_vse(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	put_head(t, v, invoke);
	open_items(t, AXDR_STRUCTURE, 12);
	open_items(t, AXDR_ARRAY, 12);
	definition(t, 40, 0, 6, 25, 9);
	definition(t, 1, 0, 0, 42, 0);
	definition(t, 3, 1, 1, 1, 8);
	definition(t, 3, 1, 1, 2, 8);
	definition(t, 3, 1, 0, 1, 7);
	definition(t, 3, 1, 0, 2, 7);
	for (int i = 0; i < 3; i++)
		definition(t, 3, 1, 0, voltage_codes[i], 7);
	for (int i = 0; i < 3; i++)
		definition(t, 3, 1, 0, current_codes[i], 7);
	put_string(t, AXDR_OCTETS, v->serial);
	tagged32(t, v->energy_import);
	tagged32(t, v->energy_export);
	tagged32(t, v->power_import);
	tagged32(t, v->power_export);
	for (int i = 0; i < 3; i++)
		tagged16(t, AXDR_UINT16, v->voltage[i] / 100);
	for (int i = 0; i < 3; i++)
		tagged16(t, AXDR_UINT16, v->current[i] / 10);
}

static void line_kilo(struct text *t, const char *code, uint64_t n, const char *unit)
{
	text_printf(t, "1-0:%s(%06llu.%03llu*%s)\r\n", code, (unsigned long long)(n / 1000),
	            (unsigned long long)(n % 1000), unit);
}

static void body_p1(struct text *t, const struct meter_values *v, uint32_t invoke)
{
	const struct stamp *s = &v->time;
	size_t start = t->length;

	(void)invoke;
	text_printf(t, "/EMT5\\000000042\r\n\r\n1-3:0.2.8(50)\r\n");
	text_printf(t, "0-0:1.0.0(%02d%02u%02u%02u%02u%02u%c)\r\n0-0:96.1.1(", s->year % 100,
	            s->month, s->day, s->hour, s->minute, s->second, s->offset == 120 ? 'S' : 'W');
	text_hex(t, v->serial, strlen(v->serial));
	text_puts(t, ")\r\n");
	line_kilo(t, "1.8.0", v->energy_import, "kWh");
	line_kilo(t, "2.8.0", v->energy_export, "kWh");
	line_kilo(t, "1.7.0", v->power_import, "kW");
	line_kilo(t, "2.7.0", v->power_export, "kW");
	for (unsigned i = 0; i < 3; i++)
		text_printf(t, "1-0:%u.7.0(%u.%u*V)\r\n", voltage_codes[i], v->voltage[i] / 1000,
		            v->voltage[i] / 100 % 10);
	for (unsigned i = 0; i < 3; i++)
		text_printf(t, "1-0:%u.7.0(%03u*A)\r\n", current_codes[i], v->current[i] / 1000);
	text_char(t, '!');
	if (!t->failed)
		text_printf(t, "%04X\r\n",
		            crc16_arc((const uint8_t *)t->data + start, t->length - start));
}

/* clang-format off */
const struct meter_model meter_models[] = {
	{"evn", "Kaifa MA309 of Netz NOe", body_evn, BUILD_MBUS, 0x20, 245,
	 {'K', 'F', 'M'}, 5, 2400, 11},
	{"evn-sagemcom", "Sagemcom T210-D of Netz NOe", body_sagemcom, BUILD_MBUS, 0x20, 252,
	 {'S', 'A', 'G'}, 5, 2400, 11},
	{"tinetz", "Kaifa MA309M of TINETZ", body_tinetz, BUILD_MBUS, 0x21, 245,
	 {'K', 'F', 'M'}, 5, 2400, 11},
	{"kamstrup", "Kamstrup Omnipower, two keys", body_kamstrup, BUILD_HDLC, 0x30, 0,
	 {'K', 'A', 'M'}, 10, 2400, 10},
	{"landis", "Landis+Gyr E450 in block transfer, two keys", body_landis, BUILD_BLOCKS, 0x30, 119,
	 {'L', 'G', 'Z'}, 5, 2400, 11},
	{"wien", "Iskra AM550 of Wiener Netze", body_wien, BUILD_HDLC, 0x20, 0,
	 {'I', 'S', 'K'}, 1, 9600, 10},
	{"iskra", "Iskra AM550 in Switzerland, segmented, not ciphered", body_vse, BUILD_HDLC_SEGMENTS,
	 0, 151, {'I', 'S', 'K'}, 5, 115200, 10},
	{"aidon", "Aidon 6534 in Norway, not ciphered", body_aidon, BUILD_HDLC, 0, 0,
	 {'A', 'I', 'D'}, 10, 2400, 11},
	{"kaifa", "Kaifa MA304 in Norway, not ciphered", body_kaifa, BUILD_HDLC, 0, 0,
	 {'K', 'F', 'M'}, 10, 2400, 11},
	{"p1", "Sagemcom T210-D-r: encrypted P1, two keys", body_p1, BUILD_BARE, 0x30, 0,
	 {'S', 'A', 'G'}, 10, 115200, 10},
};
/* clang-format on */
const size_t meter_model_count = sizeof meter_models / sizeof meter_models[0];

const struct meter_model *meter_model_find(const char *name)
{
	for (size_t i = 0; i < meter_model_count; i++)
		if (!strcmp(meter_models[i].name, name))
			return &meter_models[i];
	return NULL;
}
