#include "balance/settings.h"

#include <string.h>

#include "balance/balancer.h"
#include "balance/solar.h"
#include "base/error.h"

/* clang-format off */
#define AT(field) .offset = offsetof(struct balance_settings, field)
#define CURRENT(number, field, label, who, limit, lower_than, text) \
	{.name = label, .unit = "A", .meaning = text, .below = lower_than, .reg = number, \
	 .scale = 1000, .most = MOST, .users = who, .bound = limit, AT(field)}
#define WAIT(number, field, who, text) \
	{.name = #field, .unit = "s", .meaning = text, .reg = number, .scale = 1, .most = 254, \
	 .users = who, AT(field)}
#define LONG_WAIT(field, text) \
	{.name = #field, .unit = "s", .meaning = text, .scale = 1, .most = 3600, \
	 .users = HEADROOM, AT(field)}
#define CHOICE(field, names, low, high, of, text) \
	{.name = #field, .unit = of, .meaning = text, .words = names, .scale = 1, .least = low, \
	 .most = high, .users = BOTH, AT(field)}

enum {
	THRESHOLD = 1 << ALGORITHM_THRESHOLD,
	HEADROOM = 1 << ALGORITHM_HEADROOM,
	BOTH = THRESHOLD | HEADROOM,
	MOST = 65535 /* mA, of a register */
};

const struct balance_setting balance_setting_rows[] = {
	CURRENT(1000, override_limit, "override_limit", BOTH, BOUND_CLIPPED, NULL,
	        "cap on the limit from outside"),
	CURRENT(1010, max_current, "max_charger_current", BOTH, BOUND_CLIPPED, NULL,
	        "the most that the charger may be told"),
	{.name = "phases", .meaning = "phases that count; the highest of them decides", .reg = 1011,
	 .scale = 1, .least = 1, .most = 3, .users = BOTH, AT(phases)},
	CURRENT(1012, alarm_limit, "alarm_limit", THRESHOLD, BOUND_REFUSED, NULL,
	        "a grid current above this is an alarm"),
	WAIT(1013, alarm_wait, THRESHOLD, "time in alarm before the limit drops"),
	CURRENT(1014, alarm_step, "alarm_step", THRESHOLD, BOUND_NOT, NULL,
	        "how far the limit drops in alarm"),
	CURRENT(1015, upper_limit, "upper_limit", THRESHOLD, BOUND_REFUSED, "alarm_limit",
	        "a grid current above this is too much"),
	WAIT(1016, upper_wait, THRESHOLD, "time above it before the limit drops"),
	CURRENT(1017, upper_step, "upper_step", THRESHOLD, BOUND_NOT, NULL,
	        "how far the limit drops"),
	CURRENT(1018, lower_limit, "lower_limit", THRESHOLD, BOUND_REFUSED, "upper_limit",
	        "at or below this grid current there is room"),
	WAIT(1019, lower_wait, THRESHOLD, "time with room before the limit rises"),
	CURRENT(1020, lower_step, "lower_step", THRESHOLD, BOUND_NOT, NULL,
	        "how far the limit rises"),
	CURRENT(1021, fallback_limit, "fallback_limit", BOTH, BOUND_REFUSED, NULL,
	        "limit while no meter data come"),
	WAIT(1022, fallback_wait, BOTH, "age at which meter data are too old"),
	CURRENT(0, min_current, "min_current", HEADROOM, BOUND_REFUSED, NULL,
	        "headroom: below this a car pauses"),
	CURRENT(0, margin, "margin", HEADROOM, BOUND_REFUSED, NULL,
	        "headroom: current kept free below the fuse"),
	LONG_WAIT(quiet_wait, "headroom: longest time for which a higher limit must have fitted"),
	LONG_WAIT(ride_wait, "headroom: overload sat out at the minimum before a pause"),
	LONG_WAIT(restart_wait, "headroom: time for which the minimum must have fitted again"),
	CURRENT(0, restart_room, "restart_room", HEADROOM, BOUND_NOT, NULL,
	        "headroom: room above the minimum for a restart"),
	CHOICE(solar, "off|minimum|surplus", 0, SOLAR_SURPLUS, NULL,
	       "charge with what would be exported"),
	CHOICE(solar_run, NULL, 0, 3600, "s", "solar: time that charging lasts at least"),
	CHOICE(solar_pause, NULL, 0, 3600, "s", "solar: time that a pause lasts at least"),
	CHOICE(peak, "off|auto", 0, 1000000, "W", "the most imported in the mean of a quarter hour"),
	CHOICE(peak_minutes, NULL, 15, 60, "min", "period of the peak, 15 or 60 minutes"),
	CHOICE(dim, "off", 0, 1000000, "W", "power of the car that the grid operator leaves"),
	{.name = "unbalance", .unit = "A", .meaning = "most current between two phases", .scale = 1000,
	 .words = "off", .most = MOST, .users = BOTH, AT(unbalance)},
	CHOICE(car_phases, "auto", 0, 3, NULL, "phases that the car uses"),
};
/* clang-format on */

const size_t balance_setting_count = sizeof balance_setting_rows / sizeof *balance_setting_rows;

struct balance_settings balance_defaults(void)
{
	return (struct balance_settings){
		.override_limit = -1,
		.max_current = 16000,
		.phases = 3,
		.alarm_limit = 24000,
		.alarm_wait = 1,
		.alarm_step = 12500,
		.upper_limit = 22000,
		.upper_wait = 5,
		.upper_step = 1000,
		.lower_limit = 19000,
		.lower_wait = 1,
		.lower_step = 1000,
		.fallback_limit = 0,
		.fallback_wait = 30,
		.min_current = 6000,
		.margin = 500,
		.quiet_wait = 120,
		.ride_wait = 90,
		.restart_wait = 180,
		.restart_room = 1000,
		.solar_run = 300,
		.solar_pause = 300,
		.peak_minutes = 15,
	};
}

/* `distance` mA below the fuse: 0 when the fuse is smaller, and within a register. */
static int32_t below(int32_t fuse, int32_t distance)
{
	fuse = fuse < MOST + 1000 ? fuse : MOST + 1000;
	return fuse > distance ? fuse - distance : 0;
}

struct balance_settings balance_defaults_behind(int32_t fuse)
{
	struct balance_settings s = balance_defaults();

	if (!fuse)
		return s;
	s.alarm_limit = below(fuse, 1000);
	s.upper_limit = below(fuse, 3000);
	s.lower_limit = below(fuse, 6000);
	s.max_current = s.max_current < fuse ? s.max_current : fuse;
	return s;
}

const struct balance_setting *balance_setting_named(const char *name, size_t length)
{
	for (size_t i = 0; i < balance_setting_count; i++)
		if (strlen(balance_setting_rows[i].name) == length &&
		    memcmp(balance_setting_rows[i].name, name, length) == 0)
			return &balance_setting_rows[i];
	return NULL;
}

const struct balance_setting *balance_setting_register(unsigned reg)
{
	for (size_t i = 0; reg && i < balance_setting_count; i++)
		if (balance_setting_rows[i].reg == reg)
			return &balance_setting_rows[i];
	return NULL;
}

struct decimal balance_setting_value(const struct balance_settings *s,
                                     const struct balance_setting *row)
{
	struct balance_settings copy = *s;
	int32_t value = *balance_setting_at(&copy, row);

	if (value < 0)
		value = s->max_current; /* only override_limit: it follows the maximum */
	return decimal_i64(value, row->scale == 1000 ? -3 : 0);
}

/* Word number n of "a|b|c"; NULL when there is none. */
static const char *word(const char *words, int32_t n, size_t *length)
{
	for (; words && n > 0; n--) {
		words = strchr(words, '|');
		words = words ? words + 1 : NULL;
	}
	*length = words ? strcspn(words, "|") : 0;
	return words;
}

void balance_setting_text(char out[DECIMAL_TEXT], const struct balance_settings *s,
                          const struct balance_setting *row)
{
	struct balance_settings copy = *s;
	size_t length;
	const char *text = word(row->words, *balance_setting_at(&copy, row), &length);

	if (!text) {
		decimal_format(out, balance_setting_value(s, row));
		return;
	}
	memcpy(out, text, length);
	out[length] = '\0';
}

/* The number of a word, -1: none of them. */
static int32_t numbered(const char *words, const char *text)
{
	size_t length;
	const char *one;

	for (int32_t n = 0; (one = word(words, n, &length)); n++)
		if (strlen(text) == length && !strncmp(one, text, length))
			return n;
	return -1;
}

int balance_setting_parse(struct balance_settings *s, const char *text,
                          const struct balance_setting **row)
{
	const char *equals = strchr(text, '=');
	struct decimal value, back;
	int64_t n;
	int error;

	*row = balance_setting_named(text, equals ? (size_t)(equals - text) : strlen(text));
	if (!*row)
		return EM_UNKNOWN;
	if (!equals)
		return EM_SYNTAX;
	n = numbered((*row)->words, equals + 1);
	if (n >= 0) {
		*balance_setting_at(s, *row) = (int32_t)n;
		return 0;
	}
	error = decimal_parse(&value, equals + 1, strlen(equals + 1));
	if (error)
		return error;
	error = decimal_scaled(value, (*row)->scale == 1000 ? -3 : 0, &n);
	if (error)
		return error;
	back = decimal_i64(n, (*row)->scale == 1000 ? -3 : 0);
	if (decimal_compare(back, value) != 0 || n < (*row)->least || n > (*row)->most)
		return EM_RANGE;
	*balance_setting_at(s, *row) = (int32_t)n;
	return 0;
}

int balance_setting_bind(struct balance_settings *s, const struct balance_setting *row,
                         const struct balance_rules *rules, bool *clipped)
{
	int32_t *value = balance_setting_at(s, row);
	bool above = rules->fuse && row->bound != BOUND_NOT && *value > rules->fuse;

	if (clipped)
		*clipped = above && row->bound == BOUND_CLIPPED;
	if (above && row->bound == BOUND_REFUSED)
		return EM_RANGE;
	if (above)
		*value = rules->fuse;
	return 0;
}

const struct balance_setting *balance_contradiction(const struct balance_settings *s,
                                                    const struct balance_rules *rules,
                                                    const struct balance_setting **other)
{
	struct balance_settings copy = *s;

	for (size_t i = 0; rules->fuse && i < balance_setting_count; i++) {
		const struct balance_setting *row = &balance_setting_rows[i];

		if (!row->below || !balance_setting_used(row, rules))
			continue;
		*other = balance_setting_named(row->below, strlen(row->below));
		if (*other && *balance_setting_at(&copy, row) > *balance_setting_at(&copy, *other))
			return row;
	}
	return NULL;
}
