/*
 * The query service of `emtool p1`: a datagram names a command, the answer is one datagram of text
 * without a line end. Names and units are powermonitor's. Missing values answer `nan`, in `json`
 * null.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/p1/p1.h"
#include "cmd/session/say.h"
#include "io/address.h"
#include "io/guests.h"
#include "io/rate.h"

enum { REQUEST_LIMIT = 512, REPLY_LIMIT = 65507 };
enum { RATE = 32 << 10, BURST = 64 << 10 }; /* bytes of answers a second to one peer, and at once */

static const char unknown[] = "not implemented, run 'help' for an overview";

struct p1_query {
	uv_udp_t socket;
	struct p1 *p1;
	struct dsmr *decoder;
	struct record record; /* of the last telegram, decoded when somebody asks */
	uint8_t *telegram;
	size_t size, capacity;
	struct p1_telegram last;
	instant time;
	bool decoded;
	struct text reply;
	struct rate rate;
	struct guests guests; /* who are refused, and how often that is said */
	char request[REQUEST_LIMIT];
};

struct number {
	struct decimal value;
	bool valid;
};

static struct number value_of(const struct p1_query *q, const char *name)
{
	const struct value *v = q->last.data ? record_find(&q->record, name) : NULL;

	return v && v->kind == VALUE_DECIMAL ? (struct number){v->as.decimal, true}
	                                     : (struct number){0};
}

static struct number add(struct number a, struct number b)
{
	struct number sum = {.valid = a.valid && b.valid};

	if (sum.valid && decimal_add(&sum.value, a.value, b.value))
		sum.valid = false;
	return sum;
}

static struct number subtract(struct number a, struct number b)
{
	b.value.negative = !b.value.negative;
	return add(a, b);
}

static struct number in_kilo(struct number n)
{
	n.value = decimal_shift(n.value, -3);
	return n;
}

/* The phases that the meter prints; a meter without phases has its sum. */
static struct number phases(const struct p1_query *q, const char *const names[4])
{
	struct number sum = {0};

	for (int i = 0; i < 3; i++) {
		struct number n = value_of(q, names[i]);

		if (n.valid)
			sum = sum.valid ? add(sum, n) : n;
	}
	return sum.valid ? sum : value_of(q, names[3]);
}

static struct number used(const struct p1_query *q)
{
	static const char *const names[] = {"power_import_l1", "power_import_l2", "power_import_l3",
	                                    "power_import"};

	return phases(q, names);
}

static struct number produced(const struct p1_query *q)
{
	static const char *const names[] = {"power_export_l1", "power_export_l2", "power_export_l3",
	                                    "power_export"};

	return phases(q, names);
}

static struct number net_power(const struct p1_query *q)
{
	return subtract(used(q), produced(q));
}

static struct number energy_used(const struct p1_query *q)
{
	struct number sum = add(value_of(q, "energy_import_t1"), value_of(q, "energy_import_t2"));

	return in_kilo(sum.valid ? sum : value_of(q, "energy_import"));
}

static struct number energy_produced(const struct p1_query *q)
{
	struct number sum = add(value_of(q, "energy_export_t1"), value_of(q, "energy_export_t2"));

	return in_kilo(sum.valid ? sum : value_of(q, "energy_export"));
}

static struct number net_energy(const struct p1_query *q)
{
	return subtract(energy_used(q), energy_produced(q));
}

static struct number inverter(const struct p1_query *q, unsigned number)
{
	struct number n = {0};

	if (q->p1->inverter)
		n.valid = p1_inverter_value(q->p1->inverter, number, &n.value);
	return n;
}

static struct number consumption(const struct p1_query *q)
{
	struct number net = subtract(value_of(q, "power_import"), value_of(q, "power_export"));

	return add(net, inverter(q, 40084));
}

static void put_number(struct text *out, struct number n, const char *missing)
{
	if (n.valid && !n.value.digits)
		n.value.negative = false;
	if (n.valid)
		text_decimal(out, n.value);
	else
		text_puts(out, missing);
}

static void put_time(struct p1_query *q, const char *name)
{
	const struct value *v = q->last.data ? record_find(&q->record, name) : NULL;

	if (v && v->kind == VALUE_TIME)
		text_stamp(&q->reply, &v->as.time);
	else
		text_puts(&q->reply, "nan");
}

static void put_member(struct text *out, const char *name, struct number n)
{
	text_printf(out, ",\"%s\":", name);
	put_number(out, n, "null");
}

static void put_seconds(struct text *out, const char *name, instant time)
{
	struct number n = {decimal_i64(time == INSTANT_NONE ? 0 : time, -3), time != INSTANT_NONE};

	put_member(out, name, n);
}

static void put_json(struct p1_query *q)
{
	struct text *out = &q->reply;
	struct number import = value_of(q, "power_import"), export = value_of(q, "power_export");

	text_puts(out, "{\"energy\":{\"unit\":\"Wh\"");
	put_member(out, "p1consumedtariff1", value_of(q, "energy_import_t1"));
	put_member(out, "p1consumedtariff2", value_of(q, "energy_import_t2"));
	put_member(out, "p1producedtariff1", value_of(q, "energy_export_t1"));
	put_member(out, "p1producedtariff2", value_of(q, "energy_export_t2"));
	put_member(out, "sunspecproduced", inverter(q, 40094));
	text_puts(out, "},\"power\":{\"unit\":\"W\"");
	put_member(out, "p1consuming", import);
	put_member(out, "p1producing", export);
	put_member(out, "sunspecproducing", inverter(q, 40084));
	put_member(out, "netconsuming", subtract(add(import, inverter(q, 40084)), export));
	text_puts(out, "}");
	put_seconds(out, "p1timestamp", q->last.data ? q->time : INSTANT_NONE);
	put_seconds(out, "modbustimestamp",
	            q->p1->inverter ? p1_inverter_time(q->p1->inverter) : INSTANT_NONE);
	text_puts(out, "}");
}

enum answer { VALUE, KILO, CALL, TIME, HELP, TEST, ALL, JSON };

static const struct {
	const char *name, *about;
	enum answer answer;
	const char *value;
	struct number (*call)(const struct p1_query *q);
} commands_known[] = {
	{"help", "this list", HELP, NULL, NULL},
	{"test", "a fixed text, to see that the service answers", TEST, NULL, NULL},
	{"all", "the last complete telegram, verbatim", ALL, NULL, NULL},
	{"json", "energy, power and times of meter and inverter", JSON, NULL, NULL},
	{"pcuruse", "power used, W", CALL, NULL, used},
	{"10s", "power used, W", CALL, NULL, used},
	{"pcurprod", "power produced, W", CALL, NULL, produced},
	{"pcurnet", "power used less produced, W", CALL, NULL, net_power},
	{"volt", "voltage of phase 1, V", VALUE, "voltage_l1", NULL},
	{"VL1", "voltage of phase 1, V", VALUE, "voltage_l1", NULL},
	{"VL2", "voltage of phase 2, V", VALUE, "voltage_l2", NULL},
	{"VL3", "voltage of phase 3, V", VALUE, "voltage_l3", NULL},
	{"PL1+", "power used, phase 1, W", VALUE, "power_import_l1", NULL},
	{"PL2+", "power used, phase 2, W", VALUE, "power_import_l2", NULL},
	{"PL3+", "power used, phase 3, W", VALUE, "power_import_l3", NULL},
	{"PL1-", "power produced, phase 1, W", VALUE, "power_export_l1", NULL},
	{"PL2-", "power produced, phase 2, W", VALUE, "power_export_l2", NULL},
	{"PL3-", "power produced, phase 3, W", VALUE, "power_export_l3", NULL},
	{"gas", "gas, m3", VALUE, "gas", NULL},
	{"gastime", "time of the gas reading", TIME, "gas_time", NULL},
	{"net", "energy used less produced, kWh", CALL, NULL, net_energy},
	{"cur", "energy used, kWh", CALL, NULL, energy_used},
	{"curused", "energy used, kWh", CALL, NULL, energy_used},
	{"curproduced", "energy produced, kWh", CALL, NULL, energy_produced},
	{"usagetariff1", "energy used in tariff 1, kWh", KILO, "energy_import_t1", NULL},
	{"usagetariff2", "energy used in tariff 2, kWh", KILO, "energy_import_t2", NULL},
	{"timestamp", "time of the telegram", TIME, "meter_time", NULL},
	{"consumption", "power used by the house, with the inverter's, W", CALL, NULL, consumption},
};

enum { COMMANDS = sizeof commands_known / sizeof commands_known[0] };

static void put_help(struct text *out)
{
	for (size_t i = 0; i < COMMANDS; i++)
		text_printf(out, "%-14s%s\n", commands_known[i].name, commands_known[i].about);
	text_puts(out, "40072..40107  a SunSpec register of the inverter, scaled");
}

static void answer(struct p1_query *q, const char *word)
{
	struct text *out = &q->reply;
	unsigned number = 0;
	size_t i = 0, digits = strspn(word, "0123456789");

	while (i < COMMANDS && strcmp(commands_known[i].name, word))
		i++;
	if (i == COMMANDS) {
		if (digits == 5 && !word[5]) {
			number = (unsigned)strtoul(word, NULL, 10);
			put_number(out, inverter(q, number), "nan");
		} else {
			text_puts(out, unknown);
		}
		return;
	}
	switch (commands_known[i].answer) {
	case VALUE: put_number(out, value_of(q, commands_known[i].value), "nan"); return;
	case KILO: put_number(out, in_kilo(value_of(q, commands_known[i].value)), "nan"); return;
	case CALL: put_number(out, commands_known[i].call(q), "nan"); return;
	case TIME: put_time(q, commands_known[i].value); return;
	case HELP: put_help(out); return;
	case TEST: text_puts(out, "emtool p1 answers"); return;
	case JSON: put_json(q); return;
	case ALL:
		if (q->last.data)
			text_add(out, (const char *)q->telegram, q->size);
		else
			text_puts(out, "nan");
		return;
	}
}

static void decode(struct p1_query *q)
{
	if (q->decoded || !q->last.data)
		return;
	q->decoded = !dsmr_decode(q->decoder, &q->last, &q->record);
	if (!q->decoded)
		q->last.data = NULL;
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct p1_query *q = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(q->request, sizeof q->request - 1);
}

static bool is_welcome(struct p1_query *q, const struct sockaddr *from)
{
	uint64_t now = uv_now(q->socket.loop);
	char name[ADDRESS_TEXT];

	if (rate_allow(&q->rate, from, q->reply.length, now))
		return true;
	address_format(name, from);
	if (guests_refused(&q->guests, now))
		say_note("query: %s asks too much, and is not always answered", name);
	return false;
}

static void on_request(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer,
                       const struct sockaddr *from, unsigned flags)
{
	struct p1_query *q = socket->data;
	uv_buf_t reply;

	(void)buffer;
	if (n < 0 || !from)
		return;
	if ((size_t)n == sizeof unknown - 1 && !memcmp(q->request, unknown, (size_t)n))
		return; /* or two services could be made to talk to each other for ever */
	if (flags & UV_UDP_PARTIAL)
		n = 0; /* longer than any command */
	while (n && strchr(" \r\n\t", q->request[n - 1]))
		n--;
	q->request[n] = '\0';
	q->reply.length = 0;
	decode(q);
	answer(q, q->request);
	if (q->reply.failed || !is_welcome(q, from))
		return;
	reply = uv_buf_init(
		q->reply.data,
		(unsigned)(q->reply.length < REPLY_LIMIT ? q->reply.length : REPLY_LIMIT));
	uv_udp_try_send(socket, &reply, 1, from); /* a receiver that cannot take it asks again */
}

void p1_query_keep(struct p1_query *q, const struct p1_telegram *t, instant time)
{
	bool ended = t->data[t->whole - 1] == '\n';
	size_t size = t->whole + (ended ? 0 : 2);
	uint8_t *copy;

	if (size > q->capacity) {
		copy = realloc(q->telegram, size * 2);
		if (!copy)
			return;
		q->telegram = copy;
		q->capacity = size * 2;
	}
	memcpy(q->telegram, t->data, t->whole);
	if (!ended)
		memcpy(q->telegram + t->whole, "\r\n", 2);
	q->size = size;
	q->last = *t;
	q->last.data = q->telegram;
	q->time = time;
	q->decoded = false;
}

static void on_closed(uv_handle_t *handle)
{
	struct p1_query *q = handle->data;

	dsmr_free(q->decoder);
	record_free(&q->record);
	text_free(&q->reply);
	free(q->telegram);
	free(q);
}

struct p1_query *p1_query_open(struct p1 *p1, const char *text, int *status)
{
	struct p1_query *q;
	struct sockaddr_storage bound;
	struct address address;
	int error;

	if (address_parse(&address, text) || !address.port ||
	    address_resolve(&address, true, &bound)) {
		*status = say_usage("--query %s: needs an address and a port, as 0.0.0.0:2001",
		                    text);
		return NULL;
	}
	q = calloc(1, sizeof *q);
	if (q)
		q->decoder = dsmr_new((int)p1->options->gas_channel);
	if (!q || !q->decoder) {
		*status = say_failure("query service", EM_NO_MEMORY);
		free(q);
		return NULL;
	}
	q->p1 = p1;
	rate_begin(&q->rate, RATE, BURST);
	uv_udp_init(loop_uv(p1->session.loop), &q->socket);
	q->socket.data = q;
	uv_unref((uv_handle_t *)&q->socket);
	error = uv_udp_bind(&q->socket, (const struct sockaddr *)&bound, 0);
	if (!error)
		error = uv_udp_recv_start(&q->socket, on_allocate, on_request);
	if (!error)
		return q;
	say_error("--query %s: %s", text, uv_strerror(error));
	*status = EXIT_LOCAL;
	p1_query_close(q);
	return NULL;
}

void p1_query_close(struct p1_query *q)
{
	uv_close((uv_handle_t *)&q->socket, on_closed);
}
