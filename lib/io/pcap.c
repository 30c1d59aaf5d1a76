/*
 * Capture files, classic pcap and pcapng, any byte order. TCP connections become flows (a stream
 * with two directions, ordered by sequence number); packets of DLT_USER0 are Modbus RTU bytes from
 * the wire and become one stream of bytes. All other packets are skipped.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/reader.h"
#include "io/address.h"
#include "io/source_private.h"

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12,
	LINK_RAW = 101,
	LINK_SLL = 113,
	LINK_USER0 = 147,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276
};

enum { FLOWS_LIMIT = 4096, INTERFACES_LIMIT = 64, TCP_SYN = 2, TCP_RST = 4, TCP_FIN = 1 };

struct endpoint {
	uint8_t host[16];
	uint16_t port;
};

struct flow {
	struct endpoint end[2]; /* client, server */
	bool v6, known[2];
	uint32_t next[2]; /* sequence number expected from each */
	struct source_stream *stream;
	struct flow *older;
};

struct capture {
	struct source *source;
	bool swapped; /* numbers in the file are little-endian */
	struct {
		uint32_t link;
		uint64_t ticks; /* per second */
	} interface[INTERFACES_LIMIT];
	size_t interfaces;
	struct flow *flows;
	size_t flow_count;
	struct source_stream *serial; /* DLT_USER0 */
	bool failed;                  /* memory is out */
	instant last;
};

static uint16_t number16(struct capture *c, struct reader *r)
{
	return c->swapped ? reader_u16le(r) : reader_u16be(r);
}

static uint32_t number32(struct capture *c, struct reader *r)
{
	uint32_t low = number16(c, r), high = number16(c, r);

	return c->swapped ? high << 16 | low : low << 16 | high;
}

static bool same_end(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && !memcmp(a->host, b->host, sizeof a->host);
}

static struct source_stream *open_flow_stream(struct capture *c, const struct flow *flow)
{
	char name[ADDRESS_TEXT];
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(flow->end[0].port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(flow->end[0].port)};

	memcpy(&v4.sin_addr, flow->end[0].host, 4);
	memcpy(&v6.sin6_addr, flow->end[0].host, 16);
	address_format(name, flow->v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4);
	return stream_open(c->source, name, STREAM_FLOW, false);
}

/* After a chunk that could not be taken, nothing more is passed on. */
static void hand_on(struct capture *c, struct source_stream *stream, const struct chunk *chunk)
{
	c->failed |= !stream;
	if (!c->failed)
		stream_data(stream, chunk);
}

/*
 * The connection of a segment, and which side speaks. The side with the lower port is the server.
 */
static struct flow *find_flow(struct capture *c, const struct endpoint end[2], bool v6, bool syn,
                              unsigned *direction)
{
	struct flow *flow;

	for (flow = c->flows; flow; flow = flow->older)
		for (*direction = 0; *direction < 2; ++*direction)
			if (same_end(&flow->end[*direction], &end[0]) &&
			    same_end(&flow->end[!*direction], &end[1]))
				return flow;
	if (c->flow_count == FLOWS_LIMIT)
		return NULL;
	flow = calloc(1, sizeof *flow);
	c->failed |= !flow;
	if (!flow)
		return NULL;
	*direction = !syn && end[0].port < end[1].port;
	flow->end[*direction] = end[0];
	flow->end[!*direction] = end[1];
	flow->v6 = v6;
	flow->older = c->flows;
	c->flows = flow;
	c->flow_count++;
	return flow;
}

/* Passes on the new bytes of a segment; repeated bytes are cut off, missing ones are skipped. */
static void tcp_segment(struct capture *c, struct reader r, const struct endpoint *from,
                        const struct endpoint *to, bool v6, instant time)
{
	struct endpoint end[2] = {*from, *to};
	struct chunk chunk = {.time = time};
	uint32_t sequence, ahead;
	unsigned offset, flags;
	struct flow *flow;

	end[0].port = reader_u16be(&r);
	end[1].port = reader_u16be(&r);
	sequence = reader_u32be(&r);
	reader_u32be(&r);
	offset = reader_u8(&r) >> 4;
	flags = reader_u8(&r);
	reader_bytes(&r, 6);
	if (offset < 5 || !reader_bytes(&r, offset * 4 - 20) || r.bad)
		return;
	flow = find_flow(c, end, v6, (flags & TCP_SYN) != 0, &chunk.direction);
	if (!flow)
		return;
	if (flags & TCP_SYN) {
		flow->known[chunk.direction] = true;
		flow->next[chunk.direction] = sequence + 1;
		return;
	}
	chunk.size = reader_left(&r);
	chunk.data = reader_bytes(&r, chunk.size);
	ahead = flow->known[chunk.direction] ? flow->next[chunk.direction] - sequence : 0;
	if (ahead < 0x80000000u && ahead) { /* it begins with bytes that are known already */
		if (ahead >= chunk.size)
			return;
		chunk.data += ahead;
		chunk.size -= ahead;
		sequence += ahead;
	}
	flow->known[chunk.direction] = true;
	flow->next[chunk.direction] = sequence + (uint32_t)chunk.size;
	if (!chunk.size)
		return;
	if (!flow->stream)
		flow->stream = open_flow_stream(c, flow);
	hand_on(c, flow->stream, &chunk);
}

static void ip_packet(struct capture *c, struct reader r, instant time)
{
	struct endpoint from = {0}, to = {0};
	unsigned first = reader_peek(&r), header = (first & 15) * 4u;
	size_t total, width = first >> 4 == 6 ? 16 : 4;
	const uint8_t *p;

	if (width == 4) {
		p = reader_bytes(&r, 20);
		if (!p || first >> 4 != 4 || header < 20 || p[9] != IPPROTO_TCP)
			return;
		total = load_be16(p + 2);
		if ((p[6] & 0x1F) || p[7]) /* a later fragment has no TCP header */
			return;
		memcpy(from.host, p + 12, 4);
		memcpy(to.host, p + 16, 4);
		if (!reader_bytes(&r, header - 20) || total < header)
			return;
		total -= header;
	} else {
		p = reader_bytes(&r, 40);
		if (!p || p[6] != IPPROTO_TCP) /* extension headers are not supported */
			return;
		total = load_be16(p + 4);
		memcpy(from.host, p + 8, 16);
		memcpy(to.host, p + 24, 16);
	}
	if (total < reader_left(&r)) /* Ethernet pads short packets */
		r.size = r.position + total;
	tcp_segment(c, r, &from, &to, width == 16, time);
}

static void ethernet_frame(struct capture *c, struct reader r, instant time)
{
	unsigned type;

	reader_bytes(&r, 12);
	type = reader_u16be(&r);
	while (type == 0x8100 || type == 0x88A8) { /* VLAN tags */
		reader_u16be(&r);
		type = reader_u16be(&r);
	}
	if (!r.bad && (type == 0x0800 || type == 0x86DD))
		ip_packet(c, r, time);
}

static void packet(struct capture *c, uint32_t link, struct reader r, instant time)
{
	struct chunk chunk = {.data = r.data + r.position, .size = reader_left(&r), .time = time};
	size_t header = link == LINK_SLL ? 16 : link == LINK_SLL2 ? 20 : link == LINK_NULL ? 4 : 0;

	c->last = time;
	switch (link) {
	case LINK_ETHERNET: ethernet_frame(c, r, time); return;
	case LINK_USER0:
		if (!c->serial)
			c->serial = stream_open(c->source, NULL, STREAM_BYTES, false);
		hand_on(c, c->serial, &chunk);
		return;
	case LINK_NULL:
	case LINK_SLL:
	case LINK_SLL2:
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_IPV4:
	case LINK_IPV6:
		if (reader_bytes(&r, header))
			ip_packet(c, r, time);
		return;
	default: return;
	}
}

static int classic(struct capture *c, struct reader *r, uint32_t magic)
{
	uint64_t fraction = magic == 0xA1B23C4D ? 1000000 : 1000;
	uint32_t link;

	reader_bytes(r, 16);
	link = number32(c, r) & 0xFFFF;
	while (reader_left(r) && !r->bad) {
		uint64_t seconds = number32(c, r), part = number32(c, r);
		uint32_t size = number32(c, r);
		const uint8_t *data;

		number32(c, r);
		data = reader_bytes(r, size);
		if (data && !r->bad)
			packet(c, link, reader_make(data, size),
			       (instant)(seconds * 1000 + part / fraction));
	}
	return r->bad ? EM_TRUNCATED : 0;
}

/* if_tsresol, option 9: ticks per second as a power of ten or, with the high bit, of two */
static uint64_t resolution(struct capture *c, struct reader *options)
{
	uint64_t ticks = 1000000;

	while (reader_left(options) >= 4) {
		unsigned code = number16(c, options), length = number16(c, options);
		const uint8_t *value = reader_bytes(options, length);

		reader_bytes(options, -length & 3);
		if (!value || code == 0)
			break;
		if (code == 9 && length == 1 && (value[0] & 0x7F) < (value[0] & 0x80 ? 63 : 19)) {
			ticks = 1;
			for (unsigned i = value[0] & 0x7F; i; i--)
				ticks *= value[0] & 0x80 ? 2 : 10;
		}
	}
	return ticks;
}

static void interface_block(struct capture *c, struct reader *body)
{
	size_t i = c->interfaces;

	if (i == INTERFACES_LIMIT)
		return;
	c->interface[i].link = number16(c, body);
	reader_bytes(body, 6);
	c->interface[i].ticks = resolution(c, body);
	c->interfaces++;
}

static void packet_block(struct capture *c, struct reader *body)
{
	uint32_t interface = number32(c, body);
	uint64_t high = number32(c, body), ticks = high << 32 | number32(c, body), per_second;
	uint32_t size = number32(c, body);
	const uint8_t *data;

	number32(c, body);
	data = reader_bytes(body, size);
	if (!data || body->bad || interface >= c->interfaces)
		return;
	per_second = c->interface[interface].ticks;
	packet(c, c->interface[interface].link, reader_make(data, size),
	       (instant)(ticks / per_second * 1000 + ticks % per_second * 1000 / per_second));
}

static int next_generation(struct capture *c, struct reader *r)
{
	while (reader_left(r)) {
		uint32_t type, length, order;
		struct reader body, look = *r;

		type = number32(c, r);
		if (type == 0x0A0D0D0A) { /* a section says its own byte order */
			reader_bytes(&look, 8);
			order = reader_u32be(&look);
			c->swapped = order == 0x4D3C2B1A;
			c->interfaces = 0;
		}
		length = number32(c, r);
		if (length < 12 || length % 4 || !reader_bytes(r, length - 8))
			return EM_TRUNCATED;
		body = reader_make(r->data + r->position - (length - 8), length - 12);
		if (type == 1)
			interface_block(c, &body);
		else if (type == 6)
			packet_block(c, &body);
	}
	return 0;
}

static uint32_t magic_of(const uint8_t *data, size_t size)
{
	struct reader r = reader_make(data, size);

	return reader_u32be(&r);
}

bool pcap_recognise(const uint8_t *data, size_t size)
{
	switch (magic_of(data, size)) {
	case 0xA1B2C3D4:
	case 0xD4C3B2A1:
	case 0xA1B23C4D:
	case 0x4D3CB2A1:
	case 0x0A0D0D0A: return size >= 24;
	default: return false;
	}
}

int pcap_play(struct source *source, const uint8_t *data, size_t size)
{
	struct capture *c = calloc(1, sizeof *c);
	struct reader r = reader_make(data, size);
	uint32_t magic = magic_of(data, size);
	int status;

	if (!c)
		return EM_NO_MEMORY;
	c->source = source;
	c->last = INSTANT_NONE;
	if (magic == 0x0A0D0D0A) {
		status = next_generation(c, &r);
	} else {
		reader_u32be(&r);
		c->swapped = magic == 0xD4C3B2A1 || magic == 0x4D3CB2A1;
		status = classic(c, &r, magic == 0x4D3CB2A1 ? 0xA1B23C4D : magic);
	}
	if (status == EM_TRUNCATED)
		source_report(source, "%s: the capture ends within a packet", source->config.url);
	while (source->streams)
		stream_close(source->streams, c->last);
	while (c->flows) {
		struct flow *older = c->flows->older;

		free(c->flows);
		c->flows = older;
	}
	status = c->failed ? EM_NO_MEMORY : 0;
	free(c);
	return status;
}
