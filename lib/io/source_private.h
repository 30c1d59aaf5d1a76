/*
 * The kinds of sources, each with a file of its own; adding one touches that, this list, and the
 * table in source.c.
 */
#ifndef IO_SOURCE_PRIVATE_H
#define IO_SOURCE_PRIVATE_H

#include "io/stream.h"

extern const struct source_kind source_tcp, source_listen, source_udp, source_serial, source_file,
	source_pcap, source_hex, source_mqtt, source_mqtts;

/* Serial device nodes are opened as serial ports even when named as plain paths. */
bool serial_is_device(const char *path);

/* Recordings (recording.c), see recorder.h */
bool recording_recognise(const uint8_t *data, size_t size);
/* Plays a whole recording into the source's streams; EM_SYNTAX with a message at a bad line. */
int recording_play(struct source *source, const char *data, size_t size);

/* Captures (pcap.c) */
bool pcap_recognise(const uint8_t *data, size_t size);
int pcap_play(struct source *source, const uint8_t *data, size_t size);

#endif
