/*
 * What a device answers, through the whole of `emtool alfen`, `abb` and `sunspec`: the way to
 * the device is replaced by functions of the same names. The first two bytes choose a command
 * and options; each answer is a byte that says how well it fits the request, and its words.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/error.h"
#include "fuzz.h"
#include "modbus/link.h"

static struct input answers;
static struct {
	uint8_t frame[MBAP_FRAME_MAX];
	size_t size;
} asked;

int modbus_link_open(struct modbus_link *l, const struct modbus_target *target, int64_t deadline,
                     const atomic_bool *stop)
{
	(void)deadline;
	(void)stop;
	*l = (struct modbus_link){.carrier = target->carrier,
	                          .framing = target->framing,
	                          .context = (modbus_t *)&asked,
	                          .fd = -1};
	return 0;
}

void modbus_link_close(struct modbus_link *l)
{
	l->context = NULL;
}

bool modbus_link_ended(const struct modbus_link *l)
{
	(void)l;
	return false;
}

void modbus_link_drain(struct modbus_link *l, int64_t deadline, const atomic_bool *stop)
{
	(void)l;
	(void)deadline;
	(void)stop;
}

int modbus_link_send(struct modbus_link *l, const uint8_t *frame, size_t size)
{
	(void)l;
	fuzz_require(size >= 8 && size <= MBAP_FRAME_MAX, "request");
	memcpy(asked.frame, frame, size);
	asked.size = size;
	return 0;
}

/* The answer's PDU into out; its size. */
static size_t put_pdu(uint8_t *out, const uint8_t *request, unsigned how)
{
	size_t bytes = (size_t)(request[3] << 8 | request[4]) * 2;
	struct input part;

	if (how == 7) { /* anything */
		part = fuzz_take(&answers, 1 + fuzz_byte(&answers) % 252);
		memset(out, 0, 253);
		memcpy(out, part.data, part.size);
		return part.size > 2 ? part.size : 2;
	}
	out[0] = request[0];
	if (how == 6) {
		out[0] |= 0x80;
		out[1] = (uint8_t)fuzz_byte(&answers);
		return 2;
	}
	memcpy(out + 1, request + 1, 4);
	if (request[0] > 4)
		return 5;
	bytes = bytes > 250 ? 250 : bytes;
	part = fuzz_take(&answers, bytes);
	memset(out + 2, how == 5 ? 0xFF : 0, bytes);
	memcpy(out + 2, part.data, part.size);
	out[1] = (uint8_t)bytes;
	return 2 + bytes;
}

int modbus_link_receive(struct modbus_link *l, uint8_t frame[MBAP_FRAME_MAX], int64_t deadline,
                        const atomic_bool *stop)
{
	bool tcp = l->framing == MODBUS_MBAP;
	unsigned how = fuzz_byte(&answers);
	uint8_t pdu[256];
	size_t size;
	uint16_t crc;

	(void)deadline;
	(void)stop;
	if (!answers.size)
		return EM_CLOSED;
	size = put_pdu(pdu, asked.frame + (tcp ? 7 : 1), how % 8);
	memcpy(frame, asked.frame, tcp ? 7 : 1);
	if (how & 128) /* of another request, or of another unit */
		frame[how & 64 ? 0 : tcp ? 6 : 0] ^= 1;
	if (tcp) {
		frame[4] = 0;
		frame[5] = (uint8_t)(size + 1);
		memcpy(frame + 7, pdu, size);
		return (int)size + 7;
	}
	memcpy(frame + 1, pdu, size);
	crc = crc16_modbus(frame, size + 1);
	frame[size + 1] = (uint8_t)crc;
	frame[size + 2] = (uint8_t)(crc >> 8);
	return (int)size + 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[][6] = {
		{"alfen", "dump"},
		{"abb", "dump"},
		{"sunspec", "read"},
		{"sunspec", "scan", "--unit", "3"},
		{"alfen", "get", "station_active_max_current", "number_of_sockets"},
		{"alfen", "set", "modbus_slave_max_current=12.5", "--duration", "0.02"},
		{"abb", "set", "set_charging_current_limit=7", "--duration", "0.02"},
		{"sunspec", "read", "--fast", "--base", "40000"},
		{"alfen", "watch", "--duration", "0.012", "--interval", "0.01"}};
	static const char *const hosts[] = {"localhost", "rtu+tcp://localhost:1"};
	const char *words[16] = {NULL};
	unsigned choice, format;
	size_t count = 0;

	answers = (struct input){data, size};
	choice = fuzz_byte(&answers);
	format = fuzz_byte(&answers);
	if (size < 4)
		return 0;
	words[count++] = choices[choice % 9][1];
	words[count++] = hosts[choice >> 7];
	for (int i = 2; i < 6 && choices[choice % 9][i]; i++)
		words[count++] = choices[choice % 9][i];
	words[count++] = "--retries";
	words[count++] = "0";
	fuzz_print(choices[choice % 9][0], words, format);
	return 0;
}
