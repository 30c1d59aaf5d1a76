/*
 * What the parts of `emtool p1` share: the command with its totals, the relay, the query service and
 * the inverter that it may ask beside the meter.
 */
#ifndef CMD_P1_P1_H
#define CMD_P1_P1_H

#include "cmd/session/keys.h"
#include "cmd/session/reading.h"
#include "cmd/session/short_source.h"
#include "protocol/dsmr/dsmr.h"

struct p1_options {
	struct reading reading;
	struct key_options keys;
	bool raw, once, no_crc;
	long gas_channel, sunspec_unit;
	struct short_source source;
	const char *relay, *query, *sunspec;
};

struct p1_relay;
struct p1_query;
struct p1_inverter;

struct p1 {
	struct session session;
	const struct p1_options *options;
	struct dsmr *decoder;
	struct record record;
	struct glo_keyring ring;
	struct p1_relay *relay; /* or NULL, as the next two */
	struct p1_query *query;
	struct p1_inverter *inverter;
	uint64_t bytes, good; /* seen, and standing in telegrams; of all streams */
	uint64_t telegrams, skipped, truncated, crc_errors, wrong_key, auth_failed, unsupported;
	uint64_t encrypted; /* telegrams for which there is no key at all */
	uint8_t *plain;     /* a decrypted telegram */
	size_t plain_capacity;
};

/* The streams of a source: events for session_run(). */
void *p1_open_stream(void *context, const struct peer *peer);
void p1_data(void *stream, const struct chunk *chunk);
void p1_idle_event(void *stream, instant time);
void p1_close_stream(void *stream, instant time);

/* Prints telegrams as they came: records whose only value is the text. */
format_function format_p1_raw;

/*
 * Sends telegrams to everybody who connects. A client gets whole telegrams or loses them; none ever
 * waits for another. NULL after saying what is wrong; then *status is the exit code.
 */
struct p1_relay *p1_relay_open(struct loop *loop, const char *address, int *status);
void p1_relay_send(struct p1_relay *relay, const struct p1_telegram *telegram);
/* Sends what was gathered since the loop last waited. */
void p1_relay_flush(struct p1_relay *relay);
void p1_relay_close(struct p1_relay *relay);

/* Answers requests for single values over UDP. NULL after saying what is wrong. */
struct p1_query *p1_query_open(struct p1 *p1, const char *address, int *status);
/* Keeps a telegram for the answers; `time` is the host's. */
void p1_query_keep(struct p1_query *query, const struct p1_telegram *telegram, instant time);
void p1_query_close(struct p1_query *query);

/* Polls an inverter each second. NULL after saying what is wrong. */
struct p1_inverter *p1_inverter_open(struct p1 *p1, const char *target, int *status);
/* The value of a register by its number (from 1), as 40084; false when there is none. */
bool p1_inverter_value(const struct p1_inverter *inverter, unsigned number, struct decimal *value);
/* When the values were read, INSTANT_NONE before. */
instant p1_inverter_time(const struct p1_inverter *inverter);
void p1_inverter_close(struct p1_inverter *inverter);

#endif
