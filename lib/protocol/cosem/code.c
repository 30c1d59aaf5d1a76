#include "protocol/cosem/code.h"

#include <stdio.h>
#include <string.h>

/* Codes of the vocabulary that do not have the form 1-0:C.D.E. */
static const struct known {
	uint8_t a, b, c, d, e; /* b 0xFF: any */
	uint8_t kind, rank;
	const char *name;
} known[] = {
	{0, 0xFF, 1, 0, 0, CODE_CLOCK, 0, NULL},
	{0, 0, 96, 1, 0, CODE_IDENTITY, 1, NULL},
	{0, 0, 96, 1, 1, CODE_IDENTITY, 2, NULL},
	{1, 1, 0, 0, 5, CODE_IDENTITY, 3, NULL},
	{1, 1, 0, 0, 1, CODE_IDENTITY, 4, NULL},
	{0, 0, 42, 0, 0, CODE_IDENTITY, 5, NULL},
	{0, 0, 96, 14, 0, CODE_QUANTITY, 0, "tariff"},
	{0, 0, 96, 3, 10, CODE_QUANTITY, 0, "breaker_state"},
	{0, 0, 96, 7, 21, CODE_QUANTITY, 0, "power_failures"},
	{0, 0, 96, 7, 9, CODE_QUANTITY, 0, "long_power_failures"},
	{0, 0, 96, 13, 0, CODE_QUANTITY, 0, "text_message"},
	{0, 0, 96, 13, 1, CODE_QUANTITY, 0, "text_code"},
	{0, 0, 17, 0, 0, CODE_QUANTITY, 0, "power_limit"},
	{0, 0, 96, 1, 2, CODE_QUANTITY, 0, "ean"},
};

static void look_up(struct code *code)
{
	const uint8_t *b = code->bytes;

	code->kind = CODE_OTHER;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const struct known *k = &known[i];

		if (k->a != b[0] || (k->b != b[1] && k->b != 0xFF) || k->c != b[2] ||
		    k->d != b[3] || k->e != b[4])
			continue;
		code->kind = k->kind;
		code->rank = k->rank;
		if (k->name)
			code->quantity = quantity_named(k->name, strlen(k->name));
		return;
	}
	if (b[0] == 1 && b[1] <= 1 && b[5] == 0xFF)
		code->quantity = quantity_obis(OBIS_CDE(b[2], b[3], b[4]));
	if (code->quantity)
		code->kind = CODE_QUANTITY;
}

static void fill(struct code *code, const uint8_t b[CODE_SIZE])
{
	int n;

	*code = (struct code){0};
	memcpy(code->bytes, b, CODE_SIZE);
	n = snprintf(code->text, sizeof code->text, "%u-%u:%u.%u.%u", b[0], b[1], b[2], b[3], b[4]);
	if (b[5] != 0xFF)
		n += snprintf(code->text + n, sizeof code->text - (size_t)n, ".%u", b[5]);
	code->length = (uint8_t)n;
	look_up(code);
}

void code_book_trim(struct code_book *book)
{
	if (book->count >= CODE_BOOK / 3 * 2)
		*book = (struct code_book){0};
}

const struct code *code_find(struct code_book *book, const uint8_t bytes[CODE_SIZE])
{
	unsigned at = bytes[2] * 7u + bytes[3] * 31u + bytes[4] * 3u + bytes[1] * 5u + bytes[0];

	for (;; at++) {
		uint16_t *slot = &book->slots[at % CODE_SLOTS];
		struct code *code = &book->codes[*slot ? *slot - 1u : book->count];

		if (!*slot) {
			*slot = (uint16_t)++book->count;
			fill(code, bytes);
			return code;
		}
		if (!memcmp(code->bytes, bytes, CODE_SIZE))
			return code;
	}
}

bool code_like(const uint8_t *bytes)
{
	return bytes[5] == 0xFF && bytes[0] <= 9 && bytes[1] <= 64;
}

const char *cosem_unit(uint8_t code)
{
	static const char *const units[UINT8_MAX + 1] = {
#define UNIT(number, text) [number] = text,
#include "protocol/cosem/units.def"
#undef UNIT
	};

	return units[code];
}
