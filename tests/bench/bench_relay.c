/*
 * The relay of `emtool p1` from its standard input to 1,000 TCP clients over loopback: telegrams
 * delivered per second, all of them decoded and printed besides, and resident memory. Goals:
 * 500,000 deliveries/s on two cores, 3 MB and 8 KiB per client.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol/telegram/telegram.h"

enum { CLIENTS = 1000, GOAL = 500000, EVENTS = 512, BLOCK = 1 << 16, BATCH = 12 };
enum { WARM = 1, SECONDS = 3 };

static struct sockaddr_in address;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void nap(double seconds)
{
	struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

	nanosleep(&t, NULL);
}

static void find_port(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t length = sizeof address;

	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, length) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		abort();
	close(fd);
}

/* The program under test, reading from the pipe. */
static pid_t start_relay(int input)
{
	char path[256], relay[64];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(path, sizeof path, "%s/emtool", getenv("BUILD") ? getenv("BUILD") : "build");
	snprintf(relay, sizeof relay, "127.0.0.1:%d", ntohs(address.sin_port));
	dup2(input, STDIN_FILENO);
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	execl(path, "emtool", "p1", "--json", "-", "--relay", relay, (char *)NULL);
	_exit(127);
}

/* Telegrams into the pipe: a few at once, `rate` a second, 0: as fast as they are taken. */
static pid_t start_feeder(int output, const struct text *telegram, double rate)
{
	double start;
	pid_t pid = fork();

	if (pid)
		return pid;
	start = now();
	for (unsigned long n = 0;; n++) {
		if (write(output, telegram->data, telegram->length) < 0)
			_exit(0);
		if (rate > 0 && n % BATCH == 0 && start + (double)n / rate > now())
			nap(start + (double)n / rate - now());
	}
}

static int connect_one(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), size = BLOCK;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		return fd;
	}
	close(fd);
	return -1;
}

static int connect_all(void)
{
	int poll = epoll_create1(0);

	for (int i = 0; i < CLIENTS; i++) {
		struct epoll_event event = {.events = EPOLLIN};
		double until = now() + 5;
		int fd;

		while ((fd = connect_one()) < 0) {
			if (now() > until) {
				fprintf(stderr, "bench_relay: client %d: %s\n", i, strerror(errno));
				exit(1);
			}
			nap(0.01);
		}
		event.data.fd = fd;
		epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
	}
	return poll;
}

/* Reads from all clients for so many seconds; bytes. */
static double receive(int poll, double seconds)
{
	static char block[BLOCK];
	struct epoll_event events[EVENTS];
	double until = now() + seconds, bytes = 0;

	while (now() < until) {
		int n = epoll_wait(poll, events, EVENTS, 100);

		for (int i = 0; i < n; i++) {
			ssize_t got = read(events[i].data.fd, block, sizeof block);

			if (got == 0)
				epoll_ctl(poll, EPOLL_CTL_DEL, events[i].data.fd, NULL);
			bytes += got > 0 ? (double)got : 0;
		}
	}
	return bytes;
}

static double resident(pid_t pid)
{
	char path[64], line[128];
	double kilobytes = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1)
			break;
	if (file)
		fclose(file);
	return kilobytes;
}

static bool measure(const struct text *telegram, double rate)
{
	double before, after, start, bytes, deliveries, taken;
	int pipes[2], poll;
	pid_t relay, feeder;
	bool fine;

	find_port();
	if (pipe(pipes))
		abort();
	relay = start_relay(pipes[0]);
	poll = connect_all();
	before = resident(relay);
	feeder = start_feeder(pipes[1], telegram, rate);
	receive(poll, WARM);
	start = now();
	bytes = receive(poll, SECONDS);
	taken = now() - start;
	after = resident(relay);
	deliveries = bytes / (double)telegram->length / taken;
	kill(feeder, SIGTERM);
	kill(relay, SIGTERM);
	waitpid(feeder, NULL, 0);
	waitpid(relay, NULL, 0);
	for (int fd = 3; fd < CLIENTS + 64; fd++)
		close(fd);
	fine = deliveries >= GOAL && after <= 3 * 1024 + 8 * CLIENTS;
	printf("relay, %4.0f telegrams/s of %zu bytes: %.0f deliveries/s (goal %d), resident %.1f MB "
	       "idle, %.1f MB busy (goal %.1f): %s\n",
	       rate, telegram->length, deliveries, GOAL, before / 1024, after / 1024,
	       3 + 8.0 * CLIENTS / 1024, fine ? "ok" : "MISSED");
	return fine;
}

int main(int count, char **arguments)
{
	static struct telegram_values values = {.serial = "E0043007052870318"};
	struct rlimit limit;
	struct text telegram = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &limit);
	signal(SIGPIPE, SIG_IGN);
	telegram_build(&telegram, telegram_model_find("dsmr5"), &values);
	return measure(&telegram, count > 1 ? atof(arguments[1]) : 700) ? 0 : 1;
}
