/*
 * Modbus RTU traffic that others exchange, as a listener on the wire sees it: requests joined with
 * their answers, registers decoded with the map of a meter (MODBUS Application Protocol V1.1b3, MODBUS
 * over Serial Line V1.02). Both directions are one stream of bytes. Records are of type "modbus", one
 * for each transaction.
 */
#ifndef EMTOOL_BUS_H
#define EMTOOL_BUS_H

#include "decoder.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * `meter` is the meter whose registers are decoded, "inepro_n1_ct"; NULL finds out from the traffic.
 * NULL when memory is out, or when no meter has this name.
 */
struct emtool_decoder *emtool_bus_new(const char *meter, const struct emtool_events *events);

/* The names of the meters that are known; NULL from their number on. Constant strings. */
const char *emtool_bus_meter_name(size_t index);

#ifdef __cplusplus
}
#endif

#endif
