/* MQTT payloads: the bytes themselves, or hexadecimal or base64 text of them. */
#ifndef MQTT_PAYLOAD_H
#define MQTT_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

/* Decodes hexadecimal or base64 text in place, leaves other bytes; returns the new size. */
size_t payload_decode(uint8_t *data, size_t size);

#endif
