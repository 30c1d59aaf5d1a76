/* What an MQTT payload holds: the bytes themselves, or their hexadecimal or base64 text. */
#ifndef MQTT_PAYLOAD_H
#define MQTT_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

/* Decodes in place when it is hexadecimal or base64 text, else leaves it; returns the size. */
size_t payload_decode(uint8_t *data, size_t size);

#endif
