/*
 * A year of seconds: the bare five-state machine on recorded currents, against the whole closed
 * loop (house, car, meter, balancer, wear on three phases, statistics) on the same house. The loop
 * may take twice as long as the machine. The reading of CSV is timed apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "balance/house_log.h"
#include "balance/household.h"
#include "balance/simulate.h"

enum { DAY = 86400, DAYS = 365 };

static const struct household_settings house = {.seed = 7, .days = DAYS, .day = 1};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* other work does not matter */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The house of the year, second by second. */
static int32_t (*currents)[BALANCE_PHASES];

static void record_house(void)
{
	struct household h;
	int32_t now[BALANCE_PHASES];
	size_t at = 0;
	int64_t n;

	household_start(&h, &house);
	while ((n = household_next(&h, now)))
		while (n-- > 0)
			memcpy(currents[at++], now, sizeof now);
}

static double bare(long *check)
{
	struct balance_settings s = balance_defaults();
	struct threshold t;
	double begin = seconds();

	threshold_start(&t, false);
	for (size_t i = 0; i < (size_t)DAYS * DAY; i++) {
		threshold_tick(&t, &s, currents[i]);
		*check += t.limit;
	}
	return seconds() - begin;
}

static struct simulation sim;

static bool lives; /* the car is away by day, and drives */

static void begin_loop(enum balance_algorithm algorithm)
{
	struct simulation_settings s;

	memset(&s, 0, sizeof s);
	s.algorithm = algorithm;
	s.balance = balance_defaults();
	s.car = car_defaults();
	s.car.daily = lives ? 12000 : 0;
	car_settle(&s.car);
	fuse_init(&s.fuse, FUSE_ANY, 25000);
	simulation_start(&sim, &s, 0, NULL, NULL);
}

static double loop(enum balance_algorithm algorithm)
{
	struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};
	struct household h;
	double begin = seconds();

	begin_loop(algorithm);
	household_start(&h, &house);
	while ((run.seconds = household_next(&h, run.currents)))
		simulation_run(&sim, &run);
	simulation_finish(&sim);
	return seconds() - begin;
}

/* A house that changes in every second leaves nothing to take in strides. */
static double restless(enum balance_algorithm algorithm)
{
	struct simulation_run run = {
		.override_limit = CURRENT_NONE, .telegram = true, .seconds = 1};
	double begin = seconds();

	begin_loop(algorithm);
	for (size_t i = 0; i < (size_t)DAYS * DAY; i++) {
		memcpy(run.currents, currents[i], sizeof run.currents);
		run.currents[0] += (int32_t)(i * 7919 % 97);
		simulation_run(&sim, &run);
	}
	simulation_finish(&sim);
	return seconds() - begin;
}

static void nothing(void *context, const struct simulation_run *run)
{
	*(int64_t *)context += run->seconds;
}

static double csv(double *megabytes)
{
	static char text[DAY * 40];
	struct house_csv c;
	int64_t read = 0;
	struct house_feed feed = {.emit = nothing, .context = &read};
	size_t size = (size_t)sprintf(text, "t,current_l1,current_l2,current_l3\n");
	double begin;

	for (size_t i = 0; i < DAY; i++)
		size += (size_t)sprintf(text + size, "%zu,%.2f,%.2f,%.2f\n", i,
		                        currents[i][0] / 1000.0, currents[i][1] / 1000.0,
		                        currents[i][2] / 1000.0);
	house_csv_start(&c, &feed);
	begin = seconds();
	house_csv_data(&c, text, size);
	house_csv_end(&c);
	*megabytes = (double)size / 1e6;
	return read == DAY ? seconds() - begin : -1;
}

static double best(double (*measure)(enum balance_algorithm), enum balance_algorithm algorithm)
{
	double least = measure(algorithm);

	for (int i = 0; i < 2; i++) {
		double again = measure(algorithm);

		least = again < least ? again : least;
	}
	return least;
}

static int show(const char *name, double time, double reference, double goal)
{
	printf("balance: %-38s %6.3f s  %5.2f ns a second  %.2f times the bare machine%s\n", name,
	       time, time * 1e9 / ((double)DAYS * DAY), time / reference,
	       goal <= 0                  ? ""
	       : time <= goal * reference ? " (goal: 2)"
	                                  : " (goal: 2, missed)");
	return goal > 0 && time > goal * reference;
}

int main(void)
{
	double reference, megabytes, time;
	int missed = 0;
	long check = 0;

	currents = malloc((size_t)DAYS * DAY * sizeof *currents);
	if (!currents)
		return 1;
	record_house();
	reference = bare(&check);
	time = bare(&check);
	reference = time < reference ? time : reference;
	show("bare five-state machine, a year", reference, reference, 0);
	missed += show("closed loop, threshold, a year", best(loop, ALGORITHM_THRESHOLD), reference,
	               2);
	missed += show("closed loop, headroom, a year", best(loop, ALGORITHM_HEADROOM), reference,
	               2);
	lives = true;
	show("a car that lives, headroom, a year", best(loop, ALGORITHM_HEADROOM), reference, 0);
	lives = false;
	show("restless house, threshold, a year", best(restless, ALGORITHM_THRESHOLD), reference,
	     0);
	show("restless house, headroom, a year", best(restless, ALGORITHM_HEADROOM), reference, 0);
	time = csv(&megabytes);
	printf("balance: CSV, a day                            %.1f MB/s, %.1f M rows/s (check "
	       "%ld)\n",
	       megabytes / time, DAY / time / 1e6, check & 1);
	free(currents);
	return missed > 0 || time < 0;
}
