/* The reading verbs of a device with a register table: dump, watch, get, registers. */
#include <string.h>

#include "cmd/device/device.h"
#include "cmd/session/say.h"
#include "device/registers.h"
#include "protocol/modbus.h"

#define ROWS_LIMIT 256

/* Energy of the session, per socket. */
struct visit {
	bool here, known;
	double start;
};

static const struct value *value_of(const struct device *d, enum register_role role,
                                    const struct record *r)
{
	const struct device_register *row = device_role(d, role, ACCESS_R);

	return row ? record_find(r, row->name) : NULL;
}

static bool car_is_here(const struct device *d, const struct value *state)
{
	return state && state->kind == VALUE_TEXT && state->as.text.length &&
	       strchr(d->connected, state->as.text.data[0]);
}

/*
 * Adds session_energy: the energy since the first reading with a connected car, null without a car.
 * A reading without the state changes nothing.
 */
static void add_session(const struct device *d, struct visit *visit, struct record *r)
{
	const struct value *v = value_of(d, ROLE_ENERGY, r);
	const struct value *state = value_of(d, ROLE_STATE, r);
	bool here = car_is_here(d, state);
	double energy = 0;
	bool known = v && value_number(v, &energy);

	if (state && state->kind == VALUE_NULL) {
		record_null(r, "session_energy");
		return;
	}
	if (!here || !visit->here)
		visit->known = false;
	visit->here = here;
	if (here && known && !visit->known) {
		visit->known = true;
		visit->start = energy;
	}
	if (here && known)
		record_f64(r, "session_energy", "Wh", energy - visit->start);
	else
		record_null(r, "session_energy");
}

/* Prints a record per socket that was read. */
static void emit_all(struct station *t, struct visit *visits)
{
	struct record *r = &t->session.record;
	unsigned chosen = (unsigned)t->options->socket;

	for (unsigned socket = 1; socket <= t->device.sockets; socket++) {
		if (chosen ? chosen != socket : socket > t->sockets)
			continue;
		station_record(t, r, socket);
		for (size_t i = 0; i < t->device.count; i++)
			if (t->device.rows[i].access & ACCESS_R)
				register_value(r, &t->device, &t->device.rows[i], &t->image,
				               socket);
		if (visits && t->device.connected)
			add_session(&t->device, &visits[socket - 1], r);
		session_emit(&t->session, r);
	}
}

/*
 * Takes one reading and prints its records. After a lost connection it prints the blocks read so
 * far and keeps the error. False when it could read nothing.
 */
static bool read_once(struct station *t, struct visit *visits)
{
	int error = polling_work(&t->session, &t->stop, station_read, t);

	if (error)
		station_failed(t, error);
	else if (t->good)
		station_report_refusals(t);
	if (!error && !t->good && t->refusals) {
		say_error("%s: refuses every request: exception %d (%s)%s",
		          modbus_client_name(t->client), t->refused[0].exception,
		          modbus_exception_text((unsigned)t->refused[0].exception),
		          t->device.sockets > 1 ? ""
		                                : "; is it another device, or another --unit?");
		session_fail(&t->session, EXIT_DEVICE);
	}
	if (!t->good || error == EM_CANCELLED || !station_has_socket(t))
		return false;
	emit_all(t, visits);
	return true;
}

static int poll_device(const struct device *d, const struct device_options *o, const char *host,
                       double interval, format_function *text, bool sessions)
{
	struct visit visits[8] = {{0}};
	struct station t;
	bool first = true;
	double begin = polling_now();

	if (interval > 0)
		polling_confine(&o->reading, host, NULL);
	if (station_begin(&t, d, o, host, text))
		return station_end(&t);
	do {
		if (!read_once(&t, sessions ? visits : NULL) && first)
			break;
		if (interval > 0 && !t.session.stopping) /* a later failure ends only its reading */
			t.session.status = EXIT_OK;
		first = false;
	} while (interval > 0 && polling_next(&t.session, begin, interval));
	return station_end(&t);
}

int device_dump(const struct device *d, const struct device_options *o, char **arguments)
{
	return poll_device(d, o, arguments[0], o->reading.interval, view_dump, false);
}

int device_watch(const struct device *d, const struct device_options *o, char **arguments)
{
	double interval = o->reading.interval > 0 ? o->reading.interval : 10;

	return poll_device(d, o, arguments[0], interval, view_watch, true);
}

/* Emits a record with the named values in the given order. */
static void emit_named(struct station *t, const struct device_register *const *rows, size_t count)
{
	unsigned socket = t->options->socket ? (unsigned)t->options->socket : 1;
	struct record *r = &t->session.record;

	station_record(t, r, socket);
	for (size_t i = 0; i < count; i++)
		register_value(r, &t->device, rows[i], &t->image, socket);
	session_emit(&t->session, r);
}

static bool get_once(struct station *t, const struct device_register *const *rows, size_t count)
{
	int error = polling_work(&t->session, &t->stop, station_read, t);

	station_report_refusals(t);
	if (error)
		station_failed(t, error);
	else if (!t->good)
		session_fail(&t->session, EXIT_DEVICE);
	if (!t->good || error == EM_CANCELLED)
		return false;
	emit_named(t, rows, count);
	return true;
}

/* The named rows, each once; 0 after a usage error. */
static size_t collect(const struct device *d, int count, char **names,
                      const struct device_register *rows[ROWS_LIMIT], bool wanted[ROWS_LIMIT])
{
	size_t found = 0;

	for (int i = 0; i < count; i++) {
		const struct device_register *row = row_of_user(d, names[i]);

		if (!row)
			return 0;
		if (!(row->access & ACCESS_R)) {
			say_usage("'%s' can only be written", row->name);
			return 0;
		}
		if (!wanted[row - d->rows] && found < ROWS_LIMIT)
			rows[found++] = row;
		wanted[row - d->rows] = true;
	}
	return found;
}

int device_get(const struct device *d, const struct device_options *o, int count, char **arguments)
{
	const struct device_register *rows[ROWS_LIMIT];
	bool wanted[ROWS_LIMIT] = {false};
	size_t found = collect(d, count - 1, arguments + 1, rows, wanted);
	struct device_options one = *o;
	struct station t;
	bool first = true;
	double begin = polling_now();

	if (!found)
		return EXIT_USAGE;
	if (!one.socket)
		one.socket = 1;
	if (o->reading.interval > 0)
		polling_confine(&o->reading, arguments[0], NULL);
	if (station_begin(&t, d, &one, arguments[0], view_names))
		return station_end(&t);
	t.wanted = wanted;
	do {
		if (!get_once(&t, rows, found) && first)
			break;
		if (o->reading.interval > 0 && !t.session.stopping)
			t.session.status = EXIT_OK;
		first = false;
	} while (o->reading.interval > 0 && polling_next(&t.session, begin, o->reading.interval));
	return station_end(&t);
}

static void add_row(struct record *r, const struct device *d, const struct device_register *row)
{
	static const char *const access[] = {"", "R", "W", "RW"};

	record_begin(r, "register");
	r->time = INSTANT_NONE;
	record_word(r, "name", row->name);
	if (row->place == PLACE_SOCKET)
		record_word(r, "unit_id", "socket");
	else
		record_int(r, "unit_id", d->unit);
	record_int(r, "address", row->address);
	record_int(r, "count", row->count);
	record_word(r, "dtype", register_type_text(row));
	record_word(r, "unit", row->unit);
	record_word(r, "access", access[row->access]);
	record_list(r, "enum");
	for (const struct register_word *w = row->words; w && w->word; w++) {
		record_object(r, NULL);
		if (w->text)
			record_word(r, "value", w->text);
		else
			record_int(r, "value", w->value);
		record_word(r, "word", w->word);
		record_end(r);
	}
	record_end(r);
}

int device_registers(const struct device *d, const struct device_options *o)
{
	struct session s;

	if (session_begin(&s, &o->reading, view_registers))
		return session_end(&s);
	for (size_t i = 0; i < d->count; i++) {
		add_row(&s.record, d, &d->rows[i]);
		session_emit(&s, &s.record);
	}
	return session_end(&s);
}
