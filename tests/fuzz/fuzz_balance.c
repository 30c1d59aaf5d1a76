/*
 * What balance reads from files and from Modbus clients: households in CSV, cut anywhere,
 * settings of a state file, words of a synthetic house and of a car, and requests to the
 * register table. Bounds must hold whatever is applied, and the runs of a CSV must go forward in
 * time.
 */
#include <stdlib.h>
#include <string.h>

#include "balance/car.h"
#include "balance/house_log.h"
#include "balance/household.h"
#include "balance/register_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct digest {
	int64_t seconds;
	uint64_t sum;
};

static void on_run(void *context, const struct simulation_run *run)
{
	struct digest *d = context;

	if (run->seconds <= 0)
		abort();
	d->seconds += run->seconds;
	d->sum = d->sum * 31 + (uint64_t)run->seconds + (uint32_t)run->currents[0] + run->telegram;
}

static struct digest read_csv(const char *data, size_t size, size_t piece)
{
	static struct house_csv csv;
	struct digest d = {0};
	struct house_feed feed = {.emit = on_run, .context = &d};

	house_csv_start(&csv, &feed);
	while (size) {
		size_t part = piece && piece < size ? piece : size;

		if (house_csv_data(&csv, data, part))
			break;
		data += part;
		size -= part;
	}
	house_csv_end(&csv);
	return d;
}

static void check_bounds(const struct balance_settings *s)
{
	struct balance_settings copy = *s;

	for (size_t i = 0; i < balance_setting_count; i++) {
		const struct balance_setting *row = &balance_setting_rows[i];
		int32_t value = *balance_setting_at(&copy, row);

		if ((value < row->least || value > row->most) && !(row->reg == 1000 && value == -1))
			abort();
	}
}

static void requests(const uint8_t *data, size_t size)
{
	static struct balancer balancer;
	struct balance_settings s = balance_defaults();
	struct register_table table;
	struct fuse fuse;

	fuse_init(&fuse, FUSE_ANY, 25000);
	balancer_start(&balancer, ALGORITHM_THRESHOLD, &s, &fuse, false);
	register_table_start(&table, &balancer, TABLE_UNIT);
	for (; size >= 6; data += 6, size -= 6) {
		unsigned address = (unsigned)(data[0] << 8 | data[1]), count = data[2] % 24 + 1u;
		uint16_t words[24];

		for (unsigned i = 0; i < count; i++)
			words[i] = (uint16_t)(data[3] << 8 | data[4]);
		address = data[5] & 1 ? address : 995 + address % 100;
		if (data[5] & 2)
			register_table_write(&table, address, count, words);
		else
			register_table_read(&table, address, count, words);
		balancer_tick(&balancer, data[5] & 4 ? (int32_t[]){data[3] * 300, 0, 0} : NULL,
		              NULL);
		check_bounds(&table.pending);
		check_bounds(&balancer.settings);
		if (balancer.limit < 0 || balancer.limit > balance_override(&balancer.settings))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct balance_settings settings = balance_defaults();
	const struct balance_rules rules = {(uint8_t)size, (int32_t)size * 100};
	struct household_settings house;
	struct car_settings car = car_defaults();
	struct digest whole, cut;
	char *text = malloc(size + 1);
	struct settings_place place;
	int unit = TABLE_UNIT;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	whole = read_csv(text, size, 0);
	cut = read_csv(text, size, 1 + size % 7);
	if (whole.seconds != cut.seconds || whole.sum != cut.sum)
		abort();
	settings_read(&settings, &unit, text, size, &rules, &place);
	check_bounds(&settings);
	household_parse(&house, text);
	car_parse(&car, text, size);
	requests(data, size);
	free(text);
	return 0;
}
