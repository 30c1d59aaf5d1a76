/*
 * Modbus RTU traffic between other devices, as a listener on the wire sees it (MODBUS Application
 * Protocol V1.1b3, MODBUS over Serial Line V1.02). The decoder joins requests with their answers
 * and decodes registers with the map of a meter. Both directions are one stream of bytes. Records
 * are of type "modbus", one for each transaction.
 */
#ifndef EMTOOL_BUS_H
#define EMTOOL_BUS_H

#include "decoder.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * `meter` names the meter whose registers are decoded, for example "inepro_n1_ct". With NULL the
 * decoder recognises meters by their answers. Returns NULL when memory is out or the name is
 * unknown.
 */
struct emtool_decoder *emtool_bus_new(const char *meter, const struct emtool_events *events);

/* The names of the known meters, from index 0 on; NULL after the last one. Constant strings. */
const char *emtool_bus_meter_name(size_t index);

#ifdef __cplusplus
}
#endif

#endif
