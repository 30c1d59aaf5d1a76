/*
 * Makes and reads the requests and responses that access coils and registers: functions 1 to 6, 15 and
 * 16. The client and the server share it. All work on unit, function and data; mbap_wrap() and
 * rtu_seal() put a frame around that.
 */
#ifndef FRAME_ADU_BUILD_H
#define FRAME_ADU_BUILD_H

#include "frame/adu.h"

/* What is read or written. Coils are words of 0 and 1. */
struct adu_access {
	uint8_t unit, function;
	uint16_t address;
	unsigned count; /* 1 for functions 5 and 6 */
	uint16_t *words;
};

bool adu_is_read(unsigned function);  /* 1 to 4 */
bool adu_is_write(unsigned function); /* 5, 6, 15, 16 */
bool adu_is_bits(unsigned function);  /* 1, 2, 5, 15 */

/* The most that a function reads or writes at once; 0 for other functions. */
unsigned adu_limit(unsigned function);

/*
 * Whether such an access is possible at all: 0, or the exception that the standard has for it (1 for
 * the function, 3 for the count, 2 for the range).
 */
int adu_check(const struct adu_access *a);

/* The size of what was made. The access has to be possible. */
size_t adu_build_request(uint8_t adu[ADU_MAX], const struct adu_access *a);
size_t adu_build_response(uint8_t adu[ADU_MAX], const struct adu_access *a);
size_t adu_build_exception(uint8_t adu[ADU_MAX], uint8_t unit, uint8_t function, uint8_t code);

/*
 * Reads a request. a->words takes what is written; it has room for ADU_MAX_READ_BITS words. 0, or the
 * exception for what is wrong with it.
 */
int adu_parse_request(struct adu_access *a, const uint8_t *adu, size_t size);

/* The words that a response to this read carries, once adu_answers() holds. */
void adu_parse_response(const struct adu_access *a, const uint8_t *adu);

#endif
