/*
 * Loads keys from the command line, files and the environment into a keyring. Keys are never
 * printed. Keys in arguments are wiped from the process list as soon as they are read.
 */
#ifndef CMD_SESSION_KEYS_H
#define CMD_SESSION_KEYS_H

#include "cmd/session/options.h"
#include "protocol/glo.h"

struct key_options {
	const char *key, *key_file;                       /* hexadecimal digits; a file */
	const char *authentication, *authentication_file; /* the same for the authentication key */
};

/* --key --key-file --auth-key --auth-key-file for an option struct with this member. */
/* clang-format off */
#define KEY_OPTIONS(type, member)                                                             \
	{"key", 'k', OPTION_TEXT, offsetof(type, member.key), "HEX",                          \
	 "encryption key, 32 hex digits (others can see it; prefer a file)"},                 \
	{"key-file", 0, OPTION_TEXT, offsetof(type, member.key_file), "FILE",                 \
	 "file with a key, or with lines SYSTEMTITLE KEY [AUTHKEY]"},                         \
	{"auth-key", 0, OPTION_TEXT, offsetof(type, member.authentication), "HEX",            \
	 "authentication key, 32 hex digits"},                                                \
	{"auth-key-file", 0, OPTION_TEXT, offsetof(type, member.authentication_file), "FILE", \
	 "file with the authentication key"}
/* clang-format on */

/*
 * Fills the ring. Without key options it uses the variable EMTOOL_KEY; without that the ring stays
 * empty. Returns EXIT_OK, or the exit code after a line on stderr.
 */
int keys_load(struct glo_keyring *ring, const struct key_options *options);

#endif
