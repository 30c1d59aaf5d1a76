/*
 * OBIS codes as meters push them, six bytes A-B:C.D.E*F, and what the vocabulary calls them. A book
 * keeps every code it has met with its printed form, so that a decoder formats it once; its texts
 * live as long as the book, which the owner zero-initialises.
 */
#ifndef COSEM_CODE_H
#define COSEM_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "record/quantity.h"

enum { CODE_SIZE = 6, CODE_TEXT = 24, CODE_BOOK = 1536, CODE_SLOTS = 4096 };

/* What a code of medium 0, or an abstract one, stands for. */
enum code_kind {
	CODE_QUANTITY, /* of the vocabulary */
	CODE_CLOCK,
	CODE_IDENTITY, /* names the meter; rank tells which one does it best */
	CODE_OTHER
};

struct code {
	char text[CODE_TEXT]; /* `1-0:1.8.0`, without F when it is 255 */
	uint8_t length;       /* of the text */
	uint8_t rank;         /* of an identity: 1 is best */
	uint8_t kind;
	uint8_t bytes[CODE_SIZE];
	const struct quantity *quantity; /* or NULL */
};

/* Codes stand close together, in the order in which they were met: a run with one push touches few
 * pages. The slots hold their numbers, from 1. */
struct code_book {
	uint16_t slots[CODE_SLOTS];
	struct code codes[CODE_BOOK];
	unsigned count;
};

/* Empties a book that is two thirds full: before a push, which can add a third at most. */
void code_book_trim(struct code_book *book);

/* The entry of a code; never NULL, kept until code_book_trim(). */
const struct code *code_find(struct code_book *book, const uint8_t bytes[CODE_SIZE]);

/* Whether six bytes can be a code of a push: group A known, F 255. */
bool code_like(const uint8_t *bytes);

/* The text of a COSEM unit, "" for none, NULL for a code that is not known. */
const char *cosem_unit(uint8_t code);

#endif
