/*
 * libemtool decodes the data that the energy devices of a house send: P1 telegrams of smart meters,
 * encrypted DLMS/COSEM pushes, and the Modbus traffic between a charger and its meter. This header
 * includes all others; the manual page is libemtool(3).
 *
 * The library never prints, ends the program, or opens files and sockets. The caller supplies
 * bytes, keys and the time, and receives records through functions of its own. Decoders are
 * independent of each other unless they share keys, and each belongs to one thread at a time.
 *
 * Names keep their meaning within a major version; later versions add names.
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
