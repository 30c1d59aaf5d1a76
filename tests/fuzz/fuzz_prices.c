/*
 * Price lists, tables of times and time zones: what people export, download and write. The first
 * byte chooses. What was read is in order, without overlaps, and is found again.
 */
#include <string.h>

#include "balance/prices.h"
#include "balance/timetable.h"
#include "fuzz.h"

static struct zone berlin(void)
{
	static const char rule[] = "CET-1CEST,M3.5.0,M10.5.0/3";
	struct zone z;

	fuzz_require(!zone_parse(&z, rule, strlen(rule)), "a rule");
	return z;
}

static void prices(const char *text, size_t size)
{
	struct zone zone = berlin();
	char why[PRICES_WHY];
	struct prices p;

	if (prices_read(&p, text, size, &zone, why)) {
		fuzz_require(*why && !p.slots, "a reason");
		return;
	}
	fuzz_require(p.count && p.count <= PRICES_MOST, "slots");
	for (size_t i = 0; i < p.count; i++) {
		const struct price_slot *s = &p.slots[i];

		fuzz_require(s->end - s->start >= PRICE_SHORTEST, "length");
		fuzz_require(!i || s->start >= s[-1].end, "order");
		fuzz_require(s->price <= PRICE_LIMIT && s->price >= -PRICE_LIMIT, "price");
		fuzz_require(prices_at(&p, s->start, NULL) == s, "found");
	}
	prices_free(&p);
}

static void zones(const char *text, size_t size)
{
	struct zone z;

	if (zone_parse(&z, text, size) && zone_parse_file(&z, text, size))
		return;
	for (instant t = INT64_C(1767225600000); t < INT64_C(1798761600000);
	     t += INT64_C(7654321)) {
		int offset = zone_offset(&z, t);
		instant next = zone_next(&z, t, 420);

		fuzz_require(offset == z.standard || offset == z.summer, "offset");
		fuzz_require(next > t && next - t < INT64_C(2) * 86400000, "next");
	}
}

static void tables(const char *text, size_t size)
{
	static struct timetable t;
	struct zone zone = berlin();
	const char *wrong;
	unsigned line;
	int32_t most = 0;
	instant until = 0;

	if (timetable_parse(&t, text, size, &line, &wrong) || t.count > 20)
		return;
	for (instant now = INT64_C(1774688400000), next; now < INT64_C(1774861200000);
	     now += 540000) { /* around 29 March 2026 */
		int32_t limit = timetable_at(&t, &zone, now, &next);

		fuzz_require(next > now && (now >= until || limit == most), "until");
		until = now >= until ? next : until;
		most = limit;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	if (size < 1)
		return 0;
	if (*data == '0')
		zones(text, size - 1);
	else if (*data == '2')
		tables(text, size - 1);
	else
		prices(text, size - 1);
	return 0;
}
