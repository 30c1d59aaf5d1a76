#include "control/table_server.h"

#include "modbus/server.h"

int table_server_answer(void *table, const struct modbus_call *call)
{
	struct register_table *t = table;

	if (call->unit != t->unit)
		return MODBUS_SILENT;
	if (!call->count)
		return 0;
	switch (call->function) {
	case 3: return register_table_read(t, call->address, call->count, call->words);
	case 6:
	case 16: return register_table_write(t, call->address, call->count, call->words);
	default: return TABLE_NO_FUNCTION;
	}
}

int table_server_open(struct modbus_server **out, uv_loop_t *loop, const char *address,
                      struct register_table *table)
{
	struct modbus_server_options options = {
		.handler = table_server_answer, .data = table, .host = "127.0.0.1"};

	return modbus_server_open(out, loop, address, &options);
}
