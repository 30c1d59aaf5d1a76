/* `set --hold`: writes values again before they expire, or when the device no longer holds them. */
#include <math.h>
#include <stdio.h>

#include "cmd/device/setting.h"
#include "cmd/session/say.h"

static const double LOOK = 1, PATIENCE = 6, WELL = 5; /* s */

/* What was seen of the values, with times of polling_now(). */
struct holding {
	struct setting *s;
	double told;  /* when the values were written that it does not hold yet */
	double since; /* since when it holds them, 0: it does not */
	bool said;    /* a difference was reported and is not over */
};

/*
 * Seconds until the next write: --interval, or a third of the shortest validity, so that two writes
 * may fail.
 */
static double refresh_after(struct setting *s)
{
	double least = 90;
	struct decimal left;

	if (s->t.options->reading.interval > 0)
		return s->t.options->reading.interval;
	for (size_t i = 0; i < s->count; i++) {
		if (setting_number(s, s->list[i].row->steering->validity, &left) && left.digits)
			least = fmin(least, decimal_double(left));
		else if (s->list[i].row->steering->validity)
			least = fmin(
				least,
				30); /* unknown validity: keep-alives in the field use 10 to 30 s */
	}
	return fmax(least / 3, 0.25);
}

/* Whether the device applies more than it was told. */
static bool exceeds(struct setting *s, const struct assignment *a, struct decimal *got)
{
	const struct register_steering *w = a->row->steering;

	return w->limit && setting_number(s, w->applied, got) &&
	       decimal_double(*got) > decimal_double(a->value) + 0.1;
}

/* The first value that the device does not hold, with what it shows instead; or NULL. */
static const struct assignment *differing(struct setting *s, struct decimal *got)
{
	for (size_t i = 0; i < s->count; i++)
		if (!setting_holds(s, &s->list[i], got) || exceeds(s, &s->list[i], got))
			return &s->list[i];
	return NULL;
}

static void say_difference(struct holding *h, const struct assignment *a, struct decimal got)
{
	const char *name = modbus_client_name(h->s->t.client);
	char wanted[DECIMAL_TEXT], shown[DECIMAL_TEXT];
	double now = polling_now();

	decimal_format(wanted, a->value);
	decimal_format(shown, got);
	if (h->said || (h->since <= 0 && now - h->told < PATIENCE))
		return;
	h->said = true;
	if (h->since > 0)
		say_warning("%s: %s was changed to %s: somebody else writes to it, or it started "
		            "anew; %s is written again. Let only one program steer it",
		            name, a->row->name, shown, wanted);
	else
		say_warning("%s: %s: written %s, but it still shows %s; written again and again. "
		            "See in its app or web page whether Modbus may control it",
		            name, a->row->name, wanted, shown);
}

/* Judges the last reading; true when the values are to be written again. */
static bool judge(struct holding *h)
{
	struct decimal got;
	const struct assignment *a = differing(h->s, &got);
	double now = polling_now();

	if (a) {
		say_difference(h, a, got);
		h->told = h->since > 0 ? now : h->told;
		h->since = 0;
		return true;
	}
	h->since = h->since > 0 ? h->since : now;
	if (h->said && now - h->since >= WELL) {
		say_warning("%s: it holds what was written again",
		            modbus_client_name(h->s->t.client));
		h->said = false;
	}
	return false;
}

/* One look between two refreshes. */
static int watch(struct holding *h)
{
	int error = setting_look(h->s);

	return error || !judge(h) ? error : setting_write(h->s);
}

static int refresh(struct holding *h)
{
	int error = setting_apply(h->s);

	if (!error)
		judge(h);
	return error;
}

/* Seconds until the next look, or until the next attempt after a failure. */
static double wait_for(double next, double trouble)
{
	double left = fmax(next - polling_now(), 0);

	return trouble > 0 ? left : fmin(left, LOOK);
}

void setting_hold(struct setting *s)
{
	struct holding h = {.s = s, .told = polling_now()};
	double pause = refresh_after(s), trouble = 0, next = polling_now() + pause;

	s->holding = true;
	say_changes(true);
	while (polling_sleep(&s->t.session, wait_for(next, trouble))) {
		bool due = trouble > 0 || polling_now() >= next;
		int error = due ? refresh(&h) : watch(&h);

		if (!error && trouble > 0)
			say_warning("%s: it takes the values again",
			            modbus_client_name(s->t.client));
		if (error) {
			trouble = trouble > 0 ? fmin(2 * trouble, 10) : 0.5;
			next = polling_now() + fmin(trouble, pause);
		} else if (due) {
			pause = refresh_after(s);
			next = polling_now() + pause;
			trouble = 0;
		}
		s->t.session.status = EXIT_OK; /* already printed; the next attempt may succeed */
	}
}
