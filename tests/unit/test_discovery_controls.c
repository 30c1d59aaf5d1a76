/* The message by which Home Assistant discovers what it can set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "output/discovery_controls.h"

static const char *const modes[] = {"normal", "off", NULL};

static const struct discovery_control rows[] = {
	{.platform = "number",
         .name = "override",
         .class = "current",
         .unit = "A",
         .most = {.digits = 145, .exponent = -1},
         .step = {.digits = 1},
         .reset = "none"},
	{.platform = "select", .name = "mode", .options = modes},
	{.platform = "switch", .name = "pause"},
};

static struct text topic, payload;

static json_t *announce(const char *topics, const char *availability)
{
	const struct discovery_controls d = {
		"homeassistant", "emtool_balance", topics, availability, rows, 3};
	json_t *message;

	topic.length = payload.length = 0;
	discovery_controls(&d, &topic, &payload);
	message = json_loads(text_string(&payload), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(message);
	return message;
}

static void is_component(const json_t *message, const char *name, const char *expected)
{
	json_t *component = json_object_get(json_object_get(message, "cmps"), name);
	char *dumped = json_dumps(component, JSON_COMPACT);

	assert_non_null(dumped);
	assert_string_equal(dumped, expected);
	free(dumped);
}

static void three_controls_of_the_sensors_device(void **state)
{
	json_t *message = announce("house/car", "house/car/availability");
	const json_t *device = json_object_get(message, "dev");

	(void)state;
	assert_string_equal(text_string(&topic),
	                    "homeassistant/device/emtool_control_house_car/config");
	assert_string_equal(json_string_value(json_array_get(json_object_get(device, "ids"), 0)),
	                    "emtool_balance");
	assert_string_equal(json_string_value(json_object_get(device, "name")), "emtool_balance");
	assert_string_equal(json_string_value(json_object_get(message, "availability_topic")),
	                    "house/car/availability");
	is_component(message, "override",
	             "{\"p\":\"number\",\"unique_id\":\"emtool_control_house_car_override\","
	             "\"name\":\"Override\",\"state_topic\":\"house/car/override\","
	             "\"command_topic\":\"house/car/override/set\",\"min\":0,\"max\":14.5,"
	             "\"step\":1,\"device_class\":\"current\",\"unit_of_measurement\":\"A\","
	             "\"payload_reset\":\"none\"}");
	is_component(message, "mode",
	             "{\"p\":\"select\",\"unique_id\":\"emtool_control_house_car_mode\","
	             "\"name\":\"Mode\",\"state_topic\":\"house/car/mode\","
	             "\"command_topic\":\"house/car/mode/set\",\"options\":[\"normal\",\"off\"]}");
	is_component(message, "pause",
	             "{\"p\":\"switch\",\"unique_id\":\"emtool_control_house_car_pause\","
	             "\"name\":\"Pause\",\"state_topic\":\"house/car/pause\","
	             "\"command_topic\":\"house/car/pause/set\"}");
	json_decref(message);
}

static void odd_topics_and_no_availability(void **state)
{
	json_t *message = announce("a \"b\"/\xC3\xA9", NULL);

	(void)state;
	assert_string_equal(text_string(&topic),
	                    "homeassistant/device/emtool_control_a__b____/config");
	assert_null(json_object_get(message, "availability_topic"));
	json_decref(message);
	text_free(&topic);
	text_free(&payload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_controls_of_the_sensors_device),
		cmocka_unit_test(odd_topics_and_no_availability),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
