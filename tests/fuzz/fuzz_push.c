/* Raw bytes as a line would bring them, in pieces: framed, deciphered, decoded, printed. */
#include <stddef.h>
#include <stdint.h>

#include "output/output.h"
#include "protocol/cosem/dlms.h"

struct fuzz {
	struct dlms dlms;
	struct record record;
	struct text printed;
};

static bool take(void *context, const struct push_apdu *apdu)
{
	static struct format_state json = {.style.units = true}, plain;
	struct fuzz *f = context;
	struct dlms_note note;

	record_begin(&f->record, "dlms");
	if (dlms_decode(&f->dlms, apdu, &f->record, &note) != PUSH_OK)
		return false;
	if (note.telegram)
		return true;
	f->printed.length = 0;
	format_json(&f->printed, &json, &f->record);
	format_text(&f->printed, &plain, &f->record);
	format_evn(&f->printed, &plain, &f->record);
	return true;
}

static void fault(void *context, enum push_verdict verdict, const char *what)
{
	(void)context;
	(void)verdict;
	(void)what;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;
	static struct glo_keyring ring;
	const struct push_sink sink = {take, fault, notification_measure, &f};
	struct push_framer framer = {0};
	size_t piece = size ? 1u + data[0] % 64 : 1;

	if (!ring.count) {
		glo_keyring_add(&ring, NULL, (const uint8_t *)"0123456789abcdef", NULL);
		f.dlms.keys = &ring;
	}
	for (size_t at = 0; at < size; at += piece)
		push_feed(&framer, &sink, data + at, size - at < piece ? size - at : piece);
	push_end(&framer, &sink);
	push_free(&framer);
	counters_free(&f.dlms.counters);
	return 0;
}
