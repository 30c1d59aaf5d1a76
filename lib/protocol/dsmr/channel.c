/* M-Bus channels: meters for gas, water and heat that the electricity meter passes on. */
#include <string.h>

#include "base/decimal.h"
#include "protocol/dsmr/parts.h"

static const char *const kind_names[] = {
	[KIND_UNKNOWN] = "unknown", [KIND_ELECTRICITY] = "electricity", [KIND_GAS] = "gas",
	[KIND_HEAT] = "heat",       [KIND_HOT_WATER] = "hot_water",     [KIND_WATER] = "water",
	[KIND_COOLING] = "cooling"};

/* Device types of EN 13757-3. */
static enum channel_kind kind_of(struct span text)
{
	uint32_t type;

	if (text.size > 3 || decimal_whole(&type, (const char *)text.data, text.size, 999))
		return KIND_UNKNOWN;
	switch (type) {
	case 2: return KIND_ELECTRICITY;
	case 3: return KIND_GAS;
	case 4:
	case 12:
	case 13: return KIND_HEAT;
	case 6: return KIND_HOT_WATER;
	case 7: return KIND_WATER;
	case 10:
	case 11: return KIND_COOLING;
	default: return KIND_UNKNOWN;
	}
}

/* The groups of one reading. */
struct printed {
	struct span time, value, unit; /* unit: of the old profile, else empty */
	size_t count;
};

/*
 * (time)(value*unit), or (time)(status)(period)(n)(code)(unit)(value) of DSMR 2 and 3; the last
 * group is the value.
 */
static struct printed split_reading(const struct dsmr_line *line)
{
	struct span rest = line->groups, group;
	struct printed p = {0};

	for (; next_group(&rest, &group); p.count++) {
		if (p.count == 0)
			p.time = group;
		if (p.count == 5)
			p.unit = group;
		p.value = group;
		if (p.count == 6) {
			p.count++;
			break;
		}
	}
	return p;
}

static void channel_value(struct dsmr *d, struct channel *c, const struct dsmr_line *line,
                          bool profile)
{
	struct printed p = split_reading(line);
	struct dsmr_reading reading = read_number(p.value);
	int shift = 0;

	c->has_reading = true;
	c->obis = (struct span){line->code.data, line->printed};
	c->is_gas = profile;
	if (profile && reading.valid && !reading.unit && read_unit(p.unit, &reading.unit, &shift))
		reading.value = decimal_shift(reading.value, shift);
	if (p.count > 1)
		c->time = read_stamp(p.time);
	if ((p.count > 1 && never_read(p.time)) || (profile && p.count < 7))
		c->time.month = 0;
	c->has_time = stamp_valid(&c->time);
	c->has_value = c->has_time && reading.valid && reading.unit;
	c->value = reading.value;
	c->unit = reading.unit;
	if (c->has_value || p.value.size == 0 || never_read(p.time))
		return;
	/* Meters print a bare zero before the first reading. */
	if (!reading.valid || (p.count > 1 && !c->has_time) || reading.value.digits)
		dsmr_error(d, line->whole);
}

bool channel_line(struct dsmr *d, const struct dsmr_line *line, uint64_t code)
{
	struct channel *c = &d->channel[OBIS_B(code) - 1];
	struct span rest = line->groups, first;
	uint32_t what = OBIS_REST(code);

	if (OBIS_C(code) == 96 && ((what >> 8 & 0xFF) == 7 || what == OBIS_CDE(96, 3, 10)))
		return false;
	if (!(d->channels >> (OBIS_B(code) - 1) & 1)) {
		*c = (struct channel){.used = true};
		d->channels |= 1u << (OBIS_B(code) - 1);
	}
	next_group(&rest, &first);
	if (what == OBIS_CDE(24, 1, 0) && !c->has_kind) {
		c->has_kind = true;
		c->kind = kind_of(first);
	} else if (what == OBIS_CDE(24, 4, 0) && !c->has_valve) {
		c->has_valve = true;
		c->valve = first;
	} else if ((what == OBIS_CDE(96, 1, 0) || what == OBIS_CDE(96, 1, 1)) && !c->has_id) {
		c->has_id = true;
		c->id = first;
	} else if (what == OBIS_CDE(96, 1, 2) && !c->has_ean) {
		c->has_ean = true;
		c->ean = first;
	} else if ((what == OBIS_CDE(24, 2, 1) || what == OBIS_CDE(24, 2, 3) ||
	            what == OBIS_CDE(24, 3, 0)) &&
	           !c->has_reading) {
		channel_value(d, c, line, what == OBIS_CDE(24, 3, 0));
		c->is_gas |= what == OBIS_CDE(24, 2, 3);
	} else {
		return false;
	}
	return true;
}

bool channel_merge(struct dsmr *d, unsigned number, const struct channel *part)
{
	struct channel *c = &d->channel[number - 1];

	if (!(d->channels >> (number - 1) & 1)) {
		*c = *part;
		d->channels |= 1u << (number - 1);
		return true;
	}
	if ((c->has_kind && part->has_kind) || (c->has_id && part->has_id) ||
	    (c->has_ean && part->has_ean) || (c->has_valve && part->has_valve) ||
	    (c->has_reading && part->has_reading))
		return false;
	if (part->has_kind) {
		c->has_kind = true;
		c->kind = part->kind;
	} else if (part->has_id) {
		c->has_id = true;
		c->id = part->id;
		c->id_text = part->id_text;
	} else if (part->has_ean) {
		c->has_ean = true;
		c->ean = part->ean;
	} else if (part->has_valve) {
		c->has_valve = true;
		c->valve = part->valve;
	} else if (part->has_reading) {
		c->has_reading = true;
		c->has_time = part->has_time;
		c->has_value = part->has_value;
		c->is_gas = part->is_gas;
		c->obis = part->obis;
		c->time = part->time;
		c->value = part->value;
		c->unit = part->unit;
	}
	return true;
}

static void add_channel(struct record *r, int number, struct channel *c)
{
	struct decimal valve;

	record_object(r, NULL);
	record_int(r, "channel", number);
	if (c->kind == KIND_UNKNOWN && c->is_gas && c->unit && !strcmp(c->unit, "m3"))
		c->kind = KIND_GAS; /* codes that only gas meters have */
	record_word(r, "kind", kind_names[c->kind]);
	if (c->has_id && c->id_text.size)
		record_text(r, "id", (const char *)c->id_text.data, c->id_text.size);
	else if (c->has_id)
		add_text(r, "id", c->id);
	if (c->has_ean)
		add_text(r, "ean", c->ean);
	if (c->has_reading) {
		record_time(r, "time", &c->time);
		if (c->has_value) {
			record_decimal(r, "value", NULL, c->value);
			record_word(r, "unit", c->unit);
		} else {
			record_null(r, "value");
			record_null(r, "unit");
		}
	}
	if (c->has_valve && !decimal_parse(&valve, (const char *)c->valve.data, c->valve.size) &&
	    !valve.exponent && !valve.negative)
		record_decimal(r, "valve", NULL, valve);
	else if (c->has_valve)
		record_null(r, "valve");
	record_end(r);
}

/* The channel of a kind with the newest valid reading; NULL if there is none. */
static const struct channel *newest(const struct dsmr *d, enum channel_kind kind, const char *unit)
{
	const struct channel *best = NULL;
	instant latest = 0;

	for (int i = 0; d->channels >> i; i++) {
		const struct channel *c = &d->channel[i];
		instant time;

		if (kind == KIND_GAS && d->gas_channel ? i + 1 != d->gas_channel : c->kind != kind)
			continue;
		if (!(d->channels >> i & 1) || !c->has_value || strcmp(c->unit, unit))
			continue;
		time = stamp_instant(&c->time);
		if (!best || time > latest) {
			best = c;
			latest = time;
		}
	}
	return best;
}

static void add_newest(struct dsmr *d, enum channel_kind kind, const char *name, const char *time,
                       const char *unit)
{
	const struct channel *c = newest(d, kind, unit);
	struct value *v;

	if (!c)
		return;
	v = record_decimal(d->record, name, unit, c->value);
	v->obis = (const char *)c->obis.data;
	v->obis_length = (uint8_t)c->obis.size;
	record_time(d->record, time, &c->time);
}

void add_channels(struct dsmr *d)
{
	if (!d->channels)
		return;
	record_list(d->record, "channels");
	for (int i = 0; i < CHANNELS; i++)
		if (d->channels >> i & 1)
			add_channel(d->record, i + 1, &d->channel[i]);
	record_end(d->record);
	add_newest(d, KIND_GAS, "gas", "gas_time", "m3");
	add_newest(d, KIND_WATER, "water", "water_time", "m3");
	add_newest(d, KIND_HEAT, "heat", "heat_time", "J");
}
