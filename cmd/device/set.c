/* The verb set: writes values and reads them back. */
#include <stdio.h>
#include <string.h>

#include "cmd/device/setting.h"
#include "cmd/session/say.h"
#include "device/charger.h"
#include "device/registers.h"
#include "output/format.h"

enum { VERIFY = 3 };

/* The words that the user may give, with their numbers. */
static int say_words(const struct device_register *row, const char *value)
{
	char list[256];
	size_t n = 0;

	for (const struct register_word *w = row->words; w->word && n < sizeof list; w++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%s'%s' (%u)", n ? ", " : "",
		                      w->word, (unsigned)w->value);
	return say_usage("%s: '%s' is none of its values: %s", row->name, value, list);
}

static int parse_one(const struct device *d, struct assignment *a, const char *text)
{
	const char *equals = strchr(text, '=');
	char name[64], shown[DECIMAL_TEXT];

	if (!equals)
		return say_usage("'%s' is not NAME=VALUE", text);
	snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
	a->row = row_of_user(d, name);
	if (!a->row)
		return EXIT_USAGE;
	if (!(a->row->access & ACCESS_W))
		return say_usage("'%s' can only be read", name);
	switch (register_parse(a->row, equals + 1, &a->value)) {
	case 0: break;
	case EM_RANGE:
		if (a->row->words)
			return say_words(a->row, equals + 1);
		if (a->row->steering->least > 0)
			return say_usage("%s: '%s' is neither 0 nor within %g..%g", name,
			                 equals + 1, a->row->steering->least,
			                 a->row->steering->max);
		return say_usage("%s: '%s' is outside %g..%g", name, equals + 1,
		                 a->row->steering->min, a->row->steering->max);
	default:
		if (a->row->words)
			return say_words(a->row, equals + 1);
		return say_usage("%s: '%s' is not a number", name, equals + 1);
	}
	if (!register_encode(a->row, a->value, a->words))
		return 0;
	decimal_format(shown, a->value);
	return say_usage("%s: %s does not fit the register", name, shown);
}

static void want(struct setting *s, const char *name)
{
	const struct device_register *row = name ? device_row(&s->t.device, name) : NULL;

	if (row)
		s->wanted[row - s->t.device.rows] = true;
}

/* The rows to read: the station's limits before a write, the results afterwards. */
static void choose(struct setting *s, bool before)
{
	memset(s->wanted, 0, sizeof s->wanted);
	s->t.wanted = s->wanted;
	for (size_t i = 0; i < s->count; i++) {
		const struct device_register *row = s->list[i].row;
		const struct register_steering *w = row->steering;

		if (before) {
			want(s, w->limit);
			if (s->socket > 1)
				want(s, s->t.device.socket_count);
			continue;
		}
		if (row->access & ACCESS_R)
			want(s, row->name);
		want(s, w->mirror);
		want(s, w->applied);
		want(s, w->validity);
		want(s, w->fallback);
		want(s, w->accounted);
	}
}

bool setting_number(struct setting *s, const char *name, struct decimal *out)
{
	const struct device_register *row = name ? device_row(&s->t.device, name) : NULL;
	struct record r = {0};
	bool found;

	if (!row)
		return false;
	record_begin(&r, "");
	found = value_decimal(register_value(&r, &s->t.device, row, &s->t.image, s->socket), out);
	if (r.failed) /* a failed reading proves nothing */
		session_no_memory(&s->t.session);
	found = found && !r.failed;
	record_free(&r);
	return found;
}

/* Cuts values to the station's limits. */
static void clamp(struct setting *s)
{
	char shown[DECIMAL_TEXT];
	struct decimal limit;

	for (size_t i = 0; i < s->count; i++) {
		struct assignment *a = &s->list[i];

		if (!setting_number(s, a->row->steering->limit, &limit) ||
		    !register_cut(&a->value, limit))
			continue;
		register_encode(a->row, limit, a->words);
		decimal_format(shown, limit);
		say_warning("%s: cut to %s %s, the maximum of the station", a->row->name, shown,
		            a->row->unit ? a->row->unit : "");
	}
}

static int write_row(struct setting *s, const struct device_register *row, const uint16_t *words)
{
	const struct device *d = &s->t.device;

	return modbus_client_write_by(s->t.client, (int)device_unit(d, row, s->socket),
	                              (int)device_writes(d, row), row->address, row->count, words);
}

/*
 * --hold must feed a charger that otherwise falls back. Uses the time-out read last; there is none
 * before the first report.
 */
static int feed(struct setting *s)
{
	const struct device *d = &s->t.device;
	const struct device_register *timeout = device_role(d, ROLE_WATCHDOG_TIMEOUT, ACCESS_W);
	const struct device_register *life = device_role(d, ROLE_LIFE_SIGN, ACCESS_W);
	uint16_t words[REGISTER_WORDS];
	struct decimal seconds;

	if (d->charger.feed == FEED_TIMEOUT && timeout &&
	    setting_number(s, timeout->steering->mirror, &seconds) && seconds.digits &&
	    !register_encode(timeout, seconds, words))
		return write_row(s, timeout, words);
	if (d->charger.feed == FEED_LIFE_SIGN && life) {
		charger_raw(life, d->charger.life, words);
		return write_row(s, life, words);
	}
	return 0;
}

static int write_rows(void *setting)
{
	struct setting *s = setting;
	int error = 0;

	for (size_t i = 0; i < s->count && !error; i++) {
		s->failed = i;
		error = write_row(s, s->list[i].row, s->list[i].words);
	}
	return error || !s->t.options->hold ? error : feed(s);
}

static int fail_write(struct setting *s, int error)
{
	const struct device_register *row = s->list[s->failed].row;
	int exception = modbus_client_exception(s->t.client);
	const char *why = error == EM_EXCEPTION && s->t.device.cause
	                          ? s->t.device.cause(row, exception)
	                          : NULL;
	char what[256];

	snprintf(what, sizeof what, "%s", row->name);
	if (error == EM_UNREACHABLE) {
		station_failed(&s->t, error);
	} else if (why) {
		say_error("%s: %s: %s: %s", modbus_client_name(s->t.client), what,
		          modbus_client_message(s->t.client), why);
		session_fail(&s->t.session, EXIT_DEVICE);
	} else {
		polling_failed(&s->t.session, s->t.client, error, what);
	}
	return error;
}

bool setting_holds(struct setting *s, const struct assignment *a, struct decimal *got)
{
	const char *name = a->row->steering->mirror ? a->row->steering->mirror : a->row->name;
	uint16_t words[REGISTER_WORDS];

	if (!setting_number(s, name, got))
		return true;
	if (a->row->type == REGISTER_F32) /* 6.1 reads back as the nearest float */
		return !register_encode(a->row, *got, words) &&
		       !memcmp(words, a->words, 2u * a->row->count);
	return decimal_compare(*got, a->value) == 0;
}

static int verify_once(void *setting)
{
	struct setting *s = setting;

	return station_read(&s->t);
}

int setting_look(struct setting *s)
{
	int error;

	choose(s, false);
	error = polling_work(&s->t.session, &s->t.stop, verify_once, s);
	if (error)
		station_failed(&s->t, error);
	return error;
}

/* Reads back, several times if necessary: some devices apply a value late. */
static int read_back(struct setting *s)
{
	struct decimal got;
	int error = 0;

	choose(s, false);
	for (int attempt = 0; attempt < VERIFY; attempt++) {
		bool all = true;

		if (attempt && !polling_sleep(&s->t.session, 0.3))
			return EM_CANCELLED;
		error = polling_work(&s->t.session, &s->t.stop, verify_once, s);
		for (size_t i = 0; i < s->count; i++)
			all = all && setting_holds(s, &s->list[i], &got);
		if (error || all)
			break;
	}
	if (error)
		station_failed(&s->t, error);
	return error;
}

static void check(struct setting *s)
{
	char want_text[DECIMAL_TEXT], got_text[DECIMAL_TEXT];
	struct decimal got;

	for (size_t i = 0; i < s->count; i++) {
		const struct assignment *a = &s->list[i];
		const char *accounted = a->row->steering->accounted;

		if (!setting_holds(s, a, &got)) {
			decimal_format(want_text, a->value);
			decimal_format(got_text, got);
			say_error("%s: %s: written %s, but it reads back as %s",
			          modbus_client_name(s->t.client), a->row->name, want_text,
			          got_text);
			session_fail(&s->t.session, EXIT_DEVICE);
		} else if (setting_number(s, accounted, &got) && !got.digits) {
			say_warning("%s: %s: the device does not take the value into account",
			            modbus_client_name(s->t.client), a->row->name);
		}
	}
}

static void add_once(struct setting *s, struct record *r, const char *name)
{
	const struct device_register *row = name ? device_row(&s->t.device, name) : NULL;

	if (row && row->access & ACCESS_R && !record_find(r, name))
		register_value(r, &s->t.device, row, &s->t.image, s->socket);
}

static void fill(struct setting *s, struct record *r)
{
	struct decimal left;
	int64_t seconds;

	station_record(&s->t, r, s->socket);
	for (size_t i = 0; i < s->count; i++) {
		const struct assignment *a = &s->list[i];
		const struct register_steering *w = a->row->steering;

		if (a->row->access & ACCESS_R)
			add_once(s, r, a->row->name);
		else
			record_decimal(r, a->row->name, a->row->unit, a->value)->address =
				a->row->address;
		add_once(s, r, w->mirror);
		add_once(s, r, w->applied);
		add_once(s, r, w->accounted);
		add_once(s, r, w->validity);
		add_once(s, r, w->fallback);
		if (setting_number(s, w->validity, &left) && !decimal_scaled(left, 0, &seconds) &&
		    seconds > 0 && !record_find(r, "valid_until")) {
			struct stamp until = stamp_at(s->t.time + seconds * 1000, 0);

			record_time(r, "valid_until", &until);
		}
	}
}

/*
 * Whether the device's results have changed since the last report; countdowns do not count as a
 * change.
 */
static bool is_news(struct setting *s, const struct record *r)
{
	struct text now = {0};
	bool news;

	for (size_t i = 0; i < r->count; i++) {
		bool countdown = !strcmp(r->values[i].name, "valid_until");

		for (size_t j = 0; j < s->count && !countdown; j++) {
			const char *name = s->list[j].row->steering->validity;

			countdown = name && !strcmp(r->values[i].name, name);
		}
		if (!countdown)
			text_value(&now, r, &r->values[i]);
		text_char(&now, ' ');
	}
	news = strcmp(text_string(&now), text_string(&s->told)) != 0 || now.failed;
	text_free(&s->told);
	s->told = now;
	return news;
}

int setting_write(struct setting *s)
{
	int error = polling_work(&s->t.session, &s->t.stop, write_rows, s);

	return error ? fail_write(s, error) : 0;
}

int setting_apply(struct setting *s)
{
	struct record *r = &s->t.session.record;
	int error = setting_write(s);

	if (!error)
		error = read_back(s);
	if (error)
		return error;
	if (!s->holding)
		check(s);
	fill(s, r);
	if (is_news(s, r) || strcmp(s->t.options->reading.format, "text") != 0)
		session_emit(&s->t.session, r);
	return s->t.session.status;
}

/* Reads the station's limits. A limit that the station refuses is not read again. */
static int prepare(struct setting *s)
{
	bool any = false;
	int error;

	choose(s, true);
	for (size_t i = 0; i < s->t.device.count; i++)
		any = any || s->wanted[i];
	if (!any)
		return 0;
	error = polling_work(&s->t.session, &s->t.stop, verify_once, s);
	if (error) {
		station_failed(&s->t, error);
		return error;
	}
	if (!station_has_socket(&s->t))
		return EM_UNKNOWN;
	clamp(s);
	return s->t.session.status;
}

int device_set(const struct device *d, const struct device_options *o, int count, char **arguments)
{
	struct device_options one = *o;
	struct setting s = {.count = (size_t)count - 1,
	                    .socket = o->socket ? (unsigned)o->socket : 1};
	int status;

	if (count - 1 > ASSIGNMENTS)
		return say_usage("set takes at most %d values at once", ASSIGNMENTS);
	for (int i = 1; i < count; i++) {
		status = parse_one(d, &s.list[i - 1], arguments[i]);
		if (status)
			return status;
	}
	one.socket = (long)s.socket;
	one.reading.units = one.reading.units || !strcmp(one.reading.format, "text");
	if (o->hold)
		polling_confine(&o->reading, arguments[0], NULL);
	if (!station_begin(&s.t, d, &one, arguments[0], view_names) && !prepare(&s) &&
	    !setting_apply(&s) && o->hold)
		setting_hold(&s);
	text_free(&s.told);
	return station_end(&s.t);
}
