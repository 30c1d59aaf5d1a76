/*
 * Recognises a meter. The same address is voltage on one meter and energy on another, so no single
 * register decides. Each distinct read of a unit counts once for every map: for the map when it has
 * a row at that address with that number of registers and a plausible value, against the map when
 * it has no row there or the value is absurd.
 */
#include <math.h>
#include <string.h>

#include "device/meter.h"

enum { EXACT = 4, COVERED = 2, FOREIGN = -3, ABSURD = -6, NEEDED = 3, NEEDED_SCORE = 10 };

/* The plausible values of a household's meter, by unit. */
static bool plausible(const struct meter_row *row, double value)
{
	const char *unit = row->unit ? row->unit : "";

	if (!strcmp(unit, "Hz"))
		return value == 0 || (value >= 40 && value <= 70);
	if (!strcmp(unit, "V")) /* lower: a meter with current transformers but no mains */
		return (value >= 0 && value < 1) || (value >= 80 && value <= 500);
	if (!strcmp(unit, "A"))
		return fabs(value) < 1000 && (value == 0 || fabs(value) > 1e-6);
	if (!strcmp(unit, "W") || !strcmp(unit, "var") || !strcmp(unit, "VA"))
		return fabs(value) < 1e6 && (value == 0 || fabs(value) > 1e-6);
	if (!strcmp(unit, "Wh") || !strcmp(unit, "varh") || !strcmp(unit, "VAh"))
		return fabs(value) < 1e10 && (value == 0 || fabs(value) > 1e-3);
	if (!strcmp(unit, "1"))
		return fabs(value) <= 1.01;
	return fabs(value) < 1e10;
}

/* A typical voltage or frequency is stronger evidence than a zero. */
static bool telling(const struct meter_row *row, double value)
{
	if (!row->unit)
		return false;
	return (!strcmp(row->unit, "V") && value >= 80) ||
	       (!strcmp(row->unit, "Hz") && value >= 40);
}

struct evidence {
	int score;
	unsigned named; /* registers that match the map */
	bool absurd;
};

/* The evidence of one read for one map. */
static struct evidence weigh(const struct meter *meter, uint8_t function, uint16_t address,
                             const uint8_t *words, size_t count)
{
	struct evidence e = {0};
	unsigned covered = 0, told = 0;
	bool exact = false;

	for (size_t i = 0; i < meter->count; i++) {
		const struct meter_row *row = &meter->rows[i];
		double value;

		if (row->function != function || row->address < address ||
		    row->address + row->count > address + count)
			continue;
		covered++;
		exact = exact || row->address == address;
		if (!meter_number(meter, row, words + 2 * (size_t)(row->address - address), &value))
			continue;
		e.absurd = e.absurd || !plausible(row, value);
		told += telling(row, value);
	}
	e.named = exact + told;
	if (e.absurd)
		e.score = ABSURD;
	else if (!covered)
		e.score = FOREIGN;
	else
		e.score = (exact ? EXACT : COVERED) + (int)told;
	return e;
}

static bool seen_before(struct meter_guess *guess, uint8_t function, uint16_t address, size_t count)
{
	for (size_t i = 0; i < guess->reads; i++)
		if (guess->read[i].address == address && guess->read[i].function == function &&
		    guess->read[i].count == count)
			return true;
	if (guess->reads == METER_READS)
		return true;
	guess->read[guess->reads].address = address;
	guess->read[guess->reads].function = function;
	guess->read[guess->reads].count = (uint16_t)count;
	guess->reads++;
	return false;
}

/* Whether two maps give the reads so far the same names, types and scales: then either is right. */
static bool agree(const struct meter_guess *guess, const struct meter *a, const struct meter *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct meter_row *row = &a->rows[i];

		for (size_t k = 0; k < guess->reads; k++) {
			bool same = false;

			if (row->address < guess->read[k].address ||
			    row->function != guess->read[k].function ||
			    row->address + row->count >
			            guess->read[k].address + guess->read[k].count)
				continue;
			for (size_t j = 0; j < b->count && !same; j++)
				same = b->rows[j].address == row->address &&
				       b->rows[j].type == row->type &&
				       b->rows[j].scale == row->scale &&
				       b->rows[j].order == row->order &&
				       !strcmp(b->rows[j].name, row->name);
			if (!same)
				return false;
		}
	}
	return true;
}

/* The best map so far, unless a different map has nearly the same score. */
static const struct meter *judge(const struct meter_guess *guess, const struct meter *const *maps,
                                 size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++) {
		int ahead = guess->candidate[i].score - guess->candidate[best].score;

		if (ahead > 0 || (ahead == 0 && maps[i]->count < maps[best]->count))
			best = i;
	}
	if (guess->candidate[best].named < NEEDED || guess->candidate[best].score < NEEDED_SCORE ||
	    guess->candidate[best].implausible)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (i != best &&
		    guess->candidate[i].score >= guess->candidate[best].score - EXACT / 2 &&
		    !agree(guess, maps[best], maps[i]))
			return NULL;
	return maps[best];
}

const struct meter *meter_guess_read(struct meter_guess *guess, const struct meter *const *maps,
                                     size_t map_count, uint8_t function, uint16_t address,
                                     const uint8_t *words, size_t count)
{
	size_t n = map_count < METER_CANDIDATES ? map_count : METER_CANDIDATES;

	const struct meter *best;

	if (seen_before(guess, function, address, count))
		return guess->found;
	for (size_t i = 0; i < n; i++) {
		struct evidence e = weigh(maps[i], function, address, words, count);

		guess->candidate[i].score = (int16_t)(guess->candidate[i].score + e.score);
		guess->candidate[i].named = (uint16_t)(guess->candidate[i].named + e.named);
		guess->candidate[i].implausible = (uint16_t)(guess->candidate[i].implausible +
		                                             e.absurd);
	}
	best = judge(guess, maps, n);
	if (best)
		guess->found = best;
	return guess->found;
}
