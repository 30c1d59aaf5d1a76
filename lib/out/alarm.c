#include "out/alarm.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "out/device.h"

struct alarm_state {
	struct alarm_state *next;
	bool on;
	char device[];
};

static const struct {
	const char *sign;
	enum comparison comparison;
} signs[] = {{"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"==", EQUAL}, {"!=", NOT_EQUAL},
             {"<", LESS},        {">", GREATER},        {"=", EQUAL}};

int alarm_parse(struct alarm *a, const char *text)
{
	size_t length = strcspn(text, "<>=! "), i;
	const char *p = text + length;

	*a = (struct alarm){.text = text};
	if (!length || length >= sizeof a->name)
		return EM_SYNTAX;
	memcpy(a->name, text, length);
	p += strspn(p, " ");
	for (i = 0; i < sizeof signs / sizeof *signs; i++)
		if (!strncmp(p, signs[i].sign, strlen(signs[i].sign)))
			break;
	if (i == sizeof signs / sizeof *signs)
		return EM_SYNTAX;
	a->comparison = signs[i].comparison;
	p += strlen(signs[i].sign);
	p += strspn(p, " ");
	if (!*p)
		return EM_SYNTAX;
	if (!decimal_parse(&a->limit, p, strlen(p)))
		return 0;
	a->word = p;
	return a->comparison == EQUAL || a->comparison == NOT_EQUAL ? 0 : EM_SYNTAX;
}

static bool compare(enum comparison c, int order)
{
	switch (c) {
	case LESS: return order < 0;
	case LESS_EQUAL: return order <= 0;
	case EQUAL: return order == 0;
	case NOT_EQUAL: return order != 0;
	case GREATER_EQUAL: return order >= 0;
	default: return order > 0;
	}
}

static bool is_true(const struct alarm *a, const struct value *v)
{
	double number, limit = decimal_double(a->limit);

	if (a->word) {
		struct text text = {0};
		bool equal;

		value_plain(&text, v);
		equal = !strcmp(text_string(&text), a->word);
		text_free(&text);
		return equal == (a->comparison == EQUAL);
	}
	if (v->kind == VALUE_DECIMAL)
		return compare(a->comparison, decimal_compare(v->as.decimal, a->limit));
	return value_number(v, &number) &&
	       compare(a->comparison, number < limit ? -1 : number > limit);
}

static struct alarm_state *find_state(struct alarm *a, const struct record *r)
{
	struct text device = {0};
	struct alarm_state *state = a->devices;

	device_name(&device, r);
	text_char(&device, ' ');
	device_part(&device, r);
	text_string(&device);
	while (state && !device.failed && strcmp(state->device, device.data))
		state = state->next;
	if (!state && !device.failed) {
		state = malloc(sizeof *state + device.length + 1);
		if (state) {
			state->on = false;
			strcpy(state->device, device.data);
			state->next = a->devices;
			a->devices = state;
		}
	}
	text_free(&device);
	return state;
}

bool alarm_fires(struct alarm *a, const struct record *r)
{
	const struct value *v = record_find(r, a->name);
	struct alarm_state *state;
	bool before;

	if (!v || v->kind == VALUE_NULL)
		return false; /* not known: neither true nor false */
	state = find_state(a, r);
	if (!state)
		return false;
	before = state->on;
	state->on = is_true(a, v);
	return state->on && !before;
}

void alarm_free(struct alarm *a)
{
	while (a->devices) {
		struct alarm_state *next = a->devices->next;

		free(a->devices);
		a->devices = next;
	}
}
