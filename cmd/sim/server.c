#include "cmd/sim/server.h"

#include <stdio.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "io/listener.h"
#include "io/loop.h"
#include "host/sandbox.h"
#include "modbus/target.h"
#include "io/whole.h"

enum { FILE_LIMIT = 1 << 28 };

#define FIELD(name) offsetof(struct sim_options, name)

const struct option_row sim_rows[] = {
	{"listen", 'l', OPTION_TEXT, FIELD(listen), "ADDR:PORT",
         "address to serve (port 0: any), rtu+tcp-listen://ADDR:PORT, or a serial line"},
	{"delay", 0, OPTION_INT, FIELD(delay), "MS", "wait before each answer", .max = 1e6},
	{"drop", 0, OPTION_REAL, FIELD(drop), "P",
         "probability of closing the connection instead of answering, 0..1", .max = 1},
	{"corrupt", 0, OPTION_REAL, FIELD(corrupt), "P",
         "probability of a damaged answer: wrong transaction, on a line wrong checksum", .max = 1},
	{"exception", 0, OPTION_INT, FIELD(exception), "N", "answer every request with exception N",
         .min = 1, .max = 255},
	{"max-connections", 0, OPTION_INT, FIELD(max_connections), "N",
         "refuse more than N clients", .min = 1, .max = 1000},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
         .max = 1e9},
	{"quiet", 'q', OPTION_COUNT, FIELD(quiet), NULL, "print only errors on stderr"},
	{"verbose", 'v', OPTION_COUNT, FIELD(verbose), NULL,
         "print the number of requests at the end"},
	{0}};

static int open_failed(const struct sim_options *o, int error)
{
	if (error == EM_SYNTAX || error == EM_UNSUPPORTED)
		return say_usage("--listen: '%s' %s", o->listen,
		                 modbus_target_problem(error, true));
	say_error("%s: %s", o->listen, listener_problem(error));
	return EXIT_LOCAL;
}

static int run(struct loop *loop, const struct sim_options *o, struct modbus_server *server)
{
	struct modbus_server_counts counts;

	printf("listening on %s\n", modbus_server_name(server));
	fflush(stdout);
	sandbox_files(&(struct sandbox){.devices = true});
	sandbox_calls();
	say_note("%s", sandbox_text());
	if (o->duration > 0)
		loop_limit(loop, o->duration);
	loop_run(loop);
	counts = modbus_server_counts(server);
	say_note("%u requests, %u exceptions, %u connections, %u refused", counts.requests,
	         counts.exceptions, counts.connections, counts.refused);
	modbus_server_close(server);
	return loop_signal(loop) ? EXIT_SIGNAL + loop_signal(loop) : EXIT_OK;
}

int sim_serve(const struct sim_options *o, unsigned connections, modbus_handler *handler,
              void *data)
{
	struct modbus_server_options options = {
		.handler = handler,
		.data = data,
		.limit = connections,
		.faults = {.delay = (unsigned)o->delay,
	                   .drop = o->drop,
	                   .corrupt = o->corrupt,
	                   .exception = (int)o->exception,
	                   .max_connections = (unsigned)o->max_connections}};
	struct modbus_server *server;
	struct loop *loop;
	int error, status;

	say_level(o->quiet ? -o->quiet : o->verbose);
	loop = loop_new();
	if (!loop)
		return say_failure("event loop", EM_SYSTEM);
	error = modbus_server_open(&server, loop_uv(loop), o->listen, &options);
	status = error ? open_failed(o, error) : run(loop, o, server);
	loop_free(loop);
	return status;
}

char *sim_load(const char *path, size_t *size)
{
	struct text all = {0};
	int error = file_load(path, &all, FILE_LIMIT);

	*size = all.length;
	text_char(&all, '\0');
	if (!error && all.failed)
		error = EM_NO_MEMORY;
	if (!error)
		return all.data;
	say_failure(path, error);
	text_free(&all);
	return NULL;
}
