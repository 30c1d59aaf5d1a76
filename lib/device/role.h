/*
 * What a register is to a controller that knows no names: the rows of a device say it, and whoever
 * steers, simulates or reads the device finds them by it.
 */
#ifndef DEVICE_ROLE_H
#define DEVICE_ROLE_H

/* A written and a read row may share a role (KEBA 5018 and 1602). */
enum register_role {
	ROLE_NONE,
	ROLE_SETPOINT,  /* the current that the car may draw */
	ROLE_ENABLE,    /* charging allowed or not, beside the set-point */
	ROLE_CONTROL,   /* a switch that must be right before set-point and enable count */
	ROLE_LIFE_SIGN, /* must be written to keep the charger from falling back */
	ROLE_WATCHDOG_TIMEOUT,
	ROLE_FALLBACK_CURRENT, /* what applies after the time-out */
	ROLE_PHASES_SET,
	ROLE_STATE,
	ROLE_BELOW_LIMIT, /* whether the car draws less than it may */
	ROLE_CURRENT_L1,
	ROLE_CURRENT_L2,
	ROLE_CURRENT_L3,
	ROLE_POWER,
	ROLE_ENERGY,
	ROLE_LIMIT_IN_FORCE, /* the limit that acts now, whoever set it */
	ROLE_MIN_CURRENT,
	ROLE_MAX_CURRENT,
	ROLE_PHASES,
	ROLE_CABLE,
	ROLE_ERROR,
	ROLE_SERIAL,
	ROLE_FIRMWARE
};

#endif
