/*
 * KEBA KeContact P30 over Modbus TCP, after KEBA's "Modbus TCP Programmers Guide" V1.07 and evcc's
 * driver of it. Values are read as 32 bits, one per request: the charger refuses block reads.
 * Settings are 16 bits at other addresses, written by function 6; they read back in the registers
 * that the guide gives for the value in force. DIP switch 1.3 must be ON.
 *
 * The set-point does not start a paused session, because 5014 keeps its value: pausing writes 5014
 * = 0, and resuming writes 5014 = 1 after a set-point. The charger falls back when 5018 is not
 * written for the time that it holds.
 */
#include "device/device.h"

static const struct register_word states[] = {{"start-up", 0, NULL},
                                              {"not ready", 1, NULL},
                                              {"ready, waits for the car", 2, NULL},
                                              {"charging", 3, NULL},
                                              {"error", 4, NULL},
                                              {"interrupted", 5, NULL},
                                              {0}};

static const struct register_word cables[] = {{"no cable", 0, NULL},
                                              {"at the station", 1, NULL},
                                              {"at the station, locked", 3, NULL},
                                              {"station and car", 5, NULL},
                                              {"station and car, locked", 7, NULL},
                                              {0}};

static const struct register_word sources[] = {
	{"none", 0, NULL}, {"OCPP", 1, NULL}, {"REST", 2, NULL}, {"Modbus", 3, NULL}, {"UDP", 4, NULL}, {0}};

static const struct register_word phase_counts[] = {{"1 phase", 0, NULL}, {"3 phases", 1, NULL}, {0}};
static const struct register_word unlock[] = {{"unlock", 0, NULL}, {0}};
static const struct register_word allowed[] = {
	{"suspended", 0, NULL}, {"charging allowed", 1, NULL}, {0}};
static const struct register_word store[] = {{"store", 1, NULL}, {0}};

static const struct register_steering current = {.max = 63,
                                                 .least = 6,
                                                 .limit = "max_current",
                                                 .applied = "charging_current_limit",
                                                 .validity = "communication_timeout",
                                                 .fallback = "fallback_limit"};
static const struct register_steering fallback = {
	.max = 63, .least = 6, .mirror = "fallback_limit"};
static const struct register_steering timeout = {.max = 65535, .mirror = "communication_timeout"};
static const struct register_steering energy = {.max = 655350};
static const struct register_steering plug = {.applied = "cable_state"};
static const struct register_steering enable = {.max = 1, .applied = "charging_state"};
static const struct register_steering keep = {.min = 1, .max = 1};
static const struct register_steering source = {.max = 4, .mirror = "phase_switch_source"};
static const struct register_steering phases = {.max = 1, .mirror = "phase_switch_state"};

enum { WATCH = FLAG_WATCH };

/* name, label, role, address, power of ten, unit, line of the text, flags, words */
#define R(key, text, part, at, ten, si, order, marks, means) \
	{.name = key, .label = text, .unit = si, .words = means, .address = at, .count = 2, \
	 .type = REGISTER_U32, .access = ACCESS_R, .flags = marks, .role = ROLE_##part, \
	 .scale = ten, .text_order = order}
#define W(key, text, part, at, ten, si, steer, means) \
	{.name = key, .label = text, .unit = si, .words = means, .steering = steer, .address = at, \
	 .count = 1, .type = REGISTER_U16, .access = ACCESS_W, .role = ROLE_##part, .scale = ten}

static const struct device_register rows[] = {
	R("charging_state", "Charging state", STATE, 1000, 0, NULL, 1, WATCH, states),
	R("cable_state", "Cable", CABLE, 1004, 0, NULL, 2, WATCH, cables),
	R("error_code", "Error", ERROR, 1006, 0, NULL, 3, WATCH, NULL),
	R("current_l1", "Current L1", CURRENT_L1, 1008, -3, "A", 4, WATCH, NULL),
	R("current_l2", "Current L2", CURRENT_L2, 1010, -3, "A", 5, WATCH, NULL),
	R("current_l3", "Current L3", CURRENT_L3, 1012, -3, "A", 6, WATCH, NULL),
	R("serial_number", "Serial number", SERIAL, 1014, 0, NULL, 7, 0, NULL),
	R("product_type", "Product type", NONE, 1016, 0, NULL, 8, 0, NULL),
	R("firmware_version", "Firmware version", FIRMWARE, 1018, 0, NULL, 9, 0, NULL),
	R("power_import", "Power", POWER, 1020, -3, "W", 10, WATCH, NULL),
	R("energy_import", "Energy", ENERGY, 1036, -1, "Wh", 11, WATCH, NULL),
	R("voltage_l1", "Voltage L1", NONE, 1040, 0, "V", 12, 0, NULL),
	R("voltage_l2", "Voltage L2", NONE, 1042, 0, "V", 13, 0, NULL),
	R("voltage_l3", "Voltage L3", NONE, 1044, 0, "V", 14, 0, NULL),
	R("power_factor", "Power factor", NONE, 1046, -3, NULL, 15, 0, NULL),
	R("charging_current_limit", "Limit in force", LIMIT_IN_FORCE, 1100, -3, "A", 16, WATCH, NULL),
	R("max_current", "Limit of the hardware", MAX_CURRENT, 1110, -3, "A", 17, 0, NULL),
	R("rfid_card", "RFID card", NONE, 1500, 0, NULL, 18, 0, NULL),
	R("session_energy", "Energy of this session", NONE, 1502, -1, "Wh", 19, WATCH, NULL),
	R("phase_switch_source", "Phases are switched by", NONE, 1550, 0, NULL, 20, 0, sources),
	R("phase_switch_state", "Phases", PHASES, 1552, 0, NULL, 21, 0, phase_counts),
	R("fallback_limit", "Limit after the time-out", FALLBACK_CURRENT, 1600, -3, "A", 22, 0, NULL),
	R("communication_timeout", "Communication time-out", WATCHDOG_TIMEOUT, 1602, 0, "s", 23, 0, NULL),

	W("set_charging_current_limit", "Set the limit", SETPOINT, 5004, -3, "A", &current, NULL),
	W("set_energy_limit", "Set the energy of the session", NONE, 5010, 1, "Wh", &energy, NULL),
	W("unlock_plug", "Unlock the plug", NONE, 5012, 0, NULL, &plug, unlock),
	W("charging_enabled", "Allow or suspend charging", ENABLE, 5014, 0, NULL, &enable, allowed),
	W("set_fallback_limit", "Set the limit after the time-out", FALLBACK_CURRENT, 5016, -3, "A",
	  &fallback, NULL),
	W("set_communication_timeout", "Set the communication time-out", WATCHDOG_TIMEOUT, 5018, 0, "s",
	  &timeout, NULL),
	W("store_fallback", "Keep time-out and fallback over a restart", NONE, 5020, 0, NULL, &keep, store),
	W("set_phase_switch_source", "Set who switches phases", NONE, 5050, 0, NULL, &source, sources),
	W("set_phases", "Set the phases", PHASES_SET, 5052, 0, NULL, &phases, phase_counts),
};

/* A simulated charger: a car charges with 10 A on three phases. */
static const char *const example[] = {"charging_state=3",
                                      "cable_state=7",
                                      "error_code=0",
                                      "current_l1=9.87",
                                      "current_l2=9.912",
                                      "current_l3=9.85",
                                      "serial_number=17651234",
                                      "product_type=320101",
                                      "firmware_version=51070978",
                                      "power_import=6820.5",
                                      "energy_import=302806",
                                      "voltage_l1=231",
                                      "voltage_l2=230",
                                      "voltage_l3=231",
                                      "power_factor=0.998",
                                      "charging_current_limit=16",
                                      "max_current=32",
                                      "rfid_card=0",
                                      "session_energy=2806",
                                      "phase_switch_source=3",
                                      "phase_switch_state=1",
                                      "fallback_limit=0",
                                      "communication_timeout=0",
                                      NULL};

static const char *cause(const struct device_register *row, int exception)
{
	(void)row;
	switch (exception) {
	case 1:
	case 2: return "the register may be one of another series or a newer firmware";
	case 3: return "the charger does not take this value";
	case 4: return "the charger has an internal failure, or no session that this could apply to";
	default: return NULL;
	}
}

/* Writes the fallback before the time-out, so that the charger never falls back to an old value. */
static const enum register_role arm[] = {ROLE_FALLBACK_CURRENT, ROLE_WATCHDOG_TIMEOUT, ROLE_NONE};

static const struct charger_write factory[] = {
	{ROLE_FALLBACK_CURRENT, 0}, {ROLE_WATCHDOG_TIMEOUT, 0}, {ROLE_NONE, 0}};

const struct device keba_device = {
	.name = "keba",
	.title = "KEBA P30",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
	.port = 502,
	.unit = 255,
	.reads = 3,
	.writes = 6,
	.functions = 1u << 3 | 1u << 6,
	.single = true,
	.sockets = 1,
	.charger = {.arm = arm,
	            .factory = factory,
	            .feed = FEED_TIMEOUT,
	            .pause = {ROLE_ENABLE, 0},
	            .resume = {ROLE_ENABLE, 1},
	            .falls_back = true,
	            .states = {.empty = "1", .ready = "2", .paused = "5", .charging = "3"}},
	.example = example,
	.unreachable = "DIP switch 1.3 must be ON, and the UDP interface off",
	.cause = cause,
};
