/*
 * Makes and reads the requests and responses that access coils and registers: functions 1 to 6, 15
 * and 16. The client and the server share it. All functions work on unit, function and data;
 * mbap_wrap() and rtu_seal() add the framing.
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
 * Checks whether such an access is possible. Returns 0, or the standard's exception: 1 for a wrong
 * function, 3 for a wrong count, 2 for a wrong range.
 */
int adu_check(const struct adu_access *a);

/* These functions return the size of the message. The access must have passed adu_check(). */
size_t adu_build_request(uint8_t adu[ADU_MAX], const struct adu_access *a);
size_t adu_build_response(uint8_t adu[ADU_MAX], const struct adu_access *a);
size_t adu_build_exception(uint8_t adu[ADU_MAX], uint8_t unit, uint8_t function, uint8_t code);

/*
 * Reads a request. Stores the written words in a->words, which must have room for ADU_MAX_READ_BITS
 * words. Returns 0, or the exception for the error in the request.
 */
int adu_parse_request(struct adu_access *a, const uint8_t *adu, size_t size);

/* Stores the words of a response to this read. Call it only if adu_answers() is true. */
void adu_parse_response(const struct adu_access *a, const uint8_t *adu);

#endif
