#include "control/grid_powers.h"

#include "control/grid_value.h"

/* A value in thousandths, POWER_NONE when it is missing or beyond reason. */
static int64_t told(const struct record *r, const char *name, int64_t most)
{
	int64_t n;

	return grid_milli(r, name, &n) && n >= -most && n <= most ? n : POWER_NONE;
}

/* Import less export in mW. */
static int64_t net(const struct record *r)
{
	int64_t import = told(r, "power_import", GRID_MOST_POWER);
	int64_t export = told(r, "power_export", GRID_MOST_POWER);

	if (import == POWER_NONE)
		return told(r, "power", GRID_MOST_POWER);
	return export == POWER_NONE ? import : import - export;
}

/* The register of all tariffs, else the sum of its tariffs. */
static int64_t import_register(const struct record *r)
{
	static const char *const tariffs[] = {"energy_import_t1", "energy_import_t2",
	                                      "energy_import_t3", "energy_import_t4"};
	const int64_t most = INT64_C(1000000000000000);
	int64_t all = told(r, "energy_import", most);

	for (size_t i = 0; i < sizeof tariffs / sizeof *tariffs; i++) {
		int64_t one = told(r, tariffs[i], most);

		if (one == POWER_NONE || record_find(r, "energy_import"))
			continue;
		all = all == POWER_NONE ? one : all + one;
	}
	return all;
}

struct balance_powers grid_powers(const struct record *r, bool inverted)
{
	const struct value *clock = record_find(r, "meter_time");
	struct balance_powers p = {
		.power = net(r),
		.demand = told(r, "demand_import", GRID_MOST_POWER),
		.peak = told(r, "peak_demand_import", GRID_MOST_POWER),
		.import = import_register(r),
		.clock = INSTANT_NONE,
	};

	if (inverted) {
		p.power = p.power == POWER_NONE ? POWER_NONE : -p.power;
		p.demand = p.peak = p.import = POWER_NONE;
	}
	if (clock && clock->kind == VALUE_TIME) {
		p.clock = stamp_instant(&clock->as.time);
		p.zone = clock->as.time.has_offset ? clock->as.time.offset : 0;
	}
	return p;
}
