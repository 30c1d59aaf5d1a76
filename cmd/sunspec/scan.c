/* `emtool sunspec scan`: lists the models of a device. */
#include <stdlib.h>

#include "cmd/session/say.h"
#include "cmd/sunspec/sunspec.h"

/* Unit 1 is the usual one; 126 SMA, 71 Kostal, 240 meters of Fronius, 247 and 254 ABB. */
static const int usual[] = {1, 126, 2, 3, 71, 240, 247, 254};

enum { USUAL = sizeof usual / sizeof *usual };

static void emit(struct sunspec_reader *r)
{
	struct record *record = &r->session.record;
	instant now = loop_clock();

	for (size_t i = 0; i < r->count && !polling_ended(&r->session); i++) {
		const struct sunspec_found *f = &r->found[i];

		record_begin(record, "sunspec_model");
		record->time = r->offline ? INSTANT_NONE : now;
		record_int(record, "unit", r->unit);
		record_int(record, "model", f->id);
		record_word(record, "name", f->model ? f->set->text + f->model->name : NULL);
		record_int(record, "instance", f->instance);
		record_int(record, "address", f->address);
		record_int(record, "length", f->length);
		session_emit(&r->session, record);
	}
}

/* Scans one of several units; an absent unit is no failure. False when the device is gone. */
static bool try_unit(struct sunspec_reader *r, int unit)
{
	int error;

	r->unit = unit;
	error = polling_work(&r->session, &r->stop, reader_walk, r);
	emit(r);
	if (r->count) {
		reader_report(r, error);
		return true;
	}
	if (error && error != EM_CANCELLED)
		say_note("%s: unit %d: %s", r->name, unit, modbus_client_message(r->client));
	else if (!error)
		say_note("%s: unit %d: no SunSpec marker", r->name, unit);
	if (error != EM_UNREACHABLE && error != EM_CANCELLED)
		return true;
	reader_report(r, error);
	return false;
}

static void try_units(struct sunspec_reader *r)
{
	for (int i = 0; i < USUAL && !polling_ended(&r->session); i++)
		if (!try_unit(r, usual[i]))
			return;
	if (r->session.records || polling_ended(&r->session))
		return;
	say_error("%s: none of units 1, 126, 2, 3, 71, 240, 247, 254 speaks SunSpec; -v tells more",
	          r->name);
	session_fail(&r->session, EXIT_DEVICE);
}

int sunspec_scan(void *options, int count, char **arguments)
{
	struct sunspec_arguments *o = options;
	struct sunspec_reader *r = calloc(1, sizeof *r);
	bool one = o->unit >= 0 || o->image;
	int status;

	if (!r)
		return say_failure("sunspec", EM_NO_MEMORY);
	if (!one)
		o->retries = 0; /* most units are absent: repeating would only wait */
	status = reader_begin(r, o, count ? arguments[0] : NULL, true, sunspec_text_scan);
	if (!status && !one) {
		try_units(r);
	} else if (!status) {
		int error = r->offline ? reader_walk(r)
		                       : polling_work(&r->session, &r->stop, reader_walk, r);

		emit(r);
		reader_report(r, error);
	}
	status = reader_end(r);
	free(r);
	return status;
}
