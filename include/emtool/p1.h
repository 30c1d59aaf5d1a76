/*
 * P1 telegrams of smart meters: DSMR 2.2 to 5, ESMR, eMUCS and their relatives in Europe (P1 Companion
 * Standard 5.0.2), plain or encrypted. Records are of type "p1".
 *
 * The decoder refuses a telegram if its CRC is wrong, and a telegram without a CRC if it names DSMR
 * 4 or later or if its meter sent a CRC before.
 */
#ifndef EMTOOL_P1_H
#define EMTOOL_P1_H

#include "decoder.h"
#include "keys.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EMTOOL_P1_NO_CRC 1u /* take telegrams whose CRC is wrong or missing */

/*
 * `keys` may be NULL: then encrypted telegrams are refused. They are borrowed and must outlive the
 * decoder. `flags` is 0 or EMTOOL_P1_NO_CRC. NULL when memory is out.
 */
struct emtool_decoder *emtool_p1_new(struct emtool_keys *keys, unsigned flags,
                                     const struct emtool_events *events);

#ifdef __cplusplus
}
#endif

#endif
