/*
 * What the parts of `emtool p1` share: the command with its totals, and the services that it may
 * run.
 */
#ifndef CMD_P1_P1_H
#define CMD_P1_P1_H

#include "cmd/session/keys.h"
#include "cmd/session/reading.h"
#include "cmd/session/refused.h"
#include "cmd/session/short_source.h"
#include "service/query.h"
#include "service/relay.h"
#include "stream/p1_reader.h"

struct p1_options {
	struct reading reading;
	struct key_options keys;
	bool raw, once, no_crc, accept_replay;
	long gas_channel, sunspec_unit;
	struct short_source source;
	const char *relay, *query, *sunspec;
};

struct p1 {
	struct session session;
	const struct p1_options *options;
	struct p1_decoder *decoder; /* of all streams */
	struct seals seals;
	struct record record;
	struct glo_keyring ring;
	struct relay *relay; /* or NULL, like the next two */
	struct query *query;
	struct inverter *inverter;
	struct p1_reader_counts total; /* of all streams */
	struct refused refused;        /* telegrams that were reported */
};

/* Stream callbacks for session_run(). */
void *p1_open_stream(void *context, const struct peer *peer);
void p1_data(void *stream, const struct chunk *chunk);
void p1_idle_event(void *stream, instant time);
void p1_close_stream(void *stream, instant time);

/* Prints telegrams as received; the records have only the text as a value. */
format_function format_p1_raw;

#endif
