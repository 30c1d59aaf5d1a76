#include "cmd/balance/grid.h"

#include <string.h>

#include "cmd/session/offers.h"
#include "cmd/session/say.h"
#include "modbus/target.h"

bool balance_offer_grid(struct text *out, size_t index)
{
	const char *name, *about;
	size_t kinds = 0;

	while (grid_kind_named(kinds, &name, &about) && kinds < index)
		kinds++;
	if (!grid_kind_named(index, &name, &about))
		return offer_sources(out, index - kinds);
	text_printf(out, "%s:", name);
	return true;
}

int balance_grid(struct grid_source *out, const char *p1, const char *grid)
{
	char problem[256];

	if (!p1 && !grid)
		return say_usage("missing --p1 or --grid");
	if (p1 && grid)
		return say_usage("--p1 and --grid: give one meter");
	if (p1) {
		grid_source_of(out, "p1", p1);
		return EXIT_OK;
	}
	if (grid_source_parse(out, grid, problem, sizeof problem))
		return say_usage("--grid: %s", problem);
	return EXIT_OK;
}

bool balance_grid_clashes(const struct grid_source *grid, const char *charger)
{
	struct modbus_target meter, other;
	size_t scheme;
	const char *target = modbus_target_of_url(charger, &scheme);

	return target && !modbus_target_parse(&meter, grid->url, NULL) &&
	       !modbus_target_parse(&other, target, NULL) && meter.framing == MODBUS_RTU &&
	       other.framing == MODBUS_RTU && !strcmp(meter.name, other.name);
}

struct grid_rules balance_grid_rules(const struct balance_options *options, const int32_t *phases)
{
	int32_t thousandths = (int32_t)(options->power_factor * 1000 + 0.5);

	return (struct grid_rules){.power_factor = thousandths, .phases = phases};
}

void balance_say_estimates(const char *source, unsigned estimated, double power_factor,
                           unsigned *said)
{
	unsigned news = estimated & ~*said;

	*said |= estimated;
	if (news & GRID_POWER_FACTOR)
		say_warning(
			"%s: the meter tells powers and no currents: a current is P / (U x %g); "
			"--power-factor sets the %g",
			source, power_factor, power_factor);
	if (news & GRID_LOW_VOLTAGE)
		say_warning("%s: the meter tells no voltages: a current is that of 207 V", source);
}
