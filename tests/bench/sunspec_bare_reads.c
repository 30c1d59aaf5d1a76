/* What `emtool sunspec read` is measured against: PORT UNIT, and the requests ADDRESS COUNT... */
#include <modbus/modbus.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	modbus_t *m = argc > 2 ? modbus_new_tcp("127.0.0.1", atoi(argv[1])) : NULL;
	uint16_t words[125];

	if (!m || modbus_set_slave(m, atoi(argv[2])) || modbus_connect(m))
		return 1;
	for (int i = 3; i + 1 < argc; i += 2)
		if (modbus_read_registers(m, atoi(argv[i]), atoi(argv[i + 1]), words) < 0)
			return 1;
	modbus_close(m);
	modbus_free(m);
	return 0;
}
