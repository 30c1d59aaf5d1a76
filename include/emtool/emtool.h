/*
 * libemtool decodes what the energy devices of a house say: P1 telegrams of smart meters, encrypted
 * DLMS/COSEM pushes, and the Modbus traffic between a charger and its meter. This header includes all
 * others; the manual page is libemtool(3).
 *
 * The library never prints, ends the program, or opens files and sockets. The caller brings bytes, keys
 * and the time; records come back through functions of the caller. Decoders are independent of each
 * other unless they share keys, and each belongs to one thread at a time.
 *
 * Names and meanings stay within a major version; later versions add to them.
 */
#ifndef EMTOOL_EMTOOL_H
#define EMTOOL_EMTOOL_H

#include "bus.h"
#include "decoder.h"
#include "error.h"
#include "json.h"
#include "keys.h"
#include "p1.h"
#include "push.h"
#include "record.h"
#include "value.h"
#include "version.h"

#endif
