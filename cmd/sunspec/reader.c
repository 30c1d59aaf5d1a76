/* The device or register image that `emtool sunspec` reads. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/decimal.h"
#include "cmd/session/say.h"
#include "cmd/sim/server.h"
#include "cmd/sunspec/sunspec.h"
#include "protocol/sunspec/drive.h"

/* Splits --points A,W --points V into single items; NULL when out of memory. */
static char *cut_list(struct sunspec_reader *r, const char *list)
{
	char *copy = strdup(list);

	if (copy)
		r->lists[r->list_count++] = copy;
	return copy;
}

static int take_points(struct sunspec_reader *r)
{
	for (size_t i = 0; i < r->options->points.count; i++) {
		char *list = cut_list(r, r->options->points.items[i]), *rest = NULL;

		if (!list)
			return say_failure("--points", EM_NO_MEMORY);
		for (char *p = strtok_r(list, ",", &rest); p; p = strtok_r(NULL, ",", &rest)) {
			if (r->decoding.point_count == SUNSPEC_LIST)
				return say_usage("--points: more than %d points", SUNSPEC_LIST);
			r->points[r->decoding.point_count++] = p;
		}
	}
	r->decoding.points = r->points;
	return 0;
}

static int take_models(struct sunspec_reader *r, struct sunspec_plan *plan)
{
	for (size_t i = 0; i < r->options->model.count; i++) {
		char *list = cut_list(r, r->options->model.items[i]), *rest = NULL;

		if (!list)
			return say_failure("--model", EM_NO_MEMORY);
		for (char *p = strtok_r(list, ",", &rest); p; p = strtok_r(NULL, ",", &rest)) {
			uint32_t id;

			if (decimal_whole(&id, p, strlen(p), 65534) || !id)
				return say_usage("--model: '%s' is not a model number 1..65534", p);
			if (plan->model_count == SUNSPEC_LIST)
				return say_usage("--model: more than %d models", SUNSPEC_LIST);
			r->models[plan->model_count++] = (uint16_t)id;
		}
	}
	plan->models = r->models;
	return 0;
}

static int open_image(struct sunspec_reader *r, const char *path)
{
	size_t length;
	char *text = sim_load(path, &length);
	unsigned line;
	int error;

	if (!text)
		return EXIT_LOCAL;
	r->offline = calloc(1, sizeof *r->offline);
	error = r->offline ? sunspec_image_parse(r->offline, text, length, &line) : EM_NO_MEMORY;
	free(text);
	r->name = path;
	if (error == EM_NO_MEMORY)
		return say_failure(path, error);
	if (error) {
		say_error("%s: line %u is no row address,hex", path, line);
		return EXIT_INVALID;
	}
	return 0;
}

static int open_device(struct sunspec_reader *r, const char *text)
{
	static const struct modbus_target_defaults defaults = {.line = "baud=9600&mode=8N1"};
	struct modbus_options options = {.timeout = (unsigned)(r->options->reading.timeout * 1000),
	                                 .retries = (unsigned)r->options->retries,
	                                 .stop = &r->stop};
	struct modbus_target target;
	int error = modbus_target_parse(&target, text, &defaults);

	if (error)
		return say_usage("'%s' %s", text, modbus_target_problem(error, false));
	r->client = modbus_client_new(&target, &options);
	if (!r->client)
		return say_failure(text, EM_NO_MEMORY);
	r->name = modbus_client_name(r->client);
	return 0;
}

static int open_all(struct sunspec_reader *r, const char *target, bool headers_only)
{
	const struct sunspec_arguments *o = r->options;
	struct sunspec_plan plan = {
		.base = (int)o->base, .fast = o->fast, .headers_only = headers_only};
	int status = take_points(r);

	if (!status)
		status = take_models(r, &plan);
	if (!status)
		r->definitions = definitions_read(&o->definitions, &status);
	if (!status)
		status = o->image ? open_image(r, o->image) : open_device(r, target);
	if (status)
		return status;
	plan.points = r->decoding.points;
	plan.point_count = r->decoding.point_count;
	plan.set = definitions_set(r->definitions);
	r->walk = sunspec_walk_new(&plan);
	return r->walk ? 0 : say_failure(r->name, EM_NO_MEMORY);
}

int reader_begin(struct sunspec_reader *r, const struct sunspec_arguments *o, const char *target,
                 bool headers_only, format_function *text)
{
	int status;

	*r = (struct sunspec_reader){.options = o, .unit = o->unit < 0 ? 1 : (int)o->unit};
	r->decoding.raw = o->raw;
	r->decoding.flat = o->flat;
	if (!target == !o->image)
		return r->session.status = say_usage(target ? "give HOST or --image, not both"
		                                            : "missing HOST, line or --image");
	if (session_begin(&r->session, &o->reading, text))
		return r->session.status;
	status = open_all(r, target, headers_only);
	if (status)
		session_fail(&r->session, status);
	return status;
}

int reader_end(struct sunspec_reader *r)
{
	int status = session_end(&r->session);

	modbus_client_free(r->client);
	sunspec_walk_free(r->walk);
	definitions_free(r->definitions);
	free(r->offline);
	free(r->found);
	while (r->list_count)
		free(r->lists[--r->list_count]);
	return status;
}

static int keep(void *reader, const struct sunspec_found *found)
{
	struct sunspec_reader *r = reader;

	if (r->count == r->capacity) {
		size_t capacity = r->capacity ? 2 * r->capacity : 64;
		struct sunspec_found *grown = realloc(r->found, capacity * sizeof *grown);

		if (!grown)
			return EM_NO_MEMORY;
		r->found = grown;
		r->capacity = capacity;
	}
	r->found[r->count++] = *found;
	return 0;
}

/* Some devices lose a request that comes too soon after a connection or an answer. */
static int wait_before(struct sunspec_reader *r)
{
	struct timespec pause = {.tv_nsec = 1000000};
	int error = r->requests ? 0 : modbus_client_connect(r->client);

	for (long ms = 0; !error && ms < r->options->delay && !atomic_load(&r->stop); ms++)
		nanosleep(&pause, NULL);
	return error;
}

static int fetch(void *reader, const struct sunspec_want *want)
{
	struct sunspec_reader *r = reader;

	if (r->client && r->options->delay > 0) {
		int error = wait_before(r);

		if (error)
			return error;
	}
	r->requests++;
	say_detail("%s: %u registers at %u", r->name, want->count, want->address);
	if (!r->offline)
		return modbus_sunspec_fetch(r->walk, want, r->client, r->unit, r->count != 0);
	sunspec_answer_from(r->walk, want, r->offline);
	return 0;
}

int reader_walk(void *reader)
{
	struct sunspec_reader *r = reader;
	const struct sunspec_driver driver = {fetch, keep, r};
	int error;

	r->count = 0;
	r->rounds++;
	error = sunspec_drive(r->walk, &driver);
	if (!error)
		r->ending = sunspec_walk_ending(r->walk, &r->address);
	return error;
}

static void report_ending(struct sunspec_reader *r)
{
	switch (r->ending) {
	case SUNSPEC_CLEAN: return;
	case SUNSPEC_NO_MARKER:
		if (r->options->base >= 0)
			say_error("%s: unit %d: no SunSpec marker at %ld", r->name, r->unit,
			          r->options->base);
		else
			say_error("%s: unit %d: no SunSpec marker at 40000, 0 or 50000", r->name,
			          r->unit);
		session_fail(&r->session, EXIT_DEVICE);
		return;
	case SUNSPEC_ZERO:
		say_warning("%s: the chain has no end marker: 0 at %u", r->name, r->address);
		break;
	case SUNSPEC_UNREADABLE:
		say_warning("%s: the chain has no end marker: nothing to read at %u", r->name,
		            r->address);
		break;
	case SUNSPEC_CUT:
		say_warning("%s: the chain ends early: the model at %u is shorter than its length",
		            r->name, r->address);
		break;
	}
	r->session.rejected++;
}

void reader_report(struct sunspec_reader *r, int error)
{
	if (!error) {
		report_ending(r);
	} else if (error == EM_NO_MEMORY) {
		session_fail(&r->session, say_failure(r->name, error));
	} else if (r->count && error != EM_SYSTEM &&
	           !(error == EM_CANCELLED && polling_ended(&r->session))) {
		say_error("%s: reading failed after %zu models: %s", r->name, r->count,
		          modbus_client_message(r->client));
		session_fail(&r->session, EXIT_DEVICE);
	} else {
		polling_failed(&r->session, r->client, error, "");
	}
}
