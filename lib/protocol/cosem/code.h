/*
 * OBIS codes as meters push them, six bytes A-B:C.D.E*F, and their names in the vocabulary. A book
 * stores every code that it has seen with its printed form, so that a decoder formats it only once.
 * The texts live as long as the book. The owner zero-initialises the book.
 */
#ifndef COSEM_CODE_H
#define COSEM_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "record/quantity.h"

enum { CODE_SIZE = 6, CODE_TEXT = 24, CODE_BOOK = 1536, CODE_SLOTS = 4096 };

/* The meaning of a code of medium 0 or of an abstract one. */
enum code_kind {
	CODE_QUANTITY, /* of the vocabulary */
	CODE_CLOCK,
	CODE_IDENTITY, /* identifies the meter; rank says which one is best */
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

/*
 * The book stores codes densely, in the order of their first use, so that a run with one push
 * touches few pages. The slots hold the numbers of codes, from 1.
 */
struct code_book {
	uint16_t slots[CODE_SLOTS];
	struct code codes[CODE_BOOK];
	unsigned count;
};

/* Empties a book that is two thirds full. Call it before a push, which adds a third at most. */
void code_book_trim(struct code_book *book);

/* The entry of a code; never NULL, kept until code_book_trim(). */
const struct code *code_find(struct code_book *book, const uint8_t bytes[CODE_SIZE]);

/* Whether six bytes can be a code of a push: group A known, F 255. */
bool code_like(const uint8_t *bytes);

/* The text of a COSEM unit, "" for none, NULL for a code that is not known. */
const char *cosem_unit(uint8_t code);

#endif
