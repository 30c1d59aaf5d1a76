#include "cmd/balance/sets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"

static int no_memory(void)
{
	return say_failure("parameter sets", EM_NO_MEMORY);
}

static int add(struct balance_sets *sets, const char *name,
               const struct simulation_settings *settings)
{
	struct balance_set **items, *set;

	if (sets->count == SETS_LIMIT)
		return say_usage("more than %d parameter sets", SETS_LIMIT);
	items = realloc(sets->items, (sets->count + 1) * sizeof(struct balance_set *));
	if (!items)
		return no_memory();
	sets->items = items;
	set = calloc(1, sizeof *set);
	if (!set)
		return no_memory();
	items[sets->count++] = set;
	if (name && !(set->name = strdup(name)))
		return no_memory();
	set->sim.settings = *settings;
	return EXIT_OK;
}

static struct balance_rules rules_of(const struct simulation_settings *s)
{
	bool firmware = s->quirks && s->algorithm == ALGORITHM_THRESHOLD;

	return balance_rules_of(s->algorithm, firmware ? 0 : s->fuse.rated);
}

/* Whether the word at `text` names an algorithm. */
static bool names_algorithm(const char *text, size_t length, enum balance_algorithm *out)
{
	for (unsigned i = 0; balance_algorithm_names[i]; i++) {
		if (strlen(balance_algorithm_names[i]) != length ||
		    strncmp(balance_algorithm_names[i], text, length))
			continue;
		*out = (enum balance_algorithm)i;
		return true;
	}
	return false;
}

/* The settings among the words of a set, over those of --set. */
static int compare_words(const struct balance_sets *sets, const char *text,
                         struct simulation_settings *s)
{
	const struct balance_rules rules = rules_of(s);
	int status = balance_settings_for(sets->options, &rules, &s->balance);

	for (const char *p = text; p && !status;) {
		size_t length = strcspn(p, ",");
		enum balance_algorithm named;
		char word[128];

		if (length >= sizeof word)
			return say_usage("--compare: '%s' is too long", p);
		memcpy(word, p, length);
		word[length] = '\0';
		if (!names_algorithm(p, length, &named))
			status = balance_set(&s->balance, &rules, "compare", word);
		p = p[length] ? p + length + 1 : NULL;
	}
	return status ? status : balance_agree(&s->balance, &rules, text);
}

/* Parses an algorithm, settings or both, as `headroom,margin=1,quiet_wait=60`. */
static int compare_set(struct balance_sets *sets, const char *text)
{
	struct simulation_settings s = sets->base;
	int status;

	for (const char *p = text; *p;) {
		size_t length = strcspn(p, ",");

		names_algorithm(p, length, &s.algorithm);
		p += length + (p[length] == ',');
	}
	status = compare_words(sets, text, &s);
	return status ? status : add(sets, text, &s);
}

/* NAME=A..B/STEP in the units of the setting */
struct range {
	const struct balance_setting *row;
	int32_t from, to, step; /* step: above 0 */
};

static int number(const char **p, const struct range *r, int32_t *out)
{
	struct decimal value;
	int64_t n;
	const char *end = strstr(*p, "..");
	size_t length = strcspn(*p, "/");

	if (end && (size_t)(end - *p) < length)
		length = (size_t)(end - *p);
	if (decimal_parse(&value, *p, length) ||
	    decimal_scaled(value, r->row->scale == 1000 ? -3 : 0, &n) || n < r->row->least ||
	    n > r->row->most)
		return EM_RANGE;
	*out = (int32_t)n;
	*p += length;
	return 0;
}

/* Parses A..B[/STEP] after the equals sign; false when it is malformed. */
static bool parse_span(struct range *r, const char *p)
{
	if (number(&p, r, &r->from) || strncmp(p, "..", 2))
		return false;
	p += 2;
	if (number(&p, r, &r->to) || r->to < r->from)
		return false;
	if (*p == '/') {
		p++;
		if (number(&p, r, &r->step))
			return false;
	}
	return !*p && r->step > 0;
}

/* A range of a setting that the algorithm uses, below the fuse. */
static int judge_range(const struct range *r, const struct balance_rules *rules)
{
	struct balance_settings highest = balance_defaults();
	char name[64];

	snprintf(name, sizeof name, "%s=%.15g", r->row->name, (double)r->to / r->row->scale);
	return balance_set(&highest, rules, "sweep", name);
}

static int parse_range(struct range *r, const struct balance_rules *rules, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t name = strcspn(text, "=");

	*r = (struct range){.row = balance_setting_named(text, name)};
	if (!r->row)
		return say_not_offered("sweep", "setting", text, balance_offer_settings);
	r->step = r->row->scale;
	if (!equals || !parse_span(r, equals + 1))
		return say_usage(
			"--sweep: '%s' is not NAME=A..B[/STEP] within the setting's bounds", text);
	return judge_range(r, rules);
}

static size_t values_of(const struct range *r)
{
	return r->step > 0 ? (size_t)((r->to - r->from) / r->step) + 1 : 1;
}

/* The n-th corner of the grid; one whose settings contradict each other is left out. */
static int sweep_set(struct balance_sets *sets, const struct simulation_settings *base,
                     const struct range *ranges, size_t count, size_t n)
{
	const struct balance_rules rules = rules_of(base);
	struct simulation_settings s = *base;
	const struct balance_setting *other;
	struct text name = {0};
	int status = EXIT_OK;

	for (size_t i = 0; i < count; i++) {
		size_t values = values_of(&ranges[i]);
		int32_t value = ranges[i].from + (int32_t)(n % values) * ranges[i].step;

		n /= values;
		*balance_setting_at(&s.balance, ranges[i].row) = value;
		balance_setting_bind(&s.balance, ranges[i].row, &rules, NULL);
		text_printf(&name, "%s%s=%.15g", i ? "," : "", ranges[i].row->name,
		            (double)value / ranges[i].row->scale);
	}
	if (balance_contradiction(&s.balance, &rules, &other))
		sets->contradictory++;
	else
		status = add(sets, text_string(&name), &s);
	text_free(&name);
	return status;
}

static int say_contradictory(const struct balance_sets *sets, size_t total)
{
	if (sets->contradictory == total)
		return say_usage("--sweep: in all sets lower_limit is above upper_limit, or "
		                 "upper_limit above alarm_limit");
	if (sets->contradictory)
		say_warning("--sweep: %zu of %zu sets contradict themselves and are left out",
		            sets->contradictory, total);
	return EXIT_OK;
}

static int sweep(struct balance_sets *sets, const struct option_list *list)
{
	const struct balance_rules rules = rules_of(&sets->base);
	struct simulation_settings base = sets->base;
	struct range ranges[8];
	size_t total = 1;
	int status = balance_settings_for(sets->options, &rules, &base.balance);

	if (list->count > sizeof ranges / sizeof *ranges)
		return say_usage("more than 8 times --sweep");
	for (size_t i = 0; i < list->count && !status; i++) {
		status = parse_range(&ranges[i], &rules, list->items[i]);
		if (status)
			break;
		total *= values_of(&ranges[i]);
		if (total > SETS_LIMIT)
			return say_usage("--sweep: more than %d parameter sets", SETS_LIMIT);
	}
	for (size_t n = 0; n < total && !status; n++)
		status = sweep_set(sets, &base, ranges, list->count, n);
	return status ? status : say_contradictory(sets, total);
}

/* The only set. */
static int single_set(struct balance_sets *sets)
{
	const struct balance_rules rules = rules_of(&sets->base);
	struct simulation_settings s = sets->base;
	int status = balance_settings_for(sets->options, &rules, &s.balance);

	if (!status)
		status = balance_agree(&s.balance, &rules, NULL);
	return status ? status : add(sets, NULL, &s);
}

/* What --set says must concern one of the sets. */
static int judge_shared(const struct balance_sets *sets)
{
	struct balance_rules rules[2];
	size_t count = 0;

	for (size_t i = 0; i < sets->count && count < 2; i++) {
		struct balance_rules own = rules_of(&sets->items[i]->sim.settings);

		if (!count || rules[0].users != own.users)
			rules[count++] = own;
	}
	return balance_shared(sets->options, rules, count);
}

int balance_sets_make(struct balance_sets *sets, const struct option_list *compare,
                      const struct option_list *sweeps)
{
	int status = EXIT_OK;

	for (size_t i = 0; i < compare->count && !status; i++)
		status = compare_set(sets, compare->items[i]);
	if (!status && sweeps->count)
		status = sweep(sets, sweeps);
	if (!status && sets->count == 0)
		status = single_set(sets);
	return status ? status : judge_shared(sets);
}

/* Whether a is at least as good as b in every respect, and better in one. */
static bool beats(const struct simulation *a, const struct simulation *b)
{
	int64_t gain[] = {a->car.energy - b->car.energy,
	                  b->totals.seconds_over - a->totals.seconds_over,
	                  (int64_t)b->car.pauses - a->car.pauses,
	                  b->totals.setpoint_changes - a->totals.setpoint_changes};
	bool better = false;

	for (size_t i = 0; i < sizeof gain / sizeof *gain; i++) {
		if (gain[i] < 0)
			return false;
		better = better || gain[i] > 0;
	}
	return better;
}

static int order(const void *x, const void *y)
{
	const struct balance_set *a = *(struct balance_set *const *)x,
				 *b = *(struct balance_set *const *)y;
	int verdict = (int)simulation_verdict(&a->sim) - (int)simulation_verdict(&b->sim);

	if (verdict)
		return verdict;
	if (a->front != b->front)
		return a->front ? -1 : 1;
	if (a->sim.car.energy != b->sim.car.energy)
		return a->sim.car.energy > b->sim.car.energy ? -1 : 1;
	return strcmp(a->name, b->name);
}

void balance_sets_rank(struct balance_sets *sets)
{
	for (size_t i = 0; i < sets->count; i++) {
		sets->items[i]->front = true;
		for (size_t j = 0; j < sets->count; j++)
			if (beats(&sets->items[j]->sim, &sets->items[i]->sim))
				sets->items[i]->front = false;
	}
	qsort(sets->items, sets->count, sizeof(struct balance_set *), order);
}

void balance_sets_free(struct balance_sets *sets)
{
	for (size_t i = 0; i < sets->count; i++) {
		free(sets->items[i]->name);
		free(sets->items[i]->series);
		free(sets->items[i]);
	}
	free(sets->items);
}
