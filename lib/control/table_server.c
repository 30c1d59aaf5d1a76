#include "control/table_server.h"

#include "control/pass_through.h"
#include "frame/adu.h"
#include "modbus/server.h"

static int answer_other_unit(const struct table_server *s, const struct modbus_call *call)
{
	bool shared = s->server && modbus_server_on_line(s->server);

	return s->through && !shared ? pass_through_request(s->through, call) : MODBUS_SILENT;
}

int table_server_answer(void *server, const struct modbus_call *call)
{
	const struct table_server *s = server;
	struct register_table *t = s->table;

	if (call->unit != t->unit)
		return answer_other_unit(s, call);
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

int table_server_open(struct table_server *t, uv_loop_t *loop, const char *address)
{
	struct modbus_server_options options = {
		.handler = table_server_answer, .data = t, .host = "127.0.0.1"};

	return modbus_server_open(&t->server, loop, address, &options);
}
