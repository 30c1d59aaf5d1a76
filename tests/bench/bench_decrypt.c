/*
 * Decoding EVN pushes, from the bytes on the line to a record, against the rate at which openssl
 * deciphers blocks of about the same size in the same run. Goals: 0.35 of it, 0.1 with JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "output/output.h"
#include "protocol/cosem/build.h"
#include "protocol/cosem/dlms.h"

enum { PUSHES = 500, SECONDS = 1 };

struct bench {
	struct dlms dlms;
	struct record record;
	struct text json;
	struct format_state state;
	bool print;
	size_t count;
};

static bool take(void *context, const struct push_apdu *apdu)
{
	struct bench *b = context;
	struct dlms_note note;

	record_begin(&b->record, "dlms");
	if (dlms_decode(&b->dlms, apdu, &b->record, &note) != PUSH_OK)
		abort();
	if (b->print) {
		b->json.length = 0;
		format_json(&b->json, &b->state, &b->record);
	}
	b->count++;
	return true;
}

static void fault(void *context, enum push_verdict verdict, const char *what)
{
	(void)context;
	fprintf(stderr, "%s: %s\n", push_verdict_name(verdict), what);
	abort();
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID,
	              &t); /* as openssl counts: other work does not matter */
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double rate(struct bench *b, const struct text *stream)
{
	const struct push_sink sink = {take, fault, notification_measure, b};
	struct push_framer framer = {0};
	double start = now(), end;

	b->count = 0;
	do {
		for (size_t at = 0; at < stream->length; at += 1 << 16) {
			size_t n = stream->length - at;

			push_feed(&framer, &sink, stream->data + at, n < 1 << 16 ? n : 1 << 16);
		}
		end = now();
	} while (end - start < SECONDS);
	push_free(&framer);
	return (double)b->count / (end - start);
}

/* "Doing AES-128-GCM for 1s on 256 size blocks: 9876543 AES-128-GCM's in 1.00s" */
static double openssl_rate(void)
{
	FILE *pipe = popen("openssl speed -seconds 1 -evp aes-128-gcm -bytes 256 2>&1", "r");
	char line[256];
	double blocks = 0, seconds = 1;

	while (pipe && fgets(line, sizeof line, pipe)) {
		const char *p = strstr(line, "blocks: ");

		if (p)
			sscanf(p, "blocks: %lf %*s in %lfs", &blocks, &seconds);
	}
	if (pipe)
		pclose(pipe);
	return blocks / seconds;
}

int main(void)
{
	static const uint8_t key[GLO_KEY] = "0123456789abcdef", title[GLO_TITLE] = "KFM12345";
	static struct bench b;
	struct meter_values v = {.time = stamp_at(1717410896000, 120),
	                         .serial = "181220000042",
	                         .energy_import = 1234567,
	                         .power_import = 432,
	                         .voltage = {233100, 234200, 230000},
	                         .current = {1230, 450, 0},
	                         .power_factor = 987};
	struct glo_keyring ring = {0};
	struct text stream = {0};
	double block, plain, json;

	if (glo_keyring_add(&ring, NULL, key, NULL))
		return 1;
	for (uint32_t i = 0; i < PUSHES; i++, v.energy_import++)
		meter_push(&stream, &meter_models[0], &v, &ring.keys[0], title, i, NULL);
	b.dlms.keys = &ring;
	b.dlms.accept_replay = true;
	b.state.style.units = false;
	block = openssl_rate();
	plain = rate(&b, &stream);
	b.print = true;
	json = rate(&b, &stream);
	printf("decrypt: %.0f pushes/s, openssl %.0f blocks/s, ratio %.3f (goal 0.35)\n", plain,
	       block, plain / block);
	printf("decrypt --json: %.0f pushes/s, ratio %.3f (goal 0.1)\n", json, json / block);
	return block > 0 && (plain < 0.35 * block || json < 0.1 * block);
}
