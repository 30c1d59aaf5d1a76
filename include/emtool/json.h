/*
 * Records as JSON (RFC 8259): one object without line breaks, as `emtool ... --json` prints them.
 * It begins with "type" and "time"; a value that is not available is null. Texts are UTF-8, control
 * characters are escaped.
 */
#ifndef EMTOOL_JSON_H
#define EMTOOL_JSON_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Values that have a unit or a code become {"value":1.261,"unit":"A","obis":"1-0:31.7.0"}. */
#define EMTOOL_JSON_UNITS 1u

/*
 * Writes the object and a NUL into buffer[0..size) and cuts off the part that does not fit. Returns
 * the length of the whole object without the NUL: it fits if that is below `size`. Returns 0 when
 * memory is out. `flags` is 0 or EMTOOL_JSON_UNITS.
 */
size_t emtool_record_json(const struct emtool_record *r, unsigned flags, char *buffer, size_t size);

/*
 * Passes the whole object, without NUL, to `write` in one call. `data` is valid only during that
 * call. Returns 0 or EMTOOL_NO_MEMORY.
 */
int emtool_record_json_write(const struct emtool_record *r, unsigned flags,
                             void (*write)(void *context, const char *data, size_t size),
                             void *context);

#ifdef __cplusplus
}
#endif

#endif
