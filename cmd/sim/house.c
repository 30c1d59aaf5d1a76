/* `emtool sim house`: a meter, an inverter, and a charger with a car that belong together. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "cmd/balance/balance.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"
#include "host/sandbox.h"
#include "io/listener.h"
#include "modbus/server.h"
#include "output/output.h"
#include "sim/line.h"
#include "sim/live_house.h"
#include "sim/p1_meter.h"
#include "sim/sunspec_device.h"

struct sim_house_options {
	const char *house, *start, *charger, *listen;
	struct option_list car;
	long port;
	double duration;
	bool json;
	int verbose, quiet;
};

/* The servers of the house, all on one loop. */
struct sim_house {
	struct live_house live;
	struct device device; /* of the charger */
	struct sunspec_device *inverter;
	struct p1_meter *meter;
	struct loop *loop;
	struct sim_line *line;
	struct modbus_server *servers[2]; /* of inverter and charger */
	struct player player;
};

static int on_charger(void *data, const struct modbus_call *call)
{
	struct sim_house *h = data;
	instant now = loop_clock();

	sim_car_live(&h->live.car, &h->live.charger, now);
	return sim_device_request(&h->live.charger, (unsigned)call->unit, call->function,
	                          call->address, call->count, call->words, now);
}

static int on_inverter(void *data, const struct modbus_call *call)
{
	struct sim_house *h = data;
	uint32_t fed;
	int32_t watts = live_house_sun(&h->live, loop_clock(), &fed);

	sunspec_device_feed(h->inverter, watts, household_sun_phases(&h->live.household), fed);
	return sunspec_device_answer(h->inverter, call);
}

static void on_meter(void *context, instant time, int32_t loads[3])
{
	struct sim_house *h = context;

	(void)time; /* the meter's own clock may differ */
	live_house_grid(&h->live, loop_clock(), loads);
}

static bool offer_chargers(struct text *out, size_t index)
{
	for (size_t i = 0; i <= index; i++)
		if (!devices[i])
			return false;
	text_puts(out, devices[index]->name);
	return true;
}

static int find_charger(struct sim_house *h, const char *name)
{
	const struct device *d = device_by_name(name, strlen(name));

	if (!d)
		return say_not_offered("charger", "charger", name, offer_chargers);
	h->device = *d;
	h->live.charger = (struct sim_device){.device = &h->device, .validity = 60};
	return sim_device_example(&h->live.charger, 1) ? say_failure("charger", EM_NO_MEMORY)
	                                               : EXIT_OK;
}

/* The second of the day at which the household begins. */
static int read_start(const char *text, int32_t *start)
{
	time_t now = (time_t)(loop_clock() / 1000);
	struct tm local;

	*start = 0;
	if (!text) {
		if (localtime_r(&now, &local))
			*start = (local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec;
		return EXIT_OK;
	}
	if (hours_time(text, strlen(text), start))
		return say_usage("--start: '%s' is no HH:MM", text);
	return EXIT_OK;
}

static int read_house(const char *words, struct live_house_settings *settings)
{
	if (household_parse(&settings->household, words))
		return say_usage("--house: '%s'; known are seed=N,pv=KW,heatpump=KW,day=1..365",
		                 words);
	settings->household.days = 3660;
	return EXIT_OK;
}

static int make(struct sim_house *h, const struct sim_house_options *o)
{
	const struct sunspec_device_settings inverter = {.unit = 1, .gateway = true};
	struct p1_meter_settings meter = {
		.meter = {.serial = "E0043007052870318", .seed = 1, .start = loop_clock()},
		.model = telegram_model_find("dsmr5"),
		.loads = on_meter,
		.context = h,
		.bare = true};
	struct live_house_settings settings;
	unsigned line;
	int status = read_house(o->house, &settings);

	if (!status)
		status = read_start(o->start, &settings.start);
	if (!status)
		status = find_charger(h, o->charger);
	h->live.car.settings = car_defaults();
	if (!status)
		status = balance_car(&h->live.car.settings, &o->car);
	if (!status && (sunspec_device_new(&h->inverter, &inverter, NULL, 0, &line) ||
	                p1_meter_new(&h->meter, &meter)))
		status = say_failure("house", EM_NO_MEMORY);
	if (!status)
		live_house_start(&h->live, &settings, loop_clock());
	return status;
}

/* The address of server number n: ports follow each other, unless any free one is taken. */
static const char *address(char out[300], const struct sim_house_options *o, int n)
{
	bool v6 = strchr(o->listen, ':') && *o->listen != '[';

	snprintf(out, 300, v6 ? "[%.250s]:%ld" : "%.250s:%ld", o->listen,
	         o->port ? o->port + n : 0);
	return out;
}

static int serve(struct sim_house *h, const struct sim_house_options *o, int n,
                 modbus_handler *handler, unsigned limit)
{
	const struct modbus_server_options options = {
		.handler = handler, .data = h, .limit = limit};
	char text[300];
	int error = modbus_server_open(&h->servers[n - 1], loop_uv(h->loop), address(text, o, n),
	                               &options);

	if (error == EM_SYNTAX || error == EM_UNSUPPORTED)
		return say_usage("--listen: '%s' is no address", o->listen);
	if (error)
		say_error("%s: %s", text, listener_problem(error));
	return error ? EXIT_LOCAL : EXIT_OK;
}

static int open_all(struct sim_house *h, const struct sim_house_options *o)
{
	char text[300], problem[512];
	const struct sim_line_options line = {.listen = address(text, o, 0), .any_port = true};
	int error = sim_line_open(&h->line, h->loop, &line, problem, sizeof problem), status;

	if (error) {
		say_error("%s", problem);
		return error == EM_SYNTAX ? EXIT_USAGE : EXIT_LOCAL;
	}
	status = serve(h, o, 1, on_inverter, 8);
	/* an Alfen accepts two masters, others one */
	return status ? status : serve(h, o, 2, on_charger, h->device.sockets > 1 ? 2 : 8);
}

static void text_row(struct text *out, const char *name, const char *value)
{
	text_printf(out, "%-10s%s\n", name, value);
}

static void print_text(struct text *out, const struct record *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct value *v = &r->values[i];

		text_row(out, v->name, v->as.text.data);
	}
}

/* Where everything listens, and what to try next. */
static void announce(const struct sim_house *h, bool json)
{
	struct text meter = {0}, inverter = {0}, charger = {0}, command = {0}, out = {0};
	struct format_state state = {0};
	struct record r = {0};

	text_printf(&meter, "tcp://%s", sim_line_name(h->line));
	text_printf(&inverter, "tcp://%s", modbus_server_name(h->servers[0]));
	text_printf(&charger, "%s://%s", h->device.name, modbus_server_name(h->servers[1]));
	text_printf(&command, "emtool balance run --p1 %s --charger %s", text_string(&meter),
	            text_string(&charger));
	record_begin(&r, "sim_house");
	record_word(&r, "meter", text_string(&meter));
	record_word(&r, "inverter", text_string(&inverter));
	record_word(&r, "charger", text_string(&charger));
	record_word(&r, "command", text_string(&command));
	if (json)
		format_json(&out, &state, &r);
	else
		print_text(&out, &r);
	fputs(text_string(&out), stdout);
	fflush(stdout);
	record_free(&r);
	text_free(&out);
	text_free(&command);
	text_free(&charger);
	text_free(&inverter);
	text_free(&meter);
}

static int play(struct sim_house *h, const struct sim_house_options *o)
{
	int error;

	announce(h, o->json);
	sandbox_files(&(struct sandbox){.devices = true});
	sandbox_calls();
	say_note("%s", sandbox_text());
	h->player = (struct player){.events = &p1_meter_events,
	                            .device = h->meter,
	                            .loop = h->loop,
	                            .output = sim_line_output(h->line),
	                            .endless = true,
	                            .duration = o->duration};
	error = player_run(&h->player);
	if (error)
		return say_failure("meter", error);
	return loop_signal(h->loop) ? EXIT_SIGNAL + loop_signal(h->loop) : EXIT_OK;
}

static void end(struct sim_house *h)
{
	for (int i = 0; i < 2; i++)
		if (h->servers[i])
			modbus_server_close(h->servers[i]);
	sim_line_close(h->line);
	if (h->loop)
		loop_free(h->loop);
	p1_meter_free(h->meter);
	sunspec_device_free(h->inverter);
	image_free(&h->live.charger.image);
}

static int run(void *options, int count, char **arguments)
{
	const struct sim_house_options *o = options;
	static struct sim_house h;
	int status;

	(void)count;
	(void)arguments;
	say_level(o->quiet ? -o->quiet : o->verbose);
	status = make(&h, o);
	if (!status && !(h.loop = loop_new()))
		status = say_failure("event loop", EM_SYSTEM);
	if (!status)
		status = open_all(&h, o);
	if (!status)
		status = play(&h, o);
	end(&h);
	return status;
}

#define FIELD(name) offsetof(struct sim_house_options, name)

static const struct option_row rows[] = {
	{"house", 0, OPTION_TEXT, FIELD(house), "WORDS",
         "the household, as after synthetic: (seed=7,pv=5)"},
	{"start", 0, OPTION_TEXT, FIELD(start), "HH:MM",
         "the household's time of day at the start (now)"},
	{"charger", 0, OPTION_TEXT, FIELD(charger), "NAME", "the kind of charger (abb)",
         .offer = offer_chargers},
	{"car", 0, OPTION_LIST, FIELD(car), "NAME=VALUE,...",
         "the car: max=16,phases=3,home=18-7,daily=12,...", .offer = balance_offer_car},
	{"listen", 'l', OPTION_TEXT, FIELD(listen), "ADDR", "address to serve (127.0.0.1)"},
	{"port", 'p', OPTION_INT, FIELD(port), "N",
         "ports N of the meter, N+1 of the inverter, N+2 of the charger (free ones)", .min = 1,
         .max = 65533},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
         .max = 1e9},
	{"json", 0, OPTION_FLAG, FIELD(json), NULL, "print the addresses as one JSON object"},
	{"quiet", 'q', OPTION_COUNT, FIELD(quiet), NULL, "print only errors on stderr"},
	{"verbose", 'v', OPTION_COUNT, FIELD(verbose), NULL, "print notes on stderr"},
	{0}};

static const struct option_row *const tables[] = {rows, NULL};

static const struct sim_house_options defaults = {
	.house = "seed=7,pv=5", .charger = "abb", .listen = "127.0.0.1"};

const struct command sim_house_command = {
	.name = "house",
	.summary = "simulate meter, inverter, charger and car of one house",
	.arguments = "",
	.options = tables,
	.size = sizeof(struct sim_house_options),
	.defaults = &defaults,
	.run = run,
	.example = "emtool sim house --start 18:00",
};
