/*
 * Alfen Eve chargers (NG9xx and AHP platforms) over Modbus TCP, after "Implementation of Modbus
 * Slave TCP/IP for Alfen NG9xx platform" v2.3. Big-endian, high word first, all holding registers.
 * The station's own registers are unit 200, those of the sockets units 1 and 2.
 *
 * The rows have the order of JSON output. Names, labels and the order of text output are those of
 * the widespread Python library, so that scripts can switch. That library calls the age of the last
 * measurement "timestamp".
 */
#include "device/device.h"

static const struct register_word meter_states[] = {
	{"Error", 8, NULL}, {"Warning", 4, NULL}, {"Initialised", 1, NULL}, {"Updated", 2, NULL}, {0}};

static const struct register_word meter_types[] = {
	{"RTU", 0, NULL}, {"TCP/IP", 1, NULL}, {"UDP", 2, NULL}, {"P1", 3, NULL}, {"Other", 4, NULL},
	{0}};

static const struct register_word availabilities[] = {
	{"Inoperable", 0, NULL}, {"Operable", 1, NULL}, {0}};

static const struct register_word mode_3_states[] = {
	{"NotConnected", 0, "A"}, {"Connected", 0, "B1"}, {"Connected", 0, "B2"},
	{"Connected", 0, "C1"}, {"Charging", 0, "C2"}, {"Connected", 0, "D1"}, {"Charging", 0, "D2"},
	{"NotConnected", 0, "E"}, {"Error", 0, "F"}, {0}};

static const struct register_word no_yes[] = {{"No", 0, NULL}, {"Yes", 1, NULL}, {0}};

static const struct register_word disabled_enabled[] = {
	{"Disabled", 0, NULL}, {"Enabled", 1, NULL}, {0}};

/* Text output shows the number, so the words repeat it; they also list the writable values. */
static const struct register_word phase_counts[] = {{"1", 1, NULL}, {"3", 3, NULL}, {0}};

static const struct register_steering socket_current = {
	.max = 1000, .limit = "station_active_max_current", .applied = "actual_applied_max_current",
	.validity = "modbus_slave_max_current_valid_time", .expires = true,
	.fallback = "active_load_balancing_safe_current",
	.accounted = "modbus_slave_received_setpoint_accounted_for"};

static const struct register_steering phases = {.min = 1, .max = 3};

#define SCN(l) \
	{.max = 1000, .applied = "scn_actual_max_current_phase_" l, \
	 .validity = "remaining_valid_time_max_current_phase_" l, .expires = true, \
	 .fallback = "scn_safe_current"}

static const struct register_steering scn_current_l1 = SCN("l1"), scn_current_l2 = SCN("l2"),
                                      scn_current_l3 = SCN("l3");

enum { PLAIN = FLAG_ONES, WATCH = FLAG_ONES | FLAG_WATCH, BITS = FLAG_ONES | FLAG_BITS };

/*
 * name, label, role, place, address, registers, type, unit, line of the text, flags, words or
 * steering
 */
#define R(key, text, part, where, at, n, kind, si, order, marks, means) \
	{.name = key, .label = text, .unit = si, .words = means, .address = at, .count = n, \
	 .type = REGISTER_##kind, .place = PLACE_##where, .access = ACCESS_R, .flags = marks, \
	 .role = ROLE_##part, .text_order = order}
#define W(key, text, part, where, at, n, kind, si, order, marks, steer, means) \
	{.name = key, .label = text, .unit = si, .words = means, .steering = steer, .address = at, \
	 .count = n, \
	 .type = REGISTER_##kind, .place = PLACE_##where, .access = ACCESS_RW, .flags = marks, \
	 .role = ROLE_##part, .text_order = order}
/* -1 minute is also all ones: it means "not available" only if the clock says so too */
#define CLOCK(key, text, where, at, n, kind, si, order, with) \
	{.name = key, .label = text, .unit = si, .address = at, .count = n, \
	 .type = REGISTER_##kind, .place = PLACE_##where, .access = ACCESS_R, .flags = FLAG_ONES, \
	 .text_order = order, .companion = with}

static const struct device_register rows[] = {
	/* product identification */
	R("c_name", "Name", NONE, STATION, 100, 17, TEXT, NULL, 1, PLAIN, NULL),
	R("c_manufacturer", "Manufacturer", NONE, STATION, 117, 5, TEXT, NULL, 2, PLAIN, NULL),
	R("c_modbus_table_version", "Modbus Table Version", NONE, STATION, 122, 1, I16, NULL, 3, PLAIN, NULL),
	R("c_firmware_version", "Firmware Version", FIRMWARE, STATION, 123, 17, TEXT, NULL, 4, PLAIN, NULL),
	R("c_platform_type", "Platform Type", NONE, STATION, 140, 17, TEXT, NULL, 0, PLAIN, NULL),
	R("c_station_serial_number",
	  "Station Serial Number", SERIAL, STATION, 157, 11, TEXT, NULL, 5, PLAIN, NULL),
	R("c_date_year", "Date Year", NONE, STATION, 168, 1, I16, NULL, 6, PLAIN, NULL),
	R("c_date_month", "Date Month", NONE, STATION, 169, 1, I16, NULL, 7, PLAIN, NULL),
	R("c_date_day", "Date day", NONE, STATION, 170, 1, I16, NULL, 8, PLAIN, NULL),
	R("c_time_hour", "Time hour", NONE, STATION, 171, 1, I16, NULL, 9, PLAIN, NULL),
	R("c_time_minute", "Time minute", NONE, STATION, 172, 1, I16, NULL, 10, PLAIN, NULL),
	R("c_time_second", "Time second", NONE, STATION, 173, 1, I16, NULL, 11, PLAIN, NULL),
	R("c_uptime", "Uptime", NONE, STATION, 174, 4, U64, "ms", 12, PLAIN, NULL),
	CLOCK("c_time_zone", "Time zone", STATION, 178, 1, I16, "min", 13, 168),

	/* the station */
	R("station_active_max_current",
	  "Station Active Maximum Current", MAX_CURRENT, STATION, 1100, 2, F32, "A", 14, PLAIN, NULL),
	R("temperature", "Temperature", NONE, STATION, 1102, 2, F32, "degC", 15, PLAIN, NULL),
	R("ocpp_state", "OCPP state", NONE, STATION, 1104, 1, U16, NULL, 16, PLAIN, NULL),
	R("nr_of_sockets", "Nr of sockets", NONE, STATION, 1105, 1, U16, NULL, 17, PLAIN, NULL),

	/* energy measurement of a socket */
	R("meter_state", "Meter State", NONE, SOCKET, 300, 1, U16, NULL, 22, BITS, meter_states),
	R("meter_last_value_timestamp",
	  "Meter Last Value Timestamp", NONE, SOCKET, 301, 4, U64, "ms", 23, PLAIN, NULL),
	R("meter_type", "Meter Type", NONE, SOCKET, 305, 1, U16, NULL, 24, PLAIN, meter_types),
	R("voltage_phase_L1N", "Voltage Phase L1N", NONE, SOCKET, 306, 2, F32, "V", 25, PLAIN, NULL),
	R("voltage_phase_L2N", "Voltage Phase L2N", NONE, SOCKET, 308, 2, F32, "V", 26, PLAIN, NULL),
	R("voltage_phase_L3N", "Voltage Phase L3N", NONE, SOCKET, 310, 2, F32, "V", 27, PLAIN, NULL),
	R("voltage_phase_L1L2", "Voltage Phase L1L2", NONE, SOCKET, 312, 2, F32, "V", 28, PLAIN, NULL),
	R("voltage_phase_L2L3", "Voltage Phase L2L3", NONE, SOCKET, 314, 2, F32, "V", 29, PLAIN, NULL),
	R("voltage_phase_L3L1", "Voltage Phase L3L1", NONE, SOCKET, 316, 2, F32, "V", 30, PLAIN, NULL),
	R("current_N", "Current N", NONE, SOCKET, 318, 2, F32, "A", 31, PLAIN, NULL),
	R("current_phase_L1", "Current Phase L1", CURRENT_L1, SOCKET, 320, 2, F32, "A", 32, WATCH, NULL),
	R("current_phase_L2", "Current Phase L2", CURRENT_L2, SOCKET, 322, 2, F32, "A", 33, WATCH, NULL),
	R("current_phase_L3", "Current Phase L3", CURRENT_L3, SOCKET, 324, 2, F32, "A", 34, WATCH, NULL),
	R("current_sum", "Current Sum", NONE, SOCKET, 326, 2, F32, "A", 35, PLAIN, NULL),
	R("power_factor_phase_L1", "Power Factor Phase L1", NONE, SOCKET, 328, 2, F32, NULL, 36, PLAIN, NULL),
	R("power_factor_phase_L2", "Power Factor Phase L2", NONE, SOCKET, 330, 2, F32, NULL, 37, PLAIN, NULL),
	R("power_factor_phase_L3", "Power Factor Phase L3", NONE, SOCKET, 332, 2, F32, NULL, 38, PLAIN, NULL),
	R("power_factor_sum", "Power Factor Sum", NONE, SOCKET, 334, 2, F32, NULL, 39, PLAIN, NULL),
	R("frequency", "Frequency", NONE, SOCKET, 336, 2, F32, "Hz", 40, PLAIN, NULL),
	R("real_power_phase_L1", "Real Power Phase L1", NONE, SOCKET, 338, 2, F32, "W", 41, PLAIN, NULL),
	R("real_power_phase_L2", "Real Power Phase L2", NONE, SOCKET, 340, 2, F32, "W", 42, PLAIN, NULL),
	R("real_power_phase_L3", "Real Power Phase L3", NONE, SOCKET, 342, 2, F32, "W", 43, PLAIN, NULL),
	R("real_power_sum", "Real Power Sum", POWER, SOCKET, 344, 2, F32, "W", 44, WATCH, NULL),
	R("apparent_power_phase_L1",
	  "Apparent Power Phase L1", NONE, SOCKET, 346, 2, F32, "VA", 45, PLAIN, NULL),
	R("apparent_power_phase_L2",
	  "Apparent Power Phase L2", NONE, SOCKET, 348, 2, F32, "VA", 46, PLAIN, NULL),
	R("apparent_power_phase_L3",
	  "Apparent Power Phase L3", NONE, SOCKET, 350, 2, F32, "VA", 47, PLAIN, NULL),
	R("apparent_power_sum", "Apparent Power Sum", NONE, SOCKET, 352, 2, F32, "VA", 48, PLAIN, NULL),
	R("reactive_power_phase_L1",
	  "Reactive Power Phase L1", NONE, SOCKET, 354, 2, F32, "var", 49, PLAIN, NULL),
	R("reactive_power_phase_L2",
	  "Reactive Power Phase L2", NONE, SOCKET, 356, 2, F32, "var", 50, PLAIN, NULL),
	R("reactive_power_phase_L3",
	  "Reactive Power Phase L3", NONE, SOCKET, 358, 2, F32, "var", 51, PLAIN, NULL),
	R("reactive_power_sum", "Reactive Power Sum", NONE, SOCKET, 360, 2, F32, "var", 52, PLAIN, NULL),
	R("real_energy_delivered_phase_L1",
	  "Real Energy Delivered Phase L1", NONE, SOCKET, 362, 4, F64, "Wh", 53, PLAIN, NULL),
	R("real_energy_delivered_phase_L2",
	  "Real Energy Delivered Phase L2", NONE, SOCKET, 366, 4, F64, "Wh", 54, PLAIN, NULL),
	R("real_energy_delivered_phase_L3",
	  "Real Energy Delivered Phase L3", NONE, SOCKET, 370, 4, F64, "Wh", 55, PLAIN, NULL),
	R("real_energy_delivered_sum",
	  "Real Energy Delivered Sum", ENERGY, SOCKET, 374, 4, F64, "Wh", 56, WATCH, NULL),
	R("real_energy_consumed_phase_L1",
	  "Real Energy Consumed Phase L1", NONE, SOCKET, 378, 4, F64, "Wh", 57, PLAIN, NULL),
	R("real_energy_consumed_phase_L2",
	  "Real Energy Consumed Phase L2", NONE, SOCKET, 382, 4, F64, "Wh", 58, PLAIN, NULL),
	R("real_energy_consumed_phase_L3",
	  "Real Energy Consumed Phase L3", NONE, SOCKET, 386, 4, F64, "Wh", 59, PLAIN, NULL),
	R("real_energy_consumed_sum",
	  "Real Energy Consumed Sum", NONE, SOCKET, 390, 4, F64, "Wh", 60, PLAIN, NULL),
	R("apparent_energy_phase_L1",
	  "Apparent Energy Phase L1", NONE, SOCKET, 394, 4, F64, "VAh", 61, PLAIN, NULL),
	R("apparent_energy_phase_L2",
	  "Apparent Energy Phase L2", NONE, SOCKET, 398, 4, F64, "VAh", 62, PLAIN, NULL),
	R("apparent_energy_phase_L3",
	  "Apparent Energy Phase L3", NONE, SOCKET, 402, 4, F64, "VAh", 63, PLAIN, NULL),
	R("apparent_energy_sum", "Apparent Energy Sum", NONE, SOCKET, 406, 4, F64, "VAh", 64, PLAIN, NULL),
	R("reactive_energy_phase_L1",
	  "Reactive Energy Phase L1", NONE, SOCKET, 410, 4, F64, "varh", 65, PLAIN, NULL),
	R("reactive_energy_phase_L2",
	  "Reactive Energy Phase L2", NONE, SOCKET, 414, 4, F64, "varh", 66, PLAIN, NULL),
	R("reactive_energy_phase_L3",
	  "Reactive Energy Phase L3", NONE, SOCKET, 418, 4, F64, "varh", 67, PLAIN, NULL),
	R("reactive_energy_sum", "Reactive Energy Sum", NONE, SOCKET, 422, 4, F64, "varh", 68, PLAIN, NULL),

	/* state and control of a socket */
	R("availability", "Availability", NONE, SOCKET, 1200, 1, U16, NULL, 18, PLAIN, availabilities),
	R("mode_3_state", "Mode 3 state", STATE, SOCKET, 1201, 5, TEXT, NULL, 19, WATCH, mode_3_states),
	R("actual_applied_max_current",
	  "Actual Applied Max Current for Socket", LIMIT_IN_FORCE, SOCKET, 1206, 2, F32, "A", 20, WATCH, NULL),
	R("modbus_slave_max_current_valid_time",
	  "Remaining time before fallback to safe current", NONE, SOCKET, 1208, 2, U32, "s", 21, WATCH, NULL),
	W("modbus_slave_max_current",
	  "Modbus Slave Max Current", SETPOINT, SOCKET, 1210, 2, F32, "A", 69, WATCH, &socket_current, NULL),
	R("active_load_balancing_safe_current",
	  "Active Load Balancing Safe Current", FALLBACK_CURRENT, SOCKET, 1212, 2, F32, "A", 70, PLAIN, NULL),
	R("modbus_slave_received_setpoint_accounted_for",
	  "Modbus Slave Received Setpoint Accounted For", NONE, SOCKET, 1214, 1, U16, NULL, 71, PLAIN, no_yes),
	W("charge_using_1_or_3_phases",
	  "Phases used for charging", PHASES_SET, SOCKET, 1215, 1, U16, NULL, 72, PLAIN, &phases, phase_counts),

	/* Smart Charging Network */
	R("scn_name", "SCN Name", NONE, STATION, 1400, 4, TEXT, NULL, 73, PLAIN, NULL),
	R("scn_sockets", "SCN Sockets", NONE, STATION, 1404, 1, U16, NULL, 74, PLAIN, NULL),
	R("scn_total_consumption_phase_l1",
	  "SCN Total Consumption Phase L1", NONE, STATION, 1405, 2, F32, "A", 75, PLAIN, NULL),
	R("scn_total_consumption_phase_l2",
	  "SCN Total Consumption Phase L2", NONE, STATION, 1407, 2, F32, "A", 76, PLAIN, NULL),
	R("scn_total_consumption_phase_l3",
	  "SCN Total Consumption Phase L3", NONE, STATION, 1409, 2, F32, "A", 77, PLAIN, NULL),
	R("scn_actual_max_current_phase_l1",
	  "SCN Actual Max Current Phase L1", NONE, STATION, 1411, 2, F32, "A", 78, PLAIN, NULL),
	R("scn_actual_max_current_phase_l2",
	  "SCN Actual Max Current Phase L2", NONE, STATION, 1413, 2, F32, "A", 79, PLAIN, NULL),
	R("scn_actual_max_current_phase_l3",
	  "SCN Actual Max Current Phase L3", NONE, STATION, 1415, 2, F32, "A", 80, PLAIN, NULL),
	W("scn_max_current_phase_l1",
	  "SCN Max Current Phase L1", NONE, STATION, 1417, 2, F32, "A", 81, PLAIN, &scn_current_l1, NULL),
	W("scn_max_current_phase_l2",
	  "SCN Max Current Phase L2", NONE, STATION, 1419, 2, F32, "A", 82, PLAIN, &scn_current_l2, NULL),
	W("scn_max_current_phase_l3",
	  "SCN Max Current Phase L3", NONE, STATION, 1421, 2, F32, "A", 83, PLAIN, &scn_current_l3, NULL),
	R("remaining_valid_time_max_current_phase_l1",
	  "Max current valid time L1", NONE, STATION, 1423, 2, U32, "s", 84, PLAIN, NULL),
	R("remaining_valid_time_max_current_phase_l2",
	  "Max current valid time L2", NONE, STATION, 1425, 2, U32, "s", 85, PLAIN, NULL),
	R("remaining_valid_time_max_current_phase_l3",
	  "Max current valid time L3", NONE, STATION, 1427, 2, U32, "s", 86, PLAIN, NULL),
	R("scn_safe_current", "SCN safe current", NONE, STATION, 1429, 2, F32, "A", 87, PLAIN, NULL),
	R("scn_modbus_slave_max_current_enable",
	  "SCN Modbus Slave Max Current enable", NONE, STATION, 1431, 1, U16, NULL, 88, PLAIN,
	  disabled_enabled),
};

/* A simulated charger: a car charges with 10 A on three phases. */
static const char *const example[] = {
	"c_name=SIM-0001", "c_manufacturer=Alfen NV", "c_modbus_table_version=1",
	"c_firmware_version=7.4.5-4320", "c_platform_type=NG910", "c_station_serial_number=ACE0000001",
	"c_date_year=2026", "c_date_month=1", "c_date_day=31", "c_time_hour=12", "c_time_minute=30",
	"c_time_second=15", "c_uptime=86400000", "c_time_zone=60", "station_active_max_current=31.75",
	"temperature=36.5", "ocpp_state=1", "nr_of_sockets=1", "meter_state=3",
	"meter_last_value_timestamp=250", "meter_type=0", "voltage_phase_L1N=230.6",
	"voltage_phase_L2N=229.9", "voltage_phase_L3N=231.2", "voltage_phase_L1L2=-",
	"voltage_phase_L2L3=-", "voltage_phase_L3L1=-", "current_N=-", "current_phase_L1=9.87",
	"current_phase_L2=9.91", "current_phase_L3=9.85", "current_sum=-", "power_factor_phase_L1=-",
	"power_factor_phase_L2=-", "power_factor_phase_L3=-", "power_factor_sum=0.998",
	"frequency=50.02", "real_power_phase_L1=-", "real_power_phase_L2=-", "real_power_phase_L3=-",
	"real_power_sum=6820.5", "apparent_power_phase_L1=-", "apparent_power_phase_L2=-",
	"apparent_power_phase_L3=-", "apparent_power_sum=-", "reactive_power_phase_L1=-",
	"reactive_power_phase_L2=-", "reactive_power_phase_L3=-", "reactive_power_sum=-",
	"real_energy_delivered_phase_L1=-", "real_energy_delivered_phase_L2=-",
	"real_energy_delivered_phase_L3=-", "real_energy_delivered_sum=302806",
	"real_energy_consumed_phase_L1=-", "real_energy_consumed_phase_L2=-",
	"real_energy_consumed_phase_L3=-", "real_energy_consumed_sum=-",
	"apparent_energy_phase_L1=-", "apparent_energy_phase_L2=-", "apparent_energy_phase_L3=-",
	"apparent_energy_sum=-", "reactive_energy_phase_L1=-", "reactive_energy_phase_L2=-",
	"reactive_energy_phase_L3=-", "reactive_energy_sum=-", "availability=1", "mode_3_state=C2",
	"actual_applied_max_current=10", "modbus_slave_max_current_valid_time=0",
	"modbus_slave_max_current=6", "active_load_balancing_safe_current=6",
	"modbus_slave_received_setpoint_accounted_for=1", "charge_using_1_or_3_phases=3", "scn_name=",
	"scn_sockets=0", "scn_total_consumption_phase_l1=0", "scn_total_consumption_phase_l2=0",
	"scn_total_consumption_phase_l3=0", "scn_actual_max_current_phase_l1=0",
	"scn_actual_max_current_phase_l2=0", "scn_actual_max_current_phase_l3=0",
	"scn_max_current_phase_l1=6", "scn_max_current_phase_l2=6", "scn_max_current_phase_l3=6",
	"remaining_valid_time_max_current_phase_l1=0", "remaining_valid_time_max_current_phase_l2=0",
	"remaining_valid_time_max_current_phase_l3=0", "scn_safe_current=6",
	"scn_modbus_slave_max_current_enable=0", NULL};

/* The causes of refused writes that users found in the field. */
static const char *cause(const struct device_register *row, int exception)
{
	switch (exception) {
	case 1:
	case 2:
		return "writing needs the Active Load Balancing licence, the data source 'Energy Management "
		       "System', and on old firmware 'Allow writing maximum currents'";
	case 3:
		if (row->steering == &phases)
			return "'Allow 1- and 3-phased charging' is not enabled in the charger";
		return "the charger does not take this value";
	case 4: return "the charger has an internal failure";
	case 6: return "the charger is busy: it is polled too fast, or by too many masters";
	case 11: return "the charger has no such socket, or Modbus is not enabled for it";
	default: return NULL;
	}
}

static const enum register_role arm[] = {ROLE_FALLBACK_CURRENT, ROLE_NONE};

const struct device alfen_device = {
	.name = "alfen",
	.title = "Alfen Eve",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
	.port = 502,
	.unit = 200,
	.reads = 3,
	.writes = 16,
	.functions = 1u << 3 | 1u << 6 | 1u << 16,
	.sockets = 2,
	.socket_count = "nr_of_sockets",
	.connected = "BCD",
	.charger = {.arm = arm, .feed = FEED_SETPOINT, .falls_back = true,
	            .states = {.empty = "A", .ready = "B2", .paused = "C1", .charging = "C2"}},
	.example = example,
	.unreachable = "the port is open only with the licence 'Active Load Balancing' and the data "
	               "source 'Energy Management System'",
	.cause = cause,
};
