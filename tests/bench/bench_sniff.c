/* Speed of sniff: framing against memcpy of the same bytes, start-up against /bin/true. */
#define _DEFAULT_SOURCE
#include <fcntl.h>

#include "bench.h"
#include "base/crc.h"
#include "frame/rtu.h"

enum { SIZE = 50 << 20, RUNS = 5 };

static uint8_t *stream;
static size_t size;
static uint64_t frames;
static uint32_t state = 1;

static uint32_t next(void)
{
	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

static void put(const uint8_t *data, size_t n)
{
	uint16_t crc = crc16_modbus(data, n);

	memcpy(stream + size, data, n);
	stream[size + n] = (uint8_t)crc;
	stream[size + n + 1] = (uint8_t)(crc >> 8);
	size += n + 2;
}

/* A charger polling five registers of an N1-CT; every `damage`th frame has a wrong bit, 0: none. */
static void make_traffic(unsigned damage)
{
	static const uint16_t poll[] = {0x500A, 0x5000, 0x6000, 0x5012, 0x6018};

	size = 0;
	for (size_t i = 0; size + 17 <= SIZE; i++) {
		uint16_t address = poll[i % 5];
		uint8_t request[] = {1, 3, (uint8_t)(address >> 8), (uint8_t)address, 0, 2};
		uint8_t answer[] = {
			1, 3, 4, 0x40, (uint8_t)next(), (uint8_t)next(), (uint8_t)next()};

		put(request, sizeof request);
		put(answer, sizeof answer);
		if (damage && next() % damage == 0)
			stream[size - 17 + next() % 8] ^= (uint8_t)(1u << next() % 8);
		if (damage && next() % damage == 0)
			stream[size - 9 + next() % 9] ^= (uint8_t)(1u << next() % 8);
	}
}

static void count(void *context, const struct modbus_frame *frame)
{
	(void)context;
	frames += frame->length > 0;
}

static void frame_all(void *context)
{
	static struct rtu rtu;

	(void)context;
	frames = 0;
	rtu_init(&rtu, count, NULL);
	for (size_t at = 0; at < size; at += 65536)
		rtu_feed(&rtu, stream + at, size - at < 65536 ? size - at : 65536, INSTANT_NONE);
	rtu_end(&rtu);
}

static bool framing(const char *what, double goal)
{
	double copy = bench_memcpy(RUNS, stream, size), took = bench_best(RUNS, frame_all, NULL);
	bool good = bench_goal(what, took / copy, goal, "x memcpy");

	printf("    %.0f MB/s, %.1f ns a frame, memcpy %.0f MB/s\n", (double)size / took / 1e6,
	       frames ? took * 1e9 / (double)frames : 0, (double)size / copy / 1e6);
	return good;
}

/* `sniff --frames --json FILE > /dev/null` as a whole process */
static bool printing(const char *emtool)
{
	char path[] = "/tmp/bench_sniff_XXXXXX", command[512];
	double copy = bench_memcpy(RUNS, stream, size), best = 1e9;
	int fd = mkstemp(path);
	bool good = fd >= 0 && write(fd, stream, size) == (ssize_t)size;

	snprintf(command, sizeof command, "%s sniff --frames --json %s > /dev/null", emtool, path);
	for (int i = 0; good && i < RUNS; i++) {
		double took = bench_command(command);

		best = took < best ? took : best;
	}
	unlink(path);
	return bench_goal("sniff --frames --json > /dev/null", best / copy, 120, "x memcpy") &&
	       good;
}

static long resident_of_children(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return usage.ru_maxrss;
}

static bool start_up(char *emtool)
{
	char *version[] = {emtool, "--version", NULL}, *nothing[] = {"/bin/true", NULL};
	int null = open("/dev/null", O_WRONLY), out = dup(1);
	double mine, bare;
	long before, after;
	bool swift, small;

	fflush(stdout);
	dup2(null, 1);
	bare = bench_process(300, nothing);
	before = resident_of_children();
	mine = bench_process(300, version);
	after = resident_of_children();
	dup2(out, 1);
	swift = bench_goal("emtool --version", mine / bare, 1.3, "x /bin/true");
	small = bench_goal("emtool --version, resident",
	                   (double)(after > before ? after : before) / 1024, 2.5, "MB");
	return swift && small;
}

int main(void)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char emtool[256];
	bool good;

	snprintf(emtool, sizeof emtool, "%s/emtool", build);
	good = start_up(emtool);
	stream = malloc(SIZE + 64);
	if (!stream)
		return 1;
	make_traffic(0);
	good = framing("framing, clean N1-CT traffic", 12) && good;
	good = printing(emtool) && good;
	make_traffic(20);
	good = framing("framing, 5 % of the frames damaged", 25) && good;
	for (size = 0; size < SIZE; size++)
		stream[size] = (uint8_t)(next() >> 5);
	good = framing("framing, random bytes", 90) && good;
	free(stream);
	return good ? 0 : 1;
}
