#include "cmd/sim/smart_meter.h"

#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "io/loop.h"

/* The meter's clock starts at --start, or follows the host's clock. */
static int read_start(const struct smart_meter_options *o, struct smart_meter_settings *s)
{
	int error = 0;

	s->start = loop_clock();
	s->clock_stands = o->start != NULL;
	if (o->start)
		error = smart_meter_time(o->start, &s->start);
	if (error == EM_RANGE)
		return say_usage("--start: this date or time does not exist");
	return error ? say_usage("--start: needs a time, as 2024-06-03T12:00:00Z") : EXIT_OK;
}

static int read_title(const struct smart_meter_options *o, const struct glo_keyring *ring,
                      struct smart_meter_settings *s)
{
	if (!o->title && ring->count && ring->keys[0].has_title)
		memcpy(s->title, ring->keys[0].title, GLO_TITLE);
	if (o->title && smart_meter_title(o->title, s->title))
		return say_usage("--title: needs 16 hexadecimal digits");
	return EXIT_OK;
}

static int read_standing(const struct smart_meter_options *o, struct smart_meter_settings *s)
{
	for (size_t i = 0; i < o->set.count; i++)
		if (smart_meter_stand(s, o->set.items[i]))
			return say_usage("--set %s: unknown value, or number out of range",
			                 o->set.items[i]);
	return EXIT_OK;
}

int smart_meter_read(const struct smart_meter_options *o, const struct glo_keyring *ring,
                     struct smart_meter_settings *s)
{
	int status = read_title(o, ring, s);

	if (!status)
		status = read_start(o, s);
	if (!status)
		status = read_standing(o, s);
	s->serial = o->serial;
	s->key = ring->count ? &ring->keys[0] : NULL;
	s->counter = (uint32_t)o->counter;
	s->seed = (uint64_t)o->seed;
	s->count = (uint64_t)o->count;
	s->noise = (unsigned)o->noise;
	s->interval = o->interval;
	s->drop = o->drop;
	s->corrupt = o->corrupt;
	s->truncate = o->truncate;
	return status;
}
