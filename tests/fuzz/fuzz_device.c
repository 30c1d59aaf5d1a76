/* Register images, plans, values and texts of devices, and what a simulated one answers. */
#include <stdlib.h>

#include "device/plan.h"
#include "device/registers.h"
#include "sim/device.h"
#include "fuzz.h"

static void print_all(const struct device *d, const struct image *m)
{
	struct record r = {0};
	struct text out = {0};

	record_begin(&r, d->name);
	for (size_t i = 0; i < d->count; i++)
		if (d->rows[i].access & ACCESS_R)
			register_value(&r, d, &d->rows[i], m, 1);
	for (size_t i = 0; i < r.count; i++)
		register_text(&out, device_row(d, r.values[i].name), &r.values[i]);
	fuzz_check_text((struct input){(const uint8_t *)out.data, out.length});
	fuzz_record(&r);
	text_free(&out);
	record_free(&r);
}

static void plan_some(const struct device *d, const uint8_t *data, size_t size)
{
	struct device_block blocks[PLAN_LIMIT];
	bool wanted[256] = {false};
	size_t n;

	for (size_t i = 0; i < size && i < 256; i++)
		wanted[data[i]] = true;
	n = device_plan(d, wanted, blocks);
	for (size_t i = 0; i < n; i++)
		if (!blocks[i].count || blocks[i].count > PLAN_READ)
			abort();
}

/* Requests of six bytes: unit, function, address, count. */
static void serve(const struct device *d, const uint8_t *data, size_t size)
{
	struct sim_device s = {.device = d, .strict = size % 2, .validity = 1};
	uint16_t words[128] = {0};

	if (sim_device_example(&s, 1))
		abort();
	for (; size >= 6; data += 6, size -= 6) {
		unsigned address = (unsigned)(data[2] << 8 | data[3]), count = data[4] % 124 + 1u;

		for (unsigned i = 0; i < count; i++)
			words[i] = (uint16_t)(data[i % 6] << 8 | data[5]);
		if (address + count <= 65536)
			sim_device_request(&s, data[0], data[1], address, count, words,
			                   data[5] * 100);
	}
	print_all(d, &s.image);
	image_free(&s.image);
}

/* One of those built in. */
static const struct device *fuzzed(unsigned which)
{
	size_t count = 0;

	while (devices[count])
		count++;
	return devices[which % count];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct device *d = fuzzed(size ? data[0] >> 3 : 0);
	struct image m = {0};
	unsigned line;

	if (!size)
		return 0;
	if (data[0] & 2) {
		serve(d, data + 1, size - 1);
		plan_some(d, data + 1, size - 1);
	} else if (data[0] & 4) {
		for (size_t i = 1; i + 4 < size; i += 5)
			image_put(&m, data[i], (unsigned)(data[i + 1] << 8 | data[i + 2]),
			          (uint16_t)(data[i + 3] << 8 | data[i + 4]));
		print_all(d, &m);
	} else {
		image_parse(&m, (const char *)data + 1, size - 1, &line);
		print_all(d, &m);
	}
	image_free(&m);
	return 0;
}
