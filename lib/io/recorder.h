/*
 * Recordings of the input: what arrived when and from whom, in a text file that people can edit:
 *
 *     # emtool recording 1
 *     1612453000.123 < 127.0.0.1:40100 0103500A0002F509
 *     1612453000.140 < - 0103043FA16873C9E0
 *     1612453000.151 x 127.0.0.1:40100
 *
 * A line has the seconds, the direction (`<` from the peer or client, `>` from the server of a
 * captured connection), the peer or `-`, and the bytes. `x` means that the peer has gone. Lines
 * that begin with # are comments.
 */
#ifndef IO_RECORDER_H
#define IO_RECORDER_H

#include "io/source.h"

#define RECORDING_MAGIC "# emtool recording 1\n"

struct recorder;
struct writer;

/* Appends to a file, or creates it; NULL with errno. */
struct recorder *recorder_open(const char *path);

/* Hands the lines to a writer, which stays the caller's: never waits and never fails. */
struct recorder *recorder_queue(struct writer *writer);

int recorder_write(struct recorder *recorder, const char *peer,
                   const struct chunk *chunk); /* 0 or EM_SYSTEM with errno */
/* The peer has gone and does not complete what it began. */
void recorder_gone(struct recorder *recorder, const char *peer, instant time);

int recorder_close(struct recorder *recorder); /* 0 or EM_SYSTEM */

#endif
