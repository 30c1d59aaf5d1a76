/*
 * The role of a register. Code that steers, simulates or reads a device finds the device's rows by
 * role and needs no names.
 */
#ifndef DEVICE_ROLE_H
#define DEVICE_ROLE_H

/* A row to write and a row to read may share a role (KEBA 5018 and 1602). */
enum register_role {
	ROLE_NONE,
	ROLE_SETPOINT,  /* the current that the car may draw */
	ROLE_ENABLE,    /* charging allowed or not, beside the set-point */
	ROLE_CONTROL,   /* a switch without which set-point and enable have no effect */
	ROLE_LIFE_SIGN, /* a controller writes it to keep the charger from falling back */
	ROLE_WATCHDOG_TIMEOUT,
	ROLE_FALLBACK_CURRENT, /* the current after the time-out */
	ROLE_PHASES_SET,
	ROLE_STATE,
	ROLE_BELOW_LIMIT, /* whether the car draws less than it may */
	ROLE_CURRENT_L1,
	ROLE_CURRENT_L2,
	ROLE_CURRENT_L3,
	ROLE_POWER,
	ROLE_ENERGY,
	ROLE_LIMIT_IN_FORCE, /* the limit in force, whatever its origin */
	ROLE_MIN_CURRENT,
	ROLE_MAX_CURRENT,
	ROLE_PHASES,
	ROLE_CABLE,
	ROLE_ERROR,
	ROLE_SERIAL,
	ROLE_FIRMWARE
};

#endif
