#include "frame/adu_build.h"

#include <string.h>

#include "base/bytes.h"

bool adu_is_read(unsigned function)
{
	return function >= ADU_READ_COILS && function <= ADU_READ_INPUT;
}

bool adu_is_write(unsigned function)
{
	return function == ADU_WRITE_COIL || function == ADU_WRITE_REGISTER ||
	       function == ADU_WRITE_COILS || function == ADU_WRITE_REGISTERS;
}

bool adu_is_bits(unsigned function)
{
	return function == ADU_READ_COILS || function == ADU_READ_DISCRETE ||
	       function == ADU_WRITE_COIL || function == ADU_WRITE_COILS;
}

unsigned adu_limit(unsigned function)
{
	switch (function) {
	case ADU_READ_COILS:
	case ADU_READ_DISCRETE: return ADU_MAX_READ_BITS;
	case ADU_READ_HOLDING:
	case ADU_READ_INPUT: return ADU_MAX_READ_WORDS;
	case ADU_WRITE_COIL:
	case ADU_WRITE_REGISTER: return 1;
	case ADU_WRITE_COILS: return ADU_MAX_WRITE_BITS;
	case ADU_WRITE_REGISTERS: return ADU_MAX_WRITE_WORDS;
	default: return 0;
	}
}

int adu_check(const struct adu_access *a)
{
	unsigned limit = adu_limit(a->function);

	if (!limit)
		return ADU_ILLEGAL_FUNCTION;
	if (a->count < 1 || a->count > limit)
		return ADU_ILLEGAL_VALUE;
	return a->address + a->count > 65536 ? ADU_ILLEGAL_ADDRESS : 0;
}

static bool writes_many(unsigned function)
{
	return function == ADU_WRITE_COILS || function == ADU_WRITE_REGISTERS;
}

/* The number of bytes that the words take in a frame. */
static unsigned data_size(const struct adu_access *a)
{
	return adu_is_bits(a->function) ? (a->count + 7) / 8 : 2 * a->count;
}

/* Writes the number of bytes and the words; returns the size of both. */
static size_t put_data(uint8_t *p, const struct adu_access *a)
{
	unsigned size = data_size(a);

	p[0] = (uint8_t)size;
	memset(p + 1, 0, size);
	for (unsigned i = 0; i < a->count; i++) {
		if (!adu_is_bits(a->function))
			store_be16(p + 1 + 2 * i, a->words[i]);
		else if (a->words[i])
			p[1 + i / 8] |= (uint8_t)(1u << i % 8);
	}
	return 1 + size;
}

static void get_data(const struct adu_access *a, const uint8_t *p)
{
	for (unsigned i = 0; i < a->count; i++)
		a->words[i] = adu_is_bits(a->function) ? p[i / 8] >> i % 8 & 1
		                                       : (uint16_t)load_be16(p + 2 * i);
}

/* Writes unit, function, address, and the count or the single word; returns their size. */
static size_t put_head(uint8_t *adu, const struct adu_access *a)
{
	adu[0] = a->unit;
	adu[1] = a->function;
	store_be16(adu + 2, a->address);
	if (a->function == ADU_WRITE_COIL)
		store_be16(adu + 4, a->words[0] ? ADU_COIL_ON : 0);
	else
		store_be16(adu + 4, a->function == ADU_WRITE_REGISTER ? a->words[0] : a->count);
	return 6;
}

size_t adu_build_request(uint8_t adu[ADU_MAX], const struct adu_access *a)
{
	size_t n = put_head(adu, a);

	return writes_many(a->function) ? n + put_data(adu + n, a) : n;
}

size_t adu_build_response(uint8_t adu[ADU_MAX], const struct adu_access *a)
{
	if (!adu_is_read(a->function))
		return put_head(adu, a);
	adu[0] = a->unit;
	adu[1] = a->function;
	return 2 + put_data(adu + 2, a);
}

size_t adu_build_exception(uint8_t adu[ADU_MAX], uint8_t unit, uint8_t function, uint8_t code)
{
	adu[0] = unit;
	adu[1] = function | ADU_EXCEPTION_BIT;
	adu[2] = code;
	return 3;
}

/* Reads the part of a write request after the address. Returns 0, or exception 3 if it is wrong. */
static int parse_written(struct adu_access *a, const uint8_t *adu, size_t size)
{
	if (writes_many(a->function)) {
		if (adu[6] != data_size(a) || size != 7u + adu[6])
			return ADU_ILLEGAL_VALUE;
		get_data(a, adu + 7);
		return 0;
	}
	a->words[0] = (uint16_t)load_be16(adu + 4);
	if (a->function != ADU_WRITE_COIL)
		return 0;
	if (a->words[0] != ADU_COIL_ON && a->words[0] != 0)
		return ADU_ILLEGAL_VALUE;
	a->words[0] = a->words[0] != 0;
	return 0;
}

int adu_parse_request(struct adu_access *a, const uint8_t *adu, size_t size)
{
	int exception;

	a->unit = adu[0];
	a->function = size > 1 ? adu[1] : 0;
	a->address = 0;
	a->count = 1;
	if (!adu_limit(a->function))
		return ADU_ILLEGAL_FUNCTION;
	if (size < (writes_many(a->function) ? 7u : 6u))
		return ADU_ILLEGAL_VALUE;
	a->address = (uint16_t)load_be16(adu + 2);
	if (a->function != ADU_WRITE_COIL && a->function != ADU_WRITE_REGISTER)
		a->count = load_be16(adu + 4);
	exception = adu_check(a);
	if (exception || adu_is_read(a->function))
		return exception;
	return parse_written(a, adu, size);
}

void adu_parse_response(const struct adu_access *a, const uint8_t *adu)
{
	get_data(a, adu + 3);
}
