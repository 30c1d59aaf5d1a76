/*
 * `emtool balance run` between a meter and a charger on loopback: the time from the last byte of a
 * telegram to the write of the set-point that follows from it, and what the program costs at a
 * telegram a second. The bench is both meter and charger (an ABB Terra: holding registers from
 * 0x4000). Goals: 50 ms at the median, 150 ms at worst, 4 MB, 0.1 % of a core.
 */
#define _DEFAULT_SOURCE /* wait4 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "bench.h"
#include "protocol/telegram/telegram.h"

enum { METER, CHARGER, PLACES, REGISTERS = 0x200, BASE = 0x4000, SET_POINT = 0x4100 };
enum { WARM = 8, STEPS = 16, PATIENCE = 80, LONGEST = 3000 };
enum { FITS = 24500, ROOM = 10000, LESS = 3000 }; /* mA: for house and car; the car before; less */

static struct pollfd places[2 * PLACES]; /* listening sockets, then their connections */
static int ports[PLACES];
static uint16_t words[REGISTERS];
static double written; /* when the last set-point came */
static int32_t set_point;

static void listen_on(int place)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, length) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		abort();
	ports[place] = ntohs(address.sin_port);
	places[place] = (struct pollfd){fd, POLLIN, 0};
	places[PLACES + place] = (struct pollfd){-1, POLLIN, 0};
}

static void put(unsigned address, uint32_t value)
{
	words[address - BASE] = (uint16_t)(value >> 16);
	words[address - BASE + 1] = (uint16_t)value;
}

/* The car draws its limit at once. */
static void apply(int32_t limit)
{
	set_point = limit;
	put(0x400E, (uint32_t)limit);
	put(0x4022, (uint32_t)limit);
	for (unsigned i = 0; i < 3; i++)
		put(0x4010 + 2 * i, (uint32_t)limit);
}

static unsigned word_at(const uint8_t *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

static void take_write(const uint8_t *request)
{
	unsigned address = word_at(request + 8);

	if (address == SET_POINT) {
		apply((int32_t)(word_at(request + 13) << 16 | word_at(request + 15)));
		written = bench_now();
	} else if (address == 0x4106) {
		words[0x20] = (uint16_t)word_at(request + (request[7] == 6 ? 10 : 13));
	} else if (address == 0x4109) {
		words[0x24] = (uint16_t)word_at(request + (request[7] == 6 ? 10 : 13));
	}
}

static size_t answer(const uint8_t *request, uint8_t *reply)
{
	unsigned address = word_at(request + 8), count = word_at(request + 10);

	memcpy(reply, request, 12);
	if (request[7] != 3) {
		take_write(request);
		reply[5] = 6;
		return 12;
	}
	reply[5] = (uint8_t)(3 + 2 * count);
	reply[8] = (uint8_t)(2 * count);
	for (unsigned i = 0; i < count && address + i - BASE < REGISTERS; i++) {
		reply[9 + 2 * i] = (uint8_t)(words[address - BASE + i] >> 8);
		reply[10 + 2 * i] = (uint8_t)words[address - BASE + i];
	}
	return 9 + 2 * count;
}

static void serve(int place)
{
	uint8_t request[300], reply[300];
	struct pollfd *p = &places[PLACES + place];
	ssize_t size = read(p->fd, request, sizeof request);

	if (size <= 0) {
		close(p->fd);
		p->fd = -1;
	} else if (place == CHARGER && size >= 12) {
		size_t length = answer(request, reply);

		if (write(p->fd, reply, length) != (ssize_t)length)
			abort();
	}
}

/* Plays the charger for so many seconds, or until a set-point comes. */
static void play(double seconds, bool until_written)
{
	double end = bench_now() + seconds;

	for (double left = seconds; left > 0; left = end - bench_now()) {
		if (until_written && written > 0)
			return;
		poll(places, 2 * PLACES, (int)(left * 1000) + 1);
		for (int i = 0; i < PLACES; i++) {
			if (places[i].revents)
				places[PLACES + i].fd = accept(places[i].fd, NULL, NULL);
			if (places[PLACES + i].revents)
				serve(i);
		}
	}
}

/* A telegram with that current of the house on all phases, beside the car's. */
static void tell(int32_t house)
{
	static instant time = INT64_C(1780000000000);
	struct telegram_values v = {.time = time += 1000, .serial = "4530303331313233"};
	struct text text = {0};

	v.milli[TELEGRAM_current_l1] = v.milli[TELEGRAM_current_l2] = v.milli[TELEGRAM_current_l3] =
		house + set_point;
	v.milli[TELEGRAM_power_import_l1] = v.milli[TELEGRAM_power_import_l2] =
		v.milli[TELEGRAM_power_import_l3] = 230 * (int64_t)(house + set_point);
	telegram_build(&text, telegram_model_find("dsmr5"), &v);
	if (text.failed || write(places[PLACES + METER].fd, text.data, text.length) < 0)
		abort();
	text_free(&text);
}

static pid_t start(void)
{
	char path[256], p1[64], charger[64];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(path, sizeof path, "%s/emtool", getenv("BUILD") ? getenv("BUILD") : "build");
	snprintf(p1, sizeof p1, "tcp://127.0.0.1:%d", ports[METER]);
	snprintf(charger, sizeof charger, "abb://127.0.0.1:%d", ports[CHARGER]);
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	execl(path, "emtool", "balance", "run", "--p1", p1, "--charger", charger, "--json",
	      "--algorithm", "headroom", "--set", "quiet_wait=2", "--set", "restart_wait=2",
	      (char *)NULL);
	_exit(127);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * ms from a telegram that asks for less to the set-point. What was lowered a moment ago is not raised
 * as high again for a minute, so there has to be room below.
 */
static double reaction(void)
{
	double told;

	for (int i = 0; i < 4 || (set_point < ROOM && i < PATIENCE); i++) {
		tell(2000);
		play(1, false);
	}
	written = 0;
	tell(FITS - set_point + LESS);
	told = bench_now();
	play(LONGEST / 1000.0, true);
	return written > 0 ? (written - told) * 1000 : LONGEST;
}

int main(void)
{
	double took[STEPS], begin;
	struct rusage usage;
	bool good = true;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	listen_on(METER);
	listen_on(CHARGER);
	words[0x20] = 60;
	put(0x4006, 32000);
	apply(6000);
	pid = start();
	begin = bench_now();
	play(1, false);
	if (places[PLACES + METER].fd < 0) {
		fprintf(stderr, "bench_steer: the program does not connect\n");
		return 1;
	}
	for (int i = 0; i < WARM; i++) {
		tell(2000);
		play(1, false);
	}
	for (int i = 0; i < STEPS; i++)
		took[i] = reaction();
	kill(pid, SIGTERM);
	wait4(pid, NULL, 0, &usage);
	begin = bench_now() - begin;
	qsort(took, STEPS, sizeof *took, compare);
	good &= bench_goal("steer: telegram to set-point, median", took[STEPS / 2], 50, "ms");
	good &= bench_goal("steer: telegram to set-point, worst", took[STEPS - 1], 150, "ms");
	good &= bench_goal("steer: resident", (double)usage.ru_maxrss / 1024, 4, "MB");
	good &= bench_goal(
		"steer: of a core, at a telegram a second",
		100 *
			((double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6) /
			begin,
		0.1, "%");
	return !good;
}
