/* News of a source that is lost and comes back. */
#include <stdio.h>

#include "io/source_private.h"
#include "io/wait.h"

static void on_late(uv_timer_t *timer);

static void wait_for_more(struct source *source)
{
	int64_t wait = flaps_wait(&source->flaps, wait_clock());

	if (wait >= 0)
		uv_timer_start(&source->late, on_late, (uint64_t)wait, 0);
	else
		uv_timer_stop(&source->late);
}

static void tell_sum(struct source *source, unsigned losses, int64_t minutes)
{
	char times[24] = "once", span[32] = "minute";

	if (losses > 1)
		snprintf(times, sizeof times, "%u times", losses);
	if (minutes > 1)
		snprintf(span, sizeof span, "%lld minutes", (long long)minutes);
	source_report(source, "%s: lost %s in the last %s; now: %s", source->place, times, span,
	              source->news);
}

static void on_late(uv_timer_t *timer)
{
	struct source *source = timer->data;
	unsigned losses;
	int64_t minutes;

	switch (flaps_late(&source->flaps, wait_clock(), &losses, &minutes)) {
	case FLAP_NOTHING: break;
	case FLAP_CHANGE: source_report(source, "%s: %s", source->place, source->news); break;
	case FLAP_SUMMARY: tell_sum(source, losses, minutes); break;
	}
	wait_for_more(source);
}

static void tell(struct source *source, enum flap_line line)
{
	if (line == FLAP_CHANGE)
		source_report(source, "%s: %s", source->place, source->news);
	wait_for_more(source);
}

void source_flaps_begin(struct source *source)
{
	uv_timer_init(loop_uv(source->loop), &source->late);
	uv_unref((uv_handle_t *)&source->late);
	source->late.data = source;
}

void source_lost(struct source *source, const char *place, const char *how)
{
	snprintf(source->place, sizeof source->place, "%s", place);
	snprintf(source->news, sizeof source->news, "%s", how);
	tell(source, flaps_lost(&source->flaps, wait_clock()));
}

void source_back(struct source *source, const char *how)
{
	snprintf(source->news, sizeof source->news, "%s", how);
	tell(source, flaps_back(&source->flaps, wait_clock()));
}
