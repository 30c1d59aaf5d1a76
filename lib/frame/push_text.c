/* Decodes hexadecimal text to bytes. */
#include "base/hex.h"
#include "frame/push_message.h"

enum { UNKNOWN, BINARY, HEXADECIMAL };
enum { ENOUGH = 24, HALF = 0x10 }; /* hexadecimal digits that prove a text */

static bool separator(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == ':' || c == '-' || c == ',';
}

/*
 * A line break may split a byte if all lines have the same length. Otherwise a line that ends with
 * half a byte has lost a digit, and the next line begins with a whole byte.
 */
static void end_line(struct push_framer *f)
{
	if (f->line && f->line != f->line_before && f->line_before)
		f->half = 0;
	f->line_before = f->line ? f->line : f->line_before;
	f->line = 0;
}

/* Digits pair up across chunks; anything that is neither digit nor separator ends a byte. */
static void take_text(struct push_framer *f, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int value = hex_digit(data[i]);

		f->line += value >= 0;
		if (data[i] == '\n') {
			end_line(f);
		} else if (value < 0) {
			f->half = separator(data[i]) ? f->half : 0;
		} else if (!f->half) {
			f->half = (uint8_t)(HALF | value);
		} else {
			text_char(&f->input, (char)((f->half & 0x0F) << 4 | value));
			f->half = 0;
		}
	}
}

/* Examines the bytes that arrive while the form is unknown. */
static void recognise(struct push_framer *f, const uint8_t *data, size_t size, bool final)
{
	for (size_t i = 0; i < size && f->form == UNKNOWN; i++) {
		if (hex_digit(data[i]) >= 0)
			f->form = ++f->digits >= ENOUGH ? HEXADECIMAL : UNKNOWN;
		else if (!separator(data[i]))
			f->form = BINARY;
	}
	if (final && f->form == UNKNOWN)
		f->form = f->digits >= 2 ? HEXADECIMAL : BINARY;
}

bool push_take(struct push_framer *f, const uint8_t *data, size_t size, bool final)
{
	struct text held;

	if (f->form == BINARY) {
		text_add(&f->input, (const char *)data, size);
		return true;
	}
	if (f->form == HEXADECIMAL) {
		take_text(f, data, size);
		return true;
	}
	recognise(f, data, size, final);
	text_add(&f->input, (const char *)data, size);
	if (f->form == HEXADECIMAL) {
		held = f->input;
		f->input = (struct text){.failed = held.failed};
		take_text(f, (const uint8_t *)held.data, held.length);
		text_free(&held);
	}
	return f->form != UNKNOWN;
}

void push_forget(struct push_framer *f)
{
	f->form = UNKNOWN;
	f->digits = f->line = f->line_before = 0;
	f->half = 0;
}
