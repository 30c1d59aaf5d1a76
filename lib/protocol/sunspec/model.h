/*
 * SunSpec model definitions: which points a model has, in which order, with which scale factors,
 * units and names of values. A set of definitions is a handful of flat tables that refer to each
 * other by index, so that the built-in one is constant data without relocations; sets read from
 * JSON have the same form (see builder.h).
 *
 * The first two registers of a model, ID and L, are implied and are in no table.
 */
#ifndef PROTOCOL_SUNSPEC_MODEL_H
#define PROTOCOL_SUNSPEC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sunspec_type {
	SUNSPEC_INT16,
	SUNSPEC_INT32,
	SUNSPEC_INT64,
	SUNSPEC_UINT16,
	SUNSPEC_UINT32,
	SUNSPEC_UINT64,
	SUNSPEC_ACC16,
	SUNSPEC_ACC32,
	SUNSPEC_ACC64,
	SUNSPEC_ENUM16,
	SUNSPEC_ENUM32,
	SUNSPEC_BITFIELD16,
	SUNSPEC_BITFIELD32,
	SUNSPEC_BITFIELD64,
	SUNSPEC_COUNT,
	SUNSPEC_SUNSSF,
	SUNSPEC_PAD,
	SUNSPEC_STRING,
	SUNSPEC_FLOAT32,
	SUNSPEC_FLOAT64,
	SUNSPEC_IPADDR,
	SUNSPEC_IPV6ADDR,
	SUNSPEC_EUI48,
	SUNSPEC_TYPES
};

enum { SUNSPEC_MANDATORY = 1, SUNSPEC_WRITABLE = 2, SUNSPEC_STATIC = 4 };

#define SUNSPEC_DEPTH 8       /* groups within groups */
#define SUNSPEC_NAME 200      /* longest name, in bytes */
#define SUNSPEC_POWER 0xFF80u /* a scale that is a power of ten: this + 64 + exponent */
#define SUNSPEC_FILLS 0xFFFFu /* a group's count: as many as the length allows */
#define SUNSPEC_TIMES 0xFF00u /* a group's count that is a number: this + 1..254 */
#define SUNSPEC_TEXT 0xFF00u  /* bytes of text that a set can have */

/* Names are offsets into the set's text, 0 is none; symbols an index of its symbols, 0 is none. */
struct sunspec_point {
	uint16_t name, unit, scale, symbols;
	unsigned char type : 5, flags : 3;
	unsigned char size; /* registers */
};

/* The symbols of a point are a row that ends with name 0; value: high and low half. */
struct sunspec_symbol {
	uint16_t name, high, low;
};

/* Points first, then groups. Count: the name of a point of the top level, 0: exactly one. */
struct sunspec_group {
	uint16_t name, count;
	uint16_t point, points; /* first, how many */
	uint16_t group, groups;
};

struct sunspec_model {
	uint16_t id, name, group;
};

struct sunspec_set {
	const char *text;
	const struct sunspec_symbol *symbols;
	const struct sunspec_point *points;
	const struct sunspec_group *groups;
	const struct sunspec_model *models; /* by rising id */
	size_t count;                       /* of models */
	const struct sunspec_set *next;     /* searched when a model is not in this set */
};

/* The models of the SunSpec Alliance that are built in. */
extern const struct sunspec_set sunspec_builtin;

/* The definition of a model id, and the set that contains it; NULL when no set has it. */
const struct sunspec_model *sunspec_find(const struct sunspec_set *set, unsigned id,
                                         const struct sunspec_set **where);

/* The name of a value of an enumeration, or of a bit; NULL when it has none. */
const char *sunspec_symbol(const struct sunspec_set *set, const struct sunspec_point *point,
                           uint32_t value);

/* Whether the model has a point or group of one of these names, at any depth. */
bool sunspec_has(const struct sunspec_set *set, const struct sunspec_model *model,
                 const char *const *names, size_t count);

/* Registers of the group's own points. */
unsigned sunspec_points_size(const struct sunspec_set *set, const struct sunspec_group *group);

/* "int16", ...; and back, -1 when there is no such type. */
const char *sunspec_type_name(enum sunspec_type type);
int sunspec_type_named(const char *name, size_t length);

/* Registers of a type, 0 for strings. */
unsigned sunspec_type_size(enum sunspec_type type);

static inline bool sunspec_is_enum(const struct sunspec_point *p)
{
	return p->type == SUNSPEC_ENUM16 || p->type == SUNSPEC_ENUM32;
}

static inline bool sunspec_is_power(uint16_t scale)
{
	return scale >= SUNSPEC_POWER;
}

static inline int sunspec_power(uint16_t scale)
{
	return (int)scale - (int)SUNSPEC_POWER - 64;
}

#endif
