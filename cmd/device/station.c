#include <stdio.h>

#include "cmd/device/device.h"
#include "cmd/session/say.h"
#include "device/registers.h"
#include "protocol/modbus.h"

int station_begin(struct station *t, const struct device *d, const struct device_options *o,
                  const char *host, format_function *text)
{
	struct modbus_target_defaults defaults = {.port = d->port, .line = d->line};
	struct modbus_options options = {.timeout = (unsigned)(o->reading.timeout * 1000),
	                                 .retries = (unsigned)o->retries,
	                                 .stop = &t->stop};
	struct modbus_target target;
	int error;

	*t = (struct station){.device = *d, .options = o, .host = host, .sockets = 1};
	if (o->unit >= 0)
		t->device.unit = (uint8_t)o->unit;
	error = modbus_target_parse(&target, host, &defaults);
	if (error)
		return t->session.status = say_usage("'%s' %s", host,
		                                     modbus_target_problem(error, false));
	if (session_begin(&t->session, &o->reading, text))
		return t->session.status;
	view_device(d);
	t->client = modbus_client_new(&target, &options);
	return t->client ? 0 : (t->session.status = say_failure(host, EM_NO_MEMORY));
}

/* Emits the last record: the counters of the exchanges with the device. */
static void emit_stats(struct station *t)
{
	struct modbus_counts n = modbus_client_counts(t->client);
	struct record *r = &t->session.record;

	record_begin(r, "stats");
	r->time = loop_clock();
	record_int(r, "requests", n.requests);
	record_int(r, "retries", n.retries);
	record_int(r, "connections", n.connects);
	record_int(r, "timeouts", n.timeouts);
	record_int(r, "exceptions", n.exceptions);
	record_int(r, "foreign", n.foreign);
	session_emit(&t->session, r);
}

int station_end(struct station *t)
{
	if (t->client && t->options->reading.stats)
		emit_stats(t);
	modbus_client_free(t->client);
	image_free(&t->image);
	return session_end(&t->session);
}

/* The integer value of a row in the image, -1 when there is none, or EM_NO_MEMORY. */
static int whole(struct station *t, const char *name, long *n)
{
	const struct device_register *row = device_row(&t->device, name);
	struct record r = {0};
	const struct value *v;
	struct decimal d;
	bool failed;

	*n = -1;
	record_begin(&r, "");
	v = register_value(&r, &t->device, row, &t->image, 1);
	failed = r.failed;
	if (!failed && value_decimal(v, &d))
		*n = (long)d.digits;
	record_free(&r);
	return failed ? EM_NO_MEMORY : 0;
}

static int read_block(struct station *t, struct device_block b, unsigned unit)
{
	unsigned space = device_space(unit, b.function);
	uint16_t words[PLAN_READ];
	int error;

	snprintf(t->doing, sizeof t->doing, "unit %u: registers %u..%u", unit, b.address,
	         b.address + b.count - 1u);
	error = modbus_client_read(t->client, (int)unit, b.function, b.address, b.count, words);
	if (error == EM_EXCEPTION && t->refusals < PLAN_LIMIT) {
		t->refused[t->refusals].block = b;
		t->refused[t->refusals].unit = unit;
		t->refused[t->refusals++].exception = modbus_client_exception(t->client);
		return 0;
	}
	for (unsigned i = 0; !error && i < b.count; i++)
		error = image_put(&t->image, space, b.address + i, words[i]);
	t->good += !error;
	return error;
}

/* Finds the number of sockets, once the station's blocks are read. */
static int count_sockets(struct station *t)
{
	long n = 1;
	int error = t->device.socket_count ? whole(t, t->device.socket_count, &n) : 0;

	t->counted = n >= 1;
	if (t->counted)
		t->sockets = n > t->device.sockets ? t->device.sockets : (unsigned)n;
	return error;
}

static bool socket_wanted(const struct station *t, unsigned socket)
{
	return !t->options->socket || t->options->socket == (long)socket;
}

int station_read(void *station)
{
	struct station *t = station;
	struct device_block blocks[PLAN_LIMIT];
	size_t count = device_plan(&t->device, t->wanted, blocks), i = 0;
	int error = 0;

	t->image.count = 0; /* values of an earlier reading are out of date */
	t->good = 0;
	t->refusals = 0;
	t->time = loop_clock();
	for (; i < count && blocks[i].place == PLACE_STATION && !error; i++)
		error = read_block(t, blocks[i], t->device.unit);
	if (i > 0 && !error)
		error = count_sockets(t);
	for (unsigned socket = 1; socket <= t->device.sockets && !error; socket++) {
		/* Until the station tells its number of sockets, every --socket is accepted. */
		if (!socket_wanted(t, socket) ||
		    (socket > t->sockets && (t->counted || !t->options->socket)))
			continue;
		for (size_t j = i; j < count && !error; j++)
			error = read_block(t, blocks[j], socket);
	}
	return error;
}

void station_failed(struct station *t, int error)
{
	bool connected = modbus_client_counts(t->client).connects > 0;

	if (error != EM_UNREACHABLE || connected || !t->device.unreachable) {
		polling_failed(&t->session, t->client, error, connected ? t->doing : "");
		return;
	}
	say_error("%s: %s (%s)", modbus_client_name(t->client), modbus_client_message(t->client),
	          t->device.unreachable);
	session_fail(&t->session, EXIT_DEVICE);
}

void station_report_refusals(struct station *t)
{
	t->session.rejected += t->refusals;
	for (size_t i = 0; i < t->refusals; i++) {
		const struct device_block *b = &t->refused[i].block;

		say_warning("%s: unit %u refuses registers %u..%u: exception %d (%s)",
		            modbus_client_name(t->client), t->refused[i].unit, b->address,
		            b->address + b->count - 1u, t->refused[i].exception,
		            modbus_exception_text((unsigned)t->refused[i].exception));
	}
}

bool station_has_socket(struct station *t)
{
	if (!t->counted || t->options->socket <= (long)t->sockets)
		return true;
	say_error("%s: it has %u socket%s", modbus_client_name(t->client), t->sockets,
	          t->sockets > 1 ? "s" : "");
	session_fail(&t->session, EXIT_DEVICE);
	return false;
}

void station_record(struct station *t, struct record *r, unsigned socket)
{
	record_begin(r, t->device.name);
	r->time = t->time;
	if (t->device.sockets > 1)
		record_int(r, "socket", socket);
}

const struct device_register *row_of_user(const struct device *d, const char *name)
{
	const struct device_register *row = device_row(d, name);
	const char *near = row ? NULL : device_nearest(d, name);

	if (near)
		say_usage("no register is named '%s', nearest is '%s'", name, near);
	else if (!row)
		say_usage("no register is named '%s'; 'emtool %s registers' lists them", name,
		          d->name);
	return row;
}
