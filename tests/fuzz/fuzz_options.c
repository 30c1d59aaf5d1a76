/*
 * Words of command lines: each line is read as an address, a URL, a condition, a topic, a setting and a
 * value of a register. The first byte chooses the charger.
 */
#include <stdlib.h>
#include <string.h>

#include "balance/car.h"
#include "balance/fuse.h"
#include "balance/household.h"
#include "balance/settings.h"
#include "base/url.h"
#include "device/registers.h"
#include "fuzz.h"
#include "modbus/target.h"
#include "mqtt/connection.h"
#include "output/alarm.h"
#include "output/topic.h"
#include "protocol/glo.h"

static void addresses(const char *word)
{
	static const struct modbus_target_defaults defaults = {.line = "baud=9600&mode=8N1"};
	struct modbus_target target;
	struct serial_line line = {9600, 8, 'N', 1};
	struct address address;
	bool automatic;

	if (!address_parse(&address, word))
		fuzz_require(address.port <= 65535 && strlen(address.host) < ADDRESS_HOST,
		             "address");
	modbus_target_parse(&target, word, &defaults);
	modbus_target_parse(&target, word, NULL);
	if (!serial_line_parse(&line, word, &automatic))
		fuzz_require(line.baud >= 50 && line.bits >= 5 && line.bits <= 8, "line");
}

static void urls(const char *word)
{
	struct mqtt_settings settings;
	char password[256], problem[64];
	struct url url;

	if (url_parse(&url, word))
		return;
	fuzz_require(url.port >= 0 && url.port <= 65535 && url.host && url.path, "URL");
	url_option(&url, "retain");
	url_flag(&url, "session");
	url_unknown_option(&url, MQTT_URL_OPTIONS);
	mqtt_settings(&settings, &url, password, problem, sizeof problem);
	url_free(&url);
}

static void conditions(const char *word)
{
	struct record r = {0};
	struct text topic = {0};
	struct alarm *alarm;

	record_begin(&r, "p1");
	record_decimal(&r, "current_l1", "A", decimal_u64(50, -1));
	record_word(&r, "meter_id", "E1");
	record_bool(&r, "on", true);
	if (!alarm_new(&alarm, word))
		alarm_begins(alarm, &r);
	alarm_free(alarm);
	if (!topic_check(word)) {
		topic_expand(&topic, word, &r);
		topic_root(&topic, word);
	}
	text_free(&topic);
	record_free(&r);
}

static void settings(const char *word)
{
	const struct balance_setting *row;
	struct balance_settings balance = balance_defaults();
	struct car_settings car = car_defaults();
	struct household_settings house;
	struct fuse fuse;
	uint8_t key[GLO_KEY];

	if (!balance_setting_parse(&balance, word, &row))
		fuzz_require(*balance_setting_at(&balance, row) <= row->most, "setting");
	if (!car_parse(&car, word, strlen(word)))
		fuzz_require(car.phases >= 1 && car.phases <= 3 && car.dead <= CAR_DEAD_MOST,
		             "car");
	if (!fuse_parse(&fuse, word))
		fuzz_require(fuse.rated >= 1000 && fuse.rated <= 1000000, "fuse");
	household_parse(&house, word);
	glo_key_read(key, word, strlen(word));
}

static void values(const struct device *d, const char *word)
{
	uint16_t words[REGISTER_WORDS];
	struct decimal value;

	for (size_t i = 0; i < d->count; i++)
		if ((d->rows[i].access & ACCESS_W) && !register_parse(&d->rows[i], word, &value))
			register_encode(&d->rows[i], value, words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size}, line;
	unsigned which = fuzz_byte(&in);

	for (int i = 0; i < 8 && fuzz_line(&in, &line); i++) {
		char *word = strndup((const char *)line.data, line.size);

		addresses(word);
		urls(word);
		conditions(word);
		settings(word);
		values(which & 1 ? &alfen_device : &abb_device, word);
		free(word);
	}
	return 0;
}
