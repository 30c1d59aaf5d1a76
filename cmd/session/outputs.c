#include "cmd/session/outputs.h"

#include "base/error.h"
#include "cmd/session/say.h"
#include "output/database.h"
#include "output/exec.h"
#include "output/mqtt.h"

static void append(struct session *s, struct output *output)
{
	struct output **link = &s->outputs;

	while (*link)
		link = &(*link)->next;
	*link = output;
}

static int exit_code(int error)
{
	switch (error) {
	case EM_SYNTAX:
	case EM_RANGE:
	case EM_UNSUPPORTED: return EXIT_USAGE;
	case EM_DENIED: return EXIT_KEY;
	case EM_UNREACHABLE: return EXIT_DEVICE;
	default: return EXIT_LOCAL;
	}
}

int outputs_failed(const struct output *output, int error)
{
	if (!*output->problem)
		return say_failure(output->name, error);
	say_error("%s: %s", output->name, output->problem);
	return exit_code(error) == EXIT_USAGE ? EXIT_LOCAL : exit_code(error);
}

static int refuse(const char *what, int error, const char *problem)
{
	if (error == EM_SYNTAX || error == EM_RANGE)
		return say_usage("%s: %s", what, problem);
	say_error("%s: %s", what, problem);
	return error == EM_SYSTEM || error == EM_NO_MEMORY ? EXIT_LOCAL : exit_code(error);
}

static int open_mqtt(struct session *s, format_function *format)
{
	const struct reading *o = s->options;
	struct mqtt_output_options options = {.url = o->mqtt,
	                                      .format = format,
	                                      .style.units = o->units,
	                                      .discovery = o->mqtt_discovery,
	                                      .live = o->live};
	struct output *output;
	char problem[256];
	int error = output_mqtt(&output, &options, problem, sizeof problem);

	if (error)
		return refuse(o->mqtt, error, problem);
	append(s, output);
	return EXIT_OK;
}

static int open_database(struct session *s)
{
	const struct reading *o = s->options;
	struct database_options options = {o->db, o->debounce, o->retain, o->live};
	struct output *output;
	char problem[256];
	int error = output_database(&output, &options, problem, sizeof problem);

	if (error)
		return refuse(o->db, error, problem);
	append(s, output);
	return EXIT_OK;
}

static int open_exec(struct session *s)
{
	const struct reading *o = s->options;
	struct exec_config config = {.command = o->exec,
	                             .alarms = o->alarms.items,
	                             .alarm_count = o->alarms.count,
	                             .style.units = o->units,
	                             .live = o->live,
	                             .limit = o->exec_timeout > 0 ? o->exec_timeout : 30};
	struct output *output;
	size_t wrong;
	int error = output_exec(&output, s->loop, &config, &wrong);

	if (error == EM_SYNTAX)
		return say_usage(
			"--alarm: '%s' is no condition, as 'current_l1>25' or 'status=exception'",
			o->alarms.items[wrong]);
	if (error)
		return say_failure("--exec", error);
	append(s, output);
	return EXIT_OK;
}

int outputs_open(struct session *s, format_function *mqtt)
{
	const struct reading *o = s->options;
	int status = EXIT_OK;

	if (o->alarms.count && !o->exec)
		return say_usage("--alarm needs --exec CMD, the command to run");
	if (o->mqtt_discovery && !o->mqtt && !o->announces)
		return say_usage("--mqtt-discovery needs --mqtt");
	if (o->mqtt)
		status = open_mqtt(s, mqtt);
	if (!status && o->db)
		status = open_database(s);
	if (!status && o->exec)
		status = open_exec(s);
	return status;
}
