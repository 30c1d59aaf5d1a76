#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "balance/prices_reader.h"
#include "base/error.h"

enum { DEPTH = 12, ROLES = PRICE_UNIT + 1 };

/* The members of an object by their roles. */
struct price_members {
	json_t *found[ROLES];
	const char *keys[ROLES];
	int rank[ROLES];
	struct price_unit unit;
};

static struct csv_text text_of(const char *text)
{
	return (struct csv_text){text, strlen(text)};
}

/* A number of JSON as text; nine decimals are as many as a price keeps. */
static struct csv_text scalar(const json_t *value, char buffer[64])
{
	if (json_is_string(value))
		return (struct csv_text){json_string_value(value), json_string_length(value)};
	*buffer = '\0';
	if (json_is_integer(value))
		snprintf(buffer, 64, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(buffer, 64, "%.9f", json_real_value(value));
	return text_of(buffer);
}

static bool is_scalar(const json_t *value)
{
	return json_is_string(value) || json_is_number(value) || json_is_null(value);
}

static void take_members(struct price_members *m, json_t *object, const struct price_unit *unit)
{
	const char *key;
	json_t *value;

	*m = (struct price_members){.unit = *unit};
	json_object_foreach(object, key, value)
	{
		struct price_name name = price_name(text_of(key));

		if (name.role == PRICE_UNIT && json_is_string(value))
			price_unit_add(&m->unit, text_of(json_string_value(value)));
		if (m->found[name.role] && name.rank <= m->rank[name.role])
			continue;
		m->found[name.role] = value;
		m->keys[name.role] = key;
		m->rank[name.role] = name.rank;
	}
	if (!m->found[PRICE_START]) {
		m->found[PRICE_START] = m->found[PRICE_DAY];
		m->keys[PRICE_START] = m->keys[PRICE_DAY];
	}
}

static int take_slot(struct prices_reader *r, const struct price_members *m, const json_t *start,
                     const json_t *end, const json_t *price)
{
	const struct zone *zone = r->zone;
	struct price_unit unit = m->unit;
	struct price_span span;
	char buffer[64];
	int64_t value;
	bool known;
	int error;

	price_unit_add(&unit, text_of(m->keys[PRICE_VALUE]));
	r->zone = price_zone(text_of(m->keys[PRICE_START]), zone);
	error = price_times(r, scalar(start, buffer), &span);
	if (!error && end && is_scalar(end) && !json_is_null(end))
		error = price_end_time(r, scalar(end, buffer), &span);
	r->zone = zone;
	if (!error)
		error = price_value(r, scalar(price, buffer), &unit, &value, &known);
	if (error)
		return error;
	if (!known) {
		r->out->unknown += span.start != INSTANT_NONE;
		return 0;
	}
	price_unit_of_list(r, &unit);
	return price_add(r, &span, value);
}

/* Two lists side by side. */
static int take_lists(struct prices_reader *r, const struct price_members *m)
{
	const json_t *starts = m->found[PRICE_START], *prices = m->found[PRICE_VALUE];
	int error = 0;

	for (size_t i = 0; !error && i < json_array_size(starts) && i < json_array_size(prices);
	     i++) {
		snprintf(r->where, sizeof r->where, "%.40s[%zu]", m->keys[PRICE_VALUE], i);
		error = take_slot(r, m, json_array_get(starts, i), NULL, json_array_get(prices, i));
	}
	return error;
}

static int walk(struct prices_reader *r, json_t *value, const struct price_unit *unit,
                const char *key, int depth);

static int take_object(struct prices_reader *r, json_t *object, const struct price_unit *unit,
                       int depth)
{
	struct price_members m;
	const char *key;
	json_t *value;
	int error = 0;

	take_members(&m, object, unit);
	if (m.found[PRICE_START] && m.found[PRICE_VALUE]) {
		if (is_scalar(m.found[PRICE_START]) && is_scalar(m.found[PRICE_VALUE]))
			return take_slot(r, &m, m.found[PRICE_START], m.found[PRICE_END],
			                 m.found[PRICE_VALUE]);
		if (json_is_array(m.found[PRICE_START]) && json_is_array(m.found[PRICE_VALUE]))
			return take_lists(r, &m);
	}
	json_object_foreach(object, key, value)
	{
		if (!error)
			error = walk(r, value, &m.unit, key, depth + 1);
	}
	return error;
}

static int walk(struct prices_reader *r, json_t *value, const struct price_unit *unit,
                const char *key, int depth)
{
	int error = 0;

	if (depth > DEPTH)
		return 0;
	if (json_is_object(value))
		return take_object(r, value, unit, depth);
	for (size_t i = 0; !error && i < json_array_size(value); i++) {
		snprintf(r->where, sizeof r->where, "%.40s[%zu]", key, i);
		error = walk(r, json_array_get(value, i), unit, key, depth + 1);
	}
	return error;
}

int prices_json(struct prices_reader *r, struct csv_text text)
{
	const struct price_unit unit = {0};
	json_error_t problem;
	json_t *all = json_loadb(text.data, text.length, 0, &problem);
	int error;

	if (!all) {
		snprintf(r->why, PRICES_WHY, "line %d: %.120s", problem.line, problem.text);
		return EM_SYNTAX;
	}
	error = walk(r, all, &unit, "", 0);
	json_decref(all);
	if (!error && !r->count) {
		snprintf(r->why, PRICES_WHY,
		         "no prices in it: objects with a start and a price are expected, as "
		         "{\"startsAt\": ..., \"total\": ...}");
		error = EM_SYNTAX;
	}
	return error;
}
