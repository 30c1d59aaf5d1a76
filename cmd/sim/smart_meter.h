/*
 * The options that `emtool sim p1` and `emtool sim push` share.
 */
#ifndef CMD_SIM_SMART_METER_H
#define CMD_SIM_SMART_METER_H

#include "cmd/session/keys.h"
#include "cmd/sim/line.h"
#include "sim/smart_meter.h"

struct smart_meter_options {
	struct sim_line_options line;
	struct key_options keys;
	struct option_list set;
	const char *title, *serial, *start;
	long count, counter, seed, noise;
	double interval, duration, drop, corrupt, truncate;
};

#define SMART_METER_DEFAULTS(number)                      \
	{                                                 \
		.counter = 1, .seed = 1, .serial = number \
	}

/* The rows of an option struct with this member; `unit` is what gets lost, `message` what comes at
   an interval: "frame", "push". */
/* clang-format off */
#define SMART_METER_ROWS(type, member, unit, message)                                                \
	LINE_ROWS(type, member.line), KEY_OPTIONS(type, member.keys),                                \
		{"title", 0, OPTION_TEXT, offsetof(type, member.title), "HEX",                       \
	         "system title, 16 hex digits (the key file's)"},                                    \
		{"counter", 0, OPTION_INT, offsetof(type, member.counter), "N",                      \
	         "first frame counter (1)", .max = 4294967295.0},                                    \
		{"serial", 0, OPTION_TEXT, offsetof(type, member.serial), "TEXT",                    \
	         "serial number of the meter"},                                                      \
		{"set", 0, OPTION_LIST, offsetof(type, member.set), "NAME=VALUE",                    \
	         "keep a value constant, as power_import=432"},                                      \
		{"start", 0, OPTION_TEXT, offsetof(type, member.start), "TIME",                      \
	         "start of the meter's clock, UTC (now)"},                                           \
		{"interval", 'i', OPTION_REAL, offsetof(type, member.interval), "S",                 \
	         "seconds from one " message " to the next (the meter's own)", .min = 0.001,         \
	         .max = 86400},                                                                      \
		{"count", 'n', OPTION_INT, offsetof(type, member.count), "N",                        \
	         "end after N messages", .min = 1, .max = 1e12},                                     \
		{"duration", 'd', OPTION_REAL, offsetof(type, member.duration), "S",                 \
	         "end after S seconds", .min = 0.001, .max = 1e9},                                   \
		{"seed", 0, OPTION_INT, offsetof(type, member.seed), "N",                            \
	         "same seed, same household (1)", .max = 1e15},                                      \
		{"drop", 0, OPTION_REAL, offsetof(type, member.drop), "P",                           \
	         "probability that a " unit " is lost, 0..1", .max = 1},                             \
		{"corrupt", 0, OPTION_REAL, offsetof(type, member.corrupt), "P",                     \
	         "probability of a wrong bit in a " unit, .max = 1},                                 \
		{"truncate", 0, OPTION_REAL, offsetof(type, member.truncate), "P",                   \
	         "probability that a " message " is cut off", .max = 1},                             \
		{"noise", 0, OPTION_INT, offsetof(type, member.noise), "N",                          \
	         "random bytes before every " message, .max = 65536}
/* clang-format on */

/*
 * Reads the options into the settings of a meter. `ring` has the keys, `settings->title` the
 * default system title. Prints what is wrong; returns the exit code.
 */
int smart_meter_read(const struct smart_meter_options *o, const struct glo_keyring *ring,
                     struct smart_meter_settings *settings);

#endif
