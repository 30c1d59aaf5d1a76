/*
 * Decoding P1 telegrams, CRC of every byte and all values, against memcpy of the same bytes in the
 * same run. Goals: one DSMR 5 telegram over and over at 1/9 of memcpy, with JSON to /dev/null 1/25,
 * telegrams of many meters, in the kinds that published telegrams have, at 1/25.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "output/output.h"
#include "protocol/dsmr/dsmr.h"
#include "protocol/telegram/telegram.h"

enum { SIZE = 100000000, CHUNK = 65536, RUNS = 5 };

struct bench {
	struct dsmr *decoder;
	struct record record;
	struct output *output; /* or NULL */
	size_t count, values;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* other work does not matter */
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void on_telegram(void *context, const struct p1_telegram *t)
{
	struct bench *b = context;
	const struct output *failed;

	if (t->crc == P1_CRC_BAD || dsmr_decode(b->decoder, t, &b->record))
		abort();
	b->count++;
	b->values += b->record.count;
	if (b->output && output_write(b->output, &b->record, &failed))
		abort();
}

/* MB/s, the best of some runs */
static double decode(const uint8_t *data, size_t size, bool print)
{
	static const struct style style;
	struct bench b = {.decoder = dsmr_new(0)};
	struct p1_handler handler = {on_telegram, NULL, &b};
	const struct output *failed;
	double best = 0;

	if (print)
		b.output = output_print(open("/dev/null", O_WRONLY), true, "null", format_json,
		                        &style);
	for (int run = 0; run < RUNS; run++) {
		struct p1_framer framer;
		double start = now(), rate;

		p1_init(&framer, &handler);
		for (size_t at = 0; at < size; at += CHUNK)
			p1_feed(&framer, data + at, size - at < CHUNK ? size - at : CHUNK);
		p1_end(&framer);
		p1_free(&framer);
		rate = (double)size / (now() - start) / 1e6;
		best = rate > best ? rate : best;
	}
	if (b.output)
		output_close(b.output, &failed);
	record_free(&b.record);
	dsmr_free(b.decoder);
	return best;
}

static double copy(uint8_t *to, const uint8_t *from, size_t size)
{
	double best = 0;

	for (int run = 0; run < RUNS; run++) {
		double start = now(), rate;

		memcpy(to, from, size);
		rate = (double)size / (now() - start) / 1e6;
		__asm__ volatile("" : : "r"(to) : "memory");
		best = rate > best ? rate : best;
	}
	return best;
}

static size_t fill(uint8_t *data, const struct text *telegrams)
{
	size_t size = 0;

	for (; size + telegrams->length <= SIZE; size += telegrams->length)
		memcpy(data + size, telegrams->data, telegrams->length);
	return size;
}

static bool report(const char *what, double rate, double memory, double goal)
{
	bool good = rate / memory >= goal;

	printf("p1: %-32s%7.0f MB/s, 1/%.1f of memcpy (%.0f MB/s), goal 1/%.1f%s\n", what, rate,
	       memory / rate, memory, 1 / goal, good ? "" : "  MISSED");
	return good;
}

/* A household from `seed`: energies, powers, voltages and a serial number. */
static void build(struct text *out, const char *model, uint64_t seed)
{
	char serial[18];
	struct telegram_values values = {.time = 1700000000000,
	                                 .gas_time = 1699999800000,
	                                 .peak_time = 1699000000000,
	                                 .serial = serial,
	                                 .seed = seed};
	int64_t more = (int64_t)(seed * 7919 % 1000);

	snprintf(serial, sizeof serial, "E%016llu", (unsigned long long)(seed * 7052870318u));
	for (size_t i = 0; i < TELEGRAM_VALUES; i++) {
		const char *name = telegram_value_names[i];

		values.milli[i] = strstr(name, "energy") ? 2345678000 + 1111000 * (int64_t)i * more
		                  : strstr(name, "voltage") ? 230100 + 100 * (int64_t)i
		                  : strstr(name, "current")
		                          ? 5230 + more
		                          : 1193000 + 1000 * (int64_t)i + 1000 * more;
	}
	values.milli[TELEGRAM_tariff] = 1000 + 1000 * (int64_t)(seed % 2);
	telegram_build(out, telegram_model_find(model), &values);
}

/* How many of a hundred published telegrams are of each kind. */
static const struct {
	const char *model;
	unsigned count;
} kinds[] = {{"dsmr5", 24}, {"dsmr4", 33}, {"dsmr3", 5}, {"dsmr22", 13},
             {"emucs", 12}, {"se", 8},     {"lt", 2},    {"lu", 1},
             {"at", 1},     {"ch", 1},     {"hu", 1},    {"esmr", 3}};

/* One telegram of each meter; neighbours are of different kinds. */
static void build_mixed(struct text *out)
{
	unsigned left[sizeof kinds / sizeof kinds[0]], total = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		total += left[i] = kinds[i].count;
	for (uint64_t seed = 1; total;)
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
			if (!left[i])
				continue;
			left[i]--;
			total--;
			build(out, kinds[i].model, seed++);
		}
}

int main(void)
{
	uint8_t *data = malloc(SIZE), *other = malloc(SIZE);
	struct text one = {0}, mixed = {0};
	double memory;
	bool good;
	size_t n;

	if (!data || !other)
		return 1;
	memset(other, 1, SIZE);
	build(&one, "dsmr5", 1);
	build_mixed(&mixed);
	n = fill(data, &one);
	memory = copy(other, data, n);
	good = report("one DSMR 5 telegram", decode(data, n, false), memory, 1.0 / 9);
	good &= report("the same, with JSON", decode(data, n, true), memory, 1.0 / 25);
	n = fill(data, &mixed);
	good &= report("a hundred meters, mixed", decode(data, n, false), memory, 1.0 / 25);
	text_free(&one);
	text_free(&mixed);
	free(data);
	free(other);
	return !good;
}
