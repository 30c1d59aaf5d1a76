#include "cmd/sim/play.h"

#include <errno.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "sim/topic.h"

/* `player` must live until the loop is freed. */
static int run(struct player *player, const struct play *play, struct loop *loop,
               const struct sim_output *output)
{
	int error;

	*player = (struct player){.events = play->events,
	                          .device = play->device,
	                          .loop = loop,
	                          .output = output,
	                          .endless = play->endless,
	                          .duration = play->duration};
	error = player_run(player);
	if (error == EM_RANGE)
		return say_usage("--output needs --count, or the file would grow without end");
	if (error)
		return errno == EPIPE ? EXIT_LOCAL : say_failure("output", error);
	return loop_signal(loop) ? EXIT_SIGNAL + loop_signal(loop) : EXIT_OK;
}

int play_on_line(const struct play *play, const struct sim_line_options *options)
{
	struct loop *loop = loop_new();
	struct player player;
	struct sim_line *line;
	int status;

	if (!loop)
		return say_failure("event loop", EM_SYSTEM);
	status = line_open(&line, loop, options);
	if (!status && play->begin)
		status = play->begin(play->context, loop);
	if (!status)
		status = run(&player, play, loop, sim_line_output(line));
	if (play->end)
		play->end(play->context);
	sim_line_close(line);
	loop_free(loop);
	return status;
}

static int open_topic(struct sim_topic **topic, const char *url, const char *payload)
{
	char problem[256] = "";
	int error = sim_topic_open(topic, url, payload, problem, sizeof problem);

	if (error == EM_SYNTAX)
		return say_usage("%s: %s", url, problem);
	if (error)
		say_error("%s: %s", url, problem);
	return error ? EXIT_LOCAL : EXIT_OK;
}

static int close_topic(struct sim_topic *topic)
{
	char problem[256] = "";

	if (!sim_topic_close(topic, problem, sizeof problem))
		return EXIT_OK;
	say_error("broker: %s", problem);
	return EXIT_DEVICE;
}

int play_to_topic(const struct play *play, const char *url, const char *payload)
{
	struct loop *loop = loop_new();
	struct sim_topic *topic = NULL;
	struct player player;
	int status, delivered;

	if (!loop)
		return say_failure("event loop", EM_SYSTEM);
	status = open_topic(&topic, url, payload);
	if (!status)
		status = run(&player, play, loop, sim_topic_output(topic));
	delivered = close_topic(topic);
	loop_free(loop);
	return status ? status : delivered;
}
