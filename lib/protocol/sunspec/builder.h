/*
 * Builds a set of model definitions. A reader of definitions, from a text or from JSON, calls these
 * functions in the order of the points in the registers. The builder copies what it is given.
 * Errors (no memory, too many names, a scale or a count that is not a point) stick:
 * builder_finish() returns the first one.
 */
#ifndef PROTOCOL_SUNSPEC_BUILDER_H
#define PROTOCOL_SUNSPEC_BUILDER_H

#include "protocol/sunspec/model.h"

struct builder;

struct builder_point {
	const char *name, *unit; /* unit: NULL or "" for none */
	const char *scale;       /* a point, a number; NULL or "" for none */
	int type;                /* enum sunspec_type, or -1: refused as EM_UNKNOWN */
	unsigned size;           /* registers of a string; else 0 or the type's */
	unsigned flags;
	unsigned symbols; /* of builder_symbols_end(), 0: none */
};

struct builder *builder_new(void); /* NULL when memory is out */
void builder_free(struct builder *b);

void builder_model(struct builder *b, unsigned id, const char *name);

/* The model has the points of an earlier one. */
void builder_same(struct builder *b, unsigned id);

/* Begins a group in the open model or group. Count: a point of the top level, "*", NULL. */
void builder_group(struct builder *b, const char *name, const char *count);
void builder_group_end(struct builder *b);
void builder_point(struct builder *b, const struct builder_point *p);

/* Adds symbols one by one; builder_symbols_end() returns their number for builder_point. */
void builder_symbol(struct builder *b, const char *name, uint32_t value);
unsigned builder_symbols_end(struct builder *b);

/*
 * Checks the whole and makes a set, owned by the builder. 0 or EM_NO_MEMORY, EM_RANGE, EM_UNKNOWN,
 * EM_SYNTAX; *why describes the first error in a few words.
 */
int builder_finish(struct builder *b, struct sunspec_set *out, const char **why);

/* The sizes of the tables, for code that writes them out. */
struct builder_sizes {
	size_t text, symbols, points, groups, models;
};
struct builder_sizes builder_sizes(const struct builder *b);

#endif
