/*
 * A SunSpec device in memory, models put into its registers, and walks over it that keep what they
 * find. Include after cmocka.h.
 */
#ifndef TESTS_SUNSPEC_DEVICE_H
#define TESTS_SUNSPEC_DEVICE_H

#include "printed.h"
#include "protocol/sunspec/walk.h"

/* A device in memory: its registers, those at which no read may begin or end, a log of requests. */
struct device {
	struct sunspec_image image;
	uint8_t inner[IMAGE_REGISTERS];
	unsigned at; /* where the next register is put */
	unsigned requests, exceptions;
	bool probe_only; /* reads from 40000 on may only be probes: exception 2 */
	unsigned most;   /* registers that it gives at once, exception 3 for more; 0: 125 */
};

static inline struct device *device_new(unsigned base)
{
	struct device *d = calloc(1, sizeof *d);

	assert_non_null(d);
	d->at = base;
	return d;
}

static inline void put(struct device *d, unsigned word)
{
	sunspec_image_put(&d->image, d->at++, &(uint16_t){(uint16_t)word}, 1);
}

static inline void put_all(struct device *d, size_t n, const uint16_t *words)
{
	for (size_t i = 0; i < n; i++)
		put(d, words[i]);
}

#define PUT(d, ...) \
	put_all(d, sizeof((uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t), (uint16_t[]){__VA_ARGS__})

static inline void put_marker(struct device *d)
{
	PUT(d, 0x5375, 0x6E53);
}

static inline void put_end(struct device *d)
{
	PUT(d, 0xFFFF, 0);
}

/* n registers, all different */
static inline void put_filling(struct device *d, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		put(d, 0x100 + i);
}

struct result {
	struct sunspec_found found[64];
	struct record records[64];
	size_t count;
	enum sunspec_ending ending;
	unsigned address;
};

static inline void serve(struct device *d, struct sunspec_walk *w, const struct sunspec_want *want)
{
	unsigned end = want->address + want->count;

	assert_in_range(want->count, 1, SUNSPEC_READ_LIMIT);
	assert_true(end <= IMAGE_REGISTERS);
	d->requests++;
	if (want->count > (d->most ? d->most : 125)) {
		d->exceptions++;
		sunspec_walk_refused(w, 3);
	} else if (!sunspec_image_has(&d->image, want->address, want->count) ||
	           (d->probe_only && want->address == 40000 && want->count > 4) ||
	           d->inner[want->address] || (end < IMAGE_REGISTERS && d->inner[end])) {
		d->exceptions++;
		sunspec_walk_refused(w, 2);
	} else {
		sunspec_walk_answer(w, d->image.words + want->address);
	}
}

static inline void walk_with(struct device *d, struct sunspec_walk *w, struct result *r,
                             const struct sunspec_options *options)
{
	static const struct sunspec_options plain;
	struct sunspec_want want;
	struct sunspec_found *f;
	enum sunspec_step step;

	for (size_t i = 0; i < r->count; i++)
		record_free(&r->records[i]);
	memset(r, 0, sizeof *r);
	d->requests = d->exceptions = 0;
	sunspec_walk_begin(w);
	f = r->found;
	while ((step = sunspec_walk_next(w, &want, f)) != SUNSPEC_END) {
		if (step == SUNSPEC_READ) {
			serve(d, w, &want);
			continue;
		}
		assert_true(r->count < 63);
		sunspec_decode(&r->records[r->count], f, 1,
		               sunspec_walk_image(w)->words + f->address,
		               options ? options : &plain);
		f = &r->found[++r->count];
	}
	r->ending = sunspec_walk_ending(w, &r->address);
}

static inline void result_free(struct result *r)
{
	for (size_t i = 0; i < r->count; i++)
		record_free(&r->records[i]);
	r->count = 0;
}

static inline struct sunspec_walk *walk_new(bool fast)
{
	struct sunspec_plan plan = {.set = &sunspec_builtin, .base = -1, .fast = fast};
	struct sunspec_walk *w = sunspec_walk_new(&plan);

	assert_non_null(w);
	return w;
}

struct at {
	unsigned offset; /* within the model, ID is 0 */
	uint16_t word;
};

/* A model whose registers are 0x8000 but for some: not implemented, if they are signed. */
static inline void put_model(struct device *d, unsigned id, unsigned length, size_t n,
                             const struct at *at)
{
	unsigned begin = d->at;

	PUT(d, (uint16_t)id, (uint16_t)length);
	for (unsigned i = 0; i < length; i++)
		put(d, 0x8000);
	for (size_t i = 0; i < n; i++)
		sunspec_image_put(&d->image, begin + at[i].offset, &at[i].word, 1);
}

#define MODEL(d, id, length, ...)                                                        \
	put_model(d, id, length, sizeof((struct at[]){__VA_ARGS__}) / sizeof(struct at), \
	          (struct at[]){__VA_ARGS__})

/* Walks over the device once and frees the walk. */
static inline void walk_once(struct device *d, struct result *r,
                             const struct sunspec_options *options)
{
	struct sunspec_walk *w = walk_new(false);

	walk_with(d, w, r, options);
	sunspec_walk_free(w);
}

static inline void device_free(struct device *d, struct result *r)
{
	result_free(r);
	free(d);
}

/* Model 705 with `curves` curves of `points` points in the registers and other numbers stated. */
static inline void put_705(struct device *d, unsigned curves, unsigned points,
                           unsigned stated_curves, unsigned stated_points)
{
	unsigned begin = d->at;

	put_model(d, 705, 13 + curves * (10 + 2 * points), 0, NULL);
	sunspec_image_put(&d->image, begin + 5, &(uint16_t){(uint16_t)stated_points}, 1);
	sunspec_image_put(&d->image, begin + 6, &(uint16_t){(uint16_t)stated_curves}, 1);
	for (unsigned i = 12; i < 15; i++)
		sunspec_image_put(&d->image, begin + i, &(uint16_t){0}, 1);
	for (unsigned c = 0; c < curves; c++)
		for (unsigned p = 0; p < points; p++)
			sunspec_image_put(&d->image,
			                  begin + 15 + c * (10 + 2 * points) + 10 + 2 * p,
			                  &(uint16_t){(uint16_t)(100 * c + p)}, 1);
}

#endif
