/*
 * Inepro N1-CT.
 * 0x4000, 0x4002: factory default 9600 8E1, slave 1, FC03; writes FC06.
 * Writable FC06.
 * 0x4011: 1=even 2=none 3=odd; writable FC06.
 * 0x5000: without mains wiring reads noise, the example shows 0.07.
 * 0x500A: polled by Pulsar Plus (example: 3FA16873 = 1.261 A).
 * 0x5012: kW on the wire; polled.
 * 0x5014: kW on the wire.
 * 0x501A: kvar on the wire.
 * 0x5022: kVA on the wire.
 * 0x6000, 0x6018: polled.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x4000, 2, 3, S32, BIG, 0, NULL, "serial_number"},
	{0x4002, 1, 3, S16, BIG, 0, NULL, "meter_code"},
	{0x4003, 1, 3, S16, BIG, 0, NULL, "modbus_id"},
	{0x4004, 1, 3, S16, BIG, 0, "Bd", "baud_rate"},
	{0x4005, 2, 3, F32, BIG, 0, NULL, "protocol_version"},
	{0x4007, 2, 3, F32, BIG, 0, NULL, "software_version"},
	{0x4009, 2, 3, F32, BIG, 0, NULL, "hardware_version"},
	{0x400B, 2, 3, S32, BIG, 0, "A", "meter_amps"},
	{0x400F, 1, 3, S16, BIG, 0, NULL, "combination_code"},
	{0x4011, 1, 3, S16, BIG, 0, NULL, "parity"},
	{0x401B, 2, 3, S32, BIG, 0, NULL, "software_version_crc"},
	{0x5000, 2, 3, F32, BIG, 0, "V", "voltage"},
	{0x5002, 2, 3, F32, BIG, 0, "V", "voltage_l1"},
	{0x5008, 2, 3, F32, BIG, 0, "Hz", "frequency"},
	{0x500A, 2, 3, F32, BIG, 0, "A", "current"},
	{0x500C, 2, 3, F32, BIG, 0, "A", "current_l1"},
	{0x5012, 2, 3, F32, BIG, 3, "W", "power"},
	{0x5014, 2, 3, F32, BIG, 3, "W", "power_l1"},
	{0x501A, 2, 3, F32, BIG, 3, "var", "reactive_power"},
	{0x5022, 2, 3, F32, BIG, 3, "VA", "apparent_power"},
	{0x502A, 2, 3, F32, BIG, 0, "1", "power_factor"},
	{0x6000, 2, 3, F32, BIG, 3, "Wh", "energy_total"},
	{0x6006, 2, 3, F32, BIG, 3, "Wh", "energy_total_l1"},
	{0x600C, 2, 3, F32, BIG, 3, "Wh", "energy_import"},
	{0x6018, 2, 3, F32, BIG, 3, "Wh", "energy_export"},
};

const struct meter meter_inepro_n1_ct = {"inepro_n1_ct", "Inepro N1-CT", rows, sizeof rows / sizeof rows[0], false};
