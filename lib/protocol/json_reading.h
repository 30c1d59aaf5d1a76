/*
 * Reads a meter's values from a JSON object, as programs publish them over MQTT: emtool itself (also
 * with --units) and everybody who uses the names of record/quantities.def; Tasmota (ENERGY), Shelly
 * (em:0), DSMR-reader. Other keys are left out. Numbers may also be texts.
 */
#ifndef PROTOCOL_JSON_READING_H
#define PROTOCOL_JSON_READING_H

#include <stddef.h>

#include "record/record.h"

/*
 * Begins the record, of type "json", and fills it from a whole object. `meter_time` is the meter's
 * clock, else the time at which the reading was published. 0; EM_SYNTAX when the text is no JSON
 * object or names a key twice; EM_UNKNOWN when it tells no current and no power; EM_NO_MEMORY.
 */
int json_reading(struct record *r, const char *text, size_t size);

#endif
