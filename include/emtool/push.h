/*
 * Pushes of DLMS/COSEM meters (DLMS UA Green Book: data-notification, general-glo-ciphering) over wired
 * M-Bus (EN 13757-2), HDLC (IEC 62056-46) or bare, as bytes or as hexadecimal text; the decoder finds
 * out which. Records are of type "dlms", or "p1" for a telegram inside a push.
 */
#ifndef EMTOOL_PUSH_H
#define EMTOOL_PUSH_H

#include "decoder.h"
#include "keys.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * `keys` may be NULL: then only pushes that are not encrypted are read. They are borrowed and must
 * outlive the decoder. NULL when memory is out.
 */
struct emtool_decoder *emtool_push_new(struct emtool_keys *keys,
                                       const struct emtool_events *events);

#ifdef __cplusplus
}
#endif

#endif
