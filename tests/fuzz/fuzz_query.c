/*
 * The query service over UDP on the loopback interface: a telegram of the fuzzer's
 * choice up to a byte 1, then requests, a line each.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "service/query.h"

static struct loop *loop;
static struct query *query;
static int client;
static struct sockaddr_in server = {.sin_family = AF_INET};

static int udp_socket(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t size = sizeof *address;

	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fuzz_require(fd >= 0 && !bind(fd, (struct sockaddr *)address, size) &&
	                     !getsockname(fd, (struct sockaddr *)address, &size),
	             "socket");
	return fd;
}

static void on_turn(uv_idle_t *handle)
{
	(void)handle;
}

/* The service at a port that was free a moment ago; something else has to keep the loop alive. */
static void start(void)
{
	static uv_idle_t turn;
	const struct query_settings settings = {0};
	struct sockaddr_in own = {.sin_family = AF_INET};
	char text[32], problem[256];

	close(udp_socket(&server));
	snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(server.sin_port));
	loop = loop_new();
	fuzz_require(loop != NULL &&
	                     !query_open(&query, loop, text, &settings, problem, sizeof problem),
	             "query service");
	uv_idle_init(loop_uv(loop), &turn);
	uv_idle_start(&turn, on_turn);
	client = udp_socket(&own);
}

static void on_telegram(void *context, const struct p1_telegram *telegram)
{
	(void)context;
	query_keep(query, telegram, 1612453000123);
}

static void keep(struct input lines)
{
	const struct p1_handler handler = {.telegram = on_telegram};
	struct text sealed = {0};
	struct p1_framer framer;

	fuzz_seal_telegram(&sealed, lines);
	p1_init(&framer, &handler);
	p1_feed(&framer, (const uint8_t *)sealed.data, sealed.length);
	p1_end(&framer);
	p1_free(&framer);
	text_free(&sealed);
}

/* The answer to `json` is an object, `all` is the telegram as it came, others are plain text. */
static void ask(struct input request)
{
	static char reply[65536];
	bool all = request.size >= 3 && !memcmp(request.data, "all", 3);
	ssize_t n;

	if (request.size > 1000 || sendto(client, request.data, request.size, 0,
	                                  (struct sockaddr *)&server, sizeof server) < 0)
		return;
	for (int tries = 0; tries < 1000; tries++) {
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		n = recv(client, reply, sizeof reply - 1, MSG_DONTWAIT);
		if (n < 0)
			continue;
		reply[n] = '\n';
		if (*reply == '{')
			fuzz_check_json((struct input){(uint8_t *)reply, (size_t)n + 1});
		else if (!all)
			fuzz_check_text((struct input){(uint8_t *)reply, (size_t)n});
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size}, request;
	const uint8_t *end = size ? memchr(data, 1, size) : NULL;

	if (!query)
		start();
	keep(fuzz_take(&in, end ? (size_t)(end - data) : size));
	fuzz_byte(&in);
	for (int n = 0; n < 50 && fuzz_line(&in, &request); n++)
		ask(request);
	return 0;
}
