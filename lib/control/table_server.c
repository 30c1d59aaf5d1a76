#include "control/table_server.h"

#include "frame/adu.h"
#include "modbus/server.h"

int table_server_answer(void *table, const struct modbus_call *call)
{
	struct register_table *t = table;

	if (call->unit != t->unit)
		return MODBUS_SILENT;
	if (!call->count)
		return 0;
	switch (call->function) {
	case ADU_READ_HOLDING:
		return register_table_read(t, call->address, call->count, call->words);
	case ADU_WRITE_REGISTER:
	case ADU_WRITE_REGISTERS:
		return register_table_write(t, call->address, call->count, call->words);
	default: return ADU_ILLEGAL_FUNCTION;
	}
}

int table_server_open(struct modbus_server **out, uv_loop_t *loop, const char *address,
                      struct register_table *table)
{
	struct modbus_server_options options = {
		.handler = table_server_answer, .data = table, .host = "127.0.0.1"};

	return modbus_server_open(out, loop, address, &options);
}
