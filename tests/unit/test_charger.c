/*
 * A controller's charger against simulated devices behind a Modbus server on the same loop: real ones
 * by their scheme, and made-up tables for what families differ in. Each request is logged.
 */
#include "charger_street.h"

static void a_keba_is_armed_value_by_value(void **state)
{
	static const unsigned first[] = {1008, 1010, 1012, 1100, 1110, 1600, 1602};
	struct street *s = street_open(&keba_device, (struct charger_options){.timeout = 60});

	(void)state;
	s->charger.fallback = 6000;
	steer(s, 10000);
	assert_int_equal(s->charger.link, CHARGER_READY);
	for (size_t i = 0; i < 7; i++) { /* first it reads, value by value */
		assert_int_equal(s->calls[i].address, first[i]);
		assert_int_equal(s->calls[i].count, 2);
	}
	assert_written(s, 7, 6, 5016, 6000);
	assert_int_equal(s->calls[8].address, 1600);
	assert_written(s, 9, 6, 5018, 60);
	assert_int_equal(s->calls[10].address, 1602);
	assert_written(s, 11, 6, 5004, 10000);
	assert_written(s, 12, 6, 5014, 1);
	assert_int_equal(s->count, 19);
	assert_int_equal(find(s, 13, READS, 1110), s->count); /* its maximum stays */
	assert_int_equal(charger_observed(&s->charger).set_point, 10000);
	assert_int_equal(charger_observed(&s->charger).applied, 10000);
	assert_int_equal(charger_observed(&s->charger).most, 32000);
	assert_true(number(s, "charging_current_limit") == 10);
	assert_int_equal(charger_observed(&s->charger).car[1], 9912);
	street_close(s);
}

static void a_keba_pauses_by_its_switch(void **state)
{
	struct street *s = street_open(&keba_device, (struct charger_options){.timeout = 60});
	size_t n;

	(void)state;
	steer(s, 5999); /* below its least */
	assert_int_equal(find(s, 0, 6, 5004), s->count);
	assert_written(s, find(s, 0, 6, 5014), 6, 5014, 0);
	assert_int_equal(sim_device_offer(&s->device), 0);
	n = s->count;
	steer(s, 0); /* paused already */
	assert_int_equal(find(s, n, 6, 5014), s->count);
	assert_int_equal(charger_observed(&s->charger).set_point, 0);
	n = s->count;
	steer(s, 6000); /* the set-point alone resumes nothing, and comes first */
	assert_true(find(s, n, 6, 5004) < find(s, n, 6, 5014));
	assert_written(s, find(s, n, 6, 5014), 6, 5014, 1);
	assert_int_equal(sim_device_offer(&s->device), 6000);
	n = s->count;
	steer(s, 8000); /* the session goes on: only the set-point is written */
	assert_written(s, find(s, n, 6, 5004), 6, 5004, 8000);
	assert_int_equal(find(s, n, 6, 5014), s->count);
	street_close(s);
}

/* A KEBA refuses a fallback between 0 and its least current: it pauses instead. */
static void a_fallback_below_the_least_is_a_pause(void **state)
{
	struct street *s = street_open(&keba_device, (struct charger_options){.timeout = 60});

	(void)state;
	s->charger.fallback = 5000;
	steer(s, 10000);
	assert_written(s, find(s, 0, 6, 5016), 6, 5016, 0);
	assert_int_equal(s->charger.link, CHARGER_READY);
	street_close(s);
}

/* Reads do not feed a KEBA; writing 5018 does, at half of the time. */
static void a_keba_is_fed_at_half_the_time(void **state)
{
	struct street *s = street_open(&keba_device, (struct charger_options){.timeout = 1});
	uint64_t last = 0;
	unsigned fed = 0;

	(void)state;
	steer(s, 10000);
	play(s, 2600, 0);
	for (size_t i = find(s, 0, 6, 5018); i < s->count; i = find(s, i + 1, 6, 5018)) {
		assert_int_equal(s->calls[i].word, 1);
		if (last)
			assert_in_range(s->calls[i].time - last, 490, 900);
		last = s->calls[i].time;
		fed++;
	}
	assert_in_range(fed, 4, 6);
	assert_true(number(s, "charging_current_limit") == 10);
	street_close(s);
}

/* One read has all that is observed; the next follows after a second. */
static void an_abb_is_read_once_a_second(void **state)
{
	struct street *s = street_open(&abb_device, (struct charger_options){.timeout = 10});
	size_t n;

	(void)state;
	s->charger.fallback = 40000;
	steer(s, 10500);
	assert_int_equal(s->calls[0].address, 0x4006); /* maximum to fallback */
	assert_int_equal(s->calls[0].count, 31);
	assert_written(s, 1, 6, 0x4106, 10);
	assert_int_equal(s->calls[2].address, 0x4020);
	assert_written(s, 3, 6, 0x4109, 32); /* whole A, at most 32 */
	assert_int_equal(s->calls[4].address, 0x4024);
	assert_written(s, 5, 16, 0x4100, 0);
	assert_int_equal(s->calls[6].address, 0x400E); /* limit to fallback */
	assert_int_equal(s->calls[6].count, 23);
	assert_int_equal(s->count, 7);
	play(s, 3000, 1);
	n = find(s, 7, READS, 0x400E);
	assert_int_equal(n + 1, s->count);
	assert_in_range(s->calls[n].time - s->calls[0].time, 850, 1400);
	street_close(s);
}

/* A third of its life: two writes may get lost before the set-point expires. */
static void an_alfen_hears_again_after_a_third(void **state)
{
	struct street *s = street_open(&alfen_device, (struct charger_options){.timeout = 600});
	size_t first, second;

	(void)state;
	s->device.validity = 6;
	steer(s, 12000);
	first = find(s, 0, 16, 1210);
	assert_int_equal(s->calls[0].address, 1100);
	assert_int_equal(s->calls[2].address, 1206); /* its limit, and its safe current */
	assert_int_equal(s->calls[2].count, 8);
	assert_written(s, first, 16, 1210, 0x4140);
	play(s, 2700, 0);
	second = find(s, first + 1, 16, 1210);
	assert_true(second < s->count);
	assert_in_range(s->calls[second].time - s->calls[first].time, 1900, 2900);
	street_close(s);
}

static void times(void **state)
{
	(void)state;
	assert_int_equal(charger_read_after(1), 250);
	assert_int_equal(charger_read_after(10), 900); /* at most */
	assert_int_equal(charger_read_after(600), 900);
	assert_int_equal(charger_feed_after(60), 30000);
	assert_int_equal(charger_refresh_after(60), 20000);
	assert_int_equal(charger_refresh_after(0), 1000); /* the charger does not tell */
	assert_int_equal(charger_refresh_after(3), 1000);
	assert_int_equal(charger_refresh_after(100000), 200000);
}

static void what_reads_back_otherwise_is_refused(void **state)
{
	struct street *s = street_open(&abb_device, (struct charger_options){.timeout = 60});

	(void)state;
	s->refuse = 2;
	s->refused = 0x4109;
	steer(s, 10000);
	assert_int_equal(s->charger.link, CHARGER_REFUSED);
	assert_int_equal(find(s, 0, 16, 0x4100), s->count);
	street_close(s);
	s = street_open(&abb_device, (struct charger_options){.timeout = 60, .unarmed = true});
	s->refuse = 2;
	s->refused = 0x4109;
	steer(s, 10000);
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_true(find(s, 0, 16, 0x4100) < s->count);
	street_close(s);
	s = street_open(&abb_device, (struct charger_options){.timeout = 60});
	s->refuse = 6; /* busy: it is asked again */
	s->refused = 0x4109;
	steer(s, 10000);
	assert_int_equal(s->charger.link, CHARGER_AWAY);
	s->refuse = 0;
	play(s, 3000, 1);
	assert_int_equal(s->charger.link, CHARGER_READY);
	street_close(s);
}

/* A charger at work that refuses a write is away, until it has taken all. */
static void a_refused_order_is_given_again(void **state)
{
	static const struct {
		int32_t before, after;
		unsigned refused;
	} cases[] = {{10000, 8000, 5004}, {10000, 0, 5014}, {0, 10000, 5004}, {0, 10000, 5014}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct street *s = street_open(&keba_device,
		                               (struct charger_options){.timeout = 60});

		steer(s, cases[i].before);
		assert_int_equal(s->charger.link, CHARGER_READY);
		assert_int_equal(sim_device_offer(&s->device), cases[i].before);
		s->refuse = 6; /* busy */
		s->refused = cases[i].refused;
		steer(s, cases[i].after);
		assert_int_equal(s->charger.link, CHARGER_AWAY);
		s->refuse = 0;
		play(s, 3000, 1);
		assert_int_equal(s->charger.link, CHARGER_READY);
		assert_int_equal(sim_device_offer(&s->device), cases[i].after);
		street_close(s);
	}
}

static void dry_runs_write_nothing(void **state)
{
	struct street *s = street_open(&keba_device,
	                               (struct charger_options){.timeout = 1, .dry = true});

	(void)state;
	steer(s, 10000);
	play(s, 800, 0);
	for (size_t i = 0; i < s->count; i++)
		assert_int_equal(s->calls[i].function, 3);
	assert_true(s->count >= 3);
	street_close(s);
}

static const char *problem(const char *url)
{
	static struct charger c;

	memset(&c, 0, sizeof c);
	assert_int_equal(charger_open(&c, &(struct charger_options){.url = url}, NULL), EM_SYNTAX);
	return c.message;
}

static void schemes_are_those_of_the_devices(void **state)
{
	struct charger c = {0};

	(void)state;
	assert_int_equal(charger_open(&c, &(struct charger_options){.url = "none"}, NULL), 0);
	assert_int_equal(c.link, CHARGER_ABSENT);
	assert_string_equal(problem("abbs://h"),
	                    "'abbs://h' is none of alfen://HOST, abb://HOST, "
	                    "abb+serial:///dev/..., abb+rtu+tcp://HOST:PORT, keba://HOST, none");
	assert_string_equal(problem("keba://"), "'keba://' names no charger to connect to");
}

/*
 * Made-up families. The first: floats with the low word first, values by function 4, a life sign, a
 * control word, a switch with magic words, a pause between requests.
 */
static const struct register_steering odd_current = {.max = 32,
                                                     .least = 6,
                                                     .limit = "most",
                                                     .applied = "limit",
                                                     .validity = "timeout",
                                                     .fallback = "safe"};
static const struct register_steering any = {.max = 65535};
static const struct device_register odd_rows[] = {
	{.name = "l1",
         .unit = "A",
         .address = 10,
         .count = 2,
         .type = REGISTER_F32,
         .reads = 4,
         .access = ACCESS_R,
         .flags = FLAG_LOW_FIRST,
         .role = ROLE_CURRENT_L1},
	{.name = "l2",
         .unit = "A",
         .address = 12,
         .count = 2,
         .type = REGISTER_F32,
         .reads = 4,
         .access = ACCESS_R,
         .flags = FLAG_LOW_FIRST,
         .role = ROLE_CURRENT_L2},
	{.name = "l3",
         .unit = "A",
         .address = 20,
         .count = 2,
         .type = REGISTER_F32,
         .reads = 4,
         .access = ACCESS_R,
         .flags = FLAG_LOW_FIRST,
         .role = ROLE_CURRENT_L3},
	{.name = "limit",
         .unit = "A",
         .address = 10,
         .count = 2,
         .type = REGISTER_F32,
         .access = ACCESS_R,
         .flags = FLAG_LOW_FIRST,
         .role = ROLE_LIMIT_IN_FORCE},
	{.name = "most",
         .unit = "A",
         .address = 12,
         .count = 1,
         .type = REGISTER_U16,
         .access = ACCESS_R,
         .role = ROLE_MAX_CURRENT},
	{.name = "set",
         .unit = "A",
         .address = 100,
         .count = 2,
         .type = REGISTER_F32,
         .access = ACCESS_RW,
         .flags = FLAG_LOW_FIRST,
         .role = ROLE_SETPOINT,
         .steering = &odd_current},
	{.name = "timeout",
         .unit = "s",
         .address = 102,
         .count = 1,
         .type = REGISTER_U16,
         .scale = -3,
         .access = ACCESS_RW,
         .role = ROLE_WATCHDOG_TIMEOUT,
         .writes = 6,
         .steering = &any},
	{.name = "safe",
         .unit = "A",
         .address = 103,
         .count = 1,
         .type = REGISTER_U16,
         .scale = -1,
         .access = ACCESS_RW,
         .role = ROLE_FALLBACK_CURRENT,
         .writes = 6,
         .steering = &any},
	{.name = "life",
         .address = 104,
         .count = 1,
         .type = REGISTER_U16,
         .access = ACCESS_W,
         .role = ROLE_LIFE_SIGN,
         .writes = 6,
         .steering = &any},
	{.name = "switch",
         .address = 105,
         .count = 1,
         .type = REGISTER_U16,
         .access = ACCESS_W,
         .role = ROLE_ENABLE,
         .writes = 6,
         .steering = &any},
	{.name = "mode",
         .address = 106,
         .count = 1,
         .type = REGISTER_U16,
         .access = ACCESS_RW,
         .role = ROLE_CONTROL,
         .steering = &any},
};
static const char *const odd_example[] = {"l1=9.5", "l2=8.5",    "l3=7.5", "limit=16", "most=32",
                                          "set=16", "timeout=0", "safe=0", "mode=0",   NULL};
static const enum register_role odd_arm[] = {ROLE_FALLBACK_CURRENT, ROLE_WATCHDOG_TIMEOUT,
                                             ROLE_NONE};
static const struct device odd_device = {.name = "odd",
                                         .title = "Odd",
                                         .rows = odd_rows,
                                         .count = sizeof odd_rows / sizeof *odd_rows,
                                         .port = 502,
                                         .unit = 7,
                                         .reads = 3,
                                         .writes = 16,
                                         .functions = 1u << 3 | 1u << 4 | 1u << 6 | 1u << 16,
                                         .sockets = 1,
                                         .charger = {.arm = odd_arm,
                                                     .feed = FEED_LIFE_SIGN,
                                                     .life = 0x55AA,
                                                     .control = {ROLE_CONTROL, 0x8000},
                                                     .pause = {ROLE_ENABLE, 0xE0E0},
                                                     .resume = {ROLE_ENABLE, 0xA1A1},
                                                     .gap = 30,
                                                     .falls_back = true},
                                         .example = odd_example};

static void a_family_of_odd_registers(void **state)
{
	struct street *s = street_open(
		&odd_device, (struct charger_options){.device = &odd_device, .timeout = 1});
	uint64_t life;
	size_t n;

	(void)state;
	s->charger.fallback = 6550;
	steer(s, 10500);
	n = find(s, 0, 16, 106);
	assert_written(s, n, 16, 106, 0x8000);
	assert_written(s, n + 1, 6, 103, 65); /* rounded down to 6.5 A */
	assert_int_equal(s->calls[n + 2].address, 103);
	assert_written(s, n + 3, 6, 102, 1000); /* ms */
	assert_int_equal(s->calls[n + 4].address, 102);
	assert_written(s, n + 5, 16, 100, 0); /* 10.5 = 0x41280000, low word first */
	assert_written(s, n + 6, 6, 105, 0xA1A1);
	n = find(s, n, 4, 10);
	assert_int_equal(s->calls[n].count, 4);
	n = find(s, n, 6, 104);
	assert_written(s, n, 6, 104, 0x55AA); /* at once, then at half of the time */
	assert_int_equal(s->count, n + 1);
	life = s->calls[n].time;
	for (size_t i = 1; i < s->count; i++)
		assert_true(s->calls[i].time - s->calls[i - 1].time >= 25);
	assert_int_equal(s->charger.shown.car[0], 9500);
	assert_int_equal(s->charger.shown.car[2], 7500);
	assert_true(number(s, "limit") == 10.5);
	n = s->count;
	play(s, 900, 0);
	assert_true(find(s, n, 6, 104) < s->count);
	assert_true(s->calls[find(s, n, 6, 104)].time - life >= 490);
	steer(s, 0);
	assert_written(s, find(s, n, 6, 105), 6, 105, 0xE0E0);
	assert_int_equal(sim_device_offer(&s->device), 0);
	street_close(s);
}

/* Another: the set-point feeds it, a special value of it pauses. */
static const struct register_steering fed_current = {.max = 32, .least = 6};
static const struct device_register fed_rows[] = {
	{.name = "l1",
         .unit = "A",
         .address = 0,
         .count = 1,
         .type = REGISTER_U16,
         .scale = -1,
         .access = ACCESS_R,
         .role = ROLE_CURRENT_L1},
	{.name = "set",
         .unit = "A",
         .address = 91,
         .count = 1,
         .type = REGISTER_U16,
         .scale = -1,
         .access = ACCESS_RW,
         .role = ROLE_SETPOINT,
         .steering = &fed_current},
};
static const char *const fed_example[] = {"l1=0", "set=6", NULL};
static struct device fed_device = {
	.name = "fed",
	.title = "Fed",
	.rows = fed_rows,
	.count = 2,
	.unit = 1,
	.reads = 3,
	.writes = 6,
	.functions = 1u << 3 | 1u << 6,
	.sockets = 1,
	.charger = {.feed = FEED_SETPOINT, .pause = {ROLE_SETPOINT, 1}, .falls_back = true},
	.example = fed_example};

static void a_set_point_that_feeds_and_pauses(void **state)
{
	struct street *s = street_open(
		&fed_device, (struct charger_options){.device = &fed_device, .timeout = 1});
	size_t first, second;

	(void)state;
	steer(s, 10070);
	first = find(s, 0, 6, 91);
	assert_written(s, first, 6, 91, 100); /* rounded down to 10.0 A */
	play(s, 800, 0);
	second = find(s, first + 1, 6, 91);
	assert_written(s, second, 6, 91, 100);
	assert_in_range(s->calls[second].time - s->calls[first].time, 490, 900);
	first = s->count;
	steer(s, 3000);
	assert_written(s, find(s, first, 6, 91), 6, 91, 1);
	assert_int_equal(s->charger.link, CHARGER_READY);
	street_close(s);
}

/* What does not fall back by itself is steered only on demand. */
static void without_a_fallback(void **state)
{
	struct street *s;

	(void)state;
	fed_device.charger.falls_back = false;
	s = street_open(&fed_device,
	                (struct charger_options){.device = &fed_device, .timeout = 60});
	steer(s, 10000);
	assert_int_equal(s->charger.link, CHARGER_REFUSED);
	assert_int_equal(find(s, 0, 6, 91), s->count);
	street_close(s);
	s = street_open(
		&fed_device,
		(struct charger_options){.device = &fed_device, .timeout = 60, .unarmed = true});
	steer(s, 10000);
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_written(s, find(s, 0, 6, 91), 6, 91, 100);
	street_close(s);
	fed_device.charger.falls_back = true;
}

static int put(struct sim_device *s, unsigned address, uint16_t word, instant now)
{
	return sim_device_request(s, 255, 6, address, 1, &word, now);
}

static double shown(struct sim_device *s, unsigned address, instant now)
{
	uint16_t w[2];

	assert_int_equal(sim_device_request(s, 255, 3, address, 2, w, now), 0);
	return (double)w[0] * 65536 + w[1];
}

/* A simulated KEBA: single values, function 6 alone, a switch, a watchdog that only 5018 feeds. */
static void a_simulated_keba(void **state)
{
	struct sim_device s = {.device = &keba_device};
	uint16_t w[4] = {0};

	(void)state;
	assert_int_equal(sim_device_example(&s, 1), 0);
	assert_int_equal(sim_device_request(&s, 255, 3, 1008, 4, w, 0), 2);
	assert_int_equal(sim_device_request(&s, 255, 3, 1008, 1, w, 0), 2);
	assert_int_equal(sim_device_request(&s, 255, 3, 1008, 2, w, 0), 0);
	assert_int_equal(sim_device_request(&s, 255, 4, 1008, 2, w, 0), 1);
	assert_int_equal(sim_device_request(&s, 255, 16, 5004, 1, w, 0), 1);
	assert_int_equal(put(&s, 5004, 5000, 0), 3); /* 0, or 6 A and more */
	assert_int_equal(put(&s, 5004, 0, 0), 0);
	assert_int_equal(put(&s, 5014, 2, 0), 3);
	assert_int_equal(put(&s, 1100, 10000, 0), 2);
	assert_int_equal(put(&s, 5004, 40000, 0), 0);
	assert_true(shown(&s, 1100, 0) == 32000); /* the limit of the hardware */
	assert_int_equal(put(&s, 5016, 6000, 0), 0);
	assert_int_equal(put(&s, 5018, 10, 0), 0);
	assert_int_equal(put(&s, 5004, 16000, 8000), 0); /* feeds nothing, nor do reads */
	assert_true(shown(&s, 1100, 9999) == 16000);
	assert_true(shown(&s, 1100, 10000) == 6000);
	assert_int_equal(put(&s, 5018, 10, 20000), 0); /* feeds, but the limit stays as it fell */
	assert_true(shown(&s, 1100, 20000) == 6000);
	assert_int_equal(put(&s, 5004, 16000, 21000), 0);
	assert_int_equal(put(&s, 5018, 10, 29000), 0);
	assert_true(shown(&s, 1100, 38000) == 16000);
	assert_int_equal(put(&s, 5018, 0, 38500), 0); /* off */
	assert_true(shown(&s, 1100, 100000) == 16000);
	image_free(&s.image);
}

static void a_car_behind_a_keba(void **state)
{
	struct sim_device s = {.device = &keba_device};
	struct sim_car c = {.settings = car_defaults()};

	(void)state;
	c.settings.dead = c.settings.restart = 0;
	c.settings.up = c.settings.down = 32000;
	assert_int_equal(sim_device_example(&s, 1), 0);
	assert_int_equal(put(&s, 5004, 10000, 1000), 0);
	sim_car_live(&c, &s, 1000);
	sim_car_live(&c, &s, 10000);
	assert_true(shown(&s, 1010, 10000) == 10000);
	assert_true(shown(&s, 1000, 10000) == 3);
	assert_true(shown(&s, 1020, 10000) == 3 * 230 * 10 * 1000.0);
	assert_int_equal(put(&s, 5014, 0, 10000), 0);
	sim_car_live(&c, &s, 15000);
	assert_true(shown(&s, 1010, 15000) == 0);
	assert_true(shown(&s, 1000, 15000) == 5);
	assert_int_equal(put(&s, 5004, 12000, 15000), 0); /* alone it resumes nothing */
	sim_car_live(&c, &s, 20000);
	assert_true(shown(&s, 1010, 20000) == 0);
	assert_int_equal(put(&s, 5014, 1, 20000), 0);
	sim_car_live(&c, &s, 25000);
	assert_true(shown(&s, 1010, 25000) == 12000);
	assert_true(shown(&s, 1036, 25000) > 0);
	image_free(&s.image);
}

/* Three phases of 10 A at 230 V for an hour are 6.9 kWh. */
static void the_energy_of_an_hour(void **state)
{
	struct sim_device s = {.device = &keba_device};
	struct sim_car c = {.settings = car_defaults()};
	double before;

	(void)state;
	c.settings.dead = c.settings.restart = 0;
	c.settings.up = c.settings.down = 32000;
	assert_int_equal(sim_device_example(&s, 1), 0);
	assert_int_equal(put(&s, 5004, 10000, 1000), 0);
	sim_car_live(&c, &s, 1000);
	sim_car_live(&c, &s, 5000);
	before = shown(&s, 1036, 5000);
	for (instant now = 5000; now <= 3605000; now += 5000)
		sim_car_live(&c, &s, now);
	assert_true(fabs(shown(&s, 1036, 3605000) - before - 69000) <= 10); /* 0.1 Wh */
	image_free(&s.image);
}

/* Coils and registers with the same numbers are different. */
static void a_switch_that_is_a_coil(void **state)
{
	static const struct device_register rows[] = {
		{.name = "set",
	         .address = 400,
	         .count = 1,
	         .access = ACCESS_RW,
	         .steering = &any,
	         .role = ROLE_SETPOINT,
	         .writes = 6},
		{.name = "on",
	         .address = 400,
	         .count = 1,
	         .access = ACCESS_RW,
	         .steering = &any,
	         .role = ROLE_ENABLE,
	         .reads = 1,
	         .writes = 5},
	};
	static const char *const example[] = {"set=6", "on=1", NULL};
	static const struct device d = {
		.name = "coils",
		.rows = rows,
		.count = 2,
		.unit = 1,
		.reads = 3,
		.writes = 16,
		.functions = 1u << 1 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 15,
		.sockets = 1,
		.charger = {.pause = {ROLE_ENABLE, 0}, .resume = {ROLE_ENABLE, 1}},
		.example = example};
	struct sim_device s = {.device = &d};
	uint16_t word = 0;

	(void)state;
	assert_int_equal(sim_device_example(&s, 1), 0);
	assert_int_equal(sim_device_request(&s, 1, 5, 400, 1, &word, 0), 0);
	assert_true(s.paused);
	word = 9;
	assert_int_equal(sim_device_request(&s, 1, 1, 400, 1, &word, 0), 0);
	assert_int_equal(word, 0);
	assert_int_equal(sim_device_request(&s, 1, 3, 400, 1, &word, 0), 0);
	assert_int_equal(word, 6);
	word = 1;
	assert_int_equal(sim_device_request(&s, 1, 15, 400, 1, &word, 0), 0);
	assert_false(s.paused);
	assert_int_equal(sim_device_request(&s, 1, 2, 400, 1, &word, 0), 1);
	image_free(&s.image);
}

/* What no charger can mean: registers of a float that hold 1000 A and more, or none at all. */
static void currents_within_reason(void **state)
{
	static const struct {
		uint16_t words[2];
		int32_t current;
	} cases[] = {{{0x4128, 0}, 10500},
	             {{0x4479, 0xFFFF}, 1000000},
	             {{0x447A, 0}, CHARGER_NONE},
	             {{0xC47A, 0}, CHARGER_NONE},
	             {{0xC120, 0}, -10000},
	             {{0x4480, 0}, CHARGER_NONE},
	             {{0x7FC0, 0}, CHARGER_NONE},
	             {{0x7F80, 0}, CHARGER_NONE},
	             {{0, 0}, 0}};
	const struct device_register *row = device_row(&alfen_device, "current_phase_L1");
	struct image m = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		image_put(&m, 1, 320, cases[i].words[0]);
		image_put(&m, 1, 321, cases[i].words[1]);
		assert_int_equal(charger_current(&alfen_device, row, &m, 1), cases[i].current);
	}
	row = device_row(&abb_device, "current_l1");
	image_put(&m, 1, 0x4010, 0xFFFF);
	image_put(&m, 1, 0x4011, 0xFFFF);
	assert_int_equal(charger_current(&abb_device, row, &m, 1), CHARGER_NONE);
	image_free(&m);
}

/* Without a car some firmware reports the limit 0: set-points are not reduced to that. */
static void a_limit_of_zero_cuts_nothing(void **state)
{
	struct decimal value = decimal_u64(16, 0);

	(void)state;
	assert_false(register_cut(&value, decimal_u64(0, 0)));
	assert_false(register_cut(&value, decimal_i64(-1, 0)));
	assert_false(register_cut(&value, decimal_u64(16, 0)));
	assert_int_equal(value.digits, 16);
	assert_true(register_cut(&value, decimal_u64(159, -1)));
	assert_int_equal(value.digits, 159);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_keba_is_armed_value_by_value),
		cmocka_unit_test(a_keba_pauses_by_its_switch),
		cmocka_unit_test(a_fallback_below_the_least_is_a_pause),
		cmocka_unit_test(a_keba_is_fed_at_half_the_time),
		cmocka_unit_test(an_abb_is_read_once_a_second),
		cmocka_unit_test(an_alfen_hears_again_after_a_third),
		cmocka_unit_test(times),
		cmocka_unit_test(what_reads_back_otherwise_is_refused),
		cmocka_unit_test(a_refused_order_is_given_again),
		cmocka_unit_test(dry_runs_write_nothing),
		cmocka_unit_test(schemes_are_those_of_the_devices),
		cmocka_unit_test(a_family_of_odd_registers),
		cmocka_unit_test(a_set_point_that_feeds_and_pauses),
		cmocka_unit_test(without_a_fallback),
		cmocka_unit_test(a_simulated_keba),
		cmocka_unit_test(a_car_behind_a_keba),
		cmocka_unit_test(the_energy_of_an_hour),
		cmocka_unit_test(a_switch_that_is_a_coil),
		cmocka_unit_test(currents_within_reason),
		cmocka_unit_test(a_limit_of_zero_cuts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
