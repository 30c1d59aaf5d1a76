/*
 * Other units of the register table's server: requests that pass through to a simulated charger,
 * while the balancer steers it.
 */
#include <pthread.h>

#include "charger_street.h"

#include "base/news.h"
#include "control/pass_through.h"
#include "control/table_server.h"

enum { SILENT = 11 };

static struct balancer balancer;
static struct register_table table;
static struct pass_through through;
static struct table_server front;
static int told;

/* A client on a thread of its own: one request, then the result. */
struct client_job {
	pthread_t thread;
	const char *name;
	int unit, function;
	unsigned address, count;
	uint16_t words[125];
	int error, exception;
	uint64_t took; /* ms */
	atomic_bool over;
};

static void on_news(enum news_level level, const char *text)
{
	(void)level;
	told += strstr(text, "a client's write") != NULL;
}

static struct street *open_house(const struct device *d, struct charger_options options)
{
	struct balance_settings settings = balance_defaults();
	struct street *s = street_open(d, options);
	struct fuse fuse;

	fuse_init(&fuse, FUSE_ANY, 25000);
	balancer_start(&balancer, ALGORITHM_HEADROOM, &settings, &fuse, false);
	register_table_start(&table, &balancer, TABLE_UNIT);
	pass_through_start(&through, &s->charger);
	front = (struct table_server){.table = &table, .through = &through};
	assert_int_equal(table_server_open(&front, loop_uv(s->loop), "127.0.0.1:0"), 0);
	told = 0;
	news_listen(on_news);
	return s;
}

static void close_house(struct street *s)
{
	modbus_server_close(front.server);
	pass_through_end(&through);
	street_close(s); /* while a request may still run */
	news_listen(NULL);
}

static void *work(void *argument)
{
	struct client_job *j = argument;
	struct modbus_options options = {.timeout = 5000};
	struct modbus_target target;
	struct modbus_client *c;
	uint64_t begin;

	modbus_target_parse(&target, j->name, NULL);
	c = modbus_client_new(&target, &options);
	begin = now_ms();
	j->error = j->function <= 4 ? modbus_client_read(c, j->unit, j->function, j->address,
	                                                 j->count, j->words)
	                            : modbus_client_write_by(c, j->unit, j->function, j->address,
	                                                     j->count, j->words);
	j->took = now_ms() - begin;
	j->exception = modbus_client_exception(c);
	modbus_client_free(c);
	atomic_store(&j->over, true);
	return NULL;
}

static void begin(struct client_job *j, int unit, int function, unsigned address, unsigned count)
{
	*j = (struct client_job){.name = modbus_server_name(front.server),
	                         .unit = unit,
	                         .function = function,
	                         .address = address,
	                         .count = count};
	assert_int_equal(pthread_create(&j->thread, NULL, work, j), 0);
}

/* Runs the loop with a poll every 10 ms until the client has its answer. */
static void finish(struct street *s, struct client_job *j)
{
	while (!atomic_load(&j->over))
		play(s, 10, 0);
	pthread_join(j->thread, NULL);
}

/* 0, or the exception */
static int ask(struct street *s, struct client_job *j, int unit, int function, unsigned address,
               unsigned count)
{
	begin(j, unit, function, address, count);
	finish(s, j);
	assert_true(!j->error || j->error == EM_EXCEPTION);
	return j->exception;
}

static void reads_pass(void **state)
{
	struct street *s = open_house(&abb_device, (struct charger_options){.timeout = 60});
	struct client_job j;

	(void)state;
	steer(s, 10000);
	assert_int_equal(ask(s, &j, 1, 3, 0x4006, 2), 0);
	assert_int_equal((uint32_t)j.words[0] << 16 | j.words[1], 32000);
	assert_int_equal(ask(s, &j, 1, 1, 0, 1), 1); /* the charger's own exception */
	assert_int_equal(ask(s, &j, TABLE_UNIT, 3, 1010, 1), 0);
	assert_int_equal(j.words[0], 16000);
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_int_equal(modbus_client_counts(s->charger.client).connects, 1);
	close_house(s);
}

static void writes_pass_unless_the_balancer_owns_the_register(void **state)
{
	struct street *s = open_house(&abb_device, (struct charger_options){.timeout = 60});
	struct client_job j;
	size_t n;

	(void)state;
	steer(s, 10000);
	assert_int_equal(ask(s, &j, 1, 16, 0x4100, 2), 3);
	assert_int_equal(told, 1);
	assert_int_equal(ask(s, &j, 1, 16, 0x40FF, 2), 3); /* the first half of it */
	assert_int_equal(ask(s, &j, 1, 16, 0x4101, 1), 3); /* the second half */
	assert_int_equal(ask(s, &j, 1, 6, 0x4106, 1), 3);
	assert_int_equal(ask(s, &j, 7, 6, 0x4109, 1), 3); /* it may ignore the unit */
	assert_int_equal(told, 1);
	assert_int_equal(charger_observed(&s->charger).set_point, 10000);
	n = s->count;
	assert_int_equal(ask(s, &j, 1, 6, 0x4105, 1), 0); /* start or stop */
	assert_true(find(s, n, 6, 0x4105) < s->count);
	close_house(s);
}

static void a_dry_run_lets_no_write_pass(void **state)
{
	struct street *s = open_house(&abb_device,
	                              (struct charger_options){.timeout = 60, .dry = true});
	struct client_job j;

	(void)state;
	steer(s, 10000);
	assert_int_equal(ask(s, &j, 1, 3, 0x4006, 2), 0);
	assert_int_equal(ask(s, &j, 1, 6, 0x4105, 1), 3);
	assert_int_equal(told, 1);
	for (size_t i = 0; i < s->count; i++)
		assert_true(s->calls[i].function <= 4);
	close_house(s);
}

static void a_charger_that_is_away_answers_at_once(void **state)
{
	struct street *s = open_house(&abb_device, (struct charger_options){.timeout = 60});
	uint16_t words[2];
	const struct modbus_call early = {1, 3, 0x4006, 2, words, NULL};
	struct client_job j;

	(void)state;
	assert_int_equal(pass_through_request(&through, &early), SILENT); /* not connected yet */
	steer(s, 10000);
	assert_int_equal(ask(s, &j, 1, 3, 0x4006, 2), 0);
	modbus_server_close(s->server);
	s->server = NULL;
	play(s, 300, 0);
	assert_int_equal(ask(s, &j, 1, 3, 0x4006, 2), SILENT);
	assert_true(j.took < 500);
	close_house(s);
}

static int slow(void *data, const struct modbus_call *call)
{
	(void)data;
	return call->unit == 5 ? MODBUS_SILENT : answer(data, call);
}

/* A charger that leaves a request unanswered: exception 11 in its time, and steering goes on. */
static void a_slow_charger(void **state)
{
	struct street *s = open_house(&abb_device,
	                              (struct charger_options){.timeout = 60, .reply = 400});
	struct modbus_server_options serve = {.handler = slow, .data = s};
	struct client_job j[3];
	char address[100];

	(void)state;
	snprintf(address, sizeof address, "%s", modbus_server_name(s->server));
	modbus_server_close(s->server);
	play(s, 50, 0);
	assert_int_equal(modbus_server_open(&s->server, loop_uv(s->loop), address, &serve), 0);
	s->charger.next = 0;
	steer(s, 10000);
	for (int i = 0; i < 3; i++)
		begin(&j[i], 5, 3, 0x4006, 2);
	for (int i = 0; i < 3; i++) {
		finish(s, &j[i]);
		assert_int_equal(j[i].exception, SILENT);
		assert_true(j[i].took < 700);
	}
	steer(s, 12000);
	play(s, 1500, 0);
	assert_int_equal(charger_observed(&s->charger).set_point, 12000);
	assert_int_equal(ask(s, &j[0], 1, 3, 0x4006, 2), 0);
	close_house(s);
}

/* Many clients at once get all their answers, and the set-point is written among them. */
static void steering_goes_on_among_guests(void **state)
{
	enum { MANY = 12, ROUNDS = 5 };
	struct street *s = open_house(&abb_device, (struct charger_options){.timeout = 60});
	struct client_job j[MANY];

	(void)state;
	steer(s, 8000);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < MANY; i++)
			begin(&j[i], 1, 3, 0x4000, (unsigned)i + 2);
		s->charger.set_point = 9000 + 1000 * round;
		for (int i = 0; i < MANY; i++) {
			finish(s, &j[i]);
			assert_int_equal(j[i].error, 0);
		}
		play(s, 200, 0);
		assert_int_equal(charger_observed(&s->charger).set_point, 9000 + 1000 * round);
	}
	close_house(s);
}

/* A client that goes, and a program that ends, while requests wait. */
static void nobody_waits_for_the_answer(void **state)
{
	struct street *s = open_house(&abb_device,
	                              (struct charger_options){.timeout = 60, .reply = 300});
	struct modbus_target target;
	struct modbus_options options = {.timeout = 20};
	struct modbus_client *c;
	uint16_t words[2];

	(void)state;
	steer(s, 10000);
	modbus_target_parse(&target, modbus_server_name(front.server), NULL);
	for (int i = 0; i < 3; i++) {
		c = modbus_client_new(&target, &options);
		/* the loop stands still, so there is no answer */
		assert_int_equal(modbus_client_read(c, 1, 3, 0x4006, 2, words), EM_TIMEOUT);
		modbus_client_free(c);
	}
	uv_run(loop_uv(s->loop), UV_RUN_NOWAIT);
	uv_run(loop_uv(s->loop), UV_RUN_NOWAIT);
	close_house(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_pass),
		cmocka_unit_test(writes_pass_unless_the_balancer_owns_the_register),
		cmocka_unit_test(a_dry_run_lets_no_write_pass),
		cmocka_unit_test(a_charger_that_is_away_answers_at_once),
		cmocka_unit_test(a_slow_charger),
		cmocka_unit_test(steering_goes_on_among_guests),
		cmocka_unit_test(nobody_waits_for_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
