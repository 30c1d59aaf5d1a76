/* Which settings a load balancer takes: by its algorithm, by the fuse, and beside each other. */
#include "cmd/balance/balance.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"

int balance_fuse(const struct balance_options *options, struct fuse *fuse)
{
	if (fuse_parse(fuse, options->fuse))
		return say_usage("--fuse: '%s' is not a rating of 1 to 1000 A, as 25, B16 or gG35",
		                 options->fuse);
	return EXIT_OK;
}

enum balance_algorithm balance_algorithm(const struct balance_options *options)
{
	return options->algorithm && !strcmp(options->algorithm, "threshold") ? ALGORITHM_THRESHOLD
	                                                                      : ALGORITHM_HEADROOM;
}

struct balance_rules balance_rules_of(enum balance_algorithm algorithm, int32_t rated)
{
	return (struct balance_rules){(uint8_t)(1U << algorithm), rated};
}

static const char *user_of(const struct balance_setting *row)
{
	unsigned n = 0;

	while (!(row->users & 1U << n))
		n++;
	return balance_algorithm_names[n];
}

/* An option of its own is told without the name of its setting. */
static int say_syntax(const struct balance_setting *row, const char *option, const char *text)
{
	const char *value = strcmp(option, "set") ? strchr(text, '=') : NULL;

	if (row && row->words)
		return say_usage("--%s: '%s' is not a number or one of %s", option,
		                 value ? value + 1 : text, row->words);
	return value && strcmp(option, "compare")
	               ? say_usage("--%s: '%s' is not a number", option, value + 1)
	               : say_usage("--%s: '%s' is not NAME=NUMBER", option, text);
}

static int parse(struct balance_settings *settings, const struct balance_setting **row,
                 const char *option, const char *text)
{
	switch (balance_setting_parse(settings, text, row)) {
	case 0: return EXIT_OK;
	case EM_UNKNOWN:
		return say_not_offered(option, "setting", text,
		                       strcmp(option, "compare") ? balance_offer_settings
		                                                 : balance_offer_sets);
	case EM_SYNTAX: return say_syntax(*row, option, text);
	default:
		return say_usage("--%s: %s is outside %.15g..%.15g%s%s", option, text,
		                 (double)(*row)->least / (*row)->scale,
		                 (double)(*row)->most / (*row)->scale, (*row)->unit ? " " : "",
		                 (*row)->unit ? (*row)->unit : "");
	}
}

static int say_unused(const struct balance_setting *row, const char *option, const char *text)
{
	return say_usage("--%s: %s: only the algorithm %s uses %s", option, text, user_of(row),
	                 row->name);
}

static void say_clipped(const struct balance_rules *rules, const char *option, const char *text)
{
	say_warning("--%s: %s is above the main fuse: %.15g A is the most", option, text,
	            rules->fuse / 1000.0);
}

/* What is shared with other algorithms may be unused here, and balance_shared() tells about it. */
static int take(struct balance_settings *settings, const struct balance_rules *rules,
                const char *option, const char *text, bool shared)
{
	struct balance_settings with = *settings;
	const struct balance_setting *row;
	bool clipped;
	int status = parse(&with, &row, option, text);

	if (status)
		return status;
	if (!balance_setting_used(row, rules))
		return shared ? EXIT_OK : say_unused(row, option, text);
	if (balance_setting_bind(&with, row, rules, &clipped))
		return say_usage("--%s: %s is above the main fuse, --fuse %.15g", option, text,
		                 rules->fuse / 1000.0);
	if (clipped && !shared)
		say_clipped(rules, option, text);
	*settings = with;
	return EXIT_OK;
}

int balance_set(struct balance_settings *settings, const struct balance_rules *rules,
                const char *option, const char *text)
{
	return take(settings, rules, option, text, false);
}

static const struct {
	const char *option, *setting;
	size_t offset;
} own_options[] = {
	{"solar", "solar", offsetof(struct balance_options, solar)},
	{"peak", "peak", offsetof(struct balance_options, peak)},
	{"peak-minutes", "peak_minutes", offsetof(struct balance_options, peak_minutes)},
	{"dim", "dim", offsetof(struct balance_options, dim)},
	{"unbalance", "unbalance", offsetof(struct balance_options, unbalance)},
	{"override", "override_limit", offsetof(struct balance_options, override_limit)},
};

bool balance_given(const struct balance_options *options, size_t n, const char **option,
                   char text[BALANCE_GIVEN])
{
	for (size_t i = 0; i < sizeof own_options / sizeof *own_options; i++) {
		const char *value = *(const char *const *)(const void *)((const char *)options +
		                                                         own_options[i].offset);

		if (!value || n--)
			continue;
		*option = own_options[i].option;
		snprintf(text, BALANCE_GIVEN, "%s=%.96s", own_options[i].setting, value);
		return true;
	}
	if (n >= options->set.count)
		return false;
	*option = "set";
	snprintf(text, BALANCE_GIVEN, "%s", options->set.items[n]);
	return true;
}

int balance_settings_for(const struct balance_options *options, const struct balance_rules *rules,
                         struct balance_settings *settings)
{
	char text[BALANCE_GIVEN];
	const char *option;
	int status = EXIT_OK;

	*settings = balance_defaults_behind(rules->fuse);
	if (options->phases)
		settings->phases = (int32_t)options->phases;
	if (options->phase_order)
		settings->phase_order = atoi(options->phase_order); /* "auto": 0 */
	for (size_t i = 0; !status && balance_given(options, i, &option, text); i++)
		status = take(settings, rules, option, text, true);
	return status;
}

static int share(const struct balance_rules *rules, size_t count, const char *option,
                 const char *text)
{
	struct balance_settings settings = balance_defaults();
	const struct balance_setting *row;
	bool used = false, clipped = false;
	int status = parse(&settings, &row, option, text);

	for (size_t i = 0; i < count && !status && !clipped; i++) {
		if (!balance_setting_used(row, &rules[i]))
			continue;
		used = true;
		balance_setting_bind(&settings, row, &rules[i], &clipped);
		if (clipped)
			say_clipped(&rules[i], option, text);
	}
	return status ? status : used ? EXIT_OK : say_unused(row, option, text);
}

int balance_shared(const struct balance_options *options, const struct balance_rules *rules,
                   size_t count)
{
	char text[BALANCE_GIVEN];
	const char *option;
	int status = EXIT_OK;

	for (size_t i = 0; !status && balance_given(options, i, &option, text); i++)
		status = share(rules, count, option, text);
	return status;
}

int balance_agree(const struct balance_settings *settings, const struct balance_rules *rules,
                  const char *name)
{
	const struct balance_setting *other, *row = balance_contradiction(settings, rules, &other);
	char low[DECIMAL_TEXT], high[DECIMAL_TEXT];

	if (!row)
		return EXIT_OK;
	decimal_format(low, balance_setting_value(settings, row));
	decimal_format(high, balance_setting_value(settings, other));
	return say_usage("%s%s%s (%s A) is above %s (%s A): set both", name ? name : "",
	                 name ? ": " : "", row->name, low, other->name, high);
}
