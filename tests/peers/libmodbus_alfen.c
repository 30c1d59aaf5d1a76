/*
 * A charger served by libmodbus, an implementation that is not ours: units 200 and 1 from a table of
 * registers on stdin (`unit address word`), one client at a time. Prints its port; writes to register
 * 1210 and 1215 are taken, others refused.
 */
#include <errno.h>
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static modbus_mapping_t *units[256];

static modbus_mapping_t *unit_of(int unit)
{
	if (!units[unit])
		units[unit] = modbus_mapping_new(0, 0, 2000, 0);
	return units[unit];
}

static int allowed(const uint8_t *query)
{
	int address = query[8] << 8 | query[9];

	return query[7] == 3 || address == 1210 || address == 1215;
}

static void serve(modbus_t *m)
{
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
	int n;

	while ((n = modbus_receive(m, query)) >= 0) {
		if (n == 0)
			continue;
		if (!units[query[6]])
			modbus_reply_exception(m, query, MODBUS_EXCEPTION_GATEWAY_TARGET);
		else if (!allowed(query))
			modbus_reply_exception(m, query, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
		else
			modbus_reply(m, query, n, units[query[6]]);
	}
}

int main(void)
{
	modbus_t *m = modbus_new_tcp("127.0.0.1", 0);
	struct sockaddr_in a = {0};
	socklen_t size = sizeof a;
	unsigned unit, address, word;
	int listener;

	while (scanf("%u %u %x", &unit, &address, &word) == 3)
		if (unit < 256 && address < 2000)
			unit_of((int)unit)->tab_registers[address] = (uint16_t)word;
	listener = modbus_tcp_listen(m, 1);
	if (listener < 0 || getsockname(listener, (struct sockaddr *)&a, &size))
		return 1;
	printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
	fflush(stdout);
	for (;;) {
		if (modbus_tcp_accept(m, &listener) < 0)
			return 1;
		serve(m);
		close(modbus_get_socket(m));
	}
}
