/*
 * ABB Terra AC chargers over Modbus TCP or RTU, after "TAC Modbus Communication" v1.11. Holding
 * registers, high word first, currents in mA, voltages in 0.1 V. Written values read back in other
 * registers; a current below 6 A pauses the session.
 *
 * Measured values have the names of the vocabulary, other values those of ABB's document. The block
 * that ABB reads in one request includes the undefined registers 0x4021 and 0x4023.
 */
#include "device/device.h"
#include "record/record.h"

/* Two decimal digits in a byte. */
static unsigned bcd(uint16_t byte)
{
	return (byte >> 4 & 15u) * 10u + (byte & 15u);
}

/* 54 22 04 00 49 20 00 25 is TACW22-4-4920-T0025: connector, kW, plant, -, week, year, number */
static void serial_number(struct record *r, const struct device_register *row, const uint16_t *w)
{
	char connector = (char)(w[0] >> 8);

	if (connector < 'A' || connector > 'Z')
		record_null(r, row->name);
	else
		record_printf(r, row->name, "TACW%02u-%u-%02u%02u-%c%04X", bcd(w[0]), bcd(w[1] >> 8),
		              bcd(w[2] >> 8), bcd(w[2]), connector, w[3]);
}

/* 01 02 13 00 is v1.2.13 */
static void firmware_version(struct record *r, const struct device_register *row, const uint16_t *w)
{
	record_printf(r, row->name, "%u.%u.%u", bcd(w[0] >> 8), bcd(w[0]), bcd(w[1] >> 8));
}

static const struct register_word errors[] = {
	{"no error", 0, NULL}, {"residual current", 1 << 1, NULL},
	{"PE missing or N and L swapped", 1 << 2, NULL}, {"over voltage", 1 << 3, NULL},
	{"under voltage", 1 << 4, NULL}, {"over current", 1 << 5, NULL},
	{"severe over current", 1 << 6, NULL}, {"over temperature", 1 << 7, NULL},
	{"power relay fault", 1 << 10, NULL}, {"internal communication failure", 1 << 11, NULL},
	{"lock failure", 1 << 12, NULL}, {"missing phase", 1 << 13, NULL},
	{"Modbus communication lost", 1 << 14, NULL}, {0}};

static const struct register_word locks[] = {
	{"no cable", 0, NULL}, {"cable at the station, unlocked", 0x001, NULL},
	{"cable at the station, locked", 0x011, NULL},
	{"cable at station and car, unlocked", 0x101, NULL},
	{"cable at station and car, locked", 0x111, NULL}, {0}};

static const struct register_word states[] = {
	{"A, idle", 0, NULL}, {"B1, waits for authorization", 1, NULL}, {"B2, ready", 2, NULL},
	{"C1, car ready", 3, NULL}, {"C2, charging", 4, NULL}, {"other", 5, NULL}, {0}};

static const struct register_word no_yes[] = {{"no", 0, NULL}, {"yes", 1, NULL}, {0}};
static const struct register_word unlock_lock[] = {{"unlock", 0, NULL}, {"lock", 1, NULL}, {0}};
static const struct register_word start_stop[] = {{"start", 0, NULL}, {"stop", 1, NULL}, {0}};

static const struct register_steering current = {
	.max = 1000, .limit = "user_settable_max_current", .mirror = "charging_current_limit_modbus",
	.applied = "charging_current_limit", .validity = "communication_timeout",
	.fallback = "fallback_limit"};
static const struct register_steering timeout = {
	.min = 10, .max = 65535, .mirror = "communication_timeout"};
static const struct register_steering fallback = {.max = 32, .mirror = "fallback_limit"};
static const struct register_steering lock = {.max = 1, .applied = "socket_lock_state"};
static const struct register_steering session = {.max = 1, .applied = "charging_state"};

enum { WATCH = FLAG_WATCH };

/*
 * name, label, role, address, registers, type, power of ten, unit, line of the text, flags, words
 */
#define R(key, text, part, at, n, kind, ten, si, order, marks, means) \
	{.name = key, .label = text, .unit = si, .words = means, .address = at, .count = n, \
	 .type = REGISTER_##kind, .access = ACCESS_R, .flags = marks, .role = ROLE_##part, \
	 .scale = ten, .text_order = order}
/* bits shift..shift+width-1 of a register */
#define FIELD(key, text, part, at, n, kind, low, width, order, marks, means) \
	{.name = key, .label = text, .words = means, .address = at, .count = n, \
	 .type = REGISTER_##kind, .access = ACCESS_R, .flags = marks, .role = ROLE_##part, .shift = low, \
	 .bits = width, .text_order = order}
#define BYTES(key, text, part, at, n, function, order) \
	{.name = key, .label = text, .odd = function, .address = at, .count = n, \
	 .type = REGISTER_ODD, .access = ACCESS_R, .role = ROLE_##part, .text_order = order}
#define W(key, text, part, by, at, n, kind, ten, si, steer, means) \
	{.name = key, .label = text, .unit = si, .words = means, .steering = steer, .address = at, \
	 .count = n, .type = REGISTER_##kind, .access = ACCESS_W, .role = ROLE_##part, \
	 .writes = by, .scale = ten}

static const struct device_register rows[] = {
	BYTES("serial_number", "Serial number", SERIAL, 0x4000, 4, serial_number, 1),
	BYTES("firmware_version", "Firmware version", FIRMWARE, 0x4004, 2, firmware_version, 2),
	R("user_settable_max_current", "Maximum current", MAX_CURRENT, 0x4006, 2, U32, -3, "A", 3, 0, NULL),
	R("error_code", "Errors", ERROR, 0x4008, 2, U32, 0, NULL, 4, FLAG_BITS | WATCH, errors),
	R("socket_lock_state", "Socket lock", CABLE, 0x400A, 2, U32, 0, NULL, 5, 0, locks),
	FIELD("charging_state", "Charging state", STATE, 0x400C, 2, U32, 8, 7, 6, WATCH, states),
	FIELD("below_limit", "Below the limit that Modbus set", BELOW_LIMIT, 0x400C, 2, U32, 15, 1, 7, 0, no_yes),
	R("charging_current_limit", "Limit in force", LIMIT_IN_FORCE, 0x400E, 2, U32, -3, "A", 8, WATCH, NULL),
	R("current_l1", "Current L1", CURRENT_L1, 0x4010, 2, U32, -3, "A", 9, WATCH, NULL),
	R("current_l2", "Current L2", CURRENT_L2, 0x4012, 2, U32, -3, "A", 10, WATCH, NULL),
	R("current_l3", "Current L3", CURRENT_L3, 0x4014, 2, U32, -3, "A", 11, WATCH, NULL),
	R("voltage_l1", "Voltage L1", NONE, 0x4016, 2, U32, -1, "V", 12, 0, NULL),
	R("voltage_l2", "Voltage L2", NONE, 0x4018, 2, U32, -1, "V", 13, 0, NULL),
	R("voltage_l3", "Voltage L3", NONE, 0x401A, 2, U32, -1, "V", 14, 0, NULL),
	R("power_import", "Power", POWER, 0x401C, 2, U32, 0, "W", 15, WATCH, NULL),
	R("session_energy", "Energy of this session", ENERGY, 0x401E, 2, U32, 0, "Wh", 16, WATCH, NULL),
	R("communication_timeout", "Communication time-out", WATCHDOG_TIMEOUT, 0x4020, 1, U16, 0, "s", 17, 0, NULL),
	R("charging_current_limit_modbus", "Limit that Modbus set", SETPOINT, 0x4022, 2, U32, -3, "A", 18,
	  WATCH, NULL),
	R("fallback_limit", "Limit after the time-out", FALLBACK_CURRENT, 0x4024, 1, U16, 0, "A", 19, 0, NULL),

	W("set_charging_current_limit", "Set the limit", SETPOINT, 16, 0x4100, 2, U32, -3, "A", &current, NULL),
	W("lock_unlock_socket_cable", "Lock the cable", NONE, 6, 0x4103, 1, U16, 0, NULL, &lock, unlock_lock),
	W("start_stop_session", "Start or stop a session", ENABLE, 6, 0x4105, 1, U16, 0, NULL, &session,
	  start_stop),
	W("set_communication_timeout", "Set the communication time-out", WATCHDOG_TIMEOUT, 6, 0x4106, 1, U16, 0, "s",
	  &timeout, NULL),
	W("set_fallback_limit", "Set the limit after the time-out", FALLBACK_CURRENT, 6, 0x4109, 1, U16, 0, "A", &fallback,
	  NULL),
};

/* A simulated charger: a car charges with 10 A on three phases. */
static const char *const example[] = {
	"serial_number=#5422040049200025", "firmware_version=#01021300",
	"user_settable_max_current=32", "error_code=0", "socket_lock_state=273",
	"charging_state=#00000400", "charging_current_limit=16", "current_l1=9.87", "current_l2=9.912",
	"current_l3=9.85", "voltage_l1=230.6", "voltage_l2=229.9", "voltage_l3=231.2",
	"power_import=6820", "session_energy=2806", "communication_timeout=60",
	"charging_current_limit_modbus=16", "fallback_limit=6", NULL};

static const char *cause(const struct device_register *row, int exception)
{
	(void)row;
	switch (exception) {
	case 1:
	case 2: return "this firmware may not know the register, or Modbus control is not enabled";
	case 3: return "the charger does not take this value";
	case 4: return "the charger has an internal failure, or no session that this could apply to";
	default: return NULL;
	}
}

static const enum register_role arm[] = {ROLE_WATCHDOG_TIMEOUT, ROLE_FALLBACK_CURRENT, ROLE_NONE};

/* 0xFF: no fallback; the charger stops the session and reports an error. */
static const struct charger_write factory[] = {
	{ROLE_WATCHDOG_TIMEOUT, 60}, {ROLE_FALLBACK_CURRENT, 0xFF}, {ROLE_NONE, 0}};

/*
 * The serial line: "TAC Modbus Communication" v1.11, section 4.1, leaves speed, parity and stop
 * bits to the installer (Terra Config: 4800 to 115200, none, odd or even, 1 or 2) and names no
 * default. 9600 8N1 is what the field uses: evcc's default and the chargers of its issues 4922 and
 * 8707, and the load balancer whose rules `balance` follows.
 */
const struct device abb_device = {
	.name = "abb",
	.title = "ABB Terra AC",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
	.port = 502,
	.line = "baud=9600&mode=8N1",
	.unit = 1,
	.reads = 3,
	.writes = 16,
	.functions = 1u << 3 | 1u << 6 | 1u << 16,
	.gap = 1,
	.sockets = 1,
	.charger = {.arm = arm,
	            .factory = factory,
	            .feed = FEED_READ,
	            .falls_back = true,
	            .states = {.empty = "0", .ready = "2", .paused = "3", .charging = "4"}},
	.example = example,
	.cause = cause,
};
