/* Text output of register values. */
#include "device/registers.h"

/* `NotConnected, A`: the meaning of the device's text, and the text itself. */
static void put_text(struct text *out, const struct device_register *row, const struct value *v)
{
	for (const struct register_word *w = row->words; w && w->word; w++) {
		if (strlen(w->text) == v->as.text.length &&
		    !memcmp(w->text, v->as.text.data, v->as.text.length)) {
			text_puts(out, w->word);
			text_puts(out, ", ");
			break;
		}
	}
	text_printable(out, v->as.text.data, v->as.text.length);
}

static const char *word_of(const struct device_register *row, uint64_t n)
{
	for (const struct register_word *w = row->words; w->word; w++)
		if (w->value == n)
			return w->word;
	return NULL;
}

/* `Error, Warning & Initialised`: the set bits, in the order of the words. */
static void put_bits(struct text *out, const struct device_register *row, uint64_t bits)
{
	unsigned left = 0;
	uint64_t rest = bits;

	if (!bits)
		text_puts(out, word_of(row, 0) ? word_of(row, 0) : "0");
	for (uint64_t b = bits; b; b &= b - 1)
		left++;
	for (const struct register_word *w = row->words; w->word; w++) {
		if (!(rest & w->value))
			continue;
		text_puts(out, w->word);
		rest &= ~(uint64_t)w->value;
		if (--left)
			text_puts(out, left > 1 ? ", " : " & ");
	}
	for (unsigned i = 0; i < 64; i++)
		if (rest >> i & 1)
			text_printf(out, "bit%u%s", i, --left > 1 ? ", " : left ? " & " : "");
}

void register_text(struct text *out, const struct device_register *row, const struct value *v)
{
	char number[FLOAT_TEXT];
	const char *word;

	switch (v->kind) {
	case VALUE_TEXT: put_text(out, row, v); return;
	case VALUE_FLOAT32: text_add(out, number, float32_format(number, v->as.f32)); return;
	case VALUE_FLOAT64: text_add(out, number, float64_format(number, v->as.f64)); return;
	case VALUE_DECIMAL:
		if (row->words && row->flags & FLAG_BITS) {
			put_bits(out, row, v->as.decimal.digits);
			return;
		}
		word = row->words && !v->as.decimal.negative ? word_of(row, v->as.decimal.digits)
		                                             : NULL;
		if (word)
			text_puts(out, word);
		else
			text_decimal(out, v->as.decimal);
		return;
	default: text_char(out, '-');
	}
}
