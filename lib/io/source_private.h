/*
 * The kinds of sources. Each has a file of its own; a new kind also has a line here and in the
 * table of source.c.
 */
#ifndef IO_SOURCE_PRIVATE_H
#define IO_SOURCE_PRIVATE_H

#include "io/stream.h"

extern const struct source_kind source_tcp, source_listen, source_udp, source_serial, source_file,
	source_pcap, source_hex, source_mqtt, source_mqtts;

/* Whether a plain path is a serial device, which is then opened as a serial port. */
bool serial_is_device(const char *path);

/* Recordings (recording.c), see recorder.h */
bool recording_recognise(const uint8_t *data, size_t size);
/* Plays a whole recording into the source's streams; EM_SYNTAX with a message at a bad line. */
int recording_play(struct source *source, const char *data, size_t size);

/* Captures (pcap.c) */
bool pcap_recognise(const uint8_t *data, size_t size);
int pcap_play(struct source *source, const uint8_t *data, size_t size);

#endif
