#include "frame/p1.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/error.h"
#include "base/hex.h"

enum { PIECE = 4096, CRC_DIGITS = 4, PROBE = 16 };

enum when { MORE, IDLE, END }; /* what input may still follow */

void p1_init(struct p1_framer *f, const struct p1_handler *handler)
{
	*f = (struct p1_framer){.handler = *handler, .line_start = true};
}

void p1_free(struct p1_framer *f)
{
	free(f->held);
	f->held = NULL;
	f->held_size = f->capacity = 0;
}

static bool even_parity(uint8_t b)
{
	b ^= b >> 4;
	return !(0x6996 >> (b & 0x0F) & 1);
}

/* Sets bit 7 to the parity of all bits, 0 for even. A second call restores the byte. */
static uint8_t fold_parity(uint8_t b)
{
	return even_parity(b) ? b & 0x7F : b | 0x80;
}

/* The CRC with a CR before each LF, for telegrams that were stored without CR. */
static uint16_t restored_crc(const uint8_t *data, size_t size)
{
	uint16_t crc = 0;

	while (size) {
		const uint8_t *lf = memchr(data, '\n', size);
		size_t n = lf ? (size_t)(lf - data) : size;

		crc = crc16_8005(crc, data, n);
		if (lf)
			crc = crc16_8005(crc, (const uint8_t *)"\r\n", 2), n++;
		data += n;
		size -= n;
	}
	return crc;
}

static void check_crc(struct p1_telegram *t)
{
	t->printed = 0;
	for (size_t i = t->size; i < t->whole; i++)
		t->printed = (uint16_t)(t->printed << 4 | hex_digit(t->data[i]));
	t->computed = crc16_arc(t->data, t->size);
	t->crc = t->computed == t->printed ? P1_CRC_OK : P1_CRC_BAD;
	if (t->crc == P1_CRC_BAD && !memchr(t->data, '\r', t->size) &&
	    restored_crc(t->data, t->size) == t->printed) {
		t->crc = P1_CRC_OK;
		t->restored = true;
	}
}

static void emit(struct p1_framer *f, struct p1_telegram *t)
{
	f->counts.telegrams++;
	f->handler.telegram(f->handler.context, t);
}

static void lose(struct p1_framer *f, uint64_t offset, const char *why)
{
	f->counts.truncated++;
	if (f->handler.lost)
		f->handler.lost(f->handler.context, offset, why);
}

/* Emits a telegram that ended without `!`. */
static void emit_endless(struct p1_framer *f, const uint8_t *data, size_t size, uint64_t offset,
                         bool cut)
{
	struct p1_telegram t = {.data = data, .size = size, .whole = size, .offset = offset};

	if (!p1_has_line(data, size))
		f->counts.skipped += size;
	else if (!p1_names_version(data, size) && p1_ends_with_line(data, size))
		emit(f, &t);
	else if (cut)
		lose(f, offset, "cut off by the next one");
}

/* Emits a telegram with `!` at size - 1 and the digits of its CRC up to `whole`. */
static void emit_ended(struct p1_framer *f, struct p1_telegram *t)
{
	size_t digits = t->whole - t->size;

	if (digits < CRC_DIGITS && !p1_has_line(t->data, t->size)) {
		f->counts.skipped += t->size;
		return;
	}
	if (digits)
		check_crc(t);
	if (t->crc == P1_CRC_OK && digits < CRC_DIGITS)
		t->crc = P1_CRC_BAD; /* a part of it was lost */
	emit(f, t);
}

/*
 * Size of the encrypted telegram that begins at data: 0 if none does, SIZE_MAX if more bytes are
 * needed. It begins with DB 08, title, length, control; control must say encrypted with AES-128.
 */
static size_t sealed_size(const uint8_t *data, size_t size)
{
	size_t at = 10, length, count;
	uint8_t control;

	if (size < 2)
		return SIZE_MAX;
	if (data[1] != 0x08)
		return 0;
	if (size < at + 1)
		return SIZE_MAX;
	length = data[at++];
	if (length & 0x80) {
		count = length & 0x7F;
		if (count < 1 || count > 4)
			return 0;
		if (size < at + count)
			return SIZE_MAX;
		for (length = 0; count; count--)
			length = length << 8 | data[at++];
	}
	if (length < 17 || length > P1_LIMIT)
		return 0;
	if (size < at + 1)
		return SIZE_MAX;
	control = data[at];
	return (control & 0x20) && !(control & 0x8E) ? at + length : 0;
}

struct scan {
	const uint8_t *data;
	size_t size, at; /* at: consumed so far */
	size_t mark;     /* the next `!` at or after `at`; size: none; less: unknown */
	enum when when;
};

/* Whether data[p] is the first byte of a line; NULs between lines do not count. */
static bool starts_line(const struct p1_framer *f, const struct scan *s, size_t p)
{
	while (p > s->at && s->data[p - 1] == 0)
		p--;
	return p > s->at ? s->data[p - 1] == '\n' : f->line_start;
}

static void consume(struct p1_framer *f, struct scan *s, size_t to, bool line_start)
{
	f->line_start = line_start;
	f->searched = 1;
	s->at = to;
}

/* Skips bytes that belong to no telegram. */
static void skip(struct p1_framer *f, struct scan *s, size_t to)
{
	size_t n = to - s->at;

	/* The line end after a telegram belongs to it. */
	if (n > 2 || !n || (s->data[s->at] != '\r' && s->data[s->at] != '\n'))
		f->counts.skipped += n;
	consume(f, s, to, starts_line(f, s, to));
}

/* Whether a line starts at p and the bytes after it have even parity: remove the parity bits. */
static bool parity_start(const struct p1_framer *f, const struct scan *s, size_t p, bool *wait)
{
	if (!starts_line(f, s, p))
		return false;
	for (size_t i = 1; i <= PROBE; i++) {
		if (p + i == s->size) {
			*wait = s->when == MORE;
			return false;
		}
		if (!even_parity(s->data[p + i]))
			return false;
	}
	return true;
}

/*
 * Takes an encrypted telegram at p. Returns true when more bytes are needed. Otherwise it consumes
 * the whole APDU, or only the first byte if this is not an encrypted telegram.
 */
static bool take_sealed(struct p1_framer *f, struct scan *s, size_t p)
{
	size_t left = s->size - p, total = sealed_size(s->data + p, left);

	if (total > left && s->when == MORE) {
		skip(f, s, p);
		return true;
	}
	skip(f, s, p);
	if (total && total <= left &&
	    f->handler.sealed(f->handler.context, s->data + p, total, f->offset + p))
		consume(f, s, p + total, true);
	else
		skip(f, s, p + 1);
	return false;
}

static size_t find(const struct scan *s, size_t from, size_t to, uint8_t byte)
{
	const uint8_t *p = from < to ? memchr(s->data + from, byte, to - from) : NULL;

	return p ? (size_t)(p - s->data) : to;
}

/* The first byte from `from` on that may begin an encrypted telegram, `to` if none. */
static size_t find_sealed(const struct p1_framer *f, const struct scan *s, size_t from, size_t to)
{
	if (!f->handler.sealed)
		return to;
	for (size_t p = from; (p = find(s, p, to, 0xDB)) < to; p++)
		if (sealed_size(s->data + p, s->size - p))
			return p;
	return to;
}

/* Looks for the start of a telegram; false when more bytes are needed. */
static bool seek(struct p1_framer *f, struct scan *s)
{
	size_t start = s->at, p;
	bool wait = false;

	/* The usual case: the next telegram follows the line end of the last one. */
	if (s->size - start > 2 && f->line_start && !memcmp(s->data + start, "\r\n/", 3)) {
		skip(f, s, start + 2);
		f->inside = true;
		return true;
	}

	while ((start = find(s, start, s->size, '/')) < s->size && !starts_line(f, s, start))
		start++;
	p = find_sealed(f, s, s->at, start);
	for (size_t q = s->at; (q = find(s, q, p, 0xAF)) < p; q++) {
		f->toggle = parity_start(f, s, q, &wait);
		if (f->toggle || wait) {
			skip(f, s, q);
			return false;
		}
	}
	if (p < start)
		return !take_sealed(f, s, p);
	skip(f, s, start);
	f->inside = start < s->size;
	return f->inside;
}

/* The next telegram start after `from`, or `to`. */
static size_t next_start(const struct scan *s, size_t from, size_t to)
{
	for (size_t p = from; (p = find(s, p, to, '/')) < to; p++)
		if (s->data[p - 1] == '\n')
			return p;
	return to;
}

/*
 * Whether `c` may follow an end mark: digits or a line end do. A damaged line can begin with `!`
 * too.
 */
static bool may_follow_end(uint8_t c)
{
	return c == '\0' || c == '\r' || c == '\n' || c == '/' || hex_digit(c) >= 0;
}

/* The end mark at or after `from`, or size. `mark` caches the place of the next `!`. */
static size_t end_mark(struct scan *s, size_t from)
{
	for (;; from = s->mark + 1) {
		if (s->mark < from)
			s->mark = find(s, from, s->size, '!');
		if (s->mark >= s->size)
			return s->size;
		if ((s->data[s->mark - 1] == '\n' || s->data[s->mark - 1] == ')') &&
		    (s->mark + 1 == s->size || may_follow_end(s->data[s->mark + 1])))
			return s->mark;
	}
}

/* Number of CRC digits after the end mark; SIZE_MAX when more may still arrive. */
static size_t crc_digits(const struct scan *s, size_t mark)
{
	size_t n = 0;

	while (n < CRC_DIGITS && mark + 1 + n < s->size && hex_digit(s->data[mark + 1 + n]) >= 0)
		n++;
	return n < CRC_DIGITS && mark + 1 + n == s->size && s->when != END ? SIZE_MAX : n;
}

/* Looks for the end of the telegram at s->at, or the start of another one; false to wait. */
static bool inside(struct p1_framer *f, struct scan *s)
{
	size_t begin = s->at, from = begin + f->searched;
	size_t mark = end_mark(s, from), start = next_start(s, from, mark);
	size_t sealed = find_sealed(f, s, from, start), digits;
	const uint8_t *data = s->data + begin;

	if (sealed < start && sealed_size(s->data + sealed, s->size - sealed) != SIZE_MAX) {
		f->inside = false;
		skip(f, s, sealed);
		return !take_sealed(f, s, sealed);
	}
	if (start - begin > P1_LIMIT) {
		f->inside = false;
		lose(f, f->offset + begin, "longer than a telegram can be");
		skip(f, s, begin + 1);
		return true;
	}
	if (start < mark) {
		consume(f, s, start, true);
		emit_endless(f, data, start - begin, f->offset + begin, true);
		return true;
	}
	digits = mark < s->size ? crc_digits(s, mark) : SIZE_MAX;
	if (digits == SIZE_MAX && s->when != END) {
		f->searched = (sealed < mark ? sealed : mark) - begin;
		return false;
	}
	f->inside = false;
	if (mark < s->size) {
		struct p1_telegram t = {.data = data,
		                        .size = mark + 1 - begin,
		                        .offset = f->offset + begin,
		                        .ended = true};

		t.whole = t.size + digits;
		consume(f, s, mark + 1 + (digits == CRC_DIGITS ? CRC_DIGITS : 0), true);
		emit_ended(f, &t);
	} else {
		consume(f, s, s->size, true);
		emit_endless(f, data, s->size - begin, f->offset + begin, false);
	}
	return true;
}

/* Returns the number of bytes consumed. */
static size_t scan(struct p1_framer *f, const uint8_t *data, size_t size, enum when when)
{
	struct scan s = {.data = data, .size = size, .when = when};

	while (s.at < size && (f->inside ? inside(f, &s) : seek(f, &s)))
		;
	f->offset += s.at;
	return s.at;
}

static int hold(struct p1_framer *f, const uint8_t *data, size_t size)
{
	size_t need = f->held_size + size, capacity = f->capacity ? f->capacity : PIECE;
	uint8_t *held;

	while (capacity < need)
		capacity *= 2;
	if (capacity > f->capacity) {
		held = realloc(f->held, capacity);
		if (!held)
			return EM_NO_MEMORY;
		f->held = held;
		f->capacity = capacity;
	}
	for (size_t i = 0; f->parity && i < size; i++)
		f->held[f->held_size + i] = fold_parity(data[i]);
	if (!f->parity && size)
		memcpy(f->held + f->held_size, data, size);
	f->held_size = need;
	return 0;
}

static void scan_held(struct p1_framer *f, enum when when)
{
	do {
		size_t used = scan(f, f->held, f->held_size, when);

		f->held_size -= used;
		if (used && f->held_size)
			memmove(f->held, f->held + used, f->held_size);
		if (!f->toggle)
			return;
		f->toggle = false;
		f->parity = !f->parity;
		for (size_t i = 0; i < f->held_size; i++)
			f->held[i] = fold_parity(f->held[i]);
	} while (f->held_size);
}

int p1_feed(struct p1_framer *f, const uint8_t *data, size_t size)
{
	f->counts.bytes += size;
	while (size) {
		size_t piece = size < PIECE ? size : PIECE;
		int error;

		if (!f->held_size && !f->parity) {
			size_t used = scan(f, data, size, MORE);

			data += used;
			size -= used;
			if (!f->toggle)
				return hold(f, data, size);
			f->toggle = false;
			f->parity = true;
			continue;
		}
		error = hold(f, data, piece);
		if (error)
			return error;
		data += piece;
		size -= piece;
		scan_held(f, MORE);
		if (!f->parity && f->held_size <= piece) { /* the chunk has the rest too */
			data -= f->held_size;
			size += f->held_size;
			f->held_size = 0;
		}
	}
	return 0;
}

void p1_idle(struct p1_framer *f)
{
	scan_held(f, IDLE);
}

static void begin_anew(struct p1_framer *f)
{
	f->inside = f->parity = false;
	f->line_start = true;
	f->searched = 0;
}

void p1_end(struct p1_framer *f)
{
	scan_held(f, END);
	begin_anew(f);
}

void p1_cut(struct p1_framer *f)
{
	if (f->inside)
		lose(f, f->offset, "the connection was lost inside it");
	else
		f->counts.skipped += f->held_size;
	f->offset += f->held_size;
	f->held_size = 0;
	begin_anew(f);
}
