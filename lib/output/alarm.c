#include "output/alarm.h"

#include <stdlib.h>

#include "base/error.h"
#include "output/device.h"

enum { DEVICES_LIMIT = 1000 }; /* further devices share the state of the last one */

enum comparison { GREATER, AT_LEAST, LESS, AT_MOST, EQUAL, DIFFERENT };

struct alarm_device {
	struct text key;
	bool holds;
};

struct alarm {
	const char *text, *operand;
	size_t name_length;
	enum comparison comparison;
	bool number;
	struct decimal limit;
	struct alarm_device *devices;
	size_t count;
	struct text key; /* of the present record */
};

static const struct {
	const char *sign;
	enum comparison comparison;
} signs[] = {{">=", AT_LEAST}, {"<=", AT_MOST}, {"==", EQUAL}, {"!=", DIFFERENT},
             {">", GREATER},   {"<", LESS},     {"=", EQUAL}};

static int parse(struct alarm *a, const char *text)
{
	size_t length = strcspn(text, "<>=! \t"), i;
	const char *p = text + length;

	a->text = text;
	a->name_length = length;
	p += strspn(p, " \t");
	for (i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (!strncmp(p, signs[i].sign, strlen(signs[i].sign)))
			break;
	if (length == 0 || i == sizeof signs / sizeof signs[0])
		return EM_SYNTAX;
	a->comparison = signs[i].comparison;
	p += strlen(signs[i].sign);
	p += strspn(p, " \t");
	a->operand = p;
	a->number = decimal_parse(&a->limit, p, strlen(p)) == 0;
	if (*p == '\0' || strpbrk(p, "<>=!"))
		return EM_SYNTAX;
	return a->number || a->comparison == EQUAL || a->comparison == DIFFERENT ? 0 : EM_SYNTAX;
}

int alarm_new(struct alarm **out, const char *text)
{
	struct alarm *a = calloc(1, sizeof *a);
	int error = a ? parse(a, text) : EM_NO_MEMORY;

	if (error) {
		free(a);
		a = NULL;
	}
	*out = a;
	return error;
}

void alarm_free(struct alarm *alarm)
{
	if (!alarm)
		return;
	for (size_t i = 0; i < alarm->count; i++)
		text_free(&alarm->devices[i].key);
	text_free(&alarm->key);
	free(alarm->devices);
	free(alarm);
}

const char *alarm_text(const struct alarm *alarm)
{
	return alarm->text;
}

static struct alarm_device *device_of(struct alarm *a, const struct record *r)
{
	struct alarm_device *devices;

	a->key.length = 0;
	device_key(&a->key, r);
	for (size_t i = 0; i < a->count; i++)
		if (a->devices[i].key.length == a->key.length &&
		    !memcmp(a->devices[i].key.data, a->key.data, a->key.length))
			return &a->devices[i];
	if (a->count == DEVICES_LIMIT)
		return &a->devices[a->count - 1];
	devices = realloc(a->devices, (a->count + 1) * sizeof *devices);
	if (!devices)
		return NULL;
	a->devices = devices;
	if (a->key.failed)
		return NULL;
	devices[a->count] = (struct alarm_device){0};
	text_add(&devices[a->count].key, a->key.data, a->key.length);
	if (devices[a->count].key.failed)
		return NULL;
	return &devices[a->count++];
}

/* Sets *order to <0, 0 or >0; false when the two can't be compared. */
static bool compare(const struct alarm *a, const struct value *v, int *order)
{
	double number, limit = a->number ? decimal_double(a->limit) : 0;
	size_t length = strlen(a->operand);
	const char *word;

	switch (v->kind) {
	case VALUE_DECIMAL:
		*order = a->number ? decimal_compare(v->as.decimal, a->limit) : 0;
		return a->number;
	case VALUE_FLOAT32:
	case VALUE_FLOAT64:
		if (!a->number || !value_number(v, &number))
			return false;
		*order = (number > limit) - (number < limit);
		return true;
	case VALUE_TEXT:
		*order = length != v->as.text.length ||
		         memcmp(a->operand, v->as.text.data, length) != 0;
		return a->comparison == EQUAL || a->comparison == DIFFERENT;
	case VALUE_BOOL:
		word = v->as.flag ? "true" : "false";
		*order = strcmp(word, a->operand) != 0;
		return a->comparison == EQUAL || a->comparison == DIFFERENT;
	default: return false;
	}
}

static bool holds(enum comparison comparison, int order)
{
	switch (comparison) {
	case GREATER: return order > 0;
	case AT_LEAST: return order >= 0;
	case LESS: return order < 0;
	case AT_MOST: return order <= 0;
	case EQUAL: return order == 0;
	default: return order != 0;
	}
}

int alarm_begins(struct alarm *a, const struct record *r)
{
	const struct value *end = r->values + r->count, *v = r->values;
	struct alarm_device *device;
	bool before;
	int order;

	while (v < end && !(v->name && v->name_length == a->name_length &&
	                    !memcmp(v->name, a->text, a->name_length)))
		v = value_next(r, v);
	if (v >= end || !compare(a, v, &order))
		return 0;
	device = device_of(a, r);
	if (!device)
		return EM_NO_MEMORY;
	before = device->holds;
	device->holds = holds(a->comparison, order);
	return device->holds && !before;
}
