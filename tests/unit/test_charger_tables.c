/*
 * The register tables of the chargers built in, row by row, against a copy that was written down from
 * the documents by another way: name, unit, address, registers, type, power of ten, unit of the value,
 * role, access, functions that read and write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "device/device.h"

static const char *const alfen_table[] = {
	"c_name 200 100 17 string 0 - - R 3",
	"c_manufacturer 200 117 5 string 0 - - R 3",
	"c_modbus_table_version 200 122 1 int16 0 - - R 3",
	"c_firmware_version 200 123 17 string 0 - firmware R 3",
	"c_platform_type 200 140 17 string 0 - - R 3",
	"c_station_serial_number 200 157 11 string 0 - serial R 3",
	"c_date_year 200 168 1 int16 0 - - R 3",
	"c_date_month 200 169 1 int16 0 - - R 3",
	"c_date_day 200 170 1 int16 0 - - R 3",
	"c_time_hour 200 171 1 int16 0 - - R 3",
	"c_time_minute 200 172 1 int16 0 - - R 3",
	"c_time_second 200 173 1 int16 0 - - R 3",
	"c_uptime 200 174 4 uint64 0 ms - R 3",
	"c_time_zone 200 178 1 int16 0 min - R 3",
	"station_active_max_current 200 1100 2 float32 0 A max_current R 3",
	"temperature 200 1102 2 float32 0 degC - R 3",
	"ocpp_state 200 1104 1 uint16 0 - - R 3",
	"nr_of_sockets 200 1105 1 uint16 0 - - R 3",
	"meter_state socket 300 1 uint16 0 - - R 3",
	"meter_last_value_timestamp socket 301 4 uint64 0 ms - R 3",
	"meter_type socket 305 1 uint16 0 - - R 3",
	"voltage_phase_L1N socket 306 2 float32 0 V - R 3",
	"voltage_phase_L2N socket 308 2 float32 0 V - R 3",
	"voltage_phase_L3N socket 310 2 float32 0 V - R 3",
	"voltage_phase_L1L2 socket 312 2 float32 0 V - R 3",
	"voltage_phase_L2L3 socket 314 2 float32 0 V - R 3",
	"voltage_phase_L3L1 socket 316 2 float32 0 V - R 3",
	"current_N socket 318 2 float32 0 A - R 3",
	"current_phase_L1 socket 320 2 float32 0 A current_l1 R 3",
	"current_phase_L2 socket 322 2 float32 0 A current_l2 R 3",
	"current_phase_L3 socket 324 2 float32 0 A current_l3 R 3",
	"current_sum socket 326 2 float32 0 A - R 3",
	"power_factor_phase_L1 socket 328 2 float32 0 - - R 3",
	"power_factor_phase_L2 socket 330 2 float32 0 - - R 3",
	"power_factor_phase_L3 socket 332 2 float32 0 - - R 3",
	"power_factor_sum socket 334 2 float32 0 - - R 3",
	"frequency socket 336 2 float32 0 Hz - R 3",
	"real_power_phase_L1 socket 338 2 float32 0 W - R 3",
	"real_power_phase_L2 socket 340 2 float32 0 W - R 3",
	"real_power_phase_L3 socket 342 2 float32 0 W - R 3",
	"real_power_sum socket 344 2 float32 0 W power R 3",
	"apparent_power_phase_L1 socket 346 2 float32 0 VA - R 3",
	"apparent_power_phase_L2 socket 348 2 float32 0 VA - R 3",
	"apparent_power_phase_L3 socket 350 2 float32 0 VA - R 3",
	"apparent_power_sum socket 352 2 float32 0 VA - R 3",
	"reactive_power_phase_L1 socket 354 2 float32 0 var - R 3",
	"reactive_power_phase_L2 socket 356 2 float32 0 var - R 3",
	"reactive_power_phase_L3 socket 358 2 float32 0 var - R 3",
	"reactive_power_sum socket 360 2 float32 0 var - R 3",
	"real_energy_delivered_phase_L1 socket 362 4 float64 0 Wh - R 3",
	"real_energy_delivered_phase_L2 socket 366 4 float64 0 Wh - R 3",
	"real_energy_delivered_phase_L3 socket 370 4 float64 0 Wh - R 3",
	"real_energy_delivered_sum socket 374 4 float64 0 Wh energy R 3",
	"real_energy_consumed_phase_L1 socket 378 4 float64 0 Wh - R 3",
	"real_energy_consumed_phase_L2 socket 382 4 float64 0 Wh - R 3",
	"real_energy_consumed_phase_L3 socket 386 4 float64 0 Wh - R 3",
	"real_energy_consumed_sum socket 390 4 float64 0 Wh - R 3",
	"apparent_energy_phase_L1 socket 394 4 float64 0 VAh - R 3",
	"apparent_energy_phase_L2 socket 398 4 float64 0 VAh - R 3",
	"apparent_energy_phase_L3 socket 402 4 float64 0 VAh - R 3",
	"apparent_energy_sum socket 406 4 float64 0 VAh - R 3",
	"reactive_energy_phase_L1 socket 410 4 float64 0 varh - R 3",
	"reactive_energy_phase_L2 socket 414 4 float64 0 varh - R 3",
	"reactive_energy_phase_L3 socket 418 4 float64 0 varh - R 3",
	"reactive_energy_sum socket 422 4 float64 0 varh - R 3",
	"availability socket 1200 1 uint16 0 - - R 3",
	"mode_3_state socket 1201 5 string 0 - state R 3",
	"actual_applied_max_current socket 1206 2 float32 0 A limit_in_force R 3",
	"modbus_slave_max_current_valid_time socket 1208 2 uint32 0 s - R 3",
	"modbus_slave_max_current socket 1210 2 float32 0 A setpoint RW 3/16",
	"active_load_balancing_safe_current socket 1212 2 float32 0 A fallback_current R 3",
	"modbus_slave_received_setpoint_accounted_for socket 1214 1 uint16 0 - - R 3",
	"charge_using_1_or_3_phases socket 1215 1 uint16 0 - phases_set RW 3/16",
	"scn_name 200 1400 4 string 0 - - R 3",
	"scn_sockets 200 1404 1 uint16 0 - - R 3",
	"scn_total_consumption_phase_l1 200 1405 2 float32 0 A - R 3",
	"scn_total_consumption_phase_l2 200 1407 2 float32 0 A - R 3",
	"scn_total_consumption_phase_l3 200 1409 2 float32 0 A - R 3",
	"scn_actual_max_current_phase_l1 200 1411 2 float32 0 A - R 3",
	"scn_actual_max_current_phase_l2 200 1413 2 float32 0 A - R 3",
	"scn_actual_max_current_phase_l3 200 1415 2 float32 0 A - R 3",
	"scn_max_current_phase_l1 200 1417 2 float32 0 A - RW 3/16",
	"scn_max_current_phase_l2 200 1419 2 float32 0 A - RW 3/16",
	"scn_max_current_phase_l3 200 1421 2 float32 0 A - RW 3/16",
	"remaining_valid_time_max_current_phase_l1 200 1423 2 uint32 0 s - R 3",
	"remaining_valid_time_max_current_phase_l2 200 1425 2 uint32 0 s - R 3",
	"remaining_valid_time_max_current_phase_l3 200 1427 2 uint32 0 s - R 3",
	"scn_safe_current 200 1429 2 float32 0 A - R 3",
	"scn_modbus_slave_max_current_enable 200 1431 1 uint16 0 - - R 3",
	NULL};

static const char *const abb_table[] = {
	"serial_number 1 16384 4 bytes 0 - serial R 3",
	"firmware_version 1 16388 2 bytes 0 - firmware R 3",
	"user_settable_max_current 1 16390 2 uint32 -3 A max_current R 3",
	"error_code 1 16392 2 uint32 0 - error R 3",
	"socket_lock_state 1 16394 2 uint32 0 - cable R 3",
	"charging_state 1 16396 2 uint32 0 - state R 3",
	"below_limit 1 16396 2 uint32 0 - below_limit R 3",
	"charging_current_limit 1 16398 2 uint32 -3 A limit_in_force R 3",
	"current_l1 1 16400 2 uint32 -3 A current_l1 R 3",
	"current_l2 1 16402 2 uint32 -3 A current_l2 R 3",
	"current_l3 1 16404 2 uint32 -3 A current_l3 R 3",
	"voltage_l1 1 16406 2 uint32 -1 V - R 3",
	"voltage_l2 1 16408 2 uint32 -1 V - R 3",
	"voltage_l3 1 16410 2 uint32 -1 V - R 3",
	"power_import 1 16412 2 uint32 0 W power R 3",
	"session_energy 1 16414 2 uint32 0 Wh energy R 3",
	"communication_timeout 1 16416 1 uint16 0 s watchdog_timeout R 3",
	"charging_current_limit_modbus 1 16418 2 uint32 -3 A setpoint R 3",
	"fallback_limit 1 16420 1 uint16 0 A fallback_current R 3",
	"set_charging_current_limit 1 16640 2 uint32 -3 A setpoint W /16",
	"lock_unlock_socket_cable 1 16643 1 uint16 0 - - W /6",
	"start_stop_session 1 16645 1 uint16 0 - enable W /6",
	"set_communication_timeout 1 16646 1 uint16 0 s watchdog_timeout W /6",
	"set_fallback_limit 1 16649 1 uint16 0 A fallback_current W /6",
	NULL};

static const char *const keba_table[] = {
	"charging_state 255 1000 2 uint32 0 - state R 3",
	"cable_state 255 1004 2 uint32 0 - cable R 3",
	"error_code 255 1006 2 uint32 0 - error R 3",
	"current_l1 255 1008 2 uint32 -3 A current_l1 R 3",
	"current_l2 255 1010 2 uint32 -3 A current_l2 R 3",
	"current_l3 255 1012 2 uint32 -3 A current_l3 R 3",
	"serial_number 255 1014 2 uint32 0 - serial R 3",
	"product_type 255 1016 2 uint32 0 - - R 3",
	"firmware_version 255 1018 2 uint32 0 - firmware R 3",
	"power_import 255 1020 2 uint32 -3 W power R 3",
	"energy_import 255 1036 2 uint32 -1 Wh energy R 3",
	"voltage_l1 255 1040 2 uint32 0 V - R 3",
	"voltage_l2 255 1042 2 uint32 0 V - R 3",
	"voltage_l3 255 1044 2 uint32 0 V - R 3",
	"power_factor 255 1046 2 uint32 -3 - - R 3",
	"charging_current_limit 255 1100 2 uint32 -3 A limit_in_force R 3",
	"max_current 255 1110 2 uint32 -3 A max_current R 3",
	"rfid_card 255 1500 2 uint32 0 - - R 3",
	"session_energy 255 1502 2 uint32 -1 Wh - R 3",
	"phase_switch_source 255 1550 2 uint32 0 - - R 3",
	"phase_switch_state 255 1552 2 uint32 0 - phases R 3",
	"fallback_limit 255 1600 2 uint32 -3 A fallback_current R 3",
	"communication_timeout 255 1602 2 uint32 0 s watchdog_timeout R 3",
	"set_charging_current_limit 255 5004 1 uint16 -3 A setpoint W /6",
	"set_energy_limit 255 5010 1 uint16 1 Wh - W /6",
	"unlock_plug 255 5012 1 uint16 0 - - W /6",
	"charging_enabled 255 5014 1 uint16 0 - enable W /6",
	"set_fallback_limit 255 5016 1 uint16 -3 A fallback_current W /6",
	"set_communication_timeout 255 5018 1 uint16 0 s watchdog_timeout W /6",
	"store_fallback 255 5020 1 uint16 0 - - W /6",
	"set_phase_switch_source 255 5050 1 uint16 0 - - W /6",
	"set_phases 255 5052 1 uint16 0 - phases_set W /6",
	NULL};

static const char *const roles[] = {
	[ROLE_NONE] = "-",
	[ROLE_SETPOINT] = "setpoint",
	[ROLE_ENABLE] = "enable",
	[ROLE_CONTROL] = "control",
	[ROLE_LIFE_SIGN] = "life_sign",
	[ROLE_WATCHDOG_TIMEOUT] = "watchdog_timeout",
	[ROLE_FALLBACK_CURRENT] = "fallback_current",
	[ROLE_PHASES_SET] = "phases_set",
	[ROLE_STATE] = "state",
	[ROLE_BELOW_LIMIT] = "below_limit",
	[ROLE_CURRENT_L1] = "current_l1",
	[ROLE_CURRENT_L2] = "current_l2",
	[ROLE_CURRENT_L3] = "current_l3",
	[ROLE_POWER] = "power",
	[ROLE_ENERGY] = "energy",
	[ROLE_LIMIT_IN_FORCE] = "limit_in_force",
	[ROLE_MIN_CURRENT] = "min_current",
	[ROLE_MAX_CURRENT] = "max_current",
	[ROLE_PHASES] = "phases",
	[ROLE_CABLE] = "cable",
	[ROLE_ERROR] = "error",
	[ROLE_SERIAL] = "serial",
	[ROLE_FIRMWARE] = "firmware",
};

static const char *line_of(const struct device *d, const struct device_register *row)
{
	static const char *const access[] = {"", "R", "W", "RW"};
	static struct text out;

	out.length = 0;
	text_printf(&out, "%s ", row->name);
	if (row->place == PLACE_SOCKET)
		text_puts(&out, "socket");
	else
		text_printf(&out, "%u", d->unit);
	text_printf(&out, " %u %u %s %d %s %s %s ", row->address, row->count,
	            register_type_text(row), row->scale, row->unit ? row->unit : "-",
	            roles[row->role], access[row->access]);
	if (row->access & ACCESS_R)
		text_printf(&out, "%u", device_reads(d, row));
	if (row->access & ACCESS_W)
		text_printf(&out, "/%u", device_writes(d, row));
	return text_string(&out);
}

static void assert_table(const struct device *d, const char *const *table)
{
	size_t count = 0;

	while (table[count])
		count++;
	assert_int_equal(d->count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(line_of(d, &d->rows[i]), table[i]);
}

static void rows_are_those_of_the_documents(void **state)
{
	(void)state;
	assert_table(&alfen_device, alfen_table);
	assert_table(&abb_device, abb_table);
	assert_table(&keba_device, keba_table);
}

/* What is steered by: line settings, unit, what a family serves, arms and is fed by. */
static void facts_are_those_of_the_documents(void **state)
{
	(void)state;
	assert_string_equal(abb_device.line, "baud=9600&mode=8N1");
	assert_int_equal(abb_device.charger.arm[0], ROLE_WATCHDOG_TIMEOUT);
	assert_int_equal(abb_device.charger.arm[1], ROLE_FALLBACK_CURRENT);
	assert_int_equal(abb_device.charger.feed, FEED_READ);
	assert_int_equal(abb_device.charger.pause.role, ROLE_NONE);
	assert_int_equal(alfen_device.charger.arm[0], ROLE_FALLBACK_CURRENT);
	assert_int_equal(alfen_device.charger.feed, FEED_SETPOINT);
	assert_int_equal(keba_device.charger.arm[0], ROLE_FALLBACK_CURRENT);
	assert_int_equal(keba_device.charger.arm[1], ROLE_WATCHDOG_TIMEOUT);
	assert_int_equal(keba_device.charger.feed, FEED_TIMEOUT);
	assert_int_equal(keba_device.charger.pause.role, ROLE_ENABLE);
	assert_int_equal(keba_device.charger.pause.value, 0);
	assert_int_equal(keba_device.charger.resume.value, 1);
	assert_int_equal(keba_device.functions, 1u << 3 | 1u << 6);
	assert_true(keba_device.single);
	for (size_t i = 0; devices[i]; i++) {
		assert_true(devices[i]->charger.falls_back);
		assert_int_equal(devices[i]->port, 502);
		assert_ptr_equal(device_by_name(devices[i]->name, strlen(devices[i]->name)),
		                 devices[i]);
	}
	assert_null(device_by_name("abbs", 4));
	assert_null(device_by_name("ab", 2));
}

/* What numbers and texts mean: device, row, then value=word; and what may be written: least..most. */
static const char *const meanings[] = {
	"alfen meter_state 8=Error|4=Warning|1=Initialised|2=Updated",
	"alfen meter_type 0=RTU|1=TCP/IP|2=UDP|3=P1|4=Other",
	"alfen availability 0=Inoperable|1=Operable",
	"alfen mode_3_state A=NotConnected|B1=Connected|B2=Connected|C1=Connected|C2=Charging|"
	"D1=Connected|D2=Charging|E=NotConnected|F=Error",
	"alfen modbus_slave_max_current 0..1000",
	"alfen modbus_slave_received_setpoint_accounted_for 0=No|1=Yes",
	"alfen charge_using_1_or_3_phases 1=1|3=3 1..3",
	"alfen scn_max_current_phase_l1 0..1000",
	"alfen scn_max_current_phase_l2 0..1000",
	"alfen scn_max_current_phase_l3 0..1000",
	"alfen scn_modbus_slave_max_current_enable 0=Disabled|1=Enabled",
	"abb error_code 0=no error|2=residual current|4=PE missing or N and L swapped|8=over voltage|"
	"16=under voltage|32=over current|64=severe over current|128=over temperature|"
	"1024=power relay fault|2048=internal communication failure|4096=lock failure|"
	"8192=missing phase|16384=Modbus communication lost",
	"abb socket_lock_state 0=no cable|1=cable at the station, unlocked|"
	"17=cable at the station, locked|257=cable at station and car, unlocked|"
	"273=cable at station and car, locked",
	"abb charging_state 0=A, idle|1=B1, waits for authorization|2=B2, ready|3=C1, car ready|"
	"4=C2, charging|5=other",
	"abb below_limit 0=no|1=yes",
	"abb set_charging_current_limit 0..1000",
	"abb lock_unlock_socket_cable 0=unlock|1=lock 0..1",
	"abb start_stop_session 0=start|1=stop 0..1",
	"abb set_communication_timeout 10..65535",
	"abb set_fallback_limit 0..32",
	"keba charging_state 0=start-up|1=not ready|2=ready, waits for the car|3=charging|4=error|"
	"5=interrupted",
	"keba cable_state 0=no cable|1=at the station|3=at the station, locked|5=station and car|"
	"7=station and car, locked",
	"keba phase_switch_source 0=none|1=OCPP|2=REST|3=Modbus|4=UDP",
	"keba phase_switch_state 0=1 phase|1=3 phases",
	"keba set_charging_current_limit 0 or 6..63",
	"keba set_energy_limit 0..655350",
	"keba unlock_plug 0=unlock 0..0",
	"keba charging_enabled 0=suspended|1=charging allowed 0..1",
	"keba set_fallback_limit 0 or 6..63",
	"keba set_communication_timeout 0..65535",
	"keba store_fallback 1=store 1..1",
	"keba set_phase_switch_source 0=none|1=OCPP|2=REST|3=Modbus|4=UDP 0..4",
	"keba set_phases 0=1 phase|1=3 phases 0..1",
	NULL};

static const char *meaning_of(const struct device *d, const struct device_register *row)
{
	const struct register_steering *s = row->steering;
	static struct text out;
	const char *gap = " ";

	out.length = 0;
	text_printf(&out, "%s %s", d->name, row->name);
	for (const struct register_word *w = row->words; w && w->word; w++, gap = "|") {
		if (w->text)
			text_printf(&out, "%s%s=%s", gap, w->text, w->word);
		else
			text_printf(&out, "%s%u=%s", gap, (unsigned)w->value, w->word);
	}
	if (s && s->least > 0)
		text_printf(&out, " %.0f or %.0f..%.0f", s->min, s->least, s->max);
	else if (s)
		text_printf(&out, " %.0f..%.0f", s->min, s->max);
	return text_string(&out);
}

static void words_and_ranges_are_those_of_the_documents(void **state)
{
	static const struct device *const family[] = {&alfen_device, &abb_device, &keba_device};
	const char *const *expected = meanings;

	(void)state;
	for (size_t i = 0; i < sizeof family / sizeof *family; i++) {
		for (size_t k = 0; k < family[i]->count; k++) {
			const struct device_register *row = &family[i]->rows[k];

			if (!row->words && !row->steering)
				continue;
			assert_non_null(*expected);
			assert_string_equal(meaning_of(family[i], row), *expected++);
		}
	}
	assert_null(*expected);
}

/* The rows in the order in which text shows them; returns their number. */
static unsigned order_of(const struct device *d, const struct device_register *shown[128])
{
	unsigned count = 0;

	memset(shown, 0, 128 * sizeof *shown);
	for (size_t i = 0; i < d->count; i++) {
		const struct device_register *row = &d->rows[i];

		if (!row->text_order)
			continue;
		assert_in_range(row->text_order, 1, 127);
		assert_null(shown[row->text_order]);
		shown[row->text_order] = row;
		count++;
	}
	for (unsigned i = 1; i <= count; i++)
		assert_non_null(shown[i]);
	return count;
}

/* Each of 1..n occurs once; an Alfen's text has the state of a socket before its meter. */
static void text_has_an_order(void **state)
{
	static const char *const begin[] = {"c_name", "c_manufacturer", "c_modbus_table_version",
	                                    "c_firmware_version", "c_station_serial_number"};
	static const char *const middle[] = {"nr_of_sockets",
	                                     "availability",
	                                     "mode_3_state",
	                                     "actual_applied_max_current",
	                                     "modbus_slave_max_current_valid_time",
	                                     "meter_state",
	                                     "meter_last_value_timestamp"};
	const struct device_register *shown[128];

	(void)state;
	assert_int_equal(order_of(&keba_device, shown), 23);
	assert_int_equal(order_of(&abb_device, shown), 19);
	assert_int_equal(order_of(&alfen_device, shown), 88);
	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
		assert_string_equal(shown[1 + i]->name, begin[i]);
	for (size_t i = 0; i < sizeof middle / sizeof *middle; i++)
		assert_string_equal(shown[17 + i]->name, middle[i]);
}

/* What `watch` shows, and which words name bits; an Alfen has all ones for what it does not know. */
static void flags_of_the_rows(void **state)
{
	static const struct {
		const struct device *device;
		const char *watched, *bits;
		bool ones;
	} cases[] = {
		{&alfen_device,
	         "current_phase_L1 current_phase_L2 current_phase_L3 real_power_sum "
	         "real_energy_delivered_sum mode_3_state actual_applied_max_current "
	         "modbus_slave_max_current_valid_time modbus_slave_max_current ",
	         "meter_state ", true},
		{&abb_device,
	         "error_code charging_state charging_current_limit current_l1 current_l2 "
	         "current_l3 power_import session_energy charging_current_limit_modbus ",
	         "error_code ", false},
		{&keba_device,
	         "charging_state cable_state error_code current_l1 current_l2 current_l3 "
	         "power_import energy_import charging_current_limit session_energy ",
	         "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text watched = {0}, bits = {0};

		for (size_t k = 0; k < cases[i].device->count; k++) {
			const struct device_register *row = &cases[i].device->rows[k];

			if (row->flags & FLAG_WATCH)
				text_printf(&watched, "%s ", row->name);
			if (row->flags & FLAG_BITS)
				text_printf(&bits, "%s ", row->name);
			assert_int_equal((row->flags & FLAG_ONES) != 0, cases[i].ones);
			assert_int_equal(row->flags & ~(FLAG_WATCH | FLAG_BITS | FLAG_ONES), 0);
		}
		assert_string_equal(text_string(&watched), cases[i].watched);
		assert_string_equal(text_string(&bits), cases[i].bits);
		text_free(&watched);
		text_free(&bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_of_the_documents),
		cmocka_unit_test(words_and_ranges_are_those_of_the_documents),
		cmocka_unit_test(facts_are_those_of_the_documents),
		cmocka_unit_test(text_has_an_order),
		cmocka_unit_test(flags_of_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
