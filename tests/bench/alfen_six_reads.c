/* What `emtool alfen dump` is measured against: the six reads of a charger with one socket. */
#include <modbus/modbus.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	static const struct {
		int unit, address, count;
	} reads[] = {{200, 100, 79}, {200, 1100, 6}, {200, 1400, 32},
	             {1, 300, 62},   {1, 362, 64},   {1, 1200, 16}};
	uint16_t words[125];
	modbus_t *m = argc > 1 ? modbus_new_tcp("127.0.0.1", atoi(argv[1])) : NULL;

	if (!m || modbus_connect(m))
		return 1;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		modbus_set_slave(m, reads[i].unit);
		if (modbus_read_registers(m, reads[i].address, reads[i].count, words) < 0)
			return 1;
	}
	modbus_close(m);
	modbus_free(m);
	return 0;
}
