/* SunSpec devices from a seed, all models that are known with any registers: requests and records. */
#include "pinned.h"

#include "sunspec_device.h"

/* A chain of a few models, their lengths mostly right, their registers mostly plausible. */
static void make_device(struct device *d)
{
	put_marker(d);
	for (unsigned n = 1 + dice(5); n && d->at < 60000; n--) {
		const struct sunspec_model *m =
			&sunspec_builtin.models[dice((unsigned)sunspec_builtin.count)];
		unsigned length = dice(3) ? 1 + dice(90) : 1 + dice(180);

		PUT(d, m->id);
		put(d, length);
		for (unsigned i = 0; i < length; i++)
			put(d, dice(3) ? dice(40) : dice(4) ? 0x8000u + dice(3) - 1 : dice(65536));
	}
	if (dice(5))
		put_end(d);
	d->most = dice(3) ? 0 : 20 + dice(100);
}

static void devices_of_any_kind(void **state)
{
	static struct result r;

	(void)state;
	pinned_begin(31);
	for (unsigned i = 0; i < 1500; i++) {
		const struct sunspec_options options = {.raw = i % 3 == 1, .flat = i % 4 == 1};
		struct device *d = device_new(i % 7 ? 40000 : 0);
		struct sunspec_walk *w = walk_new(i & 1);

		make_device(d);
		for (int again = 0; again < 2; again++) {
			walk_with(d, w, &r, &options);
			pinned_line("%u %u %d %u", d->requests, d->exceptions, (int)r.ending,
			            r.address);
			for (size_t k = 0; k < r.count; k++)
				if (!r.records[k].failed)
					pinned_line("%s", printed(&r.records[k]));
		}
		sunspec_walk_free(w);
		device_free(d, &r);
	}
	pinned_end(12098, 0xFE34BC70D2357B07);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_of_any_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
