#include "io/flaps.h"

enum {
	MINUTE = 60000,     /* ms: the first gap */
	HOUR = 60 * MINUTE, /* the longest one */
	SOON = 10 * MINUTE, /* after a loss: another one belongs to it */
	LASTS = 4           /* a state that was not told lasts for this part of a gap */
};

static enum flap_line change(struct flaps *f, int64_t now)
{
	if (f->gap)
		return FLAP_NOTHING;
	f->told = now;
	f->told_away = f->away;
	f->losses = 0;
	return FLAP_CHANGE;
}

enum flap_line flaps_lost(struct flaps *f, int64_t now)
{
	if (f->away)
		return FLAP_NOTHING;
	f->away = true;
	f->changed = now;
	f->losses++;
	if (!f->gap && f->lost && now - f->lost < SOON)
		f->gap = MINUTE;
	f->lost = now;
	return change(f, now);
}

enum flap_line flaps_back(struct flaps *f, int64_t now)
{
	if (!f->away)
		return FLAP_NOTHING;
	f->away = false;
	f->changed = now;
	return change(f, now);
}

/* When there is something to do; the caller knows that there is a gap. */
static int64_t due(const struct flaps *f)
{
	int64_t end = f->told + f->gap, lasts = f->gap / LASTS;

	if (f->away == f->told_away)
		return end;
	lasts = f->changed + (lasts > MINUTE ? lasts : MINUTE);
	return lasts < end ? lasts : end;
}

int64_t flaps_wait(const struct flaps *f, int64_t now)
{
	if (!f->gap)
		return -1;
	return due(f) > now ? due(f) - now : 0;
}

enum flap_line flaps_late(struct flaps *f, int64_t now, unsigned *losses, int64_t *minutes)
{
	bool news = f->away != f->told_away;

	if (!f->gap || now < due(f))
		return FLAP_NOTHING;
	*losses = f->losses;
	*minutes = (now - f->told + MINUTE / 2) / MINUTE;
	f->told = now;
	if (!f->losses && !news) {
		f->gap = now - f->lost < SOON ? f->gap : 0;
		return FLAP_NOTHING;
	}
	f->gap = f->gap * 2 < HOUR ? f->gap * 2 : HOUR;
	f->told_away = f->away;
	f->losses = 0;
	return *losses ? FLAP_SUMMARY : FLAP_CHANGE;
}
