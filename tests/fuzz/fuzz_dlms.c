/*
 * Plain text of the fuzzer's choice inside valid tags, checks and frames: what a meter with the
 * right key could send. The first byte chooses line, control byte and where it is cut.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "protocol/cosem/build.h"
#include "stream/push_reader.h"

static const uint8_t *plain;
static size_t plain_size;

static void body(struct text *out, const struct meter_values *v, uint32_t invoke)
{
	(void)v;
	(void)invoke;
	text_add(out, (const char *)plain, plain_size);
}

struct fuzz {
	struct seals seals;
	struct push_decoder *decoder;
	struct text printed;
	size_t given;
	bool framed;
};

static void on_record(void *context, struct record *r, const struct seal *seal)
{
	static struct format_state json = {.style.units = true};
	struct fuzz *f = context;

	(void)seal;
	f->given++;
	f->printed.length = 0;
	format_json(&f->printed, &json, r);
}

/* In sound frames nothing is lost: what is refused is the push itself. */
static void on_refused(void *context, enum refusal refusal, const char *text,
                       const struct seal *seal)
{
	struct fuzz *f = context;

	(void)text;
	f->given += seal != NULL;
	if (f->framed && !seal && refusal != REFUSED_LENGTH)
		abort();
}

/* LLC headers in the bytes; a segment that begins with one looks like a new message. */
static unsigned headers(const struct text *push)
{
	const uint8_t *p = (const uint8_t *)push->data;
	unsigned n = 0;

	for (size_t i = 0; i + 2 < push->length; i++)
		n += p[i] == 0xE6 && (p[i + 1] | 1) == 0xE7 && p[i + 2] == 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t title[GLO_TITLE] = {'K', 'F', 'M', 'g', 'P', 0, 0, 1};
	static const uint8_t controls[] = {0x20, 0x30, 0x21, 0x10};
	static struct glo_keyring ring;
	static struct fuzz f;
	const struct push_events events = {on_record, on_refused, &f};
	struct push_reader *reader;
	struct meter_model model = {.body = body};
	struct text push = {0};

	if (size < 2 || size > 3000)
		return 0;
	if (!ring.count) {
		glo_keyring_add(&ring, NULL, (const uint8_t *)"0123456789abcdef",
		                (const uint8_t *)"fedcba9876543210");
		f.seals.keys = &ring;
		f.decoder = push_decoder_new(&f.seals);
	}
	model.line = (enum build_line)(data[0] % 5);
	model.control = controls[data[0] / 5 % 4];
	model.segment = model.line == BUILD_MBUS ? 230 : 100;
	if ((model.line == BUILD_HDLC && size > 1900) || size / model.segment >= 15)
		model.line = BUILD_BARE;
	plain = data + 1;
	plain_size = size - 1;
	meter_push(&push, &model, NULL, &ring.keys[0], title, 1, NULL);
	f.given = 0;
	/* a bare APDU that is refused is looked through */
	f.framed = model.line != BUILD_BARE && headers(&push) < 2;
	reader = push_reader_new(f.decoder, &events);
	push_reader_feed(reader, INSTANT_NONE, push.data, push.length);
	push_reader_end(reader, INSTANT_NONE);
	if (f.given != 1 && f.framed)
		abort();
	push_reader_free(reader);
	text_free(&push);
	counters_free(&f.seals.counters);
	return 0;
}
