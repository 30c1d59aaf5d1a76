#include "control/orders.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"

const struct order_mode order_modes[] = {
	{"normal", .solar = SOLAR_AS_SET},   {"off", .off = true, .solar = SOLAR_AS_SET},
	{"surplus", .solar = SOLAR_SURPLUS}, {"minimum", .solar = SOLAR_MINIMUM},
	{"now", .solar = SOLAR_OFF},         {0},
};

/* One order: words that have a number, and a number for other words. */
static const struct order_row {
	const char *words[3];
	int32_t values[3];
	bool current; /* other words are currents */
	bool modes;   /* the words are those of the modes */
} rows[ORDERS] = {
	[ORDER_OVERRIDE] = {.words = {"none", "auto", ""}, .values = {-1, -1, -1}, .current = true},
	[ORDER_MODE] = {.modes = true},
	[ORDER_PAUSE] = {.words = {"ON", "OFF"}, .values = {true, false}},
};

const char *const order_names[] = {
	[ORDER_OVERRIDE] = "override", [ORDER_MODE] = "mode", [ORDER_PAUSE] = "pause", NULL};

struct orders orders_none(void)
{
	return (struct orders){.of = {[ORDER_OVERRIDE] = -1}};
}

enum order order_named(const char *name, size_t length)
{
	unsigned n = 0;

	while (n < ORDERS && (strncmp(order_names[n], name, length) || order_names[n][length]))
		n++;
	return (enum order)n;
}

static const char *word_of(const struct order_row *row, size_t n)
{
	if (row->modes)
		return order_modes[n].word;
	return n < sizeof row->words / sizeof *row->words ? row->words[n] : NULL;
}

static int32_t value_of(const struct order_row *row, size_t n)
{
	return row->modes ? (int32_t)n : row->values[n];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Amperes, what is below 1 mA is cut off. */
static int read_current(const char *words, size_t size, int32_t *value)
{
	struct decimal number;
	int64_t milli;

	if (decimal_parse(&number, words, size) || decimal_scaled(number, -3, &milli))
		return EM_SYNTAX;
	if ((number.negative && number.digits) || milli > INT32_MAX)
		return EM_SYNTAX;
	*value = (int32_t)milli;
	return 0;
}

int order_read(enum order order, const char *words, size_t size, int32_t *value)
{
	const struct order_row *row = &rows[order];
	const char *word;

	words = size ? words : "";
	for (; size && is_blank(words[0]); size--)
		words++;
	while (size && is_blank(words[size - 1]))
		size--;
	for (size_t n = 0; (word = word_of(row, n)) != NULL; n++) {
		if (strlen(word) == size && !strncasecmp(word, words, size)) {
			*value = value_of(row, n);
			return 0;
		}
	}
	return row->current ? read_current(words, size, value) : EM_SYNTAX;
}

/* 8000: "8" */
static void write_current(struct text *out, int32_t current)
{
	struct decimal number = decimal_i64(current, -3);

	for (; number.exponent < 0 && number.digits % 10 == 0; number.exponent++)
		number.digits /= 10;
	text_decimal(out, number);
}

void order_write(struct text *out, enum order order, int32_t value)
{
	const struct order_row *row = &rows[order];
	const char *word;

	for (size_t n = 0; (word = word_of(row, n)) != NULL; n++) {
		if (value_of(row, n) == value) {
			text_puts(out, word);
			return;
		}
	}
	write_current(out, value);
}

void order_words(struct text *out, enum order order)
{
	const struct order_row *row = &rows[order];
	const char *word, *next;

	if (row->current)
		text_puts(out, "a number of A, ");
	for (size_t n = 0; (word = word_of(row, n)) != NULL && *word; n++) {
		next = word_of(row, n + 1);
		text_puts(out, word);
		if (next && *next)
			text_puts(out, word_of(row, n + 2) && *word_of(row, n + 2) ? ", " : " or ");
	}
}

struct orders orders_present(const struct orders *orders, const struct balancer *b)
{
	struct orders present = *orders;

	present.of[ORDER_OVERRIDE] = b->settings.override_limit < 0
	                                     ? -1
	                                     : balance_override(&b->settings);
	return present;
}

void orders_apply(const struct orders *orders, struct balancer *b)
{
	const struct order_mode *mode = &order_modes[orders->of[ORDER_MODE]];
	int32_t current = orders->of[ORDER_OVERRIDE];

	b->settings.override_limit = current > b->settings.max_current ? b->settings.max_current
	                                                               : current;
	balancer_pause(b, orders->of[ORDER_PAUSE] || mode->off);
	balancer_solar(b, mode->solar);
}
