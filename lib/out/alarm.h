/*
 * Conditions on records: `current_l1>25`. An alarm fires when its condition becomes true, per device,
 * not again while it stays true.
 */
#ifndef OUT_ALARM_H
#define OUT_ALARM_H

#include <stddef.h>

#include "record/record.h"

enum { ALARM_LIMIT = 64 };

enum comparison { LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, GREATER_EQUAL, GREATER };

struct alarm_state;

struct alarm {
	const char *text; /* as given, borrowed */
	char name[64];
	enum comparison comparison;
	struct decimal limit;
	const char *word; /* compared as text (==, !=) when it is no number; else NULL */
	struct alarm_state *devices;
};

/* EM_SYNTAX when it is no NAME(<|<=|==|!=|>=|>)VALUE. */
int alarm_parse(struct alarm *a, const char *text);

/* Whether the record makes the condition true that was not true before for its device. */
bool alarm_fires(struct alarm *a, const struct record *r);

void alarm_free(struct alarm *a);

#endif
