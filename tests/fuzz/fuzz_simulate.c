/*
 * A whole simulation: a recorded household of any bytes as CSV, the words of settings, car and fuse, and
 * faults. The first two bytes choose options, four lines are words, the rest is the recording.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/house_log.h"
#include "balance/simulate.h"
#include "balance/summary.h"
#include "fuzz.h"

static struct simulation simulation;

/* Years without a row would be simulated second by second: here an hour has to do. */
static void on_run(void *context, const struct simulation_run *run)
{
	struct simulation_run cut = *run;

	(void)context;
	cut.seconds = cut.seconds > 3600 ? 3600 : cut.seconds;
	simulation_run(&simulation, &cut);
	fuzz_require(simulation.balancer.limit >= 0, "limit");
}

static void on_second(void *context, const struct simulation_tick *tick)
{
	struct record *r = context;

	balance_second(r, tick, "fuzz");
}

static void on_day(void *context, const struct simulation_day *day)
{
	balance_day(context, day, "fuzz");
}

/* NAME=VALUE; the limits of a simulation count. */
static void take_fault(struct simulation_faults *f, const char *word)
{
	const char *equals = strchr(word, '=');
	char name[16];

	if (!equals || equals - word >= (long)sizeof name)
		return;
	snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
	fault_parse(f, name, equals + 1);
}

static void take_word(struct simulation_settings *s, int car, const char *word)
{
	const struct balance_setting *row;
	struct fuse fuse;

	balance_setting_parse(&s->balance, word, &row);
	car_parse(&s->cars[car], word, strlen(word));
	if (!fuse_parse(&fuse, word))
		s->fuse = fuse;
	take_fault(&s->faults, word);
}

static void take_span(struct fault_span *span, struct input *in)
{
	span->from = fuzz_byte(in);
	span->seconds = fuzz_byte(in);
}

static void take_faults(struct simulation_faults *f, struct input *in)
{
	f->charger_timeout = (int32_t)fuzz_byte(in);
	f->charger_fallback = (int32_t)fuzz_byte(in) * 100;
	f->lost = (int32_t)fuzz_word(in) % 10001;
	f->resolution = (int32_t)fuzz_byte(in) * 10;
	take_span(&f->silent, in);
	take_span(&f->frozen, in);
	take_span(&f->dead, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct house_csv csv;
	struct simulation_settings s;
	struct house_feed feed = {.emit = on_run};
	struct input in = {data, size}, line;
	struct record r = {0};
	unsigned choice = fuzz_byte(&in);

	memset(&s, 0, sizeof s);
	s.balance = balance_defaults();
	s.car = s.cars[1] = car_defaults();
	s.more_cars = (choice & 64) != 0;
	fuse_init(&s.fuse, FUSE_ANY, 25000);
	s.algorithm = choice & 1 ? ALGORITHM_HEADROOM : ALGORITHM_THRESHOLD;
	s.open_loop = choice & 2;
	s.quirks = choice & 4;
	s.blind = choice & 8;
	if (choice & 16)
		take_faults(&s.faults, &in);
	for (int i = 0; i < 4 && fuzz_line(&in, &line); i++) {
		char *word = strndup((const char *)line.data, line.size);

		take_word(&s, i & s.more_cars, word);
		free(word);
	}
	car_settle(&s.car);
	car_settle(&s.cars[1]);
	simulation_start(&simulation, &s, 0, choice & 32 ? on_second : NULL, &r);
	if (choice & 128)
		simulation_each_day(&simulation, on_day, &r);
	house_csv_start(&csv, &feed);
	house_csv_data(&csv, (const char *)in.data, in.size);
	house_csv_end(&csv);
	simulation_finish(&simulation);
	balance_summary(&r, &simulation, "fuzz");
	balance_summary_days(&r, &simulation);
	fuzz_record(&r);
	record_free(&r);
	return 0;
}
