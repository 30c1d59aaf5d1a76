#include "balance/faults.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"

#define LATEST (INT64_C(1) << 40) /* s */

#define FAULT(name, value, form, field, exponent, most) ", " name "=" value
static const char forms[] =
#include "balance/faults.def"
	;
#undef FAULT

const char *const fault_forms = forms + 2; /* behind the first comma */

/* FORM_SPAN: FROM+FOR; FORM_MOMENT: AT; FORM_WRITE: AT:A; FORM_ORDER: a permutation of 123 */
enum fault_form {
	FORM_NUMBER,
	FORM_FACTOR,
	FORM_SEED,
	FORM_SPAN,
	FORM_MOMENT,
	FORM_WRITE,
	FORM_ORDER
};

static const struct {
	const char *name;
	enum fault_form form;
	size_t offset;
	int exponent; /* of a number's unit */
	int32_t most;
} rows[] = {
#define FAULT(name, value, form, field, exponent, most) \
	{name, form, offsetof(struct simulation_faults, field), exponent, most},
#include "balance/faults.def"
#undef FAULT
};

static int number(const char *text, size_t length, int exponent, int64_t most, int64_t *out)
{
	struct decimal d;

	if (decimal_parse(&d, text, length) || decimal_scaled(d, exponent, out))
		return EM_SYNTAX;
	return *out < 0 || *out > most ? EM_RANGE : 0;
}

static int span(struct fault_span *out, const char *text)
{
	size_t from = strcspn(text, "+");
	struct fault_span s;
	int error;

	if (!text[from])
		return EM_SYNTAX;
	error = number(text, from, 0, LATEST, &s.from);
	if (!error)
		error = number(text + from + 1, strlen(text + from + 1), 0, LATEST, &s.seconds);
	if (!error && s.seconds == 0)
		error = EM_RANGE;
	if (!error)
		*out = s;
	return error;
}

static int moment(struct fault_span *out, const char *text, size_t length)
{
	int64_t at;
	int error = number(text, length, 0, LATEST, &at);

	if (!error)
		*out = (struct fault_span){at, 1};
	return error;
}

static int write_at(struct simulation_faults *f, const char *text)
{
	size_t at = strcspn(text, ":");
	int64_t limit;
	int error;

	if (!text[at])
		return EM_SYNTAX;
	error = number(text + at + 1, strlen(text + at + 1), -3, 63000, &limit);
	if (!error)
		error = moment(&f->master, text, at);
	if (!error)
		f->master_limit = (int32_t)limit;
	return error;
}

static int order(int32_t *out, const char *text)
{
	if (strlen(text) != BALANCE_PHASES)
		return EM_SYNTAX;
	for (const char *phase = "123"; *phase; phase++)
		if (!strchr(text, *phase))
			return EM_RANGE;
	*out = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
	return 0;
}

static int seed(uint64_t *out, const char *text)
{
	int64_t n;
	int error = number(text, strlen(text), 0, INT64_MAX, &n);

	if (!error)
		*out = (uint64_t)n;
	return error;
}

static int parse_row(struct simulation_faults *f, size_t row, const char *value)
{
	char *field = (char *)f + rows[row].offset;
	int64_t n;
	int error;

	switch (rows[row].form) {
	case FORM_SPAN: return span((struct fault_span *)(void *)field, value);
	case FORM_MOMENT: return moment((struct fault_span *)(void *)field, value, strlen(value));
	case FORM_WRITE: return write_at(f, value);
	case FORM_ORDER: return order((int32_t *)(void *)field, value);
	case FORM_SEED: return seed((uint64_t *)(void *)field, value);
	case FORM_FACTOR:
	case FORM_NUMBER: break;
	}
	error = number(value, strlen(value), rows[row].exponent, rows[row].most, &n);
	if (error)
		return error;
	*(int32_t *)(void *)field = (int32_t)n;
	f->scaled = f->scaled || rows[row].form == FORM_FACTOR;
	return 0;
}

int fault_parse(struct simulation_faults *f, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].name, name))
			return parse_row(f, i, value);
	return EM_UNKNOWN;
}

const char *fault_name(size_t index)
{
	return index < sizeof rows / sizeof *rows ? rows[index].name : NULL;
}

double fault_most(size_t index)
{
	static const double units[] = {1, 10, 100, 1000}; /* by the negative exponent */

	return index < sizeof rows / sizeof *rows ? rows[index].most / units[-rows[index].exponent]
	                                          : 0;
}

bool faults_change(const struct simulation_faults *f)
{
	return f->lost || f->silent.seconds || f->frozen.seconds || f->lag || f->dead.seconds ||
	       f->disobey.seconds || f->reboot.seconds || f->master.seconds || f->car_lag;
}

int fault_phase(const struct simulation_faults *f, int phase)
{
	static const int32_t places[BALANCE_PHASES] = {100, 10, 1};

	return f->order ? f->order / places[phase] % 10 - 1 : phase;
}
