/*
 * The register table that a load balancer shows to Modbus clients, 1000..1003, 1010..1022 and
 * 1090..1092, as the firmware documents it. Currents are mA, waits s. 1000 acts on the running
 * balancer; 1010..1022 and 1090 change a copy that reads back at once and acts when 1 is written to
 * 1091 (save) or 1092 (defaults). No current above the main fuse is taken, and settings that
 * contradict each other, or the phases that the meter tells, are not saved: exception 3. The caller
 * stores what is saved, as lines of text.
 */
#ifndef BALANCE_REGISTER_TABLE_H
#define BALANCE_REGISTER_TABLE_H

#include <stdint.h>

#include "balance/balancer.h"
#include "base/text.h"
#include "frame/adu.h"

enum { TABLE_UNIT = 10 }; /* server_address unless it was set */

struct register_table {
	struct balancer *balancer;       /* the running one, borrowed */
	struct balance_settings pending; /* as written */
	int unit, pending_unit;
	/* Stores settings: 0, or an error, which refuses the save. NULL: nothing is stored. */
	int (*keep)(void *context, const struct balance_settings *settings, int unit);
	/* Tells that 1000 was written with another value; NULL: nobody wants to know. */
	void (*overridden)(void *context);
	void *context;
	int phases;       /* the highest phase on which the meter tells a current, 0: none yet */
	uint32_t applied; /* counts saves and restores */
};

void register_table_start(struct register_table *t, struct balancer *balancer, int unit);

/* 0, or an exception: a block with a gap or an unknown register is refused as a whole. */
int register_table_read(const struct register_table *t, unsigned address, unsigned count,
                        uint16_t *words);

/* 0, or an exception: registers before the one that is refused keep what was written. */
int register_table_write(struct register_table *t, unsigned address, unsigned count,
                         const uint16_t *words);

/* Settings as lines `name=value`; the override only when it was set. */
void settings_text(struct text *out, const struct balance_settings *settings, int unit);

/* The place that is wrong in such a text, and what the fuse did. */
struct settings_place {
	int line;                              /* from 1, 0: not in a line */
	const struct balance_setting *high;    /* refused above the fuse; NULL: another error */
	const struct balance_setting *clipped; /* the last one that became the fuse, or NULL */
};

/*
 * Reads them over `settings` and judges those in use by the rules. EM_SYNTAX, EM_RANGE, EM_UNKNOWN,
 * EM_TRUNCATED when the last line is missing. What the fuse only clips is clipped.
 */
int settings_read(struct balance_settings *settings, int *unit, const char *data, size_t size,
                  const struct balance_rules *rules, struct settings_place *place);

#endif
