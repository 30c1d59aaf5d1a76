/*
 * Decoding EVN pushes, from the bytes on the line to a record, against the rate at which openssl
 * deciphers blocks of about the same size in the same run. Goals: 0.35 of it, 0.1 with JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "output/output.h"
#include "protocol/cosem/build.h"
#include "stream/push_reader.h"

enum { PUSHES = 500, SECONDS = 1 };

struct bench {
	struct seals seals;
	struct push_decoder *decoder;
	struct text json;
	struct format_state state;
	bool print;
	size_t count;
};

static void take(void *context, struct record *r, const struct seal *seal)
{
	struct bench *b = context;

	(void)seal;
	if (b->print) {
		b->json.length = 0;
		format_json(&b->json, &b->state, r);
	}
	b->count++;
}

static void refuse(void *context, enum refusal refusal, const char *text, const struct seal *seal)
{
	(void)context;
	(void)seal;
	fprintf(stderr, "%s: %s\n", refusal_name(refusal), text);
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
	const struct push_events events = {take, refuse, b};
	struct push_reader *reader = push_reader_new(b->decoder, &events);
	double start = now(), end;

	b->count = 0;
	do {
		for (size_t at = 0; at < stream->length; at += 1 << 16) {
			size_t n = stream->length - at;

			push_reader_feed(reader, INSTANT_NONE, stream->data + at,
			                 n < 1 << 16 ? n : 1 << 16);
		}
		end = now();
	} while (end - start < SECONDS);
	push_reader_free(reader);
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
	b.seals.keys = &ring;
	b.seals.accept_replay = true;
	b.decoder = push_decoder_new(&b.seals);
	if (!b.decoder)
		return 1;
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
