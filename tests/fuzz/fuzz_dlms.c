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
#include "protocol/cosem/dlms.h"

static const uint8_t *plain;
static size_t plain_size;

static void body(struct text *out, const struct meter_values *v, uint32_t invoke)
{
	(void)v;
	(void)invoke;
	text_add(out, (const char *)plain, plain_size);
}

struct fuzz {
	struct dlms dlms;
	struct record record;
	struct text printed;
	size_t given;
	bool framed;
};

static bool take(void *context, const struct push_apdu *apdu)
{
	static struct format_state json = {.style.units = true};
	struct fuzz *f = context;
	struct dlms_note note;

	f->given++;
	record_begin(&f->record, "dlms");
	if (dlms_decode(&f->dlms, apdu, &f->record, &note) != PUSH_OK)
		return false;
	if (note.telegram)
		return true;
	f->printed.length = 0;
	format_json(&f->printed, &json, &f->record);
	return true;
}

static void fault(void *context, enum push_verdict verdict, const char *what)
{
	const struct fuzz *f = context;

	(void)what;
	if (f->framed && verdict != PUSH_LENGTH) /* in sound frames nothing is lost */
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
	const struct push_sink sink = {take, fault, notification_measure, &f};
	struct push_framer framer = {0};
	struct meter_model model = {.body = body};
	struct text push = {0};

	if (size < 2 || size > 3000)
		return 0;
	if (!ring.count) {
		glo_keyring_add(&ring, NULL, (const uint8_t *)"0123456789abcdef",
		                (const uint8_t *)"fedcba9876543210");
		f.dlms.keys = &ring;
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
	push_feed(&framer, &sink, push.data, push.length);
	push_end(&framer, &sink);
	if (f.given != 1 && f.framed)
		abort();
	push_free(&framer);
	text_free(&push);
	counters_free(&f.dlms.counters);
	return 0;
}
