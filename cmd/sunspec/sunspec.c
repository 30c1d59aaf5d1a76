/* `emtool sunspec`: reads any SunSpec device. */
#include <stddef.h>
#include <stdlib.h>

#include "cmd/session/say.h"
#include "cmd/sunspec/sunspec.h"
#include "io/whole.h"

#define FIELD(name) offsetof(struct sunspec_arguments, name)

static const struct option_row device_options[] = {
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "unit id of the device (1)", .max = 255},
	{"base", 0, OPTION_INT, FIELD(base), "ADDR",
         "address of the SunSpec marker (40000, 0 or 50000)", .max = 65532},
	{"retries", 0, OPTION_INT, FIELD(retries), "N", "repeat an unanswered request N times (2)",
         .max = 100},
	{"delay", 0, OPTION_INT, FIELD(delay), "MS", "pause before each request", .max = 60000},
	{"image", 0, OPTION_TEXT, FIELD(image), "FILE.csv",
         "read a register image instead of a device"},
	{0}};

/* clang-format off */
static const struct option_row definition_options[] = {
	{"models", 0, OPTION_LIST, FIELD(definitions), "FILE.json",
	 "add model definitions, in SunSpec JSON form"},
	{0}};
/* clang-format on */

static const struct option_row read_options[] = {
	{"model", 'm', OPTION_LIST, FIELD(model), "N,...", "only these models"},
	{"points", 'p', OPTION_LIST, FIELD(points), "P,...", "only these points and groups"},
	{"raw", 0, OPTION_FLAG, FIELD(raw), NULL, "print register numbers without scale factor"},
	{"flat", 0, OPTION_FLAG, FIELD(flat), NULL,
         "name points in groups GROUP_N_POINT, for csv and influx"},
	{"all", 'a', OPTION_FLAG, FIELD(all), NULL,
         "text: also print points that are not implemented"},
	{"fast", 0, OPTION_FLAG, FIELD(fast), NULL,
         "send fewer requests: read ahead across models"},
	{"dump", 0, OPTION_TEXT, FIELD(dump), "FILE.csv", "write the registers to an image"},
	{0}};

static void dump(struct sunspec_reader *r)
{
	struct text out = {0};
	int error;

	sunspec_image_print(&out, sunspec_walk_image(r->walk));
	error = file_save(r->options->dump, &out);
	if (error)
		session_fail(&r->session, say_failure(r->options->dump, error));
	text_free(&out);
}

static void emit(struct sunspec_reader *r)
{
	const struct sunspec_image *image = sunspec_walk_image(r->walk);
	struct record *record = &r->session.record;
	instant now = loop_clock();

	r->emitted = 0;
	for (size_t i = 0; i < r->count && !polling_ended(&r->session); i++) {
		const struct sunspec_found *f = &r->found[i];

		if (!sunspec_decode(record, f, r->unit, image->words + f->address, &r->decoding))
			continue;
		r->emitted++;
		record->time = r->offline ? INSTANT_NONE : now;
		session_emit(&r->session, record);
	}
}

static void emit_stats(struct sunspec_reader *r)
{
	struct modbus_counts n = r->client ? modbus_client_counts(r->client)
	                                   : (struct modbus_counts){.requests = r->requests};
	struct record *record = &r->session.record;

	record_begin(record, "stats");
	record_int(record, "walks", r->rounds);
	record_int(record, "models", (int64_t)r->count);
	record_int(record, "requests", n.requests);
	record_int(record, "retries", n.retries);
	record_int(record, "timeouts", n.timeouts);
	record_int(record, "exceptions", n.exceptions);
	record_int(record, "connects", n.connects);
	session_emit(&r->session, record);
}

/* Does one walk and emits its records; false when it found no model. */
static bool read_once(struct sunspec_reader *r)
{
	int error = r->offline ? reader_walk(r)
	                       : polling_work(&r->session, &r->stop, reader_walk, r);

	emit(r);
	reader_report(r, error);
	if (!error && !r->emitted && r->ending != SUNSPEC_NO_MARKER &&
	    !polling_ended(&r->session)) {
		say_error("%s: unit %d has nothing of what was asked for", r->name, r->unit);
		session_fail(&r->session, EXIT_DEVICE);
	}
	if (r->options->dump && r->count && r->session.status != EXIT_LOCAL)
		dump(r);
	return r->count != 0;
}

static int sunspec_read(void *options, int count, char **arguments)
{
	const struct sunspec_arguments *o = options;
	double interval = o->image ? 0 : o->reading.interval, begin = polling_now();
	struct sunspec_reader *r = calloc(1, sizeof *r);
	int status;

	if (!r)
		return say_failure("sunspec", EM_NO_MEMORY);
	if (interval > 0 && count)
		polling_confine(&o->reading, arguments[0], o->dump);
	status = reader_begin(r, o, count ? arguments[0] : NULL, false,
	                      o->all ? sunspec_text_all : sunspec_text);
	for (bool first = true; !status; first = false) {
		if ((!read_once(r) && first) || interval <= 0)
			break;
		if (r->session.status != EXIT_LOCAL) /* the next walk may succeed */
			r->session.status = EXIT_OK;
		if (!polling_next(&r->session, begin, interval))
			break;
	}
	if (!status && o->reading.stats)
		emit_stats(r);
	status = reader_end(r);
	free(r);
	return status;
}

static const struct sunspec_arguments defaults = {
	.reading = READING_DEFAULTS, .unit = -1, .base = -1, .retries = 2};

static const struct option_row *const read_tables[] = {
	device_options, read_options, definition_options, printing_options, polling_options, NULL};
static const struct option_row *const scan_tables[] = {device_options, definition_options,
                                                       printing_options, polling_options, NULL};
static const struct option_row *const models_tables[] = {definition_options, printing_options,
                                                         NULL};

static const struct command read_command = {
	.name = "read",
	.summary = "decode every model of a device",
	.arguments = "[HOST[:PORT]|LINE]",
	.arguments_max = 1,
	.options = read_tables,
	.size = sizeof(struct sunspec_arguments),
	.defaults = &defaults,
	.run = sunspec_read,
	.example = "emtool sunspec read 192.168.1.30 --unit 126 --model 101,160",
};

static const struct command scan_command = {
	.name = "scan",
	.summary = "list the models of a device, at one unit or at the usual units",
	.arguments = "[HOST[:PORT]|LINE]",
	.arguments_max = 1,
	.options = scan_tables,
	.size = sizeof(struct sunspec_arguments),
	.defaults = &defaults,
	.run = sunspec_scan,
	.example = "emtool sunspec scan 192.168.1.30",
};

static const struct command models_command = {
	.name = "models",
	.summary = "list the known models, or the points of some",
	.arguments = "[MODEL...]",
	.arguments_max = -1,
	.options = models_tables,
	.size = sizeof(struct sunspec_arguments),
	.defaults = &defaults,
	.run = sunspec_models,
	.example = "emtool sunspec models 103",
};

static const struct command *const verbs[] = {&read_command, &scan_command, &models_command, NULL};

const struct command sunspec_command = {
	.name = "sunspec",
	.summary = "read any SunSpec device: inverters, meters, batteries",
	.arguments = "",
	.verbs = verbs,
};
