/*
 * P1 Modbus load balancer.
 * Default server address 10.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x03E8, 1, 3, U16, BIG, -3, "A", "limit_override"},
	{0x03E9, 1, 3, U16, BIG, -3, "A", "limit_current"},
	{0x03EA, 1, 3, U16, BIG, 0, NULL, "state"},
	{0x03F2, 1, 3, U16, BIG, -3, "A", "max_charger_current"},
	{0x03F3, 1, 3, U16, BIG, 0, NULL, "phases"},
	{0x03F4, 1, 3, U16, BIG, -3, "A", "alarm_limit_current"},
	{0x03F5, 1, 3, U16, BIG, 0, "s", "alarm_limit_wait"},
	{0x03F6, 1, 3, U16, BIG, -3, "A", "alarm_limit_change"},
	{0x03F7, 1, 3, U16, BIG, -3, "A", "upper_limit_current"},
	{0x03F8, 1, 3, U16, BIG, 0, "s", "upper_limit_wait"},
	{0x03F9, 1, 3, U16, BIG, -3, "A", "upper_limit_change"},
	{0x03FA, 1, 3, U16, BIG, -3, "A", "lower_limit_current"},
	{0x03FB, 1, 3, U16, BIG, 0, "s", "lower_limit_wait"},
	{0x03FC, 1, 3, U16, BIG, -3, "A", "lower_limit_change"},
	{0x03FD, 1, 3, U16, BIG, -3, "A", "fallback_limit"},
	{0x03FE, 1, 3, U16, BIG, 0, "s", "fallback_wait"},
	{0x0442, 1, 3, U16, BIG, 0, NULL, "server_address"},
	{0x0443, 1, 3, U16, BIG, 0, NULL, "save"},
	{0x0444, 1, 3, U16, BIG, 0, NULL, "restore_defaults"},
};

const struct meter meter_p1_load_balancer = {"p1_load_balancer", "P1 Modbus load balancer", rows, sizeof rows / sizeof rows[0], false};
