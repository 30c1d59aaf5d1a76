/* Whole simulations from a seed: each second, the sums, the pictures and the report. */
#include "pinned.h"

#include "balance/house_log.h"
#include "balance/household.h"
#include "balance/plot.h"
#include "balance/summary.h"
#include "printed.h"

enum { SETS = 12 };

static struct simulation sims[SETS];
static struct series series[SETS];

/* Every few minutes, and whenever the state or the limit changes. */
static void on_second(void *context, const struct simulation_tick *tick)
{
	static struct record record;
	static int32_t limit[SETS], state[SETS];
	size_t i = (size_t)((struct series *)context - series);

	series_add(context, tick);
	if (limit[i] == tick->balancer->limit && state[i] == (int32_t)tick->balancer->state &&
	    tick->t % 600)
		return;
	limit[i] = tick->balancer->limit;
	state[i] = (int32_t)tick->balancer->state;
	if (tick->t % 5)
		return;
	balance_second(&record, tick, "set");
	pinned_line("%s", printed(&record));
}

static void vary(struct simulation_settings *s, size_t i)
{
	static const char *const words[SETS][4] = {
		{NULL},
		{"alarm_limit=20", "upper_limit_wait=10"},
		{"max=32", "min=8", "dead=5"},
		{"phases=1", "first=2", "max=32"},
		{"battery=20", "charge=50", "taper=70"},
		{"restart=60", "sleeps_after=3"},
		{NULL},
		{"C20"},
		{"gG35"},
		{"loss=100", "up=0.5", "down=20"},
		{NULL},
		{"phases=2", "first=3"},
	};
	const struct balance_setting *row;
	struct fuse fuse;

	s->algorithm = i % 2 ? ALGORITHM_HEADROOM : ALGORITHM_THRESHOLD;
	s->blind = i == 6;
	s->quirks = i == 2 || i == 10;
	s->open_loop = i == 7;
	for (int k = 0; k < 4 && words[i][k]; k++) {
		balance_setting_parse(&s->balance, words[i][k], &row);
		car_parse(&s->car, words[i][k], strlen(words[i][k]));
		if (!fuse_parse(&fuse, words[i][k]))
			s->fuse = fuse;
	}
	if (i < 8)
		return;
	s->faults = (struct simulation_faults){.lost = 500,
	                                       .silent = {20000, 200},
	                                       .frozen = {40000, 900},
	                                       .dead = {64000, 400},
	                                       .charger_timeout = 60,
	                                       .charger_fallback = 6000,
	                                       .resolution = i == 11 ? 1000 : 100,
	                                       .seed = i};
}

static void start(bool watched)
{
	for (size_t i = 0; i < SETS; i++) {
		struct simulation_settings s;

		memset(&s, 0, sizeof s);
		s.balance = balance_defaults();
		s.car = car_defaults();
		fuse_init(&s.fuse, FUSE_ANY, 25000);
		vary(&s, i);
		series_start(&series[i], s.fuse.rated);
		simulation_start(&sims[i], &s, 0, watched ? on_second : NULL, &series[i]);
	}
}

static void feed(const struct simulation_run *run)
{
	for (size_t i = 0; i < SETS; i++)
		simulation_run(&sims[i], run);
}

static void live_a_day(const char *settings)
{
	struct household_settings s;
	struct household house;
	struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};
	unsigned n = 0;

	assert_int_equal(household_parse(&s, settings), 0);
	household_start(&house, &s);
	while ((run.seconds = household_next(&house, run.currents)) > 0) {
		run.override_limit = ++n % 700 ? CURRENT_NONE : 9000;
		run.telegram = n % 900 != 0;
		feed(&run);
	}
	for (size_t i = 0; i < SETS; i++)
		simulation_finish(&sims[i]);
}

static void summaries(void)
{
	static struct record record;

	for (size_t i = 0; i < SETS; i++) {
		balance_summary(&record, &sims[i], i % 3 ? "set" : NULL);
		pinned_line("%s", printed(&record));
		pinned_line("%d %d", simulation_worn_phase(&sims[i]),
		            (int)simulation_verdict(&sims[i]));
	}
}

static void a_day_second_by_second(void **state)
{
	(void)state;
	pinned_begin(51);
	start(true);
	live_a_day("seed=4");
	summaries();
	pinned_end(4900, 0xB4E9763C7FBEF888);
}

static void weeks_in_strides(void **state)
{
	(void)state;
	pinned_begin(52);
	start(false);
	live_a_day("seed=8,days=7,heatpump=6,day=20");
	summaries();
	pinned_end(24, 0x3A681E3B46ED7136);
}

static void pictures_and_reports(void **state)
{
	struct plot_set sets[SETS];
	struct text out = {0};

	(void)state;
	pinned_begin(53);
	start(true);
	live_a_day("seed=5");
	for (size_t i = 0; i < SETS; i++)
		sets[i] = (struct plot_set){i % 2 ? "a <set> & more" : NULL, &sims[i],
		                            i < 4 ? &series[i] : NULL};
	plot_svg(&out, sets, 3);
	pinned_add(out.data, out.length);
	for (size_t i = 0; i < SETS; i++) {
		out.length = 0;
		report_html(&out, sets + i, i % 3 + 1 <= SETS - i ? i % 3 + 1 : 1,
		            "house \"of\" cards");
		pinned_add(out.data, out.length);
	}
	text_free(&out);
	pinned_end(2582, 0x18971627B6EF4982);
}

/* Series with currents up to 6, 25 and 90 A, of any length, at any time of the day. */
static void pictures_of_any_house(void **state)
{
	static const unsigned highest[] = {6000, 25000, 90000};
	struct text out = {0};

	(void)state;
	pinned_begin(55);
	start(true);
	live_a_day("seed=5");
	for (unsigned k = 0; k < 18; k++) {
		struct series *s = &series[0];
		unsigned high = highest[k % 3];

		s->begin = (int64_t)dice(400000);
		s->width = 1 << dice(14);
		s->count = (int)(k % 6 == 5 ? SERIES_BINS : 1 + dice(60));
		s->rated = (int32_t)(10000 + dice(60000));
		for (int i = 0; i < s->count; i++) {
			int32_t seconds = 1 + (int32_t)dice((unsigned)s->width);
			int32_t house = (int32_t)dice(high) - (int32_t)high / 4;
			int32_t car = dice(3) ? (int32_t)dice(high) / 2 : 0;

			struct series_bin *bin = &s->bins[i];

			memset(bin, 0, sizeof *bin);
			bin->house = (int64_t)house * seconds;
			bin->total = ((int64_t)house + car) * seconds;
			bin->car = (int64_t)car * seconds;
			bin->limit = (int64_t)dice(32000) * seconds;
			bin->total_max = house + car + (int32_t)dice(5000);
			bin->limit_min = (int32_t)dice(16000);
			bin->limit_max = 16000 + (int32_t)dice(16000);
			bin->seconds = dice(9) ? seconds : 0;
			bin->over = (int32_t)dice((unsigned)seconds);
			bin->states[dice(STATES)] = seconds;
		}
		out.length = 0;
		plot_svg(&out, &(struct plot_set){NULL, &sims[0], s}, 1);
		pinned_add(out.data, out.length);
	}
	text_free(&out);
	pinned_end(2582, 0x0509A9DE67E2E00F);
}

static void bins(void **state)
{
	(void)state;
	pinned_begin(54);
	start(true);
	live_a_day("seed=6,day=200,pv=0");
	for (size_t i = 0; i < SETS; i++) {
		pinned_line("%lld %lld %d", (long long)series[i].begin, (long long)series[i].width,
		            series[i].count);
		for (int k = 0; k < series[i].count; k++) {
			const struct series_bin *b = &series[i].bins[k];

			pinned_line("%lld %lld %lld %lld %d %d %d %d %d %d", (long long)b->house,
			            (long long)b->total, (long long)b->car, (long long)b->limit,
			            b->total_max, b->limit_min, b->limit_max, b->seconds, b->over,
			            b->states[k % STATES]);
		}
	}
	pinned_end(19324, 0xB62BA80BD7BE521F);
}

static void on_run(void *context, const struct simulation_run *run)
{
	(void)context;
	pinned_line("%d %d %d %d %d %lld", run->currents[0], run->currents[1], run->currents[2],
	            run->override_limit, run->telegram, (long long)run->seconds);
}

/* Tables of households in the forms that people keep, with cells that are missing or wrong. */
static void households_in_csv(void **state)
{
	static const char *const heads[] = {"t,current_l1,current_l2,current_l3,override",
	                                    "time;current_l1;current_l2;current_l3",
	                                    "t,power,power_l1,power_l2,power_l3",
	                                    "timestamp,power_import_l1,power_export_l1,other",
	                                    "t,current_l1,voltage_l1,power_l1,power_l2",
	                                    "nothing,of,this"};
	static const char *const cells[] = {"",  "1",     "25.4",  "-3",          "1e3",
	                                    "x", "\"7\"", "0.001", "99999999999", "230"};
	static struct house_csv csv;

	(void)state;
	pinned_begin(55);
	for (unsigned n = 0; n < 600; n++) {
		struct house_feed houses = {.emit = on_run};
		struct text out = {0};
		int64_t t = n % 2 ? 0 : 1717410896;
		char separator = strchr(heads[n % 6], ';') ? ';' : ',';

		text_printf(&out, "%s%s", heads[n % 6], n % 3 ? "\n" : "\r\n");
		for (unsigned i = dice(30); i; i--) {
			t += dice(12) ? 1 + dice(5) : dice(5000);
			if (dice(8) == 0)
				text_printf(&out, "2024-06-03T12:%02u:%02uZ", n % 60, i % 60);
			else
				text_printf(&out, "%lld", (long long)t);
			for (unsigned k = dice(6); k; k--) {
				text_char(&out, separator);
				text_puts(&out, cells[dice(10)]);
			}
			text_char(&out, '\n');
		}
		house_csv_start(&csv, &houses);
		for (size_t at = 0; at < out.length; at += 50)
			if (house_csv_data(&csv, out.data + at,
			                   out.length - at < 50 ? out.length - at : 50))
				break;
		pinned_line("%d", house_csv_end(&csv));
		pinned_line("%llu %llu", (unsigned long long)csv.rows,
		            (unsigned long long)csv.refused);
		text_free(&out);
	}
	pinned_end(3874, 0x3342F46F00AF2F7C);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_second_by_second),
		cmocka_unit_test(weeks_in_strides),
		cmocka_unit_test(pictures_and_reports),
		cmocka_unit_test(pictures_of_any_house),
		cmocka_unit_test(bins),
		cmocka_unit_test(households_in_csv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
