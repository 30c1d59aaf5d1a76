/* Names of columns and members, units and currencies, and numbers, as price lists write them. */
#include <stdio.h>
#include <string.h>

#include "balance/prices_reader.h"
#include "base/decimal.h"
#include "base/error.h"

enum { WORD = 64 };

enum match { IS, BEGINS, CONTAINS };

/* Names without case and signs; the first row that fits counts. */
static const struct {
	const char *word;
	uint8_t match, role, rank;
} names[] = {
	{"area", CONTAINS, PRICE_NOTHING, 0},
	{"zone", CONTAINS, PRICE_NOTHING, 0},
	{"level", CONTAINS, PRICE_NOTHING, 0},
	{"volume", CONTAINS, PRICE_NOTHING, 0},
	{"intraday", CONTAINS, PRICE_NOTHING, 0},
	{"unit", IS, PRICE_UNIT, 0},
	{"units", IS, PRICE_UNIT, 0},
	{"priceunit", IS, PRICE_UNIT, 0},
	{"currency", IS, PRICE_UNIT, 0},
	{"end", BEGINS, PRICE_END, 0},
	{"to", IS, PRICE_END, 0},
	{"until", IS, PRICE_END, 0},
	{"validto", BEGINS, PRICE_END, 0},
	{"deliveryend", BEGINS, PRICE_END, 0},
	{"bis", BEGINS, PRICE_END, 0},
	{"datumbis", BEGINS, PRICE_END, 0},
	{"day", IS, PRICE_DAY, 0},
	{"date", IS, PRICE_DAY, 0},
	{"datum", IS, PRICE_DAY, 0},
	{"start", BEGINS, PRICE_START, 2},
	{"from", IS, PRICE_START, 2},
	{"begin", BEGINS, PRICE_START, 2},
	{"validfrom", BEGINS, PRICE_START, 2},
	{"deliverystart", BEGINS, PRICE_START, 2},
	{"von", BEGINS, PRICE_START, 2},
	{"datumvon", BEGINS, PRICE_START, 2},
	{"anfang", BEGINS, PRICE_START, 2},
	{"mtu", BEGINS, PRICE_START, 1},
	{"time", BEGINS, PRICE_START, 1},
	{"date", BEGINS, PRICE_START, 1},
	{"hour", BEGINS, PRICE_START, 1},
	{"utc", BEGINS, PRICE_START, 1},
	{"unixseconds", BEGINS, PRICE_START, 1},
	{"readingdate", BEGINS, PRICE_START, 1},
	{"total", IS, PRICE_VALUE, 2},
	{"valueincvat", IS, PRICE_VALUE, 2},
	{"price", CONTAINS, PRICE_VALUE, 1},
	{"preis", CONTAINS, PRICE_VALUE, 1},
	{"prijs", CONTAINS, PRICE_VALUE, 1},
	{"prix", CONTAINS, PRICE_VALUE, 1},
	{"precio", CONTAINS, PRICE_VALUE, 1},
	{"value", BEGINS, PRICE_VALUE, 1},
	{"amount", IS, PRICE_VALUE, 1},
	{"spot", IS, PRICE_VALUE, 1},
	{"rate", IS, PRICE_VALUE, 1},
};

static const char *const currencies[] = {"EUR", "SEK", "NOK", "DKK", "GBP", "CHF", "PLN", "CZK",
                                         "HUF", "RON", "BGN", "UAH", "RSD", "AUD", "USD"};

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* In small letters; without signs, and up to a bracket, when `bare`. */
static size_t shorten(char out[WORD], struct csv_text text, bool bare)
{
	size_t n = 0;

	for (size_t i = 0; i < text.length && n < WORD - 1; i++) {
		char c = lower(text.data[i]);

		if (bare && (c == '[' || c == '('))
			break;
		if (!bare || is_letter(c) || (c >= '0' && c <= '9'))
			out[n++] = c;
	}
	out[n] = '\0';
	return n;
}

struct price_name price_name(struct csv_text name)
{
	char bare[WORD], all[WORD];

	shorten(bare, name, true);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *at = strstr(bare, names[i].word);

		if (names[i].match == IS ? !strcmp(bare, names[i].word)
		                         : at && (names[i].match == CONTAINS || at == bare))
			return (struct price_name){names[i].role, names[i].rank};
	}
	shorten(all, name, false);
	if (strstr(all, "/mwh") || strstr(all, "/kwh"))
		return (struct price_name){PRICE_VALUE, 0};
	return (struct price_name){PRICE_NOTHING, 0};
}

/* Whether the word stands in the text by itself, between signs. */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if ((at == text || !is_letter(at[-1])) && !is_letter(at[length]))
			return true;
	return false;
}

static bool has_currency(const char *text, size_t length, const char *currency)
{
	char word[4] = {lower(currency[0]), lower(currency[1]), lower(currency[2]), '\0'};

	return has_word(text, word) || (length > 3 && !strcmp(text + length - 3, word));
}

void price_unit_add(struct price_unit *unit, struct csv_text text)
{
	char all[WORD];
	size_t length = shorten(all, text, false);

	if (!unit->told && strstr(all, "mwh"))
		unit->exponent = -3;
	else if (!unit->told && (has_word(all, "ct") || has_word(all, "cent") ||
	                         has_word(all, "cents") || has_word(all, "c")))
		unit->exponent = -2;
	unit->told = unit->told || unit->exponent || strstr(all, "kwh");
	if (*unit->currency)
		return;
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
		if (has_currency(all, length, currencies[i]))
			memcpy(unit->currency, currencies[i], sizeof unit->currency);
	if (strstr(all, "\xE2\x82\xAC")) /* the sign of the euro */
		memcpy(unit->currency, "EUR", sizeof unit->currency);
}

const struct zone *price_zone(struct csv_text name, const struct zone *otherwise)
{
	static const struct zone utc = {0}, central = {.standard = 60,
	                                               .summer = 120,
	                                               .changes = true,
	                                               .begin = {'M', 3, 5, 0, 0, 120},
	                                               .end = {'M', 10, 5, 0, 0, 180}};
	char all[WORD];
	size_t length = shorten(all, name, false);

	if (has_word(all, "utc") || has_word(all, "gmt") ||
	    (length > 3 && !strcmp(all + length - 3, "utc")))
		return &utc;
	return has_word(all, "cet") || has_word(all, "cest") ? &central : otherwise;
}

int price_fault(struct prices_reader *r, struct csv_text text, const char *form)
{
	int length = text.length > 40 ? 40 : (int)text.length;

	snprintf(r->why, PRICES_WHY, "%s: '%.*s' %s", r->where, length, text.data, form);
	return EM_SYNTAX;
}

/* With a point; the last one of points and commas is the decimal one. false: too long. */
static bool with_point(char out[WORD], size_t *length, struct csv_text text)
{
	size_t mark = text.length;

	*length = 0;
	if (text.length >= WORD)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == ',' || text.data[i] == '.')
			mark = i;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == ' ' || ((c == ',' || c == '.') && i != mark))
			continue;
		out[(*length)++] = c == ',' ? '.' : c;
	}
	return true;
}

int price_value(struct prices_reader *r, struct csv_text text, const struct price_unit *unit,
                int64_t *price, bool *known)
{
	static const char *const none[] = {"-", "n/e", "N/A", "n/a", "null"};
	struct decimal d;
	char number[WORD];
	size_t length;

	*known = false;
	if (!text.length)
		return 0;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (csv_is(text, none[i]))
			return 0;
	if (!with_point(number, &length, text) || decimal_parse(&d, number, length))
		return price_fault(r, text, "is no price: a number as 85.34 or 85,34 is expected");
	d.exponent = (int16_t)(d.exponent + unit->exponent);
	if (decimal_scaled(d, PRICE_EXPONENT, price) || *price > PRICE_LIMIT ||
	    *price < -PRICE_LIMIT)
		return price_fault(r, text,
		                   unit->told ? "is above 1000 per kWh"
		                              : "is above 1000 per kWh: name the unit, as EUR/MWh");
	*known = true;
	return 0;
}
